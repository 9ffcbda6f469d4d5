"""Which files of the store somebody names: a dataset as it is, or as it was."""

from __future__ import annotations

import re

from fairgraph.catalogue import system
from fairgraph.revisions import archived
from fairgraph.store import Scope, Store
from fairgraph.terms import SCHEMA

_NAMED = f"SELECT DISTINCT ?sha256 {{ ?file <{SCHEMA.sha256}> ?sha256 }}"
_LINE = re.compile(rf'[^"]* <{re.escape(SCHEMA.sha256)}> "([0-9a-f]{{64}})"'.encode())


def named_files(store: Store) -> set[str]:
    """Return the SHA-256 of every file that a dataset names, or a revision in the archive: a removed dataset may come back."""
    found: set[str] = set()
    revisions: set[str] = set()
    with store.read() as reader:
        entries = system.entries(reader)
        for entry in entries:
            dataset = system.read_entry(reader, store.base, entry)
            revisions |= {revision.sha256 for revision in dataset.revisions if revision.sha256}
        graphs = tuple(entry.node for entry in entries if not entry.removed)
        for graph in graphs:
            found |= {row["sha256"].value for row in reader.select(_NAMED, Scope((graph,)))}
    for revision in revisions:
        found |= {
            match[1].decode() for line in archived(store, revision) if (match := _LINE.match(line))
        }
    return found
