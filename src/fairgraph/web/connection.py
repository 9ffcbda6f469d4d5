"""The connection that a request came by: whether its caller is still there, and how much of the answer he has yet to take.

Of servers other than waitress nothing is known: there a caller stays, and is never behind.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from typing import IO, Any

from flask import Response, request

from fairgraph.web.workers.turns import CallerGone

AHEAD_BYTES = 4 * 1024 * 1024
"""How much of a long answer the server holds for a caller who has not taken it yet."""
_PAUSE = 0.005
_HUNG_UP: int | None = getattr(select, "POLLRDHUP", None)
_BLOCK_BYTES = 1 << 16


def handed_over(file: IO[bytes], size: int) -> Response:
    """Return an answer of *size* bytes that the server takes from *file* and closes, as slowly as its caller likes: no thread waits for him."""
    if request.method == "HEAD":
        file.close()
        response = Response()
    elif (wrap := request.environ.get("wsgi.file_wrapper")) is not None:
        response = Response(wrap(file, _BLOCK_BYTES), direct_passthrough=True)
    else:
        response = Response(blocks(file))
    response.content_length = size
    return response


def blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what is left of a file, and close it."""
    with file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def hung_up(channel: Any) -> bool:
    """Tell whether the other side of a connection has closed it: the server does not read on while more than one request is there."""
    descriptor = getattr(channel, "_fileno", None)
    if descriptor is None or _HUNG_UP is None:
        return False
    poll = select.poll()
    poll.register(descriptor, _HUNG_UP)
    return bool(poll.poll(0))


class Connection:
    """What the server knows of a caller."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._is_gone = environ.get("waitress.client_disconnected")
        self.channel = getattr(self._is_gone, "__self__", None)
        self._ends_by_closing = environ.get("SERVER_PROTOCOL") == "HTTP/1.0"

    def gone(self) -> bool:
        """Tell whether the caller has closed the connection."""
        return self._is_gone is not None and (bool(self._is_gone()) or hung_up(self.channel))

    def keep_up(self, until: float) -> None:
        """Wait until the caller has taken most of what he was sent; CallerGone if he has not at the time *until*, or has left."""
        while getattr(self.channel, "total_outbufs_len", 0) > AHEAD_BYTES:
            if self.gone() or time.monotonic() > until:
                raise CallerGone("the caller did not take the answer in time")
            time.sleep(_PAUSE)

    def broken(self) -> Exception:
        """Return what, raised while an answer is sent, ends it so that nobody takes it for whole."""
        if self._ends_by_closing and self.channel is not None:
            # Here the end of the connection is the end of the answer: only a reset tells the two apart.
            with contextlib.suppress(OSError):
                self.channel.socket.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
        try:
            from waitress.channel import ClientDisconnected
        except ImportError:
            return ConnectionAbortedError("the answer was broken off")
        error: Exception = ClientDisconnected()
        return error
