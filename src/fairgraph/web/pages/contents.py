"""What the page of a dataset shows beside studies: entries of a notebook, analysis runs, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import NamedNode

from fairgraph.catalogue import Dataset
from fairgraph.terms import place_of
from fairgraph.web.asking import Asking
from fairgraph.web.things import Thing, moment, natural, things

MOST_FILES = 100
_MOST_ROWS = 5_000
_MOST_PARTS = 12


@dataclass
class Entry:
    """An entry of a notebook."""

    thing: Thing
    genre: str
    created: str
    authors: list[Thing]
    index: float


@dataclass
class Run:
    """An analysis run: what it took in, what it gave out, by what and by whom."""

    thing: Thing
    start: str
    end: str
    status: str
    instruments: list[Thing] = field(default_factory=list)
    agents: list[Thing] = field(default_factory=list)
    taken: list[Thing] = field(default_factory=list)
    given: list[Thing] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True)
class FileRow:
    """A file: its page, its bytes if the store has them, its size, its media type, and the term if that is one."""

    thing: Thing
    sha256: str
    kept: bool
    size: int | None
    media_type: str
    term: Thing | None


@dataclass(frozen=True)
class Contents:
    """Entries in the order of the notebook, runs in the order of time, the first hundred files by name."""

    entries: list[Entry]
    runs: list[Run]
    files: list[FileRow]
    more_files: int

    def __bool__(self) -> bool:
        return bool(self.entries or self.runs or self.files)


def contents(asking: Asking, dataset: Dataset) -> Contents:
    """Return what a dataset holds beside studies."""
    files, more = _files(asking, dataset)
    return Contents(_entries(asking, dataset), _runs(asking, dataset), files, more)


def _entries(asking: Asking, dataset: Dataset) -> list[Entry]:
    rows = asking.rows("browse/entries", dataset=dataset, limit=_MOST_ROWS)
    found = things(asking, [term for row in rows for term in (row[0], row[4]) if term is not None])
    entries: dict[Any, Entry] = {}
    for entry, index, genre, created, author in rows:
        place = place_of(index, 0)
        text = moment(created.value) if created is not None else ""
        one = entries.setdefault(
            entry, Entry(found[entry], genre.value if genre is not None else "", text, [], place)
        )
        if author is not None and (who := found[author]) not in one.authors:
            one.authors.append(who)
    return sorted(entries.values(), key=lambda e: (e.index, natural(e.thing.text), e.thing.iri))


def _runs(asking: Asking, dataset: Dataset) -> list[Run]:
    rows = asking.rows("browse/runs", dataset=dataset, limit=_MOST_ROWS)
    nodes = sorted({row[0] for row in rows}, key=str)
    parts: list[Any] = []
    if nodes:
        parts = asking.rows("browse/run-parts", dataset=dataset, limit=_MOST_ROWS, run=nodes)
    terms = [term for row in rows for term in (row[0], row[1], row[2])] + [
        part[2] for part in parts
    ]
    found = things(asking, [term for term in (*nodes, *terms) if term is not None])
    runs: dict[NamedNode, Run] = {}
    for run, instrument, agent, start, end, status in rows:
        one = runs.setdefault(run, Run(found[run], _moment(start), _moment(end), _last(status)))
        for term, known in ((instrument, one.instruments), (agent, one.agents)):
            if term is not None and (thing := found[term]) not in known:
                known.append(thing)
    for run, way, thing in parts:
        known = runs[run].taken if way.value == "in" else runs[run].given
        known.append(found[thing])
    for one in runs.values():
        for known in (one.taken, one.given):
            known.sort(key=lambda thing: natural(thing.text))
            one.more += max(0, len(known) - _MOST_PARTS)
            del known[_MOST_PARTS:]
    return sorted(
        runs.values(), key=lambda run: (run.start, natural(run.thing.text), run.thing.iri)
    )


def _files(asking: Asking, dataset: Dataset) -> tuple[list[FileRow], int]:
    rows = asking.rows("browse/stored-files", dataset=dataset, limit=_MOST_ROWS)
    known = {row[0]: row for row in rows}
    names = {
        node: row[2].value if row[2] is not None else node.value for node, row in known.items()
    }
    shown = sorted(known, key=lambda node: (natural(names[node]), node.value))[:MOST_FILES]
    types = {node: known[node][4] for node in shown}
    found = things(asking, [*shown, *(t for t in types.values() if isinstance(t, NamedNode))])
    kept = asking.fairgraph.catalogue.kept_files([dataset])
    files = []
    for node in shown:
        _, sha256, _, size, media_type = known[node]
        files.append(
            FileRow(
                found[node],
                sha256.value,
                sha256.value in kept,
                int(size.value) if size is not None and size.value.isdecimal() else None,
                media_type.value if media_type is not None else "",
                found.get(media_type),
            )
        )
    return files, len(known) - len(shown)


def _moment(term: Any) -> str:
    return moment(term.value) if term is not None else ""


def _last(term: Any) -> str:
    """Return the words of a status, which is an IRI: ``Completed``."""
    if term is None:
        return ""
    text: str = term.value.rpartition("/")[2]
    return text.removesuffix("ActionStatus")
