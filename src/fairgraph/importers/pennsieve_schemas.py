"""The newer layout of the metadata: a JSON Schema for each version of a model (2020-12), and its records a line each."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from fairgraph.errors import SourceError
from fairgraph.importers.crate_json import read_json
from fairgraph.importers.pennsieve_files import DOCUMENT_BYTES, PublishedFiles
from fairgraph.importers.pennsieve_graph import PublishedGraph, scalar_term
from fairgraph.importers.pennsieve_models import (
    Model,
    Property,
    class_of_records,
    mint_property,
    write_list,
)
from fairgraph.importers.pennsieve_records import Records, value_term
from fairgraph.importers.rules import finding
from fairgraph.isa.notation import Number
from fairgraph.pennsieve.cells import typed
from fairgraph.pennsieve.json_text import LINE_FORM, JsonForm, form_of, json_text
from fairgraph.pennsieve.keys import (
    CONSTRAINTS,
    JSON_FORMATS,
    JSON_TYPES,
    MODEL_SCHEMA,
    PROPERTY_SCHEMA,
)
from fairgraph.report import Report
from fairgraph.terms import FG, PENNSIEVE, PROV, SCHEMA, SH, XSD

Json = dict[str, Any]
FOLDER = re.compile(r"(metadata)/models/([^/]+)/versions/([^/]+)/(schema\.json|records\.jsonl)")
_CHUNK = 2_000


class ModelSchema:
    """Reads the JSON Schema of one version of a model."""

    def __init__(self, graph: PublishedGraph, folder: str, version: str, where: str) -> None:
        self._graph, self._where = graph, where
        iri = graph.mint(graph.dataset, "model", f"{folder}-v{version}")
        self.model = Model(folder, iri)
        self.kind = f"schema of {folder} {version}"
        graph.link(graph.dataset, PENNSIEVE.modelVersion, iri)
        graph.text(iri, PENNSIEVE.folder, folder)
        graph.text(iri, SCHEMA.version, version)

    def write(self, document: Any, n: int) -> None:
        """Write the class, its shape, and its properties."""
        graph, model = self._graph, self.model
        if not isinstance(document, dict):
            raise SourceError("is no JSON Schema of records: no object", where=self._where)
        class_of_records(graph, model, n)
        properties = document.get("properties")
        required = document.get("required")
        taken = set()
        if isinstance(properties, dict):
            taken.add("properties")
            graph.orders[f"{self.kind}, properties"] = {tuple(properties): None}
            for place, (name, member) in enumerate(properties.items()):
                self._property(name, member, place)
        names = [one.name for one in model.properties]
        if isinstance(required, list) and set(map(str, required)) <= set(names):
            taken.add("required")
            graph.orders[f"{self.kind}, required"] = {tuple(required): None}
            for name in required:
                graph.integer(graph.mint(model.iri, "shape", name), SH.minCount, 1)
        graph.object(model.iri, document, self.kind, MODEL_SCHEMA, frozenset(taken))

    def _property(self, name: str, member: Any, place: int) -> None:
        graph, model = self._graph, self.model
        found, shape = mint_property(graph, model, name, place)
        graph.text(found.iri, SCHEMA.name, name)
        model.properties.append(found)
        if not isinstance(member, dict):  # true and false are schemas, too
            graph.member(found.iri, member, 0, "")
            return
        taken = {key for key in CONSTRAINTS if self._constraint(shape, key, member)}
        if self._types(found, shape, member):
            taken.add("type")
        if self._items(found, shape, member):
            taken.add("items")
        allowed = member.get("enum")
        if isinstance(allowed, list) and all(scalar_term(one) for one in allowed):
            taken.add("enum")
            terms = [_typed_term(one, found.datatype) for one in allowed]
            write_list(graph, shape, SH["in"], terms)
        graph.object(found.iri, member, "property schema", PROPERTY_SCHEMA, frozenset(taken))

    def _constraint(self, shape: str, key: str, member: Json) -> bool:
        value = member.get(key)
        wants_text = key in ("format", "pattern")
        if isinstance(value, str) != wants_text or isinstance(value, bool):
            return False
        return self._graph.scalar(shape, CONSTRAINTS[key], value)

    def _types(self, found: Property, shape: str, member: Json) -> bool:
        graph, value = self._graph, member.get("type")
        members = value if isinstance(value, list) else [value]
        types = [one for one in members if isinstance(one, str)]
        if not types or len(types) != len(members):
            return False
        for one in dict.fromkeys(types):
            graph.text(shape, PENNSIEVE.jsonType, one)
        if isinstance(value, list):
            graph.add(shape, PENNSIEVE.isTypeList, f'"true"^^<{XSD.boolean}>')
            graph.listed(shape, PENNSIEVE.jsonType, types)
        scalar = [one for one in types if one != "null"]
        found.is_list = scalar == ["array"]
        if len(scalar) == 1 and scalar[0] in JSON_TYPES:
            found.datatype = JSON_TYPES[scalar[0]]
            if found.datatype == XSD.string:
                found.datatype = JSON_FORMATS.get(str(member.get("format")), XSD.string)
            graph.link(shape, SH.datatype, found.datatype)
        if not found.is_list:
            graph.integer(shape, SH.maxCount, 1)
        return True

    def _items(self, found: Property, shape: str, member: Json) -> bool:
        """Write the type of the members of a list, if that is all that is said of them."""
        items = member.get("items")
        if not found.is_list or not isinstance(items, dict) or set(items) != {"type"}:
            return False
        kind = items["type"]
        if not isinstance(kind, str) or kind not in JSON_TYPES:
            return False
        found.datatype = JSON_TYPES[kind]
        self._graph.text(shape, PENNSIEVE.itemType, kind)
        self._graph.link(shape, SH.datatype, found.datatype)
        return True


def _typed_term(value: Any, datatype: str) -> str:
    term = scalar_term(value)
    text = value.text if isinstance(value, Number) else value
    parsed = typed(text, datatype) if isinstance(text, str) else None
    return value_term(text, parsed, datatype) if parsed and not parsed[1] else term


class JsonRecords:
    """Reads the records of one version of a model, a JSON object a line."""

    def __init__(
        self, graph: PublishedGraph, files: PublishedFiles, records: Records, report: Report
    ) -> None:
        self._graph, self._files, self._records, self._report = graph, files, records, report

    def collect(self, model: Model, name: str) -> None:
        """Remember the ids of the records."""
        number = len(self._records.models)
        self._records.models.append(model)
        for line, _, value in self._lines(name, Report()):
            if isinstance(text := value.get("id"), str):
                self._records.remember(text, number, f"{self._files.where(name)}:{line}")

    def write(self, model: Model, name: str) -> None:
        """Write the records."""
        graph = self._graph
        file = graph.file(name)
        graph.types(file, PENNSIEVE.Document)
        graph.link(model.iri, PENNSIEVE.table, file)
        form: JsonForm | None = None
        is_usual, seen = True, set[str]()
        known = {one.name: one for one in model.properties}
        for n, (line, text, value) in enumerate(self._lines(name, self._report)):
            if form is None:
                form = form_of(text, value, LINE_FORM) or LINE_FORM
            is_usual = is_usual and json_text(value, form) == text
            where = f"{self._files.where(name)}:{line}"
            found = value.get("id")
            iri = self._records.begin(
                found if isinstance(found, str) else "", model, seen, line, where
            )
            taken = {"data"} if isinstance(value.get("data"), dict) else set()
            taken |= {"id"} if isinstance(found, str) and found else set()
            graph.object(iri, value, "record", {}, frozenset(taken))
            if "data" in taken:
                self._data(iri, model, known, value["data"], name)
            if n % _CHUNK == 0:
                graph.draft.spool.flush()
        if form is not None:
            graph.keep_form(file, form, LINE_FORM)
        if not is_usual:
            message = "is written in a form that is not kept: it is written equal as data"
            graph.find("info", "pennsieve-form", message, self._files.where(name))

    def _lines(self, name: str, report: Report) -> Iterator[tuple[int, str, Json]]:
        with self._files.open(name) as stream:
            reader = io.BufferedReader(stream) if isinstance(stream, io.RawIOBase) else stream
            number = 0
            while data := reader.readline(DOCUMENT_BYTES):
                number += 1
                if data.strip():
                    where = f"{self._files.where(name)}:{number}"
                    yield number, *_line(data, where, report)

    def _data(
        self, iri: str, model: Model, known: dict[str, Property], data: Json, name: str
    ) -> None:
        graph = self._graph
        graph.orders.setdefault(f"data of {name}", {}).setdefault(tuple(data))
        for n, (key, value) in enumerate(data.items()):
            one = known.get(key)
            if one is None or not self._value(iri, one, value):
                node = f"{iri}/data/d1"
                graph.link(iri, PENNSIEVE.data, node)
                graph.member(node, value, n, key)

    def _value(self, iri: str, one: Property, value: Any) -> bool:
        graph = self._graph
        if value is None:
            graph.link(iri, PENNSIEVE.isNull, one.iri)
        elif value == [] and one.is_list:
            graph.link(iri, PENNSIEVE.isEmptyList, one.iri)
        elif isinstance(value, list) and one.is_list:
            found = [_scalar(member, one.datatype) for member in value]
            if not all(term for term, _, _ in found):
                return False
            for term in dict.fromkeys(term for term, _, _ in found):
                graph.add(iri, one.iri, term)
            terms = [term for term, _, _ in found]
            graph.listed(
                iri, one.iri, [text for _, text, _ in found], terms, [raw for _, _, raw in found]
            )
        else:
            term, _, raw = _scalar(value, one.datatype)
            if not term or one.is_list:
                return False
            graph.add(iri, one.iri, term)
            if raw:
                graph.text(iri, graph.beside(one.iri, "raw", PENNSIEVE.rawOf), raw)
        return True


def _scalar(value: Any, datatype: str) -> tuple[str, str, str]:
    """Return a JSON scalar as N-Triples, the text that the store has of it, and its raw text; empty if it is none."""
    if isinstance(value, Number):
        wanted = datatype if datatype in (XSD.integer, XSD.double) else XSD.double
        parsed = typed(value.text, wanted) or typed(value.text, XSD.double)
        if parsed is None:
            return "", "", ""
        if typed(value.text, wanted) is None:
            wanted = XSD.double
        return value_term(value.text, parsed, wanted), *parsed
    if isinstance(value, str):
        is_day = datatype in (XSD.date, XSD.dateTime)
        parsed = typed(value, datatype) if is_day else (value, "")
        term = value_term(value, parsed, datatype if is_day else XSD.string)
        return term, *(parsed or (value, ""))
    term = scalar_term(value)
    return term, str(value).lower() if term else "", ""


def _line(data: bytes, where: str, report: Report) -> tuple[str, Json]:
    """Return a line and the object that it is; SourceError if it is none. Quotes that were escaped twice are read as once."""
    try:
        value = read_json(data, where, report, number=Number)
    except SourceError:
        mended = data.strip().strip(b'"').replace(b'\\"', b'"')
        try:
            value = read_json(mended, where, report, number=Number)
        except SourceError:
            value = None
        if not isinstance(value, dict):
            raise
        message = "the quotes of a record are escaped twice; read as if once"
        report.add(finding("warning", "pennsieve-escapes", message, where=where))
    if not isinstance(value, dict):
        raise SourceError("is no record: no JSON object", where=where)
    return data.decode("utf-8").lstrip("\ufeff"), value


def relate_versions(graph: PublishedGraph, models: list[tuple[str, str, Model]]) -> None:
    """Write which version of a model is a revision of which; *models* are names, versions and models, in order."""
    for (name, _, before), (other, _, after) in pairwise(models):
        if name == other:
            graph.link(after.iri, PROV.wasRevisionOf, before.iri)


def file_links(graph: PublishedGraph, records: Records, files: PublishedFiles, name: str) -> None:
    """Write the rows of files.csv: which record has which file."""
    for line, cells in records.rows_of(name, ("record_id", "path")):
        node = f"{graph.dataset}/file-link/l{line}"
        where = f"{files.where(name)}:{line}"
        graph.types(node, PENNSIEVE.FileLink)
        graph.link(node, PENNSIEVE.table, graph.file(name))
        graph.integer(node, FG.line, line)
        for n, (key, text) in enumerate(cells.items()):
            if key == "record_id" and text:
                graph.link(node, PENNSIEVE.source, records.target(text, where))
            elif key == "path" and text:
                graph.link(node, PENNSIEVE.recordOf, records.file(text, where))
            elif key == "package_id" and text:
                graph.text(node, PENNSIEVE.sourcePackageId, text)
            elif text:
                graph.member(node, text, n, key)
    graph.text(graph.file(name), PENNSIEVE.tableOf, "files")
