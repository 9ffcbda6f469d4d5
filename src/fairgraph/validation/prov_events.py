"""Which event has to come before which (PROV-CONSTRAINTS §6.2), as far as it can make provenance invalid.

Provenance is invalid if an event has to come strictly before itself. Only derivation is strict (constraint 42). What comes after an
end or an invalidation is only an invalidation, so neither is ever on the way back; nor is a usage, unless a derivation names it.
What remains are generations, starts, and usages that derivations name. Several generations of one entity come at one time
(constraint 39), as do several starts of one activity (31): each is one event here.
"""

from __future__ import annotations

from fairgraph.cycles import cyclic
from fairgraph.validation.paths import Node
from fairgraph.validation.provenance import Qualified

Event = tuple[Node, str]


class Events:
    """Events and their order: ``before`` leads from an event to those that do not come before it, ``strict`` are pairs that do not come together."""

    def __init__(self) -> None:
        self.before: dict[Event, list[Event]] = {}
        self.strict: set[tuple[Event, Event]] = set()
        self._special: list[tuple[Node, Node]] = []

    @staticmethod
    def thing(event: Event) -> Node:
        """Return the thing that comes to be or starts in an event."""
        return event[0]

    def add(self, kind: str, subject: Node, value: Node) -> None:
        """Add what a relation between two things says."""
        generated, started = (subject, "generation"), (subject, "start")
        if kind == "Derivation":
            self._order((value, "generation"), generated, strict=True)
        elif kind == "Specialization":
            self._order((value, "generation"), generated)
            self._special.append((subject, value))
        elif kind == "Generation":
            self._order((value, "start"), generated)
        elif kind == "Start":
            self._order((value, "generation"), started)
        elif kind == "Attribution":
            self._order((value, "generation"), generated)
            self._order((value, "start"), generated)

    def add_qualified(self, relation: Qualified) -> None:
        """Add what only a qualified relation can say: who started, which usage a derivation is about."""
        for subject in relation.subjects:
            for activity in relation.argument("hadActivity"):
                if "Start" in relation.kinds:
                    self._order((activity, "start"), (subject, "start"))
                if relation.kinds & {"Start", "End"}:
                    for entity in relation.argument("entity"):
                        self._order((activity, "start"), (entity, "generation"))
                if "Derivation" in relation.kinds:
                    self._order((activity, "start"), (subject, "generation"))
            if "Derivation" in relation.kinds:
                for usage in relation.argument("hadUsage"):
                    self._order((usage, "use"), (subject, "generation"))
            if "Usage" in relation.kinds:
                self._order((subject, "start"), (relation.node, "use"))
        if "Usage" in relation.kinds:
            for entity in relation.argument("entity"):
                self._order((entity, "generation"), (relation.node, "use"))

    def specialized(self) -> list[Node]:
        """Return the entities that are, over others, specializations of themselves (constraint 52)."""
        return cyclic(self._special)

    def _order(self, one: Event, other: Event, *, strict: bool = False) -> None:
        self.before.setdefault(one, []).append(other)
        if strict:
            self.strict.add((one, other))
