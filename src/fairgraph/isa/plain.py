"""Dates, identifiers and texts as strict readers of ISA-Tab want them."""

from __future__ import annotations

import re
from datetime import date

from fairgraph.identifiers import doi

_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[T ].*)?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_DAY_NAME_YEAR = re.compile(r"([0-9]{1,2})[-/. ]([A-Za-z]+)\.?,?[-/. ]([0-9]{4})")
_NAME_DAY_YEAR = re.compile(r"([A-Za-z]+)\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})(?:,? .*)?")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_PUBMED = re.compile(r"(?:pmid|pubmed):?\s*([0-9]{1,9})", re.IGNORECASE)


def iso_day(text: str) -> str:
    """Return the day that a date says without doubt, as ``YYYY-MM-DD``; ``""`` if it is none, or may be one of two.

    ``28-Jul-2017``, ``22/07/2013`` and ``March 21, 2016, 2:00 pm`` say one day; ``04/02/2011`` and ``15/07/16`` may be two.
    """
    if match := _YEAR_FIRST.fullmatch(text):
        year, _, month, day = match.groups()
        return _day(year, int(month), day)
    if match := _DAY_NAME_YEAR.fullmatch(text):
        return _day(match.group(3), _month(match.group(2)), match.group(1))
    if match := _NAME_DAY_YEAR.fullmatch(text):
        return _day(match.group(3), _month(match.group(1)), match.group(2))
    if match := _YEAR_LAST.fullmatch(text):
        first, _, second, year = match.groups()
        readings = {_day(year, int(second), first), _day(year, int(first), second)} - {""}
        return readings.pop() if len(readings) == 1 else ""
    return ""


def plain_doi(text: str) -> str:
    """Return a DOI without ``doi:`` or the address of a resolver; any other text as it is."""
    return doi(text) or text


def plain_pubmed_id(text: str) -> str:
    """Return a PubMed ID without ``PMID:``; any other text as it is."""
    match = _PUBMED.fullmatch(text)
    return match.group(1) if match else text


def one_line(text: str) -> str:
    """Return a text without tabs and line ends, which some readers take for the end of a cell or row, quoted or not."""
    return " ".join(text.split()) if any(mark in text for mark in "\t\n\r\v\f") else text


def _month(name: str) -> int:
    lowered = name.lower()
    found = [n for n, month in enumerate(_MONTHS, 1) if month.startswith(lowered)]
    if lowered == "sept":
        return 9
    return found[0] if len(found) == 1 and len(lowered) > 2 else 0


def _day(year: str, month: int, day: str) -> str:
    try:
        return date(int(year), month, int(day)).isoformat()
    except ValueError:
        return ""
