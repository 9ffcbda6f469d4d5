"""Search: what it finds, in which order, and what it never shows."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from fairgraph.api import Fairgraph
from fairgraph.cli.main import run
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import create_app

EXAMPLE = EXAMPLES / "mouse-circadian"
PREFIXES = "PREFIX schema: <http://schema.org/> PREFIX isa: <https://w3id.org/fairgraph/isa#> PREFIX e: <http://e.org/>"


@pytest.fixture(scope="module")
def fg() -> Iterator[Fairgraph]:
    with Fairgraph(open_store("memory:")) as fairgraph:
        fairgraph.add(EXAMPLE)
        fairgraph.update(
            f"""{PREFIXES} INSERT DATA {{ GRAPH <http://e.org/order> {{
              e:part a isa:Sample ; schema:name "zebrafishes" .
              e:text a isa:Sample ; schema:name "other" ; schema:description "a zebrafish" .
              e:whole a isa:Source ; schema:name "ZEBRAFISH" .
              e:long a isa:Sample ; schema:name "a zebrafish of the Baltic Sea" .
              e:special a isa:Sample ; schema:name "50% \\"x\\" [a-z]+ \u00dcmlaut \U0001f42d" .
            }} }}"""
        )
        fairgraph.update(
            f'{PREFIXES} INSERT DATA {{ GRAPH <http://e.org/h> {{ e:h schema:name "zebrafish" }} }}'
        )
        fairgraph.set("http://e.org/h", visibility="private")
        yield fairgraph


def found(fg: Fairgraph, text: str, **more: str) -> list[str]:
    return [hit.iri.rpartition("/")[2] for hit in fg.as_caller("public").search(text, **more)]


def test_names_come_before_texts_and_whole_words_before_parts(fg: Fairgraph) -> None:
    assert found(fg, "zebrafish") == ["whole", "long", "part", "text"]


def test_all_words_have_to_be_in_one_text(fg: Fairgraph) -> None:
    assert found(fg, "baltic Zebrafish") == ["long"]
    assert found(fg, "baltic liver") == []


@pytest.mark.parametrize(
    "type", ["Source", "source", "isa:Source", "https://w3id.org/fairgraph/isa#Source"]
)
def test_a_class_narrows_what_is_found(fg: Fairgraph, type: str) -> None:
    assert found(fg, "zebrafish", type=type) == ["whole"]


@pytest.mark.parametrize("text", ["50%", '"x"', "[a-z]+", "ümlaut", "\U0001f42d", "X"])
def test_what_looks_like_a_pattern_is_text(fg: Fairgraph, text: str) -> None:
    assert "special" in found(fg, text)


@pytest.mark.parametrize("text", ["", "   ", "} DROP ALL", 'a" } #', "\\"])
def test_nothing_is_found_by_what_is_not_there(fg: Fairgraph, text: str) -> None:
    assert found(fg, text) == []


def test_nothing_private_is_found(fg: Fairgraph) -> None:
    assert "h" not in found(fg, "zebrafish")
    assert "h" in [hit.iri.rpartition("/")[2] for hit in fg.search("zebrafish")]


def test_people_terms_and_files_are_found(fg: Fairgraph) -> None:
    for text in ("Oyelaran", "Mus musculus", "light_liver_counts.tsv", "liver dissection"):
        assert found(fg, text), text


def test_search_by_http(fg: Fairgraph) -> None:
    client = create_app(fg).test_client()
    answer = client.get("/api/v1/search?q=zebrafish&type=Source")
    assert [hit["name"] for hit in answer.json["hits"]] == ["ZEBRAFISH"]  # type: ignore[index]
    assert client.get("/api/v1/search?q=zebrafish").headers["ETag"] != answer.headers["ETag"]
    page = client.get("/search?q=%3Cscript%3E").text
    assert "<script>" not in page
    assert "zebrafishes" in client.get("/search?q=zebrafish").text


def test_search_on_the_command_line(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    store = ["--store", f"{tmp_path}/store"]
    assert run([*store, "-q", "import", str(EXAMPLE)]) == 0
    capsys.readouterr()
    assert run([*store, "search", "mouse_103", "--json"]) == 0
    (hit,) = json.loads(capsys.readouterr().out)["hits"]
    assert "isa:Source" in hit["types"]
    assert run([*store, "search", "liver dissection"]) == 0
    assert "liver dissection" in capsys.readouterr().out
