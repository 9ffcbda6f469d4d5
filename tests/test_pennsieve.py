"""Published datasets of Pennsieve and Blackfynn: in without loss, out as they came, checked by their own schema."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from fairgraph.api import Fairgraph
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
    assert list(found.values()) == [source.read_bytes()]


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
