"""The shapes of the ISA profile, compiled: ``shapes_compiled.py GRAPH.nt``. The last line is the CPU time of the validation alone."""

import sys
import time
from pathlib import Path

from fairgraph.validation.shapes import shapes
from fairgraph.validation.validate import scratch, shapes_graph, validate_data

data = scratch(Path(sys.argv[1]).read_bytes())
# Read before, as pySHACL gets them; they are compiled within the time.
shapes_graph("isa")
shapes("isa")
began = time.process_time()
report = validate_data(data)
took = time.process_time() - began
print(report.counts)
print(took)
