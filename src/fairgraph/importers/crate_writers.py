"""Which program wrote a notebook or crate: its own terms are kept under its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

# What the descriptor, its publisher or the root says of the program, in lower case; the first that fits counts.
WRITERS = (
    ("elabftw", "elabftw"),
    ("kadi4mat", "kadi4mat"),
    ("kadi", "kadi4mat"),
    ("pasta", "pasta"),
    ("sampledb", "sampledb"),
    ("rspace", "rspace"),
    ("scilog", "scilog"),
    ("datalab", "datalab"),
    ("opensemanticlab", "opensemanticlab"),
    ("opensemantic", "opensemanticlab"),
    ("benchlineage", "benchlineage"),
    ("ai4green", "ai4green"),
    ("sensolytics", "sensolytics"),
    ("metadatapp", "metadatapp"),
)
OTHER = "other"


def writer_of(nodes: list[dict[str, Any]], root: str) -> str:
    """Return the name of the program, ``other`` if it is none that we know."""
    for text in _told(nodes, root):
        for word, writer in WRITERS:
            if word in text:
                return writer
    return OTHER


def _told(nodes: list[dict[str, Any]], root: str) -> Iterator[str]:
    """What is said of the program, what says it best first."""
    described = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    descriptor = next(
        (
            node
            for raw, node in described.items()
            if raw.rpartition("/")[2].startswith("ro-crate-metadata.json")
        ),
        {},
    )
    for node in (descriptor, described.get(root, {})):
        for key in ("sdPublisher", "creator", "author", "publisher", "generator"):
            for one in _several(node.get(key)):
                raw = one.get("@id") if isinstance(one, dict) else one
                target = described.get(raw, one) if isinstance(raw, str) else one
                yield json.dumps([one, target], default=str).lower()
    yield json.dumps([descriptor, described.get(root, {})], default=str).lower()
    for node in nodes:
        if "SoftwareApplication" in _several(node.get("@type")):
            yield json.dumps(node, default=str).lower()


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
