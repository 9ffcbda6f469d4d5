"""Which nodes of a graph lie on a cycle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)
ROUNDS = 8


def cyclic(edges: Iterable[Sequence[T]]) -> list[T]:
    """Return the nodes that lie on a cycle, in time that grows with the number of edges."""
    left = _leading_on(edges)
    following: dict[T, list[T]] = {}
    for start, end in left:
        following.setdefault(start, []).append(end)
    return [node for part in components(following) for node in part]


def _leading_on(edges: Iterable[Sequence[T]]) -> Sequence[Sequence[T]]:
    """Take edges away that lead nowhere, in a few rounds: after as many as steps follow each other, mostly nothing is left."""
    kept = list(edges)
    for _ in range(ROUNDS):
        starts = {start for start, _ in kept}
        left = [edge for edge in kept if edge[1] in starts]
        if len(left) == len(kept):
            break
        kept = left
    return kept


def components(following: Mapping[T, Sequence[T]]) -> Iterator[list[T]]:
    """Yield, for each knot of cycles, the nodes that lie on them, in time that grows with the number of edges."""
    rest = _without_beginnings(following)
    for part in _components(rest):
        if len(part) > 1 or part[0] in rest.get(part[0], ()):
            yield part


def _without_beginnings(following: Mapping[T, Sequence[T]]) -> dict[T, Sequence[T]]:
    """Take nodes away to which nothing leads until there are none: cheap, and mostly nothing is left."""
    leading = Counter(end for ends in following.values() for end in ends)
    beginnings = [node for node in following if node not in leading]
    rest = dict(following)
    while beginnings:
        for end in rest.pop(beginnings.pop(), ()):
            leading[end] -= 1
            if not leading[end]:
                beginnings.append(end)
    return rest


def _components(following: Mapping[T, Sequence[T]]) -> Iterator[list[T]]:
    """Yield the strongly connected components (Gabow, Information Processing Letters 74, 2000), without recursion."""
    place: dict[T, int] = {}
    path: list[T] = []
    bounds: list[int] = []
    left: set[T] = set()
    for root in following:
        waiting = [] if root in place else [(root, False)]
        while waiting:
            node, is_left = waiting.pop()
            if is_left:
                if bounds[-1] == place[node]:
                    yield path[bounds[-1] :]
                    left.update(path[bounds[-1] :])
                    del path[bounds.pop() :]
            elif node not in place:
                place[node] = len(path)
                bounds.append(len(path))
                path.append(node)
                waiting.append((node, True))
                waiting += [(other, False) for other in following.get(node, ())]
            elif node not in left:
                while bounds[-1] > place[node]:
                    bounds.pop()
