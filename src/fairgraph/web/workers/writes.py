"""Writes from outside: what a request asks for, and how it is done, here or in a process of its own.

The engine cannot be told to stop, so a store on disk is written by a process that can be killed and that has no network
(``write``); a write that was cut off has not been. A request is a JSON object: ``operation`` and the arguments of the function of
that name; bodies come as files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from fairgraph.api import Fairgraph, Progress
from fairgraph.catalogue import Dataset
from fairgraph.errors import NotFound, QueryError
from fairgraph.store.guard import PROLOG_BYTES, refuse_entities

FLUSH = 50_000


def perform(
    fairgraph: Fairgraph, request: dict[str, Any], progress: Progress = lambda step: None
) -> dict[str, Any]:
    """Do what a request asks for, as the owner; return a JSON object. An import tells its steps."""
    arguments = dict(request)
    operation = OPERATIONS[arguments.pop("operation")]
    if operation is add:
        arguments["progress"] = progress
    return operation(fairgraph, **arguments)


def update(fairgraph: Fairgraph, sparql: str, using: list[list[str]] | None) -> dict[str, Any]:
    """Run a SPARQL Update; tell which datasets it changed."""
    graphs = (using[0], using[1]) if using else None
    return {"datasets": [_told(dataset) for dataset in fairgraph.update(sparql, using=graphs)]}


def write_graph(
    fairgraph: Fairgraph, graph: str, bodies: list[list[str]], base: str, replace: bool
) -> dict[str, Any]:
    """Put the triples of files (each with its media type) in the place of a graph, or add them; tell whether it is new."""
    known = _has(fairgraph, graph)
    lines = (line for path, media_type in bodies for line in _lines(Path(path), media_type, base))
    written = fairgraph.write_graph(graph, lines, replace=replace)
    return {"created": not known, "datasets": [_told(written)] if written else []}


def remove_graph(fairgraph: Fairgraph, graph: str) -> dict[str, Any]:
    """Remove a graph; NotFound if there is none."""
    if not _has(fairgraph, graph):
        raise NotFound("there is no such graph", where=graph)
    fairgraph.write_graph(graph, (), replace=True)
    return {}


def add(
    fairgraph: Fairgraph, path: str, options: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """Import a file; tell the dataset, its findings, and whether it is new."""
    added = fairgraph.add(path, **options, progress=progress)
    return {
        "created": added.created,
        "changed": added.changed,
        "datasets": [{**added.dataset.as_dict(), "findings": added.report.as_dict()["findings"]}],
    }


def remove(fairgraph: Fairgraph, number: int, purge: bool) -> dict[str, Any]:
    """Remove a dataset by its number."""
    return {"datasets": [_told(fairgraph.remove(number, purge=purge))]}


OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    "update": update,
    "write_graph": write_graph,
    "remove_graph": remove_graph,
    "add": add,
    "remove": remove,
}


def _told(dataset: Dataset) -> dict[str, Any]:
    return {"id": dataset.number, "slug": dataset.slug, "iri": dataset.iri}


def _has(fairgraph: Fairgraph, graph: str) -> bool:
    try:
        fairgraph.dataset(graph)
    except NotFound:
        return False
    return True


def _lines(path: Path, media_type: str, base: str) -> Iterator[bytes]:
    """Yield the triples of a document as N-Triples."""
    form = ox.RdfFormat.from_media_type(media_type)
    if form == ox.RdfFormat.RDF_XML:
        with path.open("rb") as file:
            refuse_entities(file.read(PROLOG_BYTES), path.name)
    triples: list[ox.Triple] = []
    try:
        for quad in ox.parse(path=path, format=form, base_iri=base, without_named_graphs=True):
            triples.append(quad.triple)
            if len(triples) >= FLUSH:
                yield ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
                triples.clear()
    except SyntaxError as error:
        raise QueryError(
            f"the body is not {media_type}: {error.msg}",
            where=f"line {error.lineno}" if error.lineno else "",
        ) from error
    yield ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
