"""Other readers as oracles of the options that are for them; ``make interop`` asks about the whole corpus.

Each reader runs in a Python of its own, which a variable names (docs/interop.md). isatools is always asked; the others are if theirs
is named.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from fairgraph.conversion import convert
from support import EXAMPLE, ROOT, corpus_paths

pytestmark = [pytest.mark.oracle, pytest.mark.slow, pytest.mark.timeout(900)]

NORMALISE = {"normalise": "yes"}
INLINE, STRICT = {"inline-refs": "yes"}, {"strict-1.0": "yes"}
SOURCES = [
    EXAMPLE,
    *corpus_paths("isa/tab/altamisa_minimal", "isa/tab/BII-S-4", "isa/tab/mb2019_MTBLS126"),
    *corpus_paths("isa/tab/tests_BII-S-TEST", "isa/tab/tests_TEST-ISA-sample-pool"),
]


def peer(variable: str) -> Path:
    """Return the Python of a peer; isatools has a place where `make` puts it."""
    named = os.environ.get(variable)
    path = Path(named) if named else ROOT / ".isatools-venv" / "bin" / "python"
    if not named and (variable != "FAIRGRAPH_ISATOOLS" or not path.exists()):
        if variable == "FAIRGRAPH_ISATOOLS" and os.environ.get("CI"):
            pytest.fail("no isatools: `make .isatools-venv/installed`, or set FAIRGRAPH_ISATOOLS")
        pytest.skip(f"set {variable} to a Python that has it")
    return path


def answers(
    question: str, python: Path, folder: Path, name: str, options: Mapping[str, str]
) -> dict[str, str]:
    """Write all sources in one format and return what the peer says of each, ``""`` if it can be read."""
    paths = []
    for source in SOURCES:
        output = io.BytesIO()
        convert(source, name, output, options=options)
        path = folder / (source.name if name == "isa-tab" else f"{source.name}.json")
        if name == "isa-tab":
            with zipfile.ZipFile(output) as archive:
                archive.extractall(path)
        else:
            path.write_bytes(output.getvalue())
        paths.append(path)
    ran = subprocess.run(
        [str(python), str(ROOT / "benchmarks" / "interop_peer.py"), question, "100"],
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        text=True,
        check=False,
    )
    found = {a["path"]: a["reason"] for a in map(json.loads, ran.stdout.splitlines())}
    assert list(found) == [str(path) for path in paths], ran.stderr[-2000:]
    return {Path(path).stem: reason for path, reason in found.items()}


@pytest.mark.parametrize(
    ("question", "variable"),
    [
        ("isatab.load", "FAIRGRAPH_ISATOOLS"),
        ("altamisa", "FAIRGRAPH_ALTAMISA"),
        ("metabolights-utils", "FAIRGRAPH_METABOLIGHTS"),
    ],
)
def test_normalised_isa_tab_can_be_read(question: str, variable: str, tmp_path: Path) -> None:
    found = answers(question, peer(variable), tmp_path, "isa-tab", NORMALISE)
    assert set(found.values()) == {""}, found


@pytest.mark.parametrize("question", ["isajson.load", "isajson.validate"])
def test_isatools_reads_references_that_are_written_out(question: str, tmp_path: Path) -> None:
    found = answers(question, peer("FAIRGRAPH_ISATOOLS"), tmp_path, "isa-json", INLINE)
    assert set(found.values()) == {""}, found


def test_arctrl_reads_both_options_together(tmp_path: Path) -> None:
    found = answers("ARCtrl", peer("FAIRGRAPH_ARCTRL"), tmp_path, "isa-json", {**INLINE, **STRICT})
    assert set(found.values()) == {""}, found


def test_arctrl_does_not_read_what_has_references(tmp_path: Path) -> None:
    found = answers("ARCtrl", peer("FAIRGRAPH_ARCTRL"), tmp_path, "isa-json", {})
    assert found[EXAMPLE.name], "it does: say so in docs/interop.md"
