"""What an export does not carry: the triples of a dataset that its format has no words for, counted by class and property.

Every folder of an export holds ``carried.rq``, a CONSTRUCT of the triples that the export speaks of. What neither it nor
``follows.rq`` (statements computed from others) gives is not carried.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from pyoxigraph import Triple

from fairgraph.errors import UsageError
from fairgraph.exports.export import Answers, Export
from fairgraph.terms import compact

QUERY = "export/loss-report"
# The class that says most about a thing comes first.
_NAMESPACES = ("isa:", "fg:", "bioschemas:", "schema:", "")
_EXAMPLE = 80


@dataclass
class NotCarried:
    """Triples of one property on things of one class that an export does not carry; one of their objects as an example."""

    type: str
    property: str
    triples: int
    example: str


@dataclass
class Loss:
    """What one export does with the triples of a dataset: how many there are, are carried, follow from others, are not carried."""

    format: str
    triples: int
    carried: int
    follow: int
    not_carried: tuple[NotCarried, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the loss as a JSON object."""
        return {
            "format": self.format,
            "triples": self.triples,
            "carried": self.carried,
            "follow": self.follow,
            "not_carried": [
                {
                    "class": group.type,
                    "property": group.property,
                    "triples": group.triples,
                    "example": group.example,
                }
                for group in self.not_carried
            ],
        }


def losses(answers: Answers, exports: Iterable[Export]) -> Iterator[Loss]:
    """Yield what each export does not carry of the triples that *answers* sees."""
    types: dict[Any, str] = {}
    for node, kind in answers.rows("types"):
        types[node] = min(types.get(node, "~"), compact(kind.value), key=_rank)
    queries = ("follows", "follows-published")
    follow = {_key(triple) for query in queries for triple in answers.triples(query)}
    for export in exports:
        carrying = export.carried_queries
        carried = {_key(triple) for query in carrying for triple in answers.triples(query)}
        for query in export.left_out:
            carried.difference_update(map(_key, answers.triples(query)))
        yield _loss(export.name, answers.triples("triples"), carried, follow, types)


def _loss(
    name: str,
    triples: Iterable[Triple],
    carried: set[int],
    follow: set[int],
    types: dict[Any, str],
) -> Loss:
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    total = with_export = following = 0
    for triple in triples:
        total += 1
        key = _key(triple)
        if key in carried:
            with_export += 1
        elif key in follow:
            following += 1
        else:
            group = types.get(triple.subject, ""), compact(triple.predicate.value)
            counts[group] += 1
            text = str(triple.object)
            examples[group] = min(examples.get(group, text), text)
    groups = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lost = tuple(NotCarried(*group, count, examples[group][:_EXAMPLE]) for group, count in groups)
    return Loss(name, total, with_export, following, lost)


def _key(triple: Triple) -> int:
    # Eight bytes instead of a triple: a dataset of 100,000 samples has six million.
    return hash(triple)


def _rank(name: str) -> tuple[int, str]:
    return next(n for n, start in enumerate(_NAMESPACES) if name.startswith(start)), name


def export_of(others: tuple[Export, ...]) -> Export:
    """Return the loss report as an export itself, about those *others*."""

    def write(answers: Answers, output: BinaryIO) -> None:
        """Write what the exports do not carry as one JSON document, by export, class and property."""
        name = answers.options.get("of", "")
        chosen = [export for export in others if name in ("", export.name)]
        if not chosen:
            known = ", ".join(export.name for export in others)
            raise UsageError(f"there is no export format {name!r}", hint=f"formats: {known}")
        found = [loss.as_dict() for loss in losses(answers, chosen)]
        document = {"dataset": answers.dataset.value, "exports": found}
        output.write(json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")

    return Export(
        "loss-report",
        "Loss report",
        QUERY,
        "application/json",
        "json",
        write,
        scope="any",
        also=tuple(
            query for export in others for query in (*export.carried_queries, *export.left_out)
        ),
        group="Documentation",
        options={"of": "one format only, for example of=isa-tab"},
    )
