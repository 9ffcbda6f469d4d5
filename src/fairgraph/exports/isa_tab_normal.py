"""The investigation file for strict readers: one value where one is expected, labels of the standard, ISO dates."""

from __future__ import annotations

from collections.abc import Sequence

from fairgraph.exports.isa_tab_objects import Column
from fairgraph.isa.plain import iso_day, one_line, plain_doi, plain_pubmed_id
from fairgraph.isa.sections import SINGLE, Key, row_label, standard_labels

DATES = ("submission date", "public release date")


def normalised(section: str, columns: Sequence[Column], notes: list[str]) -> list[Column]:
    """Return the objects of a section as strict readers want them; *notes* gets a sentence for each thing that they may not like."""
    if section in SINGLE:
        columns = [_single(section, columns)]
    else:
        columns = [column for column in columns if column]
    names = _comment_names(columns)
    found = []
    for column in columns:
        values = {key: one_line(text) for key, text in column.values.items()}
        for key, text in values.items():
            values[key] = _value(section, key, text, notes)
        others = {names[key]: one_line(text) for key, text in column.others.items() if text}
        found.append(Column(values, others))
    return found


def _value(section: str, key: str, text: str, notes: list[str]) -> str:
    if key in DATES and text:
        day = iso_day(text)
        if not day:
            label = standard_labels(section)[key]
            notes.append(f"{label} {text!r} may be read as more than one day and stays as it is")
        return day or text
    if key == "publication doi":
        return plain_doi(text)
    return plain_pubmed_id(text) if key == "pubmed id" else text


def _single(section: str, columns: Sequence[Column]) -> Column:
    """Turn further values of lines that take one into comments."""
    first = columns[0]
    others = dict(first.others)
    for n, column in enumerate(columns[1:], 2):
        further: dict[Key, str] = {("", key, 0): text for key, text in column.values.items()}
        for key, text in {**further, **column.others}.items():
            name = key[1] if key[0] else row_label(section, key)
            others[("comment", f"{name} ({n})", key[2])] = text
    return Column(first.values, others)


def _comment_names(columns: Sequence[Column]) -> dict[Key, Key]:
    """Give each row that is not the standard's the name of a comment that no other row of the section has."""
    keys = dict.fromkeys(key for column in columns for key in column.others)
    taken: set[str] = set()
    names: dict[Key, Key] = {}
    for key in keys:
        stem = name = one_line(key[1]).strip() or "comment"
        number = 1
        while name in taken:
            number += 1
            name = f"{stem} ({number})"
        taken.add(name)
        names[key] = ("comment", name, 0)
    return names
