"""The history of a dataset on its pages: what changed, thing by thing, and nothing that was never public."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from fairgraph.api import Fairgraph
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import create_app
from fairgraph.web.pages import history

NAME = "http://schema.org/name"
HTML = {"Accept": "text/html"}
PAGE = "/investigations/1/revisions"


def renamed(fg: Fairgraph, old: str, new: str) -> None:
    fg.update(
        f'DELETE {{ GRAPH ?g {{ ?s <{NAME}> "{old}" }} }} INSERT {{ GRAPH ?g {{ ?s <{NAME}> "{new}" }} }} '
        f'WHERE {{ GRAPH ?g {{ ?s <{NAME}> "{old}" }} }}'
    )


@pytest.fixture
def fg() -> Fairgraph:
    fg = Fairgraph(open_store("memory:"), agent="anna")
    fg.add(EXAMPLES / "mouse-circadian")
    renamed(fg, "mouse_101", "mouse_one")
    return fg


@pytest.fixture
def client(fg: Fairgraph) -> FlaskClient:
    return create_app(fg).test_client()


def test_the_page_of_an_investigation_shows_its_history(client: FlaskClient) -> None:
    page = client.get("/investigations/1", headers=HTML).text
    assert "brought up to date" in page
    assert "by anna" in page
    assert f'href="{PAGE}/r2"' in page
    assert f'href="{PAGE}/r1"' not in page  # it is what it all began with
    assert f'href="{PAGE}"' in page


def test_the_revisions_are_listed_the_last_one_first(client: FlaskClient) -> None:
    page = client.get(PAGE, headers=HTML).text
    assert re.findall(r'<th scope="row">(r\d)</th>', page) == ["r2", "r1"]
    assert "mouse-circadian" in page
    assert "anna" in page


def test_a_difference_names_what_came_and_what_went(client: FlaskClient) -> None:
    page = client.get(f"{PAGE}/r2", headers=HTML).text
    came, went = (
        re.findall(rf'<li class="{kind}">(.*?)</li>', page, re.DOTALL) for kind in ("come", "went")
    )
    assert any("mouse_one" in line and "name" in line for line in came)
    assert any("mouse_101" in line and "name" in line for line in went)
    assert len(came) == len(went)
    assert f"{len(came)} statement" in page
    assert (
        '<h2><span class="chip material">Source</span> <a href="/page/id/mouse-circadian/' in page
    )


def test_the_other_way_round_what_came_went(client: FlaskClient) -> None:
    page = client.get(f"{PAGE}/r1?against=r2", headers=HTML).text
    (line,) = [
        line
        for line in re.findall(r'<li class="went">(.*?)</li>', page, re.DOTALL)
        if "mouse_one" in line and ">name<" in line
    ]
    assert line


def test_the_form_leads_to_the_difference(client: FlaskClient) -> None:
    answer = client.get(f"{PAGE}?from=r1&to=r2", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"{PAGE}/r2?against=r1")


def test_the_first_revision_changed_everything(client: FlaskClient) -> None:
    assert "were new" in client.get(f"{PAGE}/r1", headers=HTML).text


@pytest.mark.parametrize("url", [f"{PAGE}/r9", f"{PAGE}/nothing", f"{PAGE}/r2?against=r9"])
def test_a_revision_that_there_is_not_is_a_404(client: FlaskClient, url: str) -> None:
    assert client.get(url, headers=HTML).status_code == 404


def test_a_large_difference_is_cut_and_says_so(
    fg: Fairgraph, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_STATEMENTS", 5)
    fg.update("DELETE WHERE { GRAPH ?g { ?s <http://schema.org/additionalProperty> ?o } }")
    page = client.get(f"{PAGE}/r3", headers=HTML).text
    assert "The first 5 of them are here." in page
    assert len(re.findall(r'<li class="(?:come|went)">', page)) == 5
    (count,) = re.findall(r'<span class="went">([\d,]+) less', page)
    assert int(count.replace(",", "")) > 100


def test_of_two_that_are_too_large_the_page_says_who_compares_them(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_TRIPLES", 5)
    assert "fairgraph diff 1 r1" in client.get(f"{PAGE}/r2", headers=HTML).text


def test_what_was_changed_before_it_became_public_stays_private(tmp_path: Path) -> None:
    folder = tmp_path / "it"
    shutil.copytree(EXAMPLES / "mouse-circadian", folder)
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(folder, visibility="private")
        renamed(fg, "mouse_101", "Xanadu")
        renamed(fg, "Xanadu", "mouse_101")
        fg.set(1, visibility="public")
        renamed(fg, "mouse_102", "mouse_two")
        key = {**HTML, "X-API-Key": fg.store.keys.create("me", scope="read")[1]}
        client = create_app(fg).test_client()
        for url in (f"{PAGE}/r2", f"{PAGE}/r3", f"{PAGE}/r4?against=r2", f"{PAGE}/r2?against=r4"):
            hidden = client.get(url, headers=HTML)
            assert hidden.status_code == 404, url
            assert "Xanadu" not in hidden.text
            assert "Xanadu" in client.get(url, headers=key).text, url
        assert "Xanadu" not in client.get(PAGE, headers=HTML).text
        assert f'href="{PAGE}/r3"' not in client.get(PAGE, headers=HTML).text
        shown = client.get(f"{PAGE}/r4", headers=HTML)
        assert shown.status_code == 200
        assert "mouse_two" in shown.text
        fg.set(1, visibility="private")
        renamed(fg, "mouse_103", "Shangri-La")
        assert client.get(f"{PAGE}/r4", headers=HTML).status_code == 404
        fg.set(1, visibility="public")
        assert client.get(f"{PAGE}/r5", headers=HTML).status_code == 200  # both ends were public
        revisions = fg.dataset(1).revisions
        assert [one.was_public for one in revisions] == [False, False, True, True, True]
