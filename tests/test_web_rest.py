"""REST: investigations as JSON, exports by their URLs, entity tags."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from addresses import BASE, BROWSER, SAMPLE
from fairgraph.api import Fairgraph
from fairgraph.exports.export import installed
from fairgraph.store import open_store
from fairgraph.web.app import create_app
from support import EXAMPLE


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


def test_isa_has_urls_of_its_own(client: FlaskClient) -> None:
    for name in ("isa-json", "isa-tab"):
        long = client.get(f"/api/v1/investigations/1/export/{name}")
        short = client.get(f"/api/v1/investigations/1/{name}")
        assert (short.status_code, short.data) == (200, long.data)
    assert client.get("/api/v1/investigations/1/nothing").status_code == 404
