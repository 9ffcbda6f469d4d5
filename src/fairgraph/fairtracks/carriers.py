"""Comments of ISA that carry what FAIRtracks says and ISA has no place for: one value of one thing each.

The name of such a comment is ``fairtracks:`` and the pointer to the value, behind it in brackets what else there is to know of the
value: ``fairtracks:assembly_name``, ``fairtracks:raw_file_ids/0``, ``fairtracks:score (number)``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from fairgraph.fairtracks.model import DOCUMENT, KINDS, Kind, Leaves, escape, unescape

PREFIX = "fairtracks:"
SIGNED, ORCID = f"{PREFIX}signed", f"{PREFIX}orcid"
OF_KINDS: Mapping[str, Kind] = {f"{PREFIX}{kind.name}": kind for kind in (DOCUMENT, *KINDS)}
LINK = "link"
_PLAIN = re.compile(r"(?=\S)[^\x00-\x1f\x7f-\x9f\ufeff]*\S")
_FORM = re.compile(
    r"(?P<pointer>.*?)(?: \((?P<kind>link|number|boolean|null|object|array|text)\))?"
)
_OUTSIDE = re.compile(r"[\[\]\s%]")


def comments(pointer: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield names and texts of the comments that carry a value: one for a text, several for a structure."""
    name = PREFIX + _OUTSIDE.sub(lambda match: quote(match[0]), pointer)
    if isinstance(value, str):
        if _PLAIN.fullmatch(value):
            yield name, value
        else:  # blanks around cells say nothing, and an empty cell is none
            yield f"{name} (text)", json.dumps(quote(value))
    elif value is None:
        yield f"{name} (null)", "null"
    elif isinstance(value, bool):
        yield f"{name} (boolean)", json.dumps(value)
    elif isinstance(value, dict):
        yield f"{name} (object)", str(len(value))
        for key, inner in value.items():
            yield from comments(f"{pointer}/{escape(key)}", inner)
    elif isinstance(value, list):
        yield f"{name} (array)", str(len(value))
        for n, inner in enumerate(value):
            yield from comments(f"{pointer}/{n}", inner)
    else:
        yield f"{name} (number)", str(value)


def links(pointer: str, value: str) -> tuple[str, str]:
    """Return name and text of the comment that carries a reference to the document itself."""
    return f"{PREFIX}{pointer} ({LINK})", value


def leaves(carried: Mapping[str, str], number: Any) -> tuple[Leaves, list[str]]:
    """Return what comments carry, by pointer, and the pointers of references to the document itself; *number* reads a number."""
    found: Leaves = {}
    linked: list[str] = []
    structures: dict[str, Any] = {}
    for name, text in sorted(carried.items(), key=lambda item: _depth(item[0])):
        match = _FORM.fullmatch(name, len(PREFIX))
        assert match is not None
        pointer, kind = unquote(match["pointer"]), match["kind"]
        if kind == LINK:
            linked.append(pointer)
            continue
        value: Any = _value(kind, text, number)
        above, _, last = pointer.rpartition("/")
        if above in structures:
            owner = structures[above]
            if isinstance(owner, list):
                owner.append(value)
            else:
                owner[unescape(last)] = value
        else:
            found[pointer] = value
        if isinstance(value, (dict, list)):
            structures[pointer] = value
    return found, linked


def _value(kind: str | None, text: str, number: Any) -> Any:
    if kind in ("object", "array"):
        return {} if kind == "object" else []
    try:
        if kind == "text":
            return unquote(json.loads(text))
        if kind == "number":
            return number(text)
    except (ValueError, ArithmeticError, TypeError):
        return text
    if kind == "boolean":
        return text == "true"
    return None if kind == "null" else text


def _depth(name: str) -> tuple[int, list[tuple[int, str]]]:
    """Sort structures before what is inside of them, and the members of lists by their numbers."""
    match = _FORM.fullmatch(name, len(PREFIX))
    parts = match["pointer"].split("/") if match else [name]
    return len(parts), [(int(p) if p.isascii() and p.isdecimal() and len(p) < 10 else 0, p) for p in parts]  # fmt: skip
