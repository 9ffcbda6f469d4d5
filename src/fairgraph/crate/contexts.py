"""The contexts of RO-Crate that fairgraph comes with: what their terms mean. Nothing is fetched."""

from __future__ import annotations

import json
import re
from functools import cache

from fairgraph import resources
from fairgraph.terms import SCHEMA

VERSIONS = ("1.0", "1.1", "1.2", "1.3")
# One checksum, four spellings: RO-Crate 1.1 has no term, the workflow-run context has one of its own, and so have some notebooks.
SAME = {
    "sha256": SCHEMA.sha256,
    "sha256sum": SCHEMA.sha256,
    "https://w3id.org/ro/terms/workflow-run#sha256": SCHEMA.sha256,
    "https://the.elnconsortium.org/specification/#sha256": SCHEMA.sha256,
}

# Of several terms with one meaning, the one that RO-Crate itself uses.
PREFERRED = {
    SCHEMA.MediaObject: "File",
    SCHEMA.contentUrl: "contentUrl",
    SCHEMA.Periodical: "Periodical",
}


@cache
def bundled(name: str) -> dict[str, str]:
    """Return the terms of one of the contexts that fairgraph comes with."""
    path = resources.ONTOLOGIES / "contexts" / f"{name}.jsonld"
    document = json.loads(path.read_text(encoding="utf-8"))
    return {key: iri for key, iri in document["@context"].items() if isinstance(iri, str)}


_DATES = re.compile(
    r".*[dD]ate(?:Created|Modified|Published|$)|(?:start|end)Time|startDate|endDate|temporal"
)


@cache
def is_date(key: str) -> bool:
    """Tell whether what a document says under *key* is a date, if it looks like one."""
    return _DATES.fullmatch(key) is not None
