"""What the parameters of a run name: nothing of it is lost without a finding, and nothing else of the machine is read."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fairgraph import Run
from fairgraph.api import Added, Fairgraph
from fairgraph.errors import FairgraphError, SourceError, UsageError
from test_run_record import make_run, rows

READS = "https://zenodo.org/record/1/files/reads.fastq.gz"
USED = "SELECT ?file { ?run prov:used ?file }"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "run").mkdir()
    return make_run(tmp_path / "run" / "work", "one.txt")


def record(fg: Fairgraph, run: Run, params: Any, *, with_files: bool = True) -> Added:
    assert run.params is not None
    run.params.write_text(params if isinstance(params, str) else json.dumps(params))
    return fg.record_run(run, with_files=with_files)


def found(added: Added) -> list[tuple[str, str, str]]:
    return [(one.severity, one.rule, one.where) for one in added.report]


def names_used(fg: Fairgraph) -> list[str]:
    return [name for (name,) in rows(fg, "SELECT ?name { ?run prov:used ?file . ?file a schema:MediaObject ; schema:name ?name }")]  # fmt: skip


# -- Nothing is lost without a finding -------------------------------------------------------------------------------------


def test_a_file_elsewhere_is_an_input_by_its_url(memory: Fairgraph, run: Run) -> None:
    sha1 = "0" * 40
    added = record(memory, replace(run, inputs=(), license="CC0-1.0"), {
        "counts": [{"class": "File", "location": READS, "format": "edam:format_1930", "size": 12, "checksum": f"sha1${sha1}", "basename": "reads.fastq.gz"}],
    })  # fmt: skip
    assert found(added) == []
    assert (READS,) in rows(memory, USED)
    said = "SELECT ?name ?format ?size ?sha1 ?parameter { ?f schema:name ?name ; schema:encodingFormat ?format ; schema:contentSize ?size ; <https://w3id.org/ro/terms/workflow-run#sha1> ?sha1 ; schema:exampleOfWork/schema:name ?parameter }"
    assert rows(memory, said) == [("reads.fastq.gz", "edam:format_1930", "12", sha1, "counts")]
    with zipfile.ZipFile(io.BytesIO(memory.export("run-crate", "mean").to_bytes())) as archive:
        nodes: Any = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
    (action,) = [node for node in nodes if node["@type"] == "CreateAction"]
    assert READS in json.dumps(action["object"])
    assert memory.validate("mean", profile="prov").conforms
    assert memory.validate("mean", profile="ro-crate").conforms


def test_what_is_said_of_a_file_beside_the_parameters_is_kept(memory: Fairgraph, run: Run) -> None:
    file = {"class": "File", "path": "one.txt", "format": "edam:format_2330", "size": 16}
    assert found(record(memory, replace(run, inputs=()), {"counts": [file]})) == []
    assert rows(memory, "SELECT ?name ?format { ?f schema:name ?name ; schema:encodingFormat ?format }") == [("one.txt", "edam:format_2330")]  # fmt: skip
    (finding,) = record(memory, replace(run, inputs=()), {"counts": [file | {"size": 7}]}).report
    assert finding.rule == "crate-payload-size"


def test_files_inside_of_a_file_are_inputs(memory: Fairgraph, run: Run) -> None:
    (run.workflow.parent / "one.txt.bai").write_text("index")
    index = {"class": "File", "path": "one.txt.bai"}
    file = {"class": "File", "path": "one.txt", "secondaryFiles": [index]}
    assert found(record(memory, replace(run, inputs=()), {"counts": file})) == []
    assert names_used(memory) == ["one.txt", "one.txt.bai"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"a": {"class": "File", "path": "gone.txt"}}, ("warning", "run-input-missing", "a")),
        ({"a": {"class": "File", "location": "file:///gone/b%20c"}}, ("warning", "run-input-missing", "a")),
        ({"a": {"class": "Directory", "path": "/gone"}}, ("warning", "run-input-missing", "a")),
        ({"a": {"class": "File", "contents": "text"}}, ("warning", "run-parameter-left-out", "a")),
        ({"a": {"class": "File", "path": 5}}, ("warning", "run-parameter-left-out", "a")),
        ({"a": {"class": "File", "location": READS, "checksum": "md5$0"}}, ("warning", "run-parameter-left-out", "a.checksum")),
        ({"a": {"class": "File", "location": READS, "format": [1]}}, ("warning", "run-parameter-left-out", "a.format")),
        ({"a": {"class": "Directory", "location": READS, "size": 5}}, ("warning", "run-parameter-left-out", "a.size")),
        ({"a": [{"class": "File", "location": READS, "size": n} for n in (1, 2)]}, ("warning", "run-parameter-left-out", "a.1")),
        ({"a": {"b": 1}, "a.b": 2}, ("warning", "run-parameter-left-out", "a.b")),
        ({"a": ""}, ("info", "run-parameter-left-out", "a")),
        ({"a": None}, ("info", "run-parameter-left-out", "a")),
        ({"a": {"b": []}}, ("info", "run-parameter-left-out", "a.b")),
        ({"a": [1, {}]}, ("info", "run-parameter-left-out", "a.1")),
    ],
)  # fmt: skip
def test_what_no_crate_can_say_is_found(
    memory: Fairgraph, run: Run, params: Any, expected: tuple[str, str, str]
) -> None:
    severity, rule, place = expected
    assert found(record(memory, run, params)) == [(severity, rule, f"params.json#{place}")]


def test_a_path_in_a_container_is_the_input_of_that_name(memory: Fairgraph, run: Run) -> None:
    added = record(memory, run, {"counts": {"class": "File", "path": "/data/in/one.txt"}})
    assert found(added) == []
    assert names_used(memory) == ["one.txt"]


def test_links_in_folders_are_found_and_not_followed(
    memory: Fairgraph, run: Run, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file.txt").write_text("file")
    (folder / "deep" / "link.txt").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    (run.outputs / "result.txt").symlink_to(secret)
    added = memory.record_run(replace(run, inputs=(folder,)))
    (finding,) = added.report
    assert (finding.rule, finding.where, finding.count) == ("run-link", "in/up", 3)
    assert names_used(memory) == ["file.txt"]
    assert not memory.store.files.has(hashlib.sha256(b"secret").hexdigest())


def test_an_empty_folder_of_inputs_is_found(memory: Fairgraph, run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    added = memory.record_run(replace(run, inputs=(tmp_path / "in",)))
    assert found(added) == [("warning", "run-input-missing", "in")]


def test_a_number_that_json_does_not_have_is_a_text(memory: Fairgraph, run: Run) -> None:
    assert found(record(memory, run, "a: .nan\nb: .inf\nc: -.inf\n")) == []
    values = "SELECT ?name ?value { ?v a schema:PropertyValue ; schema:name ?name ; schema:value ?value }"
    assert rows(memory, values) == [("a", "NaN"), ("b", "INF"), ("c", "-INF")]


# -- Nothing else is read --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["absolute", "above", "url", "link", "folder"])
def test_a_file_of_the_machine_is_read_only_if_it_is_given_as_an_input(
    memory: Fairgraph, run: Run, tmp_path: Path, form: str
) -> None:
    (tmp_path / "keys").mkdir()
    secret = tmp_path / "keys" / "id_rsa"
    secret.write_text("secret")
    (run.workflow.parent / "link").symlink_to(secret)
    value = {
        "absolute": {"class": "File", "path": str(secret)},
        "above": {"class": "File", "path": "../../keys/id_rsa"},
        "url": {"class": "File", "location": f"file://{secret}"},
        "link": {"class": "File", "path": "link"},
        "folder": {"class": "Directory", "path": "../../keys"},
    }[form]
    kept = hashlib.sha256(b"secret").hexdigest()
    added = record(memory, run, {"a": value})
    assert found(added) == [("warning", "run-input-outside", "params.json#a")]
    assert rows(memory, f'SELECT ?f {{ ?f schema:sha256 "{kept}" }}') == []
    assert not memory.store.files.has(kept)
    added = record(memory, replace(run, inputs=(secret.parent,)), {"counts": value})
    assert found(added) == []
    assert rows(memory, f'SELECT ?p {{ ?f schema:sha256 "{kept}" ; schema:exampleOfWork/schema:name ?p }}') == [("counts",)]  # fmt: skip


# -- Bad documents are refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("params.json", '{"a": "\\ud800"}', SourceError),
        ("params.json", '{"\\ud800": 1}', SourceError),
        ("params.json", '{"a": "\\u0000"}', SourceError),
        ("params.json", '{"a": {"class": "File", "path": "\\u0000"}}', SourceError),
        ("params.json", '{"a": {"class": "File", "path": "%s"}}' % ("x" * 5000), UsageError),
        ("params.json", '{"a": {"class": "File", "path": "loop/x"}}', None),
        ("params.json", "a: &a {b: *a}", UsageError),
        ("mean.cwl", 'class: Workflow\ninputs: {"\\ud800": File}\noutputs: []', SourceError),
        ("mean.cwl", 'class: Workflow\nsteps: {a: {run: "\\0"}}', SourceError),
        ("mean.cwl", f"class: Workflow\nsteps: {{a: {{run: {'x' * 5000}}}}}", UsageError),
    ],
)
def test_what_no_triple_or_path_can_hold_is_refused(
    memory: Fairgraph, run: Run, name: str, text: str, error: type[FairgraphError] | None
) -> None:
    (run.workflow.parent / "loop").symlink_to("loop")
    (run.workflow.parent / name).write_text(text)
    try:
        memory.record_run(run)
    except FairgraphError as refused:
        assert error is None or isinstance(refused, error)
        assert name in str(refused) or "parameters" in str(refused)
        assert memory.datasets() == []
    else:
        assert error is None


@pytest.mark.parametrize("what", ["title", "agent", "container", "license", "start"])
@pytest.mark.parametrize("text", ["a\ud800", "\0.sif"])
def test_a_text_that_is_none_is_refused(memory: Fairgraph, run: Run, what: str, text: str) -> None:
    with pytest.raises(SourceError, match=f"the {what} of the run"):
        memory.record_run(replace(run, **{what: text}))
    assert memory.datasets() == []


@pytest.mark.parametrize("path", [Path("\0"), Path("x" * 5000), Path("/dev/null")])
@pytest.mark.parametrize("what", ["workflow", "params", "outputs", "inputs"])
def test_a_path_that_leads_to_no_file_is_refused(
    memory: Fairgraph, run: Run, what: str, path: Path
) -> None:
    changes: dict[str, Any] = {what: (path,) if what == "inputs" else path}
    with pytest.raises(UsageError):
        memory.record_run(replace(run, **changes))


def test_the_name_of_a_file_that_is_no_text_is_refused(memory: Fairgraph, run: Run) -> None:
    (run.outputs / "\udcff.txt").write_text("x")
    with pytest.raises(SourceError, match="name of a file"):
        memory.record_run(run)
