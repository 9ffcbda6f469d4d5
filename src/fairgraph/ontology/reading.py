"""Ontology files as N-Triples: RDF/XML, Turtle and N-Triples by the engine's parser, OBO by our own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from fairgraph.errors import SourceError
from fairgraph.ontology import obo
from fairgraph.ontology.header import Header, header
from fairgraph.report import Report
from fairgraph.store import pieces
from fairgraph.store.guard import PROLOG_BYTES, refuse_entities
from fairgraph.terms import OWL, RDF, SKOLEM_PATH, digest

FORMATS = {
    ".owl": ox.RdfFormat.RDF_XML,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
}
_SAMPLE = 4096
_DECLARED = b" <%s> <%s> .\n" % (RDF.type.encode(), OWL.Ontology.encode())
# As subject and as object, labelled as the engine does it: within a literal, neither stands at the beginning or the end of a line.
_BLANK: re.Pattern[bytes] = re.compile(rb"_:(?:(?<=\n_:)\S+(?= )|(?<= _:)[A-Za-z0-9]+(?= \.\n))")


def read(path: Path, base: str, report: Report) -> tuple[Header, Iterator[bytes]]:
    """Read an ontology file: what it says about itself, and its triples as chunks of N-Triples, lazily.

    Blank nodes get IRIs below *base*, numbered as they come in the file. Nothing that it imports (``owl:imports``) is fetched. Raises SourceError with line and column if it cannot be parsed, or holds no
    ontology or more than one; what OBO has no words for in OWL is a finding of *report*.
    """
    data = _bytes(path)
    sha256 = hashlib.sha256(data).hexdigest()
    is_obo = path.suffix.lower() == ".obo" or data[:_SAMPLE].lstrip().startswith(b"format-version:")
    ntriples = _obo(data, path.name, report) if is_obo else _rdf(data, path)
    ntriples = b"\n" + ntriples  # so that each line follows a line end
    ontology = _ontology(ntriples, path.name)
    found = header(ontology[1:-1].decode(), _said(ntriples, ontology), path.name, sha256)
    return found, pieces(_named(ntriples, f"{base}{SKOLEM_PATH}{digest(found.iri)}-b"))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _rdf(data: bytes, path: Path) -> bytes:
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        known = ", ".join(["obo", *(suffix[1:] for suffix in FORMATS)])
        raise SourceError(
            "is no ontology file that can be read", where=str(path), hint=f"endings: {known}"
        )
    if form == ox.RdfFormat.RDF_XML and b"<Ontology" in data[:_SAMPLE]:
        raise SourceError(
            "is OWL/XML",
            where=str(path),
            hint="save it as RDF/XML or Turtle, for example with ROBOT or Protégé",
        )
    if form == ox.RdfFormat.RDF_XML:
        refuse_entities(data[:PROLOG_BYTES], path.name)
    try:
        quads = ox.parse(data, format=form, base_iri=path.absolute().as_uri())
        return ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES) or b""
    except SyntaxError as error:
        where = f"{path.name}:{error.lineno or 1}:{error.offset or 1}"
        raise SourceError(f"is not {form}: {error.msg}", where=where) from error
    except ValueError as error:
        raise SourceError(f"cannot be parsed: {error}", where=path.name) from error


def _obo(data: bytes, name: str, report: Report) -> bytes:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SourceError("is not UTF-8", where=f"{name}:{line}:1") from error
    return ox.serialize(obo.triples(text, name, report), format=ox.RdfFormat.N_TRIPLES) or b""


def _ontology(ntriples: bytes, name: str) -> bytes:
    """Return the one ontology that a file declares, as it stands in N-Triples."""
    found: set[bytes] = set()
    end = ntriples.find(_DECLARED)
    while end >= 0:
        found.add(ntriples[ntriples.rfind(b"\n", 0, end) + 1 : end])
        end = ntriples.find(_DECLARED, end + 1)
    found = {subject for subject in found if subject.startswith(b"<") and b" " not in subject}
    if len(found) != 1:
        count = len(found) or "no"
        raise SourceError(
            f"declares {count} owl:Ontology", where=name, hint="one file is one ontology"
        )
    return found.pop()


def _said(ntriples: bytes, ontology: bytes) -> dict[str, list[str]]:
    """Return what is said of the ontology itself, by property, in the order of the file."""
    start, lines = b"\n%s " % ontology, []
    at = ntriples.find(start)
    while at >= 0:
        end = ntriples.index(b"\n", at + 1)
        lines.append(ntriples[at + 1 : end + 1])
        at = ntriples.find(start, end)
    found: dict[str, list[str]] = {}
    for quad in ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES, lenient=True):
        if isinstance(quad.object, (ox.NamedNode, ox.Literal)):
            found.setdefault(quad.predicate.value, []).append(quad.object.value)
    return found


def _named(ntriples: bytes, stem: str) -> bytes:
    """Return N-Triples with IRIs for blank nodes, numbered as they come."""
    names: dict[bytes, bytes] = {}

    def name(match: re.Match[bytes]) -> bytes:
        label: bytes = match[0]
        found = names.get(label)
        if found is None:
            found = names[label] = b"<%s%d>" % (stem.encode(), len(names) + 1)
        return found

    return _BLANK.sub(name, ntriples)
