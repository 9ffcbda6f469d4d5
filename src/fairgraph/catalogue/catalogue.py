"""The verbs on datasets. Every write is one write of the store: all of it, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from pyoxigraph import NamedNode

from fairgraph.catalogue import content, records, system, union
from fairgraph.catalogue.handover import (
    DatasetContent,
    Difference,
    Put,
    check_visibility,
    now,
    revision_of,
    same_source,
    unknown,
)
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
from fairgraph.errors import QueryError, StoreError, UsageError
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
        self,
        name: str | int,
        *,
        caller: str = OWNER,
        removed: bool = False,
        reader: Reader | None = None,
    ) -> Dataset:
        """Return the dataset with this number, slug or IRI; NotFound if *caller* sees none (removed: unless asked for)."""
        with self._reading(reader) as state:
            entry = self._find(state, name, removed=removed)
            if not may_see(entry, caller):
                raise unknown(name)
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
            wanted = revision_of(dataset, revision)
            if wanted == dataset.current:
                return Difference((), ())
            added: list[bytes] = []
            removed: list[bytes] = []
            with canonical(state, dataset.node) as current:
                for old, new in compare(self._lines(dataset, wanted), current.lines()):
                    if old is not None:
                        removed.append(old)
                    if new is not None:
                        added.append(new)
        return Difference(tuple(parsed(added)), tuple(parsed(removed)))

    def choose_slug(
        self, slug: str, source: Source, *, reader: Reader | None = None
    ) -> tuple[str, Finding | None]:
        """Return the slug under which *source* will be put, and a finding if it is not the one asked for.

        The same source (by key, or by name where no key is given) keeps its slug, and its put is a new revision; another
        source gets a suffix. Importers ask before they mint IRIs.
        """
        slug = slugify(slug)
        with self._reading(reader) as state:
            taken = {entry.slug: entry for entry in system.entries(state)}
            for n in range(1, len(taken) + 2):
                candidate = slug if n == 1 else f"{slug}-{n}"
                entry = taken.get(candidate)
                if entry is None or same_source(self._read(state, entry), source):
                    break
        if candidate == slug:
            return slug, None
        message = (
            f"the slug {slug} belongs to a dataset from another source: this one is {candidate}"
        )
        return candidate, Finding("info", "slug-taken", message, where=source.name)

    # Writing

    def put(self, new: DatasetContent) -> Put:
        """Create or replace one dataset.

        Same slug and same source: a new revision, or none if the content is the same. Same slug from another source: the slug
        gets a suffix, and a finding says so. Raises UsageError if the number asked for is taken.
        """
        if new.visibility is not None:
            check_visibility(new.visibility)
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
                kind: (
                    after + iri.removeprefix(before) if iri.startswith(before) else iri
                    for iri in iris
                )
                for kind, iris in entities.items()
            }
        old = self._known(slug, writer)
        node = dataset_iri(self.base, slug)
        record = record_iri(self.base, slug)
        time = now()
        dataset = replace(
            old
            or Dataset(
                iri=node.value,
                slug=slug,
                number=self._number(writer, new.number),
                title=new.title,
                format=new.format,
                created=time,
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
            writer,
            old,
            dataset,
            chunks,
            "update" if old else "import",
            source,
            new.derived,
            entities,
            new.checked,
        )
        return Put(written, old is None, written.revisions != (old.revisions if old else ()))

    def set(
        self,
        name: str | int,
        *,
        title: str | None = None,
        license: str | None = None,
        doi: str | None = None,
        status: str | None = None,
        visibility: str | None = None,
    ) -> Dataset:
        """Change what the record says; ``""`` takes a value away. *visibility* moves the triples in or out of the union."""
        if visibility is not None:
            check_visibility(visibility)
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
            new = replace(new, modified=now())
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
                gone = replace(old, removed=now())
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
            wanted = revision_of(old, revision)
            if wanted == old.current and not old.removed:
                return old
            if wanted.operation == "remove":
                raise UsageError(f"{wanted.name} is a removal", hint="fairgraph remove does that")
            chunks = content.joined(without_graph(self._lines(old, wanted), old.node))
            name = content.root_name(self._lines(old, wanted), old.node)
            new = replace(old, removed="", title=name or old.title)
            return self._replace(writer, old, new, chunks, "revert", wanted.source, True, {}, True)

    def update(self, sparql: str) -> tuple[Dataset, ...]:
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
                # All of them, before the first record is written.
                different = [
                    graph for graph in before if self._differs(writer, graph, before[graph])
                ]
                refuse(different, self.base)
                changed = [
                    self._updated(writer, known.get(graph), NamedNode(graph), before[graph])
                    for graph in different
                ]
            return tuple(dataset for dataset in changed if dataset is not None)

    def _run(self, writer: Writer, text: str, given: str) -> None:
        try:
            writer.update(text)
        except QueryError:
            # The place in the error should be one in what the caller wrote, not in what became of it.
            with self.store.scratch() as scratch:
                scratch.update(given)
            raise

    def _differs(self, reader: Reader, graph: str, before: Canonical) -> bool:
        with canonical(reader, NamedNode(graph)) as after:
            return after.sha256 != before.sha256

    def _updated(
        self, writer: Writer, entry: Entry | None, graph: NamedNode, before: Canonical
    ) -> Dataset | None:
        """Bring everything after one graph that an update changed; None if the derived statements undo the change."""
        content.rederive(writer, self.store, graph, before)
        old = self._read(writer, entry) if entry else None
        was_public = old is not None and old.public
        with canonical(writer, graph) as after:
            if after.sha256 == before.sha256:
                return None
            content.follow(writer, self.store, graph, before, after, public=was_public)
            empty = after.triples == 0
            names = [content.root_name(state.lines(), graph) for state in (before, after)]
        if empty:
            writer.clear(graph)
        time = now()
        new = old or self._made(writer, graph, time)
        new = replace(new, removed=time if empty else "")
        if names[1] and (
            old is None or old.title == names[0]
        ):  # a title that was set by hand stays
            new = replace(new, title=names[1])
        if old is None:
            union.publish(writer, graph)
        before_hash = before.sha256 if old is not None and not old.removed else ""
        operation = "remove" if empty else "update"
        return self._recorded(writer, old, new, operation, "", {}, before_hash, True)

    def _made(self, writer: Writer, graph: NamedNode, time: str) -> Dataset:
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
            created=time,
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
        checked: bool = False,
    ) -> Dataset:
        """Fill or replace the graph of a dataset and write its record; *old* is its record as it is stored."""
        graph, was_public = new.node, old is not None and old.public
        if old is None or old.removed:
            before = ""
            # A new dataset goes into the union at once; one that comes back does so with its record, in _rewrite.
            graphs: tuple[Graph, ...] = (graph, DEFAULT) if new.public and old is None else (graph,)
            content.fill(
                writer,
                graphs,
                chunks,
                base=self.base,
                name=graph,
                derived=derived,
                checked=checked,
            )
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
            new = replace(new, modified=now())
        self._rewrite(writer, old, new)
        if different:
            content.give_numbers(
                writer,
                record,
                {
                    kind: entities.get(kind) or content.members(writer, graph, kind)
                    for kind in KINDS
                },
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
        self,
        old: Dataset | None,
        new: Dataset,
        operation: str,
        before: str,
        triples: int,
        source: str,
    ) -> Dataset:
        """Return *new* with one revision more. The one before it learns its hash, *before*, now that it is archived."""
        time = now()
        known = list(old.revisions) if old else []
        if known and before and not known[-1].sha256:
            known[-1] = replace(known[-1], sha256=before)
        index = known[-1].index + 1 if known else 1
        revision = Revision(index, operation, time, triples, "", self.agent, source)
        return replace(new, modified=time, revisions=(*known, revision))

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
        entries = [entry for entry in system.entries(reader) if removed or not entry.removed]
        for entry in entries:  # numbers first: a slug may look like one
            if text == str(entry.number):
                return entry
        for entry in entries:
            if text in (entry.slug, entry.iri):
                return entry
        raise unknown(name)

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
