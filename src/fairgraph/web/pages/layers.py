"""A graph without cycles in columns, so that few lines cross: longest path, then the middle of the neighbours (Sugiyama et al. 1981)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)
SWEEPS = 4


def columns(nodes: Sequence[T], edges: Iterable[tuple[T, T]]) -> list[list[T]]:
    """Return *nodes* in columns: each right of all that leads to it, and near what it is tied to. What lies on a cycle comes last."""
    pairs = [(a, b) for a, b in dict.fromkeys(edges) if a != b]
    before: dict[T, list[T]] = {node: [] for node in nodes}
    after: dict[T, list[T]] = {node: [] for node in nodes}
    for a, b in pairs:
        after[a].append(b)
        before[b].append(a)
    depth = _depths(nodes, before, after)
    # A thing that only leads on stands right before what it leads to.
    for node in sorted(nodes, key=lambda node: -depth[node]):
        if not before[node] and after[node]:
            depth[node] = min(depth[other] for other in after[node]) - 1
    found: dict[int, list[T]] = {}
    for node in nodes:
        found.setdefault(depth[node], []).append(node)
    ordered = [found[level] for level in sorted(found)]
    for sweep in range(SWEEPS):
        _straighten(ordered, before if sweep % 2 == 0 else after, backward=sweep % 2 == 1)
    return ordered


def _depths(
    nodes: Sequence[T], before: Mapping[T, Sequence[T]], after: Mapping[T, Sequence[T]]
) -> dict[T, int]:
    waiting = {node: len(before[node]) for node in nodes}
    depth: dict[T, int] = {}
    ready = [node for node in nodes if not waiting[node]]
    for node in ready:
        depth[node] = max((depth[other] + 1 for other in before[node]), default=0)
        for other in after[node]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    last = max(depth.values(), default=-1) + 1
    return {node: depth.get(node, last) for node in nodes}


def _straighten(ordered: list[list[T]], tied: Mapping[T, Sequence[T]], *, backward: bool) -> None:
    """Sort each column by the middle of the places of its neighbours in the columns that are sorted already."""
    place = {node: n / len(column) for column in ordered for n, node in enumerate(column)}
    for column in reversed(ordered) if backward else ordered:
        middle = {
            node: sum(place[other] for other in tied[node]) / len(tied[node])
            if tied[node]
            else place[node]
            for node in column
        }
        column.sort(key=lambda node: middle[node])
        place.update((node, n / len(column)) for n, node in enumerate(column))
