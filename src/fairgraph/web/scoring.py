"""The scores as the page of an investigation shows them: bars, and what would raise them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from fairgraph.catalogue import Dataset
from fairgraph.scores.score import RULE_SETS, RuleSet, Score, plain
from fairgraph.web.asking import Asking, state

# Above this many samples a score takes longer than a page may; what `fairgraph score` has recorded is shown instead.
MOST_SAMPLES = 2_000
_REMEMBERED, _HINTS = 64, 3
_known: OrderedDict[tuple[str, ...], tuple[Panel, ...]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Bar:
    """A part of a score: its name, how much of it is reached (0 to 100), and the same in points."""

    name: str
    percent: float
    points: str


@dataclass(frozen=True)
class Panel:
    """One score."""

    label: str
    total: int
    rules: str
    bars: tuple[Bar, ...]
    hints: tuple[tuple[str, str], ...]


def panels(asking: Asking, dataset: Dataset) -> tuple[Panel, ...]:
    """Return the scores of a dataset, worked out where it is small, else as recorded; none if they are not known."""
    if dataset.counts.get("samples", 0) > MOST_SAMPLES:
        return recorded(dataset)
    key = (asking.base, asking.version(), dataset.iri, *state(dataset))
    with _lock:
        if key in _known:
            return _known[key]
    scores = asking.fairgraph.score(dataset)
    found = _panel(scores.fair), _panel(scores.ai_ready)
    with _lock:
        _known[key] = found
        while len(_known) > _REMEMBERED:
            _known.popitem(last=False)
    return found


def recorded(dataset: Dataset) -> tuple[Panel, ...]:
    """Return the scores in the record of a dataset."""
    values = {found.metric: float(found.value) for found in dataset.measurements}
    found = []
    for rules in RULE_SETS:
        name = rules.folder.rpartition("/")[2]
        parts = {part: values.get(f"{name}/{part}", 0.0) for part in rules.parts}
        if name in values:
            found.append(Panel(rules.label, int(values[name]), rules.name, _bars(rules, parts), ()))
    return tuple(found)


def _panel(score: Score) -> Panel:
    rules = score.rule_set
    hints = tuple((rule.hint, f"+{plain(rule.missing):g}") for rule in score.hints())
    return Panel(rules.label, score.total, rules.name, _bars(rules, score.parts), hints[:_HINTS])


def _bars(rules: RuleSet, parts: Mapping[str, float]) -> tuple[Bar, ...]:
    return tuple(
        Bar(part, round(100 * points / rules.of, 1), f"{points:g} of {rules.of:g}")
        for part, points in parts.items()
    )
