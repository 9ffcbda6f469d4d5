"""Importers write derived statements themselves, for speed: exactly those that queries/derive computes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Triple

import fairgraph
from fairgraph import queries
from fairgraph.errors import FairgraphError
from fairgraph.store import Scope
from fairgraph.terms import PROV
from support import EXAMPLE, corpus_paths

DERIVED = {
    PROV.used,
    PROV.wasGeneratedBy,
    PROV.wasDerivedFrom,
    PROV.wasInformedBy,
    PROV.wasAssociatedWith,
}
SOURCES = [EXAMPLE, *corpus_paths("isa/tab/*", "isa/json/[mt]*/*.json")]


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_importer_writes_what_the_queries_derive(path: Path) -> None:
    with fairgraph.open("memory:") as fg:
        try:
            dataset = fg.add(path).dataset
        except FairgraphError:
            return
        with fg.store.read() as reader:
            stated = set(reader.triples(dataset.node))
            derived: set[Triple] = set()
            for name, query in queries.catalogue().items():
                if name.startswith("derive/"):
                    derived |= set(reader.construct(query.text, Scope((dataset.node,))))
    written = {triple for triple in stated if triple.predicate.value in DERIVED}
    assert sorted(map(str, written - derived))[:3] == []
    assert sorted(map(str, derived - stated))[:3] == []
