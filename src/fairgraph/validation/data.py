"""One dataset, as those see it who check it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import QuerySolutions, Triple


@dataclass(frozen=True)
class Data:
    """One dataset: how to ask it (it is the default graph), and its triples for an engine that cannot be asked.

    *on_disk* says that to walk over all statements of a property is much cheaper than to look up one node after the other.
    """

    rows: Callable[[str], QuerySolutions]
    triples: Callable[[], Iterable[Triple]]
    on_disk: bool = False
