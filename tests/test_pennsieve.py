"""Published datasets of Pennsieve and Blackfynn: in without loss, out as they came, checked by their own schema."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fairgraph.api import Fairgraph
from fairgraph.errors import FairgraphError, SourceError
from support import corpus_paths

# The official writer's own layouts, one of them with its faults.
PUBLISHED = corpus_paths("pennsieve/synthetic/*")
MANIFESTS = [
    path
    for path in corpus_paths("pennsieve/upstream/manifests/*.json")
    if "publicDatasetDto" not in path.name
]
PAYLOAD = ("files", "banner.jpg")


def contents(folder: Path) -> dict[str, bytes]:
    """The metadata of a dataset: the bytes of every file by name."""
    paths = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in sorted(paths.items())
        if name.parts[0] not in PAYLOAD
    }


def returned(fg: Fairgraph, source: Path, folder: Path) -> dict[str, bytes]:
    """What the export of a source holds."""
    dataset = fg.add(source).dataset
    return contents(fg.export("pennsieve", dataset).to_folder(folder))


# -- There and back ----------------------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.parametrize("source", PUBLISHED, ids=lambda path: path.name)
def test_the_metadata_come_back_byte_for_byte(
    source: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    assert returned(memory, source, tmp_path / "out") == contents(source)


@pytest.mark.corpus
@pytest.mark.parametrize("source", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_of_every_generation_comes_back(
    source: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    found = returned(memory, source, tmp_path / "out")
    generation = str(json.loads(source.read_bytes())["pennsieveSchemaVersion"])[0]
    assert found == {"metadata.json" if generation < "4" else "manifest.json": source.read_bytes()}


@pytest.mark.corpus
@pytest.mark.parametrize("source", PUBLISHED, ids=lambda path: path.name)
def test_an_archive_is_read_as_the_folder_is(
    source: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", source.parent, source.name)
    assert returned(memory, Path(packed), tmp_path / "out") == contents(source)


# -- The core model ----------------------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.parametrize("source", [*PUBLISHED, *MANIFESTS], ids=lambda path: path.stem)
def test_as_isa_tab_it_breaks_no_rule(source: Path, memory: Fairgraph, tmp_path: Path) -> None:
    dataset = memory.add(source, slug="published").dataset
    assert memory.validate(dataset, profile="isa").conforms
    folder = memory.export("isa-tab", dataset).to_folder(tmp_path / "isa")
    again = memory.add(folder, slug="again").dataset
    report = memory.validate(again, profile="isa")
    assert [finding.rule for finding in report if finding.severity == "violation"] == []
    assert again.counts["samples"] == dataset.counts["samples"] > 0
    assert again.counts["files"] == dataset.counts["files"]


@pytest.mark.corpus
def test_patients_are_sources_with_typed_characteristics(corpus: Path, memory: Fairgraph) -> None:
    dataset = memory.add(corpus / "pennsieve/synthetic/v4.0").dataset
    rows = list(csv.DictReader(io.StringIO(memory.export("ml-csv", dataset).to_bytes().decode())))
    assert len(rows) == 12
    (weight,) = [name for name in rows[0] if "weight" in name]
    assert {float(row[weight]) for row in rows} >= {77.812, 73.775}


@pytest.mark.corpus
def test_what_an_update_changes_every_export_says(
    corpus: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    dataset = memory.add(corpus / "pennsieve/synthetic/v4.0", slug="p").dataset
    memory.update(
        f"PREFIX schema: <http://schema.org/> WITH <{dataset.iri}> "
        "DELETE { ?p ?weight ?old } INSERT { ?p ?weight 80.5e0 } "
        'WHERE { ?weight schema:name "weight" . ?p ?weight ?old . FILTER (?old = 77.812e0) }'
    )
    found = contents(memory.export("pennsieve", "p").to_folder(tmp_path / "out"))
    assert b",80.5,2019-01-01" in found["metadata/records/patient.csv"]
    assert b"77.812" not in found["metadata/records/patient.csv"]
    assert b"80.5" in memory.export("ml-csv", "p").to_bytes()
    manifest = json.loads(found["manifest.json"])
    sizes = {entry["path"]: entry["size"] for entry in manifest["files"]}
    assert sizes["metadata/records/patient.csv"] == len(found["metadata/records/patient.csv"])
    assert sizes["manifest.json"] == len(found["manifest.json"])


@pytest.mark.corpus
def test_a_characteristic_says_what_the_record_says(corpus: Path, memory: Fairgraph) -> None:
    dataset = memory.add(corpus / "pennsieve/synthetic/v4.0", slug="p").dataset
    head = f"PREFIX schema: <http://schema.org/> PREFIX pennsieve: <https://w3id.org/fairgraph/pennsieve#> WITH <{dataset.iri}> "
    ask = (
        "SELECT ?a ?value { ?p <http://schema.org/additionalProperty> ?a . "
        "?a <http://schema.org/value> ?value }"
    )

    def values() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for annotation, value in memory.query(ask, dataset="p"):
            found.setdefault(annotation.value, []).append(value.value)
        return found

    before, exported = values(), memory.export("isa-json", "p").to_bytes()
    weights = {a: found for a, found in before.items() if a.endswith("/characteristic/weight")}
    first = min(weights)
    where = f"WHERE {{ <{first}> schema:value ?old }}"
    for value in ('"CHANGED"', "1.5e0"):
        memory.update(f"{head} DELETE {{ <{first}> schema:value ?old }} INSERT {{ <{first}> schema:value {value} }} {where}")  # fmt: skip
        assert values() == before
        memory.update(f"{head} INSERT {{ <{first}> schema:value {value} }} {where}")
        assert values() == before
    assert memory.export("isa-json", "p").to_bytes() == exported
    record = first.rpartition("/characteristic/")[0]
    memory.update(
        f"{head} DELETE {{ <{record}> ?weight ?old }} INSERT {{ <{record}> ?weight 80.5e0 }} "
        f'WHERE {{ ?weight a pennsieve:Property ; schema:name "weight" . <{record}> ?weight ?old }}'
    )
    assert values() == {**before, first: ["80.5"]}


# -- Checks ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(corpus: Path, tmp_path: Path) -> Path:
    """A dataset of the corpus that a test may break."""
    folder = tmp_path / "published"
    shutil.copytree(corpus / "pennsieve/synthetic/v4.0", folder, copy_function=shutil.copyfile)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def changed(path: Path, *changes: tuple[bytes, bytes]) -> None:
    data = path.read_bytes()
    for old, new in changes:
        assert old in data
        data = data.replace(old, new, 1)
    path.write_bytes(data)


@pytest.mark.corpus
@pytest.mark.parametrize("source", [*PUBLISHED, *MANIFESTS], ids=lambda path: path.stem)
def test_published_datasets_conform(source: Path, memory: Fairgraph) -> None:
    report = memory.validate(memory.add(source).dataset, profile="pennsieve")
    # One of them has its numbers as texts.
    wrong = {"pennsieve-dataset-id", "pennsieve-version"} if "MockS3" in source.stem else set()
    assert {f.rule for f in report if f.severity == "violation"} == wrong


@pytest.mark.corpus
def test_records_are_checked_by_their_own_schema(published: Path, memory: Fairgraph) -> None:
    changed(
        published / "metadata/records/patient.csv",
        (b"77.812", b"heavy"),
        (b",false,F,", b",false,X,"),
        (b"2019-01-02T00:00:00", b"yesterday"),
        (b",M,red,9531985d", b",M,red,00000000"),
    )
    report = memory.validate(memory.add(published).dataset, profile="pennsieve")
    found = {(f.where.rpartition("/")[2], f.value) for f in report if f.rule == "pennsieve-record"}
    assert {value for _, value in found} >= {"heavy", "X", "yesterday"}
    assert {where for where, _ in found} == {"patient.csv:2", "patient.csv:4"}
    assert len(found) == 4


@pytest.mark.corpus
def test_what_is_wrong_comes_back_as_it_was(
    published: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    changed(
        published / "metadata/records/patient.csv",
        (b"77.812", b"0077.8120"),
        (b",1,73.775", b",007,7.3775e1"),
        (b",false,F,", b",False,X,"),
        (b"2019-01-02T00:00:00", b"2019-01-02T00:00:00.500+00:00"),
        (b"red;green", b"red;;green;red"),
    )
    changed(published / "metadata/schema.json", (b"records/visit.csv", b"records/other.csv"))
    dataset = memory.add(published).dataset
    found = contents(memory.export("pennsieve", dataset).to_folder(tmp_path / "out"))
    assert found == contents(published)
    assert {f.rule for f in dataset.findings} == {"pennsieve-file-size", "pennsieve-table-missing"}


def test_a_dataset_of_another_format_does_not_bring_its_own_shapes(
    memory: Fairgraph, tmp_path: Path
) -> None:
    source = tmp_path / "shapes.ttl"
    source.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix pennsieve: <https://w3id.org/fairgraph/pennsieve#> .\n"
        "<http://e.org/m> a pennsieve:Model ; sh:targetClass <http://e.org/m> ; sh:property <http://e.org/s> .\n"
        "<http://e.org/s> sh:path <http://e.org/p> ; sh:minCount 1 ; sh:sparql <http://e.org/q> .\n"
        '<http://e.org/q> sh:select "SELECT $this { ?a ?b ?c . ?d ?e ?f }" .\n'
        "<http://e.org/r> a <http://e.org/m> .\n"
    )
    report = memory.validate(memory.add(source).dataset, profile="pennsieve")
    assert [(f.rule, f.focus) for f in report] == [("pennsieve-record", "http://e.org/r")]


# -- What cannot be read -----------------------------------------------------------------------------------------------

MANIFEST = {
    "pennsieveDatasetId": 1,
    "version": 1,
    "name": "A dataset",
    "files": [],
    "pennsieveSchemaVersion": "4.0",
}
SCHEMA: dict[str, Any] = {
    "models": [
        {
            "name": "mouse",
            "file": "records/mouse.csv",
            "properties": [{"name": "age", "dataType": {"type": "Long"}}],
        }
    ],
    "relationships": [],
}


def dataset_of(folder: Path, files: dict[str, bytes | str | dict[str, Any]]) -> Path:
    for name, content in {"manifest.json": MANIFEST, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content) if isinstance(content, dict) else content
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


BROKEN: dict[str, dict[str, bytes | str | dict[str, Any]]] = {
    "a manifest that ends": {"manifest.json": json.dumps(MANIFEST)[:-9]},
    "a key twice": {"manifest.json": '{"pennsieveDatasetId": 1, "version": 1, "version": 2}'},
    "a schema that ends": {"metadata/schema.json": '{"models": [{"name"'},
    "a schema that is a list": {"metadata/schema.json": "[]"},
    "a table without ids": {"metadata/schema.json": SCHEMA, "metadata/records/mouse.csv": "age\r\n1\r\n"},
    "a table with a column twice": {"metadata/schema.json": SCHEMA, "metadata/records/mouse.csv": "id,age,age\r\na,1,2\r\n"},
    "a table that is not UTF-8": {"metadata/schema.json": SCHEMA, "metadata/records/mouse.csv": b"id,age\r\n\xff,1\r\n"},
    "an empty table": {"metadata/schema.json": SCHEMA, "metadata/records/mouse.csv": ""},
    "relationships without ends": {"metadata/schema.json": SCHEMA, "metadata/relationships/x.csv": "from,relationship\r\na,b\r\n"},
    "records that are no JSON": {"metadata/models/m/versions/1/schema.json": "{}", "metadata/models/m/versions/1/records.jsonl": '{"id": "a"\n'},
    "records that are no objects": {"metadata/models/m/versions/1/schema.json": "{}", "metadata/models/m/versions/1/records.jsonl": "[1]\n"},
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_what_cannot_be_read_is_refused_and_nothing_stored(
    fault: str, memory: Fairgraph, tmp_path: Path
) -> None:
    with pytest.raises(SourceError) as refused:
        memory.add(dataset_of(tmp_path / "broken", BROKEN[fault]))
    assert refused.value.where.startswith("broken/")
    assert memory.datasets() == []


TAGGED = {"models": [{"name": "mouse", "file": "records/mouse.csv", "properties": [{"name": "tags", "dataType": {"type": "Array", "items": {"type": "String"}}}]}]}  # fmt: skip
ODD: dict[str, tuple[dict[str, bytes | str | dict[str, Any]], set[str]]] = {
    "a path that leads out": ({"manifest.json": {**MANIFEST, "files": [{"path": "../../etc/passwd", "size": 1, "fileType": "Text"}]}}, {"pennsieve-file-path"}),
    "files that are no files": ({"manifest.json": {**MANIFEST, "files": [{"size": 1}, {"path": 7}]}}, {"pennsieve-file-path"}),
    "people who are no names": ({"manifest.json": {**MANIFEST, "creator": "", "contributors": ["", {}, "A B"]}}, set()),
    "a list of lists of lists": ({"metadata/schema.json": TAGGED, "metadata/records/mouse.csv": "id,tags\r\na," + "[" * 100_000 + "\r\n"}, set()),
    "members of odd types": ({"manifest.json": {**MANIFEST, "name": None, "keywords": [1], "creator": [], "contributors": {}, "collections": "x", "more": {"a": [1.50, {"b": None}]}}}, set()),
    "no table": ({"metadata/schema.json": SCHEMA}, {"pennsieve-table-missing"}),
    "no schema": ({"metadata/records/mouse.csv": "id,age\r\na,1\r\n"}, {"pennsieve-schema-missing", "pennsieve-model", "pennsieve-column"}),
    "cells beyond the columns": ({"metadata/schema.json": SCHEMA, "metadata/records/mouse.csv": "id,age\r\na,1,2,3\r\nb\r\n"}, {"pennsieve-surplus-cell", "pennsieve-short-row"}),
    "an id twice": ({"metadata/schema.json": SCHEMA, "metadata/records/mouse.csv": "id,age\r\na,1\r\na,2\r\n,3\r\n"}, {"pennsieve-record-id"}),
    "other columns": ({"metadata/schema.json": SCHEMA, "metadata/records/mouse.csv": "colour,id\r\nred,a\r\n"}, {"pennsieve-column"}),
    "models that are none": ({"metadata/schema.json": {"models": [{}, {"name": "a", "properties": [{}, {"name": "p", "dataType": 7}]}, {"name": "a"}]}}, {"pennsieve-model", "pennsieve-property", "pennsieve-data-type", "pennsieve-table-missing"}),
    "a cycle of links": ({"metadata/schema.json": {"models": [{"name": "mouse", "file": "records/mouse.csv", "properties": [{"name": "mouse", "dataType": {"type": "Model", "to": "mouse"}}]}]}, "metadata/records/mouse.csv": "id,mouse,mouse:display\r\na,b,B\r\nb,a,A\r\n"}, set()),
    "lines that end otherwise": ({"metadata/schema.json": SCHEMA, "metadata/records/mouse.csv": "id,age\na,1\n"}, set()),
    "quotes escaped twice": ({"metadata/models/m/versions/1/schema.json": "{}", "metadata/models/m/versions/1/records.jsonl": '{\\"id\\": \\"a\\", \\"data\\": {}}\n'}, {"pennsieve-escapes", "pennsieve-form"}),
    "nested values": ({"metadata/models/m/versions/1/schema.json": {"properties": {"a": {"type": ["integer", "null"]}, "b": {"type": "array", "items": {"type": "number"}}, "c": True}, "required": []}, "metadata/models/m/versions/1/records.jsonl": '{"id": "x", "data": {"a": null, "b": [2.0, 1, 2.0], "c": {"d": [null, "e"]}}, "more": 1}\n{"id": "y", "data": {"a": "text", "b": []}}\n'}, set()),
}  # fmt: skip


@pytest.mark.parametrize("oddity", ODD)
def test_what_is_odd_is_found_and_comes_back(
    oddity: str, memory: Fairgraph, tmp_path: Path
) -> None:
    files, rules = ODD[oddity]
    source = dataset_of(tmp_path / "odd", files)
    dataset = memory.add(source).dataset
    assert {finding.rule for finding in dataset.findings} == rules
    found = contents(memory.export("pennsieve", dataset).to_folder(tmp_path / "out"))
    for name, data in contents(source).items():
        if name.endswith(".json"):
            assert json.loads(found[name]) == json.loads(data), name
        elif "pennsieve-form" not in rules and "pennsieve-record-id" not in rules:
            assert found[name] == data, name
    for profile in ("isa", "pennsieve"):
        memory.validate(dataset, profile=profile)
    memory.export("isa-tab", dataset).to_bytes()


def test_every_beginning_of_a_dataset_is_read_or_refused(memory: Fairgraph, tmp_path: Path) -> None:
    table = 'id,age\r\n"a ""1""",1\r\n'
    whole = dataset_of(
        tmp_path / "whole", {"metadata/schema.json": SCHEMA, "metadata/records/mouse.csv": table}
    )
    for name, data in contents(whole).items():
        for end in range(0, len(data), 7):
            (whole / name).write_bytes(data[:end])
            try:
                memory.add(whole, slug="cut")
            except FairgraphError as error:
                assert str(error)
        (whole / name).write_bytes(data)


def test_a_row_goes_to_the_models_that_have_the_records(memory: Fairgraph, tmp_path: Path) -> None:
    def linked(name: str) -> dict[str, Any]:
        return {"name": name, "dataType": {"type": "Model", "to": name, "file": "records/a.csv"}}

    models = [{"name": "a", "file": "records/a.csv", "properties": [linked("b"), linked("c")]}]
    models += [{"name": name, "file": f"records/{name}.csv", "properties": []} for name in "bc"]
    rows = "id,b,b:display,c,c:display\r\na1,c1,C 1\r\na2,b1,B 1\r\na3\r\na4,b1,B 1,c1,C 1\r\n"
    source = dataset_of(
        tmp_path / "short",
        {
            "metadata/schema.json": {"models": models, "relationships": []},
            "metadata/records/a.csv": rows,
            "metadata/records/b.csv": "id\r\nb1\r\n",
            "metadata/records/c.csv": "id\r\nc1\r\n",
        },
    )
    memory.add(source)
    found = memory.query(
        "PREFIX s: <http://schema.org/> SELECT ?of ?name ?to { ?r s:identifier ?of ; ?p ?t . ?p s:name ?name . ?t s:identifier ?to }"
    )
    links = {tuple(term.value for term in row) for row in found}
    assert links == {("a1", "c", "c1"), ("a2", "b", "b1"), ("a4", "b", "b1"), ("a4", "c", "c1")}
    out = memory.export("pennsieve", "short").to_folder(tmp_path / "out")
    assert (out / "metadata/records/a.csv").read_bytes() == rows.encode()


# -- Files -------------------------------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["v4.0", "v5.0"])
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "archive"])
def test_files_are_kept_when_asked_for_and_come_back(
    name: str, packed: bool, corpus: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    folder = corpus / "pennsieve/synthetic" / name
    source = folder
    if packed:
        source = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", folder))
    dataset = memory.add(source, slug="p", with_files=True).dataset
    out = memory.export("pennsieve", "p").to_folder(tmp_path / "out")
    found = {p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert found == {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}  # fmt: skip
    # The checksums of the generated dataset are not those of its files, and say so.
    rules = {finding.rule for finding in dataset.findings}
    assert rules == ({"pennsieve-file-sha256"} if name == "v5.0" else set())
    file = next(iter(memory.query("SELECT ?h { ?f <http://schema.org/name> 'files/pkg0.txt' ; <http://schema.org/sha256> ?h }")))  # fmt: skip
    assert memory.file(file[0].value).read() == (folder / "files/pkg0.txt").read_bytes()


@pytest.mark.corpus
def test_files_are_not_kept_unless_asked_for(published: Path, memory: Fairgraph) -> None:
    (published / "files/pkg0.txt").unlink()
    (published / "files/pkg2.txt").write_bytes(b"more than it was, and other bytes")
    dataset = memory.add(published).dataset
    assert {finding.rule for finding in dataset.findings} == {
        "pennsieve-file-missing",
        "pennsieve-file-size",
    }
    query = "SELECT ?h { ?f <http://schema.org/sha256> ?h }"
    assert not list(memory.query(query, dataset=dataset))


@pytest.mark.corpus
@pytest.mark.parametrize("source", [*PUBLISHED, *MANIFESTS], ids=lambda path: path.stem)
def test_nothing_is_lost_by_the_loss_report(source: Path, memory: Fairgraph) -> None:
    assert memory.loss("pennsieve", memory.add(source).dataset).not_carried == ()


# -- Other datasets as published ones ----------------------------------------------------------------------------------


def test_an_investigation_becomes_a_published_dataset(example: Fairgraph, tmp_path: Path) -> None:
    folder = example.export("pennsieve", 1).to_folder(tmp_path / "out")
    found = contents(folder)
    manifest = json.loads(found["manifest.json"])
    assert manifest["name"] == example.dataset(1).title
    assert manifest["creator"]["last_name"] == "Carberry"
    for entry in manifest["files"]:
        assert entry["size"] == len((folder / entry["path"]).read_bytes()), entry["path"]
    rows = {
        name: list(csv.DictReader(io.StringIO(found[f"metadata/records/{name}.csv"].decode())))
        for name in ("source", "sample", "process")
    }
    counts = example.dataset(1).counts
    assert {name: len(found) for name, found in rows.items()} == {
        name: counts[f"{name}s" if name != "process" else "processes"] for name in rows
    }
    again = example.add(folder, slug="again").dataset
    assert (again.counts["sources"], again.counts["samples"]) == (
        counts["sources"],
        counts["samples"],
    )
    # What came from what is still told, and each sample by its own process.
    ask = "PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX s: <http://schema.org/> SELECT ?sample ?source { ?a a <https://w3id.org/fairgraph/isa#Sample> ; s:name ?sample ; prov:wasDerivedFrom ?b . ?b a <https://w3id.org/fairgraph/isa#Source> ; s:name ?source }"
    pairs = [{tuple(t.value for t in row) for row in example.query(ask, dataset=d)} for d in (1, 2)]
    assert pairs[0] == pairs[1] != set()
    rules = {
        f.rule
        for f in example.validate(again, profile="pennsieve")
        if f.severity == "violation" and f.rule != "pennsieve-record"
    }
    assert rules == {"pennsieve-doi", "pennsieve-publisher"}  # nobody published it


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["eln/*.eln", "isa/json/master_BII*/*.json", "isa/tab/BII-*"])
def test_datasets_of_all_formats_can_be_written(
    name: str, corpus: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    for n, source in enumerate(sorted(corpus.glob(name))[:4]):
        dataset = memory.add(source, with_files=False).dataset
        folder = memory.export("pennsieve", dataset).to_folder(tmp_path / str(n))
        again = memory.add(folder, slug=f"again-{n}").dataset
        assert {f.rule for f in again.findings} <= {
            "pennsieve-file-unlisted",
            "pennsieve-file-missing",
        }
        back = contents(memory.export("pennsieve", again).to_folder(tmp_path / f"{n}b"))
        assert back == contents(folder)


def crate_of(folder: Path, files: dict[str, tuple[str, str]]) -> Path:
    """A crate: the name and content of each file by its path."""
    for path, (_, content) in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    nodes: list[dict[str, Any]] = [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}},
        {"@id": "./", "@type": "Dataset", "name": "files", "hasPart": [{"@id": path} for path in files]},
        *({"@id": path, "@type": "File", "name": name} for path, (name, _) in files.items()),
    ]  # fmt: skip
    document = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": nodes}
    (folder / "ro-crate-metadata.json").write_text(json.dumps(document))
    return folder


def test_files_of_one_name_are_all_there(memory: Fairgraph, tmp_path: Path) -> None:
    long = "x" * 300
    files = {"a/x.txt": ("x.txt", "one"), "b/x.txt": ("x.txt", "other"), "c.txt": (long, "third"), "d.txt": ("d\nd", "fourth")}  # fmt: skip
    dataset = memory.add(crate_of(tmp_path / "crate", files), with_files=True).dataset
    folder = memory.export("pennsieve", dataset).to_folder(tmp_path / "out")
    entries = {e["path"]: e for e in json.loads((folder / "manifest.json").read_text())["files"]}
    for path, (name, content) in files.items():
        assert (folder / "files" / path).read_text() == content
        entry = entries[f"files/{path}"]
        assert (entry["name"], entry["size"]) == (name, len(content))
    rows = (folder / "metadata/records/file.csv").read_text().split()[1:]
    assert sorted(row.split(",")[1] for row in rows) == sorted(f"files/{path}" for path in files)
    lost = memory.loss("pennsieve", dataset).not_carried
    assert not {"schema:name", "fg:originalId"} & {
        n.property for n in lost if n.type == "schema:MediaObject"
    }


def test_files_that_nothing_but_a_name_is_known_of_are_told(memory: Fairgraph, tmp_path: Path) -> None:  # fmt: skip
    files = {"a/x.txt": ("x.txt", "one"), "b/x.txt": ("x.txt", "other"), "b/y.txt": ("y.txt", "other"), "b/z.txt": ("a", "more")}  # fmt: skip
    dataset = memory.add(crate_of(tmp_path / "crate", files), with_files=True, slug="f").dataset
    memory.update(
        "PREFIX fg: <https://w3id.org/fairgraph/ns#> PREFIX s: <http://schema.org/> "
        f"DELETE {{ GRAPH <{dataset.iri}> {{ ?f fg:originalId ?path ; s:sha256 ?hash ; s:name ?name }} }} "
        f"INSERT {{ GRAPH <{dataset.iri}> {{ ?f s:name ?new ; s:sha256 ?kept }} }} "
        f"WHERE {{ GRAPH <{dataset.iri}> {{ ?f fg:originalId ?path ; s:sha256 ?hash ; s:name ?name }} "
        'BIND (IF(?path = "b/z.txt", "x.txt/inside", "x.txt") AS ?new) '
        'BIND (IF(?path = "b/y.txt", "-", ?hash) AS ?kept) }'
    )
    export = memory.export("pennsieve", dataset)
    with zipfile.ZipFile(io.BytesIO(export.to_bytes())) as archive:
        names = [name for name in archive.namelist() if name.startswith("files/")]
        assert sorted(archive.read(name).decode() for name in names) == ["more", "one", "other"]
        table = archive.read("metadata/records/file.csv").decode().split()[1:]
        manifest = json.loads(archive.read("manifest.json"))
    paths = {row.split(",")[1] for row in table}
    assert len(paths) == 4 and paths > set(names)
    assert len([e for e in manifest["files"] if e["path"] in paths]) == 4
    assert sum("several files" in note for note in export.notes) == 3
    assert sum("1 of 4 files are not in the file store" in note for note in export.notes) == 1
    folder = memory.export("pennsieve", dataset).to_folder(tmp_path / "out")
    assert {path.relative_to(folder).as_posix() for path in folder.glob("files/**/*") if path.is_file()} == set(names)  # fmt: skip
