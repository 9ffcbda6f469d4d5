"""DCAT and schema.org: what they say of a dataset, where its exports are, and that pages and catalogue hold it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rdflib
from flask.testing import FlaskClient
from pyld import jsonld
from pyoxigraph import RdfFormat, Triple, parse

import fairgraph
from fairgraph.api import Fairgraph, read_draft, validate_draft
from fairgraph.exports.export import exports
from fairgraph.terms import DCAT, DCTERMS, RDF
from fairgraph.web.app import close_app, create_app
from notebooks import notebook
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
    wanted = {e.name: (f"{BASE}api/v1/investigations/1/export/{e.name}", e.media_type.partition(";")[0]) for e in exports()}  # fmt: skip
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
    expected = schema_org(example)
    for part in expected["distribution"]:  # as they are under the host that was asked
        part["contentUrl"] = part["contentUrl"].replace(BASE, "http://localhost/")
    found = json.loads(document)
    sizes = [part.pop("contentSize") for part in found["distribution"] if "contentSize" in part]
    assert sizes  # the page knows more of its downloads than the metadata do
    assert found == expected
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


FORGED = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix fg: <https://w3id.org/fairgraph/ns#> .
@prefix isa: <https://w3id.org/fairgraph/isa#> .
@prefix schema: <http://schema.org/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
<http://localhost:8000/id/mouse-circadian> schema:license "FORGED" ; schema:description "FORGED" ; schema:name "FORGED" ;
  schema:creator <urn:x:forger> ; schema:citation <urn:x:paper> ; schema:keywords "FORGED" ; schema:hasPart <urn:x:study> ;
  fg:number 4711 ; fg:status "FORGED" ; prov:wasDerivedFrom <urn:x:FORGED> .
<urn:x:forger> schema:familyName "FORGED" . <urn:x:paper> schema:name "FORGED" .
<urn:x:study> a isa:Study ; schema:name "FORGED" ; isa:factor <urn:x:factor> ; isa:sample <urn:x:sample> .
<urn:x:factor> schema:name "FORGED" . <urn:x:sample> a isa:Sample ; schema:name "FORGED" ; fg:number 1 .
"""


@pytest.fixture
def forged(example: Fairgraph, tmp_path: Path) -> Fairgraph:
    """The example, and another public dataset that speaks of it and of its samples."""
    names = [row["sample"].value for row in example.query("browse/numbered-samples", dataset=1)]
    (tmp_path / "other.ttl").write_text(
        FORGED + "".join(f"<{name}> fg:number 4711 .\n" for name in names[:3]), encoding="utf-8"
    )
    example.add(tmp_path / "other.ttl", visibility="public")
    return example


def test_what_another_dataset_says_of_one_does_not_count(forged: Fairgraph) -> None:
    iri = f"{BASE}id/mouse-circadian"

    def about(found: set[Triple]) -> set[str]:
        return {str(t) for t in found if iri in str(t.subject)}

    assert about(dcat(forged)) == about(dcat(forged, 1))
    found = json.loads(forged.export("croissant").to_bytes())
    told = json.dumps([found.get(key) for key in ("name", "description", "license", "creator")])
    assert "Carberry" in told
    assert "FORGED" not in told
    for name in ("samples-csv", "processes-csv", "investigations-csv"):
        whole = forged.export(name).to_bytes().decode().splitlines()
        alone = forged.export(name, 1).to_bytes().decode().splitlines()
        assert [line for line in whole if iri in line] == alone[1:]
        assert "4711" not in "".join(line for line in whole if iri in line)


def test_numbers_are_those_of_records(forged: Fairgraph) -> None:
    app = create_app(forged)
    client = app.test_client()
    try:
        assert client.get("/samples/4711").status_code == 404
        assert client.get("/api/v1/samples/4711/prov-o").status_code == 404
        assert "urn:x" not in client.get("/samples/1").headers["Location"]
        assert "FORGED" not in client.get("/api/v1/platform-card").get_data(as_text=True)
    finally:
        close_app(app)


ROOT = {
    "@id": "./",
    "@type": "Dataset",
    "name": "Cells in the cold",
    "description": "How cells of the liver react to cold.",
    "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
    "datePublished": "2024-05-06",
    "keywords": "cold, liver",
    "author": {"@id": "https://orcid.org/0000-0002-1825-0097"},
    "hasPart": [{"@id": "./e/"}],
}
AUTHOR = {
    "@id": "https://orcid.org/0000-0002-1825-0097",
    "@type": "Person",
    "givenName": "Josiah",
    "familyName": "Carberry",
    "affiliation": {"@id": "#brown"},
}
NODES = (
    ROOT,
    AUTHOR,
    {"@id": "#brown", "@type": "Organization", "name": "Brown University"},
    {"@id": "./e/", "@type": "Dataset", "name": "Day one", "author": {"@id": "#ann"}},
    {"@id": "#ann", "@type": "Person", "name": "Ann Other"},
)


def test_a_notebook_is_described_as_any_dataset_is(memory: Fairgraph, tmp_path: Path) -> None:
    memory.add(notebook(tmp_path / "n.eln", *NODES))
    card = json.loads(memory.export("card-json", 1).to_bytes())
    assert (card["pretty_name"], card["license"]) == ("Cells in the cold", "cc-by-4.0")
    assert card["identity"]["public_release_date"] == "2024-05-06"
    assert [(c["name"], c["orcid"], c["affiliation"]) for c in card["contacts"]] == [
        ("Josiah Carberry", "0000-0002-1825-0097", "Brown University"),
        ("Ann Other", None, None),
    ]
    assert "react to cold" in card["body_markdown"]
    about = schema_org(memory)
    assert [person["name"] for person in about["creator"]] == ["Josiah Carberry", "Ann Other"]
    assert {"cold", "liver"} <= set(about["keywords"])
    assert about["datePublished"] == "2024-05-06"
    croissant = json.loads(memory.export("croissant", 1).to_bytes())
    assert croissant["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert [person["name"] for person in croissant["creator"]] == ["Josiah Carberry", "Ann Other"]
    assert croissant["datePublished"] == "2024-05-06"
    investigation = json.loads(memory.export("isa-json", 1).to_bytes())
    assert investigation["title"] == "Cells in the cold"
    assert investigation["publicReleaseDate"] == "2024-05-06"
    assert [p["lastName"] for p in investigation["people"]] == ["Carberry", "Ann Other"]
    assert b"Cells in the cold" in memory.export("investigations-csv").to_bytes()


def test_the_licence_is_the_same_everywhere(example: Fairgraph) -> None:
    def told() -> set[str]:
        card = json.loads(example.export("card-json", 1).to_bytes())["license"]
        croissant = json.loads(example.export("croissant", 1).to_bytes())["license"]
        return {card, croissant.lower(), schema_org(example)["license"]}

    address = "https://creativecommons.org/publicdomain/zero/1.0/"
    assert told() == {"cc0-1.0", address}
    example.update(
        f"INSERT DATA {{ GRAPH <{BASE}id/mouse-circadian> {{ <{BASE}id/mouse-circadian> <http://schema.org/license> 'MIT' }} }}"
    )
    assert told() == {"mit", "https://spdx.org/licenses/MIT.html"}, (
        "a comment comes after what is stated"
    )
    example.set(1, license="CC-BY-4.0")
    assert told() == {"cc-by-4.0", "https://creativecommons.org/licenses/by/4.0/"}


def test_the_profile_is_that_of_the_format(memory: Fairgraph, tmp_path: Path) -> None:
    bare = notebook(tmp_path / "bare.eln", *NODES)
    dataset = memory.add(bare).dataset
    memory.update(
        f"DELETE WHERE {{ GRAPH <{dataset.iri}> {{ ?entry <http://schema.org/author> ?author }} }}"
    )
    memory.update(
        f"DELETE WHERE {{ GRAPH <{dataset.iri}> {{ ?entry <http://schema.org/name> 'Day one' }} }}"
    )
    asked = memory.validate(dataset)
    assert asked.as_dict() == memory.validate(dataset, profile="eln").as_dict()
    assert asked.as_dict() != memory.validate(dataset, profile="isa").as_dict()
    with read_draft(bare) as draft:
        found = {f.rule for f in validate_draft(draft)}
        assert found == {f.rule for f in validate_draft(draft, "eln")}


def test_the_same_graph_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    """What is kept in sets or dicts by a random hash would come in another order."""
    store = tmp_path / "store"
    with fairgraph.open(store) as fg:
        fg.add(EXAMPLE)
    program = (
        "import hashlib, sys, fairgraph\n"
        f"with fairgraph.open({str(store)!r}, create=False) as fg:\n"
        "    for name in ('dcat', 'schema-org', 'prov-o', 'prov-n', 'ml-zip', 'card', 'croissant', 'processes-csv'):\n"
        "        print(name, hashlib.sha256(fg.export(name, 1).to_bytes()).hexdigest())\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1
