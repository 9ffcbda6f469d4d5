"""Queries that never end, answers that are long, callers who leave: a real server, and what the others notice of it."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from fairgraph.api import Fairgraph
from fairgraph.errors import StoreError
from fairgraph.store import open_store
from fairgraph.web.workers.turn import SPOOLED_BYTES
from fairgraph.web.workers.turns import MOST_WAITING, PATIENCE, CallerGone, Turns
from serving import Server, served, within
from support import EXAMPLE

LIMIT = 3.0
# A busy machine is late by as much; on an idle one it is less than a second.
SLOW = 5.0
# Nothing comes of it before it is done, which is never.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
# Rows come at once, and never end.
ENDLESS_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SMALL = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/fairgraph/isa#Sample> }"
ROWS = 60_000
LONG = f"SELECT ?a ?b ?c ?d ?e {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {ROWS}"
CSV = {"Accept": "text/csv"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("load") / "store"
    with Fairgraph(open_store(folder)) as fg:
        fg.add(EXAMPLE)
    return folder


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[Server]:
    with served(store, "--timeout", str(LIMIT)) as running:
        assert running.ask("/sparql", query=SMALL)[0] == 200
        yield running


def asked(server: Server, query: str, version: str = "1.1") -> socket.socket:
    """Send a query and read nothing."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    request = (
        f"GET /sparql?query={quote(query)} HTTP/{version}\r\nHost: localhost\r\nAccept: text/csv"
    )
    connection.sendall(f"{request}\r\n\r\n".encode())
    return connection


# -- Long answers ----------------------------------------------------------------------------------------------------


def test_a_short_answer_says_how_long_it_is_and_keeps_the_connection(server: Server) -> None:
    with contextlib.closing(server.connect()) as connection:
        for _ in range(3):
            connection.request("GET", f"/sparql?query={quote(SMALL)}")
            response = connection.getresponse()
            body = response.read()
            assert response.headers["Content-Length"] == str(len(body))
            assert json.loads(body)["results"]["bindings"][0]["n"]["value"] == "42"
            assert connection.sock is not None, "the server closed the connection"


def test_an_answer_beyond_the_cap_comes_whole(server: Server) -> None:
    status, headers, body = server.ask("/sparql", query=LONG, format="json")
    assert status == 200
    assert len(body) > SPOOLED_BYTES
    assert headers["Transfer-Encoding"] == "chunked"
    assert len(json.loads(body)["results"]["bindings"]) == ROWS


def test_a_failure_before_the_cap_is_a_status(server: Server) -> None:
    status, headers, body = server.ask("/sparql", query=ENDLESS)
    assert (status, headers["Content-Type"]) == (504, "application/problem+json")
    assert json.loads(body)["code"] == "timeout"
    assert f"{LIMIT:g} seconds" in json.loads(body)["detail"]


def test_a_failure_beyond_the_cap_breaks_the_answer_off(server: Server) -> None:
    began = time.monotonic()
    with contextlib.closing(server.connect()) as connection:
        connection.request("GET", f"/sparql?query={quote(ENDLESS_ROWS)}", headers=CSV)
        response = connection.getresponse()
        assert response.status == 200
        with pytest.raises(http.client.IncompleteRead):
            while response.read(1 << 20):
                pass
    assert time.monotonic() - began < LIMIT + SLOW


def test_where_only_the_end_of_the_connection_ends_an_answer_a_failure_resets_it(
    server: Server,
) -> None:
    with contextlib.closing(asked(server, ENDLESS_ROWS, "1.0")) as connection:
        assert connection.recv(12).endswith(b" 200")
        with pytest.raises(ConnectionResetError):
            while connection.recv(1 << 20):
                pass


def test_who_does_not_read_has_no_worker_for_longer_than_a_query_may_take(server: Server) -> None:
    before = server.workers()
    with contextlib.closing(asked(server, ENDLESS_ROWS)):
        assert within(LIMIT + SLOW, lambda: not before <= server.workers())
        assert server.ask("/sparql", query=SMALL)[0] == 200


# -- Callers who leave -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [ENDLESS, ENDLESS_ROWS], ids=["before a byte", "while it comes"])
def test_who_leaves_stops_his_query(store: Path, query: str) -> None:
    with served(store, "--timeout", "60") as server:
        assert server.ask("/sparql", query=SMALL)[0] == 200
        before = server.workers()
        with contextlib.closing(asked(server, query)) as connection:
            if query == ENDLESS_ROWS:
                assert connection.recv(12).endswith(b" 200")
            else:
                time.sleep(0.5)
            assert before <= server.workers()
        assert within(SLOW, lambda: not before <= server.workers())
        assert server.ask("/sparql", query=SMALL)[0] == 200


# -- Many at once ----------------------------------------------------------------------------------------------------


def test_twenty_queries_that_never_end_do_not_stop_the_server(store: Path) -> None:
    limit = 8.0
    with served(store, "--timeout", str(limit)) as server:
        assert server.ask("/sparql", query=SMALL)[0] == 200
        began = time.monotonic()

        def ask(_: int) -> tuple[int, float, str | None]:
            status, headers, _body = server.ask("/sparql", query=ENDLESS)
            return status, time.monotonic() - began, headers["Retry-After"]

        with ThreadPoolExecutor(20) as callers:
            ended = [callers.submit(ask, n) for n in range(20)]
            time.sleep(0.5)
            for path in ("/healthz", "/investigations/1", "/"):
                assert server.ask(path, headers={"Accept": "text/html"})[0] == 200
            status, _, body = server.ask("/sparql", query=SMALL)
            assert status == 200, body
            assert sum(not future.done() for future in ended) >= 2, "they were over by then"
            found = [future.result() for future in ended]
        assert {status for status, _, _ in found} == {503, 504}
        assert all(after for status, _, after in found if status == 503)
        assert max(seconds for _, seconds, _ in found) < PATIENCE + limit + SLOW
        assert server.ask("/sparql", query=SMALL)[0] == 200


# -- Whose turn it is ------------------------------------------------------------------------------------------------


def never() -> bool:
    return False


def test_turns_go_to_who_came_first_and_the_short_one_to_who_came_last() -> None:
    turns = Turns(1)
    assert (turns.take(never), turns.take(never)) == (False, True)
    order: list[tuple[int, bool]] = []

    def wait(number: int) -> None:
        order.append((number, turns.take(never)))

    threads = []
    for number in range(3):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        assert within(SLOW, lambda count=number: len(turns._waiting) == count + 1)
    for short in (True, False, False):
        turns.give_back(short)
        assert within(SLOW, lambda: len(order) == 3 - len(turns._waiting))
    for thread in threads:
        thread.join()
    assert order == [(2, True), (0, False), (1, False)]


def test_nobody_waits_for_ever_and_not_all_wait() -> None:
    turns = Turns(1)
    turns.take(never)
    turns.take(never)
    with ThreadPoolExecutor(MOST_WAITING) as callers:
        waiting = [callers.submit(turns.take, never) for _ in range(MOST_WAITING)]
        assert within(SLOW, lambda: len(turns._waiting) == MOST_WAITING)
        first, began = turns._waiting[0], time.monotonic()
        with pytest.raises(StoreError, match="busy"):
            turns.take(never)
        assert first.called.is_set()
        assert first.short is None
        for future in waiting:
            with pytest.raises(StoreError, match="busy"):
                future.result()
        assert time.monotonic() - began < PATIENCE + SLOW
    with pytest.raises(CallerGone):
        turns.take(lambda: True)
    turns.give_back(False)
    assert turns.take(never) is False
