"""Published datasets of Pennsieve and Blackfynn: in without loss, out as they came, checked by their own schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairgraph.api import Fairgraph
from support import corpus_paths

# The official writer's own layout, one of them with its faults; the other layout of 5.0 is equal as data.
PUBLISHED = [path for path in corpus_paths("pennsieve/synthetic/*") if path.name != "v5.0_models"]
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
