"""Shapes as data: targets, path and constraints of each, read from their triples (SHACL §2 to §5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Triple

from fairgraph.terms import PREFIXES, RDF, SH
from fairgraph.validation.paths import (
    Description,
    Node,
    Path,
    Unsupported,
    describe,
    members,
    read_path,
)

_RDFS_CLASS = PREFIXES["rdfs"] + "Class"
_SUBCLASS = PREFIXES["rdfs"] + "subClassOf"
_TARGETS = {
    SH.targetNode: "node",
    SH.targetClass: "class",
    SH.targetSubjectsOf: "subjects",
    SH.targetObjectsOf: "objects",
}
# What says something about a shape and constrains nothing.
_ANNOTATIONS = {
    *("name", "description", "order", "group", "defaultValue", "message", "severity"),
    *("deactivated", "path", "flags", "ignoredProperties", "qualifiedValueShapesDisjoint"),
    *("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf"),
    # Parts of a query, where the shape is its own sh:sparql.
    *("select", "ask", "prefixes", "declare"),
}
_TERMS = {"class", "datatype", "nodeKind", "hasValue", "equals", "disjoint"}
_TERMS |= {"minExclusive", "minInclusive", "maxExclusive", "maxInclusive"}
_TERMS |= {"lessThan", "lessThanOrEquals"}
_NUMBERS = {"minLength", "maxLength", "minCount", "maxCount"}
_OF_PROPERTIES = {"minCount", "maxCount", "lessThan", "lessThanOrEquals", "uniqueLang"}
_LISTS = {"in", "languageIn"}
_SHAPE_LISTS = {"and", "or", "xone"}
_SHAPES = {"not", "node", "property"}


@dataclass(frozen=True)
class Target:
    """What a shape is about: a ``node``, the instances of a ``class``, the ``subjects`` or ``objects`` of a property."""

    kind: str
    term: Node


@dataclass(frozen=True)
class Constraint:
    """One constraint of a shape: a parameter (``minCount``, ``or``) with what it says.

    ``disjoint_from`` are the sibling shapes of a qualified value shape whose values do not count (SHACL §4.7.3), ``messages`` those of a
    query.
    """

    name: str
    terms: tuple[Node, ...] = ()
    shapes: tuple[ConstraintShape, ...] = ()
    number: int = 0
    disjoint_from: tuple[ConstraintShape, ...] = ()
    messages: tuple[Node, ...] = ()

    @property
    def component(self) -> str:
        """The IRI of its constraint component."""
        if self.name == "sparql":
            return SH.SPARQLConstraintComponent
        return SH[f"{self.name[0].upper()}{self.name[1:]}ConstraintComponent"]


@dataclass(frozen=True, eq=False)
class ConstraintShape:
    """One shape with all that it demands; ``path`` is None for a node shape."""

    node: Node
    path: Path | None
    targets: tuple[Target, ...]
    constraints: tuple[Constraint, ...]
    severity: str
    messages: tuple[Node, ...]
    deactivated: bool


class ShapesGraph:
    """The shapes in a shapes graph: which nodes are shapes with targets, and each as a ConstraintShape."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = tuple(triples)
        self.described: Description = describe(self.triples)
        self._known: dict[Node, ConstraintShape] = {}
        self._reading: set[Node] = set()
        self._parameters = self._custom_parameters()
        self._parents: dict[Node, list[Node]] = {}
        for node, about in self.described.items():
            for part in about.get(SH.property, ()):
                self._parents.setdefault(part, []).append(node)

    def roots(self) -> list[Node]:
        """Return the shapes that have targets, in the order of the graph."""
        return [
            node
            for node, about in self.described.items()
            if SH.target in about or self.targets(node)
        ]

    def targets(self, node: Node) -> tuple[Target, ...]:
        """Return the targets of a shape, the class that it is itself included (SHACL §2.1.3.3)."""
        about = self.described.get(node, {})
        found = [
            Target(kind, term) for key, kind in _TARGETS.items() for term in about.get(key, ())
        ]
        types = {term.value for term in about.get(RDF.type, ())}
        if types & {SH.NodeShape, SH.PropertyShape} and self._is_class(types):
            found.append(Target("class", node))
        return tuple(found)

    def _is_class(self, types: set[str]) -> bool:
        waiting, seen = list(types), set(types)
        while waiting:
            name = waiting.pop()
            if name == _RDFS_CLASS:
                return True
            above = self.described.get(NamedNode(name), {}).get(_SUBCLASS, ())
            new = {term.value for term in above if isinstance(term, NamedNode)} - seen
            seen |= new
            waiting += new
        return False

    def shape(self, node: Node) -> ConstraintShape:
        """Return the shape that *node* is; raise Unsupported if it, or a part of it, is not understood."""
        if node in self._known:
            return self._known[node]
        if node in self._reading:
            raise Unsupported("a shape that refers to itself")
        self._reading.add(node)
        try:
            shape = self._known[node] = self._read(node)
        finally:
            self._reading.discard(node)
        return shape

    def _read(self, node: Node) -> ConstraintShape:
        about = self.described.get(node, {})
        deactivated = any(term.value == "true" for term in about.get(SH.deactivated, ()))
        path = about.get(SH.path)
        constraints: list[Constraint] = []
        if not deactivated:
            custom = self._parameters & about.keys()
            if custom:
                raise Unsupported(f"a constraint component of its own: {min(custom)}")
            for key, terms in about.items():
                if key.startswith(SH.iri):
                    constraints += self._constraints(key.removeprefix(SH.iri), terms, node)
        return ConstraintShape(
            node,
            read_path(path[0], self.described) if path else None,
            self.targets(node),
            tuple(constraints),
            about[SH.severity][0].value if SH.severity in about else SH.Violation,
            tuple(about.get(SH.message, ())),
            deactivated,
        )

    def _custom_parameters(self) -> set[str]:
        return {
            path.value
            for about in self.described.values()
            for parameter in about.get(SH.parameter, ())
            for path in self.described.get(parameter, {}).get(SH.path, ())
        }

    def _constraints(self, name: str, terms: list[Node], node: Node) -> list[Constraint]:
        about = self.described[node]
        if name in _ANNOTATIONS or (name in _OF_PROPERTIES and SH.path not in about):
            return []
        if name == "closed":
            return self._closed(terms, about)
        if name in ("qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShape"):
            return self._qualified(name, terms, node)
        return [made for term in terms for made in self._constraint(name, term, about)]

    def _constraint(
        self, name: str, term: Node, about: Mapping[str, list[Node]]
    ) -> list[Constraint]:
        if name in _TERMS:
            return [Constraint(name, (term,))]
        if name in _NUMBERS:
            return [Constraint(name, number=_number(term))]
        if name == "pattern":
            return [Constraint(name, (term, *about.get(SH.flags, ())[:1]))]
        if name == "uniqueLang":
            return [Constraint(name)] if term.value == "true" else []
        if name in _LISTS:
            return [Constraint(name, tuple(members(term, self.described)))]
        if name in _SHAPES:
            return [Constraint(name, shapes=(self.shape(term),))]
        if name in _SHAPE_LISTS:
            parts = members(term, self.described)
            return [Constraint(name, shapes=tuple(self.shape(part) for part in parts))]
        if name == "sparql":
            told = self.described.get(term, {})
            if any(flag.value == "true" for flag in told.get(SH.deactivated, ())):
                return []
            return [Constraint(name, (term,), messages=tuple(told.get(SH.message, ())))]
        raise Unsupported(f"sh:{name}")  # sh:target (SHACL-AF), sh:js and what is not known

    def _closed(self, terms: list[Node], about: Mapping[str, list[Node]]) -> list[Constraint]:
        if not any(term.value == "true" for term in terms):
            return []
        allowed = [
            node
            for ignored in about.get(SH.ignoredProperties, ())
            for node in members(ignored, self.described)
        ]
        for part in about.get(SH.property, ()):
            allowed += self.described.get(part, {}).get(SH.path, ())
        return [
            Constraint("closed", tuple(node for node in allowed if isinstance(node, NamedNode)))
        ]

    def _qualified(self, name: str, terms: list[Node], node: Node) -> list[Constraint]:
        about = self.described[node]
        if SH.path not in about or name == "qualifiedValueShape":
            return []
        wanted = about.get(SH.qualifiedValueShape, [])
        siblings: list[Node] = []
        if any(term.value == "true" for term in about.get(SH.qualifiedValueShapesDisjoint, ())):
            for parent in self._parents.get(node, ()):
                for part in self.described[parent].get(SH.property, ()):
                    siblings += self.described.get(part, {}).get(SH.qualifiedValueShape, ())
        return [
            Constraint(
                name,
                shapes=(self.shape(shape),),
                number=_number(term),
                disjoint_from=tuple(
                    self.shape(other) for other in dict.fromkeys(siblings) if other not in wanted
                ),
            )
            for term in terms
            for shape in wanted
        ]


def _number(term: Node) -> int:
    try:
        return int(term.value)
    except ValueError:
        raise Unsupported(f"{term.value} where a number is due") from None


def is_blank(term: Node) -> bool:
    """Tell whether a term is a blank node, which a query cannot name."""
    return isinstance(term, BlankNode)
