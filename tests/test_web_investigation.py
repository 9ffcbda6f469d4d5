"""The page of an investigation and the search: long texts, the usual export, hints that can be run, kinds that narrow a search."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from fairgraph.api import Fairgraph
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import close_app, create_app

HTML = {"Accept": "text/html"}
SOURCES = {
    "isa-tab": "mouse-circadian",
    "eln": "mouse-circadian-notebook.eln",
    "fairtracks": "mouse-circadian-tracks.json",
}
LONG = " ".join(f"word{n}" for n in range(200))


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    with Fairgraph(open_store("memory:")) as fg:
        for source in SOURCES.values():
            fg.add(EXAMPLES / source)
        fg.update(
            "PREFIX schema: <http://schema.org/> PREFIX isa: <https://w3id.org/fairgraph/isa#>\n"
            f'WITH <{fg.dataset(1).iri}> DELETE {{ ?i schema:description ?d }} INSERT {{ ?i schema:description "{LONG}" }}\n'
            "WHERE { ?i a isa:Investigation ; schema:description ?d }"
        )
        app = create_app(fg)
        yield app.test_client()
        close_app(app)


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


@pytest.mark.parametrize(("number", "name"), [*enumerate(SOURCES, start=1)])
def test_the_usual_export_is_the_format_that_a_dataset_came_in(
    client: FlaskClient, number: int, name: str
) -> None:
    (marked,) = re.findall(
        r'class="button primary" href="[^"]*/export/([^"?]+)', page(client, f"/investigations/{number}")
    )  # fmt: skip
    assert marked == name


def test_a_long_description_is_folded_and_whole(client: FlaskClient) -> None:
    shown = page(client, "/investigations/1")
    (folded,) = re.findall(
        r'<details class="passage lead"><summary><span class="start">([^<]*)</span>.*?<p class="lead">([^<]*)</p></details>',
        shown,
    )
    assert folded[1] == LONG
    assert LONG.startswith(folded[0].removesuffix("..."))
    assert len(folded[0]) <= 420
    assert '<p class="lead">' in page(client, "/investigations/2")


def test_a_hint_names_the_command_for_this_dataset(client: FlaskClient) -> None:
    shown = page(client, "/investigations/2")
    commands = re.findall(r"<code>(fairgraph set [^<]*)</code>", shown)
    assert commands
    assert all(command.startswith("fairgraph set 2 --") for command in commands)
    assert "fairgraph set ID" not in shown


def test_a_search_is_narrowed_by_kind(client: FlaskClient) -> None:
    every = page(client, "/search?q=liver")
    kinds = re.findall(r'<a class="chip note" href="([^"]*)">(\d+) ([^<]*)</a>', every)
    assert {"Sample", "Protocol"} <= {kind for _, _, kind in kinds}
    for address, count, kind in kinds:
        narrowed = page(client, address)
        assert f"<h1>{count} for" in narrowed, (kind, count)
        assert 'aria-current="true"' in narrowed
        assert "of every kind" in narrowed
