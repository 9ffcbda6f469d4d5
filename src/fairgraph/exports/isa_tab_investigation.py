"""The investigation file of ISA-Tab out of the graph (ISA-Tab, Investigation File)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from fairgraph.exports.isa_json_tables import CARRIER
from fairgraph.exports.isa_view import IsaView, Piece, lexical
from fairgraph.isa.sections import (
    STUDY_SECTIONS,
    TOP_SECTIONS,
    Key,
    default_keys,
    heading,
    join_list,
    row_keys,
    row_label,
    split_components,
    split_terms,
    standard_labels,
)
from fairgraph.terms import FG, ISA, SCHEMA

ACCESSION, SOURCE = " term accession number", " term source ref"
UNKNOWN = f"{CARRIER}Protocol REF"
DEFAULT_NAME = "i_investigation.txt"

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


class Remark(list[str]):
    """A row that is a comment: it begins with ``#``, which is not quoted."""


@dataclass
class _Column:
    """What a section says about one object: by label of the standard, and by other row."""

    values: dict[str, str] = field(default_factory=dict)
    others: dict[Key, str] = field(default_factory=dict)

    def cell(self, key: Key) -> str:
        return self.others.get(key, "") if key[0] else self.values.get(key[1], "")


def file_name(view: IsaView) -> str:
    """Return the name of the investigation file."""
    return view.text(view.root, ISA.fileName) or DEFAULT_NAME


def investigation_rows(view: IsaView, *, normalise: bool = False) -> Iterator[list[str]]:
    """Yield the rows of the investigation file: a label, then a cell for each object.

    Rows that are comments are :class:`Remark`; the first cell of any other row is a label, also if it begins with ``#``.
    """
    remarks = [] if normalise else list(view.layout.get((view.root, ISA.row), ()))
    count = 0
    for row in _Writer(view, normalise).rows():
        while remarks and remarks[0].index <= count:
            yield Remark(remarks.pop(0).text.split("\t"))
            count += 1
        yield row
        count += 1
    for remark in remarks:
        yield Remark(remark.text.split("\t"))


class _Writer:
    def __init__(self, view: IsaView, normalise: bool) -> None:
        self.view, self.normalise = view, normalise

    # -- sections ----------------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[list[str]]:
        view, root = self.view, self.view.root
        studies = [node for node in view.links(root, SCHEMA.hasPart) if view.is_a(node, ISA.Study)]
        top = self._sections(root, TOP_SECTIONS)
        for n, study in enumerate(studies):
            parts = self._sections(study, STUDY_SECTIONS)
            if n and "STUDY" not in [section for section, _ in parts]:
                parts.insert(0, ("STUDY", None))
            for section, piece in parts:
                place = piece.index if piece else inf
                while top and (top[0][1] is None or not top[0][1].index > place):
                    yield from self._part(root, *top.pop(0))
                yield from self._part(study, section, piece)
        for section, piece in top:
            yield from self._part(root, section, piece)

    def _pieces(self, owner: str, section: str) -> list[Piece]:
        pieces = self.view.layout.get((owner, ISA.section), ())
        return sorted((p for p in pieces if p.name == section), key=lambda piece: piece.first)

    def _sections(self, owner: str, default: dict[str, tuple[str, ...]]) -> list[_Part]:
        """Return the sections of the investigation or a study in order, each with what is said of how it was written."""
        pieces = self.view.layout.get((owner, ISA.section), ())
        listed = [p for p in pieces if p.index != inf and p.name in default]
        if not listed or self.normalise:
            return [(s, next(iter(self._pieces(owner, s)), None)) for s in default]
        parts: list[_Part] = [(piece.name, piece) for piece in listed]
        place = 0
        for section in default:
            there = [n for n, (name, _) in enumerate(parts) if name == section]
            if there:
                place = there[-1] + 1
            elif any(any(c.values.values()) or c.others for c in self._columns(owner, section)):
                parts.insert(place, (section, None))
                place += 1
        return parts

    def _part(self, owner: str, section: str, piece: Piece | None) -> Iterator[list[str]]:
        columns = self._columns(owner, section)
        if piece is not None and not self.normalise:
            firsts = [p.first for p in self._pieces(owner, section)]
            begin = firsts.index(piece.first)
            columns = columns[
                piece.first if begin else 0 : (firsts[begin + 1 :] or [len(columns)])[0]
            ]
        yield [piece.text if piece and piece.text else section]
        for label, key in self._labels(section, piece, columns):
            cells = [column.cell(key) for column in columns]
            if any(cells) or not heading(label):
                yield [label, *cells]

    def _labels(
        self, section: str, piece: Piece | None, columns: Sequence[_Column]
    ) -> list[tuple[str, Key]]:
        default = default_keys(section, [list(column.others) for column in columns])
        fields = self.view.layout.get((piece.iri, ISA.field), ()) if piece else ()
        if self.normalise or not (fields or (piece and piece.bare)):
            return [(row_label(section, key), key) for key in default]
        labels = [row.text for row in fields]
        rows = list(zip(labels, row_keys(section, labels), strict=True))
        place = 0
        for key in default:  # what the graph says and the file did not have a row for
            there = [n for n, (_, known) in enumerate(rows) if known == key]
            if there:
                place = there[0] + 1
            elif any(column.cell(key) for column in columns):
                rows.insert(place, (row_label(section, key), key))
                place += 1
        return rows

    # -- objects -----------------------------------------------------------------------------------------------------

    def _columns(self, owner: str, section: str) -> list[_Column]:
        name = section.removeprefix("INVESTIGATION ")
        return _COLUMNS[name](self, owner, section)

    def _ontology_sources(self, root: str, section: str) -> list[_Column]:
        return [
            self._column(section, node, ONTOLOGY_SOURCE)
            for node in self._declared(root, ISA.ontologySource)
        ]

    def _description(self, node: str, section: str) -> list[_Column]:
        labels = STUDY if section == "STUDY" else DESCRIPTION
        columns = [_Column(self._texts(node, labels))]
        columns[0].others = self._others(section, node, 0)
        comments = self.view.comments.get(node, ())
        for surplus in range(1, max((self._surplus(c.iri) for c in comments), default=0) + 1):
            others = self._others(section, node, surplus)
            values = {key[1]: text for key, text in others.items() if not key[0]}
            columns.append(_Column(values, {k: text for k, text in others.items() if k[0]}))
        return columns

    def _designs(self, study: str, section: str) -> list[_Column]:
        columns = []
        for member in self.view.lists.get((study, ISA.designDescriptor), ()):
            column = self._column(section, member.iri, {})
            if member.term:
                self._term(column, "design type", member.term)
            else:
                column.values["design type"] = lexical(member.literal, member.raw)
            columns.append(column)
        return columns

    def _publications(self, owner: str, section: str) -> list[_Column]:
        columns = []
        for node in self.view.links(owner, SCHEMA.citation):
            column = self._column(section, node, PUBLICATION)
            self._term_of(column, "publication status", node, ISA.publicationStatus)
            columns.append(column)
        return columns

    def _people(self, owner: str, section: str) -> list[_Column]:
        columns = []
        for node in self.view.links(owner, SCHEMA.creator):
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

    def _factors(self, study: str, section: str) -> list[_Column]:
        columns = []
        for node in self._declared(study, ISA.factor):
            column = self._column(section, node, FACTOR)
            self._term_of(column, "factor type", node, ISA.factorType)
            columns.append(column)
        return columns

    def _protocols(self, study: str, section: str) -> list[_Column]:
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

    def _assays(self, study: str, section: str) -> list[_Column]:
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
            if not (view.flag(node, ISA.undeclared) or self._is_unknown_protocol(node))
        ]

    def _is_unknown_protocol(self, node: str) -> bool:
        """Tell whether ISA-JSON declares this only because each of its processes has to have a protocol."""
        return any(comment.name == UNKNOWN for comment in self.view.comments.get(node, ()))

    def _column(self, section: str, node: str, labels: dict[str, str]) -> _Column:
        return _Column(self._texts(node, labels), self._others(section, node, 0))

    def _texts(self, node: str, labels: dict[str, str]) -> dict[str, str]:
        return {label: self.view.text(node, predicate) for label, predicate in labels.items()}

    def _surplus(self, comment: str) -> int:
        text = self.view.labels.get(comment, {}).get(ISA.surplus, "")
        return int(text) if text.isdecimal() and len(text) < 5 else 0

    def _others(self, section: str, node: str, surplus: int) -> dict[Key, str]:
        """Return the comments on an object by row; for further values of a line that takes one, also the standard's rows."""
        standard = {label: key for key, label in standard_labels(section).items()}
        others: dict[Key, str] = {}
        for comment in self.view.comments.get(node, ()):
            label = self.view.labels.get(comment.iri, {}).get(ISA.header)
            if self._surplus(comment.iri) != surplus or comment.name.startswith(CARRIER):
                continue
            name = ("comment", comment.name) if label is None else ("label", label)
            number = sum(1 for key in others if key[:2] == name)
            if surplus and label in standard and ("", standard[label], 0) not in others:
                others["", standard[label], 0] = comment.text
            else:
                others[*name, number] = comment.text
        return others

    def _term_texts(self, term: str) -> tuple[str, str, str]:
        view = self.view
        names = view.properties.get(term, {}).get(SCHEMA.name, [])
        name = lexical(min(names, key=str), view.text(term, FG.rawText)) if names else ""
        sources = view.links(term, SCHEMA.inDefinedTermSet)
        source = view.text(sources[0], SCHEMA.name) if sources else ""
        return name, view.accession(term), source

    def _term(self, column: _Column, label: str, term: str) -> None:
        texts = self._term_texts(term)
        for suffix, text in zip(("", ACCESSION, SOURCE), texts, strict=True):
            column.values[label + suffix] = text

    def _term_of(self, column: _Column, label: str, node: str, predicate: str) -> None:
        if terms := self.view.links(node, predicate):
            self._term(column, label, terms[0])

    def _terms(
        self,
        column: _Column,
        section: str,
        node: str,
        label: str,
        members: Sequence[tuple[str, ...]],
    ) -> None:
        self._lists(column, section, node, label, members, _terms)

    def _lists(
        self,
        column: _Column,
        section: str,
        node: str,
        begin: str,
        members: Sequence[tuple[str, ...]],
        parse: Callable[..., list[tuple[str, ...]]],
    ) -> None:
        """Write lists that belong together: as they were written while that still says the same, else plainly."""
        standard = standard_labels(section)
        labels = [label for label in standard if label.startswith(begin)]
        plain = [join_list(parts) for parts in zip(*members, strict=True)] or [""] * len(labels)
        pieces = self.view.layout.get((node, ISA.listText), ())
        written = {piece.name: piece.text for piece in pieces}
        texts = [
            written.get(standard[label], text) for label, text in zip(labels, plain, strict=True)
        ]
        if self.normalise or parse(*texts) != [member for member in members if any(member)]:
            texts = plain
        column.values.update(zip(labels, texts, strict=True))


_Part = tuple[str, Piece | None]


def _terms(*texts: str) -> list[tuple[str, ...]]:
    return [term for term in split_terms(*texts)[0] if any(term)]


def _components(*texts: str) -> list[tuple[str, ...]]:
    found = split_components(*texts)[0]
    return [(name, *term) for name, term in found if name or any(term)]


_COLUMNS: dict[str, Callable[[_Writer, str, str], list[_Column]]] = {
    "ONTOLOGY SOURCE REFERENCE": _Writer._ontology_sources,
    "INVESTIGATION": _Writer._description,
    "PUBLICATIONS": _Writer._publications,
    "CONTACTS": _Writer._people,
    "STUDY": _Writer._description,
    "STUDY DESIGN DESCRIPTORS": _Writer._designs,
    "STUDY PUBLICATIONS": _Writer._publications,
    "STUDY FACTORS": _Writer._factors,
    "STUDY ASSAYS": _Writer._assays,
    "STUDY PROTOCOLS": _Writer._protocols,
    "STUDY CONTACTS": _Writer._people,
}


def row_text(row: list[str]) -> str:
    """Return a row as a line of text; cells are quoted where they would be read as something else without."""
    cells = [_quoted(cell) for cell in row]
    if isinstance(row, Remark):
        cells[0] = row[0]
    elif row[0].startswith("#"):
        cells[0] = '"' + row[0].replace('"', '""') + '"'
    return "\t".join(cells) + "\n"


def _quoted(cell: str) -> str:
    if cell.startswith('"') or any(mark in cell for mark in "\t\n\r"):
        return '"' + cell.replace('"', '""') + '"'
    return cell
