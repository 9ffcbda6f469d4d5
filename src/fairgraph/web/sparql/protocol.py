"""What a SPARQL 1.1 Protocol request asks for, and how its answer is written; the same in the server and in its workers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import islice
from typing import Any, BinaryIO
from urllib.parse import urljoin

from pyoxigraph import BlankNode, Literal, NamedNode

from fairgraph.answers import Answer
from fairgraph.errors import FairgraphError, QueryError
from fairgraph.memory import remembers
from fairgraph.store.guard import decode, tokens


class NotAcceptable(FairgraphError):  # noqa: N818 - reads as a noun wherever it is raised
    """The request accepts nothing that there is."""

    code, http_status = "not-acceptable", 406


ROWS = "rows"
"""The form of an answer that a page shows: the first rows as JSON, whatever the kind of the query."""


_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")


def based(text: str, base: Callable[[], str]) -> str:
    """Return a query or update with a base, if it has an IRI that needs one (SPARQL 1.1 Protocol §2.1, §2.2)."""
    return f"BASE {NamedNode(base())} {text}" if is_relative(text) else text


@remembers
def is_relative(text: str) -> bool:
    """Tell whether a query or update has an IRI that needs a base."""
    return any(
        kind == "iri" and not _SCHEME.match(token) for kind, token, _ in tokens(decode(text))
    )


@remembers
def dataset_clauses(query: str) -> tuple[list[str], list[str]] | None:
    """Return the graphs of the FROM and FROM NAMED clauses of a query; None if it has none (SPARQL 1.1 §13.2).

    They are read from the tokens: what the engine gets as its dataset overrides them, so it would not say that it ignored them.
    Raises QueryError for a BASE that is no IRI.
    """
    default: list[str] = []
    named: list[str] = []
    prefixes: dict[str, str] = {}
    base = ""
    found = [(kind, text) for kind, text, _ in tokens(decode(query))]
    for n, (kind, text) in enumerate(found):
        word = text.upper() if kind == "word" else ""
        following = found[n + 1 : n + 3]
        if word == "BASE" and following and following[0][0] == "iri":
            base = following[0][1][1:-1]
        elif word == "PREFIX" and len(following) == 2 and following[1][0] == "iri":
            prefixes[following[0][1].rstrip(":")] = _absolute(following[1][1][1:-1], base)
        elif word == "FROM" and following:
            is_named = following[0][1].upper() == "NAMED" and following[0][0] == "word"
            source = following[-1] if is_named else following[0]
            (named if is_named else default).append(_resolved(source, prefixes, base))
    return (default, named) if default or named else None


def _resolved(token: tuple[str, str], prefixes: dict[str, str], base: str) -> str:
    kind, text = token
    if kind == "iri":
        return _absolute(text[1:-1], base)
    prefix, _, local = text.partition(":")
    return prefixes.get(prefix, "") + local.replace("\\", "")


def _absolute(iri: str, base: str) -> str:
    try:
        found = urljoin(base, iri) if base else iri
    except ValueError as error:
        raise QueryError(f"{iri} is no IRI below {base}: {error}", where="query") from error
    # urljoin takes an empty fragment away, and most namespaces end in one.
    return f"{found}#" if iri.endswith("#") and not found.endswith("#") else found


def head_of(answer: Answer, forms: dict[str, str]) -> dict[str, Any]:
    """Return what is known of an answer before it is written: its kind and the form chosen for that kind.

    Raises NotAcceptable if none was found for that kind.
    """
    kind = "graph" if answer.is_graph else "rows"
    if not forms.get(kind):
        what = "a graph" if answer.is_graph else "rows or a truth value"
        raise NotAcceptable(f"the answer is {what}, which cannot be had as what is accepted")
    return {"kind": kind, "form": forms[kind]}


def write_answer(answer: Answer, output: BinaryIO, form: str, limit: int) -> None:
    """Write an answer in *form*; as ROWS, its first *limit* rows and whether there are more."""
    if form != ROWS:
        answer.write(output, form)
        return
    variables = ["subject", "predicate", "object"] if answer.is_graph else answer.variables
    document: dict[str, Any] = {"variables": variables, "rows": [], "more": False}
    if not answer.is_graph and not variables:
        document["boolean"] = bool(answer)
    else:
        rows = [[_term(term) for term in row] for row in islice(answer, limit + 1)]
        document |= {"rows": rows[:limit], "more": len(rows) > limit}
    output.write(json.dumps(document).encode())


def _term(term: Any) -> Any:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Literal):
        return {
            "type": "literal",
            "value": term.value,
            "lang": term.language,
            "datatype": term.datatype.value,
        }
    return None if term is None else {"type": "literal", "value": str(term)}
