"""Where materials and files come from: depth, roots and process chain (Kahn's algorithm, longest path).

SPARQL 1.1 cannot return the length of a path, so the queries return edges, and what follows from them is worked out here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from functools import cached_property

from fairgraph.cycles import components
from fairgraph.exports.export import Answers

_UNKNOWN = "process"


class Lineage:
    """The processes and derivations of a dataset, as a graph of numbered nodes.

    Materials come from the processes that gave them out; processes from what they took in and from processes right before them. A
    material that no process gave out comes from what it is derived from.
    """

    def __init__(
        self,
        used: Iterable[tuple[str, str]],
        made: Iterable[tuple[str, str]],
        followed: Iterable[tuple[str, str]] = (),
        derived: Iterable[tuple[str, str]] = (),
        categories: Iterable[tuple[str, str]] = (),
        samples: Iterable[str] = (),
    ) -> None:
        """Take pairs: process and input, process and output, process and earlier process, thing and origin, process and category."""
        self._numbers: dict[str, int] = {}
        self._iris: list[str] = []
        self._before: list[list[int]] = []
        self._processes: set[int] = set()
        for process, thing in used:
            self._add(self._process(process), self._number(thing))
        for process, thing in made:
            self._add(self._number(thing), self._process(process))
        for process, earlier in followed:
            self._add(self._process(process), self._process(earlier))
        self._derived: dict[int, list[int]] = {}
        for thing, origin in derived:
            self._derived.setdefault(self._number(thing), []).append(self._number(origin))
        for node, origins in self._derived.items():
            if not self._before[node]:
                self._before[node] = origins
        self._categories = {self._process(process): name for process, name in categories}
        self._samples = [self._numbers[iri] for iri in samples if iri in self._numbers]
        self._roots: dict[int, tuple[int, ...]] = {}

    @classmethod
    def of(cls, answers: Answers) -> Lineage:
        """Ask for the lineage of everything in the datasets of an export (queries/lineage)."""
        protocols: dict[str, str] = {}
        for protocol, name, kind in answers.rows("lineage/categories"):
            text = (kind or name).value if kind or name else _UNKNOWN
            protocols[protocol.value] = min(text, protocols.get(protocol.value, text))
        return cls(
            _pairs(answers, "lineage/used"),
            _pairs(answers, "lineage/made"),
            _pairs(answers, "lineage/followed"),
            _pairs(answers, "lineage/derived"),
            (
                (process, protocols.get(protocol, _UNKNOWN))
                for process, protocol in _pairs(answers, "lineage/protocols")
            ),
            (row[0].value for row in answers.rows("lineage/samples")),
        )

    def depth(self, iri: str) -> int | None:
        """Return the number of processes on the longest path from a root; 0 for a root, None on or behind a cycle."""
        node = self._numbers.get(iri)
        return 0 if node is None else self._depths.get(node)

    def roots(self, iri: str) -> tuple[str, ...]:
        """Return the IRIs of the materials from which something comes, sorted; of a root, itself."""
        node = self._numbers.get(iri)
        return (iri,) if node is None else tuple(self._iris[root] for root in self._roots_of(node))

    def chain(self, iri: str) -> tuple[str, ...]:
        """Return the categories of the processes on the longest path, the first one first; of equally long paths, that of the smallest IRIs."""
        node = self._numbers.get(iri)
        if node is None or node not in self._depths:
            return ()
        chain: list[str] = []
        while True:
            if node in self._processes:
                chain.append(self._categories.get(node, _UNKNOWN))
            before = self._before[node]
            if not before:
                return tuple(reversed(chain))
            node = min(before, key=lambda other: (-self._depths[other], self._iris[other]))

    def group(self, iri: str) -> str:
        """Return the first of the roots that samples connect with the roots of something.

        What has one group shares an origin: it must not be split between training and test data.
        """
        roots = self.roots(iri)
        return self._groups.get(roots[0], roots[0]) if roots else iri

    def groups(self, iris: Iterable[str]) -> dict[str, str]:
        """Return the groups of some things, connected by these things alone."""
        found = {iri: self.roots(iri) or (iri,) for iri in iris}
        joined = _connected(found.values())
        return {iri: joined[roots[0]] for iri, roots in found.items()}

    @cached_property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """The sets of nodes that come from each other, each sorted, in order."""
        rest = {n: before for n, before in enumerate(self._before) if n not in self._depths}
        found = components(rest)
        return tuple(sorted(tuple(sorted(self._iris[node] for node in group)) for group in found))

    @cached_property
    def steps(self) -> dict[tuple[str, str], int]:
        """How many processes of one category come right after one of another; ``""`` stands before the first and after the last."""
        found: Counter[tuple[str, str]] = Counter()
        last = set(self._processes)
        for node in self._processes:
            after = self._categories.get(node, _UNKNOWN)
            earlier: set[int] = set()
            for other in self._before[node]:
                between = (other,) if other in self._processes else self._before[other]
                earlier.update(n for n in between if n in self._processes)
            last -= earlier
            before = {self._categories.get(n, _UNKNOWN) for n in earlier} or {""}
            found.update((name, after) for name in before)
        found.update((self._categories.get(node, _UNKNOWN), "") for node in last)
        return dict(sorted(found.items()))

    @property
    def deepest(self) -> int:
        """The number of processes on the longest path of all."""
        return max(self._depths.values(), default=0)

    def origins(self, iri: str) -> tuple[str, ...]:
        """Return what a material directly comes from, sorted: as stated or, where nothing is, all that went into its processes."""
        node = self._numbers.get(iri)
        return () if node is None else tuple(sorted(self._iris[n] for n in self._parents(node)))

    # -- building ----------------------------------------------------------------------------------------------------

    def _number(self, iri: str) -> int:
        number = self._numbers.setdefault(iri, len(self._iris))
        if number == len(self._iris):
            self._iris.append(iri)
            self._before.append([])
        return number

    def _process(self, iri: str) -> int:
        number = self._number(iri)
        self._processes.add(number)
        return number

    def _add(self, node: int, before: int) -> None:
        self._before[node].append(before)

    # -- working out -------------------------------------------------------------------------------------------------

    @cached_property
    def _depths(self) -> dict[int, int]:
        depths: dict[int, int] = {}
        for node in _sorted_topologically(range(len(self._iris)), self._before.__getitem__):
            deepest = max((depths[other] for other in self._before[node]), default=0)
            depths[node] = deepest + (node in self._processes)
        return depths

    @cached_property
    def _places(self) -> dict[int, int]:
        materials = [node for node in range(len(self._iris)) if node not in self._processes]
        order = _sorted_topologically(materials, self._parents)
        return {node: place for place, node in enumerate(order)}

    @cached_property
    def _groups(self) -> dict[str, str]:
        return _connected(self.roots(self._iris[sample]) for sample in self._samples)

    def _parents(self, node: int) -> Sequence[int]:
        """Return the materials that a material comes from."""
        if stated := self._derived.get(node):
            return stated
        found: dict[int, None] = {}
        seen = {node}
        todo = list(self._before[node])
        while todo:
            other = todo.pop()
            if other in seen:
                continue
            seen.add(other)
            if other in self._processes:
                inputs = [n for n in self._before[other] if n not in self._processes]
                todo += inputs or self._before[other]
            else:
                found[other] = None
        return tuple(found)

    def _roots_of(self, node: int) -> tuple[int, ...]:
        if node in self._processes:
            found = {root for other in self._parents(node) for root in self._roots_of(other)}
            return tuple(sorted(found, key=self._iris.__getitem__))
        if node in self._roots:
            return self._roots[node]
        if (
            node not in self._places
        ):  # on a cycle or behind one: nothing is shared, so no order of calls matters
            ends = [n for n in self._ancestors(node, known={}) if not self._parents(n)]
            return tuple(sorted(ends, key=self._iris.__getitem__))
        ancestors = self._ancestors(node, known=self._roots)
        for other in sorted(ancestors, key=self._places.__getitem__):
            parents = self._parents(other)
            if len(parents) == 1:
                self._roots[other] = self._roots[parents[0]]  # shared: most have one parent
            else:
                roots = {root for parent in parents for root in self._roots[parent]} or {other}
                self._roots[other] = tuple(sorted(roots, key=self._iris.__getitem__))
        return self._roots[node]

    def _ancestors(self, node: int, known: Container[int]) -> set[int]:
        """Return a material and all that it comes from, but for those that are *known* and what those come from."""
        seen = {node}
        todo = [node]
        while todo:
            for other in self._parents(todo.pop()):
                if other not in seen and other not in known:
                    seen.add(other)
                    todo.append(other)
        return seen


def _pairs(answers: Answers, query: str) -> Iterable[tuple[str, str]]:
    return ((first.value, second.value) for first, second in answers.rows(query))


def _sorted_topologically(
    nodes: Iterable[int], before: Callable[[int], Sequence[int]]
) -> list[int]:
    """Return the nodes so that each stands behind those before it, without those on a cycle or behind one (Kahn 1962)."""
    waiting: dict[int, int] = {}
    after: dict[int, list[int]] = {}
    for node in nodes:
        earlier = before(node)
        waiting[node] = len(earlier)
        for other in earlier:
            after.setdefault(other, []).append(node)
    order = [node for node, count in waiting.items() if not count]
    for node in order:  # it grows while it is read
        for other in after.get(node, ()):
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    return order


def _connected(groups: Iterable[Sequence[str]]) -> dict[str, str]:
    """Return for each name the smallest of those that it is connected with by some group."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while (other := above.setdefault(name, name)) != name:
            above[name] = above[other]
            name = other
        return name

    for names in groups:
        first = top(names[0]) if names else ""
        for name in names[1:]:
            low, high = sorted((first, top(name)))
            above[high] = first = low
    return {name: top(name) for name in list(above)}
