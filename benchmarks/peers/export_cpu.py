"""``export_cpu.py STORE FORMAT``: export the first dataset; the CPU seconds of that on the last line."""

from __future__ import annotations

import io
import sys

from matrix_common import seconds

import fairgraph

with fairgraph.open(sys.argv[1], create=False) as fg:
    exported = fg.export(sys.argv[2], 1)
    began = seconds()
    exported.write(io.BytesIO())
    print(seconds() - began)
