"""Which rows an ISA-Tab table has: paths through the nodes and processes of a study or assay.

Where a table was read, its rows come back in their order (``fairgraph.isa.paths``, and the stated ``isa:Row``), as long as the
graph still has their edges. Everything that no such row shows gets rows of its own: one for each leaf, and one for each edge
that is still missing then, never one for each path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fairgraph.exports.isa_tab_columns import file_label, table_columns
from fairgraph.exports.isa_tab_cover import Cover
from fairgraph.exports.isa_tab_stages import PROTOCOL_REF, Stages, Step
from fairgraph.exports.isa_view import IsaView, Node
from fairgraph.isa.columns import SlotKind
from fairgraph.isa.paths import ABSENT, Paths
from fairgraph.terms import BIOSCHEMAS, ISA, SCHEMA

MATERIAL_LABELS: Mapping[SlotKind, str] = {
    "source": "Source Name",
    "sample": "Sample Name",
    "extract": "Extract Name",
    "labeled-extract": "Labeled Extract Name",
}
DEFAULT_FILE_LABEL = "Derived Data File"


@dataclass
class StatedRow:
    """A row that the graph states: what it passes through, or the text of a remark, and cells by the IRI of their column."""

    line: int
    passes: set[str] = field(default_factory=set)
    remark: str = ""
    cells: dict[str, str] = field(default_factory=dict)  # column to what it shows, "" for nothing


@dataclass
class Row:
    """One row: the number of the element at each stage number (or ABSENT), its line (0 if it has none), and stated cells."""

    line: int
    elements: list[int]
    cells: dict[str, str]


class TableRows:
    """The stages and rows of one table. ``nodes`` are its elements by number."""

    def __init__(self, view: IsaView, table: str, stated: Sequence[StatedRow]) -> None:
        self.view, self.table = view, table
        self.is_study = view.is_a(table, ISA.Study)
        columns = table_columns(view, table, self._file_labels())
        self._slot_of, self._moved = columns.slot_of, columns.moved
        self.stages = Stages(columns.slots, columns.headers)
        self.paths = Paths([slot.is_process for slot in columns.slots])
        self.nodes: list[Node] = []
        self.elsewhere = 0  # inputs and outputs that stand in no column of this table
        self._movable: set[int] = set()  # elements that could stand in several columns
        self._add_elements()
        self._connect()
        self.remarks = sorted((row.line, row.remark) for row in stated if row.remark)
        self.rows = self._read_rows(stated)
        self._add_missing_rows()

    # -- elements and edges --------------------------------------------------------------------------------------

    def _file_labels(self) -> dict[str, list[str]]:
        """Return the headings for the data files of each column."""
        found: dict[str, dict[str, None]] = {}
        for node in self.view.members.get(self.table, ()):
            if node.kind == "data" and node.column:
                found.setdefault(node.column, {})[self.step(node).label] = None
        return {column: list(labels) for column, labels in found.items()}

    def _slot(self, node: Node) -> int:
        """Return the slot of the column that an element was read from, or ABSENT."""
        if self._moved and node.kind == "data":
            label = self.step(node).label.lower()
            if (moved := self._moved.get((label, node.column))) is not None:
                return moved
        return self._slot_of.get(node.column, ABSENT)

    def _add_elements(self) -> None:
        for node in self.view.members.get(self.table, ()):
            if self.is_study and node.kind == "sample" and self._belongs_to_assay(node):
                continue
            if node.kind == "process" and self._is_silent(node):
                continue
            slot = self._slot(node)
            here = slot != ABSENT
            if slot == ABSENT or not self.stages.all[slot].fits(self.step(node)):
                slot, sure = self._first_fit(node)
                if not sure:
                    self._movable.add(len(self.nodes))
            self.paths.add(node.iri, slot, node.line if here and slot != ABSENT else 0)
            self.nodes.append(node)

    def _belongs_to_assay(self, node: Node) -> bool:
        """Tell whether a sample is one that only an assay table names."""
        return bool(node.column) and node.column not in self._slot_of

    def names_first(self, node: Node) -> bool:
        """Tell whether this table is the one to show everything about a source or sample."""
        return self.is_study or node.column in self._slot_of

    def _first_fit(self, node: Node) -> tuple[int, bool]:
        """Return the first slot of a kind of node, or ABSENT, and whether it is the only one."""
        if node.kind == "process":
            return ABSENT, True
        step = self.step(node)
        fitting = [stage.number for stage in self.stages.all if stage.fits(step)]
        return (fitting[0] if fitting else ABSENT), len(fitting) < 2

    def _is_silent(self, process: Node) -> bool:
        """Tell whether a process only connects nodes, as a table does that puts two nodes side by side."""
        view, iri = self.view, process.iri
        about, edges = view.processes.get(iri, {}), view.edges.get(iri, {})
        says_nothing = (
            not (process.name or about or iri in view.values or view.comments.get(iri))
            and SCHEMA.object in edges
            and SCHEMA.result in edges
        )
        slot = self._slot_of.get(process.column, ABSENT)
        return says_nothing and (slot == ABSENT or self.stages.all[slot].kind != "process")

    def step(self, node: Node) -> Step:
        """Return what an element is, as far as its place in the table is concerned."""
        if node.kind == "process":
            protocol = min(self.view.processes.get(node.iri, {}).get(EXECUTES, ()), default="")
            return Step("process", PROTOCOL_REF, protocol, bool(node.name))
        if node.kind == "data":
            return Step("data", file_label(node.file_type) or DEFAULT_FILE_LABEL)
        kind: SlotKind = "labeled-extract" if node.labeled else "extract"
        if node.kind in ("source", "sample"):
            kind = "source" if node.kind == "source" else "sample"
        return Step(kind, MATERIAL_LABELS[kind])

    def _connect(self) -> None:
        view, paths = self.view, self.paths
        numbers = paths.numbers
        for process in view.members.get(self.table, ()):
            if process.kind != "process":
                continue
            edges = view.edges.get(process.iri, {})
            before, after = edges.get(SCHEMA.object, ()), edges.get(SCHEMA.result, ())
            inputs = [numbers[n] for n in before if n in numbers]
            outputs = [numbers[n] for n in after if n in numbers]
            self.elsewhere += len(before) + len(after) - len(inputs) - len(outputs)
            number = numbers.get(process.iri)
            if number is None:  # a silent one
                for right in outputs:
                    for left in self._origins(right, inputs) if len(outputs) > 1 else inputs:
                        paths.connect(left, right)
                continue
            for left in inputs:
                paths.connect(left, number)
            for right in outputs:
                paths.connect(number, right)
            self._connect_chain(process, number)
        self._connect_derived()

    def _connect_derived(self) -> None:
        """Put what no process gave beside what it is said to come from."""
        paths, edges = self.paths, self.view.edges
        for number, node in enumerate(self.nodes):
            if node.kind != "process" and not paths.lefts(number):
                for origin in edges.get(node.iri, {}).get(ISA.derivesFrom, ()):
                    if origin in paths.numbers and origin != node.iri:
                        paths.connect(paths.numbers[origin], number)

    def _origins(self, output: int, inputs: list[int]) -> list[int]:
        """Return those inputs that an output is said to come from, all if nothing is said."""
        said = self.view.edges.get(self.paths.keys[output], {}).get(ISA.derivesFrom, ())
        return [number for number in inputs if self.paths.keys[number] in said] or inputs

    def _connect_chain(self, process: Node, number: int) -> None:
        numbers, about = self.paths.numbers, self.view.processes.get(process.iri, {})
        for later in about.get(ISA.nextProcess, ()):
            if later in numbers and self._is_chain(process, process.iri, later):
                self.paths.connect(number, numbers[later])
        for earlier in about.get(ISA.previousProcess, ()):
            said = self.view.processes.get(earlier, {}).get(ISA.nextProcess, ())
            known = earlier not in numbers or process.iri in said
            if not known and self._is_chain(process, earlier, process.iri):
                self.paths.connect(numbers[earlier], number)

    def _is_chain(self, process: Node, earlier: str, later: str) -> bool:
        """Tell whether a link between processes says that no node stands between them.

        ISA-JSON links processes, too, where a node leads from one to the next; tables link them where there is none.
        """
        edges = self.view.edges
        outputs = edges.get(earlier, {}).get(SCHEMA.result, ())
        inputs = edges.get(later, {}).get(SCHEMA.object, ())
        return process.tabular or set(outputs).isdisjoint(inputs)

    # -- rows that were read -------------------------------------------------------------------------------------

    def _read_rows(self, stated: Sequence[StatedRow]) -> list[Row]:
        paths = self.paths
        introduced: dict[int, list[int]] = {}
        for number, line in enumerate(paths.lines):
            if line:
                introduced.setdefault(line, []).append(number)
        by_line = {row.line: row for row in stated if not row.remark}
        rows = []
        self._covered: set[int] = set()
        self._shown = bytearray(len(paths.keys))
        for line in sorted(introduced.keys() | by_line.keys()):
            row = by_line.get(line)
            elements = self._stated_elements(row) if row is not None else None
            edges = paths.edges(elements) if elements is not None else None
            if elements is None or edges is None:
                elements = paths.row(line, introduced.get(line, ()))
                edges = paths.edges(elements)
            if edges is None or all(element == ABSENT for element in elements):
                continue  # an update took an edge away: what is left gets rows of its own
            self._cover(edges)
            for element in elements:
                if element != ABSENT:
                    self._shown[element] = 1
            rows.append(Row(line, elements, row.cells if row is not None else {}))
        return rows

    def _stated_elements(self, row: StatedRow) -> list[int] | None:
        paths = self.paths
        elements = [ABSENT] * len(paths.is_process)
        for iri in row.passes:
            number = paths.numbers.get(iri)
            if number is not None and paths.slots[number] != ABSENT:
                elements[paths.slots[number]] = number
        for column, shown in row.cells.items():
            number = paths.numbers.get(shown)
            if number is not None and column in self._slot_of:
                elements[self._slot_of[column]] = number
        return elements if any(element != ABSENT for element in elements) else None

    def _cover(self, edges: Sequence[tuple[int, int]]) -> None:
        size = len(self.nodes)
        self._covered.update([left * size + right for left, right in edges])

    # -- rows that are missing -----------------------------------------------------------------------------------

    def _add_missing_rows(self) -> None:
        numbers: dict[tuple[Step, ...], list[int]] = {}
        # Through one element a path may be found from both of its sides.
        found = dict.fromkeys(tuple(sequence) for sequence in Cover(self).sequences())
        sequences = sorted(found, key=lambda s: self.nodes[s[0]].order)
        steps = [tuple(self._placed(number) for number in sequence) for sequence in sequences]
        for signature in sorted(dict.fromkeys(steps), key=len, reverse=True):
            numbers[signature] = self.stages.align(signature)
        for sequence, signature in zip(sequences, steps, strict=True):
            elements = [ABSENT] * len(self.stages.all)
            for stage, element in zip(numbers[signature], sequence, strict=True):
                elements[stage] = element
            self.rows.append(Row(0, elements, {}))

    def _placed(self, number: int) -> Step:
        step = self.step(self.nodes[number])
        slot = ABSENT if number in self._movable else self.paths.slots[number]
        return Step(step.kind, step.label, step.protocol, step.named, slot)

    def is_process(self, number: int) -> bool:
        """Tell whether an element is a process."""
        return self.nodes[number].kind == "process"

    def slot(self, number: int) -> int:
        """Return where an element stands among the stages that there are, or ABSENT."""
        return self.paths.slots[number]

    def uncovered(self, left: int, right: int) -> bool:
        """Tell whether no row shows an edge yet."""
        return left * len(self.nodes) + right not in self._covered

    def cover(self, left: int, right: int) -> None:
        """Say that a row shows an edge."""
        self._covered.add(left * len(self.nodes) + right)

    def was_read(self, number: int) -> bool:
        """Tell whether an element was read from this table."""
        return bool(self.paths.lines[number])

    def shown(self, number: int) -> bool:
        """Tell whether a row shows an element."""
        return bool(self._shown[number])

    def show(self, number: int) -> None:
        """Say that a row shows an element."""
        self._shown[number] = 1


EXECUTES = BIOSCHEMAS.executesLabProtocol
