"""The system graph: which datasets there are, and the next number of each kind. No query of a caller sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from fairgraph.catalogue.records import PUBLIC, SYSTEM, Dataset, Revision, read, record_iri
from fairgraph.errors import StoreError
from fairgraph.store import Reader, Scope, Writer
from fairgraph.terms import DCTERMS, FG, XSD

OWNER = "owner"

_NUMBER = FG.node("number")
_KEEPS = FG.node("keepsFile")
_IDENTIFIER = DCTERMS.node("identifier")
_INTEGER = XSD.node("integer")

_ENTRIES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX fg: <https://w3id.org/fairgraph/ns#>
SELECT ?iri ?slug ?number ?visibility ?removed {
  ?iri dcterms:identifier ?slug ; fg:number ?number ; fg:visibility ?visibility .
  OPTIONAL { ?iri fg:removed ?removed }
}
ORDER BY ?number
"""


@dataclass(frozen=True)
class Entry:
    """One dataset in the system graph: enough to find it and to know who may see it."""

    iri: str
    slug: str
    number: int
    visibility: str
    removed: str  # when it was removed, "" if it was not

    @property
    def public(self) -> bool:
        """True if its triples and its record are in the union."""
        return self.visibility == PUBLIC and not self.removed

    @property
    def node(self) -> NamedNode:
        """The dataset and its graph."""
        return NamedNode(self.iri)


def may_see(entry: Entry | Dataset, caller: str = PUBLIC) -> bool:
    """Tell whether *caller* may see a dataset at all. What is not to be seen is answered as if it were not there."""
    return caller == OWNER or entry.public


def may_see_revision(revision: Revision, caller: str = PUBLIC) -> bool:
    """Tell whether *caller* may see what a dataset was in one of its revisions: not what was changed before it became public."""
    return caller == OWNER or revision.was_public


def may_know_of(entry: Entry, caller: str = PUBLIC) -> bool:
    """Tell whether *caller* may know that a dataset was there and was removed: it was public then, or they own it."""
    return bool(entry.removed) and (caller == OWNER or entry.visibility == PUBLIC)


def entries(reader: Reader) -> list[Entry]:
    """Return all datasets, removed ones too, by number."""
    return [
        Entry(
            row["iri"].value,
            row["slug"].value,
            int(row["number"].value),
            row["visibility"].value,
            row["removed"].value if row["removed"] is not None else "",
        )
        for row in reader.select(_ENTRIES, Scope((SYSTEM,)))
    ]


def read_entry(reader: Reader, base: str, entry: Entry) -> Dataset:
    """Return the record of a dataset in the system graph."""
    dataset = read(reader, record_iri(base, entry.slug))
    if dataset is None:
        raise StoreError(f"the record of {entry.slug} is missing", where=entry.iri)
    return dataset


def entry_triples(dataset: Dataset) -> Iterator[Triple]:
    """Yield what the system graph says about a dataset."""
    node = dataset.node
    yield Triple(node, _IDENTIFIER, Literal(dataset.slug))
    yield Triple(node, _NUMBER, Literal(str(dataset.number), datatype=_INTEGER))
    yield Triple(node, FG.node("visibility"), Literal(dataset.visibility))
    if dataset.removed:
        yield Triple(node, FG.node("removed"), Literal(dataset.removed))


def public_graphs(found: Iterable[Entry], base: str, but: str = "") -> frozenset[str]:
    """Return the graphs that make the union: public datasets and their records, without those of the dataset *but*."""
    graphs: set[str] = set()
    for entry in found:
        if entry.public and entry.iri != but:
            graphs |= {entry.iri, record_iri(base, entry.slug).value}
    return frozenset(graphs)


def next_number(reader: Reader, kind: str) -> int:
    """Return the number that the next thing of *kind* gets."""
    counter = _counter(kind)
    query = f"SELECT ?n {{ {counter} {_NUMBER} ?n }}"
    for row in reader.select(query, Scope((SYSTEM,))):
        return int(row["n"].value)
    return 1


def set_next_number(writer: Writer, kind: str, number: int) -> None:
    """Say which number the next thing of *kind* gets. It only ever grows: no number is given twice."""
    old = next_number(writer, kind)
    if number > old:
        counter = _counter(kind)
        writer.remove([_count(counter, old)], SYSTEM)
        writer.insert([_count(counter, number)], SYSTEM)


def _counter(kind: str) -> NamedNode:
    return NamedNode(f"{SYSTEM.value}:next:{kind}")


def _count(counter: NamedNode, number: int) -> Triple:
    return Triple(counter, _NUMBER, Literal(str(number), datatype=_INTEGER))


def kept_files(reader: Reader, datasets: Iterable[NamedNode]) -> set[str]:
    """Return the SHA-256 of the files that datasets brought into the store, in whatever revision."""
    found: set[str] = set()
    for dataset in datasets:
        query = f"SELECT ?sha256 {{ {dataset} {_KEEPS} ?sha256 }}"
        found |= {row["sha256"].value for row in reader.select(query, Scope((SYSTEM,)))}
    return found


def keepers(reader: Reader, sha256: str) -> set[str]:
    """Return the IRIs of the datasets that brought a file."""
    query = f"SELECT ?dataset {{ ?dataset {_KEEPS} {Literal(sha256)} }}"
    return {row["dataset"].value for row in reader.select(query, Scope((SYSTEM,)))}


def keep_files(writer: Writer, dataset: NamedNode, names: Iterable[str]) -> None:
    """Say that a dataset brought files."""
    writer.insert([Triple(dataset, _KEEPS, Literal(name)) for name in sorted(names)], SYSTEM)


def forget_files(writer: Writer, dataset: NamedNode) -> None:
    """Say no more that a dataset brought files."""
    names = sorted(kept_files(writer, [dataset]))
    writer.remove([Triple(dataset, _KEEPS, Literal(name)) for name in names], SYSTEM)
