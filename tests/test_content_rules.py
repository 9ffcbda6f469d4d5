"""The thirty content rules of ISA and the MUSTs of its notations: each is broken alone, and mended again.

What isatools says of its own fixtures is the oracle where there are any (``PROVENANCE.md`` of the corpus), JSON Schema for the form
of ISA-JSON.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairgraph.api import Fairgraph, read_draft
from fairgraph.cli.main import run
from fairgraph.errors import SourceError
from fairgraph.importers.isa_json_form import deviations
from fairgraph.importers.rules import RULES
from fairgraph.report import Report
from fairgraph.validation import validate_graph
from fairgraph.validation.shapes import shapes
from support import CORPUS, EXAMPLE, corpus_paths

Json = dict[str, Any]
UNIT = CORPUS / "isa/json/tests_unit"
SCHEMAS = CORPUS / "isa/schemas/isa-api/isa_model_version_1_0_schemas/core"


def check(path: Path) -> Report:
    """What importer and shapes find in a file or folder."""
    try:
        with read_draft(path) as draft:
            agrees_with_the_table(draft.report)
            draft.report.merge(validate_graph(b"".join(draft.spool.chunks())))
            return draft.report
    except SourceError as error:
        assert error.report is not None, error
        report: Report = error.report
        return report


def agrees_with_the_table(report: Report) -> None:
    """What importers find has the severity and the numbers that the table of their rules has."""
    known = {rule.name: rule for rule in RULES}
    for finding in report:
        rule = known[finding.rule]
        assert finding.severity in rule.severity.split(", "), finding
        assert finding.code in ("", *rule.code.split(", ")), finding
        assert finding.content_rule == rule.content_rule, finding


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report}


def numbers(report: Report) -> set[int]:
    return {finding.content_rule for finding in report}


# -- the thirty --------------------------------------------------------------------------------------------------------


def test_every_content_rule_is_checked() -> None:
    found = {shape.content_rule for shape in shapes("isa")} | {rule.content_rule for rule in RULES}
    assert found == set(range(31))


def term(name: str) -> Json:
    return {"annotationValue": name, "termSource": "", "termAccession": ""}


def document() -> Json:
    """A small investigation that breaks no rule: one source, one sample, one extract, one data file."""
    return {
        "identifier": "I1",
        "title": "Investigation",
        "submissionDate": "2024-02-29",
        "ontologySourceReferences": [{"name": "UO", "file": "http://example.org/uo.owl"}],
        "publications": [{"title": "An article", "doi": "10.5555/fairgraph.1"}],
        "comments": [{"name": "Grant", "value": "EX-1"}],
        "studies": [
            {
                "filename": "s_study.txt",
                "identifier": "S1",
                "title": "Study",
                "factors": [{"@id": "#factor/dose", "factorName": "dose"}],
                "characteristicCategories": [
                    {"@id": "#category/age", "characteristicType": term("age")}
                ],
                "unitCategories": [
                    {
                        "@id": "#unit/week",
                        "annotationValue": "week",
                        "termSource": "UO",
                        "termAccession": "http://purl.obolibrary.org/obo/UO_0000034",
                    }
                ],
                "protocols": [
                    {
                        "@id": "#protocol/collection",
                        "name": "collection",
                        "protocolType": term("sample collection"),
                        "parameters": [{"@id": "#parameter/tool", "parameterName": term("tool")}],
                    },
                    {"@id": "#protocol/extraction", "name": "extraction"},
                ],
                "materials": {
                    "sources": [
                        {
                            "@id": "#source/mouse",
                            "name": "mouse",
                            "characteristics": [
                                {
                                    "category": {"@id": "#category/age"},
                                    "value": 8,
                                    "unit": {"@id": "#unit/week"},
                                }
                            ],
                        }
                    ],
                    "samples": [
                        {
                            "@id": "#sample/liver",
                            "name": "liver",
                            "factorValues": [
                                {"category": {"@id": "#factor/dose"}, "value": "high"}
                            ],
                        }
                    ],
                },
                "processSequence": [
                    {
                        "@id": "#process/collection",
                        "executesProtocol": {"@id": "#protocol/collection"},
                        "parameterValues": [
                            {"category": {"@id": "#parameter/tool"}, "value": "knife"}
                        ],
                        "inputs": [{"@id": "#source/mouse"}],
                        "outputs": [{"@id": "#sample/liver"}],
                    }
                ],
                "assays": [
                    {
                        "filename": "a_assay.txt",
                        "measurementType": term("transcription profiling"),
                        "technologyType": term("nucleotide sequencing"),
                        "materials": {
                            "samples": [{"@id": "#sample/liver"}],
                            "otherMaterials": [
                                {"@id": "#material/rna", "name": "rna", "type": "Extract Name"}
                            ],
                        },
                        "dataFiles": [
                            {"@id": "#data/reads", "name": "reads.txt", "type": "Raw Data File"}
                        ],
                        "processSequence": [
                            {
                                "@id": "#process/extraction",
                                "executesProtocol": {"@id": "#protocol/extraction"},
                                "inputs": [{"@id": "#sample/liver"}],
                                "outputs": [{"@id": "#material/rna"}],
                                "nextProcess": {"@id": "#process/reading"},
                            },
                            {
                                "@id": "#process/reading",
                                "executesProtocol": {"@id": "#protocol/extraction"},
                                "inputs": [{"@id": "#material/rna"}],
                                "outputs": [{"@id": "#data/reads"}],
                                "previousProcess": {"@id": "#process/extraction"},
                            },
                        ],
                    }
                ],
            }
        ],
    }


def write(folder: Path, content: Json, name: str = "isa.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def put(*path: str | int, value: Any) -> Callable[[Json], None]:
    """Return a function that sets a value in a document."""

    def change(content: Json) -> None:
        target: Any = content
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value

    return change


def more(*path: str | int, value: Any) -> Callable[[Json], None]:
    """Return a function that appends a value to a list in a document."""

    def change(content: Json) -> None:
        target: Any = content
        for key in path:
            target = target[key]
        target.append(value)

    return change


STUDY = ("studies", 0)
ASSAY = (*STUDY, "assays", 0)
SOURCE = (*STUDY, "materials", "sources", 0)
SAMPLE = (*STUDY, "materials", "samples", 0)

# Content rule, what breaks it, the rule that says so, its isatools code, its severity.
BROKEN: list[tuple[int, Callable[[Json], None], str, str, str]] = [
    (3, put("mood", value="good"), "isa-json-schema", "3", "violation"),
    (3, put("title", value=5), "isa-json-schema", "3", "violation"),
    (3, put(*ASSAY, "dataFiles", 0, "type", value="Picture"), "isa-json-schema", "3", "violation"),
    (5, put("submissionDate", value="29 Feb 2024"), "isa-investigation-date", "3001", "warning"),
    (5, put(*STUDY, "publicReleaseDate", value="29/02/2024"), "isa-study-date", "3001", "warning"),
    (5, put(*STUDY, "processSequence", 0, "date", value="today"), "isa-process-date", "3001", "warning"),
    (6, put("publications", 0, "doi", value="doi:10.5555/x"), "isa-publication-doi", "3002", "warning"),
    (7, put("publications", 0, "pubMedID", value="1234567"), "isa-publication-pubmed", "3003", "warning"),
    (8, more(*STUDY, "characteristicCategories", value={"characteristicType": term("sex")}), "isa-characteristic-unused", "1022", "warning"),
    (9, more(*SOURCE, "characteristics", value={"category": {"@id": "#category/x"}, "value": 5}), "isa-characteristic-undeclared", "1013", "violation"),
    (9, more(*SOURCE, "characteristics", value={"value": 5}), "isa-characteristic-category", "1013", "violation"),
    (10, more(*STUDY, "unitCategories", value=term("day")), "isa-unit-unused", "1022", "warning"),
    (11, more(*SOURCE, "characteristics", value={"category": {"@id": "#category/age"}, "value": 5, "unit": {"@id": "#unit/x"}}), "isa-unit-undeclared", "1014", "violation"),
    (11, more(*SOURCE, "characteristics", value={"category": {"@id": "#category/age"}, "value": 5, "unit": term("day")}), "isa-unit-undeclared", "1014", "violation"),
    (12, more(*STUDY, "processSequence", 0, "inputs", value={"@id": "#source/x"}), "isa-source-undeclared", "1005", "violation"),
    (12, more(*STUDY, "processSequence", 0, "outputs", value={"@id": "x"}), "isa-source-undeclared", "1005", "violation"),
    (12, more(*ASSAY, "processSequence", 0, "inputs", value={"@id": "#sample/x"}), "isa-source-undeclared", "1005", "violation"),
    (12, put(*SAMPLE, "derivesFrom", value=[{"@id": "#source/x"}]), "isa-source-undeclared", "1005", "violation"),
    (13, more(*ASSAY, "processSequence", 0, "outputs", value={"@id": "#material/x"}), "isa-material-undeclared", "1005", "violation"),
    (13, more(*ASSAY, "processSequence", 1, "outputs", value={"@id": "#data/x"}), "isa-material-undeclared", "1005", "violation"),
    (14, put(*ASSAY, "processSequence", 1, "nextProcess", value={"@id": "#process/x"}), "isa-process-undeclared", "1006", "violation"),
    (14, put(*ASSAY, "processSequence", 0, "previousProcess", value={"@id": "#process/collection"}), "isa-process-elsewhere", "1006", "violation"),
    (14, more(*ASSAY, "processSequence", value={"executesProtocol": {"@id": "#protocol/extraction"}}), "isa-process-alone", "", "warning"),
    (15, more(*STUDY, "protocols", value={"name": "drying"}), "isa-protocol-unused", "1019", "warning"),
    (16, put(*ASSAY, "processSequence", 1, "executesProtocol", value={"@id": "#protocol/x"}), "isa-protocol-undeclared", "1007", "violation"),
    (16, put(*ASSAY, "processSequence", 1, "executesProtocol", value={"@id": ""}), "isa-protocol-reference", "1007", "violation"),
    (17, more(*STUDY, "factors", value={"factorName": "time"}), "isa-factor-unused", "1021", "warning"),
    (18, more(*SAMPLE, "factorValues", value={"category": {"@id": "#factor/x"}, "value": 5}), "isa-factor-undeclared", "1008", "violation"),
    (18, more(*SAMPLE, "factorValues", value={"value": 5}), "isa-factor-value-category", "1008", "violation"),
    (19, put(*STUDY, "protocols", 1, "name", value=""), "isa-protocol-name", "1010", "warning"),
    (20, put(*STUDY, "protocols", 0, "parameters", 0, "parameterName", value={}), "isa-parameter-name", "1011", "warning"),
    (21, put(*STUDY, "factors", 0, "factorName", value=""), "isa-factor-name", "1012", "warning"),
    (22, more(*STUDY, "materials", "sources", value={"name": "rat"}), "isa-source-unused", "1017", "warning"),
    (22, more(*STUDY, "materials", "samples", value={"name": "brain"}), "isa-sample-produced", "1017", "warning"),
    (23, more(*ASSAY, "materials", "otherMaterials", value={"name": "dna", "type": "Extract Name"}), "isa-material-unused", "1017", "warning"),
    (23, more(*ASSAY, "dataFiles", value={"name": "more.txt", "type": "Raw Data File"}), "isa-data-file-unused", "1017", "warning"),
    (24, put(*STUDY, "filename", value=""), "isa-study-file-name", "3005", "warning"),
    (24, put(*ASSAY, "filename", value=""), "isa-assay-file-name", "3005", "warning"),
    (25, more("ontologySourceReferences", value={"name": "EFO"}), "isa-ontology-source-unused", "3007", "warning"),
    (26, put(*STUDY, "factors", 0, "factorType", value={"annotationValue": "x", "termSource": "EFO"}), "isa-ontology-source-undeclared", "3009", "violation"),
    (28, put(*STUDY, "factors", 0, "factorType", value={"annotationValue": "x", "termAccession": "http://example.org/x"}), "isa-term-source", "3010", "violation"),
    (30, more("comments", value={"name": "", "value": "x"}), "isa-comment-name", "", "violation"),
    (30, more("comments", value={"name": "", "value": ""}), "isa-empty-comment", "", "violation"),
]  # fmt: skip


def test_the_document_breaks_no_rule(tmp_path: Path) -> None:
    assert [str(finding) for finding in check(write(tmp_path, document()))] == []


@pytest.mark.parametrize(
    ("number", "break_it", "rule", "code", "severity"),
    BROKEN,
    ids=[f"{number}-{rule}-{n}" for n, (number, _, rule, _, _) in enumerate(BROKEN)],
)
def test_a_broken_content_rule_is_found_and_no_other(
    tmp_path: Path,
    number: int,
    break_it: Callable[[Json], None],
    rule: str,
    code: str,
    severity: str,
) -> None:
    content = document()
    break_it(content)
    report = check(write(tmp_path, content))
    found = [finding for finding in report if finding.rule == rule]
    assert {(f.content_rule, f.code, f.severity) for f in found} == {(number, code, severity)}
    assert all(f.where for f in found)
    # What is not about a content rule at all (0), or could not be checked (29), may be found besides.
    assert numbers(report) - {0, 29} == {number}


def test_a_source_must_have_a_name(tmp_path: Path) -> None:
    """Content rule 27; a source without a name can have no terms, so that it is unused as well (25)."""
    content = document()
    content["ontologySourceReferences"].append({"name": "", "file": "http://example.org/efo.owl"})
    report = check(write(tmp_path, content))
    found = next(f for f in report if f.content_rule == 27)
    assert (found.rule, found.code, found.severity) == (
        "isa-ontology-source-name",
        "3008",
        "violation",
    )
    assert numbers(report) == {25, 27}


def test_encoding_syntax_and_suffix_are_rules_1_2_and_4(tmp_path: Path) -> None:
    content = document()
    content["title"] = "Größe"
    text = json.dumps(content, ensure_ascii=False)
    good = tmp_path / "good.json"
    good.write_text(text, encoding="utf-8")
    assert numbers(check(good)) == set()
    for encoding in ("cp1252", "utf-16"):
        path = tmp_path / f"{encoding}.json"
        path.write_text(text, encoding=encoding)
        (found,) = check(path)
        assert (found.content_rule, found.code, found.severity) == (1, "10", "warning")
    cut = tmp_path / "cut.json"
    cut.write_text(text[:-1], encoding="utf-8")
    (found,) = check(cut)
    assert (found.content_rule, found.code, found.severity) == (2, "2", "violation")
    assert found.where.startswith("cut.json:1:")
    (found,) = check(write(tmp_path, document(), "isa.txt"))
    assert (found.content_rule, found.rule, found.severity) == (4, "isa-json-suffix", "warning")


def test_what_pubmed_says_is_not_checked_and_that_is_said_once(tmp_path: Path) -> None:
    content = document()
    for article in ("An article", "Another"):
        content["publications"].append({"title": article, "pubMedID": "12345678"})
        content["studies"][0].setdefault("publications", []).append(
            {"title": article, "pubMedID": "12345678"}
        )
    (found,) = check(write(tmp_path, content))
    assert (found.content_rule, found.severity, found.count) == (29, "info", 1)
    assert "not checked, needs PubMed" in found.message


def test_a_sample_that_only_an_assay_describes_is_not_declared(tmp_path: Path) -> None:
    content = document()
    assay = content["studies"][0]["assays"][0]
    assay["materials"]["samples"].append({"@id": "#sample/brain", "name": "brain"})
    assay["processSequence"][0]["inputs"].append({"@id": "#sample/brain"})
    (found,) = check(write(tmp_path, content))
    assert (found.content_rule, found.rule) == (12, "isa-sample-undeclared")


def test_materials_belong_to_assays_and_sources_to_studies(tmp_path: Path) -> None:
    content = document()
    study = content["studies"][0]
    study["materials"]["otherMaterials"] = [{"@id": "#material/x", "name": "x"}]
    study["processSequence"][0]["outputs"].append({"@id": "#material/x"})
    (found,) = check(write(tmp_path, content))
    assert (found.content_rule, found.rule) == (13, "isa-material-of-study")
    content = document()
    content["studies"][0]["assays"][0]["materials"]["sources"] = [{"@id": "#source/x", "name": "x"}]
    content["studies"][0]["processSequence"][0]["inputs"].append({"@id": "#source/x"})
    (found,) = check(write(tmp_path, content))
    assert (found.content_rule, found.rule) == (12, "isa-source-of-assay")


def test_a_finding_keeps_its_number_in_the_store(memory: Fairgraph, tmp_path: Path) -> None:
    content = document()
    content["mood"] = "good"
    memory.add(write(tmp_path, content))
    found = next(f for f in memory.dataset(1).findings if f.rule == "isa-json-schema")
    assert (found.content_rule, found.as_dict()["content_rule"]) == (3, 3)


# -- blind spots of isatools ---------------------------------------------------------------------------------------------


def test_an_unused_material_does_not_mask_an_undeclared_one(tmp_path: Path) -> None:
    content = document()
    study = content["studies"][0]
    study["materials"]["sources"].append({"@id": "#source/spare", "name": "spare"})
    study["processSequence"][0]["inputs"].append({"@id": "#source/x"})
    codes = {finding.code for finding in check(write(tmp_path, content))}
    assert codes == {"1005", "1017"}


def test_an_undeclared_unit_is_reported(tmp_path: Path) -> None:
    content = document()
    content["studies"][0]["unitCategories"] = []
    assert "1014" in {finding.code for finding in check(write(tmp_path, content))}


@pytest.mark.parametrize("comments", [None, [], [{"name": "note", "value": "x"}]])
def test_comments_do_not_hide_an_undeclared_term_source(tmp_path: Path, comments: Any) -> None:
    content = document()
    annotation = {"annotationValue": "x", "termSource": "EFO"}
    if comments is not None:
        annotation["comments"] = comments
    content["studies"][0]["factors"][0]["factorType"] = annotation
    assert [f.code for f in check(write(tmp_path, content))] == ["3009"]


# -- the fixtures of isatools -------------------------------------------------------------------------------------------


def expected_codes() -> dict[str, str]:
    """What PROVENANCE.md says that each fixture is made for: file name to code."""
    text = (CORPUS / "isa/PROVENANCE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| json/tests_unit/(\S+) \|[^|]*\|[^|]*\| *W?(\d+)[^|]*\|", text, re.M)
    return {name: code for name, code in rows if not code.startswith("4")}


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
def test_the_fixtures_of_isatools_get_their_codes_and_their_twins_do_not() -> None:
    expected = expected_codes()
    assert len(expected) >= 19
    tried = [path for path in sorted(UNIT.glob("*.json")) if path.name in expected]
    assert len(tried) >= 8
    wrong = []
    for path in tried:
        code = expected[path.name]
        if code not in {finding.code for finding in check(path)}:
            wrong.append(f"{path.name} has no {code}")
        twin = path.with_name(path.name.replace("_fail", ""))
        if twin != path and code in {finding.code for finding in check(twin)}:
            wrong.append(f"{twin.name} has {code}")
    assert wrong == []


# -- the form of ISA-JSON ------------------------------------------------------------------------------------------------


def validator() -> Any:
    import jsonschema
    import referencing

    registry: Any = referencing.Registry()
    schemas = {p.name: json.loads(p.read_text(encoding="utf-8")) for p in SCHEMAS.glob("*.json")}
    for name, schema in schemas.items():
        schema.pop("id")
        registry = registry.with_resource(name, referencing.Resource.from_contents(schema))
    return jsonschema.Draft202012Validator(schemas["investigation_schema.json"], registry=registry)


def mutate(content: Any, choice: random.Random) -> None:
    """Change one place of a document."""
    places = [content]
    for place in places:
        values = place.values() if isinstance(place, dict) else place
        places += [value for value in values if isinstance(value, (dict, list))]
    place = choice.choice(places)
    value = choice.choice(
        [None, 5, 1.5, True, "x", [], {}, ["x"], {"y": 1}, {"@id": "#z"}, {"@id": 5}]
    )
    if isinstance(place, dict):
        place[choice.choice([*place, "@id", "@type", "new", "comments"])] = value
    elif place:
        place[choice.randrange(len(place))] = value
    else:
        place.append(value)


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
def test_a_document_departs_from_the_form_if_and_only_if_it_is_invalid() -> None:
    valid, choice, seen = validator(), random.Random(7), {True: 0, False: 0}
    for path in corpus_paths("isa/json/*/*.json"):
        try:
            original = json.loads(path.read_bytes())
        except ValueError:
            continue
        changes = 0 if path.stat().st_size > 50_000 else 40
        for n in range(changes + 1):
            content = json.loads(json.dumps(original))
            if n:
                mutate(content, choice)
            is_valid = valid.is_valid(content)
            assert is_valid == (not deviations(content)), (path.name, deviations(content))
            seen[is_valid] += 1
    assert min(seen.values()) > 100


def test_a_deviation_is_where_it_is(tmp_path: Path) -> None:
    content = document()
    content["studies"][0]["factors"][0]["a/b~c"] = 1
    content["studies"][0]["assays"][0]["processSequence"][0]["inputs"].append({"@id": 5})
    report = check(write(tmp_path, content))
    assert [(f.where, f.severity) for f in report if f.rule == "isa-json-schema"] == [
        ("isa.json#/studies/0/factors/0/a~1b~0c", "violation"),
        ("isa.json#/studies/0/assays/0/processSequence/0/inputs/1/@id", "violation"),
    ]


def test_a_document_that_is_no_investigation_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    path = write(tmp_path, {"studies": {}, "mood": "good"})
    with pytest.raises(SourceError) as refused, read_draft(path, "isa-json"):
        pass
    assert {finding.content_rule for finding in refused.value.report} == {3}


def test_ids_of_annotations_that_are_not_kept_are_reported_once(tmp_path: Path) -> None:
    content = document()
    assert "isa-annotation-id" not in rules(check(write(tmp_path, content)))
    for n, protocol in enumerate(content["studies"][0]["protocols"]):
        protocol["protocolType"] = {
            **term("sample collection"),
            "@id": f"#annotation/{n}",
            "comments": [{"@id": "#comment/1", "name": "a", "value": "b"}],
        }
    found = [f for f in check(write(tmp_path, content)) if f.rule == "isa-annotation-id"]
    assert [(f.severity, f.count, f.where) for f in found] == [
        ("info", 2, "isa.json#/studies/0/protocols/0/protocolType/comments/0"),
        ("info", 2, "isa.json#/studies/0/protocols/0/protocolType"),
    ]


# -- the form of ISA-Tab -------------------------------------------------------------------------------------------------


@pytest.fixture
def tab(tmp_path: Path) -> Path:
    """A copy of the example, in which there is nothing to find."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "tab"))


def replace(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def moved(folder: Path, section: str, before: str) -> None:
    """Move a section of the investigation file in front of another one."""
    lines = (folder / "i_investigation.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    start = lines.index(f"{section}\n")
    end = next(n for n in range(start + 1, len(lines)) if lines[n].strip().isupper())
    part = lines[start:end]
    del lines[start:end]
    at = lines.index(f"{before}\n")
    lines[at:at] = part
    (folder / "i_investigation.txt").write_text("".join(lines), encoding="utf-8")


def test_the_example_has_nothing_to_find(tab: Path) -> None:
    assert list(check(tab)) == []


I_FILE = "i_investigation.txt"
# The rule, its code, the file, what is replaced by what.
TAB_FAULTS = [
    ("isa-label-missing", "5", I_FILE, "Term Source Version\t", "Comment[Version]\t"),
    ("isa-label-missing", "5", I_FILE, 'Study Protocol URI\t""\t""\t""\t""\t""\t""\n', ""),
    ("isa-label-form", "5", I_FILE, "Study Publication Author List", "Study Publication Author list"),
    ("isa-label-form", "5", I_FILE, "STUDY FACTORS", "Study Factors"),
    ("isa-label-form", "5", I_FILE, "Comment[License]", "Comment [License]"),
    ("isa-repeated-comment", "5", I_FILE, "Comment[License]\t", "Comment[License]\tx\nComment[License]\t"),
    ("isa-comment-count", "", I_FILE, 'Comment[Investigation Person ORCID]\t"0000-0002-1825-0097"\t', "Comment[Investigation Person ORCID]\t"),
    ("isa-comment-count", "", I_FILE, 'Comment[Investigation Person ORCID]\t', 'Comment[Investigation Person ORCID]\t""\t'),
    ("isa-value-count", "", I_FILE, 'Investigation Person Mid Initials\t"S"\t""\t""', "Investigation Person Mid Initials\tS"),
    ("isa-surplus-value", "", I_FILE, 'Study Title\t', 'Study Title\tOne\t'),
    ("isa-section-missing", "5", I_FILE, "STUDY CONTACTS\n", ""),
    ("isa-missing-file", "6", I_FILE, 's_light.txt', 's_dark.txt'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "code", "file", "old", "new"),
    TAB_FAULTS,
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_fault_of_the_investigation_file_is_found(
    tab: Path, rule: str, code: str, file: str, old: str, new: str
) -> None:
    replace(tab, file, old, new)
    found = [finding for finding in check(tab) if finding.rule == rule]
    assert [finding.code for finding in found] == [code]
    assert re.fullmatch(r"i_investigation\.txt(:\d+:\d+)?", found[0].where)


def test_sections_out_of_order_are_found_where_they_are(tab: Path) -> None:
    moved(tab, "INVESTIGATION CONTACTS", "INVESTIGATION PUBLICATIONS")
    (found,) = check(tab)
    assert (found.rule, found.code, found.severity) == ("isa-section-order", "5", "violation")
    line = int(found.where.split(":")[1])
    text = (tab / I_FILE).read_text(encoding="utf-8").splitlines()
    assert text[line - 1] == "INVESTIGATION PUBLICATIONS"


def test_the_sections_of_a_study_may_stand_in_any_order(tab: Path) -> None:
    moved(tab, "STUDY ASSAYS", "STUDY FACTORS")
    assert list(check(tab)) == []


def test_a_study_table_has_a_sample_collection(tab: Path) -> None:
    text = (tab / I_FILE).read_text(encoding="utf-8")
    (tab / I_FILE).write_text(text.replace("sample collection", "cutting"), encoding="utf-8")
    found = [finding for finding in check(tab) if finding.rule == "isa-sample-collection"]
    assert [finding.severity for finding in found] == ["violation"] * 2


TABLE = ["Sample Name", "Protocol REF", "Parameter Value[tool]", "Raw Data File"]


@pytest.mark.parametrize(
    ("headings", "rule", "column", "severity"),
    [
        (["sample name", *TABLE[1:]], "isa-column-form", 1, "violation"),
        ([*TABLE[:2], "Parameter[tool]", "Raw Data File"], "isa-column-form", 3, "violation"),
        ([*TABLE, "Comment[]"], "isa-column-form", 5, "violation"),
        ([*TABLE[:3], "Holiday Picture File"], "isa-column", 4, "warning"),
        ([*TABLE[:3], "Mood", "Raw Data File"], "isa-column", 4, "warning"),
        (["Comment[x]", *TABLE], "isa-column-place", 1, "violation"),
        ([*TABLE[:2], "Characteristics[x]", *TABLE[2:]], "isa-column-place", 3, "violation"),
        ([*TABLE, "Parameter Value[tool]"], "isa-column-place", 5, "violation"),
        ([*TABLE[:1], "Unit", *TABLE[1:]], "isa-column-place", 2, "violation"),
        ([*TABLE[:1], "Term Source REF", *TABLE[1:]], "isa-column-place", 2, "violation"),
        ([*TABLE[:3], "Term Source REF", "Raw Data File"], "isa-term-columns", 3, "violation"),
        ([*TABLE[:3], "Unit", "Term Accession Number", "Raw Data File"], "isa-term-columns", 4, "violation"),
        (["Extract Name", *TABLE[1:]], "isa-first-node", 1, "violation"),
    ],
)  # fmt: skip
def test_a_fault_of_a_heading_is_found(
    write_tab: Callable[..., Path], headings: list[str], rule: str, column: int, severity: str
) -> None:
    study = [["Source Name", "Protocol REF", "Sample Name"], ["a", "collection", "b"]]
    report = check(write_tab(study, [headings]))
    found = [f for f in report if f.rule in {r.name for r in RULES} and f.where.startswith("a_one")]
    assert [(f.rule, f.where, f.severity) for f in found] == [
        (rule, f"a_one.txt:1:{column}", severity)
    ]


def test_headings_of_the_standard_are_recognised(write_tab: Callable[..., Path]) -> None:
    study = [["Source Name", "Characteristics [age]", "Unit", "Term Source REF", "Term Accession Number", "Material Type", "Protocol REF", "Date", "Performer", "Sample Name", "Factor Value[dose]"]]  # fmt: skip
    assay = [["Sample Name", "Protocol REF", "Extract Name", "Characteristics[x]", "Term Accession Number", "Term Source REF", "Labeled Extract Name", "Label", "Protocol REF", "Hybridization Assay Name", "Array Design REF", "Comment[x]", "Scan Name", "Image File", "Normalization Name", "Data Transformation Name", "Derived Array Data Matrix File", "Comment [y]"]]  # fmt: skip
    report = check(write_tab(study, assay))
    assert {f.rule for f in report if f.code == "4014" or "node" in f.rule} == set()


def test_a_study_table_begins_with_a_source_and_has_samples(
    write_tab: Callable[..., Path],
) -> None:
    report = check(write_tab([["Extract Name", "Protocol REF", "Raw Data File"]]))
    assert {"isa-first-node", "isa-no-sample"} <= rules(report)


# -- data files ----------------------------------------------------------------------------------------------------------


def missing(path: Path) -> list[tuple[str, str, str]]:
    with read_draft(path, data_files=True) as draft:
        found = [f for f in draft.report if f.rule == "isa-data-file-missing"]
        assert {f.severity for f in found} <= {"warning"}
        return [(f.value, f.where, draft.dataset) for f in found]


def test_data_files_are_looked_for_when_asked(tmp_path: Path) -> None:
    content = document()
    path = write(tmp_path, content)
    assert "isa-data-file-missing" not in rules(check(path))
    assert [found[:2] for found in missing(path)] == [
        ("reads.txt", "/studies/0/assays/0/dataFiles/0")
    ]
    (tmp_path / "reads.txt").write_text("ACGT", encoding="utf-8")
    assert missing(path) == []


@pytest.mark.parametrize(
    "name", ["../reads.txt", "/etc/hosts", "a\x00b", "x" * 5000, "a/../isa.json"]
)
def test_names_that_lead_elsewhere_are_not_looked_for(tmp_path: Path, name: str) -> None:
    content = document()
    content["studies"][0]["assays"][0]["dataFiles"][0]["name"] = name
    folder = tmp_path / "metadata"
    folder.mkdir()
    (tmp_path / "reads.txt").write_text("ACGT", encoding="utf-8")
    assert [found[0] for found in missing(write(folder, content))] == [name]


def test_a_url_is_a_file_somewhere_else(tmp_path: Path) -> None:
    content = document()
    content["studies"][0]["assays"][0]["dataFiles"][0]["name"] = "ftp://example.org/reads.txt"
    assert missing(write(tmp_path, content)) == []


def test_data_files_are_looked_for_in_folders_and_archives(tab: Path, tmp_path: Path) -> None:
    names = [name for name, _, _ in missing(tab)]
    assert len(names) > 10
    assert len(set(names)) == len(names)
    present = tab / names[0]
    present.parent.mkdir(parents=True, exist_ok=True)
    present.write_text("x", encoding="utf-8")
    (tab / names[1]).mkdir(parents=True)  # raw data are folders as often
    ((tab / names[1]) / "part").write_text("x", encoding="utf-8")
    assert [name for name, _, _ in missing(tab)] == names[2:]
    archive = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, "tab"))
    assert [name for name, _, _ in missing(archive)] == names[2:]
    assert re.fullmatch(r"a_\w+\.txt:\d+:\d+", missing(tab)[0][1])


def test_an_import_looks_for_data_files_when_asked(memory: Fairgraph, tab: Path) -> None:
    assert rules(memory.add(tab).report) == set()
    assert rules(memory.add(tab, slug="other", data_files=True).report) == {"isa-data-file-missing"}


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
def test_the_data_file_fixtures_of_isatools(tmp_path: Path) -> None:
    """isatools has a pair of documents for this rule, and no check."""
    (tmp_path / "a_file.dat").write_text("x", encoding="utf-8")
    for name, expected in (("datafiles.json", []), ("datafiles_fail.json", ["b_file.dat"])):
        shutil.copy(UNIT / name, tmp_path / name)
        assert [value for value, _, _ in missing(tmp_path / name)] == expected


def test_the_command_line_looks_for_data_files(
    tab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tab.parent)
    assert run(["validate", str(tab), "--data-files", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {f["rule"] for f in document["findings"]} == {"isa-data-file-missing"}
    assert run(["import", str(tab), "--data-files", "--json"]) == 0
    (dataset,) = json.loads(capsys.readouterr().out)["datasets"]
    assert {f["rule"] for f in dataset["findings"]} == {"isa-data-file-missing"}
    assert run(["validate", "1", "--data-files"]) == 2
    assert "beside the metadata" in capsys.readouterr().err


def test_a_refused_document_stands_among_the_failed_with_its_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.json").write_text('{"studies": [', encoding="utf-8")
    assert run(["import", "x.json", "--json"]) == 3
    (failed,) = json.loads(capsys.readouterr().out)["failed"]
    (found,) = failed["findings"]
    assert (found["content_rule"], found["code"], found["where"]) == (2, "2", "x.json:1:14")


def test_findings_are_printed_with_their_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = document()
    content["comments"].append({"name": "", "value": "x"})
    content["studies"][0]["protocols"].append({"name": "drying"})
    assert run(["validate", str(write(tmp_path, content))]) == 1
    out = capsys.readouterr().out
    assert "violation [rule 30] /comments/1: " in out
    assert "warning [1019, rule 15] /studies/0/protocols/2: " in out
