"""Tables of records and of relationships out of the graph, as the official writer has them (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import NamedNode

from fairgraph.exports.export import Answers
from fairgraph.exports.pennsieve_several import single_columns
from fairgraph.exports.pennsieve_view import PublishedView, first, number_of
from fairgraph.pennsieve.cells import is_replaced, list_cell, still_means
from fairgraph.pennsieve.keys import RECORD_RELATIONSHIP_COLUMNS, RELATIONSHIP_COLUMNS
from fairgraph.terms import PENNSIEVE, RDF, SCHEMA, SH

_LINES = 1_000
_FILE_COLUMNS = {
    "sourcePackageId": PENNSIEVE.sourcePackageId,
    "sourceFileId": PENNSIEVE.sourceFileId,
}
About = dict[str, list[Any]]


@dataclass
class Column:
    """A property of a model in its table: where its values are, and how they are written."""

    name: str
    iri: str
    is_list: bool = False
    is_link: bool = False
    as_json: bool = False
    raw: str = ""
    display: str = ""


@dataclass
class Tables:
    """Writes the tables of one dataset; ``several`` counts the cells of a column that have place for one of several values."""

    view: PublishedView
    answers: Answers
    ids: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    surplus: dict[str, dict[int, str]] = field(default_factory=dict)
    companions: dict[tuple[str, str], str] = field(default_factory=dict)
    several: Counter[str] = field(default_factory=Counter)
    _replaced: set[str] = field(default_factory=set)
    _single: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._single = single_columns(self.view)
        for record, text in self.answers.rows("identifiers"):
            known = self.ids.get(record.value)
            self.ids[record.value] = min(known, text.value) if known else text.value
        for file, path in self.answers.rows("paths"):
            self.paths[file.value] = min(path.value, self.paths.get(file.value, path.value))
        for record, index, text in self.answers.rows("surplus"):
            cells, place = self.surplus.setdefault(record.value, {}), int(number_of(index.value))
            cells[place] = min(text.value, cells.get(place, text.value))
        for subject, about in self.view.about.items():
            for predicate in (PENNSIEVE.rawOf, PENNSIEVE.displayOf):
                for term in about.get(predicate, ()):
                    self.companions[term.value, predicate] = subject

    # -- Records -----------------------------------------------------------------------------------------------------

    def records(self, model: str, table: str) -> Iterator[bytes]:
        """Yield the table of the records of a model."""
        view = self.view
        columns = self.columns(model)
        is_file = view.text(model, SCHEMA.name) == "file"
        plain = [column for column in columns if not column.is_link]
        links = [column for column in columns if column.is_link]
        header = ["id", *(column.name for column in plain)]
        if is_file:
            plain = [column for column in plain if column.name != "path"]
            header = ["id", "path", *_FILE_COLUMNS, *(column.name for column in plain)]
        header += [text for one in links for text in (one.name, f"{one.name}:display")]
        order = view.orders.get(view.text(table, SCHEMA.name))
        if order is None and is_file:
            order = {name: n for n, name in enumerate(header) if name != "sourceFileId"}
        written = sorted(order, key=lambda name: order[name]) if order else header
        rows = self._rows(model, plain, links, is_file=is_file, written=written)
        return lines(_chain(written, rows), self._line_end(table))

    def _line_end(self, table: str) -> str:
        return "\n" if self.view.text(table, PENNSIEVE.lineEnd) == "\n" else "\r\n"

    def columns(self, model: str) -> list[Column]:
        """Return the properties of a model, in their order."""
        view = self.view
        found = []
        for shape in view.links(model, SH.property):
            is_link = bool(view.links(shape, SH["class"]))
            is_link = is_link or view.text(shape, SH.nodeKind) == SH.IRI
            is_list = not view.text(shape, SH.maxCount)
            found += [
                self._column(node, is_list=is_list, is_link=is_link)
                for node in (view.link(shape, SH.path),)
                if node
            ]
        undeclared = view.links(model, PENNSIEVE.undeclaredProperty)
        return [*found, *(self._column(node) for node in undeclared)]

    def _column(self, node: str, *, is_list: bool = False, is_link: bool = False) -> Column:
        view = self.view
        return Column(
            view.text(node, SCHEMA.name),
            node,
            is_list,
            is_link,
            view.text(node, PENNSIEVE.listForm) == "json",
            self.companions.get((node, PENNSIEVE.rawOf), ""),
            self.companions.get((node, PENNSIEVE.displayOf), ""),
        )

    def _rows(
        self,
        model: str,
        plain: list[Column],
        links: list[Column],
        *,
        is_file: bool,
        written: list[str],
    ) -> Iterator[list[str]]:
        for record, about in self.records_of(model):
            cells = {"id": self.ids.get(record, "")}
            for column in plain:
                cells[column.name] = self._cell(record, column, about)
            for column in links:
                target = min((term.value for term in about.get(column.iri, ())), default="")
                cells[column.name] = self.ids.get(target, "")
                cells[f"{column.name}:display"] = _least(about, column.display)
            if is_file:
                cells["path"] = self.paths.get(_least(about, PENNSIEVE.recordOf), "")
                cells |= {name: _least(about, key) for name, key in _FILE_COLUMNS.items()}
            yield self._row(record, [cells.get(name, "") for name in written], about, links)

    def records_of(self, model: str) -> Iterator[tuple[str, About]]:
        """Yield the records of a model in the order of their lines, each with what is said of it; some at a time are asked for."""
        lines_of: dict[str, str] = {}
        for record, line in self.answers.rows("record-lines", model=[NamedNode(model)]):
            place = line.value if line else ""
            lines_of[record.value] = min(place, lines_of.get(record.value, place))
        order = sorted(lines_of, key=lambda record: (number_of(lines_of[record]), record))
        for start in range(0, len(order), _LINES):
            part = {record: About() for record in order[start : start + _LINES]}
            nodes = [NamedNode(record) for record in part]
            for record, predicate, value in self.answers.rows("records", record=nodes):
                if predicate.value != RDF.type:
                    part[record.value].setdefault(predicate.value, []).append(value)
            for about in part.values():
                self.several.update(p for p in about if len(about[p]) > 1 and p in self._single)
            yield from part.items()

    def _cell(self, record: str, column: Column, about: About) -> str:
        terms = about.get(column.iri, ())
        if not terms:
            return ""
        if column.is_list:
            members = self.view.listed(record, column.iri, list(terms))
            texts = [_written(term, raw) for term, raw in members]
            if not column.as_json and is_replaced(texts) and column.iri not in self._replaced:
                self._replaced.add(column.iri)
                self.answers.note(f"members of lists in {column.name} hold a semicolon, which divides them: it is written as _")  # fmt: skip
            return list_cell(texts, as_json=column.as_json)
        return _written(first(terms), _least(about, column.raw))

    def _row(self, record: str, cells: list[str], about: About, links: list[Column]) -> list[str]:
        """Return a row with as many cells as it had: empty ones at its end, or those of empty linked properties, were left out."""
        surplus = self.surplus.get(record, {})
        wanted = _least(about, PENNSIEVE.cells)
        if surplus and not wanted:
            return [*cells, *(surplus[n] for n in sorted(surplus))]
        if not wanted.isdecimal():
            return cells
        count = int(wanted)
        fixed = len(cells) - 2 * len(links)
        if surplus:
            return [*cells[:fixed], *(surplus[n] for n in sorted(surplus))]
        pairs = [cells[n : n + 2] for n in range(fixed, len(cells), 2)]
        short = [*cells[:fixed], *(text for pair in pairs if any(pair) for text in pair)]
        if len(short) == count:
            return short
        return cells[:count] if not any(cells[count:]) else cells

    # -- Relationships -----------------------------------------------------------------------------------------------

    def relationships(self, table: str) -> Iterator[bytes]:
        """Yield a table of relationships: where from, where to, which one."""
        view = self.view
        order = view.orders.get(view.text(table, SCHEMA.name), {})
        is_newer = RECORD_RELATIONSHIP_COLUMNS[0] in order
        keys = RECORD_RELATIONSHIP_COLUMNS if is_newer else RELATIONSHIP_COLUMNS
        found = []
        for link, line, source, target, predicate in self.answers.rows(
            "links", table=[NamedNode(table)]
        ):
            cells = {
                keys[0]: self.ids.get(source.value, "") if source else "",
                keys[1]: self.ids.get(target.value, "") if target else "",
                keys[2]: view.text(predicate.value, SCHEMA.name) if predicate else "",
            }
            found.append((line.value if line else "", link.value, cells))
        return self._linked(table, keys, found)

    def file_links(self, table: str) -> Iterator[bytes]:
        """Yield the table of which record has which file."""
        found = []
        for link, line, source, file, package in self.answers.rows("file-links"):
            cells = {
                "record_id": self.ids.get(source.value, "") if source else "",
                "package_id": package.value if package else "",
                "path": self.paths.get(file.value, "") if file else "",
            }
            found.append((line.value if line else "", link.value, cells))
        return self._linked(table, ("record_id", "package_id", "path"), found)

    def _linked(
        self, table: str, keys: Sequence[str], found: list[tuple[str, str, dict[str, str]]]
    ) -> Iterator[bytes]:
        view = self.view
        order = view.orders.get(view.text(table, SCHEMA.name))
        written = sorted(order, key=lambda name: order[name]) if order else list(keys)
        rows_of: dict[tuple[str, ...], tuple[str, str, dict[str, str]]] = {}
        for line, link, cells in found:  # a second number of a line is no second line
            key = link, *cells.values()
            rows_of[key] = min(line, rows_of.get(key, (line,))[0]), link, cells
        linked = sorted(rows_of.values(), key=lambda row: (number_of(row[0]), row[1]))
        others: dict[str, dict[str, str]] = {}
        if set(written) - set(keys):
            for link, member in self.answers.rows("extras"):
                others.setdefault(link.value, {}).update(
                    {key: str(value) for key, value in view.member_values([member])}
                )
        rows = (
            [cells.get(name, others.get(link, {}).get(name, "")) for name in written]
            for _, link, cells in linked
        )
        return lines(_chain(written, rows), self._line_end(table))


def lines(rows: Iterable[list[str]], line_end: str) -> Iterator[bytes]:
    """Yield rows as comma-separated lines."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    for n, row in enumerate(rows):
        writer.writerow(row)
        if n % _LINES == _LINES - 1:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _chain(header: list[str], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    yield header
    yield from rows


def _least(about: About, predicate: str) -> str:
    return min((str(term.value) for term in about.get(predicate, ())), default="")


def _written(term: Any, raw: str) -> str:
    datatype = getattr(term, "datatype", None)
    if raw and datatype is not None and still_means(raw, term.value, datatype.value):
        return raw
    return str(term.value)
