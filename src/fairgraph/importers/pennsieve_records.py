"""The records of a published dataset and what relates them: tables of models and of relationships (records, relationships)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import PurePosixPath

from fairgraph.errors import SourceError
from fairgraph.importers.pennsieve_files import PublishedFiles
from fairgraph.importers.pennsieve_graph import PublishedGraph
from fairgraph.importers.pennsieve_models import FILE_MODEL, Model, Property, relation
from fairgraph.importers.pennsieve_tables import Table, rows
from fairgraph.pennsieve.cells import items, typed
from fairgraph.pennsieve.keys import RELATIONSHIP_COLUMNS
from fairgraph.terms import FG, PENNSIEVE, RDF, SCHEMA, XSD, digest, literal, ncname

_CHUNK = 2_000
_FILE_COLUMNS = ("path", "sourcePackageId", "sourceFileId")


@dataclass
class Columns:
    """Which cell of a table is what, by its place: the id, a property, a linked property and what it shows of its record."""

    count: int
    record_id: int
    plain: list[tuple[int, Property]] = field(default_factory=list)
    links: list[tuple[int, int, Property]] = field(default_factory=list)  # -1: not there
    file: list[tuple[int, str]] = field(default_factory=list)

    @property
    def fixed(self) -> int:
        """How many cells there are before those of linked properties."""
        return self.count - sum((place >= 0) + (shown >= 0) for place, shown, _ in self.links)


class Records:
    """Reads the tables of one dataset; :meth:`collect` those of models first, since short rows need to know whose each id is."""

    def __init__(self, graph: PublishedGraph, files: PublishedFiles, paths: set[str]) -> None:
        self._graph, self._files, self._paths = graph, files, paths
        self.ids: dict[str, int] = {}
        self.models: list[Model] = []
        self._missing: set[str] = set()

    def collect(self, model: Model, name: str) -> None:
        """Remember the ids of the records of a model."""
        number = len(self.models)
        self.models.append(model)
        table = rows(self._files, name, Table(name))
        _, header = next(table, (1, []))
        if "id" not in header:
            message = "has no column id, so that nothing tells its records apart"
            raise SourceError(message, where=f"{self._files.where(name)}:1")
        at = header.index("id")
        for line, cells in table:
            if len(cells) > at:
                self.remember(cells[at], number, f"{self._files.where(name)}:{line}")

    def remember(self, text: str, number: int, where: str) -> None:
        """Remember whose an id is; that of a record of another model is found."""
        if self.ids.setdefault(text, number) != number:
            message = "a record has the id of a record of another model"
            self._graph.find("violation", "pennsieve-record-id", message, where)

    def record(self, text: str, model: Model | None = None) -> str:
        """Return the IRI of a record by its id; *model* is the one in whose table it stands."""
        stem = ncname(text, "r")
        if stem != text and stem != f"r{text}":
            stem = f"{stem}-{digest(text)}"
        iri = f"{self._graph.dataset}/record/{stem}"
        if model is not None and self.models[self.ids[text]] is not model:
            iri = f"{iri}-{digest(model.name)}"
        return iri

    def target(self, text: str, where: str) -> str:
        """Return the IRI of a record that is referred to; one that is in no table is found."""
        iri = self.record(text)
        if text not in self.ids and text not in self._missing:
            self._missing.add(text)
            self._graph.text(iri, SCHEMA.identifier, text)
            message = "a record that is referred to is in no table"
            self._graph.find("warning", "pennsieve-record-missing", message, where)
        return iri

    def table(self, table: Table) -> str:
        """Write what is to be known of a table, and return its IRI."""
        graph = self._graph
        iri = graph.file(table.name)
        graph.types(iri, PENNSIEVE.Table)
        if table.name not in self._paths:
            self._paths.add(table.name)
            graph.text(iri, SCHEMA.name, table.name)
        if table.line_end != "\r\n":
            graph.text(iri, PENNSIEVE.lineEnd, table.line_end)
        if not table.is_usual:
            message = "is written in a form that is not kept: it is written equal as data"
            graph.find("info", "pennsieve-form", message, self._files.where(table.name))
        return iri

    # -- Records -----------------------------------------------------------------------------------------------------

    def write(self, model: Model, name: str) -> None:
        """Write the records of a model."""
        table, graph = Table(name), self._graph
        found = rows(self._files, name, table)
        _, header = next(found)
        columns = self._columns(model, header, name)
        seen: set[str] = set()
        for n, (line, cells) in enumerate(found):
            where = f"{self._files.where(name)}:{line}"
            text = cells[columns.record_id] if columns.record_id < len(cells) else ""
            iri = self.begin(text, model, seen, line, where)
            self._row(iri, columns, cells, where)
            if n % _CHUNK == 0:
                graph.draft.spool.flush()
        graph.link(model.iri, PENNSIEVE.table, self.table(table))

    def begin(self, text: str, model: Model, seen: set[str], line: int, where: str) -> str:
        """Write that there is a record, and return its IRI."""
        graph = self._graph
        if not text or text in seen:
            message = "a record has no id, or that of another; it is kept under another one"
            graph.find("violation", "pennsieve-record-id", message, where)
            iri = f"{graph.dataset}/record/{model.iri.rpartition('/')[2]}-{line}"
        else:
            seen.add(text)
            iri = self.record(text, model)
        graph.link(iri, RDF.type, model.iri)
        graph.integer(iri, FG.line, line)
        if text:
            graph.text(iri, SCHEMA.identifier, text)
        return iri

    def _columns(self, model: Model, header: list[str], name: str) -> Columns:
        where = f"{self._files.where(name)}:1"
        if len(set(header)) != len(header):
            raise SourceError("has two columns of one name", where=where)
        places = {text: n for n, text in enumerate(header)}
        columns = Columns(len(header), places["id"])
        taken = {"id"}
        for one in model.properties:
            shown = f"{one.name}:display"
            if one.is_link and (one.name in places or shown in places):
                columns.links.append((places.get(one.name, -1), places.get(shown, -1), one))
                taken |= {one.name, shown}
            elif one.name in places and model.name != FILE_MODEL:
                columns.plain.append((places[one.name], one))
                taken.add(one.name)
            elif one.name not in places:
                message = f"the table of {model.name} lacks a column of its schema: {one.name}"
                self._graph.find("warning", "pennsieve-column", message, where)
        if model.name == FILE_MODEL:
            columns.file = [(places[key], key) for key in _FILE_COLUMNS if key in places]
            taken |= set(_FILE_COLUMNS)
        for text in header:
            if text not in taken:
                columns.plain.append((places[text], self._undeclared(model, text, where)))
        usual = model.header()
        if model.name == FILE_MODEL:
            usual = ["id", "path", "sourcePackageId"]
        if header != usual:
            self._graph.orders[name] = {tuple(header): None}
        return columns

    def _undeclared(self, model: Model, name: str, where: str) -> Property:
        graph = self._graph
        message = f"the table of {model.name} has a column that its schema does not have: {name}"
        graph.find("warning", "pennsieve-column", message, where)
        found = Property(name, graph.mint(model.iri, "property", name))
        graph.types(found.iri, PENNSIEVE.Property, RDF.Property)
        graph.link(model.iri, PENNSIEVE.undeclaredProperty, found.iri)
        graph.text(found.iri, SCHEMA.name, name)
        return found

    def _row(self, iri: str, columns: Columns, cells: list[str], where: str) -> None:
        graph = self._graph
        if len(cells) > columns.count:
            message = "a row has more cells than its table has columns; they are kept"
            graph.find("warning", "pennsieve-surplus-cell", message, where)
            for n in range(columns.count, len(cells)):
                self._surplus(iri, n, cells[n])
        elif len(cells) < columns.count:
            graph.integer(iri, PENNSIEVE.cells, len(cells))
            cells = self._filled(iri, columns, cells, where)
        for place, one in columns.plain:
            if cells[place] != "":
                self._value(iri, one, cells[place])
        for place, shown, one in columns.links:
            if place >= 0 and cells[place] != "":
                graph.link(iri, one.iri, self.target(cells[place], where))
            if shown >= 0 and cells[shown] != "":
                graph.text(iri, graph.beside(one.iri, "display", PENNSIEVE.displayOf), cells[shown])
        if columns.file:
            self._file(iri, {key: cells[place] for place, key in columns.file}, where)

    def _surplus(self, iri: str, place: int, text: str) -> None:
        node = f"{iri}/surplus/s{place}"
        self._graph.link(iri, PENNSIEVE.surplus, node)
        self._graph.integer(node, FG.index, place)
        self._graph.text(node, SCHEMA.value, text)

    def _filled(self, iri: str, columns: Columns, cells: list[str], where: str) -> list[str]:
        """Return a short row in full: the pairs of cells of linked properties go to those whose model has a record of that id."""
        fixed, graph = columns.fixed, self._graph
        short = [*cells, *[""] * (columns.count - len(cells))]
        rest = cells[fixed:]
        in_pairs = all(place == fixed + 2 * n for n, (place, _, _) in enumerate(columns.links))
        if len(cells) < fixed or len(rest) % 2 or not in_pairs:
            message = "a row has fewer cells than its table has columns; the last ones are empty"
            graph.find("warning", "pennsieve-short-row", message, where)
            return short
        pairs = [rest[n : n + 2] for n in range(0, len(rest), 2)]
        fits = [
            chosen
            for chosen in combinations(range(len(columns.links)), len(pairs))
            if all(
                self._is_of(pair[0], columns.links[n][2])
                for n, pair in zip(chosen, pairs, strict=True)
            )
        ]
        if len(fits) != 1:
            message = "a row is short, and nothing tells which of its linked properties are missing"
            graph.find("warning", "pennsieve-short-row", message, where)
            if not fits and pairs:
                for n, text in enumerate(rest):
                    self._surplus(iri, fixed + n, text)
                return [*cells[:fixed], *[""] * (columns.count - fixed)]
        else:
            message = (
                "a row is short: its empty linked properties were left out when it was written"
            )
            graph.find("warning", "pennsieve-short-row", message, where)
        filled = [*cells[:fixed], *[""] * (columns.count - fixed)]
        for n, pair in zip(fits[0], pairs, strict=True):
            filled[fixed + 2 * n : fixed + 2 * n + 2] = pair
        return filled

    def _is_of(self, text: str, one: Property) -> bool:
        number = self.ids.get(text)
        return number is not None and self.models[number].name == one.to

    def _value(self, iri: str, one: Property, cell: str) -> None:
        graph = self._graph
        if one.is_list:
            self._list(iri, one, cell)
            return
        value = typed(cell, one.datatype)
        graph.add(iri, one.iri, value_term(cell, value, one.datatype))
        if value and value[1]:
            graph.text(iri, graph.beside(one.iri, "raw", PENNSIEVE.rawOf), value[1])

    def _list(self, iri: str, one: Property, cell: str) -> None:
        graph = self._graph
        members, is_json = items(cell)
        if is_json and one.iri not in graph.declared:
            graph.declared.add(one.iri)
            graph.text(one.iri, PENNSIEVE.listForm, "json")
        values = [typed(member, one.datatype) for member in members]
        terms = [
            value_term(member, value, one.datatype)
            for member, value in zip(members, values, strict=True)
        ]
        for term in dict.fromkeys(terms):
            graph.add(iri, one.iri, term)
        texts = [v[0] if v else member for member, v in zip(members, values, strict=True)]
        graph.listed(iri, one.iri, texts, terms, [v[1] if v else "" for v in values])

    def _file(self, iri: str, cells: dict[str, str], where: str) -> None:
        graph = self._graph
        if path := cells.pop("path", ""):
            graph.link(iri, PENNSIEVE.recordOf, self.file(path, where))
        for key, text in cells.items():
            if text:
                graph.text(iri, PENNSIEVE[key], text)

    def file(self, path: str, where: str) -> str:
        """Return the IRI of a file that a record stands for; one that the manifest does not list is found."""
        graph = self._graph
        file = graph.file(path)
        if path not in self._paths:
            self._paths.add(path)
            graph.text(file, SCHEMA.name, path)
            message = "the path of a file is not in the manifest"
            graph.find("warning", "pennsieve-file-unlisted", message, where)
        return file

    # -- Relationships -----------------------------------------------------------------------------------------------

    def relate(self, name: str, keys: Sequence[str]) -> None:
        """Write the rows of a table of relationships, whose columns are *keys*: where from, where to, which one."""
        graph = self._graph
        source, target, predicate = keys
        stem = ncname(PurePosixPath(name).stem, "l")
        if stem != PurePosixPath(name).stem:
            stem = f"{stem}-{digest(name)}"
        iri = graph.file(name)
        for line, cells in self.rows_of(name, keys):
            where = f"{self._files.where(name)}:{line}"
            node = f"{graph.dataset}/link/{stem}-{line}"
            graph.types(node, PENNSIEVE.Link)
            graph.link(node, PENNSIEVE.table, iri)
            graph.integer(node, FG.line, line)
            for key, place in ((PENNSIEVE.source, source), (PENNSIEVE.target, target)):
                if cells[place]:
                    graph.link(node, key, self.target(cells[place], where))
            if cells[predicate]:
                graph.link(node, PENNSIEVE.predicate, relation(graph, cells[predicate]))
            for n, (key, text) in enumerate(cells.items()):
                if key not in keys and text:
                    graph.member(node, text, n, key)
        graph.text(iri, PENNSIEVE.tableOf, "relationships")

    def rows_of(self, name: str, keys: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the rows of a table that has at least the columns *keys*, by column, and write what is to be known of the table."""
        table, graph = Table(name), self._graph
        found = rows(self._files, name, table)
        _, header = next(found, (1, []))
        if any(key not in header for key in keys) or len(set(header)) != len(header):
            where = f"{self._files.where(name)}:1"
            raise SourceError(f"has not the columns {', '.join(keys)}", where=where)
        if tuple(header) != RELATIONSHIP_COLUMNS:
            graph.orders[name] = {tuple(header): None}
        for n, (line, cells) in enumerate(found):
            if len(cells) != len(header):
                message = "a row has another number of cells than its table has columns"
                where = f"{self._files.where(name)}:{line}"
                graph.find("warning", "pennsieve-surplus-cell", message, where)
                cells = [*cells, *[""] * (len(header) - len(cells))][: len(header)]
            yield line, dict(zip(header, cells, strict=True))
            if n % _CHUNK == 0:
                graph.draft.spool.flush()
        self.table(table)


def value_term(cell: str, value: tuple[str, str] | None, datatype: str) -> str:
    """Return a value as N-Triples: typed, or the text that it is written as."""
    if value is None or datatype == XSD.string:
        return literal(cell)
    return f'"{value[0]}"^^<{datatype}>'
