"""Code examples of a data card, made from the addresses and columns of the dataset; they run as they are."""

from __future__ import annotations

from collections.abc import Iterator

from fairgraph.exports.card_facts import Card
from fairgraph.exports.card_features import pandas_dtypes

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
    csv = card.api.get("ml_csv", "")
    if csv:
        yield "pandas", "python", _pandas(card, csv)
        yield "curl", "sh", f'curl -fsS{key} -o {card.slug}.csv "{csv}"\n'
    if "ml_zip" in card.api:
        yield "Hugging Face datasets", "python", _datasets(card)
    if "croissant" in card.api:
        yield "mlcroissant", "python", _croissant(card)
    yield "SPARQL", "sparql", _SPARQL.format(iri=card.iri)
    yield (
        "SPARQL over HTTP",
        "sh",
        f'curl -fsS{key} -H "Accept: text/csv" --data-urlencode query@query.rq "{card.api["sparql"]}"\n',
    )


def _pandas(card: Card, csv: str) -> str:
    dtypes = "".join(
        f"    {name!r}: {dtype!r},\n" for name, dtype in pandas_dtypes(card.matrix).items()
    )
    options = "" if card.is_public else ', storage_options={"X-API-Key": "YOUR_KEY"}'
    return (
        "import pandas as pd\n\n"
        "# Without dtypes, 001 would become 1 and NA a missing value.\n"
        f"dtypes = {{\n{dtypes}}}\n"
        f'samples = pd.read_csv(\n    {csv!r},\n    dtype=dtypes, keep_default_na=False, na_values=[""]{options},\n)\n'
    )


def _datasets(card: Card) -> str:
    return (
        "import io, urllib.request, zipfile\nfrom datasets import load_dataset\n\n"
        f"with urllib.request.urlopen({card.api['ml_zip']!r}) as answer:\n"
        f"    zipfile.ZipFile(io.BytesIO(answer.read())).extractall({card.slug!r})\n"
        f'samples = load_dataset({card.slug!r})["train"]\n'
    )


def _croissant(card: Card) -> str:
    return (
        "import mlcroissant as mlc\n\n"
        f"dataset = mlc.Dataset(jsonld={card.api['croissant']!r})\n"
        'records = list(dataset.records("samples"))\n'
    )
