"""What the page of an ontology term shows: what each ontology in the store says of it, and where datasets use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import NamedNode

from fairgraph.ontology import ONTOLOGIES
from fairgraph.ontology.snapshots import INFERRED
from fairgraph.web.asking import Asking
from fairgraph.web.links import page_url
from fairgraph.web.things import Thing, natural, things

MOST_KINDS = 30
MOST_OWNERS = 6
_MOST_ROWS = 2_000


@dataclass
class Said:
    """What one version of an ontology says of a term."""

    ontology: str
    version: str
    graph: str
    label: str = ""
    definition: str = ""
    deprecated: bool = False
    replaced_by: Thing | None = None
    synonyms: list[str] = field(default_factory=list)
    parents: list[Thing] = field(default_factory=list)
    kinds: list[Thing] = field(default_factory=list)
    more_kinds: int = 0


@dataclass
class Use:
    """One dataset in which a term is a value: of which categories, how often, and of what, for instance."""

    dataset: Thing
    categories: list[tuple[str, int]]
    owners: list[Thing]

    @property
    def count(self) -> int:
        """How many annotations have the term."""
        return sum(count for _, count in self.categories)


@dataclass(frozen=True)
class About:
    """What is known of a term beside the statements of datasets."""

    said: list[Said]
    uses: list[Use]

    @property
    def label(self) -> str:
        """What an ontology calls it; ``""`` if none knows it."""
        return next((one.label for one in self.said if one.label), "")


def ontology_graphs(asking: Asking) -> dict[str, tuple[str, str]]:
    """Return name and version of each ontology graph of the store, by the IRI of the graph."""
    found = {}
    for one in asking.fairgraph.ontologies():
        found[one.iri] = (one.name, one.version)
        found[one.iri + INFERRED] = (one.name, f"{one.version}, inferred")
    return found | ({ONTOLOGIES.value: ("the ontologies", "")} if found else {})


def about(asking: Asking, node: NamedNode) -> About:
    """Return what ontologies say of a term, and where datasets use it."""
    return About(_said(asking, node), _uses(asking, node))


def _said(asking: Asking, node: NamedNode) -> list[Said]:
    known = ontology_graphs(asking)
    if not known:
        return []
    found: dict[str, Said] = {}
    for graph, label, definition, deprecated, replaced in asking.rows("ontology/term", term=[node]):
        if graph.value not in known:
            continue
        one = found.setdefault(graph.value, Said(*known[graph.value], graph.value))
        one.label = one.label or label.value
        one.definition = one.definition or (definition.value if definition is not None else "")
        one.deprecated = one.deprecated or (deprecated is not None and deprecated.value == "true")
        if isinstance(replaced, NamedNode):
            one.replaced_by = things(asking, [replaced])[replaced]
    for graph, _, text in asking.rows("ontology/synonyms", term=[node]):
        if graph.value in found and text.value not in found[graph.value].synonyms:
            found[graph.value].synonyms.append(text.value)
    for name, members in (("parents", "parents"), ("children", "kinds")):
        for graph, _, other, label in asking.rows(
            f"ontology/{name}", term=[node], limit=_MOST_ROWS
        ):
            if graph.value in found and isinstance(other, NamedNode):
                getattr(found[graph.value], members).append(_term(asking, other, label))
    for one in found.values():
        for terms in (one.parents, one.kinds):
            terms.sort(key=lambda term: natural(term.text))
        one.more_kinds = max(0, len(one.kinds) - MOST_KINDS)
        del one.kinds[MOST_KINDS:]
    return sorted(found.values(), key=lambda one: (one.ontology, one.version))


def _term(asking: Asking, node: NamedNode, label: Any) -> Thing:
    return Thing(label.value, href=page_url(node.value, asking.base), iri=node.value)


def _uses(asking: Asking, node: NamedNode) -> list[Use]:
    categories: dict[NamedNode, list[tuple[str, int]]] = {}
    for _, dataset, name, count in asking.rows("browse/term-uses", node=[node]):
        categories.setdefault(dataset, []).append((name.value, int(count.value)))
    owners = {dataset: _owners(asking, node, dataset) for dataset in categories}
    every = [term for found in owners.values() for term in found]
    names = things(asking, [*categories, *every])
    return sorted(
        (
            Use(
                names[dataset],
                sorted(found, key=lambda one: (-one[1], one[0])),
                sorted((names[owner] for owner in owners[dataset]), key=_by_name),
            )
            for dataset, found in categories.items()
        ),
        key=lambda use: (-use.count, use.dataset.text),
    )


def _owners(asking: Asking, node: NamedNode, dataset: NamedNode) -> list[NamedNode]:
    rows: Iterable[Any] = asking.rows(
        "browse/term-owners", node=[node], graph=[dataset], limit=MOST_OWNERS
    )
    return [row[0] for row in rows if isinstance(row[0], NamedNode)]


def _by_name(thing: Thing) -> Any:
    return natural(thing.text)
