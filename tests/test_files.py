"""The file store: kept once, verified, seen only by who may, collected when the last revision that names a file goes."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.errors import NotFound, StoreError
from fairgraph.files import Digests, Files
from fairgraph.web.app import close_app, create_app
from support import EXAMPLE

DATA = b"@read\nACGT\n" * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()
MAIN = "from fairgraph.cli.main import main; main()"


@pytest.fixture(params=["memory", "disk"])
def fg(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fairgraph]:
    with fairgraph.open("memory:" if request.param == "memory" else tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example with one of its data files beside it."""
    target = tmp_path / "experiment"
    shutil.copytree(EXAMPLE, target)
    with fairgraph.open("memory:") as fg:
        fg.add(target)
        rows = fg.query(
            "SELECT ?n { ?f a <http://schema.org/MediaObject> ; <http://schema.org/name> ?n } ORDER BY ?n"
        )
        name = next(row[0].value for row in rows if "/" not in row[0].value)
    (target / name).write_bytes(DATA)
    return target


def stored(fg: Fairgraph) -> list[Path]:
    return [path for path in fg.store.files.path.glob("??/*") if path.is_file()]


def test_the_files_of_a_folder_are_kept_when_asked_for(fg: Fairgraph, folder: Path) -> None:
    assert fg.add(folder).changed
    assert stored(fg) == []
    assert fg.add(folder, with_files=True).changed, "the same metadata, but now its files, too"
    file = fg.file(SHA256)
    assert (file.read(), file.size) == (DATA, len(DATA))
    assert len(stored(fg)) == 1
    assert not fg.add(folder, with_files=True).changed


def test_a_file_that_changed_is_a_new_revision(fg: Fairgraph, folder: Path) -> None:
    fg.add(folder, with_files=True)
    name = next(path for path in folder.iterdir() if path.read_bytes() == DATA)
    name.write_bytes(b"other")
    assert fg.add(folder, with_files=True).changed
    assert fg.file(hashlib.sha256(b"other").hexdigest()).read() == b"other"
    with pytest.raises(NotFound):
        fg.file(SHA256)
    fg.revert(1, "r1")
    assert fg.file(SHA256).read() == DATA


def test_the_files_of_an_archive_are_kept(fg: Fairgraph, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "experiment.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    fg.add(path, with_files=True)
    assert fg.file(SHA256).read() == DATA


def test_a_link_out_of_the_folder_is_not_followed(fg: Fairgraph, folder: Path) -> None:
    name = next(path for path in folder.iterdir() if path.read_bytes() == DATA)
    outside = folder.parent / "outside"
    name.rename(outside)
    name.symlink_to(outside)
    fg.add(folder, with_files=True)
    assert stored(fg) == []


def test_only_who_may_see_a_dataset_gets_its_files(fg: Fairgraph, folder: Path) -> None:
    fg.add(folder, with_files=True, visibility="private")
    assert fg.file(SHA256).read() == DATA
    with pytest.raises(NotFound):
        fg.as_caller("public").file(SHA256)
    fg.set(1, visibility="public")
    assert fg.as_caller("public").file(SHA256).read() == DATA


def test_what_no_revision_names_is_collected(fg: Fairgraph, folder: Path) -> None:
    fg.add(folder, with_files=True)
    fg.add(folder, slug="second", with_files=True)
    assert len(stored(fg)) == 1
    fg.remove(1)
    fg.remove(1, purge=True)
    assert len(stored(fg)) == 1, "the second dataset names it"
    fg.remove("second")
    assert len(stored(fg)) == 1, "a revision in the archive names it"
    fg.remove("second", purge=True)
    assert stored(fg) == []


def test_what_a_dry_run_reads_is_not_kept(fg: Fairgraph, folder: Path) -> None:
    fg.add(folder, with_files=True, dry_run=True)
    assert stored(fg) == []


def test_files_that_come_in_are_not_collected(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    with files.arrival() as arrival:
        arrival.add(io.BytesIO(DATA))
        arrival.keep()
        assert files.collect(set) == 0
    assert files.has(SHA256)
    assert files.collect(set) == 1
    assert not files.has(SHA256)


def test_many_files_and_the_same_file_twice(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    with files.arrival() as arrival:
        names = [arrival.add(io.BytesIO(b"%d" % (n % 50))).sha256 for n in range(100)]
        assert not files.has(names[0]), "nothing is there before all is"
        arrival.keep()
    assert all(files.has(name) for name in names)
    assert Digests().add(io.BytesIO(DATA)).sha256 == SHA256
    assert list((tmp_path / "files" / "incoming").iterdir()) == []


def test_a_damaged_file_is_found(fg: Fairgraph, folder: Path) -> None:
    fg.add(folder, with_files=True)
    path = fg.store.files.place(SHA256)
    path.chmod(0o644)
    path.write_bytes(DATA[:-1] + b"X")
    with pytest.raises(StoreError, match="damaged"):
        fg.file(SHA256).read()


@pytest.mark.parametrize("name", ["", "x", "../../etc/passwd", SHA256.upper(), "0" * 64])
def test_what_is_no_file_is_not_found(fg: Fairgraph, name: str) -> None:
    with pytest.raises(NotFound):
        fg.file(name)


def test_a_killed_import_leaves_nothing_that_the_next_one_does_not_collect(
    folder: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    command = [
        sys.executable,
        "-c",
        MAIN,
        "--store",
        str(data),
        "import",
        "--with-files",
        str(folder),
    ]
    with fairgraph.open(data) as fg:
        fg.add(EXAMPLE, slug="other")
    done = subprocess.run(command, env={**os.environ, "FAIRGRAPH_CRASH_AT": "written"}, check=False)
    assert done.returncode == -signal.SIGKILL
    with fairgraph.open(data) as fg:
        assert [dataset.slug for dataset in fg.datasets()] == ["other"]
        assert len(stored(fg)) == 1
        fg.remove("other", purge=True)
        assert stored(fg) == []


def test_the_web_gives_files_and_never_shows_them(folder: Path) -> None:
    with fairgraph.open("memory:") as fg:
        fg.add(folder, with_files=True)
        app = create_app(fg)
        try:
            client = app.test_client()
            answer = client.get(f"/files/{SHA256}")
            assert (answer.status_code, answer.data) == (200, DATA)
            assert answer.headers["Content-Length"] == str(len(DATA))
            assert answer.headers["Content-Disposition"].startswith("attachment; ")
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            tag = answer.headers["ETag"]
            assert client.get(f"/files/{SHA256}", headers={"If-None-Match": tag}).status_code == 304
            assert client.get(f"/files/{'0' * 64}").status_code == 404
            fg.set(1, visibility="private")
            assert client.get(f"/files/{SHA256}").status_code == 404
            assert client.get(f"/files/{SHA256}", headers={"If-None-Match": tag}).status_code == 404
        finally:
            close_app(app)
