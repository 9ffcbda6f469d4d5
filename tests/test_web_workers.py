"""Queries in processes that can be stopped, and a server that starts, answers and ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from addresses import BROWSER, COUNT, ENDLESS, count
from fairgraph import queries
from fairgraph.api import Fairgraph
from fairgraph.errors import StoreError
from fairgraph.store import open_store
from fairgraph.web.app import close_app, create_app
from fairgraph.web.workers.pool import Workers
from support import EXAMPLE


def test_a_worker_answers_as_the_store_in_this_process_does(
    disk_app: Flask, client: FlaskClient
) -> None:
    disk = disk_app.test_client()
    for name in ("examples/factor-values", "examples/describe-sample", "browse/samples"):
        arguments = {
            "query": queries.get(name).text,
            "format": "nt" if "describe" in name else "csv",
        }
        here, there = (c.get("/sparql", query_string=arguments) for c in (client, disk))
        assert here.status_code == there.status_code == 200
        assert sorted(set(here.text.splitlines())) == sorted(set(there.text.splitlines()))
    assert disk.get("/sparql", query_string={"query": "SELECT WHERE {"}).status_code == 400
    page = disk.get("/sparql", query_string={"query": COUNT}, headers=BROWSER)
    assert "42" in page.text


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/csv", "", "*/*"])
def test_what_passes_the_framework_is_what_the_framework_answers(
    disk_app: Flask, accept: str
) -> None:
    client = disk_app.test_client()
    headers = {"Accept": accept} if accept else {}
    url = "/sparql?" + urlencode({"query": f"{COUNT} # {accept}"})
    # What stands behind the query keeps a request from passing; what it answers is the same.
    slow = client.get(f"{url}&format=", headers=headers)
    first, second = (client.get(url, headers=headers) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert sorted(first.headers) == sorted(second.headers)
    assert first.data == second.data == slow.data
    assert {name for name, _ in {*slow.headers} ^ {*first.headers}} <= {"ETag"}
    known = {**headers, "If-None-Match": second.headers["ETag"]}
    assert client.get(url, headers=known).status_code == 304
    assert client.get(url, headers={"Accept": "image/png"}).status_code == 406
    bad = [client.get("/sparql?query=SELECT+WHERE+%7B", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in bad] == [400, 400]
    assert bad[0].data == bad[1].data
    page = client.get(url, headers=BROWSER)
    assert page.mimetype == "text/html"


def test_a_query_that_never_ends_is_stopped_and_the_next_one_is_answered(disk_app: Flask) -> None:
    client = disk_app.test_client()
    began = time.monotonic()
    response = client.get("/sparql", query_string={"query": ENDLESS})
    assert time.monotonic() - began < 10
    assert response.status_code == 504
    assert response.mimetype == "application/problem+json"
    assert response.json["code"] == "timeout"
    assert count(client) == 42


def test_a_worker_sees_what_was_written_since_it_began(tmp_path: Path) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        app = create_app(fg)
        try:
            client = app.test_client()
            assert count(client) == 0
            fg.add(EXAMPLE)
            assert count(client) == 42
            assert client.get("/healthz").json["datasets"] == 1
        finally:
            close_app(app)


def test_no_more_queries_run_than_there_are_workers(tmp_path: Path) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLE)
    workers = Workers(str(tmp_path / "store"), count=1, timeout=2.0)
    request = {
        "query": ENDLESS,
        "graphs": None,
        "forms": {"rows": "json", "graph": "ttl"},
        "limit": 1,
        "caller": "public",
    }
    errors: list[Exception] = []

    def ask() -> None:
        try:
            workers.ask(request)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    workers.close()
    assert len(errors) == 3
    assert any(isinstance(error, StoreError) for error in errors)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_server_starts_answers_and_ends(tmp_path: Path, how: signal.Signals) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLE)
    command = [
        sys.executable,
        "-m",
        "fairgraph",
        "--store",
        str(tmp_path / "store"),
        "serve",
        "--port",
        "0",
    ]
    if not (Path(sys.modules["fairgraph"].__file__ or "").parent / "__main__.py").is_file():
        command[1:3] = ["-c", "from fairgraph.cli.main import main; main()"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stderr
        line = process.stderr.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert url, line
        with urllib.request.urlopen(f"{url[0]}healthz", timeout=30) as response:
            assert json.load(response)["status"] == "ok"
        with urllib.request.urlopen(f"{url[0]}sparql?query={quote(COUNT)}", timeout=30) as response:
            assert json.load(response)["results"]["bindings"][0]["n"]["value"] == "42"
        with urllib.request.urlopen(
            f"{url[0]}id/mouse-circadian/agent/Tom%C3%A1s_Oyelaran", timeout=30
        ) as response:
            assert "Tomás" in response.read().decode()
        # After the head of an answer of unknown length nothing follows: the connection would not be worth anything.
        host, _, port = url[0].removeprefix("http://").rstrip("/").partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(
                b"HEAD /api/v1/investigations/1/export/turtle HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n\r\n") and answer.count(b"\r\n\r\n") == 1
        os.kill(process.pid, how)
        assert process.wait(timeout=20) == 0
        assert "Traceback" not in process.stderr.read()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stderr:
            process.stderr.close()
