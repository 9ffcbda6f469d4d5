"""SPARQL Update: what it may see and write, what DEFAULT means, and what follows from a change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fairgraph.api import Fairgraph
from fairgraph.errors import QueryError
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
    written = objects(memory, dataset.slug, RAW)
    assert "50.10" in written
    memory.update(
        f"WITH <{dataset.iri}> DELETE {{ ?v {VALUE} ?old }} INSERT {{ ?v {VALUE} 9 }} WHERE {{ ?v {VALUE} ?old ; {RAW} ?raw }}"
    )
    # The texts of lists are no texts of numbers: whether they still fit is seen where the list is.
    assert objects(memory, dataset.slug, RAW) == [text for text in written if text != "50.10"]
    memory.revert(dataset.iri, 1)
    assert objects(memory, dataset.slug, RAW) == written


# what an update sees


def test_no_pattern_sees_the_system_graph(memory: Fairgraph) -> None:
    memory.update(f"INSERT DATA {{ GRAPH <{E}g> {{ <{E}s> <{E}p> 1 }} }}")
    for graph in ("<urn:fairgraph:system>", "?g", "s:system"):
        copy = f"INSERT {{ GRAPH <{E}leak> {{ ?s ?p ?o }} }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} FILTER(?p != <{E}p>) }}"
        assert memory.update(f"PREFIX s: <urn:fairgraph:> {copy}") == ()
    for text in (
        f"INSERT {{ GRAPH <{E}leak> {{ ?s ?p ?o }} }} USING <urn:fairgraph:system> WHERE {{ ?s ?p ?o }}",
        f"ADD SILENT <urn:fairgraph:system> TO <{E}leak>",
    ):
        assert memory.update(text) == ()
    assert [dataset.slug for dataset in memory.datasets()] == ["g"]
    assert memory.dataset("g").number == 1


def test_a_variable_graph_ranges_over_the_datasets(memory: Fairgraph) -> None:
    for name in "ab":
        memory.update(f'INSERT DATA {{ GRAPH <{E}{name}> {{ <{E}s> <{E}p> "{name}", "x" }} }}')
    memory.set("b", visibility="private")
    changed = memory.update(
        "DELETE { GRAPH ?g { ?s ?p ?o } } INSERT { GRAPH ?g { ?s ?p 1 } } WHERE { GRAPH ?g { ?s ?p ?o } }"
    )
    assert [dataset.slug for dataset in changed] == ["a", "b"]
    assert objects(memory, "a", NamedNode(f"{E}p")) == ["1"]
    gone = memory.update("delete where { graph $g { ?s ?p ?o } }")
    assert [(dataset.slug, bool(dataset.removed)) for dataset in gone] == [("a", True), ("b", True)]
    assert memory.revert("a", 2).counts["triples"] == 1


def test_a_variable_graph_in_a_subquery_or_a_filter_sees_no_record_either(
    memory: Fairgraph,
) -> None:
    memory.update(f"INSERT DATA {{ GRAPH <{E}g> {{ <{E}s> <{E}p> <{E}o> }} }}")
    (made,) = memory.update(
        f"""INSERT {{ GRAPH <{E}seen> {{ ?g <{E}n> ?n }} }}
        WHERE {{ {{ SELECT ?g (COUNT(*) AS ?n) {{ OPTIONAL {{ GRAPH ?g {{ ?s ?p ?o }} }} }} GROUP BY ?g }}
                 FILTER NOT EXISTS {{ GRAPH ?h {{ ?d <http://purl.org/dc/terms/identifier> ?i }} }} }}"""
    )
    assert triples(memory, made.slug) == {
        Triple(NamedNode(f"{E}g"), NamedNode(f"{E}n"), Literal("1", datatype=XSD.node("integer")))
    }


def test_a_record_is_read_by_its_name(memory: Fairgraph) -> None:
    memory.update(f"INSERT DATA {{ GRAPH <{E}g> {{ <{E}s> <{E}p> 1 }} }}")
    memory.update(
        f"INSERT {{ GRAPH <{E}g> {{ <{E}s> <{E}title> ?t }} }} WHERE {{ GRAPH <{BASE}record/g> {{ <{E}g> <http://purl.org/dc/terms/title> ?t }} }}"
    )
    assert objects(memory, "g", NamedNode(f"{E}title")) == ["g"]


# what DEFAULT means


@pytest.mark.parametrize("operation", ["COPY", "ADD", "MOVE"])
def test_default_is_the_dataset_default_in_every_operation(
    memory: Fairgraph, operation: str
) -> None:
    memory.update(f"INSERT DATA {{ <{E}s> <{E}p> 1 . GRAPH <{E}other> {{ <{E}s> <{E}p> 2 }} }}")
    memory.update(f"{operation} DEFAULT TO <{E}target>")
    assert objects(memory, "target", NamedNode(f"{E}p")) == ["1"]
    left = {dataset.slug for dataset in memory.datasets()}
    assert left == {"other", "target"} | ({"default"} if operation != "MOVE" else set())


@pytest.mark.parametrize("operation", ["COPY", "ADD", "MOVE"])
def test_an_empty_default_can_be_named(memory: Fairgraph, operation: str) -> None:
    memory.update(f"INSERT DATA {{ GRAPH <{E}g> {{ <{E}s> <{E}p> 2 }} }}")
    gone = memory.update(f"{operation} DEFAULT TO <{E}g>")
    assert [dataset.slug for dataset in gone if dataset.removed] == (
        [] if operation == "ADD" else ["g"]
    )


def test_with_ends_at_the_semicolon(memory: Fairgraph) -> None:
    memory.update(f"INSERT DATA {{ GRAPH <{E}g> {{ <{E}s> <{E}p> 1 }} }}")
    memory.update(
        f"WITH <{E}g> DELETE {{ ?s ?p 1 }} INSERT {{ ?s ?p 2 }} WHERE {{ ?s ?p 1 }} ; INSERT DATA {{ <{E}s> <{E}p> 3 }}"
    )
    assert objects(memory, "g", NamedNode(f"{E}p")) == ["2"]
    assert objects(memory, "default", NamedNode(f"{E}p")) == ["3"]


# which datasets an update may make


@pytest.mark.parametrize(
    "graph",
    [f"{BASE}id/", f"{BASE}id/other/study/x", f"{BASE}id/a%20b", f"{BASE}page/x", BASE, BASE[:-1], f"{BASE}id", f"{BASE}id/a#b", f"{BASE}id/.a"],
)  # fmt: skip
def test_a_dataset_has_no_odd_name(memory: Fairgraph, graph: str) -> None:
    with pytest.raises(QueryError) as refused:
        memory.update(f"INSERT DATA {{ GRAPH <{graph}> {{ <{E}s> <{E}p> 1 }} }}")
    assert refused.value.where == graph
    assert memory.datasets() == []


@pytest.mark.parametrize("graph", [f"{BASE}id/a.b_c-1", f"{BASE}id/default", f"{E}x/study/y"])
def test_other_names_are_fine(memory: Fairgraph, graph: str) -> None:
    (made,) = memory.update(f"INSERT DATA {{ GRAPH <{graph}> {{ <{E}s> <{E}p> 1 }} }}")
    assert made.iri == graph


def test_a_slug_that_is_taken_names_no_other_dataset(memory: Fairgraph) -> None:
    memory.update(f"INSERT DATA {{ GRAPH <{E}lab> {{ <{E}s> <{E}p> 1 }} }}")
    with pytest.raises(QueryError, match="belongs to"):
        memory.update(f"INSERT DATA {{ GRAPH <{BASE}id/lab> {{ <{E}s> <{E}p> 1 }} }}")
    assert memory.dataset("lab").iri == f"{E}lab"


def test_an_ontology_is_not_a_dataset(memory: Fairgraph) -> None:
    with pytest.raises(QueryError) as refused:
        memory.update(f"INSERT DATA {{ GRAPH <{BASE}ontology/o> {{ <{E}s> <{E}p> 1 }} }}")
    assert refused.value.http_status == 403
