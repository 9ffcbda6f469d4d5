"""Slots of a matrix: the categories of one name and meaning, with the values that rows have or inherit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fairgraph.exports.ml_facts import WITH_UNIT, Category, Cells, Facts, Term, labels, tuple_of

Level = tuple[str, ...]


@dataclass
class Slot:
    """What becomes one column, or one for each unit. ``cells`` hold tokens by row, ``inherited`` the number of those that an ancestor gave."""

    name: str
    is_factor: bool
    property: Term | None
    positions: tuple[int, ...]
    cells: Cells
    units: tuple[str, ...]
    inherited: int = 0


def slots(facts: Facts, *, inherit: bool = True) -> list[Slot]:
    """Return the slots that are declared or used, factors last, by name.

    Categories of one name are one slot, unless their terms differ: then each has the CURIE of its term behind its name.
    """
    groups: dict[tuple[bool, str], list[int]] = {}
    for position, category in enumerate(facts.categories):
        if category.is_declared or facts.cells[position]:
            groups.setdefault((category.is_factor, category.name), []).append(position)
    rows = facts.rows
    walk = Ancestors(facts.origins)
    found = []
    for (is_factor, name), positions in sorted(groups.items()):
        for suffix, meaning, members in _meanings(facts, positions):
            own = _merged([facts.cells[n] for n in members])
            units = tuple(sorted({unit for n in members for unit in facts.units[n]}))
            if len(units) > 1 or len(members) > 1:
                own, units = _with_units(facts, members, own, units)
            cells, inherited = walk.rows(own, rows) if inherit else (_of_rows(own, rows), 0)
            if own and not cells and not any(facts.categories[n].is_declared for n in members):
                continue  # it is about things that no row comes from
            found.append(
                Slot(name + suffix, is_factor, meaning, tuple(members), cells, units, inherited)
            )
    return found


def _meanings(facts: Facts, positions: list[int]) -> Iterable[tuple[str, Term | None, list[int]]]:
    """Yield the suffix, the term and the categories for each meaning that a name has."""
    terms: dict[str | None, Term] = {}
    members: dict[str | None, list[int]] = {}
    for position in positions:
        kind = _type(facts, facts.categories[position])
        identity = kind.identity if kind else None
        if kind and identity:
            terms.setdefault(identity, kind)
        members.setdefault(identity, []).append(position)
    if len(terms) < 2:
        yield "", next(iter(terms.values()), None), positions
        return
    for identity in sorted(members, key=lambda name: name or ""):
        meaning = terms.get(identity) if identity else None
        yield f" ({identity})" if identity else "", meaning, members[identity]


def _type(facts: Facts, category: Category) -> Term | None:
    return labels(facts.terms, category.type) if category.type else None


def _merged(cells: list[Cells]) -> Cells:
    if len(cells) == 1:
        return cells[0]
    found: Cells = {}
    for part in cells:
        for key, value in part.items():
            found[key] = (*tuple_of(found[key]), *tuple_of(value)) if key in found else value
    return found


def _with_units(
    facts: Facts, members: list[int], own: Cells, units: tuple[str, ...]
) -> tuple[Cells, tuple[str, ...]]:
    """Write the unit behind each value, where a slot has several; units with one identity are one."""
    same: dict[str, str] = {}
    for unit in units:
        term = labels(facts.terms, unit)
        same.setdefault(term.identity or term.label, unit)
    chosen = {unit: same[_identity(facts, unit)] for unit in units}
    kinds = {(chosen[u[0]] if (u := facts.units[n]) else "") for n in members if facts.cells[n]}
    if len(kinds) == 1 and not any(WITH_UNIT in v for c in own.values() for v in tuple_of(c)):
        return own, tuple(sorted(set(chosen.values())))
    parts: list[Cells] = []
    for position in members:
        plain = facts.units[position]
        unit = chosen[plain[0]] if len(plain) == 1 else ""
        parts.append(
            {key: _each(value, unit, chosen) for key, value in facts.cells[position].items()}
        )
    return _merged(parts), tuple(sorted(set(chosen.values())))


def _identity(facts: Facts, unit: str) -> str:
    term = labels(facts.terms, unit)
    return term.identity or term.label


def _each(
    value: str | tuple[str, ...], unit: str, chosen: Mapping[str, str]
) -> str | tuple[str, ...]:
    if type(value) is tuple:
        return tuple(_quantity(token, unit, chosen) for token in value)
    return _quantity(str(value), unit, chosen)


def _quantity(token: str, unit: str, chosen: Mapping[str, str]) -> str:
    value, mark, stated = token.partition(WITH_UNIT)
    unit = chosen[stated] if mark else unit
    return f"{value}{WITH_UNIT}{unit}" if unit and value[:1] != "<" else value


def _of_rows(cells: Cells, rows: Mapping[str, str]) -> Cells:
    return {key: value for key, value in cells.items() if key in rows}


class Ancestors:
    """What a row inherits: the values of the nearest of those that it comes from; of equally near ones all that differ."""

    def __init__(self, origins: Mapping[str, Level]) -> None:
        self._origins = origins

    def rows(self, cells: Cells, rows: Mapping[str, str]) -> tuple[Cells, int]:
        """Return the values of the rows, and how many of them are inherited."""
        found = _of_rows(cells, rows)
        if not cells or len(found) == len(rows):
            return found, 0
        memo: dict[Level, str | Level | None] = {}
        inherited = 0
        for key, level in self._origins.items():
            if key in rows and key not in cells:
                value = memo[level] if level in memo else self._nearest(cells, level, memo)
                if value is not None:
                    found[key] = value
                    inherited += 1
        return found, inherited

    def _nearest(
        self, cells: Cells, level: Level, memo: dict[Level, str | Level | None]
    ) -> str | Level | None:
        path: list[Level] = []
        seen: set[str] = set()
        value: str | Level | None = None
        while level:
            if level in memo:
                value = memo[level]
                break
            path.append(level)
            seen.update(level)
            values = {
                token: None for key in level if key in cells for token in tuple_of(cells[key])
            }
            if values:
                value = tuple(sorted(values)) if len(values) > 1 else next(iter(values))
                break
            before = {far for key in level for far in self._origins.get(key, ()) if far not in seen}
            level = tuple(sorted(before))
        for passed in path:
            memo[passed] = value
        return value
