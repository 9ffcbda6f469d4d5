"""Notebooks: a large metadata document, and an archive of many files."""

from __future__ import annotations

import hashlib
import json
import random
import sys
import zipfile
from pathlib import Path
from typing import Any

from benchmarks.cases import CORPUS, FAIRGRAPH, PEERS, ROOT, Case, Contender, Promise, ratio

SOURCE = CORPUS / "eln" / "tef_SampleDB_sampledb-export.eln"
CONTEXT = ROOT / "ontologies" / "contexts" / "ro-crate-1.2.jsonld"
COPIES = 230
FILES, FILE_BYTES = 9_000, 111_112
METADATA = "ro-crate-metadata.json"


def document_case(work: Path) -> Case | None:
    """Reading of a metadata document into triples against the engine's own parser of JSON-LD, which gets the same document with its context."""
    if not SOURCE.is_file():
        return None
    archive, inlined = large_document(work)
    store = work / "store-document"
    ours = (sys.executable, str(PEERS / "crate_read.py"), str(SOURCE), str(archive))
    theirs = (sys.executable, str(PEERS / "jsonld_parse.py"), str(inlined))
    whole = (FAIRGRAPH, "-q", "--store", str(store), "import", str(archive))
    return Case(
        "notebook document, 24,840 nodes",
        (
            Contender("read", ours, inner=True),
            Contender("pyoxigraph", theirs, inner=True),
            Contender("import", whole, (store,)),
        ),
        (
            Promise("times pyoxigraph's parse", ratio("read", "pyoxigraph"), at_most=3),
            Promise("times, the whole import with its process", ratio("import", "pyoxigraph")),
        ),
    )


def archive_case(work: Path) -> Case:
    """Import of a notebook of many files against hashing and copying the very same bytes."""
    folder, archive = many_files(work)
    store, copies = work / "store-archive", work / "copies"
    ours = (FAIRGRAPH, "-q", "--store", str(store), "import", str(archive))
    theirs = (sys.executable, str(PEERS / "hash_copy.py"), str(folder), str(copies))
    return Case(
        "archive of 9,000 files, 1 GB",
        (
            Contender("import", ours, (store,)),
            Contender("hash and copy", theirs, (copies,)),
        ),
        (
            Promise(
                "of the speed of hashing and copying",
                ratio("hash and copy", "import"),
                at_least=0.6,
            ),
            Promise(
                "the same on the clock",
                lambda r: r["hash and copy"]["wall"] / r["import"]["wall"],
            ),
            Promise("MB of the import", lambda r: r["import"]["rss"], at_most=300),
        ),
    )


def large_document(work: Path) -> tuple[Path, Path]:
    """Return a notebook without files whose document holds a real one 230 times, and the document with its context; made once."""
    archive, inlined = work / "document.eln", work / "document.jsonld"
    if archive.exists():
        return archive, inlined
    with zipfile.ZipFile(SOURCE) as source:
        (name,) = (name for name in source.namelist() if name.endswith(f"/{METADATA}"))
        document = json.loads(source.read(name))
    nodes = document["@graph"]
    known = {node["@id"] for node in nodes}
    graph = [_again(node, known, n) for n in range(COPIES) for node in nodes]
    root = next(node for node in graph if node["@id"] == "./")
    entries = [n for n in graph if n["@type"] == "Dataset" and n is not root]
    root["hasPart"] = [{"@id": node["@id"]} for node in entries]
    context = json.loads(CONTEXT.read_text(encoding="utf-8"))["@context"]
    inlined.write_text(json.dumps({"@context": context, "@graph": graph}), encoding="utf-8")
    partial = archive.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(f"root/{METADATA}", json.dumps({**document, "@graph": graph}))
    partial.rename(archive)
    return archive, inlined


def _again(value: Any, known: set[str], n: int, key: str = "") -> Any:
    """Return copy number *n* of a value: the ids of nodes are its own."""
    if isinstance(value, dict):
        return {name: _again(inner, known, n, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_again(inner, known, n) for inner in value]
    if key != "@id" or not n or value not in known:
        return value
    return f"./{n}/{value[2:]}" if value.startswith("./") else f"{value}-{n}"


def many_files(work: Path) -> tuple[Path, Path]:
    """Return a folder of many files that do not compress, and the notebook that holds and describes them; made once."""
    folder, archive = work / "files", work / "files.eln"
    if archive.exists():
        return folder, archive
    folder.mkdir(exist_ok=True)
    generator = random.Random(7)
    graph: list[dict[str, Any]] = [
        {"@id": METADATA, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"}},
        {"@id": "./", "@type": "Dataset", "name": "Many files", "hasPart": [{"@id": f"./{n}.bin"} for n in range(FILES)]},
    ]  # fmt: skip
    partial = archive.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as target:
        for n in range(FILES):
            data = generator.randbytes(FILE_BYTES)
            (folder / f"{n}.bin").write_bytes(data)
            target.writestr(f"root/{n}.bin", data)
            sha256 = hashlib.sha256(data).hexdigest()
            graph.append({"@id": f"./{n}.bin", "@type": "File", "name": f"{n}.bin", "sha256": sha256, "contentSize": str(len(data))})  # fmt: skip
        document = {"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph}
        target.writestr(f"root/{METADATA}", json.dumps(document))
    partial.rename(archive)
    return folder, archive
