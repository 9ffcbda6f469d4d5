"""The one writer of crates: statements in the words of RO-Crate become a flat ``@graph``, with the files of the file store beside it.

A format that is a crate asks its queries for such statements and hands them on; everything else happens here:

    things = Things(answers.dataset.value, answers.triples("statements"))   # the dataset is the root, ./
    add_descriptor(things, WORKFLOW_RUN, *profiles)                         # ro-crate-metadata.json, conformsTo
    crate = Crate(things, WORKFLOW_RUN, answers)                            # a Base: the version, and contexts beside it
    write_zip(crate.files(), output)                                        # or yield from crate.files() in Export.files

* Subjects are IRIs. ``fg:originalId`` is the ``@id`` that one wants (a path for a file); without one, what is below the dataset is
  ``#fairgraph/…``, and everything else its own IRI. ``fg:index`` is the place in ``@graph``.
* A ``schema:MediaObject`` whose ``schema:sha256`` and ``schema:contentSize`` are those of a file in the file store goes into the crate
  under its ``fg:originalId``, else its ``schema:name``. Any other is named by its IRI, and told (:attr:`Crate.missing`).
* ``eln:ListedValue`` puts values in order. Terms that no context has are defined by one of the document's own.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from fairgraph.crate.ids import is_path
from fairgraph.exports.crate_ids import METADATA, Ids, safe_path
from fairgraph.exports.crate_json import Document
from fairgraph.exports.crate_things import Things
from fairgraph.exports.crate_words import Base, Words
from fairgraph.exports.export import Answers, File
from fairgraph.terms import DCTERMS, ELN, FG, RDF, SCHEMA

_PROFILE = "http://www.w3.org/ns/dx/prof/Profile"
_BESIDE = (FG.index, FG.originalId)


class Crate:
    """A crate of some things: its metadata document, and its files, which are read when they are written."""

    def __init__(
        self,
        things: Things,
        base: Base,
        answers: Answers,
        folder: str = "",
        made: Mapping[str, bytes] | None = None,
    ) -> None:
        """Place the files of *things*; *made* are files that an export makes itself, by their paths, which are ``@id``s of things."""
        self._answers, self._folder = answers, f"{folder}/" if folder else ""
        self._made = dict(made or {})
        self.missing: list[str] = []
        """The files that things of the crate are, and that the file store does not have: their names, in order."""
        self._members: dict[str, str] = {}  # the SHA-256 by the path
        paths = self._placed(things)
        used = {name for thing in things for name in things.properties(thing)} - {*_BESIDE}
        used |= {kind.value for thing in things for kind in things.values(thing, RDF.type)}
        words = Words(base, {*used, FG.originalId} - {RDF.type})
        self._document = Document(things, words, Ids(things, words, paths))

    def metadata(self) -> bytes:
        """Return the metadata document."""
        output = io.BytesIO()
        self._document.write(output)
        return output.getvalue()

    def files(self) -> Iterator[File]:
        """Yield the metadata document and the files by their paths, in order; contents come in blocks of 1 MiB."""
        yield self._folder + METADATA, [self.metadata()]
        for path in sorted({*self._members, *self._made}):
            made = self._made.get(path)
            contents = self._answers.blocks(self._members[path]) if made is None else [made]
            yield self._folder + path, contents

    def _placed(self, things: Things) -> dict[str, str]:
        """Give paths to the files that are in the store; return them by thing."""
        found: dict[str, str] = {}
        for thing in things.ordered():
            if things.is_a(thing, ELN.UndescribedFile):
                path = safe_path(things.text(thing, SCHEMA.name))
                self._enter(things, thing, path)
                things.remove(thing)
            elif things.is_a(thing, SCHEMA.MediaObject):
                path = self._path(things, thing)
                if path and (path := self._enter(things, thing, path)):
                    found[thing] = path
        return found

    def _path(self, things: Things, thing: str) -> str:
        told = things.text(thing, FG.originalId)
        if told:
            return safe_path(unquote(told)) if is_path(told) else ""
        inside = thing.startswith(f"{things.root}/")
        return safe_path(things.text(thing, SCHEMA.name)) if inside else ""

    def _enter(self, things: Things, thing: str, path: str) -> str:
        """Put a file under a path, or under another where something else is; return it, ``""`` if the store has no such file."""
        if path in self._made:
            return path
        sha256 = things.text(thing, SCHEMA.sha256)
        stored = self._answers.file(sha256) if sha256 else None
        told = things.text(thing, SCHEMA.contentSize)
        # The same bytes under another name: this file was not there.
        is_other = stored is not None and told != str(stored.size)
        if stored is None or is_other or not path or path == METADATA:
            self.missing.append(path or thing)
            return ""
        if self._members.setdefault(path, sha256) != sha256:
            path = str(PurePosixPath(path).with_name(f"{sha256[:8]}-{PurePosixPath(path).name}"))
            self._members[path] = sha256
        return path


def add_descriptor(things: Things, base: Base, *profiles: str) -> None:
    """Describe the metadata document of a crate that has no such description yet, and what the crate conforms to."""
    descriptor = NamedNode(f"{things.root}/creativework/{METADATA}")
    for predicate, value in (
        (RDF.type, SCHEMA.node("CreativeWork")),
        (FG.originalId, Literal(METADATA)),
        (SCHEMA.about, NamedNode(things.root)),
        (DCTERMS.conformsTo, NamedNode(base.iri)),
        (FG.index, Literal("-1")),
    ):
        things.add(descriptor, NamedNode(predicate), value)
    root = NamedNode(things.root)
    for profile in profiles:
        things.add(root, DCTERMS.node("conformsTo"), NamedNode(profile))
        for kind in (SCHEMA.CreativeWork, _PROFILE):
            things.add(NamedNode(profile), RDF.node("type"), NamedNode(kind))
