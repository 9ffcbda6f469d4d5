"""schema.org and Bioschemas as JSON-LD: what search engines and FAIR assessments look for in the page of a dataset."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from fairgraph.errors import NotFound
from fairgraph.exports.description import (
    FOLDER,
    Description,
    Distribution,
    Term,
    descriptions,
)
from fairgraph.exports.export import Answers, Export
from fairgraph.exports.people import Contact
from fairgraph.terms import DCTERMS, PROV, is_web_iri

PROFILE = "https://bioschemas.org/profiles/Dataset/1.0-RELEASE"
_ACCESS = "http://publications.europa.eu/resource/authority/access-right/"
# Inline: who reads this must not have to fetch schema.org's own context, which is what makes assessments fail.
CONTEXT = {"@vocab": "http://schema.org/", "dct": DCTERMS.iri, "prov": PROV.iri}
# schema.org and its search engines take descriptions up to this length.
_LONGEST = 5_000


def write(answers: Answers, output: BinaryIO) -> None:
    """Write one ``schema:Dataset`` (Bioschemas Dataset 1.0) as JSON-LD with an inline context: what is known, and nothing else."""
    described = next(descriptions(answers), None)
    if described is None:
        raise NotFound("there is no record of this dataset", where=answers.dataset.value)
    document = {"@context": CONTEXT, **node(described, answers.base)}
    text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True)
    output.write(text.encode("utf-8", "replace") + b"\n")


def node(described: Description, base: str) -> dict[str, Any]:
    """Return a dataset as one JSON-LD object, without what is not known."""
    access = "PUBLIC" if described.is_public else "RESTRICTED"
    identifier = described.doi_url or described.iri
    catalogue = {"@id": f"{base}catalog", "@type": "DataCatalog", "name": "fairgraph", "url": f"{base}catalog"}  # fmt: skip
    people = [_person(person) for person in described.people]
    publications = [_publication(publication) for publication in described.publications]
    terms = [_term(term) for term in described.about]
    license_ = described.license_url or described.license
    said: dict[str, Any] = {
        "@id": described.iri,
        "@type": "Dataset",
        "about": terms,
        "citation": publications,
        "conditionsOfAccess": "open" if described.is_public else "restricted",
        "creator": people,
        "dateCreated": described.submitted or described.created,
        "dateModified": described.modified,
        "datePublished": described.released or described.created,
        "description": described.description[:_LONGEST],
        "distribution": [_distribution(d, license_) for d in described.distributions],
        "identifier": identifier,
        "includedInDataCatalog": catalogue,
        "isAccessibleForFree": described.is_public,
        "isPartOf": {"@id": catalogue["@id"]},
        "keywords": described.keywords,
        "license": license_,
        "measurementTechnique": [_term(term) for term in described.techniques],
        "name": described.title,
        "publisher": {"@id": base, "@type": "Organization", "name": base, "url": base},
        "sameAs": described.doi_url,
        "url": described.url,
        "variableMeasured": [_variable(term) for term in described.variables],
        "version": described.version,
        "dct:accessRights": {"@id": f"{_ACCESS}{access}"},
        "dct:conformsTo": {"@id": PROFILE},
        "dct:description": described.description[:_LONGEST],
        "dct:identifier": identifier,
        "dct:license": {"@id": described.license_url} if described.license_url else None,
        "dct:title": described.title,
        "prov:wasDerivedFrom": [{"@id": source} for source in described.sources],
    }
    return {key: value for key, value in said.items() if value not in (None, "", [])}


def _person(person: Contact) -> dict[str, Any]:
    said = {
        "@id": person.public_iri,
        "@type": "Person",
        "affiliation": {"@type": "Organization", "name": person.affiliation}
        if person.affiliation
        else "",
        "familyName": person.family,
        "givenName": person.given,
        "name": person.name,
    }
    return {key: value for key, value in said.items() if value}


def _publication(publication: Term) -> dict[str, Any]:
    said = {"@id": publication.iri, "@type": "ScholarlyArticle", "name": publication.name}
    return {key: value for key, value in said.items() if value}


def _term(term: Term) -> dict[str, Any]:
    said = {"@id": term.iri, "@type": "DefinedTerm", "name": term.name}
    return {key: value for key, value in said.items() if value}


def _variable(term: Term) -> dict[str, Any]:
    said = {"@type": "PropertyValue", "name": term.name, "propertyID": term.iri}
    return {key: value for key, value in said.items() if value}


def _distribution(distribution: Distribution, license_: str) -> dict[str, Any]:
    export = distribution.export
    said = {
        "@id": distribution.url,
        "@type": "DataDownload",
        "contentUrl": distribution.url,
        "dct:conformsTo": {"@id": export.profile} if is_web_iri(export.profile) else "",
        "encodingFormat": distribution.media_type,
        "license": license_,
        "name": export.label,
    }
    return {key: value for key, value in said.items() if value}


EXPORT = Export(
    "schema-org",
    "schema.org (JSON-LD)",
    "export/schema-org",
    "application/ld+json",
    "jsonld",
    write,
    also=(FOLDER,),
    profile=PROFILE,
    group="Linked data",
)
