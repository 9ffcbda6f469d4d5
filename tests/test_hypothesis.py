"""Whatever a document, a cell or a literal holds, it comes back: round trips over random content."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple, parse, serialize

import fairgraph
from fairgraph.conversion import convert
from fairgraph.exports.export import get
from fairgraph.importers.isa_graph import number
from fairgraph.terms import XSD, literal, ncname
from isa_json_compare import differences

pytestmark = pytest.mark.slow
settings.register_profile(
    "fairgraph", deadline=None, max_examples=60, suppress_health_check=list(HealthCheck)
)
settings.load_profile("fairgraph")

# Any text that UTF-8 can hold. NUL is left to tests of its own: no table and no RDF notation may hold it.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NAME = TEXT.filter(lambda text: text != "")
NUMBER = st.one_of(
    st.integers(-(10**25), 10**25),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000).map(float),
    st.just(0),
)  # fmt: skip
ACCESSION = st.one_of(TEXT, st.sampled_from(["http://purl.obolibrary.org/obo/UO_1", "http://e.org/ü", "UO:1"]))  # fmt: skip


def comments() -> st.SearchStrategy[list[dict[str, str]]]:
    return st.lists(st.fixed_dictionaries({"name": NAME, "value": TEXT}), max_size=2)


TERM = st.fixed_dictionaries(
    {"annotationValue": TEXT, "termAccession": ACCESSION, "termSource": st.sampled_from(["", "UO"])},
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A small ISA-JSON document: sources, samples, processes, values of all kinds, units, terms, comments."""
    names = draw(st.lists(NAME, min_size=2, max_size=4, unique=True))
    categories = [
        {"@id": f"#characteristic_category/{n}", "characteristicType": draw(TERM)} for n in range(2)
    ]
    # Units are told apart by what they say: two that say the same are one term in the graph.
    unit_names = draw(st.lists(NAME, min_size=2, max_size=2, unique=True))
    units = [{"@id": f"#Unit/{n}", **draw(TERM), "annotationValue": name} for n, name in enumerate(unit_names)]  # fmt: skip
    factor = {"@id": "#factor/f", "factorName": draw(NAME), "factorType": draw(TERM), "comments": draw(comments())}  # fmt: skip
    parameter = {"@id": "#parameter/p", "parameterName": draw(TERM)}
    protocol = {
        "@id": "#protocol/p", "name": draw(NAME), "protocolType": draw(TERM), "description": draw(TEXT), "uri": draw(TEXT),
        "version": draw(TEXT), "parameters": [parameter], "components": [], "comments": draw(comments()),
    }  # fmt: skip

    def value(category: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "category": {"@id": category},
            "value": draw(st.one_of(TEXT, NUMBER, TERM)),
        }
        if not isinstance(found["value"], dict) and draw(st.booleans()):
            found["unit"] = {"@id": draw(st.sampled_from(units))["@id"]}
        return found

    def material(kind: str, n: int) -> dict[str, Any]:
        return {
            "@id": f"#{kind}/{n}", "name": names[n],
            "characteristics": [value(c["@id"]) for c in draw(st.lists(st.sampled_from(categories), max_size=2, unique_by=id))],
            "comments": draw(comments()),
        }  # fmt: skip

    source, samples = material("source", 0), [material("sample", n) for n in range(1, len(names))]
    for sample in samples:
        sample["factorValues"] = [value("#factor/f")] if draw(st.booleans()) else []
    process = {
        "@id": "#process/p", "name": draw(TEXT), "executesProtocol": {"@id": "#protocol/p"},
        "parameterValues": [value("#parameter/p")] if draw(st.booleans()) else [],
        "performer": draw(TEXT), "date": draw(st.one_of(TEXT, st.dates().map(str))),
        "inputs": [{"@id": source["@id"]}], "outputs": [{"@id": sample["@id"]} for sample in samples],
        "comments": draw(comments()),
    }  # fmt: skip
    person = {"lastName": draw(TEXT), "firstName": draw(TEXT), "email": draw(TEXT), "roles": [draw(TERM)], "comments": draw(comments())}  # fmt: skip
    study = {
        "identifier": draw(TEXT), "title": draw(TEXT), "description": draw(TEXT), "filename": draw(TEXT), "submissionDate": draw(TEXT),
        "unitCategories": units, "characteristicCategories": categories, "factors": [factor], "protocols": [protocol],
        "people": [person], "publications": [{"title": draw(TEXT), "doi": draw(TEXT), "status": draw(TERM)}],
        "materials": {"sources": [source], "samples": samples, "otherMaterials": []},
        "processSequence": [process], "assays": [], "comments": draw(comments()),
    }  # fmt: skip
    return {
        "identifier": draw(TEXT), "title": draw(TEXT), "description": draw(TEXT), "studies": [study], "comments": draw(comments()),
        "ontologySourceReferences": [{"name": "UO", "file": draw(TEXT), "version": draw(TEXT), "description": draw(TEXT)}],
    }  # fmt: skip


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def to_json(path: Path) -> Any:
    output = io.BytesIO()
    convert(path, "isa-json", output)
    return json.loads(output.getvalue())


@given(documents())
def test_an_isa_json_document_comes_back(document: dict[str, Any]) -> None:
    with folder() as place:
        path = place / "d.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        assert differences(document, to_json(path)) == []


@given(documents())
def test_an_isa_json_document_comes_back_from_every_rdf_export(document: dict[str, Any]) -> None:
    with folder() as place, fairgraph.open("memory:") as fg:
        path = place / "d.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        expected = fg.export("nquads", fg.add(path).dataset).to_bytes()
        for name in ("turtle", "nquads", "jsonld"):
            with fairgraph.open("memory:") as again:
                again.add(fg.export(name, 1).to_path(place))
                assert again.export("nquads", 1).to_bytes() == expected, name


CELL = TEXT.map(str.strip).filter(lambda text: text != "")


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@given(st.tuples(CELL, CELL, CELL), st.booleans())
def test_the_text_of_a_cell_is_kept(cells: tuple[str, str, str], unit: bool) -> None:
    name, value, comment = cells
    qualifier = "Unit" if unit else "Term Accession Number"
    header = ["Source Name", "Protocol REF", "Sample Name", "Characteristics[c]", qualifier, "Comment[n]"]  # fmt: skip
    row = ["source", "", name, value, "q", comment]
    with folder() as place:
        tab = place / "tab"
        tab.mkdir()
        (tab / "i_x.txt").write_text(
            f"INVESTIGATION\nInvestigation Title\t{quoted(value)}\nSTUDY\nStudy File Name\ts_x.txt\n",
            encoding="utf-8",
            newline="",
        )
        rows = "".join("\t".join(map(quoted, line)) + "\n" for line in (header, row))
        (tab / "s_x.txt").write_text(rows, encoding="utf-8", newline="")
        document = to_json(tab)
    (sample,) = document["studies"][0]["materials"]["samples"]
    (characteristic,) = sample["characteristics"]
    (said,) = sample["comments"]
    found = characteristic["value"] if unit else characteristic["value"]["annotationValue"]
    assert document["title"] == value
    assert (sample["name"], said["value"]) == (name, comment)
    # A number becomes a JSON number, which says the same digits; everything else stays the text that it was.
    assert found == value or (number(value) and Decimal(str(found)) == Decimal(value))


LITERALS = st.one_of(
    TEXT.map(Literal),
    st.tuples(TEXT, st.sampled_from(["en", "de-AT", "x-klingon"])).map(lambda p: Literal(p[0], language=p[1])),
    st.tuples(TEXT, st.sampled_from([XSD.string, XSD.date, XSD.integer, XSD.decimal, "http://e.org/t"])).map(
        lambda p: Literal(p[0], datatype=NamedNode(p[1]))
    ),
    st.integers(-(10**30), 10**30).map(lambda n: Literal(str(n), datatype=XSD.node("integer"))),
    st.floats().map(lambda x: Literal(repr(x), datatype=XSD.node("double"))),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(lambda x: Literal(f"{x:f}", datatype=XSD.node("decimal"))),
    st.datetimes().map(lambda x: Literal(x.isoformat(), datatype=XSD.node("dateTime"))),
    st.booleans().map(Literal),
)  # fmt: skip


@given(st.lists(LITERALS, min_size=1, max_size=6), st.sampled_from(["turtle", "nquads", "jsonld"]))
def test_a_literal_survives_every_rdf_notation(literals: list[Literal], name: str) -> None:
    iri = "http://localhost:8000/id/d"
    subject, predicate = NamedNode(iri), NamedNode("http://e.org/p")
    with folder() as place, fairgraph.open("memory:") as fg:
        path = place / "d.nt"
        path.write_bytes(serialize([Triple(subject, predicate, o) for o in literals], format=RdfFormat.N_TRIPLES))  # fmt: skip
        expected = fg.export("nquads", fg.add(path).dataset).to_bytes()
        engine = Store()  # what the engine itself makes of the literals: it writes 01 as 1
        engine.load(path.read_bytes(), format=RdfFormat.N_TRIPLES)
        stored = {quad.object for quad in parse(expected, format=RdfFormat.N_QUADS)}
        assert stored == {quad.object for quad in engine}
        with fairgraph.open("memory:") as again:
            again.add(fg.export(name, 1).to_path(place / f"d.{get(name).suffix}"))
            assert again.export("nquads", 1).to_bytes() == expected


@given(TEXT)
def test_a_text_becomes_the_literal_that_it_is(text: str) -> None:
    line = f"<http://e.org/s> <http://e.org/p> {literal(text)} .\n"
    (quad,) = parse(line.encode(), format=RdfFormat.N_TRIPLES)
    assert quad.object == Literal(text)


@given(TEXT, st.sampled_from("npsx"))
def test_a_name_in_an_iri_is_one_segment_of_a_valid_iri(text: str, initial: str) -> None:
    name = ncname(text, initial)
    assume(name)
    (quad,) = parse(f"<http://e.org/{name}> <http://e.org/p> 1 .", format=RdfFormat.TURTLE)
    assert quad.subject == NamedNode(f"http://e.org/{name}")
    assert not set(name) & set("/#?:%")


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)).map(str) | st.from_regex(r"-?\d+(\.\d+)?(e-?\d)?", fullmatch=True))  # fmt: skip
def test_a_typed_number_is_the_number_and_its_text_is_known(text: str) -> None:
    typed = number(text)
    if typed is None:
        return
    written, rewritten = typed
    (quad,) = parse(f"<http://e.org/s> <http://e.org/p> {written} .", format=RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, Literal)
    assert quad.object.value == text
    engine = Store()
    engine.add(quad)
    (stored,) = (found.object.value for found in engine)
    # What the engine writes in another way is flagged, so that the raw text is kept beside it.
    assert stored == text or rewritten
