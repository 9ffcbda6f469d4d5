"""Columns of a matrix: their names, types, units and terms, and what each token of theirs is as a value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fairgraph.exports.ml_facts import WITH_UNIT, Cells, Term, labels, number, text, tuple_of
from fairgraph.exports.ml_slots import Slot

Type = Literal["identifier", "string", "ontology", "categorical", "numeric"]
Aggregate = Literal["list", "mean", "first"]
SEPARATOR = ";"
# What authors write where there is no value; and the terms of INSDC for that.
MISSING = frozenset(
    (
        "", "-", "--", "?", "na", "n/a", "n.a.", "nan", "none", "null", "nil", "unknown", "not known", "not applicable",
        "not available", "not collected", "not determined", "not measured", "not provided", "not recorded", "not specified",
        "missing", "restricted access", "control sample", "sample group", "synthetic construct", "lab stock", "third party data",
        "data agreement established pre-2023", "endangered species", "human-identifiable",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """Something that a reader of a column should know; *code* tells the kinds apart."""

    code: str
    message: str


@dataclass(frozen=True)
class Column:
    """One column: what ``columns`` of the JSON says of it. ``terms`` are by label; ``missing`` counts empty cells."""

    name: str
    type: Type
    unit: str | None = None
    unit_label: str | None = None
    unit_iri: str | None = None
    property_iri: str | None = None
    property_curie: str | None = None
    terms: Mapping[str, Term] = field(default_factory=dict)
    missing: int = 0
    missing_reasons: Mapping[str, int] = field(default_factory=dict)
    levels: tuple[str, ...] = ()
    minimum: float | int | None = None
    maximum: float | int | None = None
    inherited_cells: int = 0
    multivalued: bool = False
    issues: tuple[Issue, ...] = ()

    @property
    def curie(self) -> str | None:
        """The CURIE of the term, if all values of the column are one and the same term."""
        curies = {term.curie for term in self.terms.values()}
        return (
            next(iter(curies)) if len(curies) == 1 and len(self.terms) == len(self.levels) else None
        )


@dataclass
class Content:
    """The cells of a column: values (None, text, number, list) and texts by token, tokens by row."""

    cells: Cells
    values: dict[Any, Any]
    texts: dict[Any, str]


def identifiers(columns: Iterable[Column]) -> list[str]:
    """Return a name for each column that may stand in an IRI or a template: letters, digits and ``_``, each different."""
    found: dict[str, None] = {}
    for column in columns:
        name = plain = re.sub(r"[^A-Za-z0-9]+", "_", column.name).strip("_") or "column"
        count = 1
        while name in found:
            count += 1
            name = f"{plain}_{count}"
        found[name] = None
    return list(found)


def columns(
    slot: Slot, rows: int, terms: Mapping[str, Term], aggregate: Aggregate
) -> Iterable[tuple[Column, Content]]:
    """Yield the columns of a slot: one, or one for each of several units."""
    parts = (
        _by_unit(slot)
        if len(slot.units) > 1 or _is_marked(slot.cells)
        else {_only(slot): slot.cells}
    )
    inherited = slot.inherited if len(parts) == 1 else 0
    for unit in sorted(parts, key=lambda node: labels(terms, node).label if node else ""):
        name = (
            f"{slot.name} [{labels(terms, unit).label}]" if unit and len(parts) > 1 else slot.name
        )
        yield _column(slot, name, unit, parts[unit], rows, terms, aggregate, inherited)


def _only(slot: Slot) -> str:
    # What no row has may still have a unit elsewhere: on extracts, if rows are samples.
    return slot.units[0] if slot.units and slot.cells else ""


def _is_marked(cells: Cells) -> bool:
    return any(WITH_UNIT in token for value in cells.values() for token in tuple_of(value))


def _by_unit(slot: Slot) -> dict[str, Cells]:
    parts: dict[str, dict[str, list[str]]] = {}
    for key, value in slot.cells.items():
        for token in tuple_of(value):
            plain, _, unit = token.partition(WITH_UNIT)
            parts.setdefault(unit, {}).setdefault(key, []).append(plain)
    return {
        unit: {key: v[0] if len(v) == 1 else tuple(v) for key, v in cells.items()}
        for unit, cells in parts.items()
    } or {"": {}}


def _column(
    slot: Slot,
    name: str,
    unit: str,
    cells: Cells,
    rows: int,
    terms: Mapping[str, Term],
    aggregate: Aggregate,
    inherited: int,
) -> tuple[Column, Content]:
    tokens = {token for value in set(cells.values()) for token in tuple_of(value)}
    numbers = {token: found for token in tokens if (found := number(token)) is not None}
    reasons = {token for token in tokens if token not in numbers and _is_missing(token)}
    issues: list[Issue] = []
    kind, prefix = _type(slot, unit, tokens, numbers, reasons, terms, issues)
    meaning: dict[str, Term] = {}
    missing_reasons: dict[str, int] = {}
    if kind == "numeric":
        values: dict[Any, Any] = {token: _parsed(found) for token, found in numbers.items()}
        texts: dict[Any, str] = dict(numbers)
        if reasons:
            cells, missing_reasons = _without(cells, reasons)
            told = ", ".join(f"{word!r} ({n})" for word, n in missing_reasons.items())
            issues.append(
                Issue("missing-word", f"cells that say why there is no value are empty: {told}")
            )
    else:
        texts = _labels(tokens, terms, meaning, issues)
        values = dict(texts)
    cells = _replicates(cells, values, texts, kind, aggregate, issues)
    several = {value for value in set(cells.values()) if type(value) is tuple}
    for value in several:
        values[value] = [values[token] for token in value]
        texts[value] = SEPARATOR.join(_escaped(texts[token]) for token in value)
    low, high = _range(cells, values) if kind == "numeric" else (None, None)
    unit_term = labels(terms, unit) if unit else None
    column = Column(
        f"{prefix}:{name}",
        kind,
        unit_term.curie if unit_term else None,
        unit_term.label if unit_term else None,
        unit_term.iri if unit_term else None,
        slot.property.iri if slot.property else None,
        slot.property.curie if slot.property else None,
        meaning,
        rows - len(cells),
        missing_reasons,
        tuple(sorted({texts[t] for v in set(cells.values()) for t in tuple_of(v)}))
        if kind in ("categorical", "ontology")
        else (),
        low,
        high,
        inherited,
        bool(several),
        tuple(issues),
    )
    return column, Content(cells, values, texts)


def _type(
    slot: Slot,
    unit: str,
    tokens: set[str],
    numbers: Mapping[str, str],
    reasons: set[str],
    terms: Mapping[str, Term],
    issues: list[Issue],
) -> tuple[Type, str]:
    """Return the type and the prefix of a column (docs/ml.md)."""
    is_numeric = bool(numbers) and len(numbers) + len(reasons) == len(tokens)
    if slot.is_factor:
        if unit and numbers and not is_numeric:
            issues.append(Issue("mixed-types", _mixed(numbers, tokens - reasons)))
        return "numeric" if is_numeric and unit else "categorical", "factor"
    if is_numeric:
        return "numeric", "measurement" if unit else "annotation"
    if numbers:
        issues.append(Issue("mixed-types", _mixed(numbers, tokens - reasons)))
    if any(token[:1] == "<" and labels(terms, token).identity for token in tokens):
        return "ontology", "annotation"
    return "string", "annotation"


def _mixed(numbers: Mapping[str, str], tokens: set[str]) -> str:
    others = sorted(text(token) for token in tokens if token not in numbers)
    shown = ", ".join(map(repr, others[:3])) + (", …" if len(others) > 3 else "")
    return f"has numbers and other values ({shown}), so all are text"


def _is_missing(token: str) -> bool:
    word = text(token).strip().lower()
    return token[:1] != "<" and (word in MISSING or word.startswith("missing:"))


def _parsed(text: str) -> int | float:
    if text.lstrip("-").isdigit():
        return int(text)
    return float(text)


def _without(cells: Cells, reasons: set[str]) -> tuple[Cells, dict[str, int]]:
    kept: Cells = {}
    counts: Counter[str] = Counter()
    for key, value in cells.items():
        rest = tuple(token for token in tuple_of(value) if token not in reasons)
        counts.update(text(token) for token in tuple_of(value) if token in reasons)
        if rest:
            kept[key] = rest if len(rest) > 1 else rest[0]
    return kept, dict(sorted(counts.items()))


def _labels(
    tokens: set[str], terms: Mapping[str, Term], meaning: dict[str, Term], issues: list[Issue]
) -> dict[Any, str]:
    """Return what each token says, and fill the terms by label; two terms with one label have their CURIEs behind it."""
    by_label: dict[str, dict[str, Term]] = {}
    for token in sorted(tokens):
        if token[:1] == "<" and (identity := (term := labels(terms, token)).identity):
            by_label.setdefault(term.label, {}).setdefault(identity, term)
    texts: dict[Any, str] = {}
    for token in tokens:
        if token[:1] != "<":
            texts[token] = text(token)
            continue
        term = labels(terms, token)
        texts[token] = term.label
        if term.identity:
            if len(by_label[term.label]) > 1:
                texts[token] = f"{term.label} ({term.identity})"
            meaning[texts[token]] = by_label[term.label][term.identity]
    for label, several in sorted(by_label.items()):
        if len(several) > 1:
            issues.append(
                Issue("same-label", f"{label!r} are several terms: {', '.join(sorted(several))}")
            )
    ordered = dict(sorted(meaning.items()))
    meaning.clear()
    meaning.update(ordered)
    return texts


def _replicates(
    cells: Cells,
    values: dict[Any, Any],
    texts: dict[Any, str],
    kind: Type,
    aggregate: Aggregate,
    issues: list[Issue],
) -> Cells:
    """Bring cells of several values into order, or into one value."""
    several = {value for value in set(cells.values()) if type(value) is tuple}
    if not several:
        return cells
    one: dict[Any, Any] = {}
    for value in several:
        if kind == "numeric":
            ordered = tuple(sorted(value, key=lambda token: (values[token], token)))
            if aggregate == "mean":
                mean = sum(values[token] for token in value) / len(value)
                token = repr(mean)
                values[token], texts[token] = mean, token
                ordered = (token,)
        else:
            said = {texts[token]: token for token in sorted(value, reverse=True)}
            ordered = tuple(said[label] for label in sorted(said))
        one[value] = ordered[0] if len(ordered) == 1 or aggregate == "first" else ordered
    found = {key: one.get(value, value) for key, value in cells.items()}
    counts = Counter(len(value) for value in cells.values() if type(value) is tuple)
    told = ", ".join(f"{n} with {size} values" for size, n in sorted(counts.items()))
    issues.append(Issue("replicates", f"rows with several values: {told}"))
    return found


def _range(
    cells: Cells, values: Mapping[Any, Any]
) -> tuple[float | int | None, float | int | None]:
    means = [
        sum(found) / len(found) if isinstance(found := values[value], list) else found
        for value in set(cells.values())
    ]
    return (min(means), max(means)) if means else (None, None)


def joined(cell: Any) -> str | None:
    """Return a cell as one text: the members of a list with semicolons between them; None for nothing.

    >>> joined(["a;b", "c"])
    'a\\\\;b;c'
    """
    if isinstance(cell, list):
        return SEPARATOR.join(_escaped(str(member)) for member in cell)
    return None if cell is None else str(cell)


def _escaped(label: str) -> str:
    return re.sub(r"([\\;])", r"\\\1", label)
