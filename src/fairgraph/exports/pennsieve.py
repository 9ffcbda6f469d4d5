"""Published datasets of Pennsieve (once Blackfynn) Discover out of the graph: the generation that came in."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import product
from typing import BinaryIO

from fairgraph.exports.export import Answers, Export, File
from fairgraph.exports.package import write_zip
from fairgraph.exports.pennsieve_core import core_files
from fairgraph.exports.pennsieve_documents import Documents
from fairgraph.exports.pennsieve_schemas import ModelVersions
from fairgraph.exports.pennsieve_several import QUERIES, note_several
from fairgraph.exports.pennsieve_tables import Tables
from fairgraph.exports.pennsieve_view import PublishedView, read_view
from fairgraph.pennsieve.json_text import MANIFEST_FORM, SCHEMA_FORM
from fairgraph.pennsieve.keys import TEXTS, is_inside
from fairgraph.terms import PENNSIEVE, SCHEMA

_GROWTH = 4


def files(answers: Answers) -> Iterator[File]:
    """Yield the files of one dataset: texts, metadata, and the manifest, which tells the sizes of the others, last."""
    view = read_view(answers)
    if not view.is_a(view.root, PENNSIEVE.PublishedDataset):
        yield from core_files(answers)
        return
    sizes: dict[str, int] = {}
    tables = Tables(view, answers)
    for name, contents in _metadata(view, answers, tables):
        yield name, _measured(name, contents, sizes)
    yield from _payload(view, answers, sizes)
    documents = Documents(view)
    name = view.text(view.root, PENNSIEVE.manifestName) or "manifest.json"
    yield name, [_manifest(view, documents, view.root, name, sizes).encode()]
    note_several(view, answers, tables.several)


def write(answers: Answers, output: BinaryIO) -> None:
    """Write one dataset as a ZIP of its files, always the same bytes for the same graph."""
    write_zip(files(answers), output)


def _metadata(view: PublishedView, answers: Answers, tables: Tables) -> Iterator[File]:
    documents = Documents(view)
    yield from _texts(view, view.root, "")
    for revision in view.links(view.root, PENNSIEVE.revision):
        folder = f"revisions/{view.text(revision, PENNSIEVE.folder)}/"
        yield from _texts(view, revision, folder)
        if view.text(revision, PENNSIEVE.prefix):
            name = folder + (view.text(view.root, PENNSIEVE.manifestName) or "manifest.json")
            yield name, [_manifest(view, documents, revision, name, {}).encode()]
    if schema := view.link(view.root, PENNSIEVE.schema):
        file = view.link(schema, PENNSIEVE.document)
        name = view.text(file, SCHEMA.name) or "metadata/schema.json"
        yield name, [documents.text(file, documents.schema(), SCHEMA_FORM).encode()]
    yield from _tables(view, answers, tables)


def _payload(view: PublishedView, answers: Answers, written: Container[str]) -> Iterator[File]:
    """Yield the files that the manifest lists, as far as the file store has them."""
    found = {}
    for about in view.entries.values():
        for path, sha256 in product(about.get(SCHEMA.name, ()), about.get(SCHEMA.sha256, ())):
            if is_inside(path.value) and path.value not in written and answers.file(sha256.value):
                found[path.value] = sha256.value
    for name in sorted(found):
        yield name, answers.blocks(found[name])


def _texts(view: PublishedView, subject: str, folder: str) -> Iterator[File]:
    for name, predicate in TEXTS.items():
        if (found := view.term(subject, predicate)) is not None:
            yield folder + name, [found.value.encode()]


def _tables(view: PublishedView, answers: Answers, tables: Tables) -> Iterator[File]:
    models = [
        *view.links(view.root, PENNSIEVE.model),
        *view.links(view.root, PENNSIEVE.undeclaredModel),
    ]
    for model in models:
        for table in view.links(model, PENNSIEVE.table)[:1]:
            yield view.text(table, SCHEMA.name), tables.records(model, table)
    related = {
        view.text(node, SCHEMA.name): node
        for node in view.about
        if view.text(node, PENNSIEVE.tableOf) == "relationships"
    }
    yield from _versions(view, answers, tables)
    for name in sorted(related):
        yield name, tables.relationships(related[name])
    for node in sorted(view.about):
        if view.text(node, PENNSIEVE.tableOf) == "files":
            yield view.text(node, SCHEMA.name), tables.file_links(node)


def _versions(view: PublishedView, answers: Answers, tables: Tables) -> Iterator[File]:
    models = view.links(view.root, PENNSIEVE.modelVersion)
    versions = ModelVersions(view, answers, tables) if models else None
    for model in models:
        assert versions is not None
        if file := view.link(model, PENNSIEVE.document):
            text = versions.documents.text(file, versions.schema(model), SCHEMA_FORM)
            yield view.text(file, SCHEMA.name), [text.encode()]
        for file in view.links(model, PENNSIEVE.table)[:1]:
            yield view.text(file, SCHEMA.name), versions.records(model, file)


def _measured(name: str, contents: Iterable[bytes], sizes: dict[str, int]) -> Iterator[bytes]:
    sizes[name] = 0
    for part in contents:
        sizes[name] += len(part)
        yield part


def _manifest(
    view: PublishedView, documents: Documents, subject: str, name: str, sizes: dict[str, int]
) -> str:
    """Return a manifest; it lists itself with its own size, on which that size depends: so it is made until both agree."""
    file = next((f for f in view.about if view.text(f, SCHEMA.name) == name), "")
    kind = "manifest" if subject == view.root else name
    text = documents.text(file, documents.manifest(subject, kind, sizes), MANIFEST_FORM)
    for _ in range(_GROWTH):
        size = len(text.encode())
        if sizes.get(name) == size:
            break
        sizes[name] = size
        text = documents.text(file, documents.manifest(subject, kind, sizes), MANIFEST_FORM)
    return text


EXPORT = Export(
    "pennsieve",
    "Pennsieve",
    "export/pennsieve",
    "application/zip",
    "zip",
    write,
    profile="https://docs.pennsieve.io/docs/structure-of-published-datasets",
    carried=("export/pennsieve/carried", "export/pennsieve/carried-core"),
    left_out=QUERIES,
    files=files,
)
