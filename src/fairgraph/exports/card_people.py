"""Contacts and publications of a data card: each once, whichever part of the investigation names them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairgraph import identifiers
from fairgraph.exports.export import Answers
from fairgraph.exports.people import people


def contacts(answers: Answers) -> list[dict[str, Any]]:
    """Return the people in the order of the dataset; who is named again in a part stands once, with all roles."""
    return [
        {
            "name": one.name,
            "orcid": one.orcid or None,
            "affiliation": one.affiliation or None,
            "email": one.email or None,
            "roles": one.roles,
        }
        for one in people(answers)
    ]


def publications(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the publications by title; one that several studies name stands once."""
    found: dict[str, dict[str, Any]] = {}
    for _, title, authors, doi, pub_med in rows:
        document = {
            "title": " ".join(_text(title).split()) or None,
            "authors": " ".join(_text(authors).split()) or None,
            "doi": identifiers.doi(_text(doi)) or _text(doi) or None,
            "pubmed": _text(pub_med) or None,
        }
        key = str(document["doi"] or document["pubmed"] or document["title"])
        found.setdefault(key, document)
    return sorted(found.values(), key=lambda item: (str(item["title"]), str(item["doi"])))


def _text(term: Any) -> str:
    return "" if term is None else str(term.value)
