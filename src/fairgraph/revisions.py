"""The archive: what datasets were before, as canonical N-Quads under the sha256 of their text.

Canonical means one line for each triple as the store writes it, with the graph, sorted by bytes. There are no blank nodes in
the store, so that sorting is all that it takes. The files are compressed with no time in them: same content, same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from fairgraph.closing import Closing
from fairgraph.errors import StoreError
from fairgraph.sorting import sorted_lines
from fairgraph.store import Graph, Reader, Store

_MEMORY_BYTES = 64 * 1024 * 1024
_PARSE_LINES = 50_000


def _spool() -> BinaryIO:
    return tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # type: ignore[return-value]


class Canonical(Closing):
    """The canonical N-Quads of one graph: sorted lines in a temporary file. Close it after use."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        """Take over *lines*, which are sorted N-Quads."""
        self._file = _spool()
        digest = hashlib.sha256()
        self.triples = 0
        write = self._file.write
        for line in lines:
            digest.update(line)
            write(line)
            self.triples += 1
        self.sha256 = digest.hexdigest()

    def lines(self) -> Iterator[bytes]:
        """Yield the lines in order. Only one iteration at a time."""
        self._file.seek(0)
        yield from self._file

    def archive(self, store: Store) -> None:
        """Keep the text in the archive of *store*, durable when this returns."""
        with _spool() as packed:
            with gzip.GzipFile("", "wb", 6, packed, mtime=0) as file:
                self._file.seek(0)
                while block := self._file.read(1 << 20):
                    file.write(block)
            packed.seek(0)
            store.keep(archive_name(self.sha256), packed)

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()


def archive_name(sha256: str) -> str:
    """Return the name under which the text with this hash is archived."""
    return f"{sha256}.nq.gz"


def canonical(reader: Reader, graph: Graph, name: NamedNode | None = None) -> Canonical:
    """Return the canonical N-Quads of *graph*, as if it were called *name*; memory is bounded, whatever its size."""
    with _spool() as dump:
        reader.dump(graph, dump)
        dump.seek(0)
        ending = f" {name or graph} .\n".encode()
        # N-Triples lines end in " .\n", and sort as the N-Quads lines do: terms hold no bare spaces outside of quotes.
        return Canonical(line[:-3] + ending for line in sorted_lines(dump))


def archived(store: Store, sha256: str) -> Iterator[bytes]:
    """Yield the lines of an archived state; NotFound if it is not there, StoreError if it is damaged."""
    with store.kept(archive_name(sha256)) as packed, gzip.GzipFile(fileobj=packed) as file:
        digest = hashlib.sha256()
        try:
            for line in file:
                digest.update(line)
                yield line
        except (OSError, EOFError) as error:
            raise StoreError(f"the archive is damaged: {error}", where=sha256) from error
        if digest.hexdigest() != sha256:
            raise StoreError("the archive is damaged: not the text it is named after", where=sha256)


def without_graph(lines: Iterable[bytes], graph: NamedNode) -> Iterator[bytes]:
    """Yield N-Triples lines for the N-Quads lines of *graph*."""
    cut = len(f" {graph} .\n".encode())
    for line in lines:
        yield line[:-cut] + b" .\n"


def compare(
    old: Iterable[bytes], new: Iterable[bytes]
) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Yield (removed, None) and (None, added) for the lines that only one of two sorted sequences has."""
    before, after = iter(old), iter(new)
    left, right = next(before, None), next(after, None)
    while left is not None or right is not None:
        if left == right:
            left, right = next(before, None), next(after, None)
        elif right is None or (left is not None and left < right):
            yield left, None
            left = next(before, None)
        else:
            yield None, right
            right = next(after, None)


def parsed(lines: Iterable[bytes]) -> Iterator[Triple]:
    """Yield the triples of N-Quads or N-Triples lines that the store wrote."""
    source = iter(lines)
    while batch := list(islice(source, _PARSE_LINES)):
        for quad in parse(b"".join(batch), format=RdfFormat.N_QUADS, lenient=True):
            yield quad.triple
