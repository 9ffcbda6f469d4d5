"""The README of the ZIP: front matter that Hugging Face ``datasets`` reads, columns, and how to load the table."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fairgraph.exports.card import yaml_text
from fairgraph.exports.card_features import dataset_info, pandas_dtypes, size_category
from fairgraph.exports.ml_about import About
from fairgraph.exports.ml_columns import Column
from fairgraph.exports.ml_matrix import Matrix
from fairgraph.markdown import code, inline, paragraphs, table


def readme(matrix: Matrix, about: About, size: int) -> str:
    """Return README.md; *size* is that of the CSV in bytes."""
    return "\n".join((_front_matter(matrix, about, size), *_body(matrix, about), ""))


def _front_matter(matrix: Matrix, about: About, size: int) -> str:
    config, info = dataset_info(matrix, size)
    document = {
        "pretty_name": about.title,
        "size_categories": [size_category(len(matrix))],
        "configs": [config],
        "dataset_info": [info],
    }
    return f"---\n{yaml_text(document)}---"


def _body(matrix: Matrix, about: About) -> Iterator[str]:
    yield f"# {inline(about.title)}"
    yield ""
    yield paragraphs(about.description)
    yield ""
    yield from (f"* {inline(issue.message)}" for issue in matrix.issues)
    yield ""
    yield "## Columns"
    yield ""
    yield from table(
        ("column", "type", "unit", "term", "missing", "values"), map(_cells, matrix.columns)
    )
    yield ""
    yield "Cells with several values have `;` between them (`\\;` is a semicolon in a value). An empty cell has no value."
    yield ""
    yield "## Files"
    yield ""
    yield from table(("file", "what"), ((code(name), what) for name, what in FILES.items()))
    yield ""
    yield "## Loading"
    yield ""
    yield "```python"
    yield "import pandas as pd"
    yield ""
    yield f"dtypes = {json.dumps(pandas_dtypes(matrix), ensure_ascii=False, indent=4)}"
    yield "# Without these, pandas reads 001 as 1 and the text NA as nothing."
    yield 'df = pd.read_csv("samples.csv", dtype=dtypes, keep_default_na=False, na_values=[""])'
    yield "```"
    yield ""
    yield "```python"
    yield "from datasets import load_dataset"
    yield ""
    yield 'dataset = load_dataset(".", "samples", split="train")'
    yield "```"


def _cells(column: Column) -> tuple[str, ...]:
    unit = " ".join(filter(None, (column.unit_label, f"({column.unit})" if column.unit else "")))
    term = column.property_curie or column.property_iri or ""
    return (code(column.name), column.type, inline(unit), inline(term), str(column.missing), inline(_values(column)))  # fmt: skip


def _values(column: Column) -> str:
    if column.type == "numeric" and column.minimum is not None:
        return f"{column.minimum} to {column.maximum}"
    shown = ", ".join(column.levels[:5])
    return f"{shown}, …" if len(column.levels) > 5 else shown


FILES = {
    "samples.csv": "the matrix",
    "columns.json": "what each column is: type, unit, terms by label, statistics",
    "datapackage.json": "the same as a Frictionless Data Package",
    "croissant.json": "the same as Croissant 1.1",
    "csv-metadata.json": "the same for CSV on the Web",
    "prov.jsonld": "where all samples of the datasets come from, as PROV-O",
    "SHA256SUMS": "the checksums of these files, for `sha256sum -c`",
}
