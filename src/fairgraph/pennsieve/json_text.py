"""JSON as text in the form in which a document was written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fairgraph.isa.notation import Number


@dataclass(frozen=True)
class JsonForm:
    """How a document is written: spaces a level (none: all in one line), what stands around colons, whether ASCII only.

    In one line, a blank follows a comma if one follows a colon. ``final`` is what stands behind the document. Arrays and objects without members are ``[]`` and ``{}``.
    """

    indent: int = 2
    colon: str = ": "
    is_ascii: bool = False
    final: str = ""


_COLON = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:\s*)')
_ESCAPED = re.compile(r"\\u[0-9a-fA-F]{4}")
# As the services of the platform write: manifests (circe) and everything else (Python).
MANIFEST_FORM = JsonForm(colon=" : ")
SCHEMA_FORM = JsonForm(is_ascii=True)
LINE_FORM = JsonForm(indent=0, is_ascii=True, final="\n")


def json_text(value: Any, form: JsonForm) -> str:
    """Return a value as text; numbers that are :class:`~fairgraph.isa.notation.Number` are written as they were."""
    return "".join(_parts(value, form, "\n")) + form.final


def _parts(value: Any, form: JsonForm, line: str) -> Iterator[str]:
    if isinstance(value, dict):
        inner = line + " " * form.indent
        yield from _members(
            "{}",
            (
                (json.dumps(key, ensure_ascii=form.is_ascii) + form.colon, member)
                for key, member in value.items()
            ),
            form,
            (line, inner),
        )
    elif isinstance(value, list):
        inner = line + " " * form.indent
        yield from _members("[]", (("", member) for member in value), form, (line, inner))
    elif isinstance(value, Number):
        yield value.text
    else:
        yield json.dumps(value, ensure_ascii=form.is_ascii)


def _members(
    brackets: str, members: Iterator[tuple[str, Any]], form: JsonForm, lines: tuple[str, str]
) -> Iterator[str]:
    outer, inner = lines if form.indent else ("", "")
    comma = ", " if form.colon.endswith(" ") and not form.indent else ","
    yield brackets[0]
    is_first = True
    for key, member in members:
        yield ("" if is_first else comma) + inner + key
        is_first = False
        yield from _parts(member, form, lines[1])
    yield ("" if is_first else outer) + brackets[1]


def form_of(text: str, value: Any, usual: JsonForm | None = None) -> JsonForm | None:
    """Return the form in which *text* is what *value* is written as; None if it is in none that is known.

    What the text does not tell is as in the *usual* form: a text without a character beyond ASCII is written alike either way.
    """
    final = text[len(text.rstrip("\r\n\t ")) :]
    second = text[1:].lstrip("\r\n")[:16] if "\n" in text.rstrip() else ""
    colon = _COLON.search(text)
    form = JsonForm(
        len(second) - len(second.lstrip(" ")),
        colon[1] if colon else ": ",
        _is_ascii(text, usual or MANIFEST_FORM),
        final,
    )
    return form if json_text(value, form) == text else None


def _is_ascii(text: str, usual: JsonForm) -> bool:
    return text.isascii() and (_ESCAPED.search(text) is not None or usual.is_ascii)
