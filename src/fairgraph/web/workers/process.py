"""The server's end of one query process: it sends a request, and takes the frames of the answer as they come.

A process reads one JSON line a request and writes frames: a length of eight digits, then so many bytes. Its first frame says that it
is ready; of each answer the first frame is the JSON head, and an empty frame ends it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from fairgraph.errors import StoreError
from fairgraph.web.workers.turns import GLANCE, CallerGone

_PIPE_BYTES = 1 << 20
_START = 60.0


class Late(Exception):  # noqa: N818 - reads as a noun wherever it is raised
    """A frame that was not there in time."""


class QueryProcess:
    """A process that answers one request after the other (``query``), from a store."""

    def __init__(self, location: str) -> None:
        # A session of its own: Ctrl-C in the terminal is for the server, which then ends its workers.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fairgraph.web.workers.query", location],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            pipesize=_PIPE_BYTES,
        )
        assert self._process.stdout
        self.fd = self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self.fd, select.POLLIN)
        self._read = bytearray()
        self.is_ready = False

    def alive(self) -> bool:
        """Tell whether the process runs."""
        return self._process.poll() is None

    def stands_by(self) -> bool:
        """Tell whether the process has started."""
        if not self.is_ready and self.has_written():
            with contextlib.suppress(EOFError, OSError):
                self.take()
            self.is_ready = self.held() is not None
        return self.is_ready

    def has_written(self) -> bool:
        """Tell whether there is something to take, or the process has ended."""
        return bool(self._poll.poll(0))

    def wait(self, gone: Callable[[], bool]) -> None:
        """Wait until the process has started; StoreError if it does not."""
        if self.is_ready:
            return
        try:
            self.frame(time.monotonic() + _START, gone)
        except (Late, EOFError) as error:
            raise StoreError("a process for queries did not start") from error
        self.is_ready = True

    def send(self, request: dict[str, Any]) -> None:
        """Send a request; OSError if the process has ended."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def frame(self, until: float, gone: Callable[[], bool]) -> bytes:
        """Return the next frame; Late at the time *until*, CallerGone when nobody waits any more, EOFError when the process ended."""
        while (block := self.held()) is None:
            while not self._poll.poll(min(max(until - time.monotonic(), 0), GLANCE) * 1000):
                if time.monotonic() >= until:
                    raise Late
                if gone():
                    raise CallerGone("the caller did not wait")
            self.take()
        return block

    def held(self) -> bytes | None:
        """Return the next frame if all of it has been taken."""
        read = self._read
        if len(read) < 8 or len(read) < 8 + (size := int(read[:8])):
            return None
        block = bytes(memoryview(read)[8 : 8 + size])
        del read[: 8 + size]
        return block

    def take(self) -> None:
        """Take what the process has written, or wait for it; EOFError when it ended."""
        block = os.read(self.fd, _PIPE_BYTES)
        if not block:
            raise EOFError
        self._read += block

    def kill(self) -> None:
        """End the process; whoever reads from it learns of it."""
        self._process.kill()

    def end(self) -> None:
        """End the process, and let go of it."""
        assert self._process.stdin and self._process.stdout
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()
