"""The raw cost of reading a graph out of a store: ``dump.py STORE FILE`` writes its named graphs as N-Quads."""

import sys
from pathlib import Path

import pyoxigraph as ox

store = ox.Store.read_only(sys.argv[1])
with Path(sys.argv[2]).open("wb") as output:
    for graph in store.named_graphs():
        store.dump(output, ox.RdfFormat.N_TRIPLES, from_graph=graph)
