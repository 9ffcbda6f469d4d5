"""``prov_constructs.py STORE``: the CONSTRUCTs of PROV-O into the engine's own N-Triples; the CPU seconds of that on the last line."""

from __future__ import annotations

import io
import sys

import pyoxigraph as ox
from matrix_common import seconds

import fairgraph
from fairgraph import queries
from fairgraph.access import alone
from fairgraph.exports.prov_o import GRAPH

with fairgraph.open(sys.argv[1], create=False) as fg, fg.store.read() as reader:
    scope = alone(fg.dataset(1), base=fg.store.base)
    texts = [queries.place(queries.get(f"export/prov-o/{name}"), {}, bare=True) for name in GRAPH]
    began = seconds()
    for text in texts:
        reader.construct(text, scope).serialize(io.BytesIO(), format=ox.RdfFormat.N_TRIPLES)
    print(seconds() - began)
