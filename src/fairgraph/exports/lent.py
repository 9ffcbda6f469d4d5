"""The serializer of one export, asked by another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from pyoxigraph import QuerySolutions, Triple

from fairgraph.exports.export import Answers, Export, Term
from fairgraph.files import StoredFile


class Lent:
    """Answers for the serializer of another export: its queries, under the names by which that export knows them."""

    def __init__(
        self, answers: Answers, export: Export, options: Mapping[str, str] | None = None
    ) -> None:
        self._answers, self._export, self._folder = answers, export, export.query
        self.dataset, self.datasets, self.base = answers.dataset, answers.datasets, answers.base
        self.selection, self.options = answers.selection, dict(options or {})

    def each(self) -> Iterator[Answers]:
        """Yield the same for each dataset alone."""
        return (Lent(one, self._export, self.options) for one in self._answers.each())

    def rows(self, query: str, **terms: Iterable[Term]) -> QuerySolutions:
        """Run a SELECT of the other export."""
        return self._answers.rows(self._name(query), **terms)

    def triples(self, query: str, **terms: Iterable[Term]) -> Iterator[Triple]:
        """Run a CONSTRUCT of the other export."""
        return self._answers.triples(self._name(query), **terms)

    def ntriples(self, output: BinaryIO, *asked: str, **terms: Iterable[Term]) -> None:
        """Write the answers to CONSTRUCTs of the other export."""
        self._answers.ntriples(output, *map(self._name, asked), **terms)

    def file(self, sha256: str) -> StoredFile | None:
        """Return what is known of a file."""
        return self._answers.file(sha256)

    def blocks(self, sha256: str) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        return self._answers.blocks(sha256)

    def signature(self, data: bytes, comment: str) -> bytes | None:
        """Return a signature by the key of the operator."""
        return self._answers.signature(data, comment)

    def note(self, text: str) -> None:
        """Tell the caller something."""
        self._answers.note(text)

    def _name(self, query: str) -> str:
        return query if "/" in query else f"{self._folder}/{query}"
