"""Several graphs as one default graph, each triple once: the engine counts a triple twice that is in two of them (oxigraph#1919).

Where the union is one of them, what the others say beyond it goes into one graph more, in a copy of the snapshot that shares its files:
the cost is that of the other graphs, not of the store. Graphs that a caller picks are copied into memory.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import os
import shutil
import tempfile
import threading
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import NamedNode, RdfFormat

from fairgraph.store.protocol import DEFAULT, Graph, Scope

MERGED = NamedNode("urn:fairgraph:merged")
"""What the default graphs of a caller say beyond the union; in copies of snapshots alone."""
_KEPT = 4
# For each triple a look into an index: the union may be many times as large.
_TOLD = f"SELECT ?s ?p ?o {{ GRAPH {MERGED} {{ ?s ?p ?o }} FILTER EXISTS {{ ?s ?p ?o }} }}"
View = tuple[ox.Store, tuple[Graph, ...]]


class Merges:
    """The merged stores of one state: the last few, in memory."""

    def __init__(self) -> None:
        self._known: dict[Scope, View] = {}
        self._lock = threading.Lock()

    def view(self, store: ox.Store, scope: Scope) -> View:
        """Return a store and the default graphs in it that answer for *scope*, which has several, with each triple once."""
        with self._lock:
            found = self._known.get(scope)
            if found is None:
                found = self._made(store, scope)
                while len(self._known) >= _KEPT:
                    del self._known[next(iter(self._known))]
                self._known[scope] = found
            return found

    def clear(self) -> None:
        """Let them go."""
        self._known.clear()

    def _made(self, store: ox.Store, scope: Scope) -> View:
        merged = ox.Store()
        for graph in scope.default:
            _copy(store, graph, merged, DEFAULT)
        for name in scope.named:
            _copy(store, name, merged, name)
        return merged, (DEFAULT,)


class SnapshotMerges(Merges):
    """The merged stores of a snapshot: beside it on disk, made once for all processes, and gone with it."""

    def __init__(self, snapshot: Path) -> None:
        super().__init__()
        self._snapshot = snapshot

    def _made(self, store: ox.Store, scope: Scope) -> View:
        if DEFAULT not in scope.default:
            return super()._made(store, scope)
        others = sorted({str(graph) for graph in scope.default} - {str(DEFAULT)})
        key = hashlib.sha256("\n".join(others).encode()).hexdigest()[:16]
        place = self._snapshot.with_name(f"{self._snapshot.name}.merged-{key}")
        if not place.is_dir():
            part = place.with_name(f"{place.name}.{os.getpid()}.part")
            try:
                _make(store, [g for g in scope.default if g != DEFAULT], part)
                # Whoever was faster made the same.
                with contextlib.suppress(OSError):
                    part.rename(place)
            except OSError:
                return super()._made(store, scope)  # where nothing can be written
            finally:
                shutil.rmtree(part, ignore_errors=True)
        return ox.Store.read_only(str(place)), (DEFAULT, MERGED)


def _make(store: ox.Store, others: list[Graph], place: Path) -> None:
    """Copy a snapshot, and put there into one graph what *others* say beyond the union."""
    store.backup(str(place))
    merged = ox.Store(str(place))
    # One load for many graphs: each makes files of its own.
    with tempfile.TemporaryFile() as file:
        for graph in others:
            store.dump(file, RdfFormat.N_TRIPLES, from_graph=graph)
        file.seek(0)
        merged.bulk_load(file, RdfFormat.N_TRIPLES, to_graph=MERGED, lenient=True)
    told = merged.query(_TOLD, default_graph=[DEFAULT], named_graphs=[MERGED])
    assert isinstance(told, ox.QuerySolutions)
    for quad in [ox.Quad(row["s"], row["p"], row["o"], MERGED) for row in told]:
        merged.remove(quad)
    merged.flush()
    del told
    # It is opened again, read-only, as soon as it has its name.
    del merged
    gc.collect()


def _copy(source: ox.Store, graph: Graph, target: ox.Store, to_graph: Graph) -> None:
    buffer = io.BytesIO()
    source.dump(buffer, RdfFormat.N_TRIPLES, from_graph=graph)
    buffer.seek(0)
    target.bulk_load(buffer, RdfFormat.N_TRIPLES, to_graph=to_graph, lenient=True)
