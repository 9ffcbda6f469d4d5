"""SHACL shapes as files: one entity in each file of ``shapes/``, and profiles that list the files they consist of.

A shape carries ``sh:name``, ``sh:description``, ``sh:message`` (with the words of RFC 2119), ``sh:severity``, ``fg:rule``
(its short name) and, where isatools has a number for the same problem, ``fg:code``; where the shape is one of the thirty content
rules of the ISA specification, ``fg:contentRule`` is its number.

Listing shapes is cheap; rdflib is imported only when a graph for pySHACL is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from fairgraph import resources
from fairgraph.errors import NotFound
from fairgraph.report import Severity
from fairgraph.terms import DCTERMS, FG, PREFIXES, RDF, SH, XSD, compact

if TYPE_CHECKING:
    import rdflib

Node = NamedNode | BlankNode | Literal

_SEVERITIES: Mapping[str, Severity] = {
    SH.Violation: "violation",
    SH.Warning: "warning",
    SH.Info: "info",
}
_MODIFIERS = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}
_IRI = re.compile(r"<([^<>\s]*)>")
_CURIE = re.compile(rf"\b({'|'.join(PREFIXES)}):([A-Za-z_][\w\-]*)")


@dataclass(frozen=True)
class Shape:
    """One shape that can make findings.

    ``rule`` is its short name, ``code`` the number of isatools or ``""``, ``content_rule`` the number of the ISA specification or 0,
    ``entity`` the file that it stands in (without suffix) and ``path`` the property path that it looks at, in the notation of
    SPARQL (§9.1), or ``""`` for a node shape.
    """

    iri: str
    rule: str
    code: str
    severity: Severity
    name: str
    description: str
    message: str
    path: str
    entity: str
    content_rule: int = 0


def profiles() -> list[str]:
    """Return the names of the profiles, sorted."""
    return sorted(path.stem for path in (resources.SHAPES / "profiles").glob("*.ttl"))


def profile_files(profile: str) -> list[Path]:
    """Return the shape files that a profile lists, in its order; NotFound if there is no such profile or file."""
    if profile not in profiles():
        hint = f"there are: {', '.join(profiles())}"
        raise NotFound(f"there is no validation profile {profile!r}", hint=hint)
    path = resources.SHAPES / "profiles" / f"{profile}.ttl"
    base = path.resolve().as_uri()
    found = []
    for triple in parse(path=path, format=RdfFormat.TURTLE, base_iri=base):
        if triple.predicate.value == DCTERMS.hasPart and isinstance(triple.object, NamedNode):
            part = resources.SHAPES / triple.object.value.rsplit("/", 1)[1]
            if not part.is_file():
                raise NotFound(f"profile {profile!r} lists {part.name}, which is missing")
            found.append(part)
    return found


@cache
def read_shapes(path: Path) -> tuple[Triple, ...]:
    """Return the statements of one shape file, in the order of the file; its blank nodes are told from those of others."""
    parsed = parse(path=path, format=RdfFormat.TURTLE, rename_blank_nodes=True)
    return tuple(quad.triple for quad in parsed)


@cache
def profile_triples(profile: str) -> tuple[Triple, ...]:
    """Return all statements of a profile: its shapes, and the prefixes that their queries use."""
    files = [*profile_files(profile), resources.ONTOLOGIES / "prefixes.ttl"]
    return tuple(triple for path in files for triple in read_shapes(path))


@cache
def shapes(profile: str) -> tuple[Shape, ...]:
    """Return the shapes of a profile in the order of the profile and its files; NotFound if there is no such profile."""
    return tuple(shape for path in profile_files(profile) for shape in file_shapes(path))


def file_shapes(path: Path) -> list[Shape]:
    """Return the shapes of one file in its order; those without a rule are parts of others and left out."""
    described: dict[Node, dict[str, Node]] = {}
    for triple in read_shapes(path):
        if not isinstance(triple.subject, Triple) and not isinstance(triple.object, Triple):
            described.setdefault(triple.subject, {})[triple.predicate.value] = triple.object
    found = []
    for node, properties in described.items():
        if FG.rule in properties:

            def text(key: str, properties: dict[str, Node] = properties) -> str:
                return properties[key].value if key in properties else ""

            found.append(
                Shape(
                    iri=node.value,
                    rule=text(FG.rule),
                    code=text(FG.code),
                    severity=_SEVERITIES[text(SH.severity) or SH.Violation],
                    name=text(SH.name),
                    description=text(SH.description),
                    message=text(SH.message),
                    path=_path(properties[SH.path], described) if SH.path in properties else "",
                    entity=path.stem,
                    content_rule=int(text(FG.contentRule) or 0),
                )
            )
    return found


def _path(node: Node, described: Mapping[Node, Mapping[str, Node]]) -> str:
    """Return a SHACL property path (SHACL §2.3.1) as SPARQL writes it; a plain predicate stays a full IRI."""
    if isinstance(node, NamedNode):
        return node.value
    return _part(node, described)


def _part(node: Node, described: Mapping[Node, Mapping[str, Node]]) -> str:
    if isinstance(node, NamedNode):
        return compact(node.value)
    about = described[node]
    if RDF.first in about:
        return "/".join(_members(node, described))
    if SH.alternativePath in about:
        return f"({'|'.join(_members(about[SH.alternativePath], described))})"
    if SH.inversePath in about:
        return f"^{_part(about[SH.inversePath], described)}"
    kind, sign = next((kind, sign) for kind, sign in _MODIFIERS.items() if kind in about)
    return f"({_part(about[kind], described)}){sign}"


def _members(node: Node, described: Mapping[Node, Mapping[str, Node]]) -> list[str]:
    found = []
    while node.value != RDF.nil:
        found.append(_part(described[node][RDF.first], described))
        node = described[node][RDF.rest]
    return found


@cache
def vocabulary(profile: str) -> frozenset[str]:
    """Return the IRIs that a profile names, in statements and in queries.

    No shape can see a statement with another predicate, so such statements need not be loaded. (No shape of ours uses
    ``sh:closed`` or a query with a variable as predicate; a test keeps it so.)
    """
    found = {RDF.type, PREFIXES["rdfs"] + "subClassOf"}
    for triple in profile_triples(profile):
        for term in (triple.subject, triple.predicate, triple.object):
            if isinstance(term, NamedNode):
                found.add(term.value)
        if triple.predicate.value == SH.select and isinstance(triple.object, Literal):
            query = triple.object.value
            found.update(_IRI.findall(query))
            found.update(PREFIXES[prefix] + name for prefix, name in _CURIE.findall(query))
    return frozenset(found)


@cache
def shapes_graph(profile: str) -> rdflib.Graph:
    """Return all statements of a profile as one rdflib graph, for pySHACL; nobody may change it."""
    import rdflib

    graph = rdflib.Graph()
    convert = to_rdflib()
    for triple in profile_triples(profile):
        graph.add((convert(triple.subject), convert(triple.predicate), convert(triple.object)))
    return graph


def to_rdflib() -> Callable[[Any], Any]:
    """Return a function that turns pyoxigraph terms into rdflib terms and remembers those that it has seen.

    Literals keep their lexical form: rdflib is not allowed to normalise them.
    """
    import rdflib

    known: dict[Any, Any] = {}
    string = XSD.string

    def make(term: Any) -> Any:
        if isinstance(term, NamedNode):
            return rdflib.URIRef(term.value)
        if isinstance(term, BlankNode):
            return rdflib.BNode(term.value)
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        if datatype == string:
            return rdflib.Literal(term.value)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(datatype), normalize=False)

    def convert(term: Any) -> Any:
        found = known.get(term)
        if found is None:
            found = known[term] = make(term)
        return found

    return convert
