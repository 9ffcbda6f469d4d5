"""Datasets that did not come as crates, as notebooks: studies, assays, protocols and materials are entries."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from fairgraph.exports.crate_isa import isa_things
from fairgraph.exports.crate_things import Things
from fairgraph.exports.description import Description
from fairgraph.exports.export import Answers
from fairgraph.terms import BIOSCHEMAS, RDF, SCHEMA

_PARAMETER_VALUE = "https://bioschemas.org/properties/parameterValue"
_EXECUTES = "https://bioschemas.org/properties/executesLabProtocol"
_GENRES = {"Study": "study", "Assay": "assay", "Source": "source", "Sample": "sample", "Extract": "extract", "Labeled Extract": "labeled extract"}  # fmt: skip
_PLAIN_TEXT = "text/plain"


def notebook_things(answers: Answers, about: Description | None) -> Things:
    """Return a dataset as a notebook says it."""
    things = isa_things(answers, about)
    for triple in answers.triples("lineage"):
        subject, value = triple.subject, triple.object
        if isinstance(subject, NamedNode) and subject.value in things and isinstance(value, NamedNode):  # fmt: skip
            things.add(subject, triple.predicate, value)
    for thing in things:
        if things.is_a(thing, SCHEMA.PropertyValue):
            _value(things, thing)
    for thing in things:
        if things.is_a(thing, BIOSCHEMAS.Sample):
            _material(things, thing)
        elif things.is_a(thing, BIOSCHEMAS.LabProtocol):
            _entry(things, thing, "protocol", things.text(thing, SCHEMA.description))
        elif things.is_a(thing, BIOSCHEMAS.LabProcess):
            _action(things, thing)
        elif things.is_a(thing, SCHEMA.Dataset) and thing != things.root:
            _entry(things, thing, _genre(things, thing), things.text(thing, SCHEMA.description))
            _moved(things, thing, SCHEMA.about, SCHEMA.mentions)
    _authors(things)
    return things


def _entry(things: Things, thing: str, genre: str, text: str) -> None:
    node = NamedNode(thing)
    things.add(node, RDF.node("type"), SCHEMA.node("Dataset"))
    if genre:
        things.add(node, SCHEMA.node("genre"), Literal(genre))
    if text and not things.values(thing, SCHEMA.text):
        things.add(node, SCHEMA.node("text"), Literal(text))
        things.add(node, SCHEMA.node("encodingFormat"), Literal(_PLAIN_TEXT))


def _genre(things: Things, thing: str) -> str:
    kinds = sorted(value.value for value in things.values(thing, SCHEMA.additionalType))
    return next((_GENRES[kind] for kind in kinds if kind in _GENRES), "")


def _material(things: Things, thing: str) -> None:
    """A material is an entry whose variables are its characteristics and factor values."""
    _moved(things, thing, SCHEMA.additionalProperty, SCHEMA.variableMeasured)
    lines = [_line(things, value.value) for value in things.values(thing, SCHEMA.variableMeasured)]
    _entry(things, thing, _genre(things, thing), "\n".join(sorted(filter(None, lines))))


def _line(things: Things, value: str) -> str:
    text = things.text(value, SCHEMA.value)
    unit = things.text(value, SCHEMA.unitText)
    return f"{things.text(value, SCHEMA.name)}: {text} {unit}".rstrip() if text else ""


def _value(things: Things, thing: str) -> None:
    """A value is about what its name says, and means the term that its identifier is."""
    terms = sorted(v.value for v in things.values(thing, SCHEMA.propertyID) if isinstance(v, NamedNode))  # fmt: skip
    things.remove(thing, SCHEMA.propertyID)
    node = NamedNode(thing)
    things.add(node, SCHEMA.node("propertyID"), Literal(things.text(thing, SCHEMA.name)))
    if terms:
        things.remove(thing, SCHEMA.identifier)
        things.add(node, SCHEMA.node("identifier"), Literal(terms[0]))


def _action(things: Things, thing: str) -> None:
    """A process is an action: what it took and gave, by which protocol, with which parameter values."""
    things.add(NamedNode(thing), RDF.node("type"), SCHEMA.node("CreateAction"))
    _moved(things, thing, _EXECUTES, SCHEMA.instrument)
    _moved(things, thing, _PARAMETER_VALUE, SCHEMA.additionalProperty)


def _moved(things: Things, thing: str, before: str, after: str) -> None:
    for value in things.values(thing, before):
        things.add(NamedNode(thing), NamedNode(after), value)
    things.remove(thing, before)


def _authors(things: Things) -> None:
    """Who created an investigation or study is the author of the entry."""
    for thing in things:
        if things.is_a(thing, SCHEMA.Dataset):
            for creator in things.values(thing, SCHEMA.creator):
                things.add(NamedNode(thing), SCHEMA.node("author"), creator)
