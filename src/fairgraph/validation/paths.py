"""SHACL property paths (SHACL §2.3.1), and how SPARQL writes them (SPARQL 1.1 §9.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairgraph.terms import RDF, SH, compact

Node = NamedNode | BlankNode | Literal
Description = Mapping[Node, Mapping[str, list[Node]]]
"""What is said of each node: its objects by predicate, in the order of the source."""

_SIGNS = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


class Unsupported(Exception):  # noqa: N818 - it says what a shape is, and never leaves this package
    """A shape says something that is not compiled; the message says what."""


@dataclass(frozen=True)
class Sequence:
    """Paths one after the other."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Alternative:
    """Several paths, each of which will do."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Inverse:
    """A path walked backwards."""

    path: Path


@dataclass(frozen=True)
class Repeated:
    """A path walked any number of times (``*``), at least once (``+``) or at most once (``?``)."""

    path: Path
    sign: str


Path = NamedNode | Sequence | Alternative | Inverse | Repeated


def describe(triples: Iterable[Triple]) -> dict[Node, dict[str, list[Node]]]:
    """Return what *triples* say of each subject; quoted triples are left out."""
    found: dict[Node, dict[str, list[Node]]] = {}
    for triple in triples:
        if not isinstance(triple.subject, Triple) and not isinstance(triple.object, Triple):
            about = found.setdefault(triple.subject, {})
            about.setdefault(triple.predicate.value, []).append(triple.object)
    return found


def members(node: Node, described: Description) -> list[Node]:
    """Return the members of an RDF list; raise Unsupported if it is none."""
    found: list[Node] = []
    while node.value != RDF.nil:
        about = described.get(node, {})
        if len(found) > len(described) or RDF.first not in about or RDF.rest not in about:
            raise Unsupported("a list that is broken or goes in a circle")
        found.append(about[RDF.first][0])
        node = about[RDF.rest][0]
    return found


def read_path(node: Node, described: Description, depth: int = 0) -> Path:
    """Return the path that *node* is; raise Unsupported if it is no proper one."""
    if isinstance(node, NamedNode):
        return node
    if depth > 50:
        raise Unsupported("a path that goes in a circle")
    about = described.get(node, {})

    def below(part: Node) -> Path:
        return read_path(part, described, depth + 1)

    if RDF.first in about:
        return Sequence(tuple(below(part) for part in members(node, described)))
    if SH.alternativePath in about:
        return Alternative(
            tuple(below(part) for part in members(about[SH.alternativePath][0], described))
        )
    if SH.inversePath in about:
        return Inverse(below(about[SH.inversePath][0]))
    for kind, sign in _SIGNS.items():
        if kind in about:
            return Repeated(below(about[kind][0]), sign)
    raise Unsupported("a property path of an unknown kind")


def write_path(path: Path, name: Callable[[NamedNode], str] = str) -> str:
    """Return a path as SPARQL writes it; *name* says how its predicates are written."""
    if isinstance(path, NamedNode):
        return name(path)
    if isinstance(path, Sequence):
        return "/".join(write_path(part, name) for part in path.parts)
    if isinstance(path, Alternative):
        return f"({'|'.join(write_path(part, name) for part in path.parts)})"
    if isinstance(path, Inverse):
        inner = write_path(path.path, name)
        return f"^({inner})" if isinstance(path.path, Sequence) else f"^{inner}"
    return f"({write_path(path.path, name)}){path.sign}"


def shown_path(path: Path | None) -> str:
    """Return a path for people: a plain predicate as its IRI, else SPARQL with prefixes, ``""`` for none."""
    if isinstance(path, NamedNode):
        return path.value
    return "" if path is None else write_path(path, lambda node: compact(node.value))


def may_be_empty(path: Path) -> bool:
    """Tell whether a path leads from a node to itself without a step."""
    if isinstance(path, NamedNode):
        return False
    if isinstance(path, Sequence):
        return all(may_be_empty(part) for part in path.parts)
    if isinstance(path, Alternative):
        return any(may_be_empty(part) for part in path.parts)
    if isinstance(path, Inverse):
        return may_be_empty(path.path)
    return path.sign in "*?" or may_be_empty(path.path)


def ways(path: Path) -> tuple[Path, ...]:
    """Return the paths of which *path* is the alternative; any other path by itself."""
    if isinstance(path, Alternative):
        return tuple(way for part in path.parts for way in ways(part))
    return (path,)


def reversed_path(path: Path) -> Path:
    """Return the path that leads back; only single steps stay marked as inverse."""
    if isinstance(path, Inverse):
        return path.path
    if isinstance(path, Sequence):
        return Sequence(tuple(reversed_path(part) for part in reversed(path.parts)))
    if isinstance(path, Alternative):
        return Alternative(tuple(reversed_path(part) for part in path.parts))
    return Inverse(path)


def step(start: str, path: Path, end: str) -> str:
    """Return the pattern that walks from *start* to *end*, both in SPARQL."""
    if isinstance(path, Inverse):
        return step(end, path.path, start)
    return f"{start} {write_path(path)} {end} ."
