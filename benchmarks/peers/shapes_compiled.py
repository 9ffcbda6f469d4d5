"""The shapes of the ISA profile, compiled: ``shapes_compiled.py GRAPH.nt``. The last line is the CPU time of the validation alone."""

import sys
import time
from pathlib import Path

from fairgraph.validation.validate import scratch, validate_data

data = scratch(Path(sys.argv[1]).read_bytes())
began = time.process_time()
report = validate_data(data)
took = time.process_time() - began
print(report.counts)
print(took)
