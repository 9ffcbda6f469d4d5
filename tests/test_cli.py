"""The command line: what is printed where, in which shape, with which exit code (docs: the faces of fairgraph)."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

import fairgraph
from fairgraph import queries, store
from fairgraph.api import Fairgraph
from fairgraph.cli.main import COMMANDS, run
from fairgraph.errors import QueryError
from fairgraph.exports import rdf
from fairgraph.exports.export import exports, installed
from support import EXAMPLE

SLUG = "mouse-circadian"
IRI = f"http://localhost:8000/id/{SLUG}"
COUNTS = {"triples", "studies", "assays", "sources", "samples", "processes", "runs", "files"}
DATASET = {
    "id", "slug", "iri", "format", "title", "visibility", "created", "modified", "revision", "counts", "findings",
}  # fmt: skip
RENAME = f'WITH <{IRI}> DELETE {{ <{IRI}> <http://schema.org/name> ?o }} INSERT {{ <{IRI}> <http://schema.org/name> "new" }} WHERE {{ <{IRI}> <http://schema.org/name> ?o }}'


@dataclass(frozen=True)
class Result:
    """What a command did: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error that was written as JSON: to stderr, and nothing to stdout."""
        assert self.out == ""
        document = json.loads(self.err)
        assert set(document) == {"error"}
        assert set(document["error"]) == {"code", "message", "hint"}
        error: dict[str, str] = document["error"]
        return error


Cli = Callable[..., Result]


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the example."""
    folder = tmp_path_factory.mktemp("cli") / "store"
    with fairgraph.open(folder) as fg:
        fg.add(EXAMPLE)
    return folder


@pytest.fixture
def empty_cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    """The command line in a folder of its own, without a store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAIRGRAPH_STORE", raising=False)

    def call(*args: object) -> Result:
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        written = capsys.readouterr()
        return Result(code, written.out, written.err)

    return call


@pytest.fixture
def cli(empty_cli: Cli, loaded: Path, tmp_path: Path) -> Cli:
    """The command line in a folder with a store that holds the example."""
    shutil.copytree(loaded, tmp_path / "fairgraph-data")
    return empty_cli


@pytest.fixture
def bad(write_tab: Callable[..., Path]) -> Path:
    """A folder with a violation: an assay of a sample that the study does not have."""
    header = ["Source Name", "Protocol REF", "Sample Name"]
    return write_tab([header, ["a", "collection", "b"]], [["Sample Name", "Protocol REF", "Raw Data File"], ["z", "scan", "f"]])  # fmt: skip


# -- help, usage and errors ------------------------------------------------------------------------------------------


def test_the_commands_are_those_that_are_promised() -> None:
    assert set(COMMANDS) >= {
        "import", "list", "show", "set", "remove", "history", "diff", "revert", "update",
        "validate", "export", "convert", "query", "queries", "serve", "demo",
    }  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help(empty_cli: Cli, command: str) -> None:
    result = empty_cli(command, "--help")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"Usage: fairgraph {command}")


def test_help_lists_every_command_and_the_exit_codes(empty_cli: Cli) -> None:
    result = empty_cli("--help")
    assert result.code == 0
    assert all(f"  {command} " in result.out for command in COMMANDS)
    assert "130 interrupted" in result.out
    assert empty_cli("--version").out == f"fairgraph, version {fairgraph.__version__}\n"


def test_without_a_command_the_help_is_shown(empty_cli: Cli) -> None:
    result = empty_cli()
    assert result.code == 2
    assert result.out.startswith("Usage: fairgraph")


@pytest.mark.parametrize(
    "args",
    [
        ["nosuch"], ["import"], ["show"], ["set", "1"], ["set", "1", "--visibility", "secret"], ["import", "x", "--number", "0"],
        ["import", "x", "y", "--id", "z"], ["import", "x", "y", "--number", "3"], ["export"], ["export", "--all"], ["export", "--all", "1"],
        ["export", "turtle"], ["export", "turtle", "1", "--option", "k"], ["export", "turtle", "1", "--option", "k=v"],
        ["query", "browse/properties"], ["query", "browse/properties", "--param", "node"], ["query", "browse/properties", "--param", "node=x y"],
        ["import", ""], ["convert", "", "turtle"], ["validate", ""], ["set", "1", "--title", "\udcff"], ["set", "1", "--doi", "10.1/\udcff"],
        ["query", "SELECT * { ?s ?p '\udcff' }"], ["query", "browse/properties", "--param", "node=\udcff"],
        ["query", "browse/samples", "--param", "x=1"], ["query", "browse/samples", "--param", "dataset=1"],
        ["query", "browse/samples", "--param", "text=1"], ["query", "browse/samples", "--param", "query=1"],
        ["query", "SELECT * {"], ["query", "SELECT * { SERVICE <http://e.org/> {} }"], ["query", "SELECT * {}", "--results", "odt"],
        ["query", "DELETE DATA { <x:a> <x:b> <x:c> }"],
        ["update", "nosuch.ru"], ["export", "turtle", "1", "-o", "nosuch/x.ttl"],
        ["convert", EXAMPLE, "turtle", "-o", "nosuch/x.ttl"], ["serve", "--port", "x"], ["--nosuch", "list"],
    ],
    ids=lambda args: " ".join(arg if isinstance(arg, str) else arg.name for arg in args),
)  # fmt: skip
def test_a_wrong_call_is_exit_code_2(cli: Cli, args: list[object]) -> None:
    result = cli(*args)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: ")
    assert "Traceback" not in result.err
    if args[0] not in ("--nosuch", "nosuch", "serve"):
        result = cli(*args, "--json")
        assert result.code == 2
        assert result.error["code"] in ("usage", "query")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["show", "99"], "not-found"), (["show", "nosuch"], "not-found"), (["show", "http://localhost:8000/id/nosuch"], "not-found"),
        (["set", "99", "--title", "x"], "not-found"), (["remove", "99"], "not-found"), (["history", "99"], "not-found"),
        (["diff", "99"], "not-found"), (["diff", "1", "r9"], "not-found"), (["revert", "99", "r1"], "not-found"),
        (["revert", "1", "r9"], "not-found"), (["validate", "99"], "not-found"), (["validate", "1", "--profile", "x"], "not-found"),
        (["export", "turtle", "99"], "not-found"), (["export", "docx", "1"], "not-found"), (["export", "--all", "99", "-o", "x"], "not-found"),
        (["query", "nosuch"], "not-found"), (["query", "browse/samples", "--dataset", "99"], "not-found"), (["queries", "nosuch"], "not-found"),
        (["convert", EXAMPLE, "docx"], "not-found"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(map(str, value[:2])),
)  # fmt: skip
def test_what_is_not_there_is_exit_code_4(cli: Cli, args: list[object], code: str) -> None:
    result = cli(*args)
    assert (result.code, result.out) == (4, "")
    assert result.err.startswith("error: ")
    result = cli(*args, "--json")
    assert result.code == 4
    assert result.error["code"] == code


@pytest.mark.parametrize(
    ("content", "code"),
    [("x", "unknown-format"), ("{", "source"), (None, "source"), ("{}", "unknown-format")],
)
def test_input_that_cannot_be_read_is_exit_code_3(
    empty_cli: Cli, tmp_path: Path, content: str | None, code: str
) -> None:
    path = tmp_path / ("input.json" if content and "{" in content else "input.xyz")
    if content is not None:
        path.write_text(content, encoding="utf-8")
    for args in (["validate", path], ["convert", path, "turtle"]):
        if content is None and args[0] == "validate":
            continue  # what is no path is the name of a dataset
        assert empty_cli(*args).code == 3
        result = empty_cli(*args, "--json")
        assert (result.code, result.error["code"]) == (3, code)
        assert path.name in result.error["message"]
    result = empty_cli("import", path, "--json")
    assert result.code == 3
    assert result.json["datasets"] == []
    assert result.json["failed"][0]["error"]["code"] == code


@pytest.mark.parametrize(
    "args", [["list"], ["show", "1"], ["export", "turtle", "1"], ["query", "browse/samples"]]
)
def test_without_a_store_the_exit_code_is_5(
    empty_cli: Cli, tmp_path: Path, args: list[str]
) -> None:
    result = empty_cli(*args)
    assert (result.code, result.out) == (5, "")
    assert "import something" in result.err
    assert empty_cli("--store", tmp_path / "x", *args, "--json").error["code"] == "store"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_something_else_is_exit_code_5(empty_cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    result = empty_cli("--store", tmp_path, "import", EXAMPLE, "--json")
    assert (result.code, result.error["code"]) == (5, "store")
    assert {path.name for path in tmp_path.iterdir()} <= {"notes.txt", "lock"}


@pytest.fixture
def held_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another process is writing to the store, and we do not wait half a minute for it."""
    monkeypatch.setattr(store, "open_store", partial(store.open_store, timeout=0.1))
    hold = "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path / "fairgraph-data" / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout and process.stdin
        assert process.stdout.readline() == b"held\n"
        yield
        process.stdin.close()


def test_a_store_that_another_process_writes_to_is_exit_code_5(cli: Cli, held_lock: None) -> None:
    for args in (
        ["set", "1", "--title", "x"],
        ["remove", "1"],
        ["import", EXAMPLE, "--id", "other"],
    ):
        result = cli(*args, "--json")
        assert (result.code, result.error["code"]) == (5, "store-locked")
    assert cli("list").code == 0, "reading needs no lock"


def test_an_interrupt_is_exit_code_130(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Fairgraph) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Fairgraph, "datasets", interrupted)
    result = cli("list", "--json")
    assert (result.code, result.error["code"]) == (130, "interrupted")


def test_a_fault_of_ours_shows_a_traceback_only_with_v(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(self: Fairgraph) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(Fairgraph, "datasets", faulty)
    result = cli("list")
    assert (result.code, result.out) == (3, "")
    assert "ZeroDivisionError: oops" in result.err
    assert "Traceback" not in result.err
    assert cli("list", "--json").error["code"] == "internal"
    with pytest.raises(ZeroDivisionError):
        cli("-v", "list")


def test_a_refusal_shows_a_traceback_only_with_v(loaded: Path) -> None:
    command = [sys.executable, "-m", "fairgraph.cli.main", "--store", str(loaded)]
    command[1:3] = ["-c", "from fairgraph.cli.main import main; main()"]
    quiet = subprocess.run([*command, "show", "99"], capture_output=True, text=True, check=False)
    loud = subprocess.run(
        [*command, "-v", "show", "99"], capture_output=True, text=True, check=False
    )
    assert (quiet.returncode, loud.returncode) == (4, 4)
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr


def test_a_reader_that_goes_away_is_no_error(loaded: Path) -> None:
    command = [sys.executable, "-c", "from fairgraph.cli.main import main; main()", "--store", str(loaded)]  # fmt: skip
    with subprocess.Popen(
        [*command, "export", "turtle", SLUG], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline().startswith(b"@prefix")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


# -- import ----------------------------------------------------------------------------------------------------------


def test_import_says_what_it_stored(empty_cli: Cli) -> None:
    result = empty_cli("import", EXAMPLE)
    assert result.code == 0
    assert result.out.startswith(f"1 {SLUG}  A mouse circadian ")
    assert result.out.endswith("(new)\n")
    assert "42 samples" in result.err
    assert "0 violations, 0 warnings, 0 infos" in result.err
    assert empty_cli("import", EXAMPLE).out.endswith("(unchanged)\n")
    assert empty_cli("-q", "import", EXAMPLE).err == ""


def test_import_json_has_the_promised_shape(empty_cli: Cli, bad: Path) -> None:
    result = empty_cli("import", EXAMPLE, bad, "--json")
    assert (result.code, result.err) == (0, "")
    assert set(result.json) == {"datasets", "failed"}
    first, second = result.json["datasets"]
    keys = {"id", "slug", "iri", "format", "title", "counts", "findings"}
    assert keys <= set(first)
    assert [first[key] for key in ("id", "slug", "iri", "format")] == [1, SLUG, IRI, "isa-tab"]
    assert set(first["counts"]) == COUNTS
    assert first["findings"] == []
    for finding in second["findings"]:
        assert {"severity", "rule", "code", "message", "where"} <= set(finding)
    assert {finding["where"] for finding in second["findings"]} >= {"a_one.txt:2:1"}


def test_import_goes_on_after_a_path_that_is_refused(empty_cli: Cli, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    result = empty_cli("import", missing, EXAMPLE, "--json")
    assert result.code == 3
    assert [dataset["slug"] for dataset in result.json["datasets"]] == [SLUG]
    (failed,) = result.json["failed"]
    assert failed["path"] == str(missing)
    assert failed["error"]["code"] == "source"
    result = empty_cli("import", missing, EXAMPLE)
    assert result.code == 3
    assert result.out.startswith(f"1 {SLUG}")
    assert str(missing) in result.err


def test_a_file_name_that_is_no_text_is_imported(empty_cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "mice\udcff"
    shutil.copytree(EXAMPLE, folder)
    (dataset,) = empty_cli("import", folder, "--json").json["datasets"]
    assert dataset["counts"]["samples"] == 42
    assert "mice?" in empty_cli("show", dataset["slug"]).out


def test_import_takes_id_number_format_and_visibility(empty_cli: Cli) -> None:
    options = ["--id", "mice", "--number", "7", "--visibility", "private", "--format", "isa-tab"]
    (dataset,) = empty_cli("import", EXAMPLE, *options, "--json").json["datasets"]
    assert (dataset["id"], dataset["slug"]) == (7, "mice")
    assert dataset["iri"] == "http://localhost:8000/id/mice"
    assert empty_cli("show", "mice", "--json").json["visibility"] == "private"


@pytest.mark.parametrize(
    ("option", "code"), [("--format=docx", 2), ("--format=isa-json", 3), ("--number=7", 2)]
)
def test_import_refuses_what_an_option_makes_impossible(cli: Cli, option: str, code: int) -> None:
    before = cli("list").out
    result = cli("import", EXAMPLE, option)
    assert (result.code, result.out) == (code, "")
    result = cli("import", EXAMPLE, option, "--json")
    assert result.code == code
    if code == 2:
        assert result.error["code"] == "usage"
    else:
        assert (result.json["datasets"], len(result.json["failed"])) == ([], 1)
    assert cli("list").out == before


def test_import_of_another_source_under_a_taken_name_gets_a_suffix(
    cli: Cli, tmp_path: Path
) -> None:
    copy = tmp_path / "elsewhere" / SLUG
    shutil.copytree(EXAMPLE, copy)
    with (copy / "i_investigation.txt").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    (dataset,) = cli("import", copy, "--json").json["datasets"]
    assert (dataset["id"], dataset["slug"]) == (2, f"{SLUG}-2")
    assert [finding["rule"] for finding in dataset["findings"]] == ["slug-taken"]


def test_violations_count_only_when_they_are_asked_for(empty_cli: Cli, bad: Path) -> None:
    assert empty_cli("import", bad).code == 0
    assert empty_cli("import", bad, "--validate").code == 1
    plain, checked = (
        empty_cli("import", bad, "--id", name, *more, "--json").json["datasets"][0]["findings"]
        for name, more in (("one", []), ("two", ["--validate"]))
    )
    assert len(checked) > len(plain)


def test_strict_stores_nothing_that_has_violations(empty_cli: Cli, bad: Path) -> None:
    result = empty_cli("import", bad, "--strict")
    assert (result.code, result.out) == (1, "")
    assert "a_one.txt:2:1" in result.err
    result = empty_cli("import", bad, EXAMPLE, "--strict", "--json")
    assert result.code == 1
    assert [dataset["slug"] for dataset in result.json["datasets"]] == [SLUG]
    (failed,) = result.json["failed"]
    assert failed["error"]["code"] == "invalid"
    assert "a_one.txt:2:1" in {finding["where"] for finding in failed["findings"]}
    assert [d["slug"] for d in empty_cli("list", "--json").json["datasets"]] == [SLUG]


def test_a_dry_run_stores_nothing_and_shows_the_difference(cli: Cli, tmp_path: Path) -> None:
    before = cli("show", "1", "--json").json
    copy = tmp_path / SLUG
    shutil.copytree(EXAMPLE, copy)
    table = copy / "s_light.txt"
    table.write_text(table.read_text(encoding="utf-8").replace("LD12_ZT00_liver", "renamed"), "utf-8")  # fmt: skip
    cli("import", copy, "--id", "copy", "--number", "5", "--visibility", "private")
    table.write_text(table.read_text(encoding="utf-8").replace("renamed", "named again"), "utf-8")
    for again in range(2):
        result = cli("import", copy, "--id", "copy", "--dry-run", "--json")
        assert result.code == 0, again
        (dataset,) = result.json["datasets"]
        assert (dataset["id"], dataset["slug"]) == (5, "copy")
        assert (dataset["created"], dataset["changed"]) == (False, True)
        assert any('"named again"' in triple for triple in dataset["difference"]["added"])
        assert any('"renamed"' in triple for triple in dataset["difference"]["removed"])
    result = cli("import", copy, "--id", "copy", "--dry-run")
    assert "dry run: " in result.out
    assert " more (--json prints all)" in result.err
    assert len(cli("history", "copy", "--json").json["revisions"]) == 1
    assert cli("show", "1", "--json").json == before


def test_a_dry_run_of_something_new_gives_it_no_number(cli: Cli) -> None:
    (dataset,) = cli("import", EXAMPLE, "--id", "new", "--dry-run", "--json").json["datasets"]
    assert (dataset["id"], dataset["created"]) == (0, True)
    assert dataset["difference"]["removed"] == []
    assert [d["slug"] for d in cli("list", "--json").json["datasets"]] == [SLUG]


# -- datasets --------------------------------------------------------------------------------------------------------


def test_list_is_a_table_or_json(cli: Cli) -> None:
    lines = cli("list").out.splitlines()
    assert lines[0].split("\t") == ["id", "slug", "format", "samples", "triples", "visibility", "title"]  # fmt: skip
    assert lines[1].split("\t")[:4] == ["1", SLUG, "isa-tab", "42"]
    (dataset,) = cli("list", "--json").json["datasets"]
    assert set(dataset) == DATASET


@pytest.mark.parametrize("name", ["1", SLUG, IRI])
def test_a_dataset_is_named_by_number_slug_or_iri(cli: Cli, name: str) -> None:
    shown = cli("show", name, "--json").json
    assert set(shown) == DATASET
    assert (shown["id"], shown["slug"], shown["iri"]) == (1, SLUG, IRI)
    text = cli("show", name).out
    assert text.startswith(shown["title"])
    assert all(part in text for part in (SLUG, IRI, "42 samples", "0 violations"))
    for command in (["history"], ["diff"], ["validate"], ["export", "turtle"]):
        assert cli(*command, name).code == 0


def test_set_changes_what_is_named_and_nothing_else(cli: Cli) -> None:
    before = cli("show", "1", "--json").json
    fields = {"title": "T", "doi": "10.1/x", "license": "MIT", "status": "draft", "visibility": "private"}  # fmt: skip
    options = [text for field, value in fields.items() for text in (f"--{field}", value)]
    after = cli("set", "1", *options, "--json").json
    assert {field: after[field] for field in fields} == fields
    same = DATASET - set(fields) - {"modified"}
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert cli("show", "1", "--json").json == after
    assert cli("set", "1", "--title", "U").out == f"changed 1 {SLUG}  U\n"


def test_a_removed_dataset_comes_back_unless_it_is_purged(cli: Cli) -> None:
    assert cli("remove", "1").out.startswith(f"removed 1 {SLUG}")
    assert cli("list", "--json").json == {"datasets": []}
    assert cli("show", "1").code == 4
    assert cli("revert", "1", "r1").out == f"reverted 1 {SLUG} to r1\n"
    assert cli("list", "--json").json["datasets"][0]["counts"]["samples"] == 42
    removed = cli("remove", SLUG, "--purge", "--json").json
    assert removed["slug"] == SLUG
    assert cli("revert", "1", "r1").code == 4
    assert cli("history", "1").code == 4


def test_update_diff_history_and_revert(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "u.ru").write_text(RENAME, encoding="utf-8")
    (touched,) = cli("update", "u.ru", "--json").json["datasets"]
    assert set(touched) == DATASET
    assert (touched["slug"], touched["revision"]) == (SLUG, "r2")
    assert cli("update", "u.ru").err == "nothing changed\n"
    difference = cli("diff", "1", "--json").json
    assert difference["added"] == [f'<{IRI}> <http://schema.org/name> "new"']
    assert [len(difference[key]) for key in ("added", "removed")] == [1, 1]
    result = cli("diff", "1", "r1")
    assert [line[:2] for line in result.out.splitlines()] == ["- ", "+ "]
    assert result.err == "1 more, 1 less\n"
    revisions = cli("history", "1", "--json").json["revisions"]
    assert [(r["name"], r["operation"], r["agent"]) for r in revisions] == [("r1", "import", "python"), ("r2", "update", "cli")]  # fmt: skip
    assert {"name", "index", "operation", "time", "triples", "sha256"} <= set(revisions[0])
    table = cli("history", "1").out.splitlines()
    assert table[0].split("\t") == ["revision", "operation", "time", "triples", "by"]
    assert [line.split("\t")[0] for line in table[1:]] == ["r1", "r2"]
    assert cli("revert", "1", "r1", "--json").json["revision"] == "r3"
    assert cli("diff", "1", "r1", "--json").json == {"added": [], "removed": []}


def test_update_reads_stdin(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RENAME.encode())))
    assert cli("update", "-").out.startswith(f"changed 1 {SLUG}")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"nonsense")))
    result = cli("update", "-", "--json")
    assert (result.code, result.error["code"]) == (2, "query")


# -- validate, export, convert ---------------------------------------------------------------------------------------


def test_validate_tells_a_dataset_from_a_path(cli: Cli, bad: Path) -> None:
    result = cli("validate", "1")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"1 (dataset {SLUG}) conforms: 0 violations")
    result = cli("validate", bad)
    assert (result.code, result.err) == (1, "")
    assert "does not conform" in result.out
    assert "a_one.txt:2:1" in result.out
    assert [d["slug"] for d in cli("list", "--json").json["datasets"]] == [SLUG]


def test_validate_json_has_the_promised_shape(cli: Cli, bad: Path) -> None:
    result = cli("validate", bad, "--json", "--profile", "isa")
    assert result.code == 1
    assert set(result.json) == {"checked", "conforms", "findings", "counts"}
    assert (result.json["checked"], result.json["conforms"]) == ("folder", False)
    assert set(result.json["counts"]) == {"violation", "warning", "info"}
    counted = sum(finding.get("count", 1) for finding in result.json["findings"])
    assert counted == sum(result.json["counts"].values())
    several = cli("validate", "1", bad, "--json")
    assert several.code == 1
    assert {name: report["conforms"] for name, report in several.json.items()} == {"1": True, str(bad): False}  # fmt: skip


def test_validate_takes_a_dataset_before_a_file_of_that_name(
    cli: Cli, bad: Path, tmp_path: Path
) -> None:
    for name in (SLUG, "1", "other"):
        shutil.copytree(bad, tmp_path / name)
    assert cli("validate", SLUG).out.startswith(f"{SLUG} (dataset {SLUG}) conforms")
    assert cli("validate", "1", "--json").json["checked"] == f"dataset {SLUG}"
    assert cli("validate", IRI, "--json").json["checked"] == f"dataset {SLUG}"
    for path in (f"./{SLUG}", tmp_path / SLUG, "other"):
        result = cli("validate", path, "--json")
        assert (result.code, result.json["checked"]) == (1, "folder")
    assert cli("validate", "nosuch").code == 4


def test_validate_path_needs_no_store_and_makes_none(empty_cli: Cli, tmp_path: Path) -> None:
    assert empty_cli("validate", EXAMPLE, "--json").json["conforms"] is True
    assert list(tmp_path.iterdir()) == []


def test_export_streams_to_stdout(cli: Cli) -> None:
    expected = cli("export", "nquads", "1").out
    assert cli("export", "nquads", "1", "-o", "-").out == expected
    assert len(list(parse(expected, format=RdfFormat.N_QUADS))) == len(expected.splitlines())
    assert cli("export", "nquads", "1").err == ""


def test_export_writes_a_file_or_into_a_folder(cli: Cli, tmp_path: Path) -> None:
    expected = cli("export", "turtle", "1").out
    result = cli("export", "turtle", "1", "-o", "x.ttl")
    assert (result.out, result.err) == ("", "x.ttl\n")
    assert (tmp_path / "x.ttl").read_text(encoding="utf-8") == expected
    (tmp_path / "folder").mkdir()
    result = cli("export", "turtle", "1", "-o", "folder", "--json")
    assert result.json == {"written": [str(Path("folder") / f"{SLUG}.ttl")]}
    assert (tmp_path / "folder" / f"{SLUG}.ttl").read_text(encoding="utf-8") == expected


def broken_lines(answers: object) -> Iterator[bytes]:
    yield b"<x:a> <x:b> <x:c> .\n"
    raise QueryError("it broke off")


@pytest.mark.parametrize("command", [["export", "nquads", "1"], ["convert", EXAMPLE, "nquads"]])
def test_a_file_appears_only_when_it_is_complete(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[object]
) -> None:
    (tmp_path / "old.nq").write_text("old", encoding="utf-8")
    before = {path.name for path in tmp_path.iterdir()}
    monkeypatch.setattr(rdf, "_lines", broken_lines)
    assert cli(*command, "-o", "new.nq").code == 2
    assert cli(*command, "-o", "old.nq").code == 2
    assert {path.name for path in tmp_path.iterdir()} == before
    assert (tmp_path / "old.nq").read_text(encoding="utf-8") == "old"


def test_export_all_writes_every_format(cli: Cli, tmp_path: Path) -> None:
    result = cli("export", "--all", SLUG, "-o", "all", "--json")
    names = [f"{SLUG}.{export.name}.{export.suffix}" for export in installed()]
    assert result.json == {"written": [str(Path("all") / name) for name in names]}
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == sorted(names)
    assert all((tmp_path / "all" / name).stat().st_size for name in names)
    (tmp_path / "file").touch()
    result = cli("export", "--all", SLUG, "-o", "file")
    assert result.code == 2


def test_export_list_shows_the_table_without_a_store(empty_cli: Cli) -> None:
    lines = empty_cli("export", "--list").out.splitlines()
    assert lines[0].split("\t") == ["format", "label", "query", "options"]
    assert [line.split("\t")[0] for line in lines[1:]] == [export.name for export in exports()]
    formats = empty_cli("export", "--list", "--json").json["formats"]
    assert [f["name"] for f in formats] == [export.name for export in exports()]
    assert {"name", "label", "media_type", "query", "options"} <= set(formats[0])


def test_a_table_without_an_id_is_of_all_datasets(cli: Cli) -> None:
    cli("import", EXAMPLE, "--id", "other")
    one, all_of_them = (cli("export", "samples-csv", *name).out for name in (["1"], []))
    assert len(one.splitlines()) == 43
    assert len(all_of_them.splitlines()) == 85


def test_convert_needs_no_store_and_makes_none(empty_cli: Cli, tmp_path: Path) -> None:
    result = empty_cli("convert", EXAMPLE, "isa-json")
    assert (result.code, result.err) == (0, "")
    assert len(result.json["studies"]) == 2
    assert list(tmp_path.iterdir()) == []
    result = empty_cli("convert", EXAMPLE, "isa-json", "-o", "x.json", "--format", "isa-tab")
    assert (result.code, result.out) == (0, "")
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["studies"]
    assert empty_cli("convert", EXAMPLE, "isa-json", "-o", tmp_path).code == 0
    assert (tmp_path / "mouse-circadian-isa.json").read_bytes() == (
        tmp_path / "x.json"
    ).read_bytes()
    assert empty_cli("convert", tmp_path / "x.json", "isa-tab", "-o", tmp_path / "tab").code == 0
    assert {"README.md", "i_investigation.txt"} < {p.name for p in (tmp_path / "tab").iterdir()}
    assert empty_cli("convert", EXAMPLE, "isa-json", "--option", "k=v").code == 2


def test_convert_says_on_stderr_what_was_found(empty_cli: Cli, bad: Path) -> None:
    result = empty_cli("convert", bad, "isa-json")
    assert result.code == 0
    assert result.json["studies"]
    assert "a_one.txt:2:1" in result.err
    assert empty_cli("-q", "convert", bad, "isa-json").err == ""
    result = empty_cli("convert", bad, "isa-json", "-o", "x.json", "--json")
    assert result.json["written"] == ["x.json"]
    assert {"a_one.txt:2:1"} <= {finding["where"] for finding in result.json["findings"]}


# -- queries ---------------------------------------------------------------------------------------------------------


def test_query_takes_a_name_a_file_a_text_or_stdin(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name = cli("query", "browse/samples")
    text = queries.get("browse/samples").text
    (tmp_path / "q.rq").write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert by_name.out.splitlines()[0].split("\t") == ["sample", "name", "study"]
    assert len(by_name.out.splitlines()) == 43
    assert cli("query", "q.rq").out == cli("query", "-").out == cli("query", text).out == by_name.out  # fmt: skip


@pytest.mark.parametrize(
    ("results", "begins"),
    [
        ("table", "x\n1\n"), ("csv", "x\r\n1\r\n"), ("tsv", "?x\n1\n"), ("json", '{"head":{"vars":["x"]}'),
        ("xml", "<?xml version"),
    ],
)  # fmt: skip
def test_rows_are_printed_as_asked(cli: Cli, results: str, begins: str) -> None:
    result = cli("query", "SELECT ?x { VALUES ?x { 1 } }", "--results", results)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(begins)


def test_truth_and_graphs_are_printed(cli: Cli) -> None:
    assert cli("query", "ASK { ?s ?p ?o }").out == "yes\n"
    assert cli("query", "ASK { <x:a> ?p ?o }").out == "no\n"
    assert cli("query", "ASK { ?s ?p ?o }", "--json").json["boolean"] is True
    construct = "CONSTRUCT { <x:a> <x:b> 1 } {}"
    assert cli("query", construct).out == "<x:a> <x:b> 1 .\n"
    assert cli("query", construct, "--results", "ttl").out == "<x:a> <x:b> 1 .\n"
    assert "@id" in cli("query", construct, "--json").out
    assert cli("query", construct, "--results", "csv").code == 2
    assert cli("query", "SELECT * {}", "--results", "ttl").code == 2


def test_query_binds_parameters_and_asks_one_dataset(cli: Cli) -> None:
    cli("import", EXAMPLE, "--id", "other")
    rows = cli("query", "browse/properties", "--param", f"node={IRI}").out.splitlines()[1:]
    assert rows
    assert {row.split("\t")[0] for row in rows} == {IRI}
    counted = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/fairgraph/isa#Sample> }"
    assert cli("query", counted).out == "n\n84\n"
    assert cli("query", counted, "--dataset", "other").out == "n\n42\n"
    document = cli("query", counted, "--json").json
    assert document["results"]["bindings"][0]["n"]["value"] == "84"


def test_queries_lists_the_catalogue_and_prints_one(empty_cli: Cli) -> None:
    lines = empty_cli("queries").out.splitlines()
    assert lines[0].split("\t") == ["query", "form", "summary"]
    assert [line.split("\t")[0] for line in lines[1:]] == list(queries.catalogue())
    assert empty_cli("queries", "browse/samples").out == queries.get("browse/samples").text
    documents = empty_cli("queries", "--json").json["queries"]
    assert [document["name"] for document in documents] == list(queries.catalogue())
    assert {"name", "summary", "params", "text", "form", "tags"} <= set(documents[0])
    (one,) = empty_cli("queries", "browse/properties", "--json").json["queries"]
    assert one["params"] == [{"name": "node", "type": "iri", "default": None}]


# -- the store and the first experience ------------------------------------------------------------------------------


def test_the_store_is_named_by_option_or_environment(
    empty_cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: Path
) -> None:
    assert empty_cli("--store", loaded, "list").out.count(SLUG) == 1
    monkeypatch.setenv("FAIRGRAPH_STORE", str(loaded))
    assert empty_cli("list").out.count(SLUG) == 1
    assert empty_cli("--store", tmp_path / "none", "list").code == 5
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_demo_loads_validates_and_exports_the_example(empty_cli: Cli, tmp_path: Path) -> None:
    result = empty_cli("demo", "-o", "here")
    assert result.code == 0
    written = {path.name for path in (tmp_path / "here" / SLUG).iterdir()}
    assert written == {f"{SLUG}.{export.name}.{export.suffix}" for export in installed()}
    assert "validate  conforms" in result.out
    store_folder = tmp_path / "here" / "store"
    assert f"--store {store_folder.relative_to(tmp_path)} query browse/samples" in result.out
    assert empty_cli("--store", store_folder, "query", "browse/samples").code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"here"}
    assert empty_cli("demo", "-o", "here").code == 0, "a second time is fine"
