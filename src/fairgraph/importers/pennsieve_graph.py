"""A published dataset as triples: what manifest, models and records are all written with. ``docs/pennsieve.md`` tells the mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fairgraph.importers.format import Draft
from fairgraph.importers.rules import finding
from fairgraph.isa.notation import Number
from fairgraph.literals import date_literal, number
from fairgraph.pennsieve.json_text import JsonForm, form_of
from fairgraph.report import Severity
from fairgraph.terms import ELN, FG, PENNSIEVE, RDF, SCHEMA, XSD, digest, literal, ncname

TYPE = f"<{RDF.type}>"
_DATES = frozenset((SCHEMA.datePublished,))


@dataclass
class PublishedGraph:
    """Writes one published dataset. IRIs are given and returned without brackets."""

    draft: Draft
    minted: dict[str, str] = field(default_factory=dict)
    orders: dict[str, dict[tuple[str, ...], None]] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.dataset = self.draft.dataset
        self.write = self.draft.spool.write

    # -- Names -------------------------------------------------------------------------------------------------------

    def mint(self, scope: str, kind: str, name: str) -> str:
        """Return the IRI of what is called *name* in *scope*: the same whenever it is asked for, and nobody else's."""
        stem = iri = f"{scope}/{kind}/{ncname(name, kind[0])}"
        if self.minted.setdefault(iri, name) != name:
            iri = f"{stem}-{digest(name)}"
            self.minted.setdefault(iri, name)
        return iri

    def file(self, path: str) -> str:
        """Return the IRI of a file by its path in the dataset."""
        stem = ncname(path.rpartition("/")[2][:60], "f")
        return f"{self.dataset}/file/{stem}-{digest(path)}"

    # -- Statements --------------------------------------------------------------------------------------------------

    def add(self, subject: str, predicate: str, term: str) -> None:
        """Write one triple; *term* is N-Triples."""
        self.write(f"<{subject}> <{predicate}> {term} .\n")

    def link(self, subject: str, predicate: str, target: str) -> None:
        """Write one triple about two IRIs."""
        self.write(f"<{subject}> <{predicate}> <{target}> .\n")

    def types(self, subject: str, *types: str) -> None:
        """Write the types of a subject."""
        for rdf_type in types:
            self.write(f"<{subject}> {TYPE} <{rdf_type}> .\n")

    def text(self, subject: str, predicate: str, text: str) -> None:
        """Write a text."""
        self.write(f"<{subject}> <{predicate}> {literal(text)} .\n")

    def integer(self, subject: str, predicate: str, value: int) -> None:
        """Write an integer."""
        self.write(f'<{subject}> <{predicate}> "{value}"^^<{XSD.integer}> .\n')

    def find(
        self, severity: Severity, rule: str, message: str, where: str = "", count: int = 1
    ) -> None:
        """Add a finding to the report."""
        self.draft.report.add(finding(severity, rule, message, where=where, count=count))

    def listed(
        self,
        subject: str,
        predicate: str,
        texts: list[str],
        terms: list[str] | None = None,
        raws: Sequence[str] = (),
    ) -> None:
        """Write the places of the members of a list, where the order of their *texts* does not tell them.

        *terms* are the members as N-Triples if they are no plain texts, *raws* how they were written where the store would not
        write them so.
        """
        if texts == sorted(set(texts)) and not any(raws):
            return
        for n, text in enumerate(texts):
            item = f"{self.dataset}/value/v{digest(f'{subject} {predicate}')}-{n}"
            self.types(item, ELN.ListedValue)
            self.link(item, ELN.listedOf, subject)
            self.link(item, ELN.listedUnder, predicate)
            self.integer(item, FG.index, n)
            self.add(item, SCHEMA.value, terms[n] if terms else literal(text))
            if raws and raws[n]:
                self.text(item, FG.rawText, raws[n])

    def beside(self, iri: str, kind: str, predicate: str) -> str:
        """Return the property that says what is beside the value of the property *iri*: how it is written, or what it shows."""
        model, _, name = iri.rpartition("/property/")
        found = f"{model}/{kind}/{name}"
        if found not in self.declared:
            self.declared.add(found)
            self.types(found, PENNSIEVE.Companion)
            self.link(found, predicate, iri)
        return found

    # -- JSON --------------------------------------------------------------------------------------------------------

    def scalar(self, subject: str, predicate: str, value: Any) -> bool:
        """Write a JSON scalar under a property; False, and nothing is written, if the store would not print it as it is."""
        term = scalar_term(value, is_date=predicate in _DATES)
        if not term:
            return False
        self.add(subject, predicate, term)
        return True

    def object(
        self,
        subject: str,
        value: Mapping[str, Any],
        kind: str,
        known: Mapping[str, str],
        taken: frozenset[str] = frozenset(),
    ) -> None:
        """Write the members of a JSON object: known scalars under their properties, others but those *taken* as members.

        *kind* says which objects have their keys in one order.
        """
        self.orders.setdefault(kind, {}).setdefault(tuple(value))
        for n, (key, member) in enumerate(value.items()):
            if key in taken or (key in known and self.scalar(subject, known[key], member)):
                continue
            self.member(subject, member, n, key)

    def member(self, owner: str, value: Any, index: int, key: str | None = None) -> None:
        """Write a value that has no property of its own: a node, with its key or without, and its place among others."""
        # Not minted: there may be very many, and keys tell the members of one object apart.
        stem = f"i{index}" if key is None else ncname(key, "k")
        if stem != key and key is not None:
            stem = f"{stem}-{digest(key)}"
        node = f"{owner}/member/{stem}"
        self.link(owner, PENNSIEVE.member, node)
        self.types(node, PENNSIEVE.Member)
        self.integer(node, FG.index, index)
        if key is not None:
            self.text(node, SCHEMA.name, key)
        if isinstance(value, dict):
            self.text(node, PENNSIEVE.form, "object")
            for n, (name, inner) in enumerate(value.items()):
                self.member(node, inner, n, name)
        elif isinstance(value, list):
            self.text(node, PENNSIEVE.form, "array")
            for n, inner in enumerate(value):
                self.member(node, inner, n)
        elif value is None:
            self.text(node, PENNSIEVE.form, "null")
        elif isinstance(value, Number):
            typed = number(value.text) or (f'"{value.text}"^^<{XSD.integer}>', value.text == "-0")
            self.add(node, SCHEMA.value, typed[0])
            if typed[1]:
                self.text(node, FG.rawText, value.text)
        else:
            self.add(node, SCHEMA.value, scalar_term(value))

    # -- Layout ------------------------------------------------------------------------------------------------------

    def form(self, file: str, text: str, value: Any, default: JsonForm, name: str) -> None:
        """Write in which form a JSON document is written, if that is not the usual one of its kind."""
        found = form_of(text, value, default)
        if found is None:
            message = "is written in a form that is not kept: it is written equal as data"
            self.find("info", "pennsieve-form", message, name)
            return
        self.keep_form(file, found, default)

    def keep_form(self, file: str, found: JsonForm, default: JsonForm) -> None:
        """Write in which form a JSON document is written, where that is not the usual one."""
        if found.indent != default.indent:
            self.integer(file, PENNSIEVE.indent, found.indent)
        if found.colon != default.colon:
            self.text(file, PENNSIEVE.colon, found.colon)
        if found.final != default.final:
            self.text(file, PENNSIEVE.lineEnd, found.final)
        if found.is_ascii != default.is_ascii:
            self.add(file, PENNSIEVE.isAscii, _boolean(found.is_ascii))

    def write_orders(self) -> None:
        """Write the order of the keys of the objects of each kind, and of the columns of each table."""
        for kind, seen in self.orders.items():
            keys = merged(list(seen))
            if keys is None:
                keys = list(dict.fromkeys(key for order in seen for key in order))
                message = "objects of one kind have their keys in several orders: one is kept"
                self.find("info", "pennsieve-key-order", message, kind)
            for n, key in enumerate(keys):
                node = self.mint(f"{self.dataset}/order/{ncname(kind, 'k')}", "key", key)
                self.types(node, PENNSIEVE.Key)
                self.text(node, PENNSIEVE.keyOf, kind)
                self.text(node, SCHEMA.name, key)
                self.integer(node, FG.index, n)


def scalar_term(value: Any, *, is_date: bool = False) -> str:
    """Return a JSON scalar as N-Triples; ``""`` if it is none, or the store would print it in another way."""
    if isinstance(value, Number):
        typed = number(value.text)
        return typed[0] if typed and not typed[1] else ""
    if isinstance(value, bool):
        return _boolean(value)
    if isinstance(value, str):
        return date_literal(value) if is_date else literal(value)
    return ""


def merged(orders: list[tuple[str, ...]]) -> list[str] | None:
    """Return one order that all *orders* of some of its members agree with; None if there is none.

    >>> merged([("a", "c"), ("b", "c"), ("a", "b")])
    ['a', 'b', 'c']
    """
    before: dict[str, set[str]] = {}
    for order in orders:
        for n, key in enumerate(order):
            before.setdefault(key, set())
            if n:
                before[key].add(order[n - 1])
    found: list[str] = []
    while before:
        following = next((key for key, needed in before.items() if not needed), None)
        if following is None:
            return None
        del before[following]
        for needed in before.values():
            needed.discard(following)
        found.append(following)
    return found


def _boolean(value: bool) -> str:
    return f'"{str(value).lower()}"^^<{XSD.boolean}>'
