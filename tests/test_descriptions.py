"""DCAT and schema.org: what they say of a dataset, where its exports are, and that pages and catalogue hold it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rdflib
from flask.testing import FlaskClient
from pyld import jsonld
from pyoxigraph import RdfFormat, Triple, parse

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.exports.export import installed
from fairgraph.terms import DCAT, DCTERMS, RDF
from fairgraph.web.app import close_app, create_app
from support import EXAMPLE, corpus_paths

BASE = "http://localhost:8000/"


def refuse(url: str, options: Any) -> Any:
    raise AssertionError(f"{url} would be fetched")


def schema_org(fg: Fairgraph, dataset: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fg.export("schema-org", dataset).to_bytes())
    return found


def dcat(fg: Fairgraph, *dataset: int) -> set[Triple]:
    document = fg.export("dcat", list(dataset) if dataset else None).to_bytes()
    return {quad.triple for quad in parse(document, format=RdfFormat.TURTLE)}


def objects(triples: set[Triple], predicate: str, subject: str = "") -> set[str]:
    return {
        t.object.value  # type: ignore[union-attr]
        for t in triples
        if t.predicate.value == predicate and subject in ("", t.subject.value)  # type: ignore[union-attr]
    }


def test_schema_org_has_what_bioschemas_and_assessments_ask_for(example: Fairgraph) -> None:
    about = schema_org(example)
    assert about["@type"] == "Dataset"
    assert about["@id"] == about["identifier"] == f"{BASE}id/mouse-circadian"
    assert about["name"] == "A mouse circadian transcriptomics investigation"
    assert 50 <= len(about["description"]) <= 5_000
    assert about["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert about["url"] == f"{BASE}investigations/1"
    assert {"Mus musculus", "transcription profiling"} <= set(about["keywords"])
    assert about["dct:conformsTo"] == {"@id": "https://bioschemas.org/profiles/Dataset/1.0-RELEASE"}
    assert (about["dateCreated"], about["datePublished"]) == ("2025-06-02", "2025-09-01")
    assert about["isAccessibleForFree"] is True
    assert about["conditionsOfAccess"] == "open"
    assert {person["@id"] for person in about["creator"]} >= {"https://orcid.org/0000-0002-1825-0097"}  # fmt: skip
    assert {variable["name"] for variable in about["variableMeasured"]} >= {"organism"}
    assert {"@id": "http://purl.obolibrary.org/obo/NCBITaxon_10090", "@type": "DefinedTerm", "name": "Mus musculus"} in about["about"]  # fmt: skip
    assert about["citation"][0]["@id"].startswith("https://doi.org/")
    for key in ("publisher", "version", "dateModified", "measurementTechnique", "prov:wasDerivedFrom",
                "includedInDataCatalog", "isPartOf", "dct:license", "dct:title"):  # fmt: skip
        assert about[key], key
    assert None not in about.values()


def test_every_export_is_a_distribution(example: Fairgraph) -> None:
    wanted = {e.name: (f"{BASE}api/v1/investigations/1/export/{e.name}", e.media_type.partition(";")[0]) for e in installed()}  # fmt: skip
    found = {
        d["contentUrl"].rpartition("/")[2]: (d["contentUrl"], d["encodingFormat"])
        for d in schema_org(example)["distribution"]
    }
    assert found == wanted
    described = dcat(example, 1)
    assert objects(described, DCAT.accessURL) == {url for url, _ in wanted.values()}
    assert len(objects(described, DCAT.distribution, f"{BASE}id/mouse-circadian")) == len(wanted)


def test_schema_org_is_read_without_fetching_anything(example: Fairgraph) -> None:
    document = schema_org(example)
    read = jsonld.to_rdf(document, {"format": "application/n-quads", "documentLoader": refuse})
    triples = {quad.triple for quad in parse(read.encode(), format=RdfFormat.N_QUADS)}
    assert f"{BASE}id/mouse-circadian" in {
        t.subject.value  # type: ignore[union-attr]
        for t in triples
        if t.predicate.value == RDF.type and t.object.value == "http://schema.org/Dataset"  # type: ignore[union-attr]
    }
    graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    assert len(graph) == len(triples)


def test_what_is_not_known_is_not_said(memory: Fairgraph, tmp_path: Path) -> None:
    (tmp_path / "bare.ttl").write_text("<http://example.org/a> <http://example.org/b> 'c' .")
    memory.add(tmp_path / "bare.ttl")
    about = schema_org(memory)
    assert not {"license", "creator", "keywords", "about", "citation", "sameAs"} & set(about)
    assert about["description"] == "bare: a dataset in the format rdf."
    assert not objects(dcat(memory, 1), DCTERMS.license)


def test_what_the_owner_sets_is_said(example: Fairgraph) -> None:
    example.set(1, doi="10.5555/12345678", license="CC-BY-4.0", title="Another title")
    about = schema_org(example)
    assert about["identifier"] == about["sameAs"] == "https://doi.org/10.5555/12345678"
    assert about["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert about["name"] == "Another title"
    example.set(1, license="ask me")
    assert schema_org(example)["license"] == "ask me"
    labels = objects(dcat(example, 1), "http://www.w3.org/2000/01/rdf-schema#label")
    assert labels == {"ask me"}
    example.set(1, visibility="private")
    about = schema_org(example)
    assert (about["conditionsOfAccess"], about["isAccessibleForFree"]) == ("restricted", False)


def test_dcat_says_what_dcat_ap_demands(example: Fairgraph) -> None:
    found = dcat(example)
    types: dict[str, set[str]] = {}
    for triple in found:
        if triple.predicate.value == RDF.type:
            types.setdefault(triple.object.value, set()).add(triple.subject.value)  # type: ignore[union-attr]
    demanded = {
        DCAT.Catalog: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.dataset),
        DCAT.Dataset: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.contactPoint, DCAT.distribution,
                       DCAT.theme, DCAT.keyword, DCTERMS.issued, DCTERMS.modified, DCTERMS.license, DCTERMS.accessRights),
        DCAT.Distribution: (DCAT.accessURL, DCAT.mediaType, DCTERMS.license, DCTERMS.title),
        DCAT.DataService: (DCTERMS.title, DCAT.endpointURL),
        "http://www.w3.org/2006/vcard/ns#Kind": ("http://www.w3.org/2006/vcard/ns#fn",),
        "http://xmlns.com/foaf/0.1/Agent": ("http://xmlns.com/foaf/0.1/name",),
    }  # fmt: skip
    for kind, properties in demanded.items():
        assert types[kind]
        for subject in types[kind]:
            assert all(objects(found, name, subject) for name in properties), subject


def test_the_catalogue_holds_what_the_caller_may_see(example: Fairgraph) -> None:
    example.add(EXAMPLE, slug="hidden", visibility="private")
    example.add(EXAMPLE, slug="gone")
    example.remove("gone")
    names = {f"{BASE}id/mouse-circadian", f"{BASE}id/hidden"}
    assert objects(dcat(example), DCAT.dataset) == names
    public = dcat(example.as_caller("public"))
    assert objects(public, DCAT.dataset) == {f"{BASE}id/mouse-circadian"}
    assert not [t for t in public if "hidden" in str(t)]
    assert objects(dcat(example, 2), DCAT.dataset) == {f"{BASE}id/hidden"}
    assert objects(dcat(example, 1, 2), DCAT.dataset) == names


def test_a_dataset_that_claims_to_be_another_is_not_catalogued(
    example: Fairgraph, tmp_path: Path
) -> None:
    text = f"""@prefix dcat: <{DCAT.iri}> . @prefix dcterms: <{DCTERMS.iri}> . @prefix fg: <https://w3id.org/fairgraph/ns#> .
<http://example.org/fake> a dcat:Dataset ; dcterms:title "Fake" ; dcterms:identifier "fake" ; fg:number 7 ; fg:format "x" ;
  fg:visibility "public" ; dcterms:created "2024" ; dcterms:modified "2024" ."""
    (tmp_path / "fake.ttl").write_text(text)
    example.add(tmp_path / "fake.ttl", slug="claims")
    assert "Fake" not in objects(dcat(example), DCTERMS.title)
    names = {f"{BASE}id/mouse-circadian", f"{BASE}id/claims"}
    assert objects(dcat(example), DCAT.dataset) == names


@pytest.fixture
def client(example: Fairgraph) -> Iterator[FlaskClient]:
    example.add(EXAMPLE, slug="hidden", visibility="private")
    app = create_app(example)
    with app.test_client() as found:
        yield found
    close_app(app)


def test_a_page_holds_its_description_for_machines(client: FlaskClient, example: Fairgraph) -> None:
    example.set(1, title="</script><script>alert(1)</script>")
    page = client.get("/investigations/1").text
    (document,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert json.loads(document) == schema_org(example)
    assert "alert(1)</script>" not in page


def test_the_catalogue_is_served(client: FlaskClient) -> None:
    answer = client.get("/catalog")
    assert answer.content_type == "text/turtle; charset=utf-8"
    found = {quad.triple for quad in parse(answer.data, format=RdfFormat.TURTLE)}
    assert objects(found, DCAT.dataset) == {f"{BASE}id/mouse-circadian"}
    other = client.get("/catalog", headers={"Accept": "application/ld+json"})
    assert {quad.triple for quad in parse(other.data, format=RdfFormat.JSON_LD)} == found
    assert client.get("/catalog?format=nt").content_type == "application/n-triples"
    assert (
        client.get("/catalog", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    )
    assert client.get("/catalog", headers={"Accept": "text/html"}).status_code == 200
    assert client.get("/catalog?format=docx").status_code == 406


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize("path", corpus_paths("isa/tab/*"), ids=lambda path: path.name)
def test_every_dataset_of_the_corpus_is_described(path: Path) -> None:
    with fairgraph.open("memory:") as fg:
        fg.add(path)
        about = schema_org(fg)
        assert about["name"]
        assert about["description"]
        jsonld.to_rdf(about, {"documentLoader": refuse})
        assert len(dcat(fg, 1)) > 100
        for name in ("dcat", "schema-org"):
            assert fg.export(name, 1).to_bytes() == fg.export(name, 1).to_bytes()
