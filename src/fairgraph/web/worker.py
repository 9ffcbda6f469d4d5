"""One query worker: ``python -m fairgraph.web.worker FOLDER`` (see ``workers``)."""

from __future__ import annotations

import contextlib
import io
import json
import os
import queue
import sys
import threading
from typing import Any, BinaryIO

from fairgraph.api import Fairgraph
from fairgraph.errors import FairgraphError
from fairgraph.store import open_store
from fairgraph.web.protocol import head_of, write_answer
from fairgraph.web.sealed import seal
from fairgraph.web.workers import MEMORY_BYTES, as_told


class _Frames(io.RawIOBase):
    """Cuts what is written into frames."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        block = bytes(data)
        if block:
            self._output.write(b"%08d" % len(block) + block)
        return len(block)


def answer(fairgraph: Fairgraph, request: dict[str, Any], output: BinaryIO) -> None:
    """Answer one request: the head, the body, the end."""
    frames = _Frames(output)
    began = False
    try:
        graphs = tuple(request["graphs"]) if request["graphs"] is not None else None
        asking = fairgraph.as_caller(request["caller"])
        with asking.sparql(request["query"], graphs=graphs) as found:
            body = io.BufferedWriter(frames, 1 << 16)
            head = head_of(found, request["forms"])
            frames.write(json.dumps(head).encode())
            began = True
            write_answer(found, body, head["form"], request["limit"])
            body.flush()
    except FairgraphError as error:
        if began:
            # Part of the answer is out: only the end of the process says that it is not whole.
            os._exit(1)
        frames.write(json.dumps({"error": as_told(error)}).encode())
        output.flush()
        return
    output.write(b"%08d" % 0)
    output.flush()


def main() -> None:
    """Answer requests until the server closes our standard input."""
    seal()
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def listen() -> None:
        # On a thread, so that the end of the server ends even a query that would never end.
        for line in sys.stdin.buffer:
            requests.put(line)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    fairgraph = Fairgraph(open_store(sys.argv[1], create=False))
    while True:
        answer(fairgraph, json.loads(requests.get()), sys.stdout.buffer)


if __name__ == "__main__":
    main()
