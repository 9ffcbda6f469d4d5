"""FAIRtracks documents in and out of the graph: the same document back, as JSON, its arrays and keys in order."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairgraph.api import Fairgraph
from fairgraph.errors import InvalidDataset, SourceError
from fairgraph.fairtracks.signature import signature
from support import corpus_paths

DOCUMENTS = corpus_paths("fairtracks/standard/*/json/examples/fairtracks.*example.json")
EXAMPLE = "fairtracks/standard/v1_1.0.2/json/examples/fairtracks.example.json"
Document = dict[str, Any]


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal, the order of keys and the types of numbers included."""
    return json.dumps(one) == json.dumps(other)


def back(fg: Fairgraph, document: Document, folder: Path, **options: str) -> Document:
    path = folder / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    added = fg.add(path, format="fairtracks")
    return json.loads(fg.export("fairtracks", added.dataset, **options).to_bytes())


@pytest.fixture
def document(corpus: Path) -> Document:
    """The example of the standard."""
    return json.loads((corpus / EXAMPLE).read_bytes())


@pytest.mark.corpus
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parts[-4]}-{path.name}")
def test_a_document_comes_back_as_it_was(memory: Fairgraph, corpus: Path, path: Path) -> None:
    added = memory.add(path)
    assert added.dataset.format == "fairtracks"
    assert not len(added.report)
    written = memory.export("fairtracks", added.dataset).to_bytes()
    assert same(json.loads(written), json.loads(path.read_bytes()))


def _odd_values(document: Document) -> None:
    track = document["tracks"][0]
    track["score"], track["depth"], track["large"] = 1.50, -0.0, 10**40
    track["nested"] = {"a/b": [1, None, {"~": ""}, [], {}], "z": True, "a": "x"}
    track["label_short"], track["file_name"], track["checksum"]["cs_hash"] = "", None, 5
    document["samples"][0]["phenotype"] = "Normal"
    document["samples"][0]["sample_type"]["x"] = {"y": [1]}
    document["experiments"][0]["target"] = {}


def _odd_order(document: Document) -> None:
    document["tracks"][1] = dict(reversed(document["tracks"][1].items()))
    document["samples"][0]["phenotype"] = dict(
        reversed(document["samples"][0]["phenotype"].items())
    )
    document["doc_info"] = dict(reversed(document["doc_info"].items()))
    first = document["experiments"][0]
    document["experiments"][0] = {"zz": 1, **first}


def _labels(document: Document) -> None:
    document["tracks"][1]["file_format"]["term_label"] = "another label"
    document["tracks"][2]["file_format"].pop("term_label")
    document["tracks"][3]["file_format"] = {"term_label": "no id"}


def _references(document: Document) -> None:
    document["tracks"][1]["experiment_ref"] = "nothing"
    document["tracks"][2].pop("experiment_ref")
    document["studies"][0]["collection_ref"] = "nothing"
    second = copy.deepcopy(document["experiments"][0])
    second |= {"local_id": "sum", "aggregated_from": ["encode:ENCSR000DQP", "geo:GSM1"]}
    document["experiments"].append(second)
    third = copy.deepcopy(second) | {"local_id": "third"}
    del third["sample_ref"]
    document["experiments"].append(third)


def _lists(document: Document) -> None:
    document["tracks"][0]["raw_file_ids"] = ["b", "a", "b", " c "]
    document["tracks"][1]["raw_file_ids"] = []
    document["tracks"][2]["raw_file_ids"] = ["a", 1]
    document["tracks"][3].pop("raw_file_ids")
    document["studies"] = []


def _contacts(document: Document) -> None:
    document["studies"][0]["contact"] = {"name": "Jane Doe", "orcid": "orcid:0000-0002-1825-0097"}
    document["collection_info"]["contact"] = {"e-mail": "x@example.org", "role": "none"}


def _unicode(document: Document) -> None:
    document["tracks"][0]["label_long"] = ' leading "quoted"\ttab\nline \\ back ☃ 𝄞'
    document["tracks"][0]["local_id"] = "a b/c#d?é"
    document["tracks"][1]["local_id"] = document["tracks"][2]["local_id"]


@pytest.mark.corpus
@pytest.mark.parametrize(
    "change", [_odd_values, _odd_order, _labels, _references, _lists, _contacts, _unicode]
)
def test_what_the_standard_does_not_expect_comes_back(
    memory: Fairgraph, tmp_path: Path, document: Document, change: Callable[[Document], None]
) -> None:
    change(document)
    assert same(back(memory, document, tmp_path), document)


@pytest.mark.corpus
def test_a_right_signature_follows_the_content(
    memory: Fairgraph, tmp_path: Path, document: Document
) -> None:
    assert signature(document) == document["doc_info"]["doc_version"]
    back(memory, document, tmp_path)
    iri = memory.datasets()[0].iri
    memory.update(
        f"""PREFIX fairtracks: <https://w3id.org/fairgraph/fairtracks#>
        DELETE {{ GRAPH <{iri}> {{ ?track fairtracks:assembly_name "hg38" }} }}
        INSERT {{ GRAPH <{iri}> {{ ?track fairtracks:assembly_name "GRCh38" }} }}
        WHERE {{ GRAPH <{iri}> {{ ?track fairtracks:assembly_name "hg38" }} }}"""
    )
    changed = json.loads(memory.export("fairtracks", iri).to_bytes())
    assert {track["assembly_name"] for track in changed["tracks"]} == {"GRCh38"}
    assert changed["doc_info"]["doc_version"] == signature(changed)
    assert changed["doc_info"]["doc_version"] != document["doc_info"]["doc_version"]


@pytest.mark.corpus
def test_a_wrong_signature_is_found_and_kept(
    memory: Fairgraph, tmp_path: Path, document: Document
) -> None:
    document["doc_info"]["doc_version"] = "0" * 64
    assert same(back(memory, document, tmp_path), document)
    (found,) = memory.datasets()[0].findings
    assert (found.rule, found.severity) == ("fairtracks-signature", "info")
    assert found.where == "document.json#/doc_info/doc_version"


@pytest.mark.corpus
def test_changes_of_the_core_model_show(
    memory: Fairgraph, tmp_path: Path, document: Document
) -> None:
    back(memory, document, tmp_path)
    iri = memory.datasets()[0].iri
    memory.update(
        f"""PREFIX schema: <http://schema.org/> PREFIX fairtracks: <https://w3id.org/fairgraph/fairtracks#>
        DELETE {{ GRAPH <{iri}> {{ ?s schema:name ?name }} }} INSERT {{ GRAPH <{iri}> {{ ?s schema:name "new" }} }}
        WHERE {{ GRAPH <{iri}> {{ ?s a fairtracks:Sample ; schema:name ?name }} }}"""
    )
    changed = json.loads(memory.export("fairtracks", iri).to_bytes())
    assert changed["samples"][0]["local_id"] == changed["experiments"][0]["sample_ref"] == "new"


@pytest.mark.corpus
def test_tracks_derive_from_their_sample(memory: Fairgraph, corpus: Path) -> None:
    memory.add(corpus / EXAMPLE)
    rows = memory.query(
        """PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX schema: <http://schema.org/>
        SELECT ?track ?source { ?track a <https://w3id.org/fairgraph/fairtracks#Track> ;
          prov:wasDerivedFrom/prov:wasDerivedFrom/schema:name ?source }"""
    )
    assert [row["source"].value for row in rows] == ["geo:GSM945229"] * 4


@pytest.mark.corpus
def test_nothing_of_a_document_is_lost(memory: Fairgraph, corpus: Path) -> None:
    added = memory.add(corpus / EXAMPLE)
    lost = memory.loss("fairtracks", added.dataset).not_carried
    # What the import made to complete the ISA model, and its words for it.
    made = {"isa:", "fg:synthetic", "bioschemas:", "schema:", "fg:index", "prov:", "rdf:type"}
    assert all(group.property.startswith(tuple(made)) for group in lost), lost


def test_what_is_no_document_is_refused(memory: Fairgraph, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for text, said in (
        ('{"@schema": "x/fairtracks_sample.schema.json"}', "not a document"),
        ('{"collection_info": [}', "not JSON"),
        ('{"collection_info": NaN}', "NaN"),
    ):
        path.write_text(text)
        with pytest.raises(SourceError, match=said):
            memory.add(path)


# -- through ISA -------------------------------------------------------------------------------------------------------


def through(fg: Fairgraph, path: Path, name: str, folder: Path) -> tuple[str, Document]:
    """The slug of a document that went through another format, and the document that it is then."""
    added = fg.add(path, format="fairtracks")
    target = fg.export(name, added.dataset).to_path(
        folder / ("tab" if name == "isa-tab" else "isa.json")
    )
    other = fg.add(target, slug="other")
    assert other.dataset.format == name
    return other.dataset.slug, json.loads(fg.export("fairtracks", other.dataset).to_bytes())


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["isa-tab", "isa-json"])
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parts[-4]}-{path.name}")
def test_a_document_comes_back_through_isa(
    memory: Fairgraph, tmp_path: Path, corpus: Path, path: Path, name: str
) -> None:
    slug, document = through(memory, path, name, tmp_path)
    assert same(document, json.loads(path.read_bytes()))
    for dataset in (1, slug):
        report = memory.validate(dataset, profile="isa")
        assert report.conforms, [f for f in report if f.severity == "violation"]


@pytest.mark.corpus
@pytest.mark.parametrize("change", [_odd_values, _labels, _contacts, _lists])
def test_what_the_standard_does_not_expect_comes_back_through_isa_tab(
    memory: Fairgraph, tmp_path: Path, document: Document, change: Callable[[Document], None]
) -> None:
    change(document)
    if change is _lists:
        document["studies"] = [{"local_id": "UW_ChipSeq", "study_name": "s"}]
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    _, found = through(memory, path, "isa-tab", tmp_path)
    assert (
        found == document
    )  # the order of keys within extra values is what a loss report would name


@pytest.mark.corpus
def test_the_loss_report_names_the_order_of_keys(
    memory: Fairgraph, tmp_path: Path, document: Document
) -> None:
    _odd_order(document)
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    _, found = through(memory, path, "isa-tab", tmp_path)
    assert found == document
    assert not same(found, document)
    lost = {group.property for group in memory.loss("isa-tab", 1).not_carried}
    assert "fairtracks:layout" in lost
    assert not any(
        p.startswith("fairtracks:") and p not in ("fairtracks:layout", "fairtracks:key")
        for p in lost
    )


@pytest.mark.corpus
def test_a_carrier_is_a_comment_where_no_document_is_carried(
    write_tab: Callable[..., Path], memory: Fairgraph
) -> None:
    folder = write_tab(
        [
            ["Source Name", "Protocol REF", "Sample Name", "Comment[fairtracks:sample]"],
            ["a", "collection", "b", "0"],
        ]
    )
    memory.add(folder)
    rows = list(
        memory.query(
            "SELECT ?text { ?c a <http://schema.org/Comment> ; <http://schema.org/text> ?text }"
        )
    )
    assert [row["text"].value for row in rows] == ["0"]


# -- of other datasets, and augmented ----------------------------------------------------------------------------------

TERMS = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<http://example.org/o> a owl:Ontology ; owl:versionIRI <http://example.org/o/1> .
<http://purl.obolibrary.org/obo/OBI_0002017> a owl:Class ; rdfs:label "an assay" .
<http://purl.obolibrary.org/obo/SO_0001706> a owl:Class ; rdfs:label "a feature" .
<http://purl.obolibrary.org/obo/NCBITaxon_9606> a owl:Class ; rdfs:label "Homo sapiens" .
"""


@pytest.mark.corpus
def test_a_strict_import_checks_the_document(
    memory: Fairgraph, corpus: Path, tmp_path: Path
) -> None:
    with pytest.raises(InvalidDataset) as caught:
        memory.add(corpus / "fairtracks/invalid/01_required.json", strict=True)
    assert [f.where for f in caught.value.report if f.severity == "violation"] == ["/tracks/0"]
    assert memory.datasets() == []
    added = memory.add(corpus / "fairtracks/invalid/00_valid.json", strict=True)
    assert any(f.rule == "fairtracks-ontology-missing" for f in added.report)


@pytest.mark.corpus
def test_augment_fills_what_is_missing_and_changes_nothing_else(
    memory: Fairgraph, tmp_path: Path, document: Document
) -> None:
    path = tmp_path / "o.ttl"
    path.write_text(TERMS, encoding="utf-8")
    memory.add_ontology(path)
    minimal = copy.deepcopy(document)
    experiment, sample, track = (
        minimal["experiments"][0],
        minimal["samples"][0],
        minimal["tracks"][0],
    )
    del experiment["technique"]["term_label"], experiment["target"]["summary"]
    del experiment["target"]["sequence_feature"]["term_label"]
    del sample["species_name"], sample["sample_type"]["summary"], track["file_name"]
    found = back(memory, minimal, tmp_path, augment="yes")
    assert found["doc_info"].pop("doc_version") == signature(
        found | {"doc_info": found["doc_info"]}
    )
    expected = copy.deepcopy(document)
    experiment = expected["experiments"][0]
    experiment["technique"]["term_label"] = "an assay"
    experiment["target"]["sequence_feature"]["term_label"] = experiment["target"]["summary"] = (
        "a feature"
    )
    expected["tracks"][0]["file_name"] = "ENCFF625ZYB.bed.gz"
    del expected["doc_info"]["doc_version"]
    assert same(found, expected)
    assert same(json.loads(memory.export("fairtracks", 1).to_bytes()), minimal)


@pytest.fixture
def sequenced(write_tab: Callable[..., Path]) -> Path:
    """An investigation with a file that is a track, and one that is none."""
    return write_tab(
        [["Source Name", "Characteristics[organism]", "Term Source REF", "Term Accession Number", "Protocol REF", "Sample Name", "Characteristics[organism part]", "Term Source REF", "Term Accession Number"],
         ["mouse", "Mus musculus", "UBERON", "http://purl.obolibrary.org/obo/NCBITaxon_10090", "collection", "liver1", "liver", "UBERON", "http://purl.obolibrary.org/obo/UBERON_0002107"]],
        [["Sample Name", "Protocol REF", "Raw Data File", "Protocol REF", "Assay Name", "Derived Data File"],
         ["liver1", "extraction", "reads.fastq.gz", "scan", "coverage run", "https://example.org/liver1.bw"]],
    )  # fmt: skip


def test_tracks_of_an_investigation_become_a_document(memory: Fairgraph, sequenced: Path) -> None:
    added = memory.add(sequenced)
    found = json.loads(memory.export("fairtracks", added.dataset).to_bytes())
    (track,) = found["tracks"]
    assert track["file_url"] == track["local_id"] == "https://example.org/liver1.bw"
    assert track["file_name"] == "liver1.bw"
    assert track["file_format"] == {
        "term_id": "http://edamontology.org/format_3006",
        "term_label": "bigWig",
    }
    (experiment,) = found["experiments"]
    assert track["experiment_ref"] == experiment["local_id"] == "coverage run"
    assert (experiment["study_ref"], experiment["sample_ref"]) == ("S1", "liver1")
    (sample,) = found["samples"]
    assert (sample["species_id"], sample["species_name"]) == ("taxonomy:10090", "Mus musculus")
    assert sample["sample_type"]["organism_part"]["term_label"] == "liver"
    assert found["doc_info"]["doc_version"] == signature(found)
    missing = {
        (f.where, f.message)
        for f in memory.validate(added.dataset, profile="fairtracks")
        if f.rule == "fairtracks-required"
    }
    assert ("/tracks/0", "has no 'assembly_id'") in missing
    assert ("/experiments/0", "has no 'technique'") in missing


def test_what_that_document_does_not_carry_makes_no_difference(
    memory: Fairgraph, sequenced: Path
) -> None:
    dataset = memory.add(sequenced, visibility="private").dataset
    before = memory.export("fairtracks", dataset).to_bytes()
    with memory.export("loss-report", dataset).answers() as answers:
        kept = {
            t
            for q in ("carried", "carried-layout", "carried-minimal")
            for t in answers.triples(f"export/fairtracks/{q}")
        }
    with memory.store.read() as reader:
        rest = [triple for triple in reader.triples(dataset.node) if triple not in kept]
    assert rest
    with memory.store.write() as writer:
        writer.remove(rest, dataset.node)
    assert memory.export("fairtracks", dataset).to_bytes() == before


@pytest.mark.corpus
def test_findings_of_the_isa_profile_claim_no_place_that_a_document_does_not_have(
    memory: Fairgraph, corpus: Path
) -> None:
    added = memory.add(corpus / EXAMPLE)
    found = list(memory.validate(added.dataset, profile="isa"))
    assert found
    assert {(finding.where, bool(finding.focus)) for finding in found} == {("", True)}


def _unhashable(document: Document) -> None:
    document["doc_info"]["local_id"] = {"a": 1}
    document["collection_info"]["local_id"] = [1]
    document["studies"][0]["collection_ref"] = {}
    document["tracks"][0]["experiment_ref"] = ["x"]


def _versions(document: Document) -> None:
    versions = document["doc_info"]["doc_ontology_versions"]
    versions["http://purl.obolibrary.org/obo/cl.owl"] = None
    versions["no IRI"] = "1"


def _truth(document: Document) -> None:
    document["tracks"][0]["local_id"] = True
    document["samples"] = []


@pytest.mark.corpus
@pytest.mark.parametrize("change", [_unhashable, _versions, _truth])
def test_values_of_any_type_come_back(
    memory: Fairgraph, tmp_path: Path, document: Document, change: Callable[[Document], None]
) -> None:
    change(document)
    assert same(back(memory, document, tmp_path), document)
    if change is not _unhashable:  # a track without an experiment stands in no table
        _, found = through(memory, tmp_path / "document.json", "isa-tab", tmp_path)
        assert found == document
