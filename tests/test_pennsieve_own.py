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


# -- Several values where there is place for one ---------------------------------------------------------------------


def record(fg: Fairgraph, kind: str) -> str:
    """Return the first record of a model."""
    iri = fg.dataset("p").iri
    rows = fg.query(f"SELECT ?r {{ ?r a <{iri}/model/{kind}> }} ORDER BY ?r LIMIT 1", dataset="p")
    return str(next(iter(rows))[0].value)


def node(fg: Fairgraph, pattern: str) -> str:
    return str(min(row[0].value for row in fg.query(f"{HEAD} SELECT ?n {{ {pattern} }}", dataset="p")))  # fmt: skip


SEVERAL = {
    "a number of a record": ("record mouse", "model/mouse/property/body_mass", "987654e0", "body_mass of mouse"),
    "a text of a record": ("record recording", "model/recording/property/name", '"zzz"', "name of recording"),
    "how a value was written": ("record mouse", "model/mouse/raw/body_mass", '"zzz"', "the written form of body_mass of mouse"),
    "a display text": ("record recording", "model/recording/display/mouse", '"zzz"', "the display text of mouse of recording"),
    "a linked record": ("record recording", "model/recording/property/mouse", "<http://x.test/zzz>", "mouse of recording"),
    "the id of a record": ("record mouse", "schema:identifier", '"zzz"', "schema:identifier of a row"),
    "the file of a record": ("record file", "pennsieve:recordOf", "<http://x.test/zzz>", "pennsieve:recordOf of a row"),
    "a line": ("?n a pennsieve:Link", "<https://w3id.org/fairgraph/ns#line>", "987654", "fg:line of a row"),
    "the name": ("dataset", "schema:name", '"zzz"', "schema:name of pennsieve:PublishedDataset"),
    "the description": ("dataset", "schema:description", '"zzz"', "schema:description of pennsieve:PublishedDataset"),
    "the same in another language": ("dataset", "schema:publisher", '"The University of Pennsylvania"@en', "schema:publisher of pennsieve:PublishedDataset"),
    "the licence": ("dataset", "pennsieve:license", '"zzz"', "pennsieve:license of pennsieve:PublishedDataset"),
    "the readme": ("dataset", "pennsieve:readme", '"zzz"', "pennsieve:readme of pennsieve:PublishedDataset"),
    "the creator": ("dataset", "pennsieve:creator", "<http://x.test/zzz>", "pennsieve:creator of pennsieve:PublishedDataset"),
    "the name of a person": ("[] pennsieve:contributor ?n", "schema:givenName", '"zzz"', "schema:givenName of schema:Person"),
    "a publication": ("[] schema:citation ?n", "<https://w3id.org/fairgraph/isa#doi>", '"zzz"', "isa:doi of schema:ScholarlyArticle"),
    "the path of a file": ("?n a pennsieve:FileEntry", "schema:name", '"zzz"', "schema:name of pennsieve:FileEntry"),
    "a unit": ("?n schema:unitText ?u", "schema:unitText", '"zzz"', "schema:unitText of pennsieve:Property"),
    "the name of a model": ("?n a pennsieve:Model", "pennsieve:displayName", '"zzz"', "pennsieve:displayName of pennsieve:Model"),
    "an allowed value": ("?n <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> ?f", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#first>", '"zzz"', "rdf:first of a row"),
}  # fmt: skip


@pytest.mark.parametrize("what", SEVERAL)
def test_a_second_value_where_there_is_place_for_one_is_noted_and_lost(
    memory: Fairgraph, tmp_path: Path, what: str
) -> None:
    where, said_by, value, said = SEVERAL[what]
    dataset = memory.add(PUBLISHED, slug="p").dataset
    start, _, kind = where.partition(" ")
    found = {"dataset": lambda: dataset.iri, "record": lambda: record(memory, kind)}
    subject = found.get(start, lambda: node(memory, where))()
    predicate = f"<{dataset.iri}/{said_by}>" if said_by.startswith("model/") else said_by
    memory.update(f"{HEAD} INSERT DATA {{ GRAPH <{dataset.iri}> {{ <{subject}> {predicate} {value} }} }}")  # fmt: skip
    export = memory.export("pennsieve", "p")
    assert contents(export.to_folder(tmp_path / "out")) == contents(PUBLISHED)
    assert export.notes == [f"several values of {said}, in 1 place: the first is written"]
    lost = {group.property: group.triples for group in memory.loss("pennsieve", "p").not_carried}
    # A second licence by name brings a second one by address.
    assert lost.pop("schema:license", 1) == 1
    name = predicate.strip("<>") if predicate.startswith(f"<{dataset.iri}") else said.split(" ")[0]
    assert lost == {name: 1}


def test_of_many_cells_of_one_column_one_note_is_given(memory: Fairgraph, tmp_path: Path) -> None:
    iri = memory.add(PUBLISHED, slug="p").dataset.iri
    age = f"<{iri}/model/mouse/property/age>"
    memory.update(f"WITH <{iri}> INSERT {{ ?r {age} 987654 , 987655 }} WHERE {{ ?r {age} ?age }}")
    export = memory.export("pennsieve", "p")
    assert contents(export.to_folder(tmp_path / "out")) == contents(PUBLISHED)
    assert export.notes == ["several values of age of mouse, in 6 places: the first is written"]
    (lost,) = memory.loss("pennsieve", "p").not_carried
    assert (lost.type, lost.property, lost.triples) == ("isa:Source", age.strip("<>"), 12)
    assert "98765" in lost.example


@pytest.mark.parametrize(
    ("pattern", "predicate", "value"),
    [
        ("?n a <https://w3id.org/fairgraph/isa#Study>", "schema:name", '"zzz"'),
        ("?n a <https://bioschemas.org/LabProtocol>", "schema:name", '"zzz"'),
        ("?n schema:identifier ?id ; schema:additionalProperty ?any", "schema:name", '"aaa"'),
        ("?n a pennsieve:PublishedDataset", "schema:license", "<http://x.test/zzz>"),
    ],
)
def test_what_is_said_beside_what_is_computed_does_not_follow_from_it(
    memory: Fairgraph, pattern: str, predicate: str, value: str
) -> None:
    iri = memory.add(PUBLISHED, slug="p").dataset.iri
    subject = node(memory, pattern)
    memory.update(f"{HEAD} INSERT DATA {{ GRAPH <{iri}> {{ <{subject}> {predicate} {value} }} }}")
    lost = memory.loss("pennsieve", "p").not_carried
    assert [(group.property, group.triples) for group in lost] == [(predicate, 1)]
    assert memory.export("pennsieve", "p").notes == []


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
