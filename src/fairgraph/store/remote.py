"""The remote store: its triples are on a SPARQL 1.1 server, its files, keys and old revisions in a folder here."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from fairgraph.errors import StoreError
from fairgraph.store.beside import Beside, agreed_base, checked_base
from fairgraph.store.engine import EngineWriter, translated
from fairgraph.store.folder import Folder, step, write_atomically
from fairgraph.store.merging import Merges
from fairgraph.store.publishing import publish
from fairgraph.store.remote_reader import RemoteReader
from fairgraph.store.remote_writer import RemoteWriter
from fairgraph.store.server import Server
from fairgraph.store.state import State, found_store, state_of
from fairgraph.terms import DEFAULT_BASE

FOLDER = "FAIRGRAPH_FILES"
"""The environment variable that names the folder for files, keys and old revisions."""
DEFAULT_FOLDER = "fairgraph-files"
_NAME = "server.json"
_MERGES_KEPT = 2


class RemoteStore(Beside):
    """A store on a SPARQL 1.1 server; ``remote_writer`` and ``publishing`` say how it is written."""

    def __init__(
        self,
        location: str,
        *,
        base: str | None = None,
        create: bool = True,
        timeout: float = 30.0,
        folder: Path | None = None,
    ) -> None:
        """Open the store on the server at *location*; *folder* is what ``FAIRGRAPH_FILES`` names if it is not given."""
        self.location, self.server = location, Server(location)
        self._timeout = timeout
        self._folder = Folder(folder or Path(os.environ.get(FOLDER) or DEFAULT_FOLDER))
        self._merges = Merges(_MERGES_KEPT)
        wanted = checked_base(base) if base else None
        state = state_of(self.server)
        if state is None:
            if not create:
                raise StoreError(
                    "there is no fairgraph store",
                    where=self.server.at.query,
                    hint="import something, or name another store with --store",
                )
            self._refuse_strangers()
            state = found_store(self.server, wanted or DEFAULT_BASE)
            self._bind(state)
        super().__init__(agreed_base(state.base, wanted, self.server.at.query), self._folder)

    def read(self) -> RemoteReader:
        return RemoteReader(self.server, self._known(), self._merges)

    def _known(self) -> State:
        state = state_of(self.server)
        if state is None:
            raise StoreError("there is no fairgraph store any more", where=self.server.at.query)
        return state

    # The folder beside the server

    def _refuse_strangers(self) -> None:
        """Raise StoreError if the folder is there and belongs to something else; nothing is touched."""
        if self._folder.path.is_dir() and any(self._folder.path.iterdir()):
            raise StoreError(
                "belongs to another store, or holds other files",
                where=str(self._folder.path),
                hint=f"name a folder for this store by {FOLDER}",
            )

    def _bind(self, state: State) -> None:
        """Say in the folder which store it belongs to."""
        try:
            self._folder.path.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"store": state.identifier}, indent=1)
            write_atomically(self._folder.path / _NAME, text + "\n")
        except OSError as error:
            raise StoreError(f"cannot be written: {error}", where=str(self._folder.path)) from error

    def _check_folder(self, state: State) -> None:
        """Raise StoreError unless the folder is that of this store: the history of a store is in one place."""
        try:
            found = json.loads((self._folder.path / _NAME).read_text(encoding="utf-8"))["store"]
        except (OSError, ValueError, KeyError, TypeError):
            found = None
        if found != state.identifier:
            raise StoreError(
                "is not the folder with the files and old revisions of this store",
                where=str(self._folder.path),
                hint=f"{FOLDER} names it; the store is called {state.identifier}",
            )

    # Writing

    @contextlib.contextmanager
    def write(self) -> Iterator[RemoteWriter]:
        with self._folder.lock(self._timeout):
            state = self._known()
            self._check_folder(state)
            step("locked")
            with RemoteWriter(self.server, state) as writer:
                yield writer
                step("written")
                publish(self.server, writer)
            self._merges.clear()

    @contextlib.contextmanager
    def scratch(self) -> Iterator[EngineWriter]:
        with tempfile.TemporaryDirectory(prefix="fairgraph-") as folder:
            with translated(folder):
                store = ox.Store(folder)
            with EngineWriter(store, "scratch", self._base) as writer:
                del store
                yield writer

    def close(self) -> None:
        self._merges.clear()
        super().close()
