"""Published datasets on our own example: what an update says is written, cells as they were, by the shapes of their models."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from fairgraph.api import Fairgraph
from fairgraph.pennsieve.cells import still_means
from fairgraph.terms import XSD
from support import EXAMPLE

PUBLISHED = EXAMPLE.parent / "mouse-circadian-published"
HEAD = (
    "PREFIX schema: <http://schema.org/> PREFIX pennsieve: <https://w3id.org/fairgraph/pennsieve#> "
)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The example that a test may change."""
    folder = tmp_path / "published"
    shutil.copytree(PUBLISHED, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return {name: data for name, data in found.items() if not name.startswith("files/")}


def exported(fg: Fairgraph, folder: Path, name: str = "p") -> dict[str, bytes]:
    return contents(fg.export("pennsieve", name).to_folder(folder))


def set_value(fg: Fairgraph, name: str, old: str, new: str) -> None:
    """Change the value of a property of a record by an update."""
    iri = fg.dataset("p").iri
    fg.update(
        f"{HEAD} WITH <{iri}> DELETE {{ ?r ?p {old} }} INSERT {{ ?r ?p {new} }} "
        f'WHERE {{ ?p a pennsieve:Property ; schema:name "{name}" . ?r ?p {old} }}'
    )


def test_the_example_comes_back_byte_for_byte(memory: Fairgraph, tmp_path: Path) -> None:
    memory.add(PUBLISHED, slug="p")
    assert exported(memory, tmp_path / "out") == contents(PUBLISHED)
    assert memory.loss("pennsieve", "p").not_carried == ()


def test_a_cell_is_as_it_was_written_while_it_means_the_value(
    memory: Fairgraph, published: Path, tmp_path: Path
) -> None:
    table = published / "metadata/records/mouse.csv"
    text = table.read_bytes().decode().replace("male,10,24.0,", "male,0010,24.50,", 1)
    text = text.replace("2024-09-01T00:00:00", "2024-09-01T00:00:00.000+00:00", 1)
    table.write_bytes(text.encode())
    memory.add(published, slug="p")
    before = exported(memory, tmp_path / "before")["metadata/records/mouse.csv"]
    assert before.decode() == text
    set_value(memory, "body_mass", "24.5e0", "31.25e0")
    set_value(memory, "age", "10", "11")
    after = exported(memory, tmp_path / "after")["metadata/records/mouse.csv"].decode()
    assert ",11,31.25,2024-09-01T00:00:00.000+00:00" in after
    assert "0010" not in after and "24.50" not in after


@pytest.mark.parametrize(
    ("raw", "value", "datatype", "expected"),
    [
        ("007", "7", XSD.integer, True),
        ("007", "8", XSD.integer, False),
        ("+7", "7", XSD.integer, True),
        ("24.50", "24.5", XSD.double, True),
        ("24.50", "24.51", XSD.double, False),
        ("1e400", "1e400", XSD.double, False),
        ("True", "true", XSD.boolean, True),
        ("True", "false", XSD.boolean, False),
        ("2024-09-01T00:00:00.500+00:00", "2024-09-01T00:00:00.5Z", XSD.dateTime, True),
        ("2024-09-01T00:00:00", "2024-09-02T00:00:00", XSD.dateTime, False),
        ("a", "a", XSD.string, True),
        ("a", "b", XSD.string, False),
        ("x", "x", XSD.integer, False),
    ],
)
def test_whether_a_text_still_means_a_value(
    raw: str, value: str, datatype: str, expected: bool
) -> None:
    assert still_means(raw, value, datatype) is expected


def test_lists_keep_their_order_and_follow_updates(
    memory: Fairgraph, published: Path, tmp_path: Path
) -> None:
    table = published / "metadata/records/recording.csv"
    text = table.read_bytes().decode().replace("activity;temperature", "z;a;z;m", 1)
    table.write_bytes(text.encode())
    memory.add(published, slug="p")
    export = memory.export("pennsieve", "p")
    assert contents(export.to_folder(tmp_path / "a"))["metadata/records/recording.csv"].decode() == text  # fmt: skip
    assert export.notes == []
    set_value(memory, "channels", '"m"', '"one;two"')
    export = memory.export("pennsieve", "p")
    found = contents(export.to_folder(tmp_path / "b"))["metadata/records/recording.csv"].decode()
    assert ",z;a;z;one_two," in found
    assert ["semicolon" in note and "channels" in note for note in export.notes] == [True]


# -- The newer layout --------------------------------------------------------------------------------------------------


def newer(folder: Path, properties: dict[str, Any], records: list[dict[str, Any]]) -> Path:
    model = folder / "metadata/models/mouse/versions/1"
    model.mkdir(parents=True)
    manifest = {"pennsieveDatasetId": 1, "version": 1, "name": "A dataset", "files": [], "pennsieveSchemaVersion": "5.0"}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (model / "schema.json").write_text(json.dumps({"type": "object", "properties": properties}))
    lines = [json.dumps({"id": f"r{n}", "data": data}) + "\n" for n, data in enumerate(records)]
    (model / "records.jsonl").write_text("".join(lines))
    return folder


@pytest.mark.parametrize("pattern", ["^(?!wild).*$", "^(a)\\1$", "^(?<name>a)$", "^(a)(b)\\2$"])
def test_a_pattern_that_cannot_be_asked_harms_no_other(
    memory: Fairgraph, tmp_path: Path, pattern: str
) -> None:
    properties = {
        "beyond": {"type": "string", "pattern": pattern},
        "code": {"type": "string", "pattern": "^[A-Z]+$"},
    }
    records = [{"beyond": "wild", "code": "ABC"}, {"beyond": "b", "code": "abc"}]
    memory.add(newer(tmp_path / "newer", properties, records), slug="p")
    report = memory.validate("p", profile="pennsieve")
    assert [f.value for f in report if f.rule == "pennsieve-record"] == ["abc"]
    schema = json.loads(exported(memory, tmp_path / "out")["metadata/models/mouse/versions/1/schema.json"])  # fmt: skip
    assert schema["properties"] == properties


# -- Other datasets ----------------------------------------------------------------------------------------------------


def rows_of(found: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found[f"metadata/records/{name}.csv"].decode())))


def test_several_values_of_a_category_are_a_list(memory: Fairgraph, tmp_path: Path) -> None:
    iri = memory.add(EXAMPLE, slug="p").dataset.iri
    head = "PREFIX fg: <https://w3id.org/fairgraph/ns#> PREFIX isa: <https://w3id.org/fairgraph/isa#> PREFIX schema: <http://schema.org/>"
    row = next(iter(memory.query(f"{head} SELECT ?s ?c {{ ?s a isa:Source ; schema:additionalProperty/fg:category ?c . ?c schema:name ?n }} ORDER BY ?s ?n")))  # fmt: skip
    source, category = row[0].value, row[1].value

    def add(n: int, text: str) -> None:
        node = f"<{iri}/extra/v{n}>"
        memory.update(
            f"{head} INSERT DATA {{ GRAPH <{iri}> {{ <{source}> schema:additionalProperty {node} . "
            f'{node} a schema:PropertyValue ; fg:category <{category}> ; schema:value "{text}" }} }}'
        )

    def cell() -> tuple[str, list[str], dict[str, Any]]:
        export = memory.export("pennsieve", "p")
        found = contents(export.to_folder(tmp_path / f"out{len(list(tmp_path.iterdir()))}"))
        (cells,) = ([*row.values()] for row in rows_of(found, "source") if "zzz" in "".join(row.values()))  # fmt: skip
        models = {m["name"]: m for m in json.loads(found["metadata/schema.json"])["models"]}
        (value,) = (text for text in cells if "zzz" in text)
        properties = {p["name"]: p["dataType"] for p in models["source"]["properties"]}
        return value, [note for note in export.notes if "semicolon" in note], properties

    add(1, "zzz 1")
    add(2, "zzz 0")
    value, notes, properties = cell()
    assert value.endswith("zzz 0;zzz 1")
    assert notes == []
    assert [one["type"] for one in properties.values()].count("Array") == 1
    add(3, "zzz;2")
    value, notes, _ = cell()
    assert value.endswith("zzz 0;zzz 1;zzz_2")
    assert len(notes) == 1
