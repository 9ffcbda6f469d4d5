"""What objects of FAIRtracks documents say, as triples: texts, terms, lists, and what the standard does not have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from fairgraph import identifiers
from fairgraph.curies import curie
from fairgraph.fairtracks import carriers
from fairgraph.fairtracks.model import (
    DOCUMENT,
    ID,
    LABEL,
    ORGANISM,
    REFERENCES,
    SAMPLE,
    SPECIES,
    TO_DOCUMENT,
    VERSIONS,
    Json,
    Kind,
    Leaves,
    escape,
    shape,
    unescape,
    unflatten,
)
from fairgraph.identifiers import ORCID
from fairgraph.importers.isa_graph import (
    CATEGORY,
    INDEX,
    PROPERTY_VALUE,
    TERM,
    TYPE,
    IsaGraph,
    Term,
)
from fairgraph.isa.notation import Number
from fairgraph.terms import FAIRTRACKS, SCHEMA, XSD, is_web_iri, literal, ncname

Category = Callable[[str], str]
TAXON = "http://purl.obolibrary.org/obo/NCBITaxon_"
SHA256 = re.compile(r"[0-9a-f]{64}")
DOCUMENT_CARRIER = f"{carriers.PREFIX}{DOCUMENT.name}"
_PLACE = re.compile(r"[0-9]{1,9}")
_TAXON = re.compile(r"taxonomy:([0-9]+)")
_PUBMED = re.compile(r"pubmed:([0-9]+)")
_PERSON = re.compile(r"([A-Z][a-z]\S*) ([A-Z][a-z]\S*)")
_EXTRA, _VALUE = f"<{FAIRTRACKS.extra}>", f"<{SCHEMA.value}>"
_FORMAT = f"<{SCHEMA.encodingFormat}>"


class ObjectWriter:
    """Writes what objects say about nodes that there are; types, edges and membership are written by who knows the document."""

    def __init__(self, graph: IsaGraph) -> None:
        self.graph = graph
        self._shapes: dict[tuple[Kind, tuple[Any, ...]], str] = {}
        self._people: dict[str, int] = {}
        self._tails: dict[tuple[str, str], str] = {}

    def write(
        self,
        kind: Kind,
        node: str,
        leaves: Leaves,
        category: Category | None = None,
        predicate: str = "",
    ) -> None:
        """Write what *leaves* say about *node*; *category* gives the node of what a term is about, *predicate* links it.

        What has no place in the core model is kept, one value a node.
        """
        write = self.graph.write
        rest = dict(leaves)
        for pointer, iri in kind.texts.items():
            value = rest.get(pointer)
            if value and value.__class__ is str:
                is_iri = pointer == "@schema" and is_web_iri(value)
                write(f"{node} <{iri}> {f'<{value}>' if is_iri else literal(value)} .\n")
                del rest[pointer]
            elif value.__class__ is bool and pointer.endswith("has_augmented_metadata"):
                self.graph.scalar(node, f"<{iri}>", value)
                del rest[pointer]
        if kind.terms and category is not None:
            self._terms(kind, node, rest, category, predicate)
        elif "file_format/term_id" in rest and (term := self._taken(rest, "file_format")):
            write(f"{node} {_FORMAT} {self.graph.term(term)} .\n")
        for pointer, iri in kind.lists.items():
            self._list(node, pointer, iri, rest)
        self._people_of(node, rest)
        if rest:
            for n, (pointer, value) in enumerate(rest.items()):
                self._extra(node, n, pointer, value)

    def layout(self, kind: Kind, node: str, value: Json, leaves: Leaves) -> None:
        """State the order of the keys of an object, where it is not that of the standard."""
        form = shape(value)
        known = self._shapes.get((kind, form))
        if known is None:
            known = self._shapes[kind, form] = self._layout(kind, value, leaves)
        if known:
            self.graph.add(node, f"<{FAIRTRACKS.layout}>", known)

    def _layout(self, kind: Kind, value: Json, leaves: Leaves) -> str:
        # Versions that are none come behind the others: they are values like any other.
        ordered = sorted(leaves, key=lambda p: (kind.place(p), not is_version(p, leaves[p])))
        if shape(unflatten((pointer, leaves[pointer]) for pointer in ordered)) == shape(value):
            return ""
        graph = self.graph
        node = graph.mint(graph.dataset, "layout", kind.name)
        graph.types(node, f"<{FAIRTRACKS.Layout}>")
        for n, pointer in enumerate(leaves):
            key = graph.mint(node[1:-1], "key", f"k{n + 1}")
            graph.add(node, f"<{FAIRTRACKS.key}>", key)
            graph.types(key, f"<{FAIRTRACKS.Key}>")
            graph.add(key, f"<{SCHEMA.name}>", literal(pointer))
            graph.index(key, n)
        return node

    # -- terms -------------------------------------------------------------------------------------------------------

    def _terms(
        self, kind: Kind, node: str, rest: Leaves, category: Category, predicate: str
    ) -> None:
        for pointer, name in kind.terms.items():
            if (pointer + "/term_id" in rest) and (term := self._taken(rest, pointer)):
                self._annotation(node, name, term, category, predicate)
        if kind is SAMPLE and (species := self._taken(rest, "", SPECIES)):
            match = _TAXON.fullmatch(species.accession)
            if match is not None:
                species = Term(species.name, TAXON + match[1], "NCBITaxon")
            self._annotation(node, ORGANISM, species, category, predicate)

    def _annotation(
        self, node: str, name: str, term: Term, category: Category, predicate: str
    ) -> None:
        about = category(name)
        segment = about[1:-1].rsplit("/", 2)[1]
        mine = f"{node[:-1]}/{'parameter-value' if segment == 'parameter' else segment}/{_ncname(name)}>"
        self.graph.write(
            f"{node} {predicate} {mine} .\n{mine} {TYPE} {PROPERTY_VALUE} .\n"
            f"{mine} {CATEGORY} {about} .\n{mine} {TERM} {self.graph.term(term)} .\n"
        )

    def _taken(self, rest: Leaves, pointer: str, names: tuple[str, str] = (ID, LABEL)) -> Term:
        """Take a term out of the leaves; an empty one if it has no IRI, or none that is a text."""
        above = f"{pointer}/" if pointer else ""
        iri, label = rest.get(above + names[0]), rest.get(above + names[1])
        if not iri or iri.__class__ is not str:
            return Term()
        del rest[above + names[0]]
        if label and label.__class__ is str:
            del rest[above + names[1]]
        else:
            label = ""
        return Term(label, iri, source_of(iri))

    # -- lists, people, other values ---------------------------------------------------------------------------------

    def _list(self, node: str, pointer: str, predicate: str, rest: Leaves) -> None:
        values = rest.get(pointer)
        if not values or not isinstance(values, list):
            return
        if not all(value and value.__class__ is str for value in values):
            return
        del rest[pointer]
        for n, value in enumerate(values):
            member = f"{node[:-1]}/{pointer}/n{n + 1}>"
            self.graph.write(
                f"{node} <{predicate}> {member} .\n{member} {TYPE} <{FAIRTRACKS.Reference}> .\n"
                f"{member} <{SCHEMA.identifier}> {literal(value)} .\n"
                f'{member} {INDEX} "{n}"^^<{XSD.integer}> .\n'
            )

    def _people_of(self, node: str, rest: Leaves) -> None:
        for above in ("contact/", "collection_info/contact/"):
            name = rest.get(f"{above}name")
            if not name or name.__class__ is not str:
                continue
            graph = self.graph
            person = graph.mint(node[1:-1], "person", "p1")
            graph.add(node, f"<{SCHEMA.creator}>", person)
            graph.types(person, f"<{SCHEMA.Person}>", "<http://www.w3.org/ns/prov#Agent>")
            graph.index(person, 0)
            match = _PERSON.fullmatch(rest.pop(f"{above}name"))
            graph.text(person, SCHEMA.givenName, match[1] if match else "")
            graph.text(person, SCHEMA.familyName, match[2] if match else name)
            mail, orcid = rest.get(f"{above}e-mail"), rest.get(f"{above}orcid")
            if mail and mail.__class__ is str:
                graph.text(person, SCHEMA.email, rest.pop(f"{above}e-mail"))
            known = identifiers.orcid(orcid) if isinstance(orcid, str) else None
            if known and orcid == f"orcid:{known}":
                del rest[f"{above}orcid"]
                graph.add(person, f"<{SCHEMA.sameAs}>", f"<{ORCID}{known}>")

    def _extra(self, owner: str, n: int, pointer: str, value: Any) -> None:
        node = self.graph.mint(owner[1:-1], "json", pointer or f"n{n + 1}")
        self.graph.add(owner, _EXTRA, node)
        self.graph.types(node, f"<{FAIRTRACKS.Value}>")
        if pointer:
            self.graph.add(node, f"<{SCHEMA.name}>", literal(pointer))
        self.graph.index(node, n)
        members: list[tuple[str, Any]] | None = None
        json_type = "null"
        if isinstance(value, dict):
            json_type, members = "object", [(escape(key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            json_type, members = "array", [("", inner) for inner in value]
        elif value is not None:
            self.graph.scalar(node, _VALUE, value)
            return
        self.graph.add(node, f"<{FAIRTRACKS.json_type}>", literal(json_type))
        for m, (key, inner) in enumerate(members or ()):
            # An empty key is no pointer: objects tell their members apart by it, lists by their place.
            self._extra(node, m, key, inner)


def is_version(pointer: str, value: Any) -> bool:
    """Tell whether a value says which version of an ontology was used."""
    above, _, key = pointer.rpartition("/")
    return (
        above in VERSIONS and bool(value) and isinstance(value, str) and is_web_iri(unescape(key))
    )


def checksum(graph: IsaGraph, node: str, leaves: Leaves) -> None:
    """Take a SHA-256 out of the leaves: it is the name of the file in the store."""
    text = leaves.get("checksum/cs_hash")
    if leaves.get("checksum/cs_method") != "SHA-256" or not isinstance(text, str):
        return
    if SHA256.fullmatch(text):
        graph.text(node, SCHEMA.sha256, text)
        del leaves["checksum/cs_hash"], leaves["checksum/cs_method"]


def restore(graph: IsaGraph) -> None:
    """State what the comments of a dataset of ISA carry of the FAIRtracks document that it was made from.

    What says nothing of a document stays the comment that it is, with a finding.
    """
    objects = ObjectWriter(graph)
    for node, carried in graph.carried.items():
        orcid = carried.get(carriers.ORCID, "")
        if is_web_iri(orcid):
            graph.add(node, f"<{SCHEMA.sameAs}>", f"<{carried.pop(carriers.ORCID)}>")
        if kinds := [name for name in carried if name in carriers.OF_KINDS]:
            _restore_object(objects, node, kinds[0], carried)
        else:
            _comments(graph, node, carried, carried)
    graph.carried.clear()


def _restore_object(
    objects: ObjectWriter, node: str, carrier: str, carried: dict[str, str]
) -> None:
    graph, root = objects.graph, f"<{objects.graph.dataset}>"
    kind, place = carriers.OF_KINDS[carrier], carried[carrier]
    graph.types(node, f"<{kind.rdf_type}>")
    if kind is DOCUMENT or _PLACE.fullmatch(place):
        del carried[carrier]
        if kind is not DOCUMENT:
            graph.add(node, f"<{FAIRTRACKS.index}>", f'"{int(place)}"^^<{XSD.integer}>')
    if carried.get(carriers.SIGNED) == "true":
        del carried[carriers.SIGNED]
        graph.add(node, f"<{FAIRTRACKS.is_signed}>", f'"true"^^<{XSD.boolean}>')
    others = {name for name in carried if name in (carrier, carriers.SIGNED, carriers.ORCID)}
    said = {name: text for name, text in carried.items() if name not in others}
    found = carriers.read(said, kind, _number)
    leaves = found.leaves | found.links
    for pointer in REFERENCES[kind]:
        key = pointer.rpartition("/")[2]
        text = leaves.get(pointer)
        if pointer in found.links and key in TO_DOCUMENT:
            graph.add(node, f"<{FAIRTRACKS[key]}>", root)
        elif isinstance(text, str) and text:
            graph.add(node, f"<{FAIRTRACKS[key]}>", literal(text))
        else:
            continue
        del leaves[pointer]
    checksum(graph, node, leaves)
    objects.write(kind, node, leaves)
    for name in found.misread:
        message = f"the text of the comment {name!r} is not what its name says; kept as a text"
        graph.find("warning", "fairtracks-comment", message)
    _comments(graph, node, carried, [*others, *found.clashes])


def _comments(graph: IsaGraph, node: str, carried: dict[str, str], names: Iterable[str]) -> None:
    """Write comments that carry nothing as comments like any other, behind the others."""
    for n, name in enumerate(sorted(names)):
        graph.comment(node, name, carried[name], len(carried) + n)
        message = (
            f"the comment {name!r} has no place in a document of FAIRtracks; it stays a comment"
        )
        graph.find("warning", "fairtracks-comment", message)


def _number(text: str) -> int | Number:
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else Number(text)


def publication(graph: IsaGraph, study: str, leaves: Leaves) -> None:
    """Write the publication of a study, if it is a PubMed CURIE; anything else stays in *leaves*."""
    text = leaves.get("publication")
    if text.__class__ is str and (match := _PUBMED.fullmatch(text)):
        del leaves["publication"]
        node = graph.mint(study[1:-1], "publication", "p1")
        graph.add(study, f"<{SCHEMA.citation}>", node)
        graph.types(node, f"<{SCHEMA.ScholarlyArticle}>")
        graph.index(node, 0)
        graph.text(node, "https://w3id.org/fairgraph/isa#pubMedID", match[1])


@lru_cache(maxsize=1 << 12)
def source_of(iri: str) -> str:
    """Return the name of the ontology that a term is from, by its IRI; ``""`` if nothing tells."""
    found = curie(iri)
    if found:
        return found.partition(":")[0]
    return iri.split("/")[2] if is_web_iri(iri) else ""


@lru_cache(maxsize=256)
def _ncname(name: str) -> str:
    return ncname(name)
