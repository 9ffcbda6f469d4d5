"""Validation of one dataset against the shapes of a profile: results of the engine, made into findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from pyoxigraph import Quad, QuerySolutions, RdfFormat, Store, Triple, parse

from fairgraph.errors import UsageError
from fairgraph.report import Finding, Report
from fairgraph.sorting import natural
from fairgraph.validation.constraints import ShapesGraph
from fairgraph.validation.data import Data
from fairgraph.validation.engine import Result, results
from fairgraph.validation.own_shapes import own_findings, published_places
from fairgraph.validation.prov_rules import broken_rules
from fairgraph.validation.shapes import (
    FAIRTRACKS_PROFILE,
    PENNSIEVE_PROFILE,
    PROV_PROFILE,
    Shape,
    profile_triples,
    shapes,
)
from fairgraph.validation.where import places


def validate_data(data: Data, profile: str = "isa") -> Report:
    """Check one dataset where it is, and return what was found.

    The findings are in the order of severity, shape and place. Each is about one focus node: ``where`` is its place in the source,
    ``path`` the IRI of a property or a property path in the notation of SPARQL, ``value`` what is wrong, if it is there. Warnings
    and infos do not keep a dataset from conforming. Raises NotFound for an unknown profile.
    """
    if profile == PROV_PROFILE:
        return _broken(data)
    if profile == FAIRTRACKS_PROFILE:
        raise UsageError(
            "the profile fairtracks checks documents, not triples",
            hint="fairgraph validate, or Fairgraph.validate, makes the document",
        )
    known = {shape.iri: (n, shape) for n, shape in enumerate(shapes(profile))}
    found = [_about(result) for result in results(shapes_graph(profile), data)]
    report = Report()
    is_published = profile == PENNSIEVE_PROFILE
    if not found:
        report.extend(own_findings(data) if is_published else ())
        return report
    focuses = (focus for _, focus, _ in found)
    located = published_places(data, focuses) if is_published else places(data.rows, focuses)
    sortable = []
    for result, focus, value in found:
        # A nested shape has no rule; what it finds is a finding of the shape that it is part of.
        order, shape = known.get(result.shape.value) or known[result.root.value]
        where = located.get(focus, "")
        key = (order, natural(where), focus, value)
        sortable.append((key, _finding(shape, focus, value, where)))
    report.extend(finding for _, finding in sorted(sortable, key=lambda item: item[0]))
    report.extend(own_findings(data) if is_published else ())
    return report


def _broken(data: Data) -> Report:
    """Return what breaks the rules of the PROV profile, which are about the whole of a graph and not about single nodes."""
    known = {shape.rule: (n, shape) for n, shape in enumerate(shapes(PROV_PROFILE))}
    found = list(dict.fromkeys(broken_rules(data)))
    # A blank node, which only triples outside of a store have, has no place.
    located = places(data.rows, {broken.focus for broken in found if ":" in broken.focus})
    sortable = []
    for broken in found:
        order, shape = known[broken.rule]
        where = located.get(broken.focus, "")
        finding = replace(_finding(shape, broken.focus, broken.value, where), path=broken.path)
        key = (order, natural(where), broken.focus, broken.path, broken.value)
        sortable.append((key, finding))
    report = Report()
    report.extend(finding for _, finding in sorted(sortable, key=lambda item: item[0]))
    return report


def validate_graph(triples: Iterable[Triple] | bytes, profile: str = "isa") -> Report:
    """Check one dataset that is in no store, given as triples or as N-Triples."""
    statements = triples if isinstance(triples, bytes) else list(triples)
    return validate_data(scratch(statements), profile)


def scratch(statements: bytes | list[Triple]) -> Data:
    """Return statements, in N-Triples or as triples, as data in a store of their own."""
    store = Store()
    if isinstance(statements, bytes):
        store.load(statements, format=RdfFormat.N_TRIPLES)
    else:
        store.extend(Quad(t.subject, t.predicate, t.object) for t in statements)

    def rows(query: str) -> QuerySolutions:
        found = store.query(query)
        assert isinstance(found, QuerySolutions)
        return found

    def as_given() -> Iterable[Triple]:
        if isinstance(statements, bytes):
            return (quad.triple for quad in parse(statements, format=RdfFormat.N_TRIPLES))
        return statements

    return Data(rows, as_given)


@cache
def shapes_graph(profile: str) -> ShapesGraph:
    """Return the shapes of a profile, and the prefixes that their queries use."""
    return ShapesGraph(profile_triples(profile))


def _about(result: Result) -> tuple[Result, str, str]:
    """Return a result with what it is about and what is wrong there."""
    focus, value = result.focus.value, "" if result.value is None else result.value.value
    if not result.path and value:
        # The value of a node shape is its focus, unless a query selected something else: then that is what it is about.
        focus, value = value, ""
    return result, focus, value


def _finding(shape: Shape, focus: str, value: str, where: str) -> Finding:
    return Finding(
        shape.severity,
        shape.rule,
        shape.message,
        code=shape.code,
        content_rule=shape.content_rule,
        where=where,
        focus=focus,
        path=shape.path,
        value=value,
    )
