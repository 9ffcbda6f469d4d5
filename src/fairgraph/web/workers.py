"""Queries from outside in processes of their own, which can be killed: the engine has no other way to stop one.

A worker reads one JSON line a request and writes frames: a length of eight digits, then so many bytes. The first frame is the
JSON head, empty frames end the answer. It opens the published snapshot, as every reader does, and writes nothing.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
from typing import IO, Any

from fairgraph.errors import FairgraphError, QueryError, StoreError

TIMEOUT = 30.0
ANSWER_BYTES = 256 * 1024 * 1024
MEMORY_BYTES = 4 * 1024 * 1024 * 1024
_PATIENCE = 2.0
_SPOOLED = 8 * 1024 * 1024


class QueryTimeout(QueryError):  # noqa: N818 - reads as a noun wherever it is raised
    """A query that took too long and was stopped."""

    code, http_status = "timeout", 504


class AnswerTooLarge(QueryError):  # noqa: N818
    """An answer above the cap."""

    code, http_status = "too-large", 400


class Workers:
    """Up to *count* worker processes over one data folder, started when they are first needed."""

    def __init__(self, folder: str, *, count: int = 2, timeout: float = TIMEOUT) -> None:
        self._folder, self._timeout = folder, timeout
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)
        self._count = count

    def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], IO[bytes]]:
        """Answer a request in a worker: its head, and the whole answer in a file, read from its start.

        Raises QueryTimeout when it takes too long, StoreError when the worker dies or none is free in time, and whatever
        QueryError the query earned.
        """
        try:
            # Who waits keeps a thread of the server, and pages need those.
            worker = self._idle.get(timeout=min(self._timeout, _PATIENCE))
        except queue.Empty:
            raise StoreError("all query workers are busy", hint="try again in a while") from None
        try:
            if worker is None or not worker.alive():
                worker = _Worker(self._folder)
            return worker.ask(request, self._timeout)
        except (QueryTimeout, AnswerTooLarge, StoreError):
            if worker is not None:
                worker.end()
            worker = None
            raise
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End the workers that are idle; one that is busy ends with its request."""
        for _ in range(self._count):
            with contextlib.suppress(queue.Empty):
                worker = self._idle.get_nowait()
                if worker is not None:
                    worker.end()
                self._idle.put(None)


class _Worker:
    def __init__(self, folder: str) -> None:
        # A session of its own: Ctrl-C in the terminal is for the server, which then ends its workers.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fairgraph.web.worker", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], timeout: float) -> tuple[dict[str, Any], IO[bytes]]:
        assert self._process.stdin and self._process.stdout
        late = threading.Event()

        def kill() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(timeout, kill)
        timer.daemon = True
        timer.start()
        answer: IO[bytes] = tempfile.SpooledTemporaryFile(_SPOOLED)  # noqa: SIM115
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            head: dict[str, Any] = json.loads(self._frame())
            if "error" in head:
                raise as_raised(head["error"])
            size = 0
            while block := self._frame():
                size += len(block)
                if size > ANSWER_BYTES:
                    raise AnswerTooLarge(
                        f"the answer is larger than {ANSWER_BYTES >> 20} MB",
                        hint="add a LIMIT, or ask for less",
                    )
                answer.write(block)
        except (EOFError, OSError) as error:
            answer.close()
            if late.is_set():
                raise QueryTimeout(
                    f"the query was stopped after {timeout:g} seconds",
                    hint="make it narrower, or add a LIMIT",
                ) from None
            raise StoreError(
                "the query took more memory than it may, or its process was ended"
            ) from error
        except BaseException:
            answer.close()
            raise
        finally:
            timer.cancel()
        answer.seek(0)
        return head, answer

    def _frame(self) -> bytes:
        assert self._process.stdout
        size = self._process.stdout.read(8)
        data = self._process.stdout.read(int(size)) if len(size) == 8 else b""
        if len(size) < 8 or len(data) < int(size):
            raise EOFError
        return data

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
