"""SHACL shapes as SPARQL: the queries that find what does not conform.

Shapes with the same targets are asked about together. A first query (``Check.screen``) returns the focus nodes that do not conform
to all of them, with one column for each condition; what a value node breaks is looked up (``details``) only where a condition
failed. On a dataset without findings that is one walk over the targets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fairgraph.validation.conditions import OF_VALUES, Conditions, both, term
from fairgraph.validation.constraints import Constraint, ConstraintShape, ShapesGraph, Target
from fairgraph.validation.paths import Node, Unsupported, may_be_empty, step
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

    A row is a result of each source whose column is false; without columns, of the one source. *screen*, if there is one, asks for
    two counts; where they are equal there is nothing to be found.
    """

    text: str
    sources: tuple[Source, ...]
    screen: str = ""
    question: Question | None = None


@dataclass(frozen=True)
class Condition:
    """What focus nodes have to fulfil. One that does not is a result of *source*, or is looked up with *details*."""

    text: str
    source: Source | None = None
    details: Details | None = None


@dataclass
class Focus:
    """Nodes that shapes are about: a pattern that binds *keys*, of which the last is the focus node."""

    pattern: str
    keys: tuple[str, ...]
    conditions: list[Condition] = field(default_factory=list)

    @property
    def node(self) -> str:
        """The variable of the focus node."""
        return self.keys[-1]

    def screen(self) -> str:
        """Return the query for focus nodes that break a condition, with a column ``?c0``, … for each."""
        broken = both([condition.text for condition in self.conditions])
        columns = "".join(f" ({c.text} AS ?c{n})" for n, c in enumerate(self.conditions))
        return (
            f"SELECT DISTINCT {' '.join(self.keys[:-1])} ({self.node} AS ?focus)"
            f"{columns if len(self.conditions) > 1 else ''}"
            f" WHERE {{ {self.pattern} FILTER (!{broken}) }}"
        )


@dataclass(frozen=True)
class Plan:
    """How shapes run: *focuses* are screened, *lookups* are asked for their results, *passed_on* are for another engine, each with
    the reason."""

    focuses: tuple[Focus, ...]
    lookups: tuple[Details, ...]
    passed_on: dict[Node, str]
    compiled: tuple[Node, ...]


def compile_shapes(graph: ShapesGraph, divided: frozenset[str] = frozenset()) -> Plan:
    """Return the plan for all shapes of a graph; *divided* are the classes with subclasses in the data.

    Raises QueryError for a shape with a query that SHACL forbids.
    """
    focuses: dict[tuple[str, tuple[str, ...]], Focus] = {}
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
        for focus in compiler.focuses:
            known = focuses.setdefault(
                (focus.pattern, focus.keys), Focus(focus.pattern, focus.keys)
            )
            known.conditions += focus.conditions
    kept = tuple(focus for focus in focuses.values() if focus.conditions)
    return Plan(kept, tuple(lookups), passed_on, tuple(compiled))


class _Compiler:
    """Compiles one shape with targets."""

    def __init__(self, graph: ShapesGraph, conditions: Conditions) -> None:
        self.graph, self.conditions = graph, conditions
        self.focuses: list[Focus] = []
        self.lookups: list[Details] = []

    def compile(self, shape: ConstraintShape) -> None:
        """Add what *shape* demands of its targets."""
        if "target" in {key.rsplit("#")[-1] for key in self.graph.described[shape.node]}:
            raise Unsupported("sh:target")
        if any(target.kind == "node" for target in shape.targets):
            self._refuse_empty_paths(shape)
        self._shape(shape, shape, Focus(self._targets(shape.targets), ("?f0",)))

    def _refuse_empty_paths(self, shape: ConstraintShape) -> None:
        # SPARQL follows a path of length zero only from nodes that are in the graph; a target need not be there.
        if shape.path is not None and may_be_empty(shape.path):
            raise Unsupported("a path of length zero from a target that may not be in the graph")
        for constraint in shape.constraints:
            for part in (*constraint.shapes, *constraint.disjoint_from):
                self._refuse_empty_paths(part)

    def _targets(self, targets: Iterable[Target]) -> str:
        nodes, patterns = [], []
        grouped = []
        for target in targets:
            name = term(target.term)
            if target.kind == "node":
                nodes.append(name)
            elif target.kind == "class":
                patterns.append(self.conditions.instance("?f0", target.term))
            elif target.kind == "subjects":
                grouped.append(f"?f0 {name} ?other .")
            else:
                grouped.append(f"?other {name} ?f0 .")
        if nodes:
            patterns.append(f"VALUES ?f0 {{ {' '.join(nodes)} }}")
        if grouped:
            # Each node once: one that is the object of thousands must not be judged thousands of times, and a condition
            # would be pushed below a DISTINCT.
            inner = _union(grouped)
            patterns.append(f"{{ SELECT ?f0 WHERE {{ {inner} }} GROUP BY ?f0 }}")
        return _union(patterns)

    def _shape(self, root: ConstraintShape, shape: ConstraintShape, focus: Focus) -> None:
        self.focuses.append(focus)
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
            return Focus(focus.pattern, focus.keys)
        value = f"?f{len(focus.keys)}"
        return Focus(f"{focus.pattern} {step(focus.node, shape.path, value)}", (*focus.keys, value))

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
                text = self.conditions.of_value(source.constraint, focus.node, focus.node)
                focus.conditions.append(Condition(text, source))
            return
        wanted = [self.conditions.of_value(c, focus.node, "?value") for c in constraints]
        columns = "".join(f" ({text} AS ?c{n})" for n, text in enumerate(wanted))
        details = Details(
            self._select(
                focus,
                f"{step(focus.node, shape.path, '?value')} FILTER (!{both(wanted)})",
                f"?value{columns if len(wanted) > 1 else ''}",
            ),
            sources,
        )
        screen = self.conditions.each_value(constraints, shape, focus.node)
        focus.conditions.append(Condition(screen, details=details))

    def _select(self, focus: Focus, pattern: str, columns: str = "") -> str:
        return (
            f"SELECT DISTINCT {' '.join(focus.keys[:-1])} ({focus.node} AS ?focus) {columns}"
            f" WHERE {{ {focus.pattern} {pattern} }}"
        )

    # -- constraints on all values of a focus node ---------------------------------------------------------------------

    def _together(self, source: Source, focus: Focus) -> None:
        constraint, shape = source.constraint, source.shape
        name = constraint.name
        if name in ("minCount", "maxCount", "qualifiedMinCount", "qualifiedMaxCount"):
            self._count(source, focus)
        elif name == "sparql":
            self._question(source, focus)
        elif name == "hasValue":
            text = self.conditions.of_focus(constraint, shape, focus.node)
            focus.conditions.append(Condition(text, source))
        elif name == "closed":
            if shape.path is not None:
                raise Unsupported("sh:closed in a property shape")
            pattern = (
                f"{focus.node} ?path ?value . {self.conditions.not_allowed(constraint, '?path')}"
            )
            self._lookup(source, focus, [(pattern, "?path ?value")])
        elif name == "equals":
            self._lookup(
                source,
                focus,
                [
                    (f"{pattern} BIND ({value} AS ?value)", "?value")
                    for pattern, value in self.conditions.unequal(constraint, shape, focus.node)
                ],
            )
        else:
            assert shape.path is not None
            if name == "uniqueLang":
                pattern = self.conditions.same_language(shape.path, focus.node, "?language")
                self._lookup(source, focus, [(pattern, "?language")])
            else:
                other = self.conditions.variable()
                pattern = self.conditions.not_less(
                    constraint, shape.path, focus.node, "?value", other
                )
                self._lookup(source, focus, [(pattern, f"?value {other}")])

    def _lookup(self, source: Source, focus: Focus, patterns: list[tuple[str, str]]) -> None:
        for pattern, columns in patterns:
            self.lookups.append(Details(self._select(focus, pattern, columns), (source,)))

    def _count(self, source: Source, focus: Focus) -> None:
        constraint, path = source.constraint, source.shape.path
        assert path is not None
        at_least = constraint.name in ("minCount", "qualifiedMinCount")
        number = constraint.number
        if (at_least and number <= 1) or (not at_least and number == 0):
            text = self.conditions.of_focus(constraint, source.shape, focus.node)
            if text != "true":
                focus.conditions.append(Condition(text, source))
            return
        counted = step(focus.node, path, "?value")
        counts = self.conditions.counts(constraint, "?value")
        if counts != "true":
            counted += f" FILTER {counts}"
        keys = " ".join(focus.keys)
        pattern = f"OPTIONAL {{ {counted} }}" if at_least else counted
        sign = "<" if at_least else ">"
        inner = (
            f"SELECT {keys} WHERE {{ {focus.pattern} {pattern} }}"
            f" GROUP BY {keys} HAVING (COUNT(DISTINCT ?value) {sign} {number})"
        )
        text = f"SELECT ({focus.node} AS ?focus) WHERE {{ {{ {inner} }} }}"
        screen = ""
        if not at_least and not constraint.shapes:
            # Where every node has one value at most, nobody can have too many: a walk over the path alone tells.
            screen = (
                "SELECT (COUNT(?value) AS ?values) (COUNT(DISTINCT ?node) AS ?nodes)"
                f" WHERE {{ {step('?node', path, '?value')} }}"
            )
        self.lookups.append(Details(text, (source,), screen))

    def _question(self, source: Source, focus: Focus) -> None:
        if len(focus.keys) > 1:
            raise Unsupported("sh:sparql in a nested property shape")
        inner = f"{{ SELECT DISTINCT ({focus.node} AS ?this) WHERE {{ {focus.pattern} }} }}"
        (node,) = source.constraint.terms
        asked = question(node, self.graph.described, inner, source.shape.path)
        self.lookups.append(Details(asked.text, (source,), question=asked))


def _union(patterns: list[str]) -> str:
    if len(patterns) == 1:
        return patterns[0]
    return " UNION ".join(f"{{ {pattern} }}" for pattern in patterns)


def constraints_of(plan: Plan) -> Iterator[Constraint]:
    """Yield the constraints that a plan judges by queries."""
    for focus in plan.focuses:
        for condition in focus.conditions:
            if condition.source:
                yield condition.source.constraint
            elif condition.details:
                yield from (source.constraint for source in condition.details.sources)
    for details in plan.lookups:
        yield from (source.constraint for source in details.sources)
