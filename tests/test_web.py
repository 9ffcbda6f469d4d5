"""The web: every URL, what it negotiates, what it must never show, and a server that starts and ends."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from fairgraph import queries
from fairgraph.api import Fairgraph
from fairgraph.errors import StoreError
from fairgraph.exports.export import installed
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import close_app, create_app
from fairgraph.web.sparql.protocol import dataset_clauses
from fairgraph.web.workers.pool import Workers

EXAMPLE = EXAMPLES / "mouse-circadian"
BASE = "http://localhost:8000/"
STUDY = "mouse-circadian/study/mouse-circadian-light"
SAMPLE = f"{STUDY}/sample/LD12_ZT00_SCN"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SECRET = "Xanadu"


def secret_copy(folder: Path) -> Path:
    """The example with a word in every title and name that is nowhere else."""
    target = folder / f"{SECRET.lower()}"
    shutil.copytree(EXAMPLE, target)
    for path in target.iterdir():
        text = path.read_text(encoding="utf-8")
        for word in ("LD12", "mouse_101", "mouse circadian", "mouse-circadian", "Carberry"):
            text = text.replace(word, f"{SECRET}{word}")
        path.write_text(text, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def fairgraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fairgraph]:
    with Fairgraph(open_store("memory:")) as fg:
        fg.add(EXAMPLE)
        fg.add(secret_copy(tmp_path_factory.mktemp("private")), visibility="private")
        yield fg


@pytest.fixture(scope="module")
def client(fairgraph: Fairgraph) -> FlaskClient:
    app = create_app(fairgraph)
    app.testing = True
    return app.test_client()


@pytest.fixture(scope="module")
def every_example() -> Iterator[FlaskClient]:
    with Fairgraph(open_store("memory:")) as fg:
        for path in sorted(EXAMPLES.glob("mouse-*")):
            fg.add(path)
        yield create_app(fg).test_client()


@pytest.fixture(scope="module")
def disk_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("disk") / "store"
    with Fairgraph(open_store(folder)) as fg:
        fg.add(EXAMPLE)
        app = create_app(fg, timeout=2.0, query_workers=1)
        yield app
        close_app(app)


# -- Pages -----------------------------------------------------------------------------------------------------------

PAGES = [
    "/",
    "/investigations",
    "/investigations/1",
    "/investigations/1?page=2",
    f"/page/id/{SAMPLE}",
    f"/page/id/{STUDY}",
    f"/page/id/{STUDY}?property=https://w3id.org/fairgraph/isa%23sample&page=1",
    "/page/id/mouse-circadian",
    "/page/record/mouse-circadian/revision/r1",
    "/page/id/mouse-circadian/agent/Tom%C3%A1s_Oyelaran",
    "/browse?iri=http://purl.obolibrary.org/obo/UBERON_0002107",
    "/browse?iri=https://w3id.org/fairgraph/isa%23Sample",
    "/browse?iri=http://schema.org/additionalProperty",
    "/browse?iri=http://www.w3.org/ns/prov%23Entity&inverse=http://www.w3.org/1999/02/22-rdf-syntax-ns%23type",
    "/search",
    "/search?q=liver",
    "/search?q=nothing+of+that+name",
    "/sparql",
    "/sparql?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 3"),
    "/sparql?query=" + quote("ASK { ?s ?p ?o }"),
    "/sparql?query=" + quote("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 3"),
    "/terms",
    "/terms?q=liver",
    "/queries",
    "/queries/browse/samples",
    "/vocabulary",
]


@pytest.mark.parametrize("url", PAGES)
def test_a_page_answers_a_browser(client: FlaskClient, url: str) -> None:
    response = client.get(url, headers=BROWSER)
    assert response.status_code == 200, response.text[:2000]
    assert response.mimetype == "text/html"
    assert " style=" not in response.text
    if not url.startswith("/sparql"):  # the one page with scripts: see test_editor
        # Data for machines is no code.
        assert "<script" not in response.text.replace('<script type="application/ld+json">', "")
        assert "script-src" not in response.headers["Content-Security-Policy"]
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_every_link_of_the_pages_leads_somewhere(client: FlaskClient) -> None:
    seen: set[str] = set()
    for page in PAGES:
        text = client.get(page, headers=BROWSER).text
        links = re.findall(r'(?:href|src)="(/[^"]*)"', text)
        assert links
        # Hundreds of terms and annotations have the same kind of page: a sample of them will do.
        for link in links[:: max(1, len(links) // 60)]:
            address = link.replace("&amp;", "&").partition("#")[0]
            if address not in seen:
                seen.add(address)
                with client.get(address, headers=BROWSER) as response:
                    assert response.status_code in (200, 303), address
    assert len(seen) > 200


def test_the_investigation_page_shows_what_is_there(
    client: FlaskClient, fairgraph: Fairgraph
) -> None:
    text = client.get("/investigations/1", headers=BROWSER).text
    dataset = fairgraph.dataset(1)
    assert dataset.sources[0].sha256 in text
    assert str(EXAMPLE.parent) not in text
    for words in (
        "A mouse circadian transcriptomics investigation",
        "Josiah Carberry",
        "10.5555/fairgraph.example.1",
        "nucleotide sequencing",
        "a_light_rnaseq.txt",
        "0.4 milligram",
        "C57BL/6J",
        "12 h light, 12 h dark",
        "zeitgeber time",
        "1–20 of 42",
    ):
        assert words in text, words
    for export in installed():
        assert f'href="/api/v1/investigations/1/export/{export.name}"' in text


def test_samples_are_paged_by_number(client: FlaskClient) -> None:
    def names(page: str) -> list[str]:
        text = client.get(f"/investigations/1?page={page}", headers=BROWSER).text
        return re.findall(r'<th class="first nowrap" scope="row"><a [^>]*>([^<]+)<', text)

    pages = [names("1"), names("2"), names("3")]
    assert [len(page) for page in pages] == [20, 20, 2]
    assert len({name for page in pages for name in page}) == 42
    assert pages[0][0] == "LD12_ZT00_liver"
    assert names("99") == pages[2]
    assert names("x") == pages[0]


def test_html_in_data_is_text_on_a_page() -> None:
    with Fairgraph(open_store("memory:")) as fg:
        fg.update(
            "INSERT DATA { GRAPH <http://localhost:8000/id/x> { <http://localhost:8000/id/x/a> "
            '<http://schema.org/name> "<script>alert(1)</script>" ; <http://schema.org/url> <javascript:alert(1)> } }'
        )
        client = create_app(fg).test_client()
        text = client.get("/page/id/x/a", headers=BROWSER).text
        assert "&lt;script&gt;" in text
        assert "<script" not in text
        assert 'href="javascript:' not in text
        assert client.get("/investigations/1", headers=BROWSER).status_code == 200


def test_an_empty_store_says_what_to_do() -> None:
    with Fairgraph(open_store("memory:")) as fg:
        client = create_app(fg).test_client()
        assert "fairgraph import" in client.get("/", headers=BROWSER).text
        assert client.get("/healthz").json == {
            **client.get("/healthz").json,
            "status": "ok",
            "datasets": 0,
        }


def test_health_counts_what_everybody_may_see(client: FlaskClient) -> None:
    document = client.get("/healthz").json
    assert document["status"] == "ok"
    assert document["datasets"] == 1
    assert document["store"]


def test_a_query_is_a_page_and_a_file(client: FlaskClient) -> None:
    text = queries.get("examples/organism-parts").text
    assert client.get("/queries/examples/organism-parts").text == text
    assert client.get("/queries/examples/organism-parts.rq", headers=BROWSER).text == text
    assert client.get("/queries/no/such").status_code == 404


@pytest.mark.parametrize(
    "name", [name for name in queries.catalogue() if name.startswith("examples/")]
)
def test_an_example_query_has_an_answer(every_example: FlaskClient, name: str) -> None:
    response = every_example.get("/sparql", query_string={"query": queries.get(name).text})
    assert response.status_code == 200
    if "json" in response.mimetype:
        assert response.json["results"]["bindings"]
    else:
        assert b"LD12" in response.data or b"sample" in response.data


# -- IRIs ------------------------------------------------------------------------------------------------------------

NOTATIONS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
}


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


# -- REST ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["/api/v1", "/api.php/v1"])
def test_investigations_as_json(client: FlaskClient, root: str) -> None:
    document = client.get(f"{root}/investigations").json
    assert [found["slug"] for found in document["investigations"]] == ["mouse-circadian"]
    assert document["total"] == 1
    one = client.get(f"{root}/investigations/1").json
    assert one["counts"]["samples"] == 42
    assert set(one["exports"]) == {export.name for export in installed()}
    assert "path" not in one["sources"][0]


def test_investigations_are_paged() -> None:
    with Fairgraph(open_store("memory:")) as fg:
        for slug in "abc":
            fg.update(f"INSERT DATA {{ GRAPH <{BASE}id/{slug}> {{ <urn:{slug}> <urn:p> 1 }} }}")
        client = create_app(fg).test_client()
        response = client.get("/api/v1/investigations?per_page=2&page=2")
        assert len(response.json["investigations"]) == 1
        assert 'rel="prev"' in response.headers["Link"]
        assert 'rel="next"' not in response.headers["Link"]
        assert client.get("/api/v1/investigations?page=0").status_code == 400


@pytest.mark.parametrize("export", installed(), ids=lambda export: export.name)
def test_an_export_is_what_python_gives(
    client: FlaskClient, fairgraph: Fairgraph, export: object
) -> None:
    name = export.name  # type: ignore[attr-defined]
    wanted = fairgraph.export(name, 1)
    response = client.get(f"/api/v1/investigations/1/export/{name}")
    assert response.data == wanted.to_bytes()
    assert response.headers["Content-Type"] == wanted.export.media_type
    assert f'filename="{wanted.file_name}"' in response.headers["Content-Disposition"]
    again = client.get(
        f"/api.php/v1/investigations/1/export/{name}",
        headers={"If-None-Match": response.headers["ETag"]},
    )
    assert again.status_code == 304
    assert again.data == b""


def test_an_option_that_there_is_not_is_refused(client: FlaskClient) -> None:
    response = client.get("/api/v1/investigations/1/export/turtle?colour=red")
    assert (response.status_code, response.json["code"]) == (400, "usage")


@pytest.mark.parametrize(
    ("action", "first"),
    [
        ("export_samples", "sample_id"),
        ("export_processes", "process"),
        ("export_investigations", "investigation_id"),
    ],
)
def test_actions_give_tables(client: FlaskClient, action: str, first: str) -> None:
    response = client.get(f"/?action={action}")
    assert response.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(response.text)))
    assert rows[0][0] == first
    assert len(rows) > 1


def test_an_unknown_action_is_refused(client: FlaskClient) -> None:
    response = client.get("/?action=drop", headers=BROWSER)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


def test_a_table_of_several_datasets_leaves_out_what_the_public_may_not_see(
    client: FlaskClient,
) -> None:
    one = client.get("/api/v1/export/samples-csv?dataset=1")
    assert one.status_code == 200
    assert one.data == client.get("/api/v1/investigations/1/export/samples-csv").data
    assert client.get("/api/v1/export/samples-csv").data == one.data  # the other one is private
    assert client.get("/api/v1/export/samples-csv?dataset=1&dataset=2").status_code == 404
    assert client.get("/api/v1/export/isa-json").status_code == 400


SAMPLES = """
PREFIX isa: <https://w3id.org/fairgraph/isa#> PREFIX schema: <http://schema.org/>
SELECT ?sample { ?sample a isa:Sample ; schema:name ?name FILTER (STRENDS(?name, "_plasma")) }
"""


@pytest.mark.parametrize("prefix", ["/api/v1", "/api.php/v1"])
def test_the_platform_spellings_are_exports_of_the_table(client: FlaskClient, prefix: str) -> None:
    place = f"{prefix}/investigations/1"
    spelled = {
        "ml-export": "ml-json",
        "ml-export?format=json": "ml-json",
        "ml-export?format=csv": "ml-csv",
        "prov-o": "prov-o",
        "isa-tab": "isa-tab",
    }
    for path, name in spelled.items():
        answer = client.get(f"{place}/{path}")
        assert answer.status_code == 200, path
        assert answer.data == client.get(f"/api/v1/investigations/1/export/{name}").data
    assert client.get(f"{place}/ml-export?format=docx").status_code == 400
    assert client.get(f"{place}/ml-export?format=csv&iris=yes").data.startswith(
        b"sample_id,sample_label,sample_iri"
    )


def test_the_provenance_of_one_sample_is_found_by_its_number(client: FlaskClient) -> None:
    rows = client.get("/api/v1/investigations/1/ml-export").json["rows"]
    number, label = rows[0][:2]
    found = client.get(f"/api/v1/samples/{number}/prov-o")
    assert found.status_code == 200
    nodes = json.loads(found.data)["@graph"]
    assert any(label in str(node) for node in nodes)
    assert len(nodes) < len(
        json.loads(client.get("/api/v1/investigations/1/prov-o").data)["@graph"]
    )
    assert client.get("/api/v1/samples/999999/prov-o").status_code == 404
    assert client.get(f"/api/v1/samples/{number}/prov-o?direction=sideways").status_code == 400


def test_a_matrix_of_chosen_samples(disk_app: Flask) -> None:
    client = disk_app.test_client()
    every = client.get("/api/v1/export/ml-csv?dataset=1").data.splitlines()
    some = client.get("/api/v1/export/ml-csv", query_string={"dataset": 1, "samples": SAMPLES})
    assert some.status_code == 200
    rows = some.data.splitlines()[1:]
    assert rows
    assert all(b"_plasma," in row for row in rows)
    assert len(rows) == sum(b"_plasma," in row for row in every)
    for wrong in (
        "SELECT ?name { ?s <http://schema.org/name> ?name }",
        "ASK {}",
        "SELECT",
        "SELECT * { SERVICE <http://x> {} }",
    ):
        answer = client.get("/api/v1/export/ml-csv", query_string={"samples": wrong})
        assert answer.status_code == 400, wrong


@pytest.mark.parametrize("name", ["samples", "format", "dataset", "self"])
def test_a_parameter_that_is_no_option_is_refused(client: FlaskClient, name: str) -> None:
    path = "/api/v1/investigations/1/export/samples-csv"
    assert client.get(path, query_string={name: "SELECT * {?s ?p ?o}"}).status_code == 400


def test_the_exports_are_listed(client: FlaskClient) -> None:
    names = [export["name"] for export in client.get("/api/v1/exports").json["exports"]]
    assert names == [export.name for export in installed()]


@pytest.mark.parametrize(
    "url",
    ["/", "/investigations/1", f"/page/id/{SAMPLE}", f"/data/id/{SAMPLE}", "/api/v1/investigations", "/api/v1/investigations/1",
     "/?action=export_samples", "/sparql?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 1")],
)  # fmt: skip
def test_an_entity_tag_saves_an_answer(client: FlaskClient, url: str) -> None:
    first = client.get(url)
    assert (first.status_code, bool(first.data)) == (200, True)
    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    with client.get(url, headers={"If-None-Match": '"other"'}) as other:
        assert other.status_code == 200
    with client.head(url) as head:
        assert (head.headers["ETag"], head.data) == (first.headers["ETag"], b"")


def test_a_write_changes_the_entity_tags() -> None:
    with Fairgraph(open_store("memory:")) as fg:
        fg.add(EXAMPLE)
        client = create_app(fg).test_client()
        urls = (
            "/",
            "/investigations/1",
            "/api/v1/investigations/1/export/turtle",
            f"/page/id/{SAMPLE}",
        )
        before = {}
        for url in urls:
            with client.get(url) as response:
                before[url] = response.headers["ETag"]
        fg.update(
            f'INSERT DATA {{ GRAPH <{BASE}id/mouse-circadian> {{ <{BASE}id/{SAMPLE}> <urn:p> "new" }} }}'
        )
        for url in urls:
            with client.get(url, headers={"If-None-Match": before[url]}) as response:
                assert response.status_code == 200, url
        assert "new" in client.get(f"/page/id/{SAMPLE}").text


def test_everything_may_be_read_from_other_pages(client: FlaskClient) -> None:
    for url in ("/api/v1/investigations", f"/id/{SAMPLE}", "/sparql?query=ASK{}", "/no/such"):
        assert client.get(url).headers["Access-Control-Allow-Origin"] == "*"


# -- What is private -------------------------------------------------------------------------------------------------


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


# -- SPARQL Protocol -------------------------------------------------------------------------------------------------

COUNT = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/fairgraph/isa#Sample> }"


def count(client: FlaskClient, query: str = COUNT, **arguments: str) -> int:
    names = {name.replace("_", "-"): value for name, value in arguments.items()}
    response = client.get("/sparql", query_string={"query": query, **names})
    assert response.status_code == 200, response.text
    return int(response.json["results"]["bindings"][0]["n"]["value"])


def test_a_query_by_get_form_and_body(client: FlaskClient) -> None:
    assert count(client) == 42
    form = client.post("/sparql", data={"query": COUNT})
    body = client.post("/sparql", data=COUNT, content_type="application/sparql-query")
    assert form.json == body.json == client.get("/sparql", query_string={"query": COUNT}).json
    assert form.mimetype == "application/sparql-results+json"


@pytest.mark.parametrize(
    ("accept", "media_type", "notation"),
    [
        (
            "application/sparql-results+json",
            "application/sparql-results+json",
            QueryResultsFormat.JSON,
        ),
        ("application/json", "application/sparql-results+json", QueryResultsFormat.JSON),
        (
            "application/sparql-results+xml",
            "application/sparql-results+xml",
            QueryResultsFormat.XML,
        ),
        ("text/csv", "text/csv", None),
        ("text/tab-separated-values", "text/tab-separated-values", QueryResultsFormat.TSV),
        ("text/turtle, text/csv;q=0.5", "text/csv", None),
        ("*/*", "application/sparql-results+json", QueryResultsFormat.JSON),
    ],
)
def test_rows_are_negotiated(
    client: FlaskClient, accept: str, media_type: str, notation: QueryResultsFormat | None
) -> None:
    response = client.get("/sparql", query_string={"query": COUNT}, headers={"Accept": accept})
    assert response.mimetype == media_type
    assert "Accept" in response.headers["Vary"].split(", ")
    if notation:
        assert next(parse_query_results(response.data, format=notation))["n"].value == "42"
    else:
        assert response.text.split() == ["n", "42"]


@pytest.mark.parametrize("media_type", NOTATIONS)
def test_graphs_are_negotiated(client: FlaskClient, media_type: str) -> None:
    query = f"DESCRIBE <{BASE}id/{SAMPLE}>"
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": media_type})
    assert response.mimetype == media_type
    assert len(list(parse(response.data, format=NOTATIONS[media_type]))) > 5


def test_what_cannot_be_written_as_accepted_is_a_406(client: FlaskClient) -> None:
    rows = client.get("/sparql", query_string={"query": COUNT}, headers={"Accept": "text/turtle"})
    graph = client.get(
        "/sparql", query_string={"query": "DESCRIBE <urn:x>"}, headers={"Accept": "text/csv"}
    )
    assert (rows.status_code, graph.status_code) == (406, 406)


def test_the_dataset_of_a_request_narrows_what_is_seen(client: FlaskClient) -> None:
    graph = f"{BASE}id/mouse-circadian"
    records = COUNT.replace("isa#Sample", "ns#Revision")
    assert count(client, records) == 1
    assert count(client, default_graph_uri=graph) == 42
    assert count(client, records, default_graph_uri=graph) == 0
    assert count(client, default_graph_uri="urn:nothing") == 0
    assert count(client, named_graph_uri=graph) == 0
    inside = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s a <https://w3id.org/fairgraph/isa#Sample> } }"
    assert count(client, inside, named_graph_uri=graph) == 42
    assert count(client, inside, default_graph_uri=graph) == 0
    assert count(client, COUNT.replace("{", f"FROM <{graph}> {{", 1)) == 42
    assert count(client, COUNT.replace("{", "FROM <urn:nothing> {", 1)) == 0
    # The request says more than the query (SPARQL 1.1 Protocol §2.1.4).
    assert (
        count(client, COUNT.replace("{", "FROM <urn:nothing> {", 1), default_graph_uri=graph) == 42
    )


def test_from_clauses_are_read_as_the_engine_reads_them() -> None:
    query = """BASE <http://example.org/> PREFIX ex: <ns#> PREFIX : <urn:>
      # FROM <urn:comment>
      SELECT ?from FROM <a> FROM NAMED ex:b from named :c { ?from ex:FROM "FROM <urn:text>" }"""
    assert dataset_clauses(query) == (
        ["http://example.org/a"],
        ["http://example.org/ns#b", "urn:c"],
    )
    assert dataset_clauses("SELECT * { ?s ?p ?o }") is None


@pytest.mark.parametrize(
    ("request_", "status", "words"),
    [
        ({"method": "GET", "query_string": "format=json"}, 400, "no query"),
        ({"method": "GET", "query_string": "query="}, 400, "empty"),
        ({"method": "GET", "query_string": {"query": ["ASK {}", "ASK {}"]}}, 400, "more than one"),
        ({"method": "GET", "query_string": {"query": "SELECT WHERE {"}}, 400, "cannot be parsed"),
        ({"method": "GET", "query_string": {"query": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}}, 400, "SERVICE"),
        ({"method": "GET", "query_string": {"query": "INSERT DATA { <urn:a> <urn:b> 1 }"}}, 400, "cannot be parsed"),
        ({"method": "GET", "query_string": {"query": "browse/samples"}}, 400, "cannot be parsed"),
        ({"method": "GET", "query_string": {"query": "BASE <http://[> SELECT * FROM <x> { ?s ?p ?o }"}}, 400, "no IRI below"),
        ({"method": "GET", "query_string": {"query": "BASE <http://[> SELECT * { ?s ?p ?o }"}}, 400, "cannot be parsed"),
        ({"method": "GET", "query_string": {"query": "SELECT * FROM <http://[> { ?s ?p ?o }"}}, 400, "cannot be parsed"),
        ({"method": "GET", "query_string": {"update": "CLEAR ALL"}}, 403, "updates are refused"),
        ({"method": "POST", "data": {"update": "CLEAR ALL"}}, 403, "updates are refused"),
        ({"method": "POST", "data": "CLEAR ALL", "content_type": "application/sparql-update"}, 403, "updates"),
        ({"method": "POST", "data": {"other": "x"}}, 400, "no query"),
        ({"method": "POST", "data": COUNT, "content_type": "text/plain"}, 415, "application/sparql-query"),
        ({"method": "POST", "data": COUNT}, 415, "application/sparql-query"),
        ({"method": "POST", "data": COUNT.encode("utf-16"), "content_type": "application/sparql-query"}, 400, "UTF-8"),
        ({"method": "POST", "data": COUNT, "content_type": "application/sparql-query", "query_string": {"query": COUNT}}, 400, "two"),
        ({"method": "PUT", "query_string": {"query": COUNT}}, 405, "not allowed"),
    ],
)  # fmt: skip
def test_what_the_protocol_forbids(
    client: FlaskClient, request_: dict[str, object], status: int, words: str
) -> None:
    response = client.open("/sparql", **request_)  # type: ignore[arg-type]
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    assert words in response.text


def test_a_browser_sees_the_error_beside_its_query(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "SELECT WHERE {"}, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert "cannot be parsed" in response.text
    assert "SELECT WHERE {" in response.text


def test_the_service_describes_itself(client: FlaskClient) -> None:
    response = client.get("/sparql", headers={"Accept": "text/turtle"})
    objects = {quad.object.value for quad in parse(response.data, format=RdfFormat.TURTLE)}
    assert "http://www.w3.org/ns/sparql-service-description#Service" in objects
    assert "http://localhost/sparql" in objects


def test_void_tells_what_there_is_and_where(client: FlaskClient) -> None:
    answer = client.get("/.well-known/void", headers={"Accept": "text/turtle"})
    said = [quad.triple for quad in parse(answer.data, format=RdfFormat.TURTLE)]
    void = "http://rdfs.org/ns/void#"

    def objects(name: str) -> set[str]:
        return {t.object.value for t in said if t.predicate.value == void + name}

    assert objects("subset") == {f"{BASE}id/mouse-circadian"}, "and nothing that is private"
    assert objects("sparqlEndpoint") == {"http://localhost/sparql"}
    (dump,) = objects("dataDump")
    triples = list(parse(client.get(dump).data, format=RdfFormat.TURTLE))
    assert str(len(triples)) in objects("triples")
    samples = {t.subject for t in said if t.object.value == "https://w3id.org/fairgraph/isa#Sample"}
    assert [
        t.object.value
        for t in said
        if t.subject in samples and t.predicate.value.endswith("entities")
    ] == ["42"]
    assert SECRET not in answer.text
    assert client.get("/.well-known/void", headers=BROWSER).mimetype == "text/turtle"


def test_the_site_map_names_pages_that_are_there(client: FlaskClient) -> None:
    answer = client.get("/sitemap.xml")
    urls = re.findall(r"<loc>([^<]+)</loc>", answer.text)
    assert "http://localhost/investigations/1" in urls
    assert "http://localhost/investigations/2" not in urls
    for url in urls:
        assert client.get(url).status_code == 200, url


# -- Query workers and the server --------------------------------------------------------------------------------------


def test_a_worker_answers_as_the_store_in_this_process_does(
    disk_app: Flask, client: FlaskClient
) -> None:
    disk = disk_app.test_client()
    for name in ("examples/factor-values", "examples/describe-sample", "browse/samples"):
        arguments = {
            "query": queries.get(name).text,
            "format": "nt" if "describe" in name else "csv",
        }
        here, there = (c.get("/sparql", query_string=arguments) for c in (client, disk))
        assert here.status_code == there.status_code == 200
        assert sorted(set(here.text.splitlines())) == sorted(set(there.text.splitlines()))
    assert disk.get("/sparql", query_string={"query": "SELECT WHERE {"}).status_code == 400
    page = disk.get("/sparql", query_string={"query": COUNT}, headers=BROWSER)
    assert "42" in page.text


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/csv", "", "*/*"])
def test_what_passes_the_framework_is_what_the_framework_answers(
    disk_app: Flask, accept: str
) -> None:
    client = disk_app.test_client()
    headers = {"Accept": accept} if accept else {}
    url = "/sparql?" + urlencode({"query": f"{COUNT} # {accept}"})
    # What stands behind the query keeps a request from passing; what it answers is the same.
    slow = client.get(f"{url}&format=", headers=headers)
    first, second = (client.get(url, headers=headers) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert sorted(first.headers) == sorted(second.headers)
    assert first.data == second.data == slow.data
    assert {name for name, _ in {*slow.headers} ^ {*first.headers}} <= {"ETag"}
    known = {**headers, "If-None-Match": second.headers["ETag"]}
    assert client.get(url, headers=known).status_code == 304
    assert client.get(url, headers={"Accept": "image/png"}).status_code == 406
    bad = [client.get("/sparql?query=SELECT+WHERE+%7B", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in bad] == [400, 400]
    assert bad[0].data == bad[1].data
    page = client.get(url, headers=BROWSER)
    assert page.mimetype == "text/html"


def test_a_query_that_never_ends_is_stopped_and_the_next_one_is_answered(disk_app: Flask) -> None:
    client = disk_app.test_client()
    began = time.monotonic()
    response = client.get("/sparql", query_string={"query": ENDLESS})
    assert time.monotonic() - began < 10
    assert response.status_code == 504
    assert response.mimetype == "application/problem+json"
    assert response.json["code"] == "timeout"
    assert count(client) == 42


def test_a_worker_sees_what_was_written_since_it_began(tmp_path: Path) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        app = create_app(fg)
        try:
            client = app.test_client()
            assert count(client) == 0
            fg.add(EXAMPLE)
            assert count(client) == 42
            assert client.get("/healthz").json["datasets"] == 1
        finally:
            close_app(app)


def test_no_more_queries_run_than_there_are_workers(tmp_path: Path) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLE)
    workers = Workers(str(tmp_path / "store"), count=1, timeout=2.0)
    request = {
        "query": ENDLESS,
        "graphs": None,
        "forms": {"rows": "json", "graph": "ttl"},
        "limit": 1,
        "caller": "public",
    }
    errors: list[Exception] = []

    def ask() -> None:
        try:
            workers.ask(request)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    workers.close()
    assert len(errors) == 3
    assert any(isinstance(error, StoreError) for error in errors)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_server_starts_answers_and_ends(tmp_path: Path, how: signal.Signals) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLE)
    command = [
        sys.executable,
        "-m",
        "fairgraph",
        "--store",
        str(tmp_path / "store"),
        "serve",
        "--port",
        "0",
    ]
    if not (Path(sys.modules["fairgraph"].__file__ or "").parent / "__main__.py").is_file():
        command[1:3] = ["-c", "from fairgraph.cli.main import main; main()"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stderr
        line = process.stderr.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert url, line
        with urllib.request.urlopen(f"{url[0]}healthz", timeout=30) as response:
            assert json.load(response)["status"] == "ok"
        with urllib.request.urlopen(f"{url[0]}sparql?query={quote(COUNT)}", timeout=30) as response:
            assert json.load(response)["results"]["bindings"][0]["n"]["value"] == "42"
        with urllib.request.urlopen(
            f"{url[0]}id/mouse-circadian/agent/Tom%C3%A1s_Oyelaran", timeout=30
        ) as response:
            assert "Tomás" in response.read().decode()
        # After the head of an answer of unknown length nothing follows: the connection would not be worth anything.
        host, _, port = url[0].removeprefix("http://").rstrip("/").partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(
                b"HEAD /api/v1/investigations/1/export/turtle HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n\r\n") and answer.count(b"\r\n\r\n") == 1
        os.kill(process.pid, how)
        assert process.wait(timeout=20) == 0
        assert "Traceback" not in process.stderr.read()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stderr:
            process.stderr.close()


def test_isa_has_urls_of_its_own(client: FlaskClient) -> None:
    for name in ("isa-json", "isa-tab"):
        long = client.get(f"/api/v1/investigations/1/export/{name}")
        short = client.get(f"/api/v1/investigations/1/{name}")
        assert (short.status_code, short.data) == (200, long.data)
    assert client.get("/api/v1/investigations/1/nothing").status_code == 404
