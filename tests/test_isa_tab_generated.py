"""Generated investigations come back: from our own ISA-Tab cell by cell and as the same graph, through ISA-JSON without loss."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import fairgraph
from fairgraph.terms import ISA
from isa_facts import Facts, said
from isa_tab_folders import export_tab, lost, read_again, statements, tables
from isa_tab_strategies import Folder, folders

pytestmark = pytest.mark.slow


@settings(
    deadline=None,
    max_examples=300,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(folders())
def test_a_generated_folder_comes_back_cell_by_cell_and_as_the_same_graph(folder: Folder) -> None:
    with tempfile.TemporaryDirectory() as name, fairgraph.open("memory:") as fg:
        place = Path(name)
        source = folder.write(place / "tab")
        dataset = fg.add(source).dataset
        written = export_tab(fg, place / "written")
        assert tables(written) == tables(source)
        assert read_again(written, dataset.slug) == statements(fg)


# Values of factors belong to whatever determines them in the rows that there are (docs/isa-mapping.md): here to nothing.
FACTORS = {"dose", "undeclared"}
NO_PLACE = "has no place in a table"


def facts(fg: fairgraph.Fairgraph) -> dict[str, Facts]:
    found = said(fg)
    found["values"] = {("", "", *v[2:]) if v[2] in FACTORS else v for v in found["values"]}
    # Of processes with several inputs and outputs only isa:derivesFrom says what comes from what.
    del found["derived"]
    return found


@pytest.mark.corpus
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # of the judge's reader
@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
def test_a_generated_folder_loses_nothing_through_isa_json(strict: bool) -> None:
    options = {"strict-1.0": "yes"} if strict else {}

    @settings(
        deadline=None,
        max_examples=25 if strict else 60,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(folders(agree=True))
    def through_json(folder: Folder) -> None:
        with (
            tempfile.TemporaryDirectory() as name,
            fairgraph.open("memory:") as fg,
            fairgraph.open("memory:") as from_json,
            fairgraph.open("memory:") as from_tables,
        ):
            place = Path(name)
            source = folder.write(place / "tab")
            fg.add(source)
            document = fg.export("isa-json", 1, **options).to_path(place / "through.json")
            from_json.add(document)
            written = export_tab(from_json, place / "written")
            from_tables.add(written)
            before, between, after = facts(fg), facts(from_json), facts(from_tables)
            for kind, known in before.items():
                assert not known - between[kind], f"{kind} in ISA-JSON"
                if NO_PLACE not in (written / "README.md").read_text(encoding="utf-8"):
                    assert not between[kind] - after[kind], f"{kind} in the tables"
            # Of the tables the independent comparison knows rows and neighbours, which ISA-JSON has none of.
            assert "" not in lost(source, written)

    through_json()


def without_ids(fg: fairgraph.Fairgraph) -> list[str]:
    """The statements but the @ids: a category that study and assay declare gets another one."""
    return [line for line in statements(fg) if f"<{ISA.jsonId}>" not in line]


@settings(
    deadline=None,
    max_examples=30,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(folders())
def test_our_own_isa_json_of_a_generated_folder_gives_the_same_graph_again(folder: Folder) -> None:
    with tempfile.TemporaryDirectory() as name, fairgraph.open("memory:") as fg:
        place = Path(name)
        fg.add(folder.write(place / "tab"))
        document = fg.export("isa-json", 1).to_path(place / "one.json")
        with fairgraph.open("memory:") as first, fairgraph.open("memory:") as second:
            slug = first.add(document, slug="same").dataset.slug
            again = first.export("isa-json", 1).to_path(place / "two.json")
            second.add(again, slug=slug)
            assert without_ids(second) == without_ids(first)
