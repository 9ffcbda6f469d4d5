"""Queries from outside in processes of their own, which can be killed: the engine has no other way to stop one.

Each opens the published snapshot, as every reader does, and writes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fairgraph.web.workers.process import QueryProcess
from fairgraph.web.workers.turn import Reply, Turn
from fairgraph.web.workers.turns import Turns

TIMEOUT = 30.0
SHORT = 1.0
"""Seconds that a query has in the place for short ones, while all others are busy."""


def stays() -> bool:
    """Say that a caller is not gone: of most nobody knows."""
    return False


class Workers:
    """Up to *count* query processes over one store, and one for short queries while these are busy."""

    def __init__(self, location: str, *, count: int = 2, timeout: float = TIMEOUT) -> None:
        self.count, self.timeout = count, timeout
        self._location, self._turns = location, Turns(count)
        self._idle: list[QueryProcess] = []
        self._all: set[QueryProcess] = set()
        self._lock = threading.Lock()
        self._closed = False

    def start(self) -> None:
        """Start the processes now, so that the first queries do not wait for them; else that is done when they are needed."""
        for _ in range(self.count + 1):
            self._keep(self._started())

    def ask(self, request: dict[str, Any], gone: Callable[[], bool] = stays) -> Reply:
        """Answer a request in a process; *gone* tells whether somebody still waits.

        Raises QueryTimeout when it takes too long, StoreError when the process dies or none is free in time, CallerGone, and
        whatever QueryError the query earned.
        """
        short = self._turns.take(gone)
        try:
            process = self._ready(gone)
        except BaseException:
            self._turns.give_back(short)
            raise
        turn = self._turn(process, short)
        turn.begin(request)
        return turn.reply(gone)

    def begin(self, request: dict[str, Any]) -> Turn | None:
        """Begin to answer a request, if that can be done without waiting; StoreError when the process has ended."""
        short = self._turns.take_free()
        if short is None:
            return None
        with self._lock:
            process = next((one for one in reversed(self._idle) if one.stands_by()), None)
            if process is not None:
                self._idle.remove(process)
        if process is None:
            self._turns.give_back(short)
            return None
        turn = self._turn(process, short)
        turn.begin(request)
        return turn

    def close(self) -> None:
        """End the processes, what they are doing too."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for process in self._all:
                process.kill()
        for process in idle:
            process.end()

    def _turn(self, process: QueryProcess, short: bool) -> Turn:
        def leave(well: bool) -> None:
            try:
                if well:
                    self._keep(process)
                elif not self._closed:
                    self._keep(self._started())
            finally:
                self._turns.give_back(short)

        seconds = min(SHORT, self.timeout) if short else self.timeout
        return Turn(process, seconds, self.timeout, leave, lambda: self._ended(process))

    def _started(self) -> QueryProcess:
        process = QueryProcess(self._location)
        with self._lock:
            self._all.add(process)
            if self._closed:
                process.kill()
        return process

    def _ready(self, gone: Callable[[], bool]) -> QueryProcess:
        """Return a process that waits for a request: an idle one, or a new one."""
        while True:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            if process is None:
                process = self._started()
            elif not process.alive():
                self._ended(process)
                continue
            try:
                process.wait(gone)
            except BaseException:
                self._ended(process)
                raise
            return process

    def _keep(self, process: QueryProcess) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(process)
                return
        self._ended(process)

    def _ended(self, process: QueryProcess) -> None:
        with self._lock:
            self._all.discard(process)
        process.end()
