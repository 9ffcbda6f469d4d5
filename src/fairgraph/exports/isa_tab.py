"""ISA-Tab out of the graph (ISA Model and Serialization Specifications 1.0, ISA-Tab format)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from fairgraph.exports.export import Answers, Export
from fairgraph.exports.isa_tab_cells import TableCells
from fairgraph.exports.isa_tab_facts import Facts
from fairgraph.exports.isa_tab_investigation import (
    DEFAULT_NAME,
    Remark,
    investigation_rows,
)
from fairgraph.exports.isa_tab_rows import StatedRow, TableRows
from fairgraph.exports.isa_view import IsaView, read_view
from fairgraph.exports.package import File, write_zip
from fairgraph.terms import ISA, SCHEMA

_LINE_END = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'[\t\r\n"]')


def files(answers: Answers) -> Iterator[File]:
    """Yield the files of one investigation: the investigation file, then each study with its assays."""
    view = read_view(answers)
    normalise = answers.options.get("normalise", "") not in ("", "no", "false", "0")
    yield view.text(view.root, ISA.fileName) or DEFAULT_NAME, _investigation(view, normalise)
    stated = _stated_rows(answers)
    cells = frozenset(c for rows in stated.values() for row in rows for c in row.cells.values())
    facts = Facts(view)
    written: dict[str, list[bytes]] = {}
    for study in view.links(view.root, SCHEMA.hasPart):
        if not view.is_a(study, ISA.Study):
            continue
        shown: set[str] = set()
        assays = [a for a in view.links(study, SCHEMA.hasPart) if view.is_a(a, ISA.Assay)]
        tables = {}
        for table in (*assays, study):  # what assays show of a sample need not stand in the study
            tables[table] = _table(view, facts, table, stated.get(table, ()), cells, shown)
        for table in (study, *assays):
            name = view.text(table, ISA.fileName)
            # Two assays may name one file; it is written once, unless an update made them differ.
            while name and name in written and written[name] != tables[table]:
                name = f"{name.removesuffix('.txt')}-2.txt"
            if name and name not in written:
                written[name] = tables[table]
                yield name, tables[table]


def write(answers: Answers, output: BinaryIO) -> None:
    """Write one investigation as a ZIP of its ISA-Tab files, always the same bytes for the same graph."""
    write_zip(files(answers), output)


def _investigation(view: IsaView, normalise: bool) -> Iterator[bytes]:
    for row in investigation_rows(view, normalise=normalise):
        if isinstance(row, Remark):
            yield ("\t".join(row) + "\n").encode()
        else:
            yield _line(row).encode()


def _stated_rows(answers: Answers) -> dict[str, list[StatedRow]]:
    """Read the rows that the graph states, by table."""
    rows: dict[str, StatedRow] = {}
    tables: dict[str, dict[str, StatedRow]] = {}
    for table, row, line, remark, thing in answers.rows("rows"):
        found = rows.get(row.value)
        if found is None:
            found = rows[row.value] = StatedRow(int(line.value))
            tables.setdefault(table.value, {})[row.value] = found
        if remark is not None:
            found.remark = remark.value
        if thing is not None:
            found.passes.add(thing.value)
    for row, column, shown in answers.rows("cells"):
        if row.value in rows:
            rows[row.value].cells[column.value] = "" if shown is None else shown.value
    return {table: list(members.values()) for table, members in tables.items()}


def _table(
    view: IsaView,
    facts: Facts,
    table: str,
    stated: Sequence[StatedRow],
    cells: frozenset[str],
    shown: set[str],
) -> list[bytes]:
    rows = TableRows(view, table, stated)
    lines = TableCells(rows, facts, cells, shown).table()
    return list(_encoded(lines, rows.remarks))


def _encoded(
    rows: Iterable[tuple[int, list[str]]], remarks: Sequence[tuple[int, str]]
) -> Iterator[bytes]:
    """Yield the lines of a table; remarks and empty lines stand where they stood."""
    waiting = list(remarks)
    line = 1
    for place, cells in rows:
        parts: list[str] = []
        while waiting and (waiting[0][0] < place or not place):
            at, remark = waiting.pop(0)
            parts.append("\n" * max(0, at - line) + remark + "\n")
            line = max(line, at) + 1
        if place > line:
            parts.append("\n" * (place - line))
            line = place
        text = _line(cells)
        parts.append(text)
        line += len(_LINE_END.findall(text))
        yield "".join(parts).encode()
    for at, remark in waiting:
        yield ("\n" * max(0, at - line) + remark + "\n").encode()
        line = max(line, at) + 1


def _line(cells: Sequence[str]) -> str:
    text = "\t".join([_cell(cell) for cell in cells])
    if text.startswith("#"):  # a comment, unless the cell is quoted
        text = f'"{cells[0]}"{text[len(cells[0]) :]}'
    return text + "\n"


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


EXPORT = Export(
    "isa-tab",
    "ISA-Tab",
    "export/isa",
    "application/zip",
    "zip",
    write,
    profile="https://isa-specs.readthedocs.io/en/latest/isatab.html",
    group="ISA",
)
