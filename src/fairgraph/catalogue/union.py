"""The union: the store's default graph holds every triple of every public dataset and record once.

It is kept by the write that changes a dataset. Adding is a load, the engine knows what is there already; a triple is taken
out only when no other public graph holds it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator
from typing import BinaryIO

from pyoxigraph import NamedNode, Triple

from fairgraph.store import DEFAULT, Reader, Writer

_MEMORY_BYTES = 64 * 1024 * 1024


def dumped(reader: Reader, *graphs: NamedNode) -> BinaryIO:
    """Return graphs as N-Triples in a temporary file, one after the other."""
    file: BinaryIO = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # type: ignore[assignment]  # noqa: SIM115
    for graph in graphs:
        reader.dump(graph, file)
    file.seek(0)
    return file


def publish(writer: Writer, *graphs: NamedNode) -> None:
    """Put all of *graphs* into the union."""
    with dumped(writer, *graphs) as file:
        writer.load(DEFAULT, file, checked=True)


def withdraw(writer: Writer, triples: Iterable[Triple], others: Collection[str]) -> None:
    """Take *triples* out of the union but for those that one of the graphs *others* holds."""
    writer.remove(_only_here(writer, triples, others), DEFAULT)


def _only_here(
    writer: Writer, triples: Iterable[Triple], others: Collection[str]
) -> Iterator[Triple]:
    for triple, holders in writer.holders(triples):
        if not any(isinstance(graph, NamedNode) and graph.value in others for graph in holders):
            yield triple
