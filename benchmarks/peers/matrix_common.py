"""What the measurements of the ML matrix share: CPU time, and the queries that the export asks."""

from __future__ import annotations

import resource
from typing import Any

from fairgraph import answers


def seconds() -> float:
    """Return the CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def asked(fg: Any) -> list[tuple[str, Any]]:
    """Export the matrix of the first dataset; return the text and the scope of each query that it asked."""
    found: list[tuple[str, Any]] = []

    class Listening(answers._Answers):
        def rows(self, query: str, **terms: Any) -> Any:
            found.append((self._text(query, terms), self._scope))
            return super().rows(query, **terms)

    original = answers._Answers
    answers._Answers = Listening  # type: ignore[misc]
    try:
        for _ in fg.export("ml-csv", 1).stream():
            pass
    finally:
        answers._Answers = original  # type: ignore[misc]
    return found
