"""The JSON Schemas of FAIRtracks, as they are bundled in ``shapes/fairtracks``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from fairgraph import resources
from fairgraph.fairtracks.model import Json

RELEASED, AUGMENTED, UNRELEASED = "v1.0.2", "master", "doc_info_update"
TOP = "fairtracks.schema.json"


@dataclass(frozen=True)
class Declared:
    """A property that a schema says to be unique, or to refer to another: file of the schema, pointer, and what it refers to."""

    file: str
    pointer: str
    foreign: tuple[str, str] | None = None


def edition(document: Json) -> str:
    """Return which edition of the schemas a document is checked against, by its sections."""
    if "document" in document and "doc_info" not in document:
        return UNRELEASED
    info = document.get("doc_info")
    return AUGMENTED if isinstance(info, dict) and "has_augmented_metadata" in info else RELEASED


@cache
def schemas(name: str) -> dict[str, Json]:
    """Return the schemas of an edition by the names of their files."""
    folder = resources.SHAPES / "fairtracks" / name
    return {path.name: json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


@cache
def declared(name: str) -> tuple[Declared, ...]:
    """Return what the schemas of an edition say to be unique or to refer to something."""
    return tuple(
        found for file, schema in schemas(name).items() for found in _declared(file, schema, "")
    )


def _declared(file: str, schema: Json, above: str) -> Iterator[Declared]:
    for key, inner in schema.get("properties", {}).items():
        pointer = above + key
        if inner.get("unique") is True:
            yield Declared(file, pointer)
        foreign: Any = inner.get("foreignProperty")
        if isinstance(foreign, str):
            target, _, of = foreign.partition("#")
            yield Declared(file, pointer, (target, of))
        if "properties" in inner:
            yield from _declared(file, inner, f"{pointer}/")
