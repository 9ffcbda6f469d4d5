"""The values of a crate, whatever form they have: lists, references, texts, days, and what is odd about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from fairgraph.crate.contexts import is_date
from fairgraph.importers.crate_terms import Terms
from fairgraph.literals import date_literal, number
from fairgraph.terms import SCHEMA, is_web_iri, literal

_DATE_TIME = re.compile(
    r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")  # of a text (BCP 47)
_ACTIVE = re.compile(
    r"<\s*/?\s*(?:script|iframe|object|embed|applet|svg|form|base|meta|link|style)\b|\son[a-z]{3,20}\s*=|javascript:|vbscript:|data:text/html",
    re.IGNORECASE,
)


# What a text may hold that has to be looked at: escapes of N-Triples, and what markup, addresses and attributes have.
_SUSPECT = re.compile(r'[\\"\n\r\t<=:]')
_SUSPECT_NAME = re.compile(r'^[=+\-@]|[\\"\n\r\t<=:]')


@dataclass(frozen=True, slots=True)
class Property:
    """What is to be known of a property before its values are looked at; ``middle`` is its IRI between subject and object.

    ``suspect`` finds what sets a text apart from most; None if every text has to be looked at.
    """

    key: str
    iri: str
    middle: str
    is_link: bool  # strings are references
    is_date: bool
    is_name: bool
    is_size: bool
    is_value: bool
    is_of_bytes: bool  # checksum or size
    suspect: Callable[[str], object] | None

    @classmethod
    def of(cls, key: str, terms: Terms) -> Property:
        """Return what is known of the property that a document calls *key*."""
        iri = terms.iri(key)
        is_link, is_size = (
            iri == SCHEMA.hasPart or terms.is_reference(key),
            iri == SCHEMA.contentSize,
        )
        is_name, is_any = key == "name", not (is_link or is_size or is_date(key))
        return cls(
            key,
            iri,
            f" <{iri}> ",
            is_link=is_link,
            is_date=is_date(key),
            is_name=is_name,
            is_size=is_size,
            is_value=iri == SCHEMA.value,
            is_of_bytes=is_size or iri == SCHEMA.sha256,
            suspect=(_SUSPECT_NAME if is_name else _SUSPECT).search if is_any else None,
        )


def flat(value: Any) -> list[Any]:
    """Return the values of a property: of a list, a set, or one alone; null is none."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict) and ("@list" in value or "@set" in value):
        value = value.get("@list", value.get("@set"))
    if isinstance(value, list):
        return [
            inner
            for one in value
            for inner in (flat(one) if isinstance(one, list) else (one,))
            if inner is not None
        ]
    return [] if value is None else [value]


def is_reference(value: Any) -> bool:
    """Whether a value is a mere reference: an object that has an ``@id`` and nothing else."""
    return isinstance(value, dict) and len(value) == 1 and "@id" in value


def is_node(value: Any) -> bool:
    """Whether a value is an object with something said about it, and no mere reference."""
    return isinstance(value, dict) and "@value" not in value and not is_reference(value)


def left_out(value: Any) -> Iterator[str]:
    """Yield the keys of a list, a set or a value object that no triple says anything of."""
    if not isinstance(value, dict) or not {"@list", "@set", "@value"} & value.keys():
        return
    said = {next(key for key in ("@list", "@set", "@value") if key in value)}
    if "@value" in said:
        language = value.get("@language")
        known = isinstance(language, str) and _LANGUAGE.fullmatch(language)
        said.add("@language" if known else "@type")
    yield from (key for key in value if key not in said)


def value_object(value: dict[str, Any], terms: Terms) -> str:
    """Return a value object as a literal of N-Triples, ``""`` if it is none."""
    text, kind, language = value["@value"], value.get("@type"), value.get("@language")
    if isinstance(text, bool):
        text = str(text).lower()
    if not isinstance(text, str):
        return ""
    if isinstance(language, str) and _LANGUAGE.fullmatch(language):
        return f"{literal(text)}@{language.lower()}"
    if isinstance(kind, str) and is_web_iri(iri := terms.iri(kind)):
        return f"{literal(text)}^^<{iri}>"
    return literal(text)


def is_active(text: str) -> bool:
    """Tell whether a text holds what a browser may run."""
    # Most texts hold nothing of what the pattern is about: a look at them is much cheaper than the pattern.
    if "<" in text or "=" in text:
        return _ACTIVE.search(text) is not None
    if ":" not in text:
        return False
    low = text.lower()
    return ("script:" in low or "data:text" in low) and _ACTIVE.search(text) is not None


counted = lru_cache(maxsize=4096)(number)
"""The same as :func:`number`, for numbers that come again and again."""


@lru_cache(maxsize=4096)
def dated(text: str) -> tuple[str, bool]:
    """Return a date as a literal of N-Triples, and whether it is written as ISO 8601 has it and is one."""
    is_iso = len(text) <= 64 and _DATE_TIME.fullmatch(text) is not None and _is_day(text)
    return (date_literal(text) if len(text) < 64 else literal(text)), is_iso


def _is_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text[:10]) if len(text) >= 10 else None
        if len(text) > 11:
            datetime.fromisoformat(text[:19].replace(" ", "T")[:19])
    except ValueError:
        return False
    return True
