"""The SPARQL protocol, and what the service says of itself."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from addresses import BASE, BROWSER, COUNT, NOTATIONS, SAMPLE, SECRET, count
from fairgraph.web.sparql.protocol import dataset_clauses


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
