"""The scores of a dataset out of what an export may ask."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from fairgraph.exports.export import Answers, Export
from fairgraph.exports.lineage import Lineage
from fairgraph.exports.ml_matrix import Matrix
from fairgraph.scores.score import AI_READY, FAIR, Column, Score, judge

# What an export that shows scores asks beside its own queries.
FOLDERS = ("score", "score/fair", "score/ai", "lineage", "ml")


# Rules of the AI-ready score that ask the question of a rule of the FAIR score.
_SAME = {
    "provenance-chain": "reusable-chain",
    "computability-format": "interoperable-file",
    "sustainability-identifier": "findable-identifier",
}


@dataclass(frozen=True)
class Scores:
    """Both scores of a dataset."""

    fair: Score
    ai_ready: Score

    @classmethod
    def of(cls, answers: Answers) -> Scores:
        """Apply both rule sets to one dataset."""
        return cls.about(DatasetFacts(answers))

    @classmethod
    def about(cls, facts: DatasetFacts) -> Scores:
        """Apply both rule sets to what is known of a dataset."""
        fair = judge(FAIR, facts)
        facts.fair = fair.exact
        return cls(fair, judge(AI_READY, facts))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of both, rule by rule."""
        return {"fair": self.fair.as_dict(), "ai_ready": self.ai_ready.as_dict()}


class DatasetFacts:
    """What the rules ask about one dataset; matrix and lineage are worked out when the first rule wants them."""

    fair = 0.0

    def __init__(self, answers: Answers, matrix: Matrix | None = None) -> None:
        if matrix is not None:
            self.matrix = matrix  # known already
        self._answers = answers
        self._known: dict[str, list[Any]] = {}
        self.dataset = answers.dataset.value

    def rows(self, query: str) -> Iterable[Any]:
        """Answer a rule's query; the same facts are asked once, for whichever rules want them."""
        name = query.rpartition("/")[2]
        key = _SAME.get(name, name)
        if key not in self._known:
            self._known[key] = list(self._answers.rows(query))
        return self._known[key]

    @cached_property
    def lineage(self) -> Lineage:
        """Where samples come from."""
        return Lineage.of(self._answers)

    @property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """The sets of things that come from each other."""
        return self.lineage.cycles

    @cached_property
    def traced(self) -> int:
        """How many samples come from sources and from nothing else."""
        sources = {row[0].value for row in self._answers.rows("score/sources")}
        samples = [row[0].value for row in self._answers.rows("lineage/samples")]
        find = self.lineage
        return sum(1 for s in samples if find.depth(s) and sources.issuperset(find.roots(s)))

    @cached_property
    def matrix(self) -> Matrix:
        """The matrix of samples."""
        return Matrix.of(self._answers)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the matrix beside those that say which sample it is."""
        return self.matrix.features

    def counts(self, column: str) -> dict[str, int]:
        """How many samples have each value of a column."""
        found = next(feature for feature in self.matrix.features if feature.name == column)
        return self.matrix.counts(found)

    @cached_property
    def samples(self) -> int:
        """How many samples there are."""
        return len(self.matrix)


def write(answers: Answers, output: BinaryIO) -> None:
    """Write both scores as JSON."""
    text = json.dumps(Scores.of(answers).as_dict(), ensure_ascii=False, indent=2)
    output.write(f"{text}\n".encode())


# Not in the table of exports: a score is asked for by its own verb, command and address.
EXPORT = Export("score", "Scores", "score", "application/json", "json", write, also=FOLDERS)
