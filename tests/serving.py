"""A real ``fairgraph serve`` for tests: its process, its address, and requests that look at every byte."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

START = "from fairgraph.cli.main import main; main()"


@dataclass(frozen=True)
class Server:
    """A server that runs, at a free port of this machine."""

    url: str
    pid: int

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port
        return port

    def connect(self, timeout: float = 60.0) -> http.client.HTTPConnection:
        """Return a connection of its own."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        **arguments: str,
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send a request on a connection of its own; return status, headers and body."""
        target = f"{path}?{urlencode(arguments)}" if arguments else path
        with contextlib.closing(self.connect()) as connection:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def workers(self) -> set[int]:
        """Return the processes that the server has started and that still run."""
        if not Path("/proc/self/stat").is_file():
            pytest.skip("there is no /proc to look for processes in")
        found = set()
        for place in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = place.read_text().rpartition(")")[2].split()
                if int(fields[1]) == self.pid and fields[0] != "Z":
                    found.add(int(place.parent.name))
        return found


@contextlib.contextmanager
def served(store: Path, *options: str) -> Iterator[Server]:
    """Serve a store until the end of the block."""
    command = [sys.executable, "-c", START, "--store", str(store), "serve", "--port", "0"]
    process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        yield Server(process.stderr.readline().split()[-1].rstrip("/"), process.pid)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        told = process.communicate(timeout=30)[1]
    assert "Traceback" not in told, told


def within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Wait until something has happened; False if it has not in time."""
    until = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
