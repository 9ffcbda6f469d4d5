"""What stands behind the exports of an investigation: the named queries that each of them asks, which open in the editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for

from fairgraph import queries
from fairgraph.catalogue import Dataset, record_iri
from fairgraph.exports.export import Export, installed
from fairgraph.web.asking import asked, without_header
from fairgraph.web.negotiation import answer_if_known, etag_of
from fairgraph.web.rest import investigations

blueprint = Blueprint("behind", __name__)


@dataclass(frozen=True)
class Behind:
    """One export, and the queries that it asks: its own, and those that it shares with others."""

    export: Export
    own: list[queries.Query]
    shared: list[queries.Query]


def queries_of(export: Export) -> Behind:
    """Return the queries of an export; those that only its loss report asks are not among them."""
    known = queries.catalogue()

    def those(name: str) -> list[queries.Query]:
        if name in known:
            return [known[name]]
        found = [query for key, query in known.items() if key.startswith(f"{name}/")]
        return [query for query in found if query.name not in export.carried_queries]

    own = those(export.query)
    shared = {query.name: query for name in export.also for query in those(name)}
    return Behind(export, own, [query for query in shared.values() if query not in own])


@blueprint.get("/investigations/<int:number>/exports")
def exports(number: int) -> Response:
    """Every export of an investigation with its options and the named queries behind it."""
    dataset = investigations.dataset(number)
    etag = etag_of(dataset.iri, dataset.title, number, "exports")
    answer_if_known(etag)
    groups: dict[str, list[Behind]] = {}
    for export in installed():
        groups.setdefault(export.group, []).append(queries_of(export))
    response = Response(render_template("exports.html", dataset=dataset, groups=groups))
    response.set_etag(etag)
    return response


@blueprint.get("/investigations/<int:number>/queries/<path:name>")
def query(number: int, name: str) -> Any:
    """Open a query of the catalogue in the editor, asked of one investigation."""
    dataset = investigations.dataset(number)
    text = of_dataset(queries.get(name), dataset, asked().base)
    return redirect(url_for("sparql.sparql", query=text), 303)


def of_dataset(query: queries.Query, dataset: Dataset, base: str) -> str:
    """Return the text of a query with the dataset and its record as what it asks, as the exports ask it."""
    lines = without_header(query.text).splitlines()
    clauses = [f"FROM <{dataset.iri}>", f"FROM NAMED {record_iri(base, dataset.slug)}"]
    # Every query of the catalogue begins its pattern on a line of its own.
    at = next((n for n, line in enumerate(lines) if line.startswith("WHERE")), None)
    if at is not None:
        lines[at:at] = clauses
    return "\n".join(lines)
