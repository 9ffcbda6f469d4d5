"""The materials, data files and processes of a study or assay as ISA-JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Protocol

from fairgraph.exports.isa_json_text import Ids, Json, Long, scalar
from fairgraph.exports.isa_view import IsaView, Node, Value, lexical
from fairgraph.isa.carriers import (
    COLUMN,
    DERIVES_FROM,
    FILE_TYPE,
    NO_PROTOCOL,
    PREVIOUS_PROCESS,
    SHOWN_IN,
    Carrier,
)
from fairgraph.isa.columns import MATERIALS
from fairgraph.isa.notation import DATA_TYPES
from fairgraph.terms import BIOSCHEMAS, ISA, SCHEMA

# Comments with this prefix carry what ISA-JSON has no place for: one value of one node each.
CARRIER = "isatab:"

FILE_TYPES = {name.lower(): name for name in DATA_TYPES}


EMPTY_TERM: Json = {"annotationValue": "", "termSource": "", "termAccession": ""}
UNKNOWN_PROTOCOL: Json = {
    "@id": "#protocol/unknown",
    "name": "unknown",
    "protocolType": EMPTY_TERM,
    "parameters": [],
    "components": [],
    "comments": [{"name": NO_PROTOCOL, "value": "none"}],
}


class Document(Protocol):
    """What the tables ask of the document that they are in."""

    view: IsaView
    ids: Ids
    inline: bool

    def describe_by(self, node: str, describe: Callable[[], Json]) -> None: ...

    def reference(self, node: str) -> Json: ...

    def notation(self, node: str, kind: str = "") -> Json: ...

    def comments(self, node: str) -> list[Json]: ...

    def term(self, node: str) -> Json: ...

    def category(self, node: str) -> Json: ...

    def qualifiers(self, name: str, term: str, unit: str) -> Iterator[Json]: ...


class Table:
    """The materials, files and processes of a study or an assay."""

    def __init__(self, document: Document, node: str, study: Table | None = None) -> None:
        self.document, self.view, self.ids = document, document.view, document.ids
        self.node, self.study = node, study
        self.nodes: dict[str, list[Node]] = {}
        for member in self.view.members.get(node, ()):
            self.nodes.setdefault(member.kind, []).append(member)
        self.declared = self.view.links(node, ISA.characteristicCategory)
        units = self.view.lists.get((node, ISA.unitCategory), [])
        self.unit_nodes: dict[str, str] = {}  # the term to the declaration
        for unit in units:
            self.unit_nodes.setdefault(unit.term, unit.iri)
        self.unit_list = list(units)
        self.unit_references: dict[str, Json] = {}
        self._earlier: dict[str, list[str]] | None = None
        self._places = self._columns_to_tell()
        self.ids.claim_all(node, self.declared)
        self.ids.claim_all(node, [unit.iri for unit in units])
        for kind in ("source", "sample", "material", "data", "process"):
            self.ids.claim_all(node, [member.iri for member in self.nodes.get(kind, ())])
        if document.inline:
            self._offer_descriptions()

    def _offer_descriptions(self) -> None:
        offer = self.document.describe_by
        for category in self.declared:
            offer(category, cache(partial(self.document.category, category)))
        for unit in self.unit_list:
            offer(unit.iri, cache(partial(self._unit_category, unit)))
        described: dict[str, Callable[[Node], Json]] = {
            "source": self._source,
            "sample": partial(self._sample, copy=True),
            "material": self._material,
            "data": self._data_file,
            "process": partial(self._process, copy=True),
        }
        for kind, nodes in self.nodes.items():
            if kind != "sample" or self.study is None:
                for node in nodes:
                    offer(node.iri, partial(described[kind], node))

    def _columns_to_tell(self) -> dict[str, Json]:
        """Return the carriers of the columns that materials and data files do not find by their kind: of two of one heading."""
        columns = self.view.links(self.node, ISA.column)
        headings = [self.view.text(column, ISA.header).strip().lower() for column in columns]
        return {
            column: {"name": COLUMN, "value": str(n)}
            for n, (column, heading) in enumerate(zip(columns, headings, strict=True), 1)
            if (heading.endswith(" file") or heading in MATERIALS) and headings.count(heading) > 1
        }

    def _place(self, node: Node) -> Iterator[Json]:
        if place := self._places.get(node.column):
            yield place

    def adopt(self, assays: Sequence[Table]) -> None:
        """Declare in the study what its sources and samples have from assay tables, so that every reference can be resolved."""
        for assay in assays:
            name = self.view.text(assay.node, ISA.fileName)
            for n, column in enumerate(self.view.links(assay.node, ISA.column), 1):
                self._places[column] = {"name": Carrier("column of", name).name, "value": str(n)}
        known = set(self.declared)
        elsewhere = {category for assay in assays for category in assay.declared}
        units = {unit.term: unit for assay in reversed(assays) for unit in assay.unit_list}
        nodes = [*self.nodes.get("source", ()), *self.nodes.get("sample", ())]
        for value in (value for node in nodes for value in self.view.values.get(node.iri, ())):
            if value.category in elsewhere and value.category not in known:
                known.add(value.category)
                self.declared.append(value.category)
            if value.unit in units and value.unit not in self.unit_nodes:
                self.unit_nodes[value.unit] = units[value.unit].iri
                self.unit_list.append(units[value.unit])

    def categories(self) -> list[Json]:
        return [self.document.category(node) for node in self.declared]

    def units(self) -> list[Json]:
        return [self._unit_category(unit) for unit in self.unit_list]

    def _unit_category(self, unit: Value) -> Json:
        return {
            **(self.document.term(unit.term) if unit.term else EMPTY_TERM),
            **self.document.notation(unit.iri, "unit"),
        }

    def materials(self) -> Json:
        samples = (self._sample(node) for node in self.nodes.get("sample", ()))
        others = (self._material(node) for node in self.nodes.get("material", ()))
        if self.study is None:
            sources = (self._source(node) for node in self.nodes.get("source", ()))
            return Long(sources=sources, samples=samples, otherMaterials=others)
        if not self.view.flag(self.node, ISA.repeatsSamples):
            samples = (self._reference(node.iri) for node in self.nodes.get("sample", ()))
        return Long(samples=samples, otherMaterials=others)

    def data_files(self) -> Iterator[Json]:
        return (self._data_file(node) for node in self.nodes.get("data", ()))

    def _data_file(self, node: Node) -> Json:
        comments = self._comments(node.iri)
        comments += self._place(node)
        file_type = FILE_TYPES.get(node.file_type.lower())
        if file_type is None:
            file_type = nearest_type(node.file_type)
            if node.file_type:
                comments.append({"name": FILE_TYPE, "value": node.file_type})
        return {
            **self.document.notation(node.iri, "data"),
            "name": node.name,
            "type": file_type,
            "comments": comments,
        }

    def processes(self) -> Iterator[Json]:
        return (self._process(node) for node in self.nodes.get("process", ()))

    def _process(self, node: Node, *, copy: bool = False) -> Json:
        """Describe a process; a copy has no links, which would lead on and on."""
        view = self.view
        about = view.processes.get(node.iri, {})
        values, comments = self._parameter_values(node)
        process = {
            **self.document.notation(node.iri, "process"),
            "name": node.name,
            "executesProtocol": self._protocol(node, about),
            "parameterValues": values,
            "performer": ";".join(sorted(about.get(SCHEMA.agent, ()))),
            "date": min(about.get(SCHEMA.endTime, ()), default=""),
        }
        if not copy:
            edges = view.edges.get(node.iri, {})
            process["inputs"] = self._references(edges.get(SCHEMA.object, ()))
            process["outputs"] = self._references(edges.get(SCHEMA.result, ()))
        process["comments"] = comments
        if not copy:
            self._link_process(process, node, about)
        return process

    def _link_process(self, process: Json, node: Node, about: dict[str, list[str]]) -> None:
        for key, predicate in (
            ("previousProcess", ISA.previousProcess),
            ("nextProcess", ISA.nextProcess),
        ):
            if link := self._link(about, predicate):
                process[key] = link
        if node.tabular and (earlier := self._unsaid_previous(node.iri)):
            process["previousProcess"] = self._reference(earlier[0])
            for other in earlier[1:]:
                process["comments"].append({"name": PREVIOUS_PROCESS, "value": self.ids.of(other)})

    def _unsaid_previous(self, process: str) -> list[str]:
        """Return the processes before one of a table whose ``nextProcess``, which can be one only, is another one."""
        if self._earlier is None:
            self._earlier = {}
            for node in self.nodes.get("process", ()):
                later = self.view.processes.get(node.iri, {}).get(ISA.nextProcess, ())
                for other in sorted(later)[1:]:
                    self._earlier.setdefault(other, []).append(node.iri)
        return self._earlier.get(process, [])

    def _protocol(self, process: Node, about: dict[str, list[str]]) -> Json:
        link = self._link(about, BIOSCHEMAS.executesLabProtocol)
        if link or not process.tabular:
            return link
        inline = self.document.inline
        return dict(UNKNOWN_PROTOCOL) if inline else {"@id": UNKNOWN_PROTOCOL["@id"]}

    @property
    def lacks_protocol(self) -> bool:
        """True if a process of a table has no protocol: readers of ISA-JSON expect every process to have one."""
        return any(
            node.tabular
            and BIOSCHEMAS.executesLabProtocol not in self.view.processes.get(node.iri, {})
            for node in self.nodes.get("process", ())
        )

    # -- nodes ---------------------------------------------------------------------------------------------------

    def _source(self, node: Node) -> Json:
        return {
            **self.document.notation(node.iri, "source"),
            "name": node.name,
            "characteristics": self._values(node, ISA.CharacteristicCategory),
            "comments": [*self._comments(node.iri), *self._place(node)],
        }

    def _sample(self, node: Node, *, copy: bool = False) -> Json:
        sample = {
            **self.document.notation(node.iri, "sample"),
            "name": node.name,
            "characteristics": self._values(node, ISA.CharacteristicCategory),
            "factorValues": self._values(node, ISA.Factor),
            "comments": [*self.document.comments(node.iri), *self._place(node)],
        }
        origins = self.view.edges.get(node.iri, {}).get(ISA.derivesFrom)
        if origins and not copy:
            sample["derivesFrom"] = self._references(origins)
        return sample

    def _material(self, node: Node) -> Json:
        return {
            **self.document.notation(node.iri, "material"),
            "name": node.name,
            "type": "Labeled Extract Name" if node.labeled else "Extract Name",
            "characteristics": self._values(node, ISA.CharacteristicCategory),
            "comments": [*self._comments(node.iri), *self._place(node)],
        }

    def _comments(self, node: str) -> list[Json]:
        """Comments of something that is no sample: ISA-JSON has no place there for factor values, so comments carry them."""
        comments = self.document.comments(node)
        for origin in self.view.edges.get(node, {}).get(ISA.derivesFrom, ()):
            comments.append({"name": DERIVES_FROM, "value": self.ids.of(origin)})
        for value in self.view.values.get(node, ()):
            if self.view.is_a(value.category, ISA.Factor):
                comments += self._carried("Factor Value", value)
        return comments

    def _carried(self, heading: str, value: Value) -> Iterator[Json]:
        name = f"{CARRIER}{heading}[{self.view.text(value.category, SCHEMA.name)}]"
        term = self.document.term(value.term)["annotationValue"] if value.term else _lexical(value)
        yield {"name": name, "value": str(term)}
        if value.term or value.unit:
            yield from self.document.qualifiers(name, value.term, value.unit)

    def _values(self, node: Node, category_type: str) -> list[Json]:
        is_a = self.view.is_a
        return [
            self._value(value, node.tabular)
            for value in self.view.values.get(node.iri, ())
            if is_a(value.category, category_type)
        ]

    def _parameter_values(self, process: Node) -> tuple[list[Json], list[Json]]:
        values, comments = [], self.document.comments(process.iri)
        for value in self.view.values.get(process.iri, ()):
            if self.view.is_a(value.category, ISA.Factor):
                comments += self._carried("Factor Value", value)
            elif value.category in self.ids or value.category in self.view.notation:
                values.append(self._value(value, process.tabular))
            else:  # a parameter of a process without protocol: there is nothing that could declare it
                comments += self._carried("Parameter Value", value)
        return values, comments

    def _value(self, value: Value, tabular: bool) -> Json:
        found = self.document.notation(value.iri)
        if value.category:
            found["category"] = self._reference(value.category)
        if value.term:
            found["value"] = self.document.term(value.term)
        else:
            number = scalar(value.literal, value.raw)
            # In a table a number is one where it has a unit; readers of ISA-JSON expect a unit beside every number.
            found["value"] = _lexical(value) if tabular and not value.unit else number
        if value.unit:
            found["unit"] = self._unit(value.unit)
        comments = self.document.comments(value.iri)
        for table in self.view.shown_in.get(value.iri, ()):
            if table != self.node:
                comments.append({"name": SHOWN_IN, "value": self.view.text(table, ISA.fileName)})
        if comments:
            found["comments"] = comments
        return found

    def _unit(self, term: str) -> Json:
        known = self.unit_references.get(term)
        if known is None:
            known = self.unit_references[term] = self._find_unit(term)
        return known

    def _find_unit(self, term: str) -> Json:
        for table in (self, self.study):
            if table is not None and term in table.unit_nodes:
                return self._reference(table.unit_nodes[term])
        if term in self.view.notation and self.view.flag(term, ISA.undeclared):
            return {"@id": self.ids.of(term)}
        return self.document.term(term)

    def _link(self, about: dict[str, list[str]], predicate: str) -> Json:
        found = about.get(predicate)
        return self._reference(min(found)) if found else {}

    def _reference(self, node: str) -> Json:
        return self.document.reference(node)

    def _references(self, nodes: Iterable[str]) -> list[Json]:
        found = {self.ids.of(node): node for node in nodes}
        return [self._reference(found[local]) for local in sorted(found)]


def _lexical(value: Value) -> str:
    return lexical(value.literal, value.raw)


def nearest_type(heading: str) -> str:
    """Return the type of the ISA-JSON schema that is nearest to the heading of a data file."""
    lowered = heading.lower()
    if "image" in lowered:
        return "Image File"
    return "Raw Data File" if "raw" in lowered or "induction" in lowered else "Derived Data File"
