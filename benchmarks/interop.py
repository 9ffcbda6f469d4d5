"""What other tools read of ISA that fairgraph wrote, beside what they read of the originals: the tables of docs/interop.md.

    python -m benchmarks.interop [--ask QUESTION ...] [FOLDER ...]        (or ``make interop``)

Takes the ISA-Tab folders of the corpus (FAIRGRAPH_CORPUS). Each peer needs a Python of its own, which a variable names:
FAIRGRAPH_ISATOOLS, FAIRGRAPH_ALTAMISA, FAIRGRAPH_METABOLIGHTS, FAIRGRAPH_ARCTRL. Whose variable is missing is not asked. What was
said about all folders is kept in build/interop; the tables are written when nothing is missing there. Takes about half an hour.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fairgraph.conversion import convert
from fairgraph.errors import SourceError, UnknownFormat

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("FAIRGRAPH_CORPUS", ROOT.parent / "shared" / "data"))
KEPT = ROOT / "build" / "interop"
PAGE = ROOT / "docs" / "interop.md"
LIMIT = 60

Answers = dict[str, dict[str, Any]]  # folder to what a peer said

# Question, the variable that names the Python, what is written for it (export, options), and whether the original can be asked, too.
STRICT = {"inline-refs": "yes", "strict-1.0": "yes"}
QUESTIONS: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("isatab.load", "FAIRGRAPH_ISATOOLS", "isa-tab", {"normalise": "yes"}),
    ("altamisa", "FAIRGRAPH_ALTAMISA", "isa-tab", {"normalise": "yes"}),
    ("metabolights-utils", "FAIRGRAPH_METABOLIGHTS", "isa-tab", {"normalise": "yes"}),
    ("isajson.load", "FAIRGRAPH_ISATOOLS", "isa-json", {}),
    ("isajson.validate", "FAIRGRAPH_ISATOOLS", "isa-json", {}),
    ("isatab.dump", "FAIRGRAPH_ISATOOLS", "isa-json", {}),
    ("ARCtrl", "FAIRGRAPH_ARCTRL", "isa-json", STRICT),
)
LABELS = {
    "isatab.load": "isatools 0.14.3, `isatab.load`",
    "altamisa": "altamisa 0.3.1, its readers of investigation, studies and assays",
    "metabolights-utils": "metabolights-utils 1.4.36, its reader of investigation files",
    "isajson.load": "isatools 0.14.3, `isajson.load`",
    "isajson.validate": "isatools 0.14.3, `isajson.validate`",
    "isatab.dump": "isatools 0.14.3, `isatab.dump` of what `isajson.load` read",
    "ARCtrl": "ARCtrl 3.1.1, with `inline-refs` and `strict-1.0`",
}


def main(arguments: Sequence[str]) -> None:
    """Export the folders, ask the peers, print what they say, and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interop")
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="some folders only")
    parser.add_argument("--ask", action="append", choices=list(LABELS), help="some questions only")
    given = parser.parse_args(arguments)
    sources = sorted(path for path in (CORPUS / "isa" / "tab").iterdir() if path.is_dir())
    chosen = [path for path in sources if not given.folders or path.name in given.folders]
    with tempfile.TemporaryDirectory(prefix="fairgraph-interop-") as folder:
        found = ask_all(chosen, Path(folder), given.ask or list(LABELS))
    for (question, whose), answers in found.items():
        print(f"{question:20} {whose:9} {count(answers)} of {len(answers)}")
        for name, answer in answers.items():
            if not answer["ok"]:
                print(f"    {name}: {answer['reason']}")
    if not given.folders:
        KEPT.mkdir(parents=True, exist_ok=True)
        for (question, whose), answers in found.items():
            lines = "".join(f"{json.dumps(answer)}\n" for answer in answers.values())
            (KEPT / f"{question}-{whose}.jsonl").write_text(lines, encoding="utf-8")
        kept = {(q, w): read(q, w) for q, _, w in jobs(list(LABELS))}
        if all(kept.values()):
            write_page(kept, len(sources))


def jobs(questions: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return question, variable and whose: everybody is asked about ours, those who read ISA-Tab about the originals, too."""
    asked = [row for row in QUESTIONS if row[0] in questions]
    ours = [(question, variable, "ours") for question, variable, _, _ in asked]
    return ours + [(row[0], row[1], "original") for row in asked if row[2] == "isa-tab"]


def ask_all(
    sources: Sequence[Path], folder: Path, questions: Sequence[str]
) -> dict[tuple[str, str], Answers]:
    """Export what is needed and ask, two peers at a time."""
    forms = {row[0]: (row[2], row[3]) for row in QUESTIONS}
    written: dict[str, list[Path]] = {}
    for question in questions:
        key = str(forms[question])
        if key not in written:
            written[key] = export(sources, folder / str(len(written)), *forms[question])
    asked = jobs(questions)

    def run(job: tuple[str, str, str]) -> Answers:
        question, variable, whose = job
        return ask(
            question, variable, sources if whose == "original" else written[str(forms[question])]
        )

    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = pool.map(run, asked)
        return {(job[0], job[2]): found for job, found in zip(asked, answers, strict=True) if found}


def read(question: str, whose: str) -> Answers:
    """Return what was said the last time, nothing if nobody was asked."""
    path = KEPT / f"{question}-{whose}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return by_name(map(json.loads, lines))


def by_name(answers: Iterable[dict[str, Any]]) -> Answers:
    """Return answers by the name of the folder."""
    return {Path(a["path"]).name.removesuffix(".json"): a for a in answers}


def export(
    sources: Sequence[Path], folder: Path, name: str, options: Mapping[str, str]
) -> list[Path]:
    """Write each folder in one format; what the importer refuses is left out."""
    folder.mkdir()
    found = []
    for source in sources:
        output = io.BytesIO()
        try:
            convert(source, name, output, options=options)
        except (SourceError, UnknownFormat):
            continue
        path = folder / (source.name if name == "isa-tab" else f"{source.name}.json")
        if name == "isa-tab":
            with zipfile.ZipFile(output) as archive:
                archive.extractall(path)
        else:
            path.write_bytes(output.getvalue())
        found.append(path)
    return found


def ask(question: str, variable: str, paths: Sequence[Path]) -> Answers:
    """Ask one peer about all paths; nothing if its Python is not named."""
    python = os.environ.get(variable)
    if not python:
        print(f"{question} is not asked: set {variable}")
        return {}
    ran = subprocess.run(
        [python, str(Path(__file__).with_name("interop_peer.py")), question, str(LIMIT)],
        input="".join(f"{path}\n" for path in paths),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return by_name(map(json.loads, ran.stdout.splitlines()))


def count(answers: Answers) -> int:
    """Return how many could be read."""
    return sum(answer["ok"] for answer in answers.values())


def write_page(found: Mapping[tuple[str, str], Answers], folders: int) -> None:
    """Put the tables between their markers."""
    parts = {"tab": _tab(found), "json": _json(found, folders)}
    text = PAGE.read_text(encoding="utf-8")
    for name, body in parts.items():
        pattern = rf"(<!-- measured:{name} -->\n).*?(<!-- /measured:{name} -->)"
        text = re.sub(
            pattern, lambda m, body=body: f"{m[1]}\n{body}\n{m[2]}", text, flags=re.DOTALL
        )
    PAGE.write_text(text, encoding="utf-8")


def _tab(found: Mapping[tuple[str, str], Answers]) -> str:
    lines = ["| reader | original | ours | only the original |", "|---|---|---|---|"]
    reasons = []
    for question, _, name, _ in QUESTIONS:
        if name == "isa-tab":
            ours, original = found[question, "ours"], found[question, "original"]
            worse = [n for n, a in original.items() if a["ok"] and not ours.get(n, {}).get("ok")]
            row = (LABELS[question], count(original), count(ours), ", ".join(worse) or "none")
            lines.append(f"| {' | '.join(map(str, row))} |")
            reasons += _reasons(question, ours)
    return "\n".join([*lines, "", "What cannot be read, and what the reader says:", "", *reasons])


def _json(found: Mapping[tuple[str, str], Answers], folders: int) -> str:
    lines = ["| reader | ends | slowest, CPU seconds |", "|---|---|---|"]
    reasons = []
    for question, _, name, _ in QUESTIONS:
        if name == "isa-json":
            answers = found[question, "ours"]
            slowest = max(answers.values(), key=lambda answer: answer["seconds"])
            where = f"{slowest['seconds']} ({Path(slowest['path']).stem})"
            lines.append(f"| {LABELS[question]} | {count(answers)} of {folders} | {where} |")
            reasons += _reasons(question, answers)
    return "\n".join(
        [*lines, "", "What does not end well, and what the reader says:", "", *reasons]
    )


def _reasons(question: str, answers: Answers) -> list[str]:
    rows = []
    for name, answer in answers.items():
        if not answer["ok"]:
            reason = re.sub(r"'?/\S*/fairgraph-interop-[^/]+/\d+/[^/]*/?", "'", answer["reason"])
            reason = reason.replace("|", "\\|").replace("<", "&lt;")[:160]
            rows.append(f"| {question} | {name} | {reason} |")
    return ["| reader | folder | reason |", "|---|---|---|", *rows, ""] if rows else []


if __name__ == "__main__":
    main(sys.argv[1:])
