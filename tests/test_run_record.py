"""Recording an analysis run: everything that is told of it is in the graph, and its results come from the animals of the dataset."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import fairgraph
from fairgraph import Run
from fairgraph.api import Fairgraph
from fairgraph.cli.main import cli
from fairgraph.errors import SourceError, UsageError
from fairgraph.importers.containers import DOCKER, SIF, read_image
from fairgraph.importers.cwl import read_workflow
from support import EXAMPLE

TOOL = """
cwlVersion: v1.2
class: CommandLineTool
label: Mean counts
doc: Averages the counts of each gene.
hints:
  DockerRequirement: {dockerPull: "docker.io/library/python:3.11-slim"}
baseCommand: [python]
inputs:
  counts: {type: "File[]", doc: Tables of counts}
  digits: {type: int, default: 2, doc: Digits behind the point}
  label: string?
outputs:
  means: {type: File, doc: Means, outputBinding: {glob: "*.tsv"}}
"""
RAW = "LD12_ZT00_liver.fastq.gz"
PREFIXES = """
PREFIX fg: <https://w3id.org/fairgraph/ns#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX schema: <http://schema.org/>
"""


def make_run(folder: Path, *names: str) -> Run:
    """A run with inputs of these names, one result, parameters and a CWL document."""
    (folder / "results").mkdir(parents=True)
    (folder / "mean.cwl").write_text(TOOL)
    (folder / "params.json").write_text('{"digits": 3, "label": "all", "other": {"deep": [true]}}')
    for name in names:
        (folder / name).write_text(f"reads of {name}")
    (folder / "results" / "means.tsv").write_text("gene\tmean\n")
    inputs = tuple(folder / name for name in names)
    return Run(folder / "mean.cwl", folder / "results", inputs, folder / "params.json")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path, "one.txt", "two.txt")


def rows(fg: Fairgraph, query: str) -> list[tuple[str, ...]]:
    """The rows of a query in order, as texts."""
    return sorted(tuple(t.value if t else "" for t in row) for row in fg.query(PREFIXES + query))


def raw_file(fg: Fairgraph) -> str:
    """The name of a raw data file of the example."""
    query = "SELECT ?name { ?file schema:name ?name ; <https://w3id.org/fairgraph/isa#fileType> ?type FILTER (CONTAINS(?type, 'Raw')) }"
    return rows(fg, query)[0][0]


# -- What is told is in the graph ------------------------------------------------------------------------------------------


def test_a_run_is_recorded(memory: Fairgraph, run: Run) -> None:
    told = replace(run, agent="Ada Lovelace 0000-0002-1825-0097", start="2026-11-01T10:00", end="2026-11-01T11:30", title="Means", license="CC0-1.0")  # fmt: skip
    added = memory.record_run(told)
    assert (added.created, added.dataset.slug, added.dataset.title) == (True, "mean", "Means")
    assert added.dataset.counts["runs"] == 1
    assert list(added.report) == []
    assert rows(memory, "SELECT ?start ?end ?who ?plan ?image { ?run a fg:AnalysisRun ; schema:startTime ?start ; schema:endTime ?end ; prov:wasAssociatedWith ?who ; schema:instrument/schema:name ?plan ; prov:wasInfluencedBy/schema:name ?image }") == [
        ("2026-11-01T10:00:00", "2026-11-01T11:30:00", "https://orcid.org/0000-0002-1825-0097", "Mean counts", "library/python")
    ]  # fmt: skip
    values = "SELECT ?name ?value ?parameter { ?run <https://bioschemas.org/parameterValue> ?v . ?v schema:name ?name ; schema:value ?value OPTIONAL { ?v fg:category/schema:description ?parameter } }"
    assert rows(memory, values) == [
        ("digits", "3", "Digits behind the point"),
        ("label", "all", ""),
        ("other.deep.0", "true", ""),
    ]
    formal = "SELECT ?name ?type ?required ?default ?many { ?p a <https://bioschemas.org/FormalParameter> ; schema:name ?name ; schema:additionalType ?type ; schema:valueRequired ?required OPTIONAL { ?p schema:defaultValue ?default } OPTIONAL { ?p schema:multipleValues ?many } }"
    assert rows(memory, formal) == [
        ("counts", "File", "true", "", "true"),
        ("digits", "Integer", "false", "2", ""),
        ("label", "Text", "false", "", ""),
        ("means", "File", "true", "", ""),
    ]
    examples = "SELECT ?formal ?file { ?f schema:exampleOfWork ?p ; schema:sha256 [] ; schema:name ?file . ?p schema:name ?formal }"
    assert rows(memory, examples) == [("counts", "one.txt"), ("counts", "two.txt"), ("means", "means.tsv")]  # fmt: skip
    assert memory.validate("mean", profile="prov").conforms
    assert memory.validate("mean", profile="ro-crate").conforms


def test_the_files_of_a_run_are_in_the_store(memory: Fairgraph, run: Run) -> None:
    memory.record_run(run)
    for path in (*run.inputs, run.workflow, run.params, run.outputs / "means.tsv"):
        assert path is not None
        data = path.read_bytes()
        assert memory.file(hashlib.sha256(data).hexdigest()).read() == data


def test_only_the_checksums_may_be_kept(memory: Fairgraph, run: Run) -> None:
    memory.record_run(run, with_files=False)
    sha256 = hashlib.sha256((run.outputs / "means.tsv").read_bytes()).hexdigest()
    assert rows(memory, f'SELECT ?name {{ ?f schema:sha256 "{sha256}" ; schema:name ?name }}') == [("means.tsv",)]  # fmt: skip
    assert not memory.store.files.has(sha256)


def test_the_same_run_again_is_the_same_dataset_and_another_is_not(
    memory: Fairgraph, run: Run, tmp_path: Path
) -> None:
    run = replace(run, end="2026-11-01")
    first = memory.record_run(run)
    assert not memory.record_run(run).changed
    (run.outputs / "more.tsv").write_text("more")
    again = memory.record_run(run)
    assert (again.created, again.changed, again.dataset.number) == (False, True, first.dataset.number)  # fmt: skip
    other = tmp_path / "results-2"
    other.mkdir()
    (other / "means.tsv").write_text("other")
    added = memory.record_run(replace(run, outputs=other))
    assert (added.created, added.dataset.slug) == (True, "mean-2")


def test_runs_have_numbers_of_the_store(memory: Fairgraph, run: Run, tmp_path: Path) -> None:
    memory.record_run(run)
    memory.record_run(replace(run, outputs=make_run(tmp_path / "b").outputs))
    found = [list(memory.query("browse/numbered", number=n, type="https://w3id.org/fairgraph/ns#AnalysisRun")) for n in (1, 2, 3)]  # fmt: skip
    assert [len(one) for one in found] == [1, 1, 0]


def test_files_that_the_parameters_name_are_inputs(memory: Fairgraph, run: Run) -> None:
    assert run.params is not None
    named = {"counts": [{"class": "File", "path": "two.txt"}], "digits": 1}
    run.params.write_text(json.dumps(named))
    memory.record_run(replace(run, inputs=()))
    assert rows(memory, "SELECT ?n ?p { ?run prov:used ?f . ?f schema:name ?n ; schema:exampleOfWork/schema:name ?p }") == [("two.txt", "counts")]  # fmt: skip


# -- Lineage over datasets -------------------------------------------------------------------------------------------------


def test_a_result_comes_from_the_animal_by_the_name_of_its_data_file(
    example: Fairgraph, tmp_path: Path
) -> None:
    name = raw_file(example)
    added = example.record_run(make_run(tmp_path, name), of="mouse-circadian")
    assert list(added.report) == []
    found = [tuple(t.value for t in row) for row in example.query("examples/results-to-sources")]
    (source,) = {row[2] for row in found}
    assert {row[1] for row in found} == {"means.tsv"}
    expected = "SELECT ?source { ?file schema:name '%s' ; prov:wasDerivedFrom+ ?s . ?s a <https://w3id.org/fairgraph/isa#Source> ; schema:name ?source }"
    assert rows(example, expected % name) == [(source,)]


def with_data(example: Fairgraph, folder: Path, text: str) -> str:
    """Import the example again with the bytes of one raw data file; return its name."""
    name = raw_file(example)
    data = folder / "data"
    data.mkdir()
    for path in EXAMPLE.iterdir():
        (data / path.name).write_bytes(path.read_bytes())
    (data / name).parent.mkdir(parents=True, exist_ok=True)
    (data / name).write_text(text)
    example.add(data, slug="with-data", with_files=True)
    return name


def test_the_same_bytes_are_the_same_file_under_another_name(
    example: Fairgraph, tmp_path: Path
) -> None:
    example.remove("mouse-circadian", purge=True)
    example.add(EXAMPLE, slug="plain")
    with_data(example, tmp_path, "reads of one.txt")
    example.remove("plain")
    run = make_run(tmp_path / "run", "one.txt")
    # Nobody says which dataset it used: the bytes tell.
    added = example.record_run(run)
    found = [tuple(t.value for t in row) for row in example.query("examples/results-to-sources")]
    assert len(found) == 1
    linked = example.record_run(run, of="with-data")
    assert (linked.dataset.number, linked.changed) == (added.dataset.number, True)
    assert len(rows(example, "SELECT ?f { ?f prov:specializationOf ?g }")) == 1


@pytest.mark.parametrize("is_held", [True, False])
def test_a_run_of_others_is_linked_by_the_checksum_of_its_input(
    example: Fairgraph, tmp_path: Path, is_held: bool
) -> None:
    """Whether the crate holds the file or only says its checksum."""
    text = "reads of one.txt"
    example.remove("mouse-circadian", purge=True)
    nodes = [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}},
        {"@id": "./", "@type": "Dataset", "name": "Elsewhere", "hasPart": [{"@id": "in.gz"}, {"@id": "out.tsv"}]},
        {"@id": "#run", "@type": "CreateAction", "name": "A run", "instrument": {"@id": "#tool"}, "object": {"@id": "in.gz"}, "result": {"@id": "out.tsv"}},
        {"@id": "#tool", "@type": "SoftwareApplication", "name": "tool"},
        {"@id": "in.gz", "@type": "File", "name": "in.gz", "sha256": hashlib.sha256(text.encode()).hexdigest()},
        {"@id": "out.tsv", "@type": "File", "name": "out.tsv"},
    ]  # fmt: skip
    context = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]  # fmt: skip
    with zipfile.ZipFile(tmp_path / "elsewhere.zip", "w") as crate:
        crate.writestr("ro-crate-metadata.json", json.dumps({"@context": context, "@graph": nodes}))
        if is_held:
            crate.writestr("in.gz", text)
    # In whatever order they come.
    example.add(tmp_path / "elsewhere.zip")
    assert list(example.query("examples/results-to-sources")) == []
    example.add(EXAMPLE, slug="plain")
    with_data(example, tmp_path, text)
    example.remove("plain")
    ((run, result, source),) = example.query("examples/results-to-sources")
    assert (run.value, result.value) == ("A run", "out.tsv")
    assert source.value.startswith("mouse")


def test_other_bytes_under_one_name_are_two_files(example: Fairgraph, tmp_path: Path) -> None:
    name = with_data(example, tmp_path, "other bytes")
    added = example.record_run(make_run(tmp_path / "run", name, "stray.txt"), of="with-data")
    assert [finding.rule for finding in added.report] == ["run-input-differs", "run-input-unknown"]
    assert rows(example, "SELECT ?f { ?f prov:specializationOf ?g }") == []


def test_a_public_run_does_not_name_the_files_of_a_private_dataset(
    memory: Fairgraph, tmp_path: Path
) -> None:
    memory.add(EXAMPLE, visibility="private")
    run = make_run(tmp_path, raw_file(memory))
    with pytest.raises(UsageError, match="not public"):
        memory.record_run(run, of="mouse-circadian")
    assert [dataset.slug for dataset in memory.datasets()] == ["mouse-circadian"]
    memory.record_run(run, of="mouse-circadian", visibility="private")
    public = memory.as_caller("public")
    assert list(memory.query("examples/results-to-sources")) != []
    assert list(public.query("examples/results-to-sources")) == []
    assert list(public.query("SELECT ?s { ?s ?p ?o }")) == []


def test_the_bytes_of_a_private_dataset_tell_the_public_nothing(
    memory: Fairgraph, tmp_path: Path
) -> None:
    memory.add(EXAMPLE, slug="plain", visibility="private")
    with_data(memory, tmp_path, "reads of one.txt")
    memory.set("with-data", visibility="private")
    memory.record_run(make_run(tmp_path / "run", "one.txt"))
    public = memory.as_caller("public")
    assert len(list(memory.query("examples/results-to-sources"))) == 1
    assert list(public.query("examples/results-to-sources")) == []


# -- What is wrong is said -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": "yesterday"}, "no time in ISO 8601"),
        ({"start": "2026-11-02", "end": "2026-11-01"}, "ends"),
        ({"container": "Not An Image"}, "no reference of a container image"),
        ({"workflow": Path("nothing.cwl")}, "no file that is there"),
        ({"outputs": Path("/nowhere")}, "outputs is not there"),
        ({"inputs": (Path("/nowhere/x"),)}, "an input is not there"),
        ({"params": Path("/nowhere.json")}, "no file that is there"),
        ({"workflow": Path(__file__)}, "no workflow language"),
    ],
)
def test_what_cannot_be_recorded_is_refused(
    memory: Fairgraph, run: Run, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        memory.record_run(replace(run, **changes))
    assert memory.datasets() == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("mean.cwl", "class: [", "no YAML"),
        ("mean.cwl", "just text", "no CWL document"),
        ("mean.cwl", "class: Nothing", "no process"),
        ("mean.cwl", "class: Workflow\ninputs: 7\noutputs: []", "no form that CWL knows"),
        ("mean.cwl", "class: Workflow\ninputs: &a {x: {type: *a}}\n", ""),
        ("mean.cwl", "class: Workflow\nsteps: {a: {run: gone.cwl}}", "not there"),
        ("params.json", "[1, 2]", "no object of parameters"),
        ("params.json", '{"a": ', "no YAML or JSON"),
    ],
)
def test_documents_that_cannot_be_read_are_refused(
    memory: Fairgraph, run: Run, name: str, text: str, message: str
) -> None:
    (run.workflow.parent / name).write_text(text)
    if not message:
        memory.record_run(
            run
        )  # a type that is an alias of what holds it is no type, and no endless loop
        return
    with pytest.raises(SourceError, match=message):
        memory.record_run(run)
    assert memory.datasets() == []


def test_parameters_that_contain_themselves_are_refused(memory: Fairgraph, run: Run) -> None:
    assert run.params is not None
    run.params.write_text("a: &a [*a, *a]")
    with pytest.raises(UsageError, match="more than"):
        memory.record_run(run)


def test_an_empty_folder_of_outputs_is_refused(memory: Fairgraph, run: Run) -> None:
    (run.outputs / "means.tsv").unlink()
    with pytest.raises(UsageError, match="no file among the outputs"):
        memory.record_run(run)


# -- Workflows and images --------------------------------------------------------------------------------------------------


def test_the_files_that_a_workflow_runs_are_its_parts(memory: Fairgraph, run: Run) -> None:
    folder = run.workflow.parent
    (folder / "tools").mkdir()
    (folder / "tools" / "mean.cwl").write_text(TOOL)
    steps = 'class: Workflow\ncwlVersion: v1.2\ninputs: [{id: counts, type: ["null", File]}]\noutputs: []\nsteps: {a: {run: tools/mean.cwl}}'
    (folder / "all.cwl").write_text(steps)
    workflow = read_workflow(folder / "all.cwl")
    assert list(workflow.parts) == ["tools/mean.cwl"]
    assert [(p.name, p.type, p.is_required) for p in workflow.inputs] == [("counts", "File", False)]
    memory.record_run(replace(run, workflow=folder / "all.cwl"))
    assert rows(memory, "SELECT ?name { ?w a <https://bioschemas.org/ComputationalWorkflow> ; schema:hasPart/schema:name ?name }") == [("tools/mean.cwl",)]  # fmt: skip


def test_a_packed_workflow_has_the_parameters_of_its_main(tmp_path: Path) -> None:
    document = {"cwlVersion": "v1.0", "$graph": [
        {"class": "CommandLineTool", "id": "#tool", "inputs": [], "outputs": []},
        {"class": "Workflow", "id": "#main", "inputs": [{"id": "#main/reads", "type": {"type": "array", "items": "File"}}], "outputs": []},
    ]}  # fmt: skip
    path = tmp_path / "packed.cwl"
    path.write_text(json.dumps(document))
    workflow = read_workflow(path)
    assert [(p.name, p.type, p.is_many) for p in workflow.inputs] == [("reads", "File", True)]
    assert workflow.version == "v1.0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python:3.11", (DOCKER, "docker.io", "python", "3.11", "")),
        ("quay.io/biocontainers/star:2.7", (DOCKER, "quay.io", "biocontainers/star", "2.7", "")),
        ("org/tool", (DOCKER, "docker.io", "org/tool", "", "")),
        ("docker://localhost:5000/t@sha256:" + "a" * 64, (DOCKER, "localhost:5000", "t", "", "a" * 64)),
        ("library://user/set/tool:1", (SIF, "", "user/set/tool", "1", "")),
        ("oras://ghcr.io/org/tool:1", (SIF, "ghcr.io", "org/tool", "1", "")),
    ],
)  # fmt: skip
def test_a_reference_of_an_image_is_taken_apart(text: str, expected: tuple[str, ...]) -> None:
    image = read_image(text)
    assert (image.type, image.registry, image.name, image.tag, image.sha256) == expected


def test_a_sif_file_is_known_by_its_bytes(memory: Fairgraph, run: Run, tmp_path: Path) -> None:
    image = tmp_path / "tool.sif"
    image.write_bytes(b"image")
    memory.record_run(replace(run, container=str(image)))
    sha256 = hashlib.sha256(b"image").hexdigest()
    assert rows(memory, "SELECT ?name ?sha256 { ?i a <https://w3id.org/ro/terms/workflow-run#ContainerImage> ; schema:name ?name ; schema:sha256 ?sha256 }") == [("tool.sif", sha256)]  # fmt: skip


# -- The command line ------------------------------------------------------------------------------------------------------


def command(store: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["--store", str(store), *map(str, arguments)])


def test_from_the_command_line_to_the_animal(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with fairgraph.open(store) as fg:
        fg.add(EXAMPLE)
        name = raw_file(fg)
    run = make_run(tmp_path / "run", name, "also.txt")
    arguments = ["--workflow", run.workflow, "--params", run.params, "--outputs", run.outputs, "--of", "mouse-circadian", "--end", "2026-11-01"]  # fmt: skip
    done = command(store, "run", "record", *arguments, "--inputs", *run.inputs, "--json")
    assert done.exit_code == 0, done.output
    (added,) = json.loads(done.stdout)["datasets"]
    assert added["slug"] == "mean"
    assert [finding["rule"] for finding in added["findings"]] == ["run-input-unknown"]
    asked = command(store, "query", "examples/results-to-sources", "--results", "csv")
    assert asked.exit_code == 0, asked.output
    header, row = asked.stdout.splitlines()
    assert header == "run,result,source"
    assert row.startswith("Run of Mean counts,means.tsv,")
