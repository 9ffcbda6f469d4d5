"""Ontology files as N-Triples: RDF/XML, Turtle and N-Triples by the engine's parser, OBO by our own."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyoxigraph as ox

from fairgraph.errors import SourceError
from fairgraph.ontology import obo
from fairgraph.ontology.header import Header, header
from fairgraph.report import Report
from fairgraph.store.guard import PROLOG_BYTES, refuse_entities
from fairgraph.terms import OWL, RDF, SKOLEM_PATH, digest

FORMATS = {
    ".owl": ox.RdfFormat.RDF_XML,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
}
_BLOCK = 20_000
_SAMPLE = 4096


def read(path: Path, base: str, report: Report) -> tuple[Header, Iterator[bytes]]:
    """Read an ontology file: what it says about itself, and its triples as chunks of N-Triples, lazily.

    Blank nodes get IRIs below *base*, numbered as they come in the file. Nothing that it imports (``owl:imports``) is fetched. Raises SourceError with line and column if it cannot be parsed, or holds no
    ontology or more than one; what OBO has no words for in OWL is a finding of *report*.
    """
    data = _bytes(path)
    sha256 = hashlib.sha256(data).hexdigest()
    is_obo = path.suffix.lower() == ".obo" or data[:_SAMPLE].lstrip().startswith(b"format-version:")
    triples = list(_obo(data, path.name, report) if is_obo else _rdf(data, path))
    ontology = _ontology(triples, path.name)
    said: dict[str, list[str]] = {}
    for triple in triples:
        if triple.subject == ontology and isinstance(triple.object, (ox.NamedNode, ox.Literal)):
            said.setdefault(triple.predicate.value, []).append(triple.object.value)
    found = header(ontology.value, said, path.name, sha256)
    return found, _lines(triples, f"{base}{SKOLEM_PATH}{digest(found.iri)}-b")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _rdf(data: bytes, path: Path) -> Iterator[ox.Triple]:
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
    stream: BinaryIO = io.BytesIO(data)
    try:
        for quad in ox.parse(stream, format=form, base_iri=path.absolute().as_uri()):
            yield quad.triple
    except SyntaxError as error:
        where = f"{path.name}:{error.lineno or 1}:{error.offset or 1}"
        raise SourceError(f"is not {form}: {error.msg}", where=where) from error
    except ValueError as error:
        raise SourceError(f"cannot be parsed: {error}", where=path.name) from error


def _obo(data: bytes, name: str, report: Report) -> Iterator[ox.Triple]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SourceError("is not UTF-8", where=f"{name}:{line}:1") from error
    return obo.triples(text, name, report)


def _ontology(triples: list[ox.Triple], name: str) -> ox.NamedNode:
    kind, ontology = RDF.node("type"), OWL.node("Ontology")
    found = {
        triple.subject
        for triple in triples
        if triple.object == ontology
        and triple.predicate == kind
        and isinstance(triple.subject, ox.NamedNode)
    }
    if len(found) != 1:
        count = len(found) or "no"
        raise SourceError(
            f"declares {count} owl:Ontology", where=name, hint="one file is one ontology"
        )
    return found.pop()


def _lines(triples: list[ox.Triple], stem: str) -> Iterator[bytes]:
    names: dict[ox.BlankNode, ox.NamedNode] = {}

    def named(node: Any) -> Any:
        if not isinstance(node, ox.BlankNode):
            return node
        if node not in names:
            names[node] = ox.NamedNode(f"{stem}{len(names) + 1}")
        return names[node]

    blank = ox.BlankNode
    for start in range(0, len(triples), _BLOCK):
        block = [
            ox.Triple(named(t.subject), t.predicate, named(t.object))
            if isinstance(t.subject, blank) or isinstance(t.object, blank)
            else t
            for t in triples[start : start + _BLOCK]
        ]
        yield ox.serialize(block, format=ox.RdfFormat.N_TRIPLES) or b""
