"""ISA-Tab: an investigation file with its study and assay tables (ISA Model and Serialization Specifications 1.0)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from fairgraph.errors import SourceError
from fairgraph.importers.archive import Source
from fairgraph.importers.format import Draft
from fairgraph.importers.isa_graph import IsaGraph, Term
from fairgraph.importers.isa_investigation import Block, read_blocks
from fairgraph.importers.isa_table import Materials, read_table
from fairgraph.importers.isa_values import TRUE, StudyNames
from fairgraph.importers.tsv import TsvFile, read_tsv
from fairgraph.terms import BIOSCHEMAS, ISA, PROV, SCHEMA

_INVESTIGATION = re.compile(r"i_.*\.txt|investigation\.txt", re.IGNORECASE)
_TABLE = re.compile(r"[sa]_.*", re.IGNORECASE)

PERSON = {
    "person last name": SCHEMA.familyName,
    "person first name": SCHEMA.givenName,
    "person mid initials": SCHEMA.additionalName,
    "person email": SCHEMA.email,
    "person phone": SCHEMA.telephone,
    "person fax": SCHEMA.faxNumber,
    "person address": SCHEMA.address,
    "person affiliation": SCHEMA.affiliation,
}
DESCRIPTION = {
    "identifier": SCHEMA.identifier,
    "title": SCHEMA.name,
    "description": SCHEMA.description,
}
DATES = {"submission date": SCHEMA.dateCreated, "public release date": SCHEMA.datePublished}


def investigation_files(source: Source) -> list[str]:
    """Return the names of the investigation files of a source, those highest in the folder tree first."""
    names = [n for n in source.members if _INVESTIGATION.fullmatch(PurePosixPath(n).name)]
    return sorted(names, key=lambda name: (name.count("/"), name))


def detect(source: Source) -> bool:
    """Tell whether a source holds an ISA-Tab investigation file."""
    return bool(investigation_files(source))


def metadata_files(source: Source) -> list[str]:
    """Return the files of the dataset that the importer reads, for its checksum."""
    return list(_Files(source).metadata())


def read(source: Source, draft: Draft) -> None:
    """Read an ISA-Tab folder or ISArchive.

    Tolerant: what is unusual is kept and reported. Raises SourceError, with file and line, if there is no investigation file,
    if it is empty, or if a file is not tab-separated text.
    """
    graph = IsaGraph(draft.dataset, draft.spool, draft.report)
    files = _Files(source)
    file = read_tsv(files.investigation, source.open(files.investigation), graph.report)
    reader = _InvestigationReader(graph, file, files)
    blocks = read_blocks(file, graph.report)
    draft.title = reader.read(blocks)
    draft.checked = True
    draft.entities = {"study": graph.studies, "sample": graph.samples}
    for name in files.unread():
        graph.find(
            "info",
            "isa-unreferenced-file",
            f"{name} is not named by the investigation file and was not read",
            where=name,
        )


class _Files:
    def __init__(self, source: Source) -> None:
        found = investigation_files(source)
        if not found:
            raise SourceError("holds no ISA-Tab investigation file (i_*.txt)", where=source.name)
        self.source, self.investigation = source, found[0]
        self.folder = self.investigation.rpartition("/")[0]
        self.read: set[str] = {self.investigation}

    def metadata(self) -> Iterator[str]:
        yield self.investigation
        for name in sorted(self.source.members):
            folder, _, file = name.rpartition("/")
            if folder == self.folder and _TABLE.fullmatch(file):
                yield name

    def find(self, name: str) -> str | None:
        """Return the member that the investigation file calls *name*, also if its case differs; None if it is missing."""
        path = f"{self.folder}/{name}" if self.folder else name
        if path in self.source.members:
            return path
        wanted = path.lower()
        return next((member for member in self.source.members if member.lower() == wanted), None)

    def unread(self) -> list[str]:
        return [
            name
            for name in self.source.members
            if name not in self.read
            and (name in set(self.metadata()) or _INVESTIGATION.fullmatch(name.rpartition("/")[2]))
        ]


@dataclass
class _Study:
    """The blocks of one study, by section."""

    blocks: dict[str, Block]

    def block(self, section: str) -> Block:
        return self.blocks.get(section) or Block(section, 0)


class _InvestigationReader:
    def __init__(self, graph: IsaGraph, file: TsvFile, files: _Files) -> None:
        self.graph, self.file, self.files = graph, file, files
        self.root = f"<{graph.dataset}>"

    def where(self, block: Block, label: str = "", column: int = -1) -> str:
        line = block.lines.get(label, block.line) or 1  # a section that is not there has no line
        return f"{self.file.name}:{line}:{column + 2}"

    def read(self, blocks: list[Block]) -> str:
        graph, root = self.graph, self.root
        graph.types(root, f"<{ISA.Investigation}>", f"<{SCHEMA.Dataset}>")
        graph.text(root, ISA.fileName, self.file.name)
        top, studies = self._group(blocks)
        self._ontology_sources(top.block("ONTOLOGY SOURCE REFERENCE"))
        investigation = top.block("INVESTIGATION")
        self._describe(root, investigation)
        self._publications(root, top.block("INVESTIGATION PUBLICATIONS"))
        self._contacts(root, top.block("INVESTIGATION CONTACTS"))
        titles = []
        for n, study in enumerate(studies):
            titles.append(self._study(study, n))
        self._undeclared_sources(top.block("ONTOLOGY SOURCE REFERENCE"))
        if not studies:
            graph.find(
                "warning",
                "isa-no-study",
                "the investigation has no study",
                where=f"{self.file.name}:1:1",
            )
        return investigation.get("title") or next(filter(None, titles), "")

    def _group(self, blocks: list[Block]) -> tuple[_Study, list[_Study]]:
        top, studies = _Study({}), []
        for block in blocks:
            if block.section == "STUDY":
                studies.append(_Study({}))
            belongs_to_study = block.section.startswith("STUDY")
            if belongs_to_study and not studies:
                message = (
                    f"section {block.section} stands before any STUDY section; a study is assumed"
                )
                self.graph.find(
                    "violation", "isa-section-order", message, code="5", where=self.where(block)
                )
                studies.append(_Study({}))
            owner = studies[-1] if belongs_to_study else top
            if block.section in owner.blocks:
                message = f"section {block.section} is given twice; both are read"
                self.graph.find(
                    "warning", "isa-repeated-section", message, code="5", where=self.where(block)
                )
                _append(owner.blocks[block.section], block)
            else:
                owner.blocks[block.section] = block
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
            for name, line, text in (*block.column_comments(column), *block.cells(column)):
                message = f"{name!r} has more than one value; the further ones are kept as comments"
                where = f"{self.file.name}:{line}:{column + 2}"
                graph.find("warning", "isa-surplus-value", message, where=where)
                graph.comment(node, name, text, position)
                position += 1

    def _comments(self, node: str, block: Block, column: int) -> int:
        """Write comments and unknown labels of one object; return how many."""
        position = 0
        for name, _, text in block.column_comments(column):
            self.graph.comment(node, name, text, position)
            position += 1
        for label, line, text in block.rest(column):
            message = f"{label!r} is not a label of section {block.section}; kept as a comment"
            where = f"{self.file.name}:{line}:{column + 2}"
            self.graph.find("warning", "isa-unknown-label", message, code="5", where=where)
            self.graph.comment(node, label, text, position)
            position += 1
        return position

    def _term(self, block: Block, label: str, column: int) -> Term:
        return Term(
            block.get(label, column),
            block.get(f"{label} term accession number", column),
            block.get(f"{label} term source ref", column),
        )

    def _terms(self, block: Block, column: int, name: str, qualified: str = "") -> list[Term]:
        """Read a semicolon-delimited list of terms (ISA-Tab, Multiple values fields); ragged lists are padded."""
        qualified = qualified or name
        texts = block.get(name, column)
        accessions = block.get(f"{qualified} term accession number", column)
        sources = block.get(f"{qualified} term source ref", column)
        if not (texts or accessions.strip(";") or sources.strip(";")):
            return []
        lists = [_split(texts), _split(accessions), _split(sources)]
        count = len(lists[0])
        for n, values in enumerate(lists[1:], 1):
            if len(values) > count and any(values[count:]):
                # More accessions than names: the surplus stays with the last name.
                message = f"{name!r} has {count} names but {len(values)} qualifiers; the rest is kept with the last"
                where = self.where(block, name, column)
                self.graph.find("warning", "isa-ragged-list", message, where=where)
                lists[n] = [*values[: count - 1], ";".join(values[count - 1 :])]
            lists[n] += [""] * (count - len(lists[n]))
        return [
            Term(text, accession, source)
            for text, accession, source in zip(
                lists[0], lists[1][:count], lists[2][:count], strict=True
            )
        ]

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
                    where=self.where(block, "term source name", column),
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
                    "isa-term-source-undeclared",
                    message,
                    code="3009",
                    where=self.where(block),
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
            for n, role in enumerate(self._terms(block, column, "person roles")):
                if role:
                    graph.annotation(node, ISA.role, "role", role, n)
            self._comments(node, block, column)

    # -- study -------------------------------------------------------------------------------------------------------

    def _study(self, study: _Study, n: int) -> str:
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
        place = self.where(block, "file name", 0)
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
            graph.find(
                "warning", "isa-no-file-name", "no table file is named", code="3005", where=where
            )
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
            if term or any((*block.column_comments(column), *block.rest(column))):
                node = self.graph.annotation(
                    study, ISA.designDescriptor, "design", term or "", column
                )
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
        for n, term in enumerate(
            self._terms(block, column, "protocol parameters name", self._qualified(block))
        ):
            if not term:
                continue
            node = graph.mint(protocol[1:-1], "parameter", str(term.name) or f"p{n + 1}")
            graph.add(protocol, f"<{ISA.parameter}>", node)
            graph.types(node, f"<{ISA.Parameter}>")
            graph.add(node, f"<{ISA.parameterName}>", graph.term(term))
            graph.text(node, SCHEMA.name, str(term.name))
            graph.index(node, n)
            names.parameters.setdefault((name, str(term.name)), node)

    @staticmethod
    def _qualified(block: Block) -> str:
        # The standard's table of labels and its own example disagree about the word Name here.
        short = "protocol parameters"
        return short if f"{short} term accession number" in block.values else f"{short} name"

    def _components(self, block: Block, column: int, protocol: str) -> None:
        graph = self.graph
        names = _split(block.get("protocol components name", column))
        types = self._terms(block, column, "protocol components type")
        for n in range(max(len(names), len(types))):
            name = names[n] if n < len(names) else ""
            term = types[n] if n < len(types) else Term()
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
            assays.append((node, file_name, self.where(block, "assay file name", column)))
        return assays


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";")]


def _append(first: Block, second: Block) -> None:
    """Put the objects of a repeated section behind those of the first."""
    width = first.width
    for label, cells in second.values.items():
        row = first.values.setdefault(label, [])
        first.lines.setdefault(label, second.lines[label])
        first.labels.setdefault(label, second.labels[label])
        first.values[label] = (row + [""] * width)[:width] + cells
    for name, line, cells in second.comments:
        first.comments.append((name, line, [""] * width + cells))
