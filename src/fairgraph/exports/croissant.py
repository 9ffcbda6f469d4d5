"""Croissant 1.1: what the CSV of a matrix holds, for the loaders of machine learning (MLCommons)."""

from __future__ import annotations

import hashlib
import json
from typing import Any, BinaryIO

from fairgraph.exports.description import FOLDER
from fairgraph.exports.export import Answers, Export
from fairgraph.exports.ml import ALSO, csv_lines
from fairgraph.exports.ml_about import About
from fairgraph.exports.ml_columns import SEPARATOR, Column, identifiers
from fairgraph.exports.ml_matrix import OPTIONS, Matrix

PROFILE = "http://mlcommons.org/croissant/1.1"
_RAI = "http://mlcommons.org/croissant/RAI/1.0"
_TERMS = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes",
    "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace",
    "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
} | {term: f"cr:{term}" for term in _TERMS}
_FILE = "samples.csv"


def write(answers: Answers, output: BinaryIO) -> None:
    """Write the description of the export ``ml-csv`` of the same datasets, with its SHA-256."""
    matrix = Matrix.of(answers)
    sha256 = hashlib.sha256()
    size = 0
    for lines in csv_lines(matrix):
        sha256.update(lines)
        size += len(lines)
    about = About.of(answers, matrix)
    document = describe(matrix, about, about.csv, sha256.hexdigest(), size)
    output.write(json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")


def describe(matrix: Matrix, about: About, url: str, sha256: str, size: int) -> dict[str, Any]:
    """Return the Croissant document (JSON-LD) of a matrix whose CSV is at *url*."""
    document: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [PROFILE, _RAI],
        "name": about.title,
        "description": about.description,
        "url": about.page,
        "version": about.version,
        "datePublished": about.published,
        "creator": [_person(*creator) for creator in about.creators],
        "citeAs": _citation(about),
        "license": about.license,
        "identifier": about.doi,
        "rai:dataLimitations": [issue.message for issue in matrix.issues],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": _FILE,
                "name": _FILE,
                "contentUrl": url,
                "contentSize": f"{size} B",
                "encodingFormat": "text/csv",
                "sha256": sha256,
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "samples",
                "name": "samples",
                "description": f"One record for each row of {_FILE}.",
                "key": {"@id": "samples/sample_id"},
                "field": [
                    _field(column, name)
                    for column, name in zip(
                        matrix.columns, identifiers(matrix.columns), strict=True
                    )
                ],
            }
        ],
    }
    return {key: value for key, value in document.items() if value not in ("", [])}


def explain(column: Column) -> str:
    """Return what a column is, in a sentence."""
    group, colon, name = column.name.partition(":")
    if not colon:
        return {
            "sample_id": "The number of the row, which stays.",
            "sample_label": "The name of the row.",
            "investigation": "The short name of the dataset that the row comes from.",
            "sample_iri": "The IRI of what the row is about.",
        }[column.name]
    kind = {"annotation": "Characteristic", "factor": "Study factor", "measurement": "Measurement"}
    unit = f", in {column.unit_label}" if column.unit_label else ""
    unit += f" ({column.unit})" if column.unit else ""
    term = f" ({column.property_curie})" if column.property_curie else ""
    return f"{kind[group]} {name}{term}{unit}."


def _field(column: Column, name: str) -> dict[str, Any]:
    kind = {"identifier": "sc:Integer", "numeric": "sc:Float"}.get(column.type, "sc:Text")
    source: dict[str, Any] = {
        "fileObject": {"@id": _FILE},
        "extract": {"column": column.name},
    }
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"samples/{name}",
        "name": column.name,
        "description": explain(column),
        "dataType": kind,
        "source": source,
    }
    if column.multivalued:
        # Readers split text, and know of no escapes: what is split is text, too.
        field |= {"dataType": "sc:Text", "cr:isArray": True, "cr:arrayShape": "-1"}
        source["transform"] = {"separator": SEPARATOR}
    if column.property_iri:
        field["equivalentProperty"] = column.property_iri
    return field


def _person(name: str, orcid: str) -> dict[str, str]:
    return {"@type": "sc:Person", "name": name} | ({"url": orcid} if orcid else {})


def _citation(about: About) -> str:
    people = ", ".join(name for name, _ in about.creators)
    where = f"https://doi.org/{about.doi}" if about.doi else about.page
    return ". ".join(part for part in (people, about.title, about.published[:4], where) if part)


EXPORT = Export(
    "croissant",
    "Croissant",
    "export/croissant",
    "application/ld+json",
    "json",
    write,
    scope="any",
    also=(FOLDER, *ALSO),
    profile=PROFILE,
    group="Machine learning",
    options=OPTIONS,
)
