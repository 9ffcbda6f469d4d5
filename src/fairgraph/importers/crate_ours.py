"""What our own crates say beyond others, taken back when they are read.

The ``@id`` that a thing had before it got another one; the program that first wrote it; and what was changed for the sake of rules:
statements that were supplied, and statements that were withheld (``docs/notebooks.md``).
"""

from __future__ import annotations

import json
from typing import Any

from fairgraph.crate.ids import key_of
from fairgraph.importers.crate_terms import Terms
from fairgraph.terms import ELN, FG, RDF

Node = dict[str, Any]


class Unordered(list[Any]):
    """Values of a property whose order says nothing."""


def original_ids(nodes: list[Node], terms: Terms) -> dict[str, str]:
    """Take the original ids out of the nodes; return them by what the spellings of the ``@id``s have in common."""
    key = terms.added(FG.originalId)
    found: dict[str, str] = {}
    for node in nodes if key else ():
        raw, told = node.get("@id"), node.get(key)
        if isinstance(raw, str) and raw and isinstance(told, str) and told:
            found[key_of(raw)] = node.pop(key)
    return found


def stated_writer(nodes: list[Node], root: str, terms: Terms) -> str:
    """Take the name of the program that first wrote a crate out of its root; ``""`` if it is not there."""
    key = terms.added(ELN.writer)
    for node in nodes if key else ():
        if node.get("@id") == root and isinstance(node.get(key), str):
            return str(node.pop(key))
    return ""


class _Note:
    """A statement that was supplied or withheld."""

    def __init__(self, node: Node, terms: Terms, is_supplied: bool) -> None:
        self.is_supplied = is_supplied
        self.subject = _reference(node.get(terms.added(RDF.subject)))
        self.predicate = _reference(node.get(terms.added(RDF.predicate)))
        value = node.get(terms.added(RDF.object))
        if self.predicate == RDF.type:
            value = terms.spelled(_reference(value))
        self.value = value[0] if isinstance(value, list) and len(value) == 1 else value
        position = node.get("position")
        is_place = isinstance(position, str) and position.isdecimal() and len(position) < 9
        self.place = int(str(position)) if is_place else None

    @property
    def key(self) -> tuple[bool, int]:
        return self.place is None, self.place or 0


def restored(nodes: list[Node], terms: Terms, originals: dict[str, str]) -> tuple[list[Node], int]:
    """Return the nodes as they were before they were changed for the sake of rules, and how many changes were taken back."""
    notes, rest = _notes(nodes, terms)
    if not notes:
        return nodes, 0
    known = {node["@id"]: node for node in rest if isinstance(node.get("@id"), str)}
    gone: set[str] = set()
    supplied: dict[tuple[str, str], set[str]] = {}
    for note in notes:
        if not note.predicate:
            gone.add(note.subject)
        elif note.is_supplied:
            supplied.setdefault((note.subject, _key(note, terms)), set()).add(_json(note.value))
    for (subject, key), values in supplied.items():
        if subject in known:
            _take(known[subject], key, values)
    for note in sorted(notes, key=lambda note: note.key):
        if note.is_supplied or not note.predicate:
            continue
        if note.predicate == FG.originalId and isinstance(note.value, str):
            originals[key_of(note.subject)] = note.value
        elif note.subject in known:
            _put(known[note.subject], note, terms)
    return [node for node in rest if node.get("@id") not in gone], len(notes)


def _notes(nodes: list[Node], terms: Terms) -> tuple[list[_Note], list[Node]]:
    supplied, withheld = terms.added(ELN.SuppliedStatement), terms.added(ELN.WithheldStatement)
    kinds = {kind for kind in (supplied, withheld) if kind}
    notes: list[_Note] = []
    rest: list[Node] = []
    for node in nodes:
        kind = node.get("@type")
        if isinstance(kind, str) and kind in kinds:
            notes.append(_Note(node, terms, kind == supplied))
        else:
            rest.append(node)
    return notes, rest


def _take(node: Node, key: str, supplied: set[str]) -> None:
    """Take values that were supplied out of a node."""
    kept = [value for value in _values(node.get(key)) if _json(value) not in supplied]
    if kept:
        node[key] = kept
    else:
        node.pop(key, None)


def _put(node: Node, note: _Note, terms: Terms) -> None:
    """Put a value that was withheld back into a node."""
    key = _key(note, terms)
    values = _values(node.get(key))
    if note.place is None:
        node[key] = Unordered([*values, note.value])
    else:
        node[key] = [*values[: note.place], note.value, *values[note.place :]]


def _key(note: _Note, terms: Terms) -> str:
    if note.predicate == RDF.type:
        return "@type"
    return terms.spelled(note.predicate)


def _values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _json(value: Any) -> str:
    """Return a value as a text that two equal values have in common."""
    return json.dumps(value, sort_keys=True)


def _reference(value: Any) -> str:
    raw = value.get("@id") if isinstance(value, dict) else None
    return raw if isinstance(raw, str) else ""
