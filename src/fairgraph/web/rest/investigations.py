"""REST: investigations as JSON, and every export of the table by its own URL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request, url_for

from fairgraph import queries
from fairgraph.answers import Exported
from fairgraph.catalogue import Dataset, record_iri
from fairgraph.errors import NotFound, UsageError
from fairgraph.exports.export import get as get_export
from fairgraph.exports.export import installed
from fairgraph.exports.run_crate import metadata
from fairgraph.terms import FG, ISA
from fairgraph.web.asking import asked, state
from fairgraph.web.connection import handed_over
from fairgraph.web.negotiation import answer_if_known, etag_of, json_response
from fairgraph.web.pages import signposting
from fairgraph.web.sparql.endpoint import data, rows, selected

blueprint = Blueprint("rest", __name__)

ACTIONS = {
    "export_samples": "samples-csv",
    "export_processes": "processes-csv",
    "export_investigations": "investigations-csv",
}
_PER_PAGE, _MOST = 50, 200


@blueprint.get("/investigations")
def investigations() -> Response:
    """A page of the investigations, and links to the pages around it (RFC 8288)."""
    asking = asked()
    page, per_page = _positive("page", 1), min(_positive("per_page", _PER_PAGE), _MOST)
    etag = etag_of(asking.version(), request.host_url, request.full_path)
    answer_if_known(etag)
    found = asking.fairgraph.datasets()
    pages = max(1, -(-len(found) // per_page))
    shown = found[(page - 1) * per_page : page * per_page]
    response = json_response(
        {
            "investigations": [_summary(dataset) for dataset in shown],
            "page": page,
            "per_page": per_page,
            "total": len(found),
        }
    )
    targets = {"first": 1, "prev": page - 1, "next": page + 1, "last": pages}
    links = [
        f'<{url_for("rest.investigations", page=number, per_page=per_page)}>; rel="{relation}"'
        for relation, number in targets.items()
        if 1 <= number <= pages
    ]
    response.headers["Link"] = ", ".join(links)
    response.set_etag(etag)
    return response


def _positive(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 10**9:
        raise UsageError(f"{name} is a number from 1, not {text[:40]!r}")
    return int(text)


def _summary(dataset: Dataset) -> dict[str, Any]:
    document = dataset.as_dict()
    document["findings"] = dataset.report.counts
    document["url"] = url_for("rest.investigation", number=dataset.number, _external=True)
    return document


@blueprint.get("/investigations/<int:number>")
def investigation(number: int) -> Response:
    """One investigation: its record, its findings, its history, and where its exports are."""
    found = dataset(number)
    etag = etag_of(*state(found), request.host_url, "json")
    answer_if_known(etag)
    document = found.as_dict()
    document["sources"] = [
        {"name": source.name, "sha256": source.sha256, "size": source.size}
        for source in found.sources
    ]
    document["revisions"] = [
        {
            "name": revision.name,
            "operation": revision.operation,
            "time": revision.time,
            "triples": revision.triples,
            "sha256": revision.sha256,
        }
        for revision in found.revisions
    ]
    document["exports"] = {
        export.name: url_for("rest.export", number=number, format=export.name, _external=True)
        for export in installed()
    }
    document["page"] = url_for("pages.investigation", number=number, _external=True)
    response = json_response(document)
    response.set_etag(etag)
    return response


@blueprint.get("/investigations/<int:number>/export/<format>")
def export(number: int, format: str) -> Response:
    """One investigation in one format; options of the format are query parameters."""
    return _exported(format, dataset(number), request.args.to_dict())


@blueprint.get("/export/<format>")
def export_several(format: str) -> Response:
    """Several investigations in one format: ``dataset=`` as often as needed, none for all; ``samples=`` a SELECT of samples."""
    options = request.args.to_dict()
    names = request.args.getlist("dataset")
    options.pop("dataset", None)
    query = options.pop("samples", None)
    asking = asked()
    found = [asking.fairgraph.dataset(name) for name in names]
    chosen = None
    if query is not None:
        graphs = [dataset.iri for dataset in found]
        chosen = selected(query, (graphs, graphs) if graphs else None)
    check_options(format, options)
    etag = etag_of(
        asking.version(),
        format,
        sorted(options.items()),
        names,
        query,
    )
    answer_if_known(etag)
    return _download(
        asking.fairgraph.export(format, found or None, samples=chosen, **options), etag
    )


def _exported(format: str, found: Dataset, options: dict[str, str]) -> Response:
    check_options(format, options)
    exported = asked().fairgraph.export(format, found, **options)
    etag = etag_of(found.iri, *state(found), format, sorted(options.items()))
    answer_if_known(etag)
    response = _download(exported, etag)
    response.headers["Link"] = signposting.to_page(found)
    return response


def check_options(format: str, options: Mapping[str, str]) -> None:
    """Raise NotFound or UsageError unless there is such a format with such options: they become arguments of a call."""
    get_export(format).check_options(options)


@blueprint.get('/investigations/<int:number>/<any("isa-json", "isa-tab", "prov-o"):format>')
def own_spelling(number: int, format: str) -> Response:
    """One investigation in a format that has a path of its own, as ``…/export/{format}``."""
    return export(number, format)


@blueprint.get("/investigations/<int:number>/ml-export")
def ml_export(number: int) -> Response:
    """The matrix of samples and features: JSON, or ``format=csv`` or ``zip``."""
    return _by_parameter(number, {"json": "ml-json", "csv": "ml-csv", "zip": "ml-zip"}, "json")


@blueprint.get("/investigations/<int:number>/card")
def card(number: int) -> Response:
    """The data card: Markdown, or ``format=json``."""
    return _by_parameter(number, {"md": "card", "json": "card-json"}, "md")


@blueprint.get("/investigations/<int:number>/score")
def score(number: int) -> Response:
    """How FAIR and how ready for AI one investigation is: points, evidence and what to do, rule by rule."""
    found = dataset(number)
    etag = etag_of(*state(found), "score")
    answer_if_known(etag)
    about = {
        "id": found.number,
        "iri": found.iri,
        "revision": found.current.name if found.current else "",
    }
    response = json_response(about | asked().fairgraph.score(found).as_dict())
    response.set_etag(etag)
    return response


def _by_parameter(number: int, formats: Mapping[str, str], default: str) -> Response:
    options = request.args.to_dict()
    wanted = options.pop("format", default)
    if wanted not in formats:
        raise UsageError(
            f"there is no format {wanted[:40]!r}", hint=f"formats: {', '.join(formats)}"
        )
    return _exported(formats[wanted], dataset(number), options)


@blueprint.get("/runs/<int:number>/ro-crate")
def run_crate(number: int) -> Response:
    """The metadata of the RO-Crate of one analysis run, as JSON-LD; the crate with its files with ``format=zip``."""
    found, wanted = _of_run(number), request.args.get("format", "jsonld")
    if wanted == "zip":
        return _exported("run-crate", found, {})
    if wanted != "jsonld":
        raise UsageError(f"there is no format {wanted[:40]!r}", hint="formats: jsonld, zip")
    etag = etag_of(*state(found), "run-crate", "jsonld")
    answer_if_known(etag)
    with asked().fairgraph.export("run-crate", found).answers() as answers:
        response = Response(metadata(answers), content_type="application/ld+json")
    response.set_etag(etag)
    return response


@blueprint.get("/runs/<int:number>/download")
def run_download(number: int) -> Response:
    """One analysis run with all its files: the RO-Crate as a ZIP archive."""
    return _exported("run-crate", _of_run(number), {})


def _of_run(number: int) -> Dataset:
    """Return the dataset that holds the analysis run with a number."""
    asking = asked()
    if row := asking.numbered(number, FG.AnalysisRun):
        return asking.fairgraph.dataset(row["dataset"].value)
    raise NotFound(f"there is no run {number}", hint="/api/v1/investigations lists what there is")


@blueprint.get("/samples/<int:number>/prov-o")
def sample_prov(number: int) -> Response:
    """What one sample comes from, as PROV-O; ``direction=`` up, down or both."""
    asking = asked()
    if row := asking.numbered(number, ISA.Sample):
        found = asking.fairgraph.dataset(row["dataset"].value)
        return _exported("prov-o", found, {**request.args.to_dict(), "sample": row["node"].value})
    raise NotFound(
        f"there is no sample {number}", hint="/api/v1/investigations lists what there is"
    )


@blueprint.get("/queries/<path:name>")
def named_query(name: str) -> Response:
    """The answer to a query of the catalogue; its parameters are query parameters, ``dataset=`` asks one dataset alone."""
    params = request.args.to_dict()
    wanted, about = params.pop("format", ""), params.pop("dataset", None)
    text = queries.bind(queries.get(name), **params)
    graphs = None
    if about is not None:
        asking = asked()
        found = asking.fairgraph.dataset(about)
        graphs = ([found.iri], [record_iri(asking.base, found.slug).value])
    return data(text, graphs, wanted)


@blueprint.get("/search")
def search() -> Response:
    """What holds all words of ``q=`` in its name, title, description or identifier; ``type=`` a class."""
    asking = asked()
    text, type = request.args.get("q", ""), request.args.get("type", "")
    etag = etag_of(asking.version(), "search", text, type)
    answer_if_known(etag)
    # All names of the store are read: in a worker, which can be stopped.
    found = asking.fairgraph.search(text, type=type, ask=rows)
    response = json_response({"query": text, "hits": [hit.as_dict() for hit in found]})
    response.set_etag(etag)
    return response


@blueprint.get("/terms")
def terms() -> Response:
    """The terms of the ontologies of which a label or synonym holds all words of ``q=``; ``ontology=`` one of them."""
    asking = asked()
    text, ontology = request.args.get("q", ""), request.args.get("ontology", "")
    etag = etag_of(asking.version(), "terms", text, ontology)
    answer_if_known(etag)
    found = asking.fairgraph.terms(text, ontology=ontology, ask=rows)
    response = json_response({"query": text, "terms": [term.as_dict() for term in found]})
    response.set_etag(etag)
    return response


@blueprint.get("/exports")
def export_list() -> Response:
    """The table of exports."""
    return json_response(
        {
            "exports": [
                {
                    "name": export.name,
                    "label": export.label,
                    "group": export.group,
                    "media_type": export.media_type,
                    "suffix": export.suffix,
                    "profile": export.profile,
                    "scope": export.scope,
                    "options": dict(export.options),
                    "url": f"{url_for('rest.investigations', _external=True)}/{{id}}/export/{export.name}",
                }
                for export in installed()
            ]
        }
    )


def action(name: str) -> Response:
    """Answer ``/?action=export_samples`` and the like: a table of all that the public may see."""
    if name not in ACTIONS:
        raise UsageError(f"there is no action {name[:60]!r}", hint=f"actions: {', '.join(ACTIONS)}")
    asking = asked()
    etag = etag_of(asking.version(), name)
    answer_if_known(etag)
    return _download(asking.fairgraph.export(ACTIONS[name]), etag)


def dataset(number: int) -> Dataset:
    """Return the dataset with a number that the public may see; NotFound as if there were no other."""
    try:
        return asked().fairgraph.dataset(number)
    except NotFound:
        raise NotFound(
            f"there is no investigation {number}", hint="/api/v1/investigations lists them"
        ) from None


def _download(exported: Exported, etag: str) -> Response:
    # The export is made before its status is sent: what goes wrong is not said in the middle of a file.
    file = exported.spooled()
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    response = handed_over(file, size)
    response.content_type = exported.export.media_type
    # RFC 6266: a plain name for old clients, the real one in UTF-8. Slugs are ASCII already.
    name = exported.file_name
    plain = name.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    )
    response.set_etag(etag)
    return response
