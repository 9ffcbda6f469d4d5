"""Where in its source something stands that a finding is about.

For ISA-Tab that is ``file:line:column`` of the cell in which it is first named (annotations and comments stand where their owner
does, what the investigation file describes stands in that file); for ISA-JSON it is a JSON pointer (RFC 6901).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from pyoxigraph import NamedNode, QuerySolutions

from fairgraph import resources
from fairgraph.sorting import natural
from fairgraph.terms import is_absolute_iri

# Nodes that one query asks for: VALUES blocks of any length would have to be parsed in one go.
BATCH = 5_000

# How good a place is (0 a cell, 1 a file or an object, 2 a reference), file or pointer, line, column.
Place = tuple[int, str, int, int]
Ask = Callable[[str], QuerySolutions]


@dataclass(frozen=True)
class Owner:
    """What something is part of, and the key (and index) under which ISA-JSON has it there."""

    iri: str
    key: str


def places(ask: Ask, nodes: Iterable[str]) -> dict[str, str]:
    """Return the place of each node that has one: ``file:line:column``, ``file`` or a JSON pointer such as ``/studies/0``.

    *ask* asks the dataset, which is the default graph; *nodes* are IRIs. What is used in several places (a term, or
    what nobody declares) is placed where it is used first.
    """
    wanted = dict.fromkeys(nodes)
    found = _Places(ask)
    found.look_up(wanted)
    return {node: text for node in wanted if (text := found.text(node))}


class _Places:
    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.known: dict[str, Place | None] = {}
        self.owners: dict[str, list[Owner]] = {}
        self.root, self.json = "", False
        for row in ask(_query("notation")):
            self.root, self.json = row["investigation"].value, row["json"].value == "true"
            file = row["file"].value if row["file"] is not None else ""
            place = (1, "", 0, 0) if self.json else (1, file, 0, 0)
            self.known[self.root] = place if self.json or file else None

    def look_up(self, nodes: Iterable[str]) -> None:
        """Find cells and owners of the nodes, then those of their owners, until all lead to a cell or to the investigation."""
        # A focus node may be a literal: that stands nowhere of its own.
        waiting = [node for node in nodes if node not in self.known and is_absolute_iri(node)]
        while waiting:
            if not self.json:
                self._cells(waiting)
            waiting = [node for node in waiting if node not in self.known]
            self._owners(waiting)
            above = (owner.iri for node in waiting for owner in self.owners[node])
            waiting = [
                iri
                for iri in dict.fromkeys(above)
                if iri not in self.known and iri not in self.owners
            ]

    def _cells(self, nodes: list[str]) -> None:
        for query in ("table-cells", "table-headings"):
            for row in self._rows(query, nodes):
                node, file = row["node"].value, row["file"].value
                place = (0, file, int(row["line"].value), int(row["column"].value))
                self.known[node] = min(self.known.get(node) or place, place)

    def _owners(self, nodes: list[str]) -> None:
        self.owners.update((node, []) for node in nodes)
        for row in self._rows("owners", nodes):
            key, index = row["key"].value, row["index"]
            if key.endswith("/"):
                key = f"{key}{index.value}" if index is not None else key[:-1]
            self.owners[row["node"].value].append(Owner(row["owner"].value, key))

    def _rows(self, name: str, nodes: list[str]) -> Iterable[dict[str, NamedNode]]:
        for start in range(0, len(nodes), BATCH):
            values = " ".join(str(NamedNode(node)) for node in nodes[start : start + BATCH])
            # In front: behind the pattern, the engine would first find the owners of everything.
            yield from self.ask(
                _query(name).replace("WHERE {", f"WHERE {{ VALUES ?node {{ {values} }}", 1)
            )

    def place(self, node: str) -> Place | None:
        """Return the first place of a node that was looked up, None if nothing tells."""
        if node not in self.known:
            self.known[node] = None  # so that a circle of owners ends
            found = []
            for owner in self.owners.get(node, ()):
                above = self.place(owner.iri)
                if above is not None:
                    found.append(self._below(above, owner.key))
            self.known[node] = min(found, key=_order, default=None)
        return self.known[node]

    def _below(self, above: Place, key: str) -> Place:
        if not self.json or not key:
            return above
        # ISA-JSON refers to units; where one is written out it is a unit category.
        rank = 2 if key == "unit" else above[0]
        return (rank, f"{above[1]}/{key}", 0, 0)

    def text(self, node: str) -> str:
        """Return the place of a node as text, ``""`` if nothing tells."""
        place = self.place(node)
        if place is None:
            return ""
        _, file, line, column = place
        if self.json:
            return file or "/"
        return f"{file}:{line}:{column}" if line else file


def _order(place: Place) -> tuple[int, list[tuple[int, str]], int, int]:
    return place[0], natural(place[1]), place[2], place[3]


@cache
def _query(name: str) -> str:
    return resources.text(resources.QUERIES / "validate" / f"{name}.rq")
