"""The matrix: one row a sample, one column a characteristic, factor or measurement. Every ML format is made from it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from fairgraph.errors import UsageError
from fairgraph.exports import ml_facts
from fairgraph.exports.export import Answers, is_on
from fairgraph.exports.ml_columns import Aggregate, Column, Content, Issue, columns
from fairgraph.exports.ml_slots import slots
from fairgraph.sorting import natural

_GROUPS = ("annotation", "factor", "measurement")
AGGREGATES: tuple[Aggregate, ...] = ("list", "mean", "first")
OPTIONS = {
    "rows": "what has a row: samples (unless given), sources, extracts or data",
    "inherit": "no: only what is said of a row itself, not what it inherits from what it comes from",
    "aggregate": "several values of one row become a list (unless given), their mean or the first of them",
    "iris": "a column with the IRI of each row",
}


@dataclass(frozen=True)
class Investigation:
    """A dataset of the matrix."""

    iri: str
    number: int
    slug: str
    title: str
    modified: str


@dataclass
class Matrix:
    """The matrix of an export, complete in memory but for its rows, which are made one after the other.

    ``columns`` begin with ``sample_id`` and ``sample_label`` (then ``investigation``, if there are several, and ``sample_iri``, if
    wished), then annotations, factors and measurements, each by name. Rows are in natural order of their labels, then of their IRIs.
    """

    columns: tuple[Column, ...]
    investigations: tuple[Investigation, ...]
    grain: str
    issues: tuple[Issue, ...]
    _keys: list[str] = field(repr=False)
    _leading: list[dict[str, Any]] = field(repr=False)
    _contents: list[Content] = field(repr=False)
    _answers: Answers = field(repr=False)

    @classmethod
    def of(cls, answers: Answers) -> Matrix:
        """Ask for the matrix of an export (queries/ml), with the options ``rows``, ``inherit``, ``aggregate`` and ``iris``.

        Raises UsageError for an option that has another value.
        """
        options = answers.options
        grain = options.get("rows", "samples")
        aggregate = _one_of("aggregate", options.get("aggregate", "list"))
        facts = ml_facts.read(answers, grain)
        iris = None
        if answers.selection is not None:
            iris = _iris(answers, facts.rows)
            facts.rows = {k: v for k, v in facts.rows.items() if iris[k] in answers.selection}
        keys, iris = _sorted(answers, facts.rows, iris)
        numbers = _numbers(keys)
        investigations = _investigations(answers)
        leading: list[tuple[Column, dict[str, Any]]] = [
            (Column("sample_id", "identifier"), numbers),
            (Column("sample_label", "string"), facts.rows),
        ]
        if len(investigations) > 1:
            column = Column("investigation", "categorical", levels=tuple(sorted(i.slug for i in investigations)))  # fmt: skip
            leading.append((column, _membership(answers, investigations)))
        if is_on(options, "iris"):
            iris = iris or _iris(answers, facts.rows)
            leading.append((Column("sample_iri", "string"), iris))
        inherit = "inherit" not in options or is_on(options, "inherit")
        made = [
            column
            for slot in slots(facts, inherit=inherit)
            for column in columns(slot, len(keys), facts.terms, aggregate)
        ]
        made.sort(key=lambda pair: (_GROUPS.index(pair[0].name.partition(":")[0]), pair[0].name))
        made = list(_each_its_name(made))
        issues = [
            Issue(issue.code, f"{column.name}: {issue.message}")
            for column, _ in made
            for issue in column.issues
        ]
        if any(not key.isdigit() for key in keys):
            issues.append(Issue("row-numbers", "rows without a number of the store are counted by IRI, behind those that have one"))  # fmt: skip
        return cls(
            (*(column for column, _ in leading), *(column for column, _ in made)),
            investigations,
            grain,
            tuple(issues),
            keys,
            [cells for _, cells in leading],
            [content for _, content in made],
            answers,
        )

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._keys)

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns that say something of the rows: annotations, factors, measurements."""
        return self.columns[len(self._leading) :]

    @property
    def export_date(self) -> str:
        """The day of the newest change of the datasets, or what ``SOURCE_DATE_EPOCH`` says: the same graph gives the same date."""
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        if epoch.isascii() and epoch.isdigit():
            return datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
        return max((item.modified[:10] for item in self.investigations), default="")

    def rows(self) -> Iterator[list[Any]]:
        """Yield each row as a list of None, text, int, float or a list of those, in the order of ``columns``."""
        for key in self._keys:
            row = [cells.get(key) for cells in self._leading]
            for content in self._contents:
                token = content.cells.get(key)
                row.append(None if token is None else content.values[token])
            yield row

    def texts(self) -> Iterator[list[Any]]:
        """Yield each row as CSV has it: numbers as the store writes them, members of lists joined, nothing where nothing is."""
        parts = [(content.cells.get, content.texts) for content in self._contents]
        for key in self._keys:
            row = [cells.get(key) for cells in self._leading]
            row += [texts[found] if (found := get(key)) is not None else "" for get, texts in parts]
            yield row

    def is_integer(self, column: Column) -> bool:
        """Tell whether all numbers of a column are integers of 64 bits."""
        values = self._contents[self.features.index(column)].values.values()
        return all(
            type(value) is int and abs(value) < 1 << 63
            for found in values
            for value in (found if isinstance(found, list) else [found])
        )

    def counts(self, column: Column) -> dict[str, int]:
        """Return how many rows have each value of a feature, as its text; a row of several values counts for each of them."""
        content = self._contents[self.features.index(column)]
        found: Counter[str] = Counter()
        for token, rows in Counter(content.cells.values()).items():
            for one in token if isinstance(token, tuple) else (token,):
                found[content.texts[one]] += rows
        return dict(sorted(found.items()))

    @cached_property
    def ids(self) -> dict[str, int]:
        """The number of each row by the IRI of what it is about."""
        iris = _iris(self._answers, self._keys)
        return {iris[key]: number for key, number in self._leading[0].items()}

    @cached_property
    def labels(self) -> dict[str, str]:
        """The label of each row by the IRI of what it is about."""
        iris = _iris(self._answers, self._keys)
        return {iris[key]: self._leading[1][key] for key in self._keys}


def _each_its_name(made: Iterable[tuple[Column, Content]]) -> Iterator[tuple[Column, Content]]:
    """Yield the columns; one that is called as another before it gets a number behind its name, and an issue."""
    names: set[str] = set()
    for column, content in made:
        name, count = column.name, 1
        while name in names:
            count += 1
            name = f"{column.name} ({count})"
        names.add(name)
        if count > 1:
            issue = Issue("same-name", f"the author calls it {column.name!r}, as another column")
            column = replace(column, name=name, issues=(*column.issues, issue))
        yield column, content


def _one_of(name: str, value: str) -> Aggregate:
    for known in AGGREGATES:
        if value == known:
            return known
    raise UsageError(f"there is no {name} {value!r}", hint=f"{name}: {', '.join(AGGREGATES)}")


def _iris(answers: Answers, keys: Any) -> dict[str, str]:
    known = {row[0]: row[1][1:-1] for row in ml_facts.table(answers, "ml/iris")}
    return {key: key[1:-1] if key[:1] == "<" else known[key] for key in keys}


def _sorted(
    answers: Answers, rows: dict[str, str], iris: dict[str, str] | None
) -> tuple[list[str], dict[str, str] | None]:
    """Return the rows by label, numbers in it by value, then by IRI, which are only asked for where labels are the same."""
    if iris is None and len(set(rows.values())) < len(rows):
        iris = _iris(answers, rows)
    behind = iris or rows
    return sorted(rows, key=lambda key: (natural(rows[key]), rows[key], behind[key])), iris


def _numbers(keys: list[str]) -> dict[str, Any]:
    numbers: dict[str, Any] = {key: int(key) for key in keys if key[:1] != "<"}
    largest = max(numbers.values(), default=0)
    others = sorted(key for key in keys if key[:1] == "<")
    return numbers | {key: largest + place for place, key in enumerate(others, 1)}


def _investigations(answers: Answers) -> tuple[Investigation, ...]:
    found: dict[str, Investigation] = {}
    for row in ml_facts.table(answers, "ml/datasets"):
        iri, number, slug, title, modified = (ml_facts.text(token) for token in row)
        found[iri] = Investigation(iri, int(number), slug, title or slug, modified)
    return tuple(sorted(found.values(), key=lambda item: item.number))


def _membership(answers: Answers, investigations: tuple[Investigation, ...]) -> dict[str, Any]:
    slugs = {str(item.number): item.slug for item in investigations}
    rows = ml_facts.table(answers, "ml/membership")
    return {number: slugs[dataset] for number, dataset in rows if dataset in slugs}
