"""What answers small queries in the loop that reads and writes all connections, without a thread for each.

A thread that waits for a process and is woken by it takes three times what a small query takes. So the loop itself sends such a query
to a process that stands by, and takes the answer when it is there. What is not there at once is handed to a thread, as everything else
is from the start. Nothing that may wait is done in the loop: who waits there keeps all others waiting.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher

from fairgraph.errors import FairgraphError, StoreError
from fairgraph.web.connection import hung_up
from fairgraph.web.sparql.quick import Answered, Question, Quick
from fairgraph.web.workers.pool import Workers
from fairgraph.web.workers.turn import Reply, Turn

AT_ONCE = 0.05
"""Seconds within which an answer is there at once."""
SMALL_BYTES = 1 << 18
"""How large an answer may be that the loop takes."""
# Seconds after which a query is slow enough for another to begin beside it.
_QUICK = 0.005
_MOST_WAITING = 64
_CLOCK = -1
_log = logging.getLogger(__name__)

_Map = dict[int, Any]


@dataclass
class _Query:
    """A small query of a connection, and since when it is known."""

    channel: HTTPChannel
    question: Question
    since: float


class Front(ThreadedTaskDispatcher):  # type: ignore[misc]
    """The threads of the server, and before them the queries that need none. Make it in the thread that runs the loop over *map*."""

    def __init__(self, quick: Quick, workers: Workers, threads: int, map: _Map) -> None:
        super().__init__()
        self.set_thread_count(threads)
        self.map = map
        self.answered = 0
        """How many queries the loop has answered itself."""
        self._quick, self._workers = quick, workers
        self._waiting: deque[_Query] = deque()
        self._out: set[_Out] = set()
        # The loop and who sends it queries want the processors too: with as many processes as there are places, it is slower.
        self._at_once = max(1, (os.cpu_count() or 1) // 2)
        self._loop = threading.get_ident()
        self._clock = _Clock(self)

    def add_task(self, task: Any) -> None:
        """Begin what a connection asks for, here if it is small, else in a thread."""
        question = self._question(task)
        if question is None:
            super().add_task(task)
            return
        self._waiting.append(_Query(task, question, time.monotonic()))
        self._begin()
        self._clock.wind(task.server)

    def in_thread(self, task: Any) -> None:
        """Leave something to a thread."""
        super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """End the threads, and the clock."""
        self._clock.stop()
        ended: bool = super().shutdown(cancel_pending, timeout)
        return ended

    def arrived(self, out: _Out) -> None:
        """Take what came of a query; answer if that was all of it."""
        if (
            out not in self._out
        ):  # one look at the connections tells of an event twice, or of one that is over
            return
        try:
            reply = out.turn.arrived()
        except FairgraphError as error:
            outcome: Any = error
        else:
            if reply is None:
                if out.turn.size > SMALL_BYTES:
                    self._leave(out)
                return
            outcome = reply
        self._forget(out)
        self._begin()
        query = out.query
        answer = _Answer(self._quick, query.channel, Answered(query.question.etag, outcome))
        # Who has not taken what he was sent may make the one who sends wait.
        small = isinstance(outcome, Reply) and len(outcome.start) <= SMALL_BYTES
        if small and self._quick.knows(outcome) and _is_free(query.channel):
            self.answered += 1
            answer.service()
        else:
            self.in_thread(answer)

    def look(self) -> bool:
        """Leave to threads what takes longer; tell whether there is anything to look after."""
        before = time.monotonic() - AT_ONCE
        self._begin()
        while self._waiting and self._waiting[0].since < before:
            self.in_thread(self._waiting.popleft().channel)
        for out in [out for out in self._out if out.query.since < before]:
            self._leave(out)
        return bool(self._waiting or self._out)

    def _question(self, task: Any) -> Question | None:
        if threading.get_ident() != self._loop or len(self._waiting) >= _MOST_WAITING:
            return None
        request = task.requests[0]
        if request.error or not _is_free(task):
            return None
        return self._quick.question(
            request.command,
            request.path,
            request.query,
            {f"HTTP_{name}": value for name, value in request.headers.items()},
            at_once=True,
        )

    def _begin(self) -> None:
        """Begin the queries that wait, while there are processes for them."""
        now = time.monotonic()
        fresh = sum(out.began > now - _QUICK for out in self._out)
        while self._waiting and fresh < self._at_once:
            query = self._waiting[0]
            try:
                turn = self._workers.begin(query.question.request)
            except FairgraphError:
                self.in_thread(self._waiting.popleft().channel)
                continue
            if turn is None:
                return
            self._waiting.popleft()
            self._out.add(_Out(self, query, turn))
            fresh += 1

    def _forget(self, out: _Out) -> None:
        self._out.discard(out)
        out.del_channel()

    def _leave(self, out: _Out) -> None:
        """Leave a query to a thread; it is stopped at its limit even if none is free."""
        self._forget(out)
        out.turn.watch()
        query = out.query
        self.in_thread(_Rest(self._quick, query.channel, query.question, out.turn))


def _is_free(channel: HTTPChannel) -> bool:
    """Tell whether a connection has one request, and nothing left to send."""
    return len(channel.requests) == 1 and not channel.total_outbufs_len


class _Out(wasyncore.dispatcher):  # type: ignore[misc]
    """A query that a process works on, as a member of the loop: the loop reads from that process too."""

    def __init__(self, front: Front, query: _Query, turn: Turn) -> None:
        super().__init__(None, front.map)
        self.front, self.query, self.turn = front, query, turn
        self.began = time.monotonic()
        self._fileno = turn.process.fd
        self.add_channel()

    def writable(self) -> bool:
        return False

    def handle_read_event(self) -> None:
        self.front.arrived(self)

    handle_expt_event = handle_close = handle_read_event


class _Clock:
    """A member of the loop that is never ready: it looks for what takes longer whenever the loop goes round, and wakes it for that."""

    accepting = False

    def __init__(self, front: Front) -> None:
        self._front, self._server = front, None
        self._wound, self._stopped = threading.Event(), False
        self._thread = threading.Thread(target=self._tick, name="fairgraph-clock", daemon=True)

    def wind(self, server: Any) -> None:
        """Wake the loop until there is nothing to look after."""
        if self._server is None:
            self._server = server
            self._front.map[_CLOCK] = self
            self._thread.start()
        self._wound.set()

    def stop(self) -> None:
        """End the thread."""
        self._stopped = True
        while self._thread.is_alive():
            self._wound.set()  # again: the loop may just have cleared it
            self._thread.join(AT_ONCE)

    def readable(self) -> bool:
        if not self._stopped and self._wound.is_set() and not self._front.look():
            self._wound.clear()
        return False  # so what begins in this look is read from in the next round, which the clock sees to

    def writable(self) -> bool:
        return False

    def close(self) -> None:
        self._front.map.pop(_CLOCK, None)

    def _tick(self) -> None:
        while self._wound.wait() and not self._stopped:
            time.sleep(AT_ONCE)
            if not self._stopped:
                self._server.pull_trigger()  # type: ignore[attr-defined]


@dataclass
class _Answer:
    """A connection whose answer is known."""

    quick: Quick
    channel: HTTPChannel
    answered: Answered

    def service(self) -> None:
        with self.quick.ready(self.channel, self.answered):
            self.channel.service()

    def cancel(self) -> None:
        self.answered.close()
        self.channel.cancel()


@dataclass
class _Rest:
    """A connection whose query is being answered."""

    quick: Quick
    channel: HTTPChannel
    question: Question
    turn: Turn

    def service(self) -> None:
        try:
            outcome: Any = self.turn.reply(self._gone)
        except FairgraphError as error:
            outcome = error
        except Exception:
            _log.exception("a query was not answered")
            outcome = StoreError("this is a fault of fairgraph")
        _Answer(self.quick, self.channel, Answered(self.question.etag, outcome)).service()

    def cancel(self) -> None:
        self.turn.stop()
        self.channel.cancel()

    def _gone(self) -> bool:
        return bool(self.channel.check_client_disconnected()) or hung_up(self.channel)
