"""The signature of a FAIRtracks document: SHA-256 of its JSON as Python writes it, without version and date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from fairgraph.fairtracks.model import SIGNATURES, Json


def signature(document: Json) -> str:
    """Return the signature of a document, in hexadecimal (``json_signature.py`` of the standard's repository)."""
    signed = {key: value for key, value in document.items() if key != "$comment"}
    for section, (_, left_out) in SIGNATURES.items():
        if isinstance(signed.get(section), dict):
            signed[section] = {k: v for k, v in signed[section].items() if k not in left_out}
    digest = hashlib.sha256()
    for part in _parts(signed):
        digest.update(part.encode("ascii"))
    return digest.hexdigest()


def _parts(signed: Json) -> Iterator[str]:
    """Yield the JSON of a document as ``json.dumps`` has it, a member of its lists at a time."""
    before = "{"
    for key, value in signed.items():
        yield f"{before}{_dumps(key)}: "
        before = ", "
        if not isinstance(value, list) or not value:
            yield _dumps(value)
            continue
        for n, member in enumerate(value):
            yield f"{', ' if n else '['}{_dumps(member)}"
        yield "]"
    yield "}" if signed else "{}"


def _number(value: Any) -> float:
    # A number that remembers how it is written; the signature is of what Python makes of it.
    assert isinstance(value, Decimal)
    return float(value)


_dumps = json.JSONEncoder(default=_number).encode
