"""Ontologies: one graph a version, read from RDF/XML, Turtle and OBO, asked by named queries."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.errors import NotFound, QueryError, SourceError, UsageError
from fairgraph.ontology import ONTOLOGIES
from support import EXAMPLE

OBO = "http://purl.obolibrary.org/obo/"
TTL = """
@prefix : <http://example.org/animal#> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix oboInOwl: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<http://example.org/animal.owl> a owl:Ontology ; owl:versionIRI <http://example.org/animal/VERSION/animal.owl> ; rdfs:label "Animals" .
:eats a owl:ObjectProperty .
:animal a owl:Class ; rdfs:label "animal" .
:mouse a owl:Class ; rdfs:label "mouse" ; rdfs:subClassOf :animal ; oboInOwl:hasExactSynonym "Mus musculus" ; obo:IAO_0000115 "Small." .
:rodent a owl:Class ; rdfs:label "rodent" ; owl:deprecated true ; obo:IAO_0100001 :mouse .
:eater a owl:Class ; rdfs:label "eater" ; owl:equivalentClass [ a owl:Restriction ; owl:onProperty :eats ; owl:someValuesFrom :animal ] .
:cat a owl:Class ; rdfs:label "cat" ; rdfs:subClassOf :animal , [ a owl:Restriction ; owl:onProperty :eats ; owl:someValuesFrom :mouse ] .
"""
SMALL_OBO = r"""format-version: 1.4
data-version: 2026-01-01
ontology: toy
idspace: X http://example.org/x/
subsetdef: slim "A \"slim\" part"

[Term]
id: TOY:0000001
name: a \! b
def: "What a is; \"quoted\" ! not a comment" [PMID:1] {source="x"}
synonym: "one" EXACT []
synonym: "two" BROAD layperson [PMID:2]
subset: slim
is_a: TOY:0000002 {is_inferred="true"} ! two
intersection_of: TOY:0000002 ! two
intersection_of: part_of X:9
relationship: part_of X:9 ! nine
xref: DB:1 "text"
property_value: dc:date "2026-01-01" xsd:date

[Term]
id: TOY:0000002
is_obsolete: true
replaced_by: TOY:0000001
consider: TOY:0000001

[Typedef]
id: part_of
name: part of
xref: BFO:0000050
is_transitive: true
strange_tag: x
"""


@pytest.fixture
def fg() -> Iterator[Fairgraph]:
    with fairgraph.open("memory:") as found:
        yield found


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    path = tmp_path / "animal.ttl"
    path.write_text(TTL.replace("VERSION", "2026-01-01"))
    return path


def statements(fg: Fairgraph, iri: str) -> set[tuple[str, str, str]]:
    with fg.store.read() as reader:
        return {
            (t.subject.value, t.predicate.value.rpartition("#")[2].rpartition("/")[2], t.object.value)
            for t in reader.triples(ox_node(iri))
        }  # fmt: skip


def ox_node(iri: str) -> object:
    from pyoxigraph import NamedNode

    return NamedNode(iri)


def test_versions_stand_side_by_side(fg: Fairgraph, animals: Path) -> None:
    first, _ = fg.add_ontology(animals)
    assert (first.name, first.version, first.title, first.terms) == (
        "animal",
        "2026-01-01",
        "Animals",
        5,
    )
    animals.write_text(TTL.replace("VERSION", "2026-02-02") + ":dog a owl:Class .")
    second, _ = fg.add_ontology(animals)
    assert [o.version for o in fg.ontologies()] == ["2026-01-01", "2026-02-02"]
    assert second.triples == first.triples + 1
    with pytest.raises(UsageError, match="several versions"):
        fg.remove_ontology("animal")
    assert fg.remove_ontology("animal@2026-01-01") == first
    assert fg.remove_ontology(second.iri) == second
    assert fg.ontologies() == []
    with fg.store.read() as reader:
        assert reader.graphs() == [
            graph for graph in reader.graphs() if "animal" not in graph.value
        ]
        assert reader.size(ONTOLOGIES) == 0
    with pytest.raises(NotFound):
        fg.remove_ontology("animal")


def test_the_same_version_again_takes_its_place(fg: Fairgraph, animals: Path) -> None:
    first, _ = fg.add_ontology(animals)
    assert fg.add_ontology(animals)[0] == first
    animals.write_text(animals.read_text() + ":dog a owl:Class .")
    again, _ = fg.add_ontology(animals)
    assert fg.ontologies() == [again]
    assert again.triples == first.triples + 1


def test_terms_are_answered_by_named_queries(fg: Fairgraph, animals: Path) -> None:
    fg.add_ontology(animals)
    fg.add(EXAMPLE)
    term = "http://example.org/animal#mouse"
    public = fg.as_caller("public")
    rows = [
        [cell and cell.value for cell in row] for row in public.query("ontology/term", term=term)
    ]
    assert [row[1:3] for row in rows] == [["mouse", "Small."]]
    assert [row["ancestor"].value for row in public.query("ontology/ancestors", term=term)] == [
        "http://example.org/animal#animal"
    ]
    below = public.query("ontology/descendants", term="http://example.org/animal#animal")
    assert {row["label"].value for row in below} == {"mouse", "cat"}
    assert [row["synonym"].value for row in public.query("ontology/synonyms", term=term)] == [
        "Mus musculus"
    ]
    found = [row["term"].value for row in public.query("ontology/terms", text="mus MUSCULUS")]
    assert found == [term]
    gone = [
        (row["label"].value, row["replacedBy"].value) for row in public.query("ontology/deprecated")
    ]
    assert gone == [("rodent", term)]


def test_ontologies_are_not_in_the_default_graph(fg: Fairgraph, animals: Path) -> None:
    fg.add(EXAMPLE)
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    before = next(iter(fg.query(count)))["n"].value
    fg.add_ontology(animals)
    for caller in ("owner", "public"):
        assert next(iter(fg.as_caller(caller).query(count)))["n"].value == before
    assert not fg.query(
        "ASK { GRAPH <http://example.org/animal/2026-01-01/animal.owl> { ?s ?p ?o } }", dataset=1
    )
    assert fg.query("ASK { GRAPH <http://example.org/animal/2026-01-01/animal.owl> { ?s ?p ?o } }")


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { GRAPH <http://example.org/animal/2026-01-01/animal.owl> { <x:a> <x:b> <x:c> } }",
        "INSERT { GRAPH ?g { <x:a> <x:b> <x:c> } } WHERE { BIND (IRI('http://example.org/animal/2026-01-01/animal.owl') AS ?g) }",
        "DROP GRAPH <http://example.org/animal/2026-01-01/animal.owl>",
        "INSERT DATA { GRAPH <urn:fairgraph:ontologies> { <x:a> <x:b> <x:c> } }",
    ],
)
def test_an_update_does_not_touch_an_ontology(fg: Fairgraph, animals: Path, update: str) -> None:
    added, _ = fg.add_ontology(animals)
    with pytest.raises(QueryError) as error:
        fg.update(update)
    assert error.value.http_status == 403
    assert fg.ontologies() == [added]


def test_a_variable_graph_of_an_update_is_no_ontology(fg: Fairgraph, animals: Path) -> None:
    fg.update("INSERT DATA { GRAPH <http://example.org/g> { <x:a> <x:b> <x:c> } }")
    added, _ = fg.add_ontology(animals)
    changed = fg.update("DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }")
    assert [dataset.iri for dataset in changed] == ["http://example.org/g"]
    assert fg.ontologies() == [added]


def test_drop_all_leaves_ontologies(fg: Fairgraph, animals: Path) -> None:
    fg.add(EXAMPLE)
    added, _ = fg.add_ontology(animals)
    fg.update("DROP ALL")
    assert fg.ontologies() == [added]
    assert fg.query("ASK { GRAPH <http://example.org/animal/2026-01-01/animal.owl> { ?s ?p ?o } }")


@pytest.mark.parametrize(
    "iri",
    [
        "http://localhost:8000/id/later",
        "http://localhost:8000/record/later",
        "urn:fairgraph:ontologies",
        "urn:fairgraph:system",
    ],
)
def test_an_ontology_cannot_call_itself_a_graph_of_the_store(
    fg: Fairgraph, animals: Path, iri: str
) -> None:
    """What is imported there afterwards, private perhaps, would be seen by everybody, and removed with the ontology."""
    animals.write_text(TTL.replace("http://example.org/animal/VERSION/animal.owl", iri))
    with pytest.raises(UsageError, match="of this store"):
        fg.add_ontology(animals)
    assert fg.ontologies() == []


def test_an_ontology_does_not_take_the_graph_of_a_dataset(fg: Fairgraph, animals: Path) -> None:
    fg.update("INSERT DATA { GRAPH <http://example.org/g> { <x:a> <x:b> <x:c> } }")
    animals.write_text(
        TTL.replace("http://example.org/animal/VERSION/animal.owl", "http://example.org/g")
    )
    with pytest.raises(UsageError, match="dataset already"):
        fg.add_ontology(animals)


def test_obo_becomes_owl(fg: Fairgraph, tmp_path: Path) -> None:
    path = tmp_path / "toy.obo"
    path.write_text(SMALL_OBO)
    toy, report = fg.add_ontology(path)
    assert (toy.iri, toy.name, toy.version) == (f"{OBO}toy/2026-01-01/toy.owl", "toy", "2026-01-01")
    assert [(f.where, f.message.split(" has ")[0], f.count) for f in report] == [
        ("toy.obo:32:1", "strange_tag", 1),
        ("toy.obo:10:1", "{trailing modifiers}", 2),
    ]
    found = statements(fg, toy.iri)
    one, two, part_of = f"{OBO}TOY_0000001", f"{OBO}TOY_0000002", f"{OBO}BFO_0000050"
    for triple in (
        (one, "label", "a ! b"),
        (one, "IAO_0000115", 'What a is; "quoted" ! not a comment'),
        (one, "hasExactSynonym", "one"),
        (one, "hasBroadSynonym", "two"),
        (one, "inSubset", f"{OBO}toy#slim"),
        (one, "subClassOf", two),
        (one, "hasDbXref", "DB:1"),
        (one, "dc_date", "2026-01-01"),
        (two, "deprecated", "true"),
        (two, "IAO_0100001", one),
        (two, "consider", one),
        (part_of, "label", "part of"),
        (part_of, "type", "http://www.w3.org/2002/07/owl#TransitiveProperty"),
        (f"{OBO}toy#slim", "comment", 'A "slim" part'),
    ):
        assert triple in found
    axioms = {o: s for s, p, o in found if p == "annotatedTarget"}
    assert (axioms["two"], "hasDbXref", "PMID:2") in found
    assert (axioms["two"], "hasSynonymType", f"{OBO}toy#layperson") in found
    assert (axioms["DB:1"], "label", "text") in found
    nine = [s for s, p, o in found if (p, o) == ("someValuesFrom", "http://example.org/x/9")]
    assert len(nine) == 2  # of the relationship and of the intersection
    assert {(s, p) for s, p, o in found if o in nine} >= {(one, "subClassOf")}
    assert {(s, "onProperty", part_of) for s in nine} <= found


@pytest.mark.parametrize(
    ("name", "text", "place", "message"),
    [
        ("x.owl", "<a><b></a>", "x.owl:1", "is not"),
        ("x.owl", '<?xml version="1.0"?><Ontology xmlns="http://www.w3.org/2002/07/owl#"/>', "x.owl", "OWL/XML"),
        ("x.ttl", "<x:a> <x:b> <x:c> .", "x.ttl", "no owl:Ontology"),
        ("x.ttl", "<x:a> a <http://www.w3.org/2002/07/owl#Ontology> . <x:b> a <http://www.w3.org/2002/07/owl#Ontology> .", "x.ttl", "2 owl:Ontology"),
        ("x.csv", "a,b", "x.csv", "no ontology file"),
        ("x.obo", "format-version: 1.4\nontology: x\n\n[Term]\nname: no id\n", "x.obo:5:1", "has no id"),
        ("x.obo", "format-version: 1.4\n\n[Term]\nid: X:1\n", "x.obo:1:1", "which ontology"),
        ("x.obo", "format-version: 1.4\nontology: x\nwhat is this\n", "x.obo:3:1", "no line of OBO"),
        ("x.obo", "format-version: 1.4\nontology: x\n[Term]\nid: X:1\ndef: none\n", "x.obo:5:1", "in quotes"),
        ("x.obo", "format-version: 1.4\nontology: x\nidspace: GO\n", "x.obo:3:1", "idspace needs"),
        ("x.obo", "format-version: 1.4\nontology: x\nidspace: X <bad\n[Term]\nid: X:1\n", "x.obo:5:1", "no IRI"),
        ("x.obo", "format-version: 1.4\nontology: x\n[Term]\nid: owl:Th ing\n", "x.obo:4:1", "no IRI"),
        ("x.obo", "format-version: 1.4\nontology: x\n[Term]\nid: X:1\nintersection_of:\n", "x.obo:5:1", "needs a term"),
        ("x.obo", 'format-version: 1.4\nontology: x\n[Term]\nid: X:1\nproperty_value: A:1 "5" xsd:<x\n', "x.obo:5:1", "no IRI"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_where(
    fg: Fairgraph, tmp_path: Path, name: str, text: str, place: str, message: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(SourceError) as error:
        fg.add_ontology(path)
    assert place in error.value.where
    assert message in error.value.message
    assert fg.ontologies() == []


@pytest.mark.skipif(
    shutil.which("java") is None, reason="the reasoner needs Java, which is not here"
)
def test_a_reasoner_adds_what_follows_in_a_graph_of_its_own(fg: Fairgraph, animals: Path) -> None:
    plain, _ = fg.add_ontology(animals)
    classified, _ = fg.add_ontology(animals, classify=True)
    assert (plain.inferred, classified.inferred, classified.triples) == (None, 1, plain.triples)
    inferred = f"{classified.iri}#inferred"
    assert {(s, o) for s, _, o in statements(fg, inferred)} == {
        ("http://example.org/animal#cat", "http://example.org/animal#eater")
    }
    assert fg.query(f"ASK {{ GRAPH <{inferred}> {{ ?s ?p ?o }} }}")
    fg.remove_ontology("animal")
    assert statements(fg, inferred) == set()


@pytest.mark.skipif(
    shutil.which("java") is None, reason="the reasoner needs Java, which is not here"
)
def test_a_contradiction_is_refused(fg: Fairgraph, animals: Path) -> None:
    text = ":felix a :cat , :stone , owl:NamedIndividual . :stone a owl:Class ; owl:disjointWith :animal ."
    animals.write_text(animals.read_text() + text)
    with pytest.raises(SourceError, match="inconsistent"):
        fg.add_ontology(animals, classify=True)
    assert fg.ontologies() == []


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["so.owl", "uo.owl", "EDAM_1.25.owl", "efo_hancestro_import.owl"])
def test_the_triples_are_those_of_rdflib(fg: Fairgraph, name: str, corpus: Path) -> None:
    path = corpus / "ontologies" / name
    graph = rdflib.Graph().parse(path, format="xml")
    found, _ = fg.add_ontology(path)
    assert found.triples == len(graph)
    named = {
        (str(s), str(p), str(o))
        for s, p, o in graph
        if isinstance(s, rdflib.URIRef) and isinstance(o, rdflib.URIRef)
    }
    with fg.store.read() as reader:
        ours = {
            (t.subject.value, t.predicate.value, t.object.value)
            for t in reader.triples(found.node)
            if not hasattr(t.object, "datatype") and "/.well-known/genid/" not in t.subject.value + t.object.value
        }  # fmt: skip
    # rdflib takes an empty query off an IRI.
    assert {tuple(iri.rstrip("?") for iri in triple) for triple in ours} == named


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["so", "uo"])
def test_obo_says_what_the_owl_of_the_same_release_says(
    fg: Fairgraph, name: str, corpus: Path
) -> None:
    says = []
    for ending in ("obo", "owl"):
        found, _ = fg.add_ontology(corpus / "ontologies" / f"{name}.{ending}")
        said = statements(fg, found.iri)
        classes = {
            s
            for s, p, o in said
            if (p, o) == ("type", "http://www.w3.org/2002/07/owl#Class") and "genid" not in s
        }
        kinds = (
            "label",
            "IAO_0000115",
            "subClassOf",
            "hasExactSynonym",
            "hasRelatedSynonym",
            "deprecated",
        )
        says.append(
            {(s, p, o) for s, p, o in said if s in classes and p in kinds and "genid" not in o}
        )
    only_obo, only_owl = says[0] - says[1], says[1] - says[0]
    assert len(only_obo) <= len(says[0]) / 200
    assert len({t for t in only_owl if t[0] in {s for s, _, _ in says[0]}}) <= len(says[1]) / 200


def test_a_text_that_ends_like_a_blank_node_is_a_text(memory: Fairgraph, tmp_path: Path) -> None:
    said = 'rdfs:comment "a node such as _:b1", "and _:b2"@en, """_:b3 and\n_:b4 ."""'
    path = tmp_path / "animal.ttl"
    path.write_text(TTL.replace('rdfs:label "animal"', f'rdfs:label "animal" ; {said}'))
    memory.add_ontology(path)
    comment = "http://www.w3.org/2000/01/rdf-schema#comment"
    with memory.query(f"SELECT ?c {{ GRAPH ?g {{ ?s <{comment}> ?c }} }}") as rows:
        found = sorted(row["c"].value for row in rows)
    assert found == ["_:b3 and\n_:b4 .", "a node such as _:b1", "and _:b2"]
