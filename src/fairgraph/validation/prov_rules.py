"""The rules of the profile ``prov``: which provenance breaks PROV-CONSTRAINTS (W3C 2013), and times that cannot be.

PROV-CONSTRAINTS §6: an instance is valid if the keys can be made one (constraints 22 to 29), no event has to come strictly before
itself (30 to 49), types do not clash (50, 53 to 56) and nothing impossible is said (52). What RDF cannot say is not checked: an
argument that is left out may be unknown or may not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from fairgraph.cycles import components
from fairgraph.terms import PROV
from fairgraph.validation.data import Data
from fairgraph.validation.paths import Node
from fairgraph.validation.prov_events import Events
from fairgraph.validation.provenance import (
    CLASSES,
    ENDS,
    KINDS,
    MANDATORY,
    Provenance,
    Qualified,
    is_constant,
)

_SHOWN = 8


@dataclass(frozen=True)
class Broken:
    """A rule that something breaks: the thing, the property that is about it, and what is wrong there."""

    rule: str
    focus: str
    path: str = ""
    value: str = ""


def broken_rules(data: Data) -> Iterator[Broken]:
    """Yield what breaks the rules, in no order; the time grows with the number of statements."""
    found = Provenance(data)
    _infer(found)
    yield from _values(found)
    yield from _unique(found)
    yield from _times(found)
    yield from _types_and_order(found)
    yield from _mandatory(found)


def _infer(found: Provenance) -> None:
    """Add what a derivation by an activity says of its generation and its usage (inference 11)."""
    for relation in list(found.qualified.values()):
        if "Derivation" not in relation.kinds or not relation.argument("hadActivity"):
            continue
        activities = relation.argument("hadActivity")
        for node in relation.argument("hadGeneration"):
            generation = found.qualified.setdefault(node, Qualified(node))
            generation.kinds.add("Generation")
            generation.subjects |= relation.subjects
            generation.arguments.setdefault("activity", set()).update(activities)
        for node in relation.argument("hadUsage"):
            usage = found.qualified.setdefault(node, Qualified(node))
            usage.kinds.add("Usage")
            usage.subjects |= activities
            usage.arguments.setdefault("entity", set()).update(relation.argument("entity"))


# -- keys (constraints 22 to 29) ---------------------------------------------------------------------------------------


def _values(found: Provenance) -> Iterator[Broken]:
    for thing, times in found.times.items():
        for name in ("startedAtTime", "endedAtTime"):
            yield from _several("prov-one-value", thing, name, times.get(name, ()))
    for relation in found.qualified.values():
        yield from _conflicts(relation.node, [relation])
        yield from _several("prov-one-value", relation.node, "", relation.subjects)
        for name, property_ in (("Start", "startedAtTime"), ("End", "endedAtTime")):
            if name in relation.kinds:
                for subject in relation.subjects:
                    stated = found.times.get(subject, {}).get(property_, set())
                    both = stated | relation.argument("atTime")
                    if stated:
                        yield from _several("prov-time-of-activity", subject, property_, both)


def _unique(found: Provenance) -> Iterator[Broken]:
    """Find relations that are one, because they are of one thing and one activity, but say or are different things."""
    groups: dict[tuple[str, Node, Node], list[Qualified]] = {}
    for relation in found.qualified.values():
        for kind in relation.kinds & {"Generation", "Invalidation", "Start", "End"}:
            name = "hadActivity" if kind in ("Start", "End") else "activity"
            for subject in relation.subjects:
                for activity in relation.argument(name):
                    groups.setdefault((kind, subject, activity), []).append(relation)
    for (_, subject, activity), relations in groups.items():
        if len(relations) > 1:
            named = [relation.node for relation in relations if is_constant(relation.node)]
            if len(named) > 1:
                yield Broken("prov-unique-relation", subject.value, value=activity.value)
            yield from _conflicts(subject, relations)


def _conflicts(focus: Node, relations: list[Qualified]) -> Iterator[Broken]:
    names = dict.fromkeys(name for relation in relations for name in relation.arguments)
    for name in names:
        values = {value for relation in relations for value in relation.argument(name)}
        yield from _several("prov-one-value", focus, name, values)


def _several(rule: str, focus: Node, name: str, values: Iterable[Node]) -> Iterator[Broken]:
    constants = sorted((value for value in values if is_constant(value)), key=str)
    if any(_differ(constants[0], other) for other in constants[1:]):
        yield Broken(rule, focus.value, PROV[name] if name else "", constants[1].value)


def _differ(one: Node, other: Node) -> bool:
    times = _time(one), _time(other)
    if times[0] is None or times[1] is None:
        return one != other
    comparison = _is_before(times[0], times[1]), _is_before(times[1], times[0])
    return True in comparison


# -- arguments (PROV-DM) -----------------------------------------------------------------------------------------------


def _mandatory(found: Provenance) -> Iterator[Broken]:
    for relation in found.qualified.values():
        for kind in relation.kinds:
            if not relation.subjects or (kind in MANDATORY and not relation.main(kind)):
                yield Broken("prov-mandatory-argument", relation.node.value, value=kind)


# -- times, which PROV-CONSTRAINTS leaves alone ------------------------------------------------------------------------


def _times(found: Provenance) -> Iterator[Broken]:
    generated: dict[Node, list[datetime]] = {}
    used: dict[Node, list[datetime]] = {}
    for relation in found.qualified.values():
        times = [time for value in relation.argument("atTime") if (time := _time(value))]
        if "Generation" in relation.kinds:
            for subject in relation.subjects:
                generated.setdefault(subject, []).extend(times)
        if "Usage" in relation.kinds:
            for entity in relation.argument("entity"):
                used.setdefault(entity, []).extend(times)
    for thing, stated in found.times.items():
        starts, ends, made = (
            [time for value in stated.get(name, ()) if (time := _time(value))]
            for name in ("startedAtTime", "endedAtTime", "generatedAtTime")
        )
        generated.setdefault(thing, []).extend(made)
        if any(_is_before(end, start) for start in starts for end in ends):
            yield Broken("prov-start-before-end", thing.value, PROV.startedAtTime)
    for entity, times in used.items():
        if any(_is_before(use, made) for use in times for made in generated.get(entity, ())):
            yield Broken("prov-generation-before-use", entity.value)


def _time(term: Node) -> datetime | None:
    try:
        return datetime.fromisoformat(term.value)
    except ValueError:
        return None


def _is_before(one: datetime, other: datetime) -> bool:
    """Tell whether a time is before another; never, if only one of them has a time zone."""
    return (one.tzinfo is None) == (other.tzinfo is None) and one < other


# -- types and order ---------------------------------------------------------------------------------------------------


def _types_and_order(found: Provenance) -> Iterator[Broken]:
    members: dict[str, set[Node]] = {"entity": set(), "activity": set(), "agent": set()}
    empty, collections, events = set[Node](), set[Node](), Events()
    for thing, name in found.types():
        if name in CLASSES:
            members[CLASSES[name]].add(thing)
            if name == "EmptyCollection":
                empty.add(thing)
        else:
            found.qualified.setdefault(thing, Qualified(thing)).kinds.add(KINDS[name])
    for kind, subject, value in found.relations():
        subject_class, object_class = ENDS[kind]
        members[subject_class].add(subject)
        members[object_class].add(value)
        if kind == "Membership":
            collections.add(subject)
        events.add(kind, subject, value)
    for relation in found.qualified.values():
        _typed_arguments(relation, members)
        events.add_qualified(relation)
    yield from _clashes(found, members)
    for thing in empty & collections:
        yield Broken("prov-empty-collection", thing.value, PROV.hadMember)
    yield from _cycles(events)


def _typed_arguments(relation: Qualified, members: dict[str, set[Node]]) -> None:
    members["entity"] |= relation.argument("hadPlan")
    members["activity"] |= relation.argument("hadActivity")
    members["activity"] |= relation.argument("activity")
    members["entity"] |= relation.argument("entity")
    members["agent"] |= relation.argument("agent")


def _clashes(found: Provenance, members: dict[str, set[Node]]) -> Iterator[Broken]:
    for thing in members["entity"] & members["activity"]:
        if is_constant(thing):
            yield Broken("prov-entity-activity", thing.value)
    for node, relation in found.qualified.items():
        kinds = sorted(relation.kinds - {"Influence"})
        if len(kinds) > 1:
            yield Broken("prov-relation-kinds", node.value, value=" ".join(kinds))
        if any(node in things for things in members.values()):
            yield Broken("prov-relation-thing", node.value)


def _cycles(events: Events) -> Iterator[Broken]:
    for thing in events.specialized():
        yield Broken("prov-specialization-cycle", thing.value, PROV.specializationOf)
    for part in components(events.before):
        together = set(part)
        strict = sorted(
            (later.value, earlier.value)
            for one in part
            for other in events.before[one]
            if other in together
            for earlier, later in [(events.thing(one), events.thing(other))]
            if (one, other) in events.strict
        )
        if strict:
            things = sorted({events.thing(event).value for event in part})
            shown = " ".join(things[:_SHOWN]) + (" …" if len(things) > _SHOWN else "")
            yield Broken("prov-event-order", strict[0][0], PROV.wasDerivedFrom, shown)
