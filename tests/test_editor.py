"""The SPARQL editor: its files are those that were vendored, it runs under its policy, and asks nobody else."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import threading
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.web.app import create_app

STATIC = Path(fairgraph.__file__).parent / "web" / "static"
CHROMIUM = shutil.which("chromium")
QUERY = "SELECT ?name { ?s a <https://w3id.org/fairgraph/isa#Source> ; <http://schema.org/name> ?name } ORDER BY ?name LIMIT 3"


@pytest.fixture
def client(example: Fairgraph) -> FlaskClient:
    return create_app(example).test_client()


def test_the_vendored_files_are_those_of_the_lock() -> None:
    vendor = STATIC / "vendor"
    lock = json.loads((vendor / "vendor.lock.json").read_text(encoding="utf-8"))
    known = {"vendor.lock.json"}
    for package in lock["packages"]:
        assert package["integrity"].startswith("sha512-")
        assert "LICENSE" in package["files"]
        for name, sha256 in package["files"].items():
            path = vendor / package["folder"] / name
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256, path
            known.add(f"{package['folder']}/{name}")
    assert {p.relative_to(vendor).as_posix() for p in vendor.rglob("*") if p.is_file()} == known


def test_the_page_runs_scripts_of_ours_alone(client: FlaskClient) -> None:
    page = client.get("/sparql", headers={"Accept": "text/html"})
    policy = page.headers["Content-Security-Policy"]
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL)
    assert scripts
    for attributes, text in scripts:
        assert 'src="/static/' in attributes
        assert not text.strip()
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "unsafe-eval" not in policy
    other = client.get("/", headers={"Accept": "text/html"}).headers["Content-Security-Policy"]
    assert "script-src" not in other and "unsafe" not in other


def test_what_the_editor_completes_comes_from_here(client: FlaskClient) -> None:
    found = client.get("/sparql/completions").json
    assert found
    assert "isa: <https://w3id.org/fairgraph/isa#>" in found["prefixes"]
    assert "https://w3id.org/fairgraph/isa#Sample" in found["classes"]
    assert "https://w3id.org/fairgraph/ns#category" in found["properties"]
    assert not re.search(r"https?://", (STATIC / "editor.js").read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium to run the editor in")
def test_the_editor_asks_and_shows_the_answer(example: Fairgraph, tmp_path: Path) -> None:
    assert CHROMIUM
    server = make_server("127.0.0.1", 0, create_app(example), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/sparql?query={quote(QUERY)}"
        options = (
            "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
            " --disable-component-update --disable-sync --virtual-time-budget=15000 --dump-dom"
        )
        # Whatever is not on this machine has no address.
        nobody = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        shown = subprocess.run(
            [CHROMIUM, *options.split(), nobody, f"--user-data-dir={tmp_path}", url],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert "CodeMirror-code" in shown
    assert "mouse_101" in shown
    assert "3 results" in shown
