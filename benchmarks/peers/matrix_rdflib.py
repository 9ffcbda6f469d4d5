"""``matrix_rdflib.py STORE FILE``: the queries of the ML matrix in rdflib, on FILE; the CPU seconds of the queries on the last line."""

from __future__ import annotations

import sys

import rdflib
from matrix_common import asked, seconds

import fairgraph

with fairgraph.open(sys.argv[1], create=False) as fg:
    questions = asked(fg)
data = rdflib.Dataset()
data.parse(sys.argv[2], format="nquads")
began = seconds()
for text, _ in questions:
    for row in data.query(text):
        [str(term) for term in row]
print(seconds() - began)
