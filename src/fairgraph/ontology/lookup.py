"""Terms of the ontologies of a store by their names: labels and synonyms that hold all words of a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from fairgraph import queries
from fairgraph.curies import curie
from fairgraph.errors import NotFound
from fairgraph.ontology.snapshots import Ontology
from fairgraph.terms import OWL, RDFS, SKOLEM_PATH, SKOS

Ask = Callable[[str, tuple[list[str], list[str]]], Iterable[Any]]
MOST_TERMS = 100
_LABELS = (RDFS.label, SKOS.prefLabel)
_DEFINITIONS = ("http://purl.obolibrary.org/obo/IAO_0000115", SKOS.definition)
_REPLACED_BY = "http://purl.obolibrary.org/obo/IAO_0100001"
# What a name is called, the most telling kind first.
_KINDS = {
    RDFS.label: "label",
    SKOS.prefLabel: "label",
    "http://www.geneontology.org/formats/oboInOwl#hasExactSynonym": "exact synonym",
    SKOS.altLabel: "synonym",
    "http://www.geneontology.org/formats/oboInOwl#hasNarrowSynonym": "narrow synonym",
    "http://www.geneontology.org/formats/oboInOwl#hasBroadSynonym": "broad synonym",
    "http://www.geneontology.org/formats/oboInOwl#hasRelatedSynonym": "related synonym",
}
_PLACES = {kind: place for place, kind in enumerate(_KINDS)}
# So many of the best by name are looked at: of those that are deprecated, others come first.
_LOOKED_AT = 5 * MOST_TERMS
_AT_ONCE = 200
Rank = tuple[int, int, int, int, str]


@dataclass(frozen=True)
class FoundTerm:
    """A term that was found: what one version of an ontology says of it, and the name that holds the words.

    ``kind`` says what that name is (``label``, ``exact synonym`` …), ``curie`` is ``""`` where no prefix is known, ``graph`` is the
    version of the ontology, and ``replaced_by`` the IRI or name of what took the place of a deprecated term.
    """

    iri: str
    label: str
    curie: str
    ontology: str
    version: str
    graph: str
    name: str
    kind: str
    definition: str
    deprecated: bool
    replaced_by: str

    def as_dict(self) -> dict[str, Any]:
        """Return the term as the JSON object that the command line and the web print."""
        return {field: getattr(self, field) for field in self.__dataclass_fields__}


def chosen(known: Collection[Ontology], name: str) -> list[Ontology]:
    """Return the ontologies that *name* means: all versions of one, ``name@version``, or an IRI; all of them if it is empty.

    Raises NotFound if it means none.
    """
    found = [
        one
        for one in known
        if not name
        or name.casefold() in (one.name.casefold(), f"{one.name}@{one.version}".casefold())
        or name in (one.iri, one.ontology)
    ]
    if name and not found:
        hint = ", ".join(f"{one.name}@{one.version}" for one in known) or "none"
        raise NotFound(f"there is no ontology {name!r}", hint=f"loaded: {hint}")
    return found


def find(ask: Ask, ontologies: Collection[Ontology], text: str) -> list[FoundTerm]:
    """Return the terms of which a label or synonym holds all words of *text*, in whatever case; at most :data:`MOST_TERMS`.

    Labels come before synonyms, whole words before parts of them, deprecated terms last. Each term is there once for each ontology: as the last of
    the versions that have it says. *ask* answers a query about a default graph and named graphs.
    """
    text = text.replace("_", " ")  # in which some ontologies write their labels
    words = sorted(set(text.casefold().split()))
    by_graph = {one.iri: one for one in ontologies}
    if not words or not by_graph:
        return []
    graphs: tuple[list[str], list[str]] = ([], list(by_graph))
    # Lower case, as SPARQL has it, and not folded: that would make two letters of a sharp s.
    longest = max(text.lower().split(), key=len)
    best = _named(ask(queries.bind(queries.get("ontology/search"), word=longest), graphs), words)
    latest: dict[tuple[str, str], str] = {}
    for term, graph in best:
        key = term, by_graph[graph].ontology
        latest[key] = max(latest.get(key, graph), graph, key=lambda g: (by_graph[g].version, g))
    candidates = sorted(
        ((term, graph) for (term, _), graph in latest.items()), key=lambda one: best[one][0]
    )[:_LOOKED_AT]
    said = _said(ask, candidates, graphs)
    found = [_found(one, best[one], said.get(one, {}), by_graph) for one in candidates]
    found.sort(key=lambda term: (term.deprecated, best[term.iri, term.graph][0]))
    return found[:MOST_TERMS]


def _named(rows: Iterable[Any], words: list[str]) -> dict[tuple[str, str], tuple[Rank, str, str]]:
    """Return the best name of each term in each graph: its rank, the name and its kind."""
    best: dict[tuple[str, str], tuple[Rank, str, str]] = {}
    for graph, term, kind, name in rows:
        folded = name.value.casefold().replace("_", " ")
        if not isinstance(term, NamedNode) or SKOLEM_PATH in term.value:
            continue
        if all(word in folded for word in words):
            rank = (*_rank(words, folded, kind.value), term.value)
            key = term.value, graph.value
            if key not in best or rank < best[key][0]:
                best[key] = rank, name.value, kind.value
    return best


def _rank(words: list[str], folded: str, kind: str) -> tuple[int, int, int, int]:
    is_all = sorted(set(folded.split())) == sorted(words)
    whole = all(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded) for word in words)
    match = 0 if is_all else 1 if whole else 2
    return match, int(kind not in _LABELS), len(folded), _PLACES.get(kind, len(_PLACES))


def _said(
    ask: Ask, terms: list[tuple[str, str]], graphs: tuple[list[str], list[str]]
) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Return what each graph says of each term, by property."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    described = queries.get("ontology/described")
    wanted = list(dict.fromkeys(term for term, _ in terms))
    for start in range(0, len(wanted), _AT_ONCE):
        nodes = [NamedNode(term) for term in wanted[start : start + _AT_ONCE]]
        for graph, term, predicate, value in ask(queries.place(described, {"term": nodes}), graphs):
            said = found.setdefault((term.value, graph.value), {})
            said.setdefault(predicate.value, []).append(value.value)
    return found


def _found(
    key: tuple[str, str],
    best: tuple[Rank, str, str],
    said: dict[str, list[str]],
    by_graph: dict[str, Ontology],
) -> FoundTerm:
    (iri, graph), (_, name, kind) = key, best
    ontology = by_graph[graph]

    def least(*predicates: str) -> str:
        return next((min(said[one]) for one in predicates if one in said), "")

    return FoundTerm(
        iri,
        least(*_LABELS) or name,
        curie(iri) or "",
        ontology.name,
        ontology.version,
        graph,
        name,
        _KINDS.get(kind, "name"),
        least(*_DEFINITIONS),
        "true" in said.get(OWL.deprecated, ()),
        least(_REPLACED_BY),
    )
