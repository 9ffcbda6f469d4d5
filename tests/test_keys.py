"""Keys and writes from outside: who may, what becomes of it, and what never happens."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from fairgraph.api import Fairgraph
from fairgraph.cli.main import run
from fairgraph.errors import NotFound, UsageError
from fairgraph.keys import Keys
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import close_app, create_app

EXAMPLE = EXAMPLES / "mouse-circadian"
TURTLE = {"Content-Type": "text/turtle"}
GRAPH = "http://example.org/graph"
ENDLESS = "INSERT { <http://e.org/a> <http://e.org/n> ?n } WHERE { SELECT (COUNT(*) AS ?n) { GRAPH ?x { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } } }"


class Site:
    """A server's application over a store on disk, and the keys to it."""

    def __init__(self, fairgraph: Fairgraph, client: FlaskClient) -> None:
        self.fairgraph, self.client = fairgraph, client
        self.keys = {
            scope: {"X-API-Key": fairgraph.store.keys.create(scope, scope=scope)[1]}
            for scope in ("read", "write", "admin")
        }

    def version(self) -> str:
        with self.fairgraph.store.read() as reader:
            return reader.version

    def rows(self, query: str, **headers: str) -> list[dict[str, dict[str, str]]]:
        answer = self.client.get(f"/sparql?format=json&query={quote(query)}", headers=headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json["results"]["bindings"])  # type: ignore[index]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLE, visibility="private")
        app = create_app(fg, timeout=5.0, query_workers=1, writable=True)
        yield Site(fg, app.test_client())
        close_app(app)


# -- Keys ------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["file", "memory"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys" / "keys.json") if request.param == "file" else Keys()


def test_a_key_opens_until_it_is_revoked(keys: Keys) -> None:
    key, text = keys.create("lab", scope="write")
    assert text.startswith(f"fg_{key.id}_")
    assert keys.find(text) == key
    assert keys.find(text + "x") is None
    assert keys.find("") is None
    assert key.allows("read") and key.allows("write") and not key.allows("admin")
    keys.revoke("lab")
    assert keys.find(text) is None
    with pytest.raises(NotFound):
        keys.revoke("lab")


def test_a_key_that_has_expired_opens_nothing(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    key, text = keys.create("short", expires="2999-01-01")
    assert keys.find(text) == key
    monkeypatch.setattr(type(key), "expired", property(lambda self: True))
    assert keys.find(text) is None


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x", "scope": "all"},
        {"name": "x", "expires": "tomorrow"},
        {"name": "x", "expires": "2001-01-01"},
        {"name": "taken"},
    ],
)
def test_what_is_no_key_is_refused(keys: Keys, arguments: dict[str, str]) -> None:
    keys.create("taken")
    with pytest.raises(UsageError):
        keys.create(**arguments)  # type: ignore[arg-type]
    assert [key.name for key in keys.listed()] == ["taken"]


def test_the_secret_is_kept_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(tmp_path / "store")
    assert run(["--store", store, "key", "create", "lab", "--scope", "write", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    secret = made["key"].rpartition("_")[2]
    for path in Path(store).rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path
    assert oct((Path(store) / "keys" / "keys.json").stat().st_mode & 0o777) == "0o600"
    assert run(["--store", store, "key", "list", "--json"]) == 0
    listed = capsys.readouterr().out
    assert secret not in listed
    assert json.loads(listed)["keys"][0]["scope"] == "write"
    assert run(["--store", store, "key", "revoke", made["id"]]) == 0
    assert run(["--store", store, "key", "revoke", "lab"]) == 4


# -- Who sees what ---------------------------------------------------------------------------------------------------


def test_a_key_shows_what_is_private_and_nothing_else_does(site: Site) -> None:
    count = "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a <https://w3id.org/fairgraph/isa#Sample> }"
    key = site.keys["read"]
    assert site.rows(count)[0]["n"]["value"] == "0"
    assert site.rows(count, **key)[0]["n"]["value"] != "0"
    assert site.rows(count, Authorization=f"Bearer {key['X-API-Key']}")[0]["n"]["value"] != "0"
    assert site.rows(count, **{"X-API-Key": "fg_00000000_wrong"})[0]["n"]["value"] == "0"
    for url in ("/api/v1/investigations/1", "/investigations/1", "/id/mouse-circadian?format=ttl"):
        assert site.client.get(url).status_code == 404
        assert site.client.get(url, headers=key, follow_redirects=True).status_code == 200


def test_an_answer_with_a_key_is_not_for_everybody(site: Site) -> None:
    url = "/sparql?format=json&query=" + quote("SELECT * { ?s ?p ?o } LIMIT 1")
    public, private = (site.client.get(url, headers=headers) for headers in ({}, site.keys["read"]))
    assert public.headers["ETag"] != private.headers["ETag"]
    assert "private" in private.headers["Cache-Control"]
    for name in ("X-API-Key", "Authorization"):
        assert name.lower() in public.headers["Vary"].lower()


@pytest.mark.parametrize(
    ("method", "url", "body", "headers"),
    [
        ("POST", "/sparql/update", b"DROP ALL", {"Content-Type": "application/sparql-update"}),
        ("PUT", f"/graphs?graph={GRAPH}", b"<a:a> <a:b> 1 .", TURTLE),
        ("POST", f"/graphs?graph={GRAPH}", b"<a:a> <a:b> 1 .", TURTLE),
        ("DELETE", f"/graphs?graph={GRAPH}", b"", {}),
        ("POST", "/api/v1/imports?name=a.ttl", b"<a:a> <a:b> 1 .", TURTLE),
        ("DELETE", "/api/v1/investigations/1", b"", {}),
    ],
)
def test_nobody_writes_without_a_key_that_allows_it(
    site: Site, method: str, url: str, body: bytes, headers: dict[str, str]
) -> None:
    def status(**more: str) -> int:
        answer = site.client.open(url, method=method, data=body, headers={**headers, **more})
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.content_type == "application/problem+json"
        return answer.status_code

    before = site.version()
    assert status() == 401
    assert status(**{"X-API-Key": "fg_00000000_wrong"}) == 401
    assert status(**site.keys["read"]) == 403
    site.client.application.config["WRITABLE"] = False
    assert status(**site.keys["admin"]) == 403
    assert site.version() == before


# -- Writes ----------------------------------------------------------------------------------------------------------


def test_an_update_makes_a_dataset_with_a_history(site: Site) -> None:
    text = f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <http://e.org/a> <http://e.org/b> <c> }} }}"
    told = site.client.post(
        "/sparql/update",
        data=text,
        headers={"Content-Type": "application/sparql-update", **site.keys["write"]},
    )
    assert told.status_code == 200, told.text
    assert [found["iri"] for found in told.json["datasets"]] == [GRAPH]  # type: ignore[index]
    (row,) = site.rows("SELECT ?o { <http://e.org/a> <http://e.org/b> ?o }")
    assert row["o"]["value"] == "http://localhost/sparql/c", (
        "the base is the address of the service"
    )
    assert site.fairgraph.history(GRAPH)[0].agent == "key:write"


def test_the_patterns_of_an_update_see_the_graphs_of_the_request(site: Site) -> None:
    def update(text: str, **graphs: str) -> int:
        form = {"update": text, **{name.replace("_", "-"): iri for name, iri in graphs.items()}}
        return site.client.post("/sparql/update", data=form, headers=site.keys["write"]).status_code

    one, two = "http://e.org/one", "http://e.org/two"
    for graph, n in ((one, 1), (two, 2)):
        assert (
            update(f"INSERT DATA {{ GRAPH <{graph}> {{ <http://e.org/a> <http://e.org/n> {n} }} }}")
            == 200
        )
    copy = "INSERT { GRAPH <http://e.org/to> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
    assert update(copy, using_graph_uri=two) == 200
    rows = site.rows("SELECT ?o { GRAPH <http://e.org/to> { ?s ?p ?o } }")
    assert [row["o"]["value"] for row in rows] == ["2"]
    assert (
        update(f"WITH <{one}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", using_graph_uri=two)
        == 400
    )
    assert update("DELETE WHERE { ?s ?p ?o }", using_graph_uri=two) == 400
    assert update(copy, using_graph_uri="no iri") == 400


def test_an_update_that_never_ends_is_stopped_and_has_not_been(site: Site) -> None:
    site.client.application.config["WRITE_TIMEOUT"] = 3.0
    before = site.version()
    told = site.client.post("/sparql/update", data={"update": ENDLESS}, headers=site.keys["write"])
    assert told.status_code == 504, told.text
    assert site.version() == before
    site.client.application.config["WRITE_TIMEOUT"] = 60.0
    told = site.client.post(
        "/sparql/update",
        data={"update": "INSERT DATA { <http://e.org/a> <http://e.org/b> 1 }"},
        headers=site.keys["write"],
    )
    assert told.status_code == 200, told.text


def test_records_are_not_written_to(site: Site) -> None:
    record = "http://localhost:8000/record/mouse-circadian"
    headers = {**TURTLE, **site.keys["admin"]}
    told = site.client.put(f"/graphs?graph={record}", data=b"<a:a> <a:b> 1 .", headers=headers)
    assert told.status_code == 403, told.text
    assert site.client.delete(f"/graphs?graph={record}", headers=headers).status_code == 404


def test_a_graph_comes_back_with_its_blank_nodes(site: Site) -> None:
    key = site.keys["write"]
    body = b"@prefix e: <http://e.org/> . e:a e:b [ e:c 007 ] ; e:d 'x'@de ."
    put = site.client.put("/graphs/mine/one", data=body, headers={**TURTLE, **key})
    assert put.status_code == 201, put.text
    again = site.client.put("/graphs/mine/one", data=body, headers={**TURTLE, **key})
    assert again.status_code == 200
    assert again.json == {"created": False, "datasets": []}, "nothing has changed"
    got = site.client.get("/graphs/mine/one", headers={"Accept": "application/n-triples"})
    assert sorted(line.split(" ", 1)[0][:2] for line in got.text.splitlines()) == ["<h", "<h", "_:"]
    assert site.fairgraph.dataset("mine-one").iri == "http://localhost:8000/id/mine-one"
    assert site.client.delete("/graphs/mine/one", headers=key).status_code == 204
    assert site.client.get("/graphs/mine/one").status_code == 404
    assert site.client.delete("/graphs/mine/one", headers=key).status_code == 404
    assert [r.operation for r in site.fairgraph.history("mine-one")] == ["update", "remove"]


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"<a:a> <a:b> ", "text/turtle", 400),
        (b"x", "text/html", 415),
        (b"<a:a> <a:b> 1 .", "", 415),
        (b'{"@context": "http://127.0.0.1:9/x", "a": 1}', "application/ld+json", 400),
    ],
)
def test_a_body_that_is_no_graph_changes_nothing(
    site: Site, body: bytes, media_type: str, status: int
) -> None:
    headers = {"Content-Type": media_type, **site.keys["write"]}
    told = site.client.put(f"/graphs?graph={GRAPH}", data=body, headers=headers)
    assert told.status_code == status, told.text
    assert len(site.fairgraph.datasets()) == 1


def zipped(folder: Path) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"{folder.name}/{path.name}")
    return output.getvalue()


def test_an_archive_is_imported_and_removed(site: Site) -> None:
    key = site.keys["write"]
    url = "/api/v1/imports?name=study.zip&id=mine&number=17&visibility=public&validate=true"
    told = site.client.post(url, data=zipped(EXAMPLE), headers=key)
    assert told.status_code == 201, told.text
    (found,) = told.json["datasets"]  # type: ignore[index]
    assert (found["id"], found["slug"]) == (17, "mine")
    assert told.headers["Location"].endswith("/api/v1/investigations/17")
    assert site.client.get("/api/v1/investigations/17").status_code == 200
    assert (
        site.client.delete("/api/v1/investigations/17?purge=true", headers=key).status_code == 403
    )
    assert site.client.delete("/api/v1/investigations/17", headers=key).status_code == 204
    assert site.client.get("/api/v1/investigations/17").status_code == 410


def test_the_files_of_a_folder_are_imported_together(site: Site) -> None:
    files = [(io.BytesIO(path.read_bytes()), path.name) for path in sorted(EXAMPLE.iterdir())]
    told = site.client.post(
        "/api/v1/imports",
        data={"file": files, "id": "together", "visibility": "public"},
        headers=site.keys["write"],
    )
    assert told.status_code == 201, told.text
    samples = site.fairgraph.dataset("together").counts["samples"]
    assert samples == site.fairgraph.dataset("mouse-circadian").counts["samples"]


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("name=a.txt", b"nothing that anybody knows", 422),
        ("name=a.zip", b"PK\x03\x04 not really", 422),
        ("name=a.ttl&colour=red", b"<a:a> <a:b> 1 .", 400),
        ("name=a.ttl&number=x", b"<a:a> <a:b> 1 .", 400),
        ("name=a.ttl&validate=perhaps", b"<a:a> <a:b> 1 .", 400),
        ("name=..%2F..%2Fa.txt", b"x", 422),
        ("name=..", b"x", 400),
        ("name=a%00b.ttl", b"x", 400),
        ("name=" + "a" * 300, b"x", 400),
        ("name=a.ttl&number=" + "9" * 5000, b"<a:a> <a:b> 1 .", 400),
    ],
)
def test_a_bad_upload_is_told_and_leaves_nothing(
    site: Site, query: str, body: bytes, status: int
) -> None:
    told = site.client.post(f"/api/v1/imports?{query}", data=body, headers=site.keys["write"])
    assert told.status_code == status, told.text
    assert told.content_type == "application/problem+json"
    assert len(site.fairgraph.datasets()) == 1


# -- No network ------------------------------------------------------------------------------------------------------


def test_a_sealed_process_has_no_sockets() -> None:
    code = (
        "import socket, sys\nfrom fairgraph.web.workers.sealed import seal\nif not seal(): sys.exit(3)\n"
        "for family in (socket.AF_INET, socket.AF_INET6):\n"
        "    try: socket.socket(family)\n"
        "    except PermissionError: continue\n"
        "    sys.exit(1)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], env=os.environ, check=False)
    if ended.returncode == 3:
        pytest.skip("this system has no seccomp; queries are checked by their tokens alone")
    assert ended.returncode == 0


# -- The W3C's own tests ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_protocol_suites_of_the_w3c(corpus: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    with Fairgraph(open_store(store)) as fg:
        _, key = fg.store.keys.create("w3c", scope="write")
    start = "from fairgraph.cli.main import main; main()"
    options = ("--store", store, "serve", "--port", "0", "--writable")
    server = subprocess.Popen(
        [sys.executable, "-c", start, *options], stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    try:
        url = server.stderr.readline().split()[-1].rstrip("/")
        runner = corpus.parent / "tools" / "protocol_runner.py"
        ended = subprocess.run(
            [
                sys.executable,
                str(runner),
                f"{url}/sparql",
                f"{url}/sparql/update",
                f"{url}/graphs",
                key,
            ],
            capture_output=True,
            text=True,
            timeout=500,
            check=True,
        )
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        server.stderr.close()
    told = [line for line in ended.stdout.splitlines() if "manifest" in line]
    assert [line.rpartition(" ")[2] for line in told] == ["34/34", "9/9", "4/4"], ended.stdout
