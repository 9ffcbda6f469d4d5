"""The ISA-Tab investigation file as blocks of labelled values (ISA-Tab, Investigation File)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fairgraph.errors import SourceError
from fairgraph.importers.tsv import TsvFile
from fairgraph.isa.sections import Key, heading, label_key, row_keys, standard_labels
from fairgraph.report import Finding, Report


@dataclass(frozen=True)
class Line:
    """One row below a heading: its label as written, what it is, where it stands, and a cell for each object."""

    label: str
    key: Key
    number: int
    cells: list[str]

    def cell(self, column: int) -> str:
        """Return the cell of one object, ``""`` if there is none."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True)
class Other:
    """A value that no label of the standard took; ``label`` is how its row is labelled, unless it is a comment's."""

    name: str
    text: str
    key: Key
    where: str
    label: str | None = None


@dataclass
class Part:
    """A section as it stands in one place of the file; ``first`` is the number of its first object among all of the section."""

    section: str
    heading: str
    line: int
    position: int
    rows: list[tuple[int, str, list[str]]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    first: int = 0

    @property
    def width(self) -> int:
        """How many objects the part describes: the last column that holds anything."""
        cells = (cells for _, _, cells in self.rows)
        return max((n + 1 for row in cells for n, cell in enumerate(row) if cell), default=0)

    def line_of(self, label: str) -> Line | None:
        """Return the row with a label of the standard, given by its key."""
        return next((line for line in self.lines if line.key[:2] == ("", label)), None)

    def others(self, column: int) -> list[Line]:
        """Return the rows that are not the standard's and say something about one object (or stand before one of the same name)."""
        last: dict[tuple[str, str], int] = {}
        for line in self.lines:
            if line.key[0] and line.cell(column):
                last[line.key[:2]] = line.key[2]
        return [line for line in self.lines if line.key[2] <= last.get(line.key[:2], -1)]


@dataclass
class Block:
    """One section of the investigation or of a study, with all its parts: values by object and label (as :func:`label_key` gives it)."""

    section: str
    file: str
    parts: list[Part] = field(default_factory=list)

    def append(self, part: Part) -> None:
        """Put the objects of a part behind those that are there."""
        part.first = self.width
        self.parts.append(part)

    @property
    def width(self) -> int:
        """How many objects the section describes."""
        return self.parts[-1].first + self.parts[-1].width if self.parts else 0

    def get(self, label: str, column: int = 0) -> str:
        """Return the value of a label for one object, ``""`` if there is none."""
        part = self._part(column)
        line = part.line_of(label) if part else None
        return line.cell(column - part.first) if part and line else ""

    def where(self, label: str = "", column: int = -1) -> str:
        """Return the place of a value, or of the section."""
        part = self._part(column)
        if part is None:
            return f"{self.file}:1:1"  # a section that is not there has no line
        line = part.line_of(label)
        return (
            f"{self.file}:{line.number if line else part.line}:{max(column - part.first, -1) + 2}"
        )

    def others(self, column: int) -> Iterator[Other]:
        """Yield what no label of the standard took of one object, in the order of the file."""
        if part := self._part(column):
            for line in part.others(column - part.first):
                yield self._other(part, line, column)

    def further(self, column: int) -> Iterator[Other]:
        """Yield all that stands in one column of a section that takes one object."""
        if part := self._part(column):
            others = part.others(column - part.first)
            for line in part.lines:
                if line in others or (not line.key[0] and line.cell(column - part.first)):
                    yield self._other(part, line, column)

    def is_unknown(self, other: Other) -> bool:
        """Tell whether a label is one that the section does not have."""
        known = standard_labels(self.section)
        return other.key[0] == "label" and label_key(self.section, other.key[1]) not in known

    def _part(self, column: int) -> Part | None:
        return next((p for p in reversed(self.parts) if p.first <= column), None) or next(
            iter(self.parts), None
        )

    def _other(self, part: Part, line: Line, column: int) -> Other:
        kind, name, _ = line.key
        label = None if kind == "comment" else name if kind else standard_labels(self.section)[name]
        where = f"{self.file}:{line.number}:{column - part.first + 2}"
        return Other(label or name, line.cell(column - part.first), line.key, where, label)


def read_parts(file: TsvFile, report: Report) -> list[Part]:
    """Read the sections in the order of the file; raise SourceError if it has none, or not one value."""
    parts: list[Part] = []
    line = 0
    for line, raw in file.rows():
        cells = [cell.strip() for cell in raw]
        if (section := heading(cells[0])) and not any(cells[1:]):
            parts.append(Part(section, cells[0], line, len(parts)))
        elif not any(cells):
            continue
        elif not parts:
            raise SourceError(
                f"expected a section heading such as INVESTIGATION, found {cells[0][:60]!r}",
                where=f"{file.name}:{line}:1",
                hint="is this the investigation file (i_*.txt) of an ISA-Tab folder?",
            )
        else:
            parts[-1].rows.append((line, cells[0], cells[1:]))
    if not parts:
        raise SourceError(
            "is empty: no section heading was found", where=f"{file.name}:{line or 1}:1"
        )
    if not any(part.width for part in parts):
        raise SourceError(
            "holds section headings and labels but not a single value: there is nothing to import",
            where=f"{file.name}:{line}:1",
        )
    for part in parts:
        _read_lines(part, file.name, report)
    return parts


def _read_lines(part: Part, name: str, report: Report) -> None:
    keys = row_keys(part.section, [label for _, label, _ in part.rows])
    known = standard_labels(part.section)
    for key, (number, label, cells) in zip(keys, part.rows, strict=True):
        part.lines.append(Line(label, key, number, cells))
        repeated = (
            key[2] if key[0] == "comment" else key[0] and label_key(part.section, label) in known
        )
        if repeated:
            message = f"{label!r} is given twice in one section; the second is kept as a comment"
            where = f"{name}:{number}:1"
            report.add(Finding("warning", "isa-repeated-label", message, code="5", where=where))


def object_keys(part: Part) -> list[list[Key]]:
    """Return, for each object of a part, the rows that are not the standard's and say something about it."""
    return [[line.key for line in part.others(column)] for column in range(part.width)]
