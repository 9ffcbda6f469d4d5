"""What a dataset is, for those who have not opened it: the facts that DCAT and schema.org say in their words (``queries/description``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fairgraph import licences
from fairgraph.exports.export import Answers, Export, exports
from fairgraph.exports.people import Contact, people
from fairgraph.terms import SCHEMA, is_web_iri, own_rows

FOLDER = "description"


@dataclass(frozen=True)
class Term:
    """A term with its name; the IRI is ``""`` unless everybody can follow it."""

    name: str
    iri: str = ""


@dataclass(frozen=True)
class Distribution:
    """One export of a dataset and where it is."""

    export: Export
    url: str

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self.export.media_type.partition(";")[0]


@dataclass
class Description:
    """One dataset: all lists in order, each member once; texts are ``""`` if nothing is known."""

    iri: str
    number: int
    slug: str
    title: str
    format: str
    is_public: bool
    created: str
    modified: str
    url: str
    license: str = ""
    doi: str = ""
    status: str = ""
    version: str = ""
    description: str = ""
    submitted: str = ""
    released: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    keywords: list[str] = field(default_factory=list)
    people: list[Contact] = field(default_factory=list)
    publications: list[Term] = field(default_factory=list)
    about: list[Term] = field(default_factory=list)
    techniques: list[Term] = field(default_factory=list)
    variables: list[Term] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    distributions: list[Distribution] = field(default_factory=list)

    @property
    def license_url(self) -> str:
        """The address of the licence, if it is one that has been told by address or is well known by its SPDX identifier."""
        known = licences.spdx(self.license)
        if known:
            return licences.address(known)
        return self.license if is_web_iri(self.license) else ""

    @property
    def doi_url(self) -> str:
        """The DOI as an address."""
        bare = self.doi.removeprefix("https://doi.org/").removeprefix("doi:")
        url = f"https://doi.org/{bare}"
        return url if bare.startswith("10.") and is_web_iri(url) else ""


def descriptions(answers: Answers) -> Iterator[Description]:
    """Yield the datasets that an export is of, by number: of each what it says itself, and what its record does."""
    for own in answers.each():
        if (about := outline(own)) is not None:
            _fill(own, about)
            yield about


def outline(answers: Answers) -> Description | None:
    """Return what one dataset says of itself, without what its parts are about; None if it has no record."""
    row = next(own_rows(answers.rows(f"{FOLDER}/datasets"), answers.base), None)
    if row is None:
        return None
    about = _described(row, answers.base)
    about.license = licence(answers)
    rows = answers.rows(f"{FOLDER}/facts", dataset=[answers.dataset])
    _facts(about, sorted(rows, key=_order("part", "property", "value")))
    about.people = people(answers)
    return about


def licence(answers: Answers) -> str:
    """Return the licence of one dataset: the first in the order of ``description/licences``, "" if there is none."""
    rows = answers.rows(f"{FOLDER}/licences", dataset=[answers.dataset])
    found = sorted((int(row["rank"].value), row["licence"].value) for row in rows)
    return next((text for _, text in found if text), "")


def _described(row: Any, base: str) -> Description:
    number = int(row["number"].value)
    url = f"{base}api/v1/investigations/{number}/export/"
    return Description(
        iri=row["dataset"].value,
        number=number,
        slug=row["slug"].value,
        title=row["title"].value,
        format=row["format"].value,
        is_public=row["visibility"].value == "public",
        created=row["created"].value,
        modified=row["modified"].value,
        url=f"{base}investigations/{number}",
        doi=_text(row["doi"]),
        status=_text(row["status"]),
        version=_text(row["revision"]).rpartition("/")[2],
        counts={
            name: int(row[name].value)
            for name in ("studies", "assays", "samples", "files")
            if row[name] is not None
        },
        distributions=[Distribution(export, f"{url}{export.name}") for export in exports()],
    )


def _fill(answers: Answers, about: Description) -> None:
    """Add what the parts are about."""

    def rows(name: str, *order: str) -> list[Any]:
        found = answers.rows(f"{FOLDER}/{name}", dataset=[answers.dataset])
        return sorted(found, key=_order(*order))

    about.sources = sorted(row["source"].value for row in answers.rows(f"{FOLDER}/sources"))
    for row in rows("publications", "publication", "same"):
        _add(about.publications, _publication(row))
    for name in ("terms", "organisms"):
        for row in rows(name, "name", "term"):
            term = Term(row["name"].value, _web(row["term"], about.iri))
            is_technique = name == "terms" and row["property"].value.endswith("technologyType")
            _add(about.techniques if is_technique else about.about, term)
            _add(about.keywords, term.name)
    for row in rows("variables", "kind", "name", "term"):
        term = Term(row["name"].value, _web(row["term"], about.iri))
        if term.name not in {known.name for known in about.variables}:
            about.variables.append(term)
    about.description = about.description or _summary(about)


def _facts(about: Description, rows: list[Any]) -> None:
    of_studies: dict[str, list[str]] = {}
    for row in rows:
        name, value = row["property"].value, row["value"].value
        if name == SCHEMA.keywords:
            for word in value.split(","):
                _add(about.keywords, word.strip())
        elif row["part"].value != about.iri:
            of_studies.setdefault(name, []).append(value)
        elif name == SCHEMA.description:
            about.description = about.description or value
        elif name == SCHEMA.dateCreated:
            about.submitted = about.submitted or value
        elif name == SCHEMA.datePublished:
            about.released = about.released or value
    about.description = about.description or "\n\n".join(of_studies.get(SCHEMA.description, ()))
    about.submitted = about.submitted or min(of_studies.get(SCHEMA.dateCreated, [""]))
    about.released = about.released or min(of_studies.get(SCHEMA.datePublished, [""]))


def _publication(row: Any) -> Term:
    same, number = _text(row["same"]), _text(row["pubMedID"])
    pubmed = f"https://pubmed.ncbi.nlm.nih.gov/{number}/" if number.isdecimal() else ""
    return Term(_text(row["name"]), same or pubmed)


def _summary(about: Description) -> str:
    counts = ", ".join(f"{number} {name}" for name, number in about.counts.items() if number)
    return f"{about.title}: a dataset in the format {about.format}" + (f" with {counts}." if counts else ".")  # fmt: skip


def _order(*names: str) -> Any:
    def key(row: Any) -> list[tuple[int, str]]:
        texts = [_text(row[name]) for name in ("dataset", *names)]
        return [(int(text) if text.isdecimal() and len(text) < 9 else 0, text) for text in texts]

    return key


def _add(members: list[Any], member: Any) -> None:
    if member and member not in members and member != Term(""):
        members.append(member)


def _web(term: Any, dataset: str) -> str:
    """Return the IRI of a term unless it is one that only this dataset has."""
    iri = _text(term)
    return iri if is_web_iri(iri) and not iri.startswith(f"{dataset}/") else ""


def _text(term: Any) -> str:
    return "" if term is None else str(term.value)
