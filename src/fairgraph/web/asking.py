"""How the pages ask the store: named queries, each narrow, and their answers remembered while their dataset stays the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from flask import current_app
from pyoxigraph import Literal, NamedNode, Triple

from fairgraph import access, queries
from fairgraph.api import Fairgraph
from fairgraph.catalogue import Dataset
from fairgraph.store.embedded import DiskStore
from fairgraph.terms import XSD, recorded
from fairgraph.web.callers import caller

Term = NamedNode | Literal
T = TypeVar("T")

_REMEMBERED = 512
_REMEMBERED_ROWS = 5_000


@cache
def _query(name: str) -> queries.Query:
    return queries.get(name)


def bound(name: str, *, limit: int | None = None, offset: int = 0, **values: Iterable[Term]) -> str:
    """Return the text of a named query with terms in their places, and a part of its rows only if *limit* says so."""
    text = queries.place(_query(name), values)
    if limit is not None:
        text += f"\nLIMIT {int(limit)} OFFSET {int(offset)}"
    return text


def asked() -> Asking:
    """Return what asks the store as whoever sent the request."""
    by_caller: Mapping[str, Asking] = current_app.extensions["fairgraph.asking"]
    return by_caller[caller().name]


class Asking:
    """Asks as one caller. Answers about one dataset are kept: a revision never changes."""

    def __init__(self, fairgraph: Fairgraph) -> None:
        self.fairgraph = fairgraph
        self.base = fairgraph.store.base
        self._known: OrderedDict[tuple[str, ...], list[Any]] = OrderedDict()
        self._documents: OrderedDict[tuple[str, ...], Any] = OrderedDict()
        self._edition = ("", "")
        self._lock = threading.Lock()

    def rows(
        self,
        name: str,
        *,
        dataset: Dataset | None = None,
        limit: int | None = None,
        offset: int = 0,
        **values: Iterable[Term],
    ) -> list[Any]:
        """Return the rows of a named query, about one dataset or all that the public may see."""
        text = bound(name, limit=limit, offset=offset, **values)
        if dataset is None:
            return list(self.fairgraph.sparql(text))
        key = (dataset.iri, *state(dataset), text)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = list(self.fairgraph.sparql(text, dataset=dataset))
        if len(found) <= _REMEMBERED_ROWS:
            with self._lock:
                self._known[key] = found
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return found

    def numbered(self, number: int, kind: str) -> Any | None:
        """Return the row of ``browse/numbered`` for the sample, study or run with a number; None if there is none."""
        value = Literal(str(number), datatype=XSD.node("integer"))
        rows = self.rows("browse/numbered", number=[value], type=[NamedNode(kind)])
        return next(recorded(rows, self.base), None)

    def triples(self, name: str, **values: Iterable[Term]) -> list[Triple]:
        """Return the triples of a named CONSTRUCT, each once and in order."""
        text = bound(name, limit=None, offset=0, **values)
        return sorted(set(self.fairgraph.sparql(text)), key=str)

    def exported(self, name: str, dataset: Dataset) -> bytes:
        """Return one dataset in an export format; for formats that are small and asked for often."""
        return self.remembered(name, dataset, self.fairgraph.export(name, dataset).to_bytes)

    def remembered(self, name: str, dataset: Dataset, make: Callable[[], T]) -> T:
        """Return what *make* does about a dataset, and keep it under a name while the dataset stays the same."""
        key = (name, dataset.iri, *state(dataset))
        with self._lock:
            if key in self._documents:
                self._documents.move_to_end(key)
                found: T = self._documents[key]
                return found
        document = make()
        with self._lock:
            self._documents[key] = document
            while len(self._documents) > _REMEMBERED:
                self._documents.popitem(last=False)
        return document

    def removed(self, name: str | int) -> access.Entry | None:
        """Return what is left of a removed dataset, by number or IRI: None unless the caller may know that it was there."""
        with self.fairgraph.store.read() as reader:
            return access.removed(reader, self.fairgraph.caller, name)

    def former(self, thing: str | int) -> list[tuple[access.Former, access.Entry]]:
        """Return the studies, samples and runs of an IRI or number that a dataset holds no more, as far as the caller may know of them."""
        with self.fairgraph.store.read() as reader:
            return access.former(reader, self.fairgraph.caller, thing)

    def version_at_hand(self) -> str | None:
        """Return ``version`` if that takes no more than a look at a file, else None."""
        store, (published, name) = self.fairgraph.store, self._edition
        if isinstance(store, DiskStore) and published and store.folder.current() == published:
            return name
        return None

    def version(self) -> str:
        """Return the name of what the caller sees of the published state: a write to something else does not change it."""
        with self.fairgraph.store.read() as reader:
            published, name = self._edition
            if published != reader.version:
                published = reader.version
                name = access.edition(reader, self.fairgraph.caller, base=self.base)
                self._edition = published, name
            return name


def state(dataset: Dataset) -> tuple[str, ...]:
    """Return what changes when a dataset, its record or its right to be seen changes."""
    current = dataset.current
    revision = (current.name, current.time, current.sha256) if current else ()
    record = (dataset.title, dataset.license, dataset.doi, dataset.status, dataset.visibility)
    return (*record, dataset.modified, *revision)


def without_header(text: str) -> str:
    """Return a query without the lines that describe it."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#+")).strip()
