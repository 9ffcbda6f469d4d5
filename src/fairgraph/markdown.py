"""Texts of others in Markdown (CommonMark with tables): nothing in them means anything to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

# What begins something in Markdown or HTML, wherever it stands on a line.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$&!])")
_LINE_START = re.compile(r"(#{1,6}|[-+]|[-=]{2,}|\d+(?=[.)](?:\s|$)))(?=[.)]?(?:\s|$))")


def inline(text: str) -> str:
    """Return a text as it may stand in a line or cell: one line, nothing in it means anything to Markdown."""
    text = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    match = _LINE_START.match(text)
    if match is None:
        return text
    at = match.end() if text[0].isdigit() else 0
    return f"{text[:at]}\\{text[at:]}"


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield the lines of a table; cells are Markdown already."""
    columns = list(head)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(str(cell) for cell in row)} |"


def paragraphs(text: str) -> str:
    """Return a text of several paragraphs, each of them one line."""
    return "\n\n".join(filter(None, map(inline, re.split(r"\n\s*\n", text))))


def code(text: str) -> str:
    """Return a text as code in a cell of a table; as plain text where it holds what code cannot."""
    text = " ".join(text.split())
    if not text or "`" in text or "\\|" in text:
        return inline(text)
    # The only thing that is unescaped in code, by the table around it (GitHub Flavored Markdown §4.10).
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`"
