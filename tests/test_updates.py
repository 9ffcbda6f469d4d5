"""SPARQL Update: what it may see and write, what DEFAULT means, and what follows from a change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fairgraph.api import Fairgraph
from fairgraph.terms import FG, SCHEMA, XSD

BASE = "http://localhost:8000/"
E = "http://example.org/"
VALUE, RAW = SCHEMA.node("value"), FG.node("rawText")


def triples(fg: Fairgraph, name: str) -> set[Triple]:
    data = fg.export("nquads", name).to_bytes()
    return {quad.triple for quad in parse(data, format=RdfFormat.N_QUADS)}


def objects(fg: Fairgraph, name: str, predicate: NamedNode) -> list[str]:
    found = (triple.object for triple in triples(fg, name) if triple.predicate == predicate)
    return sorted(term.value for term in found)  # type: ignore[union-attr]


# raw text


def numbered(raw: str, datatype: str, value: str = "") -> str:
    """The triples of one value with its raw text."""
    return f'<{E}v> {VALUE} "{value or raw}"^^<{datatype}> ; {RAW} "{raw}"'


@pytest.mark.parametrize(
    ("raw", "datatype"),
    [("50.10", XSD.decimal), ("1e3", XSD.double), ("7.0", XSD.decimal), ("0.12345678901234567890", XSD.double)],
)  # fmt: skip
def test_raw_text_goes_with_the_number_that_it_was(
    memory: Fairgraph, raw: str, datatype: str
) -> None:
    graph = f"<{E}g>"
    memory.update(f"INSERT DATA {{ GRAPH {graph} {{ {numbered(raw, datatype)} }} }}")
    memory.update(f"INSERT DATA {{ GRAPH {graph} {{ <{E}v> <{E}other> 5 }} }}")
    assert objects(memory, "g", RAW) == [raw]
    memory.update(
        f"WITH {graph} DELETE {{ ?v {VALUE} ?old }} INSERT {{ ?v {VALUE} 9 }} WHERE {{ ?v {VALUE} ?old }}"
    )
    assert objects(memory, "g", VALUE) == ["9"]
    assert objects(memory, "g", RAW) == []


def test_raw_text_of_another_number_on_the_node_stays(memory: Fairgraph) -> None:
    memory.update(
        f'INSERT DATA {{ GRAPH <{E}g> {{ {numbered("5.10", XSD.decimal)} , "1.20" ; <{E}p> 1.20 }} }}'
    )
    assert objects(memory, "g", RAW) == ["1.20", "5.10"]
    memory.update(f"DELETE WHERE {{ GRAPH <{E}g> {{ ?v {VALUE} ?o }} }}")
    assert objects(memory, "g", RAW) == ["1.20"]


def test_raw_text_written_beside_another_number_does_not_stay(memory: Fairgraph) -> None:
    memory.update(
        f'INSERT DATA {{ GRAPH <{E}g> {{ {numbered("5.10", XSD.decimal, "5.2")} ; <{E}p> "x" }} }}'
    )
    assert objects(memory, "g", RAW) == []


def test_a_changed_number_leaves_no_raw_text_of_isa(
    memory: Fairgraph, write_tab: Callable[..., Path]
) -> None:
    header = ["Source Name", "Characteristics[mass]", "Protocol REF", "Sample Name"]
    dataset = memory.add(write_tab([header, ["a", "50.10", "collection", "b"]])).dataset
    assert objects(memory, dataset.slug, RAW) == ["50.10"]
    memory.update(
        f"WITH <{dataset.iri}> DELETE {{ ?v {VALUE} ?old }} INSERT {{ ?v {VALUE} 9 }} WHERE {{ ?v {VALUE} ?old ; {RAW} ?raw }}"
    )
    assert objects(memory, dataset.slug, RAW) == []
    memory.revert(dataset.iri, 1)
    assert objects(memory, dataset.slug, RAW) == ["50.10"]
