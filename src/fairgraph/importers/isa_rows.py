"""What each row of an ISA-Tab table shows, and which rows the graph must state because they do not follow from it.

A row follows from the lines on which things are named first and from the edges (``fairgraph.isa.paths``), and a cell from the
first value of its node. What differs becomes an ``isa:Row``: the things it passes through, and cells that show another value
or none.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from fairgraph.importers.isa_graph import COLUMN, LINE, TYPE, IsaGraph
from fairgraph.isa.columns import Attribute, Slot
from fairgraph.isa.paths import ABSENT, Paths
from fairgraph.terms import ISA, SCHEMA, XSD

Cells = tuple[str, ...]
# Kind and name of an attribute, and which of several columns of that kind and name it is.
Key = tuple[str, str, int]


def keys(slot: Slot) -> Iterator[tuple[Key, Attribute]]:
    """Yield the attributes of a slot with what tells them apart."""
    counts: dict[tuple[str, str], int] = {}
    for attribute in slot.attributes:
        name = attribute.kind, attribute.name
        counts[name] = counts.get(name, -1) + 1
        yield (*name, counts[name]), attribute


@dataclass(slots=True)
class Node:
    """A material, data file or process that has been written: its IRI and the cells of the slot that described it first."""

    iri: str
    slot: Slot
    cells: Cells
    further: set[tuple[int, Cells]] | None = None
    later: dict[Key, Cells] | None = None
    others: dict[tuple[Key, Cells], str] | None = None  # the nodes of values beyond the first

    def described(self) -> dict[Key, Cells]:
        """Return value, unit, source and accession of each attribute as it was written first."""
        found: dict[Key, Cells] = {}
        at = 0
        for key, attribute in keys(self.slot):
            values = []
            for column in attribute.columns:
                values.append(self.cells[at] if column >= 0 else "")
                at += column >= 0
            found[key] = tuple(values)
        return found | (self.later or {})


@dataclass(slots=True)
class Process(Node):
    """A process with its edges, in order; ``pairs`` says which output came from which input in one row."""

    inputs: dict[str, None] = field(default_factory=dict)
    outputs: dict[str, None] = field(default_factory=dict)
    pairs: dict[tuple[str, str], None] = field(default_factory=dict)
    previous: dict[int, Process] = field(default_factory=dict)


class Rows:
    """The rows of one table as they are read: which element stands in which slot."""

    def __init__(self, graph: IsaGraph, table: str, slots: Sequence[Slot]) -> None:
        self.graph, self.table, self.slots = graph, table, slots
        self.paths = Paths([slot.is_process for slot in slots])
        self.column_iris: list[str] = []
        self._elements: list[Node] = []  # by their number in the paths
        self._shown = array("i")  # of each row and slot, the number of what stands there
        self._lines = array("q")
        self._home: dict[str, int] = {}
        for n, slot in enumerate(slots):
            self._home.setdefault(slot.key, n)
        self._stated: dict[int, str] = {}

    def begin(self, line: int) -> None:
        """Begin a row."""
        self._lines.append(line)
        self._shown.extend([ABSENT] * len(self.slots))

    def show(self, n: int, element: Node, *, introduced: bool) -> None:
        """Say what stands in slot *n* of the row, and whether this row names it first."""
        number = self.paths.numbers.get(element.iri)
        if number is None:
            slot = n if introduced else self._home[self.slots[n].key]
            line = self._lines[-1] if introduced else 0
            number = self.paths.add(element.iri, slot, line)
            self._elements.append(element)
        self._shown[n - len(self.slots)] = number

    def connect(self, left: str, right: str) -> None:
        """Say once that one element follows another, both shown before."""
        numbers = self.paths.numbers
        self.paths.connect(numbers[left], numbers[right])

    # -- statements ----------------------------------------------------------------------------------------------

    def state(self, rows: Iterable[tuple[int, list[str]]]) -> None:
        """Write the rows and cells that do not follow from the rest; *rows* are those of the file, once more."""
        width, shown, paths = len(self.slots), self._shown, self.paths
        for n, line in enumerate(self._lines):
            row = shown[n * width : (n + 1) * width].tolist()
            introduced = [e for e in row if e != ABSENT and paths.lines[e] == line]
            if paths.row(line, introduced) != row:
                self._state_path(line, row)
        if any(element.further for element in self._elements):
            for n, (line, cells) in enumerate(rows):
                for slot, number in enumerate(shown[n * width : (n + 1) * width]):
                    if number != ABSENT and self._elements[number].further:
                        self._state_cells(line, cells, self._elements[number], self.slots[slot])

    def remark(self, line: int, text: str) -> None:
        """Keep a row that is a comment (ISA-Tab, Format: lines that begin with ``#``)."""
        self.graph.text(self._row(line), SCHEMA.text, text)

    def _state_path(self, line: int, row: list[int]) -> None:
        node, graph = self._row(line), self.graph
        for n, number in enumerate(row):
            if number == ABSENT:
                continue
            iri = self.paths.keys[number]
            if self.paths.slots[number] == n:
                graph.add(node, f"<{ISA.passes}>", iri)
            else:
                slot = self.slots[n]
                self._cell(node, slot.column if slot.column >= 0 else slot.name_column, iri)

    def _state_cells(self, line: int, row: list[str], element: Node, slot: Slot) -> None:
        first = element.described()
        for key, attribute in keys(slot):
            cells = tuple(row[column] if column >= 0 else "" for column in attribute.columns)
            expected = first.get(key, ())
            if cells == expected or not (any(cells) or any(expected)):
                continue
            shows = (element.others or {}).get((key, cells), "") if any(cells) else ""
            self._cell(self._row(line), attribute.column, shows)

    def _row(self, line: int) -> str:
        node = self._stated.get(line)
        if node is None:
            graph = self.graph
            node = self._stated[line] = graph.mint(self.table[1:-1], "row", f"r{line}")
            graph.add(self.table, f"<{ISA.row}>", node)
            graph.write(f'{node} {TYPE} <{ISA.Row}> .\n{node} {LINE} "{line}"^^<{XSD.integer}> .\n')
        return node

    def _cell(self, row: str, column: int, shows: str) -> None:
        graph = self.graph
        node = graph.mint(row[1:-1], "cell", f"c{column + 1}")
        graph.write(
            f"{row} <{ISA.cell}> {node} .\n{node} {TYPE} <{ISA.Cell}> .\n"
            f"{node} {COLUMN} {self.column_iris[column]} .\n"
        )
        if shows:
            graph.add(node, f"<{ISA.shows}>", shows)
