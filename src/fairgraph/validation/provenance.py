"""What a dataset says in the words of PROV-O, as relations of PROV-DM: the ground of the rules of PROV-CONSTRAINTS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from fairgraph.resources import QUERIES, text
from fairgraph.terms import PROV, SKOLEM_PATH
from fairgraph.validation.data import Data
from fairgraph.validation.paths import Node

# A qualified relation is of the kind that its qualifier or its class says; special derivations are derivations.
KINDS = {
    name: "Derivation" if name in ("Revision", "Quotation", "PrimarySource") else name
    for name in (
        "Usage",
        "Generation",
        "Invalidation",
        "Derivation",
        "Revision",
        "Quotation",
        "PrimarySource",
        "Communication",
        "Start",
        "End",
        "Association",
        "Attribution",
        "Delegation",
        "Influence",
    )
}
# The kind of an unqualified relation, and whether it is written from its object.
UNQUALIFIED = {
    "used": ("Usage", False),
    "wasGeneratedBy": ("Generation", False),
    "generated": ("Generation", True),
    "wasInvalidatedBy": ("Invalidation", False),
    "invalidated": ("Invalidation", True),
    "wasDerivedFrom": ("Derivation", False),
    "wasRevisionOf": ("Derivation", False),
    "wasQuotedFrom": ("Derivation", False),
    "hadPrimarySource": ("Derivation", False),
    "wasInformedBy": ("Communication", False),
    "wasStartedBy": ("Start", False),
    "wasEndedBy": ("End", False),
    "wasAssociatedWith": ("Association", False),
    "wasAttributedTo": ("Attribution", False),
    "actedOnBehalfOf": ("Delegation", False),
    "specializationOf": ("Specialization", False),
    "mentionOf": ("Specialization", False),
    "alternateOf": ("Alternate", False),
    "hadMember": ("Membership", False),
    "asInBundle": ("Bundle", False),
}
# What a relation of each kind leads to first; PROV-DM demands it of those in MANDATORY.
MAIN = {
    "Usage": "entity",
    "Generation": "activity",
    "Invalidation": "activity",
    "Derivation": "entity",
    "Communication": "activity",
    "Start": "entity",
    "End": "entity",
    "Association": "agent",
    "Attribution": "agent",
    "Delegation": "agent",
    "Influence": "influencer",
}
MANDATORY = ("Derivation", "Communication", "Attribution", "Delegation", "Influence")
# The classes of the subject and the object of each kind of relation (PROV-CONSTRAINTS, constraint 50).
ENDS = {
    "Usage": ("activity", "entity"),
    "Generation": ("entity", "activity"),
    "Invalidation": ("entity", "activity"),
    "Derivation": ("entity", "entity"),
    "Communication": ("activity", "activity"),
    "Start": ("activity", "entity"),
    "End": ("activity", "entity"),
    "Association": ("activity", "agent"),
    "Attribution": ("entity", "agent"),
    "Delegation": ("agent", "agent"),
    "Specialization": ("entity", "entity"),
    "Alternate": ("entity", "entity"),
    "Membership": ("entity", "entity"),
    "Bundle": ("entity", "entity"),
}
CLASSES = {
    "Entity": "entity",
    "Plan": "entity",
    "Collection": "entity",
    "EmptyCollection": "entity",
    "Bundle": "entity",
    "Activity": "activity",
    "Agent": "agent",
    "Person": "agent",
    "Organization": "agent",
    "SoftwareAgent": "agent",
}


@dataclass
class Qualified:
    """A qualified relation: its kinds, the things that have it, and its arguments by the local name of their property."""

    node: Node
    kinds: set[str] = field(default_factory=set)
    subjects: set[Node] = field(default_factory=set)
    arguments: dict[str, set[Node]] = field(default_factory=dict)

    def main(self, kind: str) -> set[Node]:
        """Return what it leads to as a relation of *kind*."""
        found = self.arguments.get(MAIN[kind], set())
        if kind == "Influence" and not found:
            return {value for name in ("entity", "activity", "agent") for value in self.argument(name)}  # fmt: skip
        return found

    def argument(self, name: str) -> set[Node]:
        """Return the values of one argument."""
        return self.arguments.get(name, set())


class Provenance:
    """The provenance in one dataset. Relations without qualification are asked for anew by each walk: there may be millions."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self.qualified: dict[Node, Qualified] = {}
        self.times: dict[Node, dict[str, set[Node]]] = {}
        for qualifier, subject, node in data.rows(_query("qualified")):
            relation = self._relation(node)
            relation.kinds.add(KINDS[local(qualifier).removeprefix("qualified")])
            relation.subjects.add(subject)
        for node, argument, value in data.rows(_query("arguments")):
            self._relation(node).arguments.setdefault(local(argument), set()).add(value)
        for thing, name, time in data.rows(_query("times")):
            self.times.setdefault(thing, {}).setdefault(local(name), set()).add(time)

    def _relation(self, node: Node) -> Qualified:
        return self.qualified.setdefault(node, Qualified(node))

    def relations(self) -> Iterator[tuple[str, Node, Node]]:
        """Yield each relation that two things have: its kind, its subject, its object; the qualified ones too."""
        for name, subject, value in self._data.rows(_query("relations")):
            kind, is_inverse = UNQUALIFIED[local(name)]
            yield (kind, value, subject) if is_inverse else (kind, subject, value)
        for relation in self.qualified.values():
            for kind in relation.kinds - {"Influence"}:
                for value in relation.main(kind):
                    yield from ((kind, subject, value) for subject in relation.subjects)

    def types(self) -> Iterator[tuple[Node, str]]:
        """Yield things with the local names of the classes of PROV-O that they are said to have."""
        for thing, name in self._data.rows(_query("types")):
            yield thing, local(name)


def local(term: Node) -> str:
    """Return the name of a term of PROV-O without the namespace."""
    return term.value.removeprefix(PROV.iri)


def is_constant(term: Node) -> bool:
    """Tell whether a term names something; a blank node, or the IRI that the store gave to it, stands for what may be anything."""
    return SKOLEM_PATH not in term.value and type(term).__name__ != "BlankNode"


@cache
def _query(name: str) -> str:
    return text(QUERIES / "validate" / f"prov-{name}.rq")
