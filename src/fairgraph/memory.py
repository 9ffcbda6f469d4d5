"""How much memory this machine, or the container that we are in, has."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_CGROUPS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def total() -> int:
    """Return the bytes of memory that there are for all processes together; 0 where nobody says."""
    found = []
    with suppress(AttributeError, ValueError, OSError):  # not every system has these names
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for path in _CGROUPS:
        with suppress(OSError, ValueError):  # "max": no limit
            found.append(int(path.read_text(encoding="ascii")))
    return min((size for size in found if size > 0), default=0)
