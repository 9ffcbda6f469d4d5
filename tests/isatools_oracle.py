"""What isatools says about ISA-JSON documents. Run by a Python that has isatools, not by that of the project.

    python isatools_oracle.py < paths > findings.jsonl

One path a line in (with a tab and the seconds that loading may take, if those are others than LIMIT), one JSON object a line out: ``{"path", "loaded", "load_error", "errors", "warnings"}``, errors and warnings as
``[code, message, supplemental]``. All in one process: importing isatools takes longer than most documents. A document that takes
longer than LIMIT seconds of CPU time gets the error code ``"time"`` (isatools does not end on some cyclic process sequences).
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

LIMIT = 150
LONGEST_TEXT = 600


class TooSlow(BaseException):
    """Raised by the clock; no Exception, so that isatools does not catch it."""


def main() -> None:
    """Answer for each path on standard input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever isatools prints
    warnings.simplefilter("ignore")
    from isatools import isajson
    from isatools.model.loader_indexes import loader_states

    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGVTALRM, _out_of_time)
    for line in sys.stdin:
        path, _, limit = line.rstrip("\n").partition("\t")
        answer = ask(isajson, loader_states, path, int(limit or LIMIT))
        print(json.dumps(answer), file=answers, flush=True)


def ask(isajson: Any, states: Any, path: str, limit: int) -> dict[str, Any]:
    """Load and validate one document, each time with nothing left over from the documents before it."""
    answer: dict[str, Any] = {
        "path": path,
        "loaded": False,
        "load_error": "",
        "errors": [],
        "warnings": [],
    }
    states.reset_store()  # isatools does so after a document that it could load, not after one that it could not
    failure = _attempt(lambda: _load(isajson, path), limit)
    answer["loaded"], answer["load_error"] = failure is None, failure or ""
    found: dict[str, Any] = {}
    states.reset_store()
    failure = _attempt(lambda: found.update(_validate(isajson, path)))
    for kind in ("errors", "warnings"):
        answer[kind] = [
            [
                str(one.get("code", "")),
                one["message"],
                str(one.get("supplemental", ""))[:LONGEST_TEXT],
            ]
            for one in found.get(kind, ())
        ]
    if failure:
        code = "time" if failure.startswith("TooSlow") else "exception"
        answer["errors"].append([code, failure[:LONGEST_TEXT], ""])
    return answer


def _load(isajson: Any, path: str) -> None:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - isatools wants file.name
        isajson.load(file)


def _validate(isajson: Any, path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        return dict(isajson.validate(file, log_level=logging.ERROR))


def _attempt(do: Callable[[], None], limit: int = LIMIT) -> str | None:
    try:
        with _limited(limit):
            do()
    except (Exception, TooSlow) as error:
        return f"{type(error).__name__}: {error}"
    return None


@contextmanager
def _limited(limit: int) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _out_of_time(number: int, frame: object) -> None:
    raise TooSlow("not done in time")


if __name__ == "__main__":
    main()
