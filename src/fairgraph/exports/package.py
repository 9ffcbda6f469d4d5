"""Several files as one: a ZIP archive with the same bytes for the same files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain
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


def write_zip(
    files: Iterable[File], output: BinaryIO, *, deflated_bytes: int | None = None
) -> None:
    """Write files, given by name and contents, in their order; a name with a slash at its end is that of an empty folder.

    Files of more than *deflated_bytes* are only stored: archives whose members unpack to very much more are refused by careful readers.
    """
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, contents in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            if entry.is_dir():
                entry.external_attr = 0o40755 << 16 | 0x10
                archive.writestr(entry, b"")
                continue
            parts = iter(contents)
            begin = _begin(parts, deflated_bytes)
            is_large = deflated_bytes is not None and sum(map(len, begin)) > deflated_bytes
            entry.compress_type = zipfile.ZIP_STORED if is_large else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as member:
                for part in chain(begin, parts):
                    member.write(part)


def _begin(parts: Iterator[bytes], limit: int | None) -> list[bytes]:
    """Take as many parts as it needs to know whether there are more than *limit* bytes."""
    taken: list[bytes] = []
    size = 0
    while limit is not None and size <= limit and (part := next(parts, None)) is not None:
        taken.append(part)
        size += len(part)
    return taken
