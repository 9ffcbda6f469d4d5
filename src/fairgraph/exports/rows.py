"""Tables as CSV (RFC 4180): samples, processes, investigations, of one dataset or of the whole store."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any, BinaryIO

from fairgraph.exports.export import Answers, Export
from fairgraph.terms import SCHEMA

SHARED = "tables"
SAMPLES = (
    "sample_id",
    "sample",
    "study",
    "organism",
    "material_type",
    "description",
    "characteristics",
    "factor_values",
    "parent_process",
    "parent_protocol",
    "parents",
    "study_iri",
    "investigation_id",
    "iri",
)
PROCESSES = (
    "process",
    "study",
    "table",
    "protocol",
    "category",
    "date",
    "performer",
    "parameters",
    "inputs",
    "outputs",
    "study_iri",
    "investigation_id",
    "iri",
)
_PARAMETERS, _INPUTS, _OUTPUTS = (
    PROCESSES.index(name) for name in ("parameters", "inputs", "outputs")
)
INVESTIGATIONS = (
    "investigation_id",
    "identifier",
    "title",
    "description",
    "status",
    "submission_date",
    "release_date",
    "format",
    "studies",
    "assays",
    "samples",
    "processes",
    "iri",
)


def write_samples(answers: Answers, output: BinaryIO) -> None:
    """Write one row a sample: number, name, study, organism, material type, characteristics, factor values, parent process."""
    rows = [row for own in answers.each() for row in _sample_rows(own)]
    _write(output, SAMPLES, sorted(rows, key=_by_number))


def _sample_rows(answers: Answers) -> Iterator[tuple[str, ...]]:
    values: dict[str, dict[str, set[str]]] = {}
    for sample, relation, category, factor, value, unit in answers.rows("values"):
        about = values.setdefault(sample.value, {})
        name = category.value.lower()
        if name in ("organism", "material type"):
            about.setdefault(f"{relation.value} {name}", set()).add(_with_unit(value, unit))
        if relation.value == "own":
            kind = "factor_values" if factor is not None else "characteristics"
            about.setdefault(kind, set()).add(f"{category.value}: {_with_unit(value, unit)}")
    parents = _collect(answers.rows("parents"), ("process", "name", "protocol", "input"))
    studies = _studies(answers)
    for sample, number, name, description, study, study_name, _ in answers.rows("samples"):
        about, parent = values.get(sample.value, {}), parents.get(sample.value, {})
        yield (
            _text(number),
            _text(name),
            _text(study_name) or _last(study),
            _joined(about.get("own organism") or about.get("inherited organism")),
            _joined(about.get("own material type") or about.get("inherited material type")),
            _text(description),
            _joined(about.get("characteristics")),
            _joined(about.get("factor_values")),
            _joined(parent.get("name") or map(_end, parent.get("process", ()))),
            _joined(parent.get("protocol")),
            _joined(parent.get("input")),
            study.value,
            studies.get(study.value, ("", ""))[1],
            sample.value,
        )


def write_processes(answers: Answers, output: BinaryIO) -> None:
    """Write one row a process: protocol and its type, date, performer, parameter values, inputs and outputs."""
    rows = [row for own in answers.each() for row in _process_rows(own)]
    rows.sort(key=itemgetter(-1))
    _write(output, PROCESSES, (tuple(map(_shown, row)) for row in rows))


def _process_rows(answers: Answers) -> Iterable[list[Any]]:
    studies = _studies(answers)
    tables = {row["table"].value: row for row in answers.rows("tables")}
    known: dict[
        str, str
    ] = {}  # the names of protocols and the like, once and not for every process

    def once(term: Any) -> str:
        text = _text(term)
        return known.setdefault(text, text)

    rows: dict[str, list[Any]] = {}
    for found in answers.rows("processes"):
        iri, table = found["process"].value, _text(found["table"])
        place = tables.get(table)
        study, file = (once(place["study"]), once(place["name"])) if place else ("", "")
        identifier, investigation = studies.get(study, ("", ""))
        row = rows.setdefault(iri, [""] * len(PROCESSES))
        for column, text in enumerate(
            (
                _text(found["name"]) or _end(iri),
                identifier or _end(study),
                file or _end(once(found["table"])),
                once(found["protocol"]),
                once(found["category"]),
                once(found["date"]),
                once(found["performer"]),
            )
        ):
            _put(row, column, text)
        for column, text in enumerate((study, investigation, iri), _OUTPUTS + 1):
            _put(row, column, text)
    for process, relation, name in answers.rows("edges"):
        if (edges := rows.get(process.value)) is not None:
            _put(edges, _INPUTS if relation.value == SCHEMA.object else _OUTPUTS, name.value)
    for process, parameter, value, unit in answers.rows("values"):
        if (parameters := rows.get(process.value)) is not None:
            _put(parameters, _PARAMETERS, f"{parameter.value}: {_with_unit(value, unit)}")
    return rows.values()


def write_investigations(answers: Answers, output: BinaryIO) -> None:
    """Write one row an investigation: number, title, status, dates and counts."""
    rows = [row for own in answers.each() for row in _investigation_rows(own)]
    _write(output, INVESTIGATIONS, sorted(rows, key=_by_number))


def _investigation_rows(answers: Answers) -> Iterable[tuple[str, ...]]:
    counts: dict[tuple[str, str], str] = {}
    for investigation, kind, count in answers.rows("counts"):
        counts[investigation.value, kind.value] = count.value
    rows: dict[str, tuple[str, ...]] = {}
    for found in sorted(answers.rows("investigations"), key=str):
        investigation, number, identifier, title, description, submitted, released, status, form = (
            found
        )
        iri = investigation.value
        rows[iri] = (
            _text(number),
            _text(identifier),
            _text(title),
            _text(description),
            _text(status),
            _text(submitted),
            _text(released),
            _text(form),
            *(
                counts.get((iri, kind), "0")
                for kind in ("studies", "assays", "samples", "processes")
            ),
            iri,
        )
    return rows.values()


def _put(row: list[Any], column: int, text: str) -> None:
    """Put a text into a cell; a cell of several texts becomes a set, as few are."""
    there = row[column]
    if not there:
        row[column] = text
    elif text and text != there:
        row[column] = {text, *([there] if isinstance(there, str) else there)}


def _shown(cell: Any) -> str:
    return cell if isinstance(cell, str) else _joined(cell)


def _studies(answers: Answers) -> dict[str, tuple[str, str]]:
    """Return the identifier of each study and the number of its investigation."""
    return {
        row["study"].value: (_text(row["identifier"]), _text(row["number"]))
        for row in answers.rows(f"{SHARED}/studies")
    }


def _write(output: BinaryIO, header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    text = io.TextIOWrapper(
        output, encoding="utf-8", errors="replace", newline="", write_through=True
    )
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(rows)
    finally:
        text.detach()


def _collect(rows: Iterable[Any], names: tuple[str, ...]) -> dict[str, dict[str, set[str]]]:
    found: dict[str, dict[str, set[str]]] = {}
    for subject, *values in rows:
        about = found.setdefault(subject.value, {})
        for name, value in zip(names, values, strict=True):
            if value is not None:
                about.setdefault(name, set()).add(value.value)
    return found


def _joined(values: Iterable[str] | None) -> str:
    return "; ".join(sorted(values or ()))


def _with_unit(value: Any, unit: Any) -> str:
    return f"{value.value} {unit.value}" if unit is not None else str(value.value)


def _text(term: Any) -> str:
    return "" if term is None else str(term.value)


def _last(term: Any) -> str:
    return _end(_text(term))


def _end(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]


def _by_number(row: tuple[str, ...]) -> tuple[float, str]:
    return _integer(row[0]), row[-1]


def _integer(text: str) -> float:
    return float(text) if text else float("inf")


def _table(name: str, label: str, write: Any) -> Export:
    return Export(
        name,
        label,
        f"export/{name}",
        "text/csv; charset=utf-8",
        "csv",
        write,
        scope="any",
        also=(SHARED,),
        group="Tables",
    )


EXPORTS: tuple[Export, ...] = (
    _table("samples-csv", "Samples (CSV)", write_samples),
    _table("processes-csv", "Processes (CSV)", write_processes),
    _table("investigations-csv", "Investigations (CSV)", write_investigations),
)
