"""What a published dataset has several values of, where a cell or a member has place for one: noted, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pyoxigraph import NamedNode

from fairgraph.exports.export import Answers
from fairgraph.exports.pennsieve_view import PublishedView
from fairgraph.terms import PENNSIEVE, RDF, SCHEMA, SH, compact

QUERIES = ("export/pennsieve/several", "export/pennsieve/several-cells")
_WRITERS = {PENNSIEVE.rawOf: "the written form of ", PENNSIEVE.displayOf: "the display text of "}


def single_columns(view: PublishedView) -> frozenset[str]:
    """Return the properties of records that one cell holds one value of, as ``several-cells`` has them."""
    lists = {
        node
        for shape in view.about
        if view.term(shape, SH.maxCount) is None
        for node in view.links(shape, SH.path)
    }
    kinds = (PENNSIEVE.Property, PENNSIEVE.Companion)
    return frozenset(
        node for node in view.about if node not in lists and any(view.is_a(node, k) for k in kinds)
    )


def note_several(view: PublishedView, answers: Answers, cells: Mapping[str, int]) -> None:
    """Note for each column and each member of which things have several values that the first is written.

    *cells* tells of how many records a column has several values; the members are asked for.
    """
    columns = _columns(view)
    counts: Counter[str] = Counter()
    for iri, count in cells.items():
        counts[columns.get(iri, compact(iri))] += count
    members = {
        (triple.subject.value, triple.predicate.value)
        for triple in answers.triples("several")
        if isinstance(triple.subject, NamedNode)
    }
    counts.update(
        f"{compact(predicate)} of {_kind(view, subject)}" for subject, predicate in members
    )
    for what in sorted(counts):
        places = "1 place" if counts[what] == 1 else f"{counts[what]} places"
        answers.note(f"several values of {what}, in {places}: the first is written")


def _columns(view: PublishedView) -> dict[str, str]:
    """Return what the properties of models are called, with their models."""
    found = {}
    for owner in view.about:
        if not view.is_a(owner, PENNSIEVE.Model):
            continue
        nodes = [view.link(shape, SH.path) for shape in view.links(owner, SH.property)]
        for node in (*nodes, *view.links(owner, PENNSIEVE.undeclaredProperty)):
            found[node] = f"{view.text(node, SCHEMA.name)} of {view.text(owner, SCHEMA.name)}"
    for node in view.about:
        for predicate, start in _WRITERS.items():
            if (column := view.link(node, predicate)) in found:
                found[node] = start + found[column]
    return found


def _kind(view: PublishedView, subject: str) -> str:
    """Return the class of a thing that is no record; rows of tables are not asked for by themselves."""
    kinds = {compact(term.value) for term in view.terms(subject, RDF.type)}
    for start in ("pennsieve:", "schema:", ""):
        for kind in sorted(kind for kind in kinds if kind.startswith(start)):
            return kind
    if subject in view.entries:
        return compact(PENNSIEVE.FileEntry)
    return compact(PENNSIEVE.Member) if subject in view.members else "a row"
