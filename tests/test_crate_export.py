"""Crates and notebooks out of the graph: what came in comes back, statement by statement and byte by byte."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import fairgraph
from eln_checks import broken
from fairgraph.api import Fairgraph
from fairgraph.terms import ELN, SCHEMA
from notebooks import document, notebook
from support import corpus_paths

ARCHIVES = corpus_paths("eln/*.eln")
CRATES = [path for path in corpus_paths("rocrate/*") if path.is_dir()]
SLUG = "same"
Statement = tuple[str, str, str]
# About the document that was read, which is another one when it comes back.
OF_THE_DOCUMENT = {ELN.metadataFile, ELN.signatureFile}
CLASSES = {ELN.Notebook, ELN.Crate, ELN.Entry}


def statements(fg: Fairgraph) -> set[Statement]:
    """All that a dataset says, but for the document that it was read from."""
    original = f"{fg.dataset(SLUG).iri}/original/"
    found = {(s.value, p.value, str(o)) for s, p, o in fg.query("SELECT ?s ?p ?o { ?s ?p ?o }", dataset=SLUG)}  # fmt: skip
    return {(s, p, o) for s, p, o in found if p not in OF_THE_DOCUMENT and not s.startswith(original)}  # fmt: skip


def payload(fg: Fairgraph) -> dict[str, bytes]:
    """The bytes of the files that a dataset names and the store has."""
    told = {o.strip('"') for _, p, o in statements(fg) if p == SCHEMA.sha256}
    files = fg.store.files
    return {sha256: fg.file(sha256).read() for sha256 in told if files.is_name(sha256) and files.has(sha256)}  # fmt: skip


def without_classes(found: set[Statement]) -> set[Statement]:
    """Statements without those that say, or follow from, whether a dataset is a notebook or another crate."""
    return {(s, p, o) for s, p, o in found if o.strip("<>") not in CLASSES and "/prov#" not in p and "/prov#" not in o}  # fmt: skip


def exported(fg: Fairgraph, name: str, path: Path, **options: str) -> Path:
    return fg.export(name, SLUG, **options).to_path(path / f"out.{'eln' if name == 'eln' else 'zip'}")  # fmt: skip


def comes_back(fg: Fairgraph, name: str, tmp_path: Path, **options: str) -> None:
    path = exported(fg, name, tmp_path, **options)
    with fairgraph.open("memory:") as other:
        report = other.add(path, slug=SLUG).report
        assert "crate-lost" not in {finding.rule for finding in report}
        before, after = statements(fg), statements(other)
        if name != fg.dataset(SLUG).format:
            before, after = without_classes(before), without_classes(after)
        assert after == before
        assert payload(other) == payload(fg)
        assert other.export(name, SLUG, **options).to_bytes() == path.read_bytes()


def graph_of(path: Path, name: str = "ro-crate-metadata.json") -> dict[str, dict[str, Any]]:
    """The nodes of an exported crate by their ids."""
    with zipfile.ZipFile(path) as archive:
        found = json.loads(archive.read(name))
    return {node["@id"]: node for node in found["@graph"]}


@pytest.mark.corpus
@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.stem[:50])
def test_a_real_notebook_comes_back_as_a_crate(memory: Fairgraph, tmp_path: Path, path: Path) -> None:  # fmt: skip
    memory.add(path, slug=SLUG)
    comes_back(memory, "ro-crate", tmp_path)


@pytest.mark.corpus
@pytest.mark.parametrize("version", ["1.2+20260923", "1.1"])
@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.stem[:50])
def test_a_real_notebook_comes_back(memory: Fairgraph, tmp_path: Path, path: Path, version: str) -> None:  # fmt: skip
    memory.add(path, slug=SLUG)
    comes_back(memory, "eln", tmp_path, version=version)


@pytest.mark.corpus
@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.stem[:50])
def test_a_notebook_is_written_by_the_rules(memory: Fairgraph, tmp_path: Path, path: Path) -> None:
    memory.add(path, slug=SLUG)
    assert broken(exported(memory, "eln", tmp_path)) == {}


@pytest.mark.corpus
@pytest.mark.parametrize("path", CRATES, ids=lambda path: path.name[:60])
def test_a_real_crate_comes_back(memory: Fairgraph, tmp_path: Path, path: Path) -> None:
    memory.add(path, slug=SLUG, with_files=True)
    comes_back(memory, "ro-crate", tmp_path)


def test_what_is_spelled_in_another_way_comes_back(memory: Fairgraph, tmp_path: Path) -> None:
    numbers = {"@id": "#v", "@type": "PropertyValue", "value": 0, "minValue": 1, "maxValue": True}
    entry = {
        "@id": "./an entry//x",
        "@type": "Dataset",
        "name": "e",
        "author": {"@type": "Person", "name": "A"},
        "keywords": ["b", "a", "b"],
        "text": "<p>é</p>\n",
        "dateCreated": "2025-01-02",
        "unheard of": {"@id": "./gone"},
        "variableMeasured": [{"@id": "#v"}],
    }
    file = {"@id": "an entry/x/1%.csv", "@type": "File", "sha256": "0" * 64}
    data = document(entry, file, numbers).replace(b'"value": 0', b'"value": 130.0')
    data = data.replace(b'"minValue": 1', b'"minValue": 1.50')
    path = notebook(tmp_path / "n.eln", metadata=data, files={"an entry/x/1%.csv": b"1", "other": b"2"})  # fmt: skip
    memory.add(path, slug=SLUG)
    comes_back(memory, "ro-crate", tmp_path)
    text = zipfile.ZipFile(exported(memory, "ro-crate", tmp_path)).read("ro-crate-metadata.json")
    assert b'"value": 130.0' in text
    assert b'"minValue": 1.50' in text


def test_ids_are_written_in_a_form_that_every_reader_takes(memory: Fairgraph, tmp_path: Path) -> None:  # fmt: skip
    nodes = [
        {"@id": "./a b", "@type": "Dataset", "hasPart": [{"@id": "a b//c d.txt"}]},
        {"@id": "a b//c d.txt", "@type": "File"},
    ]
    memory.add(notebook(tmp_path / "n.eln", *nodes, files={"a b/c d.txt": b"1"}), slug=SLUG)
    path = exported(memory, "ro-crate", tmp_path)
    graph = graph_of(path)
    assert graph["a%20b/"]["originalId"] == "./a b"
    assert graph["a%20b/"]["hasPart"] == {"@id": "a%20b/c%20d.txt"}
    assert zipfile.ZipFile(path).read("a b/c d.txt") == b"1"


def test_a_file_that_is_not_in_the_store_is_a_reference(memory: Fairgraph, tmp_path: Path) -> None:
    memory.add(notebook(tmp_path / "n.eln", {"@id": "./x.csv", "@type": "File"}), slug=SLUG)
    path = exported(memory, "ro-crate", tmp_path)
    (node,) = [node for node in graph_of(path).values() if node.get("originalId") == "./x.csv"]
    assert node["@id"].startswith(f"{memory.dataset(SLUG).iri}/file/")
    assert zipfile.ZipFile(path).namelist() == ["ro-crate-metadata.json"]


def test_a_change_of_the_graph_is_a_change_of_the_crate(memory: Fairgraph, tmp_path: Path) -> None:
    node = {"@id": "./e/", "@type": "Dataset", "name": "old", "keywords": ["b", "a", "c"]}
    memory.add(notebook(tmp_path / "n.eln", node), slug=SLUG)
    graph = memory.dataset(SLUG).iri
    memory.update(f'DELETE {{ GRAPH ?g {{ ?e <{SCHEMA.name}> ?n ; <{SCHEMA.keywords}> "a" }} }} INSERT {{ GRAPH ?g {{ ?e <{SCHEMA.name}> "new" }} }}'
                  f'WHERE {{ VALUES ?g {{ <{graph}> }} GRAPH ?g {{ ?e <{SCHEMA.name}> ?n . FILTER(?n = "old") }} }}')  # fmt: skip
    found = graph_of(exported(memory, "ro-crate", tmp_path))["./e/"]
    assert (found["name"], found["keywords"]) == ("new", ["b", "c"])


def test_a_path_that_an_update_wrote_does_not_lead_out_of_the_crate(memory: Fairgraph, tmp_path: Path) -> None:  # fmt: skip
    memory.add(notebook(tmp_path / "n.eln", {"@id": "./a", "@type": "File"}, files={"a": b"secret"}), slug=SLUG)  # fmt: skip
    memory.update('DELETE { GRAPH ?g { ?f ?p "./a" } } INSERT { GRAPH ?g { ?f ?p "../../a" } } WHERE { GRAPH ?g { ?f ?p "./a" } }')  # fmt: skip
    names = zipfile.ZipFile(exported(memory, "ro-crate", tmp_path)).namelist()
    assert names == ["ro-crate-metadata.json"]
