"""FAIRtracks documents checked: what is wrong is found where it is, for the rule that it breaks, and what is right is not."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import fairgraph
from fairgraph import resources
from fairgraph.api import Fairgraph
from fairgraph.checking import validate_path
from fairgraph.fairtracks import identifiers
from fairgraph.report import Finding, Report
from support import corpus_paths

INVALID = Path("fairtracks/invalid")
EXAMPLES = [
    path
    for path in corpus_paths("fairtracks/standard/*/json/examples/*.json")
    # Upstream's own minimal document of the unreleased form lacks keys that its own schema requires.
    if path.name != "fairtracks.minimal.example.json"
]
CASES = corpus_paths("fairtracks/invalid/[0-9]*.json")
# The words of EXPECTED.json for the rules that are not called by their keywords alone.
RULES = {
    "requireAnyOf (anyOf)": "require-any-of",
    "requireIf (if/then required)": "require-if",
    "minItems": "min-items",
    "format date-time": "format",
    "foreignProperty": "foreign-property",
    "namespace+matchType canonical": "match-type",
    "namespace without format": "namespace",
    "matchType without namespace": "namespace",
    "requireIf+ancestors": "ancestors",
    "-": "checksum",
}
OBO = "http://purl.obolibrary.org/obo/"
# A version of each ontology that the example names: what of it the example and its broken forms need.
STUBS = {
    "uberon/releases/2019-06-27/uberon.owl": ("uberon.owl", {"UBERON_0000922": ("embryo", "UBERON_0000465"), "UBERON_0000926": ("mesoderm", "UBERON_0000465"), "UBERON_0000465": ("material anatomical entity", ""), "UBERON_0000000": ("processual entity", "")}),
    "ncit/releases/2019-09-09/ncit.owl": ("ncit.owl", {"NCIT_C16403": ("Cell Line", ""), "NCIT_C12508": ("Cell", ""), "NCIT_C14165": ("Normal", ""), "NCIT_C103199": ("Organism Part", "")}),
    "cl/releases/2019-08-12/cl.owl": ("cl.owl", {"CL_0000003": ("native cell", ""), "CL_0000236": ("B cell", "CL_0000003")}),
}  # fmt: skip


def stub(version: str, name: str, terms: dict[str, tuple[str, str]]) -> str:
    lines = [f"<{OBO}{name}> a owl:Ontology ; owl:versionIRI <{OBO}{version}> ."]
    for term, (label, parent) in terms.items():
        lines.append(f'<{OBO}{term}> a owl:Class ; rdfs:label "{label}" .')
        if parent:
            lines.append(f"<{OBO}{term}> rdfs:subClassOf <{OBO}{parent}> .")
    prefixes = "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    return prefixes + "\n".join(lines)


@pytest.fixture(scope="module")
def ontologies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fairgraph]:
    """A store with EDAM, SO and OBI as they are, and a little of UBERON, NCIT and CL."""
    folder = tmp_path_factory.mktemp("stubs")
    with fairgraph.open("memory:") as fg:
        for path in corpus_paths("ontologies/EDAM_1.25.owl", "ontologies/so.owl", "ontologies/obi_modules_merged.owl"):  # fmt: skip
            fg.add_ontology(path)
        for version, (name, terms) in STUBS.items():
            path = folder / name.replace(".owl", ".ttl")
            path.write_text(stub(version, name, terms), encoding="utf-8")
            fg.add_ontology(path)
        yield fg


def checked(document: Any, folder: Path, fg: Fairgraph | None = None) -> Report:
    path = folder / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return validate_path(path, "fairtracks", fg and fg.store)


def wrong(report: Report) -> list[Finding]:
    return [finding for finding in report if finding.severity != "info"]


@pytest.fixture
def document(corpus: Path) -> dict[str, Any]:
    """The valid document."""
    return json.loads((corpus / INVALID / "00_valid.json").read_bytes())


# -- what is wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_wrong_is_found_where_it_is(
    ontologies: Fairgraph, corpus: Path, path: Path
) -> None:
    cases = json.loads((corpus / INVALID / "EXPECTED.json").read_bytes())
    (case,) = (each for each in cases if each["file"] == path.name)
    found = wrong(validate_path(path, "fairtracks", ontologies.store))
    if case["kind"] == "valid":
        assert found == []
        return
    rule = f"fairtracks-{RULES.get(case['rule'], case['rule'])}"
    place = case["path"].replace("/EDAM", "/http:~1~1edamontology.org~1EDAM.owl")
    assert any(f.rule == rule and f.where.startswith(place) for f in found), found
    # Nothing else, but for what follows: a sample that is gone is missed by its experiment, a term has another label.
    follow = {
        "fairtracks-foreign-property",
        "fairtracks-ontology-term-pair",
        "fairtracks-require-if",
    }
    assert {f.rule for f in found} - {rule} <= follow


@pytest.mark.corpus
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_the_official_validator_finds_is_found(
    ontologies: Fairgraph, corpus: Path, path: Path
) -> None:
    cases = json.loads((corpus / INVALID / "EXPECTED.json").read_bytes())
    (case,) = (each for each in cases if each["file"] == path.name)
    found = [
        f
        for f in wrong(validate_path(path, "fairtracks", ontologies.store))
        if f.severity == "violation"
    ]
    for kind, place in case["official_validator_0.9.10_jsonschema_4.0.1"]:
        if kind == "stale_fp":  # it names the property of the schema, not the place
            key = place.split("/")[-2]
            assert any(
                f.rule == "fairtracks-foreign-property" and f.where.endswith(f"/{key}")
                for f in found
            )
        elif kind == "schema_unknown":
            assert any(f.where == "/@schema" for f in found)
        else:
            place = place.replace("/http://edamontology.org/", "/http:~1~1edamontology.org~1")
            assert any(f.where == place for f in found), (place, found)


def _twice(document: dict[str, Any]) -> None:
    document["tracks"][1]["local_id"] = document["tracks"][0]["local_id"]


def _other_target(document: dict[str, Any]) -> None:
    document["experiments"][0]["technique"] = {"term_id": f"{OBO}OBI_0000748"}


def _type(document: dict[str, Any]) -> None:
    document["tracks"][2]["label_short"] = 5


def _label(document: dict[str, Any]) -> None:
    document["tracks"][3]["file_format"]["term_label"] = "no such label"


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("change", "rule", "where", "severity"),
    [
        (_twice, "unique", "/tracks/1/local_id", "violation"),
        (_other_target, "const-if", "/experiments/0/target/sequence_feature/term_id", "violation"),
        (_type, "type", "/tracks/2/label_short", "violation"),
        (_label, "ontology-term-pair", "/tracks/3/file_format/term_label", "warning"),
    ],
)  # fmt: skip
def test_further_rules(
    ontologies: Fairgraph, document: dict[str, Any], tmp_path: Path, change: Callable[[dict[str, Any]], None], rule: str, where: str, severity: str
) -> None:  # fmt: skip
    change(document)
    found = [f for f in checked(document, tmp_path, ontologies) if f.rule == f"fairtracks-{rule}"]
    assert [(f.where, f.severity) for f in found] == [(where, severity)]


# -- what is right -----------------------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parts[-4]}-{path.name}")
def test_the_examples_of_the_standard_are_valid(ontologies: Fairgraph, path: Path) -> None:
    report = validate_path(path, "fairtracks", ontologies.store)
    # They have blanks in CURIEs and checksums, which no official tool looks at: warnings.
    assert report.conforms, wrong(report)


@pytest.mark.corpus
def test_it_is_said_which_versions_were_used(
    ontologies: Fairgraph, document: dict[str, Any], tmp_path: Path
) -> None:
    report = checked(document, tmp_path, ontologies)
    said = {rule: [f.message for f in report if f.rule == f"fairtracks-{rule}"] for rule in ("ontology-missing", "ontology-version", "rule-obsolete")}  # fmt: skip
    (missing,) = said["ontology-missing"]
    assert "efo.owl is not loaded" in missing
    assert any("EDAM_1.21.owl" in text and "1.25" in text for text in said["ontology-version"])
    # UBERON, NCIT and CL are there in the version that the document names.
    assert not any(name in text for text in said["ontology-version"] for name in ("uberon", "ncit", "cl.owl"))  # fmt: skip
    (obsolete,) = said["rule-obsolete"]
    assert "OBI_0000011" in obsolete


@pytest.mark.corpus
def test_without_ontologies_no_term_is_wrong(corpus: Path) -> None:
    report = validate_path(corpus / INVALID / "40_term_unknown.json", "fairtracks")
    assert wrong(report) == []
    assert sum(f.rule == "fairtracks-ontology-missing" for f in report) == 6


@pytest.mark.corpus
def test_a_term_of_an_ontology_that_is_not_loaded_is_not_wrong(
    document: dict[str, Any], tmp_path: Path
) -> None:
    with fairgraph.open("memory:") as fg:
        fg.add_ontology(corpus_paths("ontologies/EDAM_1.25.owl")[0])
        # The technique may be a term of OBI or of EDAM: one of OBI cannot be judged by EDAM alone, one of EDAM can.
        assert wrong(checked(document, tmp_path, fg)) == []
        document["experiments"][0]["technique"] = {
            "term_id": "http://edamontology.org/operation_9999"
        }
        assert [f.rule for f in wrong(checked(document, tmp_path, fg))] == ["fairtracks-ontology"]


# -- datasets ----------------------------------------------------------------------------------------------------------


@pytest.mark.corpus
def test_a_stored_dataset_is_checked_as_its_document(memory: Fairgraph, corpus: Path) -> None:
    path = corpus / INVALID / "21_foreign_experiment.json"
    stored = memory.validate(memory.add(path).dataset, profile="fairtracks")
    assert {(f.rule, f.where) for f in stored} == {
        (f.rule, f.where) for f in validate_path(path, "fairtracks")
    }


@pytest.mark.corpus
def test_documents_of_one_store_know_each_other(
    memory: Fairgraph, document: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "first.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    memory.add(path)
    other = copy.deepcopy(document)
    for track in other["tracks"]:
        track["local_id"] += "x"
    other["experiments"] = [dict(other["experiments"][0], local_id="another")]
    path = tmp_path / "second.json"
    path.write_text(json.dumps(other), encoding="utf-8")
    second = memory.add(path).dataset
    report = memory.validate(second, profile="fairtracks")
    # The tracks name an experiment that only the first document has; the study and the sample are in both.
    (refers, *more) = [f for f in report if f.rule == "fairtracks-foreign-property"]
    assert (refers.severity, len(more)) == ("info", 3)
    assert "id/first/" in refers.message
    shared = [f for f in report if f.rule == "fairtracks-unique"]
    assert {f.value for f in shared} == {document["studies"][0]["local_id"], document["samples"][0]["local_id"]}  # fmt: skip


def test_what_a_dataset_lacks_for_a_document_is_said(example: Fairgraph) -> None:
    report = example.validate(1, profile="fairtracks")
    found = {(f.where, f.message) for f in report if f.rule == "fairtracks-required"}
    assert ("/", "has no 'tracks'") in found
    assert ("/doc_info", "has no 'doc_date'") in found


# -- what is bundled ---------------------------------------------------------------------------------------------------


def test_the_schemas_are_those_of_the_standard() -> None:
    folder = resources.SHAPES / "fairtracks"
    text = (folder / "README.md").read_text(encoding="utf-8")
    stated = dict(re.findall(r"^\| `([^`]+\.json)` \| `([0-9a-f]{64})` \|$", text, re.MULTILINE))
    there = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.json")}  # fmt: skip
    assert len(there) == 21
    assert stated == there


@pytest.mark.parametrize(
    ("text", "namespaces", "expected"),
    [
        ("insdc.gca:GCF_000001405.26", ["insdc.gca"], None),
        ("insdc.gca:GCA_000001405.26", ["insdc.gca"], None),
        ("geo:GSE1", ["geo", "ega.study"], None),
        ("GEO:GSE1", ["geo"], "namespace"),
        ("encode: ENCFF207FGO", [], "matchType"),
        ("no prefix", [], "namespace"),
        ("unheardof:1", [], "namespace"),
        ("pubmed:12a", ["pubmed"], "matchType"),
    ],
)
def test_curies(text: str, namespaces: list[str], expected: str | None) -> None:
    found = identifiers.problem(text, namespaces)
    assert (found and found[0]) == expected
