"""What was removed answers 410 where everybody might see it, and 404 where not: nobody learns of what was private."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from fairgraph.api import Fairgraph
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import create_app

EXAMPLE = EXAMPLES / "mouse-circadian"
HTML = {"Accept": "text/html"}
STUDY = "study/mouse-circadian-light"
WAYS = (
    "/investigations/1",
    "/investigations/1/linkset",
    "/investigations/1/revisions",
    "/investigations/1/exports",
    "/api/v1/investigations/1",
    "/api.php/v1/investigations/1/export/isa-json",
    "/api/v1/investigations/1/card",
    "/id/it",
    f"/id/it/{STUDY}",
    "/page/id/it",
    f"/page/id/it/{STUDY}",
    "/data/id/it?format=ttl",
    "/record/it",
    "/browse?iri=http://localhost:8000/id/it",
)


def removed(visibility: str, *, purge: bool = False, then: str = "") -> FlaskClient:
    fg = Fairgraph(open_store("memory:"))
    fg.add(EXAMPLE, slug="it", visibility=visibility)
    if then:
        fg.set(1, visibility=then)
    fg.remove(1, purge=purge)
    return create_app(fg).test_client()


@pytest.fixture(scope="module")
def public() -> FlaskClient:
    return removed("public")


@pytest.mark.parametrize("url", WAYS)
def test_what_was_public_is_gone(public: FlaskClient, url: str) -> None:
    page = public.get(url, headers=HTML)
    assert page.status_code == 410
    if not url.startswith("/api"):
        assert page.mimetype == "text/html"
        assert "removed" in page.text
    answer = public.get(url, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")
    told = json.loads(answer.data)
    assert told["code"] == "gone"
    assert "investigation 1" in told["detail"]
    assert "Accept" in answer.vary or url.startswith("/api")
    assert public.head(url).status_code == 410


@pytest.mark.parametrize("url", WAYS)
def test_no_more_is_told_than_that_it_was_there(public: FlaskClient, url: str) -> None:
    for headers in (HTML, {"Accept": "application/json"}):
        assert "circadian" not in public.get(url, headers=headers).text.lower().replace(url, "")


@pytest.mark.parametrize(
    "client",
    [
        removed("private"),
        removed("public", purge=True),
        removed("private", purge=True),
        removed("public", then="private"),
    ],
    ids=["private", "purged", "private and purged", "made private"],
)
def test_of_anything_else_nothing_is_told(client: FlaskClient) -> None:
    for url in WAYS:
        for headers in (HTML, {"Accept": "application/json"}):
            answer = client.get(url, headers=headers)
            assert answer.status_code == 404, url
            never = client.get(url.replace("/1", "/7").replace("/it", "/at"), headers=headers)
            assert answer.text.replace("/at", "/it").replace("7", "1") == never.text.replace(
                "/at", "/it"
            ).replace("7", "1")


def test_an_owner_is_told_of_what_was_private(tmp_path: Path) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLE, slug="it", visibility="private")
        fg.remove(1)
        key = {"X-API-Key": fg.store.keys.create("me", scope="read")[1]}
        client = create_app(fg).test_client()
        assert client.get("/api/v1/investigations/1", headers=key).status_code == 410
        assert client.get("/api/v1/investigations/1").status_code == 404


def test_what_comes_back_is_there_again() -> None:
    with Fairgraph(open_store("memory:")) as fg:
        fg.add(EXAMPLE, slug="it")
        client = create_app(fg).test_client()
        fg.remove(1)
        assert client.get("/investigations/1").status_code == 410
        fg.revert("it", "r1")
        assert client.get("/investigations/1").status_code == 200


def test_no_page_of_a_private_dataset_is_there(tmp_path: Path) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLE, slug="it", visibility="private")
        key = {**HTML, "X-API-Key": fg.store.keys.create("me", scope="read")[1]}
        client = create_app(fg).test_client()
        page = "/investigations/1"
        ways = (
            "",
            "/linkset",
            "/revisions",
            "/revisions/r1",
            "/exports",
            "/columns",
            "/queries/browse/samples",
        )
        for url in (f"{page}{way}" for way in ways):
            assert client.get(url, headers=HTML).status_code == 404, url
            assert client.get(url, headers=key).status_code in (200, 303), url
