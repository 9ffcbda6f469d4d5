"""The scores as the page of an investigation shows them: bars, and what would raise them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from fairgraph.catalogue import Dataset
from fairgraph.scores.score import RULE_SETS, RuleSet, Score, plain
from fairgraph.validation import PROV_PROFILE
from fairgraph.web.asking import Asking

# Above this many samples a score takes longer than a page may; what `fairgraph score` has recorded is shown instead.
MOST_SAMPLES = 2_000
_HINTS = 3
_COMMAND = re.compile(r"(?P<says>[^(]*?:) (?P<command>fairgraph .*)")
# Above this many triples the rules of PROV-CONSTRAINTS take longer than a page may.
MOST_TRIPLES = 300_000


@dataclass(frozen=True)
class Bar:
    """A part of a score: its name, how much of it is reached (0 to 100), and the same in points."""

    name: str
    percent: float
    points: str


@dataclass(frozen=True)
class Hint:
    """What would raise a score: in words, by which command, and by how many points."""

    says: str
    command: str
    gain: str


@dataclass(frozen=True)
class Panel:
    """One score."""

    label: str
    total: int
    rules: str
    bars: tuple[Bar, ...]
    hints: tuple[Hint, ...]


def panels(asking: Asking, dataset: Dataset) -> tuple[Panel, ...]:
    """Return the scores of a dataset, worked out where it is small, else as recorded; none if they are not known."""
    if dataset.counts.get("samples", 0) > MOST_SAMPLES:
        return recorded(dataset)
    return asking.remembered("scores", dataset, lambda: _panels(asking, dataset))


def _panels(asking: Asking, dataset: Dataset) -> tuple[Panel, ...]:
    scores = asking.fairgraph.score(dataset)
    return _panel(scores.fair, dataset.number), _panel(scores.ai_ready, dataset.number)


@dataclass(frozen=True)
class Badge:
    """What PROV-CONSTRAINTS say of a dataset: a word, and why."""

    word: str
    why: str


def provenance(asking: Asking, dataset: Dataset) -> Badge | None:
    """Return whether a dataset is valid provenance; None for one too large to find out for a page."""
    if dataset.counts.get("triples", 0) > MOST_TRIPLES:
        return None
    return asking.remembered("valid provenance", dataset, lambda: _badge(asking, dataset))


def _badge(asking: Asking, dataset: Dataset) -> Badge:
    report = asking.fairgraph.validate(dataset, profile=PROV_PROFILE)
    broken = sorted({finding.rule for finding in report if finding.severity == "violation"})
    if broken:
        return Badge("not valid", f"breaks {', '.join(broken)}")
    return Badge("valid", "breaks no rule of PROV-CONSTRAINTS")


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


def _panel(score: Score, number: int) -> Panel:
    rules = score.rule_set
    hints = tuple(
        _hint(rule.hint, number, plain(rule.missing)) for rule in islice(score.hints(), _HINTS)
    )
    return Panel(rules.label, score.total, rules.name, _bars(rules, score.parts), hints)


def _hint(text: str, number: int, gain: float) -> Hint:
    found = _COMMAND.fullmatch(text)
    if found is None:
        return Hint(text, "", f"{gain:g}")
    return Hint(found["says"], found["command"].replace(" ID ", f" {number} "), f"{gain:g}")


def _bars(rules: RuleSet, parts: Mapping[str, float]) -> tuple[Bar, ...]:
    return tuple(
        Bar(part, round(100 * points / rules.of, 1), f"{points:g} of {rules.of:g}")
        for part, points in parts.items()
    )
