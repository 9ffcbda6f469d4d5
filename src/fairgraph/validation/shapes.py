"""SHACL shapes as files: one entity in each file of ``shapes/``, and profiles that list the files they consist of.

A shape carries ``sh:name``, ``sh:description``, ``sh:message`` (with the words of RFC 2119), ``sh:severity``, ``fg:rule``
(its short name) and, where isatools has a number for the same problem, ``fg:code``; where the shape is one of the thirty content
rules of the ISA specification, ``fg:contentRule`` is its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from fairgraph import resources
from fairgraph.errors import NotFound
from fairgraph.report import Severity
from fairgraph.terms import DCTERMS, FG, SH
from fairgraph.validation.paths import Node, describe, read_path, shown_path

PROV_PROFILE = "prov"
"""The profile that judges provenance, and nothing else."""
ISA_PROFILE = "isa"
"""The profile of ISA-Tab, ISA-JSON and of RDF, which may be anything: what has no things of ISA keeps its rules."""
PENNSIEVE_PROFILE = "pennsieve"
"""The profile of published datasets, whose records are checked by the shapes of their own models, too."""
FAIRTRACKS_PROFILE = "fairtracks"
"""The profile that judges a document: :mod:`fairgraph.validation.fairtracks` makes its findings."""
_SEVERITIES: Mapping[str, Severity] = {
    SH.Violation: "violation",
    SH.Warning: "warning",
    SH.Info: "info",
}


@dataclass(frozen=True)
class Shape:
    """One shape that can make findings.

    ``rule`` is its short name, ``code`` the number of isatools or ``""``, ``content_rule`` the number of the ISA specification or 0,
    ``entity`` the file that it stands in (without suffix) and ``path`` the property path that it looks at, in the notation of
    SPARQL (§9.1), or ``""`` for a node shape.
    """

    iri: str
    rule: str
    code: str
    severity: Severity
    name: str
    description: str
    message: str
    path: str
    entity: str
    content_rule: int = 0


def profiles() -> list[str]:
    """Return the names of the profiles, sorted."""
    return sorted(path.stem for path in (resources.SHAPES / "profiles").glob("*.ttl"))


def profile_of(format: str) -> str:
    """Return the profile that a dataset of an import format is checked against unless another is named."""
    return format if format in profiles() else ISA_PROFILE


def profile_files(profile: str) -> list[Path]:
    """Return the shape files that a profile lists, in its order; NotFound if there is no such profile or file."""
    if profile not in profiles():
        hint = f"there are: {', '.join(profiles())}"
        raise NotFound(f"there is no validation profile {profile!r}", hint=hint)
    path = resources.SHAPES / "profiles" / f"{profile}.ttl"
    base = path.resolve().as_uri()
    found = []
    for triple in parse(path=path, format=RdfFormat.TURTLE, base_iri=base):
        if triple.predicate.value == DCTERMS.hasPart and isinstance(triple.object, NamedNode):
            part = resources.SHAPES / triple.object.value.rsplit("/", 1)[1]
            if not part.is_file():
                raise NotFound(f"profile {profile!r} lists {part.name}, which is missing")
            found.append(part)
    return found


@cache
def read_shapes(path: Path) -> tuple[Triple, ...]:
    """Return the statements of one shape file, in the order of the file; its blank nodes are told from those of others."""
    parsed = parse(path=path, format=RdfFormat.TURTLE, rename_blank_nodes=True)
    return tuple(quad.triple for quad in parsed)


@cache
def profile_triples(profile: str) -> tuple[Triple, ...]:
    """Return all statements of a profile: its shapes, and the prefixes that their queries use."""
    files = [*profile_files(profile), resources.ONTOLOGIES / "prefixes.ttl"]
    return tuple(triple for path in files for triple in read_shapes(path))


@cache
def shapes(profile: str) -> tuple[Shape, ...]:
    """Return the shapes of a profile in the order of the profile and its files; NotFound if there is no such profile."""
    return tuple(shape for path in profile_files(profile) for shape in file_shapes(path))


def file_shapes(path: Path) -> list[Shape]:
    """Return the shapes of one file in its order; those without a rule are parts of others and left out."""
    described = describe(read_shapes(path))
    found = []
    for node, about in described.items():
        if FG.rule in about:

            def text(key: str, about: dict[str, list[Node]] = about) -> str:
                return about[key][0].value if key in about else ""

            found.append(
                Shape(
                    iri=node.value,
                    rule=text(FG.rule),
                    code=text(FG.code),
                    severity=_SEVERITIES[text(SH.severity) or SH.Violation],
                    name=text(SH.name),
                    description=text(SH.description),
                    message=text(SH.message),
                    path=shown_path(read_path(about[SH.path][0], described))
                    if SH.path in about
                    else "",
                    entity=path.stem,
                    content_rule=int(text(FG.contentRule) or 0),
                )
            )
    return found
