"""The catalogue of query files: one query, its description and its parameters in each file of ``queries/``.

    #+ summary: The materials of an investigation, in the order of the file
    #+ params:
    #+   dataset: iri
    #+   limit: integer = 100
    #+ tags: export, isa
    PREFIX …
    SELECT …

A rule of a score also says how many ``points`` it gives, and in a ``hint`` what to do for them. The id of a query is its path: ``export/isa/materials``. Folders named in ``FAIRGRAPH_QUERIES`` are searched first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pyoxigraph as ox
from pyoxigraph import NamedNode

from fairgraph import resources
from fairgraph.errors import NotFound, QueryError
from fairgraph.store.guard import decode, tokens
from fairgraph.terms import XSD

Form = Literal["select", "construct", "ask", "update"]
ParamType = Literal["iri", "string", "integer"]
_TYPES: tuple[ParamType, ...] = ("iri", "string", "integer")
_FORMS: dict[str, Form] = {
    "SELECT": "select",
    "CONSTRUCT": "construct",
    "DESCRIBE": "construct",
    "ASK": "ask",
    **dict.fromkeys(
        ("INSERT", "DELETE", "WITH", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"), "update"
    ),
}
_FIELD = re.compile(r"(summary|params|points|hint|tags)\s*:\s*(.*)")
_NAME = re.compile(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*")
_LONGEST = 200
_PLACE = re.compile(r"VALUES \?(\w+) \{ UNDEF \}")
_PLACES = re.compile(
    r"VALUES (?:\?(\w+) \{ UNDEF \}|\((\?\w+(?: \?\w+)+)\) \{ \(UNDEF(?: UNDEF)+\) \})"
)
_PARAM = re.compile(r"([A-Za-z]\w*)\s*:\s*(\w+)(?:\s*=\s*(.*))?")


@dataclass(frozen=True)
class Param:
    """A parameter of a query: the variable of this name. Without a *default* it must be given."""

    name: str
    type: ParamType
    default: str | None = None


@dataclass(frozen=True)
class Query:
    """One query file."""

    name: str
    text: str
    summary: str
    params: tuple[Param, ...]
    tags: tuple[str, ...]
    form: Form
    points: float = 0
    hint: str = ""


def catalogue() -> dict[str, Query]:
    """Return all queries by name, sorted. A file in a folder of ``FAIRGRAPH_QUERIES`` hides a bundled one of that name."""
    found: dict[str, Query] = {}
    for folder in _folders():
        for path in [*folder.rglob("*.rq"), *folder.rglob("*.ru")]:
            name = path.relative_to(folder).with_suffix("").as_posix()
            if name not in found:
                found[name] = _read(path, name, path.stat().st_mtime_ns)
    return dict(sorted(found.items()))


def get(name: str) -> Query:
    """Return the query *name*; NotFound if there is none."""
    if (
        _NAME.fullmatch(name) and len(name) <= _LONGEST
    ):  # else it could lead out of the folders, or be no file's name
        for folder in _folders():
            for suffix in ("rq", "ru"):
                path = folder / f"{name}.{suffix}"
                if path.is_file():
                    return _read(path, name, path.stat().st_mtime_ns)
    raise NotFound(f"there is no query {name}", hint="fairgraph queries lists the names")


def _folders() -> list[Path]:
    extra = os.environ.get("FAIRGRAPH_QUERIES", "")
    return [*(Path(folder) for folder in extra.split(os.pathsep) if folder), resources.QUERIES]


@cache
def _read(path: Path, name: str, _modified: int) -> Query:
    try:
        return parse(name, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(f"cannot be read: {error}", where=str(path)) from error


def parse(name: str, text: str) -> Query:
    """Read a query file; QueryError if its header is not understood or no form of query is in it."""
    fields = dict.fromkeys(("summary", "tags", "points", "hint"), "")
    params: list[Param] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            continue
        place = f"{name}:{number}"
        content = line[2:].strip()
        if line.startswith("#+   ") and (match := _PARAM.fullmatch(content)):
            if match[2] not in _TYPES:
                raise QueryError(f"no type {match[2]}: one of {', '.join(_TYPES)}", where=place)
            kind = next(known for known in _TYPES if known == match[2])
            params.append(Param(match[1], kind, match[3]))
        elif match := _FIELD.fullmatch(content):
            fields[match[1]] = match[2]
        elif content:
            raise QueryError(f"the header line is not understood: {content}", where=place)
    return Query(
        name,
        text,
        fields["summary"],
        tuple(params),
        tuple(tag.strip() for tag in fields["tags"].split(",") if tag.strip()),
        form(text, name),
        _points(fields["points"], name),
        fields["hint"],
    )


def _points(text: str, where: str) -> float:
    try:
        return float(text or 0)
    except ValueError:
        raise QueryError(f"the points are no number: {text}", where=where) from None


def form(text: str, where: str = "query") -> Form:
    """Return what kind of query *text* is, by its first keyword that says so; QueryError if there is none."""
    for kind, word, _ in tokens(decode(text)):
        if kind == "word" and word.upper() in _FORMS:
            return _FORMS[word.upper()]
    raise QueryError("holds no query", where=where)


def bind(query: Query, /, **values: Any) -> str:
    """Return the text of *query* with its parameters bound: where it says ``VALUES ?x { UNDEF }``, else in a VALUES block at its end.

    There they narrow a query before anything is counted (SPARQL 1.1 §10.2). The values become RDF terms and are written by the engine: nothing is pasted. A parameter without a value takes its
    default. Raises QueryError for one that is missing or unknown, or a value that its type does not allow.

    >>> bind(parse("x", "#+ params:\\n#+   s: iri\\nSELECT * { ?s ?p ?o }"), s="http://example.org/1").splitlines()[-1]
    'VALUES (?s) { (<http://example.org/1>) }'
    """
    unknown = sorted(set(values) - {param.name for param in query.params})
    if unknown:
        known = ", ".join(param.name for param in query.params) or "none"
        raise QueryError(f"{query.name} has no parameter {unknown[0]}", hint=f"it has: {known}")
    if not query.params:
        return query.text
    if query.form not in ("select", "construct"):
        raise QueryError(f"{query.name} is an {query.form}, which takes no parameters")
    terms = {param.name: str(_term(query.name, param, values)) for param in query.params}
    placed: set[str] = set()

    def place(match: re.Match[str]) -> str:
        if (name := match[1]) not in terms:
            return match[0]
        placed.add(name)
        return f"VALUES ?{name} {{ {terms[name]} }}"

    # In one pass: what a term says is not looked at again.
    text = _PLACE.sub(place, query.text.rstrip())
    rest = {name: term for name, term in terms.items() if name not in placed}
    if not rest:
        return f"{text}\n"
    variables = " ".join(f"?{name}" for name in rest)
    return f"{text}\nVALUES ({variables}) {{ ({' '.join(rest.values())}) }}\n"


def place(
    query: Query, terms: Mapping[str, Iterable[NamedNode | ox.Literal]], *, bare: bool = False
) -> str:
    """Return the text of *query* with all terms of each variable in the place of its ``VALUES ?x { UNDEF }``.

    With *bare* the places of variables without terms go: they say nothing, but keep the engine from joining by hash.

    Where it says ``VALUES (?x ?y) { (UNDEF UNDEF) }``, the terms of the variables go in side by side. There, and not at the end of
    the query, they narrow it before anything is counted or sorted. The engine writes the terms: nothing is pasted. Raises QueryError
    if the query has no place for a variable.
    """
    placed: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        variables = [match[1]] if match[1] else match[2].replace("?", "").split()
        if not any(name in terms for name in variables):
            return "" if bare else match[0]
        placed.update(variables)
        if match[1]:
            return f"VALUES ?{match[1]} {{ {' '.join(map(str, terms[match[1]]))} }}"
        rows = zip(*(terms[name] for name in variables), strict=True)
        values = " ".join(f"({' '.join(map(str, row))})" for row in rows)
        return f"VALUES ({match[2]}) {{ {values} }}"

    text = _PLACES.sub(fill, query.text)
    for variable in terms:
        if variable not in placed:
            raise QueryError(f"{query.name} has no place for ?{variable}")
    return text


def _term(name: str, param: Param, values: Mapping[str, Any]) -> NamedNode | ox.Literal:
    value = values.get(param.name)
    if value is None:
        value = param.default
    if value is None:
        raise QueryError(
            f"{name} needs the parameter {param.name}", hint=f"it is of type {param.type}"
        )
    if isinstance(value, (NamedNode, ox.Literal)):
        value = value.value
    try:
        if param.type == "iri":
            return NamedNode(str(value))
        if param.type == "integer":
            return ox.Literal(str(int(str(value))), datatype=XSD.node("integer"))
        return ox.Literal(str(value))
    except ValueError as error:
        raise QueryError(f"{param.name} of {name}: {value!r} is no {param.type}") from error
