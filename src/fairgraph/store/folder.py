"""The data folder of the embedded store: lock, marker, pointer, snapshots.

    DIR/
      fairgraph.json     base IRI and layout version, written once
      lock               flock, held for the time of a write
      current            the name of the published snapshot; moved atomically: a write counts from then on
      writing            the marker: the live store is being written, and what is in it does not count
      live/N/            the only store that is opened for writing
      snapshots/NAME/    published states, hard links to the live store's files; opened read-only
      snapshots/NAME.merged-*  the same state with what a caller sees beyond the public in one graph; see ``merging``
      snapshots/NAME.readers   flock, shared by the readers of that state
      scratch/           content that is looked at before it is written
      revisions/         what datasets were before, by the sha256 of their canonical N-Quads
      keys/              the API keys, as hashes, and minisign.key, by which exports are signed; see ``keys``
      files/             bytes that the graph names by their sha256; see ``files``

A crash at any point leaves the state that ``current`` names. Nothing is replayed: with the marker set, the live store is
made anew from the snapshot.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from fairgraph.errors import NotFound, StoreError, StoreLocked
from fairgraph.files import lock_file

LAYOUT = 1
_POLL_SECONDS = 0.02
_COPY_BYTES = 1 << 20


def step(name: str) -> None:
    """Die here by SIGKILL if ``FAIRGRAPH_CRASH_AT`` names this step: how the crash tests look at every state on disk."""
    if os.environ.get("FAIRGRAPH_CRASH_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, text: str) -> None:
    """Replace a small file so that a reader, or a machine that lost power, sees the old text or the new one."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    step("pointer-written")
    temporary.replace(path)
    sync_folder(path.parent)


class Lease:
    """A reader's hold on one snapshot: while it lasts, the files stay."""

    def __init__(self, folder: Folder, name: str, file: IO[bytes]) -> None:
        self._folder, self.name, self._file = folder, name, file

    @property
    def path(self) -> Path:
        """The folder of the snapshot."""
        return self._folder.snapshots / self.name

    def release(self) -> None:
        """Let the snapshot go; the last reader of an old one removes it."""
        if self._file.closed:
            return
        self._file.close()
        with contextlib.suppress(OSError, StoreError):
            if self._folder.current() != self.name:
                self._folder.discard(self.name)


class Folder:
    """The files of one data folder. Everything but reading is done under :meth:`lock`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.snapshots = path / "snapshots"
        self.revisions = path / "revisions"
        self._live = path / "live"
        self._scratch = path / "scratch"
        self._marker = path / "writing"
        self._pointer = path / "current"
        self._settings = path / "fairgraph.json"

    def exists(self) -> bool:
        """Tell whether this is a data folder with a published state."""
        return self._pointer.is_file() and self._settings.is_file()

    def make(self, base: str) -> None:
        """Make the folders and write the settings; a folder that holds something else is refused."""
        self.refuse_strangers()
        for folder in (self.path, self.snapshots, self.revisions, self._live):
            folder.mkdir(parents=True, exist_ok=True)
        if not self._settings.exists():
            settings = json.dumps({"layout": LAYOUT, "base": base}, indent=1)
            write_atomically(self._settings, settings + "\n")

    def refuse_strangers(self) -> None:
        """Raise StoreError if the path is a file, or a folder that holds something else; nothing is touched."""
        if self.path.exists() and not self.path.is_dir():
            raise StoreError("is a file, not a data folder", where=str(self.path))
        ours = {"fairgraph.json", "fairgraph.json.tmp", "lock", "current", "current.tmp", "writing"}
        ours |= {"live", "snapshots", "revisions", "files", "scratch", "keys"}
        if self.path.is_dir():
            strange = sorted(entry.name for entry in self.path.iterdir() if entry.name not in ours)
            if strange:
                raise StoreError(
                    f"holds other files ({strange[0]}) and no fairgraph store",
                    where=str(self.path),
                    hint="name an empty folder or one that is not there",
                )

    def base(self) -> str:
        """Return the base IRI chosen when the folder was made."""
        try:
            settings = json.loads(self._settings.read_text(encoding="utf-8"))
            layout, base = settings["layout"], settings["base"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"cannot be read: {error}", where=str(self._settings)) from error
        if layout != LAYOUT:
            raise StoreError(
                f"has layout {layout}, this fairgraph knows layout {LAYOUT}",
                where=str(self.path),
                hint="use the fairgraph that made it",
            )
        return str(base)

    @contextlib.contextmanager
    def lock(self, timeout: float) -> Iterator[None]:
        """Hold the write lock; StoreLocked if another write keeps it longer than *timeout* seconds."""
        with lock_file(self.path) as file:
            deadline = time.monotonic() + timeout
            while not _try_lock(file, fcntl.LOCK_EX):
                if time.monotonic() >= deadline:
                    raise StoreLocked(
                        "another process is writing to the store",
                        where=str(self.path),
                        hint="try again when it is done",
                    )
                time.sleep(_POLL_SECONDS)
            yield

    # The published state

    def current(self) -> str:
        """Return the name of the published snapshot."""
        try:
            return self._pointer.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise StoreError(f"is not a fairgraph store: {error}", where=str(self.path)) from error

    def lease(self) -> Lease:
        """Take a hold on the published snapshot."""
        for _ in range(1000):
            name = self.current()
            try:
                file = (self.snapshots / f"{name}.readers").open("rb")
            except FileNotFoundError:
                continue  # published and removed since we read the pointer
            except OSError as error:
                raise StoreError(f"cannot be read: {error}", where=str(self.path)) from error
            # A snapshot is only removed when it is not the current one and nobody holds it: holding it while it still is
            # the current one keeps it.
            if _try_lock(file, fcntl.LOCK_SH) and self.current() == name:
                return Lease(self, name, file)
            file.close()
            time.sleep(_POLL_SECONDS / 10)
        raise StoreError(
            "the published state moves faster than it can be read", where=str(self.path)
        )

    def discard(self, name: str) -> bool:
        """Remove a snapshot if no reader holds it; return whether it is gone."""
        readers = self.snapshots / f"{name}.readers"
        with readers.open("a+b") as file:
            if not _try_lock(file, fcntl.LOCK_EX):
                return False
            # .tmp: what a killed backup leaves.
            places = (self.snapshots / name, self.snapshots / f"{name}.tmp")
            for path in (*places, *self.snapshots.glob(f"{name}.merged-*")):
                shutil.rmtree(path, ignore_errors=True)
            readers.unlink(missing_ok=True)
        return True

    # One write

    def is_marked(self) -> bool:
        """Tell whether a write began and was not published: what is in the live store does not count."""
        return self._marker.exists()

    def mark(self) -> None:
        """Say that the live store is being written."""
        with self._marker.open("w") as file:
            os.fsync(file.fileno())
        sync_folder(self.path)
        step("marked")

    def unmark(self) -> None:
        """Say that the live store is what was published."""
        self._marker.unlink(missing_ok=True)
        sync_folder(self.path)
        step("unmarked")

    def live(self) -> Path | None:
        """Return the live store, without what a killed bulk load left in it; None if there is none."""
        found = sorted((path for path in self._live.iterdir() if path.name.isdigit()), key=_number)
        for old in set(self._live.iterdir()) - set(found[-1:]):
            shutil.rmtree(old, ignore_errors=True)
        if not found:
            return None
        for orphan in found[-1].glob("bulk-*.sst"):
            orphan.unlink()
        return found[-1]

    def live_bytes(self) -> int:
        """Return the size of the tables of the live store, without what is still in its log."""
        last = max((path for path in self._live.iterdir() if path.name.isdigit()), key=_number)
        size = 0
        for table in last.glob("*.sst"):
            with contextlib.suppress(FileNotFoundError):  # the engine merges tables meanwhile
                size += table.stat().st_size
        return size

    def new_live(self) -> Path:
        """Return the path of a live store that is not there yet, and remove the ones that are.

        A new number each time: the engine locks by path within a process, and somebody may still hold the old store.
        """
        following = self.next_live()
        for path in self._live.iterdir():
            shutil.rmtree(path, ignore_errors=True)
        return following

    def next_live(self) -> Path:
        """Return the path of a live store that is not there yet; the one with the highest number counts."""
        numbers = [_number(path) for path in self._live.iterdir() if path.name.isdigit()]
        return self._live / str(max(numbers, default=0) + 1)

    def next_snapshot(self) -> str:
        """Return a name that no snapshot has had; the names sort by age."""
        names = [path.name.split(".")[0] for path in self.snapshots.iterdir()]
        if self._pointer.exists():
            names.append(self.current())
        return f"{max((int(name) for name in names if name.isdigit()), default=0) + 1:08d}"

    def publish(self, name: str) -> None:
        """Make the snapshot *name* the state that readers see. This is the moment from which a write counts."""
        (self.snapshots / f"{name}.readers").touch()
        sync_folder(self.snapshots / name)
        sync_folder(self.snapshots)
        step("snapshot-named")
        write_atomically(self._pointer, name + "\n")
        step("published")

    def tidy(self) -> None:
        """Remove every snapshot but the current one that no reader holds, and what killed processes left."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        for unfinished in self.revisions.glob("*.tmp"):
            unfinished.unlink()
        self.live()
        current = self.current()
        for name in {path.name.split(".")[0] for path in self.snapshots.iterdir()} - {current}:
            self.discard(name)
        step("tidied")

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """Lend a folder that is removed at the end; what a killed process left is removed by the next one to ask."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir()
        try:
            yield self._scratch / "store"
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    # The archive

    def keep(self, name: str, content: BinaryIO) -> None:
        """Keep bytes under *name*, durable when this returns; known names are left alone."""
        target = self.revisions / name
        if target.exists():
            return
        self.revisions.mkdir(exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=self.revisions, suffix=".tmp")
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(content, file, _COPY_BYTES)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        step("archive-written")
        Path(temporary).replace(target)
        sync_folder(self.revisions)
        step("archived")

    def kept(self, name: str) -> BinaryIO:
        """Open what was kept under *name*."""
        try:
            return (self.revisions / name).open("rb")
        except FileNotFoundError as error:
            raise NotFound("is not in the archive", where=name) from error

    def forget(self, name: str) -> None:
        """Remove what was kept under *name*."""
        (self.revisions / name).unlink(missing_ok=True)


def _try_lock(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _number(path: Path) -> int:
    return int(path.name)
