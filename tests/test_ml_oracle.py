"""The readers of machine learning as oracles: pandas, frictionless, csvw, mlcroissant, datasets, pyarrow, anndata read what we write.

They are many and large, so they have an environment of their own: ``make oracle-ml``.
"""

from __future__ import annotations

import importlib.util
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fairgraph
import ml_oracle
from fairgraph.errors import FairgraphError
from support import EXAMPLE, ROOT, corpus_paths

NEEDED = ("anndata", "csvw", "datasets", "frictionless", "huggingface_hub", "mlcroissant", "pandas", "pyarrow")  # fmt: skip
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
SPECIFICATION = ROOT / "tests" / "fixtures" / "mouse-transcriptomics"
CORPUS_NAMES = {path.name: path for path in corpus_paths("isa/tab/*")}

pytestmark = [
    pytest.mark.ml_oracle,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        bool(MISSING) and "CI" not in os.environ, reason=f"make oracle-ml has {', '.join(MISSING)}"
    ),
]

# Everything that may go wrong with a table, in one: quotes, separators, words for nothing, numbers that are texts.
AWKWARD = (
    ("Source Name", "Characteristics[code]", "Characteristics[a,b \"c\"]", "Protocol REF", "Sample Name", "Characteristics[mass]", "Unit", "Characteristics[note/x]", "Factor Value[dose]", "Factor Value[state]"),
    ("m1", "001", "x;y", "P", "001", "1.50", "gram", "NA", "1", "no"),
    ("m1", "001", "x;y", "P", "1E5", "2", "gram", "None", "2.0", "yes"),
    ("m2", "1E5", "=1+1", "P", "TRUE", "not collected", "gram", "nan", "x", "null"),
    ("m2", "1E5", "=1+1", "P", "TRUE", "3", "gram", "caf\u00e9 \u2028", "x", "null"),
    ("m3", "", "a\\b", "P", "NA", "", "", "", "", ""),
)  # fmt: skip


def awkward(folder: Path) -> Path:
    target = folder / "awkward"
    target.mkdir()
    (target / "s_awkward.txt").write_text(
        "".join("\t".join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in row) + "\n" for row in AWKWARD), encoding="utf-8"
    )  # fmt: skip
    (target / "i_investigation.txt").write_text(
        'INVESTIGATION\nInvestigation Title\tno: "awkward" # title\nSTUDY\nStudy Identifier\ts\n'
        "Study File Name\ts_awkward.txt\n",
        encoding="utf-8",
    )
    return target


def unpacked(fg: Any, dataset: Any, folder: Path) -> Path:
    """Everything that the readers want, of one dataset (or several) in one folder."""
    with zipfile.ZipFile(io.BytesIO(fg.export("ml-zip", dataset).to_bytes())) as archive:
        archive.extractall(folder)
    for form, name in (("ml-json", "json"), ("parquet", "parquet"), ("anndata", "h5ad")):
        (folder / f"matrix.{name}").write_bytes(fg.export(form, dataset).to_bytes())
    return folder


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    folder = tmp_path_factory.mktemp("oracle")
    with fairgraph.open("memory:") as fg:
        for path in (SPECIFICATION, EXAMPLE, awkward(folder)):
            fg.add(path)
        fg.add(path, slug="awkward-twin")
        datasets: dict[str, Any] = {
            "specification": 1,
            "example": 2,
            "awkward": 3,
            "several": [2, 3],
        }
        yield {name: unpacked(fg, dataset, folder / name) for name, dataset in datasets.items()}


@pytest.mark.parametrize("dataset", ["specification", "example", "awkward", "several"])
@pytest.mark.parametrize("reader", ml_oracle.READERS, ids=lambda reader: reader.__name__)
def test_readers_see_our_cells(own: dict[str, Path], dataset: str, reader: Any) -> None:
    reader(own[dataset])


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize("name", CORPUS_NAMES)
def test_readers_see_the_cells_of_real_data(name: str, tmp_path: Path) -> None:
    with fairgraph.open("memory:") as fg:
        try:
            dataset = fg.add(CORPUS_NAMES[name]).dataset
        except FairgraphError as error:
            pytest.skip(f"is not read: {error}")
        folder = unpacked(fg, dataset, tmp_path)
        for reader in ml_oracle.READERS:
            reader(folder)


@pytest.mark.parametrize("dataset", ["specification", "example", "awkward"])
def test_the_hub_reads_our_card(own: dict[str, Path], dataset: str) -> None:
    import yaml
    from huggingface_hub import DatasetCard

    text = (own[dataset] / "README.md").read_text(encoding="utf-8")
    card = DatasetCard.load(own[dataset] / "README.md")
    known = yaml.safe_load(text.split("\n---\n", 1)[0].removeprefix("---\n"))
    assert card.data.to_dict() == known
    assert card.data.pretty_name == known["identity"]["title"]
    assert card.text.strip() == text.split("\n---\n", 1)[1].strip()
    again = DatasetCard(str(card))
    assert again.data.to_dict() == known


def test_datasets_knows_the_features_of_our_card(own: dict[str, Path]) -> None:
    from datasets import ClassLabel, Value, load_dataset

    samples = load_dataset(str(own["example"]), "samples", split="train")
    assert len(samples) == 42
    assert samples.features["factor:light regime"] == ClassLabel(
        names=["12 h light, 12 h dark", "16 h light, 8 h dark"]
    )
    assert samples.features["sample_id"] == Value("int64")
