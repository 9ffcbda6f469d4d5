"""Which part of an investigation the entries of a notebook are: a person says it, by their genres; nobody guesses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fairgraph.errors import UsageError
from fairgraph.importers.cwl import read_yaml, scalar
from fairgraph.importers.rules import finding
from fairgraph.report import Report
from fairgraph.terms import BIOSCHEMAS, ISA

ROLES: Mapping[str, str] = {
    "study": ISA.Study,
    "assay": ISA.Assay,
    "process": BIOSCHEMAS.LabProcess,
    "source": ISA.Source,
    "sample": ISA.Sample,
    "protocol": BIOSCHEMAS.LabProtocol,
}
OPTION = "what the entries of each genre are: genre=role,… or a YAML or JSON file; * stands for entries without a genre"
WITHOUT = "*"


def read_roles(text: str) -> dict[str, str]:
    """Return the class of each genre, in lower case, by ``genre=role,…`` or by a file that maps genres to roles.

    Raises UsageError for a role that there is not, SourceError for a file that cannot be read.
    """
    if "=" in text:
        pairs = [part.partition("=") for part in text.replace(";", ",").split(",") if part.strip()]
        told: list[tuple[str, Any]] = [(genre, role) for genre, _, role in pairs]
    else:
        if not Path(text).is_file():
            raise UsageError(
                f"{text[:80]!r} is neither genre=role nor a file of roles",
                hint="experiment=assay,sample=sample",
            )
        document = read_yaml(Path(text))
        if not isinstance(document, dict):
            raise UsageError(
                "the file of roles holds no object", where=text, hint="experiment: assay"
            )
        told = list(document.items())
    found: dict[str, str] = {}
    for genre, role in told:
        name = scalar(role).strip().lower()
        if name not in ROLES:
            raise UsageError(f"there is no role {name[:40]!r}", hint=f"roles: {', '.join(ROLES)}")
        found[scalar(genre).strip().lower()] = ROLES[name]
    return found


def roles_of(
    entries: Iterator[tuple[str, Mapping[str, Any]]],
    roles: Mapping[str, str],
    name: str,
    report: Report,
) -> Iterator[tuple[str, str]]:
    """Yield entries with the classes of their roles; a genre of *roles* that no entry has is a finding."""
    seen: dict[str, None] = {}
    for iri, node in entries:
        genre = node.get("genre")
        told = [str(one).strip().lower() for one in (genre if isinstance(genre, list) else [genre]) if one] or [WITHOUT]  # fmt: skip
        seen |= dict.fromkeys(told)
        role = next((roles[one] for one in told if one in roles), "")
        if role:
            yield iri, role
    for genre in roles:
        if genre not in seen:
            known = ", ".join(sorted(seen)) or "none"
            message = f"no entry has the genre {genre[:40]!r}; there are: {known[:200]}"
            report.add(finding("warning", "role-genre-unknown", message, where=name))
