"""JSON documents read strictly: what JSON leaves open (keys twice, NaN, depth) is refused; the metadata document of a crate."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from fairgraph.errors import SourceError
from fairgraph.importers.rules import finding
from fairgraph.report import Report

DEPTH, NODES = 64, 200_000
_CONTAINERS = (dict, list)
_SUSPECT = re.compile(r"\\u(?:[dD][89abAB]|0000)")


class Number(str):
    """A JSON number as it is written."""


def read_document(data: bytes, name: str, report: Report) -> dict[str, Any]:
    """Return the document; numbers stay :class:`Number`. SourceError with line and column if it is refused."""
    document = read_json(data, name, report)
    if not isinstance(document, dict) or not isinstance(document.get("@graph"), list):
        raise SourceError("has no @graph: it is no RO-Crate", where=name)
    if not all(isinstance(node, dict) for node in document["@graph"]):
        raise SourceError("has something else than objects in @graph", where=f"{name}#/@graph")
    return document


def read_json(
    data: bytes,
    name: str,
    report: Report,
    *,
    number: Callable[[str], Any] = Number,
    objects: int = NODES,
    bom: str = "crate-json-bom",
) -> Any:
    """Return a JSON document of at most *objects* objects; SourceError with line and column if it is refused.

    *number* is made of each number as it is written, *bom* the rule that a byte order mark breaks.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
        report.add(finding("warning", bom, "begins with a byte order mark", where=name))
    nodes = 0

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal nodes
        nodes += 1
        if nodes > objects:
            raise SourceError(f"holds more than {objects} objects and is refused", where=name)
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise SourceError(
                f"has the key {twice!r} twice in one object, and is refused",
                where=f"{name}#{found.get('@id', '')}",
            )
        return found

    def constant(text: str) -> Any:
        raise SourceError(f"holds {text}, which is no JSON", where=name)

    try:
        text = data.decode("utf-8")
        document = json.loads(
            text,
            object_pairs_hook=members,
            parse_int=number,
            parse_float=number,
            parse_constant=constant,
        )
    except UnicodeDecodeError as error:
        raise SourceError(f"is not UTF-8, at byte {error.start}", where=name) from error
    except json.JSONDecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}"
        raise SourceError(f"is no JSON: {error.msg}", where=where) from error
    except RecursionError as error:
        raise SourceError(
            f"is nested deeper than {DEPTH} levels and is refused", where=name
        ) from error
    _check(document, name, is_suspect=_SUSPECT.search(text) is not None)
    return document


def _check(document: Any, name: str, *, is_suspect: bool) -> None:
    """Refuse what is too deep, and strings that no text in UTF-8 can hold."""
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > DEPTH:
            raise SourceError(f"is nested deeper than {DEPTH} levels and is refused", where=name)
        if is_suspect:
            _check_texts(level, name)
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, _CONTAINERS)
        ]


def _check_texts(level: list[Any], name: str) -> None:
    """Check the texts of some objects and lists, keys included."""
    for one in level:
        for text in (*one, *one.values()) if isinstance(one, dict) else one:
            if isinstance(text, str):
                _check_text(text, name)


def _check_text(text: str, name: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SourceError(
            "holds half a character (a lone surrogate) and is refused", where=name
        ) from error
    if "\0" in text:
        raise SourceError("holds the character NUL in a text and is refused", where=name)
