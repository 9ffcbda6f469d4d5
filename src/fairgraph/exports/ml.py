"""The ML matrix as JSON and as CSV: one row a sample, columns with types, units and terms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from fairgraph.curies import prefix_map
from fairgraph.errors import UsageError
from fairgraph.exports.export import Answers, Export, is_on
from fairgraph.exports.lineage import Lineage
from fairgraph.exports.ml_columns import SEPARATOR, Column, Issue
from fairgraph.exports.ml_facts import table, text
from fairgraph.exports.ml_matrix import OPTIONS, Matrix

ALSO = ("lineage", "ml")
_CSV_OPTIONS = {
    "excel": "a byte order mark, by which Excel knows that the file is UTF-8",
    "safe_cells": "an apostrophe before text that a spreadsheet would take for a formula (this alters data)",
}
_LINEAGE = {
    "lineage": "full: the edges from each row to what it comes from, too; no: no provenance_summary"
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(answers: Answers, output: BinaryIO) -> None:
    """Write the matrix as CSV (RFC 4180, but lines end in LF), UTF-8."""
    matrix = Matrix.of(answers)
    if is_on(answers.options, "excel"):
        output.write(b"\xef\xbb\xbf")
    output.writelines(csv_lines(matrix, safe=is_on(answers.options, "safe_cells")))


def csv_lines(matrix: Matrix, *, safe: bool = False) -> Iterator[bytes]:
    """Yield the CSV of a matrix in blocks of whole lines, the header first."""
    rows: Iterable[list[Any]] = matrix.texts()
    header = [column.name for column in matrix.columns]
    if safe:
        header = [_safe(name) for name in header]
        numeric = [column.type in ("numeric", "identifier") for column in matrix.columns]
        rows = (
            [cell if plain else _safe(cell) for cell, plain in zip(row, numeric, strict=True)]
            for row in rows
        )
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    for count, row in enumerate(rows, 1):
        writer.writerow(row)
        if not count % 1000:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _safe(cell: str | None) -> str:
    return f"'{cell}" if cell and cell.startswith(_FORMULA) else cell or ""


def write_json(answers: Answers, output: BinaryIO) -> None:
    """Write the matrix as JSON with the keys ``metadata``, ``columns``, ``rows`` and ``provenance_summary``, one row a line."""
    detail = answers.options.get("lineage", "summary").lower()
    if detail not in ("summary", "full", "no"):
        raise UsageError(f"there is no lineage {detail!r}", hint="lineage: summary, full, no")
    matrix = Matrix.of(answers)
    issues = list(matrix.issues)
    lineage = None
    if detail != "no":
        lineage = Lineage.of(answers)
        issues += [
            Issue("cycle", f"these come from each other: {', '.join(cycle)}")
            for cycle in lineage.cycles
        ]
    output.write(b'{\n"metadata": ' + _json(metadata(matrix, issues)) + b',\n"columns": [')
    _write_lines(output, (_json(entry(column)) for column in matrix.columns))
    output.write(b'],\n"rows": [')
    _write_lines(output, (_json(row) for row in matrix.rows()))
    output.write(b"]")
    if lineage is not None:
        output.write(b',\n"provenance_summary": {')
        names = _root_names(answers) | matrix.labels
        found = provenance(matrix, lineage, names, full=detail == "full")
        _write_lines(output, (_json(name) + b": " + _json(about) for name, about in found))
        output.write(b"}")
    output.write(b"\n}\n")


def metadata(matrix: Matrix, issues: Iterable[Issue] = ()) -> dict[str, Any]:
    """Return what the JSON says of the whole matrix; *issues* beside those of the columns."""
    several = matrix.investigations
    only = several[0] if len(several) == 1 else None
    about: dict[str, Any] = {
        "investigation_id": only.number if only else None,
        "investigation_title": only.title if only else None,
        "export_date": matrix.export_date,
        "sample_count": len(matrix),
        "feature_count": len(matrix.features),
        "ontology_prefix_map": prefix_map(_curies(matrix.columns)),
        "rows": matrix.grain,
    }
    if only is None:
        about["investigations"] = [
            {"id": item.number, "name": item.slug, "title": item.title} for item in several
        ]
    about["issues"] = [{"code": issue.code, "message": issue.message} for issue in issues]
    return about


def entry(column: Column) -> dict[str, Any]:
    """Return what the JSON says of one column: the keys that apply to it."""
    about: dict[str, Any] = {"name": column.name, "type": column.type}
    if ":" not in column.name or column.type == "identifier":
        return about
    if column.type == "ontology" or column.terms:
        about["ontology_curie"] = column.curie
    if column.type == "numeric" or column.unit_label:
        about |= {"unit": column.unit, "unit_label": column.unit_label, "unit_iri": column.unit_iri}
    about |= {"property_iri": column.property_iri, "property_curie": column.property_curie}
    if column.terms:
        about["terms"] = {
            label: {"curie": term.curie, "iri": term.iri} for label, term in column.terms.items()
        }
    if column.levels:
        about["levels"] = list(column.levels)
    if column.type == "numeric":
        about |= {"minimum": column.minimum, "maximum": column.maximum}
    about["missing"] = column.missing
    if column.missing_reasons:
        about["missing_reasons"] = dict(column.missing_reasons)
    about["inherited_cells"] = column.inherited_cells
    about["multivalued"] = column.multivalued
    if column.multivalued:
        about["separator"] = SEPARATOR
    if column.issues:
        about["issues"] = [issue.message for issue in column.issues]
    return about


def provenance(
    matrix: Matrix, lineage: Lineage, names: Mapping[str, str], *, full: bool = False
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield for each row its number, and depth, roots, process chain and group; with *full* the edges up to its roots, too."""
    ids = matrix.ids
    groups = lineage.groups(ids)
    for iri, number in ids.items():
        roots = lineage.roots(iri)
        about: dict[str, Any] = {
            "depth": lineage.depth(iri),
            "root_samples": list(roots),
            "root_labels": [names.get(root) or root.rsplit("/", 1)[-1] for root in roots],
            "process_chain": list(lineage.chain(iri)),
            "group": groups[iri],
        }
        if full:
            about["edges"] = list(_edges(lineage, iri))
        yield str(number), about


def _root_names(answers: Answers) -> dict[str, str]:
    found: dict[str, str] = {}
    for iri, name in table(answers, "lineage/root-names"):
        found[text(iri)] = min(text(name), found.get(text(iri), text(name)))
    return found


def _edges(lineage: Lineage, iri: str) -> Iterator[list[str]]:
    todo, seen = [iri], {iri}
    while todo:
        thing = todo.pop()
        for origin in lineage.origins(thing):
            yield [thing, origin]
            if origin not in seen:
                seen.add(origin)
                todo.append(origin)


def _curies(columns: Iterable[Column]) -> Iterator[str]:
    for column in columns:
        yield from filter(None, (column.unit, column.property_curie))
        yield from (term.curie for term in column.terms.values() if term.curie)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _write_lines(output: BinaryIO, lines: Iterable[bytes]) -> None:
    between = b"\n"
    for line in lines:
        output.write(between + line)
        between = b",\n"
    output.write(b"\n")


EXPORTS = (
    Export(
        "ml-json",
        "ML-Ready (JSON)",
        "export/ml-json",
        "application/json",
        "json",
        write_json,
        scope="any",
        also=ALSO,
        selects=True,
        group="Machine learning",
        options=OPTIONS | _LINEAGE,
    ),
    Export(
        "ml-csv",
        "ML-Ready (CSV)",
        "export/ml-csv",
        "text/csv; charset=utf-8",
        "csv",
        write_csv,
        scope="any",
        also=ALSO,
        selects=True,
        group="Machine learning",
        options=OPTIONS | _CSV_OPTIONS,
    ),
)
