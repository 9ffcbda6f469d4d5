"""The stages of an ISA-Tab table: which nodes and processes stand from left to right, and under which headers.

A table that was read has its stages from its columns (``isa:Column``). What has no column yet is aligned with the stages there
are, so that few are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from fairgraph.isa.columns import Slot, SlotKind

PROTOCOL_REF = "Protocol REF"
NAME_HEADER = "Assay Name"
_MATCH_OTHER_PROTOCOL, _MATCH_OTHER_NAMING, _ADD, _SKIP = 0.5, 0.25, 2.0, 0.01
_LEAVE = 1.0  # the stage that an element is known to stand in
_NEVER = float("inf")


class Step(NamedTuple):
    """One element of a row as far as its place is concerned: a node by its header, or a process by its protocol."""

    kind: SlotKind
    label: str
    protocol: str = ""
    named: bool = False
    stage: int = -1  # the number of the stage that it is known to stand in


@dataclass(eq=False)
class Stage:
    """The columns of one node or process and of what is said about it: headers, and the ``isa:Column`` of each or ``""``."""

    number: int
    kind: SlotKind
    label: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    named: bool = False
    protocols: set[str] = field(default_factory=set)

    @property
    def has_only_a_name(self) -> bool:
        """True for a process without a Protocol REF, such as a scan after a hybridization."""
        return self.kind == "process" and self.label.lower() != PROTOCOL_REF.lower()

    def fits(self, step: Step) -> bool:
        """Tell whether an element could stand here."""
        if self.kind != step.kind:
            return False
        return self.kind != "data" or self.label.lower() == step.label.lower()


class Stages:
    """All stages of a table. A stage keeps its number; ``order`` says how they stand from left to right."""

    def __init__(self, slots: Sequence[Slot], headers: Sequence[tuple[str, str]]) -> None:
        self.all: list[Stage] = []
        self.order: list[int] = []
        starts = [slot.column if slot.column >= 0 else slot.name_column for slot in slots]
        for n, slot in enumerate(slots):
            end = starts[n + 1] if n + 1 < len(slots) else len(headers)
            chunk = list(headers[starts[n] if n else 0 : end])
            self.all.append(Stage(n, slot.kind, slot.label, chunk, slot.name_column >= 0))
            self.order.append(n)

    def ordered(self) -> list[Stage]:
        """Return the stages from left to right."""
        return [self.all[number] for number in self.order]

    def headers(self) -> list[tuple[str, str]]:
        """Return all headers from left to right, each with the IRI of its ``isa:Column`` or ``""``."""
        return [header for stage in self.ordered() for header in stage.headers]

    def align(self, steps: Sequence[Step]) -> list[int]:
        """Return the number of the stage of each step, in rising order from left to right; add stages where none fits."""
        numbers: list[int] = []
        stages = self.ordered()
        place = added = 0
        for step, position in zip(
            steps, self._first_places(steps) or self._match(steps), strict=True
        ):
            if position < 0:
                stage = self._add(step, place)
                added += 1
            else:
                stage = stages[position]
                place = position + added
            place += 1
            if step.protocol:
                stage.protocols.add(step.protocol)
            numbers.append(stage.number)
        return numbers

    def _first_places(self, steps: Sequence[Step]) -> list[int]:
        """Return the first stages, from left to right, that cost nothing, if that is no worse than any other choice, else nothing."""
        chosen: list[int] = []
        skipped = 0.0
        for place, stage in enumerate(self.ordered()):
            if len(chosen) == len(steps) or skipped > _MATCH_OTHER_NAMING:
                break
            if _cost(steps[len(chosen)], stage) == 0:
                chosen.append(place)
            else:
                skipped += _SKIP
        return chosen if len(chosen) == len(steps) and skipped <= _MATCH_OTHER_NAMING else []

    def _match(self, steps: Sequence[Step]) -> list[int]:
        """Return for each step the position of its stage, or -1, at the least cost (an edit distance)."""
        stages = self.ordered()
        width, height = len(stages), len(steps)
        costs = [[0.0] * (width + 1) for _ in range(height + 1)]
        for n in range(height - 1, -1, -1):
            add = _ADD + (_LEAVE if steps[n].stage >= 0 else 0)
            costs[n][width] = costs[n + 1][width] + add
            for m in range(width - 1, -1, -1):
                costs[n][m] = min(
                    costs[n + 1][m] + add,
                    costs[n][m + 1] + _SKIP,
                    costs[n + 1][m + 1] + _cost(steps[n], stages[m]),
                )
        chosen = []
        n = m = 0
        while n < height:
            if m < width and costs[n][m] == costs[n + 1][m + 1] + _cost(steps[n], stages[m]):
                chosen.append(m)
                n, m = n + 1, m + 1
            elif m < width and costs[n][m] == costs[n][m + 1] + _SKIP:
                m += 1
            else:
                chosen.append(-1)
                n += 1
        return chosen

    def _add(self, step: Step, place: int) -> Stage:
        stage = Stage(len(self.all), step.kind, step.label)
        stage.headers.append((step.label if step.kind != "process" else PROTOCOL_REF, ""))
        following = self.all[self.order[place]] if place < len(self.order) else None
        if step.kind == "process" and following is not None and following.has_only_a_name:
            # The name column of the process that follows would become that of this one.
            stage.headers.append((NAME_HEADER, ""))
            stage.named = True
        self.all.append(stage)
        self.order.insert(place, stage.number)
        return stage


def _cost(step: Step, stage: Stage) -> float:
    if step.stage >= 0:
        return 0.0 if step.stage == stage.number else _NEVER
    if not stage.fits(step):
        return _NEVER
    cost = 0.0
    if step.kind == "process":
        if stage.has_only_a_name and (step.protocol or not step.named):
            return _NEVER
        if not stage.has_only_a_name and not step.protocol:
            cost += _MATCH_OTHER_NAMING
        if stage.protocols and step.protocol not in stage.protocols:
            cost += _MATCH_OTHER_PROTOCOL
        if step.named != stage.named:
            cost += _MATCH_OTHER_NAMING
    return cost
