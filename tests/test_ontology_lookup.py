"""Terms of ontologies by their names: labels before synonyms, whole words before parts, deprecated ones last."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairgraph.api import Fairgraph
from fairgraph.cli.main import run
from fairgraph.errors import NotFound
from fairgraph.web.app import create_app

HEAD = """
@prefix : <http://purl.obolibrary.org/obo/SO_> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix syn: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
FIRST = """
obo:so.owl a owl:Ontology ; owl:versionIRI <http://example.org/so/2020/so.owl> ; owl:versionInfo "2020" .
:1 a owl:Class ; rdfs:label "Exon" ; obo:IAO_0000115 "A region of the transcript." .
:2 a owl:Class ; rdfs:label "coding exon" ; syn:hasExactSynonym "exon" .
:3 a owl:Class ; rdfs:label "exonic region" .
:4 a owl:Class ; rdfs:label "exon" ; owl:deprecated true ; obo:IAO_0100001 :1 .
:5 a owl:Class ; rdfs:label "intron" ; syn:hasRelatedSynonym "between exon and exon" .
:6 a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; rdfs:label "exon restriction" ] ; rdfs:label "transcript" .
:7 a owl:Class ; rdfs:label "Größe \\"50%\\" [a-z]+" .
"""
SECOND = """
obo:so.owl a owl:Ontology ; owl:versionIRI <http://example.org/so/2021/so.owl> ; owl:versionInfo "2021" .
:1 a owl:Class ; rdfs:label "exon of 2021" .
"""
OTHER = """
<http://example.org/other.owl> a owl:Ontology ; owl:versionInfo "1" .
<http://example.org/other#a> a skos:Concept ; skos:prefLabel "Exon boundary" ; skos:altLabel "splice site" .
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return path


@pytest.fixture
def fg(memory: Fairgraph, tmp_path: Path) -> Fairgraph:
    """A store with one ontology, and a dataset that has labels as well."""
    memory.add_ontology(written(tmp_path, "so.ttl", FIRST))
    memory.add(written(tmp_path, "data.ttl", '<http://e.org/x> rdfs:label "exon of a dataset" .'))
    return memory


def numbers(fg: Fairgraph, text: str, **more: str) -> list[str]:
    return [term.iri.rpartition("_")[2] for term in fg.as_caller("public").terms(text, **more)]


def test_names_are_ranked(fg: Fairgraph) -> None:
    assert numbers(fg, "exon") == ["1", "2", "5", "3", "4"]
    assert numbers(fg, "EXON coding") == ["2"]
    assert numbers(fg, "ron") == ["5"]


def test_underscores_are_blanks(memory: Fairgraph, tmp_path: Path) -> None:
    head, _, _ = FIRST.partition(":1 a")
    terms = (
        ':1 a owl:Class ; rdfs:label "exonic part" .\n:2 a owl:Class ; rdfs:label "coding_exon" .'
    )
    memory.add_ontology(written(tmp_path, "so.ttl", head + terms))
    assert numbers(memory, "exon") == ["2", "1"]
    assert numbers(memory, "exon_coding") == numbers(memory, "coding exon") == ["2"]


def test_a_term_says_what_its_ontology_says(fg: Fairgraph) -> None:
    first, second, third, _, last = fg.terms("exon")
    assert (first.label, first.curie, first.kind) == ("Exon", "SO:1", "label")
    assert (first.ontology, first.version) == ("so", "2020")
    assert first.definition == "A region of the transcript."
    assert (second.label, second.name, second.kind) == ("coding exon", "exon", "exact synonym")
    assert third.kind == "related synonym"
    assert (first.deprecated, last.deprecated, last.replaced_by) == (False, True, first.iri)


def test_the_last_version_of_each_ontology_counts(fg: Fairgraph, tmp_path: Path) -> None:
    fg.add_ontology(written(tmp_path, "so2.ttl", SECOND))
    fg.add_ontology(written(tmp_path, "other.ttl", OTHER))
    found = {term.iri.rpartition("/")[2]: (term.label, term.version) for term in fg.terms("exon")}
    assert found["SO_1"] == ("exon of 2021", "2021")
    assert found["SO_2"] == ("coding exon", "2020")
    assert found["other#a"] == ("Exon boundary", "1")
    assert numbers(fg, "exon", ontology="so@2020") == ["1", "2", "5", "3", "4"]
    assert numbers(fg, "exon", ontology="http://example.org/so/2021/so.owl") == ["1"]
    (term,) = fg.terms("site splice", ontology="OTHER")
    assert (term.label, term.name, term.kind) == ("Exon boundary", "splice site", "synonym")


@pytest.mark.parametrize("text", ["50%", '"50%"', "[a-z]+", "größe", "GRÖSSE"])
def test_what_looks_like_a_pattern_is_text(fg: Fairgraph, text: str) -> None:
    assert numbers(fg, text) == (["7"] if text != "GRÖSSE" else [])


@pytest.mark.parametrize("text", ["", "  ", "nothing of that name", '"} DROP ALL', "restriction"])
def test_nothing_is_found_by_what_is_no_name(fg: Fairgraph, text: str) -> None:
    assert fg.terms(text) == []


def test_an_ontology_that_is_not_there_is_told(memory: Fairgraph) -> None:
    assert memory.terms("exon") == []
    with pytest.raises(NotFound, match="no ontology 'so'"):
        memory.terms("exon", ontology="so")


def test_terms_by_http(fg: Fairgraph) -> None:
    client = create_app(fg).test_client()
    answer = client.get("/api/v1/terms?q=exon&ontology=so")
    assert [term["curie"] for term in answer.json["terms"]][:2] == ["SO:1", "SO:2"]  # type: ignore[index]
    assert client.get("/api/v1/terms?q=exon").headers["ETag"] != answer.headers["ETag"]
    assert client.get("/api/v1/terms?q=exon&ontology=nothing").status_code == 404
    page = client.get("/terms?q=coding+exon").text
    assert "SO:2" in page and "exact synonym" not in page
    assert "deprecated" in client.get("/terms?q=exon").text
    assert "<script>" not in client.get("/terms?q=%3Cscript%3E").text


def test_terms_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ["--store", f"{tmp_path}/store"]
    assert run([*store, "ontology", "add", str(written(tmp_path, "so.ttl", FIRST))]) == 0
    capsys.readouterr()
    assert run([*store, "terms", "exon", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["terms"]) == 5
    assert run([*store, "terms", "coding exon"]) == 0
    assert "SO:2" in capsys.readouterr().out
