"""The embedded stores: a data folder on disk, and memory. One contract, pyoxigraph below."""

from __future__ import annotations

import contextlib
import gc
import io
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import RdfFormat

from fairgraph.errors import StoreError, StoreLocked
from fairgraph.store.beside import Beside, MemoryArchive, agreed_base, checked_base
from fairgraph.store.engine import EngineReader, EngineWriter, translated
from fairgraph.store.folder import Folder, Lease, step
from fairgraph.store.merging import Merges, SnapshotMerges
from fairgraph.terms import DEFAULT_BASE

# A store that grew by so much, and by half of what it was, is merged: a bulk load leaves files side by side, and each lookup of a term
# asks all of them (a third of the time of large exports). Each triple is moved a few times at most, however many loads there are.
_GROWN_BYTES = 32 * 1024 * 1024


class MemoryStore(Beside):
    """A store that is gone with the process: for conversions, checks and tests.

    Its readers see a write while it goes on. The undo of a write is a dump of what was there before, so the first write,
    which is the only one of a conversion, costs nothing more.
    """

    def __init__(self, *, base: str | None = None, timeout: float = 30.0) -> None:
        self._archived = MemoryArchive()
        super().__init__(checked_base(base or DEFAULT_BASE), self._archived)
        self._store = ox.Store()
        self._timeout = timeout
        self._lock = threading.Lock()
        self._writes = 0
        self._merges = Merges()

    def read(self) -> EngineReader:
        return EngineReader(self._store, str(self._writes), merges=self._merges)

    @contextlib.contextmanager
    def write(self) -> Iterator[EngineWriter]:
        if not self._lock.acquire(timeout=self._timeout):
            raise StoreLocked("another write is going on", hint="try again when it is done")
        try:
            with translated("store"):
                undo = self._dumped() if len(self._store) else b""
            archived = dict(self._archived.contents)
            writer = EngineWriter(
                # In memory there is no index build to save: a bulk load takes half as long again.
                self._store,
                f"{self._writes}+",
                self._base,
                bulk=False,
            )
            try:
                yield writer
            except BaseException:
                self._store.clear()
                self._store.bulk_load(undo, RdfFormat.N_QUADS, lenient=True)
                self._archived.contents = archived
                raise
            else:
                self._writes += 1
            finally:
                writer.close()
                self._merges = Merges()
        finally:
            self._lock.release()

    def _dumped(self) -> bytes:
        buffer = io.BytesIO()
        self._store.dump(buffer, RdfFormat.N_QUADS)
        return buffer.getvalue()

    @contextlib.contextmanager
    def scratch(self) -> Iterator[EngineWriter]:
        with EngineWriter(ox.Store(), "scratch", self._base, bulk=False) as writer:
            yield writer

    def close(self) -> None:
        self._merges.clear()
        super().close()


class _Snapshot:
    """One published state, opened once in this process and shared by its readers."""

    def __init__(self, lease: Lease) -> None:
        with translated(str(lease.path)):
            self.store = ox.Store.read_only(str(lease.path))
        self.lease = lease
        self.merges = SnapshotMerges(lease.path)
        self.users = 0


class DiskStore(Beside):
    """The embedded store in a data folder; see ``folder`` for what is where, and why a crash leaves the old state."""

    def __init__(
        self, path: Path, *, base: str | None = None, create: bool = True, timeout: float = 30.0
    ) -> None:
        self._folder = Folder(path)
        self._timeout = timeout
        self._guard = threading.RLock()
        self._snapshot: _Snapshot | None = None
        wanted = checked_base(base) if base else None
        if not self._folder.exists():
            if not create:
                raise StoreError(
                    "there is no fairgraph store",
                    where=str(path),
                    hint="import something, or name another folder with --store",
                )
            self._create(wanted or DEFAULT_BASE)
        super().__init__(agreed_base(self._folder.base(), wanted, str(path)), self._folder)

    def _create(self, base: str) -> None:
        self._folder.refuse_strangers()  # before the lock, which is a file, too
        with self._folder.lock(self._timeout):
            if self._folder.exists():  # somebody was faster
                return
            try:
                self._folder.make(base)
                shutil.rmtree(self._folder.snapshots)
                self._folder.snapshots.mkdir()
            except OSError as error:
                raise StoreError(
                    f"cannot be made: {error}", where=str(self._folder.path)
                ) from error
            with translated(str(self._folder.path)):
                live = ox.Store(str(self._folder.new_live()))
                self._publish(live)

    @property
    def folder(self) -> Folder:
        """The files of this store."""
        return self._folder

    def read(self) -> EngineReader:
        with self._guard:
            known = self._snapshot
            if known is None or known.lease.name != self._folder.current():
                self._drop()
                lease = self._folder.lease()
                try:
                    known = self._snapshot = _Snapshot(lease)
                except BaseException:
                    lease.release()
                    raise
                known.users = 1  # the store itself, so that the next reader finds it open
            snapshot = known
            snapshot.users += 1
        return EngineReader(
            snapshot.store,
            snapshot.lease.name,
            merges=snapshot.merges,
            on_close=lambda: self._leave(snapshot),
        )

    def _leave(self, snapshot: _Snapshot) -> None:
        with self._guard:
            snapshot.users -= 1
            if snapshot.users == 0:
                del snapshot.store
                snapshot.merges.clear()
                snapshot.lease.release()

    def _drop(self) -> None:
        with self._guard:
            if self._snapshot is not None:
                snapshot, self._snapshot = self._snapshot, None
                self._leave(snapshot)

    @contextlib.contextmanager
    def write(self) -> Iterator[EngineWriter]:
        with self._folder.lock(self._timeout):
            step("locked")
            with translated(str(self._folder.path)):
                live = self._open_live()
                before = self._folder.live_bytes()
            writer = EngineWriter(
                live, f"{self._folder.current()}+", self._base, anew=self._empty_live
            )
            del live
            try:
                yield writer
                step("written")
                with translated(str(self._folder.path)):
                    if self._folder.live_bytes() - before > max(_GROWN_BYTES, before // 2):
                        writer.engine.optimize()
                        step("optimized")
                    self._publish(writer.engine)
            except BaseException:
                # The marker stays: whoever writes next starts from the snapshot.
                writer.close()
                raise
            writer.close()
            with translated(str(self._folder.path)):
                self._folder.unmark()
                self._drop()
                self._folder.tidy()

    def _open_live(self) -> ox.Store:
        """Open the live store for writing, equal to what is published; the marker is set when this returns."""
        path = self._folder.live()
        if path is None or self._folder.is_marked():
            path = self._restored()
        self._folder.mark()
        try:
            live = ox.Store(str(path))
        except (OSError, RuntimeError):
            # Damaged, or an unfinished answer of an earlier write in this process still holds it.
            gc.collect()
            live = ox.Store(str(self._restored()))
        step("opened")
        return live

    def _empty_live(self) -> ox.Store:
        """Make an empty live store beside the one that is written; after the write, the newer one counts."""
        return ox.Store(str(self._folder.next_live()))

    def _restored(self) -> Path:
        """Make the live store anew from the published snapshot: hard links, at once."""
        self._folder.mark()
        path = self._folder.new_live()
        step("live-removed")
        ox.Store.read_only(str(self._folder.snapshots / self._folder.current())).backup(str(path))
        step("restored")
        return path

    def _publish(self, live: ox.Store) -> None:
        """Publish the live store as it is: from the move of the pointer on, the write counts."""
        name = self._folder.next_snapshot()
        live.backup(str(self._folder.snapshots / name))
        step("snapshot-made")
        self._folder.publish(name)

    @contextlib.contextmanager
    def scratch(self) -> Iterator[EngineWriter]:
        with self._folder.scratch() as path:
            with translated(str(path)):
                store = ox.Store(str(path))
            with EngineWriter(store, "scratch", self._base) as writer:
                del store
                yield writer

    def close(self) -> None:
        self._drop()
        super().close()
