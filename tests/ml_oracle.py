"""Run by a Python that has the readers of machine learning: does each of them read what is in a folder? Prints JSON.

Each folder is an unpacked ``ml-zip``, with ``matrix.json`` (ml-json), ``matrix.parquet`` and ``matrix.h5ad`` beside.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": tempfile.mkdtemp()}


def expected(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "matrix.json").read_text(encoding="utf-8"))


def same(left: Any, right: Any) -> bool:
    """Cells are the same, whatever a library calls nothing, and numbers of whatever kind."""
    if left is None or right is None:
        return left is None and right is None
    if isinstance(right, (int, float)) and not isinstance(right, bool):
        return float(left) == float(right)
    return left == right


def joined(value: Any) -> Any:
    """A cell of several values as CSV has it."""
    if isinstance(value, list):
        return ";".join(str(v).replace("\\", "\\\\").replace(";", "\\;") for v in value)
    return value


def compare(found: list[list[Any]], document: dict[str, Any], *, lists: bool = False) -> None:
    rows = document["rows"]
    assert len(found) == len(rows), (len(found), len(rows))
    for row, cells in zip(found, rows, strict=True):
        for place, (left, right) in enumerate(zip(row, cells, strict=True)):
            wanted = right if lists else joined(right)
            assert same(left, wanted), (document["columns"][place]["name"], left, right)


def pandas(folder: Path) -> None:
    """The snippet of the README reads every cell as it is meant."""
    import pandas as pd

    readme = (folder / "README.md").read_text(encoding="utf-8")
    snippet = readme.split("```python\n")[1].split("```")[0]
    snippet = re.sub(
        r"""['"]http[^'"]*/ml-csv['"]""", '"samples.csv"', snippet
    )  # a data card names the address of the export
    space: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(folder)
    try:
        exec(snippet, space)
    finally:
        os.chdir(before)
    frame = space["df"] if "df" in space else space["samples"]
    found = frame.astype(object).where(frame.notna(), None).values.tolist()
    compare(found, expected(folder))
    document = expected(folder)
    plain = pd.DataFrame(document["rows"], columns=[c["name"] for c in document["columns"]])
    assert list(plain.columns) == list(frame.columns)


def frictionless(folder: Path) -> None:
    from frictionless import Package, validate

    report = validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["title", "message"])
    rows = Package(str(folder / "datapackage.json")).get_resource("samples").read_rows()
    names = [column["name"] for column in expected(folder)["columns"]]
    compare([[row[name] for name in names] for row in rows], expected(folder))


def csvw(folder: Path) -> None:
    from csvw import CSVW

    description = CSVW(str(folder / "csv-metadata.json"), validate=True)
    assert description.is_valid, description.warnings
    count = sum(1 for _ in description.tables[0])
    assert count == len(expected(folder)["rows"]), count


def mlcroissant(folder: Path) -> None:
    import mlcroissant as mlc

    dataset = mlc.Dataset(jsonld=str(folder / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    assert not issues.errors, issues.report()
    columns = expected(folder)["columns"]
    if not expected(folder)["rows"]:
        return
    fields = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))["recordSet"][0][
        "field"
    ]
    assert [field["name"] for field in fields] == [column["name"] for column in columns]
    found = [
        [plain(record[field["@id"]]) for field in fields] for record in dataset.records("samples")
    ]
    document = expected(folder)
    # mlcroissant 1.1 lets pandas guess before it converts: 001 becomes 1, NA nothing (docs/ml.md).
    left_out = [
        bool(column.get("multivalued")) or is_guessed(columns, column, document)
        for column in columns
    ]
    for row, cells in zip(found, document["rows"], strict=True):
        for column, skipped, left, right in zip(columns, left_out, row, cells, strict=True):
            assert skipped or same(left, right), (column["name"], left, right)


def is_guessed(columns: list[Any], column: Any, document: dict[str, Any]) -> bool:
    """Does pandas take the texts of a column for something else?"""
    import io

    import pandas as pd

    if column["type"] in ("identifier", "numeric"):
        return False
    place = columns.index(column)
    cells = [row[place] for row in document["rows"]]
    read = pd.read_csv(io.StringIO(pd.Series(cells, name="x").to_csv(index=False)))["x"]
    return not all(same(plain(left), right) for left, right in zip(read, cells, strict=True))


def plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if value is None or value != value:
        return None
    return value


def hugging_face(folder: Path) -> None:
    from datasets import ClassLabel, load_dataset
    from huggingface_hub import DatasetCard

    card = DatasetCard.load(folder / "README.md")
    assert card.data.to_dict(), "the card is empty"
    if not expected(folder)["rows"]:
        return
    data = load_dataset(str(folder), "samples", split="train")
    columns = expected(folder)["columns"]
    assert list(data.features) == [column["name"] for column in columns]
    found = [list(record.values()) for record in data]
    for place, feature in enumerate(data.features.values()):
        if isinstance(feature, ClassLabel):
            for row in found:
                row[place] = None if row[place] is None else feature.int2str(row[place])
    compare(found, expected(folder))


def parquet(folder: Path) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "matrix.parquet")
    document = expected(folder)
    compare([list(row.values()) for row in table.to_pylist()], as_lists(document), lists=True)
    for column in document["columns"]:
        told = table.schema.field(column["name"]).metadata or {}
        for key in ("unit", "property_iri"):
            if column.get(key):
                assert told[key.encode()].decode() == column[key]


def as_lists(document: dict[str, Any]) -> dict[str, Any]:
    """In a column of lists, one value is a list of one."""
    several = [bool(column.get("multivalued")) for column in document["columns"]]
    rows = [
        [
            [cell] if many and cell is not None and not isinstance(cell, list) else cell
            for cell, many in zip(row, several, strict=True)
        ]
        for row in document["rows"]
    ]
    return document | {"rows": rows}


def anndata(folder: Path) -> None:
    import anndata as ad
    import numpy as np

    data = ad.read_h5ad(folder / "matrix.h5ad")
    document = expected(folder)
    names = [column["name"] for column in document["columns"]]
    measured = [
        n for n, c in enumerate(document["columns"]) if c["name"].startswith("measurement:")
    ]
    assert list(data.var_names) == [names[place] for place in measured]
    assert list(data.obs_names) == [str(row[0]) for row in document["rows"]]
    for found, row in zip(np.asarray(data.X), document["rows"], strict=True):
        for left, place in zip(found, measured, strict=True):
            cell = row[place]
            right = sum(cell) / len(cell) if isinstance(cell, list) else cell
            assert (right is None and np.isnan(left)) or float(left) == float(right)
    for place, name in enumerate(names):
        if place not in measured and place:
            column = data.obs[name].astype(object)
            found = list(column.where(column.notna(), None))
            for left, row in zip(found, document["rows"], strict=True):
                assert same(left, joined(row[place])), (name, left, row[place])


READERS: tuple[Callable[[Path], None], ...] = (
    pandas,
    frictionless,
    csvw,
    mlcroissant,
    hugging_face,
    parquet,
    anndata,
)


def main() -> None:
    verdicts: dict[str, dict[str, str]] = {}
    for name in sys.argv[1:]:
        for reader in READERS:
            try:
                reader(Path(name))
            except Exception:
                verdict = traceback.format_exc(limit=-3)
            else:
                verdict = "ok"
            verdicts.setdefault(name, {})[reader.__name__] = verdict
    sys.stdout.write(json.dumps(verdicts))


if __name__ == "__main__":
    main()
