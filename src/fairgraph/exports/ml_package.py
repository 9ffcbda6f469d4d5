"""The ML matrix as a ZIP archive that describes itself: table, README, descriptions for four kinds of readers, provenance, checksums."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from fairgraph.exports import card, croissant, prov_o
from fairgraph.exports.export import Answers, Export, File
from fairgraph.exports.lent import Lent
from fairgraph.exports.ml import ALSO, csv_lines, entry, metadata
from fairgraph.exports.ml_about import About
from fairgraph.exports.ml_matrix import OPTIONS, Matrix
from fairgraph.exports.ml_readme import FILES, readme
from fairgraph.exports.ml_schemas import csvw, data_package
from fairgraph.exports.package import write_zip

_MEMORY_BYTES = 64 * 1024 * 1024
_BLOCK = 1 << 16
Write = Callable[[Answers, BinaryIO], None]
# Files of other exports, written by their own serializers.
OTHERS: dict[str, Export] = {"prov.jsonld": prov_o.EXPORT}


def files(answers: Answers) -> Iterator[File]:
    """Yield the files of the archive by name; the checksums of all others come last."""
    sums: list[str] = []
    for name, contents in sorted(_files(answers), key=lambda file: file[0] != "README.md"):
        sha256 = hashlib.sha256()
        yield name, _hashed(contents, sha256)
        sums.append(f"{sha256.hexdigest()}  {name}\n")
    yield "SHA256SUMS", ["".join(sorted(sums, key=lambda line: line.split("  ", 1)[1])).encode()]


def _files(answers: Answers) -> Iterator[File]:
    matrix = Matrix.of(answers)
    about = About.of(answers, matrix)
    sha256, size = hashlib.sha256(), 0
    for lines in csv_lines(matrix):
        sha256.update(lines)
        size += len(lines)
    digest = sha256.hexdigest()
    yield "README.md", [_readme(answers, matrix, about, size)]
    columns = {
        "metadata": metadata(matrix, matrix.issues),
        "columns": [*map(entry, matrix.columns)],
    }
    yield "columns.json", _json(columns)
    yield "croissant.json", _json(croissant.describe(matrix, about, "samples.csv", digest, size))
    # Only samples have pages under their numbers.
    rows = f"{answers.base}samples/{{sample_id}}" if matrix.grain == "samples" else None
    yield "csv-metadata.json", _json(csvw(matrix, about, rows))
    yield "datapackage.json", _json(data_package(matrix, about, digest, size))
    for name, export in OTHERS.items():
        yield name, _written(Lent(answers, export), export.write)
    yield "samples.csv", csv_lines(matrix)


def _readme(answers: Answers, matrix: Matrix, about: About, size: int) -> bytes:
    """Return the data card of a whole dataset, or a README where the matrix is of several, of a part, or made with options."""
    if len(answers.datasets) == 1 and answers.selection is None and not answers.options:
        return card.of_package(answers, matrix, size, FILES)
    return readme(matrix, about, size).encode("utf-8", "replace")


def _written(answers: Answers, write: Write) -> Iterator[bytes]:
    with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES) as file:
        write(answers, file)  # type: ignore[arg-type]
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


def _hashed(contents: Iterable[bytes], sha256: Any) -> Iterator[bytes]:
    for block in contents:
        sha256.update(block)
        yield block


def _json(value: Any) -> list[bytes]:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    return [text.encode("utf-8", "replace") + b"\n"]


def write(answers: Answers, output: BinaryIO) -> None:
    """Write the files as a ZIP archive: the same bytes for the same graph."""
    write_zip(files(answers), output)


EXPORT = Export(
    "ml-zip",
    "ML-Ready (ZIP)",
    "export/ml-zip",
    "application/zip",
    "zip",
    write,
    scope="any",
    also=(*ALSO, *card.ALSO, *(export.query for export in OTHERS.values())),
    selects=True,
    group="Machine learning",
    options=OPTIONS,
    files=files,
    carried=(
        "export/ml-csv/carried",
        "export/ml-json/carried",
        "export/croissant/carried",
        card.EXPORTS[0].carried_queries[0],
        *OTHERS["prov.jsonld"].carried_queries,
    ),
)
