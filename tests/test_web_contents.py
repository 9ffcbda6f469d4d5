"""What pages show of notebooks, runs and files, and that nothing in them runs, reports or traps."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from fairgraph.api import Fairgraph
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import create_app
from fairgraph.web.pages.notes import shown

HTML = "text/html"


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    with Fairgraph(open_store("memory:")) as fg:
        for name in ("mouse-circadian", "mouse-circadian-run", "mouse-circadian-notebook.eln"):
            fg.add(EXAMPLES / name)
        yield create_app(fg).test_client()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>1</script>">x</a>',
        '<a href=" DATA:text/html,x">x</a>',
        '<form action="http://evil.example/"><input name="password"></form>',
        '<iframe src="http://evil.example/"></iframe>',
        '<style>body { background: url("http://evil.example/") }</style>',
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext></p><style><img src=x onerror=alert(1)></style></mtext></math>",
        '<img src="http://evil.example/pixel.png">',
        '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
        '<p style="position: fixed; inset: 0">x</p>',
        '<base href="http://evil.example/">',
        '<meta http-equiv="refresh" content="0; url=http://evil.example/">',
    ],
)
@pytest.mark.parametrize("media_type", [HTML, "text/markdown", "text/plain", ""])
def test_nothing_that_runs_or_reports_is_left(text: str, media_type: str) -> None:
    found = re.findall(r"<([a-z]+)([^>]*)>", str(shown(text, media_type)))
    allowed = {"a", "p", "img", "br", "math", "mtext"}
    assert {name for name, _ in found} <= allowed
    for _, attributes in found:
        assert not re.search(r"(?i)javascript:|data:text|svg|evil|onerror|style=", attributes), (
            attributes
        )


def test_what_is_harmless_stays() -> None:
    picture = "data:image/png;base64,iVBORw0KGgo="
    html = f'<h1>Title</h1><table><tr><td>1</td></tr></table><img src="{picture}" alt="gel"><a href="https://e.org/">x</a>'
    found = str(shown(html, HTML))
    for part in ("<h1>Title</h1>", "<td>1</td>", picture, 'href="https://e.org/"', "noopener"):
        assert part in found
    assert "<strong>above</strong>" in str(shown("**above** 8", "text/markdown"))
    assert str(shown("a < b\n**c**", "text/plain")) == '<p class="plain-text">a &lt; b\n**c**</p>'


def test_the_page_of_a_notebook_lists_its_entries_in_order(client: FlaskClient) -> None:
    page = client.get("/investigations/3").text
    titles = (
        "Mice of the light study",
        "Dissection of livers, 12 hours of light",
        "RNA extraction of livers",
    )
    places = [page.index(f">{title}</a></h3>") for title in titles]
    assert places == sorted(places)
    assert "Mireille Achterberg" in page
    assert "integrity.csv" in page
    assert re.search(r'href="/files/[0-9a-f]{64}" download', page)
    assert ">metadata</a>" not in page


def test_the_page_of_an_entry_shows_its_text(client: FlaskClient) -> None:
    page = client.get("/investigations/3").text
    entry = re.search(r'href="([^"]+)">RNA extraction of livers', page)
    assert entry
    shown_page = client.get(entry[1]).text
    assert "<strong>above 8</strong>" in shown_page
    assert "Dissection of livers" in shown_page


def test_the_page_of_a_run_tells_what_went_in_and_came_out(client: FlaskClient) -> None:
    page = client.get("/investigations/2").text
    card = page[page.index('id="runs"') : page.index('id="files"')]
    for text in (
        "Count reads",
        "LD12_ZT00_liver.fastq.gz",
        "minimum_length: 60",
        "read_counts.tsv",
        "Completed",
    ):
        assert text in card


def test_a_result_leads_back_to_the_animal(client: FlaskClient) -> None:
    page = client.get("/investigations/2").text
    result = re.search(r'href="([^"]+)">read_counts.tsv', page)
    assert result
    picture = client.get(result[1]).text
    for text in ("mouse_101", "LD12_ZT00_liver_RNA", "read_counts.tsv"):
        assert text in picture[picture.index('id="lineage"') :]


def test_a_checksum_that_is_none_breaks_no_page() -> None:
    with Fairgraph(open_store("memory:")) as fg:
        fg.update(
            'PREFIX schema: <http://schema.org/> INSERT DATA { <http://e.org/a> schema:name "odd" ; schema:sha256 "%s" }'
            % ("g" * 64)
        )
        page = create_app(fg).test_client().get("/investigations/1")
    assert page.status_code == 200
    assert "odd" in page.text


@pytest.mark.parametrize("index", ['"first"', '"1.5"', "<http://e.org/i>", '"' + "9" * 5000 + '"'])
def test_a_place_that_is_none_breaks_nothing(index: str) -> None:
    with Fairgraph(open_store("memory:")) as fg:
        fg.add(EXAMPLES / "mouse-circadian")
        fg.add(EXAMPLES / "mouse-circadian-notebook.eln")
        fg.update(
            "PREFIX fg: <https://w3id.org/fairgraph/ns#> PREFIX schema: <http://schema.org/>"
            f" INSERT {{ GRAPH ?g {{ ?s fg:index {index} }} }} WHERE {{ GRAPH ?g {{ ?s a schema:Person }} }};"
            f" INSERT {{ GRAPH ?g {{ ?s fg:index {index} }} }} WHERE {{ GRAPH ?g {{ ?s a <https://w3id.org/fairgraph/eln#Entry> }} }}"
        )
        client = create_app(fg).test_client()
        for url in (
            "/catalog",
            "/investigations/1",
            "/investigations/2",
            "/api/v1/investigations/1/card",
        ):
            assert client.get(url).status_code == 200, url
