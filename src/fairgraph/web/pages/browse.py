"""Every IRI of the store, and every IRI it speaks of: 303 to a page or to data (Cool URIs for the Semantic Web §4.2)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, render_template, request, url_for
from pyoxigraph import NamedNode, Triple

from fairgraph.answers import GRAPHS as WRITERS
from fairgraph.errors import NotFound
from fairgraph.terms import FG, ISA, PREFIXES, recorded
from fairgraph.web import vocabulary
from fairgraph.web.asking import Asking, asked
from fairgraph.web.links import checked, data_url, page_url, requested
from fairgraph.web.negotiation import (
    GRAPHS,
    Representation,
    accepted,
    answer_if_known,
    etag_of,
    named,
    wants_html,
)
from fairgraph.web.pages import entity as entities
from fairgraph.web.things import things

blueprint = Blueprint("browse", __name__)


@blueprint.get("/id/<path:path>")
def resolve_id(path: str) -> Any:
    """Send to the page or the data of an IRI of ours."""
    return _resolve(f"id/{path}")


@blueprint.get("/record/<path:path>")
def resolve_record(path: str) -> Any:
    """The same for what a record says."""
    return _resolve(f"record/{path}")


@blueprint.get("/.well-known/genid/<path:path>")
def resolve_genid(path: str) -> Any:
    """The same for what was a blank node (RDF 1.1 Concepts §3.5)."""
    return _resolve(f".well-known/genid/{path}")


def _resolve(path: str) -> Any:
    asking = asked()
    node = requested(path, asking.base)
    _must_be_known(asking, node)
    wanted = request.args.get("format", "")
    if wanted == "html" or (not wanted and wants_html()):
        target = _front_page(asking, node)
    else:
        form = named(wanted, GRAPHS) if wanted else accepted(GRAPHS)
        target = data_url(node.value, asking.base, form.name)
    response = redirect(target, 303)
    response.headers["Vary"] = "Accept"
    _link(response, node, asking.base)
    return response


def _must_be_known(asking: Asking, node: NamedNode) -> None:
    if vocabulary.about(node.value) or vocabulary.using(node.value):
        return
    if any(entities.statements(asking, node)) or asking.rows("browse/uses", node=[node], limit=1):
        return
    raise NotFound("nothing is known about this IRI", where=node.value)


def _front_page(asking: Asking, node: NamedNode) -> str:
    """The page of an investigation is more than its statements."""
    slug = node.value.removeprefix(f"{asking.base}id/")
    if slug != node.value and "/" not in slug:
        try:
            return url_for(
                "pages.investigation", number=asking.fairgraph.dataset(node.value).number
            )
        except NotFound:
            pass
    return page_url(node.value, asking.base)


def _link(response: Any, node: NamedNode, base: str) -> None:
    """Say where the other forms are (RFC 8288; FAIR Signposting calls data about a page ``describedby``)."""
    links = [f'<{page_url(node.value, base)}>; rel="alternate"; type="text/html"']
    for form in GRAPHS:
        url = data_url(node.value, base, form.name)
        links += [
            f'<{url}>; rel="{relation}"; type="{form.media_types[0]}"'
            for relation in ("alternate", "describedby")
        ]
    response.headers["Link"] = ", ".join(links)


# -- Pages -----------------------------------------------------------------------------------------------------------


@blueprint.get("/page/<path:path>")
def page(path: str) -> Any:
    """The page of an IRI of ours."""
    return _page(_within("page", path))


@blueprint.get("/browse")
def browse() -> Any:
    """The page of any IRI: ontology terms, and what else the store speaks of."""
    return _page(request.args.get("iri", ""))


def _within(prefix: str, path: str) -> str:
    """The IRI of ours that a URL under ``/page/`` or ``/data/`` is about."""
    base = asked().base
    return base + requested(f"{prefix}/{path}", base).value.removeprefix(f"{base}{prefix}/")


def _page(iri: str) -> Any:
    asking = asked()
    node = checked(iri)
    etag = etag_of(asking.version(), "page", request.full_path)
    answer_if_known(etag)
    for argument, backward in (("property", False), ("inverse", True)):
        if argument in request.args:
            text = _listing(asking, node, request.args[argument], backward)
            break
    else:
        shown = entities.entity(asking, node, request.args.getlist("open"))
        text = render_template(
            "entity.html",
            entity=shown,
            graph_names=_graph_names(asking, shown),
            formats=[(form, data_url(iri, asking.base, form.name)) for form in GRAPHS],
            example=f"DESCRIBE <{node.value}>",
            downloads=_downloads(asking, node),
            OURS=entities.OURS,
        )
    response = Response(text)
    response.set_etag(etag)
    _link(response, node, asking.base)
    return response


def _downloads(asking: Asking, node: NamedNode) -> list[tuple[str, str]]:
    """What is there beside the triples: the crate of a run, the lineage of a sample, the bytes of a file; labels and addresses."""
    found: dict[str, str] = {}
    rows = recorded(asking.rows("browse/dataset-of", node=[node]), asking.base)
    numbers = sorted((int(row["number"].value), row["type"].value) for row in rows)
    # Of several datasets that speak of the same thing, the one that numbered it first comes last and stays.
    for number, kind in reversed(numbers):
        if kind == FG.AnalysisRun:
            found["Download all"] = url_for("rest.run_download", number=number)
            found["RO-Crate"] = url_for("rest.run_crate", number=number)
        elif kind == ISA.Sample:
            found["Provenance (PROV-O)"] = url_for("rest.sample_prov", number=number)
    for row in asking.rows("browse/downloads", node=[node]):
        with suppress(NotFound):
            asking.fairgraph.file(row["sha256"].value)
            found["Download"] = url_for("files.file", sha256=row["sha256"].value)
    return list(found.items())


def _graph_names(asking: Asking, shown: entities.Entity) -> dict[str, tuple[str, str]]:
    """A short name and a link for each graph: a dataset by its slug."""
    groups = (*shown.groups, *shown.computed, *shown.places, *shown.incoming)
    found = {}
    for graph in dict.fromkeys(name for group in groups for name in group.graphs):
        if graph == entities.OURS:
            found[graph] = (graph, url_for("pages.vocabulary_page"))
            continue
        kind = "the record of " if graph.startswith(f"{asking.base}record/") else ""
        slug = graph.rsplit("/", 1)[-1]
        link = graph.replace(f"{asking.base}record/", f"{asking.base}id/") if kind else graph
        found[graph] = (f"{kind}{slug}", page_url(link, asking.base))
    return found


def _listing(asking: Asking, node: NamedNode, predicate: str, backward: bool) -> str:
    number = max(request.args.get("page", 1, int), 1)
    group = entities.one_group(asking, node, checked(predicate), backward=backward, page=number)
    thing = things(asking, [node])[node]
    pages = max(1, -(-group.count // entities.PAGE))
    argument = "inverse" if backward else "property"

    def url(number: int) -> str:
        address = page_url(node.value, asking.base)
        mark = "&" if "?" in address else "?"
        return f"{address}{mark}{urlencode({argument: predicate, 'page': number})}"

    return render_template(
        "listing.html",
        thing=thing,
        group=group,
        page=number,
        pages=pages,
        previous=url(number - 1) if number > 1 else "",
        following=url(number + 1) if number < pages else "",
    )


# -- Data ------------------------------------------------------------------------------------------------------------


@blueprint.get("/data/<path:path>")
def data(path: str) -> Response:
    """The statements about an IRI of ours, in the format of ``?format=`` or the Accept header."""
    return _data(_within("data", path))


@blueprint.get("/data")
def data_about() -> Response:
    """The statements about any IRI."""
    return _data(request.args.get("iri", ""))


def _data(iri: str) -> Response:
    asking = asked()
    node = checked(iri)
    wanted = request.args.get("format", "")
    form = named(wanted, GRAPHS) if wanted else accepted(GRAPHS)
    etag = etag_of(asking.version(), form.name, iri)
    answer_if_known(etag, "Accept")
    triples = asking.triples("browse/description", node=[node]) + vocabulary.about(iri)
    if not triples and not iri.startswith(asking.base):
        triples = asking.triples("ontology/description", term=[node])
    if not triples:
        # Known as an object only: say by what, as DESCRIBE does not.
        _must_be_known(asking, node)
        triples = _leading_to(asking, node)
    response = Response(serialized(triples, form), content_type=form.content_type)
    response.set_etag(etag)
    response.headers["Vary"] = "Accept"
    links = [
        f'<{page_url(iri, asking.base)}>; rel="alternate"; type="text/html"',
        f'<{iri}>; rel="describes"',
    ]
    # A header is Latin-1: an IRI with other letters goes percent-encoded.
    response.headers["Link"] = ", ".join(_ascii(link) for link in links)
    return response


def _ascii(text: str) -> str:
    return "".join(char if char.isascii() else quote(char) for char in text)


def _leading_to(asking: Asking, node: NamedNode) -> list[Triple]:
    _, leading = entities.statements(asking, node)
    predicates = dict.fromkeys(NamedNode(statement.property) for statement in leading)
    rows = asking.rows("browse/subjects", node=[node], predicate=predicates, limit=1000)
    return sorted((Triple(s, p, n) for s, n, p in rows), key=str)


def serialized(triples: list[Triple], form: Representation) -> bytes:
    """Return triples in one of the RDF notations, with our prefixes where the notation has prefixes."""
    text = ox.serialize(triples, format=WRITERS[form.name][0], prefixes=PREFIXES)
    return text or b""


# -- Numbers ---------------------------------------------------------------------------------------------------------


@blueprint.get("/samples/<int:number>")
def sample(number: int) -> Any:
    """Send to the page of the sample with this number."""
    return _numbered(number, ISA.Sample)


@blueprint.get("/studies/<int:number>")
def study(number: int) -> Any:
    """Send to the page of the study with this number."""
    return _numbered(number, ISA.Study)


@blueprint.get("/runs/<int:number>")
def run(number: int) -> Any:
    """Send to the page of the analysis run with this number."""
    return _numbered(number, FG.AnalysisRun)


def _numbered(number: int, kind: str) -> Any:
    asking = asked()
    if row := asking.numbered(number, kind):
        return redirect(page_url(row["node"].value, asking.base), 303)
    name = vocabulary.kind(kind)[0].lower()
    raise NotFound(f"there is no {name} {number}")
