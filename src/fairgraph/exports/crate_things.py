"""What a crate is to say: statements by thing and property, things in their order, lists in theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairgraph.exports.export import Term
from fairgraph.terms import ELN, FG, RDF, SCHEMA

_LAST = 1 << 40


@dataclass(frozen=True)
class Listed:
    """A member of a list: its place, its value, and how that was written (``""``: as the value is)."""

    index: int
    value: Term
    raw: str = ""


class Things:
    """The statements that a crate is made of, about things that have IRIs; *root* is the IRI of the dataset.

    What is said of an ``eln:ListedValue`` is not about a thing: it tells in which order, and how, values stand (:meth:`listed`).
    """

    def __init__(self, root: str, triples: Iterable[Triple] = ()) -> None:
        self.root = root
        self._said: dict[str, dict[str, dict[Term, None]]] = {}
        self._listed: dict[tuple[str, str], list[Listed]] | None = None
        self._types: dict[str, list[Term]] = {}
        for triple in triples:
            self.add(triple.subject, triple.predicate, triple.object)

    def add(self, subject: object, predicate: object, value: object) -> None:
        """Add one statement; once more is not twice."""
        thing, name = _text(subject), _text(predicate)
        term = value if isinstance(value, (NamedNode, Literal)) else Literal(str(value))
        if isinstance(value, BlankNode):
            term = NamedNode(f"{self.root}/.well-known/genid/{value.value}")
        self._said.setdefault(thing, {}).setdefault(name, {})[term] = None

    def remove(self, thing: str, predicate: str | None = None, value: Term | None = None) -> None:
        """Remove what is said of a thing: all, all under one property, or one value."""
        said = self._said.get(thing, {})
        if predicate is None:
            self._said.pop(thing, None)
        elif value is None:
            said.pop(predicate, None)
        elif value in said.get(predicate, ()):
            del said[predicate][value]
            if not said[predicate]:
                del said[predicate]

    def __contains__(self, thing: str) -> bool:
        return thing in self._said

    def __iter__(self) -> Iterator[str]:
        yield from tuple(self._said)

    def values(self, thing: str, predicate: str) -> list[Term]:
        """Return the values of a property, in no order."""
        return list(self._said.get(thing, {}).get(predicate, ()))

    def says(self, thing: str, predicate: str, value: Term) -> bool:
        """Tell whether a value of a property is said."""
        return value in self._said.get(thing, {}).get(predicate, ())

    def text(self, thing: str, predicate: str) -> str:
        """Return the least of the values of a property as text, ``""`` if there is none."""
        return min((value.value for value in self.values(thing, predicate)), default="")

    def properties(self, thing: str) -> list[str]:
        """Return the properties that a thing has."""
        return list(self._said.get(thing, ()))

    def is_a(self, thing: str, *classes: str) -> bool:
        """Tell whether a thing is of one of some classes."""
        return any(kind.value in classes for kind in self._said.get(thing, {}).get(RDF.type, ()))

    def place(self, thing: str) -> int:
        """Return the place of a thing among all (``fg:index``); of one that has none, a number behind all others."""
        text = self.text(thing, FG.index)
        return int(text) if text.isdecimal() and len(text) < 12 else _LAST

    def ordered(self) -> list[str]:
        """Return all things in their order; those without a place come last, by their IRIs."""
        return sorted(self._said, key=lambda thing: (self.place(thing), thing))

    def types(self, thing: str) -> list[Term]:
        """Return the classes of a thing in their order, as they were before :meth:`keep_types`."""
        if thing in self._types:
            return self._types[thing]
        listed = [item.value for item in self.listed(thing, RDF.type)]
        others = set(self.values(thing, RDF.type)) - set(listed)
        return [*listed, *sorted(others, key=str)]

    def keep_types(self, thing: str) -> None:
        """Remember the classes of a thing before they are changed."""
        self._types.setdefault(thing, self.types(thing))

    # -- Lists -----------------------------------------------------------------------------------------------------------

    def listed(self, thing: str, predicate: str) -> list[Listed]:
        """Return the list that is stated for the values of a property, in its order."""
        if self._listed is None:
            self._listed = self._take_lists()
        found = self._listed.get((thing, predicate), [])
        known = self._said.get(thing, {}).get(predicate, {}) if found else {}
        # What is no longer said is in no list.
        return [item for item in found if item.value in known]

    def enlist(self, thing: str, predicate: str, items: list[Listed]) -> None:
        """State in which order, and how, the values of a property stand."""
        if self._listed is None:
            self._listed = self._take_lists()
        self._listed[thing, predicate] = sorted(items, key=_by_index)

    def _take_lists(self) -> dict[tuple[str, str], list[Listed]]:
        found: dict[tuple[str, str], list[Listed]] = {}
        members = [thing for thing in self._said if self.is_a(thing, ELN.ListedValue)]
        for member in members:
            values = self.values(member, SCHEMA.value)
            key = self.text(member, ELN.listedOf), self.text(member, ELN.listedUnder)
            if len(values) == 1 and all(key):
                listed = Listed(self.place(member), values[0], self.text(member, FG.rawText))
                found.setdefault(key, []).append(listed)
            del self._said[member]
        return {key: sorted(items, key=_by_index) for key, items in found.items()}


def _by_index(item: Listed) -> tuple[int, str]:
    return item.index, str(item.value)


def _text(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)
