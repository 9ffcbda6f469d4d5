"""One query worker: ``python -m fairgraph.web.workers.query STORE`` (see ``pool``)."""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

from fairgraph.access import OWNER, PUBLIC
from fairgraph.api import Fairgraph
from fairgraph.errors import FairgraphError
from fairgraph.store import is_remote, open_store
from fairgraph.web.sparql.protocol import head_of, write_answer
from fairgraph.web.workers.sealed import seal
from fairgraph.web.workers.turn import as_told

_BLOCK = 1 << 18
# The server ends a query that takes too long. If the server itself is gone, the kernel does, so many seconds later.
_GRACE = 2.0
_NICE = 5
# To be woken costs more than a small query does, and small queries come in swarms.
_AWAKE = 0.001
MEMORY_BYTES = 4 * 1024 * 1024 * 1024


class _Frames(io.RawIOBase):
    """Cuts what is written into frames; the first goes out with the second."""

    def __init__(self, output: BinaryIO) -> None:
        self._output, self._held = output, b""
        self.began = False

    def writable(self) -> bool:
        return True

    def hold(self, data: bytes) -> None:
        """Take the head of an answer."""
        self._held = b"%08d" % len(data) + data

    def write(self, data: Any) -> int:
        if len(data):
            self._out(b"%08d" % len(data) + bytes(data))
        return len(data)

    def end(self) -> None:
        """Say that the answer is whole."""
        self._out(b"%08d" % 0)

    def _out(self, frame: bytes) -> None:
        self.began = True
        self._output.write(self._held + frame)
        self._output.flush()
        self._held = b""


def answer(fairgraph: Fairgraph, request: dict[str, Any], output: BinaryIO) -> None:
    """Answer one request: the head, the body, the end; or an error in the place of the head."""
    frames = _Frames(output)
    try:
        graphs = tuple(request["graphs"]) if request["graphs"] is not None else None
        with fairgraph.sparql(request["query"], graphs=graphs) as found:
            head = head_of(found, request["forms"])
            frames.hold(json.dumps(head).encode())
            body = io.BufferedWriter(frames, _BLOCK)
            write_answer(found, body, head["form"], request["limit"])
            body.flush()
    except FairgraphError as error:
        if frames.began:
            # Part of the answer is out: only the end of the process says that it is not whole.
            os._exit(1)
        frames.hold(json.dumps({"error": as_told(error)}).encode())
    frames.end()


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a pipe; for a moment after each, look for the next without sleeping."""
    poll = select.poll()
    poll.register(source, select.POLLIN)
    while line := source.readline():
        yield line
        until = time.monotonic() + _AWAKE
        while not poll.poll(0) and time.monotonic() < until:
            pass


def main() -> None:
    """Answer requests until the server closes our standard input."""
    location = sys.argv[1]
    if not is_remote(location):  # else its way to that server stays open
        seal()
    # Pages come first: a query that takes long has what they leave.
    os.nice(_NICE)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    store = open_store(location, create=False)
    # One for each caller: it remembers what he may see.
    fairgraphs = {caller: Fairgraph(store, caller=caller) for caller in (PUBLIC, OWNER)}
    output = sys.stdout.buffer
    _Frames(output).write(b"ready")
    for line in _lines(sys.stdin.buffer):
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, request["seconds"] + _GRACE)
        answer(fairgraphs[request["caller"]], request, output)
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
