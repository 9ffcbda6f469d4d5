"""The studies, samples and runs that a dataset holds no more: their numbers stay theirs, in the system graph, which no query of a caller sees.

In the record they would tell the names of what was taken out before others might see the dataset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from fairgraph.catalogue.records import SYSTEM
from fairgraph.store import Reader, Scope, Writer
from fairgraph.terms import FG, XSD

# Each is a node of its own: what is said of the thing itself may be of another dataset, or the thing be one.
_THING, _NUMBER = FG.node("former"), FG.node("number")
_HELD_BY, _WAS_PUBLIC = FG.node("heldBy"), FG.node("wasPublic")
_TRUE = Literal("true", datatype=XSD.node("boolean"))


@dataclass(frozen=True)
class Former:
    """A thing that a dataset held: its IRI and number, the IRI of the dataset, and whether everybody might see it there."""

    iri: str
    number: int
    dataset: str
    was_public: bool


def numbers(reader: Reader, dataset: NamedNode) -> dict[str, int]:
    """Return the numbers of what a dataset holds no more, by IRI."""
    query = f"SELECT ?thing ?n {{ ?former {_HELD_BY} {dataset} ; {_THING} ?thing ; {_NUMBER} ?n }}"
    rows = reader.select(query, Scope((SYSTEM,)))
    return {row["thing"].value: int(row["n"].value) for row in rows}


def keep(writer: Writer, dataset: NamedNode, gone: Mapping[str, int], *, public: bool) -> None:
    """Keep the numbers of things that a dataset holds no more; *public* says that everybody might see them."""
    writer.insert(
        [triple for iri, n in gone.items() for triple in _told(iri, n, dataset, public)], SYSTEM
    )


def forget(writer: Writer, dataset: NamedNode, known: Iterable[tuple[str, int]]) -> None:
    """Forget things that a dataset holds again, or that nobody is to know of any more."""
    writer.remove([triple for iri, n in known for triple in _told(iri, n, dataset, True)], SYSTEM)


def find(reader: Reader, thing: str | int) -> list[Former]:
    """Return what is known of a thing by its IRI or number: the numbers of studies, samples and runs are apart. Nothing is of what is no IRI."""
    try:
        number = Literal(str(thing), datatype=XSD.node("integer"))
        given = f"({NamedNode(thing)} UNDEF)" if isinstance(thing, str) else f"(UNDEF {number})"
    except ValueError:
        return []
    query = (
        f"SELECT ?thing ?n ?dataset ?public {{ VALUES (?thing ?n) {{ {given} }}\n"
        f"?former {_THING} ?thing ; {_NUMBER} ?n ; {_HELD_BY} ?dataset . OPTIONAL {{ ?former {_WAS_PUBLIC} ?public }} }}"
    )
    return [
        Former(
            row["thing"].value, int(row["n"].value), row["dataset"].value, row["public"] is not None
        )
        for row in reader.select(query, Scope((SYSTEM,)))
    ]


def _told(iri: str, number: int, dataset: NamedNode, public: bool) -> list[Triple]:
    name = hashlib.sha256(f"{dataset.value} {iri}".encode()).hexdigest()
    node = NamedNode(f"{SYSTEM.value}:former:{name}")
    told = [
        Triple(node, _THING, NamedNode(iri)),
        Triple(node, _NUMBER, Literal(str(number), datatype=XSD.node("integer"))),
        Triple(node, _HELD_BY, dataset),
    ]
    return [*told, Triple(node, _WAS_PUBLIC, _TRUE)] if public else told
