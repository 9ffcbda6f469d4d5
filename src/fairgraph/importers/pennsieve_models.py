"""The schema of the records (schema.json): models as classes with shapes, properties, relationships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fairgraph.importers.pennsieve_graph import PublishedGraph, scalar_term
from fairgraph.isa.notation import Number
from fairgraph.pennsieve.keys import DATA_TYPES, MODEL, PROPERTY
from fairgraph.pennsieve.roles import is_derivation, role_of
from fairgraph.terms import FG, OWL, PENNSIEVE, PROV, RDF, RDFS, SCHEMA, SH, XSD, literal

Json = dict[str, Any]
FILE_MODEL = "file"
"""The model that stands for the files of the dataset."""


@dataclass
class Property:
    """A property of a model: ``iri``, the datatype of its values, or the model (``to``) that they are records of."""

    name: str
    iri: str
    datatype: str = XSD.string
    is_list: bool = False
    is_link: bool = False
    to: str = ""
    is_title: bool = False


@dataclass
class Model:
    """A model: a class of records, and the table in which they stand."""

    name: str
    iri: str
    file: str = ""
    role: str = ""
    properties: list[Property] = field(default_factory=list)

    def header(self) -> list[str]:
        """Return the columns that its table has: the id, the properties, two for each linked property."""
        plain = [one.name for one in self.properties if not one.is_link]
        links = [one.name for one in self.properties if one.is_link]
        return ["id", *plain, *(text for name in links for text in (name, f"{name}:display"))]


class Schema:
    """Reads a schema.json: ``models`` by name, in order, ``tables`` the files of its relationships."""

    def __init__(self, graph: PublishedGraph, where: str) -> None:
        self._graph, self._where = graph, where
        self.iri = f"{graph.dataset}/schema/schema"
        self._written: set[str] = set()
        self.models: dict[str, Model] = {}
        self.files: list[str] = []

    def write(self, document: Json) -> None:
        """Write all models and relationships."""
        graph = self._graph
        models = _objects(document.get("models"))
        relationships = _objects(document.get("relationships"))
        taken = frozenset(
            key
            for key, found in (("models", models), ("relationships", relationships))
            if found is not None
        )
        graph.link(graph.dataset, PENNSIEVE.schema, self.iri)
        graph.types(self.iri, PENNSIEVE.Schema)
        graph.object(self.iri, document, "schema", {}, taken)
        for n, member in enumerate(models or ()):
            self._declare(member, n)
        for n, member in enumerate(models or ()):
            self._model(member, n)
        for n, member in enumerate(relationships or ()):
            self._relationship(member, n)

    # -- Models ------------------------------------------------------------------------------------------------------

    def _declare(self, member: Json, n: int) -> None:
        name = member.get("name")
        if not isinstance(name, str) or not name or name in self.models:
            message = "a model has no name, or that of another; it is kept, and has no records"
            self._graph.find("violation", "pennsieve-model", message, f"{self._where}#/models/{n}")
            return
        iri = self._graph.mint(self._graph.dataset, "model", name)
        file = member.get("file")
        self.models[name] = Model(name, iri, file if isinstance(file, str) else "")

    def _model(self, member: Json, n: int) -> None:
        graph = self._graph
        name = member.get("name")
        model = self.models.get(name) if isinstance(name, str) else None
        if model is None or model.name in self._written:
            graph.member(self.iri, member, n, f"models/{n}")
            return
        self._written.add(model.name)
        graph.link(graph.dataset, PENNSIEVE.model, model.iri)
        class_of_records(graph, model, n)
        properties = _objects(member.get("properties"))
        taken = frozenset() if properties is None else frozenset(("properties",))
        graph.object(model.iri, member, "model", MODEL, taken)
        for place, inner in enumerate(properties or ()):
            self._property(model, inner, place, f"{self._where}#/models/{n}/properties/{place}")

    # -- Properties --------------------------------------------------------------------------------------------------

    def _property(self, model: Model, member: Json, place: int, where: str) -> None:
        graph = self._graph
        name = member.get("name")
        if not isinstance(name, str) or any(one.name == name for one in model.properties):
            message = "a property has no name, or that of another; it is kept, and has no values"
            graph.find("violation", "pennsieve-property", message, where)
            graph.member(model.iri, member, place, f"properties/{place}")
            return
        found, shape = mint_property(graph, model, name, place)
        taken = set()
        if isinstance(member.get("required"), bool):
            taken.add("required")
            graph.integer(shape, SH.minCount, int(member["required"]))
        if "dataType" in member:
            understood = self._data_type(found, shape, member["dataType"])
            if understood:
                taken.add("dataType")
            else:
                message = "a data type is not one of schema.json; it is kept, and not checked"
                graph.find("warning", "pennsieve-data-type", message, where)
        found.is_title = member.get("modelTitle") is True
        graph.object(found.iri, member, "property", PROPERTY, frozenset(taken))
        model.properties.append(found)

    def _data_type(self, found: Property, shape: str, value: Any) -> bool:
        """Write a data type as constraints; False if it says what no constraint here does."""
        graph = self._graph
        kind = value.get("type") if isinstance(value, dict) else value
        if not isinstance(kind, str):
            return False
        known = DATA_TYPES.get(kind)
        if not isinstance(value, dict):
            found.datatype = known or XSD.string
            return False
        graph.orders.setdefault("dataType", {}).setdefault(tuple(value))
        if kind == "Model":
            found.is_link = True
            return self._link(found, shape, value)
        if kind == "Array":
            found.is_list = True
            items = value.get("items")
            return set(value) == {"type", "items"} and self._items(found, shape, items)
        graph.integer(shape, SH.maxCount, 1)
        if kind == "Enum":
            return set(value) == {"type", "items"} and self._items(
                found, shape, value["items"], is_enum=True
            )
        return self._scalar_type(found, shape, value)

    def _scalar_type(self, found: Property, shape: str, value: Json) -> bool:
        graph = self._graph
        datatype = DATA_TYPES.get(value["type"])
        texts = {key: value[key] for key in ("format", "unit") if key in value}
        is_plain = set(value) <= {"type", "format", "unit"}
        if datatype is None or not is_plain or not _are_texts(texts.values()):
            return False
        found.datatype = datatype
        graph.link(shape, SH.datatype, datatype)
        if "format" in texts:
            graph.text(shape, PENNSIEVE.format, texts["format"])
        if "unit" in texts:
            graph.text(found.iri, SCHEMA.unitText, texts["unit"])
        return True

    def _items(self, found: Property, shape: str, items: Any, *, is_enum: bool = False) -> bool:
        if not isinstance(items, dict) or not isinstance(items.get("type"), str):
            return False
        enum = items.get("enum")
        if (is_enum and not isinstance(enum, list)) or DATA_TYPES.get(items["type"]) is None:
            return False
        allowed: list[Any] = enum if isinstance(enum, list) else []
        terms = [scalar_term(one) for one in allowed]
        if ("enum" in items and not isinstance(enum, list)) or not all(terms):
            return False
        rest = {key: inner for key, inner in items.items() if key != "enum"}
        if not self._scalar_type(found, shape, rest):
            return False
        self._graph.orders.setdefault("items", {}).setdefault(tuple(items))
        if "enum" in items:
            if found.datatype not in (XSD.string, XSD.integer):
                terms = [f"{literal(term_text(one))}^^<{found.datatype}>" for one in allowed]
            write_list(self._graph, shape, SH["in"], terms)
        return True

    def _link(self, found: Property, shape: str, value: Json) -> bool:
        graph = self._graph
        texts = {key: value[key] for key in ("to", "file") if key in value}
        if not set(value) <= {"type", "to", "file"} or not _are_texts(texts.values()):
            return False
        graph.link(shape, SH.nodeKind, SH.IRI)
        graph.integer(shape, SH.maxCount, 1)
        found.to = texts.get("to", "")
        if found.to in self.models:
            graph.link(shape, SH["class"], self.models[found.to].iri)
            # A sample that has its subject under the name of the subject's model: what else could it say?
            if is_derivation(found.name) or (role_of(found.to) and found.name == found.to):
                graph.link(found.iri, RDFS.subPropertyOf, PROV.wasDerivedFrom)
        elif "to" in texts:
            graph.text(shape, PENNSIEVE.to, found.to)
        if "file" in texts:
            graph.text(shape, PENNSIEVE.file, texts["file"])
        return True

    # -- Relationships -----------------------------------------------------------------------------------------------

    def _relationship(self, member: Json, n: int) -> None:
        graph = self._graph
        node = f"{graph.dataset}/relationship/r{n + 1}"
        graph.link(graph.dataset, PENNSIEVE.relationship, node)
        graph.types(node, PENNSIEVE.Relationship)
        graph.integer(node, FG.index, n)
        known = {"file": PENNSIEVE.file, "from": PENNSIEVE["from"], "to": PENNSIEVE.to}
        models = {"from": PENNSIEVE.fromModel, "to": PENNSIEVE.toModel}
        taken = set()
        for key, predicate in models.items():
            if isinstance(member.get(key), str) and member[key] in self.models:
                taken.add(key)
                graph.link(node, predicate, self.models[member[key]].iri)
        name = member.get("name")
        if isinstance(name, str):
            graph.link(node, PENNSIEVE.predicate, relation(graph, name))
            taken.add("name")
        graph.object(node, member, "relationship", known, frozenset(taken))
        if isinstance(member.get("file"), str):
            self.files.append(member["file"])


def class_of_records(graph: PublishedGraph, model: Model, n: int) -> None:
    """Write what every model is: a class with a shape, and what its records are in the core model, where its name tells."""
    graph.types(model.iri, PENNSIEVE.Model, OWL.Class, SH.NodeShape)
    graph.link(model.iri, SH.targetClass, model.iri)
    graph.integer(model.iri, FG.index, n)
    model.role = role_of(model.name)
    if model.role:
        graph.link(model.iri, RDFS.subClassOf, model.role)


def write_list(graph: PublishedGraph, subject: str, predicate: str, terms: list[str]) -> None:
    """Write an RDF list of terms in N-Triples, its nodes called by their places."""
    nodes = [f"{subject}/item/i{n + 1}" for n in range(len(terms))]
    graph.link(subject, predicate, nodes[0] if nodes else RDF.nil)
    for node, term, rest in zip(nodes, terms, [*nodes[1:], RDF.nil], strict=False):
        graph.add(node, RDF.first, term)
        graph.link(node, RDF.rest, rest)


def relation(graph: PublishedGraph, name: str) -> str:
    """Return the property that a relationship is, by its name."""
    iri = graph.mint(graph.dataset, "relation", name)
    if iri not in graph.declared:
        graph.declared.add(iri)
        graph.types(iri, OWL.ObjectProperty)
        graph.text(iri, SCHEMA.name, name)
        if is_derivation(name):
            graph.link(iri, RDFS.subPropertyOf, PROV.wasDerivedFrom)
    return iri


def term_text(value: Any) -> str:
    """Return a JSON scalar as the text of a literal."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.text if isinstance(value, Number) else str(value)


def _objects(value: Any) -> list[Json] | None:
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return value
    return None


def _are_texts(values: Mapping[str, Any] | Any) -> bool:
    return all(isinstance(one, str) for one in values)


def mint_property(
    graph: PublishedGraph, model: Model, name: str, place: int
) -> tuple[Property, str]:
    """Return a new property of a model, and its shape; both are stated."""
    found = Property(name, graph.mint(model.iri, "property", name))
    shape = graph.mint(model.iri, "shape", name)
    graph.link(model.iri, SH.property, shape)
    graph.types(shape, SH.PropertyShape)
    graph.link(shape, SH.path, found.iri)
    graph.integer(shape, SH.order, place)
    graph.types(found.iri, PENNSIEVE.Property, RDF.Property)
    return found, shape
