"""The file store: bytes beside the graph, each called by its SHA-256.

    files/
      lock              flock: shared while files come in, exclusive while they are collected
      incoming/NAME     what is being written, and what nobody took over
      ab/cdef…          a file; the name is the hash of its bytes

Files are stored before the triples that name them, so a crash leaves files that nobody names, never a name without a file.
What is left over is collected with the next one that goes.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Container, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from fairgraph.errors import NotFound, StoreError

BLOCK_BYTES = 1 << 20
# Up to so many files are made durable one by one; of more, the whole file system is, once.
_SYNCED_ALONE = 32
_SHA256 = re.compile(r"[0-9a-f]{64}")


def lock_file(folder: Path) -> IO[bytes]:
    """Open the file by which processes lock a folder, which is made if it is not there; StoreError if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "lock").open("a+b")
    except OSError as error:
        raise StoreError(f"cannot be written: {error}", where=str(folder)) from error


@contextlib.contextmanager
def locked(folder: Path, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold the lock of a folder: other processes wait (or BlockingIOError, if *kind* says not to)."""
    with lock_file(folder) as file:
        fcntl.flock(file, kind)
        yield


@dataclass(frozen=True)
class StoredFile:
    """What a file is known by: the SHA-256 of its bytes (64 hexadecimal digits, lower case) and how many there are."""

    sha256: str
    size: int


class Readable(Protocol):
    """What blocks of bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to *size* bytes, and none at the end."""
        ...


class FileSink(Protocol):
    """Where an importer puts files: into a store, or nowhere."""

    def add(self, content: Readable) -> StoredFile:
        """Take all that *content* yields, in blocks, and return its name and size."""
        ...


class Digests:
    """A sink that keeps nothing: what a file would be called."""

    def add(self, content: Readable) -> StoredFile:
        """Read *content* to its end."""
        known, size = hashlib.sha256(), 0
        while block := content.read(BLOCK_BYTES):
            known.update(block)
            size += len(block)
        return StoredFile(known.hexdigest(), size)


class Arrival:
    """Files on their way into a store: in it from :meth:`keep` on, gone if it is not called."""

    def __init__(self, files: Files, folder: str) -> None:
        self._files, self._folder = files, folder
        self._new: dict[str, str] = {}  # where they are, by their hashes
        self._count = 0
        self.brought: set[str] = set()
        """The SHA-256 of all that came, new or known."""

    def add(self, content: Readable) -> StoredFile:
        """Copy *content* in blocks of 1 MiB, hashing them; the same bytes are kept once."""
        known, size = hashlib.sha256(), 0
        self._count += 1
        temporary = f"{self._folder}/{self._count}"
        try:
            with open(temporary, "wb") as file:  # noqa: PTH123 - very many, and paths as objects are dear
                while block := content.read(BLOCK_BYTES):
                    known.update(block)
                    file.write(block)
                    size += len(block)
            sha256 = known.hexdigest()
            self.brought.add(sha256)
            if sha256 in self._new or self._files.has(sha256, size):
                os.unlink(temporary)  # noqa: PTH108
            else:
                self._new[sha256] = temporary
        except OSError as error:
            raise StoreError(f"cannot be written: {error}", where=self._folder) from error
        return StoredFile(sha256, size)

    def keep(self) -> None:
        """Make the files durable and put them under their names. The graph may name them from here on."""
        few = len(self._new) <= _SYNCED_ALONE
        try:
            if few:
                for temporary in self._new.values():
                    _sync(temporary)
            elif self._new:
                os.sync()
            root, folders = str(self._files.path), set()
            for sha256, temporary in self._new.items():
                folder = f"{root}/{sha256[:2]}"
                if folder not in folders:
                    os.makedirs(folder, exist_ok=True)  # noqa: PTH103
                    folders.add(folder)
                os.replace(temporary, f"{folder}/{sha256[2:]}")  # noqa: PTH105
            if few:
                for folder in (*sorted(folders), root) if folders else ():
                    _sync(folder)
            else:
                os.sync()
        except OSError as error:
            raise StoreError(f"cannot be written: {error}", where=str(self._files.path)) from error
        self._new.clear()


class Files:
    """The files of one store. *folder* is made when the first file comes; without one they are gone with this object."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._own: tempfile.TemporaryDirectory[str] | None = None

    @property
    def path(self) -> Path:
        """The folder of the files."""
        if self._folder is None:
            self._own = tempfile.TemporaryDirectory(prefix="fairgraph-files-")
            self._folder = Path(self._own.name) / "files"
        return self._folder

    def place(self, sha256: str) -> Path:
        """Return where the file of a hash is, if it is there; NotFound if this is no hash."""
        self._check(sha256)
        return self.path / sha256[:2] / sha256[2:]

    @staticmethod
    def _check(sha256: str) -> None:
        if not Files.is_name(sha256):
            raise NotFound(f"{sha256[:80]} is no SHA-256", hint="64 hexadecimal digits, lower case")

    @staticmethod
    def is_name(sha256: str) -> bool:
        """Tell whether a text can be the name of a file: a SHA-256 in lower case."""
        return _SHA256.fullmatch(sha256) is not None

    def has(self, sha256: str, size: int | None = None) -> bool:
        """Tell whether a file is there, of *size* bytes if that is given."""
        self._check(sha256)
        try:
            found = os.stat(f"{self.path}/{sha256[:2]}/{sha256[2:]}").st_size  # noqa: PTH116
        except FileNotFoundError:
            return False
        return size is None or found == size

    @contextlib.contextmanager
    def arrival(self) -> Iterator[Arrival]:
        """Lend a place for files that come in; until the block ends nothing is collected, so their names can be written."""
        with locked(self.path, fcntl.LOCK_SH):
            incoming = self.path / "incoming"
            incoming.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=incoming) as folder:
                yield Arrival(self, folder)

    def open(self, sha256: str) -> IO[bytes]:
        """Open a file for reading; NotFound if it is not there. :func:`blocks` verifies it while it is read."""
        try:
            return self.place(sha256).open("rb")
        except FileNotFoundError as error:
            raise NotFound("there is no such file", where=sha256) from error
        except OSError as error:
            raise StoreError(f"cannot be read: {error}", where=sha256) from error

    def collect(self, named: Callable[[], Container[str]]) -> int:
        """Remove the files that nobody names; return how many. *named* is asked while no file can come in.

        Does nothing while files are coming in: the next call will.
        """
        if not self.path.is_dir():
            return 0
        count = 0
        try:
            with locked(self.path, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(self.path / "incoming", ignore_errors=True)
                known = named()
                for folder in sorted(self.path.glob("??")):
                    for file in list(folder.iterdir()):
                        if folder.name + file.name not in known:
                            file.unlink()
                            count += 1
                    with contextlib.suppress(OSError):
                        folder.rmdir()  # refused unless it is empty
        except BlockingIOError:
            return 0
        return count

    def close(self) -> None:
        """Let go of the files of a store that is gone with the process."""
        if self._own is not None:
            self._own.cleanup()
            self._own, self._folder = None, None


class Brought(Files):
    """The files of a store as far as some datasets brought them: to name a file is no proof of having it."""

    def __init__(self, files: Files, names: Container[str]) -> None:
        super().__init__()
        self._all, self._names = files, names

    def place(self, sha256: str) -> Path:
        """Return where a file is; NotFound for those that others brought."""
        self._check(sha256)
        if sha256 not in self._names:
            raise NotFound("there is no such file", where=sha256)
        return self._all.place(sha256)

    def has(self, sha256: str, size: int | None = None) -> bool:
        """Tell whether a file is there for these datasets."""
        self._check(sha256)
        return sha256 in self._names and self._all.has(sha256, size)


def blocks(content: IO[bytes], sha256: str) -> Generator[bytes]:
    """Yield the bytes of a file in blocks of 1 MiB and close it; StoreError at the end if they are not those of *sha256*.

    The last block comes only after the check, so that nobody takes a damaged file for whole.
    """
    known, held = hashlib.sha256(), b""
    with content:
        while block := content.read(BLOCK_BYTES):
            known.update(block)
            if held:
                yield held
            held = block
    if known.hexdigest() != sha256:
        raise StoreError("is damaged: its bytes are not those that were stored", where=sha256)
    yield held


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
