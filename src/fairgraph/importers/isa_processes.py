"""Which rows of an ISA-Tab table share a process, and whether the graph that they make is acyclic.

The rule (``docs/isa-mapping.md`` tells it to users): rows share a process if and only if they are in the same table and the
same Protocol REF column with the same protocol, and

* parameter values, date and performer are equal, and
* the process has a name, and the names are equal; or it has none, and what the rows lead to comes from the same set of nodes.

So one sample that is split is one process with several outputs, several sources that are pooled are one process with several
inputs, and no output is ever said to come from an input that no row connects with it. An empty name never joins anything.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence

from fairgraph.isa.columns import Slot

ABSENT = 0


class ProcessGroups:
    """For every row and every process slot the number of the process, from 1, or ``ABSENT``."""

    def __init__(self, slots: Sequence[Slot], rows: Iterable[list[str]]) -> None:
        """Read all rows of the table, in order, each padded to the width of the header."""
        self._slots = {n: _SlotGroups(slots, n) for n, slot in enumerate(slots) if slot.is_process}
        for row in rows:
            for groups in self._slots.values():
                groups.read(row)
        first = 1
        for groups in self._slots.values():
            first = groups.number(first)

    def row(self, n: int) -> dict[int, int]:
        """Return the process number of each process slot that row *n* has."""
        return {slot: g.rows[n] for slot, g in self._slots.items() if g.rows[n] != ABSENT}


class _SlotGroups:
    """The processes of one slot. Rows first share a pool (one name, or one thing they lead to), then pools a process."""

    def __init__(self, slots: Sequence[Slot], n: int) -> None:
        slot = slots[n]
        self.rows = array("q")
        self._pools: dict[int, int] = {}
        self._inputs: list[int | set[int]] = [
            ABSENT
        ]  # of each pool: one input (the usual case) or several
        self._common: list[int] = [
            ABSENT
        ]  # of each pool: what must be equal, ABSENT if it stays alone
        self._protocol, self._name = slot.column, slot.name_column
        self._values = [
            column
            for attribute in slot.attributes
            if attribute.kind in ("parameter-value", "date", "performer")
            for column in attribute.columns
            if column >= 0
        ]
        self._all = [c for attribute in slot.attributes for c in attribute.columns if c >= 0]
        self._left = _identities(slots[:n][::-1])
        self._right = _identities(slots[n + 1 :])

    def read(self, row: list[str]) -> None:
        protocol = row[self._protocol] if self._protocol >= 0 else ""
        values = [row[column] for column in self._values]
        if self._name >= 0 and (name := row[self._name]):
            self.rows.append(self._pool(hash((protocol, name, *values)), ABSENT))
            return
        if not protocol and not any(values) and not any(row[column] for column in self._all):
            self.rows.append(ABSENT)
            return
        common = hash((protocol, *values))
        left, right = _first(self._left, row), _first(self._right, row)
        if not left and not right:
            pool = self._pool(hash(("row", len(self.rows))), ABSENT)
        else:
            pool = self._pool(
                hash((common, right or left, bool(right))), common if left else ABSENT
            )
            self._add_input(pool, hash(left))
        self.rows.append(pool)

    def number(self, first: int) -> int:
        """Replace pools by process numbers that start at *first*; return the next free number."""
        processes: dict[object, int] = {}
        numbers = array("q", [ABSENT])
        for pool in range(1, len(self._common)):
            inputs = self._inputs[pool]
            several = frozenset(inputs) if isinstance(inputs, set) else inputs
            key = (self._common[pool], several) if self._common[pool] != ABSENT else ("pool", pool)
            numbers.append(processes.setdefault(key, first + len(processes)))
        for n, pool in enumerate(self.rows):
            self.rows[n] = numbers[pool]
        self._pools.clear()
        return first + len(processes)

    def _pool(self, key: int, common: int) -> int:
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = len(self._common)
            self._common.append(common)
            self._inputs.append(ABSENT)
        return pool

    def _add_input(self, pool: int, node: int) -> None:
        known = self._inputs[pool]
        if known == ABSENT:
            self._inputs[pool] = node
        elif isinstance(known, set):
            known.add(node)
        elif known != node:
            self._inputs[pool] = {known, node}


def _identities(slots: Iterable[Slot]) -> list[tuple[str, int]]:
    """The columns that say which node or named process stands beside, the nearest first."""
    return [
        (slot.name_label, slot.name_column) if slot.is_process else (slot.key, slot.column)
        for slot in slots
        if not slot.is_process or slot.name_column >= 0
    ]


def _first(columns: list[tuple[str, int]], row: list[str]) -> tuple[str, str] | None:
    return next(((label, row[column]) for label, column in columns if row[column]), None)


def find_cycle(successors: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the nodes of one cycle, in order, or an empty list (ISA model: graphs MUST NOT contain cycles)."""
    done: set[str] = set()
    for start in successors:
        if start in done:
            continue
        path: dict[str, None] = {start: None}
        stack = [iter(successors.get(start, ()))]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
                done.add(path.popitem()[0])
            elif node in path:
                nodes = list(path)
                return nodes[nodes.index(node) :]
            elif node not in done:
                path[node] = None
                stack.append(iter(successors.get(node, ())))
    return []
