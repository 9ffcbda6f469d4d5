"""Crates and notebooks: one reader for RO-Crate 1.0 to 1.3 and for `.eln`, which is a crate in a ZIP archive with one folder."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from fairgraph.crate.ids import is_path, path_of
from fairgraph.errors import SourceError
from fairgraph.files import BLOCK_BYTES, Digests, Readable, StoredFile
from fairgraph.importers.archive import Source
from fairgraph.importers.crate_files import METADATA, METADATA_BYTES, CrateFiles, crate_files
from fairgraph.importers.crate_graph import CrateGraph
from fairgraph.importers.crate_ids import Ids
from fairgraph.importers.crate_json import read_document
from fairgraph.importers.crate_lost import report_lost
from fairgraph.importers.crate_ours import original_ids, restored, stated_writer
from fairgraph.importers.crate_terms import Terms
from fairgraph.importers.crate_writers import writer_of
from fairgraph.importers.format import Draft
from fairgraph.importers.minisign import judge
from fairgraph.importers.roles import read_roles, roles_of
from fairgraph.importers.rules import finding
from fairgraph.terms import ELN, PROV, RDF, SCHEMA, literal

SIGNATURE = ".minisig"
SIGNATURE_BYTES = 64 * 1024
EXPANDED_BYTES = 4 * 1024**3
_PREVIEW = re.compile(r"ro-crate-preview(?:\.html|_files/.*)")
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")


@dataclass(frozen=True)
class Classes:
    """Which of our classes the Datasets of a format belong to: the root, and those inside (``""``: none)."""

    root: str
    entry: str


NOTEBOOK = Classes(ELN.Notebook, ELN.Entry)
CRATE = Classes(ELN.Crate, "")


def read(source: Source, draft: Draft, classes: Classes) -> None:
    """Read a crate: its metadata as triples, its files into the sink of the draft; SourceError if it is not safe to read."""
    with crate_files(source.path, draft.report, notebook=classes is NOTEBOOK) as files:
        read_files(files, draft, classes)


def read_files(
    files: CrateFiles, draft: Draft, classes: Classes
) -> dict[str, tuple[str, StoredFile]]:
    """Read a crate whose files are at hand; return the IRI and the bytes of each that is described, by its name in the crate."""
    is_notebook = classes is NOTEBOOK
    data = files.read(files.metadata, METADATA_BYTES)
    document = read_document(data, files.metadata, draft.report)
    nodes = document["@graph"]
    root = _root(nodes, files.metadata, strict=is_notebook)
    writer = writer_of(nodes, root)
    terms = Terms(document.get("@context"), writer, files.metadata, draft.report)
    ids = Ids(draft.dataset, root, files.metadata, draft.report, is_strict=is_notebook)
    ids.originals = original_ids(nodes, terms)
    writer = stated_writer(nodes, root, terms) or writer
    written = nodes
    nodes, changes = restored(nodes, terms, ids.originals)
    if changes:
        message = "what fairgraph had changed for the sake of rules is as it was before"
        draft.report.add(
            finding("info", "crate-restored", message, where=files.metadata, count=changes)
        )
    graph = CrateGraph(draft, ids, terms, files.metadata)
    graph.collect(nodes)
    graph.check_parts()
    payload = _Payload(files, draft, ids)
    supplied = _told(written) - _told(nodes) if changes else set()
    payload.take(graph, terms, {path_of(unquote(raw)) for raw in supplied if is_path(raw)})
    graph.write(payload.described, classes.root, classes.entry)
    payload.write_rest(graph)
    _write_roles(draft, graph, ids, files.metadata)
    _write_origin(files, draft, graph, data, writer)
    report_lost(nodes, draft, {root, *ids.originals, *graph.subjects()}, files.metadata)
    draft.title = _title(graph, ids)
    draft.derived = True
    draft.sha256, draft.size = payload.fingerprint(data, draft.options), payload.size
    # Studies, samples and runs have numbers: the first two are none of a crate, runs are derived.
    draft.entities = {}
    return payload.by_name


def _root(nodes: list[dict[str, Any]], name: str, *, strict: bool) -> str:
    """Return the ``@id`` of the root: ``./``, or of a crate what its descriptor is about; SourceError if it is not there."""
    known = _told(nodes)
    if "./" in known or not strict:
        about = [_ids_of(node.get("about")) for node in nodes if _is_descriptor(node)]
        told = next((one for found in about for one in found if one in known), "")
        if "./" in known and (strict or not told):
            return "./"
        if told:
            return told
    raise SourceError("describes no root: a node with the @id ./", where=f"{name}#/@graph")


def _told(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["@id"] for node in nodes if isinstance(node.get("@id"), str)}


def _is_descriptor(node: dict[str, Any]) -> bool:
    raw = node.get("@id")
    return isinstance(raw, str) and raw.endswith(METADATA) and raw.rpartition("/")[2] in METADATA


def _ids_of(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    found = [one.get("@id") if isinstance(one, dict) else one for one in values]
    return [one for one in found if isinstance(one, str)]


def _title(graph: CrateGraph, ids: Ids) -> str:
    names = (node.get("name") for iri, node in graph.nodes() if iri == ids.dataset)
    return next((name for name in names if isinstance(name, str) and name.strip()), "")


class _Counted:
    """A stream that refuses to yield more than a crate may hold."""

    def __init__(self, content: Readable, owner: _Payload) -> None:
        self._content, self._owner = content, owner

    def read(self, size: int = -1, /) -> bytes:
        block = self._content.read(size if size >= 0 else BLOCK_BYTES)
        self._owner.size += len(block)
        if self._owner.size > EXPANDED_BYTES:
            raise SourceError(f"expands to more than {EXPANDED_BYTES >> 30} GB and is refused")
        return block


class _Payload:
    """The files of a crate beside its metadata: those that a node describes, and the rest."""

    def __init__(self, files: CrateFiles, draft: Draft, ids: Ids) -> None:
        self._files, self._draft, self._ids = files, draft, ids
        self.described: dict[str, StoredFile] = {}  # by the IRI of the node
        self._rest: dict[str, StoredFile] = {}  # by name
        self.by_name: dict[str, tuple[str, StoredFile]] = {}  # the same, by name
        self._known: list[tuple[str, str]] = []
        self.size = 0
        # The files of a folder are not read unless they are wanted: they may be very many.
        in_folder = files.root is not None and not files.held
        self._is_read = not in_folder or not isinstance(draft.files, Digests)

    def take(self, graph: CrateGraph, terms: Terms, supplied: set[str]) -> None:
        """Read the files in the order of the archive, but for those that were only *supplied* for the sake of rules."""
        nodes = self._nodes_of_files(graph, terms)
        for name in self._files.names:
            if name == self._files.metadata or name == self._files.metadata + SIGNATURE:
                continue
            if _PREVIEW.fullmatch(name):
                message = "the preview for browsers is not kept: it says nothing of its own"
                self._find("info", "crate-payload-preview", message, name)
                self._check(name)
                continue
            if name in supplied:
                self._check(name)
                continue
            if not self._is_read:
                continue
            with self._files.open(name) as content:
                stored = self._draft.files.add(_Counted(content, self))
            self._known.append((name, stored.sha256))
            if iri := nodes.get(name):
                self.described[iri] = stored
                self.by_name[name] = (iri, stored)
            else:
                self._rest[name] = stored

    def _check(self, name: str) -> None:
        with self._files.open(name) as content:
            Digests().add(_Counted(content, self))

    def _nodes_of_files(self, graph: CrateGraph, terms: Terms) -> dict[str, str]:
        """Return the IRI of the node that describes a file, by the name of the file."""
        found: dict[str, str] = {}
        known: set[str] = set()  # the IRIs among them
        for iri, node in graph.nodes():
            raw, types = node.get("@id"), node.get("@type")
            if isinstance(types, str):
                is_file = terms.iri(types) == SCHEMA.MediaObject
            else:
                told = (one for one in _several(types) if isinstance(one, str))
                is_file = any(terms.iri(one) == SCHEMA.MediaObject for one in told)
            if not is_file or not isinstance(raw, str):
                continue
            if not is_path(raw) or _REMOTE.match(raw):
                continue
            names = (path_of(raw), path_of(unquote(raw)))
            name = next((one for one in names if one in self._files.names), "")
            if name:
                known.add(found.setdefault(name, iri))
            elif iri not in known:
                self._find(
                    "warning", "crate-payload-missing", "a file that is described is not there", raw
                )
            if name and "sha256" not in node and self._is_read and not self._files.held:
                message = "a file has no SHA-256 in the metadata; it got the one of its bytes"
                self._find("info", "crate-payload-unsigned", message, raw)
        return found

    def write_rest(self, graph: CrateGraph) -> None:
        """Write the files that nothing is said about."""
        for name, stored in self._rest.items():
            message = "a file of the archive is not described; it is kept"
            self._find("warning", "crate-payload-undescribed", message, name)
            iri = self._ids.member(name)
            for kind in (SCHEMA.MediaObject, PROV.Entity, ELN.UndescribedFile):
                graph.triple(iri, RDF.type, f"<{kind}>")
            graph.triple(iri, SCHEMA.name, literal(name))
            graph.triple(iri, SCHEMA.sha256, literal(stored.sha256))
            graph.triple(
                iri,
                SCHEMA.contentSize,
                f'"{stored.size}"^^<http://www.w3.org/2001/XMLSchema#integer>',
            )

    def fingerprint(self, metadata: bytes, options: Mapping[str, str]) -> str:
        """Return one SHA-256 over all that was read: the same source, the same dataset."""
        total = hashlib.sha256(hashlib.sha256(metadata).digest())
        if roles := options.get("roles"):
            total.update(repr(sorted(read_roles(roles).items())).encode())
        for name, sha256 in sorted(self._known):
            total.update(f"{sha256}  {name}\n".encode("utf-8", "surrogatepass"))
        return total.hexdigest()

    def _find(self, severity: Any, rule: str, message: str, where: str) -> None:
        self._draft.report.add(
            finding(severity, rule, message, where=f"{self._files.label}/{where}")
        )


def _write_origin(
    files: CrateFiles, draft: Draft, graph: CrateGraph, data: bytes, writer: str
) -> None:
    """Keep the metadata as they came, for audit and signatures. No export reads them."""
    graph.triple(draft.dataset, ELN.writer, literal(writer))
    kept = [("metadata", ELN.metadataFile, ELN.MetadataFile, data)]
    signature = files.metadata + SIGNATURE
    if signature in files.names:
        signed = files.read(signature, SIGNATURE_BYTES)
        kept.append(("signature", ELN.signatureFile, ELN.SignatureFile, signed))
        draft.report.add(judge(signed, data, where=f"{files.label}/{signature}"))
    for name, predicate, kind, content in kept:
        stored = draft.files.add(io.BytesIO(content))
        iri = f"{draft.dataset}/original/{name}"
        graph.triple(draft.dataset, predicate, f"<{iri}>")
        graph.triple(iri, RDF.type, f"<{kind}>")
        graph.triple(iri, SCHEMA.sha256, literal(stored.sha256))


def _write_roles(draft: Draft, graph: CrateGraph, ids: Ids, name: str) -> None:
    """State which part of an investigation an entry is, as whoever imports it says."""
    if not (told := draft.options.get("roles")):
        return
    entries = (
        (iri, node)
        for iri, node in graph.nodes()
        if iri != ids.dataset and "Dataset" in _several(node.get("@type"))
    )
    for iri, role in roles_of(entries, read_roles(told), name, draft.report):
        graph.triple(iri, ELN.role, f"<{role}>")


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
