"""Real ISA-Tab comes back: cell by cell, through ISA-JSON without loss of a fact, and as the same graph.

The facts come from a comparison that stands beside the corpus and knows nothing of fairgraph.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fairgraph.api import Fairgraph
from isa_tab_folders import export_tab, lost, read_again, statements, tables, through_json
from support import corpus_paths

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    # The independent reader leaves its files to be closed by Python.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]
FOLDERS = corpus_paths("isa/tab/*")

# Tables that lie in the folder and that the investigation does not name: nothing says what they belong to.
UNNAMED = {
    "BII-S-4": {"s_Study_sample.txt"},
    "altamisa_test_exceptions": {
        "a_exception_duplicated_header.txt",
        "a_exception_invalid_column_type.txt",
        "a_exception_labeled_header_format.txt",
        "a_exception_labeled_header_not_allowed.txt",
        "a_exception_simple_header_not_allowed.txt",
        "a_exception_term_source_ref_next_column.txt",
        "a_exception_term_source_ref_stop_iteration.txt",
        "a_exception_unknown_header.txt",
    },
    "tests_MTBLS1": {
        "s_Live_MTBL1_RMS.txt",
        "a_live_mtbl1_rms_metabolite profiling_NMR spectroscopy.txt",
    },
}
# A table of 0 bytes: there is no header to write.
EMPTY = {
    "mb2019_MTBLS22": {
        "s_Mining for metabolic responses to long-term salt stress a case study on Arabidopsis thaliana Col-0 (A).txt"
    }
}
# The file is neither UTF-8 nor what the independent reader takes it for (Latin-1): that one says other characters.
NOT_UTF8 = {"linkedISA_T3"}


def exceptions(folder: Path) -> set[str]:
    return UNNAMED.get(folder.name, set()) | EMPTY.get(folder.name, set())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_real_folder_comes_back_cell_by_cell_and_as_the_same_graph(
    folder: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    dataset = memory.add(folder).dataset
    written = export_tab(memory, tmp_path / "written")
    before, after = tables(folder), tables(written)
    assert before.keys() - after.keys() == exceptions(folder)
    assert after == {name: grid for name, grid in before.items() if name in after}
    if folder.name not in NOT_UTF8:
        assert lost(folder, written).keys() <= {name.lower() for name in exceptions(folder)}
    assert read_again(written, dataset.slug) == statements(memory)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_real_folder_loses_no_fact_through_isa_json(
    folder: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    memory.add(folder)
    written = through_json(memory, tmp_path)
    if folder.name not in NOT_UTF8:
        assert lost(folder, written).keys() <= {name.lower() for name in exceptions(folder)}
    else:
        assert tables(folder).keys() == tables(written).keys()
