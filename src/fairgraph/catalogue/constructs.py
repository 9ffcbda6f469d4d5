"""Answers to CONSTRUCT queries as N-Triples, in bounded memory.

The engine remembers every triple that a CONSTRUCT has given, so that none comes twice: of a million triples that is 200 MB. A SELECT
with the template filled here remembers none, and is faster; see ``templates``.
"""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

import pyoxigraph as ox

from fairgraph.store import Reader, Scope
from fairgraph.templates import is_plain, template

_MEMORY_BYTES = 16 * 1024 * 1024
_BLOCK = 1 << 20
_OVERLAP = 2  # the longest of what is not plain begins so many bytes before it ends


def write_ntriples(reader: Reader, query: str, scope: Scope, output: BinaryIO) -> None:
    """Write the answer to a CONSTRUCT query as N-Triples; some triples may come twice."""
    if (plan := template(query)) is not None:
        with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES) as file:
            rows = cast(BinaryIO, file)
            reader.select(plan.select, scope).serialize(rows, format=ox.QueryResultsFormat.TSV)
            if _is_plain(rows):
                rows.seek(0)
                rows.readline()
                output.writelines(plan.fill(rows))
                return
    reader.construct(query, scope).serialize(output, format=ox.RdfFormat.N_TRIPLES)


def _is_plain(rows: BinaryIO) -> bool:
    rows.seek(0)
    end = b""
    while block := rows.read(_BLOCK):
        if not is_plain(end + block):
            return False
        end = block[-_OVERLAP:]
    return True
