"""Small queries that the server's loop answers itself: many at once, mixed with others, each gets its own answer."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from waitress.server import create_server

from fairgraph.api import Fairgraph
from fairgraph.store import open_store
from fairgraph.web.app import close_app, create_app
from fairgraph.web.sparql.front import SMALL_BYTES, Front
from fairgraph.web.sparql.quick import Quick
from fairgraph.web.workers.pool import Workers
from serving import Server, served, within
from support import EXAMPLE

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
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


# -- The loop itself -------------------------------------------------------------------------------------------------


class Running:
    """A server in this process, so that its parts can be looked at: its front, its query processes, its address."""

    def __init__(self, store: Path) -> None:
        self.fairgraph = Fairgraph(open_store(store))
        app = create_app(self.fairgraph, timeout=3.0)
        self.pool: Workers = app.extensions["fairgraph.workers"]
        self.pool.start()
        begun = threading.Event()

        def run() -> None:  # the front belongs to the thread of the loop
            connections: dict[int, Any] = {}
            quick = app.wsgi_app
            assert isinstance(quick, Quick)
            self.front = Front(quick, self.pool, 4, connections)
            self.server = create_server(
                app,
                connections,
                _dispatcher=self.front,
                host="127.0.0.1",
                port=0,
                channel_request_lookahead=1,
                asyncore_use_poll=True,
            )
            begun.set()
            with contextlib.suppress(OSError):  # its connections are closed under it
                self.server.run()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        assert begun.wait(30)
        self.address = Server(f"http://127.0.0.1:{self.server.effective_port}", os.getpid())
        self.app = app

    def ask(self, n: int) -> tuple[int, str]:
        status, headers, body = self.address.ask("/sparql", headers=JSON, query=f"SELECT ({n} AS ?x) {{}}")  # fmt: skip
        assert values(body, "x") == [str(n)]
        return status, headers["ETag"]

    def close(self) -> None:
        self.front.shutdown()
        self.server.close()
        close_app(self.app)
        self.fairgraph.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLE)
    one = Running(tmp_path / "store")
    yield one
    one.close()


def request_of(query: str) -> bytes:
    return f"GET /sparql?query={quote(query, safe='')} HTTP/1.1\r\nHost: localhost\r\nAccept: {JSON['Accept']}\r\n\r\n".encode()


def test_the_loop_answers_what_is_small_and_leaves_the_rest_to_threads(running: Running) -> None:
    # The first of a kind teaches the headers, and a busy machine may take its time.
    assert within(60, lambda: running.ask(1)[0] == 200 and running.front.answered >= 5)
    small = running.front.answered
    for query in (LARGE.format(n=1), "SELECT (1 AS {}"):
        running.address.ask("/sparql", headers=JSON, query=query)
    running.address.ask("/sparql", headers=JSON, query="SELECT (1 AS ?x) {} #" + "x" * 5000)
    running.address.ask("/investigations/1", headers=JSON)
    assert running.front.answered == small


def test_the_entity_tag_of_the_loop_follows_the_store(running: Running) -> None:
    tags = [running.ask(1)[1] for _ in range(3)]
    assert len(set(tags)) == 1
    running.fairgraph.set(1, license="CC0-1.0")
    after = [running.ask(1)[1] for _ in range(3)]
    assert len(set(after)) == 1
    assert after[0] != tags[0]


def test_who_takes_nothing_of_many_answers_keeps_nobody_waiting(running: Running) -> None:
    # As many as are read at once, so that they are known together: of their answers the server holds 16 MB before it waits.
    request = b"GET /sparql?query=SELECT*{?s?p?o}LIMIT%20700 HTTP/1.1\r\n\r\n"
    packet = request * (8_192 // len(request))
    size = len(running.address.ask("/sparql", query="SELECT*{?s?p?o}LIMIT 700")[2])
    assert size < SMALL_BYTES
    assert size * packet.count(b"GET") > 18_000_000
    with socket.create_connection(("127.0.0.1", running.address.port)) as connection:
        connection.sendall(packet)
        time.sleep(1)
        for n in range(5):
            running.ask(n)
        assert running.address.ask("/healthz")[0] == 200


def test_a_process_that_ends_leaves_every_other_answer_as_it_is(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.02):
            with running.pool._lock:
                for process in [*running.pool._all][:2]:
                    process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        for start in range(0, 240, 8):
            numbers = range(start, start + 8)
            with socket.create_connection(("127.0.0.1", running.address.port), timeout=30) as one:
                for n in numbers:
                    one.sendall(request_of(f"SELECT ({n} AS ?x) {{}}"))
                one.sendall(
                    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                )
                told = b"".join(iter(lambda c=one: c.recv(1 << 16), b""))
            answers = told.split(b"HTTP/1.1 ")[1:]
            assert len(answers) == len(numbers) + 1, told
            for n, answer in zip(numbers, answers, strict=False):
                status, _, rest = answer.partition(b" ")
                assert status in (b"200", b"503", b"504")
                if status == b"200":
                    assert values(rest.split(b"\r\n\r\n", 1)[1], "x") == [str(n)]
    finally:
        over.set()
        killer.join()
    assert "Exception when servicing" not in caplog.text
    assert within(60, lambda: running.address.ask("/sparql", query="ASK {}")[0] == 200)
    running.ask(7)


def test_an_event_that_is_told_twice_is_answered_once(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    over: list[Any] = []
    forget = running.front._forget

    def kept(out: Any) -> None:
        over.append(out)
        forget(out)

    monkeypatch.setattr(running.front, "_forget", kept)
    with contextlib.closing(running.address.connect()) as connection:
        for n in range(20):
            connection.request("GET", f"/sparql?query=SELECT%20({n}%20AS%20%3Fx)%20%7B%7D", headers=JSON)  # fmt: skip
            assert values(connection.getresponse().read(), "x") == [str(n)]
        assert over
        out = over[-1]
        out.turn.process.kill()
        assert within(10, lambda: not out.turn.process.alive())
        out.handle_close()  # as of a process that ends when it has written
        time.sleep(0.2)
        assert "Exception" not in caplog.text
        running.ask(7)


def test_a_query_is_stopped_at_its_limit_though_no_thread_is_free(running: Running) -> None:
    running.ask(1)
    free = threading.Event()

    class Busy:
        def service(self) -> None:
            free.wait(60)

        def cancel(self) -> None:
            free.set()

    for _ in range(4):
        running.front.in_thread(Busy())
    before = set(running.pool._all)
    with socket.create_connection(("127.0.0.1", running.address.port), timeout=60) as connection:
        began = time.monotonic()
        request = request_of(ENDLESS).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        connection.sendall(request)
        assert within(20, lambda: not all(process.alive() for process in before))
        assert time.monotonic() - began < 15
        free.set()
        told = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert told.startswith(b"HTTP/1.1 504 "), told
    assert b"stopped after 3 seconds" in told
    running.ask(2)


def test_who_sent_two_requests_and_left_has_no_query(running: Running) -> None:
    running.pool.timeout = 60.0
    before = set(running.pool._all)
    with socket.create_connection(("127.0.0.1", running.address.port)) as connection:
        connection.sendall(request_of(ENDLESS) * 2)
        time.sleep(0.5)
        assert before <= running.pool._all
    assert within(20, lambda: not before <= running.pool._all)


def test_the_clock_ends_with_the_server(tmp_path: Path) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLE)
    one = Running(tmp_path / "store")
    one.ask(1)
    one.ask(2)
    clock = one.front._clock._thread
    assert clock.is_alive()
    one.close()
    assert not clock.is_alive()
