"""The ISA-Tab investigation file as blocks of labelled values (ISA-Tab, Investigation File)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fairgraph.errors import SourceError
from fairgraph.importers.tsv import TsvFile
from fairgraph.report import Finding, Report

SECTIONS = frozenset(
    {
        "ONTOLOGY SOURCE REFERENCE",
        "INVESTIGATION",
        "INVESTIGATION PUBLICATIONS",
        "INVESTIGATION CONTACTS",
        "STUDY",
        "STUDY DESIGN DESCRIPTORS",
        "STUDY PUBLICATIONS",
        "STUDY FACTORS",
        "STUDY ASSAYS",
        "STUDY PROTOCOLS",
        "STUDY CONTACTS",
    }
)
_COMMENT = re.compile(r"comment\s*\[(.*)\]\s*", re.IGNORECASE | re.DOTALL)


@dataclass
class Block:
    """One section: its values by label (lower case, without the leading Investigation or Study), and its comments."""

    section: str
    line: int
    values: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    comments: list[tuple[str, int, list[str]]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    @property
    def width(self) -> int:
        """How many objects the section describes: the last column that holds anything."""
        rows = [*self.values.values(), *(cells for _, _, cells in self.comments)]
        return max((n + 1 for row in rows for n, cell in enumerate(row) if cell), default=0)

    def get(self, label: str, column: int = 0) -> str:
        """Return the value of *label* (lower case) for one object, ``""`` if there is none."""
        self.used.add(label)
        row = self.values.get(label, ())
        return row[column] if column < len(row) else ""

    def column_comments(self, column: int) -> Iterator[tuple[str, int, str]]:
        """Yield name, line and text of the comments on one object."""
        for name, line, cells in self.comments:
            if column < len(cells) and cells[column]:
                yield name, line, cells[column]

    def cells(self, column: int) -> Iterator[tuple[str, int, str]]:
        """Yield label (as written), line and value of all that the section says about one object."""
        for label, cells in self.values.items():
            if column < len(cells) and cells[column]:
                yield self.labels[label], self.lines[label], cells[column]

    def rest(self, column: int) -> Iterator[tuple[str, int, str]]:
        """Yield what no label of the standard took, as :meth:`cells` does."""
        taken = {self.labels[label] for label in self.used & self.labels.keys()}
        return (cell for cell in self.cells(column) if cell[0] not in taken)


def read_blocks(file: TsvFile, report: Report) -> list[Block]:
    """Read the sections in the order of the file; raise SourceError if it has none, or not one value."""
    blocks: list[Block] = []
    line = 0
    for line, raw in file.rows():
        cells = [cell.strip() for cell in raw]
        head = " ".join(cells[0].upper().split())
        if head in SECTIONS and not any(cells[1:]):
            blocks.append(Block(head, line))
        elif not any(cells):
            continue
        elif not blocks:
            raise SourceError(
                f"expected a section heading such as INVESTIGATION, found {cells[0][:60]!r}",
                where=f"{file.name}:{line}:1",
                hint="is this the investigation file (i_*.txt) of an ISA-Tab folder?",
            )
        else:
            _read_line(blocks[-1], line, cells, file.name, report)
    if not blocks:
        raise SourceError(
            "is empty: no section heading was found", where=f"{file.name}:{line or 1}:1"
        )
    if not any(block.width for block in blocks):
        raise SourceError(
            "holds section headings and labels but not a single value: there is nothing to import",
            where=f"{file.name}:{line}:1",
        )
    return blocks


def _read_line(block: Block, line: int, cells: list[str], name: str, report: Report) -> None:
    values = cells[1:]
    if match := _COMMENT.fullmatch(cells[0]):
        block.comments.append((match.group(1).strip(), line, values))
        return
    label = _label(block.section, cells[0])
    if label in block.values:
        where = f"{name}:{line}:1"
        message = f"{cells[0]!r} is given twice in one section; the second is kept as a comment"
        report.add(Finding("warning", "isa-repeated-label", message, code="5", where=where))
        block.comments.append((cells[0], line, values))
        return
    block.values[label], block.lines[label], block.labels[label] = values, line, cells[0]


def _label(section: str, text: str) -> str:
    label = " ".join(text.lower().split())
    prefix = section.split()[0].lower() + " "
    return label.removeprefix(prefix)
