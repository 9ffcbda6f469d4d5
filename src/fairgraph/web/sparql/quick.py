"""The queries of programs without the framework, which takes most of the time that a small one takes.

Only what all of them have in common is done here: a GET of ``/sparql`` with a query and nothing else, from nobody in particular. Which
headers go with an answer is learnt from the application; what is not known yet, what is long, and what goes wrong is left to it. It
finds the reply, or the error, in the environment.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask

from fairgraph.access import PUBLIC
from fairgraph.errors import FairgraphError
from fairgraph.memory import SHORT, remembers
from fairgraph.web.asking import Asking
from fairgraph.web.connection import Connection
from fairgraph.web.negotiation import GRAPHS, RESULTS, chosen, is_browser, tag_of
from fairgraph.web.sparql.protocol import dataset_clauses, is_relative
from fairgraph.web.workers.pool import Workers
from fairgraph.web.workers.turn import Reply

REPLY = "fairgraph.reply"
Headers = list[tuple[str, str]]
Environ = dict[str, Any]
# With one of these an answer is not what everybody gets.
_OTHERS = ("HTTP_X_API_KEY", "HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH", "HTTP_COOKIE")


@dataclass(frozen=True)
class Question:
    """A small query: what a process is asked, and the entity tag of the answer."""

    request: dict[str, Any]
    etag: str


@dataclass(frozen=True)
class Answered:
    """What came of a query that was asked before the application: its entity tag, and the reply or the error."""

    etag: str
    outcome: Reply | FairgraphError

    def close(self) -> None:
        """Stop what is still going on."""
        if isinstance(self.outcome, Reply):
            self.outcome.close()


class Quick:
    """The application, and before it the answers that need none of it."""

    def __init__(self, app: Flask, workers: Workers, asking: Asking) -> None:
        self._application, self._config = app.wsgi_app, app.config
        self._workers, self._asking = workers, asking
        # By the kind and the form of the answer.
        self._known: dict[tuple[str, str], Headers] = {}
        self._ready: dict[Any, Answered] = {}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        connection = Connection(environ)
        found = self._ready.pop(connection.channel, None)
        if found is None:
            question = self.question(
                environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], environ
            )
            if question is None:
                return self._application(environ, start_response)
            found = self._ask(question, connection)
        reply = found.outcome
        if isinstance(reply, FairgraphError) or not reply.complete:
            environ[REPLY] = found
            return self._application(environ, start_response)
        key = _key(reply)
        headers = self._known.get(key)
        if headers is None:
            environ[REPLY] = found
            return self._application(environ, self._learning(key, start_response))
        length = ("Content-Length", str(len(reply.start)))
        start_response("200 OK", [*headers, length, ("ETag", f'"{found.etag}"')])
        return [reply.start]

    def question(
        self,
        method: str,
        path: str,
        query_string: str,
        headers: Mapping[str, Any],
        *,
        at_once: bool = False,
    ) -> Question | None:
        """Return the small query that a request brings, if it brings one; *headers* are named as in an environment.

        *at_once* says that nobody may wait: a long query, or one that a new state of the store would have to be opened for, is none then.
        """
        if path != "/sparql" or method != "GET" or any(name in headers for name in _OTHERS):
            return None
        accept = headers.get("HTTP_ACCEPT", "")
        if at_once and len(query_string) + len(accept) > SHORT:
            return None
        text = _plain(query_string, accept)
        if text is None:
            return None
        try:
            graphs = dataset_clauses(text)
            # Before the query: the answer may be newer than its tag, and not older.
            version = self._asking.version_at_hand() if at_once else self._asking.version()
        except FairgraphError:
            return None
        if version is None:
            return None
        request = {
            "query": text,
            "graphs": graphs,
            "forms": _forms(accept),
            "limit": 0,
            "caller": PUBLIC,
        }
        etag = tag_of(self._config["EDITION"], PUBLIC, version, text, graphs, "", accept)
        return Question(request, etag)

    def knows(self, outcome: Reply | FairgraphError) -> bool:
        """Tell whether an answer can go out without the application."""
        return isinstance(outcome, Reply) and outcome.complete and _key(outcome) in self._known

    @contextlib.contextmanager
    def ready(self, channel: Any, asked: Answered) -> Iterator[None]:
        """Have the answer of a connection ready for the request that it serves meanwhile."""
        self._ready[channel] = asked
        try:
            yield
        finally:
            if self._ready.pop(channel, None) is not None:  # its caller has gone
                asked.close()

    def _ask(self, question: Question, connection: Connection) -> Answered:
        try:
            return Answered(question.etag, self._workers.ask(question.request, connection.gone))
        except FairgraphError as error:
            return Answered(question.etag, error)

    def _learning(
        self, key: tuple[str, str], start_response: Callable[..., Any]
    ) -> Callable[..., Any]:
        """Return a ``start_response`` that remembers the headers of a good answer."""

        def start(status: str, headers: Headers, *error: Any) -> Any:
            if status.startswith("200"):
                own = ("content-length", "etag")
                self._known[key] = [pair for pair in headers if pair[0].lower() not in own]
            return start_response(status, headers, *error)

        return start


def _key(reply: Reply) -> tuple[str, str]:
    return reply.head["kind"], reply.head["form"]


@remembers
def _plain(query_string: str, accept: str) -> str | None:
    """Return the query, if a request brings it and nothing else, and no browser or fault has to be thought of."""
    try:
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="strict")
    except ValueError:
        return None
    if len(pairs) != 1 or pairs[0][0] != "query" or not pairs[0][1].strip():
        return None
    text = pairs[0][1]
    if is_relative(text) or is_browser(accept) or not any(_forms(accept).values()):
        return None
    return text


@remembers
def _forms(accept: str) -> dict[str, str]:
    rows, graph = chosen(accept, RESULTS), chosen(accept, GRAPHS)
    return {"rows": rows.name if rows else "", "graph": graph.name if graph else ""}
