"""Rows for what no row shows yet: one for each leaf, then one for each edge that is still missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

from fairgraph.exports.isa_tab_stages import Step
from fairgraph.exports.isa_view import IsaView, Node
from fairgraph.isa.paths import ABSENT, Paths
from fairgraph.terms import ISA

_MOST = 4  # rows for each edge of a process: what all its pairs may cost


class Elements(Protocol):
    """What the cover asks of the table that it is for."""

    view: IsaView
    paths: Paths
    nodes: list[Node]

    def is_process(self, number: int) -> bool:
        """Tell whether an element is a process."""
        ...

    def slot(self, number: int) -> int:
        """Return where an element stands among the stages that there are, or ABSENT."""
        ...

    def step(self, node: Node) -> Step:
        """Return what an element is, as far as its place is concerned."""
        ...

    def uncovered(self, left: int, right: int) -> bool:
        """Tell whether no row shows an edge yet."""
        ...

    def cover(self, left: int, right: int) -> None:
        """Say that a row shows an edge."""
        ...

    def shown(self, number: int) -> bool:
        """Tell whether a row shows an element."""
        ...

    def show(self, number: int) -> None:
        """Say that a row shows an element."""
        ...


class Cover:
    """Finds paths that show every edge and element which no row shows yet, each from left to right."""

    def __init__(self, rows: Elements) -> None:
        self.rows, self.paths = rows, rows.paths
        size = len(rows.nodes)
        self.open_left: dict[int, list[int]] = {}  # what is not shown yet, the next one last
        self.open_right: dict[int, list[int]] = {}
        for left in range(size):
            for right in self.paths.rights(left):
                if rows.uncovered(left, right):
                    self.open_left.setdefault(right, []).append(left)
                    self.open_right.setdefault(left, []).append(right)
        order = {n: rows.nodes[n].order for n in (*self.open_left, *self.open_right)}
        for links in self.open_left.values():
            links.sort(key=lambda n: order[n], reverse=True)
        for links in self.open_right.values():
            links.sort(key=lambda n: (not self.paths.rights(n), order[n]), reverse=True)
        self.kinds = [node.kind for node in rows.nodes]
        self.groups: dict[int, dict[tuple[int, str], list[int]]] = {}
        self.places: dict[int, dict[int, int]] = {}
        self.leading: dict[int, list[int]] = {}
        self.pairs = self._pairs()

    def _pairs(self) -> dict[int, list[int]]:
        """The inputs that each output needs a row with, where its process has several of both.

        They are those that it is said to come from (``isa:derivesFrom``). Where nothing is said and the process has no name, they are
        all: a reader of the table takes outputs of different inputs for those of different processes.
        """
        numbers, edges = self.paths.numbers, self.rows.view.edges
        found: dict[int, list[int]] = {}
        for number, node in enumerate(self.rows.nodes):
            if number in self.open_left:
                origins = edges.get(node.iri, {}).get(ISA.derivesFrom, ())
                if members := [numbers[origin] for origin in origins if origin in numbers]:
                    found[number] = members
        for number, node in enumerate(self.rows.nodes):
            if node.kind == "process" and not node.name:
                inputs, outputs = self.paths.lefts(number), self.paths.rights(number)
                several = len(inputs) > 1 and len(outputs) > 1
                if several and len(inputs) * len(outputs) <= _MOST * (len(inputs) + len(outputs)):
                    for output in outputs:
                        if output in self.open_left:
                            found.setdefault(output, list(inputs))
        return found

    def sequences(self) -> Iterator[list[int]]:
        """Yield the paths."""
        rows = self.rows
        for output, origins in self.pairs.items():
            for origin in origins:
                if between := self._between(origin, output):
                    yield self._through(origin, output, between)
        leaves = (n for n in range(len(rows.nodes)) if not self.paths.rights(n))
        for number in sorted(leaves, key=self._stands_aside):
            while self.open_left.get(number) or not rows.shown(number):
                if self._is_covered(number):
                    self.open_left.pop(number, None)
                else:
                    yield self._through(number, number, [number])
        for number in list(self.open_right):
            while links := self.open_right.get(number):
                if rows.uncovered(number, links[-1]):
                    yield self._through(number, number, [number])
                else:
                    links.pop()

    def _stands_aside(self, leaf: int) -> bool:
        """Tell whether a leaf comes from a process with outputs that something is made of: it stands beside those."""
        lefts = self.paths.lefts(leaf)
        return any(self._leading(n) for n in lefts if self.rows.is_process(n))

    def _is_covered(self, number: int) -> bool:
        lefts = self.paths.lefts(number)
        return self.rows.shown(number) and not any(self.rows.uncovered(n, number) for n in lefts)

    def _between(self, origin: int, output: int) -> list[int]:
        """Return the way from a node to another through processes only, or nothing."""
        before: dict[int, int] = {output: ABSENT}
        waiting = [output]
        while waiting:
            current = waiting.pop()
            for left in self.paths.lefts(current):
                if left == origin:
                    path = [origin]
                    while current != ABSENT:
                        path.append(current)
                        current = before[current]
                    return path
                if left not in before and self.rows.is_process(left):
                    before[left] = current
                    waiting.append(left)
        return []

    def _through(self, first: int, last: int, between: list[int]) -> list[int]:
        """Return a path that leads from the left to *first*, along *between* to *last*, and on to the right."""
        before = self._walk(first, left=True)
        path = [*before[:0:-1], *between, *self._walk(last, left=False)[1:]]
        path = self._with_siblings(path)
        for left, right in _edges(self.paths, path):
            self.rows.cover(left, right)
        for element in path:
            self.rows.show(element)
        return path

    def _walk(self, start: int, *, left: bool) -> list[int]:
        path, seen = [start], {start}
        while True:
            current = path[-1]
            following = self._next_left(current) if left else self._next_right(current)
            if following == ABSENT or following in seen:
                return path
            seen.add(following)
            path.append(following)
            if left:
                self.rows.cover(following, current)
            else:
                self.rows.cover(current, following)

    def _next_left(self, current: int) -> int:
        waiting = self.open_left.get(current)
        while waiting:
            other = waiting.pop()
            if self.rows.uncovered(other, current):
                return other
        links = self.paths.lefts(current)
        return links[0] if links else ABSENT

    def _next_right(self, current: int) -> int:
        # Of several outputs those lead on that something is made of; the others stand beside them, or get rows of their own.
        links = self.paths.rights(current)
        leading = self._leading(current)
        waiting = self.open_right.get(current)
        while waiting and (not leading or self.paths.rights(waiting[-1])):
            other = waiting.pop()  # what leads on is last
            if self.rows.uncovered(current, other):
                return other
        if leading:
            return leading[0]
        return links[0] if links else ABSENT

    def _leading(self, element: int) -> list[int]:
        """Return those of several things that follow an element which something follows in turn."""
        found = self.leading.get(element)
        if found is None:
            rights = self.paths.rights(element)
            found = [n for n in rights if self.paths.rights(n)] if len(rights) > 1 else []
            self.leading[element] = found
        return found

    def _with_siblings(self, path: list[int]) -> list[int]:
        """Put data files of other kinds beside a data file that comes from the same process, as tables do.

        Before a file that something is made of may stand those that come earlier by their kind, or its process would take them.
        """
        found: list[int] = []
        for n, element in enumerate(path):
            beside: list[int] = []
            if n and self.kinds[element] == "data" and self.rows.is_process(path[n - 1]):
                beside = self._siblings(path[n - 1], element)
                if n + 1 < len(path):
                    place = self._file_order(element)
                    beside = [other for other in beside if self._file_order(other) < place]
            found += sorted([element, *beside], key=self._file_order)
        return found

    def _siblings(self, process: int, element: int) -> list[int]:
        """Return for each other kind of data files of a process the one that goes with *element*."""
        links = self.paths.rights(process)
        if len(links) < 2:
            return []
        groups = self.groups.get(process)
        if groups is None:
            groups = self.groups[process] = {}
            for other in sorted(links, key=lambda n: self.rows.nodes[n].order):
                if self.kinds[other] == "data":
                    groups.setdefault(self._group(other), []).append(other)
        own = groups[self._group(element)]
        place = self.places.setdefault(
            process, {n: i for g in groups.values() for i, n in enumerate(g)}
        )
        found = []
        for files in groups.values():
            if files is not own:
                n = (
                    place[element]
                    if len(files) == len(own)
                    else min(place[element], len(files) - 1)
                )
                found.append(files[n])
        return found

    def _group(self, number: int) -> tuple[int, str]:
        return self.rows.slot(number), self._label(number)

    def _label(self, number: int) -> str:
        return self.rows.step(self.rows.nodes[number]).label

    def _file_order(self, number: int) -> tuple[int, int, str]:
        label = self._label(number).lower()
        raw = (
            0 if any(word in label for word in ("raw", "acquisition", "image", "induction")) else 1
        )
        derived = (
            2 if any(word in label for word in ("derived", "processed", "assignment")) else raw
        )
        return (self.rows.slot(number), derived, label)


def _edges(paths: Paths, path: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the edges that a path shows: between neighbours, or from the process before several data files."""
    source = path[0]
    for left, right in pairwise(path):
        source = left if paths.follows(left, right) else source
        yield source, right
