"""One write on a remote store: what it changes is kept here, over what the server has, and sent at its end.

Each graph that is written is in one of two ways here. A *whole* one is here with all it holds: the server had none of it, or
it was cleared. Of any other the difference is here, what came and what went; and where somebody asks for more than one triple
of it, the server's part is fetched, and it is *held* as well. So an import brings its dataset and the difference of the union,
and neither is fetched.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import BinaryIO

import pyoxigraph as ox
from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Triple,
)

from fairgraph.store.engine import LOAD_BYTES, EngineWriter, pieces, translated
from fairgraph.store.guard import refuse_glued, refuse_network, skolemise, skolemise_lines
from fairgraph.store.merging import Merges
from fairgraph.store.protocol import DEFAULT, Graph, Scope
from fairgraph.store.reach import reach
from fairgraph.store.remote_reader import RemoteReader
from fairgraph.store.server import Server
from fairgraph.store.state import State


class RemoteWriter(RemoteReader):
    """A Writer over a server that learns nothing of it before the end; see ``publishing`` for that."""

    piece_bytes = LOAD_BYTES

    def __init__(self, server: Server, state: State) -> None:
        super().__init__(server, state, Merges())
        self._open = ExitStack()
        folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="fairgraph-write-"))
        base = state.base
        self.here, self.came, self.went = (
            self._open.enter_context(_engine(f"{folder}/{name}", base))
            for name in ("here", "came", "went")
        )
        self._folder = folder
        self.whole: set[Graph] = set()
        """Graphs that are here with all that they hold."""
        self.emptied: set[Graph] = set()
        """Those of them of which the server still has what they were."""
        self._held: set[Graph] = set()
        self._changed: set[Graph] = set()

    @property
    def version(self) -> str:
        return f"{self._state.version}+"

    @property
    def state(self) -> State:
        """The state of the server that is written over."""
        return self._state

    @property
    def is_changed(self) -> bool:
        """True if anything was written."""
        return bool(self._changed)

    def changed(self) -> list[Graph]:
        """Return the graphs of which the difference is here, in order."""
        return sorted(self._changed - self.whole, key=str)

    # Writing

    def load(
        self,
        graph: Graph,
        ntriples: bytes | BinaryIO | Iterable[bytes],
        *,
        checked: bool = False,
    ) -> None:
        self._touch(graph)
        chunks = pieces(ntriples, self.piece_bytes)
        base = self._state.base
        for chunk in chunks if checked else skolemise_lines(chunks, base, str(graph)):
            for target in self._targets(graph):
                target.load(graph, chunk, checked=checked)
        self._back_again(graph)

    def insert(self, triples: Iterable[Triple], graph: Graph) -> None:
        self._touch(graph)
        known = skolemise(triples, self._state.base, str(graph))
        for target in self._targets(graph):
            target.insert(known, graph)
        if graph not in self.whole:
            self.went.remove(known, graph)

    def remove(self, triples: Iterable[Triple], graph: Graph) -> None:
        self._touch(graph)
        for triple in triples:
            for target in self._targets(graph):
                target.remove([triple], graph)
            if graph not in self.whole:
                self.went.insert([triple], graph)

    def clear(self, *graphs: Graph) -> None:
        for graph in graphs:
            self._touch(graph)
            if graph not in self.whole:
                self.emptied.add(graph)
            self.whole.add(graph)
            self._held.add(graph)
            for store in (self.here, self.came, self.went):
                store.clear(graph)

    def update(self, sparql: str) -> None:
        refuse_network(sparql)
        refuse_glued(sparql)
        known = {graph.value: graph for graph in self.graphs()}
        named, default = reach(sparql, known)
        graphs: list[Graph] = [known[name] for name in sorted(named)]
        if default:
            graphs.append(DEFAULT)
        for graph in graphs:
            self._hold(graph)
        with (
            tempfile.TemporaryDirectory(dir=self._folder) as folder,
            _engine(folder, self._state.base) as before,
        ):
            kept = [graph for graph in graphs if graph not in self.whole]
            for graph in kept:
                _copy(self.here, before, graph)
            self.here.update(sparql)
            for graph in kept:
                self._take_difference(graph, before)
        for made in self.here.graphs():
            if made not in self._held:
                self._touch(made)
                if made not in self.whole:  # it was there, and nobody saw it named
                    _copy(self.here, self.came, made)
                    self.here.clear(made)

    def _take_difference(self, graph: Graph, before: EngineWriter) -> None:
        """Add what an update did to a graph to what came and what went."""
        self._touch(graph)
        gone = [t for t in before.triples(graph) if not self.here.contains(t, graph)]
        new = [t for t in self.here.triples(graph) if not before.contains(t, graph)]
        self.came.remove(gone, graph)
        self.went.insert(gone, graph)
        self.went.remove(new, graph)
        self.came.insert(new, graph)

    def _targets(self, graph: Graph) -> list[EngineWriter]:
        if graph in self.whole:
            return [self.here]
        return [self.came, self.here] if graph in self._held else [self.came]

    def _back_again(self, graph: Graph) -> None:
        """Forget of a triple that came that it went before."""
        again = [t for t in self.went.triples(graph) if self.came.contains(t, graph)]
        self.went.remove(again, graph)

    def _touch(self, graph: Graph) -> None:
        """Know of a graph that is written; one that the server does not have is whole from the start."""
        if graph in self._changed:
            return
        if graph not in self._held and not self._answered("ASK { ?s ?p ?o }", Scope((graph,))):
            self.whole.add(graph)
            self._held.add(graph)
        self._changed.add(graph)

    def _hold(self, graph: Graph) -> None:
        """Have all of a graph here, as it is by now."""
        if graph in self._held:
            return
        with self._fetched(graph) as file:
            self.here.load(graph, file, checked=True)
        self.here.remove(self.went.triples(graph), graph)
        _copy(self.came, self.here, graph)
        self._held.add(graph)

    # Reading: the server, as long as it knows better

    def query(self, query: str, scope: Scope) -> QuerySolutions | QueryTriples | QueryBoolean:
        if not self._changed.intersection((*scope.default, *scope.named)):
            return super().query(query, scope)
        for graph in (*scope.default, *scope.named):
            self._hold(graph)
        return self.here.query(query, scope)

    def triples(self, graph: Graph) -> Iterator[Triple]:
        if graph not in self._changed and graph not in self._held:
            return super().triples(graph)
        self._hold(graph)
        return self.here.triples(graph)

    def dump(self, graph: Graph, output: BinaryIO) -> None:
        if graph not in self._changed and graph not in self._held:
            super().dump(graph, output)
            return
        self._hold(graph)
        self.here.dump(graph, output)

    def contains(self, triple: Triple, graph: Graph) -> bool:
        if graph in self._held:
            return self.here.contains(triple, graph)
        if self.came.contains(triple, graph):
            return True
        if self.went.contains(triple, graph):
            return False
        return bool(self._answered(f"ASK {{ {triple} }}", Scope((graph,))))

    def holders(self, triples: Iterable[Triple]) -> Iterator[tuple[Triple, list[Graph]]]:
        for triple, found in super().holders(triples):
            graphs: dict[Graph, None] = {
                graph: None
                for graph in found
                if graph not in self.whole and not self.went.contains(triple, graph)
            }
            graphs.update(dict.fromkeys(self.came.graphs_with(triple)))
            in_whole = (graph for graph in self.here.graphs_with(triple) if graph in self.whole)
            graphs.update(dict.fromkeys(in_whole))
            yield triple, list(graphs)

    def graphs(self) -> list[NamedNode]:
        found = {graph for graph in super().graphs() if graph not in self.whole}
        for graph in self._changed:
            if not isinstance(graph, NamedNode):
                continue
            if graph in found and next(self.went.triples(graph), None) is not None:
                self._hold(graph)
            if graph in self._held and next(self.here.triples(graph), None) is None:
                found.discard(graph)
            else:
                found.add(graph)
        return sorted(found, key=str)

    def close(self) -> None:
        super().close()
        self._open.close()


def _engine(folder: str, base: str) -> EngineWriter:
    with translated(folder):
        return EngineWriter(ox.Store(folder), "write", base)


def _copy(source: EngineWriter, target: EngineWriter, graph: Graph) -> None:
    with tempfile.SpooledTemporaryFile(LOAD_BYTES) as file:
        source.dump(graph, file)  # type: ignore[arg-type]
        file.seek(0)
        target.load(graph, file, checked=True)
