"""What terms are called: our ontology, and plain names for the terms of others that our data use."""

from __future__ import annotations

import re
from functools import cache

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from fairgraph import resources
from fairgraph.terms import BIOSCHEMAS, DCTERMS, ELN, FG, ISA, PREFIXES, PROV, RDF, SCHEMA, compact

RDFS_LABEL = PREFIXES["rdfs"] + "label"
SKOS_LABEL = PREFIXES["skos"] + "prefLabel"
ONTOLOGIES = (FG.iri.rstrip("#"), ISA.iri.rstrip("#"), ELN.iri.rstrip("#"))

# Where the name of the property as it stands says less than a plain word, from the subject to the object …
_FORWARD = {
    RDF.type: "type",
    SCHEMA.hasPart: "parts",
    SCHEMA.object: "inputs",
    SCHEMA.result: "outputs",
    SCHEMA.agent: "performed by",
    SCHEMA.endTime: "date",
    SCHEMA.creator: "people",
    SCHEMA.citation: "publications",
    SCHEMA.comment: "comments",
    SCHEMA.additionalProperty: "characteristics and factor values",
    SCHEMA.valueReference: "term",
    SCHEMA.unitCode: "unit",
    SCHEMA.sameAs: "same as",
    SCHEMA.termCode: "accession",
    SCHEMA.inDefinedTermSet: "ontology",
    SCHEMA.dateCreated: "submitted",
    SCHEMA.datePublished: "released",
    BIOSCHEMAS.executesLabProtocol: "protocol",
    BIOSCHEMAS.parameterValue: "parameter values",
    PROV.generatedAtTime: "made at",
    ISA.sample: "samples",
    ISA.source: "sources",
    ISA.process: "processes",
    ISA.dataFile: "data files",
    ISA.otherMaterial: "other materials",
    ISA.protocol: "protocols",
    ISA.factor: "factors",
    ISA.parameter: "parameters",
    ISA.component: "components",
    ISA.column: "columns",
    ISA.role: "roles",
    DCTERMS.identifier: "slug",
}
# … and read from the object to the subject.
_BACKWARD = {
    RDF.type: "things of this type",
    SCHEMA.hasPart: "is part of",
    SCHEMA.object: "is input of",
    SCHEMA.result: "is output of",
    SCHEMA.agent: "performed",
    SCHEMA.creator: "is named as a person of",
    SCHEMA.citation: "is a publication of",
    SCHEMA.comment: "is a comment on",
    SCHEMA.additionalProperty: "is an annotation of",
    SCHEMA.valueReference: "is the value of",
    SCHEMA.unitCode: "is the unit of",
    SCHEMA.inDefinedTermSet: "has the terms",
    BIOSCHEMAS.executesLabProtocol: "is executed by",
    BIOSCHEMAS.parameterValue: "is a parameter value of",
    FG.category: "is the category of",
    PROV.wasDerivedFrom: "is what these were derived from",
    PROV.wasGeneratedBy: "generated",
    PROV.used: "was used by",
    PROV.wasAssociatedWith: "was associated with",
    PROV.wasInformedBy: "informed",
    ISA.sample: "is a sample of",
    ISA.source: "is a source of",
    ISA.process: "is a process of",
    ISA.dataFile: "is a data file of",
    ISA.otherMaterial: "is a material of",
    ISA.protocol: "is a protocol of",
    ISA.factor: "is a factor of",
    ISA.parameter: "is a parameter of",
    ISA.column: "is a column of",
    ISA.role: "is a role of",
}
# Classes in the order in which they say what a thing is: its name, and the colour of its chip.
_CLASSES = {
    ISA.Investigation: ("Investigation", "study"),
    ISA.Study: ("Study", "study"),
    ISA.Assay: ("Assay", "study"),
    ISA.Source: ("Source", "material"),
    ISA.Sample: ("Sample", "material"),
    ISA.LabeledExtract: ("Labeled extract", "material"),
    ISA.Extract: ("Extract", "material"),
    BIOSCHEMAS.LabProcess: ("Process", "process"),
    FG.AnalysisRun: ("Run", "process"),
    BIOSCHEMAS.ComputationalWorkflow: ("Workflow", "plan"),
    BIOSCHEMAS.LabProtocol: ("Protocol", "plan"),
    SCHEMA.MediaObject: ("Data file", "data"),
    SCHEMA.Person: ("Person", "agent"),
    SCHEMA.ScholarlyArticle: ("Publication", "plan"),
    SCHEMA.PropertyValue: ("Annotation", "note"),
    SCHEMA.Comment: ("Comment", "note"),
    SCHEMA.DefinedTermSet: ("Ontology", "term"),
    SCHEMA.DefinedTerm: ("Term", "term"),
    ISA.Factor: ("Factor", "plan"),
    ISA.Parameter: ("Parameter", "plan"),
    ISA.Component: ("Component", "plan"),
    ISA.CharacteristicCategory: ("Characteristic", "note"),
    ISA.Column: ("Column", "note"),
    FG.Finding: ("Finding", "note"),
    FG.Revision: ("Revision", "note"),
    PREFIXES["owl"] + "Class": ("Class", "term"),
    PREFIXES["owl"] + "ObjectProperty": ("Property", "term"),
    PREFIXES["owl"] + "DatatypeProperty": ("Property", "term"),
    PREFIXES["owl"] + "AnnotationProperty": ("Property", "term"),
    PREFIXES["owl"] + "Ontology": ("Vocabulary", "term"),
    BIOSCHEMAS.Sample: ("Material", "material"),
    SCHEMA.Dataset: ("Dataset", "study"),
    PREFIXES["dcat"] + "Dataset": ("Dataset", "study"),
    PROV.Agent: ("Agent", "agent"),
    PROV.Activity: ("Activity", "process"),
    PROV.Plan: ("Plan", "plan"),
    PROV.Entity: ("Entity", "note"),
}
# Implied by the classes above: shown as types of a thing only where it has no other.
GENERAL = frozenset(list(_CLASSES)[-9:])
# Computed from other statements after every write (fg:sourceOf), and where something stood in its source.
COMPUTED = frozenset(
    PROV[name]
    for name in (
        "used",
        "wasGeneratedBy",
        "wasDerivedFrom",
        "wasAssociatedWith",
        "wasInformedBy",
        "wasInfluencedBy",
    )
)
PLACES = frozenset(
    [FG[name] for name in ("index", "line", "column", "rawText")]
    + [ISA[name] for name in ("column", "header", "jsonId", "jsonType", "jsonContext")]
)


@cache
def statements() -> dict[str, list[Triple]]:
    """Return our ontology by subject: what is known of the terms without asking the store."""
    found: dict[str, list[Triple]] = {}
    path = resources.ONTOLOGIES / "fairgraph.ttl"
    for quad in parse(resources.text(path), format=RdfFormat.TURTLE):
        if isinstance(quad.subject, NamedNode):
            found.setdefault(quad.subject.value, []).append(quad.triple)
    return found


def about(iri: str) -> list[Triple]:
    """Return what our ontology says about a term; nothing if it is not one of ours."""
    return statements().get(iri, [])


@cache
def properties() -> list[str]:
    """Return the properties that our ontology defines or speaks of, in order."""
    kinds = {PREFIXES["owl"] + name for name in ("ObjectProperty", "DatatypeProperty")}
    kinds.add(RDF.Property)
    return sorted(
        iri
        for iri, triples in statements().items()
        if any(
            t.predicate.value == RDF.type and getattr(t.object, "value", "") in kinds
            for t in triples
        )
    )


def referring(iri: str) -> list[Triple]:
    """Return the statements of our ontology that lead to *iri*."""
    node = NamedNode(iri)
    return [
        triple for triples in statements().values() for triple in triples if triple.object == node
    ]


def using(iri: str) -> list[Triple]:
    """Return the statements of our ontology that have *iri* as their property."""
    found = (triple for triples in statements().values() for triple in triples)
    return [triple for triple in found if triple.predicate.value == iri]


def comment(iri: str) -> str:
    """Return what our ontology explains about a term, or ``""``."""
    wanted = PREFIXES["rdfs"] + "comment"
    return next((t.object.value for t in about(iri) if t.predicate.value == wanted), "")  # type: ignore[union-attr]


@cache
def label(iri: str) -> str:
    """Return a name for a property or class: from our ontology, else the end of its IRI in words.

    >>> label("http://schema.org/sameAs"), label("http://www.w3.org/ns/prov#wasGeneratedBy")
    ('same as', 'was generated by')
    """
    if iri in _FORWARD:
        return _FORWARD[iri]
    for triple in about(iri):
        if triple.predicate.value == RDFS_LABEL:
            return str(triple.object.value)  # type: ignore[union-attr]
    end = re.split(r"[/#:]", iri.rstrip("/#"))[-1] or iri
    if "_" in end or not end.isascii():
        return compact(iri)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", end).lower() if not end.isupper() else end


def inverse(iri: str) -> str:
    """Return how a property reads from its object."""
    return _BACKWARD.get(iri) or f"is the {label(iri)} of"


def kind(iri: str) -> tuple[str, str]:
    """Return the name of a class and the colour of its chip."""
    known = _CLASSES.get(iri)
    return known or (label(iri).capitalize(), "note")


def ranked(types: list[str]) -> list[str]:
    """Return types, what says most first; the general ones only where there is no other."""
    order = {iri: n for n, iri in enumerate(_CLASSES)}
    special = [iri for iri in types if iri not in GENERAL] or types
    return sorted(set(special), key=lambda iri: (order.get(iri, len(order)), iri))
