"""The manifest of a published dataset: what it says of itself, its people and its files."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from fairgraph.errors import SourceError
from fairgraph.files import Digests
from fairgraph.identifiers import DOI, ORCID, doi, orcid
from fairgraph.importers.pennsieve_files import Opener, PublishedFiles
from fairgraph.importers.pennsieve_graph import PublishedGraph
from fairgraph.isa.notation import Number
from fairgraph.pennsieve.keys import (
    COLLECTION,
    DATASET_ID,
    FILE,
    MANIFEST,
    PERSON,
    PREFIXES,
    PUBLICATION,
    SCHEMA_VERSION,
    is_inside,
    is_payload,
    is_written,
)
from fairgraph.report import Severity
from fairgraph.terms import ELN, FG, PENNSIEVE, PROV, SCHEMA, XSD, is_web_iri

Json = dict[str, Any]
# The members that are objects: key, property, type, kind, keys.
_OBJECTS: Mapping[str, tuple[str, str, str, Mapping[str, str]]] = {
    "contributors": (PENNSIEVE.contributor, SCHEMA.Person, "person", PERSON),
    "collections": (PENNSIEVE.collection, PENNSIEVE.Collection, "collection", COLLECTION),
    "relatedPublications": (
        SCHEMA.citation,
        SCHEMA.ScholarlyArticle,
        "publication",
        PUBLICATION,
    ),
}


def prefix_of(document: Any, where: str) -> str:
    """Return what the platform's own keys begin with; SourceError if the document is no manifest."""
    if isinstance(document, dict):
        for prefix in PREFIXES:
            if prefix + DATASET_ID in document:
                return prefix
    raise SourceError(
        f"is no manifest of a published dataset: it has no {PREFIXES[0]}{DATASET_ID}",
        where=where,
        hint="the manifest is manifest.json or metadata.json at the top of the dataset",
    )


class Manifest:
    """Writes a manifest about *subject*: the dataset, or a revision of it, whose files are *files*."""

    def __init__(
        self, graph: PublishedGraph, subject: str, where: str, files: PublishedFiles
    ) -> None:
        self._graph, self._subject, self._where, self._there = graph, subject, where, files
        # The files of a dataset are not read unless they are wanted: they may be very many.
        self._is_kept = not isinstance(graph.draft.files, Digests)
        self.paths: set[str] = set()
        self.known: list[tuple[str, str]] = []

    def write(self, document: Json, prefix: str, kind: str) -> None:
        """Write all members; *kind* is that of the order of its keys."""
        graph, subject = self._graph, self._subject
        known = {
            prefix + key if key in (DATASET_ID, SCHEMA_VERSION) else key: predicate
            for key, predicate in MANIFEST.items()
        }
        taken = {key for key in document if self._is_taken(key, document[key])}
        graph.object(subject, document, kind, known, frozenset(taken))
        graph.text(subject, PENNSIEVE.prefix, prefix)
        for key in taken:
            if key == "creator":
                self._person(document[key], PENNSIEVE.creator, "creator", 0, 0)
            elif key == "keywords":
                self._keywords(document[key])
            elif key == "files":
                self._files(document[key])
            else:
                self._objects(key, document[key])
        if bare := doi(str(document.get("@id", ""))):
            self._same(subject, f"{DOI}{bare}")

    def _is_taken(self, key: str, value: Any) -> bool:
        if key == "creator":
            return isinstance(value, (str, dict))
        if key == "keywords":
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        if key == "contributors":
            return isinstance(value, list) and all(isinstance(one, (str, dict)) for one in value)
        if key in (*_OBJECTS, "files"):
            return isinstance(value, list) and all(isinstance(one, dict) for one in value)
        return False

    def _same(self, subject: str, iri: str) -> None:
        if is_web_iri(iri):
            self._graph.link(subject, SCHEMA.sameAs, iri)

    def _keywords(self, keywords: list[str]) -> None:
        graph = self._graph
        for keyword in dict.fromkeys(keywords):
            graph.text(self._subject, SCHEMA.keywords, keyword)
        graph.listed(self._subject, SCHEMA.keywords, keywords)

    def _objects(self, key: str, members: list[Any]) -> None:
        predicate, rdf_type, kind, known = _OBJECTS[key]
        graph = self._graph
        for n, member in enumerate(members):
            if kind == "person":
                self._person(member, predicate, "contributor", n, n + 1)
                continue
            node = f"{self._subject}/{kind}/{kind[0]}{n + 1}"
            graph.link(self._subject, predicate, node)
            graph.types(node, rdf_type)
            graph.integer(node, FG.index, n)
            graph.object(node, member, kind, known)
            if kind == "publication" and (bare := doi(str(member.get("doi")))):
                self._same(node, f"{DOI}{bare}")

    def _person(self, member: Json | str, predicate: str, kind: str, index: int, n: int) -> None:
        graph = self._graph
        node = f"{self._subject}/{kind}/p{n}"
        graph.link(self._subject, predicate, node)
        graph.types(node, SCHEMA.Person, PROV.Agent)
        graph.integer(node, FG.index, index)
        if isinstance(member, str):
            graph.text(node, SCHEMA.name, member)
            return
        graph.object(node, member, "person", PERSON)
        if known := orcid(str(member.get("orcid"))):
            graph.link(node, SCHEMA.sameAs, f"{ORCID}{known}")

    # -- Files -------------------------------------------------------------------------------------------------------

    def _files(self, files: list[Json]) -> None:
        with self._there.payload() as opened:
            for n, entry in enumerate(files):
                self._file(self._node(entry, n), entry, n, opened)
                if n % 2_000 == 0:
                    self._graph.draft.spool.flush()

    def _node(self, entry: Json, n: int) -> str:
        path = entry.get("path")
        if not isinstance(path, str) or not path or path in self.paths:
            message = "a file has no path, or that of another; it is kept, and is no file"
            self._find("pennsieve-file-path", message, n)
            return f"{self._subject}/entry/e{n}"
        self.paths.add(path)
        return self._graph.file(path)

    def _file(self, node: str, entry: Json, n: int, opened: Opener) -> None:
        graph = self._graph
        graph.types(node, PENNSIEVE.FileEntry)
        path = entry["path"] if isinstance(entry.get("path"), str) else ""
        if is_payload(path):
            graph.types(node, SCHEMA.MediaObject, PROV.Entity)
        graph.link(self._subject, PENNSIEVE.fileEntry, node)
        graph.integer(node, FG.index, n)
        size, sha256 = self._looked_at(path, n, opened)
        taken = set()
        stated = entry.get("size")
        if isinstance(stated, Number) and size is not None and stated.text != str(size):
            taken.add("size")
            graph.integer(node, SCHEMA.contentSize, size)
            graph.text(node, ELN.statedSize, stated.text)
            message = "the size of a file is not what the manifest says"
            self._find("pennsieve-file-size", message, n)
        if isinstance(entry.get("sha256"), str):
            taken.add("sha256")
            self._checksum(node, entry["sha256"], sha256, n)
        elif sha256:
            graph.text(node, SCHEMA.sha256, sha256)
            graph.add(node, PENNSIEVE.isUnstated, f'"true"^^<{XSD.boolean}>')
        graph.object(node, entry, "file", FILE, frozenset(taken))

    def _looked_at(self, path: str, n: int, opened: Opener) -> tuple[int | None, str]:
        """Return size and SHA-256 of a file, as far as they are known without reading what nobody wants."""
        if path and not is_inside(path):
            message = "the path of a file leads out of the dataset; it is not looked for"
            self._find("pennsieve-file-path", message, n, "violation")
            return None, ""
        if is_written(path) or self._there.is_alone or not path:
            return self._there.size(path), ""
        if not self._there.has(path):
            message = "a file that the manifest lists is not there"
            self._find("pennsieve-file-missing", message, n)
            return None, ""
        if not self._is_kept:
            return self._there.size(path), ""
        with opened(path) as content:
            stored = self._graph.draft.files.add(content)
        self._graph.draft.size += stored.size
        self.known.append((path, stored.sha256))
        return stored.size, stored.sha256

    def _checksum(self, node: str, stated: str, actual: str, n: int) -> None:
        found = sha256_of(stated)
        if actual or found:
            self._graph.text(node, SCHEMA.sha256, actual or found)
        if not found or (actual and actual != found):
            self._graph.text(node, ELN.statedSha256, stated)
            message = "a SHA-256 is not that of the file" if found else "a SHA-256 is not 32 bytes in base64"  # fmt: skip
            self._find("pennsieve-file-sha256", message, n)

    def _find(self, rule: str, message: str, n: int, severity: Severity = "warning") -> None:
        self._graph.find(severity, rule, message, f"{self._where}#/files/{n}")


def sha256_of(text: str) -> str:
    """Return a SHA-256 in base64, as S3 has it, as 64 hexadecimal digits; ``""`` if it is none, or is written in another way."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return data.hex() if len(data) == 32 and base64.b64encode(data).decode() == text else ""
