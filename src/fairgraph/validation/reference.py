"""pySHACL: for the shapes that are not compiled, and in tests as the reference for all of them.

This is the only module that knows rdflib and pySHACL, which take half a second to import. The dataset is copied into an rdflib graph:
pySHACL 0.40 can read a pyoxigraph store itself, but was over 100 times slower (128,000 triples: 2.5 s against more than 300 s).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import pyshacl
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from pyshacl.errors import ReportableRuntimeError, ShapeLoadError

from fairgraph.errors import QueryError
from fairgraph.terms import RDF, SH, XSD
from fairgraph.validation.constraints import ShapesGraph
from fairgraph.validation.engine import Result
from fairgraph.validation.paths import Node, describe, read_path, shown_path

# It prints a traceback for every literal whose text does not fit its type; shapes say what is wrong with those.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)

_TARGETS = {SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target}


def reference_results(
    graph: ShapesGraph, data: Iterable[Triple], only: Collection[Node] | None = None
) -> Iterator[Result]:
    """Yield what pySHACL finds in *data*; with *only*, for these shapes and what they refer to.

    Raises QueryError where pySHACL cannot make sense of a shape.
    """
    triples = _with_targets_of(graph, only) if only is not None else graph.triples
    try:
        # Nothing is inferred and no rule runs, so that the graph need not be copied once more.
        _, report, _ = pyshacl.validate(
            to_rdflib(data),
            shacl_graph=to_rdflib(triples),
            inference="none",
            advanced=True,
            inplace=True,
        )
    except (ReportableRuntimeError, ShapeLoadError, NotImplementedError) as error:
        raise QueryError(f"pySHACL cannot run a shape: {error}", where="shapes") from error
    if not isinstance(report, rdflib.Graph):
        raise QueryError(f"pySHACL cannot run a shape: {report}", where="shapes")
    roots = _roots(graph, only)
    # Not every sh:ValidationResult: those below sh:detail only say why.
    for node in report.objects(None, _rdf(SH.result)):
        yield _result(report, node, roots)


def _with_targets_of(graph: ShapesGraph, only: Collection[Node]) -> list[Triple]:
    """Return the statements of all shapes, but the targets of those in *only* alone."""
    others = {node for node in graph.roots() if node not in only}
    classes = {node for node in others if any(t.term == node for t in graph.targets(node))}
    return [
        triple
        for triple in graph.triples
        if triple.subject not in others
        or (
            triple.predicate.value not in _TARGETS
            and not (triple.predicate.value == RDF.type and triple.subject in classes)
        )
    ]


def _roots(graph: ShapesGraph, only: Collection[Node] | None) -> dict[Node, Node]:
    """Return for each shape one with targets that leads to it."""
    found: dict[Node, Node] = {}
    for root in graph.roots() if only is None else only:
        waiting, seen = [root], {root}
        while waiting:
            node = waiting.pop()
            if node == root or not graph.targets(node):
                found.setdefault(node, root)
            for parts in graph.described.get(node, {}).values():
                new = [part for part in parts if part not in seen]
                seen.update(new)
                waiting += new
    return found


def _result(report: rdflib.Graph, node: Any, roots: dict[Node, Node]) -> Result:
    def get(key: str) -> Any:
        return report.value(node, _rdf(key))

    shape, value, path = _term(get(SH.sourceShape)), get(SH.value), get(SH.resultPath)
    return Result(
        roots.get(shape, shape),
        shape,
        str(get(SH.sourceConstraintComponent)),
        _term(get(SH.focusNode)),
        None if value is None else _term(value),
        "" if path is None else _path(report, path),
        str(get(SH.resultSeverity)),
        tuple(_term(message) for message in report.objects(node, _rdf(SH.resultMessage))),
    )


def _path(report: rdflib.Graph, path: Any) -> str:
    if isinstance(path, rdflib.URIRef):
        return str(path)
    closure, waiting = [], [path]
    while waiting:
        for statement in report.triples((waiting.pop(), None, None)):
            closure.append(Triple(*map(_term, statement)))
            if isinstance(statement[2], rdflib.BNode):
                waiting.append(statement[2])
    return shown_path(read_path(_term(path), describe(closure)))


def _rdf(iri: str) -> rdflib.URIRef:
    return rdflib.URIRef(iri)


def _term(node: Any) -> Any:
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return BlankNode(str(node))
    if node.language:
        return Literal(str(node), language=node.language)
    datatype = NamedNode(str(node.datatype)) if node.datatype else None
    return Literal(str(node), datatype=datatype)


def to_rdflib(triples: Iterable[Triple]) -> rdflib.Graph:
    """Return triples as an rdflib graph; literals keep their lexical form."""
    graph = rdflib.Graph()
    add, convert = graph.store.add, _converter()
    for triple in triples:
        add((convert(triple.subject), convert(triple.predicate), convert(triple.object)), graph)
    return graph


def _converter() -> Callable[[Any], Any]:
    """Return a function that turns pyoxigraph terms into rdflib terms and remembers those that it has seen."""
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
