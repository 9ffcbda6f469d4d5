"""Pictures made on the server as plain numbers, which templates draw as SVG: no script, and they print."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fairgraph.web.things import natural

_STAGES = ("Sources", "Samples", "Extracts", "Data files")
_RELATIONS = ("source", "sample", "otherMaterial", "dataFile")
_LEVELS = 26
_ROWS = 14
# Letters of a title that fit above a lane.
_LANE = 95


@dataclass(frozen=True)
class Box:
    """One bar of the flow picture."""

    x: float
    y: float
    height: float
    count: int
    stage: int
    label: str = ""


@dataclass(frozen=True)
class Flow:
    """How material becomes data: bars for the things of each stage, ribbons between them."""

    width: int
    height: int
    bar: int
    boxes: list[Box]
    ribbons: list[str]
    stages: list[tuple[str, float, int]]
    lanes: list[tuple[str, float]]
    text: str


def flow(
    studies: list[tuple[str, dict[str, int], list[tuple[str, dict[str, int]]]]],
) -> Flow | None:
    """Return the picture of studies with their assays: (name, sizes, [(assay name, sizes)]); None if there is nothing to draw.

    A bar is as high as the square root of its count: 20 and 10,000 have to stand beside each other.
    """
    largest = max(
        (
            n
            for _, sizes, assays in studies
            for s in (sizes, *(a for _, a in assays))
            for n in s.values()
        ),
        default=0,
    )
    if not largest or len(studies) > 6 or sum(len(assays) for _, _, assays in studies) > 10:
        return None
    width, bar, top, lane_gap, gap = 860, 14, 56, 36, 22
    xs = [20.0, 215.0, 410.0, 605.0]

    def height(count: int) -> float:
        return max(6.0, 84 * (count / largest) ** 0.5) if count else 0.0

    boxes: list[Box] = []
    ribbons: list[str] = []
    lanes: list[tuple[str, float]] = []
    totals = [0, 0, 0, 0]
    y = float(top)
    for name, sizes, assays in studies:
        lanes.append((_short(name, _LANE), y - 10))
        y += 6
        rows = [[assay[1].get(relation, 0) for relation in _RELATIONS] for assay in assays]
        heights = [max(height(n) for n in row[1:]) for row in rows]
        total = sum(heights) + gap * max(len(rows) - 1, 0)
        taken = 0.0
        shared = sum(row[1] or 1 for row in rows)
        source, sample = sizes.get("source", 0), sizes.get("sample", 0)
        lane = max(total, height(source), height(sample), 20)
        middle = y + lane / 2
        at: list[Box] = []
        for stage, count in ((0, source), (1, sample)):
            if count:
                at.append(Box(xs[stage], middle - height(count) / 2, height(count), count, stage))
        if len(at) == 2:
            ribbons.append(_ribbon(at[0], at[1], bar))
        boxes += at
        totals = [t + n for t, n in zip(totals, (source, sample, 0, 0), strict=True)]
        start = y + (lane - total) / 2
        for (assay_name, _), row, high in zip(assays, rows, heights, strict=True):
            # Each assay takes its share of the samples' bar.
            before = at[-1] if at else None
            if before is not None:
                share = before.height * (row[1] or 1) / shared
                before = Box(before.x, before.y + taken, share, 0, 1)
                taken += share
            centre = start + high / 2
            for stage in (2, 3):
                totals[stage] += row[stage]
                if row[stage]:
                    label = _short(assay_name) if stage == 3 else ""
                    box = Box(
                        xs[stage],
                        centre - height(row[stage]) / 2,
                        height(row[stage]),
                        row[stage],
                        stage,
                        label,
                    )
                    if before is not None:
                        ribbons.append(_ribbon(before, box, bar))
                    boxes.append(box)
                    before = box
            start += high + gap
        y += lane + lane_gap
    stages = [(label, xs[n], totals[n]) for n, label in enumerate(_STAGES) if totals[n]]
    text = ", then ".join(f"{n:,} {label.lower()}" for label, _, n in stages)
    return Flow(width, round(y - lane_gap + 12), bar, boxes, ribbons, stages, lanes, text)


def _short(text: str, most: int = 27) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _ribbon(left: Box, right: Box, bar: int) -> str:
    x1, x2 = left.x + bar, right.x
    bend = (x1 + x2) / 2
    a, b, c, d = left.y, left.y + left.height, right.y, right.y + right.height
    return (
        f"M{x1:.1f} {a:.1f}C{bend:.1f} {a:.1f} {bend:.1f} {c:.1f} {x2:.1f} {c:.1f}"
        f"V{d:.1f}C{bend:.1f} {d:.1f} {bend:.1f} {b:.1f} {x1:.1f} {b:.1f}Z"
    )


@dataclass(frozen=True)
class Design:
    """The design of a study: how many samples there are for each combination of two factors (or for each level of one)."""

    row_factor: str
    column_factor: str
    unit: str
    columns: list[str]
    rows: list[tuple[str, list[tuple[int, float]]]] = field(default_factory=list)
    total: int = 0


def design(factors: list[str], samples: list[dict[str, str]]) -> Design | None:
    """Return the grid of the two factors with the most levels that still fit; None if there is nothing to see."""
    levels = {
        factor: {sample[factor] for sample in samples if factor in sample} for factor in factors
    }
    usable = [factor for factor in factors if 1 < len(levels[factor]) <= _LEVELS]
    if not usable:
        return None
    # What is measured on a scale, such as time, goes across.
    across = max(usable, key=lambda factor: (_is_scale(levels[factor]), len(levels[factor])))
    others = [factor for factor in usable if factor != across and len(levels[factor]) <= _ROWS]
    down = max(others, key=lambda factor: len(levels[factor]), default="")
    counts: dict[tuple[str, str], int] = {}
    for sample in samples:
        if across in sample and (not down or down in sample):
            key = (sample[down] if down else "", sample[across])
            counts[key] = counts.get(key, 0) + 1
    largest = max(counts.values(), default=0)
    if not largest:
        return None
    columns = sorted(levels[across], key=natural)
    unit = _common_unit(columns)
    rows = [
        (
            row,
            [
                (n, (n / largest) ** 0.5)
                for n in (counts.get((row, column), 0) for column in columns)
            ],
        )
        for row in (sorted(levels[down], key=natural) if down else [""])
    ]
    shown = [column.removesuffix(f" {unit}") if unit else column for column in columns]
    return Design(down, across, unit, shown, rows, sum(counts.values()))


def _is_scale(texts: set[str]) -> bool:
    return all(re.match(r"[-+]?[\d.]+( |$)", text) for text in texts)


def _common_unit(texts: list[str]) -> str:
    """The unit that all values share: ``h`` of ``0 h``, ``4 h``."""
    units = {
        text.partition(" ")[2]
        for text in texts
        if text.partition(" ")[0].replace(".", "", 1).isdecimal()
    }
    return units.pop() if len(units) == 1 and all(" " in text for text in texts) else ""
