"""Where the files of a dataset of another format are in a published dataset: each in a place of its own."""

from __future__ import annotations

from itertools import chain, count
from pathlib import PurePosixPath
from urllib.parse import unquote

from fairgraph.crate.ids import is_path
from fairgraph.exports.crate_ids import safe_path
from fairgraph.terms import digest

FILES = "files"
# File systems take names of 255 bytes, and a file that is being written has a longer one.
_NAME_BYTES = 200


def wanted(told: str, name: str, iri: str) -> str:
    """Return the path that a file should have below the folder of files: the one that it had (*told*), its name, or what its IRI ends with."""
    last = unquote(iri.rstrip("/").rpartition("/")[2])
    candidates = (unquote(told) if is_path(told) else "", "" if "//" in name else name, last)
    return next(filter(None, map(_writable, candidates)), digest(iri))


def _writable(text: str) -> str:
    path = safe_path(text)
    return "" if any(len(part.encode()) > _NAME_BYTES for part in path.split("/")) else path


class Places:
    """Gives paths below *folder* to files, so that no two that differ have the same, and none is a folder of others."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._files: dict[str, str] = {}
        self._folders: set[str] = set()
        self.moved: list[tuple[str, str]] = []
        """The paths that were another file's already, each with the one that was given in its place."""

    def take(self, path: str, same: str) -> str:
        """Return a path for the file that is wanted at *path*; files that are the *same* share one."""
        mark = digest(same)
        name = f"{mark}-{PurePosixPath(path).name}"
        beside = str(PurePosixPath(path).with_name(name))
        numbered = (f"{mark}-{n}" for n in count(1))
        found = next(f for f in chain((path, beside, name), numbered) if self._is_free(f, same))
        self._files[found] = same
        self._folders.update(map(str, PurePosixPath(found).parents))
        if found != path:
            self.moved.append((f"{self._folder}/{path}", f"{self._folder}/{found}"))
        return f"{self._folder}/{found}"

    def _is_free(self, path: str, same: str) -> bool:
        if path in self._files:
            return self._files[path] == same
        parents = map(str, PurePosixPath(path).parents)
        return path not in self._folders and not any(parent in self._files for parent in parents)
