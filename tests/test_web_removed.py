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


# -- Parts of a dataset that is there ----------------------------------------------------------------------------------

GONE, STAYS = (f"id/it/{STUDY}/sample/LD12_ZT0{hour}_liver" for hour in (0, 4))


def without(folder: Path, name: str) -> Path:
    """Return the example without the rows that name a sample."""
    folder.mkdir()
    for file in sorted(EXAMPLE.iterdir()):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if name not in line or file.name.startswith("i_")]
        (folder / file.name).write_text("".join(kept), encoding="utf-8")
    return folder


def taken_out(tmp_path: Path, visibility: str, then: str = "") -> Fairgraph:
    fg = Fairgraph(open_store(tmp_path / "store"))
    fg.add(EXAMPLE, slug="it", visibility=visibility, key="it")
    fg.add(without(tmp_path / "less", "LD12_ZT00_liver"), slug="it", key="it")
    if then:
        fg.set(1, visibility=then)
    return fg


def ways_to(fg: Fairgraph, part: str) -> list[str]:
    iri = f"{fg.store.base}{part}"
    number = fg.catalogue.numbers("it")[iri]
    return [
        *(f"/{way}" for way in (part, f"page/{part}", f"data/{part}?format=ttl")),
        f"/browse?iri={iri}",
        f"/samples/{number}",
        f"/api/v1/samples/{number}/prov-o",
        f"/api.php/v1/samples/{number}/prov-o",
    ]


def test_a_sample_that_was_taken_out_is_gone_and_comes_back_with_its_number(tmp_path: Path) -> None:
    with taken_out(tmp_path, "public") as fg:
        client = create_app(fg).test_client()
        ways = ways_to(fg, GONE)
        for url in ways:
            for headers in (HTML, {"Accept": "application/json"}):
                answer = client.get(url, headers=headers)
                assert answer.status_code == 410, url
                assert "is no part of investigation 1 any more" in answer.text
        for url in ways_to(fg, STAYS):
            assert client.get(url, headers=HTML).status_code in (200, 303), url
        assert client.get(f"/{GONE}x", headers=HTML).status_code == 404
        assert client.get("/samples/4711", headers=HTML).status_code == 404
        assert client.get("/browse?iri=no iri", headers=HTML).status_code in (400, 404)
        fg.revert(1, "r1")
        assert ways_to(fg, GONE) == ways
        for url in ways:
            assert client.get(url, headers=HTML).status_code in (200, 303), url
        fg.set(1, visibility="private")
        for url in ways:
            assert client.get(url, headers=HTML).status_code == 404, url


def test_what_was_taken_out_before_others_might_see_a_dataset_stays_unknown(tmp_path: Path) -> None:
    with taken_out(tmp_path, "private", then="public") as fg:
        client = create_app(fg).test_client()
        assert client.get(f"/{STAYS}", headers=HTML).status_code in (200, 303)
        for url in ways_to(fg, GONE):
            assert client.get(url, headers=HTML).status_code == 404, url
        named = "SELECT ?g ?s ?p ?o {{ {0} FILTER(CONTAINS(STR(?s), 'LD12_ZT00_liver') || CONTAINS(STR(?o), 'LD12_ZT00_liver')) }}"
        for pattern in ("?s ?p ?o", "GRAPH ?g { ?s ?p ?o }"):
            assert list(fg.as_caller("public").sparql(named.format(pattern))) == []
        # No number is given twice, whoever knows whose it was.
        known = fg.catalogue.numbers(1)
        assert f"{fg.store.base}{GONE}" in known
        assert len({n for iri, n in known.items() if "/sample/" in iri}) == sum(
            "/sample/" in iri for iri in known
        )


def test_with_a_dataset_that_is_purged_its_parts_are_forgotten(tmp_path: Path) -> None:
    with taken_out(tmp_path, "public") as fg:
        ways = ways_to(fg, GONE)
        client = create_app(fg).test_client()
        fg.remove(1, purge=True)
        for url in ways:
            assert client.get(url, headers=HTML).status_code == 404, url
        assert fg.add(EXAMPLE, slug="it").dataset.number == 2
        assert not set(ways_to(fg, GONE)[4:]) & set(ways[4:])


def test_what_a_dataset_says_of_others_takes_nothing_from_them(tmp_path: Path) -> None:
    typed = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/fairgraph/isa#Study> .\n"
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        b = fg.add(EXAMPLE, slug="b").dataset
        names = [b.iri, f"{fg.store.base}record/b", "urn:fairgraph:system:next:sample", "urn:x:s"]
        for name in ("a.nt", "evil.nt"):
            (tmp_path / name).write_text("".join(f"<{iri}> {typed}" for iri in names))
            fg.add(tmp_path / name)
        before = {d.slug: fg.catalogue.numbers(d.slug) for d in fg.datasets()}
        for name, visibility in (("a.nt", "public"), ("evil.nt", "private")):
            fg.set(name.removesuffix(".nt"), visibility=visibility)
            (tmp_path / name).write_text(f"<urn:x:other> {typed}")
            fg.add(tmp_path / name)
        fg.set("evil", visibility="public")
        assert [(d.slug, d.number) for d in fg.datasets()] == [("b", 1), ("a", 2), ("evil", 3)]
        for slug, numbers in before.items():
            now = fg.catalogue.numbers(slug)
            assert {iri: now[iri] for iri in numbers} == numbers
        client = create_app(fg).test_client()
        told = client.get("/browse?iri=urn:x:s", headers={"Accept": "application/json"})
        assert (told.status_code, "investigation 2 " in told.text) == (410, True)
        assert client.get("/studies/1", headers=HTML).status_code == 303
        fg.remove("evil", purge=True)
        assert fg.catalogue.numbers("a").keys() >= before["a"].keys()
        more = fg.add(EXAMPLE, slug="more").dataset
        samples = [n for iri, n in fg.catalogue.numbers(more.slug).items() if "/sample/" in iri]
        assert min(samples) > max(n for iri, n in before["b"].items() if "/sample/" in iri)
