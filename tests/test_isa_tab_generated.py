"""Generated investigations come back from our own ISA-Tab: cell by cell, in order, and as the same graph."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import fairgraph
from isa_tab_folders import export_tab, read_again, statements, tables
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
