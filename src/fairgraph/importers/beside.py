"""Which files there are beside the metadata of a source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

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
