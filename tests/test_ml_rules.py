"""The rules of the ML matrix (docs/ml.md), one by one."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fairgraph
from fairgraph.errors import UsageError
from ml_datasets import OBO, Seen, write
from support import ROOT

Make = Callable[..., Seen]
SAMPLES = ("Source Name", "Protocol REF", "Sample Name")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(*tables: Any, factors: str = "", **options: str) -> Seen:
        folder = write(tmp_path / "x", *tables, factors=factors)
        with fairgraph.open("memory:") as fg:
            dataset = fg.add(folder).dataset
            return Seen(fg.export("ml-json", dataset, **options).to_bytes())

    return make


def study(*columns: str, **rows: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """A study table in which each sample comes from a source of its own, and all columns are about the sample."""
    return (
        (*SAMPLES, *columns),
        *((f"m-{name}", "P", name, *cells) for name, cells in rows.items()),
    )


# -- the example of the specification -------------------------------------------------------------------------------


def test_the_example_of_the_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1773446400")
    with fairgraph.open("memory:") as fg:
        fg.add(ROOT / "tests" / "fixtures" / "mouse-transcriptomics", number=3)
        document = json.loads(fg.export("ml-json", 3).to_bytes())
        table = fg.export("ml-csv", 3).to_bytes().decode()
    assert list(document) == ["metadata", "columns", "rows", "provenance_summary"]
    metadata = document["metadata"]
    told = {
        key: metadata[key] for key in ("investigation_id", "investigation_title", "export_date")
    }
    assert told == {"investigation_id": 3, "investigation_title": "Mouse Transcriptomics", "export_date": "2026-03-14"}  # fmt: skip
    assert metadata["sample_count"] == 2
    assert (
        metadata["ontology_prefix_map"].items()
        >= {
            "NCBITaxon": f"{OBO}NCBITaxon_",
            "UBERON": f"{OBO}UBERON_",
        }.items()
    )
    columns = {column["name"]: column for column in document["columns"]}
    assert columns["sample_id"] == {"name": "sample_id", "type": "identifier"}
    assert columns["sample_label"] == {"name": "sample_label", "type": "string"}
    expected: dict[str, dict[str, Any]] = {
        "annotation:organism": {"type": "ontology", "ontology_curie": "NCBITaxon:10090"},
        # The first mend: the specification says UBERON:0000955 of a column that holds "liver", too. Each value has its own term.
        "annotation:anatomy": {"type": "ontology", "ontology_curie": None},
        "factor:genotype": {"type": "categorical"},
        "measurement:RQN": {"type": "numeric", "unit": "UO:0000186"},
    }
    for name, about in expected.items():
        assert columns[name].items() >= about.items()
    terms = {label: term["curie"] for label, term in columns["annotation:anatomy"]["terms"].items()}
    assert terms == {"brain": "UBERON:0000955", "liver": "UBERON:0002107"}
    names = [column["name"] for column in document["columns"]]
    wanted = ["sample_id", "sample_label", *expected]
    rows = [[row[names.index(name)] for name in wanted] for row in document["rows"]]
    assert rows == [
        [1, "SAMPLE-001", "Mus musculus", "brain", "wild-type", 8.7],
        [2, "SAMPLE-002", "Mus musculus", "liver", "knockout", 7.2],
    ]
    lineage = document["provenance_summary"]
    assert lineage["1"]["depth"] == 3
    assert lineage["1"]["process_chain"] == ["extraction", "sample_prep", "sequencing"]
    assert (lineage["2"]["depth"], lineage["2"]["process_chain"]) == (
        2,
        ["extraction", "sequencing"],
    )
    # The second mend: the specification promises the root sample, and its example has none.
    assert [lineage[number]["root_labels"] for number in "12"] == [["mouse 1"], ["mouse 2"]]
    read = list(csv.DictReader(io.StringIO(table)))
    assert [row["measurement:RQN"] for row in read] == ["8.7", "7.2"]


# -- columns --------------------------------------------------------------------------------------------------------


def test_groups_of_columns_in_order_and_names_by_code_point(make: Make) -> None:
    columns = (
        "Characteristics[b]",
        "Characteristics[C]",
        "Characteristics[mass]",
        "Unit",
        "Factor Value[f]",
    )
    seen = make(study(*columns, s=("x", "y", "1", "g", "z")))
    assert seen.names == ["sample_id", "sample_label", "annotation:C", "annotation:b", "factor:f", "measurement:mass"]  # fmt: skip


def test_what_is_declared_has_a_column_though_no_row_has_a_value(make: Make) -> None:
    seen = make(study("Characteristics[b]", s=("",)), factors="dose")
    assert seen.names[2:] == ["annotation:b", "factor:dose"]
    assert seen.columns["annotation:b"]["type"] == "string"
    assert seen.columns["factor:dose"]["type"] == "categorical"
    assert seen.cells["s"] == {"annotation:b": None, "factor:dose": None}


def test_blanks_in_names_are_one(make: Make) -> None:
    seen = make(study("Characteristics[ organism   part ]", s=("liver",)))
    assert seen.names[2:] == ["annotation:organism part"]


def with_category_types(terms: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "identifier": f"s{number}",
            "filename": f"s_{number}.txt",
            "characteristicCategories": [{"@id": f"#c{number}", "characteristicType": {"annotationValue": "age", "termSource": "", "termAccession": term}}],
            "materials": {
                "sources": [],
                "samples": [{"@id": f"#s{number}", "name": f"s{number}", "characteristics": [{"category": {"@id": f"#c{number}"}, "value": {"annotationValue": f"v{number}"}}]}],
                "otherMaterials": [],
            },
        }
        for number, term in enumerate(terms, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ((f"{OBO}PATO_0000011", f"{OBO}PATO_0000011"), ["annotation:age"]),
        ((f"{OBO}PATO_0000011", ""), ["annotation:age"]),
        ((f"{OBO}PATO_0000011", f"{OBO}EFO_0000246"), ["annotation:age (EFO:0000246)", "annotation:age (PATO:0000011)"]),
    ],
)  # fmt: skip
def test_one_name_with_two_meanings_is_two_columns(
    tmp_path: Path, terms: tuple[str, str], expected: list[str]
) -> None:
    path = tmp_path / "x.json"
    path.write_text(
        json.dumps({"identifier": "i", "title": "t", "studies": with_category_types(terms)})
    )
    with fairgraph.open("memory:") as fg:
        dataset = fg.add(path).dataset
        seen = Seen(fg.export("ml-json", dataset).to_bytes())
    assert seen.names[2:] == expected
    assert seen.cells["s1"][expected[-1]] == "v1"
    if len(expected) == 1:
        assert seen.cells["s2"][expected[0]] == "v2"
        assert seen.columns["annotation:age"]["property_curie"] == "PATO:0000011"


# -- types ----------------------------------------------------------------------------------------------------------


def test_types_follow_from_the_values(make: Make) -> None:
    term = ("Term Source REF", "Term Accession Number")
    columns = ("Characteristics[text]", "Characteristics[part]", *term, "Characteristics[count]", "Characteristics[mass]", "Unit", "Factor Value[level]", "Factor Value[dose]", "Unit")  # fmt: skip
    seen = make(
        study(
            *columns,
            a=("x", "liver", "UBERON", f"{OBO}UBERON_0002107", "3", "1.5", "gram", "1", "10", "mg"),
            b=("y", "tail tip", "", "", "4", "2", "gram", "2", "20", "mg"),
        )
    )
    types = {name: column["type"] for name, column in seen.columns.items()}
    assert types == {
        "sample_id": "identifier",
        "sample_label": "string",
        "annotation:count": "numeric",
        "annotation:part": "ontology",
        "annotation:text": "string",
        "factor:dose": "numeric",
        "factor:level": "categorical",
        "measurement:mass": "numeric",
    }
    assert seen.cells["a"]["factor:level"] == "1"  # a category, not a number
    assert (seen.cells["a"]["measurement:mass"], seen.cells["b"]["measurement:mass"]) == (1.5, 2)
    part = seen.columns["annotation:part"]
    assert part["terms"] == {"liver": {"curie": "UBERON:0002107", "iri": f"{OBO}UBERON_0002107"}}
    assert part["ontology_curie"] is None  # "tail tip" is not a liver
    mass = seen.columns["measurement:mass"]
    assert (mass["minimum"], mass["maximum"], mass["unit_label"]) == (1.5, 2, "gram")


@pytest.mark.parametrize("code", ["001", "1,000", ".5", "+1", "1E5x", "inf", "NaN5", "0x10"])
def test_what_is_no_plain_number_stays_text(make: Make, code: str) -> None:
    seen = make(study("Characteristics[code]", a=(code,), b=("x",)))
    assert seen.cells["a"]["annotation:code"] == code


@pytest.mark.parametrize("huge", ["1e999", "9" * 400, "9" * 5000, "-1e400"])
def test_a_number_that_no_machine_can_hold_is_text(make: Make, huge: str) -> None:
    rows = study("Characteristics[dose]", a=("1.5",), b=(huge,))
    found = make(rows)
    name = found.names[2]
    assert found.columns[name]["type"] == "string"
    assert found.cells["a"][name] == "1.5"
    assert found.cells["b"][name] == huge


def test_numbers_among_text_are_text_as_they_were_written(make: Make) -> None:
    seen = make(study("Characteristics[c]", a=("1.50",), b=("x",)))
    assert seen.columns["annotation:c"]["type"] == "string"
    assert seen.cells["a"]["annotation:c"] == "1.50"
    assert "mixed-types" in seen.issues


def test_inherited_numbers_among_text_are_as_they_were_written(make: Make) -> None:
    rows = (("Source Name", "Characteristics[c]", "Protocol REF", "Sample Name"), ("m", "1.50", "P", "a"), ("n", "x", "P", "b"))  # fmt: skip
    assert make(rows).cells["a"]["annotation:c"] == "1.50"


@pytest.mark.parametrize("word", ["NA", "not collected", "None", "missing: control sample"])
def test_words_for_nothing_are_nothing_among_numbers_and_text_among_texts(
    make: Make, word: str
) -> None:
    columns = ("Characteristics[mass]", "Unit", "Characteristics[note]")
    seen = make(study(*columns, a=("1", "g", word), b=(word, "g", "fine")))
    assert seen.columns["measurement:mass"]["type"] == "numeric"
    assert seen.cells["b"]["measurement:mass"] is None
    assert seen.columns["measurement:mass"]["missing"] == 1
    assert seen.columns["measurement:mass"]["missing_reasons"] == {word: 1}
    assert "missing-word" in seen.issues
    assert seen.cells["a"]["annotation:note"] == word


def test_two_terms_with_one_label_are_told_apart(make: Make) -> None:
    columns = ("Characteristics[part]", "Term Source REF", "Term Accession Number")
    cells = {name: ("cell", "CL", f"{OBO}CL_{name:0>7}") for name in ("1", "2")}
    seen = make(study(*columns, **{f"s{name}": row for name, row in cells.items()}))
    assert seen.cells["s1"]["annotation:part"] == "cell (CL:0000001)"
    assert set(seen.columns["annotation:part"]["terms"]) == {
        "cell (CL:0000001)",
        "cell (CL:0000002)",
    }
    assert "same-label" in seen.issues


def test_a_term_without_iri_has_the_curie_of_its_accession(make: Make) -> None:
    columns = ("Characteristics[organism]", "Term Source REF", "Term Accession Number")
    seen = make(study(*columns, s=("mouse", "NEWT", "10090")))
    organism = seen.columns["annotation:organism"]
    assert (organism["type"], organism["ontology_curie"]) == ("ontology", "NCBITaxon:10090")
    assert seen.document["metadata"]["ontology_prefix_map"] == {"NCBITaxon": f"{OBO}NCBITaxon_"}


# -- units ----------------------------------------------------------------------------------------------------------


def test_each_unit_has_a_column(make: Make) -> None:
    columns = ("Characteristics[conc]", "Unit")
    seen = make(study(*columns, a=("1", "ng/ul"), b=("2", "nM"), c=("3", "")))
    assert seen.names[2:] == [
        "annotation:conc",
        "measurement:conc [nM]",
        "measurement:conc [ng/ul]",
    ]
    assert seen.cells["a"]["measurement:conc [ng/ul]"] == 1
    assert seen.cells["b"] == {"annotation:conc": None, "measurement:conc [nM]": 2, "measurement:conc [ng/ul]": None}  # fmt: skip
    assert seen.cells["c"]["annotation:conc"] == 3


def test_a_column_without_values_has_no_unit(make: Make) -> None:
    """The values and their unit are those of extracts, and rows are samples."""
    head = (*SAMPLES, "Protocol REF", "Extract Name", "Factor Value[dose]", "Unit")
    rows = (("m", "P", "s", "E", f"e{dose}", dose, "mg") for dose in ("1", "2"))
    seen = make((head, *rows), factors="dose")
    assert seen.cells["s"] == {"factor:dose": None}
    assert "unit" not in seen.columns["factor:dose"]


def test_one_unit_in_two_studies_is_one_column(make: Make) -> None:
    columns = ("Characteristics[mass]", "Unit", "Term Source REF", "Term Accession Number")
    one = study(*columns, a=("1", "gram", "UO", f"{OBO}UO_0000021"))
    two = study(*columns, b=("2", "g", "UO", "http://purl.obolibrary.org/obo/UO_0000021"))
    seen = make(one, two)
    assert seen.names[2:] == ["measurement:mass"]
    assert seen.columns["measurement:mass"]["unit"] == "UO:0000021"
    assert (seen.cells["a"]["measurement:mass"], seen.cells["b"]["measurement:mass"]) == (1, 2)


def test_the_nearest_value_wins_whatever_its_unit(make: Make) -> None:
    rows = (
        ("Source Name", "Characteristics[conc]", "Unit", "Protocol REF", "Sample Name", "Characteristics[conc]", "Unit"),
        ("m", "1", "mM", "P", "a", "2", "nM"),
        ("m", "1", "mM", "P", "b", "", ""),
    )  # fmt: skip
    seen = make(rows)
    assert seen.cells["a"] == {"measurement:conc [mM]": None, "measurement:conc [nM]": 2}
    assert seen.cells["b"] == {"measurement:conc [mM]": 1, "measurement:conc [nM]": None}


# -- rows, inheritance, replicates ----------------------------------------------------------------------------------

POOLED = (
    ("Source Name", "Characteristics[sex]", "Characteristics[strain]", "Protocol REF", "Sample Name"),
    ("m1", "male", "B6", "P", "pool"),
    ("m2", "female", "B6", "P", "pool"),
    ("m3", "female", "B6", "P", "single"),
)  # fmt: skip


def test_samples_inherit_from_their_sources(make: Make) -> None:
    seen = make(POOLED)
    assert seen.cells["single"] == {"annotation:sex": "female", "annotation:strain": "B6"}
    assert seen.columns["annotation:strain"]["inherited_cells"] == 2


def test_a_pool_has_all_values_of_its_sources_once(make: Make) -> None:
    seen = make(POOLED)
    assert seen.cells["pool"] == {"annotation:sex": ["female", "male"], "annotation:strain": "B6"}
    assert seen.columns["annotation:sex"]["multivalued"]
    assert seen.columns["annotation:sex"]["separator"] == ";"
    assert seen.lineage["pool"]["root_labels"] == ["m1", "m2"]
    assert seen.lineage["pool"]["group"] != seen.lineage["single"]["group"]


def test_nothing_is_inherited_if_so_wished(make: Make) -> None:
    seen = make(POOLED, inherit="no")
    assert seen.cells["pool"] == {"annotation:sex": None, "annotation:strain": None}


def test_the_nearest_ancestor_wins(tmp_path: Path) -> None:
    sample = "http://localhost:8000/id/x/"
    text = "".join(
        f'<{sample}{name}> a <https://w3id.org/fairgraph/isa#Sample> ; <http://schema.org/name> "{name}" .\n'
        for name in ("a", "b", "c", "d")
    )
    text += "".join(
        f"<{sample}{name}> <http://www.w3.org/ns/prov#wasDerivedFrom> <{sample}{origin}> .\n"
        for name, origin in (("b", "a"), ("c", "b"), ("d", "c"), ("d", "a"))
    )
    for name, value in (("a", "far"), ("b", "near")):
        text += f'<{sample}{name}> <http://schema.org/additionalProperty> <{sample}{name}/p> . <{sample}{name}/p> <http://schema.org/value> "{value}" ; <https://w3id.org/fairgraph/ns#category> <{sample}k> .\n'
    text += f'<{sample}k> <http://schema.org/name> "k" .\n'
    (tmp_path / "x.ttl").write_text(text)
    with fairgraph.open("memory:") as fg:
        seen = Seen(fg.export("ml-json", fg.add(tmp_path / "x.ttl").dataset).to_bytes())
    found = {name: cells["annotation:k"] for name, cells in seen.cells.items()}
    assert found == {"a": "far", "b": "near", "c": "near", "d": "far"}


REPEATED = study("Characteristics[mass]", "Unit", a=("1.5", "g"))
REPEATED = (*REPEATED, ("m-a", "P", "a", "2.5", "g"), ("m-b", "P", "b", "4", "g"))


@pytest.mark.parametrize(
    ("aggregate", "expected"), [("list", [1.5, 2.5]), ("mean", 2.0), ("first", 1.5)]
)
def test_replicates(make: Make, aggregate: str, expected: Any) -> None:
    seen = make(REPEATED, aggregate=aggregate)
    assert seen.cells["a"]["measurement:mass"] == expected
    assert seen.cells["b"]["measurement:mass"] == 4
    assert seen.columns["measurement:mass"]["minimum"] == (1.5 if aggregate == "first" else 2.0)
    assert "replicates" in seen.issues


def test_rows_are_in_natural_order(make: Make) -> None:
    names = ["s10", "s9", "s1", "S2", "10", "9"]
    rows = (SAMPLES, *((f"m{name}", "P", name) for name in names))
    assert make(rows).labels == ["9", "10", "S2", "s1", "s9", "s10"]


def test_rows_may_be_sources(make: Make) -> None:
    seen = make(POOLED, rows="sources")
    assert seen.labels == ["m1", "m2", "m3"]
    assert [row[0] for row in seen.document["rows"]] == [1, 2, 3]
    assert seen.cells["m1"]["annotation:sex"] == "male"
    assert [about["depth"] for about in seen.lineage.values()] == [0, 0, 0]


def test_extracts_and_files_inherit_what_their_samples_are() -> None:
    with fairgraph.open("memory:") as fg:
        fg.add(ROOT / "examples" / "mouse-circadian")
        for grain in ("extracts", "data"):
            seen = Seen(fg.export("ml-json", 1, rows=grain).to_bytes())
            assert seen.labels
            assert {cells["annotation:organism"] for cells in seen.cells.values()} == {
                "Mus musculus"
            }


@pytest.mark.parametrize(
    "option", [{"rows": "cells"}, {"aggregate": "median"}, {"lineage": "some"}]
)
def test_an_unknown_word_is_refused(make: Make, option: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=next(iter(option.values()))):
        make(POOLED, **option)


def test_iris_and_edges_if_so_wished(make: Make) -> None:
    seen = make(POOLED, iris="yes", lineage="full")
    iri = seen.cells["single"]["sample_iri"]
    assert iri.endswith("/sample/single")
    assert [edge[0] for edge in seen.lineage["single"]["edges"]] == [iri]
    assert "provenance_summary" not in make_without_lineage(seen)


def make_without_lineage(seen: Seen) -> dict[str, Any]:
    return {key: value for key, value in seen.document.items() if key != "provenance_summary"}


# -- CSV ------------------------------------------------------------------------------------------------------------


def test_csv_for_excel_and_for_careful_people(tmp_path: Path) -> None:
    rows = study("Characteristics[x]", a=("=1+1",), b=("a;b",), c=("-5",))
    folder = write(tmp_path / "x", (*rows, ("m-b", "P", "b", 'c"d')))
    with fairgraph.open("memory:") as fg:
        dataset = fg.add(folder).dataset
        plain = fg.export("ml-csv", dataset).to_bytes()
        excel = fg.export("ml-csv", dataset, excel="yes").to_bytes()
        safe = fg.export("ml-csv", dataset, safe_cells="yes").to_bytes()
    assert excel == b"\xef\xbb\xbf" + plain
    assert b"\r" not in plain
    cells = {row[1]: row[2] for row in csv.reader(io.StringIO(plain.decode()))}
    assert cells == {"sample_label": "annotation:x", "a": "=1+1", "b": 'a\\;b;c"d', "c": "-5"}
    cells = {row[1]: row[2] for row in csv.reader(io.StringIO(safe.decode()))}
    assert (cells["a"], cells["c"]) == ("'=1+1", "'-5")


# -- several datasets, chosen samples -------------------------------------------------------------------------------


def test_a_matrix_of_two_datasets_has_their_samples_and_names_them(tmp_path: Path) -> None:
    one = write(tmp_path / "one", study("Characteristics[x]", a=("1",)))
    two = write(tmp_path / "two", study("Characteristics[y]", a=("2",)))
    three = write(tmp_path / "three", study("Characteristics[z]", a=("3",)))
    with fairgraph.open("memory:") as fg:
        for path in (one, two, three):
            fg.add(path)
        document = json.loads(fg.export("ml-json", [1, 2]).to_bytes())
        assert [row[:3] for row in document["rows"]] == [[1, "a", "one"], [2, "a", "two"]]
        names = [column["name"] for column in document["columns"]]
        assert names == [
            "sample_id",
            "sample_label",
            "investigation",
            "annotation:x",
            "annotation:y",
        ]
        assert document["metadata"]["investigation_id"] is None
        assert [item["id"] for item in document["metadata"]["investigations"]] == [1, 2]
        everything = json.loads(fg.export("ml-json").to_bytes())
        assert len(everything["rows"]) == 3
        chosen = "SELECT ?sample { ?sample <http://schema.org/additionalProperty>/<http://schema.org/value> 3 }"
        found = json.loads(fg.export("ml-json", [1, 2, 3], samples=chosen).to_bytes())
        assert [row[:3] for row in found["rows"]] == [[3, "a", "three"]]


def test_the_zip_is_the_same_every_time_and_its_sums_are_right(tmp_path: Path) -> None:
    import hashlib
    import zipfile

    with fairgraph.open("memory:") as fg:
        fg.add(ROOT / "tests" / "fixtures" / "mouse-transcriptomics")
        packed = fg.export("ml-zip", 1).to_bytes()
        assert packed == fg.export("ml-zip", 1).to_bytes()
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert files["samples.csv"] == fg.export("ml-csv", 1).to_bytes()
        assert files["prov.jsonld"] == fg.export("prov-o", 1).to_bytes()
        croissant = json.loads(fg.export("croissant", 1).to_bytes())
    assert set(files) == {
        "README.md", "SHA256SUMS", "columns.json", "croissant.json", "csv-metadata.json", "datapackage.json", "prov.jsonld", "samples.csv",
    }  # fmt: skip
    sums = dict(
        reversed(line.split("  ")) for line in files.pop("SHA256SUMS").decode().splitlines()
    )
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    described = croissant["distribution"][0]
    assert described["sha256"] == sums["samples.csv"]
    assert described["contentUrl"].endswith("/api/v1/investigations/1/export/ml-csv")


def test_the_readme_of_the_zip_of_several_datasets_is_not_written_by_their_authors(
    tmp_path: Path,
) -> None:
    import zipfile

    hostile = "# a | b\n\n![x](http://evil/) <script>alert(1)</script> [y](http://evil/) `c`"
    with fairgraph.open("memory:") as fg:
        for number in (1, 2):
            column = "Characteristics[x | ![y](http://evil/)]"
            fg.add(write(tmp_path / str(number), study(column, a=("![z](http://evil/)",))))
            fg.set(number, title=f"{hostile} {number}")
        with zipfile.ZipFile(io.BytesIO(fg.export("ml-zip", [1, 2]).to_bytes())) as archive:
            text = archive.read("README.md").decode().split("\n---\n", 1)[1]
    marked = text.split("## Loading")[0]
    assert (
        r"\!\[x\](http://evil/) \<script\>alert(1)\</script\> \[y\](http://evil/) \`c\`" in marked
    )
    assert r"`annotation:x \| ![y](http://evil/)`" in marked
    assert not re.search(r"(?<!\\)[<\[]", re.sub(r"(?<!\\)`[^`]*`", "", marked))
    assert [line for line in marked.splitlines() if line.startswith("#")][1:] == ["## Columns", "## Files"]  # fmt: skip
    assert not re.search(r"^(1\.|-) ", marked, re.MULTILINE)


@pytest.mark.parametrize(
    ("date", "told"), [("2022-03-01", "2022-03-01"), ("01/03/2022", "2026-03-14")]
)
def test_croissant_has_a_date_that_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, date: str, told: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1773446400")
    folder = write(tmp_path / "x", study("Characteristics[x]", a=("1",)))
    file = folder / "i_investigation.txt"
    text = file.read_text().replace(
        "STUDY\n", f"Investigation Public Release Date\t{date}\nSTUDY\n"
    )
    file.write_text(text)
    with fairgraph.open("memory:") as fg:
        document = json.loads(fg.export("croissant", fg.add(folder).dataset).to_bytes())
    assert document["datePublished"] == told


def test_two_columns_never_have_one_name(make: Make) -> None:
    seen = make(
        study(
            "Characteristics[x]", "Unit", "Characteristics[x [kg]]", "Unit",
            a=("1", "g", "5", "kg"), b=("2", "kg", "6", "kg"),
        )
    )  # fmt: skip
    assert seen.names[2:] == ["measurement:x [g]", "measurement:x [kg]", "measurement:x [kg] (2)"]
    assert len(set(seen.names)) == len(seen.names)
    assert "same-name" in seen.issues


def test_what_no_machine_can_hold_is_as_its_author_wrote_it(make: Make) -> None:
    seen = make(study("Characteristics[x]", "Unit", a=("1e400", "kg"), b=("-1e999", "kg")))
    assert [cell for row in seen.cells.values() for cell in row.values()] == ["1e400", "-1e999"]
