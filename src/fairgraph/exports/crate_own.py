"""Crates and notebooks as they came: what the graph says, without what follows from it."""

from __future__ import annotations

from pyoxigraph import NamedNode

from fairgraph import resources
from fairgraph.exports.crate_things import Things
from fairgraph.exports.export import Answers
from fairgraph.terms import ELN, PROV, RDF, SCHEMA, own_rows

FOLDER = "export/ro-crate"
DERIVED = "derive"
# Classes that the reader of crates adds to those that a document gives.
_ADDED = (ELN.Notebook, ELN.Crate, ELN.Entry)


def is_crate(answers: Answers) -> bool:
    """Tell whether a dataset came as a crate or notebook."""
    return any(True for _ in answers.rows(f"{FOLDER}/roots"))


def recorded(answers: Answers) -> tuple[str, str]:
    """Return the short name of the dataset, which it keeps wherever it is, and the day on which it came into the store."""
    for row in own_rows(answers.rows(f"{FOLDER}/record"), answers.base):
        if row["dataset"] == answers.dataset:
            return row["slug"].value, row["created"].value[:10]
    return "", ""


def own_things(answers: Answers) -> Things:
    """Return what a crate or notebook says, in its own words."""
    things = Things(answers.dataset.value, answers.triples(f"{FOLDER}/statements"))
    _remove_derived(things, answers)
    for kind in (ELN.metadataFile, ELN.signatureFile):
        for file in things.values(things.root, kind):
            things.remove(file.value)
        things.remove(things.root, kind)
    for thing in things:
        for added in _ADDED:
            things.remove(thing, RDF.type, NamedNode(added))
        if things.is_a(thing, SCHEMA.MediaObject, SCHEMA.Dataset):
            things.remove(thing, RDF.type, PROV.node("Entity"))
    return things


def _remove_derived(things: Things, answers: Answers) -> None:
    """Remove what follows from other statements: a reader will compute it again. What stands in a list was said."""
    for path in sorted((resources.QUERIES / DERIVED).glob("*.rq")):
        for subject, predicate, value in answers.triples(f"{DERIVED}/{path.stem}"):
            thing, name = str(subject)[1:-1], predicate.value
            if not any(item.value == value for item in things.listed(thing, name)):
                things.remove(thing, name, value)
    for thing in things:
        # A name that nobody took apart: derived only where there is no family name yet.
        if things.is_a(thing, SCHEMA.Person) and not things.values(thing, SCHEMA.givenName):
            for name in things.values(thing, SCHEMA.name):
                things.remove(thing, SCHEMA.familyName, name)
