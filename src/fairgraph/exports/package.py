"""Several files as one: a ZIP archive with the same bytes for the same files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from typing import BinaryIO

from fairgraph.exports.export import File

_EPOCH = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest date that a ZIP can say: no export depends on the clock


def write_zip(files: Iterable[File], output: BinaryIO) -> None:
    """Write files, given by name and contents, in their order."""
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, contents in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            if entry.is_dir():
                entry.external_attr = 0o40755 << 16 | 0x10
                archive.writestr(entry, b"")
                continue
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as member:
                for part in contents:
                    member.write(part)
