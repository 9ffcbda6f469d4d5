"""Analysis runs: what crates of runs say becomes provenance, and every export of it works."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from fairgraph.api import Fairgraph
from support import corpus_paths

ACTIONS = {"CreateAction", "UpdateAction", "ActivateAction", "OrganizeAction", "ControlAction"}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def actions(path: Path) -> list[Any]:
    """The actions in the metadata of a crate."""
    try:
        document = json.loads((path / "ro-crate-metadata.json").read_text())
    except (OSError, ValueError):
        return []
    return [node for node in document["@graph"] if ACTIONS & set(listed(node.get("@type")))]


RUNS = [path for path in corpus_paths("rocrate/*") if path.is_dir() and actions(path)]


def rows(fg: Fairgraph, query: str) -> list[tuple[str, ...]]:
    return sorted(tuple(term.value for term in row) for row in fg.query(query))


def test_the_corpus_has_run_crates(corpus: Path) -> None:
    assert len(RUNS) > 80


@pytest.mark.corpus
@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.name[:60])
def test_a_run_is_provenance(memory: Fairgraph, path: Path) -> None:
    dataset = memory.add(path).dataset
    assert list(memory.validate(dataset, profile="prov")) == []
    document: Any = json.loads(memory.export("prov-o", dataset).to_bytes())
    activities = [n for n in document["@graph"] if "Activity" in listed(n.get("@type"))]
    assert len(activities) == len({node["@id"] for node in actions(path)})
    created = [one for one in actions(path) if "CreateAction" in listed(one["@type"])]
    table = io.StringIO(memory.export("processes-csv", dataset).to_bytes().decode())
    assert len(list(csv.DictReader(table))) == len({node["@id"] for node in created})
    for name in ("card", "card-json", "prov-n"):
        assert memory.export(name, dataset).to_bytes()
    results = {json.dumps(one) for node in created for one in listed(node.get("result"))}
    made = rows(memory, "SELECT ?file { ?file prov:wasGeneratedBy ?run }".replace("prov:wasGeneratedBy", "<http://www.w3.org/ns/prov#wasGeneratedBy>"))  # fmt: skip
    assert len(set(made)) >= len(results)
