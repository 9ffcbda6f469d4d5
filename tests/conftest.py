"""What tests share: a store, the example, the corpus, small ISA-Tab folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import fairgraph
from fairgraph.api import Fairgraph
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
