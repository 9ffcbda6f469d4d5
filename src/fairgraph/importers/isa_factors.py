"""Where the factor values of a table belong.

ISA knows factor values of samples. Some assay tables give them by row, so that one sample has several: then a value belongs to the
first thing in the row that it depends on (an extract, a hybridization, a data file), or the link to the row would be lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from fairgraph.isa.columns import Attribute, Slot


class FactorPlaces:
    """Watches the rows of one table and then moves factor values that a sample does not determine."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._candidates = [
            _Candidate(attribute, slot, place)
            for slot in slots
            for attribute in slot.attributes
            if attribute.kind == "factor-value"
            for place in _places(slot, slots)
        ]

    def read(self, row: list[str]) -> list[str]:
        """Look at one row, padded to the width of the header, and return it."""
        for candidate in self._candidates:
            if candidate.holds:
                candidate.read(row)
        return row

    def move(self) -> list[tuple[Attribute, Slot]]:
        """Move what must be moved from one slot to another; return what was moved and where to."""
        moved = []
        by_attribute: dict[int, list[_Candidate]] = {}
        for candidate in self._candidates:
            by_attribute.setdefault(id(candidate.attribute), []).append(candidate)
        for candidates in by_attribute.values():
            best = next((c for c in candidates if c.holds), candidates[0])
            if best is not candidates[0]:
                best.slot.attributes.remove(best.attribute)
                best.place.attributes.append(best.attribute)
                moved.append((best.attribute, best.place))
        return moved


class _Candidate:
    """A slot that may determine a factor value: every name must always come with the same value."""

    def __init__(self, attribute: Attribute, slot: Slot, place: Slot) -> None:
        self.attribute, self.slot, self.place = attribute, slot, place
        self.name = place.name_column if place.is_process else place.column
        self.columns = [column for column in attribute.columns if column >= 0]
        self.values: dict[str, int] = {}
        self.holds = True

    def read(self, row: list[str]) -> None:
        value = hash(tuple(row[column] for column in self.columns))
        name = row[self.name]
        if self.values.setdefault(name, value) != value or not name:
            self.holds = False
            self.values.clear()


def _places(slot: Slot, slots: Sequence[Slot]) -> list[Slot]:
    named = [s for s in slots if s is not slot and (not s.is_process or s.name_column >= 0)]
    return [slot, *(s for s in named if s.kind != "source")]
