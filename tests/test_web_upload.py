"""The page /import: who may, what becomes of files, what is told; with a key in the form, never in an address."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fairgraph.api import Fairgraph
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import close_app, create_app
from fairgraph.web.pages import upload

HTML = {"Accept": "text/html"}
FOLDER = EXAMPLES / "mouse-circadian"


class Site:
    def __init__(self, fairgraph: Fairgraph, client: FlaskClient) -> None:
        self.fairgraph, self.client = fairgraph, client
        keys = fairgraph.store.keys
        self.keys = {scope: keys.create(scope, scope=scope)[1] for scope in ("read", "write")}

    def send(self, key: str | None, *files: Path, **fields: str) -> TestResponse:
        data: dict[str, object] = {**fields, "key": "" if key is None else self.keys.get(key, key)}
        data["file"] = [(io.BytesIO(file.read_bytes()), file.name) for file in files] or [
            (io.BytesIO(), "")
        ]
        return self.client.post(
            "/import", data=data, headers=HTML, content_type="multipart/form-data"
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Fairgraph(open_store(tmp_path_factory.mktemp("site") / "store")) as fg:
        app = create_app(fg, query_workers=1, writable=True)
        yield Site(fg, app.test_client())
        close_app(app)


def test_the_page_is_a_form_that_works_without_scripts(site: Site) -> None:
    page = site.client.get("/import", headers=HTML)
    assert page.status_code == 200
    assert 'action="/import" method="post" enctype="multipart/form-data"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    (script,) = re.findall(r"<script([^>]*)></script>", page.text)
    assert 'src="/static/upload.js' in script
    with site.client.get(re.findall(r'src="(/static/upload.js[^"]*)"', page.text)[0]) as static:
        assert static.status_code == 200


def test_it_is_linked_where_files_may_be_brought(site: Site, tmp_path: Path) -> None:
    assert 'href="/import"' in site.client.get("/", headers=HTML).text
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        app = create_app(fg, query_workers=1)
        client = app.test_client()
        assert "<nav" in client.get("/", headers=HTML).text
        assert ">Import</a>\n  </nav>" not in client.get("/", headers=HTML).text
        assert (
            'href="/import"' in client.get("/", headers=HTML).text
        )  # in the footer, and since it is empty
        page = client.get("/import", headers=HTML)
        assert "does not write" in page.text
        assert "<form id=" not in page.text
        close_app(app)


def test_who_named_an_import_follows_its_steps(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    name, seen = "0123456789abcdef" * 2, []

    def at(name: str) -> str:
        answer = site.client.get(f"/import/steps/{name}")
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.json["step"] if answer.status_code == 200 else ""

    def imported(who: Any, brought: Any, given: Any, progress: Callable[[str], None]) -> Any:
        def follow(step: str) -> None:
            progress(step)
            seen.append((step, at(name), at("f" * 32)))

        return real(who, brought, given, follow)

    real = upload.imported
    monkeypatch.setattr(upload, "imported", imported)
    files = sorted(FOLDER.iterdir())
    answer = site.send("write", *files, id="followed", validate="true", follow=name)
    assert answer.status_code == 201, answer.text
    assert seen == [(step, step, "") for step in ("reading", "validating", "storing")]
    assert at(name) == ""
    for other in ("x", "0" * 31, "../" * 11):
        assert site.send("write", *files, id="followed", follow=other).status_code == 200
    assert {at for _, at, _ in seen[3:]} == {""}


def test_the_files_of_a_folder_become_a_dataset_and_the_report_leads_to_it(site: Site) -> None:
    answer = site.send(
        "write", *sorted(FOLDER.iterdir()), id="brought", validate="true", visibility="public"
    )
    assert answer.status_code == 201, answer.text
    dataset = site.fairgraph.dataset("brought")
    assert answer.headers["Location"] == f"/investigations/{dataset.number}"
    assert f'href="/investigations/{dataset.number}"' in answer.text
    assert dataset.title in answer.text
    assert f"<dd>{dataset.counts['samples']}</dd>" in answer.text
    assert answer.headers["Cache-Control"].startswith(("private", "no-store"))
    assert dataset.revisions[-1].agent == "key:write"
    for finding in dataset.findings:
        assert finding.rule in answer.text
    assert site.client.get(answer.headers["Location"], headers=HTML).status_code == 200


def test_the_same_again_says_that_nothing_changed(site: Site) -> None:
    crate = EXAMPLES / "mouse-circadian-notebook.eln"
    assert site.send("write", crate, id="again").status_code == 201
    answer = site.send("write", crate, id="again")
    assert answer.status_code == 200
    assert "Nothing has changed" in answer.text


@pytest.mark.parametrize(
    ("key", "status", "words"),
    [
        (None, 401, "writing needs a key"),
        ("fg_nobody_0000", 401, "this key is not known"),
        ("read", 403, "is for read"),
    ],
)
def test_without_a_key_that_may_write_nothing_is_imported(
    site: Site, key: str | None, status: int, words: str
) -> None:
    before = len(site.fairgraph.datasets())
    answer = site.send(key, EXAMPLES / "mouse-circadian-isa.json", id="no")
    assert answer.status_code == status
    assert words in answer.text
    assert '<form id="upload"' in answer.text  # to be sent once more, with what was filled in
    assert 'value="no"' in answer.text
    assert len(site.fairgraph.datasets()) == before


def test_a_key_never_comes_back_in_a_page(site: Site) -> None:
    answer = site.send("read", EXAMPLES / "mouse-circadian-isa.json")
    assert site.keys["read"] not in answer.text


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("", b"", 400, "there is no file"),
        ("a.xyz", b"what is this", 422, "is in no format that fairgraph knows"),
        ("a.ttl", b"<a:a> <a:b> .", 422, "a.ttl"),
    ],
)
def test_what_cannot_be_read_is_said_in_the_form(
    site: Site, tmp_path: Path, name: str, content: bytes, status: int, words: str
) -> None:
    files = []
    if name:
        (tmp_path / name).write_bytes(content)
        files.append(tmp_path / name)
    answer = site.send("write", *files)
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text
    assert "fairgraph-upload" not in answer.text  # where it lay on the server


def test_a_private_dataset_is_told_to_be_one(site: Site) -> None:
    answer = site.send(
        "write", EXAMPLES / "mouse-circadian-isa.json", id="mine", visibility="private"
    )
    assert answer.status_code == 201
    assert "It is private" in answer.text
    assert site.client.get(answer.headers["Location"], headers=HTML).status_code == 404


def test_who_shows_no_key_first_may_send_little(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "MOST_FORM", 2000)
    crate = EXAMPLES / "mouse-circadian-notebook.eln"
    assert crate.stat().st_size > 2000
    assert site.send("write", crate, id="large").status_code == 413
    answer = site.client.post(
        "/import",
        data={"file": (io.BytesIO(crate.read_bytes()), crate.name), "id": "large"},
        headers={**HTML, "X-API-Key": site.keys["write"]},
    )
    assert answer.status_code == 201
