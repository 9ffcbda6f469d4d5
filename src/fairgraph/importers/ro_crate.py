"""RO-Crates 1.0 to 1.3: folders and ZIP archives."""

from __future__ import annotations

from pathlib import PurePosixPath

from fairgraph.importers import crate
from fairgraph.importers.archive import Source
from fairgraph.importers.crate_files import METADATA
from fairgraph.importers.format import Draft


def detect(source: Source) -> bool:
    """Tell whether a folder or archive holds the metadata of a crate, at its top or in a folder there."""
    return bool(metadata_files(source))


def metadata_files(source: Source) -> list[str]:
    """Return the metadata document of a crate, the outermost one."""
    if source.path.is_file() and not source.is_archive:
        return []
    found = [name for name in source.members if PurePosixPath(name).name in METADATA]
    return sorted(found, key=lambda name: (name.count("/"), name))[:1]


def read(source: Source, draft: Draft) -> None:
    """Read a crate."""
    crate.read(source, draft, crate.CRATE)
