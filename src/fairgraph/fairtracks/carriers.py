"""Comments of ISA that carry what FAIRtracks says and ISA has no place for: one value of one thing each.

The name of such a comment is ``fairtracks:`` and the pointer to the value, behind it in brackets what else there is to know of the
value: ``fairtracks:assembly_name``, ``fairtracks:raw_file_ids/0``, ``fairtracks:score (number)``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from fairgraph.fairtracks.model import DOCUMENT, KINDS, LISTS, Kind, Leaves, above, escape, unescape

PREFIX = "fairtracks:"
SIGNED, ORCID = f"{PREFIX}signed", f"{PREFIX}orcid"
OF_KINDS: Mapping[str, Kind] = {f"{PREFIX}{kind.name}": kind for kind in (DOCUMENT, *KINDS)}
LINK = "link"
_PLAIN = re.compile(r"(?=\S)[^\x00-\x1f\x7f-\x9f\ufeff]*\S")
_FORM = re.compile(
    r"(?P<pointer>.*?)(?: \((?P<kind>link|number|boolean|null|object|array|text)\))?",
    re.DOTALL,
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")  # RFC 8259 §6
_QUOTED = re.compile(r'"([!#-\[\]-~]*)"')
_CONSTANTS = {("boolean", "true"): True, ("boolean", "false"): False, ("null", "null"): None}
_DEEPEST = 300  # what is nested deeper, no writer of JSON can be trusted with
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


@dataclass
class Carried:
    """What the comments of one thing carry, by pointer, with the names of comments that are not what they seem.

    The values of *misread* are texts, because they are not what their names say; *clashes* have no place beside the others.
    """

    leaves: Leaves = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    misread: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)
    _structures: dict[str, Any] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def put(self, pointer: str, value: Any, fixed: frozenset[str]) -> bool:
        """Keep a value where its pointer leads; False if something else is there, or above it. *fixed* says what has no members."""
        if pointer in self._known or pointer.count("/") >= _DEEPEST:
            return False
        owners = list(above(pointer))
        owner = self._structures.get(owners[0]) if owners else None
        last = unescape(pointer.rpartition("/")[2])
        if isinstance(owner, dict):
            owner[last] = value
        elif isinstance(owner, list) and last.isascii() and last.isdecimal():
            owner.append(value)
        elif any(one in self._known or one in fixed for one in owners):
            return False
        else:
            self.leaves[pointer] = value
        self._known.add(pointer)
        if isinstance(value, (dict, list)):
            self._structures[pointer] = value
        return True

    def link(self, pointer: str, text: str) -> bool:
        """Keep a reference to the document itself; False if something else is there."""
        if pointer in self._known or pointer.count("/") >= _DEEPEST:
            return False
        self._known.add(pointer)
        self.links[pointer] = text
        return True


def read(carried: Mapping[str, str], kind: Kind, number: Callable[[str], Any]) -> Carried:
    """Return what the comments of a thing carry; *number* reads a number."""
    found = Carried()
    fixed = kind.native | LISTS if kind is DOCUMENT else kind.native
    for name, text in sorted(carried.items(), key=lambda item: _place(item[0])):
        pointer, form = _parts(name)
        is_misread = False
        if form == LINK:
            is_kept = found.link(pointer, text)
        else:
            try:
                value = _value(form, text, number)
            except (ValueError, ArithmeticError):
                value, is_misread = text, True
            is_kept = found.put(pointer, value, fixed)
        if not is_kept:
            found.clashes.append(name)
        elif is_misread:
            found.misread.append(name)
    return found


def _parts(name: str) -> tuple[str, str | None]:
    match = _FORM.fullmatch(name, len(PREFIX))
    assert match is not None  # anything is a pointer
    return unquote(match["pointer"]), match["kind"]


def _value(form: str | None, text: str, number: Callable[[str], Any]) -> Any:
    """Return the value that a text stands for. Raises ValueError or ArithmeticError if it is not of the form."""
    if form is None:
        return text
    if form in ("object", "array"):
        return {} if form == "object" else []
    if form == "text" and (match := _QUOTED.fullmatch(text)):
        return unquote(match[1])
    if form == "number" and _NUMBER.fullmatch(text):
        return number(text)
    if (form, text) in _CONSTANTS:
        return _CONSTANTS[form, text]
    raise ValueError(f"is no {form}: {text}")


def _place(name: str) -> tuple[list[tuple[int, str]], str]:
    """Sort structures before what is inside of them, and the members of lists by their numbers."""
    match = _FORM.fullmatch(name, len(PREFIX))
    parts = match["pointer"].split("/") if match else [name]
    places = [(int(p) if p.isascii() and p.isdecimal() and len(p) < 10 else 0, p) for p in parts]
    return places, name
