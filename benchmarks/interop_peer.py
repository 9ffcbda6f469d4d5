"""Can a peer read a file? Run by a Python that has the peer, not by that of the project.

    python interop_peer.py QUESTION SECONDS < paths > answers.jsonl

One path a line in, one JSON object a line out: ``{"path", "ok", "reason", "seconds"}``. Every path is tried in a process of its
own, which may take SECONDS of CPU time: nothing is left over from one to the next, and what does not end is ended.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

LONGEST = 300


def main() -> None:
    """Answer the question on the command line for each path on standard input."""
    question, limit = QUESTIONS[sys.argv[1]], int(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the peer prints
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    ask = question()
    for line in sys.stdin:
        path = line.rstrip("\n")
        print(json.dumps({"path": path, **attempt(ask, path, limit)}), file=answers, flush=True)


def attempt(ask: Callable[[str], None], path: str, limit: int) -> dict[str, Any]:
    """Ask about one path in a process of its own."""
    reading, writing = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if not child:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        reason = ""
        try:
            ask(path)
        except BaseException as error:
            text = " ".join(str(error).split())
            reason = f"{type(error).__name__}: {text}"[:LONGEST]
        os.write(writing, reason.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as answer:
        reason = answer.read()
    _, status, usage = os.wait4(child, 0)
    seconds = round(usage.ru_utime + usage.ru_stime, 1)
    if status:
        reason = f"did not end within {limit} s of CPU time"
    wall = round(time.monotonic() - started, 1)
    return {"ok": not reason, "reason": reason, "seconds": seconds, "wall": wall}


def isatab_load() -> Callable[[str], None]:
    """Read a folder with isatools: the investigation file and all tables."""
    from isatools import isatab

    def ask(path: str) -> None:
        with next(Path(path).glob("i_*.txt")).open(encoding="utf-8") as file:
            isatab.load(file)

    return ask


def isajson_load() -> Callable[[str], None]:
    """Read an ISA-JSON document with isatools."""
    from isatools import isajson

    def ask(path: str) -> None:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - isatools wants file.name
            isajson.load(file)

    return ask


def isajson_validate() -> Callable[[str], None]:
    """Have isatools validate an ISA-JSON document: that it ends counts, not what it finds."""
    from isatools import isajson

    def ask(path: str) -> None:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            isajson.validate(file, log_level=logging.CRITICAL)

    return ask


def isatab_dump() -> Callable[[str], None]:
    """Have isatools write as ISA-Tab what it read from an ISA-JSON document."""
    from isatools import isajson, isatab

    def ask(path: str) -> None:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            investigation = isajson.load(file)
        with tempfile.TemporaryDirectory() as folder:
            isatab.dump(investigation, folder)

    return ask


def altamisa() -> Callable[[str], None]:
    """Read a folder with altamisa: the investigation file, then each study and assay that it names."""
    from altamisa.isatab import AssayReader, InvestigationReader, StudyReader

    def ask(path: str) -> None:
        with next(Path(path).glob("i_*.txt")).open(encoding="utf-8") as file:
            investigation = InvestigationReader.from_stream(file).read()
        for n, study in enumerate(investigation.studies):
            if study.info.path:
                with (Path(path) / study.info.path).open(encoding="utf-8") as file:
                    StudyReader.from_stream(f"S{n}", file).read()
            for m, assay in enumerate(
                study.assays.values() if hasattr(study.assays, "values") else study.assays
            ):
                if assay.path:
                    with (Path(path) / assay.path).open(encoding="utf-8") as file:
                        AssayReader.from_stream(f"S{n}", f"A{m}", file).read()

    return ask


def metabolights() -> Callable[[str], None]:
    """Read an investigation file with metabolights-utils; its own messages ERROR and CRITICAL count as failures."""
    from metabolights_utils.isatab import Reader

    def ask(path: str) -> None:
        name = next(Path(path).glob("i_*.txt"))
        result = Reader.get_investigation_file_reader().read(file_buffer_or_path=name)
        messages = result.parser_report.messages
        bad = [m for m in messages if m.type.name in ("ERROR", "CRITICAL")]
        if bad:
            raise ValueError("; ".join(f"{m.short}: {m.detail}" for m in bad[:3]))

    return ask


def arctrl() -> Callable[[str], None]:
    """Read an ISA-JSON document with ARCtrl."""
    from arctrl import JsonController

    def ask(path: str) -> None:
        text = Path(path).read_text(encoding="utf-8")
        JsonController.Investigation().from_isajson_string(text)

    return ask


QUESTIONS: dict[str, Callable[[], Callable[[str], None]]] = {
    "isatab.load": isatab_load,
    "isajson.load": isajson_load,
    "isajson.validate": isajson_validate,
    "isatab.dump": isatab_dump,
    "altamisa": altamisa,
    "metabolights-utils": metabolights,
    "ARCtrl": arctrl,
}

if __name__ == "__main__":
    main()
