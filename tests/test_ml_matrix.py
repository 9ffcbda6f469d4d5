"""The ML matrix: which columns, which types, which values."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

import fairgraph
from support import EXAMPLE


@pytest.fixture(scope="module")
def example() -> Any:
    with fairgraph.open("memory:") as fg:
        fg.add(EXAMPLE)
        yield fg


def exported(fg: Any, form: str, *datasets: Any, **options: Any) -> bytes:
    return bytes(fg.export(form, *datasets, **options).to_bytes())


def test_the_csv_has_the_cells_of_the_json(example: Any) -> None:
    document = json.loads(exported(example, "ml-json", 1))
    rows = list(csv.reader(io.StringIO(exported(example, "ml-csv", 1).decode(), newline="")))
    assert rows[0] == [column["name"] for column in document["columns"]]
    assert len(rows) == 43
    for row, cells in zip(rows[1:], document["rows"], strict=True):
        for text, value in zip(row, cells, strict=True):
            if isinstance(value, list):
                assert text == ";".join(map(str, value))
            else:
                assert text == ("" if value is None else str(value))


def test_rows_have_their_numbers_in_the_store(example: Any) -> None:
    document = json.loads(exported(example, "ml-json", 1))
    numbered = {row["name"].value: int(row["number"].value) for row in example.query("SELECT ?name ?number { ?s a <https://w3id.org/fairgraph/isa#Sample> ; <http://schema.org/name> ?name . GRAPH ?r { ?s <https://w3id.org/fairgraph/ns#number> ?number } }")}  # fmt: skip
    assert {row[1]: row[0] for row in document["rows"]} == numbered
    assert set(document["provenance_summary"]) == {str(number) for number in numbered.values()}


def test_the_same_graph_gives_the_same_bytes(example: Any) -> None:
    for form in ("ml-json", "ml-csv"):
        assert exported(example, form, 1) == exported(example, form, 1)
