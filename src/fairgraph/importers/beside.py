"""Which files there are beside the metadata of a source."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import PurePosixPath
from typing import IO

from fairgraph.importers.archive import Source


def files_beside(source: Source, metadata: str) -> Callable[[str], bool]:
    """Return a function that tells whether a file or folder of a name is there, seen from the folder of the file *metadata*.

    Names that lead out of that folder, absolute ones among them, are not looked for.
    """
    folder, is_archive = PurePosixPath(metadata).parent, source.is_archive

    def is_there(name: str) -> bool:
        path = PurePosixPath(name.strip().replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or not path.parts:
            return False
        if is_archive:
            wanted = str(folder / path)
            return wanted in source.members or any(
                member.startswith(f"{wanted}/") for member in source.members
            )
        root = source.path if source.path.is_dir() else source.path.parent
        try:
            return (root / folder / path).exists()
        except OSError:  # a name that no file can have
            return False

    return is_there


def open_beside(
    source: Source, metadata: str
) -> Callable[[str], AbstractContextManager[IO[bytes]] | None]:
    """Return a function that opens a file of a name, seen from the folder of the file *metadata*; None if there is none.

    Nothing outside of the source is opened, by a name or by a link.
    """
    folder, is_archive = PurePosixPath(metadata).parent, source.is_archive

    def opened(name: str) -> AbstractContextManager[IO[bytes]] | None:
        path = PurePosixPath(name.strip().replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or not path.parts:
            return None
        if is_archive:
            wanted = str(folder / path)
            return source.stream(wanted) if wanted in source.members else None
        root = (source.path if source.path.is_dir() else source.path.parent).resolve()
        try:
            found = (root / folder / path).resolve()
            return found.open("rb") if found.is_relative_to(root) and found.is_file() else None
        except OSError:  # a name that no file can have
            return None

    return opened
