"""The picture of where a thing comes from and what came of it: an SVG with links, drawn by a template from plain numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pyoxigraph import NamedNode

from fairgraph.web.asking import Asking
from fairgraph.web.links import page_url
from fairgraph.web.pages.layers import columns
from fairgraph.web.things import Thing, natural, things

# More than this nobody can read: what is alike stands together then.
MOST_BOXES = 150
_STEPS = 16
_MOST_THINGS = 1_500
_WIDTH, _HEIGHT, _GAP, _ACROSS, _HEAD = 168, 38, 12, 64, 18
_LETTERS = 22


@dataclass
class Box:
    """One thing of the picture, or several that are alike; its place in it."""

    text: str
    kind: str
    colour: str
    title: str
    href: str = ""
    things: list[Thing] = field(default_factory=list)
    here: bool = False
    x: float = 0
    y: float = 0

    @property
    def count(self) -> int:
        """How many things it stands for."""
        return len(self.things)


@dataclass(frozen=True)
class Line:
    """What leads from one box to another: a path, how wide, and the protocols that did it."""

    path: str
    width: float
    protocols: str


@dataclass(frozen=True)
class Lineage:
    """The picture, and the same in words: the columns from left to right with the protocols that lead to each.

    A head stands above a column: where, short, and in full.
    """

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    heads: list[tuple[float, str, str]]
    steps: list[tuple[str, list[Box]]]
    cut: bool
    text: str


@dataclass
class _Walk:
    """What was found on the way: edges from origin to what came of it, with the protocols."""

    start: NamedNode
    edges: dict[tuple[NamedNode, NamedNode], dict[str, None]] = field(default_factory=dict)
    nodes: dict[NamedNode, None] = field(default_factory=dict)
    cut: bool = False

    def go(self, asking: Asking, query: str, *, forward: bool) -> None:
        level = [self.start]
        seen = {self.start}
        self.nodes[self.start] = None
        most = len(self.nodes) + _MOST_THINGS
        for _ in range(_STEPS):
            following: dict[NamedNode, None] = {}
            rows = asking.rows(query, node=level, limit=4 * _MOST_THINGS)
            for node, other, _, protocol in sorted(rows, key=_names):
                edge = (node, other) if forward else (other, node)
                if other not in seen:
                    if len(self.nodes) >= most:
                        self.cut = True
                        continue
                    seen.add(other)
                    self.nodes[other] = following[other] = None
                if edge[::-1] in self.edges:
                    continue  # the same file, seen from the other side
                protocols = self.edges.setdefault(edge, {})
                if protocol is not None:
                    protocols[protocol.value] = None
            if not following:
                return
            level = list(following)
        self.cut = True


def lineage(asking: Asking, node: NamedNode, opened: Collection[str] = ()) -> Lineage | None:
    """Return the picture around a thing, or None if it comes from nothing and nothing came of it.

    At most sixteen steps and 1,500 things either way. Above 150 boxes things of one column and class that the same protocols made stand
    together; *opened* are the keys of groups that are shown one by one.
    """
    walk = _Walk(node)
    walk.go(asking, "browse/came-from", forward=False)
    walk.go(asking, "browse/led-to", forward=True)
    if not walk.edges:
        return None
    found = things(asking, walk.nodes)
    ordered = sorted(walk.nodes, key=lambda n: natural(found[n].text))
    placed = columns(ordered, walk.edges)
    page = page_url(node.value, asking.base)
    address = page + ("&" if "?" in page else "?")
    address += "".join(f"open={quote(name)}&" for name in opened)
    return _drawn(_boxes(placed, walk, found, opened, address), walk)


def _names(row: Any) -> tuple[str, ...]:
    return tuple("" if term is None else term.value for term in row)


def _boxes(
    placed: list[list[NamedNode]],
    walk: _Walk,
    found: dict[object, Thing],
    opened: Collection[str],
    address: str,
) -> list[list[tuple[Box, list[NamedNode]]]]:
    """Return the boxes of each column, with the nodes that each stands for."""
    crowded = len(walk.nodes) > MOST_BOXES
    made_by: dict[NamedNode, tuple[str, ...]] = {}
    for (_, made), protocols in walk.edges.items():
        made_by[made] = tuple(sorted({*made_by.get(made, ()), *protocols}))
    result = []
    for level, column in enumerate(placed):
        groups: dict[tuple[str, ...], list[NamedNode]] = {}
        for node in column:
            alone = not crowded or node == walk.start
            key = (node.value,) if alone else (found[node].chip[0], *made_by.get(node, ()))
            groups.setdefault(key, []).append(node)
        boxes: list[tuple[Box, list[NamedNode]]] = []
        for n, nodes in enumerate(groups.values()):
            name = f"{level}.{n}"
            if len(nodes) == 1 or (name in opened and len(nodes) <= MOST_BOXES):
                boxes += [(_single(found[node], node == walk.start), [node]) for node in nodes]
            else:
                boxes.append(
                    (_group(f"{address}open={name}", [found[node] for node in nodes]), nodes)
                )
        result.append(boxes)
    return result


def _single(thing: Thing, here: bool) -> Box:
    kind, colour = thing.chip
    return Box(_short(thing.text), kind, colour, thing.text, thing.href, [thing], here)


def _group(address: str, members: list[Thing]) -> Box:
    kind, colour = members[0].chip
    first, last = members[0].text, members[-1].text
    href = f"{address}#lineage" if len(members) <= MOST_BOXES else ""
    title = f"{len(members):,} things of the class {kind}: {first} … {last}"
    return Box(f"{len(members):,} of {kind}", kind, colour, title, href, members)


def _short(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"


def _drawn(placed: list[list[tuple[Box, list[NamedNode]]]], walk: _Walk) -> Lineage:
    tallest = max(len(column) for column in placed)
    height = _HEAD + tallest * (_HEIGHT + _GAP) + _GAP
    box_of: dict[NamedNode, Box] = {}
    level_of: dict[int, int] = {}
    for level, column in enumerate(placed):
        free = height - _HEAD - len(column) * (_HEIGHT + _GAP) - _GAP
        for n, (box, nodes) in enumerate(column):
            box.x = 2 + level * (_WIDTH + _ACROSS)
            box.y = _HEAD + _GAP + free / 2 + n * (_HEIGHT + _GAP)
            level_of[id(box)] = level
            box_of.update(dict.fromkeys(nodes, box))
    tied: dict[tuple[int, int], tuple[Box, Box, int, dict[str, None]]] = {}
    for (start, end), protocols in walk.edges.items():
        a, b = box_of[start], box_of[end]
        _, _, count, known = tied.get((id(a), id(b)), (a, b, 0, {}))
        tied[id(a), id(b)] = a, b, count + 1, {**known, **protocols}
    lines = [
        Line(_curve(a, b), min(1.5 + count**0.5 / 4, 7), ", ".join(protocols) or "the same file")
        for a, b, count, protocols in tied.values()
    ]
    led: dict[int, dict[str, None]] = {}
    for _, b, _, protocols in tied.values():
        led.setdefault(level_of[id(b)], {}).update(protocols)
    steps = [
        (", ".join(led.get(level, ())), [box for box, _ in column])
        for level, column in enumerate(placed)
    ]
    boxes = [box for _, column in steps for box in column]
    return Lineage(
        round(len(placed) * (_WIDTH + _ACROSS) - _ACROSS + 4),
        height,
        boxes,
        lines,
        [
            (column[0].x, protocols if len(protocols) <= 30 else f"{protocols[:29]}…", protocols)
            for protocols, column in steps
            if protocols
        ],
        steps,
        walk.cut,
        _text(boxes, len(placed)),
    )


def _text(boxes: Iterable[Box], levels: int) -> str:
    kinds: dict[str, int] = {}
    for box in boxes:
        kinds[box.kind] = kinds.get(box.kind, 0) + box.count
    counted = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
    return f"Lineage in {levels} columns: {counted}"


def _curve(a: Box, b: Box) -> str:
    x1, y1, x2, y2 = a.x + _WIDTH, a.y + _HEIGHT / 2, b.x, b.y + _HEIGHT / 2
    bend = max((x2 - x1) / 2, 30)
    return f"M{x1:.0f} {y1:.1f}C{x1 + bend:.0f} {y1:.1f} {x2 - bend:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
