"""ISA-Tab: an investigation file with its study and assay tables (ISA Model and Serialization Specifications 1.0)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from fairgraph.importers.archive import Source
from fairgraph.importers.fairtracks_graph import DOCUMENT_CARRIER, restore
from fairgraph.importers.format import Draft
from fairgraph.importers.isa_graph import IsaGraph, Term
from fairgraph.importers.isa_investigation import Block, Other, Part, read_parts
from fairgraph.importers.isa_layout import write_layout, write_list_text, write_remarks
from fairgraph.importers.isa_tab_files import Files, investigation_files
from fairgraph.importers.isa_tab_form import check_investigation
from fairgraph.importers.isa_table import Materials, read_table
from fairgraph.importers.isa_values import TRUE, StudyNames
from fairgraph.importers.tsv import TsvFile, read_tsv
from fairgraph.isa.carriers import PREFIX
from fairgraph.isa.sections import (
    PERSON,
    STUDY_SECTIONS,
    join_list,
    split_components,
    split_list,
    split_terms,
    standard_labels,
)
from fairgraph.terms import BIOSCHEMAS, ISA, PROV, SCHEMA, XSD, literal

DESCRIPTION = {
    "identifier": SCHEMA.identifier,
    "title": SCHEMA.name,
    "description": SCHEMA.description,
}
DATES = {"submission date": SCHEMA.dateCreated, "public release date": SCHEMA.datePublished}


def detect(source: Source) -> bool:
    """Tell whether a source holds an ISA-Tab investigation file."""
    return bool(investigation_files(source))


def metadata_files(source: Source) -> list[str]:
    """Return the files of the dataset that the importer reads, for its checksum."""
    return list(Files(source).metadata())


def read(source: Source, draft: Draft) -> None:
    """Read an ISA-Tab folder or ISArchive.

    Tolerant: what is unusual is kept and reported. Raises SourceError, with file and line, if there is no investigation file,
    if it is empty, or if a file is not tab-separated text.
    """
    graph = IsaGraph(draft.dataset, draft.spool, draft.report)
    files = Files(source)
    file = read_tsv(files.investigation, source.open(files.investigation), graph.report)
    reader = _InvestigationReader(graph, file, files)
    parts = read_parts(file, graph.report)
    check_investigation(graph, file)
    draft.title = reader.read(parts)
    draft.checked = True
    draft.entities = {"study": graph.studies, "sample": graph.samples}
    for name in files.unread():
        graph.find(
            "info",
            "isa-unreferenced-file",
            f"{name} is not named by the investigation file and was not read",
            where=name,
        )


class _Owner:
    """The sections of the investigation or of one study: by name, and as they stand in the file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.blocks: dict[str, Block] = {}
        self.parts: list[Part] = []

    def append(self, part: Part) -> None:
        self.parts.append(part)
        self.blocks.setdefault(part.section, Block(part.section, self.file)).append(part)

    def block(self, section: str) -> Block:
        return self.blocks.get(section) or Block(section, self.file)


class _InvestigationReader:
    def __init__(self, graph: IsaGraph, file: TsvFile, files: Files) -> None:
        self.graph, self.file, self.files = graph, file, files
        self.root = f"<{graph.dataset}>"

    def read(self, parts: list[Part]) -> str:
        graph, root = self.graph, self.root
        graph.types(root, f"<{ISA.Investigation}>", f"<{SCHEMA.Dataset}>")
        graph.text(root, ISA.fileName, self.file.name)
        top, studies = self._group(parts)
        sources = top.block("ONTOLOGY SOURCE REFERENCE")
        self._ontology_sources(sources)
        investigation = top.block("INVESTIGATION")
        names = (other.name for other in investigation.others(0))
        graph.carries = DOCUMENT_CARRIER in names
        self._describe(root, investigation)
        self._publications(root, top.block("INVESTIGATION PUBLICATIONS"))
        self._contacts(root, top.block("INVESTIGATION CONTACTS"))
        titles = []
        for n, study in enumerate(studies):
            titles.append(self._study(study, n))
        restore(graph)
        self._undeclared_sources(sources)
        layouts = [
            (f"<{iri}>", study.parts) for iri, study in zip(graph.studies, studies, strict=True)
        ]
        write_layout(graph, root, top.parts, layouts)
        write_remarks(graph, root, self.file)
        if not studies:
            graph.find(
                "warning",
                "isa-no-study",
                "the investigation has no study",
                where=f"{self.file.name}:1:1",
            )
        return investigation.get("title") or next(filter(None, titles), "")

    def _group(self, parts: list[Part]) -> tuple[_Owner, list[_Owner]]:
        name = self.file.name
        top, studies = _Owner(name), []
        for part in parts:
            if part.section == "STUDY":
                studies.append(_Owner(name))
            place = f"{name}:{part.line}:1"
            belongs_to_study = part.section in STUDY_SECTIONS
            if belongs_to_study and not studies:
                message = (
                    f"section {part.section} stands before any STUDY section; a study is assumed"
                )
                self.graph.find("violation", "isa-section-order", message, code="5", where=place)
                studies.append(_Owner(name))
            owner = studies[-1] if belongs_to_study else top
            if part.section in owner.blocks:
                message = f"section {part.section} is given twice; both are read"
                self.graph.find("warning", "isa-repeated-section", message, code="5", where=place)
            owner.append(part)
        return top, studies

    # -- what investigation and study have in common -----------------------------------------------------------------

    def _describe(self, node: str, block: Block) -> None:
        graph = self.graph
        for label, predicate in DESCRIPTION.items():
            graph.text(node, predicate, block.get(label))
        for label, predicate in DATES.items():
            graph.date(node, predicate, block.get(label))
        position = self._comments(node, block, 0)
        # Only one value is expected on these lines. What stands further right is kept, so that it can be seen.
        for column in range(1, block.width):
            for other in block.further(column):
                if other.text:
                    message = f"{other.name!r} has more than one value; the further ones are kept as comments"
                    graph.find("violation", "isa-surplus-value", message, where=other.where)
                comment = self._other(node, other, position)
                graph.add(comment, f"<{ISA.surplus}>", f'"{column}"^^<{XSD.integer}>')
                position += 1

    def _comments(self, node: str, block: Block, column: int) -> int:
        """Write comments and unknown labels of one object; return how many."""
        position = 0
        for other in block.others(column):
            if other.label is None and self.graph.carry(node, other.name, other.text):
                continue
            if block.is_unknown(other) and other.text:
                message = (
                    f"{other.label!r} is not a label of section {block.section}; kept as a comment"
                )
                self.graph.find(
                    "warning", "isa-unknown-label", message, code="5", where=other.where
                )
            self._other(node, other, position)
            position += 1
        return position

    def _other(self, node: str, other: Other, position: int) -> str:
        if other.name.startswith(PREFIX):
            message = f"the name {other.name!r} is reserved; the comment is kept, but not written as ISA-Tab"
            self.graph.find("warning", "isa-reserved-comment", message, where=other.where)
        comment = self.graph.comment(node, other.name, other.text, position)
        if other.label is not None:
            self.graph.add(comment, f"<{ISA.header}>", literal(other.label))
        return comment

    def _term(self, block: Block, label: str, column: int) -> Term:
        return Term(
            block.get(label, column),
            block.get(f"{label} term accession number", column),
            block.get(f"{label} term source ref", column),
        )

    def _terms(self, node: str, block: Block, column: int, name: str) -> list[Term]:
        """Read a semicolon-delimited list of terms of *node* (ISA-Tab, Multiple values fields); ragged lists are padded."""
        texts = [block.get(label, column) for label in _with_qualifiers(name)]
        found, surplus = split_terms(*texts)
        self._ragged(block, column, name, len(split_list(texts[0])), surplus)
        members = [term for term in found if any(term)]
        self._list_texts(node, block, name, texts, [*zip(*members, strict=True)])
        return [Term(*term) for term in found]

    def _ragged(self, block: Block, column: int, name: str, count: int, surplus: int) -> None:
        if surplus:  # more accessions than names
            message = f"{name!r} has {count} names but {surplus} qualifiers; the rest is kept with the last"
            where = block.where(name, column)
            self.graph.find("warning", "isa-ragged-list", message, where=where)

    def _list_texts(
        self, node: str, block: Block, name: str, texts: list[str], members: list[tuple[str, ...]]
    ) -> None:
        """Keep lists that are written in another way than the plain one."""
        labels = [label for label in standard_labels(block.section) if label.startswith(name)]
        plain = [join_list(parts) for parts in members] or [""] * len(texts)
        for label, text, expected in zip(labels, texts, plain, strict=True):
            if text != expected:
                label = standard_labels(block.section)[label]
                write_list_text(self.graph, node, label, text)

    def _ontology_sources(self, block: Block) -> None:
        graph = self.graph
        for column in range(block.width):
            name = block.get("term source name", column)
            known = graph.sources.get(name)
            if known is not None:
                message = f"ontology source {name!r} is declared twice"
                graph.find(
                    "warning",
                    "isa-repeated-source",
                    message,
                    where=block.where("term source name", column),
                )
                node = graph.mint(graph.dataset, "ontology", name, column)
                graph.types(node, f"<{SCHEMA.DefinedTermSet}>")
                graph.text(node, SCHEMA.name, name)
            else:
                node = graph.ontology_source(name)
            graph.add(self.root, f"<{ISA.ontologySource}>", node)
            graph.index(node, column)
            graph.text(node, SCHEMA.url, block.get("term source file", column))
            graph.text(node, SCHEMA.version, block.get("term source version", column))
            graph.text(node, SCHEMA.description, block.get("term source description", column))
            self._comments(node, block, column)

    def _undeclared_sources(self, block: Block) -> None:
        """Say which ontology sources the tables use and the investigation file does not declare."""
        graph, width = self.graph, block.width
        declared = {block.get("term source name", column) for column in range(width)}
        for name, node in graph.sources.items():
            if name not in declared:
                message = f"ontology source {name!r} is used but not declared"
                graph.find(
                    "violation",
                    "isa-ontology-source-undeclared",
                    message,
                    code="3009",
                    where=block.where(),
                )
                graph.add(self.root, f"<{ISA.ontologySource}>", node)
                graph.index(node, width)
                graph.add(node, f"<{ISA.undeclared}>", TRUE)
                width += 1

    def _publications(self, owner: str, block: Block) -> None:
        graph = self.graph
        for column in range(block.width):
            title = block.get("publication title", column)
            node = graph.mint(owner[1:-1], "publication", f"p{column + 1}")
            graph.add(owner, f"<{SCHEMA.citation}>", node)
            graph.types(node, f"<{SCHEMA.ScholarlyArticle}>")
            graph.index(node, column)
            graph.text(node, SCHEMA.name, title)
            graph.text(node, ISA.pubMedID, block.get("pubmed id", column))
            graph.doi(node, block.get("publication doi", column))
            graph.text(node, ISA.authorList, block.get("publication author list", column))
            graph.term_property(
                node, ISA.publicationStatus, self._term(block, "publication status", column)
            )
            self._comments(node, block, column)

    def _contacts(self, owner: str, block: Block) -> None:
        graph = self.graph
        for column in range(block.width):
            node = graph.mint(owner[1:-1], "person", f"p{column + 1}")
            graph.add(owner, f"<{SCHEMA.creator}>", node)
            graph.types(node, f"<{SCHEMA.Person}>", f"<{PROV.Agent}>")
            graph.index(node, column)
            for label, predicate in PERSON.items():
                graph.text(node, predicate, block.get(label, column))
            for n, role in enumerate(self._terms(node, block, column, "person roles")):
                if role:
                    graph.annotation(node, ISA.role, "role", role, n)
            self._comments(node, block, column)

    # -- study -------------------------------------------------------------------------------------------------------

    def _study(self, study: _Owner, n: int) -> str:
        graph, block = self.graph, study.block("STUDY")
        file_name = block.get("file name")
        name = block.get("identifier") or PurePosixPath(file_name).stem or f"study{n + 1}"
        node = graph.mint(graph.dataset, "study", name, n)
        graph.studies.append(node[1:-1])
        graph.add(self.root, f"<{SCHEMA.hasPart}>", node)
        graph.types(node, f"<{ISA.Study}>", f"<{SCHEMA.Dataset}>")
        graph.index(node, n)
        graph.text(node, ISA.fileName, file_name)
        self._describe(node, block)
        self._design(node, study.block("STUDY DESIGN DESCRIPTORS"))
        self._publications(node, study.block("STUDY PUBLICATIONS"))
        names = StudyNames(node)
        self._factors(names, study.block("STUDY FACTORS"))
        self._protocols(names, study.block("STUDY PROTOCOLS"))
        self._contacts(node, study.block("STUDY CONTACTS"))
        assays = self._assays(node, study.block("STUDY ASSAYS"))
        shared = Materials()
        place = block.where("file name", 0)
        finish = [self._table(names, shared, node, file_name, "6", place)]
        for assay, assay_file, where in assays:
            finish.append(self._table(names, shared, assay, assay_file, "8", where))
        for state_rows in finish:
            if state_rows is not None:
                state_rows()
        return block.get("title")

    def _table(
        self, names: StudyNames, shared: Materials, table: str, name: str, code: str, where: str
    ) -> Callable[[], None] | None:
        graph = self.graph
        if not name:
            rule = "isa-study-file-name" if table == names.iri else "isa-assay-file-name"
            graph.find("warning", rule, "no table file is named", code="3005", where=where)
            return None
        member = self.files.find(name)
        if member is None:
            message = f"the table file {name!r} is missing"
            graph.find("violation", "isa-missing-file", message, code=code, where=where)
            return None
        self.files.read.add(member)
        file = read_tsv(name, self.files.source.open(member), graph.report)
        return read_table(graph, names, shared, table, file)

    def _design(self, study: str, block: Block) -> None:
        for column in range(block.width):
            term = self._term(block, "design type", column)
            node = self.graph.annotation(study, ISA.designDescriptor, "design", term, column)
            self._comments(node, block, column)

    def _factors(self, names: StudyNames, block: Block) -> None:
        graph = self.graph
        for column in range(block.width):
            name = block.get("factor name", column)
            node = graph.category(names.iri, "factor", ISA.Factor, name)
            graph.add(names.iri, f"<{ISA.factor}>", node)
            graph.index(node, column)
            graph.term_property(node, ISA.factorType, self._term(block, "factor type", column))
            self._comments(node, block, column)
            names.factors.setdefault(name, node)

    def _protocols(self, names: StudyNames, block: Block) -> None:
        graph = self.graph
        for column in range(block.width):
            name = block.get("protocol name", column)
            node = graph.category(names.iri, "protocol", BIOSCHEMAS.LabProtocol, name)
            names.protocols.setdefault(name, node)
            graph.add(names.iri, f"<{ISA.protocol}>", node)
            graph.types(node, f"<{PROV.Plan}>")
            graph.index(node, column)
            graph.term_property(node, ISA.protocolType, self._term(block, "protocol type", column))
            graph.text(node, SCHEMA.description, block.get("protocol description", column))
            graph.text(node, SCHEMA.url, block.get("protocol uri", column))
            graph.text(node, SCHEMA.version, block.get("protocol version", column))
            self._parameters(names, block, column, node, name)
            self._components(block, column, node)
            self._comments(node, block, column)

    def _parameters(
        self, names: StudyNames, block: Block, column: int, protocol: str, name: str
    ) -> None:
        graph = self.graph
        for n, term in enumerate(self._terms(protocol, block, column, "protocol parameters name")):
            if not term:
                continue
            node = graph.mint(protocol[1:-1], "parameter", str(term.name) or f"p{n + 1}")
            graph.add(protocol, f"<{ISA.parameter}>", node)
            graph.types(node, f"<{ISA.Parameter}>")
            graph.add(node, f"<{ISA.parameterName}>", graph.term(term))
            graph.text(node, SCHEMA.name, str(term.name))
            graph.index(node, n)
            names.parameters.setdefault((name, str(term.name)), node)

    def _components(self, block: Block, column: int, protocol: str) -> None:
        graph = self.graph
        name = "protocol components"
        labels = (f"{name} name", *_with_qualifiers(f"{name} type"))
        texts = [block.get(label, column) for label in labels]
        found, surplus = split_components(*texts)
        self._ragged(block, column, labels[1], len(split_list(texts[1])), surplus)
        members = [(part, *term) for part, term in found if part or any(term)]
        self._list_texts(protocol, block, name, texts, [*zip(*members, strict=True)])
        for n, (name, parts) in enumerate(found):
            term = Term(*parts)
            if not (name or term):
                continue
            node = graph.mint(protocol[1:-1], "component", name or f"c{n + 1}")
            graph.add(protocol, f"<{ISA.component}>", node)
            graph.types(node, f"<{ISA.Component}>")
            graph.text(node, SCHEMA.name, name)
            graph.term_property(node, ISA.componentType, term)
            graph.index(node, n)

    def _assays(self, study: str, block: Block) -> list[tuple[str, str, str]]:
        graph, assays = self.graph, []
        for column in range(block.width):
            file_name = block.get("assay file name", column)
            name = PurePosixPath(file_name).stem or f"assay{column + 1}"
            node = graph.mint(study[1:-1], "assay", name, column)
            graph.add(study, f"<{SCHEMA.hasPart}>", node)
            graph.types(node, f"<{ISA.Assay}>", f"<{SCHEMA.Dataset}>")
            graph.index(node, column)
            graph.text(node, ISA.fileName, file_name)
            for label, predicate in (
                ("assay measurement type", ISA.measurementType),
                ("assay technology type", ISA.technologyType),
            ):
                graph.term_property(node, predicate, self._term(block, label, column))
            graph.text(node, ISA.technologyPlatform, block.get("assay technology platform", column))
            self._comments(node, block, column)
            assays.append((node, file_name, block.where("assay file name", column)))
        return assays


def _with_qualifiers(label: str) -> tuple[str, str, str]:
    return label, f"{label} term accession number", f"{label} term source ref"
