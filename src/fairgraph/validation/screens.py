"""Which focus nodes break a demand.

Shapes with the same targets are asked about in one query, which walks over the targets once and returns those that break a demand.
For many focus nodes the parts of each demand are screened first, and what holds of all of them is not asked of any:

* a fault (a name that is empty, something undeclared) is looked for among all statements, once for all shapes that forbid it;
* where something has to be there, nodes are counted: all focus nodes have it if those that have it do not become more when the focus
  nodes are added. So targets of several shapes are screened at once;
* where a fault is there, focus nodes and faulty ones are counted: no focus node has it if both together are as many as their sum.

To count is to walk over the statements of a property, in the order in which the store has them, at 0.2 µs to 0.3 µs for each. To look
up what one node leads to takes 1 µs in memory and 4 µs on disk, and more in large data, where each lookup misses the caches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile

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
    is_far,
    pattern,
    some,
    walked,
    walks,
)

# From so many focus nodes on it pays to walk over properties.
MANY = 250
_VARIABLE = re.compile(r"\?[fv]\d+")
_FOCUS = re.compile(r"\?f\d+")

Ways = tuple[str, ...]
"""Patterns, each of which binds to ``?x`` nodes of which a condition holds."""

_COUNTS = {
    "all": "(COUNT(DISTINCT ?x) AS ?all)",
    "others": "(COUNT(DISTINCT ?a) AS ?others)",
    "nodes": "(COUNT(DISTINCT ?b) AS ?nodes)",
    "rows": "(COUNT(?b) AS ?rows)",
}


@dataclass
class Screens:
    """Asks one dataset, and remembers what it was told."""

    data: Data
    _repeating: dict[str, bool] = field(default_factory=dict)
    _faults: dict[str, bool] = field(default_factory=dict)
    _counted: dict[Ways, dict[str, int]] = field(default_factory=dict)

    def broken(
        self, demands: Mapping[Focus, list[Demand]]
    ) -> Iterator[tuple[Demand, QuerySolution]]:
        """Yield each demand with each focus node (``?focus``) that breaks it."""
        many = {focus for focus in demands if self._is_many(focus)}
        holding = self._holding({focus: demands[focus] for focus in many})
        for focus, all_demands in demands.items():
            asked = [
                (demand, left)
                for demand in all_demands
                if (left := [p for p in _parts(demand) if (focus, p) not in holding])
            ]
            if asked:
                repeats = focus in many and self._repeats(focus)
                nodes = focus.each if repeats else focus.loose
                yield from self._asked(
                    focus, nodes, [(demand, every(left)) for demand, left in asked]
                )

    def _asked(
        self, focus: Focus, nodes: str, asked: list[tuple[Demand, Condition]]
    ) -> Iterator[tuple[Demand, QuerySolution]]:
        broken = f"{nodes} {filter_out(_factored(condition for _, condition in asked))}"
        # Mostly nobody breaks anything. The query that tells who breaks what is twice as long to read.
        if self._is_any(f"SELECT {focus.node} WHERE {{ {broken} }}"):
            columns = "".join(f" ({expression(c)} AS ?c{n})" for n, (_, c) in enumerate(asked))
            query = f"SELECT DISTINCT {focus.columns}{columns} WHERE {{ {broken} }}"
            for row in self.data.rows(query):
                for n, (demand, _) in enumerate(asked):
                    if row[f"c{n}"].value != "true":
                        yield demand, row

    def _is_many(self, focus: Focus) -> bool:
        return self._is_any(f"SELECT {focus.node} WHERE {{ {focus.loose} }} OFFSET {MANY - 1}")

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

    # -- what holds of all focus nodes ---------------------------------------------------------------------------------

    def _holding(self, demands: Mapping[Focus, list[Demand]]) -> set[tuple[Focus, Condition]]:
        """Return parts of demands that are known to hold of all focus nodes."""
        holding: set[tuple[Focus, Condition]] = set()
        needed: dict[Ways, list[tuple[Focus, Condition]]] = {}
        for focus, all_demands in demands.items():
            for part in dict.fromkeys(p for demand in all_demands for p in _parts(demand)):
                if isinstance(part, Not):
                    if self._nobody(focus, _alternatives(part.part)):
                        holding.add((focus, part))
                elif ways := self._ways(focus, _alternatives(part)):
                    needed.setdefault(ways, []).append((focus, part))
        # Mostly the first alternatives will do, and those that several shapes begin with need to be counted only once.
        tried: dict[Ways, list[tuple[Focus, Condition]]] = {}
        for ways, users in needed.items():
            tried.setdefault(_beginning(ways, needed), []).extend(users)
        for ways, users in [
            *tried.items(),
            *(item for item in needed.items() if item[0] not in tried),
        ]:
            holding.update(self._having(ways, [user for user in users if user not in holding]))
        return holding

    def _having(
        self, ways: Ways, users: list[tuple[Focus, Condition]]
    ) -> list[tuple[Focus, Condition]]:
        """Return those of *users* whose focus nodes are all among the nodes that *ways* bind."""
        foci = list(dict.fromkeys(focus for focus, _ in users))
        if not foci or self._are_among(foci, ways):
            return users
        if len(foci) > 1:
            foci = [focus for focus in foci if self._are_among([focus], ways)]
            return [user for user in users if user[0] in foci]
        return []

    def _are_among(self, foci: Iterable[Focus], ways: Ways) -> bool:
        counted = self._counted.get(ways)
        nodes = _union(map(_nodes, foci))
        if counted:
            return self._counts(f"{nodes} UNION {_union(ways)}")["all"] == counted["nodes"]
        counted = self._counts(
            f"{nodes} UNION {{ {_union(ways)} BIND (?x AS ?b) }}", "nodes", "rows"
        )
        self._counted[ways] = counted
        return counted["all"] == counted["nodes"]

    def is_single(self, ways: Ways) -> bool:
        """Tell whether the patterns bind no node (``?x``) twice."""
        if ways not in self._counted:
            self._counted[ways] = self._counts(f"{_union(ways)} BIND (?x AS ?b)", "nodes", "rows")
        return self._counted[ways]["rows"] == self._counted[ways]["nodes"]

    def _counts(self, where: str, *names: str) -> dict[str, int]:
        columns = " ".join(_COUNTS[name] for name in ("all", *names))
        (row,) = self.data.rows(f"SELECT {columns} WHERE {{ {where} }}")
        return {name: int(row[name].value) for name in ("all", *names)}

    def _nobody(self, focus: Focus, faults: Iterable[Condition]) -> bool:
        """Tell whether it is known that no focus node has one of the faults."""
        occurring = [fault for fault in faults if self._may_occur(fault)]
        if not occurring:
            return True
        ways = self._ways(focus, occurring)
        if len(ways) < len(occurring):
            return False
        either = f"{{ {_nodes(focus)} BIND (?x AS ?a) }} UNION {{ {_union(ways)} BIND (?x AS ?b) }}"
        counted = self._counts(either, "others", "nodes")
        return counted["all"] == counted["others"] + counted["nodes"]

    def _ways(self, focus: Focus, conditions: Iterable[Condition]) -> Ways:
        """Return patterns that bind to ``?x`` the nodes of which *conditions* hold, those left out for which that does not pay.

        The names of its variables are of no matter: the same conditions give the same patterns.
        """
        return tuple(
            _named(walked(condition), focus)
            for condition in conditions
            if isinstance(condition, Leads)
            and condition.start == focus.node
            and all(name == focus.node for name in _FOCUS.findall(pattern(condition)))
            and walks(condition)
            and (self.data.on_disk or not is_far(condition))
        )

    def _is_any(self, query: str) -> bool:
        return any(True for _ in self.data.rows(f"{query} LIMIT 1"))

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


def _parts(demand: Demand) -> tuple[Condition, ...]:
    return demand.condition.parts if isinstance(demand.condition, Every) else (demand.condition,)


def _alternatives(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, Some) else (condition,)


def _nodes(focus: Focus) -> str:
    """Return the pattern that binds focus nodes to ``?x``."""
    return re.sub(rf"{re.escape(focus.node)}\b", "?x", focus.loose)


def _named(text: str, focus: Focus) -> str:
    names = {focus.node: "?x"}
    return _VARIABLE.sub(lambda m: names.setdefault(m[0], f"?v{len(names)}"), text)


def _union(patterns: Iterable[str]) -> str:
    return " UNION ".join(f"{{ {text} }}" for text in patterns)


def _beginning(ways: Ways, others: Iterable[Ways]) -> Ways:
    """Return the first of *ways*, as many as any of *others* begins with too, at least one."""
    shared = 1
    for other in others:
        if other != ways:
            same = takewhile(lambda pair: pair[0] == pair[1], zip(ways, other, strict=False))
            shared = max(shared, sum(1 for _ in same))
    return ways[:shared]


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
