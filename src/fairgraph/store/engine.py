"""Readers and writers over a pyoxigraph store: where its calls and its exceptions end."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, cast

import pyoxigraph as ox
from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
)

from fairgraph.closing import Closing
from fairgraph.errors import FairgraphError, QueryError, SourceError, StoreError
from fairgraph.store.folder import step
from fairgraph.store.guard import (
    has_blank,
    may_make_blank_nodes,
    refuse_glued,
    refuse_network,
    skolemise,
    skolemise_lines,
)
from fairgraph.store.merging import Merges, View
from fairgraph.store.protocol import DEFAULT, Graph, Scope

# About 100,000 triples with long IRIs. Of 900,000 (141 MB) such pieces take 170 MB, pieces of 64 MB 426 MB, and as long.
LOAD_BYTES = 16 * 1024 * 1024
# Above this many bytes the index build of a bulk load pays; below it, a plain load makes fewer files.
_BULK_BYTES = 256 * 1024
# In memory nothing is won by large pieces, and joining small ones costs a copy.
_MEMORY_LOAD_BYTES = 1024 * 1024
# Removing is many times as dear as loading: above this many triples a graph goes by loading what stays into a new store.
MANY_TRIPLES = 20_000
_KEPT_FOR_ONE_GONE = 3
_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


@contextlib.contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn what pyoxigraph raises into our errors."""
    try:
        yield
    except FairgraphError:
        raise
    except SyntaxError as error:
        raise SourceError(
            f"not valid N-Triples: {error.msg}", where=f"{where}:{error.lineno}"
        ) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise StoreError(f"the store failed: {error}", where=where) from error
    except BaseException as error:
        # A Rust panic comes as an exception that is no Exception (pyo3_runtime.PanicException).
        if type(error).__name__ == "PanicException":
            raise StoreError(f"the store failed: {error}", where=where) from error
        raise


@contextlib.contextmanager
def parsing(what: str) -> Iterator[None]:
    """Turn what is wrong with a query or an update into a QueryError with its place."""
    try:
        with translated("store"):
            try:
                yield
            except SyntaxError as error:
                raise _query_error(what, str(error)) from error
    except StoreError as error:
        if isinstance(error.__cause__, (RuntimeError, ValueError)):
            raise QueryError(f"the {what} failed: {error.__cause__}") from error.__cause__
        raise


def _query_error(what: str, message: str) -> QueryError:
    place = _POSITION.match(message)
    if place is None:
        return QueryError(f"the {what} cannot be parsed: {message}", where=what)
    expected = " ".join(place[3].split())
    if len(expected) > 300:  # the parser lists every character class that it would take
        expected = expected[:300] + " …"
    return QueryError(
        f"the {what} cannot be parsed: {expected}", where=f"{what}:{place[1]}:{place[2]}"
    )


class ByForm(Closing):
    """What readers share: the methods for queries of one form, all by ``query``."""

    def query(self, query: str, scope: Scope) -> QuerySolutions | QueryTriples | QueryBoolean:
        """Answer a query of any form."""
        raise NotImplementedError

    def select(self, query: str, scope: Scope) -> QuerySolutions:
        answer = self.query(query, scope)
        if not isinstance(answer, QuerySolutions):
            raise QueryError("is not a SELECT query", where="query")
        return answer

    def construct(self, query: str, scope: Scope) -> QueryTriples:
        answer = self.query(query, scope)
        if not isinstance(answer, QueryTriples):
            raise QueryError("is not a CONSTRUCT or DESCRIBE query", where="query")
        return answer

    def ask(self, query: str, scope: Scope) -> bool:
        answer = self.query(query, scope)
        if not isinstance(answer, QueryBoolean):
            raise QueryError("is not an ASK query", where="query")
        return bool(answer)


class EngineReader(ByForm):
    """A Reader over a pyoxigraph store."""

    def __init__(
        self,
        store: ox.Store,
        version: str,
        *,
        merges: Merges | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self._engine: ox.Store | None = store
        self._version = version
        self._merges = merges
        self._on_close = on_close

    @property
    def _store(self) -> ox.Store:
        if self._engine is None:
            raise StoreError("the reader or writer is closed", hint="open another one")
        return self._engine

    @property
    def version(self) -> str:
        return self._version

    def query(self, query: str, scope: Scope) -> QuerySolutions | QueryTriples | QueryBoolean:
        refuse_network(query)
        store, default = self._view(scope)
        with parsing("query"):
            # Both are always given: with only one of them, graphs outside the scope leak into the answer.
            return store.query(query, default_graph=list(default), named_graphs=list(scope.named))

    def triples(self, graph: Graph) -> Iterator[Triple]:
        with translated("store"):
            for quad in self._store.quads_for_pattern(None, None, None, graph):
                yield quad.triple

    def dump(self, graph: Graph, output: BinaryIO) -> None:
        with translated("store"):
            self._store.dump(output, RdfFormat.N_TRIPLES, from_graph=graph)

    def graphs_with(self, triple: Triple) -> Iterator[Graph]:
        with translated("store"):
            for quad in self._store.quads_for_pattern(
                triple.subject, triple.predicate, triple.object, None
            ):
                graph = quad.graph_name
                if isinstance(graph, (NamedNode, DefaultGraph)):
                    yield graph

    def holders(self, triples: Iterable[Triple]) -> Iterator[tuple[Triple, list[Graph]]]:
        return ((triple, list(self.graphs_with(triple))) for triple in triples)

    def contains(self, triple: Triple, graph: Graph) -> bool:
        with translated("store"):
            return _quad(triple, graph) in self._store

    def graphs(self) -> list[NamedNode]:
        with translated("store"):
            return [graph for graph in self._store.named_graphs() if isinstance(graph, NamedNode)]

    def size(self, graph: Graph) -> int:
        with translated("store"):
            answer = self._store.query(
                "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", default_graph=[graph], named_graphs=[]
            )
            assert isinstance(answer, QuerySolutions)
            return int(next(answer)["n"].value)

    def close(self) -> None:
        if self._engine is not None:
            self._engine = None
            if self._on_close is not None:
                self._on_close()

    def _view(self, scope: Scope) -> View:
        """Return the store and the default graphs that answer for *scope* with each triple once."""
        default = tuple(dict.fromkeys(scope.default))
        if len(default) < 2:
            return self._store, default
        with translated("store"):
            return (self._merges or Merges()).view(self._store, scope)


def _quad(triple: Triple, graph: Graph) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


class EngineWriter(EngineReader):
    """A Writer over a pyoxigraph store."""

    def __init__(
        self,
        store: ox.Store,
        version: str,
        base: str,
        *,
        bulk: bool = True,
        anew: Callable[[], ox.Store] | None = None,
    ) -> None:
        """Write to *store*; *anew* makes an empty one that may take its place."""
        super().__init__(store, version)
        self._base, self._bulk, self._anew = base, bulk, anew
        self.piece_bytes = LOAD_BYTES if bulk else _MEMORY_LOAD_BYTES

    def load(
        self,
        graph: Graph,
        ntriples: bytes | BinaryIO | Iterable[bytes],
        *,
        checked: bool = False,
    ) -> None:
        # An error of whoever makes the chunks is theirs: only the engine's calls are translated.
        chunks = pieces(ntriples, self.piece_bytes)
        for chunk in chunks if checked else skolemise_lines(chunks, self._base, str(graph)):
            with translated("store"):
                bulk = self._bulk and len(chunk) > _BULK_BYTES
                load = self._store.bulk_load if bulk else self._store.load
                load(chunk, RdfFormat.N_TRIPLES, to_graph=graph, lenient=checked)
            step("loaded")

    @property
    def engine(self) -> ox.Store:
        """The store that holds what was written: not always the one that the writer began with."""
        return self._store

    def clear(self, *graphs: Graph) -> None:
        gone = sum(self.size(graph) for graph in graphs)
        if self._anew is not None and gone > MANY_TRIPLES:
            with translated("store"):
                kept = len(self._store) - gone
                if loading_pays(gone, kept):
                    self._engine = self._without(graphs, self._anew())
                    step("cleared")
                    return
        for graph in graphs:
            self._clear(graph)

    def _without(self, graphs: tuple[Graph, ...], target: ox.Store) -> ox.Store:
        """Load all but *graphs* into an empty store: large ones alone, small ones together."""
        small = bytearray()
        for graph in (DEFAULT, *self._store.named_graphs()):
            if graph in graphs:
                continue
            with tempfile.SpooledTemporaryFile(LOAD_BYTES) as file:
                self._store.dump(file, RdfFormat.N_TRIPLES, from_graph=graph)
                size = file.tell()
                file.seek(0)
                if isinstance(graph, NamedNode):
                    target.add_graph(graph)
                if size > _BULK_BYTES:
                    for piece in pieces(cast(BinaryIO, file), LOAD_BYTES):
                        target.bulk_load(piece, RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)
                        step("moved")
                else:
                    ending = b" .\n" if graph == DEFAULT else f" {graph} .\n".encode()
                    for line in file:
                        small += line[:-3] + ending
            if len(small) > LOAD_BYTES:
                target.bulk_load(bytes(small), RdfFormat.N_QUADS, lenient=True)
                small.clear()
        target.bulk_load(bytes(small), RdfFormat.N_QUADS, lenient=True)
        step("moved")
        return target

    def _clear(self, graph: Graph) -> None:
        with translated("store"):
            # One by one takes about half the time of the one transaction of remove_graph (0.3 million triples: 5.6 s
            # against 9.9 s), and what is in a write is seen at once anyway.
            for quad in self._store.quads_for_pattern(None, None, None, graph):
                self._store.remove(quad)
            if isinstance(graph, NamedNode):
                self._store.remove_graph(graph)
            step("cleared")

    def insert(self, triples: Iterable[Triple], graph: Graph) -> None:
        named = skolemise(triples, self._base, str(graph))
        with translated("store"):
            self._store.extend(_quad(triple, graph) for triple in named)

    def remove(self, triples: Iterable[Triple], graph: Graph) -> None:
        with translated("store"):
            for triple in triples:
                self._store.remove(_quad(triple, graph))

    def update(self, sparql: str) -> None:
        refuse_network(sparql)
        refuse_glued(sparql)
        with parsing("update"):
            self._store.update(sparql)
            if may_make_blank_nodes(sparql):
                self._name_blank_nodes()

    def _name_blank_nodes(self) -> None:
        """Give an IRI to every blank node that an update made; there were none before it."""
        blank: dict[Graph, list[Triple]] = {}
        answer = self._store.query(
            "SELECT ?g ?s ?p ?o {{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }"
            " FILTER(isBlank(?s) || isBlank(?o)) }"
        )
        assert isinstance(answer, QuerySolutions)
        for s, p, o, g in ((row["s"], row["p"], row["o"], row["g"]) for row in answer):
            graph = g if isinstance(g, NamedNode) else DEFAULT
            blank.setdefault(graph, []).append(Triple(s, p, o))
        for graph, triples in blank.items():
            assert all(has_blank(triple) for triple in triples)
            self.remove(triples, graph)
            self.insert(triples, graph)


def loading_pays(gone: int, kept: int) -> bool:
    """Tell whether loading *kept* triples is cheaper than removing *gone* ones."""
    return gone > MANY_TRIPLES and kept <= _KEPT_FOR_ONE_GONE * gone


def pieces(ntriples: bytes | BinaryIO | Iterable[bytes], size: int = LOAD_BYTES) -> Iterator[bytes]:
    """Yield whole lines in pieces of about *size* bytes."""
    if isinstance(ntriples, bytes):
        if len(ntriples) <= size:
            yield ntriples
            return
        ntriples = io.BytesIO(ntriples)
    if hasattr(ntriples, "read"):
        file = cast(BinaryIO, ntriples)
        while block := file.read(size):
            yield block + file.readline()
        return
    parts: list[bytes] = []
    collected = 0
    for part in ntriples:
        parts.append(part if part.endswith(b"\n") or not part else part + b"\n")
        collected += len(part)
        if collected >= size:
            yield b"".join(parts)
            parts, collected = [], 0
    if parts:
        yield b"".join(parts)
