"""The pages for people: what the store holds, one investigation, queries, the vocabulary; and the health of it all."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import Markup
from pyoxigraph import RdfFormat, parse

from fairgraph import __version__, queries, resources
from fairgraph.catalogue import Dataset
from fairgraph.errors import FairgraphError
from fairgraph.exports.export import Export, installed
from fairgraph.importers import format as format_table
from fairgraph.search import MOST_HITS
from fairgraph.terms import own_rows
from fairgraph.web import vocabulary
from fairgraph.web.asking import Asking, asked, state, without_header
from fairgraph.web.links import page_url
from fairgraph.web.negotiation import (
    GRAPHS,
    PAGE,
    Representation,
    accepted,
    answer_if_known,
    etag_of,
    json_response,
    named,
    wants_html,
)
from fairgraph.web.pages import columns, downloads, history, scoring, signposting
from fairgraph.web.pages import investigation as content
from fairgraph.web.pages.browse import serialized
from fairgraph.web.pages.contents import contents
from fairgraph.web.rest import investigations
from fairgraph.web.sparql.endpoint import rows

blueprint = Blueprint("pages", __name__)

_LAST_REVISIONS = 5


@blueprint.get("/investigations")
@blueprint.get("/")
def home() -> Any:
    """What the store holds. ``?action=`` gives the tables that scripts ask for."""
    if "action" in request.args:
        return investigations.action(request.args["action"])
    asking = asked()
    etag = etag_of(asking.version(), "home", request.host_url)
    answer_if_known(etag)
    rows = list(own_rows(asking.rows("browse/datasets"), asking.base))
    cards = [
        {
            "number": row["number"].value,
            "title": row["title"].value,
            "format": format_label(row["format"].value),
            "modified": row["modified"].value[:10],
            "description": _value(row["description"]),
            "counts": [
                (name, int(row[name].value))
                for name in ("studies", "assays", "samples", "files", "triples")
                if row[name] is not None
            ],
        }
        for row in rows
    ]
    totals = [
        (name, sum([int(row[name].value) for row in rows if row[name] is not None]))
        for name in ("studies", "assays", "samples", "files", "triples")
    ]
    example = queries.get("examples/organism-parts")
    response = Response(
        render_template(
            "home.html",
            cards=cards,
            totals=totals,
            example=example,
            example_text=without_header(example.text),
            examples=[
                queries.get(name) for name in queries.catalogue() if name.startswith("examples/")
            ],
        )
    )
    response.set_etag(etag)
    return response


@blueprint.get("/search")
def search() -> Any:
    """What holds all words of ``q=`` in its name, title, description or identifier; ``type=`` a class."""
    asking = asked()
    text, wanted = request.args.get("q", "").strip(), request.args.get("type", "")
    etag = etag_of(asking.version(), "search page", text, wanted)
    answer_if_known(etag)
    hits = asking.fairgraph.search(text, type=wanted, ask=rows)
    classes: dict[str, tuple[str, int]] = {}
    found = []
    for hit in hits:
        iri = next(iter(vocabulary.ranked(list(hit.types))), "")
        name, colour = vocabulary.kind(iri) if iri else ("Thing", "note")
        type_of, count = classes.get(name, (iri, 0))
        classes[name] = type_of, count + 1
        found.append((hit, name, colour, page_url(hit.iri, asking.base)))
    response = Response(
        render_template(
            "search.html", text=text, wanted=wanted, hits=found, classes=classes, most=MOST_HITS
        )
    )
    response.set_etag(etag)
    return response


@blueprint.get("/investigations/<int:number>")
def investigation(number: int) -> Any:
    """One investigation: studies and assays, samples, people, findings, history, and every export."""
    asking = asked()
    dataset = investigations.dataset(number)
    page = request.args.get("page", 1, int)
    wanted = request.args.get("format", "")
    forms = (PAGE, *GRAPHS)
    form = named(wanted, forms) if wanted else accepted(forms)
    measured = [found.value for found in dataset.measurements]
    etag = etag_of(
        asking.base,
        *state(dataset),
        *measured,
        number,
        page,
        form.name,
        request.host_url,
    )
    answer_if_known(etag)
    described = downloads.described(asking, dataset)
    if form is PAGE:
        response = Response(_investigation(asking, dataset, page, described))
    else:
        response = Response(_data(asking, dataset, form), content_type=form.content_type)
    response.set_etag(etag)
    links = [
        *signposting.concise(dataset, described, asking.base),
        signposting.Link(
            url_for("rest.investigation", number=number), "alternate", "application/json"
        ),
    ]
    response.headers["Link"] = signposting.header(links)
    return response


def _investigation(asking: Asking, dataset: Dataset, page: int, described: dict[str, Any]) -> str:
    found = columns.columns(asking, dataset) if _is_small(dataset) else None
    samples = content.samples(asking, dataset, page) if dataset.counts.get("samples") else None
    headers = columns.by_header(found or [])
    if samples is not None and found is None:
        headers = columns.of_page(samples)
    return render_template(
        "investigation.html",
        dataset=dataset,
        format=format_label(dataset.format),
        iri_page=page_url(dataset.iri, asking.base),
        overview=content.overview(asking, dataset),
        contents=contents(asking, dataset),
        samples=samples,
        columns=found,
        headers=headers,
        revisions=history.lines(asking, dataset)[:_LAST_REVISIONS],
        exports=export_groups(),
        usual=_usual(dataset),
        scores=scoring.panels(asking, dataset),
        provenance=scoring.provenance(asking, dataset),
        size=readable_size,
        schema_org=_in_script(described),
    )


def _usual(dataset: Dataset) -> str:
    """Return the export that most will want: the format that it came in, where that is an export too."""
    return dataset.format if dataset.format in {form.name for form in installed()} else "isa-json"


def _is_small(dataset: Dataset) -> bool:
    return dataset.counts.get("triples", 0) <= columns.MOST_TRIPLES


@blueprint.get("/investigations/<int:number>/columns")
def column_page(number: int) -> Response:
    """The columns of an investigation's materials: types, units, and how many values are ontology terms."""
    asking = asked()
    dataset = investigations.dataset(number)
    etag = etag_of(*state(dataset), number, "columns")
    answer_if_known(etag)
    found = columns.columns(asking, dataset)
    response = Response(render_template("columns.html", dataset=dataset, columns=found))
    response.set_etag(etag)
    return response


@blueprint.get("/investigations/<int:number>/linkset")
def link_set(number: int) -> Response:
    """All typed links of the page of an investigation, and those that lead back to it (RFC 9264)."""
    asking = asked()
    dataset = investigations.dataset(number)
    etag = etag_of(*state(dataset), number, "linkset", request.host_url)
    answer_if_known(etag)
    document = signposting.link_set(dataset, downloads.described(asking, dataset), asking.base)
    response = json_response(document)
    response.headers["Content-Type"] = signposting.LINK_SET
    response.set_etag(etag)
    return response


def _data(asking: Asking, dataset: Dataset, form: Representation) -> bytes:
    """Return what a dataset is, as RDF: schema.org as JSON-LD, DCAT in the other notations."""
    if form.name == "jsonld":
        return asking.exported("schema-org", dataset)
    catalogue = asking.exported("dcat", dataset)
    if form.name == "ttl":
        return catalogue
    return serialized([quad.triple for quad in parse(catalogue, format=RdfFormat.TURTLE)], form)


def _in_script(document: dict[str, Any]) -> Markup:
    """Return JSON as the text of a script element: nothing in it can end the element."""
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    return Markup(text.replace("<", "\\u003c"))


@blueprint.get("/catalog")
def catalog() -> Any:
    """The catalogue of all datasets in DCAT: Turtle, or what ``?format=`` or the Accept header names."""
    asking = asked()
    wanted = request.args.get("format", "")
    form = named(wanted, GRAPHS) if wanted else GRAPHS[0] if wants_html() else accepted(GRAPHS)
    etag = etag_of(asking.version(), "catalog", form.name)
    answer_if_known(etag, vary="Accept")
    body = asking.fairgraph.export("dcat").to_bytes()
    if form.name != "ttl":
        body = serialized([quad.triple for quad in parse(body, format=RdfFormat.TURTLE)], form)
    response = Response(body, content_type=form.content_type)
    response.set_etag(etag)
    response.headers["Vary"] = "Accept"
    return response


def export_groups() -> list[tuple[str, list[Export]]]:
    """Return the exports as they are shown: grouped, in the order of the table."""
    groups: dict[str, list[Export]] = {}
    for export in installed():
        groups.setdefault(export.group, []).append(export)
    return list(groups.items())


def format_label(name: str) -> str:
    """Return what an import format is called."""
    try:
        return format_table.get(name).label
    except (
        FairgraphError
    ):  # a dataset may have come from a format that this fairgraph does not know
        return name


def readable_size(size: int) -> str:
    """Return a number of bytes as people read it."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return (
                f"{amount:.0f} {unit}"
                if unit == "bytes" or amount >= 100
                else f"{amount:.1f} {unit}"
            )
        amount /= 1000
    raise AssertionError


@blueprint.get("/queries")
def query_list() -> Response:
    """All queries that fairgraph comes with, by folder."""
    groups: dict[str, list[queries.Query]] = {}
    known = queries.catalogue()
    etag = etag_of("queries", *((name, query.summary) for name, query in known.items()))
    answer_if_known(etag)
    for name, query in known.items():
        groups.setdefault(name.rpartition("/")[0], []).append(query)
    first = groups.pop("examples", [])
    page = render_template("queries.html", groups=[("examples", first), *groups.items()])
    response = Response(page)
    response.set_etag(etag)
    return response


@blueprint.get("/queries/<path:name>")
def query(name: str) -> Any:
    """The text of one query: a page, or the file itself for scripts."""
    found = queries.get(name.removesuffix(".rq"))
    is_file = name.endswith(".rq") or not wants_html("application/sparql-query", "text/plain")
    etag = etag_of("query", name, found.text, is_file)
    answer_if_known(etag)
    if is_file:
        response = Response(found.text, content_type="application/sparql-query; charset=utf-8")
    else:
        text = without_header(found.text)
        response = Response(render_template("query.html", query=found, text=text))
    response.set_etag(etag)
    return response


@blueprint.get("/vocabulary")
def vocabulary_page() -> Any:
    """The terms that are ours: a page, or the ontology as RDF."""
    wanted = request.args.get("format", "")
    is_page = wanted == "html" or (not wanted and wants_html())
    form = PAGE if is_page else named(wanted, GRAPHS) if wanted else accepted(GRAPHS)
    etag = etag_of("vocabulary", form.name)
    answer_if_known(etag)
    if not is_page:
        if form.name == "ttl":
            body: Any = resources.text(resources.ONTOLOGIES / "fairgraph.ttl")
        else:
            body = serialized(
                [t for found in vocabulary.statements().values() for t in found], form
            )
        response = Response(body, content_type=form.content_type)
    else:
        response = Response(render_template("vocabulary.html", groups=_our_terms()))
    response.set_etag(etag)
    return response


def _our_terms() -> list[tuple[str, list[dict[str, str]]]]:
    groups: dict[str, list[dict[str, str]]] = {"Classes": [], "Properties": []}
    for iri in vocabulary.statements():
        if not iri.startswith("https://w3id.org/fairgraph/") or "#" not in iri:
            continue
        name = iri.rpartition("#")[2]
        group = "Classes" if name[:1].isupper() else "Properties"
        prefix = iri.partition("#")[0].rsplit("/", 1)[-1].replace("ns", "fg")
        groups[group].append(
            {
                "curie": f"{prefix}:{name}",
                "label": vocabulary.label(iri),
                "comment": vocabulary.comment(iri),
                "href": page_url(iri, asked().base),
            }
        )
    return [
        (name, sorted(terms, key=lambda term: term["curie"].lower()))
        for name, terms in groups.items()
    ]


@blueprint.get("/healthz")
def health() -> Response:
    """Whether the store answers, which state it is in, and how many datasets everybody may see."""
    asking = asked()
    count = sum(1 for _ in own_rows(asking.rows("platform/statistics"), asking.base))
    document = {
        "status": "ok",
        "version": __version__,
        "store": asking.version(),
        "datasets": count,
    }
    response = json_response(document)
    response.headers["Cache-Control"] = "no-store"
    return response


def _value(term: Any) -> str:
    return "" if term is None else str(term.value)
