"""Which files of a source belong to an ISA-Tab dataset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from fairgraph.errors import SourceError
from fairgraph.importers.archive import Source

_INVESTIGATION = re.compile(r"i_.*\.txt|investigation\.txt", re.IGNORECASE)
_TABLE = re.compile(r"[sa]_.*", re.IGNORECASE)


def investigation_files(source: Source) -> list[str]:
    """Return the names of the investigation files of a source, those highest in the folder tree first."""
    names = [n for n in source.members if _INVESTIGATION.fullmatch(PurePosixPath(n).name)]
    return sorted(names, key=lambda name: (name.count("/"), name))


class Files:
    """The investigation file of a source, and the tables beside it."""

    def __init__(self, source: Source) -> None:
        found = investigation_files(source)
        if not found:
            raise SourceError("holds no ISA-Tab investigation file (i_*.txt)", where=source.name)
        self.source, self.investigation = source, found[0]
        self.folder = self.investigation.rpartition("/")[0]
        self.read: set[str] = {self.investigation}

    def metadata(self) -> Iterator[str]:
        yield self.investigation
        for name in sorted(self.source.members):
            folder, _, file = name.rpartition("/")
            if folder == self.folder and _TABLE.fullmatch(file):
                yield name

    def find(self, name: str) -> str | None:
        """Return the member that the investigation file calls *name*, also if its case differs; None if it is missing."""
        path = f"{self.folder}/{name}" if self.folder else name
        if path in self.source.members:
            return path
        wanted = path.lower()
        return next((member for member in self.source.members if member.lower() == wanted), None)

    def unread(self) -> list[str]:
        return [
            name
            for name in self.source.members
            if name not in self.read
            and (name in set(self.metadata()) or _INVESTIGATION.fullmatch(name.rpartition("/")[2]))
        ]
