"""The SPARQL 1.1 Graph Store Protocol: a dataset is read, put, added to or removed as one graph.

``/graphs?graph=IRI`` names a graph by its IRI, ``/graphs?default`` means the dataset ``{base}id/default``, which stands for the default
graph wherever something is written; ``/graphs/{path}`` is the dataset with that slug (``/`` becomes ``-``).
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, request, url_for
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple

from fairgraph.errors import UsageError
from fairgraph.terms import SKOLEM_PATH, slugify
from fairgraph.web.asking import asked, state
from fairgraph.web.callers import writer
from fairgraph.web.negotiation import (
    GRAPHS,
    accepted,
    answer_if_known,
    etag_of,
    json_response,
    named,
)
from fairgraph.web.pages.browse import serialized
from fairgraph.web.rest.writers import bodies, written
from fairgraph.web.sparql.endpoint import BadRequest

blueprint = Blueprint("graphs", __name__)

_ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"


@blueprint.get("/graphs")
@blueprint.get("/graphs/<path:path>")
def read_graph(path: str = "") -> Response:
    """One graph, with its blank nodes as such (§5.2); HEAD tells whether it is there."""
    asking = asked()
    graph = _graph(path)
    found = asking.fairgraph.dataset(graph)
    wanted = request.args.get("format", "")
    form = named(wanted, GRAPHS) if wanted else accepted(GRAPHS)
    etag = etag_of(*state(found), "graph", form.name)
    answer_if_known(etag, "Accept")
    skolem = asking.base + SKOLEM_PATH
    triples = [
        Triple(_blank(s, skolem), p, _blank(o, skolem))
        for s, p, o in asking.fairgraph.sparql(_ALL, dataset=found)
    ]
    response = Response(serialized(sorted(triples, key=str), form), content_type=form.content_type)
    response.set_etag(etag)
    response.vary.add("Accept")
    return response


@blueprint.put("/graphs")
@blueprint.put("/graphs/<path:path>")
def put_graph(path: str = "") -> Response:
    """Make the body the content of a graph (§5.3)."""
    return _write(_graph(path), replace=True)


@blueprint.post("/graphs")
@blueprint.post("/graphs/<path:path>")
def add_to_graph(path: str = "") -> Response:
    """Add the body to a graph, or to a new one if none is named (§5.5)."""
    if not path and not {"graph", "default"} & set(request.args):
        slug = f"graph-{secrets.token_hex(6)}"
        response = _write(f"{asked().base}id/{slug}", replace=False)
        response.headers["Location"] = url_for("graphs.read_graph", path=slug, _external=True)
        return response
    return _write(_graph(path), replace=False)


@blueprint.delete("/graphs")
@blueprint.delete("/graphs/<path:path>")
def remove_graph(path: str = "") -> Response:
    """Remove a graph; its history stays (§5.4)."""
    who = writer()
    written(who, "remove_graph", graph=_graph(path))
    return Response(status=204)


def _graph(path: str) -> str:
    """Return the IRI of the graph that a request names; UsageError unless it is exactly one (§4)."""
    base = asked().base
    wanted, default = request.args.getlist("graph"), "default" in request.args
    if bool(path) + len(wanted) + default != 1:
        raise UsageError(
            "a request names one graph", hint="?graph=IRI, ?default, or /graphs/{slug}"
        )
    if default:
        return f"{base}id/default"
    if path:
        return f"{base}id/{slugify(path)}"
    try:
        iri = NamedNode(wanted[0]).value
    except ValueError as error:
        raise UsageError(f"{wanted[0][:80]!r} is no IRI: {error}") from error
    if ":" not in iri:
        raise UsageError(f"{iri[:80]!r} is no absolute IRI")
    # The address of a graph names it as well as its IRI does.
    here = url_for("graphs.read_graph", _external=True) + "/"
    return f"{base}id/{slugify(iri.removeprefix(here))}" if iri.startswith(here) else iri


def _write(graph: str, *, replace: bool) -> Response:
    who = writer()
    with bodies() as brought:
        for _, media_type, name in brought:
            if RdfFormat.from_media_type(media_type) is None:
                raise BadRequest(
                    f"{name} does not come as RDF but as {media_type or 'nothing that has a name'}",
                    415,
                    hint="text/turtle, application/n-triples, application/ld+json, application/rdf+xml",
                )
        told = written(
            who,
            "write_graph",
            graph=graph,
            bodies=[[str(path), media_type] for path, media_type, _ in brought],
            base=graph,
            replace=replace,
        )
    response = json_response(told)
    response.status_code = 201 if told["created"] else 200
    return response


def _blank(term: Any, skolem: str) -> Any:
    if isinstance(term, NamedNode) and term.value.startswith(skolem):
        return BlankNode("b" + term.value.removeprefix(skolem).replace("-", "x").replace("/", "y"))
    return term
