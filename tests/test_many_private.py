"""Many private datasets: who has a key sees each triple once, and asks as if there were one graph."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from fairgraph.api import Fairgraph
from fairgraph.store import open_store

DATASETS = 40
SHARED = "<http://example.org/shared> <http://example.org/name> 'the same in all of them' ."
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <http://example.org/name> ?o }"
EACH = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s <http://example.org/name> ?o } }"


def turtle(folder: Path, number: int) -> Path:
    path = folder / f"set-{number}.ttl"
    own = f"<http://example.org/thing/{number}> <http://example.org/name> 'number {number}' ."
    path.write_text(f"{SHARED}\n{own}\n", encoding="utf-8")
    return path


def count(fg: Fairgraph, query: str) -> int:
    return int(next(iter(fg.sparql(query)))["n"].value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two public datasets and many private ones; each says one thing of its own and one that all say."""
    place = tmp_path_factory.mktemp("many")
    with Fairgraph(open_store(place / "store")) as fg:
        for number in range(DATASETS + 2):
            visibility = "public" if number < 2 else "private"
            fg.add(turtle(place, number), visibility=visibility)
    return place


@pytest.fixture
def fairgraph(folder: Path, tmp_path: Path) -> Path:
    shutil.copytree(folder / "store", tmp_path / "store")
    return tmp_path / "store"


def test_each_triple_counts_once_whoever_asks(fairgraph: Path) -> None:
    with Fairgraph(open_store(fairgraph)) as fg:
        assert count(fg, COUNT) == DATASETS + 2 + 1
        assert count(fg, EACH) == 2 * (DATASETS + 2)
        public = fg.as_caller("public")
        assert count(public, COUNT) == 2 + 1
        assert count(public, EACH) == 4


def test_a_write_changes_what_is_merged(fairgraph: Path, tmp_path: Path) -> None:
    with Fairgraph(open_store(fairgraph)) as fg:
        assert count(fg, COUNT) == DATASETS + 3
        fg.set(3, visibility="public")
        assert count(fg, COUNT) == DATASETS + 3
        fg.add(turtle(tmp_path, 99), visibility="private")
        assert count(fg, COUNT) == DATASETS + 4
        fg.remove(4)
        assert count(fg, COUNT) == DATASETS + 3
        fg.set(1, visibility="private")
        fg.set(2, visibility="private")
        fg.set(3, visibility="private")
        assert count(fg, COUNT) == DATASETS + 3
        assert count(fg.as_caller("public"), COUNT) == 0


def test_the_merged_state_is_made_once_for_all_and_goes_with_its_snapshot(fairgraph: Path) -> None:
    snapshots = fairgraph / "snapshots"
    with Fairgraph(open_store(fairgraph)) as fg:
        count(fg, COUNT)
        (made,) = snapshots.glob("*.merged-*")
        before = made.stat().st_ino
    with Fairgraph(open_store(fairgraph)) as fg:
        assert count(fg, COUNT) == DATASETS + 3
        (found,) = snapshots.glob("*.merged-*")
        assert found.stat().st_ino == before
        fg.set(5, title="Another")
        assert count(fg, COUNT) == DATASETS + 3
        (found,) = snapshots.glob("*.merged-*")
        assert found != made


def test_what_is_merged_is_no_graph_that_anybody_sees(fairgraph: Path) -> None:
    with Fairgraph(open_store(fairgraph)) as fg:
        rows = list(fg.sparql("SELECT DISTINCT ?g { GRAPH ?g { } }"))
        graphs = {row["g"] for row in rows}
        assert NamedNode("urn:fairgraph:merged") not in graphs
        merged = (
            "SELECT (COUNT(*) AS ?n) FROM NAMED <urn:fairgraph:merged> { GRAPH ?g { ?s ?p ?o } }"
        )
        assert (
            int(next(iter(fg.sparql(merged, graphs=([], ["urn:fairgraph:merged"]))))["n"].value)
            == 0
        )
        assert not [d for d in fg.datasets() if "merged" in d.iri]


def test_where_nothing_can_be_written_it_is_merged_in_memory(
    fairgraph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr("fairgraph.store.merging._make", refuse)
    with Fairgraph(open_store(fairgraph)) as fg:
        assert count(fg, COUNT) == DATASETS + 3
        assert not list((fairgraph / "snapshots").glob("*.merged-*"))
