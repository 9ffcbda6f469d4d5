"""The investigation file of ISA-Tab out of the graph (ISA-Tab, Investigation File)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from pathlib import PurePosixPath

from fairgraph.exports.isa_json_tables import CARRIER
from fairgraph.exports.isa_tab_normal import normalised
from fairgraph.exports.isa_tab_objects import Column, Objects
from fairgraph.exports.isa_view import IsaView, Piece
from fairgraph.isa.sections import (
    STUDY_SECTIONS,
    TOP_SECTIONS,
    Key,
    default_keys,
    heading,
    row_keys,
    row_label,
)
from fairgraph.terms import ISA, SCHEMA

_NAME = re.compile(r"i_.*\.txt|investigation\.txt", re.IGNORECASE)
DEFAULT_NAME = "i_investigation.txt"


class Remark(list[str]):
    """A row that is a comment: it begins with ``#``, which is not quoted."""


def file_name(view: IsaView) -> str:
    """Return the name of the investigation file: the one it had, if readers of ISA-Tab find it by that."""
    name = PurePosixPath(view.text(view.root, ISA.fileName).replace("\\", "/")).name
    return name if _NAME.fullmatch(name) else DEFAULT_NAME


def investigation_rows(
    view: IsaView,
    *,
    normalise: bool = False,
    notes: list[str] | None = None,
    tables: Mapping[str, str] | None = None,
) -> Iterator[list[str]]:
    """Yield the rows of the investigation file: a label, then a cell for each object (:func:`row_text` makes a line of each).

    Rows that are comments are :class:`Remark`; the first cell of any other row is a label, also if it begins with ``#``.
    With *normalise* the rows are what strict readers want: the standard's sections and labels in its order, one value on lines
    that take one, ISO dates where a date says one day, and a declaration of all that the tables use. *notes* gets a sentence for
    each thing that the file cannot say, or that strict readers may refuse. *tables* names the files of studies and assays (by IRI) that
    are not written under their ``isa:fileName``.
    """
    notes = [] if notes is None else notes
    notes += unsaid(view)
    remarks = [] if normalise else list(view.layout.get((view.root, ISA.row), ()))
    count = 0
    for row in _Writer(view, normalise, notes, tables).rows():
        while remarks and remarks[0].index <= count:
            yield Remark(remarks.pop(0).text.split("\t"))
            count += 1
        yield row
        count += 1
    for remark in remarks:
        yield Remark(remark.text.split("\t"))


def unsaid(view: IsaView) -> list[str]:
    """Return a sentence for each kind of thing that an investigation file has no place for."""
    notes = []
    for rdf_type, what in _WITHOUT_COMMENTS.items():
        count = sum(
            len(comments) for node, comments in view.comments.items() if view.is_a(node, rdf_type)
        )
        if count:
            notes.append(f"{count} comments on {what} are left out: ISA-Tab has no place for them")
    reserved = sum(
        comment.name.startswith(CARRIER)
        for node, comments in view.comments.items()
        if view.types.get(node)
        for comment in comments
    )
    if reserved:
        notes.append(f"{reserved} comments are left out: their names begin with {CARRIER}")
    lists = [
        name
        for node, types in view.types.items()
        if types & {ISA.Parameter, ISA.Component} and ";" in (name := view.text(node, SCHEMA.name))
    ]
    lists += [
        name
        for (_, relation), members in view.lists.items()
        if relation == ISA.role
        for member in members
        if ";" in (name := view.text(member.term, SCHEMA.name))
    ]
    notes += [
        f"{name!r} holds a semicolon, which divides it in a list of ISA-Tab" for name in lists
    ]
    return notes


_WITHOUT_COMMENTS = {
    SCHEMA.DefinedTerm: "ontology terms",
    ISA.Parameter: "protocol parameters",
    ISA.Component: "protocol components",
    ISA.CharacteristicCategory: "characteristic categories",
}


class _Writer:
    def __init__(
        self,
        view: IsaView,
        normalise: bool,
        notes: list[str],
        tables: Mapping[str, str] | None,
    ) -> None:
        self.view, self.normalise, self.notes = view, normalise, notes
        self.objects = Objects(view, plain=normalise, tables=tables)

    # -- sections ----------------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[list[str]]:
        view, root = self.view, self.view.root
        studies = [node for node in view.links(root, SCHEMA.hasPart) if view.is_a(node, ISA.Study)]
        top = self._sections(root, TOP_SECTIONS)
        for n, study in enumerate(studies):
            parts = self._sections(study, STUDY_SECTIONS)
            if n and "STUDY" not in [section for section, _ in parts]:
                parts.insert(0, ("STUDY", None))
            for section, piece in parts:
                place = piece.index if piece else inf
                while top and (top[0][1] is None or not top[0][1].index > place):
                    yield from self._part(root, *top.pop(0))
                yield from self._part(study, section, piece)
        for section, piece in top:
            yield from self._part(root, section, piece)

    def _pieces(self, owner: str, section: str) -> list[Piece]:
        pieces = self.view.layout.get((owner, ISA.section), ())
        found = (piece for piece in pieces if piece.name == section)
        return sorted(found, key=lambda piece: (piece.first, piece.index))

    def _sections(self, owner: str, default: dict[str, tuple[str, ...]]) -> list[_Part]:
        """Return the sections of the investigation or a study in order, each with what is said of how it was written."""
        pieces = self.view.layout.get((owner, ISA.section), ())
        listed = [p for p in pieces if p.index != inf and p.name in default]
        if not listed or self.normalise:
            if self.normalise:
                return [(section, None) for section in default]
            return [(s, next(iter(self._pieces(owner, s)), None)) for s in default]
        parts: list[_Part] = [(piece.name, piece) for piece in listed]
        place = 0
        for section in default:
            there = [n for n, (name, _) in enumerate(parts) if name == section]
            if there:
                place = there[-1] + 1
            elif any(self.objects.of(owner, section)):
                parts.insert(place, (section, None))
                place += 1
        return parts

    def _part(self, owner: str, section: str, piece: Piece | None) -> Iterator[list[str]]:
        columns = self.objects.of(owner, section)
        if self.normalise:
            columns = normalised(section, columns, self.notes)
        elif piece is not None:
            pieces = self._pieces(owner, section)
            n = pieces.index(piece)
            end = pieces[n + 1].first if n + 1 < len(pieces) else len(columns)
            columns = columns[piece.first if n else 0 : end]
        yield [piece.text if piece and piece.text else section]
        for label, key in self._labels(section, piece, columns):
            cells = [column.cell(key) for column in columns]
            if any(cells) or not heading(label):
                yield [label, *cells]

    def _labels(
        self, section: str, piece: Piece | None, columns: Sequence[Column]
    ) -> list[tuple[str, Key]]:
        default = default_keys(section, [list(column.others) for column in columns])
        fields = self.view.layout.get((piece.iri, ISA.field), ()) if piece else ()
        if not (fields or (piece and piece.bare)):
            return [(row_label(section, key), key) for key in default]
        labels = [row.text for row in fields]
        rows = list(zip(labels, row_keys(section, labels), strict=True))
        place = 0
        for key in default:  # what the graph says and the file did not have a row for
            there = [n for n, (_, known) in enumerate(rows) if known == key]
            if there:
                place = there[0] + 1
            elif any(column.cell(key) for column in columns):
                rows.insert(place, (row_label(section, key), key))
                place += 1
        return rows


_Part = tuple[str, Piece | None]


def row_text(row: list[str]) -> str:
    """Return a row as a line of text; cells are quoted where they would be read as something else without."""
    line = "\t".join(row)
    odd = '"' in line or "\n" in line or "\r" in line or line.startswith("#")
    if not odd and line.count("\t") == len(row) - 1:
        return line + "\n"
    cells = [_quoted(cell) for cell in row]
    if isinstance(row, Remark):
        cells[0] = row[0]
    elif row[0].startswith("#"):
        cells[0] = '"' + row[0].replace('"', '""') + '"'
    return "\t".join(cells) + "\n"


def _quoted(cell: str) -> str:
    if cell.startswith('"') or any(mark in cell for mark in "\t\n\r"):
        return '"' + cell.replace('"', '""') + '"'
    return cell
