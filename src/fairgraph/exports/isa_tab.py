"""ISA-Tab out of the graph (ISA Model and Serialization Specifications 1.0, ISA-Tab format)."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from pyoxigraph import NamedNode

from fairgraph.exports import card
from fairgraph.exports.export import Answers, Export, File, is_on
from fairgraph.exports.fairtracks_carriers import carry
from fairgraph.exports.isa_tab_ambiguous import ambiguities
from fairgraph.exports.isa_tab_cells import TableCells
from fairgraph.exports.isa_tab_facts import Facts
from fairgraph.exports.isa_tab_investigation import file_name, investigation_rows, row_text
from fairgraph.exports.isa_tab_names import table_names
from fairgraph.exports.isa_tab_normal_tables import factor_columns, normalised
from fairgraph.exports.isa_tab_readme import readme
from fairgraph.exports.isa_tab_rows import StatedRow, TableRows
from fairgraph.exports.isa_view import IsaView, read_view
from fairgraph.exports.package import write_zip
from fairgraph.terms import ISA, SCHEMA

_LINE_END = re.compile(r"\r\n|\r|\n")
NORMALISE, CARD = "normalise", "card"
LONGEST_GAP = 1000


def files(answers: Answers) -> Iterator[File]:
    """Yield the files of one investigation: investigation, studies and assays, and a README that says what could not be said."""
    view = read_view(answers)
    carry(answers, view)
    normalise = is_on(answers.options, NORMALISE)
    notes = _doubled(view)
    tables = _tables(view, _stated_rows(answers), notes, normalise=normalise)
    names = table_names(view, tables, notes)
    rows = investigation_rows(view, normalise=normalise, notes=notes, tables=names)
    yield file_name(view), [row_text(row).encode() for row in rows]
    written: set[str] = set()
    for table, name in names.items():
        if name not in written:  # two assays may name one file, and have it in common
            written.add(name)
            yield name, tables[table]
    data_card = _data_card(answers, notes)
    yield "README.md", [readme(view, file_name(view), names, notes).encode()]
    if data_card is not None:
        yield "DATA_CARD.md", [data_card]


def write(answers: Answers, output: BinaryIO) -> None:
    """Write one investigation as a ZIP of its ISA-Tab files, always the same bytes for the same graph."""
    write_zip(files(answers), output)


def _tables(
    view: IsaView, stated: dict[str, list[StatedRow]], notes: list[str], *, normalise: bool
) -> dict[str, list[bytes]]:
    """Return the lines of every table that has any, studies before their assays."""
    cells = frozenset(c for rows in stated.values() for row in rows for c in row.cells.values())
    facts = Facts(view)
    found: dict[str, list[bytes]] = {}
    for study in view.links(view.root, SCHEMA.hasPart):
        if view.is_a(study, ISA.Study):
            shown: set[str] = set()
            assays = [a for a in view.links(study, SCHEMA.hasPart) if view.is_a(a, ISA.Assay)]
            for assay in assays if normalise else ():
                _leave_factors_to_the_study(view, assay)
            lines: dict[str, list[bytes]] = {}
            # What an assay shows of a sample need not stand in the table that names it first: the study, or an earlier assay.
            for table in (*assays[::-1], study):
                rows = TableRows(view, table, stated.get(table, ()))
                if rows.rows or rows.stages.all:  # else it is named, and was not there
                    cells_of = TableCells(rows, facts, cells, shown, notes).table()
                    lines[table] = list(_lines(rows, cells_of, normalise=normalise))
                    name = view.text(table, ISA.fileName) or table.rpartition("/")[2]
                    notes += ambiguities(rows, facts, name)
            found.update({table: lines[table] for table in (study, *assays) if table in lines})
    return found


def _data_card(answers: Answers, notes: list[str]) -> bytes | None:
    """Return the data card, None if it is not wanted; where nobody asked for it, a fault of it becomes a note and costs no table."""
    if CARD in answers.options:
        return card.encoded(answers) if is_on(answers.options, CARD) else None
    try:
        return card.encoded(answers)
    # What the data can bring about in arithmetic and in tables; a query or a store that fails is still an error.
    except (ArithmeticError, LookupError, TypeError, ValueError) as fault:
        notes.append(f"The data card is missing, by a fault of fairgraph: {type(fault).__name__}: {fault}")  # fmt: skip
        return None


def _doubled(view: IsaView) -> list[str]:
    return [f"<{iri}> has several {what}; the least is written" for iri, what in view.doubled]


def _stated_rows(answers: Answers) -> dict[str, list[StatedRow]]:
    """Read the rows that the graph states, by table."""
    rows: dict[str, StatedRow] = {}
    tables: dict[str, dict[str, StatedRow]] = {}
    for table, row, line, remark, thing in answers.rows("rows"):
        found = rows.get(row.value)
        if found is None:
            if not (line.value.isdecimal() and len(line.value) < 10):
                continue  # an update wrote a line that there cannot be
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


def _lines(
    rows: TableRows, cells: list[tuple[int, list[str]]], *, normalise: bool
) -> Iterator[bytes]:
    if not normalise:
        return _encoded(cells, rows.remarks)
    (_, headers), *others = cells
    found = normalised(headers, [row for _, row in others], is_study=rows.is_study)
    return (row_text(row).encode() for row in found)


def _leave_factors_to_the_study(view: IsaView, assay: str) -> None:
    """Forget the columns for factor values of an assay: what a sample has is said in the study, anything else gets a new column."""
    columns = view.links(assay, ISA.column)
    surplus = factor_columns([view.text(column, ISA.header) for column in columns])
    if surplus:
        kept = [NamedNode(c) for n, c in enumerate(columns) if n not in surplus]
        view.properties[assay][ISA.column] = kept


def _encoded(
    rows: Iterable[tuple[int, list[str]]], remarks: Sequence[tuple[int, str]]
) -> Iterator[bytes]:
    """Yield the lines of a table; remarks and empty lines stand where they stood."""
    waiting = deque(remarks)
    line = 1
    for place, cells in rows:
        while waiting and (waiting[0][0] < place or not place):
            at, remark = waiting.popleft()
            yield (_gap(at - line) + _remark(remark)).encode()
            line = max(line, at) + 1
        text = row_text(cells)
        yield (_gap(place - line) + text).encode()
        line = max(line, place) + len(_LINE_END.findall(text))
    for at, remark in waiting:
        yield (_gap(at - line) + _remark(remark)).encode()
        line = max(line, at) + 1


def _gap(lines: int) -> str:
    # A line number is a statement that anybody may change; a file of empty lines helps nobody.
    return "\n" * lines if 0 < lines <= LONGEST_GAP else ""


def _remark(text: str) -> str:
    lines = (line if line.startswith("#") else f"# {line}" for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines)


EXPORT = Export(
    "isa-tab",
    "ISA-Tab",
    "export/isa",
    "application/zip",
    "zip",
    write,
    profile="https://isa-specs.readthedocs.io/en/latest/isatab.html",
    carried=("export/isa/carried-by-tab", "export/fairtracks/carried"),
    left_out=("export/isa/stray",),
    group="ISA",
    options={
        NORMALISE: "yes: the form that strict readers want (ISO dates, standard headers, nothing surplus)",
        CARD: "no: without DATA_CARD.md; yes: not without it, where it cannot be made",
    },
    also=(*card.ALSO, "export/fairtracks"),
    files=files,
)
