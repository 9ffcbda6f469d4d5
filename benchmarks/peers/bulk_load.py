"""The physical limit of an import: ``bulk_load.py STORE GRAPH.nq UNION.nt`` and nothing else, unchecked."""

import sys

import pyoxigraph as ox

store = ox.Store(sys.argv[1])
store.bulk_load(path=sys.argv[2], format=ox.RdfFormat.N_QUADS, lenient=True)
store.bulk_load(path=sys.argv[3], format=ox.RdfFormat.N_TRIPLES, lenient=True)
store.flush()
