"""Manifest and schema.json out of the graph."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from fairgraph.exports.pennsieve_view import PublishedView, first, json_value, number_of
from fairgraph.isa.notation import Number
from fairgraph.pennsieve.json_text import JsonForm, json_text
from fairgraph.pennsieve.keys import (
    COLLECTION,
    DATA_TYPES,
    DATASET_ID,
    FILE,
    MANIFEST,
    MODEL,
    PERSON,
    PREFIXES,
    PROPERTY,
    PUBLICATION,
    SCHEMA_VERSION,
)
from fairgraph.terms import ELN, FG, PENNSIEVE, RDF, SCHEMA, SH

Json = dict[str, Any]
Sizes = Mapping[str, int]
_TYPE_OF = {datatype: name for name, datatype in DATA_TYPES.items()}
_ODD = re.compile(r"(models|relationships|properties)/([0-9]+)")


class Documents:
    """Makes the JSON documents of one dataset."""

    def __init__(self, view: PublishedView) -> None:
        self._view = view

    def text(self, file: str, document: Any, default: JsonForm) -> str:
        """Return a document in the form that it had."""
        return json_text(document, self.form(file, default))

    def form(self, file: str, default: JsonForm) -> JsonForm:
        """Return the form that a document had."""
        view = self._view
        indent = view.text(file, PENNSIEVE.indent)
        return JsonForm(
            int(indent) if indent.isdecimal() and len(indent) < 3 else default.indent,
            view.text(file, PENNSIEVE.colon) or default.colon,
            view.text(file, PENNSIEVE.isAscii) == "true"
            if view.text(file, PENNSIEVE.isAscii)
            else default.is_ascii,
            view.text(file, PENNSIEVE.lineEnd) or default.final,
        )

    def object(self, subject: str, known: Mapping[str, str]) -> Json:
        """Return the members of an object that have properties, and those that have none; in no order."""
        view = self._view
        found: Json = {}
        for key, predicate in known.items():
            if (term := view.term(subject, predicate)) is not None:
                found[key] = json_value(term)
        for key, value in view.member_values(view.terms(subject, PENNSIEVE.member)):
            if not _ODD.fullmatch(key):
                found[key] = value
        return found

    # -- Manifest ----------------------------------------------------------------------------------------------------

    def manifest(self, subject: str, kind: str, sizes: Sizes) -> Json:
        """Return the manifest of the dataset or of a revision; *sizes* are those of the files that are written."""
        view = self._view
        prefix = view.text(subject, PENNSIEVE.prefix) or PREFIXES[0]
        known = {
            prefix + key if key in (DATASET_ID, SCHEMA_VERSION) else key: predicate
            for key, predicate in MANIFEST.items()
        }
        found = self.object(subject, known)
        there = view.orders.get(kind, {})
        if creator := view.link(subject, PENNSIEVE.creator):
            found["creator"] = self._person(creator)
        objects: dict[str, list[Any]] = {
            "contributors": [
                self._person(node) for node in view.links(subject, PENNSIEVE.contributor)
            ],
            "keywords": [
                term.value
                for term, _ in view.listed(
                    subject, SCHEMA.keywords, view.terms(subject, SCHEMA.keywords)
                )
            ],
            "collections": [
                view.ordered(self.object(node, COLLECTION), "collection")
                for node in view.links(subject, PENNSIEVE.collection)
            ],
            "relatedPublications": [
                view.ordered(self.object(node, PUBLICATION), "publication")
                for node in view.links(subject, SCHEMA.citation)
            ],
            "files": self._files(subject, sizes),
        }
        for key, members in objects.items():
            if members or (key in there and key not in found):
                found[key] = members
        return view.ordered(found, kind)

    def _person(self, node: str) -> Json | str:
        view = self._view
        found = self.object(node, PERSON)
        if not found and (name := view.term(node, SCHEMA.name)) is not None:
            return str(name.value)
        return view.ordered(found, "person")

    def _files(self, subject: str, sizes: Sizes) -> list[Json]:
        view = self._view
        found = []
        for file in view.listings.get(subject, ()):
            about = view.entries.get(file, {})
            place = first(about.get(FG.index, ()))
            index = 0.0 if place is None else number_of(place.value)
            found.append((index, file, self._file(about, sizes)))
        return [entry for _, _, entry in sorted(found, key=lambda one: one[:2])]

    def _file(self, about: Mapping[str, list[Any]], sizes: Sizes) -> Json:
        view = self._view
        entry: Json = {}
        for key, predicate in FILE.items():
            terms = about.get(predicate)
            if terms:
                entry[key] = json_value(first(terms))
        if (stated := first(about.get(ELN.statedSize, ()))) is not None:
            entry["size"] = Number(stated.value)
        if not about.get(ELN.statedSize) and "size" in entry and entry.get("path") in sizes:
            entry["size"] = Number(str(sizes[entry["path"]]))
        if isinstance(entry.get("sha256"), str):
            entry["sha256"] = _base64(entry["sha256"])
        flag = first(about.get(PENNSIEVE.isUnstated, ()))
        if flag is not None and flag.value == "true":
            entry.pop("sha256", None)
        if (stated := first(about.get(ELN.statedSha256, ()))) is not None:
            entry["sha256"] = stated.value
        for key, value in view.member_values(about.get(PENNSIEVE.member, [])):
            entry[key] = value
        return view.ordered(entry, "file")

    # -- Schema ------------------------------------------------------------------------------------------------------

    def schema(self) -> Json:
        """Return the models and relationships of schema.json."""
        view = self._view
        node = view.link(view.root, PENNSIEVE.schema)
        found = self.object(node, {})
        there = view.orders.get("schema", {})
        models = [self._model(model) for model in view.links(view.root, PENNSIEVE.model)]
        relationships = [
            self._relationship(one) for one in view.links(view.root, PENNSIEVE.relationship)
        ]
        for key, members in (("models", models), ("relationships", relationships)):
            members = self._with_odd(node, key, members)
            if members or (key in there and key not in found):
                found[key] = members
        return view.ordered(found, "schema")

    def _with_odd(self, owner: str, key: str, members: list[Any]) -> list[Any]:
        """Return the members of a list with those that are no models or properties, in their places."""
        view = self._view
        for name, value in view.member_values(view.terms(owner, PENNSIEVE.member)):
            if (match := _ODD.fullmatch(name)) and match[1] == key:
                members.insert(int(match[2]), value)
        return members

    def _model(self, model: str) -> Json:
        view = self._view
        found = self.object(model, MODEL)
        shapes = self._with_odd(
            model,
            "properties",
            [self._property(shape) for shape in view.links(model, SH.property)],
        )
        if shapes or ("properties" in view.orders.get("model", {}) and "properties" not in found):
            found["properties"] = shapes
        return view.ordered(found, "model")

    def _property(self, shape: str) -> Json:
        view = self._view
        node = view.link(shape, SH.path)
        found = self.object(node, PROPERTY)
        if "dataType" not in found and (data_type := self._data_type(shape, node)):
            found["dataType"] = data_type
        if required := view.text(shape, SH.minCount):
            found["required"] = required != "0"
        return view.ordered(found, "property")

    def _data_type(self, shape: str, node: str) -> Json:
        view = self._view
        linked = view.link(shape, SH["class"])
        if linked or view.text(shape, SH.nodeKind) == SH.IRI:
            to = view.text(linked, SCHEMA.name) if linked else view.text(shape, PENNSIEVE.to)
            found = {"type": "Model", "to": to, "file": view.text(shape, PENNSIEVE.file)}
            return view.ordered({key: text for key, text in found.items() if text}, "dataType")
        datatype = view.text(shape, SH.datatype)
        if not datatype:
            return {}
        scalar: Json = {"type": _TYPE_OF.get(datatype, "String")}
        for key, text in (
            ("format", view.text(shape, PENNSIEVE.format)),
            ("unit", view.text(node, SCHEMA.unitText)),
        ):
            if text:
                scalar[key] = text
        allowed = view.link(shape, SH["in"])
        is_list = not view.text(shape, SH.maxCount)
        if allowed:
            scalar["enum"] = [json_value(term) for term in self.list(allowed)]
        if is_list or allowed:
            items = view.ordered(scalar, "items")
            scalar = {"type": "Array" if is_list else "Enum", "items": items}
        return view.ordered(scalar, "dataType")

    def list(self, item: str) -> list[Any]:
        """Return the members of an RDF list."""
        found: list[Any] = []
        items = self._view.items
        seen: set[str] = set()
        while item in items and item not in seen and item != RDF.nil:
            seen.add(item)
            first, item = items[item]
            found.append(first)
        return found

    def _relationship(self, node: str) -> Json:
        view = self._view
        found = self.object(node, {"file": PENNSIEVE.file})
        for key, linked, predicate in (
            ("from", PENNSIEVE.fromModel, PENNSIEVE["from"]),
            ("to", PENNSIEVE.toModel, PENNSIEVE.to),
        ):
            if model := view.link(node, linked):
                found[key] = view.text(model, SCHEMA.name)
            elif (term := view.term(node, predicate)) is not None:
                found[key] = json_value(term)
        if relation := view.link(node, PENNSIEVE.predicate):
            found["name"] = view.text(relation, SCHEMA.name)
        return view.ordered(found, "relationship")


def _base64(text: str) -> str:
    try:
        return base64.b64encode(bytes.fromhex(text)).decode()
    except ValueError:
        return text
