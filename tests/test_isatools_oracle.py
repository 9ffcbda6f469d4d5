"""isatools and the ISA-JSON schemas as oracles: whatever comes in, they can read the ISA-JSON that goes out.

isatools needs other packages than we do, so it runs in a Python of its own: the one that FAIRGRAPH_ISATOOLS names, else
``.isatools-venv``, which ``make test`` makes.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4, DRAFT202012

from fairgraph.conversion import convert
from fairgraph.errors import SourceError, UnknownFormat
from support import CORPUS, ROOT, corpus_paths

pytestmark = [pytest.mark.oracle, pytest.mark.slow, pytest.mark.corpus, pytest.mark.timeout(3600)]

NO_CONFIGURATION = "4002"  # isatools knows no configuration for this measurement and technology: no fault of a document

# What remains, and why. Code 0 comes after every 3.
REMAINING: dict[tuple[str, str], str] = {
    ("altamisa_i_warnings", "3"): "the e-mail address of a person is invalid_mail",
    ("altamisa_i_warnings", "0"): "the e-mail address of a person is invalid_mail",
    ("biocrates", "3"): "the e-mail address of a person is N/A",
    ("biocrates", "0"): "the e-mail address of a person is N/A",
}
# isatools compares every process of an assay with every other: this one has 28,084.
ENDLESS = {"tests_sdata201411-isa1-parsererror"}
# Schema-invalid themselves, or not ISA-JSON at all.
NOT_VALID = {
    "invalid.json",
    "invalid_isajson.json",
    "BII-S-3-ld.json",
    *(path.name for path in corpus_paths("isa/json/cookbook_datascriptor/*.json")),
}

FOLDERS = corpus_paths("isa/tab/*")
DOCUMENTS = [path for path in corpus_paths("isa/json/*/*.json") if path.name not in NOT_VALID]


def name_of(source: Path) -> str:
    return f"{source.parent.name}-{source.stem}" if source.is_file() else source.name


NAMES = {name_of(source): source for source in [*FOLDERS, *DOCUMENTS]}


@dataclass
class Case:
    """One source, what we exported, and what isatools says: about the export, and about the source if that is ISA-JSON."""

    source: Path
    exported: Path
    reported: set[str]
    answer: dict[str, Any] = field(default_factory=dict)
    answer_to_source: dict[str, Any] = field(default_factory=dict)

    def errors(self, answer: dict[str, Any]) -> dict[str, str]:
        """Return what isatools finds, by code; a KeyError that follows from a missing configuration counts as that."""
        found: dict[str, str] = {}
        for code, message, supplemental in answer.get("errors", ()):
            follows = code == "2" and "key: ('" in supplemental
            found.setdefault(NO_CONFIGURATION if follows else code, f"{message}: {supplemental}")
        found.pop(NO_CONFIGURATION, None)
        return found

    @property
    def deserved(self) -> set[str]:
        """The codes that the source has earned: with isatools itself, or in our own report."""
        return set(self.errors(self.answer_to_source)) | self.reported


def isatools_python() -> Path:
    path = Path(os.environ.get("FAIRGRAPH_ISATOOLS") or ROOT / ".isatools-venv" / "bin" / "python")
    if not path.exists():
        message = f"no isatools: `make .isatools-venv/installed`, or set FAIRGRAPH_ISATOOLS (looked for {path})"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


def ask(python: Path, paths: list[str]) -> dict[str, Any]:
    """Ask isatools about all documents, in a process for each processor; importing it takes longer than most documents."""
    command = [str(python), str(Path(__file__).with_name("isatools_oracle.py"))]
    by_size = sorted(paths, key=lambda path: -Path(path).stat().st_size)
    jobs = os.cpu_count() or 1

    def run(share: list[str]) -> dict[str, Any]:
        limits = {path: "\t20" for path in share if Path(path).stem in ENDLESS}
        lines = "".join(f"{path}{limits.get(path, '')}\n" for path in share)
        ran = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
        answers = {answer["path"]: answer for answer in map(json.loads, ran.stdout.splitlines())}
        assert len(answers) == len(share), f"isatools ended early: {ran.stderr[-2000:]}"
        return answers

    with ThreadPoolExecutor(jobs) as pool:
        shares = pool.map(run, [by_size[n::jobs] for n in range(jobs)])
        return {path: answer for share in shares for path, answer in share.items()}


@pytest.fixture(scope="module")
def cases() -> Iterator[dict[str, Case]]:
    """Every source, exported once, and judged by isatools."""
    python = isatools_python()
    with tempfile.TemporaryDirectory(prefix="fairgraph-oracle-") as folder:
        found = {}
        for name, source in NAMES.items():
            exported = Path(folder) / f"{name}.json"
            try:
                with exported.open("wb") as output:
                    report = convert(source, "isa-json", output)
            except (SourceError, UnknownFormat):
                continue  # test_isa_tab_corpus and test_isa_json_roundtrip say which may be refused
            found[name] = Case(source, exported, {finding.code for finding in report} - {""})
        asked = [str(case.exported) for case in found.values()]
        asked += [str(case.source) for case in found.values() if case.source.is_file()]
        answers = ask(python, asked)
        for case in found.values():
            case.answer = answers[str(case.exported)]
            case.answer_to_source = answers.get(str(case.source), {})
        yield found


@pytest.fixture
def case(cases: dict[str, Case], name: str) -> Case:
    if name not in cases:
        pytest.skip("refused by the importer, with a reason; see test_isa_tab_corpus")
    return cases[name]


def test_there_is_something_to_ask() -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus at {CORPUS}: set FAIRGRAPH_CORPUS")
    assert len(FOLDERS) == 75
    assert len(DOCUMENTS) >= 34


@pytest.mark.parametrize("name", NAMES)
def test_isatools_loads_what_we_write(case: Case, name: str) -> None:
    if name in ENDLESS:
        assert case.answer["load_error"].startswith("TooSlow"), (
            "no longer too slow: take it off the list"
        )
        return
    if case.answer_to_source and not case.answer_to_source["loaded"]:
        pytest.skip(f"isatools cannot load the source: {case.answer_to_source['load_error']:.80}")
    assert case.answer["loaded"], case.answer["load_error"]


@pytest.mark.parametrize("name", NAMES)
def test_isatools_finds_no_error_that_the_source_does_not_have(case: Case, name: str) -> None:
    unexcused = {
        code: text
        for code, text in case.errors(case.answer).items()
        if code not in case.deserved and (name, code) not in REMAINING
    }
    assert unexcused == {}


@pytest.mark.parametrize(("name", "code"), REMAINING)
def test_what_remains_is_still_there(case: Case, code: str) -> None:
    assert code in case.errors(case.answer), "no longer there: take it off the list"
    assert code not in case.deserved, "the source has earned it: take it off the list"


# -- schemas -------------------------------------------------------------------------------------------------------

FORMATS = FormatChecker(("date",))
# The schemas of isatools 0.14.3 allow an empty address, these here do not; all of its own examples have some.
FORMATS.checks("email")(lambda text: text == "" or "@" in str(text))


def validator(folder: str) -> Validator:
    """Make the validator of one generation. The schemas refer to each other by file name; their ``id`` is not always theirs."""
    base = "https://schemas.invalid/"
    old = folder == "v1.0.0"
    registry: Registry[Any] = Registry()
    for path in (CORPUS / "isa" / "schemas" / "isa-api" / folder).glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        schema.pop("id", None)
        schema.pop("$id", None)
        specification = DRAFT4 if old else DRAFT202012
        registry = registry.with_resource(base + path.name, Resource(schema, specification))
    make = Draft4Validator if old else Draft202012Validator
    # 1.0.0 allows dates with a time only, as text and nothing more: nobody follows that.
    checker = None if old else FORMATS
    return make(
        {"$ref": f"{base}investigation_schema.json"}, registry=registry, format_checker=checker
    )


SCHEMAS = ("v1.0.0", "v1.0.1", "isa_model_version_1_0_schemas/core")


@pytest.fixture(scope="module", params=SCHEMAS)
def schema(request: pytest.FixtureRequest) -> Validator:
    return validator(request.param)


def complaints(schema: Validator, path: Path) -> list[str]:
    data = path.read_bytes()
    document = json.loads(
        data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    )
    return [
        f"/{'/'.join(map(str, e.absolute_path))}: {e.message:.200}"
        for e in schema.iter_errors(document)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_what_we_write_is_valid_in_every_generation_of_the_schemas(
    schema: Validator, case: Case, name: str
) -> None:
    found = complaints(schema, case.exported)
    if (name, "3") in REMAINING:
        found = [complaint for complaint in found if "is not a 'email'" not in complaint]
    if found and case.source.is_file() and complaints(schema, case.source):
        pytest.skip("the source is not valid in this generation")
    assert found == []


@pytest.mark.usefixtures("corpus")
def test_the_schemas_are_really_asked(schema: Validator, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    sample = {"name": "a", "factorValues": [{"value": [1]}]}
    path.write_text(
        json.dumps({"studies": [{"materials": {"samples": [sample]}}]}), encoding="utf-8"
    )
    assert [c.partition(": ")[0] for c in complaints(schema, path)] == [
        "/studies/0/materials/samples/0/factorValues/0/value"
    ]
