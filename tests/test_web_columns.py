"""Columns with their types, units and coverage; the queries behind every export; what the scores mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from fairgraph.api import Fairgraph
from fairgraph.catalogue import Dataset
from fairgraph.exports.export import installed
from fairgraph.resources import EXAMPLES
from fairgraph.scores.score import RULE_SETS
from fairgraph.store import open_store
from fairgraph.web.app import create_app
from fairgraph.web.asking import Asking
from fairgraph.web.pages import columns
from fairgraph.web.pages.behind import queries_of
from fairgraph.web.pages.columns import Column

HTML = {"Accept": "text/html"}
TABLE = """Source Name\tCharacteristics[Organism]\tTerm Source REF\tTerm Accession Number\tCharacteristics[age]\tUnit\tProtocol REF\tSample Name\tCharacteristics[note]\tFactor Value[dose]
s1\tmouse\tX\thttp://e.org/mouse\t3\tweek\tcollection\ta\tfine\t1
s2\tmouse\tX\thttp://e.org/mouse\t\t\tcollection\tb\t\t2
s3\ta mouse\t\t\t5\tweek\tcollection\tc\t\t
"""


@pytest.fixture(scope="module")
def fg() -> Iterator[Fairgraph]:
    with Fairgraph(open_store("memory:")) as fg:
        fg.add(EXAMPLES / "mouse-circadian")
        yield fg


@pytest.fixture(scope="module")
def client(fg: Fairgraph) -> FlaskClient:
    return create_app(fg).test_client()


def found(fg: Fairgraph, dataset: Dataset) -> dict[str, Column]:
    return {column.name: column for column in columns.columns(Asking(fg), dataset)}


def test_values_are_counted_by_what_they_are(memory: Fairgraph, write_tab) -> None:  # type: ignore[no-untyped-def]
    dataset = memory.add(write_tab([line.split("\t") for line in TABLE.splitlines()])).dataset
    known = found(memory, dataset)
    assert set(known) == {"Organism", "age", "note", "dose"}
    organism, age, note, dose = (known[name] for name in ("Organism", "age", "note", "dose"))
    assert (organism.terms, organism.texts, organism.empty, organism.type) == (2, 1, 0, "term")
    assert (organism.materials, organism.of) == ("sources", 3)
    assert (age.numbers, age.texts, age.empty, age.type, age.units) == (2, 2, 1, "number", ["week"])
    assert (note.texts, note.numbers, note.empty, note.type) == (1, 0, 2, "text")
    assert (dose.group, dose.materials, dose.numbers, dose.empty) == (
        "Factor values",
        "samples",
        2,
        1,
    )
    assert organism.said == "2 ontology terms, 1 free text"
    kinds, starts, widths = zip(*age.parts, strict=True)
    assert kinds == ("term", "number", "text")
    assert widths == pytest.approx((0, 66.67, 0), abs=0.01)
    assert starts == pytest.approx((0, 0, 66.67), abs=0.01)


def test_numbers_of_sources_are_none_of_samples(memory: Fairgraph, write_tab) -> None:  # type: ignore[no-untyped-def]
    head = (
        "Source Name\tCharacteristics[age]\tUnit\tProtocol REF\tSample Name\tCharacteristics[age]"
    )
    lines = [head, *(f"s{n}\t{n}\tweek\tcollection\ta{n}\told" for n in range(3))]
    dataset = memory.add(write_tab([line.split("\t") for line in lines])).dataset
    ages = {column.materials: column for column in columns.columns(Asking(memory), dataset)}
    assert (ages["sources"].numbers, ages["sources"].units) == (3, ["week"])
    assert (ages["samples"].numbers, ages["samples"].units, ages["samples"].type) == (0, [], "text")


def test_the_page_shows_bars_types_and_units(client: FlaskClient, fg: Fairgraph) -> None:
    page = client.get("/investigations/1", headers=HTML).text
    section = page[page.index('id="columns"') :]
    for column in found(fg, fg.dataset(1)).values():
        assert f">{column.name}</a>" in section
        assert column.said in section
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+) <span class="type (\w+)">', page)
    assert len(heads) > 3
    assert {kind for _, kind in heads} <= {"term", "number", "text"}


def test_many_values_have_a_page_of_their_own(
    client: FlaskClient, fg: Fairgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "MOST_TRIPLES", 10)
    fg.set(1, status="moved")  # what was remembered is not shown
    page = client.get("/investigations/1", headers=HTML).text
    assert 'href="/investigations/1/columns"' in page
    # Types and units are those of the values that are shown.
    assert re.search(
        r'zeitgeber time <span class="type number">number</span> <span class="unit">hour</span>',
        page,
    )
    assert re.search(r'organism part <span class="type term">term</span>', page)
    assert "ontology terms," not in page[
        page.index('id="columns"') : page.index('id="findings"')
    ].replace("(ontology terms", "")
    assert "ontology terms" in client.get("/investigations/1/columns", headers=HTML).text


def test_every_export_shows_its_queries_and_each_opens_in_the_editor(client: FlaskClient) -> None:
    page = client.get("/investigations/1/exports", headers=HTML)
    assert page.status_code == 200
    articles = dict(
        re.findall(r'<article class="card" id="([^"]+)">(.*?)</article>', page.text, re.DOTALL)
    )
    assert set(articles) == {export.name for export in installed()}
    for export in installed():
        names = [query.name for query in (*queries_of(export).own, *queries_of(export).shared)]
        assert names, export.name
        for name in names:
            assert f'href="/investigations/1/queries/{name}"' in articles[export.name]
        assert f'href="/api/v1/investigations/1/export/{export.name}"' in articles[export.name]


def test_a_query_in_the_editor_asks_the_one_investigation(
    client: FlaskClient, tmp_path: Path
) -> None:
    names = sorted({q.name for e in installed() for q in queries_of(e).own if q.form == "select"})
    assert len(names) > 30
    for name in names:
        answer = client.get(f"/investigations/1/queries/{name}", headers=HTML)
        assert answer.status_code == 303
        (text,) = parse_qs(urlsplit(answer.headers["Location"]).query)["query"]
        assert "FROM <http://localhost:8000/id/mouse-circadian>" in text, name
        assert "FROM NAMED <http://localhost:8000/record/mouse-circadian>" in text
        with client.get("/sparql", query_string={"query": text, "format": "csv"}) as told:
            assert told.status_code == 200, (name, told.text)
    for name in ("nothing/here", "../../pyproject"):
        assert client.get(f"/investigations/1/queries/{name}").status_code == 404


def test_the_scores_are_explained_rule_by_rule(client: FlaskClient) -> None:
    page = client.get("/scores", headers=HTML).text
    for rules in RULE_SETS:
        assert rules.name in page
        for part in rules.parts:
            assert f'id="{part}"' in page
        for rule in rules.rules:
            assert f'href="/queries/{rule.name}"' in page
            assert rule.name.rpartition("/")[2] in page
    bars = client.get("/investigations/1", headers=HTML).text
    assert 'href="/scores#findable"' in bars
    assert 'href="/scores#computability"' in bars
