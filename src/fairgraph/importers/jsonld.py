"""JSON-LD, read so that nothing vanishes: a parser drops keys without an IRI, and objects whose ``@id`` is none, in silence.

Two things are done about that. IRIs with characters that no IRI has are percent-encoded. And the document is parsed a second
time with a mark at every value: a mark that no quad carries is a value that was lost, whatever feature of JSON-LD lost it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from fairgraph.report import Finding, Report

# Above this size a document is not parsed a second time: its Python objects take about ten times as much memory.
CHECKED_BYTES = 64 * 1024 * 1024

_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")
_MARK = re.compile(r"fairgraph-mark-([0-9]+)-")
_PROBE = "http://fairgraph.invalid/probe"
_ALIASED = ("@id", "@type", "@value", "@language", "@direction", "@index")
# What says how something is to be read: no data, and not to be touched.
_SYNTAX = {"@context", "@language", "@direction", "@base", "@vocab", "@version"}


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object in their order; a key may stand there twice."""


class _Number(str):
    """A JSON number as it is written."""


def read(data: bytes, name: str, base: str, report: Report) -> bytes:
    """Return a JSON-LD document as it is to be parsed; what will not become a quad is found, with its JSON pointer.

    What is no JSON, or cannot be parsed as JSON-LD, is returned as it is: the parser says why.
    """
    if len(data) > CHECKED_BYTES:
        report.add(
            Finding(
                "info",
                "rdf-unchecked",
                f"the file is larger than {CHECKED_BYTES >> 20} MB: nobody looked whether every value became a triple",
                where=name,
            )
        )
        return data
    try:
        document = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_Pairs,
            parse_int=_Number,
            parse_float=_Number,
        )
        reading = _Reading(name, report, _keywords(document))
        text = reading.text(document)
        marked = reading.text(document, marks=True)
        quads = list(ox.parse(marked, format=ox.RdfFormat.JSON_LD, base_iri=base))
    except (ValueError, RecursionError, SyntaxError):
        return data
    seen = {int(number) for quad in quads for number in _MARK.findall(str(quad))}
    reading.report_lost(seen)
    reading.report_numbers(seen)
    return text.encode() if reading.changed else data


def _keywords(document: Any) -> dict[str, str]:
    """Return the keyword that a key stands for: itself, or what one of the contexts in the document says."""
    found = {keyword: keyword for keyword in _ALIASED}
    for key, value in _definitions(document, inside=False):
        target = dict(value).get("@id") if isinstance(value, _Pairs) else value
        if isinstance(target, str) and target in _ALIASED:
            found[key] = target
    return found


def _definitions(value: Any, *, inside: bool) -> Iterator[tuple[str, Any]]:
    if isinstance(value, _Pairs):
        for key, member in value:
            if inside:
                yield key, member
            yield from _definitions(member, inside=inside or key == "@context")
    elif isinstance(value, list):
        for member in value:
            yield from _definitions(member, inside=inside)


@dataclass
class _Reading:
    name: str
    report: Report
    keywords: dict[str, str]
    changed: bool = False
    # For each mark: the JSON pointer, the key above it, and what was written there.
    marks: list[tuple[str, str, Any]] = field(default_factory=list)

    def text(self, document: Any, *, marks: bool = False) -> str:
        """Return the document as JSON with its IRIs encoded, and with marks if they are wanted."""
        return "".join(self._value(document, "", "", marks))

    def _value(self, value: Any, at: str, key: str, marks: bool) -> Iterator[str]:
        if isinstance(value, _Pairs):
            yield from self._object(value, at, key, marks)
        elif isinstance(value, list):
            comma = "["
            for n, member in enumerate(value):
                yield comma
                yield from self._value(member, f"{at}/{n}", key, marks)
                comma = ","
            yield "[]" if comma == "[" else "]"
        elif value is None:
            yield "null"
        elif marks:
            text = value if isinstance(value, str) else json.dumps(value)
            # What is an IRI must stay one, and what is none must not become one. Blank nodes are renamed by the parser.
            hash_ = "#" if ":" in text and "#" not in text else ""
            mark = "" if text.startswith("_:") else hash_ + self._mark(at, key, value)
            yield json.dumps(text + mark)
        else:
            yield _written(value)

    def _object(self, members: _Pairs, at: str, owner: str, marks: bool) -> Iterator[str]:
        known = {self.keywords.get(key, key) for key, _ in members}
        comma = "{"
        for key, value in members:
            keyword = self.keywords.get(key, key)
            pointer = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
            yield f"{comma}{json.dumps(key)}:"
            comma = ","
            if keyword == "@index" and isinstance(value, str) and marks:
                self._mark(pointer, key, value)  # which no quad will ever carry
            if keyword in _SYNTAX or keyword == "@index":
                yield _plain(value)
            elif keyword in ("@id", "@type"):
                yield _plain(self._iris(value, pointer, silent=marks))
            else:
                nearest = owner if key.startswith("@") else key
                yield from self._value(value, pointer, nearest, marks)
        if marks and known & {"@id", "@type"} and "@value" not in known:
            yield f'{comma}"{_PROBE}":"{self._mark(at, owner, None)}"'
            comma = ","
        yield "{}" if comma == "{" else "}"

    def _mark(self, at: str, key: str, value: Any) -> str:
        self.marks.append((at, key, value))
        return f"fairgraph-mark-{len(self.marks) - 1}-"

    def _iris(self, value: Any, at: str, *, silent: bool) -> Any:
        if isinstance(value, list) and not isinstance(value, _Pairs):
            return [
                self._iris(member, f"{at}/{n}", silent=silent) for n, member in enumerate(value)
            ]
        if not isinstance(value, str) or isinstance(value, _Number) or not _NO_IRI.search(value):
            return value
        if not silent:
            self.changed = True
            message = "characters that no IRI has were percent-encoded"
            self.report.add(
                Finding(
                    "warning", "rdf-iri-encoded", message, where=f"{self.name}#{at}", value=value
                )
            )
        return _NO_IRI.sub(lambda found: quote(found[0], safe=""), value)

    def report_lost(self, seen: set[int]) -> None:
        """Find what no quad says: objects first, since the values in them are lost with them."""
        gone: list[str] = []
        lost = [mark for n, mark in enumerate(self.marks) if n not in seen]
        for at, key, value in sorted(lost, key=lambda mark: mark[2] is not None):
            if any(at.startswith(f"{object_at}/") for object_at in gone):
                continue
            if value is None:
                gone.append(at)
                message = "an object is not kept: its @id is no IRI, or what leads to it has none"
            else:
                message = (
                    f"{key!r} is not kept: its context gives it no IRI, or its value no meaning"
                )
            self.report.add(Finding("warning", "rdf-lost", message, where=f"{self.name}#{at}"))

    def report_numbers(self, seen: set[int]) -> None:
        """Find numbers that are written in another way when they are RDF: ``1.0`` is the integer 1 (JSON-LD 1.1 API §8.2.2)."""
        stored: dict[str, str] = {}
        count, first = 0, ("", "", "")
        for n, (at, _, value) in enumerate(self.marks):
            if not isinstance(value, _Number) or n not in seen:
                continue
            if value not in stored:
                stored[value] = _stored(value)
            if stored[value] != value:
                count += 1
                first = first if count > 1 else (at, value, stored[value])
        if count:
            at, text, kept = first
            message = f"numbers are kept in the spelling of the store, such as {text} as {kept}"
            self.report.add(
                Finding(
                    "info",
                    "rdf-rewritten",
                    message,
                    where=f"{self.name}#{at}",
                    value=text,
                    count=count,
                )
            )


def _stored(number: str) -> str:
    """Return how the store writes a JSON number."""
    document = f'{{"{_PROBE}":{number}}}'
    store = ox.Store()
    store.extend(ox.parse(document, format=ox.RdfFormat.JSON_LD))
    return next((quad.object.value for quad in store if isinstance(quad.object, ox.Literal)), "")


def _written(value: Any) -> str:
    return str(value) if isinstance(value, _Number) else json.dumps(value)


def _plain(value: Any) -> str:
    if isinstance(value, _Pairs):
        return "{" + ",".join(f"{json.dumps(key)}:{_plain(v)}" for key, v in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_plain, value)) + "]"
    return _written(value)
