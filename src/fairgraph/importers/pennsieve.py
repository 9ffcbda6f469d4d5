"""Published datasets of Pennsieve (once Blackfynn) Discover: folders and ZIP archives, generations 1 to 5.

What is there decides how it is read, not the version that the manifest states: two layouts of the metadata are called 5.0.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from fairgraph.errors import SourceError
from fairgraph.importers.archive import Source
from fairgraph.importers.crate_json import read_json
from fairgraph.importers.format import Draft
from fairgraph.importers.pennsieve_files import PublishedFiles, manifest_of, open_files
from fairgraph.importers.pennsieve_graph import PublishedGraph
from fairgraph.importers.pennsieve_manifest import Manifest, prefix_of
from fairgraph.importers.pennsieve_models import FILE_MODEL, Model, Schema
from fairgraph.importers.pennsieve_records import Records
from fairgraph.isa.notation import Number
from fairgraph.pennsieve.json_text import MANIFEST_FORM, SCHEMA_FORM, JsonForm
from fairgraph.terms import ISA, PENNSIEVE, PROV, SCHEMA

OBJECTS = 5_000_000
TEXTS = {"readme.md": PENNSIEVE.readme, "changelog.md": PENNSIEVE.changelog}
_KEY = re.compile(rb'"(?:pennsieve|blackfynn)DatasetId"\s*:')
_HEAD = 1 << 20
_SCHEMA = re.compile(r"(metadata|graph)/schema\.json")
_RECORDS = re.compile(r"(?:metadata|graph)/records/([^/]+)\.csv", re.IGNORECASE)
_RELATIONSHIPS = re.compile(r"(?:metadata|graph)/relationships/[^/]+\.csv", re.IGNORECASE)
_REVISION = re.compile(r"revisions/([^/]+)/(.+)")


def detect(source: Source) -> bool:
    """Tell whether a source has a manifest with the key that only published datasets have."""
    name = manifest_of(source)
    if not name:
        return False
    with source.open(name) as stream:
        return _KEY.search(stream.read(_HEAD)) is not None


def metadata_files(source: Source) -> list[str]:
    """Return the manifest: what else is read is found by what is there."""
    name = manifest_of(source)
    return [name] if name else []


def read(source: Source, draft: Draft) -> None:
    """Read a published dataset."""
    _Reader(source, draft).read()


class _Reader:
    def __init__(self, source: Source, draft: Draft) -> None:
        self.draft = draft
        self.graph = PublishedGraph(draft)
        manifest = manifest_of(source)
        if not manifest:
            raise SourceError("has no manifest.json", where=source.name)
        self.files: PublishedFiles = open_files(source, manifest, draft.report)
        self.known: list[tuple[str, str]] = []
        self.paths: set[str] = set()
        self.samples: list[str] = []

    def read(self) -> None:
        graph, dataset = self.graph, self.draft.dataset
        name = self.files.manifest
        document, text = self.document(name)
        prefix = prefix_of(document, self.files.where(name))
        graph.types(dataset, SCHEMA.Dataset, PENNSIEVE.PublishedDataset, PROV.Entity)
        graph.text(dataset, PENNSIEVE.manifestName, name)
        self.manifest(dataset, document, prefix, name, "manifest")
        self.form(name, text, document, MANIFEST_FORM)
        self.texts(dataset, "")
        self.metadata()
        self.revisions()
        graph.write_orders()
        title = document.get("name")
        self.draft.title = title if isinstance(title, str) else ""
        self.draft.derived = True
        self.draft.sha256 = self.fingerprint()

    # -- Documents ---------------------------------------------------------------------------------------------------

    def document(self, name: str) -> tuple[Any, str]:
        """Return a JSON document of the metadata and its text."""
        data = self.files.read(name)
        self.known.append((name, hashlib.sha256(data).hexdigest()))
        document = read_json(
            data,
            self.files.where(name),
            self.draft.report,
            number=Number,
            objects=OBJECTS,
            bom="pennsieve-byte-order-mark",
        )
        return document, data.decode("utf-8")

    def form(self, name: str, text: str, document: Any, default: JsonForm) -> None:
        file = self.graph.file(name)
        if name not in self.paths:
            self.paths.add(name)
            self.graph.text(file, SCHEMA.name, name)
        self.graph.types(file, PENNSIEVE.Document)
        self.graph.form(file, text, document, default, self.files.where(name))

    def manifest(self, subject: str, document: Any, prefix: str, name: str, kind: str) -> None:
        written = Manifest(self.graph, subject, self.files.where(name), self.size_of)
        written.write(document, prefix, kind)
        self.paths |= written.paths

    def size_of(self, path: str) -> int | None:
        """Return how large a file of the metadata is, None if it is not there."""
        return self.files.size(path)

    def texts(self, subject: str, folder: str) -> None:
        """Keep the texts of a dataset or of a revision: each is one value."""
        for name, predicate in TEXTS.items():
            if folder + name not in self.files.names:
                continue
            data = self.files.read(folder + name)
            self.known.append((folder + name, hashlib.sha256(data).hexdigest()))
            text = data.decode("utf-8", "replace")
            if text.encode() != data or "\0" in text:
                message = "is not UTF-8: what is not becomes a question mark"
                self.graph.find("warning", "pennsieve-text", message, self.files.where(name))
                text = text.replace("\0", "\ufffd")
            self.graph.text(subject, predicate, text)

    def revisions(self) -> None:
        """Read the revisions: manifests without files, and texts."""
        folders = sorted(
            {match[1] for name in self.files.names if (match := _REVISION.fullmatch(name))},
            key=lambda text: (len(text), text),
        )
        for folder in folders:
            node = self.graph.mint(self.draft.dataset, "revision", folder)
            self.graph.link(self.draft.dataset, PENNSIEVE.revision, node)
            self.graph.types(node, PENNSIEVE.Revision)
            self.graph.text(node, PENNSIEVE.folder, folder)
            start = f"revisions/{folder}/"
            name = f"{start}{self.files.manifest}"
            if name in self.files.names:
                document, text = self.document(name)
                prefix = prefix_of(document, self.files.where(name))
                self.manifest(node, document, prefix, name, name)
                self.form(name, text, document, MANIFEST_FORM)
            self.texts(node, start)

    # -- Metadata ----------------------------------------------------------------------------------------------------

    def metadata(self) -> None:
        """Read the records, in whichever layout they are."""
        found = sorted(name for name in self.files.names if _SCHEMA.fullmatch(name))
        tables = [name for name in self.files.names if _RECORDS.fullmatch(name)]
        if found:
            self.schema(found[0])
        elif tables:
            message = "there are records without a schema.json; they are read as texts"
            self.graph.find("warning", "pennsieve-schema-missing", message, self.files.manifest)
            folder = tables[0].partition("/")[0]
            self.tables(folder, Schema(self.graph, ""))

    def schema(self, name: str) -> None:
        document, text = self.document(name)
        where = self.files.where(name)
        if not isinstance(document, dict):
            raise SourceError("is no object with models and relationships", where=where)
        schema = Schema(self.graph, where)
        schema.write(document)
        self.form(name, text, document, SCHEMA_FORM)
        self.graph.link(schema.iri, PENNSIEVE.document, self.graph.file(name))
        self.tables(name.rpartition("/")[0], schema)

    def tables(self, folder: str, schema: Schema) -> None:
        """Read the tables of records, then those of relationships."""
        graph = self.graph
        records = Records(graph, self.files, self.paths)
        places: dict[str, Model] = {}
        for model in schema.models.values():
            name = self.table_of(model, folder)
            if name and name not in places:
                places[name] = model
        others = [name for name in self.files.names if _RECORDS.fullmatch(name)]
        for name in sorted(set(others) - set(places)):
            places[name] = self.undeclared(name, schema)
        for name, model in places.items():
            records.collect(model, name)
        for name, model in places.items():
            is_sample = model.role == ISA.Sample
            for iri in records.write(model, name):
                if is_sample:
                    self.samples.append(iri)
            self.remember(name)
        for name in sorted(n for n in self.files.names if _RELATIONSHIPS.fullmatch(n)):
            records.relate(name, ("from", "to", "relationship"))
            self.remember(name)

    def table_of(self, model: Model, folder: str) -> str:
        """Return the name of the table of a model: what the schema says, else what it is usually called; ``""`` if there is none."""
        told = f"{folder}/{model.file}" if model.file else ""
        usual = f"{folder}/records/{model.name}.csv"
        if told in self.files.names:
            return told
        where = self.files.where(told or usual)
        if usual in self.files.names:
            message = f"the table of {model.name} is not where the schema says; read from {usual}"
            self.graph.find("warning", "pennsieve-table-missing", message, where)
            return usual
        message = f"there is no table of {model.name}"
        self.graph.find("warning", "pennsieve-table-missing", message, where)
        return ""

    def undeclared(self, name: str, schema: Schema) -> Model:
        """Return a model for a table that the schema does not have."""
        match = _RECORDS.fullmatch(name)
        assert match is not None
        model = Model(match[1], self.graph.mint(self.draft.dataset, "model", match[1]))
        if match[1] != FILE_MODEL:
            message = f"a table is of no model of the schema: {match[1]}; it is read as texts"
            self.graph.find("warning", "pennsieve-model", message, self.files.where(name))
        self.graph.link(self.draft.dataset, PENNSIEVE.undeclaredModel, model.iri)
        self.graph.text(model.iri, SCHEMA.name, match[1])
        schema.class_of_records(model, len(schema.models))
        schema.models[match[1]] = model
        return model

    # -- The same source once more -----------------------------------------------------------------------------------

    def remember(self, name: str) -> None:
        checksum = hashlib.sha256()
        with self.files.open(name) as stream:
            while block := stream.read(1 << 20):
                checksum.update(block)
        self.known.append((name, checksum.hexdigest()))

    def fingerprint(self) -> str:
        total = hashlib.sha256()
        for name, sha256 in sorted(self.known):
            total.update(f"{sha256}  {name}\n".encode("utf-8", "surrogatepass"))
        return total.hexdigest()
