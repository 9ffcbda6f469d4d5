"""What a matrix is made from: rows, values, terms, units and derivations, as the engine's TSV has them.

Samples go by their store-wide numbers, categories and terms by their positions: integers stand in the store's indexes themselves,
while the text of each IRI has to be looked up. See docs/adr/0016-the-matrix-asks-for-integers.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from pyoxigraph import Literal, NamedNode, QueryResultsFormat

from fairgraph.curies import code_curie, curie
from fairgraph.errors import UsageError
from fairgraph.exports.export import Answers
from fairgraph.terms import XSD

GRAINS = ("samples", "sources", "extracts", "data")
WITH_UNIT = "\t"  # between a value and its unit: no token holds it
_SHORT_TERMS = 2000  # so many terms go by their positions, the rest by their IRIs
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LONG, _LONGEST = 5, 300  # characters of a number that may be too large, and that is
_NUMERIC = frozenset(XSD[name] for name in ("integer", "decimal", "double", "float"))
_BEYOND = frozenset(("INF", "-INF"))  # of xsd:double
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r"}

Positions = dict[str, list[Any]]
Cells = dict[str, Any]  # key of a row -> one token, or a tuple of them


@dataclass(frozen=True)
class Term:
    """An ontology term: its label as the author wrote it, and what identifies it, if anything does."""

    label: str
    iri: str | None = None
    curie: str | None = None

    @property
    def identity(self) -> str | None:
        """What tells the term from others: its CURIE, else its IRI."""
        return self.curie or self.iri


@dataclass(frozen=True)
class Category:
    """A characteristic category or a factor."""

    iri: str
    name: str
    is_factor: bool
    type: str | None
    is_declared: bool


@dataclass
class Facts:
    """All that the queries of a matrix answer."""

    rows: dict[str, str] = field(default_factory=dict)  # key -> label
    categories: list[Category] = field(default_factory=list)
    cells: list[Cells] = field(default_factory=list)  # as the categories
    units: list[tuple[str, ...]] = field(default_factory=list)  # as the categories
    terms: dict[str, Term] = field(default_factory=dict)  # by IRI of the node
    origins: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read(answers: Answers, grain: str = "samples") -> Facts:
    """Ask the queries in ``queries/ml``; *grain* is one of :data:`GRAINS`. Raises UsageError for another one."""
    if grain not in GRAINS:
        raise UsageError(f"there are no rows {grain!r}", hint=f"rows: {', '.join(GRAINS)}")
    facts = Facts()
    for key, name in table(answers, f"ml/{grain}"):
        facts.rows[key] = min(text(name), facts.rows.get(key, "\U0010ffff")) if name else ""
    for key, label in facts.rows.items():
        if not label:
            facts.rows[key] = key[1:-1].rsplit("/", 1)[-1] if key[0] == "<" else key
    facts.terms = _terms(answers)
    facts.categories = _categories(answers, grain)
    if facts.categories:
        _read_cells(answers, facts)
    if facts.rows:
        facts.origins = _origins(answers, grain)
    return facts


def table(answers: Answers, query: str, **terms: Iterable[Any]) -> Iterator[list[str]]:
    """Yield the rows of a query as tokens of SPARQL 1.1 TSV: ``<iri>``, ``"text"``, ``1.5``; an empty one where there is none."""
    answer = answers.rows(query, **terms).serialize(format=QueryResultsFormat.TSV)
    lines = iter((answer or b"").decode().split("\n"))
    next(lines)
    return (line.split("\t") for line in lines if line)


def text(token: str) -> str:
    """Return what a token says, as text."""
    if token[:1] == '"':
        token = token[1 : token.rindex('"')]
        return _ESCAPE.sub(_unescape, token) if "\\" in token else token
    return token[1:-1] if token[:1] == "<" else token


def number(token: str) -> str | None:
    """Return the number that a token says, in the grammar of JSON; None if it is none or not finite."""
    if token[:1] == '"':
        end = token.rindex('"')
        if token[end + 1 : end + 2] == "^" and token[end + 4 : -1] not in _NUMERIC:
            return None
        token = token[1:end]
    if not _NUMBER.fullmatch(token):
        return None
    # Most are short; what no machine can calculate with is a text.
    return token if len(token) < _LONG or _fits(token) else None


def _fits(token: str) -> bool:
    return len(token) < _LONGEST and math.isfinite(float(token))


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPED.get(match[1], match[1])


def _terms(answers: Answers) -> dict[str, Term]:
    local = f"{answers.base}id/"
    found: dict[str, Term] = {}
    for node, name, raw, code, source, same in table(answers, "ml/term-names"):
        iri = text(same or node)
        label = text(raw or name) or iri.rsplit("/", 1)[-1]
        external = None if iri.startswith(local) else iri
        named = curie(iri) if external else code_curie(text(code), text(source)) if code else None
        term = Term(label, external, named)
        if node not in found or _order(term) < _order(found[node]):
            found[node] = term
    return found


def _order(term: Term) -> tuple[str, str, str]:
    return term.label, term.iri or "", term.curie or ""


def _categories(answers: Answers, grain: str) -> list[Category]:
    declared = {row[0] for row in table(answers, "ml/declared")}
    found: dict[str, Category] = {}
    for node, name, kind, factor in table(answers, "ml/categories"):
        iri = text(node)
        label = " ".join(text(name).split()) or iri.rsplit("/", 1)[-1]
        every = grain in ("extracts", "data")
        new = Category(iri, label, bool(factor), kind or None, every or node in declared)
        if iri not in found or (label, kind) < (found[iri].name, found[iri].type or ""):
            found[iri] = new
    return [category for _, category in sorted(found.items())]


def _positions(categories: list[Category]) -> Positions:
    return {
        "category": [NamedNode(category.iri) for category in categories],
        "column": [Literal(position) for position in range(len(categories))],
    }


def _read_cells(answers: Answers, facts: Facts) -> None:
    positions = _positions(facts.categories)
    facts.cells = [{} for _ in facts.categories]
    strings: dict[str, str] = {}  # each text once
    for key, column, value in table(answers, "ml/values", **positions):
        _put(facts.cells[int(column)], key, strings.setdefault(value, value))
    facts.units = _units(answers, facts)
    _read_quantities(answers, facts, positions)
    _read_raw_texts(answers, facts, positions)
    nodes = list(facts.terms)[:_SHORT_TERMS]
    numbered: Positions = {
        "node": [NamedNode(node[1:-1]) for node in nodes],
        "position": [Literal(n) for n in range(len(nodes))],
    }
    if nodes:
        for key, column, term in table(answers, "ml/terms", **positions, **numbered):
            node = term if term[0] == "<" else nodes[int(term)]
            _put(facts.cells[int(column)], key, node)


def _read_quantities(answers: Answers, facts: Facts, positions: Positions) -> None:
    """Read the unit with each value, for categories whose values have not all the same one."""
    unclear = [n for n, units in enumerate(facts.units) if WITH_UNIT in units]
    if not unclear:
        return
    for n in unclear:
        facts.cells[n] = {}
        facts.units[n] = tuple(unit for unit in facts.units[n] if unit != WITH_UNIT)
    narrowed = {name: [terms[n] for n in unclear] for name, terms in positions.items()}
    for key, column, value, unit in table(answers, "ml/quantities", **narrowed):
        _put(facts.cells[int(column)], key, f"{value}{WITH_UNIT}{unit}" if unit else value)


def _read_raw_texts(answers: Answers, facts: Facts, positions: Positions) -> None:
    """Write numbers as their author did (``1.0``, not ``1``), in columns that will be text, while that still means the number."""
    tokens: dict[tuple[bool, str], set[str]] = {}
    for category, units, cells in zip(facts.categories, facts.units, facts.cells, strict=True):
        known = tokens.setdefault((category.is_factor, category.name), set())
        known.update(part for value in set(cells.values()) for part in tuple_of(value))
        if category.is_factor and not units:
            known.add('""')
    mixed = {
        name
        for name, found in tokens.items()
        if len({number(token.partition(WITH_UNIT)[0]) is None for token in found}) == 2
        or any(text(token.partition(WITH_UNIT)[0]) in _BEYOND for token in found)
    }
    wanted = [n for n, c in enumerate(facts.categories) if (c.is_factor, c.name) in mixed]
    if not wanted:
        return
    narrowed = {name: [terms[n] for n in wanted] for name, terms in positions.items()}
    for key, column, value, raw in table(answers, "ml/raw-texts", **narrowed):
        cells = facts.cells[int(column)]
        if key in cells and _is_same(text(raw), text(value)):
            new = tuple(_rewritten(part, value, raw) for part in tuple_of(cells[key]))
            cells[key] = new if len(new) > 1 else new[0]


def _is_same(raw: str, value: str) -> bool:
    """Tell whether the raw text still means the value; what no machine can hold is an infinite value in the store."""
    try:
        return Decimal(raw) == Decimal(value) or (
            value in _BEYOND and float(raw) == float(value) and Decimal(raw).is_finite()
        )
    except (InvalidOperation, ValueError):
        return False


def _rewritten(token: str, value: str, raw: str) -> str:
    plain, mark, unit = token.partition(WITH_UNIT)
    return f"{raw}{mark}{unit}" if plain == value else token


def tuple_of(value: Any) -> tuple[str, ...]:
    """Return the tokens of a cell, which is one token or several."""
    return value if type(value) is tuple else (value,)


def _units(answers: Answers, facts: Facts) -> list[tuple[str, ...]]:
    """Return the units of each category; with a mark where not all of its values have the same one."""
    counts: dict[str, dict[str, int]] = {}
    for node, unit, count in table(answers, "ml/units"):
        counts.setdefault(text(node), {})[unit] = int(count)
    found: list[tuple[str, ...]] = []
    for category, cells in zip(facts.categories, facts.cells, strict=True):
        units = counts.get(category.iri, {})
        values = sum(len(v) if type(v) is tuple else 1 for v in cells.values())
        is_clear = not units or list(units.values()) == [values]
        found.append((*sorted(units), *(() if is_clear else (WITH_UNIT,))))
    return found


def _put(cells: Cells, key: str, token: str) -> None:
    if key in cells:
        known = cells[key]
        cells[key] = (*known, token) if type(known) is tuple else (known, token)
    else:
        cells[key] = token


def _origins(answers: Answers, grain: str) -> dict[str, tuple[str, ...]]:
    query = "samples-derived"
    if grain in ("extracts", "data") or next(table(answers, "ml/strays"), None):
        query = "derived"
    found: dict[str, tuple[str, ...]] = {}
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key, origin in table(answers, f"ml/{query}"):
        known = found.get(key)
        parents = (origin,) if known is None else tuple(sorted((*known, origin)))
        found[key] = shared.setdefault(parents, parents)
    return found


def labels(terms: Mapping[str, Term], node: str) -> Term:
    """Return the term of a node, also of one that nothing is known about."""
    return terms.get(node) or Term(node[1:-1].rsplit("/", 1)[-1], node[1:-1], curie(node[1:-1]))
