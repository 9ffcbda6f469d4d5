"""One triple of the core model is changed, and every export that speaks of it changes: nothing is replayed from a copy."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fairgraph.api import Fairgraph
from fairgraph.exports.export import installed

PREFIXES = """
PREFIX bioschemas: <https://bioschemas.org/>
PREFIX fg: <https://w3id.org/fairgraph/ns#>
PREFIX isa: <https://w3id.org/fairgraph/isa#>
PREFIX schema: <http://schema.org/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
GRAPH = "http://localhost:8000/id/mouse-circadian"
TRIPLES = {"isa-json", "isa-tab", "turtle", "nquads", "jsonld"}
# They say of which revision they are, so that every change shows; tests/test_loss_report.py asks whether the statement itself does.
OF_A_REVISION = {
    "anndata", "card", "card-json", "croissant", "dcat", "eln", "fairtracks", "loss-report", "pennsieve", "ro-crate", "run-crate", "ml-json", "ml-zip", "parquet", "prov-n", "prov-o", "schema-org",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A change of one statement, the exports that must show it, and a text that must then be in them."""

    kind: str
    update: str
    shows: frozenset[str]
    text: str


def replace(kind: str, where: str, old: str, new: str, shows: str, text: str) -> Change:
    """Replace the object of one triple; *old* is the triple, with ?old for its object."""
    triple = old.replace("?old", new)
    update = f"WITH <{GRAPH}> DELETE {{ {old} }} INSERT {{ {triple} }} WHERE {{ {where} {old} }}"
    names = TRIPLES | set(shows.split()) | ({"ml-csv"} if "samples-csv" in shows else set())
    return Change(kind, update, frozenset(names), text)


SAMPLE = '?s a isa:Sample ; schema:name "LD12_ZT00_liver" .'
CHANGES = [
    replace("investigation title", "?s a isa:Investigation .", "?s schema:name ?old .", '"CHANGED"', "investigations-csv", "CHANGED"),
    replace("study title", '?s a isa:Study .  FILTER (STRENDS(STR(?s), "light")) ', "?s schema:description ?old .", '"CHANGED"', "", "CHANGED"),
    replace("sample name", SAMPLE, "?s schema:name ?old .", '"CHANGED"', "samples-csv processes-csv", "CHANGED"),
    replace(
        "characteristic with a number",
        f'{SAMPLE} ?s schema:additionalProperty ?v . ?v fg:category/schema:name "sample size" .',
        "?v schema:value ?old .", "987654", "samples-csv", "987654",
    ),
    replace(
        "unit of one value",
        f'{SAMPLE} ?s schema:additionalProperty ?v . ?v fg:category/schema:name "sample size" .',
        "?v schema:unitCode ?old .", "<http://purl.obolibrary.org/obo/UO_0000032>", "samples-csv", "hour",
    ),
    replace(
        "term of one value",
        '?s a isa:Source . ?s schema:additionalProperty ?v . ?v fg:category/schema:name "organism" .',
        "?v schema:valueReference ?old .", "<http://purl.obolibrary.org/obo/UO_0000032>", "samples-csv", "hour",
    ),
    replace("label of a term", "", "<http://purl.obolibrary.org/obo/NCBITaxon_10090> schema:name ?old .", '"CHANGED"', "samples-csv", "CHANGED"),
    replace(
        "factor value",
        f'{SAMPLE} ?s schema:additionalProperty ?v . ?v fg:category/schema:name "zeitgeber time" .',
        "?v schema:value ?old .", "987654", "samples-csv", "987654",
    ),
    replace("factor name", '?f a isa:Factor ; schema:name "zeitgeber time" .', "?f schema:name ?old .", '"CHANGED"', "samples-csv", "CHANGED"),
    replace("comment", f"{SAMPLE} ?s schema:comment ?c .", "?c schema:text ?old .", '"CHANGED"', "", "CHANGED"),
    replace("protocol name", '?p a bioschemas:LabProtocol ; schema:name "nucleic acid extraction" .', "?p schema:name ?old .", '"CHANGED"', "processes-csv", "CHANGED"),
    replace("protocol type", '?p a bioschemas:LabProtocol ; isa:protocolType ?t .', "?t schema:name ?old .", '"CHANGED"', "processes-csv", "CHANGED"),
    replace("contact", "?p a schema:Person .", "?p schema:familyName ?old .", '"CHANGED"', "", "CHANGED"),
    replace("publication", "?p a schema:ScholarlyArticle .", "?p schema:name ?old .", '"CHANGED"', "", "CHANGED"),
    replace("ontology source", "?o a schema:DefinedTermSet .", "?o schema:version ?old .", '"CHANGED"', "", "CHANGED"),
    replace("data file name", "?f a schema:MediaObject .", "?f schema:name ?old .", '"CHANGED"', "processes-csv", "CHANGED"),
    replace("data file type", '?f a schema:MediaObject ; isa:fileType "Raw Data File" .', "?f isa:fileType ?old .", '"Image File"', "", "Image File"),
    replace("date of a process", "?p a bioschemas:LabProcess .", "?p schema:endTime ?old .", '"1999-12-31"^^xsd:date', "processes-csv", "1999-12-31"),
    replace("performer", "?p a bioschemas:LabProcess ; schema:agent ?a .", "?a schema:name ?old .", '"CHANGED"', "processes-csv", "CHANGED"),
    replace("parameter value", "?p bioschemas:parameterValue ?v .", "?v schema:value ?old .", "987654", "processes-csv", "987654"),
    replace("measurement type", "?a isa:measurementType ?t .", "?t schema:name ?old .", '"CHANGED"', "", "CHANGED"),
    replace("release date", "?s a isa:Investigation .", "?s schema:datePublished ?old .", '"1999-12-31"^^xsd:date', "investigations-csv", "1999-12-31"),
]  # fmt: skip


def all_exports(fg: Fairgraph) -> dict[str, bytes]:
    written = {export.name: fg.export(export.name, 1).to_bytes() for export in installed()}
    # The data card in the package says what the record says as well.
    package = fg.export("isa-tab", 1, card="no").to_bytes()
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        written["isa-tab"] = b"".join(archive.read(name) for name in archive.namelist())
    return written


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind)
def test_a_changed_statement_shows(example: Fairgraph, change: Change) -> None:
    before = all_exports(example)
    touched = example.update(PREFIXES + change.update)
    assert [dataset.slug for dataset in touched] == ["mouse-circadian"]
    after = all_exports(example)
    changed = {name for name in before if before[name] != after[name]} - OF_A_REVISION
    assert changed == change.shows
    for name in changed:
        assert change.text.encode() in after[name], name


def test_a_removed_edge_shows_and_takes_the_derivation_with_it(example: Fairgraph) -> None:
    before = all_exports(example)
    edge = '?p schema:object ?source . ?p schema:result ?s . ?s schema:name "LD12_ZT00_liver" .'
    example.update(
        f"{PREFIXES} WITH <{GRAPH}> DELETE {{ ?p schema:object ?source }} WHERE {{ {edge} }}"
    )
    after = all_exports(example)
    changed = {name for name in before if before[name] != after[name]} - OF_A_REVISION
    assert changed == TRIPLES | {"ml-csv", "samples-csv", "processes-csv"}
    derived = example.query(
        'PREFIX prov: <http://www.w3.org/ns/prov#> SELECT ?o { ?s <http://schema.org/name> "LD12_ZT00_liver" ; prov:wasDerivedFrom ?o }'
    )
    assert list(derived) == []


def test_two_exports_of_one_state_are_the_same_bytes(example: Fairgraph) -> None:
    assert all_exports(example) == all_exports(example)


def test_an_export_does_not_depend_on_the_order_in_which_the_triples_came(
    example: Fairgraph, memory: Fairgraph
) -> None:
    first = all_exports(example)
    lines = first["nquads"].splitlines(keepends=True)
    import fairgraph

    with fairgraph.open("memory:") as other:
        from fairgraph.catalogue import DatasetContent, Source

        ntriples = [line.replace(f" <{GRAPH}> .".encode(), b" .") for line in reversed(lines)]
        other.catalogue.put(
            DatasetContent(
                "mouse-circadian", "t", "isa-tab", ntriples, Source("mouse-circadian", "x", "0", 0)
            )
        )
        second = all_exports(other)
    for name in TRIPLES:
        assert first[name] == second[name], name


def test_a_raw_text_that_no_longer_fits_its_value_is_not_written(
    memory: Fairgraph, write_tab: Callable[..., Path]
) -> None:
    header = ["Source Name", "Characteristics[mass]", "Protocol REF", "Sample Name"]
    memory.add(write_tab([header, ["a", "50.10", "collection", "b"]]))
    assert b"50.10" in memory.export("isa-json", 1).to_bytes()
    old = "?v <http://schema.org/value> ?old"
    new = "?v <http://schema.org/value> 9"
    memory.update(
        f"DELETE {{ GRAPH ?g {{ {old} }} }} INSERT {{ GRAPH ?g {{ {new} }} }} WHERE {{ GRAPH ?g {{ {old} . ?s <http://schema.org/additionalProperty> ?v }} }}"
    )
    exported = memory.export("isa-json", 1).to_bytes()
    assert b"50.10" not in exported
    assert b'"value": "9"' in exported
