"""The one writer of crates: statements in the words of RO-Crate become a flat ``@graph``, with the files of the file store beside it.

A format that is a crate asks its queries for such statements and hands them on; everything else happens here:

    things = Things(answers.dataset.value, answers.triples("statements"))   # the dataset is the root, ./
    changes = Changes(things, told=is_crate(answers))                       # what rules change, told if there is a way back
    Rules(changes, WORKFLOW_RUN, title=title, day=day).apply()              # what RO-Crate requires: descriptor, root, parts
    crate = Crate(things, WORKFLOW_RUN, answers, changes=changes)           # a Base: the version, and contexts beside it
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

from fairgraph.crate.ids import is_path, path_of
from fairgraph.exports.crate_changes import Changes
from fairgraph.exports.crate_ids import METADATA, Ids, safe_path
from fairgraph.exports.crate_json import Document
from fairgraph.exports.crate_things import Things
from fairgraph.exports.crate_words import Base, Words
from fairgraph.exports.export import Answers, File
from fairgraph.terms import ELN, FG, RDF, SCHEMA

DEFLATED_BYTES = 10 * 1024**2
"""Larger files are stored as they are: our own reader refuses those that unpack to more than 200 times their size."""
_BESIDE = (FG.index, FG.originalId)


class Crate:
    """A crate of some things: its metadata document, and its files, which are read when they are written."""

    def __init__(
        self,
        things: Things,
        base: Base,
        answers: Answers,
        folder: str = "",
        changes: Changes | None = None,
        lists: frozenset[str] = frozenset(),
        made: Mapping[str, bytes] | None = None,
    ) -> None:
        """Place the files of *things*; *made* are files that an export makes itself, by their paths, which are ``@id``s of things."""
        self._made = dict(made or {})
        self._answers, self._folder = answers, f"{folder}/" if folder else ""
        self.size = 0
        """How many bytes the files have."""
        self.missing: list[str] = []
        """The files that things of the crate are, and that the file store does not have: their names, in order."""
        self._members: dict[str, str] = {}  # the SHA-256 by the path
        paths = self._placed(things)
        ids = Ids(things, _words(things, base), paths)
        if changes is not None:
            _tell_ids(things, ids, changes)
        words = _words(things, base, told_ids=any(ids[thing].original for thing in things))
        ids = Ids(things, words, paths)
        for name in self.missing:
            answers.note(
                f"{name} is not in the file store: the crate names it, and does not hold it"
            )
        self._document = Document(things, words, ids, lists)
        held = self._held()
        self._empty = [path for path in _folders(things, ids) if path not in held]

    def metadata(self) -> bytes:
        """Return the metadata document."""
        output = io.BytesIO()
        self._document.write(output)
        return output.getvalue()

    def files(self, *, signed: bool = False) -> Iterator[File]:
        """Yield the metadata document and the files by their paths, in order; contents come in blocks of 1 MiB.

        *signed*: the signature of the document follows it, if a key is configured.
        """
        document = self.metadata()
        yield self._folder + METADATA, [document]
        if signed and (sealed := self._answers.signature(document, self._answers.dataset.value)):
            yield f"{self._folder}{METADATA}.minisig", [sealed]
        for path in sorted({*self._members, *self._empty, *self._made}):
            sha256 = self._members.get(path)
            blocks = self._answers.blocks(sha256) if sha256 else [self._made.get(path, b"")]
            yield self._folder + path, blocks

    @property
    def count(self) -> int:
        """How many members an archive of the crate has."""
        return 1 + len(self._members) + len(self._empty) + len(self._made)

    def _held(self) -> set[str]:
        """Return the folders that are there because a file is in them, or in their place."""
        return {
            f"{place}/"
            for path in (*self._members, *self._made)
            for place in (path, *map(str, PurePosixPath(path).parents))
        }

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
        if stored is None or is_other or not path or path in (METADATA, f"{METADATA}.minisig"):
            self.missing.append(path or thing)
            return ""
        self.size += stored.size
        if self._members.setdefault(path, sha256) != sha256:
            path = str(PurePosixPath(path).with_name(f"{sha256[:8]}-{PurePosixPath(path).name}"))
            self._members[path] = sha256
        return path


def _words(things: Things, base: Base, *, told_ids: bool = False) -> Words:
    """Return the words for all that is said, and for the ids that things had."""
    used = {name for thing in things for name in things.properties(thing)}
    used |= {kind.value for thing in things for kind in things.values(thing, RDF.type)}
    used |= {kind.value for thing in things for kind in things.types(thing)}
    return Words(base, used - {*_BESIDE, RDF.type} | ({FG.originalId} if told_ids else set()))


def _tell_ids(things: Things, ids: Ids, changes: Changes) -> None:
    """Say which ``@id`` something had that nobody describes, if it gets another one."""
    named = {
        value.value
        for thing in things
        for name in things.properties(thing)
        for value in things.values(thing, name)
        if isinstance(value, NamedNode)
    }
    for iri in sorted(named):
        if ids[iri].original and set(things.properties(iri)) == {FG.originalId}:
            changes.withhold(iri, FG.originalId, Literal(ids[iri].original), kept=True)


def _folders(things: Things, ids: Ids) -> list[str]:
    """Return the folders that things of a crate are, by their paths with a slash at the end."""
    written = [ids[thing].written for thing in things if things.is_a(thing, SCHEMA.Dataset)]
    paths = [path_of(unquote(raw)) for raw in written if is_path(raw)]
    return sorted({f"{path}/" for path in paths if path})
