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
from fairgraph.importers.pennsieve_models import FILE_MODEL, Model, Schema, class_of_records
from fairgraph.importers.pennsieve_records import Records
from fairgraph.importers.pennsieve_schemas import (
    FOLDER,
    JsonRecords,
    ModelSchema,
    file_links,
    relate_versions,
)
from fairgraph.isa.notation import Number
from fairgraph.pennsieve.json_text import MANIFEST_FORM, SCHEMA_FORM, JsonForm
from fairgraph.pennsieve.keys import (
    MANIFESTS,
    RECORD_RELATIONSHIP_COLUMNS,
    RELATIONSHIP_COLUMNS,
    SCHEMA_VERSION,
    TEXTS,
)
from fairgraph.terms import PENNSIEVE, PROV, SCHEMA

OBJECTS = 5_000_000
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

    def read(self) -> None:
        graph, dataset = self.graph, self.draft.dataset
        name = self.files.manifest
        document, text = self.document(name)
        prefix = prefix_of(document, self.files.where(name))
        if self.files.is_alone and str(document.get(prefix + SCHEMA_VERSION, ""))[:1] in "123":
            name = self.files.rename_manifest(MANIFESTS[1])  # as it is called in its dataset
        graph.types(dataset, SCHEMA.Dataset, PENNSIEVE.PublishedDataset, PROV.Entity)
        graph.text(dataset, PENNSIEVE.manifestName, name)
        self.manifest(dataset, document, prefix, name, "manifest")
        self.form(name, text, document, MANIFEST_FORM)
        title = document.get("name")
        del document, text  # of many files, it is large
        self.texts(dataset, "")
        self.metadata()
        self.revisions()
        graph.write_orders()
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
        self.name(name)
        self.graph.types(file, PENNSIEVE.Document)
        self.graph.form(file, text, document, default, self.files.where(name))

    def manifest(self, subject: str, document: Any, prefix: str, name: str, kind: str) -> None:
        written = Manifest(self.graph, subject, self.files.where(name), self.files)
        written.write(document, prefix, kind)
        self.paths |= written.paths
        self.known += written.known

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
            key=natural,
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
        if any(FOLDER.fullmatch(name) for name in self.files.names):
            self.versions()
            return
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
            records.write(model, name)
            self.remember(name)
        for name in sorted(n for n in self.files.names if _RELATIONSHIPS.fullmatch(n)):
            records.relate(name, RELATIONSHIP_COLUMNS)
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
        class_of_records(self.graph, model, len(schema.models))
        schema.models[match[1]] = model
        return model

    # -- The newer layout --------------------------------------------------------------------------------------------

    def versions(self) -> None:
        """Read the versions of models, each a folder of its own, their records, and what relates them."""
        folders: dict[tuple[str, str], str] = {}
        for name in self.files.names:
            if match := FOLDER.fullmatch(name):
                folders.setdefault((match[2], match[3]), name.rpartition("/")[0])
        models = [
            (name, version, self.version(name, version, folder, n))
            for n, ((name, version), folder) in enumerate(
                sorted(folders.items(), key=lambda item: (item[0][0], natural(item[0][1])))
            )
        ]
        relate_versions(self.graph, models)
        records = Records(self.graph, self.files, self.paths)
        lines = JsonRecords(self.graph, self.files, records, self.draft.report)
        tables = [
            (model, f"{folders[name, version]}/records.jsonl") for name, version, model in models
        ]
        tables = [(model, table) for model, table in tables if table in self.files.names]
        for model, table in tables:
            lines.collect(model, table)
        for model, table in tables:
            lines.write(model, table)
            self.remember(table)
            self.name(table)
        if (name := "metadata/relationships.csv") in self.files.names:
            records.relate(name, RECORD_RELATIONSHIP_COLUMNS)
            self.remember(name)
        if (name := "metadata/files.csv") in self.files.names:
            file_links(self.graph, records, self.files, name)
            self.remember(name)

    def version(self, name: str, version: str, folder: str, n: int) -> Model:
        """Read the schema of one version of a model."""
        place = f"{folder}/schema.json"
        schema = ModelSchema(self.graph, name, version, self.files.where(place))
        if place in self.files.names:
            document, text = self.document(place)
            schema.write(document, n)
            self.form(place, text, document, SCHEMA_FORM)
            self.graph.link(schema.model.iri, PENNSIEVE.document, self.graph.file(place))
        else:
            message = f"there is no schema of {name}, version {version}"
            self.graph.find("warning", "pennsieve-schema-missing", message, self.files.where(place))
            class_of_records(self.graph, schema.model, n)
        return schema.model

    def name(self, name: str) -> None:
        """Write the path of a file that the manifest does not list."""
        if name not in self.paths:
            self.paths.add(name)
            self.graph.text(self.graph.file(name), SCHEMA.name, name)

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


def natural(text: str) -> tuple[int, str]:
    """Return a key that sorts numbers by their value."""
    return (int(text), text) if text.isdecimal() and len(text) < 10 else (1 << 31, text)
