"""The rows of an ISA-Tab table as paths through its nodes and processes.

A row names every node and process that it passes through, so most of its cells repeat what other rows said. The graph holds
each node, process and edge once. Of a row it keeps the line on which something was named first; the rest of the row follows
from the edges. The reader of tables and the writer use this one rule, so that the reader can tell which few rows do not follow
and must be stated (``isa:Row``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

ABSENT = -1

Links = list[int | list[int]]  # the neighbours of each element: one (the usual case) or several
BySlot = dict[int, list[int]]


class Paths:
    """The nodes and processes ("elements") of one table, numbered from 0, each with its slot, and what follows what.

    A slot is the place of a node or process in the row of headers, from 0. ``lines`` holds the line of the table that names an
    element first, 0 if none does (a sample of the study in an assay table, or what did not come from a table). All elements and
    edges are added before the first question.
    """

    def __init__(self, is_process: Sequence[bool]) -> None:
        self.is_process = is_process
        self.numbers: dict[str, int] = {}
        self.keys: list[str] = []
        self.slots: list[int] = []
        self.lines: list[int] = []
        self._lefts: Links = []
        self._rights: Links = []
        self._grouped: dict[tuple[bool, int], BySlot] = {}
        self._members: dict[int, frozenset[int]] = {}

    def add(self, key: str, slot: int, line: int) -> int:
        """Add an element, unless it is there; return its number."""
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.keys)
            self.keys.append(key)
            self.slots.append(slot)
            self.lines.append(line)
            self._lefts.append(ABSENT)
            self._rights.append(ABSENT)
        return number

    def connect(self, left: int, right: int) -> None:
        """Say once that one element follows another."""
        _link(self._rights, left, right)
        _link(self._lefts, right, left)

    def lefts(self, element: int) -> Sequence[int]:
        """Return what comes before an element, in the order in which it was said."""
        return _linked(self._lefts[element])

    def rights(self, element: int) -> Sequence[int]:
        """Return what follows an element, in the order in which it was said."""
        return _linked(self._rights[element])

    def follows(self, left: int, right: int) -> bool:
        """Tell whether there is an edge from one element to another."""
        links = self._rights[left]
        if type(links) is int:
            return links == right
        members = self._members.get(left)
        if members is None:
            members = self._members[left] = frozenset(_linked(links))
        return right in members

    # -- rows ----------------------------------------------------------------------------------------------------

    def row(self, line: int, introduced: Iterable[int]) -> list[int]:
        """Return the element of each slot of the row that names *introduced* first, or ABSENT.

        From there the row goes on along the edges, to the left and to the right, through what earlier rows named: the nearest
        slot that has something; where that has several, the one that was named last.
        """
        row = [ABSENT] * len(self.is_process)
        for element in introduced:
            row[self.slots[element]] = element
        places = [n for n, element in enumerate(row) if element != ABSENT]
        if places:
            last = row[places[-1]]
            self._extend_left(row, line, places)
            self._extend_right(row, line, last)
        return row

    def _extend_left(self, row: list[int], line: int, places: list[int]) -> None:
        current = row[places.pop()]
        while True:
            slot, known = self.slots[current], places[-1] if places else ABSENT
            chosen = ABSENT
            if known == ABSENT or not self.follows(row[known], current):
                chosen = self._before(current, slot, known, line)
            if chosen == ABSENT:
                if known == ABSENT:
                    return
                chosen = row[places.pop()]
            place = self.slots[chosen]
            row[place] = chosen
            if self.is_process[place] and not self.is_process[slot]:
                self._add_outputs(row, line, chosen, place, slot)
            current = chosen

    def _extend_right(self, row: list[int], line: int, current: int) -> None:
        while current != ABSENT:
            slot = self.slots[current]
            following = self._after(current, slot, line)
            if following == ABSENT:
                following = self._sibling(row, current, slot, line)
            if following != ABSENT:
                row[self.slots[following]] = following
            current = following

    def _before(self, element: int, slot: int, known: int, line: int) -> int:
        links = self._lefts[element]
        if type(links) is int:
            fits = links != ABSENT and known < self.slots[links] < slot and self.lines[links] < line
            return links if fits else ABSENT
        groups = self._by_slot(element, links, left=True)
        for place in range(slot - 1, known, -1):
            if place in groups and (found := self._latest(groups[place], line)) != ABSENT:
                return found
        return ABSENT

    def _after(self, element: int, slot: int, line: int) -> int:
        links = self._rights[element]
        if type(links) is int:
            fits = links != ABSENT and slot < self.slots[links] and self.lines[links] < line
            return links if fits else ABSENT
        groups = self._by_slot(element, links, left=False)
        for place in range(slot + 1, len(self.is_process)):
            if place in groups and (found := self._latest(groups[place], line)) != ABSENT:
                return found
        return ABSENT

    def _sibling(self, row: list[int], current: int, slot: int, line: int) -> int:
        """Return the next of several outputs of what gave *current*: data files that stand side by side."""
        if self.is_process[slot]:
            return ABSENT
        for place in range(slot - 1, -1, -1):
            if row[place] != ABSENT and self.follows(row[place], current):
                found = self._after(row[place], slot, line)
                return ABSENT if found == ABSENT or self.is_process[self.slots[found]] else found
        return ABSENT

    def _add_outputs(
        self, row: list[int], line: int, process: int, after: int, before: int
    ) -> None:
        """Fill the slots between a process and an output of it with the outputs that it had there before."""
        links = self._rights[process]
        if type(links) is int:
            return
        groups = self._by_slot(process, links, left=False)
        for place in range(after + 1, before):
            if place in groups and row[place] == ABSENT and not self.is_process[place]:
                row[place] = self._latest(groups[place], line)

    def _by_slot(self, element: int, links: int | list[int], *, left: bool) -> BySlot:
        """Return several neighbours by slot, in each slot in the order of their lines."""
        groups = self._grouped.get((left, element))
        if groups is None:
            groups = self._grouped[left, element] = {}
            for other in _linked(links):
                groups.setdefault(self.slots[other], []).append(other)
            for members in groups.values():
                # The reader's keys have brackets: without them the order is that of the IRIs on both sides.
                members.sort(key=lambda other: (self.lines[other], self.keys[other].strip("<>")))
        return groups

    def _latest(self, members: list[int], line: int) -> int:
        n = bisect_left(members, line, key=self.lines.__getitem__)
        return members[n - 1] if n else ABSENT

    # -- what a row says -----------------------------------------------------------------------------------------

    def edges(self, row: Sequence[int]) -> list[tuple[int, int]] | None:
        """Return the edges that a row shows, or None if two neighbours in it are not connected.

        Nodes that follow each other without a process between are further outputs of the process before them.
        """
        found = []
        source = previous = ABSENT
        for element in row:
            if element == ABSENT:
                continue
            if previous != ABSENT:
                if self.follows(previous, element):
                    source = previous
                elif (
                    source == ABSENT
                    or self.is_process[self.slots[element]]
                    or not self.follows(source, element)
                ):
                    return None
                found.append((source, element))
            previous = element
        return found


def _link(links: Links, at: int, other: int) -> None:
    known = links[at]
    if isinstance(known, list):
        known.append(other)
    elif known == ABSENT:
        links[at] = other
    else:
        links[at] = [known, other]


def _linked(links: int | list[int]) -> Sequence[int]:
    if isinstance(links, list):
        return links
    return () if links == ABSENT else (links,)
