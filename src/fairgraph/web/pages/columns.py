"""The columns of a dataset's materials: of which type and unit their values are, and how many are ontology terms, free text, or missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import NamedNode

from fairgraph.catalogue import Dataset
from fairgraph.terms import ISA
from fairgraph.web.asking import Asking
from fairgraph.web.links import short
from fairgraph.web.pages.investigation import FROM_SOURCES, SampleTable

# Above this many triples, counting all values takes longer than the page of an investigation may: they have a page of their own.
MOST_TRIPLES = 100_000
CHARACTERISTICS, FACTORS = "Characteristics", "Factor values"
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?: (.+))?")
_CLASSES = {
    ISA.Source: "sources",
    ISA.Sample: "samples",
    ISA.Extract: "extracts",
    ISA.LabeledExtract: "labeled extracts",
}


@dataclass
class Column:
    """One category of the values of sources, samples or extracts, by name: what its values are like.

    ``terms`` and ``texts`` count values, ``filled`` the materials that have one, ``of`` all materials of that kind.
    """

    name: str
    group: str
    materials: str
    of: int
    filled: int = 0
    terms: int = 0
    texts: int = 0
    numbers: int = 0
    units: list[str] = field(default_factory=list)
    iri: str = ""

    @property
    def empty(self) -> int:
        """How many materials have no value."""
        return max(0, self.of - self.filled)

    @property
    def type(self) -> str:
        """What most of the values are: ontology terms, numbers or text."""
        plain = self.texts - self.numbers
        best = max((self.terms, "term"), (self.numbers, "number"), (plain, "text"))
        return best[1] if best[0] else "text"

    @property
    def parts(self) -> list[tuple[str, float, float]]:
        """The bar: (kind, where it begins, how wide it is), in hundredths of the materials."""
        values = self.terms + self.texts
        share = 100 * self.filled / self.of if self.of else 0.0
        widths = [
            ("term", share * self.terms / values if values else 0.0),
            ("number", share * min(self.numbers, self.texts) / values if values else 0.0),
            ("text", share * max(0, self.texts - self.numbers) / values if values else 0.0),
        ]
        found, at = [], 0.0
        for kind, width in widths:
            found.append((kind, round(at, 2), round(width, 2)))
            at += width
        return found

    @property
    def said(self) -> str:
        """The bar in words."""
        parts = (
            (self.terms, "ontology terms"),
            (self.numbers, "numbers"),
            (self.texts - self.numbers, "free text"),
            (self.empty, "empty"),
        )
        return ", ".join(f"{count:,} {name}" for count, name in parts if count > 0) or "no values"


def columns(asking: Asking, dataset: Dataset) -> list[Column]:
    """Return the columns of a dataset: factor values, then characteristics, each by the materials that have them and by name."""
    return asking.remembered("columns", dataset, lambda: _columns(asking, dataset))


def by_header(found: list[Column]) -> dict[tuple[str, str], Column]:
    """Return columns by group and name as the table of samples has them."""
    named = {}
    for column in found:
        own = column.materials == "samples"
        named[(column.group if own else FROM_SOURCES, column.name)] = column
    return named


def of_page(table: SampleTable) -> dict[tuple[str, str], Column]:
    """Return what the columns of one page of samples are like, by group and name, judged by the values on it."""
    heads = [(group, name) for group, names in table.groups for name in names]
    found = {key: Column(key[1], key[0], "samples", table.total) for key in heads}
    for _, _, _, cells in table.rows:
        for key, cell in zip(heads, cells, strict=True):
            for value in cell:
                column, number = found[key], _NUMBER.fullmatch(value.name)
                if value.href:
                    column.terms += 1
                    continue
                column.texts += 1
                if number is not None:
                    column.numbers += 1
                    if number[1] and number[1] not in column.units:
                        column.units.append(number[1])
    return found


def _columns(asking: Asking, dataset: Dataset) -> list[Column]:
    totals = {
        row[0].value: int(row[1].value)
        for row in asking.rows("browse/column-classes", dataset=dataset)
    }
    values = asking.rows("browse/column-values", dataset=dataset)
    numbers = asking.rows("browse/column-numbers", dataset=dataset)
    nodes = {row[0] for row in values} | {row[2] for row in numbers if row[2] is not None}
    names, factors = _names(asking, dataset, nodes)
    found: dict[tuple[str, str, str], Column] = {}
    of_category: dict[Any, list[Column]] = {}
    for category, kind, has, count in values:
        name = names.get(category, short(category.value, asking.base))
        group = FACTORS if category in factors else CHARACTERISTICS
        key = (group, _CLASSES[kind.value], name)
        column = found.setdefault(key, Column(key[2], group, key[1], totals.get(kind.value, 0)))
        column.iri = column.iri or category.value
        if has is not None:
            column.terms += int(count.value)
        else:
            column.texts += int(count.value)
        if column not in of_category.setdefault(category, []):
            of_category[category].append(column)
    for category, kind, count in asking.rows("browse/column-owners", dataset=dataset):
        for column in of_category.get(category, ()):
            if column.materials == _CLASSES[kind.value]:
                # Two categories of one name are one column: what has both counts once.
                column.filled = min(column.of, column.filled + int(count.value))
    for category, kind, unit, count in numbers:
        for column in of_category.get(category, ()):
            if column.materials != _CLASSES[kind.value]:
                continue
            column.numbers = min(column.texts, column.numbers + int(count.value))
            if unit is not None and (name := names.get(unit, "")) and name not in column.units:
                column.units.append(name)
    order = list(_CLASSES.values())
    return sorted(
        found.values(),
        key=lambda c: (c.group != FACTORS, order.index(c.materials), c.name.casefold()),
    )


def _names(asking: Asking, dataset: Dataset, nodes: set[Any]) -> tuple[dict[Any, str], set[Any]]:
    wanted = sorted((node for node in nodes if isinstance(node, NamedNode)), key=str)
    if not wanted:
        return {}, set()
    rows = asking.rows("browse/column-names", dataset=dataset, node=wanted)
    return {row[0]: row[1].value for row in rows}, {row[0] for row in rows if row[2] is not None}
