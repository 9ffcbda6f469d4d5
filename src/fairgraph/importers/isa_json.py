"""ISA-JSON: one document with an investigation (ISA Model and Serialization Specifications 1.0, ISA-JSON format).

Objects are known by where they stand: an ``@id`` is looked up in the assay, then the study, then the document, because files in
use give one ``@id`` to different things. Properties that the standard does not have are kept under the ``isa:`` namespace.
"""

from __future__ import annotations

import json
import re
from typing import Any

from fairgraph.errors import SourceError
from fairgraph.importers.archive import Source
from fairgraph.importers.fairtracks_graph import DOCUMENT_CARRIER, restore
from fairgraph.importers.format import Draft
from fairgraph.importers.isa_carriers import Layout
from fairgraph.importers.isa_graph import IsaGraph
from fairgraph.importers.isa_json_form import deviations
from fairgraph.importers.isa_json_printed import in_use
from fairgraph.importers.isa_json_scope import Reader, Scope, text_of
from fairgraph.importers.isa_json_table import Table
from fairgraph.importers.isa_json_values import CarriedValues
from fairgraph.importers.rules import finding
from fairgraph.isa.carriers import NO_PROTOCOL
from fairgraph.isa.notation import Number
from fairgraph.report import Report
from fairgraph.terms import BIOSCHEMAS, ISA, PROV, SCHEMA, XSD

Json = dict[str, Any]

_JSON = re.compile(r"\.json$", re.IGNORECASE)
_RDF = re.compile(r"\.(jsonld|ttl|nt|nq|trig|rdf|owl|xml)$", re.IGNORECASE)

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


def detect(source: Source) -> bool:
    """Tell whether a source is one JSON file that looks like an ISA investigation."""
    names = metadata_files(source)
    if len(names) != 1 or _RDF.search(names[0]):
        return False
    with source.open(names[0]) as stream:
        head = stream.read(1 << 20)
    if not _JSON.search(names[0]) and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    known = b'"studies"' in head or b'"ontologySourceReferences"' in head
    return known or (_JSON.search(names[0]) is not None and _may_be_isa(source))


def metadata_files(source: Source) -> list[str]:
    """Return the one JSON file that the importer reads; a single file may have another suffix (content rule 4)."""
    named = [name for name in source.members if _JSON.search(name)]
    return named or ([*source.members] if source.path.is_file() and not source.is_archive else [])


def read(source: Source, draft: Draft) -> None:
    """Read an ISA-JSON document.

    Raises SourceError, with line and column, if it is not JSON, or if it is not an object with the keys of an investigation. Where
    that breaks a content rule, the error carries a report.
    """
    graph = IsaGraph(draft.dataset, draft.spool, draft.report)
    document = _load(source, graph)
    for pointer, problem in deviations(document):
        where = f"{source.name}#{pointer or '/'}"
        graph.find("violation", "isa-json-schema", problem, code="3", where=where)
    if not isinstance(document, dict) or not (
        isinstance(document.get("studies"), list) or "ontologySourceReferences" in document
    ):
        raise SourceError(
            "is JSON, but not an ISA investigation: it has no list of studies",
            where=f"{source.name}#/",
            hint="an ISA-JSON document is one object with the key 'studies'",
            report=draft.report,
        )
    try:
        draft.title = _Document(graph, source.name).read(document)
    except RecursionError as error:
        message = "is nested too deeply to be metadata"
        raise SourceError(message, where=f"{source.name}#/") from error
    draft.checked = True
    draft.entities = {"study": graph.studies, "sample": graph.samples}


def _load(source: Source, graph: IsaGraph) -> Any:
    name = metadata_files(source)[0]
    with source.open(name) as stream:
        data = stream.read()
    if not _JSON.search(name):
        message = "the name of an ISA-JSON file should end in .json"
        graph.find("warning", "isa-json-suffix", message, where=name)
    text = _decode(data, name, graph)
    try:
        document = json.loads(
            text,
            parse_float=Number,
            parse_constant=_no_constant,
            object_pairs_hook=_unique(graph, name),
        )
        if "\\ud" in text.lower():  # half of a surrogate pair is no character
            json.dumps(document, ensure_ascii=False, default=str).encode()
        in_use(document)
        return document
    except json.JSONDecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}"
        raise _not_json(f"is not JSON: {error.msg}", where) from error
    except UnicodeEncodeError as error:
        message = "holds half of a surrogate pair, which is no character (RFC 8259 §8.2)"
        raise _not_json(message, f"{name}:1:1") from error
    except (ValueError, ArithmeticError) as error:
        raise _not_json(f"holds a number that cannot be read: {error}", f"{name}:1:1") from error
    except RecursionError as error:
        raise SourceError("is nested too deeply to be metadata", where=f"{name}:1:1") from error


def _decode(data: bytes, name: str, graph: IsaGraph) -> str:
    """Decode a document; JSON has UTF-8 only (RFC 8259 §8.1), the standard asks for it: what is in another encoding is read."""
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16" if marked else "utf-8-sig", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8-sig":
            message = f"{name} is not UTF-8 and was read as {encoding}; the standard asks for UTF-8"
            graph.find("warning", "isa-encoding", message, code="10", where=f"{name}:1:1")
        return text
    raise AssertionError("latin-1 decodes every byte")  # pragma: no cover


def _not_json(message: str, where: str) -> SourceError:
    report = Report()
    report.add(finding("violation", "isa-json-syntax", message, code="2", where=where))
    hint = "content rule 2 of ISA (isatools code 2): well-formed JSON"
    return SourceError(message, where=where, hint=hint, report=report)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON (RFC 8259 §6)")


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
    """Reads the investigation; :class:`Table` reads what a study and an assay have in common."""

    def read(self, document: Json) -> str:
        graph, root = self.graph, f"<{self.graph.dataset}>"
        graph.types(root, f"<{ISA.Investigation}>", f"<{SCHEMA.Dataset}>")
        graph.carries = DOCUMENT_CARRIER in _comment_names(document)
        for n, item, at in self.objects(document, "ontologySourceReferences", ""):
            self._ontology_source(root, n, item, at)  # before the first term that comes from one
        title = self._describe(root, document, "")
        scope = Scope()
        for n, item, at in self.objects(document, "studies", ""):
            study_title = self._study(root, scope, n, item, at)
            title = title or study_title
        if graph.annotation_ids:
            graph.add(root, f"<{ISA.annotationIds}>", f'"true"^^<{XSD.boolean}>')
        self.finish_declared(root, document, "", Layout())
        restore(graph)
        self.report_lost_ids()
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
        self.finish_declared(node, item, at)

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
        self.finish_declared(node, item, at)

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
        self.finish_declared(node, item, at)

    # -- study and assay -----------------------------------------------------------------------------------------

    def _study(self, root: str, document: Scope, n: int, item: Json, at: str) -> str:
        graph, file_name = self.graph, text_of(item.get("filename"))
        name = text_of(item.get("identifier")) or _stem(item.get("filename")) or f"study{n + 1}"
        node = graph.mint(graph.dataset, "study", name, n)
        graph.studies.append(node[1:-1])
        graph.add(root, f"<{SCHEMA.hasPart}>", node)
        graph.types(node, f"<{ISA.Study}>", f"<{SCHEMA.Dataset}>")
        graph.index(node, n)
        title = self._describe(node, item, at)
        scope = Scope(document)
        designs = []
        for m, descriptor, where in self.objects(item, "studyDesignDescriptors", at):
            term = self.term_of(descriptor, where)
            designs.append(graph.annotation(node, ISA.designDescriptor, "design", term, m))
        factors: dict[str, str] = {}
        for m, factor, where in self.objects(item, "factors", at):
            self._factor(node, scope, m, factor, where, factors)
        for m, protocol, where in self.objects(item, "protocols", at):
            self._protocol(node, scope, m, protocol, where)
        carried = CarriedValues(graph, node, factors)
        carried.tables[file_name] = node
        table = Table(self, node, node, scope, carried)
        table.declare(item, at)
        table.materials(item, at)
        assays = []
        for m, assay, where in self.objects(item, "assays", at):
            assays.append(self._assay(node, scope, m, assay, where, carried))
        table.processes(item, at)
        for assay_table, assay, where in assays:
            assay_table.processes(assay, where)
            self.finish_declared(assay_table.node, assay, where)
        carried.write_places()
        self.finish_declared(node, item, at, Layout(), designs)
        return title

    def _assay(
        self, study: str, scope: Scope, n: int, item: Json, at: str, carried: CarriedValues
    ) -> tuple[Table, Json, str]:
        graph = self.graph
        file_name = self.take_text(item, "filename", at)
        node = graph.mint(study[1:-1], "assay", _stem(file_name) or f"assay{n + 1}", n)
        graph.add(study, f"<{SCHEMA.hasPart}>", node)
        graph.types(node, f"<{ISA.Assay}>", f"<{SCHEMA.Dataset}>")
        graph.index(node, n)
        graph.text(node, ISA.fileName, file_name)
        carried.tables.setdefault(file_name, node)
        self.take_term(node, ISA.measurementType, item, "measurementType", at)
        self.take_term(node, ISA.technologyType, item, "technologyType", at)
        graph.text(node, ISA.technologyPlatform, self.take_text(item, "technologyPlatform", at))
        table = Table(self, study, node, Scope(scope), carried)
        table.declare(item, at)
        table.materials(item, at)
        table.data_files(item, at)
        return table, item, at

    def _factor(
        self, study: str, scope: Scope, n: int, item: Json, at: str, factors: dict[str, str]
    ) -> None:
        graph, name = self.graph, self.take_text(item, "factorName", at)
        node = graph.category(study, "factor", ISA.Factor, name)
        factors.setdefault(name, node)
        graph.add(study, f"<{ISA.factor}>", node)
        graph.index(node, n)
        self.take_term(node, ISA.factorType, item, "factorType", at)
        scope.declare("factor", item, node)
        self.finish_declared(node, item, at)

    def _protocol(self, study: str, scope: Scope, n: int, item: Json, at: str) -> None:
        graph = self.graph
        if _stands_for_none(item):
            scope.declare("protocol", item, NO_PROTOCOL)
            return
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
            self.finish_declared(part, component, where)
        self.finish_declared(node, item, at)


def _comment_names(item: Json) -> list[Any]:
    comments = item.get("comments")
    found = comments if isinstance(comments, list) else []
    return [comment.get("name") for comment in found if isinstance(comment, dict)]


def _stands_for_none(protocol: Json) -> bool:
    """Tell whether a protocol stands for the lack of one: in tables a process need not have one."""
    comments = protocol.get("comments")
    return isinstance(comments, list) and any(
        isinstance(comment, dict) and comment.get("name") == NO_PROTOCOL for comment in comments
    )


def _stem(value: Any) -> str:
    return text_of(value).rsplit("/", 1)[-1].rsplit(".", 1)[0]
