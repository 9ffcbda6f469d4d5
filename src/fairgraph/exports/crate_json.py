"""The metadata document of a crate: flat ``@graph``, one node a thing, values as the reader of crates will read them again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from pyoxigraph import Literal, NamedNode

from fairgraph.crate.contexts import is_date
from fairgraph.exports.crate_ids import Ids
from fairgraph.exports.crate_things import Listed, Things
from fairgraph.exports.crate_words import Words
from fairgraph.exports.export import Term
from fairgraph.literals import date_literal, number
from fairgraph.terms import ELN, FG, RDF, SCHEMA, XSD, literal

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBERS = (XSD.integer, XSD.decimal, XSD.double)
CHANGES = (ELN.SuppliedStatement, ELN.WithheldStatement)
_AFTER_THINGS, _LAST = 1 << 60, 1 << 61


class Document:
    """A crate as JSON: things in their order, with their words and ``@id``s."""

    def __init__(
        self, things: Things, words: Words, ids: Ids, lists: frozenset[str] = frozenset()
    ) -> None:
        self._things, self._words, self._ids, self._lists = things, words, ids, lists
        order = [thing for thing in things.ordered() if _is_node(things, thing)]
        self._places = {thing: place for place, thing in enumerate(order)}

    def write(self, output: BinaryIO) -> None:
        """Write the document: one property a line."""
        context = json.dumps(self._words.context, ensure_ascii=False, indent=1)
        output.write(f'{{\n"@context": {context},\n"@graph": ['.encode())
        separator = "\n"
        for thing in self._places:
            output.write((separator + self._node(thing)).encode("utf-8", "replace"))
            separator = ",\n"
        output.write(b"\n]\n}\n")

    def _node(self, thing: str) -> str:
        found = self._ids[thing]
        lines = [f'"@id": {_text(found.written)}']
        properties = set(self._things.properties(thing)) - {RDF.type, FG.index, FG.originalId}
        if self._things.values(thing, RDF.type):
            lines.append(f'"@type": {_one_or_list(self._types(thing))}')
        if found.original:
            lines.append(f"{_text(self._words.key(FG.originalId))}: {_text(found.original)}")
        keys = sorted((self._words.key(name), name) for name in properties)
        raw = self._raw(thing)
        if raw is not None:
            keys = [(key, name) for key, name in keys if name != FG.rawText]
        for key, name in keys:
            values = list(self._values(thing, key, name, raw or ""))
            lines.append(f"{_text(key)}: {_one_or_list(values, name in self._lists)}")
        if thing == self._things.root and SCHEMA.hasPart in self._lists - properties:
            lines.append('"hasPart": []')
        return "{" + ",\n ".join(lines) + "}"

    def _types(self, thing: str) -> list[str]:
        listed = [item.value for item in self._things.listed(thing, RDF.type)]
        others = sorted(set(self._things.values(thing, RDF.type)) - set(listed), key=str)
        return [_text(self._words.key(kind.value)) for kind in (*listed, *others)]

    def _raw(self, thing: str) -> str | None:
        """Return how the only value of a PropertyValue was written, None if nothing says it, or it says something else."""
        texts = self._things.values(thing, FG.rawText)
        values = self._things.values(thing, SCHEMA.value)
        if len(texts) != 1 or len(values) != 1 or not self._things.is_a(thing, SCHEMA.PropertyValue):  # fmt: skip
            return None
        raw = texts[0].value
        return raw if _says(raw, values[0]) else None

    def _values(self, thing: str, key: str, predicate: str, raw: str) -> Iterator[str]:
        """Yield the values of a property as JSON: as they are listed, then the others in the order that nobody needs to state."""
        listed = self._things.listed(thing, predicate)
        known = {item.value for item in listed}
        others = [Listed(0, term, raw if predicate == SCHEMA.value else "") for term in self._things.values(thing, predicate) if term not in known]  # fmt: skip
        if predicate == RDF.object and self._things.is_a(thing, *CHANGES):
            # As it stands, or stood, in its own place.
            predicate = self._things.text(thing, RDF.predicate)
            key = self._words.key(predicate) if self._words.has(predicate) else key
        for item in (*listed, *sorted(others, key=self._natural)):
            yield self._value(item.value, key, predicate, item.raw)

    def _natural(self, item: Listed) -> tuple[int, str]:
        # As the reader has it: things by their places, other things, texts.
        if isinstance(item.value, NamedNode):
            return self._places.get(item.value.value, _AFTER_THINGS), str(item.value)
        return _LAST, ntriples(item.value, item.raw)

    def _value(self, term: Term, key: str, predicate: str, raw: str) -> str:
        if isinstance(term, NamedNode):
            return f'{{"@id": {_text(self._ids[term.value].written)}}}'
        text, datatype = term.value, term.datatype.value
        if term.language:
            return f'{{"@value": {_text(text)}, "@language": {_text(term.language)}}}'
        plain = _plain(term, raw)
        if predicate == SCHEMA.contentSize and datatype == XSD.integer and text.isdigit():
            return _text(text)
        if plain and (datatype in _NUMBERS or datatype == XSD.boolean):
            return plain
        if predicate != SCHEMA.hasPart and _read(text, key, predicate) == ntriples(term):
            return _text(text)
        tail = "" if datatype == XSD.string else f', "@type": {_text(datatype)}'
        return f'{{"@value": {_text(text)}{tail}}}'


def ntriples(term: Literal, raw: str = "") -> str:
    """Return a literal as the reader of crates writes it, *raw* in the place of its text if it says the same."""
    if term.language:
        return f"{literal(term.value)}@{term.language}"
    text = raw if raw and _says(raw, term) else term.value
    datatype = term.datatype.value
    return literal(text) if datatype == XSD.string else f"{literal(text)}^^<{datatype}>"


def _plain(term: Literal, raw: str) -> str:
    """Return a number or truth value as JSON, ``""`` where that would be read as something else."""
    text, datatype = term.value, term.datatype.value
    if datatype == XSD.boolean:
        return text if text in ("true", "false") else ""
    if raw and _says(raw, term):
        return raw
    if datatype == XSD.integer and _INTEGER.fullmatch(text):
        return text
    typed = number(text)
    return text if typed and typed == (f'"{text}"^^<{datatype}>', False) else ""


def _says(raw: str, term: Term) -> bool:
    """Tell whether a raw text is a JSON number that a reader takes for a value."""
    typed = number(raw)
    if not isinstance(term, Literal) or typed is None:
        return False
    if not typed[0].endswith(f"^^<{term.datatype.value}>"):
        return False
    try:
        if term.datatype.value == XSD.double:
            return float(raw) == float(term.value)
        return Decimal(raw) == Decimal(term.value)
    except (ValueError, InvalidOperation):
        return False


def _read(text: str, key: str, predicate: str) -> str:
    """Return what the reader makes of a string under a key."""
    if predicate == SCHEMA.contentSize and text.isascii() and text.isdigit() and (typed := number(text)):  # fmt: skip
        return typed[0]
    return date_literal(text) if is_date(key) and len(text) < 64 else literal(text)


def _is_node(things: Things, thing: str) -> bool:
    return bool(things.values(thing, FG.index)) or any(
        name != FG.originalId for name in things.properties(thing)
    )


def _one_or_list(values: list[str], is_list: bool = False) -> str:
    return values[0] if len(values) == 1 and not is_list else f"[{', '.join(values)}]"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
