"""Small notebooks and crates for tests, made of nodes and files."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

CONTEXT = "https://w3id.org/ro/crate/1.2/context"
DESCRIPTOR = {
    "@id": "ro-crate-metadata.json",
    "@type": "CreativeWork",
    "about": {"@id": "./"},
    "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
    "sdPublisher": {"@id": "https://www.elabftw.net"},
}


def document(*nodes: dict[str, Any], context: Any = CONTEXT) -> bytes:
    """The metadata of a crate with these nodes; a root is made if none is given."""
    graph: list[dict[str, Any]] = [DESCRIPTOR]
    if not any(node.get("@id") == "./" for node in nodes):
        parts = [
            {"@id": node["@id"]} for node in nodes if str(node.get("@id", "")).startswith("./")
        ]
        graph.append({"@id": "./", "@type": "Dataset", "name": "A notebook", "hasPart": parts})
    return json.dumps({"@context": context, "@graph": [*graph, *nodes]}).encode()


def notebook(
    path: Path,
    *nodes: dict[str, Any],
    files: dict[str, bytes] | None = None,
    context: Any = CONTEXT,
    metadata: bytes = b"",
) -> Path:
    """Write an `.eln` with one root folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "root/ro-crate-metadata.json", metadata or document(*nodes, context=context)
        )
        for name, content in (files or {}).items():
            archive.writestr(f"root/{name}", content)
    return path
