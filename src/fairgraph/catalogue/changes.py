"""What one revision of a dataset changed against another: counted in full, and told as far as somebody will read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from pyoxigraph import Triple

from fairgraph.catalogue.handover import revision_of
from fairgraph.catalogue.records import Dataset, Revision
from fairgraph.catalogue.system import may_see_revision
from fairgraph.errors import NotFound, StoreError
from fairgraph.revisions import archived, canonical, compare, parsed
from fairgraph.store import Reader, Store


@dataclass(frozen=True)
class Change:
    """The statements that *after* has more and less than *before*: how many, and the first of them by subject."""

    before: Revision
    after: Revision
    added: tuple[Triple, ...]
    removed: tuple[Triple, ...]
    added_count: int
    removed_count: int


def change(
    store: Store,
    reader: Reader,
    dataset: Dataset,
    before: str,
    after: str,
    *,
    caller: str,
    most: int,
) -> Change:
    """Compare two revisions of a dataset that *caller* may see; of the statements at most *most* are told, subjects in order.

    Raises NotFound for a revision that is not there, or whose content *caller* was never to see.
    """
    old, new = (_revision(dataset, name, caller) for name in (before, after))
    added: list[bytes] = []
    removed: list[bytes] = []
    counts = [0, 0]
    with ExitStack() as stack:
        states = [_lines(store, reader, dataset, one, stack) for one in (old, new)]
        for gone, come in compare(*states):
            told = len(added) + len(removed) < most
            for n, line, lines in ((0, gone, removed), (1, come, added)):
                if line is not None:
                    counts[n] += 1
                    if told:
                        lines.append(line)
    return Change(old, new, tuple(parsed(added)), tuple(parsed(removed)), counts[1], counts[0])


def _revision(dataset: Dataset, name: str, caller: str) -> Revision:
    found = revision_of(dataset, name)
    if not may_see_revision(found, caller):
        raise NotFound(f"{found.name} was never public", hint="a later revision may be")
    return found


def _lines(
    store: Store, reader: Reader, dataset: Dataset, revision: Revision, stack: ExitStack
) -> Iterator[bytes]:
    if revision == dataset.current:
        return stack.enter_context(canonical(reader, dataset.node)).lines()
    if revision.sha256:
        return archived(store, revision.sha256)
    if revision.operation == "remove":
        return iter(())
    raise StoreError(f"{revision.name} of {dataset.slug} is not in the archive")
