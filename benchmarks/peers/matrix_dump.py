"""``matrix_dump.py STORE FILE``: the first dataset and its record as N-Quads, the dataset in the default graph."""

from __future__ import annotations

import sys
from pathlib import Path

from pyoxigraph import NamedNode

import fairgraph
from fairgraph.catalogue.records import record_iri

with fairgraph.open(sys.argv[1], create=False) as fg, fg.store.read() as reader:
    dataset = fg.dataset(1)
    with Path(sys.argv[2]).open("w", encoding="utf-8") as output:
        for triple in reader.triples(dataset.node):
            output.write(f"{triple.subject} {triple.predicate} {triple.object} .\n")
        record: NamedNode = record_iri(fg.store.base, dataset.slug)
        for triple in reader.triples(record):
            output.write(f"{triple.subject} {triple.predicate} {triple.object} {record} .\n")
