"""Whose turn it is to ask: so many long queries at once, one place more that is kept for short ones, and nobody waits for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from fairgraph.errors import QueryError, StoreError

PATIENCE = 2.0
"""Seconds that a query waits for its turn: who waits keeps a thread of the server."""
MOST_WAITING = 16
"""How many wait at once; when one more comes, who has waited longest is refused."""
GLANCE = 0.2
"""Seconds between two looks at whether a caller is still there."""


class CallerGone(QueryError):  # noqa: N818 - reads as a noun wherever it is raised
    """A caller who did not wait for the answer."""

    code, http_status = "gone", 503


def busy(message: str = "all query workers are busy") -> StoreError:
    """Return the error that tells a caller to come back later."""
    return StoreError(message, hint="try again in a while")


class _Waiting:
    def __init__(self) -> None:
        self.called = threading.Event()
        self.short: bool | None = None


class Turns:
    """*count* turns for any query, first come first served, and one for a short query, which goes to who came last.

    So one query that never ends, or twenty, do not keep out one that is answered at once: the last to come finds the place for short
    queries free within the second that each of the others may have it.
    """

    def __init__(self, count: int) -> None:
        self._free, self._short_free = count, True
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()

    def take_free(self) -> bool | None:
        """Take a turn if one is free: as ``take``, but None where that would wait."""
        with self._lock:
            return self._taken()

    def take(self, gone: Callable[[], bool]) -> bool:
        """Wait for a turn; return True if it is the one for a short query.

        Raises StoreError when none comes in time or too many came since, CallerGone when *gone* says so.
        """
        with self._lock:
            if (short := self._taken()) is not None:
                return short
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.pop(0).called.set()
            waiting = _Waiting()
            self._waiting.append(waiting)
        until = time.monotonic() + PATIENCE
        while not waiting.called.wait(GLANCE):
            if (left := gone()) or time.monotonic() > until:
                self._give_up(waiting)
                raise CallerGone("the caller did not wait") if left else busy()
        if waiting.short is None:
            raise busy()
        return waiting.short

    def give_back(self, short: bool) -> None:
        """End a turn: whoever waits for one like it has it from now on."""
        with self._lock:
            if self._waiting:
                waiting = self._waiting.pop(-1 if short else 0)
                waiting.short = short
                waiting.called.set()
            elif short:
                self._short_free = True
            else:
                self._free += 1

    def _taken(self) -> bool | None:
        if self._free:
            self._free -= 1
            return False
        if self._short_free:
            self._short_free = False
            return True
        return None

    def _give_up(self, waiting: _Waiting) -> None:
        with self._lock:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
                return
        # It was called at this very moment.
        if waiting.short is not None:
            self.give_back(waiting.short)
