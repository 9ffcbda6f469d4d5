"""What is said about the materials, files and processes of a table, as the texts of cells."""

from __future__ import annotations

from dataclasses import dataclass

from fairgraph.exports.isa_view import Comment, IsaView, Node, Value, lexical
from fairgraph.isa.columns import AttributeKind
from fairgraph.terms import ISA, SCHEMA

Texts = tuple[str, str, str, str]  # value, unit, term source, term accession

_HEADERS: dict[AttributeKind, str] = {
    "characteristic": "Characteristics",
    "factor-value": "Factor Value",
    "parameter-value": "Parameter Value",
    "comment": "Comment",
}
_PLACES: dict[AttributeKind, int] = {
    "characteristic": 1,
    "parameter-value": 2,
    "performer": 3,
    "date": 4,
    "comment": 5,
    "factor-value": 6,
}


@dataclass(slots=True)
class Fact:
    """One thing said about an element: the texts of its cells, what it is about, and its place among its like."""

    iri: str
    kind: AttributeKind
    name: str
    category: str
    texts: Texts
    index: float
    order: float

    @property
    def place(self) -> tuple[float, float, str]:
        """Where a new column for it stands among other new ones of the stage."""
        return _PLACES[self.kind], self.order, self.name


def header_of(fact: Fact) -> str:
    """Return the header of a column for a fact."""
    if fact.kind in _HEADERS:
        return f"{_HEADERS[fact.kind]}[{fact.name}]"
    return fact.kind.capitalize()


class Facts:
    """The facts about each element of a dataset."""

    def __init__(self, view: IsaView) -> None:
        self.view = view
        self._words: dict[str, tuple[str, str, str]] = {}
        self._categories: dict[str, tuple[AttributeKind, str, float]] = {}
        self._empty: dict[tuple[str, str], int] = {}

    def empty(self, node: Node) -> int:
        """Return how many facts about an element have no text in any cell."""
        if (node.iri, node.kind) not in self._empty:
            self.about(node)
        return self._empty[node.iri, node.kind]

    def about(self, node: Node) -> list[Fact]:
        """Return the facts about one element, in the order of their categories."""
        iri, view = node.iri, self.view
        facts = [self._value(value) for value in view.values.get(iri, ())]
        # Headers say what they can describe: characteristics materials, parameter values processes. Else it is a comment.
        if node.kind in ("data", "process"):
            _as_comments(facts, "characteristic")
        if node.kind != "process":
            _as_comments(facts, "parameter-value")
        facts += [self._comment(comment) for comment in view.comments.get(iri, ())]
        if node.kind == "process" and (about := view.processes.get(iri)):
            if times := about.get(SCHEMA.endTime):
                facts.append(_plain("date", iri, min(times)))
            facts += [
                _plain("performer", iri, name) for name in sorted(about.get(SCHEMA.agent, ()))
            ]
        self._empty[iri, node.kind] = sum(not is_said(fact) for fact in facts)
        return facts

    def _value(self, value: Value) -> Fact:
        category = self._categories.get(value.category)
        if category is None:
            category = self._categories[value.category] = self._category(value.category)
        kind, name, order = category
        texts = self._texts(lexical(value.literal, value.raw), value.term, value.unit)
        return Fact(value.iri, kind, name, value.category, texts, value.index, order)

    def _category(self, category: str) -> tuple[AttributeKind, str, float]:
        view = self.view
        kind: AttributeKind = "characteristic"
        if view.is_a(category, ISA.Factor):
            kind = "factor-value"
        elif view.is_a(category, ISA.Parameter):
            kind = "parameter-value"
        return kind, view.text(category, SCHEMA.name), view.position(category)[0]

    def _comment(self, comment: Comment) -> Fact:
        texts = self._texts(comment.text, comment.term, comment.unit)
        index = comment.order[0]
        return Fact(comment.iri, "comment", comment.name, "", texts, index, index)

    def _texts(self, text: str, term: str, unit: str) -> Texts:
        if not (term or unit):
            return text, "", "", ""
        source = accession = unit_text = ""
        if term:
            text, source, accession = self._term(term)
        if unit:
            unit_text, unit_source, unit_accession = self._term(unit)
            if not (source or accession):
                source, accession = unit_source, unit_accession
        return text, unit_text, source, accession

    def _term(self, node: str) -> tuple[str, str, str]:
        words = self._words.get(node)
        if words is None:
            words = self._words[node] = self.view.term(node)
        return words


def is_said(fact: Fact) -> bool:
    """Tell whether a fact has a text in any cell."""
    return bool(fact.texts[0].strip()) or any(text.strip() for text in fact.texts)


def _plain(kind: AttributeKind, owner: str, text: str) -> Fact:
    return Fact(f"{owner} {kind} {text}", kind, "", "", (text, "", "", ""), 0, 0)


def _as_comments(facts: list[Fact], kind: AttributeKind) -> None:
    for fact in facts:
        if fact.kind == kind:
            fact.kind, fact.category = "comment", ""
