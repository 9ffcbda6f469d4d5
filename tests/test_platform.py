"""The card of the whole store, and scores on pages and over HTTP."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

import fairgraph
from fairgraph import queries
from fairgraph.api import Fairgraph
from fairgraph.exports.export import exports, installed
from fairgraph.importers.format import formats
from fairgraph.web.app import create_app
from fairgraph.web.pages import scoring
from support import EXAMPLE

SECTIONS = (
    "Statistics", "Investigations", "Data model", "Addresses", "Authentication", "Export formats", "Import formats", "Ontologies",
    "Organisms", "Named queries", "Examples",
)  # fmt: skip


@pytest.fixture
def client(example: Fairgraph) -> Iterator[FlaskClient]:
    yield create_app(example).test_client()


def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/platform-card")
    assert answer.status_code == 200
    assert answer.json
    return answer.json


def test_the_platform_card_counts_what_is_there(client: FlaskClient, example: Fairgraph) -> None:
    found = document(client)
    counts = example.dataset(1).counts
    assert found["statistics"]["investigations"] == 1
    assert {n: found["statistics"][n] for n in ("studies", "samples", "triples")} == {n: counts[n] for n in ("studies", "samples", "triples")}  # fmt: skip
    assert {"name": "UBERON", "terms": 3} in found["ontologies"]
    assert found["organisms"][0]["curie"] == "NCBITaxon:10090"
    classes = {c["class"]: c["things"] for c in found["data_model"]["classes"]}
    assert classes["isa:Sample"] == 42


def test_the_platform_card_names_every_format_and_address(client: FlaskClient) -> None:
    found = document(client)
    assert [e["name"] for e in found["export_formats"]] == [e.name for e in exports()]
    assert [f["name"] for f in found["import_formats"]] == [f.name for f in formats()]
    paths = {endpoint["path"]: endpoint["answers"] for endpoint in found["endpoints"]}
    assert {"/CLAUDE.md", "/llms.txt", "/sparql", "/api/v1/platform-card", "/api/v1/investigations/{number}/score"} <= set(paths)  # fmt: skip
    assert "/api/v1/investigations/{number}/{isa-json|isa-tab|prov-o}" in paths
    assert all(paths.values()), "an address does not say what it answers with"


@pytest.mark.parametrize(
    ("path", "kind"), [("/CLAUDE.md", "text/markdown"), ("/llms.txt", "text/plain")]
)
def test_the_platform_card_is_markdown_too(client: FlaskClient, path: str, kind: str) -> None:
    answer = client.get(path)
    assert answer.content_type == f"{kind}; charset=utf-8"
    text = answer.text
    assert text.startswith("# fairgraph\n\n> ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == list(SECTIONS)
    for row in (line for line in text.splitlines() if line.startswith("| ")):
        assert row.endswith(" |")


def test_the_platform_card_answers_both_prefixes_and_knows_its_readers(client: FlaskClient) -> None:
    first = client.get("/api.php/v1/platform-card")
    assert first.json == document(client)
    again = client.get("/api.php/v1/platform-card", headers={"If-None-Match": first.headers["ETag"]})  # fmt: skip
    assert again.status_code == 304
    markdown = client.get("/CLAUDE.md")
    assert client.get("/CLAUDE.md", headers={"If-None-Match": markdown.headers["ETag"]}).status_code == 304  # fmt: skip


def test_a_new_dataset_is_a_new_card(client: FlaskClient, example: Fairgraph) -> None:
    etag = client.get("/CLAUDE.md").headers["ETag"]
    example.add(EXAMPLE, slug="again", visibility="private")
    assert document(client)["statistics"]["investigations"] == 1, "what is private is not counted"
    example.set("again", visibility="public")
    assert document(client)["statistics"]["investigations"] == 2
    assert client.get("/CLAUDE.md").headers["ETag"] != etag


def test_no_title_breaks_the_platform_card(client: FlaskClient, example: Fairgraph) -> None:
    example.set(1, title="a | b\n## <script> ![x](http://evil/) `c` [y](http://evil/)")
    text = client.get("/CLAUDE.md").text
    assert r"| a \| b ## \<script\> \!\[x\](http://evil/) \`c\` \[y\](http://evil/) |" in text
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == list(SECTIONS)


def test_a_dataset_cannot_claim_to_be_another_one(
    client: FlaskClient, example: Fairgraph, tmp_path: Path
) -> None:
    claim = tmp_path / "claim.ttl"
    claim.write_text(
        """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dcterms: <http://purl.org/dc/terms/> .
        <http://example.org/x> a dcat:Dataset ; dcterms:identifier "mouse-circadian" ; dcterms:title "Another" ;
          <https://w3id.org/fairgraph/ns#number> 1 ; <https://w3id.org/fairgraph/ns#samples> 1000000 ."""
    )
    example.add(claim)
    found = document(client)
    assert found["statistics"]["samples"] == 42
    assert [d["id"] for d in found["investigations"]] == [1, 2]


FORGED = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dcterms: <http://purl.org/dc/terms/> . @prefix fg: <https://w3id.org/fairgraph/ns#> .
@prefix schema: <http://schema.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<{base}id/mouse-circadian> a dcat:Dataset ; dcterms:identifier "mouse-circadian" ; dcterms:title "OWNED" ; fg:number 1 ; fg:format "rdf" ;
  fg:visibility "public" ; fg:samples 1000000 ; schema:description "OWNED" ; dcterms:created "2031-01-01T00:00:00Z"^^xsd:dateTime ;
  dcterms:modified "2031-01-01T00:00:00Z"^^xsd:dateTime .
<{base}id/zzz> a dcat:Dataset ; dcterms:identifier "zzz" ; dcterms:title "GHOST" ; fg:number 77 ; fg:format "rdf" ; fg:visibility "public" ;
  dcterms:created "2031-01-01T00:00:00Z"^^xsd:dateTime ; dcterms:modified "2031-01-01T00:00:00Z"^^xsd:dateTime .
"""


def test_a_dataset_cannot_forge_the_record_of_another_one(
    client: FlaskClient, example: Fairgraph, tmp_path: Path
) -> None:
    claim = tmp_path / "forged.ttl"
    claim.write_text(FORGED.format(base=example.store.base))
    example.add(claim)
    for path in ("/", "/api/v1/platform-card", "/CLAUDE.md", "/llms.txt", "/catalog", "/api/v1/investigations"):  # fmt: skip
        text = client.get(path).text
        assert "GHOST" not in text and "2031" not in text, path
        assert path == "/catalog" or "OWNED" not in text, path
    found = document(client)
    assert (found["statistics"]["investigations"], found["statistics"]["samples"]) == (2, 42)
    assert found["investigations"][0]["title"] == example.dataset(1).title
    assert client.get("/healthz").json["datasets"] == 2  # type: ignore[index]
    for format in ("dcat", "ml-csv", "croissant"):
        text = example.export(format).to_bytes().decode()
        assert "GHOST" not in text and "2031" not in text, format


def test_a_dataset_with_an_iri_of_its_own_is_shown(client: FlaskClient, example: Fairgraph) -> None:
    example.update("INSERT DATA { GRAPH <http://example.org/mine> { <http://example.org/a> <http://example.org/b> 1 } }")  # fmt: skip
    assert document(client)["statistics"]["investigations"] == 2
    assert [d["iri"] for d in document(client)["investigations"]][1] == "http://example.org/mine"
    assert client.get("/healthz").json["datasets"] == 2  # type: ignore[index]


def test_what_was_removed_is_not_counted(client: FlaskClient, example: Fairgraph) -> None:
    example.add(EXAMPLE, slug="again")
    example.remove("again")
    assert document(client)["statistics"]["investigations"] == 1
    assert client.get("/healthz").json["datasets"] == 1  # type: ignore[index]
    assert client.get("/").text.count('href="/investigations/2"') == 0


def test_an_empty_store_has_a_card(memory: Fairgraph) -> None:
    client = create_app(memory).test_client()
    assert document(client)["statistics"] == {"investigations": 0, "studies": 0, "assays": 0, "samples": 0, "processes": 0, "files": 0, "triples": 0}  # fmt: skip
    assert "## Organisms" not in client.get("/CLAUDE.md").text
    examples = document(client)["examples"]
    assert examples
    assert "investigations/" not in json.dumps(examples), "there is none to ask"


def test_the_platform_card_knows_every_format(client: FlaskClient) -> None:
    found = document(client)
    assert all(form.label in found["about"] for form in formats())
    needs = {e["name"]: e["needs"] for e in found["export_formats"]}
    assert set(needs) == {export.name for export in exports()}
    for export in exports():
        assert (export.name in {e.name for e in installed()}) == (not needs[export.name])


def test_the_examples_of_the_platform_card_run(tmp_path: Path) -> None:
    with fairgraph.open(tmp_path / "store") as fg:
        fg.add(EXAMPLE)
        app = create_app(fg)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            host = f"http://127.0.0.1:{server.server_port}"
            done = subprocess.run(["curl", "-fsS", f"{host}/api/v1/platform-card"], capture_output=True, check=True, timeout=60)  # fmt: skip
            for example in json.loads(done.stdout)["examples"]:
                if example["language"] == "sh":
                    subprocess.run(["sh", "-ec", example["code"].replace("curl ", "curl -fsS ")], cwd=tmp_path, check=True, timeout=60, capture_output=True)  # fmt: skip
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            app.extensions["fairgraph.workers"].close()


# -- scores ------------------------------------------------------------------------------------------------------


def test_scores_over_http(client: FlaskClient, example: Fairgraph) -> None:
    answer = client.get("/api.php/v1/investigations/1/score")
    assert answer.json
    assert answer.json["fair"]["total"] == example.score(1).fair.total
    assert answer.json["revision"] == "r1"
    etag = answer.headers["ETag"]
    assert client.get("/api/v1/investigations/1/score", headers={"If-None-Match": etag}).status_code == 304  # fmt: skip
    example.set(1, doi="10.5555/1")
    again = client.get("/api/v1/investigations/1/score", headers={"If-None-Match": etag})
    assert again.status_code == 200
    assert again.json
    assert again.json["fair"]["parts"]["findable"]["points"] == 100
    example.set(1, visibility="private")
    assert client.get("/api/v1/investigations/1/score").status_code == 404


def test_the_page_shows_bars_and_what_to_do(client: FlaskClient, example: Fairgraph) -> None:
    scores = example.score(1)
    page = client.get("/investigations/1").text
    assert f"<b>{scores.fair.total}</b>" in page
    assert f"<b>{scores.ai_ready.total}</b>" in page
    assert next(scores.fair.hints()).hint.split(":")[0] in page
    assert page.count('<rect class="rest" width="100" height="8" rx="1"/>') == 12
    example.set(1, doi="10.5555/1")
    assert f"<b>{example.score(1).fair.total}</b>" in client.get("/investigations/1").text


def test_the_page_of_a_large_dataset_shows_what_was_recorded(
    client: FlaskClient, example: Fairgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "MOST_SAMPLES", 10)
    assert "fairgraph score 1" in client.get("/investigations/1").text
    scores = example.score(1)
    example.record_score(1, scores)
    page = client.get("/investigations/1").text
    assert f"<b>{scores.fair.total}</b>" in page
    assert "fairgraph score 1" not in page


def test_the_page_says_whether_the_provenance_is_valid(
    client: FlaskClient, example: Fairgraph
) -> None:
    assert "<span>Provenance</span> <b>valid</b>" in client.get("/investigations/1").text
    graph = example.dataset(1).iri
    example.update(
        "PREFIX prov: <http://www.w3.org/ns/prov#> "
        f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:x:a> prov:wasDerivedFrom <urn:x:b> . <urn:x:a> prov:specializationOf <urn:x:a> }} }}"
    )
    page = client.get("/investigations/1").text
    assert "<span>Provenance</span> <b>not valid</b>" in page
    (rule,) = {f.rule for f in example.validate(1, profile="prov") if f.severity == "violation"}
    assert rule in page


def test_scores_of_two_applications_are_apart() -> None:
    totals = []
    for doi in ("", "10.5555/1"):
        with fairgraph.open("memory:") as fg:
            fg.add(EXAMPLE)
            if doi:
                fg.set(1, doi=doi)
            page = create_app(fg).test_client().get("/investigations/1").text
            totals.append(f"<b>{fg.score(1).fair.total}</b>" in page)
    assert totals == [True, True]


# -- OpenAPI ---------------------------------------------------------------------------------------------------------


def test_the_description_of_the_api_is_valid_openapi(client: FlaskClient) -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    described = client.get("/openapi.json").json
    assert described
    OpenAPIV31SpecValidator(described).validate()
    operations = [o["operationId"] for path in described["paths"].values() for o in path.values()]
    assert len(operations) == len(set(operations))


def test_every_route_export_and_query_is_described(client: FlaskClient) -> None:
    described = client.get("/openapi.json").json
    assert described
    paths = described["paths"]
    for export in installed():
        one = paths[f"/api/v1/investigations/{{number}}/export/{export.name}"]["get"]
        assert {p["name"] for p in one["parameters"]} == {"number", *export.options}
        assert export.media_type.split(";")[0] in one["responses"]["200"]["content"]
    for query in queries.catalogue().values():
        if query.form != "update":
            one = paths[f"/api/v1/queries/{query.name}"]["get"]
            assert {p["name"] for p in one["parameters"]} == {p.name for p in query.params}
    for path, methods in (
        ("/graphs", {"get", "put", "post", "delete"}),
        ("/sparql/update", {"post"}),
    ):
        assert set(paths[path]) == methods
    assert paths["/sparql/update"]["post"]["security"]
    assert "security" not in paths["/sparql"]["post"]


def test_what_is_described_without_parameters_answers(client: FlaskClient) -> None:
    described = client.get("/openapi.json").json
    assert described
    for path, operations in described["paths"].items():
        if "get" in operations and "{" not in path and not path.startswith("/api/v1/queries/"):
            status = client.get(path).status_code
            assert status in (200, 303, 400, 404), (path, status)


def test_a_named_query_is_answered_with_its_parameters(client: FlaskClient) -> None:
    url = "/api/v1/queries/browse/search?word=mouse_103"
    rows = client.get(url).json["results"]["bindings"]  # type: ignore[index]
    assert {row["text"]["value"] for row in rows} == {"mouse_103"}
    assert client.get(f"{url}&format=csv").text.startswith("thing,property,text")
    assert client.get(f"{url}&dataset=1").json["results"]["bindings"]  # type: ignore[index]
    assert client.get(f"{url}&dataset=17").status_code == 404
    assert client.get(f"{url}&colour=red").status_code == 400
    assert client.get("/api/v1/queries/browse/search").status_code == 400
    assert client.get("/api/v1/queries/no/such").status_code == 404
