"""Search: the things whose name, title, description or identifier holds all words of a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from fairgraph.terms import DCTERMS, RDF, RDFS, SCHEMA, SKOS, compact

Ask = Callable[..., Iterable[Any]]
MOST_HITS = 200
_NAMES = {SCHEMA.name, DCTERMS.title, RDFS.label, SKOS.prefLabel, SCHEMA.familyName}
_AROUND = 80
_AT_ONCE = 200


@dataclass(frozen=True)
class Hit:
    """A thing that was found: its name, its classes, and the text that holds the words with the property that says it."""

    iri: str
    name: str
    types: tuple[str, ...]
    property: str
    text: str

    def as_dict(self) -> dict[str, Any]:
        """Return the hit as the JSON object that the command line and the web print."""
        return {
            "iri": self.iri,
            "name": self.name,
            "types": [compact(iri) for iri in self.types],
            "property": compact(self.property),
            "text": self.text,
        }


def search(
    named: Ask, labels: Ask, text: str, *, type: str = "", most: int = MOST_HITS
) -> list[Hit]:
    """Return what holds all words of *text*, in whatever case: names before other texts, whole words before parts of them.

    *named* asks ``browse/search`` for the things with a word, *labels* asks ``browse/labels`` about things; *type* is the name of a class, as
    ``Sample`` or ``isa:Sample``. Each thing is there once.
    """
    words = sorted({word.casefold() for word in text.split()}, key=lambda w: (-len(w), w))
    if not words:
        return []
    best: dict[str, tuple[tuple[int, int, int, str], str, str]] = {}
    for thing, predicate, found in named(words[0]):
        folded = found.value.casefold()
        if not all(word in folded for word in words) or not isinstance(thing, NamedNode):
            continue
        rank = (*_rank(words, folded, predicate.value), thing.value)
        if thing.value not in best or rank < best[thing.value][0]:
            best[thing.value] = rank, predicate.value, found.value
    ordered = sorted(best, key=lambda iri: best[iri][0])
    hits: list[Hit] = []
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        known = _known(labels, part)
        for iri in part:
            types = tuple(sorted(known[iri].get(RDF.type, ())))
            if not type or any(_is_called(name, type) for name in types):
                _, predicate, value = best[iri]
                name = _name(known[iri]) or value
                hits.append(Hit(iri, name, types, predicate, _excerpt(value, words[0])))
        if len(hits) >= most:
            break
    return hits[:most]


def _rank(words: list[str], folded: str, predicate: str) -> tuple[int, int, int]:
    whole = all(re.search(rf"\b{re.escape(word)}\b", folded) for word in words)
    match = 0 if folded == " ".join(words) else 1 if folded.startswith(words[0]) and whole else 2
    return 0 if predicate in _NAMES else 1, match if whole else 3, len(folded)


def _known(labels: Ask, iris: list[str]) -> dict[str, dict[str, list[str]]]:
    known: dict[str, dict[str, list[str]]] = {iri: {} for iri in iris}
    for node, predicate, value in labels([NamedNode(iri) for iri in iris]):
        known[node.value].setdefault(predicate.value, []).append(value.value)
    return known


def _name(known: Mapping[str, list[str]]) -> str:
    given, family = (known.get(name, [""])[0] for name in (SCHEMA.givenName, SCHEMA.familyName))
    if given or family:
        return f"{given} {family}".strip()
    return next(
        (
            min(known[predicate])
            for predicate in (SCHEMA.name, RDFS.label, SKOS.prefLabel, DCTERMS.title)
            if predicate in known
        ),
        "",
    )


def _is_called(iri: str, type: str) -> bool:
    wanted = type.casefold()
    return wanted in (
        iri.casefold(),
        compact(iri).casefold(),
        re.split(r"[/#]", iri)[-1].casefold(),
    )


def _excerpt(text: str, word: str) -> str:
    """Return the part of a long text around a word."""
    if len(text) <= 2 * _AROUND:
        return text
    at = max(text.casefold().find(word), 0)
    start, end = max(0, at - _AROUND), at + len(word) + _AROUND
    before, after = "…" if start else "", "…" if end < len(text) else ""
    return before + " ".join(text[start:end].split()) + after
