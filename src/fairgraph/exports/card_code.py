"""Code examples of a data card, made from the addresses and columns of the dataset; they run as they are."""

from __future__ import annotations

from collections.abc import Iterator

from fairgraph.exports.card_facts import Card
from fairgraph.exports.card_features import CSV, pandas_dtypes

_LOCAL_DATASETS = """\
from datasets import load_dataset

samples = load_dataset(".", "samples", split="train")
"""
_SPARQL = """\
PREFIX isa: <https://w3id.org/fairgraph/isa#>
PREFIX schema: <http://schema.org/>
SELECT ?study (COUNT(?sample) AS ?samples)
FROM <{iri}>
WHERE {{ ?study a isa:Study ; isa:sample ?sample }}
GROUP BY ?study
"""


def examples(card: Card) -> Iterator[tuple[str, str, str]]:
    """Yield examples: a heading, the language, the code."""
    key = "" if card.is_public else ' -H "X-API-Key: YOUR_KEY"'
    if card.files:
        yield "pandas", "python", _pandas(card, CSV)
        yield "Hugging Face datasets", "python", _LOCAL_DATASETS
    else:
        yield "pandas", "python", _pandas(card, card.api["ml_csv"])
        yield "curl", "sh", f'curl -fsS{key} -o {card.slug}.csv "{card.api["ml_csv"]}"\n'
        yield "Hugging Face datasets", "python", _datasets(card)
        yield "mlcroissant", "python", _croissant(card)
    yield "SPARQL", "sparql", _SPARQL.format(iri=card.iri)
    yield (
        "SPARQL over HTTP, with the query above in query.rq",
        "sh",
        f'curl -fsS{key} -H "Accept: text/csv" --data-urlencode query@query.rq "{card.api["sparql"]}"\n',
    )


def _pandas(card: Card, csv: str) -> str:
    dtypes = "".join(
        f"    {_quoted(name)}: {_quoted(dtype)},\n"
        for name, dtype in pandas_dtypes(card.matrix).items()
    )
    needs_key = not card.is_public and csv != CSV
    options = ', storage_options={"X-API-Key": "YOUR_KEY"}' if needs_key else ""
    return (
        "import pandas as pd\n\n"
        "# Without these, pandas reads 001 as 1 and the text NA as nothing.\n"
        f"dtypes = {{\n{dtypes}}}\n"
        f"df = pd.read_csv(\n    {_quoted(csv)},\n"
        f'    dtype=dtypes, keep_default_na=False, na_values=[""]{options},\n)\n'
    )


def _quoted(text: str) -> str:
    """Return a text as a Python string literal, in ASCII where it is no letter of a language."""
    return repr(text) if text.isprintable() else ascii(text)


def _datasets(card: Card) -> str:
    return (
        "import io, urllib.request, zipfile\nfrom datasets import load_dataset\n\n"
        f"with urllib.request.urlopen({card.api['ml_zip']!r}) as answer:\n"
        f"    zipfile.ZipFile(io.BytesIO(answer.read())).extractall({card.slug!r})\n"
        f'samples = load_dataset({card.slug!r}, "samples", split="train")\n'
    )


def _croissant(card: Card) -> str:
    return (
        "import mlcroissant as mlc\n\n"
        f"dataset = mlc.Dataset(jsonld={card.api['croissant']!r})\n"
        'records = list(dataset.records("samples"))\n'
    )
