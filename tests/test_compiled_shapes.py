"""Our shapes are all compiled, and find what pySHACL finds: on good data, on real data, on data broken at random."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from unittest import mock

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from fairgraph.cycles import cyclic
from fairgraph.errors import QueryError
from fairgraph.importers.archive import open_source
from fairgraph.importers.format import Draft, get
from fairgraph.terms import SH, XSD
from fairgraph.validation import profiles, shapes
from fairgraph.validation.compiler import compile_shapes
from fairgraph.validation.constraints import ShapesGraph
from fairgraph.validation.data import Data
from fairgraph.validation.engine import Result, results
from fairgraph.validation.reference import reference_results
from fairgraph.validation.validate import shapes_graph
from support import EXAMPLE, ROOT, corpus_paths

# The rules of the PROV profile are no shapes that an engine could run: tests/test_prov_check.py.
CASES = [
    path
    for path in sorted((Path(__file__).parent / "shapes").glob("*/*.ttl"))
    if path.parent.name != "prov"
]
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if list(path.glob("i_*.txt")))
FOLDERS = corpus_paths("isa/tab/*")
# A spread of the corpus at once, the rest with the slow tests; pySHACL takes minutes for each of the largest six.
SPREAD = FOLDERS[::3]
LARGE = 300_000  # bytes of tables

Key = tuple[str, str, str, str, str, str]


def marks(path: Path) -> tuple[pytest.MarkDecorator, ...]:
    if sum(file.stat().st_size for file in path.iterdir()) > LARGE:
        return (pytest.mark.slow, pytest.mark.oracle)
    return () if path in SPREAD else (pytest.mark.slow,)


def read(path: Path) -> bytes:
    draft = Draft("http://localhost:8000/id/dataset")
    try:
        get("isa-tab").read(open_source(path), draft)
        return b"".join(draft.spool.chunks())
    finally:
        draft.spool.close()


def stored(triples: bytes | list[Triple]) -> tuple[Store, list[Triple]]:
    """A store, and what it holds: the reference gets literals as the store writes them."""
    store = Store()
    if isinstance(triples, bytes):
        store.load(triples, format=RdfFormat.N_TRIPLES)
    else:
        store.extend(Quad(t.subject, t.predicate, t.object) for t in triples)
    return store, [quad.triple for quad in store]


def key(result: Result) -> Key:
    return (
        str(result.shape),
        result.component,
        str(result.focus),
        result.path,
        str(result.value),
        result.severity,
    )


def compared(triples: bytes | list[Triple], graph: ShapesGraph) -> Counter[Key]:
    """What our engine finds, which has to be what pySHACL finds."""
    store, held = stored(triples)
    found = Counter(map(key, results(graph, Data(store.query, lambda: held))))
    # Small data are asked in the ways of large data, too.
    with mock.patch("fairgraph.validation.screens.MANY", 1):
        for on_disk in (False, True):
            asked = results(graph, Data(store.query, lambda: held, on_disk=on_disk))
            assert Counter(map(key, asked)) == found
    wanted = Counter(
        made
        for made in map(key, reference_results(graph, held))
        # rdflib follows a path from an empty literal as if it came from anywhere.
        if not (made[1] == SH.SPARQLConstraintComponent and made[4] == '""')
    )
    assert found == wanted
    return found


ISA = shapes_graph("isa")


@pytest.mark.parametrize("profile", profiles())
def test_every_shape_of_ours_is_compiled(profile: str) -> None:
    plan = compile_shapes(shapes_graph(profile))
    assert plan.passed_on == {}
    assert {node.value for node in plan.compiled} == {shape.iri for shape in shapes(profile)}


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_cases_of_the_shapes_give_what_pyshacl_finds(path: Path) -> None:
    entity = path.parent.name
    profile = next(
        name for name in profiles() if entity in {shape.entity for shape in shapes(name)}
    )
    triples = [quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE)]
    found = compared(triples, shapes_graph(profile))
    assert found or path.stem == "good"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_give_what_pyshacl_finds(path: Path) -> None:
    compared(read(path), ISA)


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=marks(path)) for path in FOLDERS],
    ids=lambda path: path.name,
)
def test_real_datasets_give_what_pyshacl_finds(path: Path) -> None:
    compared(read(path), ISA)


# -- broken at random ----------------------------------------------------------------------------------------------

ODD = [
    Literal(""),
    Literal("x y"),
    Literal("2024-02-30", datatype=NamedNode(XSD.date)),
    Literal("2024-02-03", datatype=NamedNode(XSD.date)),
    Literal("seven", datatype=NamedNode(XSD.integer)),
    Literal("7", datatype=NamedNode(XSD.integer)),
    Literal("sieben", language="de"),
    NamedNode("http://example.org/elsewhere"),
]


def mutated(triples: list[Triple], seed: int) -> list[Triple]:
    """Drop, repeat with another object, and retarget some statements; types and all."""
    chosen = random.Random(seed)
    nodes = [t.subject for t in triples]
    found = []
    for triple in triples:
        fate = chosen.random()
        if fate < 0.02:
            continue
        found.append(triple)
        if fate < 0.05:
            new = chosen.choice(ODD if chosen.random() < 0.4 else nodes)
            found.append(Triple(triple.subject, triple.predicate, new))
        elif fate < 0.07:
            found[-1] = Triple(chosen.choice(nodes), triple.predicate, triple.object)
        elif fate < 0.08:
            found.append(Triple(triple.subject, chosen.choice(triples).predicate, triple.object))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_broken_datasets_give_what_pyshacl_finds(seed: int) -> None:
    _, triples = stored(read(EXAMPLE))
    triples.sort(key=str)
    found = compared(mutated(triples, seed), ISA)
    assert len({shape for shape, *_ in found}) > 10


# -- single decisions ----------------------------------------------------------------------------------------------

PREFIXES = """
@prefix e: <http://e.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def turtle(text: str) -> list[Triple]:
    return [q.triple for q in parse((PREFIXES + text).encode(), format=RdfFormat.TURTLE)]


def both(shape: str, data: str) -> Counter[Key]:
    """What a shape finds, which pySHACL has to find, too, and no shape may have been passed on."""
    graph = ShapesGraph(turtle(shape))
    assert compile_shapes(graph).passed_on == {}
    return compared(turtle(data), graph)


def focuses(found: Counter[Key]) -> list[str]:
    return sorted(
        focus.removeprefix("<http://e.org/").rstrip(">") for _, _, focus, *_ in found.elements()
    )


def test_an_ill_typed_literal_is_what_shacl_says() -> None:
    shape = "e:S a sh:NodeShape ; sh:targetSubjectsOf e:p ; sh:property [ sh:path e:p ; sh:datatype xsd:integer ] ."
    data = 'e:a e:p "abc"^^xsd:integer . e:b e:p 7 . e:c e:p "7" . e:d e:p "12345678901234567890123"^^xsd:integer .'
    assert focuses(both(shape, data)) == ["a", "c"]


@pytest.mark.parametrize(
    ("constraint", "broken"),
    [
        ("sh:minCount 3", ["a", "b"]),
        ("sh:maxCount 2", ["c"]),
        ("sh:minCount 1 ; sh:maxCount 1", ["b", "c"]),
        ("sh:qualifiedValueShape [ sh:minInclusive 2 ] ; sh:qualifiedMinCount 2", ["a", "b"]),
        ("sh:qualifiedValueShape [ sh:minInclusive 2 ] ; sh:qualifiedMaxCount 1", ["c"]),
        ("sh:minInclusive 2", ["a", "b", "c"]),
        ("sh:not [ sh:in ( 3 ) ]", ["c"]),
    ],
)
def test_counts_and_values(constraint: str, broken: list[str]) -> None:
    shape = f"e:S a sh:PropertyShape ; sh:targetClass e:C ; sh:path e:p ; {constraint} ."
    data = "e:a a e:C ; e:p 1 . e:b a e:C ; e:p 1, 2 . e:c a e:C ; e:p 1, 2, 3 ."
    assert focuses(both(shape, data)) == broken


@pytest.mark.parametrize("path", ["e:p", "( e:p e:q )", "[ sh:alternativePath ( e:p e:q ) ]", "[ sh:inversePath e:p ]", "[ sh:oneOrMorePath e:p ]", "[ sh:zeroOrMorePath ( e:p e:q ) ]", "( [ sh:zeroOrOnePath e:p ] [ sh:inversePath e:q ] )"])  # fmt: skip
@pytest.mark.parametrize("constraint", ["sh:minCount 1", "sh:maxCount 1", "sh:nodeKind sh:IRI", "sh:class e:C", "sh:hasValue e:c", "sh:minCount 2", "sh:equals e:p", "sh:disjoint e:q", "sh:xone ( [ sh:class e:C ] [ sh:path e:q ; sh:minCount 1 ] )", "sh:property [ sh:path e:q ; sh:minCount 1 ; sh:nodeKind sh:IRI ]"])  # fmt: skip
@pytest.mark.parametrize("nested", ["sh:property [ %s ]", "sh:not [ %s ]", "sh:node [ sh:property [ %s ] ]"])  # fmt: skip
def test_every_kind_of_path(path: str, constraint: str, nested: str) -> None:
    body = nested % f"sh:path {path} ; {constraint}"
    shape = f"e:S a sh:NodeShape ; sh:targetClass e:C , e:D ; {body} ."
    data = """
      e:D rdfs:subClassOf e:C . e:E rdfs:subClassOf e:D .
      e:a a e:C ; e:p e:b , e:c ; e:q e:c . e:b a e:D ; e:p e:d ; e:q "b" . e:c a e:E ; e:q e:a , e:b ; e:p e:a .
      e:d a e:C . e:f a e:E ; e:p e:f ; e:q e:f , e:d .
    """
    both(shape, data)


def test_a_sequence_walked_backwards() -> None:
    """pySHACL 0.40 takes the steps of such a path in the wrong order."""
    shape = "e:S a sh:PropertyShape ; sh:targetNode e:c ; sh:path [ sh:inversePath ( e:p e:q ) ] ; sh:nodeKind sh:Literal ."
    store, held = stored(turtle("e:a e:p e:b . e:b e:q e:c . e:x e:q e:y . e:y e:p e:c ."))
    found = list(results(ShapesGraph(turtle(shape)), Data(store.query, lambda: held)))
    assert [str(result.value) for result in found] == ["<http://e.org/a>"]


def test_what_is_not_compiled_is_passed_on_and_nothing_else() -> None:
    graph = ShapesGraph(
        turtle(
            """
            e:Byte a sh:NodeShape ; sh:targetSubjectsOf e:p ; sh:property [ sh:path e:p ; sh:datatype xsd:byte ] .
            e:Kind a sh:NodeShape ; sh:targetSubjectsOf e:p ; sh:property [ sh:path e:p ; sh:nodeKind sh:IRI ] .
            """
        )
    )
    assert [node.value for node in compile_shapes(graph).passed_on] == ["http://e.org/Byte"]
    triples = turtle("e:a e:p 7 .")
    found = list(results(graph, Data(stored(triples)[0].query, lambda: triples)))
    assert sorted(r.root.value for r in found) == ["http://e.org/Byte", "http://e.org/Kind"]


@pytest.mark.parametrize("shape", ["sh:pattern '('", "sh:sparql [ sh:select 'SELECT $this { $this e:p ?x } LIMIT 1' ]", "sh:node e:S", "sh:maxSize 3"])  # fmt: skip
def test_what_cannot_be_compiled_has_a_reason(shape: str) -> None:
    plan = compile_shapes(
        ShapesGraph(turtle(f"e:S a sh:NodeShape ; sh:targetClass e:C ; {shape} ."))
    )
    assert len(plan.passed_on) == 1
    assert all(plan.passed_on.values())


QUERY = """
  e:S a sh:NodeShape ; sh:targetClass e:C ; sh:sparql [ sh:message "{?value}" ; sh:select "%s" ] .
"""


@pytest.mark.parametrize(
    "select",
    [
        "SELECT $this ?value { $this <http://e.org/p> ?value }",
        "SELECT $this { OPTIONAL { $this <http://e.org/p> ?x } FILTER (!BOUND(?x)) }",
        "SELECT $this { FILTER NOT EXISTS { $this <http://e.org/p> ?x } }",
        "SELECT $this ?value { { $this <http://e.org/p> ?value } UNION { FILTER ($this = <http://e.org/b>) } }",
        "SELECT DISTINCT $this { { SELECT $this { $this <http://e.org/p> ?x } } }",
        "SELECT $this ?value { $this <http://e.org/p> ?value . ?value (<http://e.org/p>/<http://e.org/p>)+ ?value }",
    ],
)
def test_queries_of_shapes(select: str) -> None:
    data = "e:a a e:C ; e:p e:b . e:b a e:C ; e:p e:a , 7 . e:c a e:C ; e:p e:c . e:d a e:C ."
    assert both(QUERY % select, data)


def test_a_query_that_shacl_forbids_is_refused() -> None:
    with pytest.raises(QueryError, match="MINUS"):
        both(QUERY % "SELECT $this { $this ?p ?o MINUS { $this ?p 7 } }", "")


def test_nodes_on_cycles() -> None:
    edges = [(1, 2), (2, 3), (3, 1), (3, 4), (4, 5), (6, 6), (5, 7), (7, 8), (8, 7), (9, 1)]
    assert sorted(cyclic(edges)) == [1, 2, 3, 6, 7, 8]
    assert cyclic((n, n + 1) for n in range(100_000)) == []
    assert len(cyclic((n, (n + 1) % 50_000) for n in range(50_000))) == 50_000


def test_a_cycle_of_blank_nodes_is_found() -> None:
    data = turtle("_:a a e:C ; e:p _:b . _:b a e:C ; e:p _:a . e:d a e:C ; e:p e:d .")
    assert any(isinstance(t.subject, BlankNode) for t in data)
    select = "SELECT $this { $this a <http://e.org/C> . $this (<http://e.org/p>)+ $this }"
    assert len(compared(data, ShapesGraph(turtle(QUERY % select)))) == 3


def test_the_type_that_a_target_has_may_be_a_subclass() -> None:
    shape = "e:S a sh:NodeShape ; sh:targetClass e:C ; sh:property [ sh:path e:p ; sh:class e:D ] ."
    data = "e:E rdfs:subClassOf e:C , e:D . e:a a e:E ; e:p e:a , e:b . e:b a e:X ."
    assert both(shape, data).total() == 1
