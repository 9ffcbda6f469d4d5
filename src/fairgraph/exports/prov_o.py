"""PROV-O as JSON-LD: the activities, entities, agents and plans of a dataset, or the lineage of one of its samples.

What a dataset says in the words of PROV-O is exported as it is; what it says in those of the core model is added in those of PROV-O
(``queries/export/prov-o``): protocols as plans of associations, parameter values as attributes, studies as collections.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from pyoxigraph import Literal, NamedNode

from fairgraph.errors import NotFound, UsageError
from fairgraph.exports.export import Answers, Export, Term
from fairgraph.exports.linked_json import read_context, write_nodes
from fairgraph.resources import ONTOLOGIES
from fairgraph.sorting import sorted_lines
from fairgraph.terms import XSD, is_absolute_iri

CONTEXT = ONTOLOGIES / "contexts" / "prov-o.jsonld"
_EITHER = (
    "kinds",
    "labels",
    "people",
    "relations",
    "statements",
    "associations",
    "times",
    "terms",
    "details",
    "collections",
    "members",
    "roles",
    "history",
)
# What is asked by hash joins over the whole dataset is asked in another way of a few things.
GRAPH = ("classes", "names", "parameters", *_EITHER)
LINEAGE = ("lineage-things", "lineage-parameters", *_EITHER)
DIRECTIONS = {"up": ("upstream",), "down": ("downstream",), "both": ("upstream", "downstream")}
OPTIONS = {
    "sample": "the lineage of one sample only (or of any other entity): its number or IRI",
    "direction": "of a lineage: up (what it came from, the default), down (what came from it), both",
}
_MEMORY_BYTES = 64 * 1024 * 1024
# So many things are named in one query.
_BATCH = 1_000


def write(answers: Answers, output: BinaryIO) -> None:
    """Write PROV-O (W3C 2013) as JSON-LD 1.1: one ``@graph``, one node an IRI, an inline context.

    Raises NotFound for an unknown sample, UsageError for an unknown direction or a direction without a sample.
    """
    with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES) as file:
        write_statements(answers, file)  # type: ignore[arg-type]
        file.seek(0)
        write_nodes(sorted_lines(file), read_context(CONTEXT), output)


def write_content(answers: Answers, output: BinaryIO) -> None:
    """Write what a dataset says in PROV-O without what the store knows of its history: the same in every store."""
    with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES) as file:
        write_statements(answers, file, without=("history",))  # type: ignore[arg-type]
        file.seek(0)
        write_nodes(sorted_lines(file), read_context(CONTEXT), output)


def write_statements(answers: Answers, output: BinaryIO, without: tuple[str, ...] = ()) -> None:
    """Write the triples that the export consists of as N-Triples, in no order, some of them twice; raises as :func:`write`."""
    things = _lineage(answers)
    asked = [query for query in (GRAPH if things is None else LINEAGE) if query not in without]
    if things is None:
        answers.ntriples(output, *asked)
    for batch in _batches(things or ()):
        answers.ntriples(output, *asked, thing=batch)


def _lineage(answers: Answers) -> list[Term] | None:
    """Return what the export is limited to: the lineage of a sample and what belongs to it; None without a sample."""
    name, direction = (answers.options.get(key, "") for key in ("sample", "direction"))
    if not name:
        if direction:
            raise UsageError("a direction needs a sample", hint="--option sample=NUMBER")
        return None
    steps = DIRECTIONS.get(direction or "up")
    if steps is None:
        raise UsageError(
            f"there is no direction {direction!r}", hint=f"directions: {', '.join(DIRECTIONS)}"
        )
    start = _find(answers, name)
    reached: dict[Term, None] = {}
    for step in steps:
        reached |= _closure(answers, step, [start])
    return list(_closure(answers, "companions", reached))


def _find(answers: Answers, name: str) -> Term:
    if name.isdecimal():
        number = Literal(name, datatype=XSD.node("integer"))
        found = list(answers.rows("numbered", number=[number]))
    elif is_absolute_iri(name):
        found = list(answers.rows("entity", thing=[NamedNode(name)]))
    else:
        raise UsageError(f"{name!r} is neither the number nor the IRI of a sample")
    if not found:
        raise NotFound(
            f"there is no sample {name} in this dataset", hint="samples-csv lists numbers and IRIs"
        )
    thing: Term = found[0]["thing"]
    return thing


def _closure(answers: Answers, step: str, start: Iterable[Term]) -> dict[Term, None]:
    """Return *start* and all that *step* leads to, step by step: the time depends on what is found, not on the dataset."""
    known = dict.fromkeys(start)
    waiting = list(known)
    while waiting:
        found = [row["thing"] for batch in _batches(waiting) for row in answers.rows(step, start=batch)]  # fmt: skip
        waiting = [
            thing
            for thing in dict.fromkeys(found)
            if isinstance(thing, NamedNode) and thing not in known
        ]
        known |= dict.fromkeys(waiting)
    return known


def _batches(things: Iterable[Term]) -> Iterator[list[Term]]:
    listed = list(things)
    for start in range(0, len(listed), _BATCH):
        yield listed[start : start + _BATCH]


EXPORT = Export(
    "prov-o",
    "PROV-O (JSON-LD)",
    "export/prov-o",
    "application/ld+json",
    "jsonld",
    write,
    profile="http://www.w3.org/ns/prov#",
    group="Provenance",
    options=OPTIONS,
)
