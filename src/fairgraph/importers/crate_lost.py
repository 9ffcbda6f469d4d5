"""Whether every value of a document became a triple, whatever way it went: the triples are read again, as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from fairgraph.crate.ids import OURS, key_of
from fairgraph.importers.format import Draft
from fairgraph.importers.rules import finding
from fairgraph.terms import XSD, literal

_NO_VALUES = frozenset({"@context", "@type", "@language"})
# What N-Triples has as the object of a line; within a literal a quotation mark is escaped, so its end is the last one.
_IRI, _LITERAL = re.compile(rb"> <([^>]*)> \.\n"), re.compile(rb"> ([^<].*) \.\n")
_ENCODING = "utf-8", "replace"  # as the spool has it
_TYPES = (XSD.integer, XSD.decimal, XSD.double, XSD.boolean, XSD.date)
_FEW = 8  # so many IRIs are faster looked for one by one


def report_lost(nodes: list[dict[str, Any]], draft: Draft, other: set[str], name: str) -> None:
    """Look for each text, number and reference of *nodes* in the triples of a draft; what is not there is found.

    *other* are the subjects, and texts that went elsewhere. Another spelling of an ``@id`` will do for a reference, another case of the letters for a checksum.
    """
    literals = _found(_LITERAL, draft)
    missing = {text for text in _texts(nodes) if literal(text).encode(*_ENCODING) not in literals}
    # Nearly all are found by now; the others are looked for in ways that take longer.
    missing -= {"./", *other}
    missing = {
        text
        for text in missing
        if not any(f'"{text}"^^<{kind}>'.encode(*_ENCODING) in literals for kind in _TYPES)
    }
    if len(missing) <= _FEW:
        missing = {text for text in missing if not _is_object(text, draft)}
        if not missing:
            return
    known = {*other, *_plain(literals), *map(bytes.decode, _found(_IRI, draft))}
    missing -= known
    keys = {key_of(text) for text in known} if missing else set()
    own = f"{draft.dataset}/"
    keys |= {key_of(OURS + text.removeprefix(own)) for text in keys if text.startswith(own)}
    lost = {text for text in missing if key_of(text) not in keys and text.lower() not in known}
    for place, text in _leaves(nodes, "/@graph") if lost else ():
        if text in lost:
            message = "a value did not become a triple"
            draft.report.add(finding("warning", "crate-lost", message, where=f"{name}#{place}"))


def _plain(literals: Iterable[bytes]) -> Iterator[str]:
    """Yield literals as texts, without their types and languages."""
    for term in literals:
        text = term[1 : term.rindex(b'"')].decode()
        # The escapes that N-Triples has here are among those of JSON.
        yield json.loads(f'"{text}"') if "\\" in text else text


def _is_object(iri: str, draft: Draft) -> bool:
    term = b" <%s> .\n" % iri.encode(*_ENCODING)
    return any(term in chunk for chunk in draft.spool.chunks())


def _found(pattern: re.Pattern[bytes], draft: Draft) -> set[bytes]:
    """Return what a pattern finds in the triples of a draft."""
    return {one for chunk in draft.spool.chunks() for one in pattern.findall(chunk)}


def _texts(value: Any) -> set[str]:
    """Return the texts, numbers and references of a document; types are terms, and no values."""
    found: set[str] = set()
    stack: list[Any] = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            for key, inner in one.items():
                if key in _NO_VALUES:
                    continue
                if isinstance(inner, str):
                    found.add(inner)
                elif isinstance(inner, list):
                    stack += inner
                else:
                    stack.append(inner)
        elif isinstance(one, list):
            stack += one
        elif isinstance(one, str):
            found.add(one)
        elif isinstance(one, bool):
            found.add(str(one).lower())
    return found


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield the same with their JSON pointers."""
    stack: list[tuple[Any, str]] = [(value, place)]
    while stack:
        one, at = stack.pop()
        if isinstance(one, dict):
            stack += [(inner, f"{at}/{key}") for key, inner in one.items() if key not in _NO_VALUES]
        elif isinstance(one, list):
            stack += [(inner, f"{at}/{n}") for n, inner in enumerate(one)]
        elif isinstance(one, str):
            yield at, one
        elif isinstance(one, bool):
            yield at, str(one).lower()
