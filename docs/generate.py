"""Rewrite the tables in the documentation that stand between ``<!-- generated:NAME -->`` and ``<!-- /generated:NAME -->``.

    python docs/generate.py            rewrite what is stale
    python docs/generate.py --check    write nothing; exit code 1 if something is stale

The tables come from the code that they describe: the tables of formats and exports, the commands, the queries, the shapes, the
errors, the addresses of the web application.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import fairgraph
from fairgraph import errors, queries
from fairgraph.cli.main import COMMANDS
from fairgraph.exports.export import exports
from fairgraph.importers import rules as importers
from fairgraph.importers.format import formats
from fairgraph.scores.score import AI_READY, FAIR, RuleSet, part_of, plain
from fairgraph.validation.shapes import profiles, shapes

ROOT = Path(__file__).resolve().parents[1]
MARKED = re.compile(
    r"(?P<begin>^<!-- generated:(?P<name>[a-z]+) -->\n)(?P<body>.*?)(?P<end>^<!-- /generated:(?P=name) -->$)",
    re.MULTILINE | re.DOTALL,
)


def documents() -> list[Path]:
    """Return the Markdown files of the project, those at its top first."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    head = list(columns)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines
    )


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _number(number: int) -> str:
    return str(number) if number else ""


def _first_sentence(function: Callable[..., object]) -> str:
    text = " ".join((function.__doc__ or "").split("\n\n")[0].split())
    return text.split(". ")[0].rstrip(".")


def import_formats() -> str:
    """The import formats, in the order in which they are tried."""
    rows = (
        (_code(f.name), f.label, _first_sentence(f.read).removeprefix("Read ")) for f in formats()
    )
    return table(("format", "what", "reads"), rows)


def export_formats() -> str:
    """The export formats."""
    rows = (
        (
            _code(e.name),
            e.label,
            _code(e.media_type.split(";")[0]),
            _code("." + e.suffix),
            "one dataset, or all" if e.scope == "any" else "one dataset",
            " ".join(map(_code, e.options)) or "none",
        )
        for e in exports()
    )
    return table(("format", "what", "media type", "suffix", "of", "options"), rows)


def commands() -> str:
    """The commands of the command line."""
    return table(
        ("command", "does"),
        ((f"[`{name}`](#{name})", text) for name, (_, text) in COMMANDS.items()),
    )


def query_files() -> str:
    """The catalogue of queries."""
    rows = (
        (
            _code(q.name),
            q.form,
            " ".join(
                _code(p.name + ("" if p.default is None else f"={p.default}")) for p in q.params
            ),
            q.summary,
        )
        for q in queries.catalogue().values()
    )
    return table(("query", "form", "parameters", "answers"), rows)


def rules() -> str:
    """The shapes of all profiles."""
    rows = (
        (profile, s.entity, _code(s.rule), _number(s.content_rule), s.code, s.severity, s.message)
        for profile in profiles()
        for s in shapes(profile)
    )
    columns = ("profile", "about", "rule", "content rule", "code", "severity", "message")
    return table(columns, rows)


def importer_rules() -> str:
    """The rules of the importers."""
    rows = (
        (_code(r.name), _number(r.content_rule), r.code, r.severity, r.when)
        for r in importers.RULES
    )
    return table(("rule", "content rule", "code", "severity", "when"), rows)


def content_rules() -> str:
    """The content rules of ISA by their numbers, and what checks each of them."""
    rows = [
        (s.content_rule, s.rule, "shape", s.code, s.severity, s.message)
        for profile in profiles()
        for s in shapes(profile)
    ]
    known = {row[1] for row in rows}
    rows += [
        (
            r.content_rule,
            r.name,
            "importer",
            r.code,
            r.severity,
            f"{r.when[0].upper()}{r.when[1:]}.",
        )
        for r in importers.RULES
        if r.name not in known
    ]
    found = sorted((row for row in rows if row[0]), key=lambda row: row[0])
    return table(
        ("content rule", "rule", "checked by", "code", "severity", "about"),
        ((str(number), _code(rule), *rest) for number, rule, *rest in found),
    )


def _score_rules(rule_set: RuleSet) -> str:
    rows = (
        (
            part_of(rule),
            _code(rule.name.rpartition("/")[2]),
            f"{plain(rule.points):g}",
            rule.summary,
        )
        for rule in rule_set.rules
    )
    return table(("part", "rule", "points", "asks for"), rows)


def fair_rules() -> str:
    """The rules of the FAIR score."""
    return _score_rules(FAIR)


def ai_rules() -> str:
    """The rules of the AI-ready score."""
    return _score_rules(AI_READY)


def error_classes() -> list[type[errors.FairgraphError]]:
    """Return the error classes, each after its parent."""
    found: list[type[errors.FairgraphError]] = [errors.FairgraphError]
    for one in found:
        found += [sub for sub in one.__subclasses__() if sub.__module__ == errors.__name__]
    return found


def error_table() -> str:
    """The error classes with code, exit code and HTTP status."""
    rows = (
        (
            _code(e.__name__),
            "" if e is errors.FairgraphError else _code(e.__bases__[0].__name__),
            _code(e.code),
            str(e.exit_code),
            str(e.http_status),
            (e.__doc__ or "").split("\n")[0],
        )
        for e in error_classes()
    )
    return table(("class", "is a", "code", "exit", "HTTP", "when"), rows)


def urls() -> str:
    """The addresses of the web application. What stands below ``/api/v1`` answers below ``/api.php/v1``, too."""
    from fairgraph.web.app import create_app

    rows = {}
    with fairgraph.open("memory:") as fg:
        app = create_app(fg)
        for rule in app.url_map.iter_rules():
            if rule.endpoint == "static" or rule.rule.startswith("/api.php/"):
                continue
            methods = " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            rows[path, methods] = (
                _code(path),
                methods,
                _first_sentence(app.view_functions[rule.endpoint]),
            )
    return table(("path", "methods", "answers with"), (rows[key] for key in sorted(rows)))


TABLES: dict[str, Callable[[], str]] = {
    "formats": import_formats,
    "exports": export_formats,
    "commands": commands,
    "queries": query_files,
    "rules": rules,
    "importers": importer_rules,
    "content": content_rules,
    "errors": error_table,
    "fair": fair_rules,
    "ai": ai_rules,
    "urls": urls,
}


def rewritten(text: str) -> str:
    """Return a document with its tables made anew."""
    return MARKED.sub(lambda match: match["begin"] + TABLES[match["name"]]() + match["end"], text)


def stale() -> dict[Path, str]:
    """Return the documents whose tables are not what they should be, with the text that they should have."""
    found = {}
    for path in documents():
        text = path.read_text(encoding="utf-8")
        if (new := rewritten(text)) != text:
            found[path] = new
    return found


def main(arguments: list[str]) -> int:
    """Rewrite or check; return the exit code."""
    found = stale()
    for path, text in found.items():
        what = "stale" if "--check" in arguments else "rewritten"
        sys.stdout.write(f"{what}: {path.relative_to(ROOT)}\n")
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    return 1 if found and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
