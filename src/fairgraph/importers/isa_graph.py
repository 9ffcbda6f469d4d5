"""The ISA abstract model as triples: the one mapping that ISA-Tab and ISA-JSON share.

Terms are written as N-Triples text (``<iri>`` or a quoted literal) because the bulk loader of the store reads that
fastest. ``docs/isa-mapping.md`` tells the mapping in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fairgraph import identifiers
from fairgraph.fairtracks.carriers import PREFIX as CARRIED
from fairgraph.identifiers import DOI, ORCID
from fairgraph.importers.rules import finding
from fairgraph.importers.spool import Spool
from fairgraph.literals import date_literal, number
from fairgraph.report import Report, Severity
from fairgraph.terms import (
    BIOSCHEMAS,
    FG,
    ISA,
    PROV,
    RDF,
    SCHEMA,
    SKOS,
    XSD,
    digest,
    is_web_iri,
    literal,
    ncname,
)

TYPE = f"<{RDF.type}>"
NAME = f"<{SCHEMA.name}>"
TEXT = f"<{SCHEMA.text}>"
VALUE = f"<{SCHEMA.value}>"
TERM = f"<{SCHEMA.valueReference}>"
UNIT = f"<{SCHEMA.unitCode}>"
CATEGORY = f"<{FG.category}>"
INDEX = f"<{FG.index}>"
LINE = f"<{FG.line}>"
COLUMN = f"<{FG.column}>"
RAW = f"<{FG.rawText}>"
COMMENT = f"<{SCHEMA.comment}>"
PROPERTY = f"<{SCHEMA.additionalProperty}>"
PARAMETER_VALUE = f"<{BIOSCHEMAS.parameterValue}>"
OBJECT = f"<{SCHEMA.object}>"
RESULT = f"<{SCHEMA.result}>"
USED = f"<{PROV.used}>"
GENERATED = f"<{PROV.wasGeneratedBy}>"
DERIVED = f"<{PROV.wasDerivedFrom}>"
NEXT = f"<{ISA.nextProcess}>"
INFORMED = f"<{PROV.wasInformedBy}>"
EXECUTES = f"<{BIOSCHEMAS.executesLabProtocol}>"

PROPERTY_VALUE = f"<{SCHEMA.PropertyValue}>"

NODE_TYPES = {
    "source": (f"<{ISA.Source}>", f"<{BIOSCHEMAS.Sample}>", f"<{PROV.Entity}>"),
    "sample": (f"<{ISA.Sample}>", f"<{BIOSCHEMAS.Sample}>", f"<{PROV.Entity}>"),
    "extract": (f"<{ISA.Extract}>", f"<{BIOSCHEMAS.Sample}>", f"<{PROV.Entity}>"),
    "labeled-extract": (f"<{ISA.LabeledExtract}>", f"<{BIOSCHEMAS.Sample}>", f"<{PROV.Entity}>"),
    "data": (f"<{SCHEMA.MediaObject}>", f"<{PROV.Entity}>"),
    "process": (f"<{BIOSCHEMAS.LabProcess}>", f"<{PROV.Activity}>"),
}
MEMBERSHIP = {
    "source": f"<{ISA.source}>",
    "sample": f"<{ISA.sample}>",
    "extract": f"<{ISA.otherMaterial}>",
    "labeled-extract": f"<{ISA.otherMaterial}>",
    "data": f"<{ISA.dataFile}>",
    "process": f"<{ISA.process}>",
}


@dataclass(frozen=True)
class Term:
    """An ontology annotation as it is written: text (or a JSON number), accession and source (ISA model, Ontology Annotation)."""

    name: str | int | Decimal = ""
    accession: str = ""
    source: str = ""
    comments: tuple[tuple[str, str], ...] = ()
    notation: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.name != "" or self.accession or self.source or self.comments)


@dataclass
class IsaGraph:
    """Writes one investigation as triples into a spool.

    ``dataset`` is the IRI of the investigation without brackets. All methods return IRIs with their brackets.
    """

    dataset: str
    spool: Spool
    report: Report
    minted: dict[str, None] = field(default_factory=dict)
    repeated: dict[str, int] = field(default_factory=dict)
    terms: dict[Term, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    studies: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    carries: bool = False  # comments carry what a document of FAIRtracks says
    carried: dict[str, dict[str, str]] = field(default_factory=dict)
    annotation_ids: bool = False  # the source gives its ontology annotations an @id each

    def __post_init__(self) -> None:
        self.write = self.spool.write

    # -- identity ------------------------------------------------------------------------------------------------

    def mint(self, scope: str, kind: str, name: str, key: object = None) -> str:
        """Return a new IRI ``{scope}/{kind}/{NCName of name}``, told apart by *key* from others that would be the same.

        *scope* is without brackets. The same names in the same order give the same IRIs.
        """
        stem = f"{scope}/{kind}/{ncname(name, kind[0])}"
        iri = f"<{stem}>"
        if iri in self.minted and key is not None:
            stem = f"{stem}-{digest(f'{name} {key}')}"
            iri = f"<{stem}>"
        while iri in self.minted:
            number = self.repeated[stem] = self.repeated.get(stem, 1) + 1
            iri = f"<{stem}-{number}>"
        self.minted[iri] = None
        return iri

    # -- statements ----------------------------------------------------------------------------------------------

    def add(self, subject: str, predicate: str, obj: str) -> None:
        """Write one triple, all three given as N-Triples text."""
        self.write(f"{subject} {predicate} {obj} .\n")

    def types(self, subject: str, *types: str) -> None:
        """Write the types of *subject*, given with brackets."""
        for rdf_type in types:
            self.write(f"{subject} {TYPE} {rdf_type} .\n")

    def text(self, subject: str, predicate: str, text: str | None) -> None:
        """Write a text, unless it is empty."""
        if text:
            self.write(f"{subject} <{predicate}> {literal(text)} .\n")

    def date(self, subject: str, predicate: str, text: str | None) -> None:
        """Write a date, typed if it is an ISO 8601 day."""
        if text:
            self.write(f"{subject} <{predicate}> {date_literal(text)} .\n")

    def index(self, subject: str, position: int) -> None:
        """Write the position of *subject* among its siblings, from 0."""
        self.write(f'{subject} {INDEX} "{position}"^^<{XSD.integer}> .\n')

    def find(
        self, severity: Severity, rule: str, message: str, *, code: str = "", where: str = ""
    ) -> None:
        """Add a finding to the report."""
        self.report.add(finding(severity, rule, message, code=code, where=where))

    def notation(self, subject: str, given: Mapping[str, str]) -> None:
        """Keep what a JSON notation says of its own object: ``@id``, ``@type``, ``@context``."""
        for key, value in given.items():
            self.write(f"{subject} <{ISA[NOTATION[key]]}> {literal(value)} .\n")

    # -- shared parts --------------------------------------------------------------------------------------------

    def ontology_source(self, name: str) -> str:
        """Return the node of the ontology source called *name*, declared or not."""
        if (known := self.sources.get(name)) is None:
            known = self.sources[name] = self.mint(self.dataset, "ontology", name)
            self.types(known, f"<{SCHEMA.DefinedTermSet}>")
            self.text(known, SCHEMA.name, name)
        return known

    def term(self, term: Term, *, anew: bool = False) -> str:
        """Return the node of an ontology term; with *anew*, one that is nobody else's.

        It is the accession itself where that is a web IRI; where the same accession is used with another text or source,
        the second use gets a node of its own that is ``skos:exactMatch`` to it, so that nothing is merged.
        """
        if (known := self.terms.get(term)) is not None and not anew:
            return known
        own_iri = f"<{term.accession}>" if is_web_iri(term.accession) else ""
        if own_iri and own_iri not in self.minted:
            node = own_iri
            self.minted[node] = None
        else:
            label = str(term.name) or term.accession or term.source
            node = self.mint(self.dataset, "term", label, (term.accession, term.source))
            if own_iri:
                self.add(node, f"<{SKOS.exactMatch}>", own_iri)
            elif term.accession:
                self.text(node, SCHEMA.termCode, term.accession)
        self.terms.setdefault(term, node)
        self.types(node, f"<{SCHEMA.DefinedTerm}>")
        if not isinstance(term.name, str):
            self.scalar(node, NAME, term.name)
        else:
            self.text(node, SCHEMA.name, term.name)
        if term.source:
            self.add(node, f"<{SCHEMA.inDefinedTermSet}>", self.ontology_source(term.source))
        self.notation(node, dict(term.notation))
        for n, (name, text) in enumerate(term.comments):
            self.comment(node, name, text, n)
        return node

    def term_property(self, subject: str, predicate: str, term: Term) -> None:
        """Write a property whose value is a term, unless the term is empty."""
        if term:
            self.add(subject, f"<{predicate}>", self.term(term))

    def scalar(self, subject: str, predicate: str, value: str | int | Decimal | bool) -> None:
        """Write a JSON scalar; its raw text goes beside it where the store would print it in another way."""
        if isinstance(value, str):
            self.write(f"{subject} {predicate} {literal(value)} .\n")
            return
        if isinstance(value, bool):
            self.write(f'{subject} {predicate} "{str(value).lower()}"^^<{XSD.boolean}> .\n')
            return
        raw = str(value)
        typed = number(raw)
        if typed is None:  # an integer that no 64-bit store can hold
            typed = f'"{raw}"^^<{XSD.integer}>', False
        self.write(f"{subject} {predicate} {typed[0]} .\n")
        if typed[1]:
            self.write(f"{subject} {RAW} {literal(raw)} .\n")

    def carry(self, owner: str, name: str, text: str, *, more: bool = False) -> bool:
        """Keep for later what a comment carries of a FAIRtracks document (``fairtracks.carriers``); False if it is a comment.

        *more* says that there is more to it than its text, such as a unit: then it stays a comment, with a finding.
        """
        if not self.carries or not name.startswith(CARRIED):
            return False
        if more:
            message = f"the comment {name!r} says more than its text; it stays a comment"
            self.find("warning", "fairtracks-comment", message)
            return False
        return self.carried.setdefault(owner, {}).setdefault(name, text) == text

    def comment(self, owner: str, name: str, text: str, position: int, **given: str) -> str:
        """Write one comment (ISA-Tab ``Comment[name]``) and return its node."""
        node = self.mint(owner[1:-1], "comment", name or str(position + 1))
        self.write(
            f"{owner} {COMMENT} {node} .\n{node} {TYPE} <{SCHEMA.Comment}> .\n"
            f"{node} {NAME} {literal(name)} .\n{node} {TEXT} {literal(text)} .\n"
        )
        self.index(node, position)
        for predicate, value in given.items():
            self.text(node, ISA[predicate], value)
        if "orcid" in name.lower() and (orcid := identifiers.orcid(text)):
            self.add(owner, f"<{SCHEMA.sameAs}>", f"<{ORCID}{orcid}>")
        return node

    def annotation(
        self,
        owner: str,
        predicate: str,
        kind: str,
        value: Term | str,
        position: int,
        term_node: str = "",
    ) -> str:
        """Write one member of an ordered list of annotations (roles, design descriptors, unit categories).

        *term_node* is the node of the term, if it is not the one that all uses of the term share.
        """
        name = str(value.name) if isinstance(value, Term) else value
        node = self.mint(owner[1:-1], kind, name or str(position + 1))
        self.add(owner, f"<{predicate}>", node)
        self.types(node, PROPERTY_VALUE)
        if isinstance(value, str):
            self.add(node, VALUE, literal(value))
        elif term_node or value or value.notation:  # else an empty cell among others
            self.add(node, TERM, term_node or self.term(value))
        self.index(node, position)
        return node

    def agent(self, name: str) -> str:
        """Return the node of whoever performed a process, known by name only."""
        if (known := self.agents.get(name)) is None:
            known = self.agents[name] = self.mint(self.dataset, "agent", name)
            self.types(known, f"<{PROV.Agent}>")
            self.text(known, SCHEMA.name, name)
        return known

    def doi(self, publication: str, text: str) -> None:
        """Keep a DOI as it was given and link the publication to its IRI where it is one."""
        self.text(publication, ISA.doi, text)
        if (known := identifiers.doi(text)) and is_web_iri(iri := f"{DOI}{known}"):
            self.add(publication, f"<{SCHEMA.sameAs}>", f"<{iri}>")

    def category(self, scope: str, kind: str, rdf_type: str, name: str) -> str:
        """Mint the node of something that annotations are about: a factor, a parameter, a characteristic category."""
        node = self.mint(scope[1:-1], kind, name)
        self.types(node, f"<{rdf_type}>")
        self.text(node, SCHEMA.name, name)
        return node


NOTATION: Mapping[str, str] = {"@id": "jsonId", "@type": "jsonType", "@context": "jsonContext"}


def says_nothing(value: Any) -> bool:
    """Tell whether a JSON value says nothing: null, an empty text, list or object."""
    return value is None or value == "" or value == [] or value == {}
