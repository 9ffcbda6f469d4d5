"""What an ISA-Tab investigation file says about each object of a section, out of the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fairgraph.exports.isa_json_tables import CARRIER
from fairgraph.exports.isa_view import IsaView, lexical
from fairgraph.isa.sections import (
    PERSON,
    Key,
    join_list,
    split_components,
    split_terms,
    standard_labels,
)
from fairgraph.terms import FG, ISA, SCHEMA

ACCESSION, SOURCE = " term accession number", " term source ref"
UNKNOWN = f"{CARRIER}Protocol REF"

ONTOLOGY_SOURCE = {
    "term source name": SCHEMA.name,
    "term source file": SCHEMA.url,
    "term source version": SCHEMA.version,
    "term source description": SCHEMA.description,
}
DESCRIPTION = {
    "identifier": SCHEMA.identifier,
    "title": SCHEMA.name,
    "description": SCHEMA.description,
    "submission date": SCHEMA.dateCreated,
    "public release date": SCHEMA.datePublished,
}
STUDY = {**DESCRIPTION, "file name": ISA.fileName}
PUBLICATION = {
    "pubmed id": ISA.pubMedID,
    "publication doi": ISA.doi,
    "publication author list": ISA.authorList,
    "publication title": SCHEMA.name,
}
FACTOR = {"factor name": SCHEMA.name}
PROTOCOL = {
    "protocol name": SCHEMA.name,
    "protocol description": SCHEMA.description,
    "protocol uri": SCHEMA.url,
    "protocol version": SCHEMA.version,
}
ASSAY = {
    "assay file name": ISA.fileName,
    "assay technology platform": ISA.technologyPlatform,
}


@dataclass
class Column:
    """What a section says about one object: by label of the standard, and by other row."""

    values: dict[str, str] = field(default_factory=dict)
    others: dict[Key, str] = field(default_factory=dict)

    def cell(self, key: Key) -> str:
        """Return what stands in a row."""
        return self.others.get(key, "") if key[0] else self.values.get(key[1], "")

    def __bool__(self) -> bool:
        return any(self.values.values()) or any(self.others.values())


class Objects:
    """The objects of each section.

    With *plain*, lists are written plainly, and what the tables use without a declaration is declared. *tables* says how the files
    of studies and assays are called, where that is not their ``isa:fileName``.
    """

    def __init__(
        self, view: IsaView, *, plain: bool = False, tables: Mapping[str, str] | None = None
    ) -> None:
        self.view, self.plain, self.tables = view, plain, tables or {}

    def of(self, owner: str, section: str) -> list[Column]:
        """Return the objects of a section of the investigation or a study, in order."""
        return _COLUMNS[section.removeprefix("INVESTIGATION ")](self, owner, section)

    def _ontology_sources(self, root: str, section: str) -> list[Column]:
        return [
            self._column(section, node, ONTOLOGY_SOURCE)
            for node in self._declared(root, ISA.ontologySource)
        ]

    def _description(self, node: str, section: str) -> list[Column]:
        labels = STUDY if section == "STUDY" else DESCRIPTION
        columns = [Column(self._texts(node, labels))]
        columns[0].others = self._others(section, node, 0)
        comments = self.view.comments.get(node, ())
        for surplus in range(1, max((self._surplus(c.iri) for c in comments), default=0) + 1):
            others = self._others(section, node, surplus)
            values = {key[1]: text for key, text in others.items() if not key[0]}
            columns.append(Column(values, {k: text for k, text in others.items() if k[0]}))
        return columns

    def _designs(self, study: str, section: str) -> list[Column]:
        columns = []
        for member in self.view.lists.get((study, ISA.designDescriptor), ()):
            column = self._column(section, member.iri, {})
            if member.term:
                self._term(column, "design type", member.term)
            else:
                column.values["design type"] = lexical(member.literal, member.raw)
            columns.append(column)
        return columns

    def _publications(self, owner: str, section: str) -> list[Column]:
        columns = []
        for node in self.view.links(owner, SCHEMA.citation):
            column = self._column(section, node, PUBLICATION)
            self._term_of(column, "publication status", node, ISA.publicationStatus)
            columns.append(column)
        return columns

    def _people(self, owner: str, section: str) -> list[Column]:
        columns = []
        for node in self.view.people(owner):
            column = self._column(section, node, PERSON)
            members = [
                self._term_texts(role.term)
                if role.term
                else (lexical(role.literal, role.raw), "", "")
                for role in self.view.lists.get((node, ISA.role), ())
            ]
            self._terms(column, section, node, "person roles", members)
            columns.append(column)
        return columns

    def _factors(self, study: str, section: str) -> list[Column]:
        columns = []
        for node in self._declared(study, ISA.factor):
            column = self._column(section, node, FACTOR)
            self._term_of(column, "factor type", node, ISA.factorType)
            columns.append(column)
        return columns

    def _protocols(self, study: str, section: str) -> list[Column]:
        view, columns = self.view, []
        for node in self._declared(study, ISA.protocol):
            column = self._column(section, node, PROTOCOL)
            self._term_of(column, "protocol type", node, ISA.protocolType)
            parameters = []
            for parameter in self._declared(node, ISA.parameter):
                names = view.links(parameter, ISA.parameterName)
                text = view.text(parameter, SCHEMA.name)
                parameters.append(self._term_texts(names[0]) if names else (text, "", ""))
            self._terms(column, section, node, "protocol parameters name", parameters)
            components = []
            for component in view.links(node, ISA.component):
                types = view.links(component, ISA.componentType)
                kind = self._term_texts(types[0]) if types else ("", "", "")
                components.append((view.text(component, SCHEMA.name), *kind))
            self._lists(column, section, node, "protocol components", components, _components)
            columns.append(column)
        return columns

    def _assays(self, study: str, section: str) -> list[Column]:
        view, columns = self.view, []
        for node in view.links(study, SCHEMA.hasPart):
            if not view.is_a(node, ISA.Assay):
                continue
            column = self._column(section, node, ASSAY)
            self._term_of(column, "assay measurement type", node, ISA.measurementType)
            self._term_of(column, "assay technology type", node, ISA.technologyType)
            columns.append(column)
        return columns

    # -- parts of objects --------------------------------------------------------------------------------------------

    def _declared(self, owner: str, predicate: str) -> list[str]:
        view = self.view
        return [
            node
            for node in view.links(owner, predicate)
            if (self.plain or not view.flag(node, ISA.undeclared))
            and not self._is_unknown_protocol(node)
        ]

    def _is_unknown_protocol(self, node: str) -> bool:
        """Tell whether ISA-JSON declares this only because each of its processes has to have a protocol."""
        return any(comment.name == UNKNOWN for comment in self.view.comments.get(node, ()))

    def _column(self, section: str, node: str, labels: dict[str, str]) -> Column:
        return Column(self._texts(node, labels), self._others(section, node, 0))

    def _texts(self, node: str, labels: dict[str, str]) -> dict[str, str]:
        texts = {label: self.view.text(node, predicate) for label, predicate in labels.items()}
        for label, predicate in labels.items():
            if predicate == ISA.fileName and node in self.tables:
                texts[label] = self.tables[node]
        return texts

    def _surplus(self, comment: str) -> int:
        text = self.view.labels.get(comment, {}).get(ISA.surplus, "")
        return int(text) if text.isdecimal() and len(text) < 5 else 0

    def _others(self, section: str, node: str, surplus: int) -> dict[Key, str]:
        """Return the comments on an object by row; for further values of a line that takes one, also the standard's rows."""
        standard = {label: key for key, label in standard_labels(section).items()}
        others: dict[Key, str] = {}
        numbers: Counter[tuple[str, str]] = Counter()
        for comment in self.view.comments.get(node, ()):
            label = self.view.labels.get(comment.iri, {}).get(ISA.header)
            if self._surplus(comment.iri) != surplus or comment.name.startswith(CARRIER):
                continue
            name = ("comment", comment.name) if label is None else ("label", label)
            if surplus and label in standard and ("", standard[label], 0) not in others:
                others["", standard[label], 0] = comment.text
            else:
                others[*name, numbers[name]] = comment.text
                numbers[name] += 1
        return others

    def _term_texts(self, term: str) -> tuple[str, str, str]:
        view = self.view
        names = view.properties.get(term, {}).get(SCHEMA.name, [])
        name = lexical(min(names, key=str), view.text(term, FG.rawText)) if names else ""
        sources = view.links(term, SCHEMA.inDefinedTermSet)
        source = view.text(sources[0], SCHEMA.name) if sources else ""
        return name, view.accession(term), source

    def _term(self, column: Column, label: str, term: str) -> None:
        texts = self._term_texts(term)
        for suffix, text in zip(("", ACCESSION, SOURCE), texts, strict=True):
            column.values[label + suffix] = text

    def _term_of(self, column: Column, label: str, node: str, predicate: str) -> None:
        if terms := self.view.links(node, predicate):
            self._term(column, label, terms[0])

    def _terms(
        self,
        column: Column,
        section: str,
        node: str,
        label: str,
        members: Sequence[tuple[str, ...]],
    ) -> None:
        self._lists(column, section, node, label, members, _terms)

    def _lists(
        self,
        column: Column,
        section: str,
        node: str,
        begin: str,
        members: Sequence[tuple[str, ...]],
        parse: Callable[..., list[tuple[str, ...]]],
    ) -> None:
        """Write lists that belong together: as they were written while that still says the same, else plainly."""
        standard = standard_labels(section)
        labels = [label for label in standard if label.startswith(begin)]
        if self.plain:
            filled = dict.fromkeys(member for member in members if any(member))
            members = [tuple(part.replace(";", ",") for part in member) for member in filled]
        plain = [join_list(parts) for parts in zip(*members, strict=True)] or [""] * len(labels)
        pieces = self.view.layout.get((node, ISA.listText), ())
        written = {piece.name: piece.text for piece in pieces}
        texts = [
            written.get(standard[label], text) for label, text in zip(labels, plain, strict=True)
        ]
        if self.plain or parse(*texts) != [member for member in members if any(member)]:
            texts = plain
        column.values.update(zip(labels, texts, strict=True))


def _terms(*texts: str) -> list[tuple[str, ...]]:
    return [term for term in split_terms(*texts)[0] if any(term)]


def _components(*texts: str) -> list[tuple[str, ...]]:
    found = split_components(*texts)[0]
    return [(name, *term) for name, term in found if name or any(term)]


_COLUMNS: dict[str, Callable[[Objects, str, str], list[Column]]] = {
    "ONTOLOGY SOURCE REFERENCE": Objects._ontology_sources,
    "INVESTIGATION": Objects._description,
    "PUBLICATIONS": Objects._publications,
    "CONTACTS": Objects._people,
    "STUDY": Objects._description,
    "STUDY DESIGN DESCRIPTORS": Objects._designs,
    "STUDY PUBLICATIONS": Objects._publications,
    "STUDY FACTORS": Objects._factors,
    "STUDY ASSAYS": Objects._assays,
    "STUDY PROTOCOLS": Objects._protocols,
    "STUDY CONTACTS": Objects._people,
}
