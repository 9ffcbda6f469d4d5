"""Ontologies in rdflib, a graph each: ``rdflib_parse.py FILE…``; prints how many triples there are."""

import sys

import rdflib

graphs = []
for path in sys.argv[1:]:
    graphs.append(rdflib.Graph())
    graphs[-1].parse(path)
print(sum(map(len, graphs)))
