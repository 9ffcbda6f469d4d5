"""What FAIRtracks documents say comes back, and what is left out is told: on the tracks of our own example."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairgraph.api import Fairgraph
from support import EXAMPLE

Json = dict[str, Any]
TRACKS = EXAMPLE.parent / "mouse-circadian-tracks.json"


@pytest.fixture
def document() -> Json:
    """The tracks of the examples, without the signature, which is another one after each change."""
    found = json.loads(TRACKS.read_bytes())
    found["doc_info"].pop("doc_version")
    return found


def added(fg: Fairgraph, document: Json, folder: Path) -> str:
    path = folder / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return fg.add(path, format="fairtracks").dataset.iri


def through(fg: Fairgraph, name: str, iri: str, folder: Path) -> Json:
    """The document after it went through a notation of ISA."""
    target = folder / ("tab" if name == "isa-tab" else "isa.json")
    other = fg.add(fg.export(name, iri).to_path(target), slug="other").dataset
    return json.loads(fg.export("fairtracks", other).to_bytes())


def _long_lists(document: Json) -> None:
    track = document["tracks"][0]
    track["more"] = [f"{n} of twelve" for n in range(12)]
    track["nested"] = {"list": [[n, {"n": n}] for n in range(11)], "0": "a key", "10": "another"}
    track["raw_file_ids"] = [f"encode:ENCFF{n:03}AAA" for n in range(12, 0, -1)]


def _two_studies(document: Json) -> None:
    """The same samples are used in another study, which makes two materials of each in ISA."""
    (first,) = document["studies"]
    document["studies"].append({**first, "local_id": "second", "study_name": "The second"})
    for one in copy.deepcopy(document["experiments"]):
        name = f"{one['local_id']}_again"
        document["experiments"].append({**one, "local_id": name, "study_ref": "second"})


@pytest.mark.parametrize("change", [_long_lists, _two_studies])
@pytest.mark.parametrize("name", ["isa-json", "isa-tab"])
def test_a_document_comes_back_through_isa(
    memory: Fairgraph, tmp_path: Path, document: Json, name: str, change: Callable[[Json], None]
) -> None:
    change(document)
    iri = added(memory, document, tmp_path)
    assert json.loads(memory.export("fairtracks", iri).to_bytes()) == document
    assert through(memory, name, iri, tmp_path) == document


def test_two_samples_at_one_place_are_two(
    memory: Fairgraph, tmp_path: Path, document: Json
) -> None:
    iri = added(memory, document, tmp_path)
    isa = memory.export("isa-json", iri).to_bytes().decode()
    assert isa.count('"fairtracks:sample", "value": "1"') == 1
    path = tmp_path / "isa.json"
    path.write_text(isa.replace('"fairtracks:sample", "value": "1"', '"fairtracks:sample", "value": "0"'))  # fmt: skip
    other = memory.add(path, slug="other").dataset
    found = json.loads(memory.export("fairtracks", other).to_bytes())["samples"]
    names = sorted(sample["local_id"] for sample in document["samples"])
    assert sorted(sample["local_id"] for sample in found) == names


# -- What ISA has no place for -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["isa-json", "isa-tab"])
def test_what_belongs_to_no_study_is_told(
    memory: Fairgraph, tmp_path: Path, document: Json, name: str
) -> None:
    whole = added(memory, document, tmp_path)
    memory.export(name, whole).to_bytes()
    lost = {(one.type, one.property) for one in memory.loss(name, whole).not_carried}
    assert not lost & {("bioschemas:LabProcess", "schema:name"), ("schema:MediaObject", "schema:contentUrl")}  # fmt: skip
    document["experiments"][1]["study_ref"] = "nothing"
    document["experiments"][1]["odd"] = {"a": [1]}
    document["tracks"][0]["experiment_ref"] = "nothing"
    iri = added(memory, document, tmp_path)
    exported = memory.export(name, iri)
    exported.to_bytes()
    notes = [note for note in exported.notes if "belong to no study" in note]
    assert [note.split(" that ")[0] for note in notes] == [
        "left out 1 experiments",
        "left out 2 tracks",
    ]
    assert document["tracks"][0]["local_id"] in notes[1]
    groups = {(one.type, one.property): one.triples for one in memory.loss(name, iri).not_carried}
    assert groups["bioschemas:LabProcess", "schema:name"] == 1
    assert groups["schema:MediaObject", "schema:contentUrl"] == 2
    assert groups["fairtracks:Value", "schema:value"] > 0
    expected = copy.deepcopy(document)
    del expected["experiments"][1], expected["tracks"][:2]
    assert through(memory, name, iri, tmp_path)["tracks"] == expected["tracks"]


def test_a_carrier_with_a_unit_stays_a_comment(
    memory: Fairgraph, tmp_path: Path, document: Json
) -> None:
    document["tracks"][0]["score"] = "5"
    iri = added(memory, document, tmp_path)
    folder = memory.export("isa-tab", iri).to_folder(tmp_path / "tab")
    (table,) = (path for path in folder.glob("a_*.txt") if "fairtracks:score" in path.read_text())
    rows = [line.split("\t") for line in table.read_text().splitlines()]
    at = next(n for n, cell in enumerate(rows[0]) if "fairtracks:score" in cell)
    for row in rows:
        row[at + 1 : at + 1] = ['"Unit"' if row is rows[0] else '"gram"' if "5" in row[at] else '""']  # fmt: skip
    table.write_text("".join("\t".join(row) + "\n" for row in rows))
    other = memory.add(folder, slug="other").dataset
    assert "score" not in json.loads(memory.export("fairtracks", other).to_bytes())["tracks"][0]
    assert ["'fairtracks:score'" in f.message for f in other.findings if f.rule == "fairtracks-comment"] == [True]  # fmt: skip
    (again,) = memory.query(
        f"""PREFIX schema: <http://schema.org/> SELECT ?text ?unit {{ GRAPH <{other.iri}>
        {{ ?c schema:name "fairtracks:score" ; schema:text ?text ; schema:unitCode/schema:name ?unit }} }}"""
    )
    assert [term.value for term in again] == ["5", "gram"]


# -- Documents of other datasets ---------------------------------------------------------------------------------------


def minimal(fg: Fairgraph, iri: str) -> tuple[Json, list[str]]:
    exported = fg.export("fairtracks", iri)
    document = json.loads(exported.to_bytes())
    return document, exported.notes


def test_a_minimal_document_tells_what_it_leaves_out(memory: Fairgraph, tmp_path: Path) -> None:
    source = json.loads((EXAMPLE.parent / "mouse-circadian-isa.json").read_bytes())
    path = tmp_path / "isa.json"
    path.write_text(json.dumps(source), encoding="utf-8")
    iri = memory.add(path, slug="isa").dataset.iri
    document, notes = minimal(memory, iri)
    files = memory.dataset("isa").counts["files"]
    assert f"left out {files} of {files} data files, which are no tracks by their names" in notes
    assert "tracks" not in document
    names = """PREFIX s: <http://schema.org/> SELECT ?f ?name { ?f a s:MediaObject ; s:name ?name } ORDER BY ?name"""
    first, second = [row["f"].value for row in memory.query(names, dataset="isa")][:2]
    memory.update(
        f"""PREFIX s: <http://schema.org/> WITH <{iri}> DELETE {{ ?f s:name ?name }} INSERT {{ ?f s:name ?new }}
        WHERE {{ VALUES ?f {{ <{first}> <{second}> }} ?f s:name ?name BIND (CONCAT(?name, ".bw") AS ?new) }}"""
    )
    document, notes = minimal(memory, iri)
    assert len(document["tracks"]) == 2
    assert any(note.startswith(f"left out {files - 2} of {files} data files") for note in notes)
    samples = memory.dataset("isa").counts["samples"]
    left = samples - len(document["samples"])
    assert f"left out {left} samples that no track comes from" in notes
    (told,) = (note for note in notes if "no place for" in note)
    assert "strain" in told.lower() or "sex" in told.lower()
    memory.update(
        f"WITH <{iri}> DELETE {{ ?p <http://schema.org/result> <{first}> }} WHERE {{ ?p <http://schema.org/result> <{first}> }}"
    )
    _, notes = minimal(memory, iri)
    assert any(note.startswith("1 tracks belong to no experiment") for note in notes)
