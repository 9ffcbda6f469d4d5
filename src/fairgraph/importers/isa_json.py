"""ISA-JSON: one document with an investigation (ISA Model and Serialization Specifications 1.0, ISA-JSON format).

Objects are known by where they stand: an ``@id`` is looked up in the assay, then the study, then the document, because files in
use give one ``@id`` to different things. Properties that the standard does not have are kept under the ``isa:`` namespace.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from fairgraph.errors import SourceError
from fairgraph.importers.archive import Source
from fairgraph.importers.format import Draft
from fairgraph.importers.isa_graph import (
    CATEGORY,
    DERIVED,
    EXECUTES,
    GENERATED,
    INDEX,
    INFORMED,
    MEMBERSHIP,
    NEXT,
    NODE_TYPES,
    NOTATION,
    OBJECT,
    PARAMETER_VALUE,
    PROPERTY,
    PROPERTY_VALUE,
    RESULT,
    TERM,
    UNIT,
    USED,
    VALUE,
    IsaGraph,
    says_nothing,
)
from fairgraph.importers.isa_json_scope import Reader, Scope
from fairgraph.importers.isa_processes import find_cycle
from fairgraph.terms import BIOSCHEMAS, ISA, PROV, SCHEMA, XSD

Json = dict[str, Any]

PERSON = {
    "lastName": SCHEMA.familyName,
    "firstName": SCHEMA.givenName,
    "midInitials": SCHEMA.additionalName,
    "email": SCHEMA.email,
    "phone": SCHEMA.telephone,
    "fax": SCHEMA.faxNumber,
    "address": SCHEMA.address,
    "affiliation": SCHEMA.affiliation,
}
UNDECLARED_TYPES = {
    "factor": (f"<{ISA.Factor}>",),
    "parameter": (f"<{ISA.Parameter}>",),
    "characteristic": (f"<{ISA.CharacteristicCategory}>",),
    "protocol": (f"<{BIOSCHEMAS.LabProtocol}>", f"<{PROV.Plan}>"),
    "unit": (f"<{SCHEMA.DefinedTerm}>",),
}
MATERIAL_KINDS = {"Extract Name": "extract", "Labeled Extract Name": "labeled-extract"}


def detect(source: Source) -> bool:
    """Tell whether a source is one JSON file that looks like an ISA investigation."""
    names = metadata_files(source)
    if len(names) != 1:
        return False
    with source.open(names[0]) as stream:
        head = stream.read(1 << 20)
    return b'"studies"' in head or b'"ontologySourceReferences"' in head or _may_be_isa(source)


def metadata_files(source: Source) -> list[str]:
    """Return the one JSON file that the importer reads."""
    return [name for name in source.members if name.lower().endswith(".json")]


def read(source: Source, draft: Draft) -> None:
    """Read an ISA-JSON document.

    Raises SourceError, with line and column, if it is not JSON, or if it is not an object with the keys of an investigation.
    """
    graph = IsaGraph(draft.dataset, draft.spool, draft.report)
    document = _load(source, graph)
    if not isinstance(document, dict) or not (
        isinstance(document.get("studies"), list) or "ontologySourceReferences" in document
    ):
        raise SourceError(
            "is JSON, but not an ISA investigation: it has no list of studies",
            where=f"{source.name}#/",
            hint="an ISA-JSON document is one object with the key 'studies'",
        )
    draft.title = _Document(graph, source.name).read(document)
    draft.entities = {"study": graph.studies, "sample": graph.samples}


def _load(source: Source, graph: IsaGraph) -> Any:
    name = metadata_files(source)[0]
    with source.open(name) as stream:
        data = stream.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            raise SourceError(
                f"is not UTF-8: byte {data[error.start]:#04x} at offset {error.start} (isatools code 10)",
                where=f"{name}:{data.count(10, 0, error.start) + 1}:1",
                hint="save the file as UTF-8; JSON has no other encoding (RFC 8259 §8.1)",
            ) from error
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError as wrong:
            raise SourceError(f"is neither UTF-8 nor UTF-16: {wrong.reason}", where=f"{name}:1:1") from wrong
        message = f"{name} is UTF-16; JSON asks for UTF-8"
        graph.find("warning", "isa-encoding", message, code="10", where=f"{name}:1:1")
    try:
        return json.loads(text, parse_float=Decimal, object_pairs_hook=_unique(graph, name))
    except json.JSONDecodeError as error:
        raise SourceError(f"is not JSON: {error.msg}", where=f"{name}:{error.lineno}:{error.colno}") from error
    except RecursionError as error:
        raise SourceError("is nested too deeply to be metadata", where=f"{name}:1:1") from error


def _unique(graph: IsaGraph, name: str) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> Json:
        found = dict(items)
        if len(found) != len(items):
            keys = sorted({key for key, _ in items if [k for k, _ in items].count(key) > 1})
            message = f"the key {keys[0]!r} is given twice in one object; the last one counts"
            graph.find("violation", "isa-repeated-key", message, where=name)
        return found

    return pairs


def _may_be_isa(source: Source) -> bool:
    try:
        with source.open(metadata_files(source)[0]) as stream:
            document = json.load(stream)
    except (ValueError, RecursionError):
        return True  # reading it says, with line and column, what is wrong with it
    return isinstance(document, dict) and "studies" in document


class _Document(Reader):
    """Reads the investigation; :class:`_Table` reads what a study and an assay have in common."""

    def read(self, document: Json) -> str:
        graph, root = self.graph, f"<{self.graph.dataset}>"
        graph.types(root, f"<{ISA.Investigation}>", f"<{SCHEMA.Dataset}>")
        title = self._describe(root, document, "")
        for n, item, at in self.objects(document, "ontologySourceReferences", ""):
            self._ontology_source(root, n, item, at)
        scope = Scope()
        for n, item, at in self.objects(document, "studies", ""):
            study_title = self._study(root, scope, n, item, at)
            title = title or study_title
        if graph.annotation_ids:
            graph.add(root, f"<{ISA.annotationIds}>", f'"true"^^<{XSD.boolean}>')
        self.finish(root, document, "")
        return title

    def _describe(self, node: str, item: Json, at: str) -> str:
        title = self.take_text(item, "title", at)
        self.graph.text(node, SCHEMA.name, title)
        self.graph.text(node, SCHEMA.identifier, self.take_text(item, "identifier", at))
        self.graph.text(node, SCHEMA.description, self.take_text(item, "description", at))
        self.graph.text(node, ISA.fileName, self.take_text(item, "filename", at))
        self.graph.date(node, SCHEMA.dateCreated, self.take_text(item, "submissionDate", at))
        self.graph.date(node, SCHEMA.datePublished, self.take_text(item, "publicReleaseDate", at))
        for n, person, where in self.objects(item, "people", at):
            self._person(node, n, person, where)
        for n, publication, where in self.objects(item, "publications", at):
            self._publication(node, n, publication, where)
        return title

    def _ontology_source(self, root: str, n: int, item: Json, at: str) -> None:
        graph, name = self.graph, self.take_text(item, "name", at)
        if name in graph.sources:
            node = graph.mint(graph.dataset, "ontology", name, n)
            graph.types(node, f"<{SCHEMA.DefinedTermSet}>")
            graph.text(node, SCHEMA.name, name)
        else:
            node = graph.ontology_source(name)
        graph.add(root, f"<{ISA.ontologySource}>", node)
        graph.index(node, n)
        graph.text(node, SCHEMA.url, self.take_text(item, "file", at))
        graph.text(node, SCHEMA.version, self.take_text(item, "version", at))
        graph.text(node, SCHEMA.description, self.take_text(item, "description", at))
        self.finish(node, item, at)

    def _person(self, owner: str, n: int, item: Json, at: str) -> None:
        graph = self.graph
        node = graph.mint(owner[1:-1], "person", f"p{n + 1}")
        graph.add(owner, f"<{SCHEMA.creator}>", node)
        graph.types(node, f"<{SCHEMA.Person}>", f"<{PROV.Agent}>")
        graph.index(node, n)
        for key, predicate in PERSON.items():
            graph.text(node, predicate, self.take_text(item, key, at))
        for m, role, where in self.objects(item, "roles", at):
            graph.annotation(node, ISA.role, "role", self.term_of(role, where), m)
        self.finish(node, item, at)

    def _publication(self, owner: str, n: int, item: Json, at: str) -> None:
        graph = self.graph
        node = graph.mint(owner[1:-1], "publication", f"p{n + 1}")
        graph.add(owner, f"<{SCHEMA.citation}>", node)
        graph.types(node, f"<{SCHEMA.ScholarlyArticle}>")
        graph.index(node, n)
        graph.text(node, SCHEMA.name, self.take_text(item, "title", at))
        graph.text(node, ISA.pubMedID, self.take_text(item, "pubMedID", at))
        graph.doi(node, self.take_text(item, "doi", at))
        graph.text(node, ISA.authorList, self.take_text(item, "authorList", at))
        self.take_term(node, ISA.publicationStatus, item, "status", at)
        self.finish(node, item, at)

    # -- study and assay -----------------------------------------------------------------------------------------

    def _study(self, root: str, document: Scope, n: int, item: Json, at: str) -> str:
        graph = self.graph
        name = _text(item.get("identifier")) or _stem(item.get("filename")) or f"study{n + 1}"
        node = graph.mint(graph.dataset, "study", name, n)
        graph.studies.append(node[1:-1])
        graph.add(root, f"<{SCHEMA.hasPart}>", node)
        graph.types(node, f"<{ISA.Study}>", f"<{SCHEMA.Dataset}>")
        graph.index(node, n)
        title = self._describe(node, item, at)
        scope = Scope(document)
        for m, descriptor, where in self.objects(item, "studyDesignDescriptors", at):
            graph.annotation(node, ISA.designDescriptor, "design", self.term_of(descriptor, where), m)
        for m, factor, where in self.objects(item, "factors", at):
            self._factor(node, scope, m, factor, where)
        for m, protocol, where in self.objects(item, "protocols", at):
            self._protocol(node, scope, m, protocol, where)
        table = _Table(self, node, node, scope)
        table.declare(item, at)
        table.materials(item, at)
        assays = []
        for m, assay, where in self.objects(item, "assays", at):
            assays.append(self._assay(node, scope, m, assay, where))
        table.processes(item, at)
        for assay_table, assay, where in assays:
            assay_table.processes(assay, where)
            self.finish(assay_table.node, assay, where)
        self.finish(node, item, at)
        return title

    def _assay(self, study: str, scope: Scope, n: int, item: Json, at: str) -> tuple[_Table, Json, str]:
        graph = self.graph
        file_name = self.take_text(item, "filename", at)
        node = graph.mint(study[1:-1], "assay", _stem(file_name) or f"assay{n + 1}", n)
        graph.add(study, f"<{SCHEMA.hasPart}>", node)
        graph.types(node, f"<{ISA.Assay}>", f"<{SCHEMA.Dataset}>")
        graph.index(node, n)
        graph.text(node, ISA.fileName, file_name)
        self.take_term(node, ISA.measurementType, item, "measurementType", at)
        self.take_term(node, ISA.technologyType, item, "technologyType", at)
        graph.text(node, ISA.technologyPlatform, self.take_text(item, "technologyPlatform", at))
        table = _Table(self, study, node, Scope(scope))
        table.declare(item, at)
        table.materials(item, at)
        table.data_files(item, at)
        return table, item, at

    def _factor(self, study: str, scope: Scope, n: int, item: Json, at: str) -> None:
        graph = self.graph
        node = graph.category(study, "factor", ISA.Factor, self.take_text(item, "factorName", at))
        graph.add(study, f"<{ISA.factor}>", node)
        graph.index(node, n)
        self.take_term(node, ISA.factorType, item, "factorType", at)
        scope.declare("factor", item, node)
        self.finish(node, item, at)

    def _protocol(self, study: str, scope: Scope, n: int, item: Json, at: str) -> None:
        graph = self.graph
        name = self.take_text(item, "name", at)
        node = graph.category(study, "protocol", BIOSCHEMAS.LabProtocol, name)
        graph.add(study, f"<{ISA.protocol}>", node)
        graph.types(node, f"<{PROV.Plan}>")
        graph.index(node, n)
        self.take_term(node, ISA.protocolType, item, "protocolType", at)
        graph.text(node, SCHEMA.description, self.take_text(item, "description", at))
        graph.text(node, SCHEMA.url, self.take_text(item, "uri", at))
        graph.text(node, SCHEMA.version, self.take_text(item, "version", at))
        scope.declare("protocol", item, node)
        for m, parameter, where in self.objects(item, "parameters", at):
            self.named_term(node, scope, "parameter", m, parameter, where)
        for m, component, where in self.objects(item, "components", at):
            part_name = self.take_text(component, "componentName", where)
            part = graph.mint(node[1:-1], "component", part_name or f"c{m + 1}")
            graph.add(node, f"<{ISA.component}>", part)
            graph.types(part, f"<{ISA.Component}>")
            graph.text(part, SCHEMA.name, part_name)
            self.take_term(part, ISA.componentType, component, "componentType", where)
            graph.index(part, m)
            self.finish(part, component, where)
        self.finish(node, item, at)

    def named_term(self, owner: str, scope: Scope, kind: str, n: int, item: Json, at: str) -> None:
        """A protocol parameter or characteristic category: something whose name is an ontology annotation."""
        graph = self.graph
        key, rdf_type, name_property, predicate = (
            ("parameterName", ISA.Parameter, ISA.parameterName, ISA.parameter)
            if kind == "parameter"
            else (
                "characteristicType",
                ISA.CharacteristicCategory,
                ISA.characteristicType,
                ISA.characteristicCategory,
            )
        )
        annotation = item.get(key)
        label = _text(annotation.get("annotationValue")) if isinstance(annotation, dict) else ""
        node = graph.mint(owner[1:-1], kind, label or f"{kind[0]}{n + 1}")
        graph.add(owner, f"<{predicate}>", node)
        graph.types(node, f"<{rdf_type}>")
        graph.text(node, SCHEMA.name, label)
        graph.index(node, n)
        self.take_term(node, name_property, item, key, at)
        scope.declare(kind, item, node)
        self.finish(node, item, at)


class _Table:
    """The materials and processes of one study or assay."""

    def __init__(self, reader: _Document, study: str, node: str, scope: Scope) -> None:
        self.reader, self.graph = reader, reader.graph
        self.study, self.node, self.scope = study, node, scope
        self.earlier: dict[str, list[str]] = {}

    def declare(self, item: Json, at: str) -> None:
        """Read the characteristic and unit categories."""
        reader, scope = self.reader, self.scope
        for n, category, where in reader.objects(item, "characteristicCategories", at):
            reader.named_term(self.node, scope, "characteristic", n, category, where)
        for n, unit, where in reader.objects(item, "unitCategories", at):
            given = {key: unit.pop(key) for key in NOTATION if key in unit}
            term = reader.term_of(unit, where)
            annotation = self.graph.annotation(self.node, ISA.unitCategory, "unit", term, n)
            self.graph.notation(annotation, given)
            scope.declare("unit", given, self.graph.term(term))

    def materials(self, item: Json, at: str) -> None:
        """Read sources, samples and other materials."""
        reader, materials = self.reader, item.pop("materials", None)
        if not isinstance(materials, dict):
            if not says_nothing(materials):
                item["materials"] = materials
            return
        at = f"{at}/materials"
        for n, source, where in reader.objects(materials, "sources", at):
            self._material("source", n, source, where)
        is_study = self.node == self.study
        repeated = False
        for n, sample, where in reader.objects(materials, "samples", at):
            known = self.scope.find("sample", sample)
            if is_study or (known is None and len(sample) > 1):
                self._material("sample", n, sample, where)
            else:
                repeated |= len(set(sample) - set(NOTATION)) > 0
                if sample_node := known or self._missing("sample", sample, where):
                    self.graph.add(self.node, MEMBERSHIP["sample"], sample_node)
        if repeated:  # a fact of notation: the assay describes its samples again instead of naming them
            self.graph.add(self.node, f"<{ISA.repeatsSamples}>", f'"true"^^<{XSD.boolean}>')
        for n, material, where in reader.objects(materials, "otherMaterials", at):
            kind = MATERIAL_KINDS.get(_text(material.get("type")), "extract")
            self._material(kind, n, material, where)
        reader.keep_rest(self.node, materials, at)

    def _material(self, kind: str, n: int, item: Json, at: str) -> None:
        graph, reader = self.graph, self.reader
        name = reader.take_text(item, "name", at)
        node = graph.mint(self.node[1:-1], kind, name or f"{kind}{n + 1}")
        graph.types(node, *NODE_TYPES[kind])
        graph.add(self.node, MEMBERSHIP[kind], node)
        graph.text(node, SCHEMA.name, name)
        graph.index(node, n)
        if kind == "sample":
            graph.samples.append(node[1:-1])
        material_type = _text(item.get("type"))
        if material_type in MATERIAL_KINDS:
            del item["type"]
        self.scope.declare(kind if kind in ("source", "sample") else "material", item, node)
        for key, value_kind in (("characteristics", "characteristic"), ("factorValues", "factor")):
            for m, value, where in reader.objects(item, key, at):
                self._value(node, PROPERTY, value_kind, m, value, where)
        for _, origin, where in reader.objects(item, "derivesFrom", at):
            found = self.scope.find_any(("source", "sample", "material"), origin)
            if found := found or self._missing("source", origin, where):
                graph.add(node, f"<{ISA.derivesFrom}>", found)
                graph.add(node, DERIVED, found)
        reader.finish(node, item, at)

    def data_files(self, item: Json, at: str) -> None:
        """Read the data files of an assay."""
        graph, reader = self.graph, self.reader
        for n, data, where in reader.objects(item, "dataFiles", at):
            name = reader.take_text(data, "name", where)
            node = graph.mint(self.node[1:-1], "data", name or f"data{n + 1}")
            graph.types(node, *NODE_TYPES["data"])
            graph.add(self.node, MEMBERSHIP["data"], node)
            graph.text(node, SCHEMA.name, name)
            graph.text(node, ISA.fileType, reader.take_text(data, "type", where))
            graph.index(node, n)
            self.scope.declare("data", data, node)
            reader.finish(node, data, where)

    def _value(self, owner: str, predicate: str, kind: str, n: int, item: Json, at: str) -> None:
        """A characteristic, factor value or parameter value: category, value, unit."""
        graph, reader = self.graph, self.reader
        category = item.pop("category", None)
        found = self.scope.find(kind, category) if isinstance(category, dict) else None
        if found is None and isinstance(category, dict) and category:
            found = self._missing(kind, category, f"{at}/category")
        label = found[1:-1].rsplit("/", 1)[1] if found else f"v{n + 1}"
        path = {"characteristic": kind, "factor": "factor-value"}.get(kind, "parameter-value")
        node = graph.mint(owner[1:-1], path, label)
        graph.add(owner, predicate, node)
        graph.types(node, PROPERTY_VALUE)
        if found:
            graph.add(node, CATEGORY, found)
        graph.write(f'{node} {INDEX} "{n}"^^<{XSD.integer}> .\n')
        value = item.pop("value", None)
        if isinstance(value, dict):
            if term := reader.term_of(value, f"{at}/value"):
                graph.add(node, TERM, graph.term(term))
        elif isinstance(value, (str, int, Decimal)) and value != "":
            graph.scalar(node, VALUE, value)
        elif not says_nothing(value):
            item["value"] = value
        self._unit(node, item, at)
        reader.finish(node, item, at)

    def _unit(self, node: str, item: Json, at: str) -> None:
        unit = item.pop("unit", None)
        if not isinstance(unit, dict) or not unit:
            if not says_nothing(unit):
                item["unit"] = unit
            return
        found = self.scope.find("unit", unit)
        if found is None:
            term = self.reader.term_of(dict(unit), f"{at}/unit")
            found = self.graph.term(term) if term else self._missing("unit", unit, f"{at}/unit")
        if found:
            self.graph.add(node, UNIT, found)

    def _missing(self, kind: str, reference: Json, at: str) -> str:
        """Something that is referred to and declared nowhere in sight: it gets a node that says so."""
        graph = self.graph
        local = _text(reference.get("@id"))
        if not local:
            message = f"an empty @id refers to no {kind}"
            graph.find("warning", "isa-empty-reference", message, where=self.reader.at(at))
            return ""
        node = graph.mint(self.node[1:-1], kind, local.rsplit("/", 1)[-1] or "undeclared", "undeclared")
        code = {"factor": "1008", "parameter": "1009", "characteristic": "1013", "unit": "1014"}
        message = f"{local!r} is referred to as {kind} but declared neither here nor in the study"
        graph.find("violation", f"isa-{kind}-undeclared", message, code=code.get(kind, "1005"), where=self.reader.at(at))
        graph.add(node, f"<{ISA.undeclared}>", f'"true"^^<{XSD.boolean}>')
        graph.types(node, *UNDECLARED_TYPES.get(kind, ()))
        graph.notation(node, {key: _text(reference[key]) for key in NOTATION if key in reference})
        self.scope.declare(kind, reference, node)
        return node

    # -- processes -----------------------------------------------------------------------------------------------

    def processes(self, item: Json, at: str) -> None:
        """Read the process sequence; links between processes may point forward."""
        graph, reader = self.graph, self.reader
        read: list[tuple[str, Json, str]] = []
        for n, process, where in reader.objects(item, "processSequence", at):
            name = reader.take_text(process, "name", where)
            label = name or _text(process.get("@id")).rsplit("/", 1)[-1] or f"p{n + 1}"
            node = graph.mint(self.node[1:-1], "process", label)
            graph.types(node, *NODE_TYPES["process"])
            graph.add(self.node, MEMBERSHIP["process"], node)
            graph.text(node, SCHEMA.name, name)
            graph.index(node, n)
            self.scope.declare("process", process, node)
            read.append((node, process, where))
        edges: dict[str, tuple[list[str], list[str]]] = {}
        for node, process, where in read:
            edges[node] = self._process(node, process, where)
        self._derive(edges)
        successors: dict[str, list[str]] = {}
        for inputs, outputs in edges.values():
            for entity in inputs:
                successors.setdefault(entity, []).extend(outputs)
        if cycle := find_cycle(successors):
            names = " -> ".join(iri[1:-1].rsplit("/", 1)[1] for iri in (*cycle, cycle[0]))
            where = reader.at(f"{at}/processSequence")
            graph.find("violation", "isa-cycle", f"the experimental graph has a cycle: {names}", where=where)

    def _process(self, node: str, item: Json, at: str) -> tuple[list[str], list[str]]:
        graph, reader = self.graph, self.reader
        protocol = item.pop("executesProtocol", None)
        if isinstance(protocol, dict) and protocol:
            found = self.scope.find("protocol", protocol)
            found = found or self._missing("protocol", protocol, f"{at}/executesProtocol")
            if found:
                graph.add(node, EXECUTES, found)
        graph.date(node, SCHEMA.endTime, reader.take_text(item, "date", at))
        if performer := reader.take_text(item, "performer", at):
            agent = graph.agent(performer)
            graph.add(node, f"<{SCHEMA.agent}>", agent)
            graph.add(node, f"<{PROV.wasAssociatedWith}>", agent)
        for n, value, where in reader.objects(item, "parameterValues", at):
            self._value(node, PARAMETER_VALUE, "parameter", n, value, where)
        kinds = ("source", "sample", "material", "data")
        inputs = self._references(item, "inputs", kinds, at)
        outputs = self._references(item, "outputs", kinds, at)
        for entity in inputs:
            graph.write(f"{node} {OBJECT} {entity} .\n{node} {USED} {entity} .\n")
        for entity in outputs:
            graph.write(f"{node} {RESULT} {entity} .\n{entity} {GENERATED} {node} .\n")
        for key in ("nextProcess", "previousProcess"):
            link = item.pop(key, None)
            if isinstance(link, dict) and link:
                found = self.scope.find("process", link)
                found = found or self._missing("process", link, f"{at}/{key}")
                if not found:
                    continue
                predicate = NEXT if key == "nextProcess" else f"<{ISA.previousProcess}>"
                earlier, later = (node, found) if key == "nextProcess" else (found, node)
                graph.write(f"{node} {predicate} {found} .\n{later} {INFORMED} {earlier} .\n")
                self.earlier.setdefault(later, []).append(earlier)
        reader.finish(node, item, at)
        return inputs, outputs

    def _references(self, item: Json, key: str, kinds: Iterable[str], at: str) -> list[str]:
        found = []
        for _, reference, where in self.reader.objects(item, key, at):
            node = self.scope.find_any(kinds, reference)
            found.append(node or self._missing("material", reference, where))
        return list(dict.fromkeys(filter(None, found)))

    def _derive(self, edges: dict[str, tuple[list[str], list[str]]]) -> None:
        """Write derivations as ``queries/derive/derivation.rq`` does: for processes with one input or one output."""
        for process, (inputs, outputs) in edges.items():
            origins = inputs or list(dict.fromkeys(self._chain_inputs(process, edges)))
            if len(origins) == 1 or len(outputs) == 1:
                for output in outputs:
                    for entity in origins:
                        self.graph.write(f"{output} {DERIVED} {entity} .\n")

    def _chain_inputs(self, process: str, edges: dict[str, tuple[list[str], list[str]]]) -> Iterator[str]:
        """Yield the inputs of the processes before one that has none of its own."""
        seen: set[str] = set()
        waiting = list(self.earlier.get(process, ()))
        while waiting:
            before = waiting.pop()
            if before not in seen:
                seen.add(before)
                yield from edges.get(before, ((), ()))[0]
                waiting.extend(self.earlier.get(before, ()))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _stem(value: Any) -> str:
    return _text(value).rsplit("/", 1)[-1].rsplit(".", 1)[0]
