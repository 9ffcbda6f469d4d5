"""What an ontology says about itself: which one it is, and which version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from fairgraph.terms import DCTERMS, OWL, is_absolute_iri

_DC = "http://purl.org/dc/elements/1.1/"
_RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]+(?:\.[0-9]+)+")
_ENDINGS = (".owl", ".obo", ".ttl", ".rdf", ".owx", ".nt")


@dataclass(frozen=True)
class Header:
    """The identity of one version of an ontology: ``iri`` is its version IRI, and the name of its graph."""

    iri: str
    ontology: str
    name: str
    title: str
    version: str
    source: str
    sha256: str


def header(ontology: str, said: Mapping[str, Sequence[str]], source: str, sha256: str) -> Header:
    """Return the identity of an ontology from what is *said* about it (OWL 2 Structural Specification §3.1).

    Without a version IRI one is made from the IRI of the ontology and its version, else from the checksum of its file.
    """

    def first(*predicates: str) -> str:
        return next((said[p][0] for p in predicates if said.get(p)), "")

    iri = first(OWL.versionIRI)
    version = first(OWL.versionInfo)
    if is_absolute_iri(iri):
        version = version or _version_in(iri.removeprefix(ontology)) or _version_in(iri)
    else:
        iri = f"{ontology}#{_fragment(version)}" if version else f"{ontology}#sha256-{sha256[:12]}"
    name = _name(ontology)
    title = first(DCTERMS.title, f"{_DC}title", _RDFS_LABEL) or name
    return Header(iri, ontology, name, title, version or sha256[:12], source, sha256)


def _version_in(iri: str) -> str:
    found = _DATE.search(iri)
    return found[0] if found else ""


def _fragment(version: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", version).strip("-")


def _name(ontology: str) -> str:
    """Return the last part of an IRI without the ending of a file name: ``so`` of ``…/obo/so.owl``."""
    parts = urlsplit(ontology)
    last = PurePosixPath(parts.path.rstrip("/#")).name or parts.netloc.partition(".")[0]
    for ending in _ENDINGS:
        last = last.removesuffix(ending)
    return last.lower()
