"""Datasets of other formats as published datasets of generation 5: made from the core model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairgraph.exports.export import Answers, File
from fairgraph.pennsieve.json_text import MANIFEST_FORM, json_text
from fairgraph.pennsieve.keys import ORDERS, PREFIXES, SCHEMA_VERSION


def core_files(answers: Answers) -> Iterator[File]:
    """Yield the files of a dataset that was not published by the platform."""
    manifest: dict[str, Any] = {PREFIXES[0] + SCHEMA_VERSION: "5.0"}
    names = sorted(name.value for (name,) in answers.rows("name", dataset=[answers.dataset]))
    manifest["name"] = names[0] if names else ""
    order = {key: n for n, key in enumerate(ORDERS["manifest"])}
    document = dict(sorted(manifest.items(), key=lambda item: order.get(item[0], len(order))))
    yield "manifest.json", [json_text(document, MANIFEST_FORM).encode()]
