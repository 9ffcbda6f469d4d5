"""Notebooks: the ELN file format (`.eln`), a crate in a ZIP archive with one root folder."""

from __future__ import annotations

from fairgraph.importers import crate
from fairgraph.importers.archive import Source
from fairgraph.importers.format import Draft


def detect(source: Source) -> bool:
    """Tell whether a source is called as a notebook is; what is in it is looked at when it is read."""
    return source.path.is_file() and source.path.suffix.lower() == ".eln"


def metadata_files(source: Source) -> list[str]:
    """Return nothing: what a notebook was read from is known by all that is in it."""
    return []


def read(source: Source, draft: Draft) -> None:
    """Read a notebook."""
    crate.read(source, draft, crate.NOTEBOOK)
