"""What is private is seen by no URL and no query of the public."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from addresses import BASE, BROWSER, PAGES, SECRET
from fairgraph.api import Fairgraph
from fairgraph.exports.export import installed


def test_nothing_private_is_seen_by_any_url(client: FlaskClient, fairgraph: Fairgraph) -> None:
    private = fairgraph.dataset(2)
    assert private.visibility == "private"
    word = SECRET.lower()
    sample = next(
        iter(
            fairgraph.query(
                "SELECT ?s { ?s a <https://w3id.org/fairgraph/isa#Sample> } LIMIT 1", dataset=2
            )
        )
    )["s"].value
    study = sample.rpartition("/sample/")[0]
    term = f"{private.iri}/term/PCR_cycles"
    iris = [private.iri, sample, study, term, f"{BASE}record/{private.slug}/revision/r1"]
    numbers = [
        row["n"].value
        for row in fairgraph.query(
            f"SELECT ?n {{ GRAPH ?g {{ <{sample}> <https://w3id.org/fairgraph/ns#number> ?n }} }}"
        )
    ]
    hidden = [
        "/investigations/2",
        "/api/v1/investigations/2",
        "/api.php/v1/investigations/2",
        *(f"/api/v1/investigations/2/export/{export.name}" for export in installed()),
        *(f"/samples/{number}" for number in numbers),
        *(
            f"/{prefix}{iri.removeprefix(BASE)}"
            for iri in iris
            for prefix in ("", "page/", "data/")
        ),
        *(f"/{path}?iri={quote(iri, safe='')}" for iri in iris for path in ("browse", "data")),
    ]
    for url in hidden:
        for headers in (BROWSER, {"Accept": "text/turtle"}, {}):
            response = client.get(url, headers=headers)
            assert response.status_code == 404, url
            assert f"{SECRET}LD12" not in response.text
    known = [*PAGES, "/healthz", "/api/v1/investigations", "/?action=export_samples", "/?action=export_processes",
             "/?action=export_investigations", "/browse?iri=http://purl.obolibrary.org/obo/NCBITaxon_10090"]  # fmt: skip
    for url in known:
        for headers in (BROWSER, {}):
            text = client.get(url, headers=headers, follow_redirects=True).text
            assert word not in text.lower(), url


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ ?s ?p ?o }}",
        "SELECT * {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "SELECT * {{ GRAPH <{private}> {{ ?s ?p ?o }} }}",
        "SELECT * FROM <{private}> {{ ?s ?p ?o }}",
        "SELECT * FROM NAMED <{private}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "SELECT * {{ VALUES ?g {{ <{private}> }} GRAPH ?g {{ ?s ?p ?o }} }}",
        "SELECT ?g {{ GRAPH ?g {{}} }}",
        "DESCRIBE <{private}>",
        "CONSTRUCT {{ ?s ?p ?o }} FROM <{private}> WHERE {{ ?s ?p ?o }}",
        "SELECT * {{ GRAPH <urn:fairgraph:system> {{ ?s ?p ?o }} }}",
    ],
)
@pytest.mark.parametrize(
    "arguments", [{}, {"default-graph-uri": "{private}"}, {"named-graph-uri": "{private}"}]
)
def test_no_query_reaches_what_is_private(
    client: FlaskClient, fairgraph: Fairgraph, query: str, arguments: dict[str, str]
) -> None:
    private = fairgraph.dataset(2).iri
    text = query.format(private=private)
    given = {name: value.format(private=private) for name, value in arguments.items()}
    response = client.get("/sparql", query_string={"query": text, **given})
    assert response.status_code == 200
    assert SECRET not in response.text.replace(private, "")
    assert f"{private}/" not in response.text
