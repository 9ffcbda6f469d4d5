"""The files of a crate: a folder, or a ZIP archive that is checked before a byte of it is believed, and never extracted."""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO

from fairgraph.errors import SourceError
from fairgraph.importers.rules import finding
from fairgraph.report import Finding, Report

METADATA = ("ro-crate-metadata.json", "ro-crate-metadata.jsonld")
# The limits of the ELN consortium where it has some, else what no honest archive comes near to.
ARCHIVE_BYTES = 2 * 1024**3
EXPANDED_BYTES = 4 * 1024**3
MEMBERS = 10_000
METADATA_BYTES = 64 * 1024**2
NAME_BYTES = 1024
DIRECTORY_BYTES = 32 * 1024**2
RATIO, RATIO_BYTES = 200, 10 * 1024**2
_BROKEN = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    RuntimeError,
    NotImplementedError,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass
class CrateFiles:
    """What is in the root folder of a crate.

    ``names`` maps the names of the files, as they are after ``//`` and ``.`` are gone, to where they are; ``sizes`` to what the
    archive says of their size. ``metadata`` is the name of the metadata document among them, or ``""``.
    """

    label: str
    names: dict[str, str]
    sizes: dict[str, int]
    metadata: str = ""
    root: Path | None = None  # of a folder
    archive: zipfile.ZipFile | None = None
    held: dict[str, bytes] = field(default_factory=dict)  # what is in no folder or archive

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file; SourceError if it cannot be read as what the archive says it is."""
        if name in self.held:
            yield io.BytesIO(self.held[name])
            return
        where = self.names[name]
        try:
            if self.archive is not None:
                with self.archive.open(where) as stream:
                    yield stream
            else:
                assert self.root is not None
                with (self.root / where).open("rb") as stream:
                    yield stream
        except _BROKEN as error:
            raise SourceError(f"cannot be read: {error}", where=f"{self.label}/{name}") from error

    def read(self, name: str, most: int) -> bytes:
        """Return the bytes of a file; SourceError if there are more than *most*."""
        with self.open(name) as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise SourceError(
                f"is larger than {most >> 20} MB and is refused", where=f"{self.label}/{name}"
            )
        return data


@contextmanager
def crate_files(path: Path, report: Report, *, notebook: bool) -> Iterator[CrateFiles]:
    """Open a crate; SourceError if it is not safe to read. A *notebook* (`.eln`) is an archive with one folder and nothing beside it."""
    if path.is_dir():
        yield _folder(path, report)
        return
    _check_archive(path)
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise SourceError(f"is no readable ZIP archive: {error}", where=path.name) from error
    with archive:
        members = _checked_members(archive, path.name, report, notebook=notebook)
        root = _root(members, path.name, notebook=notebook)
        cut = len(root) + 1 if root else 0
        inside = {name[cut:]: info for name, info in members.items() if name.startswith(root)}
        files = CrateFiles(
            path.name,
            {name: info.filename for name, info in inside.items()},
            {name: info.file_size for name, info in inside.items()},
            archive=archive,
        )
        found = [name for name in METADATA if name in files.names]
        if not found:
            raise SourceError(f"there is no {METADATA[0]}", where=f"{path.name}/{root}")
        files.metadata = found[0]
        yield files


def _folder(path: Path, report: Report) -> CrateFiles:
    """List the files of a folder. Links are not followed, since they may lead out of it, and each is a finding.

    Raises SourceError if the metadata are a link, or if there are more files than an archive may have.
    """
    root = path
    found = _metadata_in(path)
    if found is None:
        inner = [f for f in sorted(path.iterdir()) if f.is_dir() and not f.is_symlink()]
        root = next((folder for folder in inner if _metadata_in(folder)), path)
        found = _metadata_in(root)
    if found is None:
        raise SourceError(f"there is no {METADATA[0]}", where=path.name)
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for folder, folders, files in os.walk(root):
        folders.sort()
        for file in sorted((*folders, *files)):
            place = Path(folder) / file
            name = place.relative_to(root).as_posix()
            if place.is_symlink():
                report.add(Finding("warning", "crate-link", "is a link, which is not followed", where=name))  # fmt: skip
            elif place.is_file():
                names[name], sizes[name] = name, place.stat().st_size
        if len(names) > MEMBERS:
            raise SourceError(f"has more than {MEMBERS} files and is refused", where=path.name)
    return CrateFiles(path.name, names, sizes, found, root=root)


def _metadata_in(folder: Path) -> str | None:
    for name in METADATA:
        if (folder / name).is_symlink():
            raise SourceError("is a link, which is not followed", where=f"{folder.name}/{name}")
        if (folder / name).is_file():
            return name
    return None


def _check_archive(path: Path) -> None:
    """Look at the ends of the file, before the whole directory is read into memory."""
    where = path.name
    size = path.stat().st_size
    if size > ARCHIVE_BYTES:
        raise SourceError(f"is larger than {ARCHIVE_BYTES >> 30} GB and is refused", where=where)
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise SourceError("is no ZIP archive, or the end of it is missing", where=where)
    count, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if not count:
        raise SourceError("is an archive of nothing", where=where)
    if head != b"PK\x03\x04":
        raise SourceError(
            "holds something else before the archive begins, and is refused", where=where
        )
    if count > MEMBERS or directory > DIRECTORY_BYTES:
        raise SourceError(f"has more than {MEMBERS} members and is refused", where=where)


def _checked_members(
    archive: zipfile.ZipFile, label: str, report: Report, *, notebook: bool
) -> dict[str, zipfile.ZipInfo]:
    """Return the files by their names; SourceError for what no crate needs."""
    found: dict[str, zipfile.ZipInfo] = {}
    folders: set[str] = set()
    infos = archive.infolist()
    if len(infos) > MEMBERS:
        raise SourceError(f"has more than {MEMBERS} members and is refused", where=label)
    total = 0
    for info in infos:
        where = f"{label}/{info.orig_filename!r}"
        name = member_name(info.orig_filename, where)
        _check_member(info, where)
        total += info.file_size
        if total > EXPANDED_BYTES:
            raise SourceError(
                f"expands to more than {EXPANDED_BYTES >> 30} GB and is refused", where=label
            )
        if info.is_dir():
            folders.add(name)
            continue
        if not name or name in found:
            raise SourceError("is the name of two members, and is refused", where=where)
        if info.compress_type not in _PLAIN_METHODS:
            message = "is packed by a method that not every reader of ZIP knows"
            report.add(finding("warning", "crate-method", message, where=where))
        found[name] = info
    _check_overlap(archive, label)
    _check_cases(found, label, report)
    folders |= {str(parent) for name in found for parent in PurePosixPath(name).parents}
    if clash := next((name for name in found if name in folders), None):
        raise SourceError("is a file and a folder, and is refused", where=f"{label}/{clash}")
    roots = {name.split("/")[0] for name in found}
    empty = sorted({folder.split("/")[0] for folder in folders - {"", "."}} - roots)
    if notebook and empty:
        raise SourceError("is a second root folder, and is refused", where=f"{label}/{empty[0]}")
    return found


def member_name(raw: str, where: str) -> str:
    """Return the name of a member without ``.`` and ``//``; SourceError for one that leads out of the archive or deceives."""
    name = unicodedata.normalize("NFC", raw)
    reason = ""
    if not name or len(name.encode("utf-8", "surrogatepass")) > NAME_BYTES:
        reason = "is empty or too long"
    elif _CONTROL.search(name):
        reason = "holds control characters"
    elif "\\" in name:
        reason = "holds a backslash"
    elif name.startswith("/") or re.match(r"[A-Za-z]:/", name):
        reason = "is absolute"
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        reason = "leads out of the archive"
    if reason:
        raise SourceError(f"the name of a member {reason}; the archive is refused", where=where)
    return "/".join(parts)


def _check_member(info: zipfile.ZipInfo, where: str) -> None:
    if info.flag_bits & 1:
        raise SourceError(
            "is encrypted, which cannot be read",
            where=where,
            hint="unpack it and pack it without a password",
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise SourceError("is a link or a device, and is refused", where=where)
    if info.file_size > max(RATIO_BYTES, RATIO * info.compress_size):
        sizes = f"from {info.compress_size} to {info.file_size} bytes"
        raise SourceError(f"expands {sizes} and is refused", where=where)


def _check_overlap(archive: zipfile.ZipFile, label: str) -> None:
    ends = 0
    for info in sorted(archive.infolist(), key=lambda one: one.header_offset):
        if info.header_offset < ends:
            raise SourceError("has members that share their bytes, and is refused", where=label)
        name = len(info.orig_filename.encode("utf-8", "surrogatepass"))
        shortest = min(name, len(info.orig_filename))
        ends = info.header_offset + 30 + shortest + info.compress_size
    if ends > archive.start_dir:
        raise SourceError("has members that share their bytes, and is refused", where=label)


def _check_cases(found: dict[str, zipfile.ZipInfo], label: str, report: Report) -> None:
    seen: dict[str, str] = {}
    for name in found:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            message = f"differs from {other} in upper and lower case only: some systems keep one of the two"
            report.add(finding("warning", "crate-duplicate-case", message, where=f"{label}/{name}"))


def _root(members: dict[str, zipfile.ZipInfo], label: str, *, notebook: bool) -> str:
    """Return the folder of the crate within an archive: the only one of a notebook, else that of the metadata."""
    if not notebook:
        found = [name for name in members if PurePosixPath(name).name in METADATA]
        shallow = min(found, key=lambda name: (name.count("/"), name), default="")
        return str(PurePosixPath(shallow).parent) if "/" in shallow else ""
    roots = {name.split("/")[0] for name in members}
    beside = [name for name in members if "/" not in name]
    if beside:
        raise SourceError(
            "lies beside the root folder, and the archive is refused", where=f"{label}/{beside[0]}"
        )
    if len(roots) != 1:
        names = ", ".join(sorted(roots)[:3])
        raise SourceError(f"has not one root folder ({names}) and is refused", where=label)
    return roots.pop()
