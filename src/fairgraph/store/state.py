"""What fairgraph keeps on a SPARQL server beside the graphs of the store: which store it is, and which write was the last.

    urn:fairgraph:store        identifier, base and version of the store; the version is another one after each write
    urn:fairgraph:union        the union of all public datasets: what ``DEFAULT`` is on a server
    urn:fairgraph:staging:…    what a write brings, before it counts

Servers do not agree on what a query sees as its default graph, and none lets the unnamed graph be named in a request. So the
union is a named graph here, and this is the one place that knows it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolution,
    QuerySolutions,
    parse_query_results,
)

from fairgraph.errors import StoreError
from fairgraph.store.protocol import DEFAULT, Graph
from fairgraph.store.server import Server, no_result
from fairgraph.terms import DCTERMS, SCHEMA, VOID

STORE = NamedNode("urn:fairgraph:store")
UNION = NamedNode("urn:fairgraph:union")
STAGING = "urn:fairgraph:staging:"
NOTHING = "urn:fairgraph:nothing"
"""A graph that is never there: for scopes without a graph, since a request without one would see everything."""

_KNOWN = f"""SELECT ?identifier ?base ?version ?before {{ GRAPH {STORE} {{
  {STORE} <{DCTERMS.identifier}> ?identifier ; <{VOID.uriSpace}> ?base ;
    <{SCHEMA.version}> ?version ; <{DCTERMS.replaces}> ?before }} }}"""
_GRAPHS = "SELECT DISTINCT ?g { GRAPH ?g { } FILTER EXISTS { GRAPH ?g { ?s ?p ?o } } }"


@dataclass(frozen=True)
class State:
    """Which store a server holds, what its IRIs begin with, the version that its last write left, and the one before it."""

    identifier: str
    base: str
    version: str
    before: str


def named(graph: Graph) -> NamedNode:
    """Return the graph of the server that holds *graph*."""
    return graph if isinstance(graph, NamedNode) else UNION


def ours(graph: NamedNode) -> Graph | None:
    """Return the graph of the store that a graph of the server holds; None for what is kept beside it."""
    if graph == UNION:
        return DEFAULT
    return None if graph == STORE or graph.value.startswith(STAGING) else graph


def rows(server: Server, query: str) -> list[QuerySolution]:
    """Answer a SELECT on everything that the server has: for what is asked of graphs beside those of a scope."""
    with server.answer(query, "SELECT") as file:
        answer = checked(server, file)
        assert isinstance(answer, QuerySolutions)
        return list(answer)


def checked(server: Server, file: BinaryIO) -> QuerySolutions | QueryBoolean:
    """Parse an answer in JSON; StoreError if it is none, before a row of it is handed on. The rows are lazy."""
    try:
        answer = parse_query_results(file, format=QueryResultsFormat.JSON)
        if isinstance(answer, QueryBoolean):
            return answer
        for _ in answer:
            pass
        file.seek(0)
        return parse_query_results(file, format=QueryResultsFormat.JSON)
    except (SyntaxError, ValueError, OSError) as error:
        raise no_result(server.at.query, error) from error


def state_of(server: Server) -> State | None:
    """Return what is known of the store that a server holds; None if it holds none."""
    for row in rows(server, _KNOWN):
        return State(*(term.value for term in row))
    return None


def all_graphs(server: Server) -> list[NamedNode]:
    """Return the named graphs of a server that hold something, ours and others."""
    found = (row["g"] for row in rows(server, _GRAPHS))
    return [graph for graph in found if isinstance(graph, NamedNode)]


def new_version() -> str:
    """Return a version that no store has had."""
    return uuid.uuid4().hex


def found_store(server: Server, base: str) -> State:
    """Make a store on a server that holds nothing; return what is there then, by us or by somebody who was faster.

    Raises StoreError if the server holds something else.
    """
    if strange := sorted(graph.value for graph in all_graphs(server)):
        raise StoreError(
            f"the server holds other data ({strange[0]}) and no fairgraph store",
            where=server.at.query,
            hint="make an empty repository for fairgraph",
        )
    facts = [
        (DCTERMS.identifier, uuid.uuid4().hex),
        (VOID.uriSpace, base),
        (SCHEMA.version, new_version()),
        (DCTERMS.replaces, ""),
    ]
    lines = " ".join(f"{STORE} <{predicate}> {Literal(text)} ." for predicate, text in facts)
    server.update(
        f"INSERT {{ GRAPH {STORE} {{ {lines} }} }} "
        f"WHERE {{ FILTER NOT EXISTS {{ GRAPH {STORE} {{ ?s ?p ?o }} }} }}"
    )
    state = state_of(server)
    if state is None:
        raise StoreError("the server took an update and did not do it", where=server.at.update)
    return state


def at_version(version: str) -> str:
    """Return the pattern that holds while *version* is the last one."""
    return f"GRAPH {STORE} {{ {STORE} <{SCHEMA.version}> {Literal(version)} }}"


def moved(old: str, new: str) -> str:
    """Return the update operation that makes *new* the version, if *old* is."""
    before = f"GRAPH {STORE} {{ {STORE} <{DCTERMS.replaces}> %s }}"
    return (
        f"DELETE {{ {at_version(old)} {before % '?before'} }} "
        f"INSERT {{ {at_version(new)} {before % Literal(old)} }} "
        f"WHERE {{ {at_version(old)} {before % '?before'} }}"
    )


def asked_of(graphs: Sequence[NamedNode]) -> Iterator[str]:
    """Yield graphs as a request names them; one that is never there stands for none."""
    if not graphs:
        yield NOTHING
    for graph in graphs:
        yield graph.value
