"""The end of a write on a server: one update request, which is one transaction there, and which does nothing if somebody was faster.

Every operation of it holds only while the version of the store is the one that the write began with, and the last of them
makes another one. So the whole request counts, or none of it. What is too large for a request is brought before, into graphs
that nobody sees, and put in its place by the same request.
"""

from __future__ import annotations

import contextlib
import tempfile
from typing import BinaryIO

from pyoxigraph import NamedNode

from fairgraph.errors import StoreError, StoreLocked
from fairgraph.store.engine import EngineWriter
from fairgraph.store.folder import step
from fairgraph.store.protocol import Graph
from fairgraph.store.remote_writer import RemoteWriter
from fairgraph.store.server import Server
from fairgraph.store.state import (
    STAGING,
    all_graphs,
    at_version,
    moved,
    named,
    new_version,
    state_of,
)

# What is brought before and then put in its place is written twice and removed once, which takes the server five times as long.
INLINE_BYTES = 48 * 1024 * 1024
_MEMORY_BYTES = 16 * 1024 * 1024
_ALL = "?s ?p ?o"


def publish(server: Server, writer: RemoteWriter) -> None:
    """Make a write count. Raises StoreLocked if another one came first: then nothing of this one is there."""
    if not writer.is_changed:
        return
    request = _Request(server, writer.state.version)
    try:
        request.take(writer)
        step("staged")
        request.send()
    except BaseException:
        request.forget()
        raise
    step("published")


class _Request:
    """One update request on its way."""

    def __init__(self, server: Server, old: str) -> None:
        self._server, self._old, self._new = server, old, new_version()
        self._operations: list[str] = []
        self._staged: list[NamedNode] = []
        self._room = INLINE_BYTES

    def take(self, writer: RemoteWriter) -> None:
        """Take what a write changed; bring the large parts of it."""
        for graph in sorted(writer.whole, key=str):
            if graph in writer.emptied:
                self._add("DELETE", graph, _ALL, f"GRAPH {named(graph)} {{ {_ALL} }}")
            self._part("INSERT", graph, writer.here)
        for graph in writer.changed():
            self._part("DELETE", graph, writer.went)
            self._part("INSERT", graph, writer.came)

    def _part(self, verb: str, graph: Graph, source: EngineWriter) -> None:
        """Add the triples that *source* has of a graph, or take them out."""
        with tempfile.SpooledTemporaryFile(_MEMORY_BYTES) as file:
            source.dump(graph, file)  # type: ignore[arg-type]
            size = file.tell()
            file.seek(0)
            if not size:
                return
            text = file.read().decode() if size <= self._room else ""
            # SPARQL reads \u escapes before anything else, N-Triples does not: a backslash before a u is not for a request.
            if text and "\\\\u" not in text and "\\\\U" not in text:
                self._room -= size
                self._add(verb, graph, text, "")
                return
            file.seek(0)
            staging = self._stage(file)  # type: ignore[arg-type]
        self._add(verb, graph, _ALL, f"GRAPH {staging} {{ {_ALL} }}")

    def _stage(self, ntriples: BinaryIO) -> NamedNode:
        graph = NamedNode(f"{STAGING}{self._new}:{len(self._staged)}")
        self._staged.append(graph)
        self._server.send(graph.value, ntriples)
        return graph

    def _add(self, verb: str, graph: Graph, triples: str, where: str) -> None:
        self._operations.append(
            f"{verb} {{ GRAPH {named(graph)} {{ {triples} }} }} WHERE {{ {at_version(self._old)} {where} }}"
        )

    def send(self) -> None:
        """Send the request, and see what became of it."""
        left = [graph for graph in all_graphs(self._server) if graph.value.startswith(STAGING)]
        # As long as nobody knows what becomes of the request, what it would put in its place stays: it may only be late.
        staged, self._staged = self._staged, []
        try:
            self._server.update(" ;\n".join([*self._operations, moved(self._old, self._new)]))
        except StoreError as error:
            is_done = self._counts_after_all(error)
            self._staged = staged
            if not is_done:
                raise
        else:
            self._staged = staged
            self._check()
        # What others brought before this is void now: it was for a version that has gone.
        self._staged += [graph for graph in left if graph not in self._staged]
        self.forget()

    def _check(self) -> None:
        if not self._counts():
            raise StoreLocked(
                "somebody else wrote to the store at the same time, and nothing was written",
                where=self._server.at.update,
                hint="try again",
            )

    def _counts(self) -> bool:
        state = state_of(self._server)
        return state is not None and self._new in (state.version, state.before)

    def _counts_after_all(self, error: StoreError) -> bool:
        """Tell what became of a request whose answer was lost, and see to it that it does nothing later."""
        try:
            self._server.update(moved(self._old, new_version()))
            return self._counts()
        except StoreError:
            raise StoreError(
                f"it is not known whether the write was done: {error.message}",
                where=error.where,
                hint="look at it (fairgraph list, history) when the server is there again",
            ) from error

    def forget(self) -> None:
        """Take away what was brought; what cannot be taken away now, the next write takes."""
        with contextlib.suppress(StoreError):
            for graph in self._staged:
                self._server.update(f"DROP SILENT GRAPH {graph}")
