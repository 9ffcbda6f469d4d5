"""The people of a dataset, each once: who is named again in a study is the same contact, two with one name are two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from fairgraph.exports.export import Answers
from fairgraph.identifiers import ORCID, orcid
from fairgraph.terms import place_of


@dataclass
class Contact:
    """A contact as a dataset names it; texts are empty if nothing is known. *iri* is that of the node that names it first."""

    iri: str
    name: str
    given: str = ""
    family: str = ""
    email: str = ""
    affiliation: str = ""
    orcid: str = ""
    roles: list[str] = field(default_factory=list)

    @property
    def public_iri(self) -> str:
        """The IRI by which others know the person: the ORCID iD, else that of the node."""
        return f"{ORCID}{self.orcid}" if self.orcid else self.iri

    def is_same(self, other: Contact) -> bool:
        """Tell whether two contacts are one person: same ORCID iD, or same name and nothing that tells them apart."""
        if self.orcid and other.orcid:
            return self.orcid == other.orcid
        if self.name != other.name:
            return False
        return not (self.email and other.email) or self.email == other.email


def people(answers: Answers) -> list[Contact]:
    """Ask for the people of one dataset: its own first, then those of its parts, each in the order in which they are listed."""
    rows = answers.rows("description/people", dataset=[answers.dataset])
    return joined(contact(row) for row in sorted(rows, key=_place))


def _place(row: Any) -> tuple[int, int, str, float, str, str]:
    person = row["person"].value
    index = place_of(row["index"], 0)
    owner = person.rpartition("/person/")[0]
    # An investigation's IRI is the shortest; a person may have several rows: one for each role and identifier.
    texts = "\n".join(_text(row, name) for name in ("role", "same", "email", "affiliation"))
    return int(row["rank"].value), len(owner), owner, index, person, texts


def contact(row: Any) -> Contact:
    """Return a contact from a row with ``person``, ``name``, ``given``, ``middle``, ``family``, ``email``, ``affiliation``, ``same``, ``role``."""
    known = {name: _text(row, name) for name in ("given", "middle", "family")}
    iri = row["person"].value
    name = " ".join(filter(None, known.values())) or _text(row, "name")
    role = _text(row, "role")
    return Contact(
        iri=iri,
        name=name or iri.rpartition("/")[2],
        given=known["given"],
        family=known["family"],
        email=_text(row, "email"),
        affiliation=_text(row, "affiliation"),
        orcid=orcid(_text(row, "same")) or orcid(iri) or "",
        roles=[role] if role else [],
    )


def joined(contacts: Iterable[Contact]) -> list[Contact]:
    """Return the people in the order in which they are first named, each with all that is said of them."""
    found: list[Contact] = []
    by_node: dict[str, Contact] = {}
    for each in contacts:
        known = by_node.get(each.iri) or next((one for one in found if one.is_same(each)), None)
        if known is None:
            found.append(each)
            known = each
        by_node[each.iri] = known
        for name in ("given", "family", "email", "affiliation", "orcid"):
            setattr(known, name, getattr(known, name) or getattr(each, name))
        known.roles += [role for role in each.roles if role not in known.roles]
    return found


def _text(row: Any, name: str) -> str:
    term = row[name]
    return "" if term is None else str(term.value)
