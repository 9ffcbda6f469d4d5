"""Putting content into a dataset's graph, and everything that follows from it within the same write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from fairgraph.catalogue import derive, former, system, union
from fairgraph.catalogue.records import COUNTED, Dataset, record_iri, triples
from fairgraph.catalogue.records import SYSTEM as SYSTEM_GRAPH
from fairgraph.revisions import Canonical, canonical, compare, parsed, without_graph
from fairgraph.store import (
    DEFAULT,
    Graph,
    Reader,
    Scope,
    Store,
    Writer,
    loading_pays,
    pieces,
    skolemise_lines,
)
from fairgraph.terms import FG, SCHEMA

_NUMBERS = f"SELECT ?e ?n {{ ?e <{FG.number}> ?n }}"
_LINES = 50_000
_PLURALS = {"study": "studies", "sample": "samples", "run": "runs"}


@dataclass(frozen=True)
class Changed:
    """What a write did to the content of a dataset: whether it is different, and the hash of what it was."""

    different: bool
    before: str


def fill(
    writer: Writer,
    graphs: tuple[Graph, ...],
    chunks: Iterable[bytes],
    *,
    base: str,
    name: NamedNode,
    derived: bool,
    checked: bool = False,
) -> None:
    """Put the content of the dataset *name* into each of *graphs*; the first of them held nothing before."""
    for piece in pieces(skolemise_lines(chunks, base, str(name)), writer.piece_bytes):
        for n, graph in enumerate(graphs):
            writer.load(graph, piece, checked=checked or n > 0)
    if derived:
        with derive.derived_lines(writer, graphs[0]) as lines:
            for graph in graphs:
                lines.seek(0)
                writer.load(graph, lines, checked=True)


def replace(
    writer: Writer,
    store: Store,
    graph: NamedNode,
    chunks: Iterable[bytes],
    *,
    public: bool,
    derived: bool,
) -> Changed:
    """Replace the content of a graph; what it was is archived if it becomes something else.

    *public* says that the graph is in the union and stays there. The new content is first loaded beside the store, and only
    the difference is written: removing is many times as dear as loading (1 million triples: 32 s in one call).
    """
    with canonical(writer, graph) as old, store.scratch() as scratch:
        fill(scratch, (DEFAULT,), chunks, base=store.base, name=graph, derived=derived)
        with canonical(scratch, DEFAULT, graph) as new:
            if old.sha256 == new.sha256:
                return Changed(False, old.sha256)
            writer.remove(parsed(_removed(old, new)), graph)
            writer.load(graph, joined(without_graph(_added(old, new), graph)), checked=True)
            follow(writer, store, graph, old, new, public=public)
            return Changed(True, old.sha256)


def rederive(writer: Writer, store: Store, graph: NamedNode, old: Canonical) -> None:
    """Bring the derived statements and the raw texts of a graph after what was written to it; *old* is what it was."""
    with store.scratch() as scratch:
        scratch.load(DEFAULT, joined(without_graph(old.lines(), graph)), checked=True)
        stale = derive.derived(scratch, DEFAULT)
    fresh = derive.derived(writer, graph)
    writer.remove(stale - fresh, graph)
    writer.insert(fresh, graph)
    writer.remove(derive.replaced_values(writer, graph), graph)
    writer.remove(derive.stale_raw_text(writer, graph), graph)


def follow(
    writer: Writer,
    store: Store,
    graph: NamedNode,
    old: Canonical,
    new: Canonical,
    *,
    public: bool,
) -> None:
    """Archive what *graph* was, and bring the union after it; in its own graph the change is made already."""
    old.archive(store)
    if public:
        keep = system.public_graphs(system.entries(writer), store.base)
        union.withdraw(writer, parsed(_removed(old, new)), keep)
        writer.load(DEFAULT, joined(without_graph(_added(old, new), graph)), checked=True)


def _removed(old: Canonical, new: Canonical) -> Iterator[bytes]:
    return (line for line, _ in compare(old.lines(), new.lines()) if line is not None)


def _added(old: Canonical, new: Canonical) -> Iterator[bytes]:
    return (line for _, line in compare(old.lines(), new.lines()) if line is not None)


def joined(lines: Iterable[bytes]) -> Iterator[bytes]:
    batch: list[bytes] = []
    for line in lines:
        batch.append(line)
        if len(batch) >= _LINES:
            yield b"".join(batch)
            batch = []
    if batch:
        yield b"".join(batch)


def counts(reader: Reader, graph: NamedNode) -> dict[str, int]:
    """Return the counts of a record, by narrow queries on the types."""
    found = {"triples": reader.size(graph)}
    for name, kind in COUNTED.items():
        query = f"SELECT (COUNT(?x) AS ?n) {{ ?x a <{kind}> }}"
        for row in reader.select(query, Scope((graph,))):
            found[name] = int(row["n"].value)
    return found


def root_name(lines: Iterable[bytes], graph: NamedNode) -> str:
    """Return the name that the content of a dataset gives to the dataset itself (the least of several), ``""`` if none."""
    about = f"{graph} <{SCHEMA.name}> ".encode()
    names = (triple.object for triple in parsed(line for line in lines if line.startswith(about)))
    return min((name.value for name in names if isinstance(name, Literal)), default="")


def members(reader: Reader, graph: NamedNode, kind: str) -> list[str]:
    """Return the studies, samples or runs of a graph by IRI: the order in which they are numbered if no importer gives one."""
    wanted = COUNTED[_PLURALS[kind]]
    query = f"SELECT DISTINCT ?x {{ ?x a <{wanted}> }} ORDER BY ?x"
    return [row["x"].value for row in reader.select(query, Scope((graph,)))]


def numbers(reader: Reader, record: NamedNode) -> dict[str, int]:
    """Return the store-wide numbers in a record: of the dataset, its studies, samples and runs, by IRI."""
    return {
        row["e"].value: int(row["n"].value) for row in reader.select(_NUMBERS, Scope((record,)))
    }


def give_numbers(
    writer: Writer,
    dataset: NamedNode,
    record: NamedNode,
    entities: Mapping[str, Iterable[str]],
    *,
    known: Mapping[str, int],
    public: bool,
) -> set[str]:
    """Number the entities that have no number yet, in their order; return all of them. A number is kept for ever and given once."""
    back = former.numbers(writer, dataset)
    seen: set[str] = set()
    for kind, iris in entities.items():
        number = first = system.next_number(writer, kind)
        lines: list[str] = []
        for iri in iris:
            if iri in seen:
                continue
            seen.add(iri)
            if iri in known:
                continue
            lines.append(_numbered(iri, back.get(iri, number)))
            number += iri not in back
        if not lines:
            continue
        text = "".join(lines).encode()
        writer.load(record, text)
        if public:
            writer.load(DEFAULT, text)
        if number != first:
            system.set_next_number(writer, kind, number)
    former.forget(writer, dataset, [(iri, n) for iri, n in back.items() if iri in seen])
    return seen


def _numbered(iri: str, number: int) -> str:
    return f'<{iri}> <{FG.number}> "{number}"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'


def take_numbers(
    writer: Writer,
    base: str,
    dataset: NamedNode,
    record: NamedNode,
    gone: Mapping[str, int],
    *,
    public: bool,
    was_public: bool,
) -> None:
    """Take the numbers of what a dataset holds no more out of its record, which is in the union if *public*; *was_public* says that everybody might see them."""
    if not gone:
        return
    lines = (_numbered(iri, number).encode() for iri, number in gone.items())
    told = list(parsed(lines))
    writer.remove(told, record)
    if public:
        union.withdraw(writer, told, system.public_graphs(system.entries(writer), base))
    former.keep(writer, dataset, gone, public=was_public)


def write_record(
    writer: Writer, base: str, old: Dataset | None, new: Dataset, *, in_union: bool = True
) -> None:
    """Bring the record, the system graph and the union from *old* to *new*; content and numbers are not touched here.

    *old* and *new* are both public, or both are not: moving between the two is the catalogue's business.
    """
    record = record_iri(base, new.slug)
    before = set(triples(old, record)) if old else set()
    after = set(triples(new, record))
    writer.remove(before - after, record)
    writer.insert(after - before, record)
    indexed = set(system.entry_triples(old)) if old else set()
    writer.remove(indexed - set(system.entry_triples(new)), SYSTEM_GRAPH)
    writer.insert(set(system.entry_triples(new)) - indexed, SYSTEM_GRAPH)
    if new.public and in_union:
        keep = system.public_graphs(system.entries(writer), base)
        gone: set[Triple] = before - after
        union.withdraw(writer, gone, keep)
        writer.insert(after - before, DEFAULT)


def enter(writer: Writer, base: str, dataset: Dataset) -> None:
    """Put the content and the record of a dataset into the union."""
    union.publish(writer, dataset.node, record_iri(base, dataset.slug))


def leave(writer: Writer, base: str, dataset: Dataset, *clear: NamedNode) -> None:
    """Take the content and the record of a dataset out of the union, while both are still in their graphs; then *clear* graphs.

    A large part of the union goes by making it anew from what stays.
    """
    keep = system.public_graphs(system.entries(writer), base, but=dataset.iri)
    graphs = (dataset.node, record_iri(base, dataset.slug))
    gone = sum(writer.size(graph) for graph in graphs)
    if loading_pays(gone, writer.size(DEFAULT) - gone):
        writer.clear(DEFAULT, *clear)
        union.publish(writer, *(NamedNode(graph) for graph in sorted(keep)))
        return
    with union.dumped(writer, *graphs) as file:
        union.withdraw(writer, parsed(file), keep)
    writer.clear(*clear)


def renamed(chunks: Iterable[bytes], old: str, new: str) -> Iterator[bytes]:
    """Yield N-Triples with the dataset IRI *old* replaced by *new*, alone or as the beginning of a longer one.

    Only before the first quotation mark of a line: there are the IRIs, and never a literal.
    """
    pattern = re.compile(rb"<" + re.escape(old.encode()) + rb"(?=[>/#?])")
    target = b"<" + new.encode()

    def line(match: re.Match[bytes]) -> bytes:
        return pattern.sub(lambda _: target, match[0])

    for piece in pieces(chunks):
        yield re.sub(rb'(?m)^[^"\n]+', line, piece)
