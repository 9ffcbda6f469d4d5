"""What the verbs return: answers to queries (SPARQL 1.1 result formats), exports, what became of an import."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO

import pyoxigraph as ox
from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Triple

from fairgraph import queries
from fairgraph.catalogue import Dataset, Difference
from fairgraph.closing import Closing
from fairgraph.errors import NotFound, QueryError, UsageError
from fairgraph.exports import minisign
from fairgraph.exports.export import Answers, Export, Term
from fairgraph.files import Files, StoredFile, blocks
from fairgraph.report import Report
from fairgraph.store import Reader, Scope, Store
from fairgraph.templates import Template, is_plain, template
from fairgraph.writing import whole_file

# So many queries of one export are asked at the same time.
_SIDE_BY_SIDE = 2
_SPOOLED_BYTES = 16 * 1024 * 1024

RESULTS = {
    "json": (ox.QueryResultsFormat.JSON, "application/sparql-results+json"),
    "xml": (ox.QueryResultsFormat.XML, "application/sparql-results+xml"),
    "csv": (ox.QueryResultsFormat.CSV, "text/csv; charset=utf-8"),
    "tsv": (ox.QueryResultsFormat.TSV, "text/tab-separated-values; charset=utf-8"),
}
GRAPHS = {
    "ttl": (ox.RdfFormat.TURTLE, "text/turtle"),
    "nt": (ox.RdfFormat.N_TRIPLES, "application/n-triples"),
    "jsonld": (ox.RdfFormat.JSON_LD, "application/ld+json"),
    "rdf": (ox.RdfFormat.RDF_XML, "application/rdf+xml"),
}


@dataclass(frozen=True)
class Added:
    """What became of an import: the dataset, what was found, and what changed (None unless it was a dry run)."""

    dataset: Dataset
    report: Report
    created: bool
    changed: bool
    difference: Difference | None = None


@dataclass(frozen=True)
class File:
    """A file of the store that a dataset names: what is known of it, and its bytes."""

    sha256: str
    size: int
    name: str
    media_type: str
    store: Store

    def blocks(self) -> Generator[bytes]:
        """Yield the bytes in blocks of 1 MiB, verified while they are read: StoreError if they are not what was stored."""
        return blocks(self.store.files.open(self.sha256), self.sha256)

    def verified(self) -> IO[bytes]:
        """Return the file at its start, after all of it was verified; StoreError as above."""
        for _ in self.blocks():
            pass
        return self.store.files.open(self.sha256)

    def read(self) -> bytes:
        """Return all of it, verified."""
        return b"".join(self.blocks())


@dataclass(frozen=True)
class Statements:
    """The statements about an IRI that have one property and stand in one dataset or record: how many there are."""

    property: str
    graph: str
    count: int


class Answer(Closing):
    """The answer to one query. Rows and triples are lazy: close the answer, or use it up, to let the store's state go.

    >>> import fairgraph
    >>> with fairgraph.open("memory:") as fg:
    ...     [row["x"].value for row in fg.query("SELECT ?x { VALUES ?x { 1 2 } }")]
    ['1', '2']
    """

    def __init__(
        self, reader: Reader, result: QuerySolutions | QueryTriples | QueryBoolean
    ) -> None:
        self._reader, self._result = reader, result
        if isinstance(result, QueryBoolean):
            reader.close()  # there is nothing more to read

    @property
    def variables(self) -> list[str]:
        """The names of the columns of a SELECT, in order; empty for other queries."""
        if isinstance(self._result, QuerySolutions):
            return [variable.value for variable in self._result.variables]
        return []

    @property
    def is_graph(self) -> bool:
        """True for the answer to a CONSTRUCT or DESCRIBE."""
        return isinstance(self._result, QueryTriples)

    def __bool__(self) -> bool:
        """The answer to an ASK; for other queries, True."""
        return bool(self._result) if isinstance(self._result, QueryBoolean) else True

    def __iter__(self) -> Iterator[Any]:
        """Yield rows (indexed by variable name or position) or triples, as pyoxigraph terms."""
        if isinstance(self._result, QueryBoolean):
            return
        try:
            yield from self._result
        except (RuntimeError, OSError) as error:
            raise QueryError(f"the query failed while it was answered: {error}") from error
        finally:
            self.close()

    def write(self, output: BinaryIO, form: str) -> None:
        """Write the answer: ``json``, ``xml``, ``csv`` or ``tsv`` for rows and truth values, ``ttl``, ``nt``, ``jsonld`` or ``rdf`` for graphs."""
        table: Mapping[str, tuple[Any, str]] = GRAPHS if self.is_graph else RESULTS
        if form not in table:
            kind = "a graph" if self.is_graph else "rows"
            raise QueryError(
                f"{kind} cannot be written as {form!r}", hint=f"formats: {', '.join(table)}"
            )
        try:
            self._result.serialize(output, format=table[form][0])
        except (RuntimeError, ValueError) as error:
            raise QueryError(f"the query failed while it was answered: {error}") from error
        finally:
            self.close()

    def selected(self) -> frozenset[str]:
        """Return the IRIs in the first column, which select samples; UsageError if something else is there."""
        with self:
            if not self.variables:
                raise UsageError("samples are selected by a SELECT", hint="SELECT ?sample WHERE …")
            found = {row[0] for row in self}
        if stray := next((term for term in found if not isinstance(term, NamedNode)), None):
            message = f"the first column holds {str(stray)[:80]}, which is no IRI"
            raise UsageError(message, hint="SELECT ?sample: the IRIs of samples")
        return frozenset(term.value for term in found)

    def close(self) -> None:
        """Let the state of the store go."""
        self._reader.close()


@dataclass(frozen=True)
class Subject:
    """What an export is of: datasets (none: all that the caller may see), a name for files, and perhaps some samples only."""

    datasets: tuple[NamedNode, ...]
    name: str
    base: str
    selection: frozenset[str] | None = None


class Exported:
    """A dataset (or all that the caller may see) in one export format. Nothing is computed before it is asked for."""

    def __init__(
        self,
        export: Export,
        subject: Subject,
        scope: Callable[[Reader], Scope],
        open_reader: Callable[[], Reader],
        options: Mapping[str, str],
        each: Callable[[Reader], Iterable[tuple[NamedNode, Scope]]],
        files: Files | None = None,
        signing_key: Path | None = None,
    ) -> None:
        """Take what the export sees in a reader (*scope*), and what it sees of each of its datasets alone (*each*)."""
        export.check_options(options)
        self._each = each
        self.export, self.subject = export, subject
        self._scope, self._open, self._options = scope, open_reader, options
        self.files, self._signing_key = files, signing_key
        self.notes: list[str] = []
        """What the export could not do, once it is written."""

    @property
    def name(self) -> str:
        """What the export is of: the slug of its dataset."""
        return self.subject.name

    @property
    def file_name(self) -> str:
        """A name for the file: the dataset's slug, what the table is of, and the suffix of the format."""
        kind, hyphen, suffix = self.export.name.rpartition("-")
        table = f"-{kind}" if hyphen and suffix == self.export.suffix and kind != self.name else ""
        return f"{self.name}{table}.{self.export.suffix}"

    def write(self, output: BinaryIO) -> None:
        """Write the export to a binary stream."""
        with self.answers() as answers:
            self.export.write(answers, output)

    @contextmanager
    def answers(self) -> Iterator[Answers]:
        """Lend what the serializer may ask."""
        with self._open() as reader:
            scope = self._scope(reader)
            self.notes.clear()
            options, each = self._options, self._each
            asked = (self.export, self.subject, options, each, self.files, self.notes, self._signing_key)  # fmt: skip
            yield _Answers(reader, scope, *asked)

    def to_bytes(self) -> bytes:
        """Return the export as bytes."""
        return b"".join(self.stream())

    def to_path(self, path: str | Path) -> Path:
        """Write the export to a file, which appears only when it is complete; return its path.

        A format of several files goes into a folder where *path* is one, or has no suffix; see :meth:`to_folder`.
        """
        if self.export.files is not None and is_folder(path):
            return self.to_folder(path)
        path = Path(path)
        if path.is_dir():
            path = path / self.file_name
        with whole_file(path) as output:
            self.write(output)
        return path

    def to_folder(self, path: str | Path) -> Path:
        """Write the files of the export into a folder, which is made if it is not there; return its path.

        Raises UsageError if the format is one file, or the folder cannot be made.
        """
        folder = Path(path)
        if self.export.files is None:
            raise UsageError(f"{self.export.name} is one file, not a folder of files")
        _make_folder(folder)
        with self.answers() as answers:
            for name, contents in self.export.files(answers):
                place = folder / name
                if not place.resolve().is_relative_to(folder.resolve()):
                    raise UsageError("leads out of the folder of the export", where=name)
                _make_folder(place if name.endswith("/") else place.parent)
                if name.endswith("/"):
                    continue
                with whole_file(place) as output:
                    output.writelines(contents)
        return folder

    def stream(self) -> Iterator[bytes]:
        """Yield the export in blocks of bytes."""
        with self.spooled() as file:
            while block := file.read(1 << 16):
                yield block

    def spooled(self) -> IO[bytes]:
        """Return the export in a file that is gone when it is closed, at its start; small ones stay in memory."""
        import tempfile

        file: IO[bytes] = tempfile.SpooledTemporaryFile(_SPOOLED_BYTES)  # noqa: SIM115
        try:
            self.write(file)  # type: ignore[arg-type]
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file


def is_folder(path: str | Path) -> bool:
    """Tell whether a path names a folder: one that is there, or a name with a slash at its end or without a suffix."""
    return Path(path).is_dir() or str(path).endswith(("/", "\\")) or not Path(path).suffix


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot be made: {error.strerror}", where=str(folder)) from error


@contextmanager
def _while_answering() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise QueryError(f"the query failed while it was answered: {error}") from error


Alone = tuple[NamedNode, Scope]


def _these(datasets: list[Alone], reader: Reader) -> list[Alone]:
    return datasets


class _Answers:
    """What a serializer may ask: the query of its export, or the queries in its folder and in those that it also asks."""

    def __init__(
        self,
        reader: Reader,
        scope: Scope,
        export: Export,
        subject: Subject,
        options: Mapping[str, str],
        each: Callable[[Reader], Iterable[tuple[NamedNode, Scope]]],
        files: Files | None,
        notes: list[str],
        signing_key: Path | None,
    ) -> None:
        self._reader, self._scope, self._export, self._files = reader, scope, export, files
        self._subject, self._each, self._notes = subject, each, notes
        self._signing_key = signing_key
        self.options, self.datasets, self.base = options, subject.datasets, subject.base
        self.selection = subject.selection
        self.dataset = (
            subject.datasets[0] if len(subject.datasets) == 1 else NamedNode(f"{subject.base}id/")
        )

    def each(self) -> Iterator[Answers]:
        for dataset, scope in self._each(self._reader):
            only = partial(_these, [(dataset, scope)])
            subject = replace(self._subject, datasets=(dataset,))
            asked = (self._export, subject, self.options, only, self._files, self._notes, self._signing_key)  # fmt: skip
            yield _Answers(self._reader, scope, *asked)

    def rows(self, query: str, **terms: Iterable[Term]) -> QuerySolutions:
        return self._reader.select(self._text(query, terms), self._scope)

    def triples(self, query: str, **terms: Iterable[Term]) -> Iterator[Triple]:
        return self._reader.construct(self._text(query, terms), self._scope)

    def ntriples(self, output: BinaryIO, *asked: str, **terms: Iterable[Term]) -> None:
        listed = {name: list(values) for name, values in terms.items()}
        texts = [self._text(query, listed) for query in asked]
        # The engine does not need Python's lock, so that one answer is asked for while another one is written.
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            ahead = deque(pool.submit(self._table, text) for text in texts[:_SIDE_BY_SIDE])
            for place, text in enumerate(texts, _SIDE_BY_SIDE):
                plan, tsv = ahead.popleft().result()
                if place < len(texts):
                    ahead.append(pool.submit(self._table, texts[place]))
                if plan is not None and is_plain(tsv):
                    output.writelines(plan.fill(islice(io.BytesIO(tsv), 1, None)))
                else:
                    with _while_answering():
                        answer = self._reader.construct(text, self._scope)
                        answer.serialize(output, format=ox.RdfFormat.N_TRIPLES)

    def _table(self, text: str) -> tuple[Template | None, bytes]:
        """Return the rows of a CONSTRUCT that has a plain template as TSV, and the template."""
        if (plan := template(text)) is None:
            return None, b""
        with _while_answering():
            rows = self._reader.select(plan.select, self._scope)
            return plan, rows.serialize(format=ox.QueryResultsFormat.TSV) or b""

    def file(self, sha256: str) -> StoredFile | None:
        if self._files is None or not self._files.is_name(sha256):
            return None
        try:
            return StoredFile(sha256, self._files.place(sha256).stat().st_size)
        except (FileNotFoundError, NotFound):
            return None

    def blocks(self, sha256: str) -> Iterator[bytes]:
        if self._files is None:
            raise NotFound("there is no such file", where=sha256)
        yield from blocks(self._files.open(sha256), sha256)

    def signature(self, data: bytes, comment: str) -> bytes | None:
        return minisign.signature(data, comment, self._signing_key)

    def note(self, text: str) -> None:
        self._notes.append(text)

    def _text(self, query: str, terms: Mapping[str, Iterable[Term]]) -> str:
        own = self._export.query
        if "/" in query:
            asked = {query, query.rpartition("/")[0]} & set(self._export.also)
            assert asked, f"{own} does not ask {query}"
            name = query
        else:
            name = own if own.rpartition("/")[2] == query else f"{own}/{query}"
        return queries.place(queries.get(name), terms, bare=True)
