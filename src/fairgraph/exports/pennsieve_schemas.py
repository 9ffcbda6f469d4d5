"""The newer layout of the metadata: JSON Schemas of models, and records a line each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairgraph.exports.export import Answers
from fairgraph.exports.pennsieve_documents import Documents
from fairgraph.exports.pennsieve_tables import Tables
from fairgraph.exports.pennsieve_view import PublishedView, first, json_value
from fairgraph.pennsieve.json_text import LINE_FORM, json_text
from fairgraph.pennsieve.keys import CONSTRAINTS, MODEL_SCHEMA, PROPERTY_SCHEMA
from fairgraph.terms import PENNSIEVE, SCHEMA, SH

Json = dict[str, Any]
_LINES = 1_000


class ModelVersions:
    """Makes the schemas and the records of the versions of models of one dataset."""

    def __init__(self, view: PublishedView, answers: Answers, tables: Tables) -> None:
        self._view, self._answers, self._tables = view, answers, tables
        self.documents = Documents(view)
        self._nested: dict[str, list[Any]] = {}
        for record, member in answers.rows("nested"):
            self._nested.setdefault(record.value, []).append(member)

    # -- Schemas -----------------------------------------------------------------------------------------------------

    def schema(self, model: str) -> Json:
        """Return the JSON Schema of the records of a version of a model."""
        view = self._view
        kind = self._kind(model)
        found = self.documents.object(model, MODEL_SCHEMA)
        there = view.orders.get(kind, {})
        shapes = view.links(model, SH.property)
        nodes = {shape: view.link(shape, SH.path) for shape in shapes}
        names = {shape: view.text(nodes[shape], SCHEMA.name) for shape in shapes}
        properties = {names[shape]: self._property(shape, nodes[shape]) for shape in shapes}
        if properties or ("properties" in there and "properties" not in found):
            found["properties"] = view.ordered(properties, f"{kind}, properties")
        required = {names[s]: None for s in shapes if view.text(s, SH.minCount) not in ("", "0")}
        if required or ("required" in there and "required" not in found):
            found["required"] = list(view.ordered(required, f"{kind}, required"))
        return view.ordered(found, kind)

    def _kind(self, model: str) -> str:
        view = self._view
        return f"schema of {view.text(model, PENNSIEVE.folder)} {view.text(model, SCHEMA.version)}"

    def _property(self, shape: str, node: str) -> Any:
        view = self._view
        found = self.documents.object(node, PROPERTY_SCHEMA)
        if set(found) == {""}:  # true or false, which are schemas, too
            return found[""]
        for key, predicate in CONSTRAINTS.items():
            if (term := view.term(shape, predicate)) is not None:
                found[key] = json_value(term)
        types = [
            term.value
            for term, _ in view.listed(
                shape, PENNSIEVE.jsonType, view.terms(shape, PENNSIEVE.jsonType)
            )
        ]
        if types:
            is_list = view.text(shape, PENNSIEVE.isTypeList) == "true" or len(types) > 1
            found["type"] = types if is_list else types[0]
        if item := view.text(shape, PENNSIEVE.itemType):
            found["items"] = {"type": item}
        if allowed := view.link(shape, SH["in"]):
            found["enum"] = [json_value(term) for term in self.documents.list(allowed)]
        return view.ordered(found, "property schema")

    # -- Records -----------------------------------------------------------------------------------------------------

    def records(self, model: str, file: str) -> Iterator[bytes]:
        """Yield the records of a version of a model, a line each."""
        view, tables = self._view, self._tables
        form = self.documents.form(file, LINE_FORM)
        kind = f"data of {view.text(file, SCHEMA.name)}"
        columns = tables.columns(model)
        lines: list[str] = []
        for record, about in tables.records_of(model):
            value: Json = {}
            if record in tables.ids:
                value["id"] = tables.ids[record]
            value["data"] = view.ordered(self._data(record, columns, about), kind)
            for key, member in view.member_values(about.get(PENNSIEVE.member, [])):
                value[key] = member
            lines.append(json_text(view.ordered(value, "record"), form))
            if len(lines) == _LINES:
                yield "".join(lines).encode()
                lines.clear()
        yield "".join(lines).encode()

    def _data(self, record: str, columns: list[Any], about: dict[str, list[Any]]) -> Json:
        view = self._view
        nulls = {term.value for term in about.get(PENNSIEVE.isNull, ())}
        empty = {term.value for term in about.get(PENNSIEVE.isEmptyList, ())}
        data: Json = {}
        for column in columns:
            terms = about.get(column.iri, [])
            if column.is_list and terms:
                listed = view.listed(record, column.iri, terms)
                data[column.name] = [json_value(term, raw) for term, raw in listed]
            elif terms:
                raw = min((term.value for term in about.get(column.raw, ())), default="")
                data[column.name] = json_value(first(terms), raw)
            elif column.iri in empty:
                data[column.name] = []
            elif column.iri in nulls:
                data[column.name] = None
        data.update(view.member_values(self._nested.get(record, [])))
        return data
