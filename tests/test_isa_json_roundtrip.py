"""ISA-JSON in and out of the graph: nothing is lost, whatever the document looks like."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from fairgraph.conversion import convert
from fairgraph.errors import SourceError, UnknownFormat
from isa_json_compare import differences
from support import EXAMPLE, corpus_paths

# Not ISA-JSON, though the corpus has them beside it: study designs of another tool, one syntax error.
NOT_ISA = {path.name for path in corpus_paths("isa/json/cookbook_datascriptor/*.json")} | {
    "invalid.json"
}
# Schema-invalid, and known to lose the JSON-LD notation of two kinds of objects that ISA-JSON objects do not have.
INVALID = {"BII-S-3-ld.json", "invalid_isajson.json"}
DOCUMENTS = corpus_paths("isa/json/*/*.json")


def through_the_graph(path: Path) -> Any:
    output = io.BytesIO()
    convert(path, "isa-json", output)
    return json.loads(output.getvalue())


def load(path: Path) -> Any:
    data = path.read_bytes()
    return json.loads(
        data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    )


@pytest.mark.corpus
@pytest.mark.parametrize(
    "path",
    [p for p in DOCUMENTS if p.name not in NOT_ISA | INVALID],
    ids=lambda path: f"{path.parent.name}-{path.name}",
)
def test_a_document_comes_back_without_a_difference(path: Path) -> None:
    assert differences(load(path), through_the_graph(path)) == []


@pytest.mark.corpus
@pytest.mark.parametrize(
    "path", [p for p in DOCUMENTS if p.name in NOT_ISA], ids=lambda path: path.name
)
def test_what_is_not_isa_json_is_refused_with_a_reason(path: Path) -> None:
    with pytest.raises((SourceError, UnknownFormat)) as refused:
        through_the_graph(path)
    assert path.name in str(refused.value)
    if path.name == "invalid.json":
        assert refused.value.where == "invalid.json:7:7"


@pytest.mark.corpus
def test_the_corpus_is_there(corpus: Path) -> None:
    assert len(DOCUMENTS) >= 45


def document(**study: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "identifier": "s",
        "title": "S",
        "filename": "s_s.txt",
        "materials": {"sources": [], "samples": [], "otherMaterials": []},
        "processSequence": [],
        "assays": [],
    }
    return {"identifier": "i", "title": "I", "studies": [{**empty, **study}]}


def there_and_back(tmp_path: Path, given: Any) -> Any:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(given), encoding="utf-8")
    return through_the_graph(path)


def sample(name: str, **more: Any) -> dict[str, Any]:
    return {
        "@id": f"#sample/{name}",
        "name": name,
        "characteristics": [],
        "factorValues": [],
        **more,
    }


def test_zero_stays_zero(tmp_path: Path) -> None:
    factor = {
        "@id": "#factor/dose",
        "factorName": "dose",
        "factorType": {"annotationValue": "dose"},
    }
    unit = {"@id": "#Unit/hour", "annotationValue": "hour", "termSource": "", "termAccession": ""}
    value = {"category": {"@id": "#factor/dose"}, "value": 0, "unit": {"@id": "#Unit/hour"}}
    given = document(
        factors=[factor],
        unitCategories=[unit],
        materials={"samples": [sample("a", factorValues=[value])]},
    )
    back = there_and_back(tmp_path, given)
    assert back["studies"][0]["materials"]["samples"][0]["factorValues"][0]["value"] == 0
    assert differences(given, back) == []


@pytest.mark.parametrize(
    "name", ["mouse-sample-7", "re-source-1", "sample-sample-a", "a b/ä%20", "1"]
)
def test_a_name_stays_as_it_is(tmp_path: Path, name: str) -> None:
    given = document(materials={"samples": [sample(name)]})
    back = there_and_back(tmp_path, given)
    assert back["studies"][0]["materials"]["samples"][0]["name"] == name
    assert differences(given, back) == []


@pytest.mark.parametrize(
    "value", [0, 1.5, 0.1, 1e-7, -3, 12345678901234567890, "0", "007", "1.50", "true", "2024-01-01"]
)
def test_a_value_keeps_its_type_and_its_digits(tmp_path: Path, value: Any) -> None:
    given = document(
        characteristicCategories=[{"@id": "#c", "characteristicType": {"annotationValue": "c"}}],
        materials={
            "samples": [sample("a", characteristics=[{"category": {"@id": "#c"}, "value": value}])]
        },
    )
    back = there_and_back(tmp_path, given)["studies"][0]["materials"]["samples"][0][
        "characteristics"
    ][0]["value"]
    assert back == value
    assert isinstance(back, str) == isinstance(value, str)


def test_one_id_for_two_things_does_not_merge_them(tmp_path: Path) -> None:
    def assay(name: str) -> dict[str, Any]:
        process = {
            "@id": "#process/1",
            "name": name,
            "executesProtocol": {},
            "inputs": [],
            "outputs": [],
        }
        return {"@id": f"#assay/{name}", "filename": name, "processSequence": [process]}

    given = document(assays=[assay("a_one.txt"), assay("a_two.txt")])
    assert differences(given, there_and_back(tmp_path, given)) == []


def test_an_unknown_property_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text(json.dumps({**document(), "mood": {"is": "good"}}), encoding="utf-8")
    report = convert(path, "isa-json", io.BytesIO())
    assert [(f.severity, f.rule, f.where) for f in report] == [
        ("violation", "isa-json-schema", "document.json#/mood"),
        ("info", "isa-unexpected-property", "document.json#/mood"),
    ]


def test_the_comparison_itself_can_fail(tmp_path: Path) -> None:
    given = document(materials={"samples": [sample("a")]})
    other = document(materials={"samples": [sample("b")]})
    assert differences(given, other) == ["/studies/0/materials/samples/0/name: 'a' | 'b'"]


def test_the_example_comes_back_from_its_own_json(tmp_path: Path) -> None:
    first = through_the_graph(EXAMPLE)
    assert differences(first, there_and_back(tmp_path, first)) == []
