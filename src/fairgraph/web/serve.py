"""The server: the application on waitress, until it is interrupted."""

from __future__ import annotations

import logging
import signal
from types import FrameType
from typing import Any

import click
from waitress.server import create_server

from fairgraph.api import Fairgraph
from fairgraph.errors import UsageError
from fairgraph.store.remote import RemoteStore
from fairgraph.web.app import MOST_BODY, close_app, create_app, prepare
from fairgraph.web.connection import AHEAD_BYTES
from fairgraph.web.rest.writers import MOST_UPLOAD
from fairgraph.web.sparql.front import Front
from fairgraph.web.sparql.quick import Quick
from fairgraph.web.workers.pool import TIMEOUT, Workers
from fairgraph.web.workers.turn import SPOOLED_BYTES
from fairgraph.web.workers.turns import MOST_WAITING

QUERY_WORKERS = 2
_MOST_CONNECTIONS = 500
# Seconds that a connection may be silent.
_IDLE = 60


def serve(
    fairgraph: Fairgraph,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 4,
    timeout: float = TIMEOUT,
    writable: bool = False,
    quiet: bool = False,
) -> None:
    """Serve the store until SIGINT or SIGTERM; port 0 takes a free one; a query from outside is stopped after *timeout* seconds. The URL goes to stderr.

    *writable* lets callers with a key that allows it write.

    Raises UsageError if the address cannot be had, and for a remote store that is to be *writable*.
    """
    if writable and isinstance(fairgraph.store, RemoteStore):
        # A write from outside runs in a process without a network, and this one needs one.
        raise UsageError(
            "a remote store is not served for writing", hint="write to it from the command line"
        )
    if isinstance(fairgraph.store, RemoteStore):
        fairgraph.store.server.seconds = timeout  # nothing else stops what a server is asked
    app = create_app(fairgraph, timeout=timeout, query_workers=QUERY_WORKERS, writable=writable)
    asked: Workers | None = app.extensions["fairgraph.workers"]
    # Queries from outside may take their time: pages keep their own threads beside those that ask and those that wait.
    threads = workers + QUERY_WORKERS + 1 + MOST_WAITING
    connections: dict[int, Any] = {}
    front = None
    if asked is not None and isinstance(app.wsgi_app, Quick):
        front = Front(app.wsgi_app, asked, threads, connections)
    try:
        server = create_server(
            app,
            connections,
            _dispatcher=front,
            host=host,
            port=port,
            threads=threads,
            # A connection costs little: many may be open, and who has stopped in the middle of a request does not keep out others.
            connection_limit=_MOST_CONNECTIONS,
            channel_timeout=_IDLE,
            asyncore_use_poll=True,
            # Only who still reads from a connection learns that it was closed.
            channel_request_lookahead=1,
            # What is larger is refused while it comes: only who has a key brings more than a query.
            max_request_body_size=MOST_UPLOAD if writable else MOST_BODY,
            outbuf_overflow=SPOOLED_BYTES + AHEAD_BYTES,
            ident="fairgraph",
        )
    except (OSError, ValueError) as error:
        close_app(app)
        raise UsageError(
            f"cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}",
            hint="take another --port; 0 finds a free one",
        ) from error

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if asked is not None:
        asked.start()
    prepare(app)
    before = signal.signal(signal.SIGTERM, stop)
    # One line for every time that all threads are busy is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        if not quiet:
            name = f"[{host}]" if ":" in host else host
            click.echo(f"fairgraph serves http://{name}:{server.effective_port}/", err=True)
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        server.close()
        close_app(app)
