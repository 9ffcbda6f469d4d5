"""Triples on their way from an importer to the store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

CHUNK_BYTES = 64 * 1024 * 1024
MEMORY_BYTES = 256 * 1024 * 1024


class Spool:
    """N-Triples text, kept in memory up to 256 MB and in a temporary file beyond.

    An importer writes everything here before the store's write lock is taken, so that a slow or broken input never holds
    the lock, and what was found is known before anything is stored.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115
        self._lines: list[str] = []
        self._triples = 0
        self.write = self._lines.append

    def flush(self) -> None:
        """Move the collected lines to the file; importers call it every few thousand rows."""
        if self._lines:
            text = "".join(self._lines)
            self._triples += text.count("\n")
            self._file.write(text.encode("utf-8", "replace"))
            self._lines.clear()

    @property
    def triples(self) -> int:
        """How many triples were written, repetitions included."""
        self.flush()
        return self._triples

    def chunks(self) -> Iterator[bytes]:
        """Yield the triples as N-Triples bytes, whole lines, about 64 MB each; may be called again."""
        self.flush()
        self._file.seek(0)
        while block := self._file.read(CHUNK_BYTES):
            yield block + self._file.readline()
        self._file.seek(0, 2)

    def close(self) -> None:
        """Forget everything."""
        self._lines.clear()
        self._file.close()
