"""The answers to the queries about a published dataset as Python values, in order."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode

from fairgraph.exports.export import Answers
from fairgraph.isa.notation import Number
from fairgraph.pennsieve.cells import still_means
from fairgraph.pennsieve.keys import NUMBERS, ORDERS
from fairgraph.terms import FG, PENNSIEVE, RDF, SCHEMA, SH, XSD

LAST = float("inf")
Statements = dict[str, dict[str, dict[Any, None]]]


@dataclass
class PublishedView:
    """What is said about a dataset, its people, models and tables; about records, each table is asked by itself.

    ``entries`` are the files that manifests list, of which there may be very many.
    """

    root: str
    about: Statements = field(default_factory=dict)
    entries: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    members: Statements = field(default_factory=dict)
    listings: dict[str, list[str]] = field(default_factory=dict)
    orders: dict[str, dict[str, int]] = field(default_factory=dict)
    items: dict[str, tuple[Any, str]] = field(default_factory=dict)
    lists: dict[tuple[str, str], list[tuple[int, Any, str]]] = field(default_factory=dict)

    def terms(self, subject: str, predicate: str) -> list[Any]:
        """Return the values of a property."""
        return list(self.about.get(subject, {}).get(predicate, ()))

    def term(self, subject: str, predicate: str) -> Any | None:
        """Return the value of a property: the first one, if an update gave it several."""
        return first(self.terms(subject, predicate))

    def text(self, subject: str, predicate: str) -> str:
        """Return the value of a property as text, ``""`` if it has none."""
        found = self.term(subject, predicate)
        return "" if found is None else str(found.value)

    def links(self, subject: str, predicate: str) -> list[str]:
        """Return the IRIs that a property leads to, in their order."""
        found = {
            term.value for term in self.terms(subject, predicate) if isinstance(term, NamedNode)
        }
        return sorted(found, key=lambda iri: (self.place(iri), iri))

    def link(self, subject: str, predicate: str) -> str:
        """Return the IRI that a property leads to: the first one, if an update gave it several; ``""`` if it has none."""
        return min(self.links(subject, predicate), default="")

    def is_a(self, subject: str, rdf_type: str) -> bool:
        """Tell whether a subject has a type."""
        return any(term.value == rdf_type for term in self.terms(subject, RDF.type))

    def place(self, subject: str) -> float:
        """Return the place of a subject among its siblings."""
        return number_of(self.text(subject, FG.index) or self.text(subject, SH.order))

    def listed(self, owner: str, predicate: str, values: list[Any]) -> list[tuple[Any, str]]:
        """Return the values of a list in their order, each with how it was written (or ``""``).

        Where nothing tells the order, it is that of the texts. What an update added comes last, what it took away is left out.
        """
        rest = dict.fromkeys(sorted(values, key=lambda term: str(term.value)), "")
        found = sorted(self.lists.get((owner, predicate), ()), key=lambda item: item[0])
        listed = [(term, raw) for _, term, raw in found if term in rest]
        there = {term for term, _ in listed}
        return [*listed, *((term, "") for term in rest if term not in there)]

    # -- JSON --------------------------------------------------------------------------------------------------------

    def ordered(self, values: dict[str, Any], kind: str) -> dict[str, Any]:
        """Return the members of an object in the order that objects of this kind have."""
        order = self.orders.get(kind) or {}
        usual = {key: n for n, key in enumerate(ORDERS.get(kind, ()))}
        return dict(
            sorted(values.items(), key=lambda i: (order.get(i[0], LAST), usual.get(i[0], LAST)))
        )

    def member_values(self, members: list[Any]) -> list[tuple[str, Any]]:
        """Return keys (``""``: none) and values of member nodes, in their order."""
        nodes = [(self.members.get(node.value, {}), node.value) for node in members]
        nodes.sort(key=lambda one: (number_of(_first(one[0], FG.index)), one[1]))
        return [(_first(about, SCHEMA.name), self._value(about)) for about, _ in nodes]

    def _value(self, about: dict[str, dict[Any, None]]) -> Any:
        form = _first(about, PENNSIEVE.form)
        if form == "null":
            return None
        if form:
            inner = self.member_values(list(about.get(PENNSIEVE.member, ())))
            return dict(inner) if form == "object" else [value for _, value in inner]
        found = first(about.get(SCHEMA.value, ()))
        return json_value(found, _first(about, FG.rawText))


def read_view(answers: Answers) -> PublishedView:
    """Ask for all but the records and what relates them."""
    view = PublishedView(answers.dataset.value)
    for query, target in (("about", view.about), ("members", view.members)):
        for subject, predicate, value in answers.rows(query):
            said = target.setdefault(subject.value, {})
            said.setdefault(sys.intern(predicate.value), {})[value] = None
    for file, predicate, value in answers.rows("entries"):
        entry = view.entries.setdefault(file.value, {})
        entry.setdefault(sys.intern(predicate.value), []).append(value)
    for owner, file in answers.rows("listings"):
        view.listings.setdefault(owner.value, []).append(file.value)
    for item, member, rest in answers.rows("items"):
        known = view.items.get(item.value, (member, rest.value))
        view.items[item.value] = first((known[0], member)), min(known[1], rest.value)
    for owner, predicate, index, value, raw in answers.rows("lists"):
        members = view.lists.setdefault((owner.value, predicate.value), [])
        members.append((int(number_of(index.value)), value, raw.value if raw else ""))
    for subject in view.about:
        if view.is_a(subject, PENNSIEVE.Key):
            kind, name = view.text(subject, PENNSIEVE.keyOf), view.text(subject, SCHEMA.name)
            view.orders.setdefault(kind, {})[name] = int(number_of(view.text(subject, FG.index)))
    return view


def first(terms: Iterable[Any]) -> Any | None:
    """Return the one of several values that is written where there is place for one: the least by text, datatype and language.

    ``queries/export/pennsieve/several.rq`` has the same rule.
    """
    return min(terms, key=_order, default=None)


def _order(term: Any) -> tuple[str, str]:
    if not isinstance(term, Literal):
        return term.value, ""
    return term.value, term.datatype.value + (term.language or "")


def json_value(term: Any | None, raw: str = "") -> Any:
    """Return a term as a JSON scalar; *raw* is how a number was written."""
    if not isinstance(term, Literal):
        return None if term is None else term.value
    datatype = term.datatype.value
    if datatype in NUMBERS:
        known = XSD.double if raw and "e" in raw.lower() else datatype
        return Number(raw if raw and _same(raw, term.value, known) else term.value)
    if datatype == XSD.boolean:
        return term.value in ("true", "1")
    return term.value


def _same(raw: str, value: str, datatype: str) -> bool:
    if datatype == XSD.decimal:
        return number_of(raw) == number_of(value)
    return still_means(raw, value, datatype) or number_of(raw) == number_of(value) != LAST


def number_of(text: str) -> float:
    """Return a number that things can be sorted by; what is none comes last."""
    try:
        found = float(text)
    except ValueError:
        return LAST
    return found if found == found and abs(found) != LAST else LAST


def _first(about: dict[str, dict[Any, None]], predicate: str) -> str:
    found = first(about.get(predicate, ()))
    return "" if found is None else str(found.value)
