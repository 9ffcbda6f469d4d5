"""RO-Crates: those that came as they came, and any other dataset as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from fairgraph.errors import UsageError
from fairgraph.exports.crate import Crate
from fairgraph.exports.crate_changes import Changes
from fairgraph.exports.crate_own import DERIVED, FOLDER, is_crate, own_things, recorded
from fairgraph.exports.crate_strict import Rules
from fairgraph.exports.crate_words import V1_1, V1_2, Base
from fairgraph.exports.export import Answers, Export, File
from fairgraph.exports.package import write_zip

VERSION = "version"
_BASES = {base.version: base for base in (V1_2, V1_1)}


def base_of(options: Mapping[str, str]) -> Base:
    """Return the version of RO-Crate that is wanted; UsageError if it is none that is written."""
    version = options.get(VERSION, "1.2")
    if version not in _BASES:
        raise UsageError(f"RO-Crate {version!r} is not written", hint=f"versions: {', '.join(_BASES)}")  # fmt: skip
    return _BASES[version]


def files(answers: Answers) -> Iterator[File]:
    """Yield the files of a crate: the metadata document, and what the file store has."""
    base = base_of(answers.options)
    things = own_things(answers)
    changes = Changes(things, told=is_crate(answers))
    title, day = recorded(answers)
    Rules(changes, base, title=title, day=day).apply()
    yield from Crate(things, base, answers, changes=changes).files()


def write(answers: Answers, output: BinaryIO) -> None:
    """Write a crate as a ZIP archive."""
    write_zip(files(answers), output)


EXPORT = Export(
    "ro-crate",
    "RO-Crate",
    FOLDER,
    "application/zip",
    "zip",
    write,
    profile="https://w3id.org/ro/crate/1.2",
    group="Notebooks and crates",
    options={VERSION: "1.1: the version of RO-Crate (1.2 unless said)"},
    also=(DERIVED, FOLDER),
    carried=("export/triples",),
    files=files,
)
