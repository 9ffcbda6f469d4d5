"""Reading from a SPARQL 1.1 server.

A reader is bound to the version that was the last one when it was opened. A server keeps no old states, so each answer is
looked at once more: it counts when the version is still the same after all of it has come. So nobody puts together what is
of two states; a long read beside a write fails, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pyoxigraph as ox
from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    parse,
)

from fairgraph.errors import StoreError, StoreLocked
from fairgraph.store.engine import ByForm, EngineReader, parsing, translated
from fairgraph.store.guard import refuse_network
from fairgraph.store.merging import Merges, merged
from fairgraph.store.protocol import DEFAULT, Graph, Scope
from fairgraph.store.server import Server, no_result
from fairgraph.store.state import State, all_graphs, asked_of, checked, named, ours, state_of

_ASKED_AT_ONCE = 1000
"""How many triples are looked up in one request."""


class RemoteReader(ByForm):
    """A Reader of the state with one version on a server."""

    def __init__(self, server: Server, state: State, merges: Merges) -> None:
        self._server: Server | None = server
        self._state, self._merges = state, merges
        self._answers: list[BinaryIO] = []

    @property
    def _asked(self) -> Server:
        if self._server is None:
            raise StoreError("the reader or writer is closed", hint="open another one")
        return self._server

    @property
    def version(self) -> str:
        return self._state.version

    def query(self, query: str, scope: Scope) -> QuerySolutions | QueryTriples | QueryBoolean:
        return self._answered(query, scope)

    def _answered(self, query: str, scope: Scope) -> QuerySolutions | QueryTriples | QueryBoolean:
        """Let the server answer."""
        refuse_network(query)
        server, form = self._asked, form_of(query)
        default = tuple(dict.fromkeys(scope.default))
        if len(default) > 1:
            return self._merged(default, scope.named).query(query, Scope((DEFAULT,), scope.named))
        graphs = list(asked_of([named(graph) for graph in default])), list(asked_of(scope.named))
        file = server.answer(query, form, *graphs)
        self._answers.append(file)
        self._unmoved()
        if form == "CONSTRUCT":
            return _triples_of(file)
        return checked(server, file)

    def triples(self, graph: Graph) -> Iterator[Triple]:
        with self._fetched(graph) as file, translated("store"):
            for quad in parse(file, format=RdfFormat.N_TRIPLES, lenient=True):
                yield quad.triple

    def dump(self, graph: Graph, output: BinaryIO) -> None:
        # As our engine writes them: other servers may escape differently, and texts are compared.
        with self._fetched(graph) as file, translated("store"):
            quads = parse(file, format=RdfFormat.N_TRIPLES, lenient=True)
            ox.serialize((quad.triple for quad in quads), output, format=RdfFormat.N_TRIPLES)

    def _fetched(self, graph: Graph) -> BinaryIO:
        file = self._asked.fetch(named(graph).value)
        try:
            self._unmoved()
        except BaseException:
            file.close()
            raise
        return file

    def graphs_with(self, triple: Triple) -> Iterator[Graph]:
        for _, graphs in self.holders([triple]):
            yield from graphs

    def holders(self, triples: Iterable[Triple]) -> Iterator[tuple[Triple, list[Graph]]]:
        for batch in _batches(triples):
            found = self._holders(batch)
            yield from ((triple, found[n]) for n, triple in enumerate(batch))

    def _holders(self, batch: list[Triple]) -> list[list[Graph]]:
        """Ask for some triples at once: a request takes longer than a look."""
        # A UNION of as many patterns takes the server fifteen times as long.
        rows = " ".join(f"({n} {t.subject} {t.predicate} {t.object})" for n, t in enumerate(batch))
        query = f"SELECT ?n ?g {{ VALUES (?n ?s ?p ?o) {{ {rows} }} GRAPH ?g {{ ?s ?p ?o }} }}"
        found: list[list[Graph]] = [[] for _ in batch]
        with self._asked.answer(query, "SELECT") as file:
            answer = checked(self._asked, file)
            assert isinstance(answer, QuerySolutions)
            for row in answer:
                graph = ours(row["g"])
                if graph is not None:
                    found[int(row["n"].value)].append(graph)
        self._unmoved()
        return found

    def contains(self, triple: Triple, graph: Graph) -> bool:
        return self.ask(f"ASK {{ {triple} }}", Scope((graph,)))

    def graphs(self) -> list[NamedNode]:
        found = [graph for graph in all_graphs(self._asked) if isinstance(ours(graph), NamedNode)]
        self._unmoved()
        return found

    def size(self, graph: Graph) -> int:
        answer = self.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", Scope((graph,)))
        return int(next(answer)["n"].value)

    def _merged(self, default: tuple[Graph, ...], others: tuple[NamedNode, ...]) -> EngineReader:
        """Return several default graphs as one, here: servers count a triple twice that is in two of them."""
        scope = Scope(default, others)
        store, _ = self._merges.remembered((self.version, scope), lambda: merged(scope, self._copy))
        return EngineReader(store, self.version)

    def _copy(self, graph: Graph, target: ox.Store, to: Graph) -> None:
        with self._fetched(graph) as file, translated("store"):
            target.bulk_load(file, RdfFormat.N_TRIPLES, to_graph=to, lenient=True)

    def _unmoved(self) -> None:
        """Raise StoreLocked if there was a write since this reader was opened."""
        state = state_of(self._asked)
        if state is None or state.version != self._state.version:
            raise StoreLocked(
                "the store was written while it was read",
                where=self._asked.at.query,
                hint="try again",
            )

    def close(self) -> None:
        self._server = None
        for file in self._answers:
            file.close()
        self._answers.clear()


def form_of(query: str) -> str:
    """Return ``SELECT``, ``ASK`` or ``CONSTRUCT``, as an empty store answers a query; QueryError if it cannot be parsed."""
    with parsing("query"):
        answer = ox.Store().query(query, default_graph=[], named_graphs=[])
    if isinstance(answer, QuerySolutions):
        return "SELECT"
    return "ASK" if isinstance(answer, QueryBoolean) else "CONSTRUCT"


def _triples_of(file: BinaryIO) -> QueryTriples:
    """Return N-Triples as the answer to a query: the engine has no other way to make one."""
    store = ox.Store()
    try:
        store.bulk_load(file, RdfFormat.N_TRIPLES, lenient=True)
    except (SyntaxError, ValueError, OSError) as error:
        raise no_result("store", error) from error
    answer = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert isinstance(answer, QueryTriples)
    return answer


def _batches(triples: Iterable[Triple]) -> Iterator[list[Triple]]:
    batch: list[Triple] = []
    for triple in triples:
        batch.append(triple)
        if len(batch) >= _ASKED_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
