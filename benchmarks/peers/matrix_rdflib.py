"""``matrix_rdflib.py STORE FILE``: the queries of the ML matrix in rdflib, on FILE; the CPU seconds of the queries on the last line.

It is stopped after a minute of them: what it says then is less than what it would take.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import Any

import rdflib
from matrix_common import asked, seconds

import fairgraph

MOST_SECONDS = 60


class TooLong(BaseException):
    """A minute is over; no ``except Exception`` of a library takes it for its own."""


def stop(*arguments: Any) -> None:
    raise TooLong


with fairgraph.open(sys.argv[1], create=False) as fg:
    questions = asked(fg)
data = rdflib.Dataset()
data.parse(sys.argv[2], format="nquads")
signal.signal(signal.SIGPROF, stop)
signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
began = seconds()
with contextlib.suppress(TooLong):
    for text, _ in questions:
        for row in data.query(text):
            [str(term) for term in row]
print(seconds() - began)
