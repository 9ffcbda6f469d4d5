"""fairgraph from Python: one class, about a dozen verbs. The command line and the web call nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairgraph import ontology, queries
from fairgraph.access import OWNER, PUBLIC, Seen, each_alone, may_see, narrowed
from fairgraph.answers import Added, Answer, Exported, File, Statements, Subject
from fairgraph.catalogue import (
    Catalogue,
    Dataset,
    Difference,
    Revision,
    dataset_iri,
    record_iri,
)
from fairgraph.closing import Closing
from fairgraph.drafts import (
    collected_later,
    content_of,
    keep_files_of,
    missing_files_of,
    origin_of,
    profile_of,
    read_draft,
    read_source,
    recognised,
    rehearsed,
    slug_of,
    validate_draft,
)
from fairgraph.errors import InvalidDataset, NotFound, UsageError
from fairgraph.exports import export as export_table
from fairgraph.exports.export import Export
from fairgraph.exports.loss_report import Loss, losses
from fairgraph.files import Brought
from fairgraph.ontology import Ontology, adding, lookup, snapshots
from fairgraph.ontology.lookup import FoundTerm
from fairgraph.report import Report
from fairgraph.search import Hit, search
from fairgraph.store import Reader, Scope, Store, open_store

# What only some verbs need is loaded when they run: every command waits for what stands above.
if TYPE_CHECKING:
    from fairgraph.exports.scored import Scores
    from fairgraph.runs import Run

__all__ = [
    "Added",
    "Fairgraph",
    "Hit",
    "Statements",
    "open_fairgraph",
    "read_draft",
    "validate_draft",
]

BINARY = "application/octet-stream"
Progress = Callable[[str], None]
Name = str | int | Dataset
"""How a dataset is named: by its slug or IRI, by its number, or by itself."""


class Fairgraph(Closing):
    """A store of datasets, seen by one caller: its owner, or the public.

    >>> with Fairgraph(open_store("memory:")) as fg:
    ...     len(fg.datasets())
    0
    """

    def __init__(self, store: Store, *, caller: str = OWNER, agent: str = "python") -> None:
        self.store, self.caller = store, caller
        self._seen = Seen(caller, base=store.base)
        self.catalogue = Catalogue(store, agent=agent)

    # -- datasets ----------------------------------------------------------------------------------------------------

    def datasets(self) -> list[Dataset]:
        """Return the datasets that the caller may see, by number."""
        return self.catalogue.list(caller=self.caller)

    def dataset(self, name: Name) -> Dataset:
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
        with_files: bool | None = None,
        options: Mapping[str, str] | None = None,
        key: str = "",
        progress: Progress = lambda step: None,
    ) -> Added:
        """Import a file, folder or archive: a new dataset, or a new revision of the one with the same slug and source.

        *strict* refuses a dataset with violations (InvalidDataset, with the report) before anything is stored. *dry_run* stores nothing
        and says what would change. *data_files* looks whether the data files are beside the metadata, *with_files* keeps them in
        the store (None: as the format has it; notebooks and crates in an archive do). *options* are those of the format. *key* tells
        this source from others of its name ("": where it lies). Raises SourceError or UnknownFormat for input that cannot be read.
        """
        self._as_owner()
        with collected_later(), ExitStack() as stack:
            source, form = recognised(Path(path), format)
            wanted = with_files if with_files is not None else form.keeps_files(source)
            kept = wanted and not dry_run
            arrival = stack.enter_context(self.store.files.arrival()) if kept else None
            progress("reading")
            origin = origin_of(source, form, key)
            chosen, renamed = self.catalogue.choose_slug(slug or slug_of(source), origin)
            iri = dataset_iri(self.store.base, chosen).value
            draft = read_source(source, form, iri, arrival, options)
            stack.callback(draft.spool.close)
            if wanted and not form.reads_files:
                keep_files_of(draft, source, form)
            draft.report.extend(filter(None, [renamed]))
            if data_files:
                draft.report.extend(missing_files_of(draft, source, form))
            if validate or strict:
                from fairgraph.checking import validate_arrival

                progress("validating")
                draft.report.merge(validate_arrival(draft, self.store))
            if strict and not draft.report.conforms:
                message = f"has {draft.report.counts['violation']} violations and was not imported"
                raise InvalidDataset(message, draft.report, where=str(path))
            content = content_of(chosen, draft, form, origin)
            content.number, content.visibility = number, visibility
            progress("storing")
            if dry_run:
                return Added(*rehearsed(self.store, self.catalogue, content, draft.report))
            if arrival is not None:
                arrival.keep()
                content.files = arrival.brought
            put = self.catalogue.put(content)
            return Added(put.dataset, draft.report, put.created, put.changed)

    def record_run(
        self,
        run: Run,
        *,
        of: Name | None = None,
        slug: str | None = None,
        number: int | None = None,
        visibility: str | None = None,
        with_files: bool = True,
    ) -> Added:
        """Record an analysis run: a new dataset, or a new revision of the run with the same workflow and outputs.

        *of* is the dataset that it used: an input with the SHA-256 or else the name of one of its data files is that file
        (``prov:specializationOf``). *with_files* keeps the files in the store. Raises UsageError for what is not there and for a public
        run of a private dataset, SourceError for documents that cannot be read.
        """
        from fairgraph import runs

        self._as_owner()
        used = None if of is None else self.dataset(of)
        with collected_later(), ExitStack() as stack:
            arrival = stack.enter_context(self.store.files.arrival()) if with_files else None
            recorded = stack.enter_context(runs.read(run, self.catalogue, slug, arrival))
            if used is not None:
                of_slug = (d.visibility for d in self.datasets() if d.slug == recorded.slug)
                shown = visibility or next(of_slug, PUBLIC)
                recorded.link(used, self.query("browse/data-files", dataset=used), shown)
            content = recorded.content(number, visibility)
            if arrival is not None:
                arrival.keep()
                content.files = arrival.brought
            put = self.catalogue.put(content)
            return Added(put.dataset, recorded.draft.report, put.created, put.changed)

    def set(self, name: Name, **fields: str) -> Dataset:
        """Change title, license, doi, status or visibility of a dataset."""
        self._as_owner()
        return self.catalogue.set(self.dataset(name).iri, **fields)

    def remove(self, name: Name, *, purge: bool = False) -> Dataset:
        """Remove a dataset; its history stays, so that ``revert`` brings it back, unless *purge* forgets that too."""
        self._as_owner()
        return self.catalogue.remove(self._iri(name), purge=purge)

    def history(self, name: Name) -> tuple[Revision, ...]:
        """Return the revisions of a dataset, the first one first, also of one that was removed."""
        return self.catalogue.history(self._iri(name))

    def diff(self, name: Name, revision: str | int | None = None) -> Difference:
        """Return what a dataset has more and less than one of its revisions (the one before, if none is named)."""
        return self.catalogue.diff(self._iri(name), revision)

    def revert(self, name: Name, revision: str | int) -> Dataset:
        """Give a dataset the content of one of its revisions again, as a new revision."""
        self._as_owner()
        return self.catalogue.revert(self._iri(name), revision)

    def update(
        self, sparql: str, *, using: tuple[Sequence[str], Sequence[str]] | None = None
    ) -> tuple[Dataset, ...]:
        """Run a SPARQL 1.1 Update; return the datasets that it changed, each with a new revision.

        *using* are the default and the named graphs that its patterns see, by IRI; without it, all datasets.
        """
        self._as_owner()
        return self.catalogue.update(sparql, using)

    def write_graph(self, iri: str, ntriples: Iterable[bytes], *, replace: bool) -> Dataset | None:
        """Put triples in the place of a dataset's content, or add them to it; None if that changes nothing."""
        self._as_owner()
        return self.catalogue.write_graph(iri, ntriples, replace=replace)

    def _iri(self, name: Name) -> str:
        """Return the IRI of a dataset that the caller may see, also of a removed one."""
        found = name.iri if isinstance(name, Dataset) else name
        return self.catalogue.get(found, caller=self.caller, removed=True).iri

    def _as_owner(self) -> None:
        if self.caller != OWNER:
            raise UsageError("only the owner of the store may write to it")

    # -- questions ---------------------------------------------------------------------------------------------------

    def query(
        self, text: str, /, *, dataset: Name | Sequence[Name] | None = None, **params: Any
    ) -> Answer:
        """Answer a query: the name of one in the catalogue (with its parameters), or SPARQL text.

        Without *dataset* it sees the union of all datasets that the caller may see, with it that dataset (or those) alone.
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
        dataset: Name | Sequence[Name] | None = None,
        graphs: tuple[Collection[str], Collection[str]] | None = None,
    ) -> Answer:
        """Answer SPARQL text, about one dataset or about all that the caller may see.

        *graphs* are the IRIs of the default and of the named graphs that are wanted (SPARQL 1.1 Protocol §2.1.4): they narrow what
        the caller sees, and never widen it.
        """
        reader = self.store.read()
        try:
            scope = self._scope(reader, *self._several(dataset))
            if graphs is not None:
                scope = narrowed(scope, *graphs)
            return Answer(reader, reader.query(text, scope))
        except BaseException:
            reader.close()
            raise

    def search(
        self,
        text: str,
        *,
        type: str = "",
        dataset: Name | None = None,
        ask: Callable[[str], Iterable[Any]] | None = None,
    ) -> list[Hit]:
        """Return things whose names, titles, descriptions or identifiers hold all words of a text, names first; at most 200.

        *type* is the name of a class: ``Sample``, ``isa:Sample`` or its IRI. *ask* answers the query that reads all names in another
        way than here, such as in a process that can be stopped.
        """
        named, labels = queries.get("browse/search"), queries.get("browse/labels")
        asked = ask or partial(self.sparql, dataset=dataset)
        return search(
            lambda word: asked(queries.bind(named, word=word)),
            lambda nodes: self.sparql(queries.place(labels, {"node": nodes})),
            text,
            type=type,
        )

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

    def file(self, sha256: str) -> File:
        """Return a file by its SHA-256; NotFound unless a dataset that the caller may see names it and one has brought it."""
        files = self.store.files
        there = files.has(sha256) and self.catalogue.keeps_file(sha256, caller=self.caller)
        rows = list(self.query("browse/file", sha256=sha256)) if there else []
        if not rows:
            raise NotFound("there is no such file", where=sha256)
        # Several datasets may call it by several names: the first one, as they sort, counts.
        known = sorted(tuple(term.value if term else "" for term in row) for row in rows)
        name, media_type = (
            next(filter(None, (row[n] for row in known)), default)
            for n, default in ((0, sha256), (1, BINARY))
        )
        size = files.place(sha256).stat().st_size
        return File(sha256, size, name, media_type, self.store)

    def validate(self, name: Name, *, profile: str | None = None) -> Report:
        """Check a stored dataset against a profile (None: that of its format); what its importer found is in the report, too.

        The profile ``prov`` tells whether the dataset is valid provenance (PROV-CONSTRAINTS): ``conforms`` is the answer, and nothing
        but its own findings is in the report.
        """
        from fairgraph.checking import validate_dataset

        dataset = self.dataset(name)
        profile = profile or profile_of(dataset.format)
        return validate_dataset(self.store, dataset, profile, self._scope)

    def score(self, name: Name) -> Scores:
        """Return the FAIR and the AI-ready score of a dataset: points, evidence and what to do, rule by rule."""
        from fairgraph.exports import scored

        found = self.dataset(name)
        subject = Subject((found.node,), found.slug, self.store.base)
        with self._exported(scored.EXPORT, subject, [found], {}).answers() as answers:
            return scored.Scores.of(answers)

    def record_score(self, name: Name, scores: Scores) -> Dataset:
        """Keep the scores of a dataset in its record, as DQV; they go when it changes."""
        self._as_owner()
        values = {
            metric: (value, score.rule_set.name)
            for score in (scores.fair, scores.ai_ready)
            for metric, value in score.measurements.items()
        }
        return self.catalogue.measure(self.dataset(name), values)

    # -- exports -----------------------------------------------------------------------------------------------------

    def export(
        self,
        format: str,
        dataset: Name | Sequence[Name] | None = None,
        *,
        samples: str | Collection[str] | None = None,
        **options: str,
    ) -> Exported:
        """Return a dataset in an export format; tables are of several datasets too, and without any of all that the caller may see.

        *samples* limits the export to some: their IRIs, or a query (SPARQL text or a name in the catalogue) that sees the same datasets
        and has the samples in its first column.
        """
        export = export_table.get(format)
        found = self._several(dataset)
        if len(found) != 1 and export.scope != "any":
            raise UsageError(
                f"export {format} needs {'one' if found else 'a'} dataset",
                hint="name one by number, slug or IRI",
            )
        selection = None
        if samples is not None:
            if not export.selects:
                raise UsageError(
                    f"export {format} is always of all samples",
                    hint=f"of some: {', '.join(e.name for e in export_table.exports() if e.selects)}",
                )
            if isinstance(samples, str):
                selection = self.query(samples, dataset=found or None).selected()
            else:
                selection = frozenset(samples)
        stem = format.removesuffix(f"-{export.suffix}")
        subject = Subject(
            tuple(dataset.node for dataset in found),
            found[0].slug if len(found) == 1 else stem,
            self.store.base,
            selection,
        )
        return self._exported(export, subject, found, options)

    def _exported(
        self, export: Export, subject: Subject, found: Sequence[Dataset], options: Mapping[str, str]
    ) -> Exported:
        store = self.store
        scope = partial(self._export_scope, datasets=found, ontologies=export.ontologies)
        each = partial(each_alone, found, self.caller, base=store.base)
        kept = Brought(store.files, self.catalogue.kept_files(found)), store.keys.signing_key
        return Exported(export, subject, scope, store.read, options, each, *kept)

    def loss(self, format: str, dataset: Name) -> Loss:
        """Return what a dataset says and an export format does not carry, counted by class and property."""
        if format == "loss-report":
            raise UsageError("a loss report is about another format", hint="name an export")
        with self.export("loss-report", dataset).answers() as answers:
            return next(losses(answers, [export_table.get(format)]))

    def _several(self, names: Name | Sequence[Name] | None) -> list[Dataset]:
        """Return the datasets that are named: one, several or none."""
        if names is None:
            return []
        if isinstance(names, (str, int, Dataset)):
            names = [names]
        found = [self.dataset(name) for name in names]
        return list({dataset.iri: dataset for dataset in found}.values())

    def _export_scope(
        self, reader: Reader, datasets: Sequence[Dataset], ontologies: bool = False
    ) -> Scope:
        """The scope of an export: of the named graphs only the records, so that no dataset can pose as one."""
        scope = self._scope(reader, *datasets)
        record = record_iri(self.store.base, "").value
        named = tuple(graph for graph in scope.named if graph.value.startswith(record))
        return Scope(scope.default, named + (snapshots.graphs(reader) if ontologies else ()))

    def _scope(self, reader: Reader, *datasets: Dataset) -> Scope:
        """The graphs and records of *datasets*; of all that the caller may see if none is given."""
        if not datasets:
            return self._seen.scope(reader)
        records = tuple(record_iri(self.store.base, dataset.slug) for dataset in datasets)
        return Scope(tuple(dataset.node for dataset in datasets), records)

    # -- ontologies --------------------------------------------------------------------------------------------------

    def ontologies(self) -> list[Ontology]:
        """Return the ontologies that the store holds, by name, then by version."""
        with self.store.read() as reader:
            return ontology.listed(reader)

    def add_ontology(self, path: str | Path, *, classify: bool = False) -> tuple[Ontology, Report]:
        """Add a version of an ontology (RDF/XML, Turtle, N-Triples, OBO) in a graph of its own; return it and what was found.

        The same version once more takes the place of what was there. *classify* asks a reasoner, which needs Java, for the subclass
        axioms that follow; they go into the graph ``{version IRI}#inferred``. Raises SourceError for a file that cannot be read.
        """
        self._as_owner()
        return adding.add(self.store, Path(path), classify=classify)

    def remove_ontology(self, name: str) -> Ontology:
        """Remove an ontology: its version IRI, its name, or ``name@version``; NotFound if there is none."""
        self._as_owner()
        return snapshots.remove(self.store, name)

    def terms(
        self, text: str, *, ontology: str = "", ask: lookup.Ask | None = None
    ) -> list[FoundTerm]:
        """Return terms of the ontologies whose label or a synonym holds all words of a text, labels first; at most 100.

        *ontology* is the name of one, ``name@version`` or an IRI; NotFound if there is none. *ask* is as in :meth:`search`, and gets the
        graphs, too.
        """
        known = lookup.chosen(self.ontologies(), ontology)
        return lookup.find(ask or (lambda q, graphs: self.sparql(q, graphs=graphs)), known, text)

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
