"""The matrix as the Hugging Face Hub describes tables: features, splits, sizes."""

from __future__ import annotations

from typing import Any

from fairgraph.exports.ml_columns import Column
from fairgraph.exports.ml_matrix import Matrix

CSV = "samples.csv"
_DTYPES = {"identifier": "int64", "numeric": "float64"}
_MOST_LEVELS = 50
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def size_category(samples: int) -> str:
    """Return the size category of the Hub for a number of rows."""
    return next((name for limit, name in _SIZES if samples < limit), "1M<n<10M")


def dataset_info(matrix: Matrix, csv_bytes: int | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the configuration that loads the table, and what the Hub wants to know of it."""
    features = [_feature(column) for column in matrix.columns]
    config = {
        "config_name": "samples",
        "default": True,
        "data_files": [{"split": "train", "path": CSV}],
        # What pandas would take for a missing value (NA, None) is a value unless the cell is empty.
        "keep_default_na": False,
        "na_values": [""],
        # Here, and not in dataset_info alone, they are in force before pandas guesses types: 001 stays text.
        "features": features,
    }
    split: dict[str, Any] = {"name": "train", "num_examples": len(matrix)}
    info: dict[str, Any] = {"config_name": "samples", "features": features, "splits": [split]}
    if csv_bytes is not None:
        split["num_bytes"] = csv_bytes
        info |= {"download_size": csv_bytes, "dataset_size": csv_bytes}
    return config, info


def _feature(column: Column) -> dict[str, Any]:
    dtype: Any = _DTYPES.get(column.type, "string")
    if column.multivalued:
        dtype = "string"
    elif column.type == "categorical" and 0 < len(column.levels) <= _MOST_LEVELS:
        dtype = {
            "class_label": {"names": {str(n): name for n, name in enumerate(sorted(column.levels))}}
        }
    return {"name": column.name, "dtype": dtype}


def pandas_dtypes(matrix: Matrix) -> dict[str, str]:
    """Return the dtype that pandas must be told for each column, so that no value is changed."""
    return {
        column.name: {"identifier": "int64", "numeric": "float64"}.get(column.type, "string")
        if not column.multivalued
        else "string"
        for column in matrix.columns
    }
