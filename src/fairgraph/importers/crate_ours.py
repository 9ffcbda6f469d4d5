"""What our own crates say beyond others, taken back when they are read: the ``@id`` that a thing had before it got another one,
and the program that first wrote it."""

from __future__ import annotations

from typing import Any

from fairgraph.crate.ids import key_of
from fairgraph.importers.crate_terms import Terms
from fairgraph.terms import ELN, FG


def original_ids(nodes: list[dict[str, Any]], terms: Terms) -> dict[str, str]:
    """Take the original ids out of the nodes; return them by what the spellings of the ``@id``s have in common."""
    key = terms.added(FG.originalId)
    found: dict[str, str] = {}
    for node in nodes if key else ():
        raw, told = node.get("@id"), node.get(key)
        if isinstance(raw, str) and raw and isinstance(told, str) and told:
            found[key_of(raw)] = node.pop(key)
    return found


def stated_writer(nodes: list[dict[str, Any]], root: str, terms: Terms) -> str:
    """Take the name of the program that first wrote a crate out of its root; ``""`` if it is not there."""
    key = terms.added(ELN.writer)
    for node in nodes if key else ():
        if node.get("@id") == root and isinstance(node.get(key), str):
            return str(node.pop(key))
    return ""
