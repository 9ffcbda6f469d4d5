"""``matrix_queries.py STORE``: the queries of the ML matrix into the engine's own CSV; the CPU seconds of that on the last line."""

from __future__ import annotations

import io
import sys

import pyoxigraph as ox
from matrix_common import asked, seconds

import fairgraph

with fairgraph.open(sys.argv[1], create=False) as fg:
    questions = asked(fg)
    with fg.store.read() as reader:
        began = seconds()
        for text, scope in questions:
            reader.select(text, scope).serialize(io.BytesIO(), format=ox.QueryResultsFormat.CSV)
        print(seconds() - began)
