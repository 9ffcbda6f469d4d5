"""What assessments of FAIRness look for in the page of a public dataset: one test for each thing that earns points there (F-UJI metrics 0.8), and the checklist of landing pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from werkzeug.test import TestResponse

from fairgraph.api import Fairgraph
from fairgraph.resources import EXAMPLES
from fairgraph.store import open_store
from fairgraph.web.app import create_app

PAGE = "/investigations/1"
DOI = "10.5281/zenodo.1234567"
SDO, DCT, PROV = "http://schema.org/", "http://purl.org/dc/terms/", "http://www.w3.org/ns/prov#"
LINK = re.compile(r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?')


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    with Fairgraph(open_store("memory:")) as fg:
        fg.add(EXAMPLES / "mouse-circadian")
        fg.add(EXAMPLES / "mouse-circadian-run", with_files=True)
        fg.set(1, doi=DOI)
        yield create_app(fg).test_client()


@pytest.fixture(scope="module")
def about(client: FlaskClient) -> dict[str, Any]:
    """The metadata in the page, as a program takes them out of it: no other request is made."""
    return embedded(client.get(PAGE, headers={"Accept": "text/html"}).text)


@pytest.fixture(scope="module")
def triples(about: dict[str, Any]) -> list[Triple]:
    text = json.dumps(about)
    return [quad.triple for quad in parse(text, format=RdfFormat.JSON_LD)]


def embedded(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    return found


def links(response: TestResponse) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for target, relation, media_type in LINK.findall(response.headers["Link"]):
        found.setdefault(relation, []).append((target, media_type))
    return found


def path_of(url: str) -> str:
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


def objects(triples: list[Triple], predicate: str) -> list[Any]:
    return [t.object for t in triples if t.predicate.value == predicate]


def sized(about: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in about["distribution"] if "contentSize" in part]


# -- Findable --------------------------------------------------------------------------------------------------------


def test_f1_the_identifier_is_an_address(about: dict[str, Any]) -> None:
    assert urlsplit(about["identifier"]).scheme in ("http", "https")
    assert urlsplit(about["@id"]).scheme in ("http", "https")


def test_f1_a_persistent_identifier_is_told_and_cited(
    client: FlaskClient, about: dict[str, Any]
) -> None:
    assert about["identifier"] == f"https://doi.org/{DOI}"
    assert links(client.get(PAGE))["cite-as"] == [(f"https://doi.org/{DOI}", "")]


def test_f1_without_one_the_iri_is_cited(client: FlaskClient) -> None:
    page = client.get("/investigations/2")
    iri = embedded(page.text)["@id"]
    assert links(page)["cite-as"] == [(iri, "")]


@pytest.mark.parametrize("name", ["creator", "name", "identifier", "publisher", "datePublished"])
def test_f2_what_a_citation_needs(about: dict[str, Any], triples: list[Triple], name: str) -> None:
    assert about[name]
    assert objects(triples, SDO + name)


@pytest.mark.parametrize("name", ["description", "keywords"])
def test_f2_what_describes_it(triples: list[Triple], name: str) -> None:
    assert all(term.value for term in objects(triples, SDO + name))
    assert objects(triples, SDO + name)


def test_f3_the_data_are_linked(about: dict[str, Any], triples: list[Triple]) -> None:
    assert len(objects(triples, f"{SDO}contentUrl")) == len(about["distribution"]) > 20


def test_f4_metadata_stand_in_the_page_and_nothing_is_fetched_to_read_them(
    about: dict[str, Any], triples: list[Triple]
) -> None:
    assert isinstance(about["@context"], dict)
    assert all(
        not isinstance(value, str) or value.endswith(("/", "#"))
        for value in about["@context"].values()
    )
    kinds = [t.subject.value for t in triples if t.object == NamedNode(f"{SDO}Dataset")]  # type: ignore[union-attr]
    assert kinds == [about["@id"]]


# -- Accessible ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "predicate", [f"{SDO}conditionsOfAccess", f"{SDO}isAccessibleForFree", f"{DCT}accessRights"]
)
def test_a1_who_may_see_it_is_said(triples: list[Triple], predicate: str) -> None:
    (value,) = objects(triples, predicate)
    assert value.value in ("open", "true") or value.value.endswith("/access-right/PUBLIC")


def test_a1_metadata_and_data_are_had_without_a_key(
    client: FlaskClient, about: dict[str, Any]
) -> None:
    assert client.get(path_of(about["url"])).status_code == 200
    wanted = {"text/csv", "text/turtle", "application/json"}
    parts = {p["encodingFormat"]: p for p in about["distribution"] if p["encodingFormat"] in wanted}
    assert parts.keys() == wanted
    for part in parts.values():
        answer = client.get(path_of(part["contentUrl"]))
        assert answer.status_code == 200
        assert answer.mimetype == part["encodingFormat"]
        assert answer.data


def test_a1_the_protocol_is_http(about: dict[str, Any]) -> None:
    addresses = [about["url"], *(part["contentUrl"] for part in about["distribution"])]
    assert {urlsplit(url).scheme for url in addresses} <= {"http", "https"}


# -- Interoperable ---------------------------------------------------------------------------------------------------


def test_i1_metadata_are_rdf_embedded_and_linked(
    client: FlaskClient, triples: list[Triple]
) -> None:
    assert len(triples) > 50
    for url, media_type in links(client.get(PAGE))["describedby"]:
        answer = client.get(path_of(url))
        assert answer.status_code == 200
        assert answer.mimetype == media_type
        assert list(parse(answer.data, format=RdfFormat.from_media_type(media_type)))


@pytest.mark.parametrize("namespace", [DCT, PROV, "http://purl.obolibrary.org/obo/"])
def test_i2_registered_vocabularies_are_used(triples: list[Triple], namespace: str) -> None:
    used = {
        term.value
        for t in triples
        for term in (t.subject, t.predicate, t.object)
        if isinstance(term, NamedNode)
    }
    assert any(iri.startswith(namespace) for iri in used)


@pytest.mark.parametrize("predicate", [f"{SDO}citation", f"{SDO}isPartOf", f"{PROV}wasDerivedFrom"])
def test_i3_what_it_is_related_to_is_linked(triples: list[Triple], predicate: str) -> None:
    assert objects(triples, predicate)
    assert all(isinstance(term, NamedNode) for term in objects(triples, predicate))


# -- Reusable --------------------------------------------------------------------------------------------------------


def test_r1_type_format_and_size_are_those_of_the_data(
    client: FlaskClient, about: dict[str, Any]
) -> None:
    assert about["@type"] == "Dataset"
    assert all(part["encodingFormat"] for part in about["distribution"])
    (part,) = sized(about)
    answer = client.get(path_of(part["contentUrl"]))
    assert len(answer.data) == int(part["contentSize"])
    assert answer.mimetype == part["encodingFormat"]


def test_r1_stored_files_tell_size_and_hash(client: FlaskClient) -> None:
    parts = [
        p for p in embedded(client.get("/investigations/2").text)["distribution"] if "sha256" in p
    ]
    assert parts
    for part in parts:
        answer = client.get(path_of(part["contentUrl"]))
        assert answer.status_code == 200
        assert answer.content_length == len(answer.data) == int(part["contentSize"])
        assert answer.headers["ETag"] == f'"{part["sha256"]}"'


def test_r1_what_was_measured_is_named(triples: list[Triple]) -> None:
    assert objects(triples, f"{SDO}variableMeasured")


def test_r1_1_the_licence_is_an_address(client: FlaskClient, about: dict[str, Any]) -> None:
    assert re.match(r"https://(creativecommons|spdx|opensource)\.org/", about["license"])
    assert links(client.get(PAGE))["license"] == [(about["license"], "")]


@pytest.mark.parametrize(
    "predicate", [f"{SDO}creator", f"{SDO}dateCreated", f"{PROV}wasDerivedFrom"]
)
def test_r1_2_where_it_comes_from_is_said(triples: list[Triple], predicate: str) -> None:
    assert objects(triples, predicate)


def test_r1_3_metadata_follow_a_standard(client: FlaskClient, triples: list[Triple]) -> None:
    profiles = {term.value for term in objects(triples, f"{DCT}conformsTo")}
    assert "https://bioschemas.org/profiles/Dataset/1.0-RELEASE" in profiles
    turtle = client.get(PAGE, headers={"Accept": "text/turtle"}).data
    kinds = {quad.object for quad in parse(turtle, format=RdfFormat.TURTLE)}
    assert NamedNode("http://www.w3.org/ns/dcat#Dataset") in kinds


def test_r1_3_the_format_of_the_data_is_open(about: dict[str, Any]) -> None:
    assert "text/csv" in {part["encodingFormat"] for part in sized(about)}


# -- The checklist of landing pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "about",
        "citation",
        "conditionsOfAccess",
        "creator",
        "dateCreated",
        "dateModified",
        "datePublished",
        "description",
        "distribution",
        "identifier",
        "includedInDataCatalog",
        "isAccessibleForFree",
        "isPartOf",
        "keywords",
        "license",
        "measurementTechnique",
        "name",
        "publisher",
        "url",
        "variableMeasured",
        "version",
        "dct:accessRights",
        "dct:conformsTo",
        "dct:description",
        "dct:identifier",
        "dct:license",
        "dct:title",
        "prov:wasDerivedFrom",
    ],
)
def test_the_page_says(about: dict[str, Any], name: str) -> None:
    assert about[name]


def test_the_details_are_what_readers_of_the_page_take(about: dict[str, Any]) -> None:
    assert 50 <= len(about["description"]) <= 5000
    assert any(
        person.get("@id", "").startswith("https://orcid.org/") for person in about["creator"]
    )
    assert any("affiliation" in person for person in about["creator"])
    assert any(
        term.get("@id", "").startswith("http://purl.obolibrary.org/") for term in about["about"]
    )


def test_signposting_is_the_same_on_get_and_head(client: FlaskClient) -> None:
    got, headed = client.get(PAGE), client.head(PAGE)
    assert headed.status_code == 200
    assert headed.data == b""
    assert got.headers["Link"] == headed.headers["Link"]
    assert got.headers["ETag"] == headed.headers["ETag"]
    found = links(got)
    assert {
        "cite-as",
        "describedby",
        "item",
        "license",
        "type",
        "author",
        "linkset",
    } <= found.keys()
    assert {url for url, _ in found["type"]} == {
        "https://schema.org/AboutPage",
        "https://schema.org/Dataset",
    }
    assert all(media_type for _, media_type in found["item"])
    assert all(url.startswith("https://orcid.org/") for url, _ in found["author"])
    assert len(got.headers["Link"]) < 4096


def test_the_link_set_has_all_links_and_the_way_back(
    client: FlaskClient, about: dict[str, Any]
) -> None:
    response = client.get(PAGE)
    ((url, media_type),) = links(response)["linkset"]
    answer = client.get(path_of(url))
    assert answer.mimetype == media_type == "application/linkset+json"
    page, *others = json.loads(answer.data)["linkset"]
    assert page["anchor"] == "http://localhost/investigations/1"
    known = {link["href"] for name in ("item", "describedby") for link in page[name]}
    assert {part["contentUrl"] for part in about["distribution"]} <= known
    for relation, found in links(response).items():
        if relation not in ("linkset", "alternate"):
            assert {link for link, _ in found} <= {link["href"] for link in page[relation]}
    back = {one["anchor"] for one in others if "collection" in one}
    assert back == {link["href"] for link in page["item"]}


def test_an_export_leads_back_to_the_page(client: FlaskClient) -> None:
    answer = client.head(f"/api/v1{PAGE}/export/samples-csv")
    assert links(answer)["collection"] == [("http://localhost/investigations/1", "text/html")]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/n-triples", "application/n-triples"),
        ("text/turtle;q=0.9, text/html;q=0.1", "text/turtle"),
    ],
)
def test_one_address_has_all_forms(client: FlaskClient, accept: str, media_type: str) -> None:
    answer = client.get(PAGE, headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.mimetype == media_type
    assert "Accept" in answer.vary
    assert "cite-as" in links(answer)
    if media_type != "text/html":
        form = RdfFormat.from_media_type(media_type)
        titles = [
            q.object.value
            for q in parse(answer.data, format=form)
            if q.predicate.value == f"{DCT}title"
        ]  # type: ignore[union-attr]
        assert any("circadian" in title.lower() for title in titles)


def test_the_forms_have_entity_tags_of_their_own(client: FlaskClient) -> None:
    tags = {client.get(f"{PAGE}?format={name}").headers["ETag"] for name in ("html", "ttl", "nt")}
    assert len(tags) == 3
    tag = client.get(PAGE, headers={"Accept": "text/turtle"}).headers["ETag"]
    known = client.get(PAGE, headers={"Accept": "text/turtle", "If-None-Match": tag})
    assert known.status_code == 304
    assert "Accept" in known.vary
    assert client.get(PAGE, headers={"If-None-Match": tag}).status_code == 200


def test_a_form_that_there_is_not_is_a_406(client: FlaskClient) -> None:
    assert client.get(PAGE, headers={"Accept": "image/png"}).status_code == 406
    assert client.get(f"{PAGE}?format=docx").status_code == 406
