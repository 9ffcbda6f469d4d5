"""How much memory this machine, or the container that we are in, has; answers that are kept in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar

R = TypeVar("R")
SHORT = 4_096
"""Texts of so many characters are remembered; longer ones could fill the memory."""
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


def remembers(function: Callable[..., R]) -> Callable[..., R]:
    """Let a function of texts remember its answers for the last 512 short ones, whoever sends them."""
    known = lru_cache(maxsize=512)(function)

    @wraps(function)
    def asked(*texts: str) -> R:
        return known(*texts) if sum(map(len, texts)) <= SHORT else function(*texts)

    return asked
