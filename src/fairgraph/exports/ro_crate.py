"""RO-Crates: those that came as they came, and any other dataset as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from fairgraph.errors import UsageError
from fairgraph.exports.crate import DEFLATED_BYTES, Crate
from fairgraph.exports.crate_changes import Changes
from fairgraph.exports.crate_isa import described, isa_things
from fairgraph.exports.crate_own import DERIVED, FOLDER, is_crate, own_things, recorded
from fairgraph.exports.crate_strict import Rules
from fairgraph.exports.crate_words import V1_1, V1_2, Base
from fairgraph.exports.description import FOLDER as DESCRIPTION
from fairgraph.exports.export import Answers, Export, File
from fairgraph.exports.package import write_zip

VERSION = "version"
_BASES = {base.version: base for base in (V1_2, V1_1)}


def base_of(options: Mapping[str, str], usual: Base) -> Base:
    """Return the version of RO-Crate that is wanted; UsageError if it is none that is written."""
    version = options.get(VERSION, usual.version)
    if version not in _BASES:
        raise UsageError(f"RO-Crate {version!r} is not written", hint=f"versions: {', '.join(_BASES)}")  # fmt: skip
    return _BASES[version]


def files(answers: Answers) -> Iterator[File]:
    """Yield the files of a crate: the metadata document, and what the file store has."""
    came = is_crate(answers)
    base = base_of(answers.options, V1_2 if came else V1_1)
    things = own_things(answers) if came else isa_things(answers, described(answers))
    changes = Changes(things, told=came)
    title, day = recorded(answers)
    Rules(changes, base, title=title, day=day).apply()
    yield from Crate(things, base, answers, changes=changes).files()


def write(answers: Answers, output: BinaryIO) -> None:
    """Write a crate as a ZIP archive."""
    write_zip(files(answers), output, deflated_bytes=DEFLATED_BYTES)


EXPORT = Export(
    "ro-crate",
    "RO-Crate",
    FOLDER,
    "application/zip",
    "zip",
    write,
    profile="https://w3id.org/ro/crate/1.2",
    group="Notebooks and crates",
    options={
        VERSION: "1.1 or 1.2: the version of RO-Crate (crates and notebooks 1.2, others 1.1, on which the ISA profile builds, unless said)"
    },
    also=(DERIVED, FOLDER, DESCRIPTION),
    carried=(f"{FOLDER}/carried", f"{FOLDER}/carried-as-it-came"),
    holds_files=True,
    files=files,
)
