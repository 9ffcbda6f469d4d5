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
from collections.abc import Callable, Hashable
from functools import partial
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
Copy = Callable[[Graph, ox.Store, Graph], None]
"""Copies a graph of some source into a store, where it is called as the last argument says."""


def merged(scope: Scope, copy: Copy) -> View:
    """Return a store in memory, and the default graph in it that says what those of *scope* say, each triple once."""
    target = ox.Store()
    for graph in scope.default:
        copy(graph, target, DEFAULT)
    for name in scope.named:
        copy(name, target, name)
    return target, (DEFAULT,)


class _Entry:
    """One merged store, made by whoever asks first; others who ask for it wait, and nobody else does."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.view: View | None = None


class Merges:
    """The last few merged stores."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._entries: dict[Hashable, _Entry] = {}
        self._kept = kept
        self._lock = threading.Lock()

    def remembered(self, key: Hashable, make: Callable[[], View]) -> View:
        """Return what *make* made for *key*, which says all that it depends on."""
        with self._lock:
            if key not in self._entries:
                while len(self._entries) >= self._kept:
                    del self._entries[next(iter(self._entries))]
                self._entries[key] = _Entry()
            entry = self._entries[key]
        with entry.lock:
            if entry.view is None:
                entry.view = make()
            return entry.view

    def view(self, store: ox.Store, scope: Scope) -> View:
        """Return a store and the default graphs in it that answer for *scope*, which has several, with each triple once.

        *store* is always the same one: the state that this belongs to.
        """
        return self.remembered(scope, lambda: self._made(store, scope))

    def clear(self) -> None:
        """Let them go."""
        with self._lock:
            self._entries.clear()

    def _made(self, store: ox.Store, scope: Scope) -> View:
        return merged(scope, partial(_copy, store))


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
            part = place.with_name(f"{place.name}.{os.getpid()}-{threading.get_ident()}.part")
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
    copy = ox.Store(str(place))
    # One load for many graphs: each makes files of its own.
    with tempfile.TemporaryFile() as file:
        for graph in others:
            store.dump(file, RdfFormat.N_TRIPLES, from_graph=graph)
        file.seek(0)
        copy.bulk_load(file, RdfFormat.N_TRIPLES, to_graph=MERGED, lenient=True)
    told = copy.query(_TOLD, default_graph=[DEFAULT], named_graphs=[MERGED])
    assert isinstance(told, ox.QuerySolutions)
    for quad in [ox.Quad(row["s"], row["p"], row["o"], MERGED) for row in told]:
        copy.remove(quad)
    copy.flush()
    del told
    # It is opened again, read-only, as soon as it has its name.
    del copy
    gc.collect()


def _copy(source: ox.Store, graph: Graph, target: ox.Store, to_graph: Graph) -> None:
    buffer = io.BytesIO()
    source.dump(buffer, RdfFormat.N_TRIPLES, from_graph=graph)
    buffer.seek(0)
    target.bulk_load(buffer, RdfFormat.N_TRIPLES, to_graph=to_graph, lenient=True)
