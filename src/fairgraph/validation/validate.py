"""Validation of one dataset against the shapes of a profile, with pySHACL.

rdflib and pySHACL take a third of a second to import, so that happens at the first validation. The data are copied into an
rdflib graph: pySHACL 0.40 can read a pyoxigraph store itself, but was over 100 times slower (128,000 triples: 2.5 s against
more than 300 s).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Quad, RdfFormat, Store, Triple, parse

from fairgraph.report import Finding, Report
from fairgraph.terms import RDF, SH
from fairgraph.validation.shapes import Shape, shapes, shapes_graph, to_rdflib, vocabulary
from fairgraph.validation.where import natural, places

if TYPE_CHECKING:
    import rdflib


@dataclass(frozen=True)
class Result:
    """One validation result (SHACL §3.6.2) as far as a finding needs it; ``value`` is empty where the focus says it all."""

    shape: str
    focus: str
    value: str


def validate_graph(triples: Iterable[Triple] | bytes, profile: str = "isa") -> Report:
    """Check one dataset, given as triples or as N-Triples, and return what was found.

    The findings are in the order of severity, shape and place. Each is about one focus node: ``where`` is its place in the source,
    ``path`` the IRI of a property or a property path in the notation of SPARQL, ``value`` what is wrong, if it is there. Warnings
    and infos do not keep a dataset from conforming. Raises NotFound for an unknown profile.
    """
    known = {shape.iri: (n, shape) for n, shape in enumerate(shapes(profile))}
    data = triples if isinstance(triples, bytes) else list(triples)
    results = _results(data, profile)
    report = Report()
    if not results:
        return report
    located = places(_store(data), (result.focus for result in results))
    found = []
    for result in results:
        order, shape = known[result.shape]
        where = located.get(result.focus, "")
        key = (order, natural(where), result.focus, result.value)
        found.append((key, _finding(shape, result, where)))
    report.extend(finding for _, finding in sorted(found, key=lambda item: item[0]))
    return report


def _finding(shape: Shape, result: Result, where: str) -> Finding:
    return Finding(
        shape.severity,
        shape.rule,
        shape.message,
        code=shape.code,
        where=where,
        focus=result.focus,
        path=shape.path,
        value=result.value,
        content_rule=shape.content_rule,
    )


def _results(data: list[Triple] | bytes, profile: str) -> list[Result]:
    import pyshacl
    import rdflib

    # Nothing is inferred and no rule runs, so that the graph need not be copied once more.
    _, results, _ = pyshacl.validate(
        _graph(data, vocabulary(profile)),
        shacl_graph=shapes_graph(profile),
        inference="none",
        advanced=True,
        inplace=True,
    )
    found = []
    for node in results.subjects(rdflib.URIRef(RDF.type), rdflib.URIRef(SH.ValidationResult)):
        shape, focus, value, path = (
            results.value(node, rdflib.URIRef(key))
            for key in (SH.sourceShape, SH.focusNode, SH.value, SH.resultPath)
        )
        if path is None and value is not None:
            # The value of a node shape is its focus, unless a query selected something else: then that is what it is about.
            focus, value = value, None
        found.append(Result(str(shape), str(focus), "" if value is None else str(value)))
    return found


def _graph(data: list[Triple] | bytes, seen: frozenset[str]) -> rdflib.Graph:
    """Return as an rdflib graph those statements that a shape can see."""
    import rdflib

    graph = rdflib.Graph()
    add, convert = graph.store.add, to_rdflib()
    statements: Iterable[Quad | Triple] = _parse(data) if isinstance(data, bytes) else data
    for statement in statements:
        predicate = statement.predicate
        if predicate.value in seen:
            subject, obj = convert(statement.subject), convert(statement.object)
            add((subject, convert(predicate), obj), graph)
    return graph


def _parse(data: bytes) -> Iterable[Quad]:
    return parse(data, format=RdfFormat.N_TRIPLES)


def _store(data: list[Triple] | bytes) -> Store:
    store = Store()
    if isinstance(data, bytes):
        store.bulk_load(data, format=RdfFormat.N_TRIPLES)
    else:
        store.bulk_extend(Quad(t.subject, t.predicate, t.object) for t in data)
    return store
