"""Writing on behalf of a caller: each write in a process of its own, which can be stopped and has no network."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from flask import current_app, request

from fairgraph.api import Fairgraph
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


def written(caller: Caller, operation: str, **arguments: Any) -> dict[str, Any]:
    """Do a write that *caller* may do; return what ``writes`` tells of it.

    Raises QueryTimeout when it takes longer than the application lets a write take (it has then not been), and what the write itself earned.
    """
    assert caller.key is not None, "writes are for callers with a key"
    what = {"operation": operation, **arguments}
    fairgraph: Fairgraph = current_app.extensions["fairgraph"]
    if not isinstance(fairgraph.store, DiskStore):
        # A store in memory is in this process only: nobody serves one but a test.
        return perform(fairgraph, what)
    timeout: float = current_app.config["WRITE_TIMEOUT"]
    what["agent"] = f"key:{caller.key.name}"
    process = subprocess.Popen(
        [sys.executable, "-m", "fairgraph.web.workers.write", str(fairgraph.store.folder.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, _ = process.communicate(json.dumps(what).encode() + b"\n", timeout=timeout)
    except subprocess.TimeoutExpired:
        raise QueryTimeout(
            f"the write was stopped after {timeout:g} seconds; nothing was changed",
            hint="make it smaller",
        ) from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if not out:
        raise StoreError("the write was ended before it was done; nothing was changed")
    told: dict[str, Any] = json.loads(out)
    if "error" in told:
        raise as_raised(told["error"])
    result: dict[str, Any] = told["result"]
    return result


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
