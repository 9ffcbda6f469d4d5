"""Tables of a published dataset as rows: comma-separated, with places, and whether they can be written again as they are."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from fairgraph.errors import SourceError
from fairgraph.importers.pennsieve_files import PublishedFiles

csv.field_size_limit(64 * 1024 * 1024)
Row = tuple[int, list[str]]


@dataclass
class Table:
    """What is known of a table after its rows were read: its line end, and whether the usual writer would write the same bytes."""

    name: str
    line_end: str = "\r\n"
    is_usual: bool = True


class _Hashed(io.RawIOBase):
    """A stream of bytes that takes their checksum while they are read, and the line end of the first line."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.sha256 = hashlib.sha256()
        self.line_end = ""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        block: bytes = self._stream.read(len(view))
        view[: len(block)] = block
        self.sha256.update(block)
        if not self.line_end and b"\n" in block:
            end = block.index(b"\n")
            self.line_end = "\r\n" if block[end - 1 : end] == b"\r" else "\n"
        return len(block)


class _Rewritten(io.TextIOBase):
    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()

    def write(self, text: str) -> int:
        self.sha256.update(text.encode())
        return len(text)


def rows(files: PublishedFiles, name: str, table: Table) -> Iterator[Row]:
    """Yield ``(line, cells)`` of a table, its header first; *line* is where a row begins, from 1. SourceError if it is no table."""
    with files.open(name) as stream:
        hashed = _Hashed(stream)
        text = io.TextIOWrapper(io.BufferedReader(hashed), "utf-8-sig", newline="")
        reader = csv.reader(text)
        rewritten = _Rewritten()
        line = 1
        writer = None
        try:
            for cells in reader:
                if writer is None:
                    table.line_end = hashed.line_end or table.line_end
                    writer = csv.writer(rewritten, lineterminator=table.line_end)
                if cells:
                    writer.writerow(cells)
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            where = f"{files.where(name)}:{line}"
            raise SourceError(f"is no comma-separated text: {error}", where=where) from error
        except UnicodeDecodeError as error:
            where = f"{files.where(name)}:{line}"
            raise SourceError("is not UTF-8", where=where) from error
        table.is_usual = hashed.sha256.digest() == rewritten.sha256.digest()
