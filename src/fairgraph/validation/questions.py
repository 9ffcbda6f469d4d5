"""Queries of shapes themselves (``sh:sparql``, SHACL §5), asked about all focus nodes at once.

SHACL binds ``$this`` before a query runs, once for each focus node. Here the focus nodes are joined into every group of the query
that is evaluated by itself, which gives the same answers in one go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import Literal

from fairgraph.errors import QueryError
from fairgraph.store.guard import tokens
from fairgraph.terms import PREFIXES, SH
from fairgraph.validation.paths import Description, Node, Path, Unsupported, write_path

_IMPORTS = PREFIXES["owl"] + "imports"
_REFUSED = {"MINUS", "VALUES", "SERVICE"}
_BOUND = {"this", "shapesGraph", "currentShape"}
# What a query may mean differently when it is asked about several focus nodes at once.
_ONE_BY_ONE = {"LIMIT", "OFFSET", "GRAPH", "REDUCED", "COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE"}
_ONE_BY_ONE |= {"GROUP_CONCAT", "GROUP", "HAVING"}
# A variable that a path leads back to: ``?x (path)+ ?x``.
_CYCLE = re.compile(r"(?P<node>[?$]\w+)\s*\((?P<path>[^()?$]+)\)\+\s*(?P=node)(?!\w)\s*\.?")


# Stands in a query for the nodes that are on a cycle; no query can hold it.
_PLACE = "\x00"


@dataclass(frozen=True)
class Question:
    """A query of a shape, ready for all focus nodes.

    Where it asks for nodes that lie on a cycle, *edges* asks for all steps (``?from``, ``?to``), and the nodes that are on one, which
    :meth:`about` takes, become the values of the variable. To follow the path from each node takes time with the square of its length.
    """

    text: str
    edges: str = ""
    cycle: str = ""

    def about(self, nodes: Iterable[str]) -> str:
        """Return the query with the nodes that are on a cycle, in SPARQL."""
        variable = self.cycle.split(maxsplit=1)[0]
        return self.text.replace(_PLACE, f"VALUES {variable} {{ {' '.join(nodes)} }}")

    def as_written(self) -> str:
        """Return the query with the path that leads back."""
        return self.text.replace(_PLACE, self.cycle)


def question(node: Node, described: Description, focus: str, path: Path | None) -> Question:
    """Return the question of a SPARQL constraint; *focus* is the group that binds ``?this``.

    Raises QueryError for what SHACL forbids in such a query (SHACL §5.2.1, appendix A), Unsupported for what has to be asked of one
    focus node after the other.
    """
    about = described.get(node, {})
    if SH.select not in about:
        raise Unsupported("a SPARQL constraint without sh:select")
    body = about[SH.select][0].value
    refuse_rebinding(body, node)
    prefixes = "".join(_prefixes(about.get(SH.prefixes, ()), described))
    cycle = _CYCLE.search(body)
    if not cycle:
        return Question(prefixes + _joined(body, focus, path))
    text = prefixes + _joined(body.replace(cycle[0], _PLACE), focus, path)
    edges = f"{prefixes}SELECT ?from ?to WHERE {{ ?from {cycle['path']} ?to }}"
    return Question(text, edges, cycle[0])


def _prefixes(nodes: Iterable[Node], described: Description) -> Iterable[str]:
    waiting, seen = list(nodes), set(nodes)
    while waiting:
        about = described.get(waiting.pop(), {})
        for declaration in about.get(SH.declare, ()):
            told = described.get(declaration, {})
            yield f"PREFIX {told[SH.prefix][0].value}: <{told[SH.namespace][0].value}>\n"
        new = [node for node in about.get(_IMPORTS, ()) if node not in seen]
        waiting += new
        seen.update(new)


def refuse_rebinding(text: str, node: Node, bound: Iterable[str] = ("this",)) -> None:
    """Raise QueryError for what no query with bound variables may say (SHACL appendix A)."""
    found = list(tokens(text))
    names = {*_BOUND, *bound}

    def refuse(what: str) -> None:
        raise QueryError(
            f"the query of a shape may not use {what}",
            where=node.value,
            hint="see SHACL, appendix A: pre-binding of variables",
        )

    for n, (kind, word, _) in enumerate(found):
        upper = word.upper() if kind == "word" else ""
        if upper in _REFUSED:
            refuse(upper)
        if upper == "AS" and n + 1 < len(found) and found[n + 1][1][1:] in names:
            refuse(f"AS {found[n + 1][1]}")
        if upper == "SELECT" and n and found[n - 1][1] == "{":
            head = []
            for _, part, _ in found[n + 1 :]:
                if part == "{" or part.upper() == "WHERE":
                    break
                head.append(part)
            if not {"$this", "?this"} & set(head):
                refuse("a sub-query that does not select $this")


def _joined(body: str, focus: str, path: Path | None) -> str:
    """Return a query with the focus nodes joined in wherever a group is evaluated by itself."""
    found = list(tokens(body))
    pieces, done, groups = [], 0, [False]
    for n, (kind, word, offset) in enumerate(found):
        if kind == "word" and word.upper() in _ONE_BY_ONE:
            raise Unsupported(f"{word.upper()} in a query")
        if kind == "variable":
            if word[1:] in ("shapesGraph", "currentShape"):
                raise Unsupported(word)
            if word[1:] == "PATH":
                if path is None:
                    raise Unsupported("$PATH in a node shape")
                pieces += [body[done:offset], write_path(path)]
                done = offset + len(word)
        elif word == "}":
            groups.pop()
        elif word == "{":
            before = found[n - 1][1].upper() if n else ""
            after = found[n + 1][1].upper() if n + 1 < len(found) else ""
            # An existence test and an optional part see what is outside; a sub-query gets its own.
            inside = groups[-1] or before == "EXISTS"
            groups.append(inside)
            if not inside and before != "OPTIONAL" and after != "SELECT":
                pieces += [body[done : offset + 1], f" {focus} "]
                done = offset + 1
    return "".join([*pieces, body[done:]])


def filled(messages: Iterable[Node], bound: Callable[[str], Node | None]) -> tuple[Node, ...]:
    """Return messages with ``{?name}`` and ``{$name}`` replaced by what the query bound (SHACL §5.3.2)."""

    def value(match: re.Match[str]) -> str:
        found = bound(match[1])
        return match[0] if found is None else found.value

    def fill(node: Node) -> Node:
        text = re.sub(r"\{[?$](\w+)\}", value, node.value)
        language = node.language if isinstance(node, Literal) else None
        return Literal(text, language=language) if language else Literal(text)

    return tuple(fill(node) for node in messages)
