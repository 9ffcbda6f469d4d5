"""Queries from outside in processes of their own, which can be killed: the engine has no other way to stop one.

A worker reads one JSON line a request and writes frames: a length of eight digits, then so many bytes. Its first frame says that it
is ready; of each answer the first frame is the JSON head, and an empty frame ends it. It opens the published snapshot, as every
reader does, and writes nothing.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from fairgraph.errors import FairgraphError, QueryError, StoreError
from fairgraph.web.turns import GLANCE, CallerGone, Turns, busy

TIMEOUT = 30.0
SHORT = 1.0
"""Seconds that a query has in the place for short ones, while all others are busy."""
SPOOLED_BYTES = 16 * 1024 * 1024
"""How much of an answer is here before its status is sent; a failure until then has a status of its own."""
WHOLE_BYTES = 64 * 1024 * 1024
"""The largest answer that is read as a whole: for a page, for a selection of samples."""
MEMORY_BYTES = 4 * 1024 * 1024 * 1024
_PIPE_BYTES = 1 << 20
_START = 60.0


class QueryTimeout(QueryError):  # noqa: N818 - reads as a noun wherever it is raised
    """A query that took too long and was stopped."""

    code, http_status = "timeout", 504


class AnswerTooLarge(QueryError):  # noqa: N818
    """An answer above the cap."""

    code, http_status = "too-large", 400


def stays() -> bool:
    """Say that a caller is not gone: of most nobody knows."""
    return False


class Reply:
    """An answer as it comes: its head, its start, and what follows where that is not all of it. Close it, or use it up."""

    def __init__(
        self,
        head: dict[str, Any],
        start: bytes,
        rest: Iterator[bytes] | None = None,
        *,
        until: float = math.inf,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.head, self.start, self.until = head, start, until
        self._rest, self._close = rest, close

    @property
    def complete(self) -> bool:
        """True if the start is all of it."""
        return self._rest is None

    def blocks(self) -> Iterator[bytes]:
        """Yield the answer; QueryTimeout or StoreError when what follows the start does not come to its end."""
        yield self.start
        if self._rest is not None:
            yield from self._rest

    def whole(self) -> bytes:
        """Return all of a small answer; AnswerTooLarge for another."""
        parts, size = [], 0
        try:
            for block in self.blocks():
                parts.append(block)
                size += len(block)
                if size > WHOLE_BYTES:
                    raise AnswerTooLarge(
                        f"the answer is larger than {WHOLE_BYTES >> 20} MB",
                        hint="add a LIMIT, or ask for less",
                    )
        finally:
            self.close()
        return b"".join(parts)

    def close(self) -> None:
        """Stop what is still going on."""
        self._close()


class Workers:
    """Up to *count* worker processes over one store, and one for short queries while these are busy."""

    def __init__(self, location: str, *, count: int = 2, timeout: float = TIMEOUT) -> None:
        self.count, self.timeout = count, timeout
        self._location, self._turns = location, Turns(count)
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def start(self) -> None:
        """Start the processes now, so that the first queries do not wait for them; else that is done when they are needed."""
        for _ in range(self.count + 1):
            self._keep(self._started())

    def ask(self, request: dict[str, Any], gone: Callable[[], bool] = stays) -> Reply:
        """Answer a request in a worker; *gone* tells whether somebody still waits.

        Raises QueryTimeout when it takes too long, StoreError when the worker dies or none is free in time, CallerGone, and
        whatever QueryError the query earned.
        """
        turn = _Turn(self, self._turns.take(gone))
        try:
            worker = turn.worker = self._ready(gone)
            until = time.monotonic() + turn.seconds
            worker.send({**request, "seconds": turn.seconds})
            head: dict[str, Any] = json.loads(worker.frame(until, gone))
            if "error" in head:
                worker.frame(until, gone)
                turn.end()
                raise as_raised(head["error"])
            parts, size = [], 0
            while size < SPOOLED_BYTES and (block := worker.frame(until, gone)):
                parts.append(block)
                size += len(block)
        except BaseException as error:
            turn.stop()
            if (reason := turn.reason(error)) is error:
                raise
            raise reason from error
        start = b"".join(parts)
        if size < SPOOLED_BYTES:
            turn.end()
            return Reply(head, start)
        # Whoever reads slowly, or not at all, has no worker for longer than the query may take.
        watch = threading.Timer(max(until - time.monotonic(), 0), turn.kill)
        watch.daemon = True
        watch.start()

        def close() -> None:
            watch.cancel()
            turn.stop()

        return Reply(head, start, turn.rest(until, gone), until=until, close=close)

    def close(self) -> None:
        """End the workers, what they are doing too."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for worker in self._all:
                worker.kill()
        for worker in idle:
            worker.end()

    def _started(self) -> _Worker:
        worker = _Worker(self._location)
        with self._lock:
            self._all.add(worker)
            if self._closed:
                worker.kill()
        return worker

    def _ready(self, gone: Callable[[], bool]) -> _Worker:
        """Return a worker that waits for a request: an idle one, or a new one."""
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                worker = self._started()
            elif not worker.alive():
                self._ended(worker)
                continue
            try:
                worker.wait(gone)
            except BaseException:
                self._ended(worker)
                raise
            return worker

    def _keep(self, worker: _Worker) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(worker)
                return
        self._ended(worker)

    def _ended(self, worker: _Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.end()

    def _left(self, worker: _Worker | None, short: bool, *, well: bool) -> None:
        """Take back a turn and its worker; of one that did not end *well* another takes the place."""
        try:
            if worker is not None and well:
                self._keep(worker)
            elif worker is not None and not self._closed:
                self._keep(self._started())
        finally:
            self._turns.give_back(short)


class _Turn:
    """One turn of a worker: it is given back once, whoever ends it first."""

    def __init__(self, workers: Workers, short: bool) -> None:
        self.worker: _Worker | None = None
        self._workers, self._short = workers, short
        self._limit = workers.timeout
        self.seconds = min(SHORT, workers.timeout) if short else workers.timeout
        self._lock = threading.Lock()
        self._over = self._closed = False

    def _first(self) -> bool:
        with self._lock:
            first, self._over = not self._over, True
        return first

    def end(self) -> None:
        """Give the turn back after a whole answer."""
        if self._first():
            self._closed = True
            self._workers._left(self.worker, self._short, well=True)

    def kill(self) -> None:
        """Kill the worker and give the turn back, while somebody else still reads from it."""
        if self._first():
            if self.worker is not None:
                self.worker.kill()
            self._workers._left(self.worker, self._short, well=False)

    def stop(self) -> None:
        """Kill the worker unless it is done, and let go of it."""
        self.kill()
        if self.worker is not None and not self._closed:
            self._closed = True
            self._workers._ended(self.worker)

    def rest(self, until: float, gone: Callable[[], bool]) -> Iterator[bytes]:
        """Yield what follows the start of an answer."""
        assert self.worker is not None
        try:
            while block := self.worker.frame(until, gone):
                yield block
            self.end()
        except (_Late, EOFError, OSError, ValueError) as error:
            raise self.reason(error) from error
        finally:
            self.stop()

    def reason(self, error: BaseException) -> BaseException:
        """Return why a query did not end, as its caller is told."""
        if isinstance(error, _Late):
            if self.seconds < self._limit:
                return busy(
                    f"all query workers are busy, and in {self.seconds:g} s the query was not done"
                )
            return QueryTimeout(
                f"the query was stopped after {self.seconds:g} seconds",
                hint="make it narrower, or add a LIMIT",
            )
        if isinstance(error, (EOFError, OSError, ValueError)):
            return StoreError("the query took more memory than it may, or its process was ended")
        return error


class _Late(Exception):  # noqa: N818
    pass


class _Worker:
    def __init__(self, location: str) -> None:
        # A session of its own: Ctrl-C in the terminal is for the server, which then ends its workers.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fairgraph.web.worker", location],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            pipesize=_PIPE_BYTES,
        )
        assert self._process.stdout
        self._fd = self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self._read = bytearray()
        self._is_ready = False

    def alive(self) -> bool:
        return self._process.poll() is None

    def wait(self, gone: Callable[[], bool]) -> None:
        """Wait until the process has started."""
        if self._is_ready:
            return
        try:
            self.frame(time.monotonic() + _START, gone)
        except (_Late, EOFError) as error:
            raise StoreError("a process for queries did not start") from error
        self._is_ready = True

    def send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def frame(self, until: float, gone: Callable[[], bool]) -> bytes:
        """Return the next frame; _Late at the time *until*, CallerGone when nobody waits any more, EOFError when the process ended."""
        read, size = self._read, -1
        while size < 0 or len(read) < 8 + size:
            if len(read) < 8 or len(read) < 8 + (size := int(read[:8])):
                self._more(until, gone)
        block = bytes(memoryview(read)[8 : 8 + size])
        del read[: 8 + size]
        return block

    def _more(self, until: float, gone: Callable[[], bool]) -> None:
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise _Late
            if self._poll.poll(min(left, GLANCE) * 1000):
                break
            if gone():
                raise CallerGone("the caller did not wait")
        block = os.read(self._fd, _PIPE_BYTES)
        if not block:
            raise EOFError
        self._read += block

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()


def as_told(error: FairgraphError) -> dict[str, Any]:
    """Return what a process tells of an error."""
    return {
        "message": error.message,
        "where": error.where,
        "hint": error.hint,
        "code": error.code,
        "http_status": error.http_status,
    }


def as_raised(known: dict[str, Any]) -> FairgraphError:
    """Return the error of another process, as if it had been raised here."""
    error = QueryError(known["message"], where=known["where"], hint=known["hint"])
    error.code, error.http_status = known["code"], known["http_status"]
    return error
