"""Pages: what a browser is shown, and that every link leads somewhere."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from addresses import BROWSER, PAGES
from fairgraph import queries
from fairgraph.api import Fairgraph
from fairgraph.exports.export import installed
from fairgraph.store import open_store
from fairgraph.web.app import create_app
from support import EXAMPLE


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
