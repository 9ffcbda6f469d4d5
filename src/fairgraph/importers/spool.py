"""Triples on their way from an importer to the store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

CHUNK_BYTES = 16 * 1024 * 1024
MEMORY_BYTES = 16 * 1024 * 1024


class Spool:
    """N-Triples text, kept in memory up to 16 MB and in a temporary file beyond.

    An importer writes everything here before the store's write lock is taken, so that a slow or broken input never holds
    the lock, and what was found is known before anything is stored.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._chunks: list[bytes] = []
        self._bytes = 0
        self._triples = 0
        self._file: IO[bytes] | None = None
        self.write = self._lines.append

    def flush(self) -> None:
        """Turn the collected lines into a chunk; importers call it every few thousand rows."""
        if not self._lines:
            return
        text = "".join(self._lines)
        self._lines.clear()
        chunk = text.encode("utf-8", "replace")
        self._triples += text.count("\n")
        self._bytes += len(chunk)
        self._chunks.append(chunk)
        if self._bytes > MEMORY_BYTES:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - close() closes it
            self._file.writelines(self._chunks)
            self._chunks.clear()

    @property
    def triples(self) -> int:
        """How many triples were written, repetitions included."""
        self.flush()
        return self._triples

    def chunks(self) -> Iterator[bytes]:
        """Yield the triples as N-Triples bytes, whole lines, 16 MB at most or one piece as it was written; may be called again."""
        self.flush()
        if self._file is not None:
            self._file.seek(0)
            while block := self._file.read(CHUNK_BYTES):
                yield block + self._file.readline()
            self._file.seek(0, 2)
        yield from self._chunks

    def close(self) -> None:
        """Forget everything."""
        self._lines.clear()
        self._chunks.clear()
        if self._file is not None:
            self._file.close()
