"""The SPARQL editor: its files are those that were vendored, it runs under its policy, and asks nobody else (used in tests/browser)."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.web.app import create_app

STATIC = Path(fairgraph.__file__).parent / "web" / "static"


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
