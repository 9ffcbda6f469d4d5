"""Datasets that did not come as crates, in the words of the ISA profile of RO-Crate (isa-ro-crate-profile 1.0)."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode

from fairgraph.exports.crate_own import FOLDER
from fairgraph.exports.crate_strict import is_day
from fairgraph.exports.crate_things import Listed, Things
from fairgraph.exports.description import Description, descriptions
from fairgraph.exports.export import Answers, Term
from fairgraph.isa.plain import iso_day
from fairgraph.terms import BIOSCHEMAS, DCTERMS, FG, ISA, PROV, RDF, SCHEMA, XSD

PROFILE = "https://github.com/nfdi4plants/isa-ro-crate-profile"
_QUERIES = (
    "kinds", "classes", "statements", "parts", "links", "terms", "affiliations", "values", "value-kinds", "value-terms",
)  # fmt: skip
_IN_ORDER = (SCHEMA.creator, SCHEMA.citation, SCHEMA.comment, ISA.component, ISA.factor, ISA.parameter, ISA.protocol)  # fmt: skip
_DATASETS = ("Investigation", "Study", "Assay")
_DATES = {SCHEMA.dateCreated: "Submission Date", SCHEMA.datePublished: "Public Release Date"}
_DAY = XSD.node("date")
_NAMED = (
    SCHEMA.Dataset, SCHEMA.MediaObject, SCHEMA.PropertyValue, SCHEMA.DefinedTerm, SCHEMA.Organization, BIOSCHEMAS.LabProcess,
    BIOSCHEMAS.Sample,
)  # fmt: skip


def described(answers: Answers) -> Description | None:
    """Return what is known of the dataset as a whole."""
    return next(descriptions(answers), None)


def isa_things(answers: Answers, about: Description | None) -> Things:
    """Return a dataset as a crate says it: studies and assays in the investigation, with their processes, samples and files."""
    things = Things(answers.dataset.value)
    for name in _QUERIES:
        for triple in answers.triples(f"{FOLDER}/isa-{name}"):
            things.add(triple.subject, triple.predicate, triple.object)
    things.add(answers.dataset, RDF.node("type"), SCHEMA.node("Dataset"))
    for thing in things:
        if not things.values(thing, RDF.type):
            things.remove(thing)  # of something that a crate does not describe
    for thing in things:
        _order(things, thing)
    for thing in things:
        things.remove(thing, FG.index)  # among siblings: in a crate it would be the place among all
        _entity(things, thing)
    _root(things, about)
    return things


def _order(things: Things, thing: str) -> None:
    """Let lists stand in their order."""
    for predicate in _IN_ORDER:
        values = things.values(thing, predicate)
        if len(values) > 1:
            values.sort(key=lambda value: (things.place(value.value), value.value))
            things.enlist(thing, predicate, [Listed(n, value) for n, value in enumerate(values)])


def _entity(things: Things, thing: str) -> None:
    if things.is_a(thing, SCHEMA.Person):
        things.remove(thing, RDF.type, PROV.node("Agent"))
        _one(things, thing, SCHEMA.givenName, (SCHEMA.givenName, SCHEMA.name, SCHEMA.familyName))
        if same := things.text(thing, SCHEMA.sameAs):
            things.add(NamedNode(thing), SCHEMA.node("identifier"), Literal(same))
    elif things.is_a(thing, SCHEMA.ScholarlyArticle):
        _article(things, thing)
    elif things.is_a(thing, *_NAMED) and thing != things.root:
        _one(things, thing, SCHEMA.name, (SCHEMA.name, ISA.fileName))
    if things.is_a(thing, SCHEMA.PropertyValue):
        _value(things, thing)
    if any(value.value in _DATASETS for value in things.values(thing, SCHEMA.additionalType)):  # fmt: skip
        _one(things, thing, SCHEMA.identifier, (SCHEMA.identifier, ISA.fileName))
        for predicate, label in _DATES.items():
            _date(things, thing, predicate, label)
        if things.values(thing, SCHEMA.description):
            _one(things, thing, SCHEMA.description, (SCHEMA.description,))


def _one(things: Things, thing: str, predicate: str, sources: Iterable[str]) -> None:
    """Let a property have one text: its own, that of the first source that has one, else the last part of the IRI."""
    found = (text for source in sources if (text := things.text(thing, source)))
    text = next(found, thing.rstrip("/").rpartition("/")[2])
    things.remove(thing, predicate)
    things.add(NamedNode(thing), NamedNode(predicate), Literal(text))


def _date(things: Things, thing: str, predicate: str, label: str) -> None:
    """Let a date be one of ISO 8601; what a date says with doubt becomes a comment."""
    for value in things.values(thing, predicate):
        day = value.value if is_day(value.value) else iso_day(value.value)
        if day == value.value:
            continue
        things.remove(thing, predicate, value)
        if day:
            things.add(NamedNode(thing), NamedNode(predicate), Literal(day, datatype=_DAY))
        comment = NamedNode(f"{thing}/comment/{label.replace(' ', '_')}")
        for name, text in ((SCHEMA.name, label), (SCHEMA.text, value.value)):
            things.add(comment, NamedNode(name), Literal(text))
        things.add(comment, RDF.node("type"), SCHEMA.node("Comment"))
        things.add(NamedNode(thing), SCHEMA.node("comment"), comment)


def _article(things: Things, thing: str) -> None:
    _one(things, thing, SCHEMA.headline, (SCHEMA.name,))
    doi, number = things.text(thing, SCHEMA.sameAs), things.text(thing, ISA.pubMedID)
    pubmed = f"https://pubmed.ncbi.nlm.nih.gov/{number}/" if number.isdecimal() else ""
    told = things.text(thing, SCHEMA.identifier)
    things.remove(thing, SCHEMA.identifier)
    things.add(NamedNode(thing), SCHEMA.node("identifier"), Literal(told or doi or pubmed or thing))


def _value(things: Things, thing: str) -> None:
    """Let a value be a text or a whole number, which is what the profile takes."""
    raw = things.text(thing, FG.rawText)
    values = things.values(thing, SCHEMA.value)
    told: list[Term] = [value for value in values if isinstance(value, Literal)]
    for value in values:
        if isinstance(value, Literal) and value.datatype != XSD.node("integer"):
            things.remove(thing, SCHEMA.value, value)
            text = raw if raw and len(told) == 1 else value.value
            things.add(NamedNode(thing), SCHEMA.node("value"), Literal(text))
    things.remove(thing, FG.rawText)


def _root(things: Things, about: Description | None) -> None:
    root = NamedNode(things.root)
    _one(things, things.root, SCHEMA.identifier, (SCHEMA.identifier,))
    if about is None:
        return
    for predicate, text in (
        (SCHEMA.name, about.title),
        (SCHEMA.description, about.description),
        (SCHEMA.license, about.license_url or about.license),
    ):
        if text and not things.values(things.root, predicate):
            is_reference = predicate == SCHEMA.license and about.license_url
            things.add(root, NamedNode(predicate), NamedNode(text) if is_reference else Literal(text))  # fmt: skip
    day = about.released or about.created[:10]
    if not things.values(things.root, SCHEMA.datePublished):
        is_iso = len(day) == 10 and is_day(day)
        things.add(root, SCHEMA.node("datePublished"), Literal(day, datatype=_DAY) if is_iso else Literal(day))  # fmt: skip
    if about.doi_url:
        things.add(root, SCHEMA.node("sameAs"), NamedNode(about.doi_url))
    if any(value.value == "Investigation" for value in things.values(things.root, SCHEMA.additionalType)):  # fmt: skip
        things.add(root, DCTERMS.node("conformsTo"), NamedNode(PROFILE))
