"""Whatever becomes of a FAIRtracks document, it is checked without an exception, read, and written back equal as JSON."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fairgraph
from fairgraph.checking import validate_path

EXAMPLE = "fairtracks/standard/v1_1.0.2/json/examples/fairtracks.example.json"
LISTS = ("studies", "experiments", "samples", "tracks")
VALUES: list[Any] = [
    None, True, False, 0, -1, 3.25, 1e300, "", " ", "x", " lead", "trail ", "tab\tin", "nl\nin", 'q"uote', "ü☃𝄞", "\x00", "\ufeffx",
    "http://example.org/a b", "http://x/<>", "taxonomy:9606", "orcid:0000-0002-1825-0097", "encode:ENCSR000DQP", "geo:GSM945229", "a/b~c",
    [], {}, [1, "a", None], {"a": 1}, {"term_id": "http://purl.obolibrary.org/obo/SO_1"}, {"term_id": "x y", "term_label": "l"},
    {"term_id": "http://e.org/1", "extra": [{}]},
]  # fmt: skip
KEYS = ["new", "a/b", "sp ace", "e-mail", "name", "term_label", "local_id", "@schema", "x[y]", "é", "(link)", "", "~"]  # fmt: skip


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document but the top."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    for key, inner in members:
        yield (*above, key)
        yield from places(inner, (*above, key))


def change(document: Any, choose: random.Random) -> None:
    """Put something else somewhere: another value, another key, another order, or nothing."""
    *above, last = choose.choice(list(places(document)))
    owner = document
    for key in above:
        owner = owner[key]
    what = choose.random()
    if what < 0.55:
        owner[last] = copy.deepcopy(choose.choice(VALUES))
    elif what < 0.7:
        del owner[last]
    elif what < 0.85 and isinstance(owner, dict):
        owner[choose.choice(KEYS)] = copy.deepcopy(choose.choice(VALUES))
    elif isinstance(owner, dict):
        items = list(owner.items())
        choose.shuffle(items)
        owner.clear()
        owner.update(items)
    else:
        choose.shuffle(owner)


@pytest.mark.corpus
@pytest.mark.parametrize("first", range(0, 100, 25))
def test_any_document_comes_back(corpus: Path, tmp_path: Path, first: int) -> None:
    example, path = json.loads((corpus / EXAMPLE).read_bytes()), tmp_path / "document.json"
    for seed in range(first, first + 25):
        choose, document = random.Random(seed), copy.deepcopy(example)
        for _ in range(choose.randint(1, 6)):
            change(document, choose)
        if not any(key in document for key in LISTS):
            continue
        path.write_text(json.dumps(document), encoding="utf-8")
        validate_path(path, "fairtracks")
        with fairgraph.open("memory:") as fg:
            added = fg.add(path, format="fairtracks")
            written = json.loads(fg.export("fairtracks", added.dataset).to_bytes())
            assert json.dumps(written) == json.dumps(document), seed
            fg.export("fairtracks", added.dataset, augment="yes").to_bytes()
