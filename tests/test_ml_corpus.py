"""Every ML export of every dataset of the corpus: no error, the same bytes twice, the same cells in each."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

import fairgraph
from fairgraph.errors import FairgraphError
from fairgraph.exports.export import installed
from support import corpus_paths

SOURCES = corpus_paths("isa/tab/*", "isa/json/*/*.json")
FORMATS = [export.name for export in installed() if export.group == "Machine learning"]

pytestmark = [pytest.mark.corpus, pytest.mark.slow]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_export_of_real_data(source: Path) -> None:
    with fairgraph.open("memory:") as fg:
        try:
            dataset = fg.add(source).dataset
        except FairgraphError as error:
            pytest.skip(f"is not read: {error}")
        written = {name: fg.export(name, dataset).to_bytes() for name in FORMATS}
        assert written == {name: fg.export(name, dataset).to_bytes() for name in FORMATS}
    document = json.loads(written["ml-json"])
    names = [column["name"] for column in document["columns"]]
    assert len(set(names)) == len(names)
    table = list(csv.reader(io.StringIO(written["ml-csv"].decode(), newline="")))
    assert table[0] == names
    assert [row[:2] for row in table[1:]] == [[str(row[0]), row[1]] for row in document["rows"]]
    assert set(document["provenance_summary"]) == {row[0] for row in table[1:]}
    with zipfile.ZipFile(io.BytesIO(written["ml-zip"])) as archive:
        assert archive.read("samples.csv") == written["ml-csv"]
        for line in archive.read("SHA256SUMS").decode().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    croissant = json.loads(written["croissant"])
    digest = hashlib.sha256(written["ml-csv"]).hexdigest()
    assert croissant["distribution"][0]["sha256"] == digest
