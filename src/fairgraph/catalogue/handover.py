"""What goes into the catalogue and what comes back from it, and the small rules on both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pyoxigraph import Triple

from fairgraph.catalogue.records import Dataset, Revision, Source
from fairgraph.errors import NotFound, UsageError
from fairgraph.report import Finding

_VISIBILITIES = ("public", "private")


@dataclass
class DatasetContent:
    """What an importer hands over.

    *chunks* yields N-Triples, whole lines, of IRIs under ``{base}id/{slug}``; it is used up. *entities* gives the IRIs of the
    things that get store-wide numbers, by kind (``"study"``, ``"sample"``), in the order in which they are numbered.
    *files* are the SHA-256 of the files that came along and are in the file store.
    *derived* says that the derived statements are still to be computed, *checked* that the importer vouches for every IRI. *importer* names what read the source, with its
    version: the same importer on a source with the same sha256 gives the same content, which is then not read again. *in_union* is
    False where nobody will ask the store as a whole: what is public is then not copied into the union.
    """

    slug: str
    title: str
    format: str
    chunks: Iterable[bytes]
    source: Source
    findings: Iterable[Finding] = ()
    entities: Mapping[str, Iterable[str]] = field(default_factory=dict)
    visibility: str | None = None  # None: as it is, public if it is new
    number: int | None = None
    license: str = ""
    doi: str = ""
    derived: bool = False
    checked: bool = False
    importer: str = ""
    in_union: bool = True
    files: Collection[str] = ()


@dataclass(frozen=True)
class Put:
    """The outcome of a put: the dataset as it is now, whether it is new, and whether its content changed."""

    dataset: Dataset
    created: bool
    changed: bool


@dataclass(frozen=True)
class Difference:
    """What one state has more and less than another."""

    added: tuple[Triple, ...]
    removed: tuple[Triple, ...]


def called_by_source(dataset: Dataset, title: str) -> Dataset:
    """Return *dataset* with the title that its content gives it; one that its owner has set stays."""
    if dataset.source_title:
        return replace(dataset, source_title=title)
    return replace(dataset, title=title)


def called_by_owner(dataset: Dataset, title: str) -> Dataset:
    """Return *dataset* with a title set by its owner; ``""`` gives it back the one of its content."""
    given = dataset.source_title or dataset.title
    if title in ("", given):
        return replace(dataset, title=given, source_title="")
    return replace(dataset, title=title, source_title=given)


def unknown(name: str | int) -> NotFound:
    """Return the error for a dataset that is not there, or that the caller may not see."""
    return NotFound(f"there is no dataset {name}", hint="fairgraph list shows them all")


def same_source(dataset: Dataset, source: Source) -> bool:
    """Tell whether a dataset came from *source*: the same key, or the same name where one of them has no key."""
    return any(
        known.key == source.key if known.key and source.key else known.name == source.name
        for known in dataset.sources
    )


def revision_of(dataset: Dataset, name: str | int) -> Revision:
    """Return the revision called *name* (``"r2"``, ``2``); NotFound if there is none."""
    wanted = str(name).removeprefix("r")
    for revision in dataset.revisions:
        if str(revision.index) == wanted:
            return revision
    known = ", ".join(revision.name for revision in dataset.revisions)
    raise NotFound(f"{dataset.slug} has no revision {name}", hint=f"it has {known}")


def check_visibility(visibility: str) -> None:
    """Raise UsageError if *visibility* is none that there is."""
    if visibility not in _VISIBILITIES:
        raise UsageError(f"no visibility {visibility}", hint=f"one of {', '.join(_VISIBILITIES)}")


def check_text(name: str, text: str) -> None:
    """Raise UsageError if *text* holds what is no character: bytes of the command line that are not UTF-8, say."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{name} holds what is no character, at position {error.start}") from error


def now() -> str:
    """Return the time of writing, as xsd:dateTime in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
