"""Which focus nodes break a demand.

Shapes with the same targets are asked about in one query, which walks over the targets once and returns those that break a demand.
For many focus nodes each demand is screened first. A fault (a name that is empty, something undeclared) is looked for among all
statements, once for all shapes that forbid it. On disk, where something has to be there, the nodes that have it are taken away from
the targets (MINUS, a hash join): to look up what one node leads to takes 3 µs there, to walk over a statement of a property 0.3 µs.
In memory it is 0.7 µs and the same. Mostly nothing is left, and no node is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import QuerySolution

from fairgraph.validation.compiler import Demand, Focus
from fairgraph.validation.data import Data
from fairgraph.validation.expressions import (
    Condition,
    Every,
    Leads,
    Not,
    Some,
    every,
    expression,
    filter_out,
    pattern,
    some,
)

# From so many focus nodes on it pays to walk over properties.
MANY = 1_000
_VARIABLE = re.compile(r"\?v\d+")


@dataclass
class Screens:
    """Asks one dataset, and remembers what it was told."""

    data: Data
    _repeating: dict[str, bool] = field(default_factory=dict)
    _faults: dict[str, bool] = field(default_factory=dict)

    def broken(self, focus: Focus, demands: list[Demand]) -> Iterator[tuple[Demand, QuerySolution]]:
        """Yield each demand with each focus node (``?focus``) that breaks it."""
        is_many = self._count(f"SELECT {focus.node} WHERE {{ {focus.loose} }} LIMIT {MANY}") == MANY
        asked = [d for d in demands if not is_many or self._may_break(focus, d.condition)]
        if not asked:
            return
        nodes = focus.each if is_many and self._repeats(focus) else focus.loose
        broken = f"{nodes} {filter_out(_factored(demand.condition for demand in asked))}"
        # Mostly nobody breaks anything. The query that tells who breaks what is twice as long to read.
        if self._is_any(f"SELECT {focus.node} WHERE {{ {broken} }}"):
            columns = "".join(f" ({expression(d.condition)} AS ?c{n})" for n, d in enumerate(asked))
            query = f"SELECT DISTINCT {focus.columns}{columns} WHERE {{ {broken} }}"
            for row in self.data.rows(query):
                for n, demand in enumerate(asked):
                    if row[f"c{n}"].value != "true":
                        yield demand, row

    def _repeats(self, focus: Focus) -> bool:
        """Tell whether a pattern that binds focus nodes binds some of them twice, judged by the first of them.

        A wrong guess costs time, and no more.
        """
        for binding in focus.repeating:
            if binding not in self._repeating:
                some_of_them = f"SELECT {focus.node} WHERE {{ {binding} }} LIMIT {MANY}"
                (row,) = self.data.rows(
                    f"SELECT (COUNT({focus.node}) AS ?all) (COUNT(DISTINCT {focus.node}) AS ?each)"
                    f" WHERE {{ {{ {some_of_them} }} }}"
                )
                self._repeating[binding] = row["all"] != row["each"]
        return any(self._repeating[binding] for binding in focus.repeating)

    def _may_break(self, focus: Focus, condition: Condition) -> bool:
        if isinstance(condition, Every):
            return any(self._may_break(focus, part) for part in condition.parts)
        if isinstance(condition, Not):
            return any(map(self._may_occur, _parts(condition.part)))
        leads = [part for part in _parts(condition) if isinstance(part, Leads)]
        others = [part for part in _parts(condition) if not isinstance(part, Leads)]
        if not leads or not self.data.on_disk:
            return True
        fulfilling = " UNION ".join(f"{{ {pattern(part)} }}" for part in leads)
        left = f"{focus.loose} MINUS {{ {fulfilling} }}"
        if others:
            # Grouped, so that the engine does not ask everybody about the others first.
            left = f"{{ SELECT {focus.node} WHERE {{ {left} }} GROUP BY {focus.node} }}"
            left += filter_out(some(others))
        return self._is_any(f"SELECT {focus.node} WHERE {{ {left} }}")

    def _is_any(self, query: str) -> bool:
        return any(True for _ in self.data.rows(f"{query} LIMIT 1"))

    def _count(self, query: str) -> int:
        (row,) = self.data.rows(f"SELECT (COUNT(*) AS ?n) WHERE {{ {{ {query} }} }}")
        return int(row["n"].value)

    def _may_occur(self, fault: Condition) -> bool:
        """Tell whether any node at all has a fault."""
        if not isinstance(fault, Leads):
            return True
        names: dict[str, str] = {}
        query = f"SELECT {fault.start} WHERE {{ {pattern(fault)} }}"
        query = _VARIABLE.sub(lambda m: names.setdefault(m[0], f"?v{len(names)}"), query)
        if query not in self._faults:
            self._faults[query] = self._is_any(query)
        return self._faults[query]


def _parts(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, Some) else (condition,)


def _factored(conditions: Iterable[Condition]) -> Condition:
    """Return the condition that all hold; what several begin with is asked once: (a or b) and (a or c) is a or (b and c)."""
    others: list[Condition] = []
    beginning: dict[Condition, list[Condition]] = {}
    for condition in conditions:
        for part in condition.parts if isinstance(condition, Every) else (condition,):
            if isinstance(part, Some) and part.parts:
                beginning.setdefault(part.parts[0], []).append(some(part.parts[1:]))
            else:
                others.append(part)
    return every([*others, *(some([first, every(rest)]) for first, rest in beginning.items())])
