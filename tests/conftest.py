"""What tests share: a store, the example, the corpus, small ISA-Tab folders, the web as the public sees it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import fairgraph
from addresses import SECRET
from fairgraph.api import Fairgraph
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import close_app, create_app
from support import CORPUS, EXAMPLE


@pytest.fixture
def corpus() -> Path:
    """The folder of real data; a test that needs it says so when it is not there."""
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus at {CORPUS}: set FAIRGRAPH_CORPUS")
    return CORPUS


@pytest.fixture
def memory() -> Iterator[Fairgraph]:
    """An empty store in memory."""
    with fairgraph.open("memory:") as fg:
        yield fg


@pytest.fixture
def example(memory: Fairgraph) -> Fairgraph:
    """A store in memory that holds the example, as dataset 1."""
    memory.add(EXAMPLE)
    return memory


@pytest.fixture
def write_tab(tmp_path: Path) -> Callable[..., Path]:
    """Write a small ISA-Tab folder: tables by name, each a list of rows, and further lines of the investigation file."""

    def write(
        study: list[list[str]], assay: list[list[str]] | None = None, extra: str = ""
    ) -> Path:
        folder = tmp_path / "tab"
        folder.mkdir(exist_ok=True)
        assays = "Study Assay File Name\ta_one.txt\n" if assay else ""
        (folder / "i_investigation.txt").write_text(
            "ONTOLOGY SOURCE REFERENCE\nTerm Source Name\tUO\tUBERON\nINVESTIGATION\nInvestigation Identifier\tI1\n"
            "Investigation Title\tA title\nSTUDY\nStudy Identifier\tS1\nStudy Title\tA study\nStudy File Name\ts_one.txt\n"
            f"STUDY FACTORS\nStudy Factor Name\tdose\nSTUDY ASSAYS\n{assays}"
            "STUDY PROTOCOLS\nStudy Protocol Name\tcollection\textraction\tscan\n"
            "Study Protocol Type\tsample collection\textraction\tscan\n"
            f"Study Protocol Parameters Name\tvolume;tool\tvolume\t\n{extra}",
            encoding="utf-8",
        )
        for name, rows in (("s_one.txt", study), ("a_one.txt", assay)):
            if rows:
                text = "".join("\t".join(row) + "\n" for row in rows)
                (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


def secret_copy(folder: Path) -> Path:
    """The example with a word in every title and name that is nowhere else."""
    target = folder / f"{SECRET.lower()}"
    shutil.copytree(EXAMPLE, target)
    for path in target.iterdir():
        text = path.read_text(encoding="utf-8")
        for word in ("LD12", "mouse_101", "mouse circadian", "mouse-circadian", "Carberry"):
            text = text.replace(word, f"{SECRET}{word}")
        path.write_text(text, encoding="utf-8")
    return target


@pytest.fixture(name="fairgraph", scope="module")
def public_and_private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fairgraph]:
    """The example as dataset 1, and as dataset 2, which is private, a copy with another word in every title and name."""
    with Fairgraph(open_store("memory:")) as fg:
        fg.add(EXAMPLE)
        fg.add(secret_copy(tmp_path_factory.mktemp("private")), visibility="private")
        yield fg


@pytest.fixture(scope="module")
def client(fairgraph: Fairgraph) -> FlaskClient:
    """The public, who sees the example alone."""
    app = create_app(fairgraph)
    app.testing = True
    return app.test_client()


@pytest.fixture(scope="module")
def every_example() -> Iterator[FlaskClient]:
    """The public, who sees all examples of mice."""
    with Fairgraph(open_store("memory:")) as fg:
        for path in sorted(EXAMPLES.glob("mouse-*")):
            fg.add(path)
        yield create_app(fg).test_client()


@pytest.fixture(scope="module")
def disk_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application over a store on disk, with one process for queries, which have two seconds."""
    folder = tmp_path_factory.mktemp("disk") / "store"
    with Fairgraph(open_store(folder)) as fg:
        fg.add(EXAMPLE)
        app = create_app(fg, timeout=2.0, query_workers=1)
        yield app
        close_app(app)
