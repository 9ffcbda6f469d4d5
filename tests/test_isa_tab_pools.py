"""Large pools and splits as ISA-Tab: a table has a row for each way that ends, and never one for each pair or each path."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import fairgraph
from isa_tab_folders import Grid, export_tab, tables

MANY = 5000
Json = dict[str, Any]
PREFIXES = "PREFIX bioschemas: <https://bioschemas.org/> PREFIX schema: <http://schema.org/> "


def process(n: int, inputs: Iterable[str], outputs: Iterable[str], protocol: str = "p") -> Json:
    return {
        "@id": f"#process/{n}",
        "executesProtocol": {"@id": f"#protocol/{protocol}"},
        "inputs": [{"@id": name} for name in inputs],
        "outputs": [{"@id": name} for name in outputs],
    }


def study(name: str, sources: Iterable[str], samples: Iterable[str], processes: list[Json]) -> Json:
    return {
        "identifier": name,
        "title": name,
        "filename": f"s_{name}.txt",
        "protocols": [{"@id": f"#protocol/{p}", "name": p} for p in ("p", "q")],
        "materials": {
            "sources": [{"@id": f"#source/{n}", "name": n} for n in sources],
            "samples": [{"@id": f"#sample/{n}", "name": n} for n in samples],
        },
        "processSequence": processes,
    }


def sources(names: Iterable[str]) -> list[str]:
    return [f"#source/{name}" for name in names]


def samples(names: Iterable[str]) -> list[str]:
    return [f"#sample/{name}" for name in names]


def written(tmp_path: Path, *studies: Json) -> list[Grid]:
    """The study tables of a document, and that they say the same when they are read again."""
    path = tmp_path / "document.json"
    path.write_text(json.dumps({"identifier": "i", "studies": studies}), encoding="utf-8")
    with fairgraph.open("memory:") as fg, fairgraph.open("memory:") as other:
        fg.add(path)
        folder = export_tab(fg, tmp_path / "written")
        other.add(folder)
        assert links(other) == links(fg)
    return list(tables(folder).values())


def links(fg: fairgraph.Fairgraph) -> set[tuple[str, ...]]:
    query = """SELECT ?relation ?protocol ?name { VALUES ?relation { schema:object schema:result }
        ?process ?relation ?thing . ?thing schema:name ?name . ?process bioschemas:executesLabProtocol/schema:name ?protocol }"""
    return {tuple(str(term.value) for term in row if term) for row in fg.query(PREFIXES + query)}


def numbered(stem: str, count: int = MANY) -> list[str]:
    return [f"{stem}{n}" for n in range(count)]


def test_a_pool_of_many_has_a_row_for_each_input(tmp_path: Path) -> None:
    names = numbered("a")
    pool = study("s", names, ["pool"], [process(1, sources(names), samples(["pool"]))])
    (table,) = written(tmp_path, pool)
    assert sorted(row[0] for row in table[1:]) == sorted(names)
    assert {row[-1] for row in table[1:]} == {"pool"}


def test_a_split_into_many_has_a_row_for_each_output(tmp_path: Path) -> None:
    names = numbered("b")
    split = study("s", ["a"], names, [process(1, sources(["a"]), samples(names))])
    (table,) = written(tmp_path, split)
    assert sorted(row[-1] for row in table[1:]) == sorted(names)
    assert {row[0] for row in table[1:]} == {"a"}


def test_a_pool_that_is_split_has_no_row_for_each_pair(tmp_path: Path) -> None:
    before, after = numbered("a"), numbered("b")
    processes = [
        process(1, sources(before), samples(["pool"])),
        process(2, samples(["pool"]), samples(after), "q"),
    ]
    (table,) = written(tmp_path, study("s", before, ["pool", *after], processes))
    assert len(table) - 1 == MANY
    assert {row[0] for row in table[1:]} == set(before)
    assert {row[-1] for row in table[1:]} == set(after)


def test_many_inputs_with_many_outputs_have_no_row_for_each_pair(tmp_path: Path) -> None:
    before, after = numbered("a", MANY // 5), numbered("b", MANY // 5)
    both = study("s", before, after, [process(1, sources(before), samples(after))])
    path = tmp_path / "document.json"
    path.write_text(json.dumps({"identifier": "i", "studies": [both]}), encoding="utf-8")
    with fairgraph.open("memory:") as fg:
        fg.add(path)
        (table,) = tables(export_tab(fg, tmp_path / "written")).values()
    assert len(table) - 1 == MANY // 5
    assert {row[0] for row in table[1:]} == set(before)
    assert {row[-1] for row in table[1:]} == set(after)


@pytest.mark.parametrize("length", [2, 500])
def test_a_chain_of_splits_has_a_row_for_each_leaf(tmp_path: Path, length: int) -> None:
    # Each step gives the sample that goes on and one that does not.
    processes = [process(0, sources(["a"]), samples(["on0", "off0"]))]
    for n in range(1, length):
        processes.append(process(n, samples([f"on{n - 1}"]), samples([f"on{n}", f"off{n}"])))
    names = [f"{stem}{n}" for n in range(length) for stem in ("on", "off")]
    (table,) = written(tmp_path, study("s", ["a"], names, processes))
    assert len(table) - 1 == length + 1
    assert table[0].count("Sample Name") == length
    assert sum(bool(cell) for row in table[1:] for cell in row) <= 2 * (length + 1) * (length + 2)


def test_diamonds_in_a_row_have_no_row_for_each_path(tmp_path: Path) -> None:
    # Split in two and pooled again, thirty times: 2 ** 30 paths.
    count, processes, names = 30, [], []
    last = sources(["a"])
    for n in range(count):
        halves = [f"l{n}", f"r{n}"]
        names += [*halves, f"pool{n}"]
        processes.append(process(2 * n, last, samples(halves)))
        processes.append(process(2 * n + 1, samples(halves), samples([f"pool{n}"]), "q"))
        last = samples([f"pool{n}"])
    (table,) = written(tmp_path, study("s", ["a"], names, processes))
    assert len(table) - 1 == 2


def test_each_study_has_its_own_pool(tmp_path: Path) -> None:
    names = numbered("a", MANY // 10)
    studies = [
        study(name, names, ["pool"], [process(1, sources(names), samples(["pool"]))])
        for name in ("one", "two", "three")
    ]
    found = written(tmp_path, *studies)
    assert [len(table) - 1 for table in found] == [MANY // 10] * 3
