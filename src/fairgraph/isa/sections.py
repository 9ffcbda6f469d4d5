"""The sections and labels of the ISA-Tab investigation file, as the standard orders them (ISA-Tab, Investigation File)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fairgraph.terms import SCHEMA

# The labels of a person, without the leading Investigation or Study, and the property that each is.
PERSON = {
    "person last name": SCHEMA.familyName,
    "person first name": SCHEMA.givenName,
    "person mid initials": SCHEMA.additionalName,
    "person email": SCHEMA.email,
    "person phone": SCHEMA.telephone,
    "person fax": SCHEMA.faxNumber,
    "person address": SCHEMA.address,
    "person affiliation": SCHEMA.affiliation,
}
_PUBLICATION = (
    "PubMed ID",
    "Publication DOI",
    "Publication Author List",
    "Publication Title",
    "Publication Status",
    "Publication Status Term Accession Number",
    "Publication Status Term Source REF",
)
_PERSON = (
    "Person Last Name",
    "Person First Name",
    "Person Mid Initials",
    "Person Email",
    "Person Phone",
    "Person Fax",
    "Person Address",
    "Person Affiliation",
    "Person Roles",
    "Person Roles Term Accession Number",
    "Person Roles Term Source REF",
)


def _labels(prefix: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{prefix} {name}" for name in names)


TOP_SECTIONS: dict[str, tuple[str, ...]] = {
    "ONTOLOGY SOURCE REFERENCE": (
        "Term Source Name",
        "Term Source File",
        "Term Source Version",
        "Term Source Description",
    ),
    "INVESTIGATION": _labels(
        "Investigation",
        "Identifier",
        "Title",
        "Description",
        "Submission Date",
        "Public Release Date",
    ),
    "INVESTIGATION PUBLICATIONS": _labels("Investigation", *_PUBLICATION),
    "INVESTIGATION CONTACTS": _labels("Investigation", *_PERSON),
}
STUDY_SECTIONS: dict[str, tuple[str, ...]] = {
    "STUDY": _labels(
        "Study",
        "Identifier",
        "Title",
        "Description",
        "Submission Date",
        "Public Release Date",
        "File Name",
    ),
    "STUDY DESIGN DESCRIPTORS": _labels(
        "Study", "Design Type", "Design Type Term Accession Number", "Design Type Term Source REF"
    ),
    "STUDY PUBLICATIONS": _labels("Study", *_PUBLICATION),
    "STUDY FACTORS": _labels(
        "Study Factor", "Name", "Type", "Type Term Accession Number", "Type Term Source REF"
    ),
    "STUDY ASSAYS": _labels(
        "Study Assay",
        "File Name",
        "Measurement Type",
        "Measurement Type Term Accession Number",
        "Measurement Type Term Source REF",
        "Technology Type",
        "Technology Type Term Accession Number",
        "Technology Type Term Source REF",
        "Technology Platform",
    ),
    "STUDY PROTOCOLS": _labels(
        "Study Protocol",
        "Name",
        "Type",
        "Type Term Accession Number",
        "Type Term Source REF",
        "Description",
        "URI",
        "Version",
        "Parameters Name",
        "Parameters Name Term Accession Number",
        "Parameters Name Term Source REF",
        "Components Name",
        "Components Type",
        "Components Type Term Accession Number",
        "Components Type Term Source REF",
    ),
    "STUDY CONTACTS": _labels("Study", *_PERSON),
}
SECTIONS: dict[str, tuple[str, ...]] = {**TOP_SECTIONS, **STUDY_SECTIONS}
SINGLE = frozenset({"INVESTIGATION", "STUDY"})  # sections of one object

# A row that is no label of the standard: ("comment", name) or ("label", the label as written), and how many of the same
# stand before it. A label of the standard is ("", label in lower case, without the leading Investigation or Study).
Key = tuple[str, str, int]

_COMMENT = re.compile(r"comment\s*\[(.*)\]", re.IGNORECASE | re.DOTALL)
# The standard's table of labels and its own example (and all files in use) disagree about the word Name here.
_ALIASES = {
    "protocol parameters term accession number": "protocol parameters name term accession number",
    "protocol parameters term source ref": "protocol parameters name term source ref",
}
_STANDARD: dict[str, dict[str, str]] = {}


def heading(cell: str) -> str:
    """Return the section that a heading stands for, ``""`` if it is none."""
    name = " ".join(cell.upper().split())
    return name if name in SECTIONS else ""


def label_key(section: str, label: str) -> str:
    """Return a label in lower case, with single blanks and without the leading Investigation or Study."""
    key = " ".join(label.lower().split()).removeprefix(f"{section.split()[0].lower()} ")
    return _ALIASES.get(key, key)


def standard_labels(section: str) -> dict[str, str]:
    """Return the labels of a section in the standard's order, by their keys."""
    if section not in _STANDARD:
        _STANDARD[section] = {label_key(section, label): label for label in SECTIONS[section]}
    return _STANDARD[section]


def comment_name(label: str) -> str | None:
    """Return *name* of a label ``Comment[name]``, else None."""
    match = _COMMENT.fullmatch(label)
    return match.group(1).strip() if match else None


def row_keys(section: str, labels: Iterable[str]) -> list[Key]:
    """Tell what each row of a section is, given the labels of all its rows as they are written."""
    known = standard_labels(section)
    seen: dict[tuple[str, str], int] = {}
    keys: list[Key] = []
    for label in labels:
        name = comment_name(label)
        key = ("comment", name) if name is not None else ("", label_key(section, label))
        if name is None and (key[1] not in known or key in seen):
            key = ("label", label)
        seen[key] = seen.get(key, -1) + 1
        keys.append((*key, seen[key]))
    return keys


def default_keys(section: str, columns: Iterable[Sequence[Key]]) -> list[Key]:
    """Return the rows of a section of which nothing else is said: those of the standard, then the others.

    *columns* are the other rows that each object has, in order. A row that a later object adds goes behind the one before it,
    or to the end if it is the object's first.
    """
    others: list[Key] = []
    seen: set[Key] = set()
    for column in columns:
        before: Key | None = None
        for key in column:
            if key not in seen:
                place = len(others)
                if before is not None and others[-1] != before:
                    place = others.index(before) + 1
                others.insert(place, key)
                seen.add(key)
            before = key
    return [*(("", label, 0) for label in standard_labels(section)), *others]


def row_label(section: str, key: Key) -> str:
    """Return the label of a row, as the standard writes it."""
    kind, name, _ = key
    if kind == "comment":
        return f"Comment[{name}]"
    return name if kind else standard_labels(section)[name]


def split_list(text: str) -> list[str]:
    """Split a semicolon-delimited list (ISA-Tab, Multiple values fields)."""
    return [part.strip() for part in text.split(";")]


def split_terms(
    texts: str, accessions: str, sources: str
) -> tuple[list[tuple[str, str, str]], int]:
    """Split lists of names, accessions and sources that belong together into ``(name, accession, source)``.

    Short lists are padded. Where there are more accessions or sources than names, the surplus stays with the last name; the
    second value says how many there are then, else it is 0.
    """
    if not (texts or accessions.strip(";") or sources.strip(";")):
        return [], 0
    names, *qualifiers = split_list(texts), split_list(accessions), split_list(sources)
    count, surplus = len(names), 0
    for n, values in enumerate(qualifiers):
        if len(values) > count and any(values[count:]):
            surplus = max(surplus, len(values))
            values = [*values[: count - 1], ";".join(values[count - 1 :])]
        qualifiers[n] = (values + [""] * count)[:count]
    return list(zip(names, *qualifiers, strict=True)), surplus


def split_components(
    names: str, types: str, accessions: str, sources: str
) -> tuple[list[tuple[str, tuple[str, str, str]]], int]:
    """Split lists of components and their types into ``(name, (type, accession, source))``, as :func:`split_terms` does."""
    parts = split_list(names) if names else []
    terms, surplus = split_terms(types, accessions, sources)
    count = max(len(parts), len(terms))
    parts += [""] * (count - len(parts))
    terms += [("", "", "")] * (count - len(terms))
    return list(zip(parts, terms, strict=True)), surplus


def join_list(parts: Iterable[str]) -> str:
    """Write a semicolon-delimited list: as many places as there are members, also where a member has no text."""
    return ";".join(parts)
