"""Datasets of other formats as published datasets of generation 5: models, records and relationships out of the core model."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal

from fairgraph.exports.export import Answers, File
from fairgraph.exports.pennsieve_places import FILES, Places, wanted
from fairgraph.exports.pennsieve_tables import lines
from fairgraph.exports.people import Contact, contact, joined
from fairgraph.identifiers import DOI, doi
from fairgraph.isa.notation import Number
from fairgraph.licences import spdx
from fairgraph.pennsieve.cells import is_replaced, list_cell
from fairgraph.pennsieve.json_text import MANIFEST_FORM, SCHEMA_FORM, json_text
from fairgraph.pennsieve.keys import (
    DATASET_ID,
    NUMBERS,
    ORDERS,
    PREFIXES,
    SCHEMA_VERSION,
)
from fairgraph.terms import FG, SCHEMA, XSD

Json = dict[str, Any]
KINDS = ("source", "sample", "extract", "labeled_extract", "process", "protocol", "entry", "file")
RELATIONS = ("derived_from", "follows", "generated", "used")
_PERSON = ("email", "affiliation", "orcid")
_TYPES = {"json": "Json", "csv": "CSV", "md": "Markdown"}
# The names of licences that the platform offers, by SPDX identifier.
_LICENCES = {
    "Apache-2.0": "Apache 2.0",
    "CC-BY-4.0": "Creative Commons Attribution",
    "CC-BY-SA-4.0": "Creative Commons Attribution - ShareAlike",
    "CC-BY-NC-SA-4.0": "Creative Commons Attribution - NonCommercial-ShareAlike",
    "CC0-1.0": "Creative Commons Zero 1.0 Universal",
    "MIT": "MIT",
    "ODC-By-1.0": "Open Data Commons Attribution",
    "ODbL-1.0": "Open Data Commons Open Database",
    "PDDL-1.0": "Open Data Commons Public Domain Dedication and License",
}


@dataclass
class Thing:
    """One thing that becomes a record: its name, and values by the name of their category, each with its unit."""

    iri: str
    name: str = ""
    path: str = ""
    values: dict[str, set[tuple[Any, str]]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of the record: always the same for the same thing."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.iri))


@dataclass
class Column:
    """A category as a property of a model: one data type, and one unit, for all its values."""

    category: str
    name: str
    type: str
    unit: str = ""
    is_list: bool = False

    def texts(self, thing: Thing) -> list[str]:
        """Return the values of a thing, each with its unit where the property has none."""
        return sorted(
            str(value.value) if not unit or self.unit else f"{value.value} {unit}"
            for value, unit in thing.values.get(self.category, ())
        )

    def cell(self, thing: Thing) -> str:
        """Return the values of a thing as a cell."""
        found = self.texts(thing)
        return list_cell(found, as_json=False) if self.is_list else "".join(found)

    def as_json(self) -> Json:
        """Return the property as schema.json has it."""
        scalar: Json = {"type": self.type, **({"unit": self.unit} if self.unit else {})}
        data_type = {"type": "Array", "items": scalar} if self.is_list else scalar
        return _property(self.name, self.category, data_type)


def core_files(answers: Answers) -> Iterator[File]:
    """Yield the files of a dataset that was not published by the platform."""
    things, people = _things(answers), _people(answers)
    entries: list[Json] = []
    yield from _payload(answers, things["file"], entries)
    for name, contents in _metadata(answers, things, people):
        data = b"".join(contents)
        entries.append(_entry(name, len(data)))
        yield name, [data]
    entries.append(_entry("manifest.json", 0))
    entries.sort(key=lambda entry: (entry["name"], entry["path"]))
    manifest = _manifest(answers, people, entries)
    text = json_text(manifest, MANIFEST_FORM)
    own = next(entry for entry in entries if entry["path"] == "manifest.json")
    while own["size"].text != str(len(text.encode())):
        own["size"] = Number(str(len(text.encode())))
        text = json_text(manifest, MANIFEST_FORM)
    yield "manifest.json", [text.encode()]


def _entry(path: str, size: int, name: str = "") -> Json:
    """Return the entry of a file; *name* is what it is called, if that is not the last part of its path."""
    kind = _TYPES.get(path.rpartition(".")[2], "GenericData")
    return {
        "name": name or path.rpartition("/")[2],
        "path": path,
        "size": Number(str(size)),
        "fileType": kind,
    }


# -- Records ---------------------------------------------------------------------------------------------------------------


def _things(answers: Answers) -> dict[str, dict[str, Thing]]:
    """Return what becomes records, by kind and IRI; what is of two kinds is of the first."""
    found: dict[str, dict[str, Thing]] = {kind: {} for kind in KINDS}
    kinds: dict[str, str] = {}
    names: dict[str, str] = {}
    for thing, kind, name in answers.rows("core-things"):
        known = kinds.get(thing.value, kind.value)
        kinds[thing.value] = min(known, kind.value, key=KINDS.index)
        if name is not None:
            names[thing.value] = min(names.get(thing.value, name.value), name.value)
    for iri in sorted(kinds):
        found[kinds[iri]][iri] = Thing(iri, names.get(iri, ""))
    for thing, category, value, unit in answers.rows("core-values"):
        if kind := kinds.get(thing.value):
            values = found[kind][thing.value].values.setdefault(category.value, set())
            values.add((value, unit.value if unit is not None else ""))
    return found


def _people(answers: Answers) -> list[Contact]:
    rows = sorted(answers.rows("core-people", dataset=[answers.dataset]), key=_place)
    return joined(contact(row) for row in rows)


def _persons(people: list[Contact]) -> Iterator[list[str]]:
    yield ["id", "name", *_PERSON]
    for one in people:
        yield [Thing(one.iri).id, one.name, one.email, one.affiliation, one.orcid]


def _metadata(
    answers: Answers, things: dict[str, dict[str, Thing]], people: list[Contact]
) -> Iterator[File]:
    models, tables = [], []
    kinds: dict[str, str] = {}
    for kind, members in things.items():
        kinds.update(dict.fromkeys(members, kind))
        if not members:
            continue
        columns = [] if kind == "file" else _columns(members)
        _note_replaced(answers, kind, columns, members)
        models.append(_model(kind, columns))
        tables.append((f"metadata/records/{kind}.csv", _rows(kind, members, columns)))
    if people:
        columns = [Column(name.capitalize(), name, "String") for name in _PERSON]
        models.append(_model("person", columns))
        tables.append(("metadata/records/person.csv", _persons(people)))
    ends: dict[str, set[tuple[str, str]]] = {}
    rows: dict[str, set[tuple[str, str]]] = {name: set() for name in RELATIONS}
    for subject, relation, obj in answers.rows("core-edges"):
        if subject.value in kinds and obj.value in kinds:
            rows[relation.value].add((subject.value, obj.value))
            ends.setdefault(relation.value, set()).add((kinds[subject.value], kinds[obj.value]))
    relationships = [
        {"name": name, "from": start, "to": end, "file": f"relationships/{name}.csv"}
        for name in RELATIONS
        for start, end in sorted(ends.get(name, ()))
    ]
    schema = {"models": models, "relationships": relationships}
    yield "metadata/schema.json", [json_text(schema, SCHEMA_FORM).encode()]
    for name, table in tables:
        yield name, lines(table, "\r\n")
    for name in RELATIONS:
        if rows[name]:
            yield f"metadata/relationships/{name}.csv", lines(_links(name, rows[name]), "\r\n")


def _note_replaced(
    answers: Answers, kind: str, columns: list[Column], members: dict[str, Thing]
) -> None:
    for column in columns:
        if column.is_list and any(is_replaced(column.texts(thing)) for thing in members.values()):
            answers.note(f"values of {column.category} of a {kind} hold a semicolon, which divides them: it is written as _")  # fmt: skip


def _model(kind: str, columns: list[Column]) -> Json:
    title = _property("name", "Name", {"type": "String"}) | {"modelTitle": True}
    properties = [title, *(column.as_json() for column in columns)]
    if kind == "file":
        properties = [_property("path", "Path", {"type": "String"})]
    return {
        "name": kind,
        "displayName": kind.replace("_", " ").capitalize(),
        "description": "",
        "file": f"records/{kind}.csv",
        "properties": properties,
    }


def _property(name: str, display: str, data_type: Json) -> Json:
    return {
        "name": name,
        "displayName": display,
        "description": "",
        "dataType": data_type,
        "required": False,
        "modelTitle": False,
    }


def _columns(things: dict[str, Thing]) -> list[Column]:
    categories: dict[str, list[set[tuple[Any, str]]]] = {}
    for thing in things.values():
        for category, values in thing.values.items():
            categories.setdefault(category, []).append(values)
    taken = {"id", "name"}
    found = []
    for category in sorted(categories):
        stem = name = re.sub(r"\W+", "_", category).strip("_").lower() or "value"
        number = 1
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name)
        found.append(_column(category, name, categories[category]))
    return found


def _column(category: str, name: str, values: list[set[tuple[Any, str]]]) -> Column:
    units = {unit for members in values for _, unit in members}
    types = {
        value.datatype.value if isinstance(value, Literal) else XSD.string
        for members in values
        for value, _ in members
    }
    kind = "String"
    if types <= NUMBERS and len(units) == 1:
        kind = "Long" if types == {XSD.integer} else "Double"
    unit = next(iter(units)) if len(units) == 1 and kind != "String" else ""
    return Column(category, name, kind, unit, any(len(members) > 1 for members in values))


def _rows(kind: str, things: dict[str, Thing], columns: list[Column]) -> Iterator[list[str]]:
    if kind == "file":
        yield ["id", "path", "sourcePackageId"]
        for thing in things.values():
            yield [thing.id, thing.path, ""]
        return
    yield ["id", "name", *(column.name for column in columns)]
    for thing in things.values():
        yield [thing.id, thing.name, *(column.cell(thing) for column in columns)]


def _links(name: str, pairs: set[tuple[str, str]]) -> Iterator[list[str]]:
    yield ["from", "to", "relationship"]
    for start, end in sorted(pairs):
        yield [Thing(start).id, Thing(end).id, name]


# -- Files -----------------------------------------------------------------------------------------------------------------


def _payload(answers: Answers, things: dict[str, Thing], entries: list[Json]) -> list[File]:
    """Give a path to every file; return those that the file store has, and put what is known of all of them into *entries*."""
    about: dict[str, dict[str, str]] = {}
    for file, key, value in answers.rows("core-files"):
        known = about.setdefault(file.value, {})
        known[key.value] = min(known.get(key.value, value.value), value.value)
    found: dict[str, File] = {}
    listed: set[str] = set()
    missing: list[str] = []
    places = Places(FILES)
    for iri, thing in things.items():
        said = about.get(iri, {})
        sha256 = said.get(SCHEMA.sha256, "")
        stored = answers.file(sha256) if sha256 else None
        # Of the bytes that are there a second file need not be written.
        same = sha256 if stored else iri
        thing.path = path = places.take(wanted(said.get(FG.originalId, ""), thing.name, iri), same)
        size = str(stored.size) if stored else said.get(SCHEMA.contentSize, "")
        if size.isdecimal() and path not in listed:
            listed.add(path)
            is_told = path == f"{FILES}/{thing.name}"
            entries.append(_entry(path, int(size), "" if is_told else thing.name))
        if stored:
            found[path] = path, answers.blocks(sha256)
        else:
            missing.append(path)
    for path, other in places.moved:
        answers.note(f"there are several files {path}: one of them is {other}")
    if missing:
        answers.note(
            f"{len(missing)} of {len(things)} files are not in the file store, and only told: {', '.join(missing[:3])}"
            + (", …" if len(missing) > 3 else "")
        )
    return list(found.values())


# -- Manifest --------------------------------------------------------------------------------------------------------------


def _manifest(answers: Answers, people: list[Contact], entries: list[Json]) -> Json:
    dataset = [answers.dataset]
    about: dict[str, list[str]] = {}
    for key, value in answers.rows("core-dataset", dataset=dataset):
        about.setdefault(key.value, []).append(value.value)
    number, title = "0", ""
    for row in answers.rows("core-record", dataset=dataset):
        number, title = row["number"].value, row["title"].value
    persons = [
        {
            "first_name": person.given or person.name.rpartition(" ")[0],
            "last_name": person.family or person.name.rpartition(" ")[2],
            **({"orcid": person.orcid} if person.orcid else {}),
        }
        for person in people
    ]
    dois = sorted({doi.value for (doi,) in answers.rows("core-publications")})
    found: Json = {
        PREFIXES[0] + DATASET_ID: Number(number),
        "version": Number("1"),
        "name": min(about.get(SCHEMA.name, ()), default=title),
        "description": min(about.get(SCHEMA.description, ()), default=""),
        "contributors": persons,
        "keywords": sorted(about.get(SCHEMA.keywords, ())),
        "@context": "http://schema.org/",
        "@type": "Dataset",
        "schemaVersion": "http://schema.org/version/3.7/",
        "collections": [],
        "relatedPublications": [{"doi": known} for text in dois if (known := doi(text))],
        "files": entries,
        PREFIXES[0] + SCHEMA_VERSION: "5.0",
    }
    if persons:
        found["creator"] = persons[0]
    if organisations := [person.affiliation for person in people if person.affiliation]:
        found["sourceOrganization"] = organisations[0]
    if dates := about.get(SCHEMA.datePublished):
        found["datePublished"] = min(dates)
    for text in sorted(about.get(SCHEMA.license, ())):
        found.setdefault("license", _LICENCES.get(spdx(text) or "", text))
    for text in sorted(about.get(SCHEMA.identifier, ())):
        if known := doi(text):
            found.setdefault("@id", f"{DOI}{known}")
    order = [PREFIXES[0] + key if key in (DATASET_ID, SCHEMA_VERSION) else key for key in ORDERS["manifest"]]  # fmt: skip
    return {key: found[key] for key in order if key in found}


def _place(row: Any) -> tuple[float, str]:
    index = row["index"].value if row["index"] is not None else ""
    return (float(index) if index.isdecimal() else float("inf")), row["person"].value
