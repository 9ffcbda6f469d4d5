"""A score: how far a dataset keeps the rules of a set, what was seen, and what to do next.

Every rule is one file in ``queries/score/``: what it asks for (``summary``), how many points it gives (``points``), what to do for
them (``hint``), and a query that answers with the share of the points that are earned (``?value``, 0 to 1; the best of the rows
counts) and what was seen (``?evidence``). Where SPARQL cannot judge, the query gives the facts and :mod:`fairgraph.scores.judges` the share.
A score says how complete metadata are. It certifies nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, Protocol

from fairgraph import queries

_SHOWN = 10


class Column(Protocol):
    """What a judge looks at in a column of the matrix of samples."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def unit_label(self) -> str | None: ...
    @property
    def property_iri(self) -> str | None: ...
    @property
    def missing(self) -> int: ...


class Facts(Protocol):
    """What the rules are applied to: one dataset."""

    def rows(self, query: str) -> Iterable[Any]:
        """Answer a query of the catalogue."""
        ...

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the matrix of samples, without the identifiers."""
        ...

    def counts(self, column: str) -> dict[str, int]:
        """Return how many samples have each value of a column."""
        ...

    @property
    def samples(self) -> int:
        """How many rows the matrix has."""
        ...

    @property
    def dataset(self) -> str:
        """The IRI of the dataset."""
        ...

    @property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """The sets of things that come from each other."""
        ...

    @property
    def traced(self) -> int:
        """How many samples come from sources and from nothing else."""
        ...

    @property
    def fair(self) -> float:
        """The FAIR score, 0 to 100."""
        ...


# The share of the points that is earned, and what was seen.
Judgement = tuple[float, Iterable[str]]
Judge = Callable[[Facts, Iterable[Any]], Judgement]


@dataclass(frozen=True)
class RuleSet:
    """Rules that make one score: a folder of queries, whose names begin with the part of the score that they belong to."""

    name: str
    label: str
    folder: str
    parts: tuple[str, ...]
    of: float  # the most points of a part

    @property
    def rules(self) -> tuple[queries.Query, ...]:
        """The rules in the order of the parts, the dearest first."""
        found = [q for name, q in queries.catalogue().items() if name.startswith(f"{self.folder}/")]
        order = {part: n for n, part in enumerate(self.parts)}
        return tuple(sorted(found, key=lambda q: (order[part_of(q)], -q.points, q.name)))


FAIR = RuleSet(
    "fairgraph-fair/1",
    "FAIR",
    "score/fair",
    ("findable", "accessible", "interoperable", "reusable"),
    100,
)
AI_READY = RuleSet(
    "fairgraph-ai/1",
    "AI-ready",
    "score/ai",
    (
        "fairness",
        "provenance",
        "characterization",
        "explainability",
        "ethics",
        "sustainability",
        "computability",
        "completeness",
    ),
    12.5,
)
RULE_SETS = (FAIR, AI_READY)


def part_of(rule: queries.Query) -> str:
    """Return the part of the score that a rule belongs to."""
    return rule.name.rpartition("/")[2].partition("-")[0]


@dataclass(frozen=True)
class Judged:
    """One rule, applied: how many points it gave, and why."""

    name: str
    part: str
    summary: str
    points: float
    of: float
    evidence: tuple[str, ...]
    hint: str

    @property
    def missing(self) -> float:
        """The points that are still to be had."""
        return round(self.of - self.points, 4)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of a rule; the hint only where there is something to gain."""
        document: dict[str, Any] = {
            "rule": self.name,
            "part": self.part,
            "asks": self.summary,
            "points": plain(self.points),
            "of": plain(self.of),
            "evidence": list(self.evidence),
        }
        return document | ({"hint": self.hint} if self.missing > 0 else {})


@dataclass(frozen=True)
class Score:
    """What a rule set gives a dataset: the total (0 to 100), each part, and each rule."""

    rule_set: RuleSet
    judged: tuple[Judged, ...]

    @cached_property
    def exact(self) -> float:
        """The total before it is rounded."""
        most = self.rule_set.of * len(self.rule_set.parts)
        return 100 * sum(rule.points for rule in self.judged) / most

    @property
    def total(self) -> int:
        """The total, from 0 to 100, rounded half up."""
        return int(Decimal(repr(round(self.exact, 6))).quantize(Decimal(1), ROUND_HALF_UP))

    @cached_property
    def parts(self) -> dict[str, float]:
        """The points of each part, of ``rule_set.of`` each."""
        found = dict.fromkeys(self.rule_set.parts, 0.0)
        for rule in self.judged:
            found[rule.part] += rule.points
        return {part: plain(points) for part, points in found.items()}

    @property
    def measurements(self) -> dict[str, str]:
        """The total and the parts by metric (``fair``, ``fair/findable``), as decimal numbers."""
        name = self.rule_set.folder.rpartition("/")[2]
        parts = {f"{name}/{part}": str(points) for part, points in self.parts.items()}
        return {name: str(self.total), **parts}

    def hints(self) -> Iterator[Judged]:
        """Yield the rules that could give more, those with most to gain first; the same advice once."""
        seen: set[str] = set()
        for rule in sorted(self.judged, key=lambda rule: -rule.missing):
            if rule.missing > 0 and rule.hint not in seen:
                seen.add(rule.hint)
                yield rule

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of a score."""
        return {
            "rules": self.rule_set.name,
            "total": self.total,
            "parts": {
                part: {"points": points, "of": plain(self.rule_set.of)}
                for part, points in self.parts.items()
            },
            "judged": [rule.as_dict() for rule in self.judged],
        }


def plain(number: float) -> float:
    """Return a number of points as it is shown: two decimals at most, whole numbers as such."""
    rounded = float(Decimal(repr(round(number, 6))).quantize(Decimal("0.01"), ROUND_HALF_UP))
    return int(rounded) if rounded == int(rounded) else rounded


def judge(rule_set: RuleSet, facts: Facts) -> Score:
    """Apply the rules of a set to a dataset."""
    from fairgraph.scores.judges import JUDGES

    judged = []
    for rule in rule_set.rules:
        apply = JUDGES.get(rule.name.partition("/")[2], best_row)
        share, evidence = apply(facts, facts.rows(rule.name))
        share = min(max(share, 0.0), 1.0)
        seen = tuple(dict.fromkeys(evidence))
        judged.append(
            Judged(
                rule.name,
                part_of(rule),
                rule.summary,
                round(share * rule.points, 4),
                rule.points,
                seen[:_SHOWN],
                rule.hint,
            )
        )
    return Score(rule_set, tuple(judged))


def best_row(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """Judge by the query alone: its best ``?value`` is the share, and the rows that have it are the evidence."""
    best = 0.0
    evidence: set[str] = set()
    for row in rows:
        value = float(row["value"].value)
        if value > best:
            best, evidence = value, set()
        if value == best and row["evidence"] is not None:
            evidence.add(str(row["evidence"].value))
    return best, sorted(evidence)
