"""Small investigations for the tests of the ML matrix: a study table in, a dataset out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

OBO = "http://purl.obolibrary.org/obo/"


def write(folder: Path, *tables: tuple[tuple[str, ...], ...], factors: str = "") -> Path:
    """Write an ISA-Tab folder with one study a table."""
    folder.mkdir(parents=True)
    text = "INVESTIGATION\nInvestigation Title\tTest\n"
    for number, rows in enumerate(tables, 1):
        (folder / f"s_{number}.txt").write_text(
            "".join("\t".join(quoted(cell) for cell in row) + "\n" for row in rows),
            encoding="utf-8",
        )
        text += f"STUDY\nStudy Identifier\ts{number}\nStudy File Name\ts_{number}.txt\n"
        if factors:
            text += f"STUDY FACTORS\nStudy Factor Name\t{factors}\n"
    (folder / "i_investigation.txt").write_text(text, encoding="utf-8")
    return folder


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


class Seen:
    """A matrix as its JSON says it, by names."""

    def __init__(self, exported: bytes) -> None:
        self.document: dict[str, Any] = json.loads(exported)
        self.names = [column["name"] for column in self.document["columns"]]
        self.columns = {column["name"]: column for column in self.document["columns"]}
        rows = self.document["rows"]
        self.cells = {row[1]: dict(zip(self.names[2:], row[2:], strict=True)) for row in rows}
        self.labels = [row[1] for row in rows]
        self.lineage = {
            row[1]: self.document.get("provenance_summary", {}).get(str(row[0])) for row in rows
        }
        self.issues = {issue["code"] for issue in self.document["metadata"]["issues"]}
