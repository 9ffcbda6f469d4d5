"""What the public sees of a store does not depend on what is private in it, byte for byte; and no query leaves this machine.

Two stores, one a copy of the other with a private dataset added: every address gives the same answer for both, those of the private
dataset too, which is not there in the one and must not seem to be there in the other.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from fairgraph import queries
from fairgraph.api import Fairgraph
from fairgraph.exports.export import installed
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import close_app, create_app
from serving import served
from support import EXAMPLE
from test_guard import GOES_OUT

BASE = "http://localhost:8000/"
WORD = "Xanadu"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
NUMBER = "https://w3id.org/fairgraph/ns#number"
ADDRESSES = 100

# Ways to reach for a graph, each about GRAPH, THING (a node in it) and WORD (a word in it).
SHAPES = {
    "everything": "SELECT * { ?s ?p ?o }",
    "any graph": "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    "the graph": "SELECT * { GRAPH <GRAPH> { ?s ?p ?o } }",
    "from": "SELECT * FROM <GRAPH> { ?s ?p ?o }",
    "from several": "SELECT * FROM <GRAPH> FROM <BASEid/mouse-circadian> { ?s ?p ?o }",
    "from named": "SELECT * FROM NAMED <GRAPH> { GRAPH ?g { ?s ?p ?o } }",
    "from named, by name": "SELECT * FROM NAMED <GRAPH> { GRAPH <GRAPH> { ?s ?p ?o } }",
    "from by prefix": "PREFIX x: <GRAPH> SELECT * FROM x: FROM NAMED x: { { ?s ?p ?o } UNION { GRAPH x: { ?s ?p ?o } } }",
    "from escaped": "SELECT * \\u0046ROM <GRAPH> { ?s ?p ?o }",
    "names of graphs": "SELECT * { GRAPH ?g { } }",
    "counted graphs": "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "is it there": "ASK { GRAPH <GRAPH> { } }",
    "values": "SELECT * { VALUES ?g { <GRAPH> } GRAPH ?g { ?s ?p ?o } }",
    "bound": "SELECT * { BIND(IRI('GRAPH') AS ?g) GRAPH ?g { ?s ?p ?o } }",
    "bound after": "SELECT * { GRAPH ?g { ?s ?p ?o } BIND(IRI('GRAPH') AS ?h) FILTER(?g = ?h) }",
    "exists": "ASK { FILTER EXISTS { GRAPH <GRAPH> { ?s ?p ?o } } }",
    "exists in any": "SELECT ?g { VALUES ?g { <GRAPH> } FILTER EXISTS { GRAPH ?g { ?s ?p ?o } } }",
    "not exists": "ASK { FILTER NOT EXISTS { GRAPH <GRAPH> { ?s ?p ?o } } }",
    "minus": "SELECT * { VALUES ?o { 'WORD' } MINUS { GRAPH <GRAPH> { ?s ?p ?o } } }",
    "path": "SELECT * { GRAPH ?g { ?s <http://www.w3.org/ns/prov#wasDerivedFrom>* <THING> } }",
    "negated path": "SELECT * { GRAPH <GRAPH> { <THING> (<urn:p>|!<urn:p>)+ ?o } }",
    "path in the union": "SELECT * { <THING> (<urn:p>|!<urn:p>|^<urn:p>|!^<urn:p>)+ ?o }",
    "subselect": "SELECT * { { SELECT * { GRAPH ?g { ?s ?p ?o } } } }",
    "described": "DESCRIBE <THING>",
    "described by a pattern": "DESCRIBE ?s { GRAPH <GRAPH> { ?s ?p ?o } }",
    "described from": "DESCRIBE <THING> FROM <GRAPH>",
    "constructed": "CONSTRUCT { ?s ?p ?o } { GRAPH ?g { ?s ?p ?o } }",
    "constructed from": "CONSTRUCT FROM <GRAPH> WHERE { ?s ?p ?o }",
    "counted": "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
    "optional": "SELECT * { OPTIONAL { GRAPH ?g { ?s ?p ?o } } }",
    "lateral": "SELECT * { VALUES ?g { <GRAPH> } LATERAL { GRAPH ?g { ?s ?p ?o } } }",
    "word": "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } FILTER CONTAINS(LCASE(STR(?o)), LCASE('WORD')) }",
    "iri": "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } FILTER STRSTARTS(STR(?s), 'GRAPH') }",
    "highest number": f"SELECT (MAX(?n) AS ?most) {{ {{ ?s <{NUMBER}> ?n }} UNION {{ GRAPH ?g {{ ?s <{NUMBER}> ?n }} }} }}",
    "system graph": "SELECT * { GRAPH <urn:fairgraph:system> { ?s ?p ?o } }",
    "from the system graph": "SELECT * FROM <urn:fairgraph:system> { ?s ?p ?o }",
    "records": "SELECT * { GRAPH ?g { ?s <https://w3id.org/fairgraph/ns#visibility> ?o } }",
    "graphs sorted": "SELECT ?g (SAMPLE(?s) AS ?one) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
    "an error": "SELECT (1/0 AS ?x) { GRAPH <GRAPH> { ?s ?p ?o } }",
}  # fmt: skip


def settled(status: int, headers: list[tuple[str, str]], body: bytes) -> Any:
    """Return what must be equal of an answer to a query: rows come in any order, triples of a CONSTRUCT also more than once."""
    kind = next((value for name, value in headers if name == "Content-Type"), "")
    if kind == "application/sparql-results+json":
        found = json.loads(body)
        return status, headers, found["head"], sorted(map(str, found["results"]["bindings"]))
    if not kind.startswith("text/turtle"):
        return status, headers, body
    triples = {str(quad.triple) for quad in parse(body, RdfFormat.TURTLE)}
    return status, [pair for pair in headers if pair[0] != "Content-Length"], triples


class Both:
    """Asks both stores the same as nobody in particular, and tells what they answer if it is the same."""

    def __init__(self, without: FlaskClient, with_private: FlaskClient) -> None:
        self._clients = without, with_private

    def numbered(self, number: str, sample: str) -> Iterator[str]:
        """Yield every address that has a number, with that of a dataset, or of a sample: those of pages to come, too."""
        others = {"format": "isa-json", "name": "browse/samples", "revision": "r1"}
        for rule in self._clients[0].application.url_map.iter_rules():
            if "number" in rule.arguments and "GET" in (rule.methods or ()):
                of_sample = rule.rule.split("<")[0].endswith("/samples/")
                values = {"number": int(sample if of_sample else number)}
                values |= {name: others.get(name, "1") for name in rule.arguments - {"number"}}
                built = rule.build(values)
                assert built is not None, rule
                yield built[1]

    def get(self, url: str, **headers: str) -> tuple[int, str, bytes]:
        told = []
        for client in self._clients:
            with client.get(url, headers=headers) as response:
                kept = [pair for pair in response.headers if pair[0] != "Date"]
                told.append((response.status_code, sorted(kept), response.data))
        status, kept, body = told[1]
        if told[0] != told[1]:
            assert [settled(*one) for one in told[:1]] == [settled(*one) for one in told[1:]], url
        everything = f"{kept}".encode() + body
        if WORD.lower() not in url.lower():
            assert WORD.lower().encode() not in everything.lower(), url
        return status, dict(kept).get("Content-Type", ""), body


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fairgraph, Fairgraph]]:
    """Two stores: public datasets of several formats, and the same with a private one."""
    folder = tmp_path_factory.mktemp("leaks")
    with Fairgraph(open_store(folder / "without")) as fg:
        fg.add(EXAMPLE)
        fg.add(EXAMPLES / "mouse-circadian-tracks.json")
    shutil.copytree(folder / "without", folder / "with")
    secret = folder / WORD.lower()
    shutil.copytree(EXAMPLE, secret)
    for path in secret.iterdir():
        text = path.read_text(encoding="utf-8")
        for word in ("LD12", "mouse_101", "mouse circadian", "mouse-circadian", "Carberry"):
            text = text.replace(word, f"{WORD}{word}")
        path.write_text(text, encoding="utf-8")
    with (
        Fairgraph(open_store(folder / "without")) as without,
        Fairgraph(open_store(folder / "with")) as with_private,
    ):
        with_private.add(secret, visibility="private", with_files=True)
        yield without, with_private


@pytest.fixture(scope="module")
def both(stores: tuple[Fairgraph, Fairgraph]) -> Iterator[Both]:
    apps = [create_app(fg, query_workers=1) for fg in stores]
    # Of what an entity tag is made, the place of the store is a part: here there are two places.
    for app in apps:
        app.config["EDITION"] = "1"
        app.jinja_env.globals["edition"] = "1"
    yield Both(*(app.test_client() for app in apps))
    for app in apps:
        close_app(app)


@pytest.fixture(scope="module")
def hidden(stores: tuple[Fairgraph, Fairgraph]) -> dict[str, str]:
    """What there is to be found: the private graph, a sample in it, its number."""
    fg = stores[1]
    dataset = next(d for d in fg.datasets() if d.visibility == "private")
    sample = "SELECT ?s { ?s a <https://w3id.org/fairgraph/isa#Sample> } LIMIT 1"
    thing = next(iter(fg.query(sample, dataset=dataset)))["s"].value
    asked = fg.query(f"SELECT ?n {{ GRAPH ?g {{ <{thing}> <{NUMBER}> ?n }} }}")
    sha256 = dataset.sources[0].sha256
    number = str(dataset.number)
    return {
        "graph": dataset.iri,
        "thing": thing,
        "sample": next(iter(asked))["n"].value,
        "number": number,
        "sha256": sha256,
    }


def about(text: str, hidden: dict[str, str]) -> str:
    """Return a shape as a query."""
    pairs = {"GRAPH>": f"{hidden['graph']}>", "'GRAPH'": f"'{hidden['graph']}'", "BASE": BASE}
    for old, new in {**pairs, "THING": hidden["thing"], "WORD": WORD}.items():
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_no_query_finds_what_is_private(both: Both, hidden: dict[str, str], shape: str) -> None:
    url = "/sparql?" + urlencode({"query": about(shape, hidden)})
    status, kind, body = both.get(url)
    assert status in (200, 400), body
    for word in (f"{WORD}LD12", f"{WORD}mouse", f"{WORD}Carberry"):
        assert word.encode() not in body
    if shape.startswith("SELECT *") and status == 200 and "json" in kind and "GRAPH <" in shape:
        assert "MINUS" in shape or not json.loads(body)["results"]["bindings"]
    both.get(url, Accept=BROWSER)


def test_no_request_finds_what_is_private(both: Both, hidden: dict[str, str]) -> None:
    everything = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    for name in ("default-graph-uri", "named-graph-uri"):
        for graph in (hidden["graph"], f"{BASE}record/{WORD.lower()}", "urn:fairgraph:system"):
            status, _, body = both.get("/sparql?" + urlencode({"query": everything, name: graph}))
            assert (status, json.loads(body)["results"]["bindings"]) == (200, [])


def test_the_shapes_that_others_found(both: Both, hidden: dict[str, str], corpus: Path) -> None:
    place = corpus.parent / "tools" / "leak_queries.py"
    if not place.is_file():
        pytest.skip(f"no {place.name} beside the corpus")
    namespace: dict[str, object] = {"__name__": "leak_queries"}
    exec(compile(place.read_text(encoding="utf-8"), str(place), "exec"), namespace)
    found = namespace["queries"](hidden["graph"], hidden["thing"], WORD)  # type: ignore[operator]
    assert len(found) >= 24
    for query in found.values():
        both.get("/sparql?" + urlencode({"query": query}))


def test_what_is_private_is_not_there(both: Both, hidden: dict[str, str]) -> None:
    number, path = hidden["number"], hidden["thing"].removeprefix(BASE)
    slug = hidden["graph"].rpartition("/")[2]
    known = [export.name for export in installed()]
    urls = [
        f"/investigations/{number}",
        *(f"/api/v1/investigations/{number}{end}" for end in ("", "/card", "/score", "/ml-export", "/isa-tab")),
        *(f"/api/v1/investigations/{number}/export/{name}" for name in known),
        *(f"/api/v1/export/{name}?dataset={slug}" for name in known),
        *(f"/{kind}/{hidden['sample']}" for kind in ("samples", "studies", "runs")),
        f"/api/v1/samples/{hidden['sample']}/prov-o",
        f"/api/v1/runs/{number}/ro-crate",
        *(f"/{prefix}{path}" for prefix in ("", "page/", "data/")),
        *(f"/{prefix}id/{slug}" for prefix in ("", "page/", "data/")),
        *(f"/{prefix}record/{slug}" for prefix in ("", "page/", "data/")),
        *(f"/{kind}?iri={quote(hidden[what], safe='')}" for kind in ("browse", "data") for what in ("graph", "thing")),
        f"/graphs?graph={quote(hidden['graph'], safe='')}",
        f"/graphs/{slug}",
        f"/files/{hidden['sha256']}",
        f"/api/v1/queries/browse/samples?dataset={slug}",
        f"/api/v1/queries/browse/samples?dataset={number}",
    ]  # fmt: skip
    urls += [url for url in both.numbered(number, hidden["sample"]) if url not in urls]
    for url in urls:
        for accept in (BROWSER, "*/*"):
            status, _, body = both.get(url, Accept=accept)
            # What the address itself says may come back in the answer; nothing else.
            assert status in (303, 404) or (status == 400 and "runs" not in url), (url, body)
            if status == 303:
                assert f"{WORD}LD12".encode() not in body.replace(path.encode(), b"")


@pytest.mark.slow
def test_every_address_answers_as_if_there_were_nothing_private(both: Both) -> None:
    """Follow the links from the pages of the public datasets, machines' documents included."""
    words = ("liver", WORD, "zzz")
    known = [
        "/", "/investigations", "/queries", "/vocabulary", "/sparql", "/sitemap.xml", "/openapi.json", "/.well-known/void",
        "/catalog", "/llms.txt", "/CLAUDE.md", "/healthz", "/sparql/completions", "/api/v1/investigations",
        "/api/v1/investigations?per_page=1", "/api/v1/exports", "/api/v1/platform-card", "/files", "/investigations/1", "/investigations/2",
        *(f"/{place}?q={word}" for place in ("search", "api/v1/search") for word in words),
        *(f"/?action={action}" for action in ("export_samples", "export_processes", "export_investigations")),
        *(f"/api/v1/investigations/{n}/{end}" for n in (1, 2) for end in ("card", "score", "ml-export")),
        *(f"/api/v1/investigations/{n}/export/{export.name}" for n in (1, 2) for export in installed()),
        *(f"/api/v1/export/{export.name}" for export in installed()),
        *(f"/api/v1/queries/{name}" for name in [*queries.catalogue()][::3]),
        "/browse?iri=http://purl.obolibrary.org/obo/NCBITaxon_10090",
        "/data?iri=http://purl.obolibrary.org/obo/NCBITaxon_10090",
    ]  # fmt: skip
    links: dict[str, None] = {}
    for url in known:
        machine = url.startswith("/api/")
        for accept in ("*/*",) if machine else (BROWSER, "*/*"):
            status, kind, body = both.get(url, Accept=accept)
            assert status in (200, 303, 400, 404), url
            if "html" in kind:
                found = re.findall(r'(?:href|src)="(/[^"#]*)', body.decode())
                links.update(dict.fromkeys(link.replace("&amp;", "&") for link in found))
    chosen = [link for link in links if link not in known]
    for link in chosen[:: max(1, len(chosen) // ADDRESSES)]:
        both.get(link, Accept=BROWSER)


# -- No request goes out ---------------------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[tuple[str, list[object]]]:
    """An address of this machine, and who has knocked there."""
    knocks: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                knocks.append(address)
                connection.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", knocks
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_nobody_makes_the_server_send_a_request(
    tmp_path: Path, listener: tuple[str, list[object]]
) -> None:
    url, knocks = listener
    with socket.create_connection(("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))):
        pass
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLE)
        _, key = fg.store.keys.create("writer", scope="write")
    headers = {"X-API-Key": key}
    crate = {
        "@context": [f"{url}context.jsonld", {"@import": f"{url}import.jsonld"}],
        "@graph": [{"@id": "./", "@type": "Dataset", "name": "A"}],
    }
    documents = {
        ("a.jsonld", "application/ld+json"): json.dumps(crate),
        ("b.jsonld", "application/ld+json"): json.dumps({"@context": f"{url}c", "name": "A"}),
        ("ro-crate-metadata.json", "application/json"): json.dumps(crate),
        ("c.rdf", "application/rdf+xml"): f'<!DOCTYPE r SYSTEM "{url}d.dtd" [<!ENTITY % e SYSTEM "{url}e"> %e;]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        ("d.ttl", "text/turtle"): f"@prefix owl: <http://www.w3.org/2002/07/owl#> . <urn:o> a owl:Ontology ; owl:imports <{url}o> .",
        ("i.json", "application/json"): json.dumps({"$schema": url, "@context": url, "studies": [], "identifier": "x"}),
    }  # fmt: skip
    with served(tmp_path / "store", "--writable", "--timeout", "10") as server:
        for text in (*GOES_OUT.values(), "SELECT * FROM <http://example.org/g> { ?s ?p ?o }"):
            query = re.sub(r"<https?://[^>]*>", f"<{url}sparql>", text)
            for path, field in (("/sparql", "query"), ("/sparql/update", "update")):
                body = urlencode({field: query}).encode()
                form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
                server.ask(path, method="POST", body=body, headers=form)
        everything = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } LIMIT 1"
        for name in ("default-graph-uri", "named-graph-uri", "using-graph-uri"):
            server.ask("/sparql", query=everything, **{name: url})
        for path in ("/browse", "/data", "/graphs"):
            server.ask(path, iri=url, headers=headers)
            server.ask(path, graph=url, headers=headers)
        for (name, media_type), text in documents.items():
            brought = {**headers, "Content-Type": media_type}
            for method, target in (
                ("PUT", f"/graphs/{name.partition('.')[0]}"),
                ("POST", f"/api/v1/imports?name={name}"),
            ):
                server.ask(target, method=method, body=text.encode(), headers=brought)
        assert server.ask("/healthz")[0] == 200
    assert len(knocks) == 1, "the one that shows that knocks are heard"
