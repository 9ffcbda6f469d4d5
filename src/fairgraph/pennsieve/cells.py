"""Cells of the tables of records: which value a cell is, and how the official writer writes a value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, datetime

from fairgraph.terms import XSD

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
_SPELLED_ALIKE = re.compile(r"[^.]*(?:\.[0-9]*[1-9])?(?:Z|[+-](?!00:00)[0-9]{2}:[0-9]{2})?")


def typed(text: str, datatype: str) -> tuple[str, str] | None:
    """Return the value that a cell is, as the store prints it, with what must be kept of how it was written (``""``: nothing).

    None if the cell is no value of the datatype.

    >>> typed("007", XSD.integer), typed("50.10", XSD.double), typed("no", XSD.boolean)
    (('7', '007'), ('50.1', '50.10'), None)
    """
    if datatype == XSD.string:
        return text, ""
    value = _PARSERS[datatype](text)
    return None if value is None else (value, "" if value == text else text)


def _integer(text: str) -> str | None:
    return str(int(text)) if _INTEGER.fullmatch(text) else None


def _double(text: str) -> str | None:
    if not _DOUBLE.fullmatch(text):
        return None
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return None
    return repr(value).removesuffix(".0")


def _date(text: str) -> str | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        date.fromisoformat(text)
    except ValueError:
        return None
    return text


def _boolean(text: str) -> str | None:
    value = text.lower()
    return value if value in ("true", "false") else None


def _date_time(text: str) -> str | None:
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    if _SPELLED_ALIKE.fullmatch(text):
        return text
    head, dot, rest = text.partition(".")
    digits = re.match(r"[0-9]*", rest)
    assert digits is not None
    fraction, zone = digits[0].rstrip("0"), rest[digits.end() :] if dot else ""
    if not dot:
        head, zone = head.removesuffix("+00:00"), "+00:00" if head.endswith("+00:00") else ""
    zone = "Z" if zone in ("+00:00", "-00:00") else zone
    return f"{head}{'.' + fraction if fraction else ''}{zone}"


_PARSERS = {
    XSD.integer: _integer,
    XSD.double: _double,
    XSD.boolean: _boolean,
    XSD.dateTime: _date_time,
    XSD.date: _date,
}


def still_means(raw: str, value: str, datatype: str) -> bool:
    """Tell whether a raw text is still a way to write a value, which an update may have changed."""
    if datatype not in _PARSERS:
        return raw == value
    parsed, known = _PARSERS[datatype](raw), _PARSERS[datatype](value)
    return parsed is not None and parsed == known


def items(cell: str) -> tuple[list[str], bool]:
    """Return the members of a list in a cell, and whether they are written as JSON (some migrated datasets) and not with ``;``."""
    if cell.startswith("["):
        try:
            found = json.loads(cell)
            is_same = isinstance(found, list) and json.dumps(found) == cell
        except (ValueError, RecursionError):
            is_same = False
        if is_same:
            texts = [one for one in found if isinstance(one, str)]
            if len(texts) == len(found):
                return texts, True
    return cell.split(";"), False


def is_replaced(members: Iterable[str]) -> bool:
    """Tell whether a list that is no JSON cannot be written as it is: one of its members holds what divides them."""
    return any(";" in member for member in members)


def list_cell(members: Iterable[str], *, as_json: bool) -> str:
    """Return a list as a cell. Members hold no ``;``, which divides them: it becomes ``_``, as the official writer has it."""
    if as_json:
        return json.dumps(list(members))
    return ";".join(member.replace(";", "_") for member in members)
