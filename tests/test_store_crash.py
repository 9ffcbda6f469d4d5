"""Killed at any step of any write, the store holds the old state or the new one, whole, and can be written."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from fairgraph.access import visible
from fairgraph.catalogue import SYSTEM, Catalogue, DatasetContent, Source, record_iri
from fairgraph.revisions import archived, canonical
from fairgraph.store import DEFAULT, Reader, Store, open_store

SRC = Path(__file__).parents[1] / "src"

# What a child process does to the store: argv is the folder and the name of the operation.
CHILD = r"""
import sys
from fairgraph.catalogue import Catalogue, DatasetContent, Source
from fairgraph.store import engine, open_store

ISA, TYPE = "https://w3id.org/fairgraph/isa#", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"

def content(base, slug, version, size=40):
    ds = f"{base}id/{slug}"
    lines = ['<http://example.org/shared> <http://schema.org/name> "in every dataset" .\n']
    for n in range(size):
        lines.append(f"<{ds}/sample/s{n}> {TYPE} <{ISA}Sample> .\n")
        lines.append(f'<{ds}/sample/s{n}> <http://schema.org/name> "{slug} {version if n % 2 else 0} {n}" .\n')
        lines.append(f"<{ds}/p{n}> {TYPE} <https://bioschemas.org/LabProcess> .\n")
        lines.append(f"<{ds}/p{n}> <http://schema.org/result> <{ds}/sample/s{n}> .\n")
    return DatasetContent(
        slug, slug.upper(), "isa-tab", ["".join(lines).encode()],
        Source(slug, f"/data/{slug}", f"{version:064x}", 1), derived=True, importer="test/1",
    )

def act(catalogue, operation, n=0):
    if operation.endswith(" anew"):  # as if the dataset were large: what stays is loaded into a new store
        engine.MANY_TRIPLES = 20
    match operation.removesuffix(" anew"):
        case "prepare":
            catalogue.put(content(catalogue.base, "a", 1))
            catalogue.put(content(catalogue.base, "a", 2))
            catalogue.put(content(catalogue.base, "b", 1))
        case "import":
            catalogue.put(content(catalogue.base, "c", 1))
        case "re-import":
            catalogue.put(content(catalogue.base, "a", 3 + n, 50))
        case "update":
            catalogue.update(
                "PREFIX s: <http://schema.org/> DELETE WHERE { GRAPH <%sid/a> { ?p s:result ?s } } ;"
                "INSERT DATA { <http://example.org/x> s:name 'default %d' }" % (catalogue.base, n))
        case "revert":
            catalogue.revert("a", 1 + n % 2)
        case "remove":
            catalogue.remove("a")
        case "purge":
            catalogue.remove("a", purge=True)
        case "hide":
            catalogue.set("a", visibility="private")
        case "show":
            catalogue.set("a", visibility="public")

if __name__ == "__main__":
    with open_store(sys.argv[1]) as store:
        catalogue = Catalogue(store, agent="test")
        if sys.argv[2] != "for ever":
            act(catalogue, sys.argv[2])
        n = 0
        while sys.argv[2] == "for ever":
            for operation in ("import", "re-import", "update", "hide", "show", "remove", "revert"):
                act(catalogue, operation, n)
                print(operation, flush=True)
                n += 1
"""

OPERATIONS = ["import", "re-import", "update", "revert", "remove", "purge", "hide"]
ANEW = ["remove anew", "purge anew", "hide anew"]
BEFORE = [
    "locked",
    "marked",
    "opened",
    "written",
    "snapshot-made",
    "snapshot-named",
    "pointer-written",
]
AFTER = ["published", "unmarked", "tidied"]
STEPS = [
    *((operation, step, "old") for operation in OPERATIONS for step in BEFORE),
    *((operation, step, "new") for operation in OPERATIONS for step in AFTER),
    *((operation, "loaded", "old") for operation in ("import", "re-import", "update", "revert")),
    *((operation, "cleared", "old") for operation in ("remove", "purge", *ANEW)),
    *(
        (operation, step, "old")
        for operation in ANEW
        for step in ("moved", "written", "snapshot-named")
    ),
    *((operation, step, "new") for operation in ANEW for step in AFTER),
    *(
        (op, step, "old")
        for op in ("re-import", "remove")
        for step in ("archive-written", "archived")
    ),
]


def run(folder: Path, operation: str, crash_at: str = "") -> int:
    environment = {**os.environ, "PYTHONPATH": str(SRC), "FAIRGRAPH_CRASH_AT": crash_at}
    command = [sys.executable, "-c", CHILD, str(folder), operation]
    return subprocess.run(command, env=environment, check=False, timeout=120).returncode


def fingerprint(folder: Path) -> dict[str, list[str]]:
    """Everything that a reader can see, but for the times."""
    found = {}
    with open_store(folder, create=False) as store, store.read() as reader:
        for graph in [DEFAULT, *reader.graphs()]:
            lines = (str(triple) for triple in reader.triples(graph))
            found[str(graph)] = sorted(
                re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "T", line) for line in lines
            )
    return found


def check(store: Store, reader: Reader) -> None:
    """Assert that everything in one state of the store agrees."""
    catalogue = Catalogue(store)
    union = set()
    graphs = {SYSTEM.value}
    for dataset in catalogue.list(removed=True, reader=reader):
        record = record_iri(store.base, dataset.slug)
        graphs |= {record.value} | (set() if dataset.removed else {dataset.iri})
        assert dataset.current is not None
        assert reader.size(dataset.node) == dataset.current.triples
        if not dataset.removed:
            assert dataset.counts["triples"] == dataset.current.triples
        indexes = [revision.index for revision in dataset.revisions]
        assert indexes == list(range(1, len(indexes) + 1))
        for revision in dataset.revisions[:-1]:
            if revision.operation != "remove":
                assert sum(1 for _ in archived(store, revision.sha256)) == revision.triples
        if dataset.public:
            union |= set(reader.triples(dataset.node)) | set(reader.triples(record))
    assert set(reader.triples(DEFAULT)) == union
    assert {graph.value for graph in reader.graphs()} <= graphs
    numbers = [dataset.number for dataset in catalogue.list(removed=True, reader=reader)]
    assert len(set(numbers)) == len(numbers)
    scope = visible(reader, "public", base=store.base)
    rows = reader.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", scope)
    assert int(next(iter(rows))["n"].value) == len(union)


def check_folder(folder: Path) -> None:
    with open_store(folder, create=False) as store, store.read() as reader:
        check(store, reader)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "data"
    assert run(folder, "prepare") == 0
    check_folder(folder)
    return folder


@pytest.fixture(scope="module")
def outcomes(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, list[str]]]:
    """What each operation makes of the prepared store when nothing goes wrong."""
    found = {"": fingerprint(prepared)}
    for operation in (*OPERATIONS, *ANEW):
        folder = tmp_path_factory.mktemp("outcome") / "data"
        shutil.copytree(prepared, folder)
        assert run(folder, operation) == 0
        check_folder(folder)
        found[operation] = fingerprint(folder)
        assert found[operation] != found[""], f"{operation} does nothing: the test would be blind"
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("operation", "step", "expected"), STEPS)
def test_a_crash_leaves_the_old_state_or_the_new_one(
    operation: str,
    step: str,
    expected: str,
    prepared: Path,
    outcomes: dict[str, dict[str, list[str]]],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    with open_store(folder) as during, during.read() as reader:
        before = {str(triple) for triple in reader.triples(DEFAULT)}
        assert run(folder, operation, step) == -signal.SIGKILL, f"{step} was not reached"
        # the reader that was open keeps what it saw
        assert {str(triple) for triple in reader.triples(DEFAULT)} == before
    check_folder(folder)
    assert fingerprint(folder) == outcomes["" if expected == "old" else operation]
    # Whoever writes next can, and gets what a store without a crash would have got.
    if expected == "old":
        assert run(folder, operation) == 0
        assert fingerprint(folder) == outcomes[operation]
    else:
        assert run(folder, "import") == 0
    check_folder(folder)
    assert not list(folder.rglob("*.tmp"))


@pytest.mark.slow
@pytest.mark.parametrize("operation", ANEW)
def test_a_large_part_goes_as_a_small_one_does(
    operation: str, outcomes: dict[str, dict[str, list[str]]]
) -> None:
    assert outcomes[operation] == outcomes[operation.removesuffix(" anew")]


@pytest.mark.slow
@pytest.mark.parametrize("step", ["live-removed", "restored", "marked", "opened"])
def test_a_crash_while_recovering_from_a_crash_does_no_harm(
    step: str, prepared: Path, outcomes: dict[str, dict[str, list[str]]], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    assert run(folder, "re-import", "written") == -signal.SIGKILL
    assert run(folder, "re-import", step) == -signal.SIGKILL
    assert fingerprint(folder) == outcomes[""]
    assert run(folder, "re-import") == 0
    assert fingerprint(folder) == outcomes["re-import"]


def test_a_crash_while_a_store_is_made_leaves_none_or_one(tmp_path: Path) -> None:
    for step in ("snapshot-made", "snapshot-named", "pointer-written", "published"):
        folder = tmp_path / step
        assert run(folder, "import", step) == -signal.SIGKILL
        assert run(folder, "import") == 0
        check_folder(folder)


@pytest.mark.slow
def test_random_kills_never_show_half_a_write(prepared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    dice = random.Random(20261121)
    states = set()
    environment = {**os.environ, "PYTHONPATH": str(SRC)}
    with open_store(folder) as store:
        for _ in range(20):
            command = [sys.executable, "-c", CHILD, str(folder), "for ever"]
            child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            # It is killed some time after its first write, however long a busy machine takes to come to that.
            known, deadline = len(states), time.monotonic() + 60
            extra: float | None = None
            while time.monotonic() < deadline:
                with store.read() as reader:
                    states.add(reader.version)
                    check(store, reader)
                if extra is None and len(states) > known:
                    extra = dice.uniform(0.05, 0.8)
                    deadline = time.monotonic() + extra
            assert child.poll() is None, "the child ended by itself"
            child.kill()
            child.wait()
            with store.read() as reader:
                check(store, reader)
        Catalogue(store).put(
            DatasetContent("z", "Z", "rdf", [b"<http://a> <http://b> <http://c> .\n"], Source("z"))
        )
        with store.read() as reader:
            check(store, reader)
    assert len(states) > 20, "hardly anything was written: the test would be blind"
    assert len(list((folder / "snapshots").iterdir())) == 2
    assert len(list((folder / "live").iterdir())) == 1


def test_the_check_sees_a_union_that_is_wrong(prepared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    with open_store(folder) as store:
        with store.write() as writer:
            writer.remove(list(writer.triples(DEFAULT))[:1], DEFAULT)
        with pytest.raises(AssertionError), store.read() as reader:
            check(store, reader)
        with store.read() as reader, canonical(reader, NamedNode(f"{store.base}id/a")) as lines:
            assert lines.triples == 201
