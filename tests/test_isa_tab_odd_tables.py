"""Odd tables come back cell by cell: from the graph, from the graph of what was written, and through ISA-JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fairgraph.api import Fairgraph
from isa_tab_folders import export_tab, read_again, statements, tables, through_json

Tab = Callable[..., Path]
STUDY = [
    ["Source Name", "Protocol REF", "Sample Name"],
    ["a", "collection", "b"],
    ["a", "collection", "d"],
]


def rows(text: str) -> list[list[str]]:
    """A table as it stands in a test: a line a row, `|` between cells."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def comes_back(fg: Fairgraph, folder: Path, place: Path) -> None:
    slug = fg.add(folder).dataset.slug
    written = export_tab(fg, place / "written")
    assert tables(written) == tables(folder)
    assert read_again(written, slug) == statements(fg)


def comes_back_through_json(fg: Fairgraph, folder: Path, place: Path) -> None:
    comes_back(fg, folder, place)
    assert tables(through_json(fg, place)) == tables(folder)


STUDIES = {
    "terms behind Date and Performer": """
        Source Name|Protocol REF|Date|Term Source REF|Term Accession Number|Performer|Term Accession Number|Sample Name
        a|collection|2020-01-01|UO|http://e.org/1|Bob|http://e.org/bob|b
    """,
    "Date and Performer twice": """
        Source Name|Protocol REF|Performer|Performer|Date|Date|Sample Name
        a|collection|Zoe|Bob|2020-01-02|2020-01-01|b
        c|collection|Zoe|Zoe|2020-01-02|2020-01-02|d
    """,
    "two columns of samples that only one table has": """
        Source Name|Protocol REF|Sample Name|Characteristics[x]|Protocol REF|Sample Name|Characteristics[x]
        a|collection|b||scan|c|1
    """,
}  # fmt: skip
ASSAYS = {
    "samples of the study in two columns": """
        Sample Name|Sample Name|Characteristics[x]|Protocol REF|Raw Data File|Factor Value[dose]
        b|d||scan|f|1
        b|d||scan|g|1
    """,
    "samples of two columns that the study does not have": """
        Sample Name|Characteristics[x]|Sample Name|Characteristics[x]
        b||c|1
    """,
}


@pytest.mark.parametrize("text", STUDIES.values(), ids=STUDIES)
def test_an_odd_study_table_comes_back(
    memory: Fairgraph, write_tab: Tab, tmp_path: Path, text: str
) -> None:
    comes_back_through_json(memory, write_tab(rows(text)), tmp_path)


@pytest.mark.parametrize("text", ASSAYS.values(), ids=ASSAYS)
def test_an_odd_assay_table_comes_back(
    memory: Fairgraph, write_tab: Tab, tmp_path: Path, text: str
) -> None:
    comes_back_through_json(memory, write_tab(STUDY, rows(text)), tmp_path)
