"""One query in a process: from its start to its answer, or to what stopped it."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from fairgraph.errors import FairgraphError, QueryError, StoreError
from fairgraph.web.workers.process import Late, QueryProcess
from fairgraph.web.workers.turns import busy

SPOOLED_BYTES = 16 * 1024 * 1024
"""How much of an answer is here before its status is sent; a failure until then has a status of its own."""
WHOLE_BYTES = 64 * 1024 * 1024
"""The largest answer that is read as a whole: for a page, for a selection of samples."""


class QueryTimeout(QueryError):  # noqa: N818 - reads as a noun wherever it is raised
    """A query that took too long and was stopped."""

    code, http_status = "timeout", 504


class AnswerTooLarge(QueryError):  # noqa: N818
    """An answer above the cap."""

    code, http_status = "too-large", 400


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


class Turn:
    """One turn of a process: it is given back once, whoever ends it first.

    *seconds* are what the query has, of the *limit* that any has. *leave* takes the turn back, and is told whether the process ended its
    answer well; *let_go* ends the process.
    """

    def __init__(
        self,
        process: QueryProcess,
        seconds: float,
        limit: float,
        leave: Callable[[bool], None],
        let_go: Callable[[], None],
    ) -> None:
        self.process = process
        self._seconds, self._limit = seconds, limit
        self._leave, self._let_go = leave, let_go
        self._until = time.monotonic() + seconds
        self._head: dict[str, Any] | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._lock = threading.Lock()
        self._over = self._closed = self._lapsed = False
        self._watch: threading.Timer | None = None

    def begin(self, request: dict[str, Any]) -> None:
        """Send the query; StoreError if the process has ended."""
        try:
            self.process.send({**request, "seconds": self._seconds})
        except BaseException as error:
            self._fail(error)

    def reply(self, gone: Callable[[], bool]) -> Reply:
        """Wait for the answer, or for the start of a long one; *gone* tells whether somebody still waits.

        Raises QueryTimeout when it takes too long, StoreError when the process dies, CallerGone, and whatever QueryError the query earned.
        """
        try:
            while not self._taken(frame := self.process.frame(self._until, gone)):
                pass
        except BaseException as error:
            self._fail(error)
        return self._replied(gone, whole=not frame)

    @property
    def size(self) -> int:
        """How many bytes of the answer are here."""
        return self._size

    def arrived(self) -> Reply | None:
        """Take what the process has written by now, and return the answer if that was the end of it; raises as ``reply`` does.

        After None, ask again when there is more, or go on with ``reply``.
        """
        if not self.process.has_written():
            return None
        try:
            self.process.take()
            while (frame := self.process.held()) is not None:
                if self._taken(frame):
                    break
        except BaseException as error:
            self._fail(error)
        return None if frame is None else self._replied(lambda: False, whole=not frame)

    def watch(self) -> None:
        """See to it that the query is stopped at its limit, whoever reads from it by then."""
        self._watch = threading.Timer(max(self._until - time.monotonic(), 0), self._lapse)
        self._watch.daemon = True
        self._watch.start()

    def _lapse(self) -> None:
        self._lapsed = True
        self.kill()

    def kill(self) -> None:
        """Kill the process and give the turn back, while somebody else still reads from it."""
        if self._first():
            self.process.kill()
            self._leave(False)

    def stop(self) -> None:
        """Kill the process unless it is done, and let go of it."""
        self.kill()
        if not self._closed:
            self._closed = True
            self._let_go()

    def _taken(self, frame: bytes) -> bool:
        """Take a frame; True if it was the last, or if so much is here that a status can be sent."""
        if self._head is None:
            self._head = json.loads(frame)
            return False
        if not frame:
            return True
        self._parts.append(frame)
        self._size += len(frame)
        return self._size >= SPOOLED_BYTES

    def _replied(self, gone: Callable[[], bool], whole: bool) -> Reply:
        assert self._head is not None
        start = b"".join(self._parts)
        self._parts.clear()
        if whole:
            self._end()
            if "error" in self._head:
                raise as_raised(self._head["error"])
            return Reply(self._head, start)
        if self._watch is None:
            # Whoever reads slowly, or not at all, has no process for longer than the query may take.
            self.watch()
        return Reply(self._head, start, self._rest(gone), until=self._until, close=self.stop)

    def _rest(self, gone: Callable[[], bool]) -> Iterator[bytes]:
        """Yield what follows the start of an answer."""
        try:
            while block := self.process.frame(self._until, gone):
                yield block
            self._end()
        except (Late, EOFError, OSError, ValueError) as error:
            raise self._reason(error) from error
        finally:
            self.stop()

    def _first(self) -> bool:
        with self._lock:
            first, self._over = not self._over, True
        if first and self._watch is not None:
            self._watch.cancel()
        return first

    def _end(self) -> None:
        """Give the turn back after a whole answer."""
        if self._first():
            self._closed = True
            self._leave(True)
        else:  # it was stopped at the last moment
            self.stop()

    def _fail(self, error: BaseException) -> NoReturn:
        self.stop()
        reason = self._reason(error)
        if reason is error:
            raise error
        raise reason from error

    def _reason(self, error: BaseException) -> BaseException:
        """Return why a query did not end, as its caller is told."""
        if isinstance(error, Late) or self._lapsed:
            if self._seconds < self._limit:
                return busy(
                    f"all query workers are busy, and in {self._seconds:g} s the query was not done"
                )
            return QueryTimeout(
                f"the query was stopped after {self._seconds:g} seconds",
                hint="make it narrower, or add a LIMIT",
            )
        if isinstance(error, (EOFError, OSError, ValueError)):
            return StoreError("the query took more memory than it may, or its process was ended")
        return error
