"""``python -m benchmarks``: run the cases, print a table, write ``build/bench.json``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.cases import ROOT, Case, Contender, Number, Promise, cases
from benchmarks.measure import Run, run, summary

_MARKS = ("<!-- measured -->", "<!-- /measured -->")
Results = Mapping[str, Mapping[Number, float]]


def main() -> int:
    """Run what was asked for; return 1 if a promise was broken and --check is given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--large", action="store_true", help="10,000 samples with isatools too, and 100,000 samples"
    )
    parser.add_argument(
        "--repeats", type=int, default=5, help="how often each contender runs (default: 5)"
    )
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="only cases with TEXT in their name"
    )
    parser.add_argument("--check", action="store_true", help="end with 1 if a promise is broken")
    parser.add_argument(
        "--docs",
        action="store_true",
        help="write the tables of docs/benchmarks.md, older results included",
    )
    parser.add_argument(
        "--output", type=Path, default=ROOT / "build" / "bench.json", metavar="FILE"
    )
    arguments = parser.parse_args()
    work = ROOT / "build" / "bench"
    work.mkdir(parents=True, exist_ok=True)
    chosen = cases(work, large=arguments.large)
    print("| case | contender | CPU s min (median) | wall s min (median) | peak MB |")
    print("|---|---|---|---|---|")
    known = _known(arguments.output)
    done = []
    for name, make in chosen.items():
        if arguments.only in name and (result := _result(name, make, arguments.repeats)):
            done.append(result)
            known[result["case"]] = {**result, **_machine()}
            _keep(arguments.output, known)
    print()
    print("\n".join(_promises(done)))
    if arguments.docs:
        _write_docs([*known.values()])
    broken = any(p["kept"] is False for result in done for p in result["promises"])
    return 1 if broken and arguments.check else 0


def _known(path: Path) -> dict[str, dict[str, Any]]:
    """Return the results of earlier runs by case: a case that is not run again keeps its numbers."""
    if not path.is_file():
        return {}
    return {
        result["case"]: result for result in json.loads(path.read_text(encoding="utf-8"))["cases"]
    }


def _keep(path: Path, known: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"cases": list(known.values())}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _promises(results: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = ["| case | number | value | promise | kept |", "|---|---|---|---|---|"]
    for result in results:
        for promise in result["promises"]:
            verdict = {True: "yes", False: "**no**", None: ""}[promise["kept"]]
            cells = (
                result["case"],
                promise["text"],
                f"{promise['value']:.2f}",
                promise["bound"],
                verdict,
            )
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _write_docs(results: Sequence[Mapping[str, Any]]) -> None:
    """Put the numbers between the marks of ``docs/benchmarks.md``; cases that were measured elsewhere keep theirs."""
    path = ROOT / "docs" / "benchmarks.md"
    head, _, rest = path.read_text(encoding="utf-8").partition(_MARKS[0])
    written, _, tail = rest.partition(_MARKS[1])
    cases = {result["case"] for result in results}
    promises, runs = (
        [row for row in table.splitlines() if row and row.split(" | ")[0][2:] not in cases]
        for table in written.strip().split("\n\n")
    )
    lines = []
    for result in results:
        for name, found in result["contenders"].items():
            numbers = [f"{found[n]['min']:.2f}" for n in ("cpu", "wall")]
            cells = [result["case"], name, *numbers, f"{found['rss']['median']:.0f}"]
            lines.append(
                f"| {' | '.join([*cells, str(len(found['runs'])), result['date'][:10]])} |"
            )
    text = "\n".join([*promises, *_promises(results)[2:], "", *runs, *lines])
    path.write_text(f"{head}{_MARKS[0]}\n{text}\n{_MARKS[1]}{tail}", encoding="utf-8")


def _result(name: str, make: Callable[[], Case | None], repeats: int) -> dict[str, Any] | None:
    case = make()
    if case is None:
        print(
            f"({name} is left out: no corpus, or no isatools; see benchmarks/README.md)",
            file=sys.stderr,
        )
        return None
    measured = {contender: summary(runs) for contender, runs in _measure(case, repeats).items()}
    for contender, found in measured.items():
        cells = [f"{found[n]['min']:.2f} ({found[n]['median']:.2f})" for n in ("cpu", "wall")]
        print(
            f"| {case.name} | {contender} | {' | '.join(cells)} | {found['rss']['median']:.0f} |",
            flush=True,
        )
    best: Results = {
        name: {
            "cpu": found["cpu"]["min"],
            "wall": found["wall"]["min"],
            "rss": found["rss"]["median"],
        }
        for name, found in measured.items()
    }
    promises = [_promise(promise, best) for promise in case.promises]
    return {"case": case.name, "contenders": measured, "promises": promises}


def _measure(case: Case, repeats: int) -> dict[str, list[Run]]:
    """Run the contenders in turn, so that a busy moment of the machine meets them all."""
    runs: dict[str, list[Run]] = {contender.name: [] for contender in case.contenders}
    for n in range(repeats):
        for contender in case.contenders:
            if n < contender.at_most:
                runs[contender.name].append(_run(contender))
    return runs


def _run(contender: Contender) -> Run:
    contender.clear()
    found = run(contender.command, contender.env, exits=contender.exits, inner=contender.inner)
    contender.clear()
    return found


def _promise(promise: Promise, results: Results) -> dict[str, Any]:
    value = promise.value(results)
    bound, kept = "", None
    if promise.at_least is not None or promise.at_most is not None:
        kept = promise.kept(value)
        bound = (
            f"≥ {promise.at_least:g}" if promise.at_least is not None else f"≤ {promise.at_most:g}"
        )
    return {"text": promise.text, "value": round(value, 3), "bound": bound, "kept": kept}


def _machine() -> dict[str, Any]:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": asked.stdout.strip(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "pyoxigraph": version("pyoxigraph"),
    }


if __name__ == "__main__":
    sys.exit(main())
