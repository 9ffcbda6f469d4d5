"""Sources on their way into a store: read into a draft, checked in a store of their own, handed over."""

from __future__ import annotations

import gc
import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from pyoxigraph import NamedNode

from fairgraph import memory
from fairgraph.access import PUBLIC, dataset_scope
from fairgraph.catalogue import Catalogue, Dataset, DatasetContent, Difference, dataset_iri
from fairgraph.catalogue import Source as Origin
from fairgraph.errors import SourceError
from fairgraph.files import Digests, Files, FileSink
from fairgraph.importers import format as format_table
from fairgraph.importers.archive import Source, open_source
from fairgraph.importers.format import Draft, Format
from fairgraph.report import Finding, Report
from fairgraph.store import Reader, Store, open_store
from fairgraph.terms import DEFAULT_BASE, digest, slugify

# A conversion stays in memory, where a triple takes about 450 bytes, as far as a quarter of the machine's goes, and up to this
# many triples in any case; a store on disk takes several times longer.
MEMORY_TRIPLES = 2_000_000
_BYTES_A_TRIPLE, _SHARE = 450, 4


@contextmanager
def read_draft(
    path: str | Path, format: str | None = None, *, data_files: bool = False
) -> Iterator[Draft]:
    """Read a source without a store: its triples and its report, for ``validate PATH``.

    *data_files* looks whether the data files are beside the metadata.
    """
    with collected_later():
        source, form = recognised(Path(path), format)
        draft = read_source(
            source, form, dataset_iri("http://localhost:8000/", slug_of(source)).value
        )
        try:
            if data_files:
                draft.report.extend(missing_files_of(draft, source, form))
            yield draft
        finally:
            draft.spool.close()


def validate_draft(draft: Draft, profile: str | None = None) -> Report:
    """Check what was read from a source against the shapes of a profile (None: that of its format), in a store of its own."""
    profile = profile or profile_of(draft.format)
    with _read_alone(draft) as reader:
        return validated(reader, NamedNode(draft.dataset), profile, on_disk=is_large(draft))


def profile_of(format: str) -> str:
    """Return the profile that datasets of an import format are checked against unless another is named."""
    from fairgraph import validation

    return validation.profile_of(format)


def missing_files_of(draft: Draft, source: Source, form: Format) -> Report:
    """Look whether the data files that a draft names are beside the metadata of its source."""
    from fairgraph.importers.beside import files_beside
    from fairgraph.validation.data_files import missing_files

    if form.reads_files:  # its reader has looked
        return Report()
    is_there = files_beside(source, form.metadata_files(source)[0])
    scope = dataset_scope(NamedNode(draft.dataset))
    with _read_alone(draft) as reader:
        return missing_files(lambda query: reader.select(query, scope), is_there)


def keep_files_of(draft: Draft, source: Source, form: Format) -> None:
    """Put the data files that a draft names and that are beside the metadata into its files, and say so in its triples."""
    from fairgraph.importers.beside import open_beside
    from fairgraph.terms import SCHEMA, XSD, literal
    from fairgraph.validation.data_files import named_files

    metadata = form.metadata_files(source)
    opened = open_beside(source, metadata[0])
    scope = dataset_scope(NamedNode(draft.dataset))
    with _read_alone(draft) as reader:
        named = named_files(lambda query: reader.select(query, scope))
    total = hashlib.sha256(f"{source.sha256(metadata)[0]}\n".encode())
    for iri, name in named:
        if (content := opened(name)) is None:
            continue
        with content as stream:
            stored = draft.files.add(stream)
        total.update(f"{stored.sha256}  {name}\n".encode())
        draft.size += stored.size
        draft.spool.write(f"<{iri}> <{SCHEMA.sha256}> {literal(stored.sha256)} .\n")
        size = f'"{stored.size}"^^<{XSD.integer}>'
        draft.spool.write(f"<{iri}> <{SCHEMA.contentSize}> {size} .\n")
    draft.sha256 = total.hexdigest()


@contextmanager
def _read_alone(draft: Draft) -> Iterator[Reader]:
    """Lend a reader of a store that holds nothing but one draft."""
    with own_store(draft, DEFAULT_BASE) as store:
        with store.write() as writer:
            writer.load(NamedNode(draft.dataset), draft.spool.chunks(), checked=draft.checked)
        with store.read() as reader:
            yield reader


def validated(reader: Reader, graph: NamedNode, profile: str, *, on_disk: bool) -> Report:
    """Check one graph of a store against the shapes of a profile."""
    from fairgraph.validation.data import Data
    from fairgraph.validation.validate import validate_data

    scope = dataset_scope(graph)
    data = Data(
        lambda query: reader.select(query, scope), lambda: reader.triples(graph), on_disk=on_disk
    )
    return validate_data(data, profile)


def judged(found: Iterable[Finding], checked: Report, profile: str | None) -> Report:
    """Return what a check found, with what the importer found; provenance is judged by itself."""
    from fairgraph.validation import PROV_PROFILE

    report = Report()
    report.extend(() if profile == PROV_PROFILE else found)
    report.merge(checked)
    return report


def is_large(draft: Draft) -> bool:
    """Tell whether a dataset is too large for a store in memory."""
    triples = draft.spool.triples
    return triples > MEMORY_TRIPLES and triples * _BYTES_A_TRIPLE > memory.total() // _SHARE


@contextmanager
def own_store(draft: Draft, base: str = DEFAULT_BASE) -> Iterator[Store]:
    """Lend a store for one dataset that is gone afterwards: in memory while it is small beside that, else on disk."""
    with tempfile.TemporaryDirectory(prefix="fairgraph-") as folder:
        where = Path(folder) / "store" if is_large(draft) else "memory:"
        with open_store(where, base=base) as store:
            yield store


def read_source(
    source: Source,
    form: Format,
    iri: str,
    files: FileSink | None = None,
    options: Mapping[str, str] | None = None,
) -> Draft:
    """Read a source into a draft of the dataset *iri*; the caller closes its spool. *files* takes its files.

    Raises UsageError if the format does not have one of *options*.
    """
    form.check_options(options or {})
    draft = Draft(iri, form.name, files=files or Digests(), options=options or {})
    try:
        form.read(source, draft)
    except BaseException:
        draft.spool.close()
        raise
    if not draft.title:
        draft.title = slug_of(source)
    return draft


@contextmanager
def read_whole(source: Source, form: Format, *, with_files: bool) -> Iterator[tuple[Draft, Files]]:
    """Read a source into a draft, and its files, if they are wanted, into a store of their own, which is gone afterwards."""
    iri = dataset_iri(DEFAULT_BASE, slug_of(source)).value
    files = Files()
    try:
        with ExitStack() as stack:
            arrival = stack.enter_context(files.arrival()) if with_files else None
            draft = read_source(source, form, iri, arrival)
            if arrival is not None:
                arrival.keep()
        yield draft, files
    finally:
        files.close()


def recognised(path: Path, name: str | None) -> tuple[Source, Format]:
    """Open a source and find its format; UnknownFormat or SourceError if there is none, or not the one that is named."""
    source = open_source(path)
    if name is None:
        return source, format_table.detect(source)
    form = format_table.get(name)
    if not form.reads_files and not form.metadata_files(source):
        raise SourceError(f"holds nothing that can be read as {form.label}", where=str(path))
    return source, form


def origin_of(source: Source, form: Format, key: str = "") -> Origin:
    """Return what a record keeps of where a dataset came from; *key* tells sources of one name apart, if not where they lie."""
    names = form.metadata_files(source)
    # Without a name the reader tells: what it read is more than one document.
    sha256, size = source.sha256(names) if names else ("", 0)
    return Origin(source.name, digest(key or str(source.path.resolve())), sha256, size)


def slug_of(source: Source) -> str:
    """Return the slug that a source has by its name."""
    name = source.name
    if source.path.is_file():
        name = name.split(".tar.")[0].rsplit(".", 1)[0]
    return slugify(name)


def content_of(slug: str, draft: Draft, form: Format, origin: Origin) -> DatasetContent:
    """Return a draft as what the catalogue puts into the store."""
    from fairgraph import __version__

    if draft.sha256:
        origin = replace(origin, sha256=draft.sha256, size=origin.size + draft.size)
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


def rehearsed(
    store: Store, catalogue: Catalogue, content: DatasetContent, report: Report
) -> tuple[Dataset, Report, bool, bool, Difference]:
    """Return what a put would lead to, and put nothing: the dataset, its report, whether it is new, whether it changes, and how."""
    with open_store("memory:", base=store.base) as scratch:
        put = Catalogue(scratch).put(replace(content, visibility="private", number=None))
        with scratch.read() as new:
            after = set(new.triples(put.dataset.node))
        with store.read() as old:
            before = set(old.triples(put.dataset.node))
    difference = Difference(
        tuple(sorted(after - before, key=str)), tuple(sorted(before - after, key=str))
    )
    changed = bool(difference.added or difference.removed)
    known = next((d for d in catalogue.list() if d.slug == put.dataset.slug), None)
    # 0: it has no number yet, and gets none by a dry run.
    number = known.number if known else content.number or 0
    visibility = content.visibility or (known.visibility if known else PUBLIC)
    dataset = replace(put.dataset, number=number, visibility=visibility)
    return dataset, report, known is None, changed, difference


@contextmanager
def collected_later() -> Iterator[None]:
    """Keep the garbage collector from running meanwhile."""
    # Millions of short strings and tuples without cycles: the collector would walk them again and again for nothing.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
