"""Merged graphs are made once for all who ask, and nobody waits for those that others ask for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyoxigraph import NamedNode, Quad

from fairgraph.store.merging import Merges, SnapshotMerges, View
from fairgraph.store.protocol import DEFAULT, Scope

G, H = NamedNode("http://example.org/g"), NamedNode("http://example.org/h")


def made() -> View:
    return ox.Store(), (DEFAULT,)


def test_what_several_ask_for_is_made_once() -> None:
    merges, begun, go = Merges(), [], threading.Event()

    def slow() -> View:
        begun.append("slow")
        assert go.wait(10)
        return made()

    with ThreadPoolExecutor(4) as pool:
        slowly = [pool.submit(merges.remembered, "slow", slow) for _ in range(3)]
        try:
            pool.submit(merges.remembered, "fast", made).result(10)
            assert not any(one.done() for one in slowly)
        finally:
            go.set()
        assert len({id(one.result(10)[0]) for one in slowly}) == 1
    assert begun == ["slow"]


def test_the_last_few_are_kept_and_what_failed_is_made_again() -> None:
    merges, begun = Merges(2), []

    def make(key: str) -> View:
        def one() -> View:
            begun.append(key)
            if begun == ["a"]:
                raise OSError("no space")
            return made()

        return merges.remembered(key, one)

    with pytest.raises(OSError, match="no space"):
        make("a")
    for key in "aabbcca":
        make(key)
    assert begun == ["a", "a", "b", "c", "a"]


def test_one_snapshot_is_merged_for_several_scopes_at_once(tmp_path: Path) -> None:
    """They differ in what ``GRAPH`` sees alone, so that they are in one place."""
    live = ox.Store(str(tmp_path / "live"))
    live.extend(Quad(G, G, H, graph) for graph in (DEFAULT, G, H))
    live.extend([Quad(G, H, H, H)])
    live.backup(str(tmp_path / "1"))
    snapshot = ox.Store.read_only(str(tmp_path / "1"))
    merges = SnapshotMerges(tmp_path / "1")
    scopes = [Scope((DEFAULT, G, H), named) for named in ((), (G,), (H,), (G, H))]
    with ThreadPoolExecutor(4) as pool:
        for store, default in pool.map(lambda scope: merges.view(snapshot, scope), scopes):
            answer = store.query("SELECT * { ?s ?p ?o }", default_graph=list(default))
            assert len(list(answer)) == 2  # type: ignore[arg-type]
    assert len(list(tmp_path.glob("1.merged-*"))) == 1
