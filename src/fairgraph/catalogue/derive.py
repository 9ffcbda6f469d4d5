"""Derived statements: what ``queries/derive/*.rq`` construct from one dataset graph, recomputed after every write.

One statement is the source (``schema:object``), the others follow from it (``prov:used``); a derived statement whose source
is gone goes too.
"""

from __future__ import annotations

import tempfile
from typing import BinaryIO

from pyoxigraph import Triple

from fairgraph.catalogue.constructs import write_ntriples
from fairgraph.queries import catalogue, get
from fairgraph.store import Graph, Reader, Scope

_MEMORY_BYTES = 16 * 1024 * 1024


def derive_queries() -> list[str]:
    """Return the CONSTRUCT queries that derive statements, in the order of their names."""
    found = catalogue()
    return [found[name].text for name in sorted(found) if name.startswith("derive/")]


def derived(reader: Reader, graph: Graph) -> set[Triple]:
    """Return the statements that follow from what is in *graph*."""
    triples: set[Triple] = set()
    for query in derive_queries():
        triples.update(reader.construct(query, Scope((graph,))))
    return triples


def stale_raw_text(reader: Reader, graph: Graph) -> set[Triple]:
    """Return the raw texts in *graph* that no longer say what the number beside them does."""
    return set(reader.construct(get("catalogue/stale-raw-text").text, Scope((graph,))))


def replaced_values(reader: Reader, graph: Graph) -> set[Triple]:
    """Return the values in *graph* that say otherwise than the property of a published record that they follow from."""
    return set(reader.construct(get("catalogue/replaced-values").text, Scope((graph,))))


def derived_lines(reader: Reader, graph: Graph) -> BinaryIO:
    """Return the statements that follow from *graph* as N-Triples in a temporary file; some may stand there twice."""
    file: BinaryIO = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # type: ignore[assignment]  # noqa: SIM115
    for query in derive_queries():
        write_ntriples(reader, query, Scope((graph,)), file)
    file.seek(0)
    return file
