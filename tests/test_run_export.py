"""Analysis runs as crates: what the profiles of runs ask for is there, and what was told of the run comes back."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, Store

from fairgraph import Run
from fairgraph.api import Fairgraph
from fairgraph.exports.run_crate import metadata
from fairgraph.terms import ELN, FG, ISA, SCHEMA
from fairgraph.web.app import create_app
from support import EXAMPLE, corpus_paths
from test_run_record import make_run

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5",
    "https://w3id.org/ro/wfrun/workflow/0.5",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
}
NAME = "LD12_ZT00_liver.fastq.gz"


@pytest.fixture
def recorded(example: Fairgraph, tmp_path: Path) -> Fairgraph:
    """A store with the example and a run, which is dataset 2 and run 1."""
    run = make_run(tmp_path / "made", NAME)
    told = Run(run.workflow, run.outputs, run.inputs, run.params, agent="Ada 0000-0002-1825-0097", end="2026-11-01", license="CC0-1.0")  # fmt: skip
    example.record_run(told, of="mouse-circadian")
    return example


def crate(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The nodes of a crate by their ids, and its files."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(files["ro-crate-metadata.json"])
    return {node["@id"]: node for node in document["@graph"]}, files


def ids(value: Any) -> set[str]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return {one["@id"] for one in listed}


def test_a_run_is_a_workflow_run_crate(recorded: Fairgraph) -> None:
    nodes, files = crate(recorded.export("run-crate", "mean").to_bytes())
    root, run = nodes["./"], nodes["#run"]
    assert ids(root["conformsTo"]) == PROFILES
    assert all(nodes[profile]["version"] for profile in PROFILES)
    assert ids(nodes["ro-crate-metadata.json"]["conformsTo"]) == {"https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"}  # fmt: skip
    assert root["license"] == {"@id": "https://spdx.org/licenses/CC0-1.0"}
    assert root["mainEntity"] == run["instrument"] == {"@id": "workflow/mean.cwl"}
    assert ids(root["mentions"]) == {"#run"}
    assert ids(run["result"]) == {"outputs/means.tsv"}
    assert {"inputs/" + NAME, "#value/digits"} <= ids(run["object"])
    assert nodes["#value/digits"]["exampleOfWork"] == {"@id": "#input/digits"}
    assert nodes["#input/digits"]["workExample"] == {"@id": "#value/digits"}
    assert nodes["#container"]["@type"] == "ContainerImage"
    assert run["subjectOf"] == {"@id": "prov.jsonld"}
    described = {name for name, node in nodes.items() if node["@type"] == "File" or "File" in node["@type"]}  # fmt: skip
    assert described == set(files) - {"ro-crate-metadata.json"} == ids(root["hasPart"])
    for name in described:
        assert nodes[name]["sha256"] == hashlib.sha256(files[name]).hexdigest()
        assert nodes[name]["contentSize"] == str(len(files[name]))


def test_the_manifest_has_the_checksums_of_the_results(recorded: Fairgraph) -> None:
    _, files = crate(recorded.export("run-crate", "mean").to_bytes())
    expected = hashlib.sha256(files["outputs/means.tsv"]).hexdigest()
    assert files["manifest-sha256.txt"].decode() == f"{expected}  outputs/means.tsv\n"


def test_the_provenance_of_the_run_is_a_file_of_its_crate(recorded: Fairgraph) -> None:
    _, files = crate(recorded.export("run-crate", "mean").to_bytes())
    store = Store()
    store.load(files["prov.jsonld"], RdfFormat.JSON_LD)
    asked = """PREFIX prov: <http://www.w3.org/ns/prov#>
        ASK { ?run a prov:Activity ; prov:used ?input ; prov:wasAssociatedWith <https://orcid.org/0000-0002-1825-0097> ;
          prov:qualifiedAssociation/prov:hadPlan ?plan . ?result prov:wasGeneratedBy ?run ; prov:wasDerivedFrom ?input }"""
    assert bool(store.query(asked))


def test_the_same_run_gives_the_same_bytes(recorded: Fairgraph) -> None:
    first = recorded.export("run-crate", "mean").to_bytes()
    assert recorded.export("run-crate", "mean").to_bytes() == first


def test_an_update_shows_in_the_crate(recorded: Fairgraph) -> None:
    graph = recorded.dataset("mean").iri
    recorded.update(
        f'DELETE {{ GRAPH <{graph}> {{ ?v <{SCHEMA.value}> ?old }} }} INSERT {{ GRAPH <{graph}> {{ ?v <{SCHEMA.value}> 7 }} }}'
        f' WHERE {{ GRAPH <{graph}> {{ ?v <{SCHEMA.name}> "digits" ; <{SCHEMA.value}> ?old }} }}'
    )  # fmt: skip
    nodes, _ = crate(recorded.export("run-crate", "mean").to_bytes())
    assert nodes["#value/digits"]["value"] == 7


def test_a_crate_of_a_run_comes_back_as_the_run(recorded: Fairgraph, tmp_path: Path) -> None:
    path = recorded.export("run-crate", "mean").to_path(tmp_path / "mean.zip")
    query = f"SELECT ?s ?p ?o {{ ?s ?p ?o FILTER (?p != <{ELN.metadataFile}>) FILTER NOT EXISTS {{ ?s a <{ELN.MetadataFile}> }} }}"
    before = {tuple(map(str, row)) for row in recorded.query(query, dataset="mean")}
    recorded.remove("mean", purge=True)
    recorded.add(path, slug="mean")
    after = {tuple(map(str, row)) for row in recorded.query(query, dataset="mean")}
    assert sorted(before - after) == []
    assert sorted(after - before) == []
    assert list(recorded.query("examples/results-to-sources")) != []


def test_what_a_crate_must_say_and_nobody_said_is_filled_in(
    memory: Fairgraph, tmp_path: Path
) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    nodes = [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}},
        {"@id": "./", "@type": "Dataset"},
        {"@id": "#run", "@type": "CreateAction", "instrument": {"@id": "https://example.org/tool"}, "result": {"@id": "out.txt"}, "endTime": "2024-05-01T10:00:00Z"},
        {"@id": "https://example.org/tool", "@type": "SoftwareApplication"},
        {"@id": "out.txt", "@type": "File"},
    ]  # fmt: skip
    document = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": nodes}
    (folder / "ro-crate-metadata.json").write_text(json.dumps(document))
    (folder / "out.txt").write_text("out")
    dataset = memory.add(folder, with_files=True).dataset
    found, _ = crate(memory.export("run-crate", dataset).to_bytes())
    root = found["./"]
    assert ids(root["conformsTo"]) == {"https://w3id.org/ro/wfrun/process/0.5"}
    assert (root["name"], root["datePublished"]) == ("bare", "2024-05-01")
    assert root["description"]  # fmt: skip
    assert found[root["license"]["@id"]]["name"] == "No licence"
    assert ids(root["hasPart"]) == {"out.txt", "prov.jsonld", "manifest-sha256.txt"}


def test_a_dataset_without_a_run_is_a_plain_crate(example: Fairgraph) -> None:
    nodes, _ = crate(example.export("run-crate", "mouse-circadian").to_bytes())
    assert not PROFILES & ids(nodes["./"].get("conformsTo"))


@pytest.mark.corpus
@pytest.mark.parametrize("path", [p for p in corpus_paths("rocrate/wrroc_*") if (p / "ro-crate-metadata.json").is_file()], ids=lambda path: path.name[:50])  # fmt: skip
def test_the_runs_of_others_are_crates_again(memory: Fairgraph, path: Path) -> None:
    dataset = memory.add(path, with_files=True).dataset
    if not dataset.counts["runs"]:
        assert dataset.counts["triples"]
        return
    nodes, files = crate(memory.export("run-crate", dataset).to_bytes())
    assert "https://w3id.org/ro/wfrun/process/0.5" in ids(nodes["./"]["conformsTo"])
    runs = [node for node in nodes.values() if "CreateAction" in node["@type"]]
    original = json.loads((path / "ro-crate-metadata.json").read_text())["@graph"]
    assert len(runs) == len({n["@id"] for n in original if "CreateAction" in n.get("@type", ())})
    for name in set(files) - {"ro-crate-metadata.json", "prov.jsonld", "manifest-sha256.txt"}:
        # What is not in our copy and is known by its bytes, as the empty file is, comes out of the store.
        if (path / name).is_file():
            assert files[name] == (path / name).read_bytes()


# -- HTTP ------------------------------------------------------------------------------------------------------------------


def test_a_run_has_its_addresses(recorded: Fairgraph) -> None:
    client = create_app(recorded).test_client()
    for prefix in ("/api/v1", "/api.php/v1"):
        answer = client.get(f"{prefix}/runs/1/ro-crate")
        assert (answer.status_code, answer.mimetype) == (200, "application/ld+json")
        nodes = {node["@id"]: node for node in json.loads(answer.data)["@graph"]}
        assert nodes["#run"]["@type"] == "CreateAction"
        archive = client.get(f"{prefix}/runs/1/download")
        assert (archive.status_code, archive.mimetype) == (200, "application/zip")
        _, files = crate(archive.data)
        assert files["outputs/means.tsv"] == b"gene\tmean\n"
    assert client.get("/api/v1/runs/1/ro-crate?format=zip").data == archive.data
    assert client.get("/api/v1/runs/1/ro-crate?format=x").status_code == 400
    assert client.get(f"/files/{nodes['outputs/means.tsv']['sha256']}").data == b"gene\tmean\n"
    page = client.get("/runs/1", follow_redirects=True)
    assert page.status_code == 200
    assert "/api/v1/runs/1/download" in page.text
    assert client.get("/api/v1/runs/9/ro-crate").status_code == 404
    assert client.get("/runs/9").status_code == 404


def test_a_private_run_has_no_address(memory: Fairgraph, tmp_path: Path) -> None:
    memory.add(EXAMPLE)
    memory.record_run(make_run(tmp_path, NAME), of="mouse-circadian", visibility="private")
    client = create_app(memory).test_client()
    for path in ("/api/v1/runs/1/ro-crate", "/api/v1/runs/1/download", "/runs/1"):
        assert client.get(path).status_code == 404


CLAIMS = 20
"""Whatever the order in which they are found: as many runs say that they have the number of another one."""


@pytest.mark.parametrize("named", ["urn:x:none", "{secret}", "{claims}"])
def test_a_run_is_found_where_a_record_numbers_it(
    example: Fairgraph, tmp_path: Path, named: str
) -> None:
    (tmp_path / "secret.ttl").write_text("<urn:x:a> <urn:x:b> <urn:x:c> .")
    secret = example.add(tmp_path / "secret.ttl", visibility="private").dataset.iri
    dataset = named.format(secret=secret, claims=secret.replace("secret", "claims"))
    number = CLAIMS + 1
    (tmp_path / "claims.ttl").write_text(
        f"@prefix fg: <{FG.iri}> . <{dataset}> a <http://www.w3.org/ns/dcat#Dataset> .\n"
        + "".join(
            f"<urn:x:{n}> a fg:AnalysisRun ; fg:number {number}, 4711 .\n" for n in range(CLAIMS)
        )
    )
    example.add(tmp_path / "claims.ttl")
    run = example.record_run(make_run(tmp_path / "made", NAME), of="mouse-circadian").dataset
    client = create_app(example).test_client()
    answer = client.get(f"/api/v1/runs/{number}/ro-crate")
    assert answer.status_code == 200, answer.text
    with example.export("run-crate", run).answers() as answers:
        assert answer.data == metadata(answers)
    page = client.get(f"/runs/{number}")
    assert page.headers["Location"].startswith("/page/id/mean/")
    assert f"/api/v1/runs/{number}/download" in client.get(page.headers["Location"]).text
    for path in ("/api/v1/runs/4711/ro-crate", "/api/v1/runs/4711/download", "/runs/4711"):
        assert client.get(path).status_code == 404, path
    claimed = client.get("/browse?iri=urn:x:0", headers={"Accept": "text/html"}).text
    assert set(re.findall(r"/api/v1/runs/([0-9]+)/", claimed)) == {"1"}


def test_what_another_dataset_calls_a_run_is_none(recorded: Fairgraph, tmp_path: Path) -> None:
    """Sample 1 of the example is no run 1, whoever says so."""
    client = create_app(recorded).test_client()
    urls = ("/api/v1/runs/1/ro-crate", "/runs/1", "/api/v1/samples/1/prov-o", "/samples/1")
    before = [client.get(url) for url in urls]
    assert [answer.status_code for answer in before] == [200, 303, 200, 303]
    (sample,) = (row["node"].value for row in recorded.query("browse/numbered", number=1, type=ISA.Sample))  # fmt: skip
    (tmp_path / "claims.ttl").write_text(f"<{sample}> a <{FG.AnalysisRun}> .")
    recorded.add(tmp_path / "claims.ttl")
    for url, old in zip(urls, before, strict=True):
        new = client.get(url)
        assert (new.status_code, new.data) == (old.status_code, old.data), url
