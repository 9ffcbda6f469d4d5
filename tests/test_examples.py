"""The examples are what their makers make, and they are clean."""

from __future__ import annotations

import importlib.util
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairgraph.api import Fairgraph
from fairgraph.cli.main import cli
from fairgraph.conversion import convert
from fairgraph.terms import PREFIXES
from support import EXAMPLE, ROOT

JSON_EXAMPLE = EXAMPLE.with_name("mouse-circadian-isa.json")


RUN_EXAMPLE = EXAMPLE.with_name("mouse-circadian-run")
NOTEBOOK_EXAMPLE = EXAMPLE.with_name("mouse-circadian-notebook.eln")


TRACKS_EXAMPLE = EXAMPLE.with_name("mouse-circadian-tracks.json")


PUBLISHED_EXAMPLE = EXAMPLE.with_name("mouse-circadian-published")


def make(name: str, target: Path) -> None:
    """Let a script write an example to another place."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(target)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}  # fmt: skip


def test_the_run_is_what_its_generator_writes(tmp_path: Path) -> None:
    make("make_mouse_run", tmp_path)
    assert contents(tmp_path) == contents(RUN_EXAMPLE)


def test_the_notebook_is_what_its_generator_writes(tmp_path: Path) -> None:
    make("make_mouse_notebook", tmp_path / "made.eln")
    assert (tmp_path / "made.eln").read_bytes() == NOTEBOOK_EXAMPLE.read_bytes()


@pytest.mark.parametrize(("path", "profile"), [(RUN_EXAMPLE, "ro-crate"), (NOTEBOOK_EXAMPLE, "eln")], ids=["run", "notebook"])  # fmt: skip
def test_the_crates_conform(memory: Fairgraph, path: Path, profile: str) -> None:
    added = memory.add(path)
    assert {finding.rule for finding in added.report} <= {"crate-restored"}
    assert memory.validate(added.dataset, profile=profile).conforms
    assert memory.validate(added.dataset, profile="prov").conforms


def test_the_tracks_are_what_their_generator_writes(tmp_path: Path) -> None:
    make("make_mouse_tracks", tmp_path / "made.json")
    assert (tmp_path / "made.json").read_bytes() == TRACKS_EXAMPLE.read_bytes()


def test_the_tracks_conform_and_come_back(memory: Fairgraph) -> None:
    added = memory.add(TRACKS_EXAMPLE)
    assert not len(added.report)
    for profile in ("isa", "prov", "fairtracks"):
        assert memory.validate(added.dataset, profile=profile).conforms
    written = memory.export("fairtracks", added.dataset).to_bytes()
    assert json.dumps(json.loads(written)) == json.dumps(json.loads(TRACKS_EXAMPLE.read_bytes()))


def test_the_tracks_share_their_samples_with_the_investigation(example: Fairgraph) -> None:
    example.add(TRACKS_EXAMPLE)
    rows = list(example.query("examples/tracks-of-organism-part"))
    assert [row["label"].value for row in rows] == [
        f"LD12_ZT{hour:02}_liver" for hour in range(0, 24, 4)
    ]
    assert all("/id/mouse-circadian/" in row["elsewhere"].value for row in rows)


def test_the_published_dataset_is_what_its_generator_writes(tmp_path: Path) -> None:
    make("make_mouse_published", tmp_path)
    assert contents(tmp_path) == contents(PUBLISHED_EXAMPLE)


def test_the_published_dataset_conforms_and_comes_back(memory: Fairgraph, tmp_path: Path) -> None:
    added = memory.add(PUBLISHED_EXAMPLE, with_files=True)
    assert list(added.report) == []
    for profile in ("isa", "prov", "pennsieve"):
        assert memory.validate(added.dataset, profile=profile).conforms
    folder = memory.export("pennsieve", added.dataset).to_folder(tmp_path / "out")
    assert contents(folder) == contents(PUBLISHED_EXAMPLE)


def test_the_published_mice_are_those_of_the_investigation(example: Fairgraph) -> None:
    example.add(PUBLISHED_EXAMPLE)
    names = [
        {
            row[0].value
            for row in example.query(
                "SELECT ?n { ?s a <https://w3id.org/fairgraph/isa#Source> ; <http://schema.org/name> ?n }",
                dataset=number,
            )
        }
        for number in (1, 2)
    ]
    assert names[1] < names[0]


def test_the_story_goes_from_the_result_to_the_mice(example: Fairgraph) -> None:
    example.add(RUN_EXAMPLE)
    mice = sorted(row["source"].value for row in example.query("examples/results-to-sources"))
    assert mice == [f"mouse_{number}" for number in range(101, 107)]


def test_the_story_in_three_commands(tmp_path: Path) -> None:
    store = ["--store", str(tmp_path / "store")]
    record = [
        "--workflow",
        "workflow/count-reads.cwl",
        "--params",
        "parameters.json",
        "--inputs",
        "inputs",
        "--outputs",
        "outputs",
    ]
    paths = [word if word.startswith("--") else str(RUN_EXAMPLE / word) for word in record]
    for command in (
        ["import", str(EXAMPLE)],
        ["run", "record", *paths, "--of", "mouse-circadian"],
        ["query", "examples/results-to-sources"],
    ):
        done = CliRunner().invoke(cli, [*store, *command])
        assert done.exit_code == 0, done.output
    assert done.stdout.count("\tread_counts.tsv\tmouse_1") == 6


def test_the_notebook_is_about_the_samples(example: Fairgraph) -> None:
    example.add(NOTEBOOK_EXAMPLE)
    found = {
        (row["sample"].value, row["entry"].value)
        for row in example.query("examples/entries-of-samples")
    }
    assert len(found) == 12
    assert ("LD12_ZT00_liver", "RNA extraction of livers") in found


def test_the_isa_tab_is_what_its_generator_writes(tmp_path: Path) -> None:
    make("make_mouse_circadian", tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.rglob("*.txt")}
    assert written == {path.name: path.read_bytes() for path in EXAMPLE.glob("*.txt")}


def test_the_isa_json_is_what_the_isa_tab_exports() -> None:
    output = io.BytesIO()
    convert(EXAMPLE, "isa-json", output)
    assert output.getvalue() == JSON_EXAMPLE.read_bytes()


@pytest.mark.parametrize("path", [EXAMPLE, JSON_EXAMPLE], ids=lambda path: path.name)
def test_an_example_has_not_one_finding(memory: Fairgraph, path: Path) -> None:
    added = memory.add(path, validate=True)
    assert list(added.report) == []
    assert added.dataset.counts["studies"] == 2
    assert added.dataset.counts["samples"] == 42


EDGES = """
PREFIX schema: <http://schema.org/>
SELECT (COUNT(DISTINCT ?in) AS ?inputs) (COUNT(DISTINCT ?out) AS ?outputs) {
  ?process schema:result/schema:name "%s" ; schema:object ?in ; schema:result ?out
}
"""


@pytest.mark.parametrize(
    ("sample", "inputs", "outputs"), [("LD16_ZT20_SCN", 3, 1), ("AL_ZT00_liver", 1, 2)]
)
def test_a_pooled_and_a_split_sample_have_one_process(
    example: Fairgraph, sample: str, inputs: int, outputs: int
) -> None:
    (row,) = example.query(EDGES % sample)
    assert (int(row["inputs"].value), int(row["outputs"].value)) == (inputs, outputs)


def test_the_context_has_the_prefixes() -> None:
    context = json.loads((ROOT / "ontologies" / "contexts" / "fairgraph.jsonld").read_text())[
        "@context"
    ]
    assert context == PREFIXES
