"""ISA-Tab out of the graph (ISA Model and Serialization Specifications 1.0, ISA-Tab format)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO

from fairgraph.exports.export import Answers, Export, File, is_on
from fairgraph.exports.isa_tab_cells import TableCells
from fairgraph.exports.isa_tab_facts import Facts
from fairgraph.exports.isa_tab_investigation import file_name, investigation_rows, row_text
from fairgraph.exports.isa_tab_readme import readme
from fairgraph.exports.isa_tab_rows import StatedRow, TableRows
from fairgraph.exports.isa_view import IsaView, read_view
from fairgraph.exports.package import write_zip
from fairgraph.terms import ISA, SCHEMA

_LINE_END = re.compile(r"\r\n|\r|\n")
NORMALISE = "normalise"


def files(answers: Answers) -> Iterator[File]:
    """Yield the files of one investigation: investigation, studies and assays, and a README that says what could not be said."""
    view = read_view(answers)
    normalise = is_on(answers.options, NORMALISE)
    tables = _tables(view, _stated_rows(answers))
    names = _names(view, tables)
    notes: list[str] = []
    rows = investigation_rows(view, normalise=normalise, notes=notes, tables=names)
    yield file_name(view), [row_text(row).encode() for row in rows]
    written: set[str] = set()
    for table, name in names.items():
        if name not in written:  # two assays may name one file, and have it in common
            written.add(name)
            yield name, tables[table]
    yield "README.md", [readme(view, file_name(view), names, notes).encode()]


def write(answers: Answers, output: BinaryIO) -> None:
    """Write one investigation as a ZIP of its ISA-Tab files, always the same bytes for the same graph."""
    write_zip(files(answers), output)


def _tables(view: IsaView, stated: dict[str, list[StatedRow]]) -> dict[str, list[bytes]]:
    """Return the lines of every table that has any, studies before their assays."""
    cells = frozenset(c for rows in stated.values() for row in rows for c in row.cells.values())
    facts = Facts(view)
    found: dict[str, list[bytes]] = {}
    for study in view.links(view.root, SCHEMA.hasPart):
        if view.is_a(study, ISA.Study):
            shown: set[str] = set()
            assays = [a for a in view.links(study, SCHEMA.hasPart) if view.is_a(a, ISA.Assay)]
            lines = {}
            # What an assay shows of a sample need not stand in the table that names the sample first: the study, or an earlier assay.
            for table in (*assays[::-1], study):
                lines[table] = _table(view, facts, table, stated.get(table, ()), cells, shown)
            found.update({table: lines[table] for table in (study, *assays) if lines[table]})
    return found


def _names(view: IsaView, tables: dict[str, list[bytes]]) -> dict[str, str]:
    """Return the name of the file of each table: as it was given, or made from the end of its IRI."""
    names: dict[str, str] = {}
    owner: dict[str, str] = {}
    for table in tables:
        prefix = "s_" if view.is_a(table, ISA.Study) else "a_"
        given = PurePosixPath(view.text(table, ISA.fileName).replace("\\", "/")).name
        name = given or f"{prefix}{table.rpartition('/')[2]}.txt"
        stem, dot, suffix = name.rpartition(".")
        number = 1
        # Two assays may name one file. It stays one, unless an update made them differ.
        while name in owner and tables[owner[name]] != tables[table]:
            number += 1
            name = f"{stem or suffix}-{number}{dot}{suffix if stem else ''}"
        owner.setdefault(name, table)
        names[table] = name
    return names


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
    if not rows.rows and not rows.stages.all:
        return []  # a table that the investigation names, and that was not there
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
        text = row_text(cells)
        parts.append(text)
        line += len(_LINE_END.findall(text))
        yield "".join(parts).encode()
    for at, remark in waiting:
        yield ("\n" * max(0, at - line) + remark + "\n").encode()
        line = max(line, at) + 1


EXPORT = Export(
    "isa-tab",
    "ISA-Tab",
    "export/isa",
    "application/zip",
    "zip",
    write,
    profile="https://isa-specs.readthedocs.io/en/latest/isatab.html",
    group="ISA",
    options={
        NORMALISE: "yes: the form that strict readers want (ISO dates, standard headers, nothing surplus)"
    },
    files=files,
)
