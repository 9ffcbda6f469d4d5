"""The verbs on datasets. Every write is one write of the store: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from pyoxigraph import NamedNode

from fairgraph.catalogue import content, former, records, system
from fairgraph.catalogue.changes import Change, change
from fairgraph.catalogue.collecting import named_files
from fairgraph.catalogue.disclosure import refuse_disclosure
from fairgraph.catalogue.handover import (
    DatasetContent,
    Difference,
    Put,
    called_by_owner,
    called_by_source,
    check_text,
    check_visibility,
    now,
    revision_of,
    same_source,
    unknown,
)
from fairgraph.catalogue.recording import Recorder
from fairgraph.catalogue.records import (
    SYSTEM,
    Dataset,
    Measurement,
    Revision,
    Source,
    dataset_iri,
    record_iri,
    source_iri,
)
from fairgraph.catalogue.system import OWNER, Entry, may_see
from fairgraph.catalogue.update import Update
from fairgraph.catalogue.update_plan import Using
from fairgraph.errors import StoreError, UsageError
from fairgraph.report import Finding
from fairgraph.revisions import (
    archive_name,
    archived,
    canonical,
    compare,
    parsed,
    without_graph,
)
from fairgraph.store import Reader, Store, Writer, refuse_network
from fairgraph.terms import slugify


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
        """Return the store-wide numbers of a dataset, its studies, samples and runs, by IRI; of those that it holds no more, too."""
        with self._reading(reader) as state:
            entry = self._find(state, name, removed=True)
            held = content.numbers(state, record_iri(self.base, entry.slug))
            return former.numbers(state, entry.node) | held

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

    def change(
        self, dataset: Dataset, before: str, after: str, *, caller: str = OWNER, most: int
    ) -> Change:
        """Return what one revision of a dataset has more and less than another: see :func:`changes.change`."""
        with self.store.read() as reader:
            return change(self.store, reader, dataset, before, after, caller=caller, most=most)

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
            self._keep(known, new)
            return Put(known, False, False)
        with self.store.write() as writer:
            slug, finding = self.choose_slug(new.slug, new.source, reader=writer)
            return self._put(writer, slug, finding, new)

    def _keep(self, known: Dataset, new: DatasetContent) -> None:
        """Say of a dataset that is unchanged which files came along this time."""
        with self.store.read() as reader:
            more = set(new.files) - system.kept_files(reader, [known.node])
        if more:
            with self.store.write() as writer:
                system.keep_files(writer, known.node, more)

    def kept_files(self, datasets: Iterable[Dataset]) -> set[str]:
        """Return the SHA-256 of the files that datasets brought into the store."""
        with self.store.read() as reader:
            return system.kept_files(reader, (dataset.node for dataset in datasets))

    def keeps_file(self, sha256: str, *, caller: str = OWNER) -> bool:
        """Tell whether a dataset that *caller* may see brought a file into the store."""
        with self.store.read() as reader:
            keepers = system.keepers(reader, sha256)
            return any(
                entry.iri in keepers and not entry.removed and may_see(entry, caller)
                for entry in system.entries(reader)
            )

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
        recorder = Recorder(self.store, writer, self.agent, in_union=new.in_union)
        node = dataset_iri(self.base, slug)
        record = record_iri(self.base, slug)
        time = now()
        dataset = replace(
            old
            or Dataset(
                iri=node.value,
                slug=slug,
                number=recorder.number(new.number),
                title=new.title,
                format=new.format,
                created=time,
            ),
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
        dataset = called_by_source(dataset, new.title)
        optional = {"license": new.license, "doi": new.doi, "visibility": new.visibility}
        dataset = replace(dataset, **{k: v for k, v in optional.items() if v})  # type: ignore[arg-type]
        source = source_iri(record, new.source).value
        written = recorder.fill(
            old,
            dataset,
            chunks,
            "update" if old else "import",
            source,
            new.derived,
            entities,
            new.checked,
        )
        if new.files:
            system.keep_files(writer, written.node, new.files)
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
        """Change what the record says; ``""`` takes a value away, and a title back to what the content says.

        *visibility* moves the triples in or out of the union.
        """
        if visibility is not None:
            check_visibility(visibility)
        wanted = {
            "license": license,
            "doi": doi,
            "status": status,
            "visibility": visibility,
        }
        for field, text in {"title": title, **wanted}.items():
            check_text(field, text or "")
        with self.store.write() as writer:
            old = self._read(writer, self._find(writer, name))
            new = replace(old, **{k: v for k, v in wanted.items() if v is not None})  # type: ignore[arg-type]
            if title is not None:
                new = called_by_owner(new, title)
            if new == old:
                return old
            if new.visibility != old.visibility:
                refuse_disclosure(writer, old, new)
            new = replace(new, modified=now(), measurements=())
            return Recorder(self.store, writer, self.agent).rewrite(old, new)

    def measure(self, dataset: Dataset, values: Mapping[str, tuple[str, str]]) -> Dataset:
        """Keep scores of *dataset* in its record: by metric, the value and the rules that it was made by.

        They go when the dataset or its record changes. If it has changed since *dataset* was read, nothing is kept.
        """

        def known(state: Dataset) -> dict[str, tuple[str, str]]:
            return {m.metric: (m.value, m.rules) for m in state.measurements}

        if known(dataset) == values:
            return dataset
        with self.store.write() as writer:
            old = self._read(writer, self._find(writer, dataset.iri))
            if replace(old, measurements=()) != replace(dataset, measurements=()):
                return old
            revision, time = old.current.name if old.current else "", now()
            measured = replace(
                old,
                measurements=tuple(
                    Measurement(metric, value, rules, revision, time)
                    for metric, (value, rules) in sorted(values.items())
                ),
            )
            return Recorder(self.store, writer, self.agent).rewrite(old, measured)

    def remove(self, name: str | int, *, purge: bool = False) -> Dataset:
        """Remove a dataset. Its history stays, and ``revert`` brings it back; with *purge* nothing stays but its numbers."""
        with self.store.write() as writer:
            old = self._read(writer, self._find(writer, name, removed=purge))
            graphs = (old.node, record_iri(self.base, old.slug)) if purge else (old.node,)
            if not purge:
                with canonical(writer, old.node) as before:
                    before.archive(self.store)
                    sha256 = before.sha256
            if old.public:
                content.leave(writer, self.base, old, *graphs)
            else:
                writer.clear(*graphs)
            if purge:
                writer.remove(system.entry_triples(old), SYSTEM)
                system.forget_files(writer, old.node)
                former.forget(writer, old.node, former.numbers(writer, old.node).items())
                gone = replace(old, removed=now())
            else:
                recorder = Recorder(self.store, writer, self.agent)
                gone = recorder.revised(old, old, "remove", sha256, 0, "")
                gone = replace(gone, removed=gone.modified, counts={})
                content.write_record(writer, self.base, old, gone)
        if purge:  # only now: a write that fails must not lose what it would have kept
            for revision in old.revisions:
                if revision.sha256:
                    self.store.forget(archive_name(revision.sha256))
            self.store.files.collect(lambda: named_files(self.store))
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
            new = replace(called_by_source(old, name) if name else old, removed="")
            recorder = Recorder(self.store, writer, self.agent)
            return recorder.fill(old, new, chunks, "revert", wanted.source, True, {}, True)

    def write_graph(
        self, iri: str, lines: Iterable[bytes], *, replace: bool = True
    ) -> Dataset | None:
        """Put N-Triples in the place of a dataset's content, or add them to it; None if that changes nothing.

        An unknown graph becomes a dataset with that IRI, one without a triple is removed; what is refused of an update is refused
        here, too.
        """
        with self.store.write() as writer:
            return Update(self.store, writer, self.agent).load(
                NamedNode(iri), lines, replace=replace
            )

    def update(self, sparql: str, using: Using | None = None) -> tuple[Dataset, ...]:
        """Run a SPARQL 1.1 Update and return the datasets that it changed.

        Named graphs are datasets: an unknown one becomes a dataset with that IRI. What is written to the default graph goes to
        the dataset ``{base}id/default``, which is also what ``DEFAULT`` means; a WHERE without GRAPH sees the union of all public
        datasets, ``GRAPH ?g`` ranges over all datasets; *using* names other ones. Writing to records and the system graph is refused (QueryError, HTTP
        403). Each dataset that changed gets a revision.
        """
        refuse_network(sparql)
        with self.store.write() as writer:
            return Update(self.store, writer, self.agent).run(sparql, using)

    # What the verbs have in common

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
            and new.title == (known.source_title or known.title)
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
        return system.read_entry(reader, self.base, entry)

    @contextmanager
    def _reading(self, reader: Reader | None) -> Iterator[Reader]:
        if reader is not None:
            yield reader
            return
        with self.store.read() as opened:
            yield opened
