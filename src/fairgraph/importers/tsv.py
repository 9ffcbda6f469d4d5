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
        if where := _open_quote(text):
            message = "a cell begins with a quotation mark that is never closed: all that follows was read as this cell"
            report.add(finding("violation", "isa-open-quote", message, where=f"{name}:{where}"))
        return TsvFile(name, text)
    raise AssertionError("latin-1 decodes every byte")  # pragma: no cover


def _open_quote(text: str) -> str:
    """Return line and column of a quoted cell that does not end before the file does, or ``""``."""
    if text.count('"') % 2 == 0:
        return ""
    end, line = "\x00", 1  # no text that gets here holds it
    reader = csv.reader(chain(io.StringIO(text, newline=""), [end]), delimiter="\t")
    for cells in reader:
        if cells and cells != [end] and cells[-1].endswith(end):
            return f"{line}:{len(cells)}"
        line = reader.line_num + 1
    return ""
