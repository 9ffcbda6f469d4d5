"""The real Oxigraph server, for tests: one process on a free port of this machine, emptied before each store."""

from __future__ import annotations

import atexit
import ctypes
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path

from fairgraph.store.remote import RemoteStore


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end_with_us() -> None:
    """Let the kernel end the server when the tests are killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def start(*options: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server, with its data in memory unless *options* say otherwise; return the process and its URL."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("oxigraph")), "serve", *options]
    process = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_end_with_us if sys.platform == "linux" else None,
    )
    url = f"http://127.0.0.1:{port}/"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            send(f"{url}query", b"ASK {}", "application/sparql-query")
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None:
                break
            time.sleep(0.02)
        else:
            return process, url
    process.kill()
    process.wait()
    raise RuntimeError("the Oxigraph server does not start")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server."""
    process.terminate()
    process.wait()


def send(url: str, body: bytes, media_type: str) -> bytes:
    """Send a request past all of our code."""
    request = urllib.request.Request(url, data=body, headers={"Content-Type": media_type})
    with urllib.request.urlopen(request, timeout=60) as response:
        answer: bytes = response.read()
        return answer


def update(url: str, text: str) -> None:
    """Run an update on a server, past all of our code."""
    send(f"{url}update", text.encode(), "application/sparql-update")


@cache
def _shared() -> str:
    process, url = start()
    atexit.register(end, process)
    return url


def empty_server() -> str:
    """Return the URL of a server that holds nothing; the next call empties it again."""
    url = _shared()
    update(url, "DROP ALL")
    return url


def remote_store(folder: Path, timeout: float = 0.1) -> RemoteStore:
    """Return a new store on a server, with *folder* for what is kept here."""
    return RemoteStore(empty_server(), folder=folder, timeout=timeout)
