"""What a written crate says and the dataset does not, and the other way round: each change is a statement that a reader can undo."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from fairgraph.exports.crate_things import Listed, Things
from fairgraph.exports.export import Term
from fairgraph.terms import ELN, RDF, SCHEMA, digest


class Changes:
    """Changes of what a crate says, for the sake of rules.

    If *told*, the crate says each of them as an ``eln:SuppliedStatement`` or ``eln:WithheldStatement`` (``rdf:subject``, ``rdf:predicate``,
    ``rdf:object``), so that the dataset comes back as it was. A crate that did not come as one has nothing to come back to.
    """

    def __init__(self, things: Things, *, told: bool) -> None:
        self.things, self._told = things, told
        self._new: set[str] = set()

    def supply(self, thing: str, predicate: str, value: Term | str) -> None:
        """Say something that the dataset does not say."""
        term = Literal(value) if isinstance(value, str) else value
        if self.things.says(thing, predicate, term):
            return
        if predicate == RDF.type:
            self.things.keep_types(thing)
        self.things.add(NamedNode(thing), NamedNode(predicate), term)
        if thing not in self._new:
            self._tell(ELN.SuppliedStatement, thing, predicate, term)

    def withhold(self, thing: str, predicate: str, value: Term, *, kept: bool = False) -> None:
        """Leave something unsaid that the dataset says; *kept*: only tell so, since it is not written anyway."""
        if predicate == RDF.type:
            self.things.keep_types(thing)
        listed = [item for item in self.things.listed(thing, predicate) if item.value == value]
        places: list[Listed | None] = [*listed] or [None]
        for place in places if thing not in self._new else ():
            self._tell(ELN.WithheldStatement, thing, predicate, value, place)
        if not kept:
            self.things.remove(thing, predicate, value)

    def thing(self, iri: str, *classes: str) -> str:
        """Describe something that the dataset does not describe; return its IRI. It comes last."""
        if iri not in self.things:
            self._new.add(iri)
            self._tell(ELN.SuppliedStatement, iri)
        for kind in classes:
            self.supply(iri, RDF.type, NamedNode(kind))
        return iri

    def own(self, kind: str, name: str) -> str:
        """Return an IRI for something that is described for the sake of rules."""
        return f"{self.things.root}/supplied/{kind}-{digest(name)}"

    def _tell(
        self,
        kind: str,
        thing: str,
        predicate: str = "",
        value: Term | None = None,
        item: Listed | None = None,
    ) -> None:
        if not self._told:
            return
        place = "" if item is None else str(item.index)
        note = NamedNode(self.own("statement", f"{kind} {thing} {predicate} {value} {place}"))
        self.things.add(note, RDF.node("type"), NamedNode(kind))
        self.things.add(note, RDF.node("subject"), NamedNode(thing))
        if value is not None:
            self.things.add(note, RDF.node("predicate"), NamedNode(predicate))
            self.things.add(note, RDF.node("object"), value)
        if item is not None and value is not None:
            self.things.add(note, SCHEMA.node("position"), Literal(place))
            self.things.enlist(note.value, RDF.object, [Listed(0, value, item.raw)])
