"""Writing on behalf of a caller: each write in a process of its own, which can be stopped and has no network."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from flask import current_app, request

from fairgraph.api import Fairgraph, Progress
from fairgraph.errors import StoreError, UsageError
from fairgraph.store.embedded import DiskStore
from fairgraph.web.callers import Caller
from fairgraph.web.workers.turn import QueryTimeout, as_raised
from fairgraph.web.workers.writes import perform

MOST_UPLOAD = 2 * 1024**3
"""Bytes that one request may bring."""
_COPY = 1 << 20
Brought = list[tuple[Path, str, str]]
"""The files that a request brings: path, media type and name of each."""


def written(
    caller: Caller, operation: str, *, progress: Progress = lambda step: None, **arguments: Any
) -> dict[str, Any]:
    """Do a write that *caller* may do; return what ``writes`` tells of it. An import tells its steps.

    Raises QueryTimeout when it takes longer than the application lets a write take (it has then not been), and what the write itself earned.
    """
    assert caller.key is not None, "writes are for callers with a key"
    what = {"operation": operation, **arguments}
    fairgraph: Fairgraph = current_app.extensions["fairgraph"]
    if not isinstance(fairgraph.store, DiskStore):
        # A store in memory is in this process only: nobody serves one but a test.
        return perform(fairgraph, what, progress)
    timeout: float = current_app.config["WRITE_TIMEOUT"]
    what["agent"] = f"key:{caller.key.name}"
    process = subprocess.Popen(
        [sys.executable, "-m", "fairgraph.web.workers.write", str(fairgraph.store.folder.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    watch = threading.Timer(timeout, stop)
    watch.start()
    told: dict[str, Any] = {}
    try:
        for told in _lines(process, what):
            if "step" in told:
                progress(told["step"])
    finally:
        watch.cancel()
        process.kill()
        process.communicate()
    if "step" in told or not told:
        if late.is_set():
            raise QueryTimeout(
                f"the write was stopped after {timeout:g} seconds; nothing was changed",
                hint="make it smaller",
            )
        raise StoreError("the write was ended before it was done; nothing was changed")
    if "error" in told:
        raise as_raised(told["error"])
    result: dict[str, Any] = told["result"]
    return result


def _lines(process: subprocess.Popen[bytes], what: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Send a process what it is to do, and yield what it tells."""
    assert process.stdin and process.stdout
    with contextlib.suppress(OSError):  # it has ended: it tells nothing
        process.stdin.write(json.dumps(what).encode() + b"\n")
        process.stdin.flush()
    for line in process.stdout:
        yield json.loads(line)


@contextlib.contextmanager
def bodies(most: int = MOST_UPLOAD) -> Iterator[Brought]:
    """Lend the files that a request of at most so many bytes brings: of a form its files, else the one body."""
    request.max_content_length = most
    with tempfile.TemporaryDirectory(prefix="fairgraph-upload-") as folder:
        found = []
        if request.mimetype == "multipart/form-data":
            parts = list(request.files.items(multi=True))
            for n, (_, part) in enumerate(parts):
                name = file_name(part.filename or "", f"part-{n}")
                place = _kept(part.stream, Path(folder) / str(n), name)
                found.append((place, part.mimetype, name))
        else:
            name = file_name(request.args.get("name", ""), "body")
            place = _kept(request.stream, Path(folder) / "0", name)
            found.append((place, request.mimetype, name))
        yield found


def file_name(given: str, default: str) -> str:
    """Return the last part of a name that somebody sent, or *default* where there is none; UsageError for what no file is called."""
    name = PurePosixPath(given.replace("\\", "/")).name or default
    if name in (".", "..") or not name.isprintable() or len(name.encode("utf-8", "replace")) > 255:
        raise UsageError(f"{name[:60]!r} is no name of a file")
    return name


def _kept(content: IO[bytes], folder: Path, name: str) -> Path:
    folder.mkdir()
    place = folder / name
    with place.open("wb") as file:
        shutil.copyfileobj(content, file, _COPY)
    return place
