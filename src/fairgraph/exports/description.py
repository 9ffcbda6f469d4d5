"""What a dataset is, for those who have not opened it: the facts that DCAT and schema.org say in their words (``queries/description``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import NamedNode

from fairgraph import licences
from fairgraph.exports.export import Answers, Export, installed
from fairgraph.exports.people import Contact, contact, joined
from fairgraph.terms import SCHEMA, is_web_iri, own_rows

FOLDER = "description"
# Datasets that one query is about.
_BATCH = 500


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
        return f"https://doi.org/{bare}" if bare.startswith("10.") else ""


def descriptions(answers: Answers) -> Iterator[Description]:
    """Yield the datasets that an export is of, by number."""
    rows = own_rows(answers.rows(f"{FOLDER}/datasets"), answers.base)
    found = [_described(row, answers.base) for row in rows]
    wanted = {node.value for node in answers.datasets}
    found = [one for one in found if not wanted or one.iri in wanted]
    for start in range(0, len(found), _BATCH):
        batch = {one.iri: one for one in found[start : start + _BATCH]}
        _fill(answers, batch)
        yield from batch.values()


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
        license=_text(row["license"]),
        doi=_text(row["doi"]),
        status=_text(row["status"]),
        version=_text(row["revision"]).rpartition("/")[2],
        counts={
            name: int(row[name].value)
            for name in ("studies", "assays", "samples", "files")
            if row[name] is not None
        },
        distributions=[Distribution(export, f"{url}{export.name}") for export in installed()],
    )


def _fill(answers: Answers, batch: dict[str, Description]) -> None:
    nodes = [NamedNode(iri) for iri in batch]

    def rows(name: str) -> Iterator[Any]:
        return (row for row in answers.rows(f"{FOLDER}/{name}", dataset=nodes) if row["dataset"].value in batch)  # fmt: skip

    for row in answers.rows(f"{FOLDER}/sources"):
        if row["dataset"].value in batch:
            batch[row["dataset"].value].sources.append(row["source"].value)
    for row in rows("licenses"):
        about = batch[row["dataset"].value]
        about.license = about.license or row["license"].value
    _facts(batch, sorted(rows("facts"), key=_order("part", "property", "value")))
    _people(batch, sorted(rows("people"), key=_order("index", "person", "same", "name")))
    for row in sorted(rows("publications"), key=_order("publication", "same")):
        _add(batch[row["dataset"].value].publications, _publication(row))
    for name in ("terms", "organisms"):
        for row in sorted(rows(name), key=_order("name", "term")):
            about = batch[row["dataset"].value]
            term = Term(row["name"].value, _web(row["term"], about.iri))
            is_technique = name == "terms" and row["property"].value.endswith("technologyType")
            _add(about.techniques if is_technique else about.about, term)
            _add(about.keywords, term.name)
    for row in sorted(rows("variables"), key=_order("kind", "name", "term")):
        about = batch[row["dataset"].value]
        term = Term(row["name"].value, _web(row["term"], about.iri))
        if term.name not in {known.name for known in about.variables}:
            about.variables.append(term)
    for about in batch.values():
        about.sources.sort()
        about.description = about.description or _summary(about)


def _facts(batch: dict[str, Description], rows: list[Any]) -> None:
    of_studies: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        iri, name, value = row["dataset"].value, row["property"].value, row["value"].value
        about = batch[iri]
        if name == SCHEMA.keywords:
            for word in value.split(","):
                _add(about.keywords, word.strip())
        elif row["part"].value != iri:
            of_studies.setdefault(iri, {}).setdefault(name, []).append(value)
        elif name == SCHEMA.description:
            about.description = about.description or value
        elif name == SCHEMA.dateCreated:
            about.submitted = about.submitted or value
        elif name == SCHEMA.datePublished:
            about.released = about.released or value
        elif name == SCHEMA.license:
            about.license = about.license or value
    for iri, told in of_studies.items():
        about = batch[iri]
        about.description = about.description or "\n\n".join(told.get(SCHEMA.description, ()))
        about.submitted = about.submitted or min(told.get(SCHEMA.dateCreated, [""]))
        about.released = about.released or min(told.get(SCHEMA.datePublished, [""]))


def _people(batch: dict[str, Description], rows: list[Any]) -> None:
    named: dict[str, list[Contact]] = {}
    for row in rows:
        named.setdefault(row["dataset"].value, []).append(contact(row))
    for iri, contacts in named.items():
        batch[iri].people += joined(contacts)


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
