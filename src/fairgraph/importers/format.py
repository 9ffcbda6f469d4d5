"""The table of import formats, and how a format is recognised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from fairgraph.errors import SourceError, UnknownFormat, UsageError
from fairgraph.files import Digests, FileSink
from fairgraph.importers.archive import Source
from fairgraph.importers.spool import Spool
from fairgraph.report import Report


@dataclass
class Draft:
    """A dataset on its way into the store.

    ``dataset`` is the IRI that it will have, ``format`` the name of the format that it is in; the importer fills the rest. ``entities`` are the IRIs that get store-wide numbers, by
    kind, in order; ``derived`` says that the derived statements are still to be computed, ``checked`` that every IRI is known to be one.
    ``options`` are those of the format, as given. ``files`` takes the files of the source; ``sha256`` and ``size`` tell all that was read from other sources, if the metadata alone does not.
    """

    dataset: str
    format: str = ""
    spool: Spool = field(default_factory=Spool)
    report: Report = field(default_factory=Report)
    title: str = ""
    entities: dict[str, Iterable[str]] = field(default_factory=dict)
    derived: bool = False
    checked: bool = False
    files: FileSink = field(default_factory=Digests)
    sha256: str = ""
    size: int = 0
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Format:
    """One format that can be imported: how to recognise it, which files of a source it reads, and how.

    ``reads_files``: its reader puts the files of the source into ``draft.files`` itself; ``files_on_request``: if somebody asks
    for that. ``options`` maps the names of options to what they do.
    """

    name: str
    label: str
    detect: Callable[[Source], bool]
    metadata_files: Callable[[Source], list[str]]
    read: Callable[[Source, Draft], None]
    version: str = "1"
    reads_files: bool = False
    files_on_request: bool = False
    options: Mapping[str, str] = field(default_factory=dict)

    def check_options(self, options: Mapping[str, str]) -> None:
        """Raise UsageError if an option is given that the format does not have."""
        for name in options:
            if name not in self.options:
                known = ", ".join(sorted(self.options)) or "it has none"
                raise UsageError(f"{self.name} has no option {name!r}", hint=f"options: {known}")

    def keeps_files(self, source: Source) -> bool:
        """Tell whether the files of a source are kept if nobody says: those of notebooks and crates in an archive are."""
        return self.reads_files and not self.files_on_request and source.path.is_file()


def formats() -> tuple[Format, ...]:
    """Return the table, in the order in which formats are tried."""
    from fairgraph.importers import (
        eln,
        fairtracks,
        isa_json,
        isa_tab,
        pennsieve,
        rdf,
        ro_crate,
        roles,
    )

    return (
        Format(
            "eln",
            "ELN",
            eln.detect,
            eln.metadata_files,
            eln.read,
            "2",
            reads_files=True,
            options={"roles": roles.OPTION},
        ),
        # Its data files may be of any format, so that it is looked for before the others.
        Format(
            "pennsieve",
            "Pennsieve",
            pennsieve.detect,
            pennsieve.metadata_files,
            pennsieve.read,
            reads_files=True,
            files_on_request=True,
        ),
        Format("isa-tab", "ISA-Tab", isa_tab.detect, isa_tab.metadata_files, isa_tab.read),
        Format(
            "ro-crate",
            "RO-Crate",
            ro_crate.detect,
            ro_crate.metadata_files,
            ro_crate.read,
            "2",
            reads_files=True,
        ),
        Format(
            "fairtracks",
            "FAIRtracks",
            fairtracks.detect,
            fairtracks.metadata_files,
            fairtracks.read,
        ),
        Format("isa-json", "ISA-JSON", isa_json.detect, isa_json.metadata_files, isa_json.read),
        Format("rdf", "Turtle, N-Quads, JSON-LD", rdf.detect, rdf.metadata_files, rdf.read),
    )


def get(name: str) -> Format:
    """Return one format by name; raise UsageError if there is none."""
    found = next((form for form in formats() if form.name == name), None)
    if found is None:
        names = ", ".join(form.name for form in formats())
        raise UsageError(f"there is no import format {name!r}", hint=f"formats: {names}")
    return found


def detect(source: Source) -> Format:
    """Return the format of a source; raise UnknownFormat, saying what was tried, if none fits."""
    if not source.members:
        raise SourceError("is empty: there is nothing to import", where=str(source.path))
    for form in formats():
        if form.detect(source):
            return form
    tried = ", ".join(form.label for form in formats())
    raise UnknownFormat(
        "is in no format that fairgraph knows",
        where=str(source.path),
        hint=f"tried: {tried}; an ISA-Tab folder needs an i_*.txt file",
    )
