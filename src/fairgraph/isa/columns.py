"""What the columns of an ISA-Tab study or assay table mean (ISA-Tab, Study and Assay files).

A row of headers becomes an ordered list of slots: nodes (materials and data files) and processes, each with the
attributes that stand to the right of it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from fairgraph.terms import ncname

SlotKind = Literal["source", "sample", "extract", "labeled-extract", "data", "process"]
AttributeKind = Literal[
    "characteristic", "factor-value", "parameter-value", "comment", "date", "performer"
]

MATERIALS: dict[str, SlotKind] = {
    "source name": "source",
    "sample name": "sample",
    "extract name": "extract",
    "labeled extract name": "labeled-extract",
}
# Columns that describe a material as Characteristics[...] do, under a heading of their own.
MATERIAL_HEADINGS = frozenset({"material type", "label"})

UNKNOWN = "is not a column of the standard"
_BRACKETS = re.compile(
    r"(characteristics?|factor value|parameter value|parameter|comment|unit)\s*\[(.*)\]\s*",
    re.IGNORECASE | re.DOTALL,
)
_PROCESS_NAME = re.compile(
    r"(?:.+ )?assay name|scan name|normalization name|data transformation name", re.IGNORECASE
)
_DATA = re.compile(r".+ file", re.IGNORECASE)


@dataclass
class Attribute:
    """One column that says something about a slot, with the columns of its unit, term source and accession (or -1)."""

    kind: AttributeKind
    name: str
    header: str
    column: int
    unit: int = -1
    source: int = -1
    accession: int = -1
    category: str = ""
    segment: str = ""  # the last segment of the IRIs of its values
    unique: bool = True  # no other attribute of the slot would get the same IRI

    @property
    def columns(self) -> tuple[int, int, int, int]:
        """The columns of value, unit, term source and accession."""
        return self.column, self.unit, self.source, self.accession


@dataclass
class Slot:
    """A node or process of the experimental graph: one per row of the table.

    ``column`` holds the name of a node or the protocol of a process (-1 for a process that has a name column only),
    ``name_column`` the name of a process (-1 if it has none).
    """

    kind: SlotKind
    label: str
    column: int
    name_column: int = -1
    name_label: str = ""
    attributes: list[Attribute] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What tells nodes of this kind from others of the same name: data files go by their heading."""
        return self.label if self.kind == "data" else self.kind

    @property
    def is_process(self) -> bool:
        """True for a process, False for a material or data file."""
        return self.kind == "process"


@dataclass(frozen=True)
class Columns:
    """The meaning of all columns of one table, and what could not be placed: ``(column, header, problem)``."""

    headers: tuple[str, ...]
    slots: tuple[Slot, ...]
    problems: tuple[tuple[int, str, str], ...]


def read_columns(headers: list[str]) -> Columns:
    """Read a row of headers. Nothing is refused: an unknown column becomes a comment on the slot at its left."""
    reader = _HeaderReader()
    for column, header in enumerate(headers):
        reader.read(column, header.strip())
    for slot in reader.slots:
        _mark_repeated(slot)
    return Columns(tuple(headers), tuple(reader.slots), tuple(reader.problems))


def is_data_heading(header: str) -> bool:
    """Tell whether a column under a header holds the names of data files."""
    slots = read_columns([header]).slots
    return len(slots) == 1 and slots[0].kind == "data" and slots[0].label == header


def _mark_repeated(slot: Slot) -> None:
    for attribute in slot.attributes:
        attribute.segment = f"{attribute.kind}/{ncname(attribute.name, attribute.kind[0])}"
    segments = Counter(attribute.segment for attribute in slot.attributes)
    for attribute in slot.attributes:
        attribute.unique = segments[attribute.segment] == 1


class _HeaderReader:
    def __init__(self) -> None:
        self.slots: list[Slot] = []
        self.problems: list[tuple[int, str, str]] = []
        self.last: Attribute | None = None  # what Unit and Term columns belong to
        self.pending: list[Attribute] = []  # attributes before the first slot

    def read(self, column: int, header: str) -> None:
        name = header.lower()
        if match := _BRACKETS.fullmatch(header):
            self._bracketed(column, header, match.group(1).lower(), match.group(2).strip())
        elif name in MATERIALS:
            self._slot(Slot(MATERIALS[name], header, column))
        elif name == "protocol ref":
            self._slot(Slot("process", header, column))
        elif _PROCESS_NAME.fullmatch(header):
            self._process_name(column, header)
        elif name in ("unit", "term source ref", "term accession number"):
            self._qualifier(column, header, name)
        elif _DATA.fullmatch(header):
            self._slot(Slot("data", header, column))
        else:
            self._plain(column, header, name)

    def _slot(self, slot: Slot) -> None:
        self.slots.append(slot)
        slot.attributes.extend(self.pending)
        self.pending.clear()
        self.last = None

    def _process_name(self, column: int, header: str) -> None:
        slot = self.slots[-1] if self.slots else None
        if slot is None or not slot.is_process or slot.name_column >= 0:
            # A named event without a Protocol REF of its own, such as a scan after a hybridization.
            self._slot(Slot("process", header, -1, column, header))
        else:
            slot.name_column, slot.name_label = column, header
        self.last = None

    def _qualifier(self, column: int, header: str, name: str) -> None:
        last = self.last
        field_name = {"unit": "unit", "term source ref": "source"}.get(name, "accession")
        if last is None or getattr(last, field_name) >= 0:
            self.problems.append((column, header, "does not follow a value that it could qualify"))
            self._attribute(Attribute("comment", header, header, column), self._left())
            self.last = last if field_name != "unit" else None
        else:
            setattr(last, field_name, column)

    def _bracketed(self, column: int, header: str, kind: str, name: str) -> None:
        if kind == "unit":
            self._qualifier(column, header, "unit")
        elif kind.startswith("characteristic"):
            self._attribute(Attribute("characteristic", name, header, column), self._material())
        elif kind == "factor value":
            self._attribute(Attribute("factor-value", name, header, column), self._sample())
        elif kind == "comment":
            self._attribute(Attribute("comment", name, header, column), self._left())
        else:
            slot = self._process()
            if slot is None:
                self.problems.append((column, header, "has no process at its left"))
                self._attribute(Attribute("comment", header, header, column), self._left())
            else:
                self._attribute(Attribute("parameter-value", name, header, column), slot)

    def _plain(self, column: int, header: str, name: str) -> None:
        if name in MATERIAL_HEADINGS and (slot := self._material()):
            self._attribute(Attribute("characteristic", header, header, column), slot)
        elif name in ("date", "performer") and (slot := self._process()):
            kind: AttributeKind = "date" if name == "date" else "performer"
            if any(attribute.kind == kind for attribute in slot.attributes):
                self.problems.append((column, header, "is there already for this process"))
                kind = "comment"
            self._attribute(Attribute(kind, header, header, column), slot)
            self.last = None  # neither has a unit or a term
        else:
            known = name in ("array design ref", "first dimension", "second dimension", "provider")
            if not known:
                self.problems.append((column, header, UNKNOWN))
            self._attribute(Attribute("comment", header, header, column), self._left())

    def _attribute(self, attribute: Attribute, slot: Slot | None) -> None:
        (self.pending if slot is None else slot.attributes).append(attribute)
        self.last = attribute

    def _left(self) -> Slot | None:
        return self.slots[-1] if self.slots else None

    def _material(self) -> Slot | None:
        return next((s for s in reversed(self.slots) if s.kind not in ("process", "data")), None)

    def _process(self) -> Slot | None:
        return next((s for s in reversed(self.slots) if s.is_process), None)

    def _sample(self) -> Slot | None:
        # ISA knows factor values of samples only; a table without samples gives them to the nearest material.
        samples = [slot for slot in self.slots if slot.kind == "sample"]
        return samples[-1] if samples else self._material()
