"""The README of an ISA-Tab package: what is in it, and what the format could not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairgraph.exports.isa_view import IsaView
from fairgraph.terms import ISA, SCHEMA


def readme(
    view: IsaView, investigation: str, tables: Mapping[str, str], notes: Sequence[str]
) -> str:
    """Return the text, in Markdown. *tables* names the file of each study and assay by its IRI."""
    studies = [table for table in tables if view.is_a(table, ISA.Study)]
    titles = [_title(view, view.root), *(_title(view, study) for study in studies)]
    title = next(filter(None, titles), "An investigation")
    lines = [f"# {title}", ""]
    if description := _one_line(view.text(view.root, SCHEMA.description)):
        lines += [description, ""]
    lines += ["ISA-Tab files, written by fairgraph.", "", "| file | what |", "|---|---|"]
    lines.append(f"| `{investigation}` | the investigation |")
    for table, name in tables.items():
        kind = "an assay" if table not in studies else "a study"
        title = _title(view, table)
        lines.append(f"| `{name}` | {kind}{f': {title}' if title else ''} |")
    if notes:
        lines += ["", "## What these files do not say", ""]
        lines += [f"* {_one_line(note)}" for note in notes]
    return "\n".join(lines) + "\n"


def _title(view: IsaView, node: str) -> str:
    return _one_line(view.text(node, SCHEMA.name))


def _one_line(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
