"""Callers who ask for much and read nothing: a real server, and what the others notice of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from fairgraph.api import Fairgraph
from fairgraph.store import open_store
from fairgraph.store.guard import refuse_network
from fairgraph.web.sparql.protocol import dataset_clauses, is_relative
from fairgraph.web.sparql.quick import _plain
from serving import Server, served

SLOW = 30  # more than a server has threads
MUCH = b"0123456789abcdef" * (2 << 20)  # more than it holds of one answer in memory
ROOT = {
    "@id": "./",
    "@type": "Dataset",
    "name": "Much",
    "description": "One large file",
    "datePublished": "2025-01-01",
    "license": {"@id": "https://creativecommons.org/publicdomain/zero/1.0/"},
    "hasPart": [{"@id": "much.txt"}],
}
CRATE = {
    "@context": "https://w3id.org/ro/crate/1.1/context",
    "@graph": [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        ROOT,
        {"@id": "much.txt", "@type": "File", "name": "much.txt"},
    ],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("slow")
    crate = folder / "crate"
    crate.mkdir()
    (crate / "much.txt").write_bytes(MUCH)
    (crate / "ro-crate-metadata.json").write_text(json.dumps(CRATE))
    with Fairgraph(open_store(folder / "store")) as fg:
        fg.add(crate, with_files=True)
    with served(folder / "store") as running:
        yield running


def paths() -> list[str]:
    return [f"/files/{hashlib.sha256(MUCH).hexdigest()}", "/api/v1/investigations/1/export/ro-crate"]  # fmt: skip


@pytest.mark.parametrize("path", paths())
def test_who_reads_nothing_keeps_no_thread(server: Server, path: str) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(SLOW if path.startswith("/files") else 24):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        status, _, body = server.ask("/healthz")
        assert (status, json.loads(body)["status"]) == (200, "ok")
        assert server.ask("/investigations/1")[0] == 200


def test_who_does_not_end_his_request_keeps_nobody_out(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            connection.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: local")
        assert server.ask("/investigations/1")[0] == 200
        assert server.ask("/sparql", query="ASK {}")[0] == 200


def test_a_large_file_comes_whole(server: Server) -> None:
    status, headers, body = server.ask(paths()[0])
    assert (status, int(headers["Content-Length"])) == (200, len(MUCH))
    assert body == MUCH
    status, headers, body = server.ask(paths()[0], method="HEAD")
    assert (status, int(headers["Content-Length"]), body) == (200, len(MUCH), b"")


def test_a_body_that_is_too_large_is_refused_while_it_comes(server: Server) -> None:
    with contextlib.closing(server.connect()) as connection:
        connection.putrequest("POST", "/sparql")
        connection.putheader("Content-Length", str(150 << 20))
        connection.endheaders()
        assert connection.getresponse().status == 413


@pytest.mark.parametrize(
    "function", [is_relative, dataset_clauses, refuse_network, lambda text: _plain(text, "")]
)
def test_long_queries_are_not_remembered(function: Callable[[str], object]) -> None:
    """In this process: what a server holds beside them, in its threads, is not always the same."""
    function("ASK {}")
    tracemalloc.start()
    try:
        for n in range(20):
            function(f"ASK {{}} #{n}\N{GRINNING FACE}{'x' * 1_000_000}")  # four MB
        assert tracemalloc.get_traced_memory()[0] < 8_000_000
    finally:
        tracemalloc.stop()


def test_a_wide_page_is_cut(server: Server) -> None:
    columns = " ".join(f'(IRI(CONCAT("http://x/{n}/", STR(RAND()))) AS ?c{n})' for n in range(100))
    query = f"SELECT {columns} {{ ?s ?p ?o . ?a ?b ?c }} LIMIT 400"
    status, _, page = server.ask("/sparql", query=query, headers={"Accept": "text/html"})
    assert status == 200
    assert b"The first 100 rows" in page
