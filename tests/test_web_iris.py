"""What has an IRI is a page for people and a document for programs; what there is not is a 404."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from addresses import BASE, BROWSER, NOTATIONS, SAMPLE, STUDY
from fairgraph.api import Fairgraph
from fairgraph.store import open_store
from fairgraph.web.app import create_app


def test_an_iri_sends_a_browser_to_its_page(client: FlaskClient) -> None:
    response = client.get(f"/id/{SAMPLE}", headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (303, f"/page/id/{SAMPLE}")
    assert "Accept" in response.headers["Vary"].split(", ")
    assert 'rel="alternate"' in response.headers["Link"]
    assert 'rel="describedby"' in response.headers["Link"]
    front = client.get("/id/mouse-circadian", headers=BROWSER)
    assert front.headers["Location"] == "/investigations/1"


@pytest.mark.parametrize("media_type", NOTATIONS)
def test_an_iri_sends_a_program_to_its_data(client: FlaskClient, media_type: str) -> None:
    response = client.get(f"/id/{SAMPLE}", headers={"Accept": media_type}, follow_redirects=True)
    assert response.status_code == 200
    assert response.mimetype == media_type
    triples = {quad.triple for quad in parse(response.data, format=NOTATIONS[media_type])}
    values = {triple.object.value for triple in triples}
    assert {"LD12_ZT00_SCN", "0.4"} <= values  # its annotations belong to it
    assert {t.subject.value.startswith(f"{BASE}id/{SAMPLE}") for t in triples} == {True}


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("ttl", "text/turtle"),
        ("jsonld", "application/ld+json"),
        ("nt", "application/n-triples"),
        ("rdf", "application/rdf+xml"),
    ],
)
def test_format_says_more_than_accept(client: FlaskClient, name: str, media_type: str) -> None:
    response = client.get(f"/id/{SAMPLE}?format={name}", headers=BROWSER, follow_redirects=True)
    assert response.mimetype == media_type


def test_without_an_accept_header_there_is_turtle(client: FlaskClient) -> None:
    response = client.get(f"/id/{SAMPLE}", follow_redirects=True)
    assert response.mimetype == "text/turtle"
    assert client.get(f"/id/{SAMPLE}?format=html").headers["Location"].startswith("/page/")


def test_what_is_not_acceptable_is_a_406(client: FlaskClient) -> None:
    response = client.get(f"/id/{SAMPLE}", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert response.mimetype == "application/problem+json"
    assert client.get(f"/id/{SAMPLE}?format=docx").status_code == 406


def test_letters_beyond_ascii_come_back(client: FlaskClient) -> None:
    url = "/id/mouse-circadian/agent/Tom%C3%A1s_Oyelaran"
    response = client.get(url, headers={"Accept": "application/n-triples"}, follow_redirects=True)
    assert "Tomás Oyelaran" in response.text
    assert "Tomás Oyelaran" in client.get(url, headers=BROWSER, follow_redirects=True).text


def test_escapes_in_an_iri_stay_escapes() -> None:
    with Fairgraph(open_store("memory:")) as fg:
        fg.update(
            "INSERT DATA { GRAPH <http://localhost:8000/id/x> { "
            '<http://localhost:8000/id/x/a%20b> <http://schema.org/name> "blank" . '
            '<http://localhost:8000/id/x/a#b> <http://schema.org/name> "hash" } }'
        )
        client = create_app(fg).test_client()
        for accept in ({"Accept": "text/turtle"}, BROWSER):
            response = client.get("/id/x/a%20b", headers=accept, follow_redirects=True)
            assert response.status_code == 200
            assert "blank" in response.text
        url = "/browse?iri=" + quote(f"{BASE}id/x/a#b", safe="")
        assert "hash" in client.get(url, headers=BROWSER).text


def test_a_page_tells_what_it_came_from_and_where_it_belongs(client: FlaskClient) -> None:
    text = client.get(f"/page/id/{SAMPLE}", headers=BROWSER).text
    for words in (
        "mouse_101",
        "SCN punch",
        "LD12_ZT00_SCN_RNA",
        "LD12_ZT00_SCN.fastq.gz",
        "organism part: suprachiasmatic nucleus",
    ):
        assert words in text, words
    crumbs = re.search(r'<nav class="crumbs".*?</nav>', text, re.DOTALL)
    assert crumbs
    assert re.findall(r'href="([^"]*)"', crumbs[0]) == [
        "/",
        "/page/id/mouse-circadian",
        f"/page/id/{STUDY}",
    ]


def test_our_terms_are_explained_and_foreign_ones_named(client: FlaskClient) -> None:
    ours = client.get("/browse?iri=https://w3id.org/fairgraph/isa%23Sample", headers=BROWSER).text
    assert "A material that results from a sample collection" in ours
    assert "All 42" in ours
    data = client.get("/data?iri=https://w3id.org/fairgraph/isa%23Sample&format=nt").text
    assert "http://www.w3.org/2000/01/rdf-schema#label" in data
    foreign = client.get(
        "/browse?iri=http://purl.obolibrary.org/obo/UBERON_0002107", headers=BROWSER
    ).text
    assert "<h1>liver</h1>" in foreign
    turtle = client.get("/vocabulary", headers={"Accept": "text/turtle"})
    assert turtle.mimetype == "text/turtle"
    assert len(list(parse(turtle.data, format=RdfFormat.TURTLE))) > 400
    assert client.get("/vocabulary?format=jsonld").mimetype == "application/ld+json"


@pytest.mark.parametrize(
    "url",
    [
        "/id/mouse-circadian/no/such",
        "/id/nothing",
        "/page/id/nothing",
        "/data/id/nothing",
        "/browse?iri=http://example.org/unknown",
        "/browse?iri=no%20iri",
        "/browse",
        "/data?iri=urn:x",
        "/investigations/99",
        "/api/v1/investigations/99",
        "/api/v1/investigations/99/export/turtle",
        "/api/v1/investigations/1/export/docx",
        "/samples/999",
        "/no/such/page",
    ],
)
def test_what_is_not_there_is_a_404(client: FlaskClient, url: str) -> None:
    page = client.get(url, headers=BROWSER)
    assert page.status_code == 404
    problem = client.get(url)
    assert problem.status_code == 404
    assert problem.mimetype == "application/problem+json"
    assert problem.json["status"] == 404
    assert problem.json["code"] == "not-found"
    if not url.startswith("/api/"):
        assert page.mimetype == "text/html"


def test_numbers_lead_to_pages(client: FlaskClient) -> None:
    assert client.get("/samples/2").headers["Location"] == f"/page/id/{SAMPLE}"
    assert client.get("/studies/1").headers["Location"] == f"/page/id/{STUDY}"
