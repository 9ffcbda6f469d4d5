"""The data card of a dataset: YAML front matter for programs, Markdown for people, or both as one JSON document.

The front matter begins with the keys of Hugging Face dataset cards, so that the folder in which the card is ``README.md`` beside
``samples.csv`` can be loaded with ``datasets``; what is ours follows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from fairgraph.exports import card_body, card_facts
from fairgraph.exports.card_facts import Card
from fairgraph.exports.description import FOLDER
from fairgraph.exports.export import Answers, Export
from fairgraph.exports.ml_matrix import Matrix
from fairgraph.exports.scored import FOLDERS

# What an export that contains a card asks beside its own queries.
ALSO = ("export/card", FOLDER, *FOLDERS)


def markdown(card: Card) -> str:
    """Return the whole card: front matter between lines of three hyphens, and the body."""
    return f"---\n{yaml_text(card.front_matter)}---\n{card_body.body(card)}"


def yaml_text(document: Mapping[str, Any]) -> str:
    """Return *document* as YAML 1.1, keys in their order; what is in it twice points to the first one."""
    import yaml

    return str(yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False, width=100))


def encoded(answers: Answers) -> bytes:
    """Return the card as the bytes of a Markdown file."""
    return markdown(card_facts.of(answers)).encode("utf-8", "replace")


def of_package(answers: Answers, matrix: Matrix, csv_bytes: int, files: Mapping[str, str]) -> bytes:
    """Return the card as README of a folder in which the matrix is ``samples.csv``; *files* says what else is there."""
    card = card_facts.of(answers, matrix)
    card.csv_bytes, card.files = csv_bytes, files
    return markdown(card).encode("utf-8", "replace")


def write(answers: Answers, output: BinaryIO) -> None:
    """Write the card as Markdown with front matter."""
    output.write(encoded(answers))


def write_json(answers: Answers, output: BinaryIO) -> None:
    """Write the same as one JSON document: the front matter, the columns of the matrix, and the body."""
    card = card_facts.of(answers)
    document = {
        **card.front_matter,
        "columns": card.columns_as_dicts(),
        "body_markdown": card_body.body(card),
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    output.write(f"{text}\n".encode("utf-8", "replace"))


EXPORTS: tuple[Export, ...] = (
    Export(
        "card",
        "Data Card (Markdown)",
        "export/card",
        "text/markdown; charset=utf-8",
        "md",
        write,
        also=ALSO,
        profile="https://huggingface.co/docs/hub/datasets-cards",
        group="Documentation",
    ),
    Export(
        "card-json",
        "Data Card (JSON)",
        "export/card",
        "application/json",
        "json",
        write_json,
        also=ALSO,
        group="Documentation",
    ),
)
