"""The CSV of a matrix described as a Frictionless Data Package and by CSV on the Web (W3C 2015)."""

from __future__ import annotations

from typing import Any

from fairgraph.exports.croissant import explain
from fairgraph.exports.ml_about import About
from fairgraph.exports.ml_columns import SEPARATOR, Column, identifiers
from fairgraph.exports.ml_matrix import Matrix
from fairgraph.terms import slugify


def data_package(matrix: Matrix, about: About, sha256: str, size: int) -> dict[str, Any]:
    """Return ``datapackage.json`` (Frictionless Data Package 1.0) for ``samples.csv`` beside it."""
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": slugify(about.name).lower(),
        "title": about.title,
        "description": about.description,
        "version": about.version,
        "homepage": about.page,
        "created": f"{matrix.export_date}T00:00:00Z",
        "licenses": [_license(about.license)] if about.license else [],
        "contributors": [
            {"title": name, "role": "author"} | ({"path": orcid} if orcid else {})
            for name, orcid in about.creators
        ],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "samples",
                "path": "samples.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": size,
                "hash": f"sha256:{sha256}",
                "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True},
                "schema": {
                    "fields": [_field(column) for column in matrix.columns],
                    "missingValues": [""],
                    "primaryKey": "sample_id",
                },
            }
        ],
    }
    return {key: value for key, value in package.items() if value not in ("", [])}


def csvw(matrix: Matrix, about: About, samples: str | None) -> dict[str, Any]:
    """Return ``csv-metadata.json`` (W3C Metadata Vocabulary for Tabular Data); *samples* is the template of the rows' IRIs, if they have some."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": "samples.csv",
        "dc:title": about.title,
        "dc:description": about.description,
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\n"]},
        "tableSchema": {
            **({"aboutUrl": samples} if samples else {}),
            "primaryKey": "sample_id",
            "columns": [
                _column(column, name)
                for column, name in zip(matrix.columns, identifiers(matrix.columns), strict=True)
            ],
        },
    }


def _license(text: str) -> dict[str, str]:
    return {"path": text} if "://" in text else {"name": text}


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _type(column),
        "description": explain(column),
    }
    if column.multivalued:
        field["separator"] = SEPARATOR
    elif column.type == "categorical" and column.levels:
        field["constraints"] = {"enum": list(column.levels)}
    if column.property_iri:
        field["rdfType"] = column.property_iri
    if column.unit or column.unit_label:
        field["unit"] = {"curie": column.unit, "label": column.unit_label}
    if column.type == "identifier":
        field["constraints"] = {"required": True, "unique": True}
    return field


def _type(column: Column) -> str:
    if column.multivalued:
        return "string"
    return {"identifier": "integer", "numeric": "number"}.get(column.type, "string")


def _column(column: Column, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "titles": column.name,
        "dc:description": explain(column),
        "datatype": {"identifier": "integer", "numeric": "number"}.get(column.type, "string"),
        "null": "",
    }
    if column.type == "identifier":
        found |= {"required": True}
    if column.multivalued:
        found["separator"] = SEPARATOR
    if column.property_iri:
        found["propertyUrl"] = column.property_iri
    return found
