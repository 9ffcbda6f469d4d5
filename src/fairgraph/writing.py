"""Files that appear only when they are complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from fairgraph.errors import UsageError


@contextmanager
def whole_file(path: str | Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Open a file for writing bytes; it takes the place of an older one at the end of the ``with`` block, or not at all.

    Links are followed; a device or a pipe is written to as it is. *private* files are for their owner's eyes. Raises UsageError if the file cannot be written.
    """
    given = Path(path)
    try:
        direct = given.exists() and not given.is_file()
        target = given if direct else given.resolve()
    except OSError as error:  # a name that is too long
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from error
    partial = target if direct else target.with_name(f".{target.name}.partial")
    try:
        if private:
            partial.touch(mode=0o600)
        with partial.open("wb") as file:
            yield file
        if not direct:
            partial.replace(target)
    except BrokenPipeError:
        raise  # whoever reads has gone: no error of ours
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from error
    finally:
        if not direct:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
