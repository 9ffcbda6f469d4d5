"""Where the triples are: one protocol, one implementation per kind of store, one contract suite."""

from __future__ import annotations

import os
from pathlib import Path

from fairgraph.store.embedded import DiskStore, MemoryStore
from fairgraph.store.engine import loading_pays, pieces
from fairgraph.store.guard import refuse_network, skolemise, skolemise_lines
from fairgraph.store.protocol import DEFAULT, Graph, Reader, Scope, Store, Writer

__all__ = [
    "DEFAULT",
    "Graph",
    "Reader",
    "Scope",
    "Store",
    "Writer",
    "is_remote",
    "loading_pays",
    "open_store",
    "pieces",
    "refuse_network",
    "skolemise",
    "skolemise_lines",
]

DEFAULT_LOCATION = "fairgraph-data"


def is_remote(location: str) -> bool:
    """Tell whether *location* is the URL of a server."""
    return "://" in location


def open_store(
    location: str | Path | None = None,
    *,
    base: str | None = None,
    create: bool = True,
    timeout: float = 30.0,
) -> Store:
    """Open the store at *location*: a data folder, the URL of a SPARQL 1.1 server, or ``"memory:"`` for one that is gone with the process.

    *location* defaults to ``$FAIRGRAPH_STORE``, else ``./fairgraph-data``. *base* is chosen when a folder is made and
    stays; *create* makes a store where there is none; *timeout* is how many seconds a write waits for another one.
    Raises StoreError if there is no store and *create* is false, or if the folder or the server cannot be used; UsageError if *base* is
    not the one of the folder.

    >>> with open_store("memory:") as store, store.read() as reader:
    ...     reader.graphs()
    []
    """
    where = str(location or os.environ.get("FAIRGRAPH_STORE") or DEFAULT_LOCATION)
    if where == "memory:":
        return MemoryStore(base=base, timeout=timeout)
    if is_remote(where):
        from fairgraph.store.remote import RemoteStore

        return RemoteStore(where, base=base, create=create, timeout=timeout)
    return DiskStore(Path(where), base=base, create=create, timeout=timeout)
