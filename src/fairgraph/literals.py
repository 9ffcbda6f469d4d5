"""Numbers and days as they are written, as typed literals of N-Triples."""

from __future__ import annotations

import re
from datetime import date

from fairgraph.terms import XSD, literal

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE][+-]?[0-9]+)?")
_ISO_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")

# What Oxigraph keeps exactly in its 64-bit integers and 128-bit fixed-point decimals, with room to spare.
_INTEGER_DIGITS, _DECIMAL_DIGITS = 18, 17


def number(text: str) -> tuple[str, bool] | None:
    """Return *text* as a typed N-Triples literal if it is a JSON number (RFC 8259 §6), else None.

    The flag tells whether the store would print it in another way, so that the raw text must be kept beside it.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    if "e" in text or "E" in text:
        return f'"{text}"^^<{XSD.double}>', True
    digits = len(text.lstrip("-").replace(".", ""))
    if match.group(1) is None:
        if digits > _INTEGER_DIGITS or text == "-0":
            return None
        return f'"{text}"^^<{XSD.integer}>', False
    if digits > _DECIMAL_DIGITS:
        return f'"{text}"^^<{XSD.double}>', True
    return f'"{text}"^^<{XSD.decimal}>', text.endswith("0") or text.startswith("-0.0")


def date_literal(text: str) -> str:
    """Return *text* as an ``xsd:date`` if it is a plain ISO 8601 day, else as the text that it is."""
    if _ISO_DATE.fullmatch(text):
        try:
            date.fromisoformat(text)
        except ValueError:
            return literal(text)
        return f'"{text}"^^<{XSD.date}>'
    return literal(text)
