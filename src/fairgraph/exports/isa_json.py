"""ISA-JSON 1.0 out of the graph (ISA Model and Serialization Specifications 1.0, ISA-JSON format)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO
from urllib.parse import quote

from pyoxigraph import Literal

from fairgraph.exports.export import Answers, Export
from fairgraph.exports.isa_view import IsaView, Node, Value, read_view
from fairgraph.terms import BIOSCHEMAS, ISA, SCHEMA, SKOS, XSD, is_web_iri

Json = dict[str, Any]

# Comments with this prefix carry what ISA-JSON has no place for: one value of one node each.
CARRIER = "isatab:"

PERSON = (
    ("lastName", SCHEMA.familyName),
    ("firstName", SCHEMA.givenName),
    ("midInitials", SCHEMA.additionalName),
    ("email", SCHEMA.email),
    ("phone", SCHEMA.telephone),
    ("fax", SCHEMA.faxNumber),
    ("address", SCHEMA.address),
    ("affiliation", SCHEMA.affiliation),
)
DESCRIPTION = (
    ("identifier", SCHEMA.identifier),
    ("title", SCHEMA.name),
    ("description", SCHEMA.description),
    ("submissionDate", SCHEMA.dateCreated),
    ("publicReleaseDate", SCHEMA.datePublished),
)
NOTATION = (("@id", ISA.jsonId), ("@type", ISA.jsonType), ("@context", ISA.jsonContext))
# data_schema.json; any other heading travels in a carrier comment.
FILE_TYPES = {
    name.lower(): name
    for name in (
        "Raw Data File",
        "Derived Data File",
        "Image File",
        "Acquisition Parameter Data File",
        "Derived Spectral Data File",
        "Protein Assignment File",
        "Raw Spectral Data File",
        "Peptide Assignment File",
        "Array Data File",
        "Derived Array Data File",
        "Post Translational Modification Assignment File",
        "Derived Array Data Matrix File",
        "Free Induction Decay Data File",
        "Metabolite Assignment File",
        "Array Data Matrix File",
    )
}
ID_KINDS = {"characteristic": "characteristic_category", "unit": "Unit", "extract": "material"}
NUMERIC = frozenset({XSD.integer, XSD.decimal, XSD.double, XSD.float, XSD.int, XSD.long})


def write(answers: Answers, output: BinaryIO) -> None:
    """Write one investigation as ISA-JSON, one object of a list a line, always the same bytes for the same graph."""
    view = read_view(answers)
    for part in _Encoder().parts(_Document(view).investigation()):
        output.write(part)


class _Document:
    """Builds the document; long lists are iterators, so that no second copy of the dataset is made."""

    def __init__(self, view: IsaView) -> None:
        self.view = view
        self.ids = _Ids(view)
        self.terms: dict[str, Json] = {}
        self.annotation_ids = view.flag(view.root, ISA.annotationIds)

    def investigation(self) -> Json:
        view, root = self.view, self.view.root
        studies = [n for n in view.links(root, SCHEMA.hasPart) if view.is_a(n, ISA.Study)]
        self.ids.claim_all(root, studies)
        document = {
            **self._notation(root),
            "filename": view.text(root, ISA.fileName),
            **self._description(root),
            "comments": self.comments(root),
            "ontologySourceReferences": [self._source(s) for s in view.links(root, ISA.ontologySource)],
            "publications": self._publications(root),
            "people": self._people(root),
            "studies": (self._study(study) for study in studies),
        }
        return document

    # -- small things ------------------------------------------------------------------------------------------------

    def _notation(self, node: str, kind: str = "") -> Json:
        """Return ``@id`` (always if *kind* says what to call it, else only if it was given), ``@type`` and ``@context``."""
        given = self.view.notation.get(node, {})
        found = {key: given[predicate] for key, predicate in NOTATION if predicate in given}
        if kind:
            found["@id"] = self.ids.of(node)
        return found

    def _description(self, node: str) -> Json:
        return {key: self.view.text(node, predicate) for key, predicate in DESCRIPTION}

    def comments(self, node: str) -> list[Json]:
        return [
            {**self._notation(comment.iri), "name": comment.name, "value": comment.text}
            for comment in self.view.comments.get(node, ())
        ]

    def term(self, node: str) -> Json:
        """Return an ontology annotation."""
        known = self.terms.get(node)
        if known is None:
            view = self.view
            sources = view.links(node, SCHEMA.inDefinedTermSet)
            known = {
                **self._notation(node),
                "annotationValue": self._name(node),
                "termSource": view.text(sources[0], SCHEMA.name) if sources else "",
                "termAccession": self._accession(node),
            }
            if comments := self.comments(node):
                known["comments"] = comments
            if self.annotation_ids:
                known["@id"] = self.ids.annotation(node)
            self.terms[node] = known
        return known

    def _name(self, node: str) -> Any:
        names = self.view.properties.get(node, {}).get(SCHEMA.name, [])
        raw = self.view.text(node, "https://w3id.org/fairgraph/ns#rawText")
        return scalar(min(names, key=str), raw) if names else ""

    def _accession(self, node: str) -> str:
        view = self.view
        if code := view.text(node, SCHEMA.termCode):
            return code
        if exact := view.links(node, SKOS.exactMatch):
            return exact[0]
        return "" if node.startswith(f"{view.root}/") or not is_web_iri(node) else node

    def _property_term(self, node: str, predicate: str) -> Json:
        found = self.view.links(node, predicate)
        return self.term(found[0]) if found else dict(EMPTY_TERM)

    def _list(self, owner: str, predicate: str) -> Iterator[Json]:
        for member in self.view.lists.get((owner, predicate), ()):
            yield self.term(member.term) if member.term else {**EMPTY_TERM, "annotationValue": scalar(member.literal, "")}

    # -- investigation and study -------------------------------------------------------------------------------------

    def _source(self, node: str) -> Json:
        text = self.view.text
        return {
            **self._notation(node),
            "name": text(node, SCHEMA.name),
            "file": text(node, SCHEMA.url),
            "version": text(node, SCHEMA.version),
            "description": text(node, SCHEMA.description),
            "comments": self.comments(node),
        }

    def _people(self, owner: str) -> list[Json]:
        return [
            {
                **self._notation(node),
                **{key: self.view.text(node, predicate) for key, predicate in PERSON},
                "roles": list(self._list(node, ISA.role)),
                "comments": self.comments(node),
            }
            for node in self.view.links(owner, SCHEMA.creator)
        ]

    def _publications(self, owner: str) -> list[Json]:
        text = self.view.text
        return [
            {
                **self._notation(node),
                "title": text(node, SCHEMA.name),
                "doi": text(node, ISA.doi),
                "pubMedID": text(node, ISA.pubMedID),
                "authorList": text(node, ISA.authorList),
                "status": self._property_term(node, ISA.publicationStatus),
                "comments": self.comments(node),
            }
            for node in self.view.links(owner, SCHEMA.citation)
        ]

    def _study(self, study: str) -> Json:
        view = self.view
        table = _Table(self, study)
        assays = [node for node in view.links(study, SCHEMA.hasPart) if view.is_a(node, ISA.Assay)]
        protocols, factors = view.links(study, ISA.protocol), view.links(study, ISA.factor)
        self.ids.claim_all(study, [*protocols, *factors, *assays])
        tables = [_Table(self, assay, table) for assay in assays]
        table.adopt(tables)
        return {
            **self._notation(study, "study"),
            "filename": view.text(study, ISA.fileName),
            **self._description(study),
            "studyDesignDescriptors": list(self._list(study, ISA.designDescriptor)),
            "publications": self._publications(study),
            "people": self._people(study),
            "factors": [self._factor(node) for node in factors],
            "protocols": [self._protocol(node) for node in protocols],
            "characteristicCategories": table.categories(),
            "unitCategories": table.units(),
            "materials": table.materials(),
            "processSequence": table.processes(),
            "assays": (self._assay(node) for node in tables),
            "comments": self.comments(study),
        }

    def _factor(self, node: str) -> Json:
        return {
            **self._notation(node, "factor"),
            "factorName": self.view.text(node, SCHEMA.name),
            "factorType": self._property_term(node, ISA.factorType),
            "comments": self.comments(node),
        }

    def _protocol(self, node: str) -> Json:
        view, text = self.view, self.view.text
        parameters = view.links(node, ISA.parameter)
        self.ids.claim_all(node, parameters)
        return {
            **self._notation(node, "protocol"),
            "name": text(node, SCHEMA.name),
            "protocolType": self._property_term(node, ISA.protocolType),
            "description": text(node, SCHEMA.description),
            "uri": text(node, SCHEMA.url),
            "version": text(node, SCHEMA.version),
            "parameters": [self.category(parameter) for parameter in parameters],
            "components": [
                {
                    "componentName": text(part, SCHEMA.name),
                    "componentType": self._property_term(part, ISA.componentType),
                    **({"comments": comments} if (comments := self.comments(part)) else {}),
                }
                for part in view.links(node, ISA.component)
            ],
            "comments": self.comments(node),
        }

    def category(self, node: str) -> Json:
        """Return a protocol parameter or characteristic category: an object around its ontology annotation."""
        view = self.view
        is_parameter = view.is_a(node, ISA.Parameter)
        key, predicate = (
            ("parameterName", ISA.parameterName) if is_parameter else ("characteristicType", ISA.characteristicType)
        )
        terms = view.links(node, predicate)
        name = self.term(terms[0]) if terms else {**EMPTY_TERM, "annotationValue": view.text(node, SCHEMA.name)}
        found = {**self._notation(node, "category"), key: name}
        if is_parameter and (comments := self.comments(node)):
            found["comments"] = comments
        return found

    def _assay(self, table: _Table) -> Json:
        view, assay = self.view, table.node
        return {
            **self._notation(assay, "assay"),
            "filename": view.text(assay, ISA.fileName),
            "measurementType": self._property_term(assay, ISA.measurementType),
            "technologyType": self._property_term(assay, ISA.technologyType),
            "technologyPlatform": view.text(assay, ISA.technologyPlatform),
            "characteristicCategories": table.categories(),
            "unitCategories": table.units(),
            "materials": table.materials(),
            "dataFiles": table.data_files(),
            "processSequence": table.processes(),
            "comments": self.comments(assay),
        }


EMPTY_TERM: Json = {"annotationValue": "", "termSource": "", "termAccession": ""}


class _Table:
    """The materials, files and processes of a study or an assay."""

    def __init__(self, document: _Document, node: str, study: _Table | None = None) -> None:
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
        self.unit_list = units
        self.ids.claim_all(node, self.declared)
        self.ids.claim_all(node, [unit.iri for unit in units])
        for kind in ("source", "sample", "material", "data", "process"):
            self.ids.claim_all(node, [member.iri for member in self.nodes.get(kind, ())])

    def adopt(self, assays: Iterable[_Table]) -> None:
        """Declare in the study what its sources and samples have from assay tables, so that every reference can be resolved."""
        known = set(self.declared)
        elsewhere = {category for assay in assays for category in assay.declared}
        for kind in ("source", "sample"):
            for member in self.nodes.get(kind, ()):
                for value in self.view.values.get(member.iri, ()):
                    if value.category in elsewhere and value.category not in known:
                        known.add(value.category)
                        self.declared.append(value.category)

    def categories(self) -> list[Json]:
        return [self.document.category(node) for node in self.declared]

    def units(self) -> list[Json]:
        document = self.document
        return [
            {
                **(document.term(unit.term) if unit.term else EMPTY_TERM),
                **document._notation(unit.iri, "unit"),
            }
            for unit in self.unit_list
        ]

    def materials(self) -> Json:
        samples = (self._sample(node) for node in self.nodes.get("sample", ()))
        others = (self._material(node) for node in self.nodes.get("material", ()))
        if self.study is None:
            sources = (self._source(node) for node in self.nodes.get("source", ()))
            return {"sources": sources, "samples": samples, "otherMaterials": others}
        if not self.view.flag(self.node, ISA.repeatsSamples):
            samples = (self._reference(node.iri) for node in self.nodes.get("sample", ()))
        return {"samples": samples, "otherMaterials": others}

    def data_files(self) -> Iterator[Json]:
        for node in self.nodes.get("data", ()):
            comments = self._comments(node.iri)
            file_type = FILE_TYPES.get(node.file_type.lower())
            if file_type is None:
                file_type = _nearest_type(node.file_type)
                if node.file_type:
                    comments.append({"name": f"{CARRIER}File Type", "value": node.file_type})
            yield {
                **self.document._notation(node.iri, "data"),
                "name": node.name,
                "type": file_type,
                "comments": comments,
            }

    def processes(self) -> Iterator[Json]:
        view, notation = self.view, self.document._notation
        for node in self.nodes.get("process", ()):
            about = view.processes.get(node.iri, {})
            edges = view.edges.get(node.iri, {})
            values, comments = self._parameter_values(node.iri)
            process = {
                **notation(node.iri, "process"),
                "name": node.name,
                "executesProtocol": self._link(about, BIOSCHEMAS.executesLabProtocol),
                "parameterValues": values,
                "performer": ";".join(sorted(about.get(SCHEMA.agent, ()))),
                "date": min(about.get(SCHEMA.endTime, ()), default=""),
                "inputs": self._references(edges.get(SCHEMA.object, ())),
                "outputs": self._references(edges.get(SCHEMA.result, ())),
                "comments": comments,
            }
            for key, predicate in (("previousProcess", ISA.previousProcess), ("nextProcess", ISA.nextProcess)):
                if link := self._link(about, predicate):
                    process[key] = link
            yield process

    # -- nodes ---------------------------------------------------------------------------------------------------

    def _source(self, node: Node) -> Json:
        return {
            **self.document._notation(node.iri, "source"),
            "name": node.name,
            "characteristics": self._values(node.iri, ISA.CharacteristicCategory),
            "comments": self._comments(node.iri),
        }

    def _sample(self, node: Node) -> Json:
        sample = {
            **self.document._notation(node.iri, "sample"),
            "name": node.name,
            "characteristics": self._values(node.iri, ISA.CharacteristicCategory),
            "factorValues": self._values(node.iri, ISA.Factor),
            "comments": self.document.comments(node.iri),
        }
        if origins := self.view.edges.get(node.iri, {}).get(ISA.derivesFrom):
            sample["derivesFrom"] = self._references(origins)
        return sample

    def _material(self, node: Node) -> Json:
        return {
            **self.document._notation(node.iri, "material"),
            "name": node.name,
            "type": "Labeled Extract Name" if node.labeled else "Extract Name",
            "characteristics": self._values(node.iri, ISA.CharacteristicCategory),
            "comments": self._comments(node.iri),
        }

    def _comments(self, node: str) -> list[Json]:
        """Comments of something that is no sample: ISA-JSON has no place there for factor values, so comments carry them."""
        comments = self.document.comments(node)
        for value in self.view.values.get(node, ()):
            if self.view.is_a(value.category, ISA.Factor):
                comments += self._carried("Factor Value", value)
        return comments

    def _carried(self, heading: str, value: Value) -> Iterator[Json]:
        name = f"{CARRIER}{heading}[{self.view.text(value.category, SCHEMA.name)}]"
        term = self.document.term(value.term) if value.term else EMPTY_TERM
        yield {"name": name, "value": str(term["annotationValue"] or _lexical(value))}
        for part, text in (("Term Source REF", term["termSource"]), ("Term Accession Number", term["termAccession"])):
            if text:
                yield {"name": f"{name} {part}", "value": text}
        if value.unit:
            yield {"name": f"{name} Unit", "value": str(self.document.term(value.unit)["annotationValue"])}

    def _values(self, node: str, category_type: str) -> list[Json]:
        is_a = self.view.is_a
        return [
            self._value(value)
            for value in self.view.values.get(node, ())
            if is_a(value.category, category_type)
        ]

    def _parameter_values(self, process: str) -> tuple[list[Json], list[Json]]:
        values, comments = [], self.document.comments(process)
        for value in self.view.values.get(process, ()):
            if self.view.is_a(value.category, ISA.Factor):
                comments += self._carried("Factor Value", value)
            elif value.category in self.ids or value.category in self.view.notation:
                values.append(self._value(value))
            else:  # a parameter of a process without protocol: there is nothing that could declare it
                comments += self._carried("Parameter Value", value)
        return values, comments

    def _value(self, value: Value) -> Json:
        found = self.document._notation(value.iri)
        if value.category:
            found["category"] = {"@id": self.ids.of(value.category)}
        if value.term:
            found["value"] = self.document.term(value.term)
        else:
            found["value"] = scalar(value.literal, value.raw)
        if value.unit:
            found["unit"] = self._unit(value.unit)
        if comments := self.document.comments(value.iri):
            found["comments"] = comments
        return found

    def _unit(self, term: str) -> Json:
        for table in (self, self.study):
            if table is not None and term in table.unit_nodes:
                return {"@id": self.ids.of(table.unit_nodes[term])}
        if term in self.view.notation and self.view.flag(term, ISA.undeclared):
            return {"@id": self.ids.of(term)}
        return self.document.term(term)

    def _link(self, about: dict[str, list[str]], predicate: str) -> Json:
        found = about.get(predicate)
        return self._reference(min(found)) if found else {}

    def _reference(self, node: str) -> Json:
        return {"@id": self.ids.of(node)}

    def _references(self, nodes: Iterable[str]) -> list[Json]:
        return [{"@id": local} for local in sorted({self.ids.of(node) for node in nodes})]


class _Ids:
    """The ``@id`` of every object: as it was given, else made from its IRI; told apart where two would be the same."""

    def __init__(self, view: IsaView) -> None:
        self.view = view
        self._ids: dict[str, str] = {}
        self._taken: set[str] = set()

    def __contains__(self, node: str) -> bool:
        return node in self._ids

    def claim_all(self, scope: str, nodes: Iterable[str]) -> None:
        """Give ids to the nodes declared in one scope, in order."""
        for node in nodes:
            if node not in self._ids:
                self._ids[node] = self._claim(node, scope)

    def of(self, node: str) -> str:
        """Return the id of a node, also of one that is declared nowhere."""
        found = self._ids.get(node)
        if found is None:
            found = self._ids[node] = self._claim(node, node.rsplit("/", 2)[0])
        return found

    def annotation(self, node: str) -> str:
        """Return the id of an ontology annotation, which nothing refers to."""
        name = node.rsplit("/", 1)[-1] or node
        return f"#ontology_annotation/{quote(name, safe='')}"

    def _claim(self, node: str, scope: str) -> str:
        given = self.view.notation.get(node, {}).get(ISA.jsonId)
        if given and (given not in self._taken or self.view.flag(node, ISA.undeclared)):
            self._taken.add(given)
            return given
        kind, _, name = node.rpartition("/")
        kind = kind.rpartition("/")[2]
        name = quote(name, safe="!$&'()*+,;=:@-._~")
        local = f"#{ID_KINDS.get(kind, kind.replace('-', '_'))}/{name}"
        if local in self._taken:
            local = f"{local}/{quote(scope.rpartition('/')[2], safe='')}"
        number, stem = 2, local
        while local in self._taken:
            local, number = f"{stem}-{number}", number + 1
        self._taken.add(local)
        return local


def scalar(literal: Literal | None, raw: str) -> Any:
    """Return a literal as a JSON value; the raw text decides how a number is written while it still means the same."""
    if literal is None:
        return ""
    datatype = literal.datatype.value
    if datatype == XSD.boolean:
        return literal.value == "true"
    if datatype not in NUMERIC:
        return literal.value
    try:
        exact = Decimal(literal.value)
        text = raw if raw and Decimal(raw) == exact else literal.value
        if exact == exact.to_integral_value() and "." not in text and "e" not in text.lower():
            return int(exact)
        number = float(exact)
    except (InvalidOperation, OverflowError, ValueError):
        return raw or literal.value
    return number if Decimal(repr(number)) == Decimal(text) else Number(text)


class Number(Decimal):
    """A number with more digits than a float has."""


def _lexical(value: Value) -> str:
    return value.raw or ("" if value.literal is None else value.literal.value)


def _nearest_type(heading: str) -> str:
    lowered = heading.lower()
    if "image" in lowered:
        return "Image File"
    return "Raw Data File" if "raw" in lowered or "induction" in lowered else "Derived Data File"


class _Encoder:
    """Writes nested dictionaries and iterators as JSON, one member of a list a line."""

    def __init__(self) -> None:
        self._encode: Callable[[Any], str] = json.JSONEncoder(
            ensure_ascii=False, separators=(", ", ": "), default=self._exact
        ).encode
        self._numbers: list[str] = []

    def parts(self, document: Json) -> Iterator[bytes]:
        yield from (part.encode("utf-8", "replace") for part in self._object(document, ""))
        yield b"\n"

    def _object(self, value: Json, indent: str) -> Iterator[str]:
        deeper = indent + "  "
        yield "{"
        for n, (key, member) in enumerate(value.items()):
            yield f"{',' if n else ''}\n{deeper}{json.dumps(key)}: "
            if isinstance(member, (list, Iterator)):
                yield from self._list(member, deeper)
            elif isinstance(member, dict) and any(isinstance(v, Iterator) for v in member.values()):
                yield from self._object(member, deeper)
            else:
                yield self._line(member)
        yield f"\n{indent}}}"

    def _list(self, values: Iterable[Any], indent: str) -> Iterator[str]:
        deeper, first = indent + "  ", True
        yield "["
        for value in values:
            yield f"{'' if first else ','}\n{deeper}"
            first = False
            if isinstance(value, dict) and any(isinstance(v, Iterator) for v in value.values()):
                yield from self._object(value, deeper)
            else:
                yield self._line(value)
        yield "]" if first else f"\n{indent}]"

    def _line(self, value: Any) -> str:
        line = self._encode(value)
        for text in self._numbers:
            line = line.replace(f'"\\u0000{text}"', text)
        self._numbers.clear()
        return line

    def _exact(self, value: Any) -> str:
        if not isinstance(value, Decimal):
            raise TypeError(f"{type(value).__name__} is not JSON")
        self._numbers.append(str(value))
        return f"\x00{value}"


EXPORT = Export(
    "isa-json",
    "ISA-JSON",
    "export/isa",
    "application/json",
    "json",
    write,
    profile="https://isa-specs.readthedocs.io/en/latest/isajson.html",
    group="ISA",
)
