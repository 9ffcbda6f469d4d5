"""The ML matrix as AnnData (h5ad): measurements are X, what else is said of the rows is obs."""

from __future__ import annotations

import json
import math
import tempfile
import warnings
from pathlib import Path
from typing import Any, BinaryIO

from fairgraph.errors import UsageError
from fairgraph.exports.export import Answers, Export
from fairgraph.exports.ml import ALSO, entry, metadata
from fairgraph.exports.ml_columns import Column, joined
from fairgraph.exports.ml_matrix import OPTIONS, Matrix

_BLOCK = 1 << 20


def write(answers: Answers, output: BinaryIO) -> None:
    """Write the matrix as AnnData: rows by ``sample_id``, ``var`` with units and terms, of several measurements of a row the mean.

    ``uns["fairgraph"]`` is JSON, the ``metadata`` and ``columns`` of ml-json. Raises UsageError if anndata is not installed.
    """
    try:
        import anndata
        import numpy
        import pandas
    except ImportError as error:
        raise UsageError(
            "anndata needs anndata and pandas", hint="pip install 'fairgraph[anndata]'"
        ) from error
    matrix = Matrix.of(answers)
    rows = list(matrix.rows())
    measured = [n for n, c in enumerate(matrix.columns) if c.name.startswith("measurement:")]
    values = numpy.array([[_mean(row[n]) for n in measured] for row in rows], dtype="float64")
    index = pandas.Index([str(row[0]) for row in rows], dtype=object)
    obs = pandas.DataFrame(
        {
            column.name: _series(pandas, column, [row[n] for row in rows])
            for n, column in enumerate(matrix.columns)
            if n and n not in measured
        }
    ).set_axis(index)
    var = _variables(pandas, [matrix.columns[n] for n in measured])
    about = {
        "metadata": metadata(matrix, matrix.issues),
        "columns": [entry(column) for column in matrix.columns],
    }
    with tempfile.TemporaryDirectory(prefix="fairgraph-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "matrix.h5ad"
        data = anndata.AnnData(
            X=values.reshape(len(rows), len(measured)),
            obs=obs,
            var=var,
            uns={"fairgraph": json.dumps(about, ensure_ascii=False)},
        )
        data.write_h5ad(path)
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                output.write(block)


def _series(pandas: Any, column: Column, cells: list[Any]) -> Any:
    if column.type == "numeric" and not column.multivalued:
        return [math.nan if cell is None else float(cell) for cell in cells]
    texts = [joined(cell) for cell in cells]
    return pandas.Categorical(
        texts, categories=sorted({text for text in texts if text is not None})
    )


def _variables(pandas: Any, columns: list[Column]) -> Any:
    told = {
        key: pandas.Categorical([getattr(column, key) or "" for column in columns])
        for key in ("unit", "unit_label", "property_iri", "property_curie")
    }
    names = [column.name for column in columns]
    return pandas.DataFrame(told, index=pandas.Index(names, dtype=object))


def _mean(cell: Any) -> float:
    if isinstance(cell, list):
        return float(sum(cell) / len(cell))
    return math.nan if cell is None else float(cell)


EXPORT = Export(
    "anndata",
    "AnnData",
    "export/anndata",
    "application/x-hdf5",
    "h5ad",
    write,
    scope="any",
    also=ALSO,
    selects=True,
    carried=("export/parquet/carried",),
    group="Machine learning",
    options=OPTIONS,
    needs=("anndata", "pandas"),
)
