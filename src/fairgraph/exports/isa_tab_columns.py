"""The columns that an ISA-Tab table has before any is added: those that were read, as what stands in them is called now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from fairgraph.exports.isa_view import IsaView
from fairgraph.isa.columns import Slot, is_data_heading, read_columns
from fairgraph.terms import ISA

Header = tuple[str, str]  # the text, and the IRI of the ``isa:Column`` or ""


@dataclass
class TableColumns:
    """Headers and slots, and the slot of each column by its IRI; ``moved`` that of files whose type is not the heading."""

    headers: list[Header]
    slots: tuple[Slot, ...] = ()
    slot_of: dict[str, int] = field(default_factory=dict)
    moved: dict[Header, int] = field(default_factory=dict)


@lru_cache(maxsize=1000)
def file_label(file_type: str) -> str:
    """Return the heading for data files of a type, ``""`` if no heading says it."""
    label = file_type.strip()
    return label if is_data_heading(label) else ""


def table_columns(view: IsaView, table: str, files: Mapping[str, Sequence[str]]) -> TableColumns:
    """Return the columns of a table; *files* names the headings for the data files that were read from each column.

    The heading of data files is their type: where an update changed it for all files of a column, the heading follows; where for
    some, they get a column behind it.
    """
    headers = [(view.header(column), column) for column in view.links(table, ISA.column)]
    slots = read_columns([text for text, _ in headers]).slots
    moved: list[tuple[int, Header]] = []  # behind how many headers, and what files stand there
    for n, slot in enumerate(slots):
        column = headers[slot.column][1] if slot.column >= 0 else ""
        labels = files.get(column, ())
        others = [label for label in labels if label.lower() != slot.label.lower()]
        if slot.kind != "data" or not others:
            continue
        if len(labels) == 1:
            headers[slot.column] = (labels[0], column)
        else:
            end = _start(slots[n + 1]) if n + 1 < len(slots) else len(headers)
            moved += [(end, (label, column)) for label in others]
    places: dict[int, Header] = {}
    for added, (end, header) in enumerate(moved):
        headers.insert(end + added, (header[0], ""))
        places[end + added] = header
    found = TableColumns(headers, read_columns([text for text, _ in headers]).slots)
    for n, slot in enumerate(found.slots):
        for place in (slot.column, slot.name_column):
            if place in places:
                label, column = places[place]
                found.moved[label.lower(), column] = n
            elif place >= 0:
                found.slot_of[headers[place][1]] = n
    return found


def _start(slot: Slot) -> int:
    return slot.column if slot.column >= 0 else slot.name_column
