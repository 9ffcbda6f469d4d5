"""One write from outside: ``python -m fairgraph.web.workers.write FOLDER`` (see ``writes``).

A JSON line in; out, a JSON line for each step, and one with the result or the error.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

from fairgraph.api import Fairgraph
from fairgraph.errors import FairgraphError
from fairgraph.store import open_store
from fairgraph.web.workers.sealed import seal
from fairgraph.web.workers.turn import as_told
from fairgraph.web.workers.writes import perform

# An import of 100,000 samples takes a quarter of it.
MEMORY_BYTES = 8 * 1024**3


def main() -> None:
    """Do one write and tell what became of it."""
    seal()
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    request = json.loads(sys.stdin.buffer.readline())
    with Fairgraph(open_store(sys.argv[1], create=False), agent=request.pop("agent")) as fairgraph:
        told = _told(fairgraph, request)
    _tell(told)
    os._exit(0)  # freeing millions of terms one by one would only make the caller wait


def _told(fairgraph: Fairgraph, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": perform(fairgraph, request, lambda step: _tell({"step": step}))}
    except FairgraphError as error:
        return {"error": as_told(error)}


def _tell(what: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(what).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
