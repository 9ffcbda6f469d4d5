"""What FAIRtracks says and ISA has no place for, as comments of the things that it is about."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode

from fairgraph.exports.export import Answers
from fairgraph.exports.fairtracks_objects import Objects
from fairgraph.exports.isa_view import Comment, IsaView
from fairgraph.fairtracks.carriers import ORCID, PREFIX, SIGNED, comments, links
from fairgraph.fairtracks.model import DOCUMENT, ID, KINDS, LABEL, STUDY, VERSIONS, Kind
from fairgraph.terms import FAIRTRACKS, SCHEMA

FOLDER = "export/fairtracks"


def carry(answers: Answers, view: IsaView) -> None:
    """Give the things of a FAIRtracks document comments with what ISA has no place for; leave other datasets as they are."""
    objects = Objects(answers, view, f"{FOLDER}/")
    if not objects.is_document:
        return
    _note_strays(answers, view, objects)
    things = [(DOCUMENT, view.root)]
    things += [(kind, node) for kind in KINDS for node in objects.members[kind.name]]
    for kind, node in things:
        known = view.comments.setdefault(node, [])
        first = len(known)
        for n, (name, text) in enumerate(_carried(objects, kind, node)):
            iri = f"{node} {name}"
            known.append(Comment(iri, name, text, "", "", (first + n, 0, iri)))
        for person in view.links(node, SCHEMA.creator)[:1] if kind.name != "sample" else ():
            for orcid in view.links(person, SCHEMA.sameAs):
                iri = f"{person} {ORCID}"
                mine = view.comments.setdefault(person, [])
                mine.append(Comment(iri, ORCID, orcid, "", "", (len(mine), 0, iri)))


def _note_strays(answers: Answers, view: IsaView, objects: Objects) -> None:
    """Tell which things of a document stand in no table, so that they are left out: those that belong to no study."""
    there = {node.iri for members in view.members.values() for node in members}
    for kind in KINDS:
        strays = [n for n in objects.members[kind.name] if kind is not STUDY and n not in there]
        if strays:
            names = ", ".join(objects.local_id(node) or node for node in strays[:3])
            answers.note(
                f"left out {len(strays)} {kind.key} that belong to no study: {names}"
                + (", …" if len(strays) > 3 else "")
            )


def _carried(objects: Objects, kind: Kind, node: str) -> Iterator[tuple[str, str]]:
    index = objects.index(node)
    yield f"{PREFIX}{kind.name}", str(int(index)) if index < float("inf") else "0"
    said = objects.said.get(node, {})
    if FAIRTRACKS.is_signed in said:
        yield SIGNED, "true"
    native = kind.native | {f"{p}/{part}" for p in kind.terms for part in (ID, LABEL)}
    beyond = objects.beyond(node)
    for pointer, value in objects.leaves(kind, node):
        above, _, key = pointer.rpartition("/")
        is_native = pointer in native or above in VERSIONS or pointer.endswith("contact/orcid")
        stated = said.get(FAIRTRACKS[key], ()) if key.endswith("_ref") else ()
        if is_native and pointer not in beyond and not stated:
            continue
        if stated and isinstance(stated[0], NamedNode):
            yield links(pointer, value)
        else:
            yield from comments(pointer, value)
