"""SHACL shapes as demands on nodes and as SPARQL queries.

Every constraint that a node fulfils or not becomes a demand, with a condition that says which focus nodes break it (``screens`` asks).
Which value of theirs does is looked up (``Details``) only where some do. What is no matter of single nodes, as a count, is a lookup
at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fairgraph.validation.conditions import OF_VALUES, Conditions, term
from fairgraph.validation.constraints import Constraint, ConstraintShape, ShapesGraph, Target
from fairgraph.validation.expressions import TRUE, Condition, every, expression, filter_out
from fairgraph.validation.paths import Node, Unsupported, may_be_empty, step, ways
from fairgraph.validation.questions import Question, question


@dataclass(frozen=True)
class Source:
    """Where a result comes from: the shape that has the targets, the shape and the constraint that are broken."""

    root: ConstraintShape
    shape: ConstraintShape
    constraint: Constraint


@dataclass(frozen=True)
class Details:
    """A query for results: ``?focus``, ``?value`` and ``?path`` where they are bound, and ``?c0``, … for *sources*.

    A row is a result of each source whose column is false; without columns, of the one source. Where the patterns *at_most_one* bind
    no node (``?x``) twice, there is nothing to be found.
    """

    text: str
    sources: tuple[Source, ...]
    at_most_one: tuple[str, ...] = ()
    question: Question | None = None


@dataclass(frozen=True)
class Demand:
    """What focus nodes have to fulfil. One that does not is a result of *source*, or is looked up with *details*."""

    condition: Condition
    source: Source | None = None
    details: Details | None = None


@dataclass(frozen=True)
class Focus:
    """Nodes that shapes are about: a pattern that binds *keys*, of which the last is the focus node.

    *each* binds every focus node once; *loose*, at less cost, as often as the patterns in *repeating* do.
    """

    loose: str
    each: str
    repeating: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def node(self) -> str:
        """The variable of the focus node."""
        return self.keys[-1]

    @property
    def columns(self) -> str:
        """What a query for focus nodes selects."""
        return " ".join([*self.keys[:-1], f"({self.node} AS ?focus)"])


@dataclass(frozen=True)
class Plan:
    """How shapes run: *demands* are screened, *lookups* asked for their results, *passed_on* is for another engine, with reasons."""

    demands: dict[Focus, list[Demand]]
    lookups: tuple[Details, ...]
    passed_on: dict[Node, str]
    compiled: tuple[Node, ...]


def compile_shapes(graph: ShapesGraph, divided: frozenset[str] = frozenset()) -> Plan:
    """Return the plan for all shapes of a graph; *divided* are the classes with subclasses in the data.

    Raises QueryError for a shape with a query that SHACL forbids.
    """
    demands: dict[Focus, list[Demand]] = {}
    lookups: list[Details] = []
    passed_on: dict[Node, str] = {}
    compiled: list[Node] = []
    for node in graph.roots():
        compiler = _Compiler(graph, Conditions(divided))
        try:
            compiler.compile(graph.shape(node))
        except Unsupported as reason:
            passed_on[node] = str(reason)
            continue
        compiled.append(node)
        lookups += compiler.lookups
        for focus, demand in compiler.demands:
            demands.setdefault(focus, []).append(demand)
    return Plan(demands, tuple(lookups), passed_on, tuple(compiled))


class _Compiler:
    """Compiles one shape with targets."""

    def __init__(self, graph: ShapesGraph, conditions: Conditions) -> None:
        self.graph, self.conditions = graph, conditions
        self.demands: list[tuple[Focus, Demand]] = []
        self.lookups: list[Details] = []

    def compile(self, shape: ConstraintShape) -> None:
        """Add what *shape* demands of its targets."""
        if any(target.kind == "node" for target in shape.targets):
            self._refuse_empty_paths(shape)
        self._shape(shape, shape, self._targets(shape.targets))

    def _refuse_empty_paths(self, shape: ConstraintShape) -> None:
        # SPARQL follows a path of length zero only from nodes that are in the graph; a target need not be there.
        if shape.path is not None and may_be_empty(shape.path):
            raise Unsupported("a path of length zero from a target that may not be in the graph")
        for constraint in shape.constraints:
            for part in (*constraint.shapes, *constraint.disjoint_from):
                self._refuse_empty_paths(part)

    def _targets(self, targets: Iterable[Target]) -> Focus:
        nodes, patterns, repeated = [], [], []
        for target in targets:
            name = term(target.term)
            if target.kind == "node":
                nodes.append(name)
            elif target.kind == "class":
                patterns.append(step("?f0", self.conditions.type_path(target.term), name))
            elif target.kind == "subjects":
                repeated.append(f"?f0 {name} ?other .")
            else:
                repeated.append(f"?other {name} ?f0 .")
        if nodes:
            patterns.append(f"VALUES ?f0 {{ {' '.join(nodes)} }}")
        loose = _union([*patterns, *repeated])
        if repeated:
            # One that is the object of thousands must not be judged thousands of times. The engine would push a condition
            # below a DISTINCT, but not below a GROUP BY.
            patterns.append(f"{{ SELECT ?f0 WHERE {{ {_union(repeated)} }} GROUP BY ?f0 }}")
        return Focus(loose, _union(patterns), tuple(repeated), ("?f0",))

    def _shape(self, root: ConstraintShape, shape: ConstraintShape, focus: Focus) -> None:
        of_values = [c for c in shape.constraints if c.name in OF_VALUES and c.name != "property"]
        if of_values:
            self._values(root, shape, of_values, focus)
        for constraint in shape.constraints:
            if constraint.name == "property":
                self._shape(root, constraint.shapes[0], self._below(shape, focus))
            elif constraint.name not in OF_VALUES:
                self._together(Source(root, shape, constraint), focus)

    def _below(self, shape: ConstraintShape, focus: Focus) -> Focus:
        """Return the value nodes of *focus* as focus nodes of a nested shape."""
        if shape.path is None:
            return focus
        value = f"?f{len(focus.keys)}"
        walk = step(focus.node, shape.path, value)
        # Every way to a value is judged, as SHACL says.
        return Focus(f"{focus.each} {walk}", f"{focus.each} {walk}", (), (*focus.keys, value))

    def _demand(self, focus: Focus, demand: Demand) -> None:
        if demand.condition != TRUE:
            self.demands.append((focus, demand))

    def _select(self, focus: Focus, pattern: str, columns: str = "") -> str:
        return f"SELECT DISTINCT {focus.columns} {columns} WHERE {{ {focus.each} {pattern} }}"

    # -- constraints on single values ----------------------------------------------------------------------------------

    def _values(
        self,
        root: ConstraintShape,
        shape: ConstraintShape,
        constraints: list[Constraint],
        focus: Focus,
    ) -> None:
        sources = tuple(Source(root, shape, constraint) for constraint in constraints)
        if shape.path is None:
            for source in sources:
                wanted = self.conditions.of_value(source.constraint, focus.node, focus.node)
                self._demand(focus, Demand(wanted, source))
            return
        each = [self.conditions.of_value(c, focus.node, "?value") for c in constraints]
        columns = "".join(f" ({expression(wanted)} AS ?c{n})" for n, wanted in enumerate(each))
        text = self._select(
            focus,
            f"{step(focus.node, shape.path, '?value')} {filter_out(every(each))}",
            f"?value{columns if len(each) > 1 else ''}",
        )
        all_fit = self.conditions.each_value(constraints, shape, focus.node)
        self._demand(focus, Demand(all_fit, details=Details(text, sources)))

    # -- constraints on all values of a focus node ---------------------------------------------------------------------

    def _together(self, source: Source, focus: Focus) -> None:
        constraint, shape = source.constraint, source.shape
        name = constraint.name
        if name in ("minCount", "maxCount", "qualifiedMinCount", "qualifiedMaxCount"):
            self._count(source, focus)
        elif name == "sparql":
            self._question(source, focus)
        elif name == "hasValue":
            wanted = self.conditions.of_focus(constraint, shape, focus.node)
            self._demand(focus, Demand(wanted, source))
        elif name == "closed":
            if shape.path is not None:
                raise Unsupported("sh:closed in a property shape")
            others = self.conditions.not_allowed(constraint, "?path")
            self._lookup(source, focus, f"{focus.node} ?path ?value . {others}", "?path ?value")
        elif name == "equals":
            for pattern, value in self.conditions.unequal(constraint, shape, focus.node):
                self._lookup(source, focus, f"{pattern} BIND ({value} AS ?value)", "?value")
        else:
            self._pairs(source, focus)

    def _pairs(self, source: Source, focus: Focus) -> None:
        constraint, path = source.constraint, source.shape.path
        assert path is not None
        if constraint.name == "uniqueLang":
            pattern = self.conditions.same_language(path, focus.node, "?language")
            self._lookup(source, focus, pattern, "?language")
        else:
            other = self.conditions.variable()
            pattern = self.conditions.not_less(constraint, path, focus.node, "?value", other)
            self._lookup(source, focus, pattern, f"?value {other}")

    def _lookup(self, source: Source, focus: Focus, pattern: str, columns: str) -> None:
        self.lookups.append(Details(self._select(focus, pattern, columns), (source,)))

    def _count(self, source: Source, focus: Focus) -> None:
        constraint, path = source.constraint, source.shape.path
        assert path is not None
        at_least = constraint.name in ("minCount", "qualifiedMinCount")
        number = constraint.number
        if (at_least and number <= 1) or (not at_least and number == 0):
            wanted = self.conditions.of_focus(constraint, source.shape, focus.node)
            self._demand(focus, Demand(wanted, source))
            return
        counted = step(focus.node, path, "?value")
        counts = self.conditions.counts(constraint, "?value")
        if counts != TRUE:
            counted += f" FILTER ({expression(counts)})"
        keys = " ".join(focus.keys)
        pattern = f"OPTIONAL {{ {counted} }}" if at_least else counted
        sign = "<" if at_least else ">"
        inner = (
            f"SELECT {keys} WHERE {{ {focus.each} {pattern} }}"
            f" GROUP BY {keys} HAVING (COUNT(DISTINCT ?value) {sign} {number})"
        )
        text = f"SELECT ({focus.node} AS ?focus) WHERE {{ {{ {inner} }} }}"
        single: tuple[str, ...] = ()
        if not at_least and counts == TRUE:
            # Where every node has one value at most, nobody can have too many: a walk over the path alone tells.
            single = tuple(step("?x", way, "?v1") for way in ways(path))
        self.lookups.append(Details(text, (source,), single))

    def _question(self, source: Source, focus: Focus) -> None:
        if len(focus.keys) > 1:
            raise Unsupported("sh:sparql in a nested property shape")
        inner = f"{{ SELECT DISTINCT ({focus.node} AS ?this) WHERE {{ {focus.each} }} }}"
        (node,) = source.constraint.terms
        asked = question(node, self.graph.described, inner, source.shape.path)
        self.lookups.append(Details(asked.text, (source,), question=asked))


def _union(patterns: list[str]) -> str:
    if len(patterns) == 1:
        return patterns[0]
    return " UNION ".join(f"{{ {pattern} }}" for pattern in patterns)
