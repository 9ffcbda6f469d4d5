"""Small queries that the server's loop answers itself: many at once, mixed with others, each gets its own answer."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from fairgraph.api import Fairgraph
from fairgraph.store import open_store
from serving import Server, served, within
from support import EXAMPLE

JSON = {"Accept": "application/sparql-results+json"}
CALLERS, EACH = 12, 60
# Of these a thread takes over: it takes some tenths of a second, or its answer is large.
LONG = "SELECT (COUNT(*) AS ?n) (SAMPLE(?x) AS ?y) {{ VALUES ?x {{ {n} }} {{ SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT 150000 }} }}"
LARGE = "SELECT (CONCAT(STR(?s), '{n}') AS ?x) {{ ?s ?p ?o . ?a a ?b }} LIMIT 5000"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    store = tmp_path_factory.mktemp("front") / "store"
    with Fairgraph(open_store(store)) as fg:
        fg.add(EXAMPLE)
    with served(store) as running:
        yield running


def values(body: bytes, name: str) -> list[str]:
    return [row[name]["value"] for row in json.loads(body)["results"]["bindings"]]


def one_caller(server: Server, caller: int) -> list[str]:
    """Send queries of all kinds, one after the other on one connection; return what was wrong."""
    wrong = []
    with contextlib.closing(server.connect()) as connection:
        for turn in range(EACH):
            n = 1000 * caller + turn
            kind = n % 8
            query = f"SELECT ({n} AS ?x) {{}}"
            if kind == 5:
                query = f"SELECT ({n} AS {{}}"  # is not SPARQL
            elif kind == 6:
                query = LARGE.format(n=n)
            elif kind == 7:
                query = LONG.format(n=n)
            connection.request("GET", f"/sparql?query={quote(query, safe='')}", headers=JSON)
            response = connection.getresponse()
            body = response.read()
            if response.status == 503:
                right = b"busy" in body  # that is an answer too
            elif kind == 5:
                right = response.status == 400 and b"1:" in body
            elif response.status != 200:
                right = False
            elif kind == 6:
                found = values(body, "x")
                right = bool(found) and all(text.endswith(str(n)) for text in found)
            elif kind == 7:
                right = values(body, "y") == [str(n)]
            else:
                right = values(body, "x") == [str(n)]
            if not right:
                wrong.append(f"{query}: {response.status} {body[:200]!r}")
    return wrong


def test_many_callers_each_get_their_own_answers(server: Server) -> None:
    with ThreadPoolExecutor(CALLERS) as callers:
        wrong = callers.map(lambda caller: one_caller(server, caller), range(CALLERS))
        assert [text for found in wrong for text in found] == []


def test_requests_sent_in_one_go_are_answered_in_their_order(server: Server) -> None:
    numbers = list(range(12))
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        for n in numbers:
            query = quote(f"SELECT ({n} AS ?x) {{}}" if n % 3 else LARGE.format(n=n), safe="")
            close = "Connection: close\r\n" if n == numbers[-1] else ""
            connection.sendall(
                f"GET /sparql?query={query} HTTP/1.1\r\nHost: localhost\r\nAccept: {JSON['Accept']}\r\n{close}\r\n".encode()
            )
        told = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    answers = [part.split(b"\r\n\r\n", 1)[1] for part in told.split(b"HTTP/1.1 200 OK")[1:]]
    assert len(answers) == len(numbers)
    for n, answer in zip(numbers, answers, strict=True):
        found = values(answer, "x")
        assert all(text.endswith(str(n)) for text in found) if n % 3 == 0 else found == [str(n)]


def test_who_leaves_before_the_answer_leaves_no_trace(server: Server) -> None:
    before = server.workers()
    for n in range(60):
        query = quote(f"SELECT ({n} AS ?x) {{}}", safe="")
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())  # fmt: skip
    assert one_caller(server, 3) == []
    assert within(10, lambda: len(server.workers()) == len(before))
