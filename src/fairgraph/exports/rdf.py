"""The triples of a dataset in RDF notations, sorted, so that one state always gives the same bytes."""

from __future__ import annotations

import io
import json
from typing import Any, BinaryIO

import pyoxigraph as ox

from fairgraph.errors import UsageError
from fairgraph.exports.export import Answers, Export
from fairgraph.resources import ONTOLOGIES, text
from fairgraph.sorting import sorted_lines
from fairgraph.terms import PREFIXES, RDF, XSD, compact

QUERY = "export/triples"
CONTEXT = ONTOLOGIES / "contexts" / "fairgraph.jsonld"


def write_nquads(answers: Answers, output: BinaryIO) -> None:
    """Write canonical N-Quads (RDF 1.1 N-Quads, sorted by code point): the graph name is the dataset."""
    graph = f" {answers.dataset} .\n".encode()
    for line in _lines(answers):
        output.write(line[:-3] + graph)


def write_turtle(answers: Answers, output: BinaryIO) -> None:
    """Write Turtle (RDF 1.1 Turtle), subjects and properties in order, with the prefixes of fairgraph."""
    triples = _parsed(answers)
    ox.serialize(triples, output, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)


def write_jsonld(answers: Answers, output: BinaryIO) -> None:
    """Write JSON-LD 1.1 as one flat ``@graph`` with an inline context; nothing has to be fetched to read it.

    Raises UsageError for a triple term (RDF 1.2), which JSON-LD has no words for.
    """
    output.write(b'{"@context":')
    output.write(json.dumps(json.loads(text(CONTEXT))["@context"], sort_keys=True).encode())
    output.write(f',"@id":{json.dumps(answers.dataset.value)},"@graph":['.encode())
    node: dict[str, Any] = {}
    first = True
    for triple in _parsed(answers):
        subject = _id(triple.subject)
        if node and node["@id"] != subject:
            output.write(_node(node, first))
            node, first = {}, False
        node.setdefault("@id", subject)
        if triple.predicate.value == RDF.type and isinstance(triple.object, ox.NamedNode):
            node.setdefault("@type", []).append(_id(triple.object))
        else:
            node.setdefault(compact(triple.predicate.value), []).append(_object(triple.object))
    if node:
        output.write(_node(node, first))
    output.write(b"\n]}\n")


def _lines(answers: Answers) -> Any:
    return sorted_lines(_line(triple) for triple in answers.triples("triples"))


def _line(triple: ox.Triple) -> bytes:
    if isinstance(
        triple.object, ox.Triple
    ):  # whose text has no brackets where it stands inside of another
        return ox.serialize([triple], format=ox.RdfFormat.N_TRIPLES) or b""
    return f"{triple.subject} {triple.predicate} {triple.object} .\n".encode()


def _parsed(answers: Answers) -> Any:
    for line in _lines(answers):
        yield from (
            quad.triple for quad in ox.parse(io.BytesIO(line), format=ox.RdfFormat.N_TRIPLES)
        )


def _node(node: dict[str, Any], first: bool) -> bytes:
    line = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    return (("\n" if first else ",\n") + line).encode()


def _id(term: Any) -> str:
    # A full IRI, never a CURIE: an IRI such as fg:x would be expanded by the context when it is read back.
    return str(term.value)


def _object(term: Any) -> Any:
    if isinstance(term, ox.NamedNode):
        return {"@id": term.value}
    if isinstance(term, ox.Triple):
        raise UsageError(
            "JSON-LD has no triple terms (RDF 1.2)",
            where=str(term),
            hint="turtle and nquads have them",
        )
    if term.direction:
        return {
            "@value": term.value,
            "@language": term.language,
            "@direction": str(term.direction),
        }
    if term.language:
        return {"@value": term.value, "@language": term.language}
    if term.datatype.value == XSD.string:
        return {"@value": term.value}
    return {"@value": term.value, "@type": term.datatype.value}


EXPORTS = (
    Export(
        "turtle",
        "Turtle",
        QUERY,
        "text/turtle",
        "ttl",
        write_turtle,
        group="Linked data",
        carried=(QUERY,),
    ),
    Export(
        "nquads",
        "N-Quads",
        QUERY,
        "application/n-quads",
        "nq",
        write_nquads,
        group="Linked data",
        carried=(QUERY,),
    ),
    Export(
        "jsonld",
        "JSON-LD",
        QUERY,
        "application/ld+json",
        "jsonld",
        write_jsonld,
        group="Linked data",
        carried=(QUERY,),
    ),
)
