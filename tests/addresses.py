"""What the tests of the web ask for: addresses, notations, queries."""

from __future__ import annotations

from urllib.parse import quote

from flask.testing import FlaskClient
from pyoxigraph import RdfFormat

BASE = "http://localhost:8000/"
STUDY = "mouse-circadian/study/mouse-circadian-light"
SAMPLE = f"{STUDY}/sample/LD12_ZT00_SCN"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SECRET = "Xanadu"
"""A word of what is private that is nowhere else."""
COUNT = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/fairgraph/isa#Sample> }"
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
NOTATIONS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
}


def count(client: FlaskClient, query: str = COUNT, **arguments: str) -> int:
    names = {name.replace("_", "-"): value for name, value in arguments.items()}
    response = client.get("/sparql", query_string={"query": query, **names})
    assert response.status_code == 200, response.text
    return int(response.json["results"]["bindings"][0]["n"]["value"])
