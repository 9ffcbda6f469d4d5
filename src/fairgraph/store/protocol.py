"""What every store can do: the narrow seam between fairgraph and a triple store.

A ``Reader`` is one published, unchanging state. A ``Writer`` is one write: it sees its own changes, nobody else sees them
before its end, and it is all or nothing. No method lets an exception of the engine through: a bad query is a QueryError,
bad triples are a SourceError, anything else a StoreError.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Triple,
)

from fairgraph.files import Files
from fairgraph.keys import Keys

Graph = NamedNode | DefaultGraph
DEFAULT = DefaultGraph()
"""The unnamed graph: the union of all public datasets and their records, each triple once."""


@dataclass(frozen=True)
class Scope:
    """Which graphs a query sees: *default* merged as its default graph, *named* for ``GRAPH``. Nothing else.

    A triple that is in several graphs of *default* counts once (SPARQL 1.1 Query §13.1, RDF merge).
    """

    default: tuple[Graph, ...]
    named: tuple[NamedNode, ...] = ()


class Closeable(Protocol):
    """What is closed at the end of a ``with`` block, and cannot be used after that."""

    def close(self) -> None:
        """Let go of everything that is open."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Reader(Closeable, Protocol):
    """One published state of the store. Answers are lazy: use them up before the reader is closed."""

    @property
    def version(self) -> str:
        """A name of this state: two readers with the same version of one store see the same."""
        ...

    def select(self, query: str, scope: Scope) -> QuerySolutions:
        """Answer a SELECT query."""
        ...

    def construct(self, query: str, scope: Scope) -> QueryTriples:
        """Answer a CONSTRUCT or DESCRIBE query; an iterator of triples, duplicates possible."""
        ...

    def ask(self, query: str, scope: Scope) -> bool:
        """Answer an ASK query."""
        ...

    def query(self, query: str, scope: Scope) -> QuerySolutions | QueryTriples | QueryBoolean:
        """Answer a query of any form."""
        ...

    def triples(self, graph: Graph) -> Iterator[Triple]:
        """Yield all triples of one graph, in any order."""
        ...

    def dump(self, graph: Graph, output: BinaryIO) -> None:
        """Write all triples of one graph as N-Triples, in any order: the fast way to a whole graph."""
        ...

    def graphs_with(self, triple: Triple) -> Iterator[Graph]:
        """Yield every graph that holds *triple*."""
        ...

    def holders(self, triples: Iterable[Triple]) -> Iterator[tuple[Triple, list[Graph]]]:
        """Yield each of *triples* with every graph that holds it: for many, which a server is asked about together."""
        ...

    def contains(self, triple: Triple, graph: Graph) -> bool:
        """Tell whether *graph* holds *triple*."""
        ...

    def graphs(self) -> list[NamedNode]:
        """Return the named graphs."""
        ...

    def size(self, graph: Graph) -> int:
        """Return the number of triples of one graph."""
        ...


class Writer(Reader, Protocol):
    """One write. Blank nodes become IRIs on the way in (RDF 1.1 Concepts §3.5)."""

    @property
    def piece_bytes(self) -> int:
        """How many bytes of N-Triples are best loaded at once."""
        ...

    def load(
        self,
        graph: Graph,
        ntriples: bytes | BinaryIO | Iterable[bytes],
        *,
        checked: bool = False,
    ) -> None:
        """Add N-Triples to *graph*: bytes, a binary file, or chunks of whole lines (one blank node scope).

        *checked* says that every IRI is known to be one and that there are no blank nodes: looking again costs a fifth more.
        """
        ...

    def clear(self, *graphs: Graph) -> None:
        """Remove *graphs* and what is in them; in one call, since a store may be made anew from what stays."""
        ...

    def insert(self, triples: Iterable[Triple], graph: Graph) -> None:
        """Add triples to *graph*."""
        ...

    def remove(self, triples: Iterable[Triple], graph: Graph) -> None:
        """Take triples out of *graph*; those that are not there are no error."""
        ...

    def update(self, sparql: str) -> None:
        """Run a SPARQL 1.1 Update on the whole store; SERVICE and LOAD are refused."""
        ...


class Store(Closeable, Protocol):
    """A store: readers of its published state, one writer at a time."""

    @property
    def base(self) -> str:
        """The base IRI of everything that is minted here; it ends in ``/`` and never changes."""
        ...

    @property
    def files(self) -> Files:
        """The files beside the graph, each called by its SHA-256."""
        ...

    @property
    def keys(self) -> Keys:
        """The API keys: secrets, which are no triples."""
        ...

    def read(self) -> Reader:
        """Return a reader of the last published state; cheap when nothing was published since the last call.

        Ask for one per request and close it: a long-lived process then follows every write, and old states can go.
        """
        ...

    def write(self) -> AbstractContextManager[Writer]:
        """Begin a write. At the end of the ``with`` block it is published; an exception brings the old state back.

        Raises StoreLocked when another write does not end in time.
        """
        ...

    def scratch(self) -> AbstractContextManager[Writer]:
        """Lend an empty store of the same kind, which is gone at the end: to see what content is before it is written.

        Only inside of a write.
        """
        ...

    def keep(self, name: str, content: BinaryIO) -> None:
        """Keep bytes under *name*, on disk before this returns (the archive of revisions); known names are left alone."""
        ...

    def kept(self, name: str) -> BinaryIO:
        """Open what was kept under *name*; NotFound if it is not there."""
        ...

    def forget(self, name: str) -> None:
        """Remove what was kept under *name*, if it is there."""
        ...
