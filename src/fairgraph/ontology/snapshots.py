"""Which ontologies a store holds. Each version is a named graph called by its version IRI; one small graph lists them.

An ontology is never changed in place: another version is another graph, and a dataset can be checked against the one it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from fairgraph.errors import NotFound, UsageError
from fairgraph.ontology.header import Header
from fairgraph.store import Reader, Scope, Store, Writer
from fairgraph.terms import DCTERMS, FG, OWL, RDF, XSD

ONTOLOGIES = NamedNode("urn:fairgraph:ontologies")
INFERRED = "#inferred"

_LISTED = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX fg: <https://w3id.org/fairgraph/ns#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
SELECT ?graph ?ontology ?name ?title ?version ?source ?sha256 ?terms ?triples ?inferred {
  ?graph a owl:Ontology ; dcterms:isVersionOf ?ontology ; dcterms:identifier ?name ; dcterms:title ?title ;
    owl:versionInfo ?version ; dcterms:source ?source ; fg:sourceKey ?sha256 ; fg:terms ?terms ; fg:count ?triples .
  OPTIONAL { ?graph fg:inferred ?inferred }
}
ORDER BY ?name ?version ?graph
"""
_TERMS = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT (COUNT(DISTINCT ?term) AS ?count) {
  { ?term a owl:Class } UNION { ?term a skos:Concept }
  FILTER (!CONTAINS(STR(?term), "/.well-known/genid/"))
}
"""


@dataclass(frozen=True)
class Ontology:
    """One version of an ontology: its graph, what it is a version of, and how many terms and triples it has.

    ``name`` is what it is called in commands (``so``), ``sha256`` that of its file, ``inferred`` the number of subclass axioms that a
    reasoner added in the graph ``{iri}#inferred``; None if none was asked.
    """

    iri: str
    ontology: str
    name: str
    title: str
    version: str
    source: str
    sha256: str
    terms: int
    triples: int
    inferred: int | None = None

    @property
    def node(self) -> NamedNode:
        """The graph of this version."""
        return NamedNode(self.iri)

    @property
    def inferred_node(self) -> NamedNode:
        """The graph of what a reasoner inferred from it."""
        return NamedNode(self.iri + INFERRED)

    def as_dict(self) -> dict[str, Any]:
        """Return the ontology as a JSON object."""
        return asdict(self)


def listed(reader: Reader) -> list[Ontology]:
    """Return the ontologies of a store by name, then by version."""
    found = []
    for row in reader.select(_LISTED, Scope((ONTOLOGIES,))):
        iri, ontology, name, title, version, source, sha256, terms, triples, inferred = row
        found.append(
            Ontology(
                iri.value,
                ontology.value,
                name.value,
                title.value,
                version.value,
                source.value,
                sha256.value,
                int(terms.value),
                int(triples.value),
                int(inferred.value) if inferred is not None else None,
            )
        )
    return found


def graphs(reader: Reader) -> tuple[NamedNode, ...]:
    """Return the graphs of all ontologies, of what was inferred from them, and the list: everybody may see them."""
    found = listed(reader)
    inferred = (ontology.inferred_node for ontology in found if ontology.inferred is not None)
    return (*(ontology.node for ontology in found), *inferred, *([ONTOLOGIES] if found else []))


def find(reader: Reader, name: str) -> Ontology:
    """Return one ontology by version IRI, by name if there is one version of it, or by ``name@version``.

    Raises NotFound if there is none, UsageError if there are several.
    """
    every = listed(reader)
    found = [o for o in every if name in (o.iri, f"{o.name}@{o.version}")]
    found = found or [o for o in every if name in (o.name, o.ontology)]
    if not found:
        known = ", ".join(f"{o.name}@{o.version}" for o in every) or "none"
        raise NotFound(f"there is no ontology {name!r}", hint=f"loaded: {known}")
    if len(found) > 1:
        versions = ", ".join(f"{o.name}@{o.version}" for o in found)
        raise UsageError(f"there are several versions of {name}", hint=f"name one: {versions}")
    return found[0]


def put(store: Store, header: Header, lines: Iterator[bytes], inferred: bytes | None) -> Ontology:
    """Write one version of an ontology, in the place of what its graph held; all of it, or nothing."""
    if header.iri.startswith((store.base, "urn:fairgraph:")):
        # Below the base are datasets and their records: an ontology is seen by everybody, and they are not.
        raise UsageError(
            "an ontology cannot have a version IRI of this store",
            where=header.iri,
            hint="give it the owl:versionIRI under which it was published",
        )
    with store.write() as writer:
        known = {ontology.iri: ontology for ontology in listed(writer)}
        if header.iri in known:
            _forget(writer, known[header.iri])
        elif taken := {header.iri, header.iri + INFERRED} & {g.value for g in writer.graphs()}:
            raise UsageError("this graph is a dataset already", where=min(taken))
        node = NamedNode(header.iri)
        writer.load(node, lines, checked=True)
        terms = next(iter(writer.select(_TERMS, Scope((node,)))))["count"]
        ontology = Ontology(
            header.iri,
            header.ontology,
            header.name,
            header.title,
            header.version,
            header.source,
            header.sha256,
            int(terms.value),
            writer.size(node),
        )
        if inferred is not None:
            writer.load(ontology.inferred_node, inferred, checked=True)
            ontology = replace(ontology, inferred=writer.size(ontology.inferred_node))
        writer.insert(_triples(ontology), ONTOLOGIES)
        return ontology


def remove(store: Store, name: str) -> Ontology:
    """Take an ontology out of a store; NotFound if it is not there."""
    with store.write() as writer:
        found = find(writer, name)
        _forget(writer, found)
        return found


def _forget(writer: Writer, ontology: Ontology) -> None:
    writer.clear(ontology.node, ontology.inferred_node)
    writer.remove(list(_triples(ontology)), ONTOLOGIES)


def _triples(ontology: Ontology) -> Iterator[Triple]:
    node = ontology.node
    yield Triple(node, RDF.node("type"), OWL.node("Ontology"))
    yield Triple(node, DCTERMS.node("isVersionOf"), NamedNode(ontology.ontology))
    texts = {
        DCTERMS.identifier: ontology.name,
        DCTERMS.title: ontology.title,
        OWL.versionInfo: ontology.version,
        DCTERMS.source: ontology.source,
        FG.sourceKey: ontology.sha256,
    }
    for predicate, text in texts.items():
        yield Triple(node, NamedNode(predicate), Literal(text))
    numbers = {FG.terms: ontology.terms, FG.count: ontology.triples, FG.inferred: ontology.inferred}
    for predicate, number in numbers.items():
        if number is not None:
            value = Literal(str(number), datatype=XSD.node("integer"))
            yield Triple(node, NamedNode(predicate), value)
