"""fairgraph from Python: one class, about a dozen verbs. The command line and the web call nothing else."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from pyoxigraph import NamedNode

from fairgraph import memory, queries
from fairgraph.access import OWNER, PUBLIC, dataset_scope, may_see, visible
from fairgraph.answers import Answer, Exported
from fairgraph.catalogue import (
    Catalogue,
    Dataset,
    DatasetContent,
    Difference,
    Revision,
    dataset_iri,
    record_iri,
)
from fairgraph.catalogue import Source as Origin
from fairgraph.closing import Closing
from fairgraph.errors import InvalidDataset, NotFound, SourceError, UsageError
from fairgraph.exports import export as export_table
from fairgraph.importers import format as format_table
from fairgraph.importers.archive import Source, open_source
from fairgraph.importers.format import Draft, Format
from fairgraph.report import Report
from fairgraph.store import Reader, Scope, Store, open_store
from fairgraph.store.embedded import DiskStore
from fairgraph.terms import DEFAULT_BASE, digest, slugify

Progress = Callable[[str], None]

# A conversion stays in memory, where a triple takes about 450 bytes, as far as a quarter of the machine's goes, and up to this
# many triples in any case; a store on disk takes several times longer.
MEMORY_TRIPLES = 2_000_000
_BYTES_A_TRIPLE, _SHARE = 450, 4


@dataclass(frozen=True)
class Added:
    """What became of an import: the dataset, what was found, and what changed (None unless it was a dry run)."""

    dataset: Dataset
    report: Report
    created: bool
    changed: bool
    difference: Difference | None = None


@dataclass(frozen=True)
class Statements:
    """The statements about an IRI that have one property and stand in one dataset or record: how many there are."""

    property: str
    graph: str
    count: int


class Fairgraph(Closing):
    """A store of datasets, seen by one caller: its owner, or the public.

    >>> with Fairgraph(open_store("memory:")) as fg:
    ...     len(fg.datasets())
    0
    """

    def __init__(self, store: Store, *, caller: str = OWNER, agent: str = "python") -> None:
        self.store, self.caller = store, caller
        self.catalogue = Catalogue(store, agent=agent)

    # -- datasets ----------------------------------------------------------------------------------------------------

    def datasets(self) -> list[Dataset]:
        """Return the datasets that the caller may see, by number."""
        return self.catalogue.list(caller=self.caller)

    def dataset(self, name: str | int | Dataset) -> Dataset:
        """Return one dataset by number, slug or IRI; raise NotFound if the caller may see none."""
        if isinstance(name, Dataset):
            if not may_see(name, self.caller):
                raise NotFound(f"there is no dataset {name.slug}", hint="datasets() gives them all")
            return name
        return self.catalogue.get(name, caller=self.caller)

    def add(
        self,
        path: str | Path,
        *,
        format: str | None = None,
        slug: str | None = None,
        number: int | None = None,
        visibility: str | None = None,
        validate: bool = False,
        strict: bool = False,
        dry_run: bool = False,
        data_files: bool = False,
        progress: Progress = lambda step: None,
    ) -> Added:
        """Import a file, folder or archive: a new dataset, or a new revision of the one with the same slug and source.

        *strict* refuses a dataset with violations (InvalidDataset, with the report) before anything is stored. *dry_run* stores nothing
        and says what would change. *data_files* looks whether the data files are beside the metadata. Raises SourceError or
        UnknownFormat for input that cannot be read.
        """
        self._as_owner()
        with _collected_later():
            source, form = _recognised(Path(path), format)
            progress("reading")
            origin = _origin(source, form)
            chosen, renamed = self.catalogue.choose_slug(slug or _slug(source), origin)
            draft = self._read(source, form, dataset_iri(self.store.base, chosen).value)
            try:
                if renamed:
                    draft.report.add(renamed)
                if data_files:
                    draft.report.extend(_missing_files(draft, source, form))
                if validate or strict:
                    progress("validating")
                    draft.report.merge(validate_draft(draft))
                if strict and not draft.report.conforms:
                    count = draft.report.counts["violation"]
                    raise InvalidDataset(
                        f"has {count} violations and was not imported",
                        draft.report,
                        where=str(path),
                    )
                content = _content(chosen, draft, form, origin)
                content.number, content.visibility = number, visibility
                progress("storing")
                if dry_run:
                    return self._dry_run(content, draft.report)
                put = self.catalogue.put(content)
                return Added(put.dataset, draft.report, put.created, put.changed)
            finally:
                draft.spool.close()

    @staticmethod
    def _read(source: Source, form: Format, iri: str) -> Draft:
        draft = Draft(iri)
        try:
            form.read(source, draft)
        except BaseException:
            draft.spool.close()
            raise
        if not draft.title:
            draft.title = _slug(source)
        return draft

    def _dry_run(self, content: DatasetContent, report: Report) -> Added:
        with open_store("memory:", base=self.store.base) as scratch:
            put = Catalogue(scratch).put(replace(content, visibility="private", number=None))
            with scratch.read() as new:
                after = set(new.triples(put.dataset.node))
            with self.store.read() as old:
                before = set(old.triples(put.dataset.node))
        order = str
        difference = Difference(
            tuple(sorted(after - before, key=order)), tuple(sorted(before - after, key=order))
        )
        changed = bool(difference.added or difference.removed)
        known = next((d for d in self.catalogue.list() if d.slug == put.dataset.slug), None)
        # 0: it has no number yet, and gets none by a dry run.
        number = known.number if known else content.number or 0
        visibility = content.visibility or (known.visibility if known else PUBLIC)
        dataset = replace(put.dataset, number=number, visibility=visibility)
        return Added(dataset, report, known is None, changed, difference)

    def set(self, name: str | int | Dataset, **fields: str) -> Dataset:
        """Change title, license, doi, status or visibility of a dataset."""
        self._as_owner()
        return self.catalogue.set(self.dataset(name).iri, **fields)

    def remove(self, name: str | int | Dataset, *, purge: bool = False) -> Dataset:
        """Remove a dataset; its history stays, so that ``revert`` brings it back, unless *purge* forgets that too."""
        self._as_owner()
        return self.catalogue.remove(self._iri(name), purge=purge)

    def history(self, name: str | int | Dataset) -> tuple[Revision, ...]:
        """Return the revisions of a dataset, the first one first, also of one that was removed."""
        return self.catalogue.history(self._iri(name))

    def diff(self, name: str | int | Dataset, revision: str | int | None = None) -> Difference:
        """Return what a dataset has more and less than one of its revisions (the one before, if none is named)."""
        return self.catalogue.diff(self._iri(name), revision)

    def revert(self, name: str | int | Dataset, revision: str | int) -> Dataset:
        """Give a dataset the content of one of its revisions again, as a new revision."""
        self._as_owner()
        return self.catalogue.revert(self._iri(name), revision)

    def update(self, sparql: str) -> tuple[Dataset, ...]:
        """Run a SPARQL 1.1 Update; return the datasets that it changed, each with a new revision."""
        self._as_owner()
        return self.catalogue.update(sparql)

    def _iri(self, name: str | int | Dataset) -> str:
        """Return the IRI of a dataset that the caller may see, also of a removed one."""
        found = name.iri if isinstance(name, Dataset) else name
        return self.catalogue.get(found, caller=self.caller, removed=True).iri

    def _as_owner(self) -> None:
        if self.caller != OWNER:
            raise UsageError("only the owner of the store may write to it")

    # -- questions ---------------------------------------------------------------------------------------------------

    def query(
        self, text: str, /, *, dataset: str | int | Dataset | None = None, **params: Any
    ) -> Answer:
        """Answer a query: the name of one in the catalogue (with its parameters), or SPARQL text.

        Without *dataset* it sees the union of all datasets that the caller may see, with it that dataset alone.
        """
        known = queries.catalogue()
        sparql = queries.bind(known[text], **params) if text in known else text
        if text not in known and params:
            raise UsageError(
                "parameters belong to queries of the catalogue", hint="fairgraph queries"
            )
        if text not in known and not any(character.isspace() for character in text.strip()):
            raise NotFound(f"there is no query {text!r}", hint="fairgraph queries lists them")
        return self.sparql(sparql, dataset=dataset)

    def sparql(
        self,
        text: str,
        *,
        dataset: str | int | Dataset | None = None,
        graphs: tuple[Collection[str], Collection[str]] | None = None,
    ) -> Answer:
        """Answer SPARQL text, about one dataset or about all that the caller may see.

        *graphs* are the IRIs of the default and of the named graphs that are wanted (SPARQL 1.1 Protocol §2.1.4): they narrow what
        the caller sees, and never widen it.
        """
        reader = self.store.read()
        try:
            if dataset is None:
                scope = visible(reader, self.caller, base=self.store.base)
            else:
                scope = self._scope(self.dataset(dataset))
            if graphs is not None:
                default, named = (
                    tuple(graph for graph in scope.named if graph.value in wanted)
                    for wanted in graphs
                )
                scope = Scope(default, named)
            return Answer(reader, reader.query(text, scope))
        except BaseException:
            reader.close()
            raise

    def entity(self, iri: str) -> tuple[list[Statements], list[Statements]]:
        """Return what kinds of statements there are about an IRI, and what kinds lead to it.

        Their values are the answers to ``browse/objects`` and ``browse/subjects``, since there may be very many. Raises NotFound
        if the caller may see none.
        """
        about, leading = (
            [
                Statements(predicate.value, graph.value, int(count.value))
                for _, predicate, graph, count in self.query(name, node=iri)
            ]
            for name in ("browse/properties", "browse/referrers")
        )
        if not about and not leading:
            raise NotFound("nothing is known about this IRI", where=iri)
        return about, leading

    def validate(self, name: str | int | Dataset, *, profile: str = "isa") -> Report:
        """Check a stored dataset against the shapes of a profile; what its importer found is in the report, too."""
        dataset = self.dataset(name)
        with self.store.read() as reader:
            shapes = _validated(
                reader, dataset.node, profile, on_disk=isinstance(self.store, DiskStore)
            )
        report = Report()
        report.extend(dataset.findings)
        report.merge(shapes)
        return report

    # -- exports -----------------------------------------------------------------------------------------------------

    def export(
        self, format: str, dataset: str | int | Dataset | None = None, **options: str
    ) -> Exported:
        """Return a dataset in an export format; without a dataset, all that the caller may see (tables only)."""
        export = export_table.get(format)
        if dataset is None:
            if export.scope != "any":
                raise UsageError(
                    f"export {format} needs a dataset", hint="name one by number, slug or IRI"
                )
            node, name = NamedNode(f"{self.store.base}id/"), format.removesuffix("-csv")

            def scope(reader: Any) -> Scope:
                return visible(reader, self.caller, base=self.store.base)

            return Exported(export, node, name, scope, self.store.read, options)
        found = self.dataset(dataset)
        return Exported(
            export, found.node, found.slug, lambda _: self._scope(found), self.store.read, options
        )

    def _scope(self, dataset: Dataset) -> Scope:
        return Scope((dataset.node,), (record_iri(self.store.base, dataset.slug),))

    # -- life --------------------------------------------------------------------------------------------------------

    def as_caller(self, caller: str) -> Fairgraph:
        """Return the same store as another caller sees it."""
        return Fairgraph(self.store, caller=caller)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def open_fairgraph(
    location: str | Path | None = None, *, base: str | None = None, create: bool = True
) -> Fairgraph:
    """Open a data folder (made if it is not there), or ``"memory:"``.

    Raises StoreError if the folder cannot be used.
    """
    return Fairgraph(open_store(location, base=base, create=create))


@contextmanager
def read_draft(
    path: str | Path, format: str | None = None, *, data_files: bool = False
) -> Iterator[Draft]:
    """Read a source without a store: its triples and its report, for ``validate PATH``.

    *data_files* looks whether the data files are beside the metadata.
    """
    with _collected_later():
        source, form = _recognised(Path(path), format)
        draft = Fairgraph._read(
            source, form, dataset_iri("http://localhost:8000/", slugify(_slug(source))).value
        )
        try:
            if data_files:
                draft.report.extend(_missing_files(draft, source, form))
            yield draft
        finally:
            draft.spool.close()


def validate_draft(draft: Draft, profile: str = "isa") -> Report:
    """Check what was read from a source against the shapes of a profile, in a store of its own."""
    with _read_alone(draft) as reader:
        return _validated(reader, NamedNode(draft.dataset), profile, on_disk=_is_large(draft))


def _missing_files(draft: Draft, source: Source, form: Format) -> Report:
    from fairgraph.importers.beside import files_beside
    from fairgraph.validation.data_files import missing_files

    is_there = files_beside(source, form.metadata_files(source)[0])
    scope = dataset_scope(NamedNode(draft.dataset))
    with _read_alone(draft) as reader:
        return missing_files(lambda query: reader.select(query, scope), is_there)


@contextmanager
def _read_alone(draft: Draft) -> Iterator[Reader]:
    """Lend a reader of a store that holds nothing but one draft."""
    with _own_store(draft, DEFAULT_BASE) as store:
        with store.write() as writer:
            writer.load(NamedNode(draft.dataset), draft.spool.chunks(), checked=draft.checked)
        with store.read() as reader:
            yield reader


def _validated(reader: Reader, graph: NamedNode, profile: str, *, on_disk: bool) -> Report:
    from fairgraph.validation.data import Data
    from fairgraph.validation.validate import validate_data

    scope = dataset_scope(graph)
    data = Data(
        lambda query: reader.select(query, scope), lambda: reader.triples(graph), on_disk=on_disk
    )
    return validate_data(data, profile)


def _is_large(draft: Draft) -> bool:
    """Tell whether a dataset is too large for a store in memory."""
    triples = draft.spool.triples
    return triples > MEMORY_TRIPLES and triples * _BYTES_A_TRIPLE > memory.total() // _SHARE


@contextmanager
def _own_store(draft: Draft, base: str) -> Iterator[Store]:
    """Lend a store for one dataset that is gone afterwards: in memory while it is small beside that, else on disk."""
    with tempfile.TemporaryDirectory(prefix="fairgraph-") as folder:
        where = Path(folder) / "store" if _is_large(draft) else "memory:"
        with open_store(where, base=base) as store:
            yield store


def convert(
    path: str | Path,
    export_format: str,
    output: BinaryIO | str | Path,
    *,
    format: str | None = None,
    options: Mapping[str, str] | None = None,
) -> Report:
    """Import a source into a store of its own, export it, forget the store; return what the importer found.

    *output* is a binary stream, or a path (see :meth:`Exported.to_path`). The store is in
    memory while that has room (a quarter of the machine's, about 450 bytes a triple), else on disk. It is private, so that no union of
    public datasets is kept.
    """
    with _collected_later():
        source, form = _recognised(Path(path), format)
        chosen = slugify(_slug(source))
        base = "http://localhost:8000/"
        draft = Fairgraph._read(source, form, dataset_iri(base, chosen).value)
        with _own_store(draft, base) as store:
            content = _content(chosen, draft, form, _origin(source, form))
            content.visibility = "private"
            fairgraph = Fairgraph(store)
            put = fairgraph.catalogue.put(content)
            draft.spool.close()
            exported = fairgraph.export(export_format, put.dataset, **dict(options or {}))
            if isinstance(output, (str, Path)):
                exported.to_path(output)
            else:
                exported.write(output)
        return draft.report


def _recognised(path: Path, name: str | None) -> tuple[Source, Format]:
    source = open_source(path)
    if name is None:
        return source, format_table.detect(source)
    form = format_table.get(name)
    if not form.metadata_files(source):
        raise SourceError(f"holds nothing that can be read as {form.label}", where=str(path))
    return source, form


def _origin(source: Source, form: Format) -> Origin:
    sha256, size = source.sha256(form.metadata_files(source))
    return Origin(source.name, digest(str(source.path.resolve())), sha256, size)


def _slug(source: Source) -> str:
    name = source.name
    if source.path.is_file():
        name = name.split(".tar.")[0].rsplit(".", 1)[0]
    return slugify(name)


def _content(slug: str, draft: Draft, form: Format, origin: Origin) -> DatasetContent:
    from fairgraph import __version__

    return DatasetContent(
        slug=slug,
        title=draft.title,
        format=form.name,
        chunks=draft.spool.chunks(),
        source=origin,
        findings=draft.report,
        entities=draft.entities,
        derived=draft.derived,
        checked=draft.checked,
        importer=f"{form.name}/{__version__}.{form.version}",
    )


@contextmanager
def _collected_later() -> Iterator[None]:
    # Millions of short strings and tuples without cycles: the collector would walk them again and again for nothing.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
