"""The ML matrix: which columns, which types, which values."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import fairgraph
from fairgraph.errors import UsageError
from fairgraph.exports.export import exports
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


GHOST = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dcterms: <http://purl.org/dc/terms/> . @prefix fg: <https://w3id.org/fairgraph/ns#> .
<http://ghost.example/x> a dcat:Dataset ; fg:number "abc" ; dcterms:identifier "ghost" ; dcterms:title "GHOST" ; dcterms:modified "2031-01-01" .
<http://localhost:8000/id/mouse-circadian> a dcat:Dataset ; fg:number 7 ; dcterms:identifier "other" ; dcterms:title "RENAMED" .
"""


def test_a_dataset_cannot_pose_as_a_record(tmp_path: Path) -> None:
    path = tmp_path / "ghost.ttl"
    path.write_text(GHOST)
    with fairgraph.open("memory:") as fg:
        fg.add(EXAMPLE)
        fg.add(path)
        for name in (
            export.name for export in exports() if export.scope == "any" and not export.needs
        ):
            data = fg.export(name).to_bytes()
            if name != "loss-report":  # which shows examples of what is in no record
                assert b"GHOST" not in data, name
                assert b"RENAMED" not in data, name
        found = json.loads(fg.export("ml-json").to_bytes())
        assert "2031" not in found["metadata"]["export_date"]


def test_the_description_of_chosen_samples_is_of_their_table() -> None:
    query = "SELECT ?s { ?s a <https://w3id.org/fairgraph/isa#Sample> } ORDER BY ?s LIMIT 3"
    with fairgraph.open("memory:") as fg:
        dataset = fg.add(EXAMPLE).dataset
        with pytest.raises(UsageError, match="of all samples"):
            # Chosen samples have no address of their own, by which their table could be found.
            fg.export("croissant", dataset, samples=query)
        package = zipfile.ZipFile(
            io.BytesIO(fg.export("ml-zip", dataset, samples=query).to_bytes())
        )
        document = json.loads(package.read("croissant.json"))
        file = document["distribution"][0]
        table = fg.export("ml-csv", dataset, samples=query).to_bytes()
        assert (file["contentUrl"], file["sha256"]) == (
            "samples.csv",
            hashlib.sha256(table).hexdigest(),
        )
        assert "chosen by a query" in document["description"]


def test_only_samples_are_called_by_the_addresses_of_samples() -> None:
    with fairgraph.open("memory:") as fg:
        dataset = fg.add(EXAMPLE).dataset
        for grain, has in (("samples", True), ("sources", False)):
            package = zipfile.ZipFile(
                io.BytesIO(fg.export("ml-zip", dataset, rows=grain).to_bytes())
            )
            schema = json.loads(package.read("csv-metadata.json"))["tableSchema"]
            assert ("aboutUrl" in schema) == has
