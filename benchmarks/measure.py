"""What a process costs: CPU time, wall time and memory, its children included."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds of CPU (user and system), seconds on the clock, the peak of resident memory in MB."""

    cpu: float
    wall: float
    rss: float


class CommandError(Exception):
    """A command ended with an error; the text is the end of what it said."""


def run(
    command: Sequence[str],
    env: Mapping[str, str] | None = None,
    *,
    exits: Sequence[int] = (0,),
    inner: bool = False,
) -> Run:
    """Run a command to its end and measure it; raise CommandError if it does not end with one of *exits*.

    The numbers are those that the kernel keeps (``wait4``), so that start-up, shutdown and children count. With *inner* the
    command itself says on its last line how many seconds of CPU its step took, and that is taken instead.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        list(command),
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if inner else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr
    printed = process.stdout.read() if process.stdout else b""
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode not in exits:
        raise CommandError(
            f"{' '.join(command)}: exit {process.returncode}\n{said.decode(errors='replace')[-1500:]}"
        )
    unit = 1 if sys.platform == "darwin" else 1024
    cpu = float(printed.split()[-1]) if inner else usage.ru_utime + usage.ru_stime
    return Run(cpu, wall, usage.ru_maxrss * unit / 1e6)


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """Return minimum and median of each number, and the runs themselves."""
    found: dict[str, Any] = {}
    for name in ("cpu", "wall", "rss"):
        values = [getattr(one, name) for one in runs]
        found[name] = {"min": round(min(values), 3), "median": round(median(values), 3)}
    return {**found, "runs": [asdict(one) for one in runs]}
