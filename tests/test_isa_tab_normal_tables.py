"""ISA-Tab tables with ``normalise``: columns where strict readers expect them, and nothing lost on the way."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fairgraph.conversion import convert
from fairgraph.errors import SourceError, UnknownFormat
from fairgraph.isa.plain import iso_day, one_line
from support import EXAMPLE, corpus_paths

Table = list[list[str]]


def tables(source: Path, **options: str) -> dict[str, Table]:
    """Return the study and assay tables that are written."""
    output = io.BytesIO()
    try:
        convert(source, "isa-tab", output, options=options)
    except (SourceError, UnknownFormat) as error:
        pytest.skip(f"refused by the importer: {error}")
    csv.field_size_limit(1 << 24)
    with zipfile.ZipFile(output) as archive:
        return {
            name: list(csv.reader(archive.read(name).decode().splitlines(True), delimiter="\t"))
            for name in archive.namelist()
            if name[:2] in ("s_", "a_")
        }


def normalised(source: Path) -> dict[str, Table]:
    return tables(source, normalise="yes")


def split(row: str) -> list[str]:
    return row.split("|")


STUDY = [["Source Name", "Protocol REF", "Sample Name"], ["m1", "collection", "a"]]


def test_columns_stand_with_what_they_describe(write_tab: Callable[..., Path]) -> None:
    study = [
        split("source name|Protocol REF|Characteristics [strain]|Parameter Value[volume]")
        + split("Sample Name|Parameter Value[tool]|Provider"),
        ["m1", "collection", "B6", "3", "a", "knife", "us"],
    ]
    found = normalised(write_tab(study))["s_one.txt"]
    assert found == [
        split("Source Name|Characteristics[strain]|Protocol REF|Parameter Value[volume]")
        + split("Parameter Value[tool]|Sample Name|Comment[Provider]"),
        ["m1", "B6", "collection", "3", "knife", "a", "us"],
    ]


def test_terms_have_both_columns_and_empty_ones_go(write_tab: Callable[..., Path]) -> None:
    study = [
        split("Source Name|Characteristics[organ]|Term Source REF|Characteristics[sex]|Unit")
        + split("Term Source REF|Term Accession Number|Protocol REF|Sample Name|"),
        ["m1", "liver", "UBERON", "f", "", "", "", "collection", "a", ""],
        ["", "", "", "", "", "", "", "", "", ""],
        ["m2", "brain", "UBERON", "m", "", "", "", "collection", "b", ""],
    ]
    found = normalised(write_tab(study))["s_one.txt"]
    assert found == [
        split("Source Name|Characteristics[organ]|Term Source REF|Term Accession Number")
        + split("Characteristics[sex]|Protocol REF|Sample Name"),
        ["m1", "liver", "UBERON", "", "f", "collection", "a"],
        ["m2", "brain", "UBERON", "", "m", "collection", "b"],
    ]


def test_factor_values_of_samples_stand_in_the_study(write_tab: Callable[..., Path]) -> None:
    assay = [
        ["Sample Name", "Protocol REF", "Raw Data File", "Factor Value[dose]", "Unit"],
        ["a", "extraction", "f1", "5", "mg"],
    ]
    found = normalised(write_tab(STUDY, assay))
    assert found["a_one.txt"][0] == ["Sample Name", "Protocol REF", "Raw Data File"]
    assert found["s_one.txt"][0][-2:] == ["Factor Value[dose]", "Unit"]
    assert found["s_one.txt"][1][-2:] == ["5", "mg"]


def test_factor_values_of_rows_stay(write_tab: Callable[..., Path]) -> None:
    assay = [
        ["Sample Name", "Factor Value[dose]", "Protocol REF", "Raw Data File"],
        ["a", "5", "extraction", "f1"],
        ["a", "6", "extraction", "f2"],
    ]
    found = normalised(write_tab(STUDY, assay))["a_one.txt"]
    assert found[0] == ["Sample Name", "Protocol REF", "Raw Data File", "Factor Value[dose]"]
    assert [row[2:] for row in found[1:]] == [["f1", "5"], ["f2", "6"]]


def test_dates_are_iso_or_comments(write_tab: Callable[..., Path]) -> None:
    study = [
        ["Source Name", "Protocol REF", "Date", "Sample Name"],
        ["m1", "collection", "28-Jul-2017", "a"],
        ["m2", "collection", "04/02/2011", "b"],
    ]
    found = normalised(write_tab(study))["s_one.txt"]
    assert found[0] == ["Source Name", "Protocol REF", "Date", "Comment[Date]", "Sample Name"]
    assert [row[2:4] for row in found[1:]] == [["2017-07-28", ""], ["", "04/02/2011"]]


def test_rows_of_one_thing_say_the_same_of_it(write_tab: Callable[..., Path]) -> None:
    study = [
        ["Source Name", "Characteristics[age]", "Protocol REF", "Sample Name"],
        ["m1", "5", "collection", "a"],
        ["m1", "6", "collection", "b"],
    ]
    found = normalised(write_tab(study))["s_one.txt"]
    assert found[0][1:3] == ["Characteristics[age]", "Comment[Characteristics age (other values)]"]
    assert [row[1:3] for row in found[1:]] == [["5", "6"], ["5", "6"]]


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize("source", [EXAMPLE, *corpus_paths("isa/tab/*")], ids=lambda p: p.name)
def test_no_text_is_lost_and_nothing_is_left_to_do(source: Path, tmp_path: Path) -> None:
    plain, strict = tables(source), normalised(source)
    assert plain.keys() == strict.keys()
    texts = {cell for table in strict.values() for row in table for cell in row}
    further = " ".join(
        row[n]
        for table in strict.values()
        for n, header in enumerate(table[0])
        if header.endswith("(other values)]")
        for row in table[1:]
    )
    lost = set()
    for table in plain.values():
        protocols = {n for n, header in enumerate(table[0]) if header.lower() == "protocol ref"}
        for row in table[1:]:
            if any(cell for n, cell in enumerate(row) if n not in protocols):
                lost |= {one_line(cell) for cell in row} - texts
    lost = {t for t in lost if iso_day(t) not in texts and t.replace(";", ",") not in texts}
    assert {text for text in lost if text not in further} == set()
    for name, table in strict.items():
        assert {len(row) for row in table} <= {len(table[0])}, name
        for n, header in enumerate(table[0]):
            optional = not header.endswith((" Name", " File")) and "Term " not in header
            assert not optional or any(row[n] for row in table[1:]), (name, header)
