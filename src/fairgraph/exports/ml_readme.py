"""The README of the ZIP: front matter that Hugging Face ``datasets`` reads, columns, and how to load the table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from fairgraph.exports.ml_about import About
from fairgraph.exports.ml_columns import Column
from fairgraph.exports.ml_matrix import Matrix

_NOT_PRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_DTYPES = {"identifier": "int64", "numeric": "float64"}


def readme(matrix: Matrix, about: About, size: int) -> str:
    """Return README.md; *size* is that of the CSV in bytes."""
    return "\n".join((*_front_matter(matrix, about, size), *_body(matrix, about), ""))


def dtypes(matrix: Matrix) -> dict[str, str]:
    """Return the dtypes by which pandas reads the CSV as it is meant: ``001`` stays text, and so does ``NA``."""
    named = {"identifier": "int64", "numeric": "float64", "categorical": "category"}
    return {
        column.name: "string" if column.multivalued else named.get(column.type, "string")
        for column in matrix.columns
    }


def _front_matter(matrix: Matrix, about: About, size: int) -> Iterator[str]:
    count = len(matrix)
    yield "---"
    yield f"pretty_name: {_text(about.title)}"
    yield f"size_categories: [{next((name for limit, name in _SIZES if count < limit), '1M<n<10M')}]"
    yield "configs:"
    yield "- config_name: samples"
    yield "  default: true"
    yield "  data_files: [{split: train, path: samples.csv}]"
    yield "  keep_default_na: false"
    yield "  na_values: ['']"
    # Here, and not in dataset_info alone, they are in force before pandas guesses types: 001 stays text.
    yield "  features: &features"
    for column in matrix.columns:
        yield f"  - name: {_text(column.name)}"
        yield from _feature(column)
    yield "dataset_info:"
    yield "- config_name: samples"
    yield "  features: *features"
    yield f"  splits: [{{name: train, num_bytes: {size}, num_examples: {count}}}]"
    yield f"  download_size: {size}"
    yield f"  dataset_size: {size}"
    yield "---"


def _feature(column: Column) -> Iterator[str]:
    if column.type == "categorical" and column.levels and not column.multivalued:
        yield "    dtype:"
        yield "      class_label:"
        yield "        names:"
        for place, level in enumerate(column.levels):
            yield f"          '{place}': {_text(level)}"
    else:
        yield f"    dtype: {'string' if column.multivalued else _DTYPES.get(column.type, 'string')}"


def _body(matrix: Matrix, about: About) -> Iterator[str]:
    yield f"# {_line(about.title)}"
    yield ""
    yield about.description
    yield ""
    yield from (f"* {issue.message}" for issue in matrix.issues)
    yield ""
    yield "## Columns"
    yield ""
    yield "| column | type | unit | term | missing | values |"
    yield "|---|---|---|---|---|---|"
    for column in matrix.columns:
        unit = " ".join(
            filter(None, (column.unit_label, f"({column.unit})" if column.unit else ""))
        )
        term = column.property_curie or column.property_iri or ""
        cells = (f"`{_line(column.name)}`", column.type, unit, term, str(column.missing), _values(column))  # fmt: skip
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    yield ""
    yield "Cells with several values have `;` between them (`\\;` is a semicolon in a value). An empty cell has no value."
    yield ""
    yield "## Files"
    yield ""
    yield "| file | what |"
    yield "|---|---|"
    for name, what in FILES.items():
        yield f"| `{name}` | {what} |"
    yield ""
    yield "## Loading"
    yield ""
    yield "```python"
    yield "import pandas as pd"
    yield ""
    yield f"dtypes = {json.dumps(dtypes(matrix), ensure_ascii=False, indent=4)}"
    yield "# Without these, pandas reads 001 as 1 and the text NA as nothing."
    yield 'df = pd.read_csv("samples.csv", dtype=dtypes, keep_default_na=False, na_values=[""])'
    yield "```"
    yield ""
    yield "```python"
    yield "from datasets import load_dataset"
    yield ""
    yield 'dataset = load_dataset(".", "samples", split="train")'
    yield "```"


def _values(column: Column) -> str:
    if column.type == "numeric" and column.minimum is not None:
        return f"{column.minimum} to {column.maximum}"
    shown = ", ".join(column.levels[:5])
    return f"{shown}, …" if len(column.levels) > 5 else shown


def _text(text: str) -> str:
    """Return text as a quoted YAML scalar (YAML 1.2 §7.3.1: what JSON quotes is YAML, but for what YAML may not hold at all)."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _NOT_PRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("\\", "\\\\").replace("|", "\\|")


FILES = {
    "samples.csv": "the matrix",
    "columns.json": "what each column is: type, unit, terms by label, statistics",
    "datapackage.json": "the same as a Frictionless Data Package",
    "croissant.json": "the same as Croissant 1.1",
    "csv-metadata.json": "the same for CSV on the Web",
    "prov.jsonld": "where the samples come from, as PROV-O",
    "SHA256SUMS": "the checksums of these files, for `sha256sum -c`",
}
