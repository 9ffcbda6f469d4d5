"""Running shapes on one dataset: compiled ones by the engine that holds it, the others by pySHACL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolution

from fairgraph.cycles import cyclic
from fairgraph.terms import PREFIXES
from fairgraph.validation.compiler import Details, Plan, Source, compile_shapes
from fairgraph.validation.constraints import ShapesGraph
from fairgraph.validation.data import Data
from fairgraph.validation.paths import Node, shown_path
from fairgraph.validation.questions import filled
from fairgraph.validation.screens import Screens

# Nodes on cycles that one query names.
BATCH = 5_000
_DIVIDED = f"SELECT DISTINCT ?class WHERE {{ ?part <{PREFIXES['rdfs']}subClassOf> ?class }}"


@dataclass(frozen=True)
class Result:
    """One validation result (SHACL §3.6.2).

    ``root`` is the shape with the targets, ``shape`` the one that is broken: another one where it is nested. ``path`` is in the
    notation of SPARQL, a plain predicate as its IRI.
    """

    root: Node
    shape: Node
    component: str
    focus: Node
    value: Node | None
    path: str
    severity: str
    messages: tuple[Node, ...]


def results(graph: ShapesGraph, data: Data) -> Iterator[Result]:
    """Yield what does not conform to the shapes of *graph*, in no order; raises QueryError for a shape that SHACL forbids."""
    divided = frozenset(row["class"].value for row in data.rows(_DIVIDED))
    plan = _plan(graph, divided)
    yield from compiled_results(plan, data)
    if plan.passed_on:
        # It takes half a second to import, and most profiles never need it.
        from fairgraph.validation.reference import reference_results

        yield from reference_results(graph, data.triples(), plan.passed_on)


@lru_cache(maxsize=16)
def _plan(graph: ShapesGraph, divided: frozenset[str]) -> Plan:
    return compile_shapes(graph, divided)


def compiled_results(plan: Plan, data: Data) -> Iterator[Result]:
    """Yield the results of the shapes that were compiled."""
    screens = Screens(data)
    broken: dict[Details, None] = {}
    for demand, row in screens.broken(plan.demands):
        if demand.details:
            broken[demand.details] = None
        elif demand.source:
            yield _result(demand.source, row)
    for details in broken:
        yield from _looked_up(details, data, screens)
    for details in plan.lookups:
        yield from _looked_up(details, data, screens)


def _looked_up(details: Details, data: Data, screens: Screens) -> Iterator[Result]:
    if details.at_most_one and screens.is_single(details.at_most_one):
        return
    several = len(details.sources) > 1
    for text in _texts(details, data):
        for row in data.rows(text):
            for n, source in enumerate(details.sources):
                if not several or not _is_true(row[f"c{n}"]):
                    yield _result(source, row)


def _texts(details: Details, data: Data) -> Iterator[str]:
    asked = details.question
    if asked is None or not asked.edges:
        yield details.text
        return
    # As text: to make Python objects of the nodes takes as long as the query.
    steps = data.rows(asked.edges).serialize(format=QueryResultsFormat.TSV)
    assert steps is not None
    nodes = cyclic(step.split(b"\t") for step in steps.split(b"\n")[1:-1])
    if any(node.startswith(b"_:") for node in nodes):  # which no query can name
        yield asked.as_written()
        return
    for start in range(0, len(nodes), BATCH):
        yield asked.about(node.decode() for node in nodes[start : start + BATCH])


def _is_true(term: Node | None) -> bool:
    return term is not None and term.value == "true"


def _result(source: Source, row: QuerySolution) -> Result:
    shape, constraint = source.shape, source.constraint
    is_query = constraint.name == "sparql"
    focus, value, path = (
        _get(row, "this" if is_query else "focus"),
        _get(row, "value"),
        _get(row, "path"),
    )
    assert focus is not None
    if value is None and shape.path is None and constraint.name != "hasValue":
        value = focus
    messages = constraint.messages or shape.messages
    if is_query:
        told = _get(row, "message")
        messages = filled((told,) if told is not None else messages, partial(_get, row))
    return Result(
        source.root.node,
        shape.node,
        constraint.component,
        focus,
        value,
        path.value if isinstance(path, NamedNode) else shown_path(shape.path),
        shape.severity,
        messages,
    )


def _get(row: QuerySolution, name: str) -> Node | None:
    try:
        found: Node | None = row[name]
    except KeyError:
        return None
    return found
