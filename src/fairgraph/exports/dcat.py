"""DCAT 3 and DCAT-AP 3 as Turtle: a dataset with a distribution for each export, or the catalogue of all datasets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Triple

from fairgraph.exports.description import FOLDER, Description, Distribution, descriptions
from fairgraph.exports.export import Answers, Export
from fairgraph.exports.people import Contact
from fairgraph.sorting import sorted_lines
from fairgraph.terms import DCAT, DCTERMS, PREFIXES, PROV, RDF, XSD, digest, iri_escape, is_web_iri

FOAF = "http://xmlns.com/foaf/0.1/"
VCARD = "http://www.w3.org/2006/vcard/ns#"
_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_PUBLIC, _RESTRICTED = f"{_AUTHORITY}access-right/PUBLIC", f"{_AUTHORITY}access-right/RESTRICTED"
_SCIENCE = f"{_AUTHORITY}data-theme/TECH"
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_PREFIXES = {name: PREFIXES[name] for name in ("dcat", "dcterms", "prov", "xsd")} | {
    "foaf": FOAF,
    "vcard": VCARD,
}

Value = NamedNode | Literal


def write(answers: Answers, output: BinaryIO) -> None:
    """Write DCAT 3 (W3C 2024) as Turtle, subjects in order: the catalogue with the datasets that the export is of."""
    lines = sorted_lines(f"{triple} .\n".encode() for triple in triples(answers))
    parsed = (
        quad.triple for line in lines for quad in ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    )
    ox.serialize(parsed, output, format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES)


def triples(answers: Answers) -> Iterator[Triple]:
    """Yield the catalogue and the description of each dataset."""
    base = answers.base
    catalogue = f"{base}catalog"
    publisher = _node(base)
    yield from _about(
        catalogue,
        (RDF.type, _node(DCAT.Catalog)),
        (DCTERMS.title, Literal("fairgraph")),
        (DCTERMS.description, Literal(f"The datasets of the store {base}")),
        (DCTERMS.publisher, publisher),
        (f"{FOAF}homepage", publisher),
        (DCAT.service, _node(f"{base}sparql")),
    )
    yield from _about(base, (RDF.type, _node(f"{FOAF}Agent")), (f"{FOAF}name", Literal(base)))
    yield from _about(
        f"{base}sparql",
        (RDF.type, _node(DCAT.DataService)),
        (DCTERMS.title, Literal("SPARQL")),
        (DCAT.endpointURL, _node(f"{base}sparql")),
        (DCTERMS.conformsTo, _node("https://www.w3.org/TR/sparql11-protocol/")),
    )
    for described in descriptions(answers):
        yield from _about(catalogue, (DCAT.dataset, _node(described.iri)))
        yield from _dataset(described, publisher)


def _dataset(described: Description, publisher: NamedNode) -> Iterator[Triple]:
    iri = described.iri
    access = _node(_PUBLIC if described.is_public else _RESTRICTED)
    yield from _about(
        iri,
        (RDF.type, _node(DCAT.Dataset)),
        (DCTERMS.title, Literal(described.title)),
        (DCTERMS.description, Literal(described.description)),
        (DCTERMS.identifier, Literal(described.doi_url or iri)),
        (DCTERMS.publisher, publisher),
        (DCTERMS.accessRights, access),
        (DCTERMS.issued, _time(described.released or described.created)),
        (DCTERMS.created, _time(described.submitted or described.created)),
        (DCTERMS.modified, _time(described.modified)),
        (DCAT.landingPage, _node(described.url)),
        (DCAT.theme, _node(_SCIENCE)),
        *([(DCAT.version, Literal(described.version))] if described.version else []),
    )
    yield from _license(iri, described)
    for word in described.keywords:
        yield from _about(iri, (DCAT.keyword, Literal(word)))
    for term in [*described.about, *described.techniques]:
        if term.iri:
            yield from _about(iri, (DCTERMS.subject, _node(term.iri)))
    for publication in described.publications:
        if is_web_iri(publication.iri):
            yield from _about(iri, (DCTERMS.isReferencedBy, _node(publication.iri)))
    for source in described.sources:
        yield from _about(iri, (PROV.wasDerivedFrom, _node(source)))
    for person in described.people:
        yield from _person(iri, person)
    for distribution in described.distributions:
        yield from _distribution(described, distribution)


def _license(subject: str, described: Description) -> Iterator[Triple]:
    if described.license_url:
        yield from _about(subject, (DCTERMS.license, _node(described.license_url)))
    elif described.license:
        statement = f"{described.iri}/license"
        yield from _about(subject, (DCTERMS.rights, _node(statement)))
        yield from _about(
            statement,
            (RDF.type, _node(DCTERMS.RightsStatement)),
            (f"{PREFIXES['rdfs']}label", Literal(described.license)),
        )


def _person(dataset: str, person: Contact) -> Iterator[Triple]:
    card = f"{dataset}/contact/c{digest(person.public_iri)}"
    yield from _about(
        dataset, (DCTERMS.creator, _node(person.public_iri)), (DCAT.contactPoint, _node(card))
    )
    yield from _about(
        person.public_iri, (RDF.type, _node(f"{FOAF}Agent")), (f"{FOAF}name", Literal(person.name))
    )
    yield from _about(
        card,
        (RDF.type, _node(f"{VCARD}Kind")),
        (RDF.type, _node(f"{VCARD}Individual")),
        (f"{VCARD}fn", Literal(person.name)),
    )
    if "@" in person.email and " " not in person.email:
        yield from _about(card, (f"{VCARD}hasEmail", _node(f"mailto:{iri_escape(person.email)}")))
    if person.affiliation:
        yield from _about(card, (f"{VCARD}organization-name", Literal(person.affiliation)))


def _distribution(described: Description, distribution: Distribution) -> Iterator[Triple]:
    export = distribution.export
    url = _node(distribution.url)
    iri = f"{described.iri}/distribution/{export.name}"
    yield from _about(described.iri, (DCAT.distribution, _node(iri)))
    yield from _about(
        iri,
        (RDF.type, _node(DCAT.Distribution)),
        (DCTERMS.title, Literal(export.label)),
        (DCAT.accessURL, url),
        (DCAT.downloadURL, url),
        (DCAT.mediaType, _node(f"{_MEDIA_TYPES}{distribution.media_type}")),
    )
    if is_web_iri(export.profile):
        yield from _about(iri, (DCTERMS.conformsTo, _node(export.profile)))
    yield from _license(iri, described)


def _about(subject: str, *said: tuple[str, Value]) -> Iterator[Triple]:
    node = NamedNode(subject)
    return (Triple(node, NamedNode(predicate), value) for predicate, value in said)


def _node(iri: str) -> NamedNode:
    return NamedNode(iri)


def _time(text: str) -> Literal:
    kind = "dateTime" if "T" in text else "date" if len(text) == 10 else "string"
    return Literal(text, datatype=XSD.node(kind))


EXPORT = Export(
    "dcat",
    "DCAT (Turtle)",
    "export/dcat",
    "text/turtle",
    "ttl",
    write,
    scope="any",
    also=(FOLDER,),
    profile="http://data.europa.eu/r5r/",
    group="Linked data",
)
