"""The examples are what their makers make, and they are clean."""

from __future__ import annotations

import importlib.util
import io
import json
from pathlib import Path

import pytest

from fairgraph.api import Fairgraph
from fairgraph.conversion import convert
from fairgraph.terms import PREFIXES
from support import EXAMPLE, ROOT

JSON_EXAMPLE = EXAMPLE.with_name("mouse-circadian-isa.json")


def test_the_isa_tab_is_what_its_generator_writes(tmp_path: Path) -> None:
    script = ROOT / "examples" / "make_mouse_circadian.py"
    spec = importlib.util.spec_from_file_location("make_mouse_circadian", script)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path)
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
