"""The ML matrix as Apache Parquet: lists stay lists, and each column carries its unit and terms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from fairgraph.errors import UsageError
from fairgraph.exports.export import Answers, Export
from fairgraph.exports.ml import ALSO, entry, metadata
from fairgraph.exports.ml_columns import Column
from fairgraph.exports.ml_matrix import OPTIONS, Matrix

_ROWS = 10_000  # of one row group


def write(answers: Answers, output: BinaryIO) -> None:
    """Write the matrix as Parquet, row group by row group.

    Metadata of a field: ``unit``, ``unit_label``, ``property_iri``, ``property_curie`` and, as JSON, ``terms``; of the file:
    ``fairgraph``, the ``metadata`` of ml-json. Raises UsageError if pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UsageError(
            "parquet needs pyarrow", hint="pip install 'fairgraph[parquet]'"
        ) from error
    matrix = Matrix.of(answers)
    kinds = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64()}
    names = [_kind(column, matrix) for column in matrix.columns]
    fields = []
    for column, name in zip(matrix.columns, names, strict=True):
        kind = kinds[name]
        told = {name: _text(value) for name, value in entry(column).items() if value is not None}
        fields.append(
            pa.field(column.name, pa.list_(kind) if column.multivalued else kind, metadata=told)
        )
    about = json.dumps(metadata(matrix, matrix.issues), ensure_ascii=False)
    schema = pa.schema(fields, metadata={"fairgraph": about})
    with pq.ParquetWriter(output, schema, compression="snappy") as writer:
        for block in _blocks(matrix):
            arrays = [
                pa.array(_cells(cells, column, integer=kind == "integer"), type=field.type)
                for cells, column, field, kind in zip(
                    block, matrix.columns, fields, names, strict=True
                )
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _kind(column: Column, matrix: Matrix) -> str:
    if column.type == "identifier":
        return "integer"
    if column.type != "numeric":
        return "text"
    return "integer" if matrix.is_integer(column) else "real"


def _blocks(matrix: Matrix) -> Iterator[list[tuple[Any, ...]]]:
    rows = matrix.rows()
    while block := list(islice(rows, _ROWS)):
        yield list(zip(*block, strict=True))


def _cells(cells: tuple[Any, ...], column: Column, *, integer: bool) -> list[Any]:
    if column.type == "numeric" and not integer:
        # Arrow does not make a real number of an integer that has more than 64 bits.
        cells = tuple(_real(cell) for cell in cells)
    if not column.multivalued:
        return list(cells)
    return [cell if cell is None or isinstance(cell, list) else [cell] for cell in cells]


def _real(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_real(member) for member in cell]
    return None if cell is None else float(cell)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


EXPORT = Export(
    "parquet",
    "Parquet",
    "export/parquet",
    "application/vnd.apache.parquet",
    "parquet",
    write,
    scope="any",
    also=ALSO,
    selects=True,
    group="Machine learning",
    options=OPTIONS,
    needs=("pyarrow",),
)
