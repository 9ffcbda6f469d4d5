"""Comments of ISA that seem to carry a FAIRtracks document: what is none of it is kept and named, and harms nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fairgraph.api import Fairgraph
from support import EXAMPLE

Json = dict[str, Any]
TRACKS = EXAMPLE.parent / "mouse-circadian-tracks.json"


@pytest.fixture
def document() -> Json:
    """The tracks of the examples."""
    return json.loads(TRACKS.read_bytes())


@pytest.fixture
def isa(memory: Fairgraph) -> Json:
    """The same as ISA-JSON, its values in comments."""
    added = memory.add(TRACKS)
    return json.loads(memory.export("isa-json", added.dataset).to_bytes())


def comments(value: Any) -> Iterator[Json]:
    """All comments in a document of ISA-JSON that carry something of FAIRtracks."""
    if isinstance(value, dict):
        if str(value.get("name", "")).startswith("fairtracks:"):
            yield value
        for inner in value.values():
            yield from comments(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from comments(inner)


def changed(
    fg: Fairgraph, isa: Json, folder: Path, of: str, name: str, value: str | None = None
) -> tuple[str, Json]:
    """Make the first comment called *of* another one; return the dataset's IRI, and the FAIRtracks document that it is."""
    comment = next(one for one in comments(isa) if one["name"] == of)
    comment["name"] = name
    if value is not None:
        comment["value"] = value
    path = folder / "isa.json"
    path.write_text(json.dumps(isa), encoding="utf-8")
    iri = fg.add(path, slug="other").dataset.iri
    return iri, json.loads(fg.export("fairtracks", iri).to_bytes(), parse_constant=pytest.fail)


def findings(fg: Fairgraph, iri: str) -> list[str]:
    (found,) = (dataset.findings for dataset in fg.datasets() if dataset.iri == iri)
    return [finding.message for finding in found if finding.rule == "fairtracks-comment"]


def stays_comment(fg: Fairgraph, iri: str, name: str, text: str) -> bool:
    rows = fg.query(
        f"""PREFIX schema: <http://schema.org/> SELECT ?name ?text {{ GRAPH <{iri}>
        {{ ?c a schema:Comment ; schema:name ?name ; schema:text ?text }} }}"""
    )
    return (name, text) in [(row["name"].value, row["text"].value) for row in rows]


@pytest.mark.parametrize("name", [{}, [], {"a": 1}, [1]])
def test_a_document_may_be_called_anything(
    memory: Fairgraph, tmp_path: Path, document: Json, name: Any
) -> None:
    document["doc_info"]["local_id"] = document["collection_info"]["local_id"] = name
    document["doc_info"].pop("doc_version", None)
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    added = memory.add(path, format="fairtracks")
    assert json.loads(memory.export("fairtracks", added.dataset).to_bytes()) == document


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("x%3E%20%3Curn:o%3E%20.%0A%3Curn:evil:s%3E%20%3Curn:evil:p (link)", "x> <urn:o> .\n<urn:evil:s> <urn:evil:p"),
        ("x> <urn:o> . <urn:evil> <urn:p (link)", "x> <urn:o> . <urn:evil> <urn:p"),
        ("x%3E%20y_ref", "x> y_ref"),
        ("foo_ref", "foo_ref"),
        ("foo_ref (link)", "foo_ref"),
        ("study_ref", "study_ref"),
        ("a\nb", "a\nb"),
    ],
)  # fmt: skip
def test_only_references_of_the_standard_are_references(
    memory: Fairgraph, isa: Json, tmp_path: Path, name: str, key: str
) -> None:
    iri, document = changed(memory, isa, tmp_path, "fairtracks:assembly_name", f"fairtracks:{name}")
    assert document["tracks"][0][key] == "GRCm39"
    odd = memory.query(
        f"""SELECT ?p {{ GRAPH <{iri}> {{ ?s ?p ?o }}
        FILTER (STRSTARTS(STR(?s), "urn:") || STRSTARTS(STR(?p), "urn:") || STRENDS(STR(?p), "y_ref")
          || STRENDS(STR(?p), "foo_ref")) }}"""
    )
    assert list(odd) == []


@pytest.mark.parametrize("value", ["9" * 5000, "first", "-1", "٣"])
def test_a_place_that_is_none_stays_a_comment(
    memory: Fairgraph, isa: Json, tmp_path: Path, document: Json, value: str
) -> None:
    iri, found = changed(memory, isa, tmp_path, "fairtracks:track", "fairtracks:track", value)
    assert len(found["tracks"]) == len(document["tracks"])
    assert stays_comment(memory, iri, "fairtracks:track", value)
    assert len(findings(memory, iri)) == 1


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("number", "NaN"),
        ("number", "Infinity"),
        ("number", "-Infinity"),
        ("number", "01"),
        ("number", "1."),
        ("number", "1_0"),
        ("number", "٣"),
        ("number", "9" * 6000),
        ("text", "[]"),
        ("text", "[" * 100_000),
        ("text", '"\\ud800"'),
        ("text", "5"),
        ("boolean", "maybe"),
        ("null", "0"),
    ],
    ids=lambda text: text[:12],
)
def test_a_text_that_is_not_of_its_form_stays_a_text(
    memory: Fairgraph, isa: Json, tmp_path: Path, form: str, value: str
) -> None:
    name = f"fairtracks:score ({form})"
    iri, found = changed(memory, isa, tmp_path, "fairtracks:assembly_name", name, value)
    assert found["tracks"][0]["score"] == value
    (message,) = findings(memory, iri)
    assert name in message


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("number", "-0.5e3", -500.0),
        ("number", "7", 7),
        ("boolean", "false", False),
        ("null", "null", None),
        ("text", '"%20x%0A"', " x\n"),
        ("text", '""', ""),
        ("object", "0", {}),
        ("array", "0", []),
    ],
)
def test_a_text_of_its_form_is_a_value(
    memory: Fairgraph, isa: Json, tmp_path: Path, form: str, value: str, expected: Any
) -> None:
    name = f"fairtracks:score ({form})"
    iri, found = changed(memory, isa, tmp_path, "fairtracks:assembly_name", name, value)
    assert json.dumps(found["tracks"][0]["score"]) == json.dumps(expected)
    assert findings(memory, iri) == []


@pytest.mark.parametrize(
    "name", ["file_name/x", "local_id/x", "file_name (number)", "file_name/a/b", "/".join(["a"] * 5000)],
    ids=lambda name: name[:20],
)  # fmt: skip
def test_a_value_whose_place_is_taken_stays_a_comment(
    memory: Fairgraph, isa: Json, tmp_path: Path, document: Json, name: str
) -> None:
    name = f"fairtracks:{name}"
    iri, found = changed(memory, isa, tmp_path, "fairtracks:assembly_name", name, "5")
    expected = copy.deepcopy(document["tracks"][0])
    del expected["assembly_name"]
    assert found["tracks"][0] == expected
    assert stays_comment(memory, iri, name, "5")
    assert [name in message for message in findings(memory, iri)] == [True]


def test_a_section_that_is_a_text_is_named(memory: Fairgraph, isa: Json, tmp_path: Path) -> None:
    iri, found = changed(
        memory, isa, tmp_path, "fairtracks:doc_info/doc_date", "fairtracks:doc_info"
    )
    assert "doc_version" in found["doc_info"]
    assert any("fairtracks:doc_info/local_id" in message for message in findings(memory, iri))
    exported = memory.export("fairtracks", iri)
    exported.to_bytes()
    assert any(" doc_info:" in note for note in exported.notes)


def test_what_is_carried_by_no_thing_of_the_document_stays_a_comment(
    memory: Fairgraph, isa: Json, tmp_path: Path
) -> None:
    (person,) = isa["people"][:1]
    person["comments"].append({"name": "fairtracks:age", "value": "7"})
    person["comments"].append({"name": "fairtracks:age", "value": "8"})
    name = "fairtracks:assembly_name"
    iri, _ = changed(memory, isa, tmp_path, name, name)
    assert stays_comment(memory, iri, "fairtracks:age", "7")
    assert stays_comment(memory, iri, "fairtracks:age", "8")
    assert len(findings(memory, iri)) == 1


def _own_reference(document: Json) -> None:
    document["tracks"][0]["foo_ref"] = "bar"


def _sum(document: Json) -> None:
    first = document["experiments"][0]
    document["experiments"].append(first | {"local_id": "sum", "aggregated_from": [first["local_id"]]})  # fmt: skip


@pytest.mark.parametrize("change", [_own_reference, _sum])
@pytest.mark.parametrize("name", ["isa-json", "isa-tab"])
def test_references_come_back_through_isa(
    memory: Fairgraph, tmp_path: Path, document: Json, name: str, change: Callable[[Json], None]
) -> None:
    change(document)
    document["doc_info"].pop("doc_version", None)
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    added = memory.add(path, format="fairtracks")
    target = tmp_path / ("tab" if name == "isa-tab" else "isa.json")
    other = memory.add(memory.export(name, added.dataset).to_path(target), slug="other")
    assert json.loads(memory.export("fairtracks", other.dataset).to_bytes()) == document
    assert findings(memory, other.dataset.iri) == []


def test_the_export_says_what_it_leaves_out(memory: Fairgraph) -> None:
    iri = memory.add(TRACKS).dataset.iri
    memory.update(
        f"""PREFIX fairtracks: <https://w3id.org/fairgraph/fairtracks#> PREFIX schema: <http://schema.org/>
        INSERT {{ GRAPH <{iri}> {{ ?track fairtracks:extra <{iri}/json/x> .
          <{iri}/json/x> a fairtracks:Value ; schema:name "file_name/x" ; schema:value "5" }} }}
        WHERE {{ GRAPH <{iri}> {{ ?track a fairtracks:Track ; <https://w3id.org/fairgraph/ns#index> 0 }} }}"""
    )
    exported = memory.export("fairtracks", iri)
    exported.to_bytes()
    assert any("file_name/x" in note for note in exported.notes)
