"""roc-validator as an oracle: it finds nothing REQUIRED that our crates and notebooks do not have.

It needs other packages than we do, so it runs in a Python of its own: the one that FAIRGRAPH_ROC names, else ``.roc-venv``, which
``make oracle-crate`` makes. Nothing is fetched: the contexts are those of the corpus.
"""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import fairgraph
from support import CORPUS, EXAMPLE, ROOT, corpus_paths
from test_run_record import make_run

pytestmark = [pytest.mark.crate_oracle, pytest.mark.slow, pytest.mark.corpus, pytest.mark.timeout(3600)]  # fmt: skip

ARCHIVES = corpus_paths("eln/*.eln")
INVESTIGATIONS = [
    path
    for name in (
        "altamisa_i_small", "altamisa_i_warnings", "altamisa_test_gelelect", "BII-I-1", "BII-S-5", "cookbook_SIRM", "linkedISA_T1-2x2-strain-sex",
        "mu_MTBLS373", "tests_issue200", "tests_MIACME-Cellmissy1", "tests_TEST-ISA-charac-param-factor", "tests_TEST-ISA-SRA-chromatin-mod-seq",
    )
    for path in corpus_paths(f"isa/tab/{name}")
]  # fmt: skip


@pytest.fixture(scope="module")
def python() -> Path:
    """The Python that has roc-validator."""
    path = Path(os.environ.get("FAIRGRAPH_ROC") or ROOT / ".roc-venv" / "bin" / "python")
    if not path.exists():
        message = f"no roc-validator: `make .roc-venv/installed`, or set FAIRGRAPH_ROC (looked for {path})"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus at {CORPUS}: set FAIRGRAPH_CORPUS")
    return path


def unpacked(source: Path, name: str, folder: Path, **options: str) -> Path:
    """Export a source and unpack it; the folder of the crate."""
    target = folder / source.stem
    with fairgraph.open("memory:") as fg:
        fg.add(source, slug="x", with_files=True)
        path = fg.export(name, "x", **options).to_path(folder / "x.zip")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(target)
    return target / "x" if name == "eln" else target


def required(python: Path, profile: str, crates: Iterable[Path]) -> dict[str, list[str]]:
    """What a profile requires and crates do not have."""
    command = [str(python), str(Path(__file__).with_name("crate_oracle.py")), str(CORPUS / "contexts"), profile]  # fmt: skip
    ran = subprocess.run([*command, *map(str, crates)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    answers: dict[str, list[dict[str, Any]]] = json.loads(ran.stdout)
    return {path: [f"{i['check']} {i['message']} {i['entity']}" for i in found] for path, found in answers.items() if found}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "options", "profile"),
    [
        ("eln", {}, "ro-crate-1.2"),
        ("eln", {"version": "1.1"}, "ro-crate-1.1"),
        ("ro-crate", {}, "ro-crate-1.2"),
        ("ro-crate", {"version": "1.1"}, "ro-crate-1.1"),
    ],
)
def test_real_notebooks_have_what_is_required(
    python: Path, tmp_path: Path, name: str, options: dict[str, str], profile: str
) -> None:
    crates = [unpacked(path, name, tmp_path, **options) for path in ARCHIVES]
    assert required(python, profile, crates) == {}


@pytest.mark.parametrize(
    ("name", "options", "profile"),
    [
        ("ro-crate", {}, "isa-ro-crate"),
        ("ro-crate", {"version": "1.2"}, "ro-crate-1.2"),
        ("eln", {}, "ro-crate-1.2"),
    ],
)
def test_investigations_have_what_is_required(
    python: Path, tmp_path: Path, name: str, options: dict[str, str], profile: str
) -> None:
    crates = [unpacked(path, name, tmp_path, **options) for path in (EXAMPLE, *INVESTIGATIONS)]
    assert required(python, profile, crates) == {}


def test_the_oracle_finds_what_is_missing(python: Path, tmp_path: Path) -> None:
    crate = unpacked(ARCHIVES[0], "ro-crate", tmp_path)
    path = crate / "ro-crate-metadata.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    for node in document["@graph"]:
        if node["@id"] == "./":
            del node["license"]
    path.write_text(json.dumps(document), encoding="utf-8")
    (found,) = required(python, "ro-crate-1.2", [crate]).values()
    assert "license" in found[0]


RUNS = [
    path
    for name in (
        "rocv_valid_provenance-run-crate", "wrroc_dev_resource_usage_nf_tracing_tutorial-run-1-crate",
        "wrroc_examples_WfExS-backend_cosifer-cwl_provenance", "wrroc_examples_draft_ml-predict-pipeline-streamflow",
        "wrroc_examples_snakemake_crcc-img-convert_fair-crcc-img-convert-run",
    )
    for path in corpus_paths(f"rocrate/{name}")
]  # fmt: skip


# The profile of workflow runs asks for what Process Run Crate, Workflow RO-Crate and RO-Crate 1.1 ask for, too.
@pytest.mark.parametrize("profile", ["process-run-crate-0.5", "workflow-run-crate-0.5"])
def test_runs_have_what_is_required(python: Path, tmp_path: Path, profile: str) -> None:
    sources = [EXAMPLE.with_name("mouse-circadian-run"), *RUNS]
    crates = [unpacked(path, "run-crate", tmp_path) for path in sources]
    assert required(python, profile, [*crates, remote(tmp_path)]) == {}


def remote(folder: Path) -> Path:
    """A recorded run with an input that is elsewhere, exported and unpacked; the folder of the crate."""
    run = make_run(folder / "run", "one.txt")
    assert run.params is not None
    url = "https://zenodo.org/record/1/files/reads.fastq.gz"
    run.params.write_text(json.dumps({"counts": [{"class": "File", "location": url}]}))
    told = replace(run, end="2026-11-01", agent="Ada 0000-0002-1825-0097", license="CC0-1.0")
    with fairgraph.open("memory:") as fg:
        fg.record_run(told)
        path = fg.export("run-crate", 1).to_path(folder / "remote.zip")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "remote")
    assert url in (folder / "remote" / "ro-crate-metadata.json").read_text(encoding="utf-8")
    return folder / "remote"
