"""Notebooks in the ELN file format (``.eln``): a crate in a ZIP archive with one root folder, signed if a key is configured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from fairgraph.errors import UsageError
from fairgraph.exports.crate import DEFLATED_BYTES, Crate
from fairgraph.exports.crate_changes import Changes
from fairgraph.exports.crate_isa import described
from fairgraph.exports.crate_own import DERIVED, FOLDER, is_crate, own_things, recorded
from fairgraph.exports.description import FOLDER as DESCRIPTION
from fairgraph.exports.eln_isa import notebook_things
from fairgraph.exports.eln_rules import BASES, CURRENT, LISTS, OLDER, NotebookRules
from fairgraph.exports.export import Answers, Export, File
from fairgraph.exports.package import write_zip

VERSION = "version"
# The consortium's limits for an archive.
MEMBERS, EXPANDED_BYTES = 10_000, 4 * 1024**3


def files(answers: Answers) -> Iterator[File]:
    """Yield the files of a notebook; UsageError if there are more than an archive of this format may hold."""
    version = answers.options.get(VERSION, CURRENT)
    if version not in BASES:
        raise UsageError(f"the ELN file format {version!r} is not written", hint=f"versions: {', '.join(BASES)}")  # fmt: skip
    came = is_crate(answers)
    things = own_things(answers) if came else notebook_things(answers, described(answers))
    changes = Changes(things, told=came)
    name, day = recorded(answers)
    NotebookRules(changes, version, title=name, day=day).apply()
    crate = Crate(things, BASES[version], answers, name, changes, LISTS)
    if crate.count > MEMBERS or crate.size > EXPANDED_BYTES:
        raise UsageError(
            f"has {crate.count} files of {crate.size} bytes, and a notebook may have {MEMBERS} of {EXPANDED_BYTES}",
            hint="export it as ro-crate",
        )
    yield from crate.files(signed=True)


def write(answers: Answers, output: BinaryIO) -> None:
    """Write a notebook."""
    write_zip(files(answers), output, deflated_bytes=DEFLATED_BYTES)


EXPORT = Export(
    "eln",
    "ELN",
    "export/eln",
    "application/vnd.eln+zip",
    "eln",
    write,
    profile="https://purl.archive.org/purl/elnconsortium/eln-spec/1.2+20260923",
    group="Notebooks and crates",
    options={
        VERSION: f"{OLDER}: the older text of the format, on RO-Crate 1.1 ({CURRENT} unless said)"
    },
    also=(DERIVED, FOLDER, DESCRIPTION),
    carried=(f"{FOLDER}/carried", f"{FOLDER}/carried-as-it-came"),
    holds_files=True,
)
