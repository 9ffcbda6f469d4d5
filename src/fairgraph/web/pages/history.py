"""What a dataset was: its revisions, and what each of them changed. What was never public the public does not see here, either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pyoxigraph import Literal, NamedNode, Triple

from fairgraph.access import may_see_revision
from fairgraph.catalogue import Change, Dataset, Revision
from fairgraph.catalogue.handover import revision_of
from fairgraph.terms import SCHEMA
from fairgraph.web import vocabulary
from fairgraph.web.asking import Asking, asked, state
from fairgraph.web.negotiation import answer_if_known, etag_of
from fairgraph.web.rest import investigations
from fairgraph.web.things import Thing, moment, natural, things

blueprint = Blueprint("history", __name__)

MOST_STATEMENTS = 400
# Above this many triples, comparing two revisions takes longer than a page may.
MOST_TRIPLES = 300_000
OPERATIONS = {
    "import": "imported",
    "update": "brought up to date",
    "revert": "brought back",
    "remove": "removed",
}


@dataclass(frozen=True)
class Line:
    """One revision in the history of a dataset."""

    name: str
    when: str
    who: str
    what: str
    source: str
    triples: int
    href: str  # of what it changed; "" for the first one, and where that is not to be seen


@dataclass
class Changed:
    """One thing, and the statements about it that came or went: ``+`` or ``-``, property, value."""

    thing: Thing
    statements: list[tuple[str, str, Thing]] = field(default_factory=list)


def lines(asking: Asking, dataset: Dataset) -> list[Line]:
    """Return the revisions of a dataset, the last one first."""
    sources = {source.sha256[:8]: source.name for source in dataset.sources if source.sha256}
    caller = asking.fairgraph.caller
    found = []
    before: Revision | None = None
    for revision in dataset.revisions:
        href = ""
        if before is not None and _both(before, revision, caller):
            href = url_for("history.revision", number=dataset.number, name=revision.name)
        found.append(
            Line(
                revision.name,
                moment(revision.time),
                revision.agent,
                OPERATIONS.get(revision.operation, revision.operation),
                sources.get(revision.source.rpartition("/")[2], ""),
                revision.triples,
                href,
            )
        )
        before = revision
    return found[::-1]


def _both(before: Revision, after: Revision, caller: str) -> bool:
    return may_see_revision(before, caller) and may_see_revision(after, caller)


@blueprint.get("/investigations/<int:number>/revisions")
def revisions(number: int) -> Any:
    """The history of an investigation: who changed it, when and how, and how to compare two of its revisions."""
    asking = asked()
    dataset = investigations.dataset(number)
    if {"from", "to"} <= set(request.args):
        before, after = request.args["from"], request.args["to"]
        url = url_for("history.revision", number=number, name=after, against=before)
        return redirect(url, 303)
    etag = etag_of(*state(dataset), number, "revisions")
    answer_if_known(etag)
    caller = asking.fairgraph.caller
    seen = [one.name for one in dataset.revisions if may_see_revision(one, caller)]
    response = Response(
        render_template(
            "revisions.html", dataset=dataset, lines=lines(asking, dataset), comparable=seen
        )
    )
    response.set_etag(etag)
    return response


@blueprint.get("/investigations/<int:number>/revisions/<name>")
def revision(number: int, name: str) -> Any:
    """What one revision changed against the one before, or against that of ``?against=``."""
    asking = asked()
    dataset = investigations.dataset(number)
    name = revision_of(dataset, name).name
    against = request.args.get("against", "") or _before(dataset, name)
    etag = etag_of(*state(dataset), number, "revision", name, against)
    answer_if_known(etag)
    most = max((one.triples for one in dataset.revisions), default=0)
    change = groups = None
    if against and most <= MOST_TRIPLES:
        change = asking.remembered(
            f"change {against} {name}", dataset, lambda: _change(asking, dataset, against, name)
        )
        groups = _grouped(asking, change)
    response = Response(
        render_template(
            "revision.html",
            dataset=dataset,
            name=name,
            against=against,
            change=change,
            groups=groups,
            most=MOST_STATEMENTS,
            line=next((one for one in lines(asking, dataset) if one.name == name), None),
        )
    )
    response.set_etag(etag)
    return response


def _before(dataset: Dataset, name: str) -> str:
    names = [one.name for one in dataset.revisions]
    at = names.index(name)
    return names[at - 1] if at else ""


def _change(asking: Asking, dataset: Dataset, before: str, after: str) -> Change:
    fairgraph = asking.fairgraph
    return fairgraph.catalogue.change(
        dataset, before, after, caller=fairgraph.caller, most=MOST_STATEMENTS
    )


def _grouped(asking: Asking, change: Change) -> list[Changed]:
    """Return what changed thing by thing; one that is no more is called as the statements that went called it."""
    marked = [("-", triple) for triple in change.removed] + [("+", t) for t in change.added]
    terms = [term for _, triple in marked for term in (triple.subject, triple.object)]
    names = things(asking, terms)
    was = _names([triple for _, triple in marked])
    for node, text in was.items():
        if node in names and not names[node].types:
            names[node].text = text
    found: dict[Any, Changed] = {}
    for mark, triple in marked:
        one = found.setdefault(triple.subject, Changed(_shown(triple.subject, names)))
        label = vocabulary.label(triple.predicate.value)
        one.statements.append((mark, label, _shown(triple.object, names)))
    for one in found.values():
        one.statements.sort(key=lambda s: (s[1], s[0] == "+", natural(s[2].text)))
    return sorted(found.values(), key=lambda one: (natural(one.thing.text), one.thing.iri))


def _shown(term: Any, names: dict[object, Thing]) -> Thing:
    return names.get(term) or Thing(str(term))


def _names(triples: Iterable[Triple]) -> dict[NamedNode, str]:
    found: dict[NamedNode, str] = {}
    for triple in triples:
        is_name = triple.predicate.value in (SCHEMA.name, vocabulary.RDFS_LABEL)
        if is_name and isinstance(triple.object, Literal) and isinstance(triple.subject, NamedNode):
            found[triple.subject] = triple.object.value
    return found
