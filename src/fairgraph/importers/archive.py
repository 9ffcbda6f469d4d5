"""Where an importer reads from: a folder, a ZIP archive or one file. Archives are read, never extracted."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import IO

from fairgraph.errors import SourceError

# A member that claims more than this is refused before a byte of it is read (decompression bombs).
MEMBER_BYTES = 4 * 1024**3
# Tables of metadata shrink to a hundredth at most; what deflate can do is a thousandth.
RATIO, RATIO_BYTES = 400, 10 * 1024**2
_OUTSIDE = re.compile(r"[/\\]|[A-Za-z]:|(?:.*[/\\])?\.\.(?:[/\\]|$)")
_UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, LZMAError, RuntimeError)


@dataclass(frozen=True)
class Source:
    """Something that was given to be imported: a file, a folder, or a ZIP archive that is treated as one.

    ``members`` maps the names of the files inside, relative to the folder that holds the metadata, to where they are.
    """

    path: Path
    members: dict[str, str]

    @property
    def name(self) -> str:
        """The name of the file or folder as it was given."""
        return self.path.resolve().name

    @property
    def is_archive(self) -> bool:
        """True for a ZIP archive."""
        return self.path.is_file() and zipfile.is_zipfile(self.path)

    def open(self, name: str) -> IO[bytes]:
        """Open one member for reading bytes; raise SourceError if it cannot be read."""
        where = self.members[name]
        try:
            if self.is_archive:
                return io.BytesIO(_member(self.path, where))
            return Path(where).open("rb")
        except _UNREADABLE as error:
            raise SourceError(f"cannot be read: {error}", where=f"{self.name}/{name}") from error

    def sizes(self) -> dict[str, int]:
        """Return what an archive says of the sizes of its members, by their names in it."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                return {info.filename: info.file_size for info in archive.infolist()}
        except _UNREADABLE as error:
            raise SourceError(f"cannot be read: {error}", where=self.name) from error

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """Open one member of an archive that may be large: it is unpacked while it is read; SourceError if it cannot be."""
        with self.streams() as opened, opened(name) as content:
            yield content

    @contextmanager
    def streams(self) -> Iterator[Callable[[str], AbstractContextManager[IO[bytes]]]]:
        """Lend a function that opens members of an archive as :meth:`stream` does; for many, its directory is read once."""
        try:
            archive = zipfile.ZipFile(self.path)
        except _UNREADABLE as error:
            raise SourceError(f"cannot be read: {error}", where=self.name) from error

        @contextmanager
        def opened(name: str) -> Iterator[IO[bytes]]:
            try:
                with archive.open(_accepted(archive, self.path, self.members[name])) as content:
                    yield content
            except _UNREADABLE as error:
                raise SourceError(
                    f"cannot be read: {error}", where=f"{self.name}/{name}"
                ) from error

        with archive:
            yield opened

    def sha256(self, names: list[str]) -> tuple[str, int]:
        """Return one SHA-256 (hexadecimal) over the named members, in the order of their names, and their size.

        For a single file it is the checksum of that file.
        """
        if len(names) == 1:
            return self._digest(names[0])
        total, size = hashlib.sha256(), 0
        for name in sorted(names):
            checksum, length = self._digest(name)
            total.update(f"{checksum}  {name}\n".encode())
            size += length
        return total.hexdigest(), size

    def _digest(self, name: str) -> tuple[str, int]:
        checksum, size = hashlib.sha256(), 0
        with self.open(name) as stream:
            while block := stream.read(1 << 20):
                checksum.update(block)
                size += len(block)
        return checksum.hexdigest(), size


def open_source(path: Path) -> Source:
    """Look at what *path* is and list what it holds; raise SourceError if there is nothing to read."""
    if path.is_dir():
        members = {str(file.relative_to(path)): str(file) for file in _files(path)}
        return Source(path, members)
    if not path.exists():
        raise SourceError("there is no such file or folder", where=str(path))
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                names = [info.filename for info in archive.infolist() if not info.is_dir()]
        except (zipfile.BadZipFile, OSError) as error:
            raise SourceError(f"is not a readable ZIP archive: {error}", where=str(path)) from error
        if outside := next(filter(_OUTSIDE.match, names), None):
            message = "is the name of a file outside of the archive and is refused"
            raise SourceError(message, where=f"{path.name}/{outside}")
        return Source(path, {name: name for name in names})
    return Source(path, {path.name: str(path)})


def _files(folder: Path) -> Iterator[Path]:
    # Two levels are enough for every metadata format; data folders below may hold millions of files.
    for entry in sorted(folder.iterdir()):
        if entry.is_file():
            yield entry
        elif entry.is_dir() and not entry.name.startswith("."):
            yield from (file for file in sorted(entry.iterdir()) if file.is_file())


def _member(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(_accepted(archive, path, name))


def _accepted(archive: zipfile.ZipFile, path: Path, name: str) -> zipfile.ZipInfo:
    info = archive.getinfo(name)
    swollen = info.file_size > max(RATIO_BYTES, RATIO * info.compress_size)
    if info.file_size > MEMBER_BYTES or swollen:
        raise SourceError(
            f"expands from {info.compress_size} to {info.file_size} bytes and is refused",
            where=f"{path.name}/{name}",
        )
    return info
