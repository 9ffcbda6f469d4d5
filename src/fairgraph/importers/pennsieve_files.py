"""The files of a published dataset: a folder, a ZIP archive, or the manifest alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from fairgraph.errors import SourceError
from fairgraph.importers.archive import Source
from fairgraph.importers.rules import finding
from fairgraph.pennsieve.keys import MANIFESTS, is_inside
from fairgraph.report import Report

# What is read as a whole: documents, not tables.
DOCUMENT_BYTES = 256 * 1024**2
METADATA_FILES = 10_000
Opener = Callable[[str], AbstractContextManager[IO[bytes]]]
_FOLDERS = ("metadata", "graph", "revisions")


@dataclass
class PublishedFiles:
    """What is in the root folder of a dataset: ``names`` maps the names of its files to where they are; of a folder, only the metadata."""

    source: Source
    manifest: str
    names: dict[str, str] = field(default_factory=dict)
    root: Path | None = None  # of a folder
    _sizes: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file of the metadata; SourceError if it cannot be read."""
        if self.root is None:
            with self.source.stream(self.names[name]) as stream:
                yield stream
            return
        try:
            with Path(self.names[name]).open("rb") as stream:
                yield stream
        except OSError as error:
            raise SourceError(f"cannot be read: {error}", where=self.where(name)) from error

    def read(self, name: str) -> bytes:
        """Return the bytes of a document; SourceError if it is too large for one."""
        with self.open(name) as stream:
            data = stream.read(DOCUMENT_BYTES + 1)
        if len(data) > DOCUMENT_BYTES:
            message = f"is larger than {DOCUMENT_BYTES >> 20} MB and is refused"
            raise SourceError(message, where=self.where(name))
        return data

    def size(self, name: str) -> int | None:
        """Return how large a file is, None if it is not there."""
        if self.root is not None:
            place = Path(self.names[name]) if name in self.names else self._place(name)
            return None if place is None else place.stat().st_size
        if name not in self.names:
            return None
        if not self._sizes:
            self._sizes = self.source.sizes()
        return self._sizes.get(self.names[name])

    def where(self, name: str) -> str:
        """Return what findings call a file."""
        return self.source.name if self.is_alone else f"{self.source.name}/{name}"

    def rename_manifest(self, name: str) -> str:
        """Call the manifest *name*, and return that."""
        self.names[name] = self.names.pop(self.manifest)
        self.manifest = name
        return name

    @property
    def is_alone(self) -> bool:
        """True for a manifest without a dataset around it."""
        return self.source.path.is_file() and not self.source.is_archive

    def has(self, path: str) -> bool:
        """Tell whether a file that the manifest names is there; nothing outside of the dataset is looked for."""
        if self.root is None:
            return is_inside(path) and path in self.names
        return self._place(path) is not None

    @contextmanager
    def payload(self) -> Iterator[Opener]:
        """Lend a function that opens a file that the manifest names and that is there."""
        if self.root is None:
            with self.source.streams() as opened:
                yield lambda path: opened(self.names[path])
        else:
            yield self._opened

    @contextmanager
    def _opened(self, path: str) -> Iterator[IO[bytes]]:
        place = self._place(path)
        try:
            if place is None:
                raise FileNotFoundError("it is gone")
            with place.open("rb") as stream:
                yield stream
        except OSError as error:
            raise SourceError(f"cannot be read: {error}", where=self.where(path)) from error

    def _place(self, path: str) -> Path | None:
        if self.root is None or not is_inside(path):
            return None
        try:
            place = (self.root / path).resolve()
            inside = place.is_relative_to(self.root.resolve()) and place.is_file()
        except (OSError, ValueError):  # a name that no file can have
            return None
        return place if inside else None


def manifest_of(source: Source) -> str:
    """Return the name of the manifest of a dataset, the outermost one; ``""`` if there is none."""
    if source.path.is_file() and not source.is_archive:
        return next(iter(source.members)) if source.path.suffix.lower() == ".json" else ""
    found = [name for name in source.members if PurePosixPath(name).name in MANIFESTS]
    order = {name: n for n, name in enumerate(MANIFESTS)}
    found.sort(key=lambda name: (name.count("/"), order[PurePosixPath(name).name], name))
    return found[0] if found else ""


def open_files(source: Source, manifest: str, report: Report) -> PublishedFiles:
    """List the files of a dataset, whose manifest is the member *manifest* of the source."""
    folder, _, name = manifest.rpartition("/")
    start = f"{folder}/" if folder else ""
    if source.is_archive:
        names = {
            member.removeprefix(start): where
            for member, where in source.members.items()
            if member.startswith(start)
        }
        return PublishedFiles(source, name, names)
    if source.path.is_file():
        # A manifest alone: what lies beside it may be anything.
        name = name if name in MANIFESTS else MANIFESTS[0]
        return PublishedFiles(source, name, {name: source.members[manifest]}, Path(os.devnull))
    root = source.path / folder
    names = {name: str(place) for name, place in _metadata(root, source.name, report)}
    return PublishedFiles(source, name, names, root)


def _metadata(root: Path, label: str, report: Report) -> Iterator[tuple[str, Path]]:
    """Yield the files of the metadata in a folder; links are not followed, since they may lead out of it."""
    count = 0
    for folder, folders, files in os.walk(root):
        is_top = Path(folder) == root
        folders[:] = sorted(f for f in folders if not is_top or f in _FOLDERS)
        for file in sorted((*folders, *files)):
            place = Path(folder) / file
            if place.is_symlink():
                where = f"{label}/{place.relative_to(root).as_posix()}"
                message = "is a link, which is not followed"
                report.add(finding("warning", "pennsieve-link", message, where=where))
            elif place.is_file():
                count += 1
                if count > METADATA_FILES:
                    message = f"has more than {METADATA_FILES} files of metadata and is refused"
                    raise SourceError(message, where=label)
                yield place.relative_to(root).as_posix(), place
