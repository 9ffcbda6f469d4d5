"""The pages of terms of other people: what ontologies in the store say of them, and where datasets use them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from fairgraph.api import Fairgraph
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import create_app

OBO = "http://purl.obolibrary.org/obo/"
LIVER, ORGAN, GLAND, OLD = (
    f"{OBO}UBERON_{n}" for n in ("0002107", "0000062", "0002530", "0009999")
)
ONTOLOGY = f"""
@prefix obo: <{OBO}> .
@prefix oboInOwl: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<{OBO}toy.owl> a owl:Ontology ; owl:versionIRI <{OBO}toy/1/toy.owl> ; rdfs:label "Toy anatomy" .
obo:UBERON_0000062 a owl:Class ; rdfs:label "organ" .
obo:UBERON_0002530 a owl:Class ; rdfs:label "gland" ; rdfs:subClassOf obo:UBERON_0000062 .
obo:UBERON_0002107 a owl:Class ; rdfs:label "liver" ; rdfs:subClassOf obo:UBERON_0002530 ; oboInOwl:hasExactSynonym "iecur" ; obo:IAO_0000115 "It makes bile." .
obo:UBERON_0009999 a owl:Class ; rdfs:label "old liver" ; owl:deprecated true ; obo:IAO_0100001 obo:UBERON_0002107 .
"""
HTML = {"Accept": "text/html"}


def browse(iri: str) -> str:
    return f"/browse?iri={quote(iri, safe='')}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("terms")
    (folder / "toy.ttl").write_text(ONTOLOGY, encoding="utf-8")
    with Fairgraph(open_store("memory:")) as fg:
        fg.add(EXAMPLES / "mouse-circadian")
        fg.add(EXAMPLES / "mouse-circadian-isa.json", slug="Xanadu", visibility="private")
        fg.add_ontology(folder / "toy.ttl")
        yield create_app(fg).test_client()


def test_a_term_is_explained_by_the_ontology_and_shows_where_it_is_used(
    client: FlaskClient,
) -> None:
    page = client.get(browse(LIVER), headers=HTML).text
    assert "<h1>liver</h1>" in page
    assert "It makes bile." in page
    assert "iecur" in page
    assert re.search(
        rf'is a kind of</dt><dd><a href="/browse\?iri=[^"]*" title="{GLAND}">gland</a>', page
    )
    row = re.search(r"Where it is used.*?<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert row is not None
    assert 'href="/page/id/mouse-circadian"' in row[1]
    assert "rganism part" in row[1]
    (count,) = re.findall(r'<td class="num">(\d+)</td>', row[1])
    assert int(count) > 1
    assert "/page/id/mouse-circadian/study/" in row[1]


def test_what_only_an_ontology_knows_has_a_page_and_data(client: FlaskClient) -> None:
    page = client.get(browse(ORGAN), headers=HTML)
    assert page.status_code == 200
    assert "<h1>organ</h1>" in page.text
    assert "gland" in page.text
    assert "Where it is used" not in page.text
    data = client.get(f"/data?iri={ORGAN}&format=ttl").data
    assert {str(q.object) for q in parse(data, format=RdfFormat.TURTLE)} >= {'"organ"'}


def test_a_deprecated_term_names_its_successor(client: FlaskClient) -> None:
    page = client.get(browse(OLD), headers=HTML).text
    assert "deprecated" in page
    assert f'title="{LIVER}">liver</a> has taken its place' in page


def test_nothing_private_is_told_of_a_term(client: FlaskClient) -> None:
    assert "Xanadu" not in client.get(browse(LIVER), headers=HTML).text


def test_every_link_of_a_term_leads_somewhere(client: FlaskClient) -> None:
    for term in (LIVER, GLAND, OLD):
        for link in re.findall(
            r'href="(/(?:browse|page|data)[^"]*)"', client.get(browse(term), headers=HTML).text
        ):
            assert client.get(link.replace("&amp;", "&"), headers=HTML).status_code == 200, link


def test_a_term_that_nobody_knows_is_a_404(client: FlaskClient) -> None:
    assert client.get(browse(f"{OBO}UBERON_7777777"), headers=HTML).status_code == 404


def test_a_store_without_ontologies_shows_where_terms_are_used(tmp_path: Path) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(EXAMPLES / "mouse-circadian")
        page = create_app(fg, query_workers=1).test_client().get(browse(LIVER), headers=HTML).text
    assert "Where it is used" in page
    assert "In the ontology" not in page
