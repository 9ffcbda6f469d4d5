"""What the page of one IRI shows: its statements by property, what leads to it, where it belongs, what it came from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode, Triple

from fairgraph.answers import Statements
from fairgraph.errors import NotFound
from fairgraph.terms import PROV, RDF, SCHEMA, compact
from fairgraph.web import vocabulary
from fairgraph.web.asking import Asking
from fairgraph.web.links import SERVED
from fairgraph.web.pages import notes, terms
from fairgraph.web.pages.lineage import Lineage, lineage
from fairgraph.web.things import Thing, natural, things

SHOWN = 20
PAGE = 100
OURS = "the fairgraph vocabulary"
_LEADING = {PROV.wasDerivedFrom, PROV.specializationOf, SCHEMA.sha256}


@dataclass
class Group:
    """The statements with one property, in one direction: the first values, and how many there are."""

    predicate: str
    label: str
    comment: str
    backward: bool
    count: int = 0
    graphs: list[str] = field(default_factory=list)
    values: list[Thing] = field(default_factory=list)

    @property
    def curie(self) -> str:
        """The property as a CURIE."""
        return compact(self.predicate)


@dataclass
class Entity:
    """One IRI, ready to be shown."""

    node: NamedNode
    thing: Thing
    chips: list[tuple[str, str, str]]
    crumbs: list[Thing]
    groups: list[Group]
    computed: list[Group]
    places: list[Group]
    incoming: list[Group]
    lineage: Lineage | None
    graph: str  # the one that says most
    uses: list[tuple[Thing, Thing]]  # the first statements, if it is a property
    comment: str = ""
    note: Markup | None = None  # what it says at length
    term: terms.About | None = (
        None  # what ontologies say of it, and where it is used, if it is not one of ours
    )


def entity(asking: Asking, node: NamedNode, opened: Collection[str] = ()) -> Entity:
    """Return what the caller may know about an IRI; NotFound if that is nothing. *opened* are groups of the lineage (see there)."""
    ontologies = terms.ontology_graphs(asking)
    about, leading = (
        [one for one in found if one.graph not in ontologies] for found in statements(asking, node)
    )
    term = None if node.value.startswith(asking.base) else terms.about(asking, node)
    outgoing = _groups(asking, node, about, backward=False)
    incoming = _groups(asking, node, leading, backward=True)
    uses = _uses(asking, node)
    if not outgoing and not incoming and not uses and not (term and term.said):
        raise NotFound("nothing is known about this IRI", where=node.value)
    ancestors = _ancestors(node, asking.base)
    used = [term for use in uses for term in use]
    found = things(asking, [node, *ancestors, *_terms(outgoing + incoming), *used])
    for group in (*outgoing, *incoming):
        _label_values(group, found)
    thing = found[node]
    if vocabulary.about(node.value):
        thing.text = (
            vocabulary.label(node.value) if thing.text == compact(node.value) else thing.text
        )
    types = [g for g in outgoing if g.predicate == RDF.type]
    iris = vocabulary.ranked([value.iri for group in types for value in group.values])
    rest = [group for group in outgoing if group.predicate != RDF.type]
    note = _note(rest)
    shown = {SCHEMA.text} if note else set()
    return Entity(
        node,
        thing,
        [(*vocabulary.kind(iri), iri) for iri in iris],
        [found[ancestor] for ancestor in ancestors if found[ancestor].types],
        [g for g in rest if g.predicate not in vocabulary.COMPUTED | vocabulary.PLACES | shown],
        [g for g in (*rest, *incoming) if g.predicate in vocabulary.COMPUTED],
        [g for g in rest if g.predicate in vocabulary.PLACES] + types,
        [g for g in incoming if g.predicate not in vocabulary.COMPUTED],
        lineage(asking, node, opened)
        if any(g.predicate in _LEADING for g in outgoing + incoming)
        else None,
        _main_graph(outgoing or incoming),
        [(found[subject], found[obj]) for subject, obj in uses],
        vocabulary.comment(node.value),
        note,
        term,
    )


def _note(groups: list[Group]) -> Markup | None:
    """Return the text of an entry, safe to be shown, and take it out of the statements."""
    said = {group.predicate: group for group in groups}
    text = said.get(SCHEMA.text)
    if text is None or len(text.values) != 1:
        return None
    form = said.get(SCHEMA.encodingFormat)
    return notes.shown(text.values[0].text, form.values[0].text if form and form.values else "")


def statements(asking: Asking, node: NamedNode) -> tuple[list[Statements], list[Statements]]:
    """Return what kinds of statements the public may see about an IRI, and what kinds lead to it; none if it knows nothing."""
    try:
        return asking.fairgraph.entity(node.value)
    except NotFound:
        return [], []


def _uses(asking: Asking, node: NamedNode) -> list[tuple[Any, Any]]:
    rows = asking.rows("browse/uses", node=[node], limit=SHOWN)
    ours = [(triple.subject, triple.object) for triple in vocabulary.using(node.value)]
    return [*((subject, obj) for subject, obj, _ in rows), *ours][:SHOWN]


def _main_graph(groups: list[Group]) -> str:
    names = [name for group in groups for name in group.graphs]
    return max(sorted(set(names)), key=names.count, default="")


def one_group(
    asking: Asking, node: NamedNode, predicate: NamedNode, *, backward: bool, page: int
) -> Group:
    """Return one page of the values of one property; its count is that of all of them."""
    found_statements = statements(asking, node)[1 if backward else 0]
    known = [g for g in _counted(found_statements, backward) if g.predicate == predicate.value]
    if not known:
        raise NotFound("has no such statements", where=node.value)
    name = "browse/subjects" if backward else "browse/objects"
    rows = asking.rows(
        name, node=[node], predicate=[predicate], limit=PAGE, offset=(page - 1) * PAGE
    )
    terms = [row[0] for row in rows]
    group = known[0]
    found = things(asking, terms)
    group.values = [found[term] for term in terms]
    return group


def _counted(found: list[Statements], backward: bool) -> list[Group]:
    groups: dict[str, Group] = {}
    for statement in found:
        iri = statement.property
        label = vocabulary.inverse(iri) if backward else vocabulary.label(iri)
        group = groups.setdefault(iri, Group(iri, label, vocabulary.comment(iri), backward))
        group.count = max(group.count, statement.count)  # the union holds each triple once
        group.graphs.append(statement.graph)
    return sorted(groups.values(), key=lambda group: group.label)


def _groups(
    asking: Asking, node: NamedNode, found: list[Statements], *, backward: bool
) -> list[Group]:
    groups = _counted(found, backward)
    name = "browse/subjects" if backward else "browse/objects"
    few = [group for group in groups if group.count <= SHOWN]
    terms: dict[str, list[Any]] = {}
    if few:
        wanted = [NamedNode(group.predicate) for group in few]
        for term, _, predicate in asking.rows(name, node=[node], predicate=wanted):
            terms.setdefault(predicate.value, []).append(term)
    for group in groups:
        if group.count > SHOWN:
            wanted = [NamedNode(group.predicate)]
            rows = asking.rows(name, node=[node], predicate=wanted, limit=SHOWN)
            terms[group.predicate] = [row[0] for row in rows]
        group.values = [_unlabelled(term) for term in terms.get(group.predicate, [])]
        group.count = max(group.count, len(group.values))
    ours = vocabulary.referring(node.value) if backward else vocabulary.about(node.value)
    return _with_ours(groups, ours, backward)


def _with_ours(groups: list[Group], triples: Iterable[Triple], backward: bool) -> list[Group]:
    known = {group.predicate: group for group in groups}
    for triple in triples:
        iri = triple.predicate.value
        if iri not in known:
            label = vocabulary.inverse(iri) if backward else vocabulary.label(iri)
            known[iri] = Group(iri, label, vocabulary.comment(iri), backward)
        group = known[iri]
        if OURS not in group.graphs:
            group.graphs.append(OURS)
        group.count += 1
        if len(group.values) < SHOWN:
            group.values.append(_unlabelled(triple.subject if backward else triple.object))
    return list(known.values())


@dataclass
class _Pending(Thing):
    term: Any = None


def _unlabelled(term: Any) -> Thing:
    return _Pending(term.value if hasattr(term, "value") else str(term), term=term)


def _terms(groups: list[Group]) -> list[Any]:
    return [value.term for group in groups for value in group.values if isinstance(value, _Pending)]


def _label_values(group: Group, found: dict[object, Thing]) -> None:
    values = [
        found[value.term]
        if isinstance(value, _Pending) and isinstance(value.term, (NamedNode, Literal))
        else value
        for value in group.values
    ]
    group.values = sorted(values, key=lambda value: natural(value.text))


def _ancestors(node: NamedNode, base: str) -> list[NamedNode]:
    """The things that an IRI of ours is inside of: identity is dataset, scope and local name."""
    if not node.value.startswith(base):
        return []
    path = node.value.removeprefix(base)
    start = next((prefix for prefix in SERVED if path.startswith(prefix)), None)
    if start != "id/":
        return []
    parts = path.split("/")
    return [NamedNode(base + "/".join(parts[:n])) for n in range(2, len(parts))]
