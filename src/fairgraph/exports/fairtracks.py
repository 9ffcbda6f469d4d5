"""FAIRtracks documents out of the graph (FAIRtracks 1.0.2, and the form that it was in when it was read)."""

from __future__ import annotations

from collections import Counter
from typing import Any, BinaryIO, cast

from pyoxigraph import QuerySolutions

from fairgraph.exports.export import Answers, Export, is_on
from fairgraph.exports.fairtracks_augment import augmented
from fairgraph.exports.fairtracks_minimal import minimal
from fairgraph.exports.fairtracks_objects import Objects
from fairgraph.exports.isa_json_text import Encoder, Long
from fairgraph.exports.isa_view import read_view
from fairgraph.fairtracks.model import DOCUMENT, KINDS, SIGNATURES, Json, unflatten
from fairgraph.fairtracks.signature import signature
from fairgraph.terms import FAIRTRACKS

AUGMENT = "augment"


def write(answers: Answers, output: BinaryIO) -> None:
    """Write one document, an object of its lists a line, always the same bytes for the same graph."""
    found = document(answers)
    if is_on(answers.options, AUGMENT):
        found = augmented(answers, found)
    Encoder(output).write(Long(found))


class _Isa:
    """The same answers, to who asks the queries of ISA by their names."""

    def __init__(self, answers: Answers) -> None:
        self.dataset, self._answers = answers.dataset, answers

    def rows(self, query: str) -> QuerySolutions:
        """Run a SELECT of ``queries/export/isa``."""
        return self._answers.rows(f"export/isa/{query}")


def document(answers: Answers) -> Json:
    """Return the document that a dataset is."""
    view = read_view(cast(Answers, _Isa(answers)))
    objects = Objects(answers, view)
    root = view.root
    if not objects.is_document:
        return _with_signature(minimal(answers, view, objects), "doc_info")
    leaves, lost = objects.leaves(DOCUMENT, root), list[str]()
    for kind in KINDS:
        nodes = objects.members[kind.name]
        if nodes:
            items = [unflatten(objects.leaves(kind, node), lost) for node in nodes]
            leaves.append((kind.key, items))
    said = objects.said.get(root, {})
    signed = FAIRTRACKS.is_signed in said
    section = "document" if objects.is_unreleased(said) else "doc_info"
    if signed:
        key = f"{section}/{SIGNATURES[section][0]}"
        leaves = [*(pair for pair in leaves if pair[0] != key), (key, "")]
    found = unflatten(objects.ordered(DOCUMENT, root, leaves), lost)
    for pointer, count in Counter(lost).items():
        answers.note(f"left out {count} values at {pointer}: there is another one, or one above it")
    return _with_signature(found, section) if signed else found


def _with_signature(found: Json, section: str) -> Json:
    """Write the signature of a document into it, where it has its place."""
    about: Any = found[section]
    if isinstance(about, dict):
        about[SIGNATURES[section][0]] = signature(found)
    return found


EXPORT = Export(
    "fairtracks",
    "FAIRtracks",
    "export/fairtracks",
    "application/json",
    "json",
    write,
    profile="https://raw.githubusercontent.com/fairtracks/fairtracks_standard/v1/current/json/schema/fairtracks.schema.json",
    also=("export/isa",),
    carried=(
        "export/fairtracks/carried",
        "export/fairtracks/carried-layout",
        "export/fairtracks/carried-minimal",
    ),
    group="ISA",
    options={AUGMENT: "yes: labels out of the ontologies of the store, summaries, names of files"},
    ontologies=True,
)
