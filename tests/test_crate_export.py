"""Crates and notebooks out of the graph: what came in comes back, statement by statement and byte by byte."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fairgraph
from eln_checks import broken
from fairgraph.api import Fairgraph
from fairgraph.conversion import convert
from fairgraph.crate.contexts import bundled
from fairgraph.errors import UsageError
from fairgraph.terms import ELN, SCHEMA
from fairgraph.web.app import create_app
from notebooks import document, notebook
from support import EXAMPLE, corpus_paths

ARCHIVES = corpus_paths("eln/*.eln")
CRATES = [path for path in corpus_paths("rocrate/*") if path.is_dir()]
OWN = [EXAMPLE.with_name(name) for name in ("mouse-circadian-notebook.eln", "mouse-circadian-run")]
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
    follow = (SCHEMA.creator, SCHEMA.familyName)
    return {(s, p, o) for s, p, o in found if o.strip("<>") not in CLASSES and "/prov#" not in p + o and p not in follow}  # fmt: skip


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


@pytest.mark.parametrize(("name", "options"), [("eln", {}), ("eln", {"version": "1.1"}), ("ro-crate", {}), ("ro-crate", {"version": "1.1"})])  # fmt: skip
@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_our_own_examples_come_back(memory: Fairgraph, tmp_path: Path, path: Path, name: str, options: dict[str, str]) -> None:  # fmt: skip
    memory.add(path, slug=SLUG, with_files=True)
    comes_back(memory, name, tmp_path, **options)


def test_a_file_that_was_not_there_does_not_come_from_another_with_the_same_bytes(memory: Fairgraph, tmp_path: Path) -> None:  # fmt: skip
    sha256 = hashlib.sha256(b"1").hexdigest()
    nodes = [
        {"@id": "./a", "@type": "File"},
        {"@id": "./b", "@type": "File", "sha256": sha256},
        {"@id": "./c", "@type": "File", "sha256": sha256, "contentSize": "2"},
    ]
    memory.add(notebook(tmp_path / "n.eln", *nodes, files={"a": b"1"}), slug=SLUG)
    names = zipfile.ZipFile(exported(memory, "ro-crate", tmp_path)).namelist()
    assert names == ["ro-crate-metadata.json", "a"]
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


# -- Rules, and what is done for them --------------------------------------------------------------------------------------


def test_what_a_rule_requires_is_supplied_and_taken_back(memory: Fairgraph, tmp_path: Path) -> None:
    nodes = [
        {"@id": "./", "@type": "Dataset", "hasPart": [{"@id": "./e/"}, {"@id": "gone"}]},
        {"@id": "./e/", "@type": "Dataset", "keywords": ["b", "a", "b"], "author": "Donald Duck", "identifier": 7,
         "comment": "so", "encodingFormat": ["text/plain", {"@id": "https://example.org/x"}], "version": 1.50},
        {"@id": "./lost/", "@type": "Dataset", "hasPart": [{"@id": "./lost/in/"}]},
        {"@id": "./lost/in/", "@type": "Dataset", "name": "in"},
        {"@id": "https://example.org/tool", "@type": "SoftwareApplication"},
        {"@id": "#code", "@type": ["SoftwareSourceCode", "CreativeWork"]},
        {"@id": "#untyped", "name": "?"},
    ]  # fmt: skip
    memory.add(notebook(tmp_path / "n.eln", *nodes), slug=SLUG)
    path = exported(memory, "eln", tmp_path)
    assert broken(path) == {}
    graph = graph_of(path, f"{SLUG}/ro-crate-metadata.json")
    entry = graph["./e/"]
    assert (entry["keywords"], entry["identifier"], entry["name"]) == ("b, a, b", "7", "e")
    assert graph[entry["author"]["@id"]]["name"] == "Donald Duck"
    assert graph["./"]["hasPart"] == [{"@id": "./e/"}, {"@id": "./lost/"}, {"@id": "./lost/in/"}]
    assert graph["https://example.org/tool"]["url"] == "https://example.org/tool"
    assert graph["#code"]["@type"] == "CreativeWork"
    comes_back(memory, "eln", tmp_path)
    comes_back(memory, "ro-crate", tmp_path)


def test_only_our_own_words_take_anything_back(memory: Fairgraph, tmp_path: Path) -> None:
    note = {"@id": "#n", "@type": "SuppliedStatement", "subject": {"@id": "./e/"}, "predicate": {"@id": SCHEMA.name}, "rdf_object": "e"}  # fmt: skip
    memory.add(notebook(tmp_path / "n.eln", {"@id": "./e/", "@type": "Dataset", "name": "e"}, note), slug=SLUG)  # fmt: skip
    assert (f"{SCHEMA.name}", '"e"') in {(p, o) for _, p, o in statements(memory)}


def test_what_is_taken_back_is_found(memory: Fairgraph, tmp_path: Path) -> None:
    memory.add(notebook(tmp_path / "n.eln", {"@id": "./e/", "@type": "Dataset"}), slug=SLUG)
    path = exported(memory, "eln", tmp_path)
    with fairgraph.open("memory:") as other:
        assert "crate-restored" in {finding.rule for finding in other.add(path).report}


def test_files_that_are_not_in_the_store_are_told(memory: Fairgraph, tmp_path: Path) -> None:
    nodes = [{"@id": "./a", "@type": "File"}, {"@id": "./b", "@type": "File"}]
    memory.add(notebook(tmp_path / "n.eln", *nodes, files={"b": b"1"}), slug=SLUG)
    crate = memory.export("eln", SLUG)
    crate.to_bytes()
    assert [note.split()[0] for note in crate.notes] == ["a"]


@pytest.mark.parametrize(("name", "options"), [("eln", {"version": "2"}), ("ro-crate", {"version": "1.3"})])  # fmt: skip
def test_a_version_that_is_not_written_is_refused(memory: Fairgraph, tmp_path: Path, name: str, options: dict[str, str]) -> None:  # fmt: skip
    memory.add(notebook(tmp_path / "n.eln"), slug=SLUG)
    with pytest.raises(UsageError, match="is not written"):
        memory.export(name, SLUG, **options).to_bytes()


def test_a_large_file_is_stored_as_it_is(memory: Fairgraph, tmp_path: Path) -> None:
    """Deflated it would unpack to so many times its size that careful readers refuse the archive."""
    data = bytes(11 * 1024**2)
    path = tmp_path / "n.eln"
    notebook(path, {"@id": "./zeros", "@type": "File"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("root/zeros", data, compress_type=zipfile.ZIP_STORED)
    memory.add(path, slug=SLUG)
    comes_back(memory, "eln", tmp_path)


def test_a_conversion_keeps_the_files(tmp_path: Path) -> None:
    path = notebook(tmp_path / "n.eln", {"@id": "./a b", "@type": "File"}, files={"a b": b"1"})
    convert(path, "ro-crate", tmp_path / "folder/")
    assert (tmp_path / "folder" / "a b").read_bytes() == b"1"


# -- Signatures ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def minisign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pair of keys as minisign writes them, configured; the folder of both."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed, key_id = bytes(range(32)), b"\x01\x02\x03\x04\x05\x06\x07\x08"
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    secret = seed + public
    checksum = hashlib.blake2b(b"Ed" + key_id + secret, digest_size=32).digest()
    blob = b"Ed" + b"\0\0" + b"B2" + bytes(48) + key_id + secret + checksum
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "x.key").write_bytes(b"untrusted comment: x\n" + base64.b64encode(blob) + b"\n")
    (folder / "x.pub").write_bytes(b"untrusted comment: x\n" + base64.b64encode(b"Ed" + key_id + public) + b"\n")  # fmt: skip
    monkeypatch.setenv("FAIRGRAPH_MINISIGN_SECRET", str(folder / "x.key"))
    monkeypatch.setenv("FAIRGRAPH_MINISIGN_KEYS", str(folder))
    return folder


def verdicts(path: Path) -> list[str]:
    with fairgraph.open("memory:") as other:
        return [f"{f.severity}: {f.message}" for f in other.add(path).report if f.rule == "crate-signature"]  # fmt: skip


def test_a_notebook_is_signed_with_the_configured_key(memory: Fairgraph, tmp_path: Path, minisign: Path) -> None:  # fmt: skip
    memory.add(notebook(tmp_path / "n.eln", {"@id": "./e/", "@type": "Dataset"}), slug=SLUG)
    (verdict,) = verdicts(exported(memory, "eln", tmp_path))
    assert verdict.startswith("info: ")
    assert verdict.endswith("verified")
    assert verdicts(exported(memory, "ro-crate", tmp_path)) == []


def test_a_signature_is_of_the_document_as_it_is(memory: Fairgraph, tmp_path: Path, minisign: Path) -> None:  # fmt: skip
    memory.add(notebook(tmp_path / "n.eln", {"@id": "./e/", "@type": "Dataset"}), slug=SLUG)
    path = exported(memory, "eln", tmp_path)
    changed = tmp_path / "changed.eln"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(changed, "w") as other:
        for info in archive.infolist():
            data = archive.read(info)
            is_document = info.filename.endswith(".json")
            other.writestr(info.filename, data.replace(b'"e"', b'"f"') if is_document else data)
    (verdict,) = verdicts(changed)
    assert verdict.startswith("violation: ")


@pytest.fixture
def kept(tmp_path: Path, minisign: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a notebook and the secret key, which nothing else names; the file of the key."""
    monkeypatch.delenv("FAIRGRAPH_MINISIGN_SECRET")
    key = tmp_path / "data" / "keys" / "minisign.key"
    with fairgraph.open(tmp_path / "data") as fg:
        fg.add(notebook(tmp_path / "n.eln", {"@id": "./e/", "@type": "Dataset"}), slug=SLUG)
        assert verdicts(exported(fg, "eln", tmp_path)) == []
    key.parent.mkdir(exist_ok=True)
    key.write_bytes((minisign / "x.key").read_bytes())
    key.chmod(0o600)
    return key


def test_a_server_signs_with_the_key_in_the_data_folder(tmp_path: Path, kept: Path) -> None:
    with fairgraph.open(kept.parents[1]) as fg:
        answer = create_app(fg).test_client().get("/api/v1/investigations/1/export/eln")
    assert answer.status_code == 200
    path = tmp_path / "answer.eln"
    path.write_bytes(answer.data)
    (verdict,) = verdicts(path)
    assert verdict.endswith("verified")


def test_a_key_that_others_may_read_signs_nothing(kept: Path) -> None:
    kept.chmod(0o640)
    with fairgraph.open(kept.parents[1]) as fg, pytest.raises(UsageError, match="no secret"):
        fg.export("eln", SLUG).to_bytes()


@pytest.mark.parametrize("text", ["", "x\ny\n", "x\n" + base64.b64encode(b"Ed" + b"Sc" + b"B2" + bytes(152)).decode(), "x\n" + base64.b64encode(b"Ed\0\0B2" + bytes(152)).decode()])  # fmt: skip
def test_a_key_that_is_none_is_refused(memory: Fairgraph, tmp_path: Path, minisign: Path, text: str) -> None:  # fmt: skip
    memory.add(notebook(tmp_path / "n.eln"), slug=SLUG)
    (minisign / "x.key").write_text(text)
    with pytest.raises(UsageError):
        memory.export("eln", SLUG).to_bytes()


# -- Investigations --------------------------------------------------------------------------------------------------------


def test_an_investigation_becomes_an_isa_crate(example: Fairgraph, tmp_path: Path) -> None:
    path = example.export("ro-crate", 1).to_path(tmp_path / "x.zip")
    graph = graph_of(path)
    root = graph["./"]
    assert root["additionalType"] == "Investigation"
    (study, _) = [graph[part["@id"]] for part in root["hasPart"]]
    assert (study["additionalType"], study["identifier"]) == ("Study", "mouse-circadian-feeding")
    assays = [node for node in graph.values() if node.get("additionalType") == "Assay"]
    assert len(assays) == 3
    process = graph[assays[0]["about"][0]["@id"]]
    assert process["@type"] == "LabProcess"
    assert graph[process["executesLabProtocol"]["@id"]]["@type"] == "LabProtocol"
    sample = next(node for node in graph.values() if node.get("name") == "mouse_209")
    assert (sample["@type"], sample["additionalType"]) == ("Sample", "Source")
    values = {graph[value["@id"]]["name"]: graph[value["@id"]] for value in sample["additionalProperty"]}  # fmt: skip
    assert values["organism"]["value"] == "Mus musculus"
    assert graph[values["organism"]["valueReference"]["@id"]]["@type"] == "DefinedTerm"
    assert values["body mass"]["unitText"] == "gram"
    assert root["creator"] == [{"@id": f"#fairgraph/person/p{n}"} for n in (1, 2, 3)]


@pytest.mark.parametrize("name", ["eln", "ro-crate"])
def test_an_investigation_that_went_out_comes_in_as_a_crate(example: Fairgraph, tmp_path: Path, name: str) -> None:  # fmt: skip
    path = example.export(name, 1).to_path(tmp_path / f"x.{'eln' if name == 'eln' else 'zip'}")
    with fairgraph.open("memory:") as other:
        added = other.add(path, slug=SLUG)
        assert (added.dataset.format, added.dataset.title) == (name, example.dataset(1).title)
        # A file that is not in the crate is called by its IRI, which in a store with that base is another dataset's.
        known = {"crate-graph-foreign-id"}
        assert not [f for f in added.report if f.severity != "info" and f.rule not in known]
        again = tmp_path / "again"
        again.mkdir()
        comes_back(other, name, again)


def test_an_investigation_becomes_a_notebook(example: Fairgraph, tmp_path: Path) -> None:
    path = example.export("eln", 1).to_path(tmp_path / "x.eln")
    assert broken(path) == {}
    graph = graph_of(path, "mouse-circadian/ro-crate-metadata.json")
    genres = [node["genre"] for node in graph.values() if "genre" in node]
    assert set(genres) == {"study", "assay", "protocol", "source", "sample", "extract"}
    sample = next(node for node in graph.values() if node.get("name") == "DR_ZT16_plasma")
    assert [graph[origin["@id"]]["name"] for origin in [sample["isBasedOn"]]] == ["mouse_209"]
    assert "organism part: " in sample["text"]
    assert sample["encodingFormat"] == "text/plain"
    values = [graph[value["@id"]] for value in sample["variableMeasured"]]
    assert {value["propertyID"] for value in values} >= {"organism part", "zeitgeber time"}
    assert any(value.get("identifier", "").startswith("http") for value in values)


@pytest.mark.parametrize(("told", "day"), [("28-Jul-2017", "2017-07-28"), ("2017-07-28", "2017-07-28"), ("04/02/2011", None), ("soon", None)])  # fmt: skip
def test_dates_of_an_investigation_are_iso_8601_or_comments(write_tab: Callable[..., Path], memory: Fairgraph, tmp_path: Path, told: str, day: str | None) -> None:  # fmt: skip
    folder = write_tab([["Source Name", "Protocol REF", "Sample Name"], ["a", "collection", "a1"]])
    path = folder / "i_investigation.txt"
    path.write_text(path.read_text().replace("Study Title\tA study\n", f"Study Title\tA study\nStudy Submission Date\t{told}\n"))  # fmt: skip
    memory.add(folder, slug=SLUG)
    graph = graph_of(exported(memory, "ro-crate", tmp_path))
    (study,) = [node for node in graph.values() if node.get("additionalType") == "Study"]
    assert study.get("dateCreated") == day
    comments = [node["text"] for node in graph.values() if node.get("name") == "Submission Date"]
    assert comments == ([] if told == day else [told])


def test_lists_of_an_investigation_stand_in_their_order(write_tab: Callable[..., Path], memory: Fairgraph, tmp_path: Path) -> None:  # fmt: skip
    memory.add(write_tab([["Source Name", "Protocol REF", "Sample Name"], ["a", "collection", "a1"]]), slug=SLUG)  # fmt: skip
    graph = graph_of(exported(memory, "ro-crate", tmp_path))
    (protocol,) = [node for node in graph.values() if node.get("name") == "collection" and node["@type"] == "LabProtocol"]  # fmt: skip
    assert [graph[parameter["@id"]]["name"] for parameter in protocol["parameter"]] == ["volume", "tool"]  # fmt: skip


@pytest.mark.parametrize("name", ["eln", "ro-crate"])
def test_data_files_of_an_investigation_go_into_its_crate(write_tab: Callable[..., Path], memory: Fairgraph, tmp_path: Path, name: str) -> None:  # fmt: skip
    folder = write_tab(
        [["Source Name", "Protocol REF", "Sample Name"], ["a", "collection", "a1"]],
        [["Sample Name", "Protocol REF", "Raw Data File"], ["a1", "scan", "raw/x.csv"], ["a1", "scan", "raw/gone.csv"]],
    )  # fmt: skip
    (folder / "raw").mkdir()
    (folder / "raw" / "x.csv").write_bytes(b"1")
    memory.add(folder, slug=SLUG, with_files=True)
    path = exported(memory, name, tmp_path)
    root = f"{SLUG}/" if name == "eln" else ""
    with zipfile.ZipFile(path) as archive:
        assert archive.read(f"{root}raw/x.csv") == b"1"
    graph = graph_of(path, f"{root}ro-crate-metadata.json")
    assert graph["raw/x.csv"]["sha256"] == hashlib.sha256(b"1").hexdigest()
    (gone,) = [node["@id"] for node in graph.values() if node.get("name") == "raw/gone.csv"]
    assert gone.startswith(memory.store.base)


def test_any_dataset_becomes_a_crate(memory: Fairgraph, tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text('<http://example.org/a> <http://schema.org/name> "A" ; a <http://schema.org/Person> .')  # fmt: skip
    memory.add(tmp_path / "x.ttl", slug=SLUG)
    for name in ("eln", "ro-crate"):
        path = exported(memory, name, tmp_path)
        root = f"{SLUG}/" if name == "eln" else ""
        assert (
            graph_of(path, f"{root}ro-crate-metadata.json")["http://example.org/a"]["name"] == "A"
        )
    assert broken(exported(memory, "eln", tmp_path)) == {}


# -- Words -----------------------------------------------------------------------------------------------------------------


def test_every_statement_has_a_term(memory: Fairgraph, tmp_path: Path) -> None:
    """Two properties with the same last part, one that RO-Crate has, one with a colon: each has a key of its own."""
    context = ["https://w3id.org/ro/crate/1.1/context", {"a": "http://example.org/a/", "b": "http://example.org/b#"}]  # fmt: skip
    node = {"@id": "#x", "@type": "a:Thing", "a:size": 1, "b:size": 2, "a:name": "n", "name": "m", "odd:one": "o"}  # fmt: skip
    memory.add(notebook(tmp_path / "n.eln", node, context=context), slug=SLUG)
    comes_back(memory, "ro-crate", tmp_path)
    path = exported(memory, "ro-crate", tmp_path)
    with zipfile.ZipFile(path) as archive:
        inline = json.loads(archive.read("ro-crate-metadata.json"))["@context"][1]
    assert len(set(inline.values())) == len(inline)
    assert {"http://example.org/a/size", "http://example.org/b#size", "http://example.org/a/name"} <= set(inline.values())  # fmt: skip
    assert not set(inline) & set(bundled("ro-crate-1.2"))
    (found,) = [node for node in graph_of(path).values() if node.get("originalId") == "#x"]
    assert sorted(found[key] for key in found if "size" in key) == [1, 2]


def test_values_that_a_plain_string_does_not_say_are_value_objects(memory: Fairgraph, tmp_path: Path) -> None:  # fmt: skip
    node = {"@id": "#x", "@type": "Thing", "name": {"@value": "n", "@language": "de"}, "dateCreated": {"@value": "2025-01-01"},
            "description": {"@value": "1", "@type": "http://example.org/t"}, "position": "1"}  # fmt: skip
    memory.add(notebook(tmp_path / "n.eln", node), slug=SLUG)
    comes_back(memory, "ro-crate", tmp_path)
    found = graph_of(exported(memory, "ro-crate", tmp_path))["#x"]
    assert found["dateCreated"] == {"@value": "2025-01-01"}
    assert found["name"] == {"@value": "n", "@language": "de"}
    assert found["position"] == "1"
