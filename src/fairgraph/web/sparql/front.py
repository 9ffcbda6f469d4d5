"""What answers small queries in the loop that reads and writes all connections, without a thread for each.

A thread that waits for a process and is woken by it takes three times what a small query takes. So the loop itself sends such a query
to a process that stands by, and takes the answer when it is there. What is not there at once is handed to a thread, as everything else
is from the start.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher

from fairgraph.errors import FairgraphError
from fairgraph.web.sparql.quick import Asked, Question, Quick
from fairgraph.web.workers.pool import Workers
from fairgraph.web.workers.turn import Turn

AT_ONCE = 0.05
"""Seconds within which an answer is there at once."""
SMALL_BYTES = 1 << 18
"""How large an answer may be that the loop takes."""
_MOST_WAITING = 64

_Map = dict[int, Any]


@dataclass
class _Asking:
    """A small query of a connection, since when it is known."""

    channel: HTTPChannel
    question: Question
    since: float


class Front(ThreadedTaskDispatcher):  # type: ignore[misc]
    """The threads of the server, and before them the queries that need none. Make it in the thread that runs the loop over *map*."""

    def __init__(self, quick: Quick, workers: Workers, threads: int, map: _Map) -> None:
        super().__init__()
        self.set_thread_count(threads)
        self.map = map
        self._quick, self._workers = quick, workers
        self._waiting: deque[_Asking] = deque()
        self._out: set[_Out] = set()
        self._loop = threading.get_ident()
        self._needed = threading.Event()
        self._pull: Callable[..., None] | None = None

    def add_task(self, task: Any) -> None:
        """Begin what a connection asks for, here if it is small, else in a thread."""
        question = self._question(task)
        if question is None:
            super().add_task(task)
            return
        self._waiting.append(_Asking(task, question, time.monotonic()))
        self._begin()
        self._look(task.server.trigger.pull_trigger)

    def in_thread(self, task: Any) -> None:
        """Leave something to a thread."""
        super().add_task(task)

    def arrived(self, out: _Out) -> None:
        """Take what came of a query; answer if that was all of it."""
        asked = out.asking.question
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
        self._out.discard(out)
        out.del_channel()
        self._begin()
        answer = _Answer(self._quick, out.asking.channel, Asked(asked.etag, outcome))
        if self._quick.knows(asked, outcome):
            answer.service()
        else:
            self.in_thread(answer)

    def _question(self, task: Any) -> Question | None:
        if threading.get_ident() != self._loop or len(self._waiting) >= _MOST_WAITING:
            return None
        request = task.requests[0]
        if request.error:
            return None
        return self._quick.question(
            request.command,
            request.path,
            request.query,
            {f"HTTP_{name}": value for name, value in request.headers.items()},
        )

    def _begin(self) -> None:
        """Begin the queries that wait, while there are processes for them."""
        while self._waiting:
            asking = self._waiting[0]
            try:
                turn = self._workers.begin(asking.question.request)
            except FairgraphError:
                self.in_thread(self._waiting.popleft().channel)
                continue
            if turn is None:
                return
            self._waiting.popleft()
            self._out.add(_Out(self, asking, turn))

    def _leave(self, out: _Out) -> None:
        """Leave a query to a thread."""
        self._out.discard(out)
        out.del_channel()
        asking = out.asking
        self.in_thread(_Rest(self._quick, asking.channel, asking.question, out.turn))

    # -- What takes longer -----------------------------------------------------------------------------------------------

    def _look(self, pull: Callable[..., None]) -> None:
        """See to it that what is not answered at once is left to a thread."""
        if self._pull is None:
            self._pull = pull
            threading.Thread(target=self._watch, name="fairgraph-front", daemon=True).start()
        self._needed.set()

    def _watch(self) -> None:
        assert self._pull is not None
        while True:
            self._needed.wait()
            time.sleep(AT_ONCE)
            try:
                self._pull(self._late)
            except OSError:  # the server has closed
                return

    def _late(self) -> None:
        before = time.monotonic() - AT_ONCE
        self._begin()
        while self._waiting and self._waiting[0].since < before:
            self.in_thread(self._waiting.popleft().channel)
        for out in [out for out in self._out if out.asking.since < before]:
            self._leave(out)
        if not self._waiting and not self._out:
            self._needed.clear()


class _Out(wasyncore.dispatcher):  # type: ignore[misc]
    """A query that a process works on, as a member of the loop: the loop reads from that process too."""

    def __init__(self, front: Front, asking: _Asking, turn: Turn) -> None:
        super().__init__(None, front.map)
        self.front, self.asking, self.turn = front, asking, turn
        self._fileno = turn.process.fd
        self.add_channel()

    def writable(self) -> bool:
        return False

    def handle_read_event(self) -> None:
        self.front.arrived(self)

    handle_expt_event = handle_close = handle_read_event


@dataclass
class _Answer:
    """A connection whose answer is known."""

    quick: Quick
    channel: HTTPChannel
    asked: Asked

    def service(self) -> None:
        with self.quick.ready(self.channel, self.asked):
            self.channel.service()

    def cancel(self) -> None:
        self.asked.close()
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
            outcome: Any = self.turn.reply(self.channel.check_client_disconnected)
        except FairgraphError as error:
            outcome = error
        _Answer(self.quick, self.channel, Asked(self.question.etag, outcome)).service()

    def cancel(self) -> None:
        self.turn.stop()
        self.channel.cancel()
