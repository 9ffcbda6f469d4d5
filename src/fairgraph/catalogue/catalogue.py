"""The verbs on datasets. Every write is one write of the store: all of it, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pyoxigraph import NamedNode, Triple

from fairgraph.catalogue import content, records, system, union
from fairgraph.catalogue.records import (
    SYSTEM,
    Dataset,
    Revision,
    Source,
    dataset_iri,
    record_iri,
    source_iri,
)
from fairgraph.catalogue.system import OWNER, Entry, may_see
from fairgraph.catalogue.updates import plan_update, refuse
from fairgraph.errors import NotFound, QueryError, StoreError, UsageError
from fairgraph.report import Finding
from fairgraph.revisions import (
    Canonical,
    archive_name,
    archived,
    canonical,
    compare,
    parsed,
    without_graph,
)
from fairgraph.store import DEFAULT, Graph, Reader, Store, Writer, refuse_network
from fairgraph.terms import slugify

KINDS = ("study", "sample")
_VISIBILITIES = ("public", "private")


@dataclass
class DatasetContent:
    """What an importer hands over.

    *chunks* yields N-Triples, whole lines, of IRIs under ``{base}id/{slug}``; it is used up. *entities* gives the IRIs of the
    things that get store-wide numbers, by kind (``"study"``, ``"sample"``), in the order in which they are numbered.
    *derived* says that the derived statements are still to be computed. *importer* names what read the source, with its
    version: the same importer on a source with the same sha256 gives the same content, which is then not read again.
    """

    slug: str
    title: str
    format: str
    chunks: Iterable[bytes]
    source: Source
    findings: Iterable[Finding] = ()
    entities: Mapping[str, Iterable[str]] = field(default_factory=dict)
    visibility: str | None = None  # None: as it is, public if it is new
    number: int | None = None
    license: str = ""
    doi: str = ""
    derived: bool = False
    importer: str = ""


@dataclass(frozen=True)
class Put:
    """The outcome of a put: the dataset as it is now, whether it is new, and whether its content changed."""

    dataset: Dataset
    created: bool
    changed: bool


@dataclass(frozen=True)
class Difference:
    """What one state has more and less than another."""

    added: tuple[Triple, ...]
    removed: tuple[Triple, ...]


class Catalogue:
    """The datasets of a store.

    Reads take an optional *reader*, so that a caller can ask several things of one state; without it they look at the last
    published one. *agent* is written into the history: who writes (``"cli"``, ``"web"``, the name of a key).
    """

    def __init__(self, store: Store, *, agent: str = "") -> None:
        self.store = store
        self.agent = agent

    @property
    def base(self) -> str:
        """The base IRI of the store."""
        return self.store.base

    # Reading

    def list(
        self, *, caller: str = OWNER, removed: bool = False, reader: Reader | None = None
    ) -> list[Dataset]:
        """Return the datasets that *caller* may see, by number; removed ones only when asked for."""
        with self._reading(reader) as state:
            return [
                self._read(state, entry)
                for entry in system.entries(state)
                if (removed or not entry.removed) and may_see(entry, caller)
            ]

    def get(
        self, name: str | int, *, caller: str = OWNER, removed: bool = False, reader: Reader | None = None
    ) -> Dataset:
        """Return the dataset with this number, slug or IRI; NotFound if *caller* sees none (removed: unless asked for)."""
        with self._reading(reader) as state:
            entry = self._find(state, name, removed=removed)
            if not may_see(entry, caller):
                raise _unknown(name)
            return self._read(state, entry)

    def numbers(self, name: str | int, *, reader: Reader | None = None) -> dict[str, int]:
        """Return the store-wide numbers of a dataset, its studies and its samples, by IRI."""
        with self._reading(reader) as state:
            entry = self._find(state, name, removed=True)
            return content.numbers(state, record_iri(self.base, entry.slug))

    def history(self, name: str | int, *, reader: Reader | None = None) -> tuple[Revision, ...]:
        """Return the revisions of a dataset, removed ones too, oldest first."""
        return self.get(name, removed=True, reader=reader).revisions

    def diff(
        self, name: str | int, revision: str | int | None = None, *, reader: Reader | None = None
    ) -> Difference:
        """Return what the current content has more and less than that of *revision* (``"r2"``, ``2``; default: the last but one)."""
        with self._reading(reader) as state:
            dataset = self._read(state, self._find(state, name, removed=True))
            if revision is None:
                if len(dataset.revisions) < 2:
                    return Difference((), ())
                revision = dataset.revisions[-2].index
            wanted = _revision(dataset, revision)
            if wanted == dataset.current:
                return Difference((), ())
            added: list[bytes] = []
            removed: list[bytes] = []
            with canonical(state, dataset.node) as now:
                for old, new in compare(self._lines(dataset, wanted), now.lines()):
                    if old is not None:
                        removed.append(old)
                    if new is not None:
                        added.append(new)
        return Difference(tuple(parsed(added)), tuple(parsed(removed)))

    def choose_slug(
        self, slug: str, source: Source, *, reader: Reader | None = None
    ) -> tuple[str, Finding | None]:
        """Return the slug under which *source* will be put, and a finding if it is not the one asked for.

        The same source (by path, or by name where no path is given) keeps its slug, and its put is a new revision; another
        source gets a suffix. Importers ask before they mint IRIs.
        """
        slug = slugify(slug)
        with self._reading(reader) as state:
            taken = {entry.slug: entry for entry in system.entries(state)}
            for n in range(1, len(taken) + 2):
                candidate = slug if n == 1 else f"{slug}-{n}"
                entry = taken.get(candidate)
                if entry is None or _same_source(self._read(state, entry), source):
                    break
        if candidate == slug:
            return slug, None
        message = f"the slug {slug} belongs to a dataset from another source: this one is {candidate}"
        return candidate, Finding("info", "slug-taken", message, where=source.path or source.name)

    # Writing

    def put(self, new: DatasetContent) -> Put:
        """Create or replace one dataset.

        Same slug and same source: a new revision, or none if the content is the same. Same slug from another source: the slug
        gets a suffix, and a finding says so. Raises UsageError if the number asked for is taken.
        """
        if new.visibility is not None:
            _check_visibility(new.visibility)
        slug, finding = self.choose_slug(new.slug, new.source)
        known = self._known(slug)
        if known is not None and self._is_unchanged(known, new):
            return Put(known, False, False)
        with self.store.write() as writer:
            slug, finding = self.choose_slug(new.slug, new.source, reader=writer)
            return self._put(writer, slug, finding, new)

    def _put(self, writer: Writer, slug: str, finding: Finding | None, new: DatasetContent) -> Put:
        chunks, entities = new.chunks, new.entities
        asked = slugify(new.slug)
        if slug != asked:
            before, after = dataset_iri(self.base, asked).value, dataset_iri(self.base, slug).value
            chunks = content.renamed(chunks, before, after)
            entities = {
                kind: (after + iri.removeprefix(before) if iri.startswith(before) else iri for iri in iris)
                for kind, iris in entities.items()
            }
        old = self._known(slug, writer)
        node = dataset_iri(self.base, slug)
        record = record_iri(self.base, slug)
        now = _now()
        dataset = replace(
            old
            or Dataset(
                iri=node.value,
                slug=slug,
                number=self._number(writer, new.number),
                title=new.title,
                format=new.format,
                created=now,
            ),
            title=new.title,
            format=new.format,
            importer=new.importer,
            sources=(new.source,),
            findings=(*new.findings, *([finding] if finding else [])),
            removed="",
        )
        if old and new.number not in (None, old.number):
            raise UsageError(
                f"{slug} has the number {old.number}, and keeps it", hint="leave --number out"
            )
        optional = {"license": new.license, "doi": new.doi, "visibility": new.visibility}
        dataset = replace(dataset, **{k: v for k, v in optional.items() if v})  # type: ignore[arg-type]
        source = source_iri(record, new.source).value
        written = self._replace(
            writer, old, dataset, chunks, "update" if old else "import", source, new.derived, entities
        )
        return Put(written, old is None, written.revisions != (old.revisions if old else ()))

    def set(
        self,
        name: str | int,
        *,
        title: str | None = None,
        license: str | None = None,  # noqa: A002 - the word of the command line
        doi: str | None = None,
        status: str | None = None,
        visibility: str | None = None,
    ) -> Dataset:
        """Change what the record says; ``""`` takes a value away. *visibility* moves the triples in or out of the union."""
        if visibility is not None:
            _check_visibility(visibility)
        wanted = {
            "title": title,
            "license": license,
            "doi": doi,
            "status": status,
            "visibility": visibility,
        }
        with self.store.write() as writer:
            old = self._read(writer, self._find(writer, name))
            new = replace(old, **{k: v for k, v in wanted.items() if v is not None})  # type: ignore[arg-type]
            if new == old:
                return old
            new = replace(new, modified=_now())
            self._rewrite(writer, old, new)
            return new

    def remove(self, name: str | int, *, purge: bool = False) -> Dataset:
        """Remove a dataset. Its history stays, and ``revert`` brings it back; with *purge* nothing stays but its numbers."""
        with self.store.write() as writer:
            old = self._read(writer, self._find(writer, name, removed=purge))
            if old.public:
                content.leave(writer, self.base, old)
            if purge:
                writer.clear(old.node)
                writer.clear(record_iri(self.base, old.slug))
                writer.remove(system.entry_triples(old), SYSTEM)
                gone = replace(old, removed=_now())
            else:
                with canonical(writer, old.node) as before:
                    before.archive(self.store)
                    sha256 = before.sha256
                writer.clear(old.node)
                gone = self._revised(old, old, "remove", sha256, 0, "")
                gone = replace(gone, removed=gone.modified, counts={})
                content.write_record(writer, self.base, old, gone)
        if purge:  # only now: a write that fails must not lose what it would have kept
            for revision in old.revisions:
                if revision.sha256:
                    self.store.forget(archive_name(revision.sha256))
        return gone

    def revert(self, name: str | int, revision: str | int) -> Dataset:
        """Bring back the content of *revision* as a new revision; a removed dataset comes back."""
        with self.store.write() as writer:
            old = self._read(writer, self._find(writer, name, removed=True))
            wanted = _revision(old, revision)
            if wanted == old.current and not old.removed:
                return old
            if wanted.operation == "remove":
                raise UsageError(f"{wanted.name} is a removal", hint="fairgraph remove does that")
            chunks = content.joined(without_graph(self._lines(old, wanted), old.node))
            new = replace(old, removed="")
            return self._replace(writer, old, new, chunks, "revert", wanted.source, True, {})

    def update(self, sparql: str) -> list[Dataset]:
        """Run a SPARQL 1.1 Update and return the datasets that it changed.

        Named graphs are datasets: an unknown one becomes a dataset with that IRI. What is written to the default graph goes to
        the dataset ``{base}id/default``; a WHERE without GRAPH sees the union of all public datasets. Records and the system
        graph are refused (QueryError, HTTP 403). Each dataset that changed gets a revision.
        """
        refuse_network(sparql)
        default = dataset_iri(self.base, "default").value
        with self.store.write() as writer:
            known = {entry.iri: entry for entry in system.entries(writer)}
            live = [iri for iri, entry in known.items() if not entry.removed]
            plan = plan_update(sparql, default, live)
            refuse(sorted(plan.touched or ()), self.base)
            with ExitStack() as opened:
                touched = plan.touched
                if touched is None:
                    touched = frozenset(graph.value for graph in writer.graphs())
                before = {
                    graph: opened.enter_context(canonical(writer, NamedNode(graph)))
                    for graph in sorted(touched)
                }
                self._run(writer, plan.text, sparql)
                if plan.touched is None:
                    for graph in sorted(graph.value for graph in writer.graphs()):
                        if graph not in before:
                            before[graph] = opened.enter_context(Canonical(()))
                changed = [
                    self._updated(writer, known.get(graph), NamedNode(graph), old)
                    for graph, old in before.items()
                ]
            return [dataset for dataset in changed if dataset is not None]

    def _run(self, writer: Writer, text: str, given: str) -> None:
        try:
            writer.update(text)
        except QueryError:
            # The place in the error should be one in what the caller wrote, not in what became of it.
            with self.store.scratch() as scratch:
                scratch.update(given)
            raise

    def _updated(
        self, writer: Writer, entry: Entry | None, graph: NamedNode, before: Canonical
    ) -> Dataset | None:
        """Write the history of one graph that an update may have touched; None if it did not."""
        with canonical(writer, graph) as after:
            if after.sha256 == before.sha256:
                return None
        refuse([graph.value], self.base)
        content.rederive(writer, self.store, graph, before)
        old = self._read(writer, entry) if entry else None
        was_public = old is not None and old.public
        with canonical(writer, graph) as after:
            if after.sha256 == before.sha256:
                return None
            content.follow(writer, self.store, graph, before, after, public=was_public)
            empty = after.triples == 0
        if empty and old is None:
            return None
        now = _now()
        new = old or self._made(writer, graph, now)
        new = replace(new, removed=now if empty else "")
        if old is None:
            union.publish(writer, graph)
        if old is not None and old.removed:
            before_hash = ""
        else:
            before_hash = before.sha256 if old else ""
        operation = "remove" if empty else "update"
        return self._recorded(writer, old, new, operation, "", {}, before_hash, True)

    def _made(self, writer: Writer, graph: NamedNode, now: str) -> Dataset:
        """Return the record of a dataset that an update made, not yet written."""
        name = graph.value.removeprefix(f"{self.base}id/").rstrip("/#")
        wanted = slugify(name if name != graph.value else re.split(r"[/#:]", name)[-1])
        taken = {entry.slug for entry in system.entries(writer)}
        slug, n = wanted, 1
        while slug in taken:
            n += 1
            slug = f"{wanted}-{n}"
        return Dataset(
            iri=graph.value,
            slug=slug,
            number=self._number(writer, None),
            title=slug,
            format="rdf",
            created=now,
        )

    # What the verbs have in common

    def _replace(
        self,
        writer: Writer,
        old: Dataset | None,
        new: Dataset,
        chunks: Iterable[bytes],
        operation: str,
        source: str,
        derived: bool,
        entities: Mapping[str, Iterable[str]],
    ) -> Dataset:
        """Fill or replace the graph of a dataset and write its record; *old* is its record as it is stored."""
        graph, was_public = new.node, old is not None and old.public
        if old is None or old.removed:
            before = ""
            # A new dataset goes into the union at once; one that comes back does so with its record, in _rewrite.
            graphs: tuple[Graph, ...] = (graph, DEFAULT) if new.public and old is None else (graph,)
            content.fill(writer, graphs, chunks, base=self.base, name=graph, derived=derived)
            different = True
        else:
            outcome = content.replace(
                writer, self.store, graph, chunks, public=was_public, derived=derived
            )
            before, different = outcome.before, outcome.different
        return self._recorded(writer, old, new, operation, source, entities, before, different)

    def _recorded(
        self,
        writer: Writer,
        old: Dataset | None,
        new: Dataset,
        operation: str,
        source: str,
        entities: Mapping[str, Iterable[str]],
        before: str,
        different: bool,
    ) -> Dataset:
        """Write the record after the content, number what is new, and move the dataset in or out of the union."""
        graph, record = new.node, record_iri(self.base, new.slug)
        if different:
            found = content.counts(writer, graph)
            new = replace(new, counts=found)
            new = self._revised(old, new, operation, before, found["triples"], source)
        elif new != old:
            new = replace(new, modified=_now())
        self._rewrite(writer, old, new)
        if different:
            content.give_numbers(
                writer,
                record,
                {kind: entities.get(kind) or content.members(writer, graph, kind) for kind in KINDS},
                known=content.numbers(writer, record),
                public=new.public,
            )
        return new

    def _rewrite(self, writer: Writer, old: Dataset | None, new: Dataset) -> None:
        """Bring the record from *old* to *new*, and the union after it when the dataset becomes public or stops to be."""
        if old is None or old.public == new.public:
            content.write_record(writer, self.base, old, new)
        elif old.public:
            content.leave(writer, self.base, old)
            content.write_record(writer, self.base, old, new)
        else:
            content.write_record(writer, self.base, old, new)
            content.enter(writer, self.base, new)

    def _revised(
        self, old: Dataset | None, new: Dataset, operation: str, before: str, triples: int, source: str
    ) -> Dataset:
        """Return *new* with one revision more. The one before it learns its hash, *before*, now that it is archived."""
        now = _now()
        known = list(old.revisions) if old else []
        if known and before and not known[-1].sha256:
            known[-1] = replace(known[-1], sha256=before)
        index = known[-1].index + 1 if known else 1
        revision = Revision(index, operation, now, triples, "", self.agent, source)
        return replace(new, modified=now, revisions=(*known, revision))

    def _number(self, writer: Writer, wanted: int | None) -> int:
        following = system.next_number(writer, "investigation")
        if wanted is None:
            wanted = following
        elif wanted < 1:
            raise UsageError(f"{wanted} is no number for a dataset", hint="numbers begin at 1")
        elif any(entry.number == wanted for entry in system.entries(writer)):
            raise UsageError(f"the number {wanted} is taken", hint="leave --number out")
        system.set_next_number(writer, "investigation", wanted + 1)
        return wanted

    def _is_unchanged(self, known: Dataset, new: DatasetContent) -> bool:
        """Tell by the source alone that a put would change nothing."""
        return (
            bool(new.source.sha256 and new.importer)
            and not known.removed
            and known.sources == (new.source,)
            and known.importer == new.importer
            and known.current is not None
            and known.current.operation in ("import", "update")
            and known.current.source.endswith("/" + new.source.sha256[:8])
            and new.number in (None, known.number)
            and new.visibility in (None, known.visibility)
            and new.title == known.title
        )

    def _lines(self, dataset: Dataset, revision: Revision) -> Iterator[bytes]:
        if not revision.sha256:
            if revision.operation == "remove":
                return iter(())
            raise StoreError(f"{revision.name} of {dataset.slug} is not in the archive")
        return archived(self.store, revision.sha256)

    def _known(self, slug: str, reader: Reader | None = None) -> Dataset | None:
        with self._reading(reader) as state:
            return records.read(state, record_iri(self.base, slug))

    def _find(self, reader: Reader, name: str | int, *, removed: bool = False) -> Entry:
        text = str(name)
        for entry in system.entries(reader):
            if text in (entry.slug, entry.iri) and (removed or not entry.removed):
                return entry
        for entry in system.entries(reader):
            if text == str(entry.number) and (removed or not entry.removed):
                return entry
        raise _unknown(name)

    def _read(self, reader: Reader, entry: Entry) -> Dataset:
        dataset = records.read(reader, record_iri(self.base, entry.slug))
        if dataset is None:
            raise StoreError(f"the record of {entry.slug} is missing", hint="fairgraph check")
        return dataset

    @contextmanager
    def _reading(self, reader: Reader | None) -> Iterator[Reader]:
        if reader is not None:
            yield reader
            return
        with self.store.read() as opened:
            yield opened


def _unknown(name: str | int) -> NotFound:
    return NotFound(f"there is no dataset {name}", hint="fairgraph list shows them all")


def _same_source(dataset: Dataset, source: Source) -> bool:
    """Tell whether a dataset came from *source*: the same path, or the same name where one of them has no path."""
    return any(
        known.path == source.path if known.path and source.path else known.name == source.name
        for known in dataset.sources
    )


def _revision(dataset: Dataset, name: str | int) -> Revision:
    wanted = str(name).removeprefix("r")
    for revision in dataset.revisions:
        if str(revision.index) == wanted:
            return revision
    known = ", ".join(revision.name for revision in dataset.revisions)
    raise NotFound(f"{dataset.slug} has no revision {name}", hint=f"it has {known}")


def _check_visibility(visibility: str) -> None:
    if visibility not in _VISIBILITIES:
        raise UsageError(f"no visibility {visibility}", hint=f"one of {', '.join(_VISIBILITIES)}")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
