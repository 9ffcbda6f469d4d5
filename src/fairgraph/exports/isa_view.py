"""The answers to the ISA queries as Python values, ordered: what ISA-JSON (and ISA-Tab) are written from."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any

from pyoxigraph import Literal, NamedNode

from fairgraph.exports.export import Answers
from fairgraph.terms import BIOSCHEMAS, FG, ISA, RDF, SCHEMA, SKOS, is_web_iri, place_of

Order = tuple[float, float, str]

KINDS = {
    ISA.source: "source",
    ISA.sample: "sample",
    ISA.otherMaterial: "material",
    ISA.dataFile: "data",
    ISA.process: "process",
}


@dataclass(slots=True)
class Node:
    """A source, sample, other material, data file or process."""

    iri: str
    kind: str
    order: Order
    name: str = ""
    labeled: bool = False
    file_type: str = ""
    tabular: bool = False  # read from a table, whose cells are text
    column: str = ""  # the column of the table in which it stands

    @property
    def line(self) -> int:
        """The line of the table that names it first, 0 if it was not read from one."""
        return int(self.order[0]) if self.tabular and self.order[0] < _LAST else 0


@dataclass(slots=True)
class Value:
    """An annotation: what it is about (``category``, an IRI), and a literal or a term (an IRI), and a unit (an IRI)."""

    iri: str
    category: str
    literal: Literal | None
    raw: str
    term: str
    unit: str
    index: float


@dataclass(slots=True)
class Comment:
    """A comment; ``order`` sorts the comments of one owner."""

    iri: str
    name: str
    text: str
    term: str
    unit: str
    order: Order


@dataclass(frozen=True, slots=True)
class Piece:
    """A section, a row or a list of the investigation file, or a ``#`` row, where something is said of how it was written."""

    iri: str
    name: str
    text: str
    index: float = float("inf")
    first: int = 0
    bare: bool = False


@dataclass
class IsaView:
    """Everything that an ISA export needs of one dataset, indexed by the IRI it is about."""

    root: str
    properties: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    types: dict[str, set[str]] = field(default_factory=dict)
    members: dict[str, list[Node]] = field(default_factory=dict)
    processes: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    edges: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    values: dict[str, list[Value]] = field(default_factory=dict)
    lists: dict[tuple[str, str], list[Value]] = field(default_factory=dict)
    comments: dict[str, list[Comment]] = field(default_factory=dict)
    notation: dict[str, dict[str, str]] = field(default_factory=dict)
    shown_in: dict[str, list[str]] = field(default_factory=dict)
    table_remarks: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    doubled: list[tuple[str, str]] = field(
        default_factory=list
    )  # what has several of something that is one
    layout: dict[tuple[str, str], list[Piece]] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)  # of comments

    def text(self, subject: str, predicate: str) -> str:
        """Return the value of a property as text (the least one, if an update gave it several), ``""`` if it has none."""
        return min(
            (term.value for term in self.properties.get(subject, {}).get(predicate, ())), default=""
        )

    def links(self, subject: str, predicate: str) -> list[str]:
        """Return the IRIs that a property leads to, in the order of their ``fg:index``, then by IRI."""
        found = {
            term.value
            for term in self.properties.get(subject, {}).get(predicate, ())
            if isinstance(term, NamedNode)
        }
        return sorted(found, key=lambda iri: (self._index(iri), iri))

    def people(self, owner: str) -> list[str]:
        """Return the IRIs of the contacts of a dataset: its creators, else its authors; people of whom nothing is said are none."""
        found = self.links(owner, SCHEMA.creator) or self.links(owner, SCHEMA.author)
        return [person for person in found if person in self.properties]

    def is_a(self, subject: str, rdf_type: str) -> bool:
        """Tell whether a subject has a type."""
        return rdf_type in self.types.get(subject, ())

    def flag(self, subject: str, predicate: str) -> bool:
        """Tell whether a boolean property is true."""
        return self.text(subject, predicate) == "true"

    def term(self, node: str) -> tuple[str, str, str]:
        """Return name, source and accession of a term, as texts."""
        names = self.properties.get(node, {}).get(SCHEMA.name, [])
        name = lexical(min(names, key=str), self.text(node, FG.rawText)) if names else ""
        sources = self.links(node, SCHEMA.inDefinedTermSet)
        source = self.text(sources[0], SCHEMA.name) if sources else ""
        return name, source, self.accession(node)

    def accession(self, term: str) -> str:
        """Return the accession of a term: its code, else the IRI that it is or exactly matches, else ``""``."""
        if code := self.text(term, SCHEMA.termCode):
            return code
        if exact := self.links(term, SKOS.exactMatch):
            return exact[0]
        return "" if term.startswith(f"{self.root}/") or not is_web_iri(term) else term

    def header(self, column: str) -> str:
        """Return the header of a column; the name in its brackets follows the name of what the column is about."""
        text = self.text(column, ISA.header)
        names = {self.text(about, SCHEMA.name) for about in self.links(column, FG.category)}
        if len(names) != 1:
            return text
        name, (head, bracket, rest) = names.pop(), text.partition("[")
        written = rest.rpartition("]")[0].strip() if bracket else text.strip()
        if not name or name.lower() == written.lower():
            return text
        return f"{head}[{name}]" if bracket else f"Characteristics[{name}]"

    def position(self, iri: str) -> Order:
        """Return the place of something declared among its siblings."""
        return self._index(iri), 0, iri

    def _index(self, iri: str) -> float:
        return place_of(self.text(iri, FG.index))


def read_view(answers: Answers) -> IsaView:
    """Run the queries of ``queries/export/isa`` and put the rows together."""
    view = IsaView(answers.dataset.value)
    for subject, predicate, obj in answers.rows("declarations"):
        about = view.properties.setdefault(subject.value, {})
        about.setdefault(predicate.value, []).append(obj)
        if predicate.value == RDF.type:
            view.types.setdefault(subject.value, set()).add(obj.value)
    _read_nodes(view, answers)
    _read_processes(view, answers)
    _read_values(view, answers)
    for owner, relation, node, value, term, index in answers.rows("lists"):
        members = view.lists.setdefault((owner.value, relation.value), [])
        members.append(Value(node.value, "", value, "", _text(term), "", place_of(index)))
    for members in view.lists.values():
        members.sort(key=lambda member: (member.index, member.iri))
    for owner, node, name, text, term, unit, index in answers.rows("comments"):
        comment = Comment(
            node.value,
            _text(name),
            _text(text),
            _text(term),
            _text(unit),
            (place_of(index), 0, node.value),
        )
        view.comments.setdefault(owner.value, []).append(comment)
    for comments in view.comments.values():
        comments.sort(key=lambda comment: comment.order)
    for subject, predicate, text in answers.rows("notation"):
        view.notation.setdefault(subject.value, {})[predicate.value] = text.value
    for value, table in answers.rows("shown"):
        view.shown_in.setdefault(value.value, []).append(table.value)
    for table, line, text in answers.rows("table-remarks"):
        if line.value.isdecimal() and len(line.value) < 10:
            view.table_remarks.setdefault(table.value, []).append((int(line.value), text.value))
    _read_layout(view, answers)
    return view


def _read_layout(view: IsaView, answers: Answers) -> None:
    for owner, relation, node, name, text, index, first, bare in answers.rows("layout"):
        piece = Piece(
            node.value,
            _text(name),
            _text(text),
            place_of(index),
            int(count) if (count := _text(first)).isdecimal() and len(count) < 10 else 0,
            _text(bare) == "true",
        )
        view.layout.setdefault((owner.value, relation.value), []).append(piece)
    for node, text, index, line in answers.rows("remarks"):
        piece = Piece(node.value, _text(line), _text(text), place_of(index))
        view.layout.setdefault((view.root, ISA.row), []).append(piece)
    for pieces in view.layout.values():
        pieces.sort(key=lambda piece: (piece.index, piece.iri))
    for comment, predicate, value in answers.rows("labels"):
        view.labels.setdefault(comment.value, {})[predicate.value] = value.value


def _read_processes(view: IsaView, answers: Answers) -> None:
    for process, predicate, obj in answers.rows("processes"):
        view.processes.setdefault(process.value, {}).setdefault(predicate.value, []).append(
            obj.value
        )
    for process_iri, properties in view.processes.items():
        for key, what in ((BIOSCHEMAS.executesLabProtocol, "protocols"), (SCHEMA.endTime, "dates")):
            if len(properties.get(key, ())) > 1:
                view.doubled.append((process_iri, what))
    for process, performer in answers.rows("performers"):
        view.processes.setdefault(process.value, {}).setdefault(SCHEMA.agent, []).append(
            performer.value
        )
    for subject, relation, obj in answers.rows("edges"):
        view.edges.setdefault(subject.value, {}).setdefault(relation.value, []).append(obj.value)


def _read_nodes(view: IsaView, answers: Answers) -> None:
    kinds = {node.value: _text(file_type) for node, file_type in answers.rows("kinds")}
    columns: dict[str, float] = {"": 0.0}
    members: dict[str, dict[str, Node]] = {}
    for owner, relation, node, name, index, line, column in answers.rows("nodes"):
        iri, kind, text = node.value, KINDS[relation.value], _text(name)
        siblings = members.setdefault(owner.value, {})
        if iri in siblings:  # an update gave something two names: the least is written
            if siblings[iri].name != text:
                view.doubled.append((iri, "names"))
            siblings[iri].name = min(siblings[iri].name, text)
            continue
        table_column = _text(column)
        if table_column not in columns:
            columns[table_column] = view._index(table_column)
        tabular = line is not None
        order = (place_of(line if tabular else index), columns[table_column], iri)
        found = siblings[iri] = Node(iri, kind, order, text, tabular=tabular, column=table_column)
        if iri in kinds:
            found.file_type, found.labeled = kinds[iri], kind == "material"
    for owner_iri, siblings in members.items():
        view.members[owner_iri] = sorted(siblings.values(), key=attrgetter("order"))


def _read_values(view: IsaView, answers: Answers) -> None:
    seen: dict[str, Value] = {}
    for owner, node, category, value, raw, term, unit, index in answers.rows("values"):
        found = Value(
            node.value,
            _text(category),
            value,
            _text(raw),
            _text(term),
            _text(unit),
            place_of(index),
        )
        known = seen.setdefault(node.value, found)
        if known is found:
            view.values.setdefault(owner.value, []).append(found)
        elif (value, found.term, found.unit) != (known.literal, known.term, known.unit):
            view.doubled.append((node.value, "values, terms or units"))
            if _text(value) < _text(known.literal):
                known.literal, known.raw = value, _text(raw)
    places = {iri: view._index(iri) for iri in {value.category for value in seen.values()}}
    for values in view.values.values():
        if len(values) > 1:
            values.sort(key=lambda v: (places[v.category] if v.index == _LAST else v.index, v.iri))


_LAST = float("inf")


def _text(term: Any) -> str:
    return "" if term is None else str(term.value)


def lexical(literal: Literal | None, raw: str) -> str:
    """Return a literal as text: the raw text beside it while that still means the same."""
    if literal is None:
        return raw
    try:
        return raw if raw and Decimal(raw) == Decimal(literal.value) else literal.value
    except InvalidOperation:
        return literal.value
