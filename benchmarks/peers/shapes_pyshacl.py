"""The shapes of the ISA profile by pySHACL: ``shapes_pyshacl.py GRAPH.nt``. The last line is the CPU time of the validation alone."""

import logging
import sys
import time

import pyshacl
import rdflib

from fairgraph.validation.reference import to_rdflib
from fairgraph.validation.validate import shapes_graph

logging.disable(logging.CRITICAL)
data = rdflib.Graph().parse(sys.argv[1], format="nt")
shapes = to_rdflib(shapes_graph("isa").triples)
began = time.process_time()
conforms, _, _ = pyshacl.validate(
    data, shacl_graph=shapes, inference="none", advanced=True, inplace=True
)
took = time.process_time() - began
print(conforms)
print(took)
