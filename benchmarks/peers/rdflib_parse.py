"""An ontology in rdflib: ``rdflib_parse.py FILE``; prints how many triples there are."""

import sys

import rdflib

graph = rdflib.Graph()
graph.parse(sys.argv[1])
print(len(graph))
