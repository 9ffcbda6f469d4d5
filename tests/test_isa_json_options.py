"""The options of the ISA-JSON export: references written out, and the schemas as the specification 1.0 prints them."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker
from jsonschema.protocols import Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

import fairgraph
from fairgraph.conversion import convert
from fairgraph.errors import SourceError, UnknownFormat
from fairgraph.isa.printed import PRINTED, is_of
from isa_json_compare import differences
from support import CORPUS, EXAMPLE, corpus_paths

BOTH = {"inline-refs": "yes", "strict-1.0": "yes"}
OPTIONS = ({"inline-refs": "yes"}, {"strict-1.0": "yes"}, BOTH)
SPECIFICATION = CORPUS.parent / "spec" / "isa-model-1.0.txt"
FOLDERS = [EXAMPLE, *corpus_paths("isa/tab/*")]
BASE = "https://schemas.invalid/"


def export(source: Path, format: str = "isa-json", **options: str) -> bytes:
    output = io.BytesIO()
    try:
        convert(source, format, output, options=options)
    except (SourceError, UnknownFormat) as error:
        pytest.skip(f"refused by the importer: {error}")
    return output.getvalue()


def printed_schemas() -> dict[str, Any]:
    """Read the schemas out of the text of the specification."""
    if not SPECIFICATION.is_file():
        pytest.skip(f"no specification at {SPECIFICATION}")
    text = SPECIFICATION.read_text(encoding="utf-8")
    found = {}
    for match in re.finditer(r"^(\w+_schema\.json)$\s", text, re.MULTILINE):
        start = text.index("{", text.index("Schema:", match.end()))
        schema, _ = json.JSONDecoder().raw_decode(text, start)
        found[match[1]] = schema
    return found


@pytest.fixture(scope="module")
def printed() -> Validator:
    schemas = printed_schemas()
    assert len(schemas) == 20
    registry: Registry[Any] = Registry().with_resources(
        (BASE + name, Resource(schema, DRAFT4)) for name, schema in schemas.items()
    )
    checker = FormatChecker(("email",))
    for form in ("uri", "date-time"):
        checker.checks(form)(lambda text, form=form: is_of(form, text))
    reference = {"$ref": f"{BASE}investigation_schema.json"}
    return Draft4Validator(reference, registry=registry, format_checker=checker)


def complaints(schema: Validator, document: Any) -> list[str]:
    return [
        f"/{'/'.join(map(str, error.absolute_path))}: {error.message:.150}"
        for error in schema.iter_errors(document)
    ]


def test_the_table_of_keys_is_what_the_specification_prints() -> None:
    schemas = printed_schemas()
    by_kind = {
        "category": "material_attribute",
        "characteristic": "material_attribute_value",
        "term": "ontology_annotation",
        "ontology source": "ontology_source_reference",
        "parameter": "protocol_parameter",
        "parameter value": "process_parameter_value",
    }
    for kind, keys in PRINTED.items():
        name = f"{by_kind.get(kind, kind).replace(' ', '_')}_schema.json"
        if name in schemas:
            assert set(keys) == set(schemas[name]["properties"]), kind
            for key, schema in schemas[name]["properties"].items():
                form = "date-time" if schema.get("format") == "date-time" else ""
                assert (keys[key] == "date-time") == bool(form), (kind, key)


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize("source", FOLDERS, ids=lambda path: path.name)
@pytest.mark.parametrize("options", (BOTH, {"strict-1.0": "yes"}), ids=("both", "strict"))
def test_strict_documents_are_valid_as_printed(
    printed: Validator, source: Path, options: dict[str, str]
) -> None:
    assert complaints(printed, json.loads(export(source, **options))) == []


@pytest.mark.corpus
def test_the_plain_document_is_not(printed: Validator) -> None:
    assert len(complaints(printed, json.loads(export(EXAMPLE)))) > 10


# -- what is read back ---------------------------------------------------------------------------------------------

DOCUMENTS = corpus_paths("isa/json/*/*.json")
# Their assays describe the samples again, as every assay does with inline-refs: which did is not known afterwards.
REPEATING = {"BII-S-3-ld", "BII-S-3-with@id"}


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize("source", [EXAMPLE, *DOCUMENTS], ids=lambda path: path.stem)
@pytest.mark.parametrize("options", OPTIONS, ids=("inline", "strict", "both"))
def test_what_the_options_wrote_is_read_back(
    source: Path, options: dict[str, str], tmp_path: Path
) -> None:
    if source.stem in REPEATING and "inline-refs" in options:
        pytest.skip("its assays describe the samples again")
    plain = export(source)
    path = tmp_path / f"{source.stem}.json"
    path.write_bytes(export(source, **options))
    assert differences(json.loads(plain), json.loads(export(path))) == []


def objects(value: Any, path: tuple[str, ...] = ()) -> Any:
    """Yield every object of a document with the keys that lead to it."""
    if isinstance(value, dict):
        yield path, value
    members = value.items() if isinstance(value, dict) else ()
    for key, member in members:
        yield from objects(member, (*path, key))
    for member in value if isinstance(value, list) else ():
        yield from objects(member, path)


def test_no_reference_is_bare_and_none_leads_on() -> None:
    document = json.loads(export(EXAMPLE, **{"inline-refs": "yes"}))
    assert all(set(found) - {"@id"} for _, found in objects(document))
    copies = [
        found for path, found in objects(document) if path[-1:] in (("inputs",), ("outputs",))
    ]
    assert copies
    assert not any({"inputs", "outputs", "derivesFrom"} & set(copy) for copy in copies)
    process = document["studies"][0]["processSequence"][0]
    protocols = {p["@id"]: p for p in document["studies"][0]["protocols"]}
    assert process["executesProtocol"] == protocols[process["executesProtocol"]["@id"]]


def test_a_date_that_was_changed_in_a_strict_document_counts(tmp_path: Path) -> None:
    document = json.loads(export(EXAMPLE, **{"strict-1.0": "yes"}))
    study = document["studies"][0]
    day = study["submissionDate"].removesuffix("T00:00:00Z")
    assert {"name": "isatab:Key[submissionDate]", "value": day} in study["comments"]
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert json.loads(export(path))["studies"][0]["submissionDate"] == day
    study["submissionDate"] = "1999-01-02T03:04:05Z"
    path.write_text(json.dumps(document), encoding="utf-8")
    again = json.loads(export(path))["studies"][0]
    assert again["submissionDate"] == "1999-01-02T03:04:05Z"
    assert "isatab:Key" not in json.dumps(again["comments"])


def test_carriers_about_nothing_stay_comments(tmp_path: Path) -> None:
    document = json.loads(export(EXAMPLE, **{"strict-1.0": "yes"}))
    odd = [
        {"name": "isatab:Of[http://nowhere.invalid/x] Comment[a]", "value": "1"},
        {"name": "isatab:Of[protocols 99] Key[name]", "value": "2"},
        {"name": "isatab:Of[protocols] Key[name]", "value": "3"},
    ]
    document["studies"][0]["comments"] += odd
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    kept = json.loads(export(path))["studies"][0]["comments"]
    assert [c for c in odd if c not in kept] == []


def test_odd_marks_and_odd_carriers_are_no_fault(tmp_path: Path) -> None:
    study = {
        "comments": [1, {"name": 2}, {"name": "isatab:Key[comments]", "value": "x"}],
        "materials": {"samples": [3, {"@id": 4, "derivesFrom": 5}]},
        "assays": [{"technologyType": {"ontologyAnnotation": "sequencing"}}, None],
    }
    marks = [
        {"name": "isatab:Base", "value": "http://x.invalid/"},
        {"name": "isatab:Described References", "value": "true"},
    ]
    path = tmp_path / "odd.json"
    path.write_text(json.dumps({"comments": marks, "studies": [study]}), encoding="utf-8")
    found = json.loads(export(path))["studies"][0]
    assert {"name": "isatab:Key[comments]", "value": "x"} in found["comments"]
    assert found["assays"][0]["technologyType"]["annotationValue"] == "sequencing"


def test_an_update_shows_in_strict_documents(tmp_path: Path) -> None:
    with fairgraph.open("memory:") as fg:
        found = fg.add(EXAMPLE).dataset
        fg.update(
            "PREFIX schema: <http://schema.org/> DELETE { GRAPH ?g { ?s schema:dateCreated ?d } } "
            'INSERT { GRAPH ?g { ?s schema:dateCreated "soon" } } '
            "WHERE { GRAPH ?g { ?s schema:dateCreated ?d } }"
        )
        document = json.loads(fg.export("isa-json", found, **{"strict-1.0": "yes"}).to_bytes())
    study = document["studies"][0]
    assert "submissionDate" not in study
    assert {"name": "isatab:Key[submissionDate]", "value": "soon"} in study["comments"]
