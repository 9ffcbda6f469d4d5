"""Which graphs a SPARQL Update may read or write, as far as its text tells: what has to be fetched before it is run here."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from fairgraph.store.guard import decode, tokens

_EVERY = {"ALL", "NAMED", "BASE"}


def reach(update: str, known: Collection[str]) -> tuple[set[str], bool]:
    """Return the graphs of *known* that an update may be about, and whether the default graph may be one of them.

    More than there are is no error: all, if a graph is a variable, or an IRI cannot be read off the text.
    """
    text = decode(update)
    found = [(kind, word) for kind, word, _ in tokens(text)]
    words = {word.upper() for kind, word in found if kind == "word"}
    iris = _iris(found)
    if iris is None or words & _EVERY or _of_variable(found):
        return set(known), True
    return {graph for graph in known if graph in iris}, "DEFAULT" in words or _loose(found, words)


def _of_variable(found: list[tuple[str, str]]) -> bool:
    pairs = pairwise(found)
    return any(
        word.upper() == "GRAPH" and kind == "word" and after[0] == "variable"
        for (kind, word), after in pairs
    )


def _iris(found: list[tuple[str, str]]) -> set[str] | None:
    """Return the IRIs in an update, prefixes resolved in every way they are declared; None if one cannot be told."""
    prefixes: dict[str, set[str]] = {}
    for (_, word), (_, name), (_, iri) in zip(found, found[1:], found[2:], strict=False):
        if word.upper() == "PREFIX":
            prefixes.setdefault(name, set()).add(iri[1:-1])
    iris: set[str] = set()
    for kind, word in found:
        if kind in ("iri", "name") and "\\" in word:
            return None
        if kind == "iri":
            iris.add(word[1:-1])
        elif kind == "name":
            prefix, _, local = word.partition(":")
            iris |= {namespace + local for namespace in prefixes.get(f"{prefix}:", ())}
    return iris


def _loose(found: list[tuple[str, str]], words: set[str]) -> bool:
    """Tell whether there is anything in a template or pattern that stands in no ``GRAPH``, and so in the default graph."""
    if "WITH" in words and not any(word == ";" for _, word in _outside(found)):
        return False  # one operation, about one graph
    depth = 0
    for n, (_, word) in enumerate(found):
        if word == "}":
            depth -= 1
        elif word == "{":
            depth += 1
        elif depth == 1 and word != ".":
            before = found[n - 1][1].upper()
            if word.upper() != "GRAPH" and before != "GRAPH":
                return True
    return False


def _outside(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the tokens that stand in no braces."""
    outside, depth = [], 0
    for kind, word in found:
        depth += (word == "{") - (word == "}")
        if depth == 0:
            outside.append((kind, word))
    return outside
