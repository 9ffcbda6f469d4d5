"""Who may see what. Every read on behalf of a caller passes :func:`visible`; no other code makes a Scope for one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import NamedNode

from fairgraph import ontology
from fairgraph.catalogue.records import PUBLIC, Dataset, record_iri
from fairgraph.catalogue.system import OWNER, Entry, entries, may_know_of, may_see, may_see_revision
from fairgraph.store import DEFAULT, Graph, Reader, Scope

__all__ = [
    "OWNER",
    "PUBLIC",
    "Entry",
    "alone",
    "dataset_scope",
    "each_alone",
    "may_see",
    "may_see_revision",
    "removed",
    "visible",
]


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
