"""The materials, data files and processes of one study or assay in ISA-JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

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
    Term,
    says_nothing,
)
from fairgraph.importers.isa_json_scope import Commented, Json, Reader, Scope, Take, text_of
from fairgraph.importers.isa_json_values import CarriedValues
from fairgraph.importers.isa_processes import find_cycle
from fairgraph.isa.carriers import (
    COLUMN,
    DERIVES_FROM,
    FILE_TYPE,
    NO_PROTOCOL,
    PREVIOUS_PROCESS,
    SHOWN_IN,
)
from fairgraph.terms import BIOSCHEMAS, FG, ISA, PROV, SCHEMA, XSD

UNDECLARED_TYPES = {
    "factor": (f"<{ISA.Factor}>",),
    "parameter": (f"<{ISA.Parameter}>",),
    "characteristic": (f"<{ISA.CharacteristicCategory}>",),
    "protocol": (f"<{BIOSCHEMAS.LabProtocol}>", f"<{PROV.Plan}>"),
    "unit": (f"<{SCHEMA.DefinedTerm}>",),
}
UNDECLARED_CODES = {
    "factor": "1008",
    "parameter": "1009",
    "characteristic": "1013",
    "unit": "1014",
    "protocol": "1007",
    "process": "1006",
}
_ID_OF_SOURCE = re.compile(r"#?(source|sample)/")
MATERIAL_KINDS = {"Extract Name": "extract", "Labeled Extract Name": "labeled-extract"}


class Table:
    """The materials and processes of one study or assay."""

    def __init__(
        self, reader: Reader, study: str, node: str, scope: Scope, carried: CarriedValues
    ) -> None:
        self.reader, self.graph = reader, reader.graph
        self.study, self.node, self.scope, self.carried = study, node, scope, carried
        self.earlier: dict[str, list[str]] = {}
        self.sequence: set[str] = set()
        self.missing: set[str] = set()
        # What is said to come from something, which may be declared further down: in a comment, and under derivesFrom.
        self.origins: list[tuple[str, str]] = []
        self.references: list[tuple[str, Json, str]] = []

    def declare(self, item: Json, at: str) -> None:
        """Read the characteristic and unit categories."""
        reader, scope = self.reader, self.scope
        for n, category, where in reader.objects(item, "characteristicCategories", at):
            reader.named_term(self.node, scope, "characteristic", n, category, where)
        units: set[Term] = set()  # two declarations of the same content are still two
        for n, unit, where in reader.objects(item, "unitCategories", at):
            given = {key: unit.pop(key) for key in NOTATION if key in unit}
            term = reader.term_of(unit, where)
            node = self.graph.term(term, anew=term in units)
            units.add(term)
            annotation = self.graph.annotation(self.node, ISA.unitCategory, "unit", term, n, node)
            self.graph.notation(annotation, given)
            scope.declare("unit", given, node)

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
                self.scope.give("sample", sample)
                self._material("sample", n, sample, where)
            else:
                described = set(sample) - set(NOTATION)
                if described and self.scope.given("sample", sample) != sample:
                    message = "is described in the assay in another way than in the study; the study counts"
                    self.graph.find(
                        "warning", "isa-repeated-description", message, where=reader.at(where)
                    )
                repeated |= bool(described)
                if sample_node := known or self._missing("sample", sample, {}, where):
                    self.graph.add(self.node, MEMBERSHIP["sample"], sample_node)
        if (
            repeated
        ):  # a fact of notation: the assay describes its samples again instead of naming them
            self.graph.add(self.node, f"<{ISA.repeatsSamples}>", f'"true"^^<{XSD.boolean}>')
        for n, material, where in reader.objects(materials, "otherMaterials", at):
            kind = MATERIAL_KINDS.get(text_of(material.get("type")), "extract")
            self._material(kind, n, material, where)
        for node, origin, where in self.references:
            if found := self._refer(("source", "sample", "material"), origin, where):
                self.graph.add(node, f"<{ISA.derivesFrom}>", found)
                self.graph.add(node, DERIVED, found)
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
        material_type = text_of(item.get("type"))
        if material_type in MATERIAL_KINDS:
            del item["type"]
        self.scope.declare(kind if kind in ("source", "sample") else "material", item, node)
        for key, value_kind in (("characteristics", "characteristic"), ("factorValues", "factor")):
            for m, value, where in reader.objects(item, key, at):
                self._value(node, PROPERTY, value_kind, m, value, where)
        for _, origin, where in reader.objects(item, "derivesFrom", at):
            self.references.append((node, origin, where))
        reader.finish(node, item, at, self._taker(node))

    def _taker(self, node: str) -> Take:
        return lambda comment, n: self._take(node, comment)

    def _take(self, node: str, comment: Commented) -> bool:
        """Write what a comment on a material, data file or process carries; False if it carries nothing."""
        if comment.name == DERIVES_FROM:
            self.origins.append((node, comment.text))
            return True
        if comment.name == COLUMN and comment.text.isascii() and comment.text.isdecimal():
            column = f"<{self.node[1:-1]}/column/c{int(comment.text[:9])}>"
            self.graph.add(node, f"<{FG.column}>", column)
            return True
        if comment.name == PREVIOUS_PROCESS:
            earlier = self.scope.find("process", {"@id": comment.text})
            if earlier:
                self._precede(node, f"<{ISA.previousProcess}>", earlier, earlier, node)
                return True
        return self.carried.take(node, comment)

    def _write_origins(self) -> None:
        """Write what comments on materials and data files say of what they come from, when all are declared."""
        for node, local in self.origins:
            kinds = ("material", "source", "sample", "data")
            if found := self.scope.find_any(kinds, {"@id": local}):
                self.graph.add(node, f"<{ISA.derivesFrom}>", found)
                self.graph.add(node, DERIVED, found)
            else:
                self.graph.comment(node, DERIVES_FROM, local, 0)

    def _precede(self, node: str, predicate: str, other: str, earlier: str, later: str) -> None:
        self.graph.write(f"{node} {predicate} {other} .\n{later} {INFORMED} {earlier} .\n")
        self.earlier.setdefault(later, []).append(earlier)

    def data_files(self, item: Json, at: str) -> None:
        """Read the data files of an assay."""
        graph, reader = self.graph, self.reader
        for n, data, where in reader.objects(item, "dataFiles", at):
            name = reader.take_text(data, "name", where)
            node = graph.mint(self.node[1:-1], "data", name or f"data{n + 1}")
            graph.types(node, *NODE_TYPES["data"])
            graph.add(self.node, MEMBERSHIP["data"], node)
            graph.text(node, SCHEMA.name, name)
            graph.text(node, ISA.fileType, self._file_type(data, where))
            graph.index(node, n)
            self.scope.declare("data", data, node)
            reader.finish(node, data, where, self._taker(node))

    def _file_type(self, data: Json, at: str) -> str:
        """Take the type of a data file: the heading that a comment carries, where the schema has no such type."""
        given = self.reader.take_text(data, "type", at)
        comments = data.get("comments")
        for comment in comments if isinstance(comments, list) else []:
            carries = isinstance(comment, dict) and comment.get("name") == FILE_TYPE
            if carries and (heading := text_of(comment.get("value"))):
                data["comments"] = [other for other in comments or () if other is not comment]
                return heading
        return given

    def _value(self, owner: str, predicate: str, kind: str, n: int, item: Json, at: str) -> None:
        """A characteristic, factor value or parameter value: category, value, unit."""
        graph, reader = self.graph, self.reader
        found = self._take_reference(item, "category", (kind,), at)
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
            if term := reader.term_of(dict(value), f"{at}/value"):
                graph.add(node, TERM, graph.term(term))
        elif isinstance(value, (str, int, Decimal)) and value != "":
            graph.scalar(node, VALUE, value)
        elif not says_nothing(value):
            item["value"] = value
        self._unit(node, item, at)
        reader.finish(node, item, at, lambda comment, n: self._take_place(node, comment))

    def _take_place(self, value: str, comment: Commented) -> bool:
        """Write which table shows a value, if a comment carries that."""
        if comment.name != SHOWN_IN:
            return False
        self.carried.places.append((value, comment.text))
        return True

    def _unit(self, node: str, item: Json, at: str) -> None:
        unit = item.pop("unit", None)
        if not isinstance(unit, dict) or not unit:
            if not says_nothing(unit):
                item["unit"] = unit
            return
        found = self.scope.find("unit", unit)
        if found is not None and set(unit) - set(NOTATION):
            message = "is described again where it is referred to; the declaration counts"
            where = self.reader.at(f"{at}/unit")
            self.graph.find("info", "isa-repeated-description", message, where=where)
        if found is None:
            term = self.reader.term_of(dict(unit), f"{at}/unit")
            found = self.graph.term(term) if term else self._missing("unit", unit, {}, f"{at}/unit")
        if found:
            self.graph.add(node, UNIT, found)

    def _refer(self, kinds: Sequence[str], reference: Any, at: str) -> str:
        """Return the node that a reference stands for, the first of *kinds* if it has to be made; ``""`` if it says nothing.

        An object that is described where it is referred to is read if nobody declares it; else the declaration counts.
        """
        if not isinstance(reference, dict) or not reference:
            return ""
        described = {
            key: value
            for key, value in reference.items()
            if key not in NOTATION and not says_nothing(value)
        }
        found = self.scope.find_any(kinds, reference)
        if found is None:
            return self._missing(self._kind(kinds, reference), reference, described, at)
        if described:
            message = "is described again where it is referred to; the declaration counts"
            self.graph.find("info", "isa-repeated-description", message, where=self.reader.at(at))
        return found

    def _kind(self, kinds: Sequence[str], reference: Json) -> str:
        """What something undeclared is, as far as that can be told: a study has sources and samples, an assay what is made of them."""
        if "source" in kinds and kinds[0] == "material":
            is_source = _ID_OF_SOURCE.match(text_of(reference.get("@id")))
            return "source" if is_source or self.node == self.study else "material"
        return kinds[0]

    def _missing(self, kind: str, reference: Json, described: Json, at: str) -> str:
        """Something that is referred to and declared nowhere in sight: it gets a node that says so."""
        graph, local = self.graph, text_of(reference.get("@id"))
        where = self.reader.at(at)
        if not local and not described:
            message = f"an empty @id refers to no {kind}"
            if kind == "protocol":
                graph.find("violation", "isa-protocol-reference", message, code="1007", where=where)
            else:
                graph.find("warning", "isa-empty-reference", message, where=where)
            return ""
        texts = [key for key in ("name", "factorName") if text_of(described.get(key))]
        name = described.pop(texts[0]) if texts else ""
        terms = [
            key
            for key in ("characteristicType", "parameterName")
            if isinstance(described.get(key), dict)
        ]
        term = described.pop(terms[0]) if terms else None
        label = name or (text_of(term.get("annotationValue")) if isinstance(term, dict) else "")
        stem = local.rsplit("/", 1)[-1] or label or "undeclared"
        node = graph.mint(self.node[1:-1], kind, stem, "undeclared")
        message = f"{local or label!r} is referred to as {kind} but declared neither here nor in the study"
        code = UNDECLARED_CODES.get(kind, "1005")
        graph.find("violation", f"isa-{kind}-undeclared", message, code=code, where=where)
        graph.add(node, f"<{ISA.undeclared}>", f'"true"^^<{XSD.boolean}>')
        graph.types(node, *UNDECLARED_TYPES.get(kind, ()))
        graph.text(node, SCHEMA.name, label)
        if isinstance(term, dict):
            predicate = ISA.parameterName if kind == "parameter" else ISA.characteristicType
            graph.term_property(node, predicate, self.reader.term_of(dict(term), at))
        given = {key: text_of(reference[key]) for key in NOTATION if key in reference}
        graph.notation(node, given)
        self.reader.keep_rest(node, described, at)
        self.scope.declare(kind, reference, node)
        self.missing.add(node)
        return node

    # -- processes -----------------------------------------------------------------------------------------------

    def processes(self, item: Json, at: str) -> None:
        """Read the process sequence; links between processes may point forward."""
        graph, reader = self.graph, self.reader
        self._write_origins()
        read: list[tuple[str, Json, str]] = []
        for n, process, where in reader.objects(item, "processSequence", at):
            name = reader.take_text(process, "name", where)
            label = name or text_of(process.get("@id")).rsplit("/", 1)[-1] or f"p{n + 1}"
            node = graph.mint(self.node[1:-1], "process", label)
            graph.types(node, *NODE_TYPES["process"])
            graph.add(self.node, MEMBERSHIP["process"], node)
            graph.text(node, SCHEMA.name, name)
            graph.index(node, n)
            self.scope.declare("process", process, node)
            self.sequence.add(node)
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
            graph.find(
                "violation",
                "isa-cycle",
                f"the experimental graph has a cycle: {names}",
                where=where,
            )

    def _process(self, node: str, item: Json, at: str) -> tuple[list[str], list[str]]:
        graph, reader = self.graph, self.reader
        protocol = self._take_reference(item, "executesProtocol", ("protocol",), at)
        if protocol and protocol != NO_PROTOCOL:
            graph.add(node, EXECUTES, protocol)
        graph.date(node, SCHEMA.endTime, reader.take_text(item, "date", at))
        if performer := reader.take_text(item, "performer", at):
            agent = graph.agent(performer)
            graph.add(node, f"<{SCHEMA.agent}>", agent)
            graph.add(node, f"<{PROV.wasAssociatedWith}>", agent)
        for n, value, where in reader.objects(item, "parameterValues", at):
            self._value(node, PARAMETER_VALUE, "parameter", n, value, where)
        kinds = ("material", "source", "sample", "data")
        inputs = self._references(item, "inputs", kinds, at)
        outputs = self._references(item, "outputs", kinds, at)
        for entity in inputs:
            graph.write(f"{node} {OBJECT} {entity} .\n{node} {USED} {entity} .\n")
        for entity in outputs:
            graph.write(f"{node} {RESULT} {entity} .\n{entity} {GENERATED} {node} .\n")
        for key in ("nextProcess", "previousProcess"):
            found = self._take_reference(item, key, ("process",), at)
            if not found:
                continue
            if found not in self.sequence and found not in self.missing:
                message = f"{key} is a process of another sequence than this one"
                where = reader.at(f"{at}/{key}")
                graph.find("violation", "isa-process-elsewhere", message, code="1006", where=where)
            predicate = NEXT if key == "nextProcess" else f"<{ISA.previousProcess}>"
            earlier, later = (node, found) if key == "nextProcess" else (found, node)
            self._precede(node, predicate, found, earlier, later)
        reader.finish(node, item, at, self._taker(node))
        return inputs, outputs

    def _take_reference(self, item: Json, key: str, kinds: Sequence[str], at: str) -> str:
        """Take a reference out of an object; what is none stays in *item*, to be kept with the rest."""
        reference = item.pop(key, None)
        if not isinstance(reference, dict) and not says_nothing(reference):
            item[key] = reference
        return self._refer(kinds, reference, f"{at}/{key}")

    def _references(self, item: Json, key: str, kinds: Sequence[str], at: str) -> list[str]:
        found = []
        for _, reference, where in self.reader.objects(item, key, at):
            found.append(self._refer(kinds, reference, where))
        return list(dict.fromkeys(filter(None, found)))

    def _derive(self, edges: dict[str, tuple[list[str], list[str]]]) -> None:
        """Write derivations as ``queries/derive/derivation.rq`` does: for processes with one input or one output."""
        for process, (inputs, outputs) in edges.items():
            origins = inputs or list(dict.fromkeys(self._chain_inputs(process, edges)))
            if len(origins) == 1 or len(outputs) == 1:
                for output in outputs:
                    for entity in origins:
                        self.graph.write(f"{output} {DERIVED} {entity} .\n")

    def _chain_inputs(
        self, process: str, edges: dict[str, tuple[list[str], list[str]]]
    ) -> Iterator[str]:
        """Yield the inputs of the processes before one that has none of its own."""
        seen: set[str] = set()
        waiting = list(self.earlier.get(process, ()))
        while waiting:
            before = waiting.pop()
            if before not in seen:
                seen.add(before)
                yield from edges.get(before, ((), ()))[0]
                waiting.extend(self.earlier.get(before, ()))
