"""ISA-Tab tables for strict readers: every column where it belongs, none that says nothing, headers as the standard spells them.

What a strict reader has no column for becomes a comment on the same node or process. Works on the finished cells of a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fairgraph.isa.columns import Attribute, Slot, read_columns
from fairgraph.isa.plain import iso_day, one_line

Cells = Sequence[str]

_NAMES = (
    *("Source Name", "Sample Name", "Extract Name", "Labeled Extract Name", "Protocol REF"),
    *("Assay Name", "Scan Name", "Normalization Name", "Data Transformation Name"),
    *("MS Assay Name", "NMR Assay Name", "Hybridization Assay Name"),
    *("Gel Electrophoresis Assay Name", "Date", "Performer", "Label", "Material Type"),
    *("Array Design REF", "First Dimension", "Second Dimension"),
)
_SPELLING = {name.lower(): name for name in _NAMES}
_HEADS = {
    "characteristic": "Characteristics",
    "factor-value": "Factor Value",
    "parameter-value": "Parameter Value",
    "comment": "Comment",
}
_OF_PROCESSES = ("array design ref", "first dimension", "second dimension")
_MOST_VALUES = 8
_QUALIFIERS = ("", " Unit", " Term Source REF", " Term Accession Number")


@dataclass
class _Column:
    """One column as it is going to be written."""

    header: str
    cells: list[str]


@dataclass
class _Group:
    """What says one thing about a slot: the column of the value, then those of unit and term."""

    kind: str
    header: str
    columns: list[_Column]

    @property
    def value(self) -> list[str]:
        """The cells of the first column."""
        return self.columns[0].cells


def normalised(headers: Cells, rows: Iterable[Cells], *, is_study: bool) -> list[list[str]]:
    """Return the headers and rows of a table as strict readers want them."""
    read = read_columns(list(headers))
    protocols = {slot.column for slot in read.slots if slot.is_process}
    saying = [n for n in range(len(headers)) if n not in protocols]
    table = [[one_line(cell) for cell in row] for row in rows]
    table = [row for row in table if any(row[n] for n in saying)]
    table = [list(row) for row in dict.fromkeys(tuple(row) for row in table)]
    by_column = [[row[n] for row in table] for n in range(len(headers))]
    written: list[_Column] = []
    last: list[_Column] = []
    for slot in read.slots:
        found = _Slot(slot, by_column)
        needed = slot.kind == "sample" or (is_study and slot.kind == "source")
        if is_study:
            written += found.columns(needed=needed)
        else:  # values of rows, not of samples: those stand in the study
            last += found.take_factors()
            written += found.columns(needed=needed)
    written += last
    if not written:
        return [list(headers), *table]
    lines = [[column.header for column in written]]
    lines += [list(cells) for cells in zip(*(column.cells for column in written), strict=True)]
    return lines


def factor_columns(headers: Cells) -> frozenset[int]:
    """Return the columns of factor values, with those of their units and terms."""
    attributes = (a for slot in read_columns(list(headers)).slots for a in slot.attributes)
    return frozenset(
        column
        for attribute in attributes
        if attribute.kind == "factor-value"
        for column in attribute.columns
        if column >= 0
    )


class _Slot:
    """The columns of one node or process."""

    def __init__(self, slot: Slot, table: Sequence[list[str]]) -> None:
        self.slot, self.table = slot, table
        self.names: list[_Column] = []
        if slot.column >= 0:
            self.names.append(_Column(_spelt(slot.label), table[slot.column]))
        self.name_column = (
            _Column(_spelt(slot.name_label), table[slot.name_column])
            if slot.name_column >= 0
            else None
        )
        self.attributes = sorted(slot.attributes, key=lambda a: a.column)

    def take_factors(self) -> list[_Column]:
        """Return the columns of factor values, which are not those of the slot any more."""
        factors = [a for a in self.attributes if a.kind == "factor-value"]
        self.attributes = [a for a in self.attributes if a.kind != "factor-value"]
        return [column for group in self._all_groups(factors).values() for column in group.columns]

    def _all_groups(self, attributes: Iterable[Attribute]) -> dict[str, _Group]:
        groups: dict[str, _Group] = {}
        for attribute in attributes:
            for group in self._groups(attribute):
                self._put(groups, group)
        return groups

    def columns(self, *, needed: bool) -> list[_Column]:
        """Return the columns to be written, none if they say nothing and are not *needed*."""
        groups = self._all_groups(self.attributes)
        if not self.slot.is_process:
            for group in [*groups.values()]:
                self._settle(groups, group)
        named = [self.name_column] if self.name_column and any(self.name_column.cells) else []
        says = groups or named or any(any(name.cells) for name in self.names)
        if not says and not needed:
            return []
        if not self.names and self.name_column:
            named = [self.name_column]
        # Parameter values belong to the Protocol REF: some readers look for them between it and the name.
        parameters = [g for g in groups.values() if g.kind == "parameter-value"]
        others = [g for g in groups.values() if g.kind != "parameter-value"]
        first = [column for group in parameters for column in group.columns]
        last = [column for group in others for column in group.columns]
        return [*self.names, *first, *named, *last] if self.names else [*named, *first, *last]

    # -- attributes ----------------------------------------------------------------------------------------------

    def _groups(self, attribute: Attribute) -> Iterator[_Group]:
        """Yield what becomes of one column and those of its unit and term."""
        parts = {
            place: self.table[column]
            for place, column in enumerate(attribute.columns)
            if column >= 0 and any(self.table[column])
        }
        if not parts:
            return
        kind, header = self._header(attribute)
        if kind == "comment":
            for place, cells in parts.items():
                name = header[:-1] + _QUALIFIERS[place] + "]"
                yield _Group("comment", name, [_Column(name, cells)])
            return
        empty = [""] * len(self.table[attribute.column])
        columns = [_Column(header, parts.get(0, empty))]
        terms = [
            _Column("Term Source REF", parts.get(2, empty)),
            _Column("Term Accession Number", parts.get(3, empty)),
        ]
        unit = [_Column("Unit", parts[1])] if 1 in parts else []
        of_value = 0 <= max(attribute.source, attribute.accession) < attribute.unit
        if 2 not in parts and 3 not in parts:
            terms = []
        columns += [*terms, *unit] if of_value else [*unit, *terms]
        if kind == "date":
            yield from _dates(columns[0])
            return
        if terms:  # strict readers take a value with a semicolon for several, each with a term
            columns[0].cells = _unlisted(columns[0].cells, terms)
        yield _Group(kind, header, columns)

    def _header(self, attribute: Attribute) -> tuple[str, str]:
        """Return the kind and the header under which strict readers take an attribute."""
        name = attribute.header.strip().lower()
        if name == "label" and self.slot.kind == "labeled-extract":
            return "characteristic", "Label"
        if attribute.kind in _HEADS:
            if attribute.kind == "comment" and name in _OF_PROCESSES and self.slot.is_process:
                return "process", _SPELLING[name]
            if attribute.kind == "comment" or self._fits(attribute):
                return attribute.kind, f"{_HEADS[attribute.kind]}[{attribute.name}]"
            return "comment", f"Comment[{_HEADS[attribute.kind]} {attribute.name}]"
        return attribute.kind, _spelt(attribute.header)

    def _fits(self, attribute: Attribute) -> bool:
        if self.slot.is_process:
            return attribute.kind == "parameter-value"
        return attribute.kind != "parameter-value"

    # -- one column for one thing --------------------------------------------------------------------------------

    @staticmethod
    def _put(groups: dict[str, _Group], group: _Group) -> None:
        """Add a group; one with a header that there is becomes comments, unless it says the same."""
        known = groups.get(group.header)
        if known is None:
            groups[group.header] = group
            return
        if [c.cells for c in known.columns] == [c.cells for c in group.columns]:
            return
        for place, column in enumerate(group.columns):
            part = "" if not place else f" {column.header}"
            number = 2
            while (name := _comment(group.header, f"{part} ({number})")) in groups:
                number += 1
            if any(column.cells):
                groups[name] = _Group("comment", name, [_Column(name, column.cells)])

    def _settle(self, groups: dict[str, _Group], group: _Group) -> None:
        """Let all rows of a thing say the same of it; what else they say goes into a comment."""
        names = self.names[0].cells
        said: dict[str, dict[tuple[str, ...], None]] = {}
        rows = list(zip(*(column.cells for column in group.columns), strict=True))
        for name, row in zip(names, rows, strict=True):
            if name and any(row):
                said.setdefault(name, {}).setdefault(row)
        if any(len(values) > _MOST_VALUES for values in said.values()):
            return  # a name that says little
        nothing = ("",) * len(group.columns)
        first = {name: next(iter(values)) for name, values in said.items()}
        settled = [
            first.get(name, nothing) if name else row for name, row in zip(names, rows, strict=True)
        ]
        for n, column in enumerate(group.columns):
            column.cells = [row[n] for row in settled]
        others = {
            name: "; ".join(" ".join(filter(None, value)) for value in [*values][1:])
            for name, values in said.items()
            if len(values) > 1
        }
        if others:
            name = _comment(group.header, " (other values)")
            cells = [others.get(key, "") for key in names]
            groups[name] = _Group("comment", name, [_Column(name, cells)])


def _comment(header: str, addition: str) -> str:
    """Return the header of a comment with more of what stands under another header; brackets in brackets confuse readers."""
    head, _, name = header.removeprefix("Comment[").removesuffix("]").partition("[")
    return f"Comment[{' '.join(filter(None, (head, name)))}{addition}]"


def _dates(column: _Column) -> Iterator[_Group]:
    """Yield dates that say one day as ISO dates, and the others as a comment."""
    days = [iso_day(text) for text in column.cells]
    others = [text if not day else "" for text, day in zip(column.cells, days, strict=True)]
    if any(days):
        yield _Group("date", "Date", [_Column("Date", days)])
    if any(others):
        yield _Group("comment", "Comment[Date]", [_Column("Comment[Date]", others)])


def _unlisted(values: list[str], terms: Sequence[_Column]) -> list[str]:
    """Return values without a semicolon where the terms beside them do not have as many parts."""
    found = []
    for value, source, accession in zip(values, *(term.cells for term in terms), strict=True):
        count = value.count(";")
        as_many = source.count(";") == accession.count(";") == count
        found.append(value if as_many else value.replace(";", ","))
    return found


def _spelt(header: str) -> str:
    name = " ".join(header.split())
    if found := _SPELLING.get(name.lower()):
        return found
    return name.title() if name.lower().endswith(" file") and name.islower() else name
