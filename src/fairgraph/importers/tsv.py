"""Tab-separated text as ISA-Tab has it: any encoding, any line end, quotes or none."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import IO

from fairgraph.errors import SourceError
from fairgraph.importers.rules import finding
from fairgraph.report import Report

csv.field_size_limit(64 * 1024 * 1024)

Row = tuple[int, list[str]]
_END = "\x00"  # no text that is read holds it


@dataclass(frozen=True)
class TsvFile:
    """One file of tab-separated values, decoded once and readable as often as needed."""

    name: str
    text: str

    def rows(self) -> Iterator[Row]:
        """Yield ``(line, cells)`` for every row that is neither empty nor a ``#`` comment (ISA-Tab, Format).

        *line* is where the row begins, from 1; cells are as written, blanks included. Newlines inside quotes belong to the cell.
        """
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter="\t")
        line = 1
        try:
            for cells in reader:
                if cells and (not cells[0].startswith("#") or line in self._quoted):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise SourceError(
                f"is not tab-separated text: {error}", where=f"{self.name}:{line}:1"
            ) from error

    def remarks(self) -> Iterator[tuple[int, str]]:
        """Yield ``(line, text)`` for every row that is a ``#`` comment, in the order of the file."""
        if "#" not in self.text:
            return
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter="\t")
        line = 1
        for cells in reader:
            if cells and cells[0].startswith("#") and line not in self._quoted:
                yield line, "\t".join(cells).rstrip()
            line = reader.line_num + 1

    @cached_property
    def _quoted(self) -> frozenset[int]:
        """The lines that begin with a quoted cell that begins with ``#``: data, not a comment."""
        lines = io.StringIO(self.text if '"#' in self.text else "", newline="")
        return frozenset(n for n, line in enumerate(lines, 1) if line.startswith('"#'))


def read_tsv(name: str, stream: IO[bytes], report: Report) -> TsvFile:
    """Decode a file: UTF-8 (with or without BOM), else UTF-16 with BOM, else Windows-1252, else Latin-1, with finding 10."""
    with stream:
        data = stream.read()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16", "cp1252", "latin-1")
    else:
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8-sig":
            report.add(
                finding(
                    "warning",
                    "isa-encoding",
                    f"{name} is not UTF-8 and was read as {encoding}; the standard asks for UTF-8",
                    code="10",
                    where=f"{name}:1:1",
                )
            )
        if "\x00" in text:
            raise SourceError("holds NUL bytes and is not text", where=f"{name}:1:1")
        if found := _open_quote(text):
            report.add(finding("violation", "isa-open-quote", found[1], where=f"{name}:{found[0]}"))
        return TsvFile(name, text)
    raise AssertionError("latin-1 decodes every byte")  # pragma: no cover


_NEVER_CLOSED = "a cell begins with a quotation mark that is never closed: all that follows was read as this cell"
_CLOSED_LATE = (
    "a cell begins with a quotation mark and goes on over line ends to the next one, behind which its text goes on: "
    "is a quotation mark missing, or not written twice?"
)


def _open_quote(text: str) -> tuple[str, str] | None:
    """Return where a quoted cell does not end where it should, and how: before the file does, or at the beginning of another."""
    # Where no cell goes over a line end, every line has an even number of quotation marks.
    lines = list(io.StringIO(text if '"' in text else "", newline=""))
    if all(line.count('"') % 2 == 0 for line in lines):
        return None
    start = 0
    while start < len(lines):
        rest = (lines[n] for n in range(start, len(lines)))
        reader = csv.reader(chain(rest, [_END]), delimiter="\t", strict=True)
        before = 0  # lines read when the row began
        try:
            for _ in reader:
                before = reader.line_num
            return None
        except csv.Error:
            first = start + before
            row = csv.reader(
                chain((lines[n] for n in range(first, len(lines))), [_END]), delimiter="\t"
            )
            next(row)
            if row.line_num > 1:
                column = len(next(csv.reader([lines[first]], delimiter="\t")))
                at_end = first + row.line_num > len(lines)
                return f"{first + 1}:{column}", _NEVER_CLOSED if at_end else _CLOSED_LATE
            start += reader.line_num
    return None
