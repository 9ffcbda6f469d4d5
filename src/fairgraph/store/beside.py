"""What a store has beside its triples: its base, files, keys, and the archive of what datasets were before."""

from __future__ import annotations

import io
from typing import BinaryIO

from fairgraph.closing import Closing
from fairgraph.errors import NotFound, UsageError
from fairgraph.files import Files
from fairgraph.keys import Keys
from fairgraph.store.engine import translated
from fairgraph.store.folder import Folder
from fairgraph.terms import is_web_iri


def checked_base(base: str) -> str:
    """Return *base* with a slash at its end; UsageError if nothing can be minted under it."""
    base = base if base.endswith("/") else base + "/"
    if not is_web_iri(base) or "?" in base or "#" in base:
        raise UsageError(f"{base} is no base IRI", hint="take something like https://example.org/")
    return base


def agreed_base(base: str, wanted: str | None, where: str) -> str:
    """Return the base of the store at *where*; UsageError if another one is wanted."""
    if wanted and wanted != base:
        raise UsageError(
            f"the base of this store is {base}, and stays",
            where=where,
            hint="make another store for another base",
        )
    return base


class MemoryArchive:
    """What :class:`Folder` keeps of old revisions, for a store that is gone with the process."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def keep(self, name: str, content: BinaryIO) -> None:
        if name not in self.contents:
            self.contents[name] = content.read()

    def kept(self, name: str) -> BinaryIO:
        if name not in self.contents:
            raise NotFound("is not in the archive", where=name)
        return io.BytesIO(self.contents[name])

    def forget(self, name: str) -> None:
        self.contents.pop(name, None)


class Beside(Closing):
    """What every store has beside its triples, in a folder or in memory; ``protocol.Store`` says what each method does."""

    def __init__(self, base: str, archive: Folder | MemoryArchive) -> None:
        folder = archive.path if isinstance(archive, Folder) else None
        self._base, self._archive = base, archive
        self._place = str(archive.revisions) if isinstance(archive, Folder) else "memory:"
        self._files = Files(folder / "files" if folder else None)
        self._keys = Keys(folder / "keys" / "keys.json" if folder else None)

    @property
    def base(self) -> str:
        return self._base

    @property
    def files(self) -> Files:
        return self._files

    @property
    def keys(self) -> Keys:
        return self._keys

    def keep(self, name: str, content: BinaryIO) -> None:
        with translated(self._place):
            self._archive.keep(name, content)

    def kept(self, name: str) -> BinaryIO:
        with translated(self._place):
            return self._archive.kept(name)

    def forget(self, name: str) -> None:
        with translated(self._place):
            self._archive.forget(name)

    def close(self) -> None:
        self._files.close()
