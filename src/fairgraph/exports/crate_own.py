"""Crates and notebooks as they came: what the graph says, without what follows from it."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Triple

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
    things = Things(answers.dataset.value, _stated(answers))
    for kind in (ELN.metadataFile, ELN.signatureFile):
        for file in things.values(things.root, kind):
            things.remove(file.value)
        things.remove(things.root, kind)
    for thing in list(things):
        for added in _ADDED:
            things.remove(thing, RDF.type, NamedNode(added))
        if things.is_a(thing, SCHEMA.MediaObject, SCHEMA.Dataset):
            things.remove(thing, RDF.type, PROV.node("Entity"))
    return things


def _stated(answers: Answers) -> Iterator[Triple]:
    """Yield the statements that do not follow from others: a reader will compute those again."""
    names = sorted(path.stem for path in (resources.QUERIES / DERIVED).glob("*.rq"))
    derived = {triple for name in names for triple in answers.triples(f"{DERIVED}/{name}")}
    return (triple for triple in answers.triples(f"{FOLDER}/statements") if triple not in derived)
