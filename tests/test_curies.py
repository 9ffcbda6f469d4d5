"""CURIEs are in the case of the OBO Foundry, whichever way an IRI is spelled."""

from __future__ import annotations

import json

import pytest

from fairgraph import resources
from fairgraph.curies import code_curie, curie, prefix_map

OBO = "http://purl.obolibrary.org/obo/"


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        (f"{OBO}NCBITaxon_10090", "NCBITaxon:10090"),
        (f"{OBO}NCBITAXON_10090", "NCBITaxon:10090"),
        ("https://purl.obolibrary.org/obo/UBERON_0000955", "UBERON:0000955"),
        ("http://purl.bioontology.org/ontology/NCBITAXON/10090", "NCBITaxon:10090"),
        ("https://identifiers.org/taxonomy/10090", "NCBITaxon:10090"),
        ("http://identifiers.org/taxonomy:10090", "NCBITaxon:10090"),
        ("https://identifiers.org/ncbitaxon/ncbitaxon:10090", "NCBITaxon:10090"),
        ("https://identifiers.org/UBERON:0000955", "UBERON:0000955"),
        ("http://www.ebi.ac.uk/efo/EFO_0000408", "EFO:0000408"),
        ("http://www.bioassayontology.org/bao#BAO_0000179", "BAO:0000179"),
        ("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl#C48531", "NCIT:C48531"),
        ("http://nmrML.org/nmrCV#NMR:1000001", "NMR:1000001"),
        ("http://qudt.org/vocab/unit/NanoM", "QUDT.UNIT:NanoM"),
        ("http://edamontology.org/data_1234", "EDAM:data_1234"),
        ("https://doi.org/10.1000/x/y", "DOI:10.1000/x/y"),
        (f"{OBO}XYZZY_0000012", "XYZZY:0000012"),  # by the policy of OBO
        (f"{OBO}msio.owl#isotopomer_1", None),
        (f"{OBO}NCBITaxon_", None),
        (
            "http://purl.bioontology.org/ontology/NCBITAXON/1;http://purl.bioontology.org/ontology/NCBITAXON/2",
            None,
        ),
        ("http://www.example.org/term", None),
        ("", None),
    ],
)
def test_an_iri_has_the_curie_of_its_ontology(iri: str, expected: str | None) -> None:
    assert curie(iri) == expected


@pytest.mark.parametrize(
    ("code", "source", "expected"),
    [
        ("UBERON:0000955", "", "UBERON:0000955"),
        ("uberon_0000955", "", "UBERON:0000955"),
        ("obo:OBI_0000366", "OBI", "OBI:0000366"),
        ("10090", "NEWT", "NCBITaxon:10090"),
        ("10090", "NCBITAXON", "NCBITaxon:10090"),
        ("0000034", "UO", "UO:0000034"),
        ("OBI:0000366", "ERO", "OBI:0000366"),  # the accession says more than the column
        ("ENVO:ENVO_00002", "ENVO", "ENVO:00002"),
        ("LIFT_0001", "LIFT", None),
        ("two words", "UO", None),
        ("", "UO", None),
    ],
)
def test_a_term_without_iri_has_a_curie_by_its_accession(
    code: str, source: str, expected: str | None
) -> None:
    assert code_curie(code, source) == expected


def test_every_prefix_comes_back_from_its_own_namespace() -> None:
    prefixes = json.loads(resources.text(resources.ONTOLOGIES / "curies.json"))["prefixes"]
    assert len(prefixes) >= 60
    for prefix, namespace in prefixes.items():
        assert curie(f"{namespace}123") == f"{prefix}:123"
        assert prefix_map([f"{prefix}:123"]) == {prefix: namespace}


def test_the_map_lists_what_is_used_only() -> None:
    assert prefix_map([]) == {}
    assert list(prefix_map(["UO:1", "XYZZY:2", "CHEBI:3", "UO:4"])) == ["CHEBI", "UO", "XYZZY"]
    assert prefix_map(["XYZZY:2"]) == {"XYZZY": f"{OBO}XYZZY_"}
