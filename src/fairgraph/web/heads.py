"""HEAD on waitress, which ends the body of an answer of unknown length also where there is none (RFC 9112 §6.3)."""

from __future__ import annotations

from waitress.channel import HTTPChannel
from waitress.task import WSGITask


class _Task(WSGITask):  # type: ignore[misc]
    """One request; after the head of an answer to HEAD nothing follows, not even the last chunk."""

    def finish(self) -> None:
        """End the answer."""
        if not self.wrote_header:
            self.write(b"")
        if self.request.command == "HEAD":
            self.chunked_response = False
        super().finish()


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose answers to HEAD have no body."""

    task_class = _Task
