"""Folders of ISA-Tab in tests: written, exported, read back, compared."""

from __future__ import annotations

import csv
import importlib.util
import io
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.importers.tsv import read_tsv
from fairgraph.report import Report
from support import CORPUS

Grid = list[list[str]]


def grid(data: bytes) -> Grid:
    """A table as a list of rows of stripped cells: no `#` rows, no empty rows, no empty columns at the end."""
    text = read_tsv("table", io.BytesIO(data), Report())
    rows = [[cell.strip() for cell in cells] for _, cells in text.rows()]
    rows = [row for row in rows if any(row)]
    width = max((n + 1 for row in rows for n, cell in enumerate(row) if cell), default=0)
    return [(row + [""] * width)[:width] for row in rows]


def tables(folder: Path) -> dict[str, Grid]:
    """The study and assay tables of a folder by name."""
    found = sorted(p for p in folder.iterdir() if p.name[:2].lower() in ("s_", "a_"))
    return {path.name: grid(path.read_bytes()) for path in found}


def export_tab(fg: Fairgraph, folder: Path, dataset: Any = 1) -> Path:
    """Write a dataset as a folder of ISA-Tab; return the folder."""
    return fg.export("isa-tab", dataset).to_folder(folder)


def statements(fg: Fairgraph, dataset: Any = 1) -> list[str]:
    """The graph of a dataset as sorted N-Quads: it has no blank nodes, so this is its canonical form."""
    return sorted(fg.export("nquads", dataset).to_bytes().decode().splitlines())


def read_again(folder: Path, slug: str) -> list[str]:
    """The statements of a folder that is imported into an empty store."""
    with fairgraph.open("memory:") as fg:
        return statements(fg, fg.add(folder, slug=slug).dataset)


def through_json(fg: Fairgraph, place: Path, dataset: Any = 1) -> Path:
    """Write a dataset as ISA-JSON, import that elsewhere, write it from there as ISA-Tab."""
    document = fg.export("isa-json", dataset).to_path(place / "through.json")
    with fairgraph.open("memory:") as other:
        return export_tab(other, place / "through", other.add(document).dataset)


@cache
def judge() -> ModuleType:
    """The comparison of two folders that stands beside the corpus and knows nothing of fairgraph."""
    path = CORPUS.parent / "tools" / "isatab_roundtrip.py"
    if not path.is_file():
        pytest.skip(f"the independent comparison is not at {path}")
    spec = importlib.util.spec_from_file_location("isatab_roundtrip", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    try:
        spec.loader.exec_module(module)  # it puts its folder on the path
    finally:
        sys.path[:] = before
    return module


def lost(before: Path, after: Path) -> dict[str, set[Any]]:
    """What *after* lacks of the facts of *before*, by table; cells of the investigation file under ``""``."""
    tables_before, cells_before = judge().read(str(before))
    tables_after, cells_after = judge().read(str(after))
    found = {name: facts - tables_after.get(name, set()) for name, facts in tables_before.items()}
    found[""] = cells_before - cells_after
    return {name: facts for name, facts in found.items() if facts}


def write_rows(path: Path, rows: Grid) -> None:
    """Write rows with quotation marks only where they are needed."""
    output = io.StringIO(newline="")
    csv.writer(output, delimiter="\t", lineterminator="\n").writerows(rows)
    path.write_bytes(output.getvalue().encode())
