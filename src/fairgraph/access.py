"""Who may see what. Every read on behalf of a caller passes :func:`visible`; no other code makes a Scope for one."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence

from pyoxigraph import NamedNode, QueryResultsFormat

from fairgraph import ontology
from fairgraph.catalogue.former import Former
from fairgraph.catalogue.former import find as find_former
from fairgraph.catalogue.records import PUBLIC, Dataset, record_iri
from fairgraph.catalogue.system import OWNER, Entry, entries, may_know_of, may_see, may_see_revision
from fairgraph.store import DEFAULT, Graph, Reader, Scope
from fairgraph.terms import FG

__all__ = [
    "OWNER",
    "PUBLIC",
    "Entry",
    "Former",
    "alone",
    "dataset_scope",
    "each_alone",
    "former",
    "may_see",
    "may_see_revision",
    "narrowed",
    "removed",
    "visible",
]

# Numbers of samples are many, and are given only where content changes, of which a record says more.
_RECORDED = f"SELECT ?g ?s ?p ?o {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?p != <{FG.number}>) }}"


def visible(reader: Reader, caller: str = PUBLIC, *, base: str) -> Scope:
    """Return the graphs that *caller* may see: ``"public"`` or ``"owner"``.

    The public sees the union of all public datasets and their records, and each of them as a named graph. The owner sees
    everything but the system graph, private datasets in the default graph as well. Ontologies are named graphs that everybody sees.
    """
    default: list[Graph] = [DEFAULT]
    named: list[NamedNode] = []
    for entry in entries(reader):
        if not may_see(entry, caller):
            continue
        graphs = [entry.node, record_iri(base, entry.slug)]
        if entry.removed:
            graphs = graphs[1:]
        named += graphs
        if not entry.public and not entry.removed:
            default += graphs
    named += ontology.graphs(reader)
    return Scope(tuple(default), tuple(named))


def removed(reader: Reader, caller: str, name: str | int) -> Entry | None:
    """Return the removed dataset with a number or IRI, if *caller* may know that it was there; None for all others."""
    return next(
        (
            entry
            for entry in entries(reader)
            if name in (entry.number, entry.iri) and may_know_of(entry, caller)
        ),
        None,
    )


def former(reader: Reader, caller: str, thing: str | int) -> list[tuple[Former, Entry]]:
    """Return the studies, samples and runs with an IRI or number that a dataset held and holds no more, if *caller* may know of them."""
    seen = {entry.iri: entry for entry in entries(reader) if may_see(entry, caller)}
    return [
        (found, seen[found.dataset])
        for found in find_former(reader, thing)
        if found.dataset in seen and (caller == OWNER or found.was_public)
    ]


class Seen:
    """What one caller may see, found once for each state of the store."""

    def __init__(self, caller: str, *, base: str) -> None:
        self._caller, self._base = caller, base
        self._known: tuple[str, Scope] | None = None

    def scope(self, reader: Reader) -> Scope:
        """Return the :func:`visible` scope of a reader."""
        known = self._known
        if known is None or known[0] != reader.version:
            scope = visible(reader, self._caller, base=self._base)
            known = self._known = reader.version, scope
        return known[1]


def edition(reader: Reader, caller: str = PUBLIC, *, base: str) -> str:
    """Return a name of what *caller* sees of this state: another one after each write to something that he sees, and after no other.

    Each such write changes a record, or the list of ontologies.
    """
    if caller == OWNER:
        return reader.version
    records = record_iri(base, "").value
    named = visible(reader, caller, base=base).named
    told = tuple(g for g in named if g.value.startswith(records) or g == ontology.ONTOLOGIES)
    rows = reader.select(_RECORDED, Scope((), told)).serialize(format=QueryResultsFormat.TSV) or b""
    return hashlib.sha256(b"\n".join(sorted(rows.splitlines()))).hexdigest()[:16]


def narrowed(scope: Scope, default: Collection[str], named: Collection[str]) -> Scope:
    """Return what is left of *scope* for who wants these graphs (SPARQL 1.1 Protocol §2.1.4): never more than it was."""
    first, second = (
        tuple(graph for graph in scope.named if graph.value in wanted)
        for wanted in (default, named)
    )
    return Scope(first, second)


def alone(dataset: Entry | Dataset, *, base: str) -> Scope:
    """Return the scope that is one dataset with its record: what others say of it is not in it."""
    return Scope((dataset.node,), (record_iri(base, dataset.slug),))


def each_alone(
    datasets: Sequence[Dataset], caller: str, reader: Reader, *, base: str
) -> Iterator[tuple[NamedNode, Scope]]:
    """Yield some datasets, or all that *caller* may see by number, each with its :func:`alone` scope."""
    seen = (e for e in entries(reader) if may_see(e, caller) and not e.removed)
    for dataset in datasets or seen:
        yield dataset.node, alone(dataset, base=base)


def dataset_scope(dataset: Dataset | NamedNode) -> Scope:
    """Return the scope of the queries that ask one dataset: its graph and nothing else."""
    return Scope((dataset if isinstance(dataset, NamedNode) else dataset.node,))
