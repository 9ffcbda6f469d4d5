"""PROV-O: what the export says, one sample's lineage, and that every reader of JSON-LD reads the same graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyld import jsonld
from pyoxigraph import RdfFormat, Triple, parse

import fairgraph
from fairgraph import queries
from fairgraph.api import Fairgraph
from fairgraph.errors import NotFound, UsageError
from fairgraph.exports.prov_o import GRAPH
from fairgraph.terms import PROV, RDF, SCHEMA
from support import corpus_paths

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


def refuse(url: str, options: Any) -> Any:
    raise AssertionError(f"{url} would be fetched")


def constructed(fg: Fairgraph, dataset: int = 1) -> set[Triple]:
    """What the queries of the export construct."""
    texts = (queries.get(f"export/prov-o/{name}").text for name in GRAPH)
    return {triple for text in texts for triple in fg.sparql(text, dataset=dataset)}


def triples(document: bytes) -> set[Triple]:
    return {quad.triple for quad in parse(document, format=RdfFormat.JSON_LD)}


def lines(document: bytes) -> set[str]:
    """The triples as PyLD reads them, in canonical N-Quads."""
    text = jsonld.normalize(
        json.loads(document),
        {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": refuse},
    )
    return set(text.splitlines())


def canonical(found: set[Triple]) -> set[str]:
    return {f"{t.subject} {t.predicate} {t.object} ." for t in found}


def values(found: set[Triple], subject: str, predicate: str) -> set[str]:
    return {
        t.object.value  # type: ignore[union-attr]
        for t in found
        if t.subject.value == subject and t.predicate.value == predicate  # type: ignore[union-attr]
    }


def typed(found: set[Triple], kind: str) -> set[str]:
    return {t.subject.value for t in found if t.predicate.value == RDF.type and t.object.value == kind}  # type: ignore[union-attr]  # fmt: skip


def samples(fg: Fairgraph) -> list[tuple[int, str]]:
    rows = fg.query("browse/numbered-samples", dataset=1)
    return [(int(row["number"].value), row["sample"].value) for row in rows]


def test_readers_of_json_ld_read_what_the_queries_construct(
    example: Fairgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    document = example.export("prov-o", 1).to_bytes()
    wanted = constructed(example)
    assert len(wanted) > 2_000
    assert triples(document) == wanted
    assert lines(document) == canonical(wanted)
    read = rdflib.Graph().parse(data=document, format="json-ld")
    again = read.serialize(format="nt", encoding="utf-8")
    assert {quad.triple for quad in parse(again, format=RdfFormat.N_TRIPLES)} == wanted


def test_the_document_is_one_graph_with_one_node_an_iri_and_sorted_keys(example: Fairgraph) -> None:
    document = example.export("prov-o", 1).to_bytes()
    read = json.loads(document)
    nodes = read["@graph"]
    names = [node["@id"] for node in nodes]
    assert len(names) == len(set(names)) > 300
    assert all(list(node) == sorted(node) for node in nodes)
    assert all(
        isinstance(term, dict) or key == "@version" for key, term in read["@context"].items()
    )
    assert document == example.export("prov-o", 1).to_bytes()


def test_every_entity_activity_and_agent_is_typed_and_connected(example: Fairgraph) -> None:
    found = triples(example.export("prov-o", 1).to_bytes())
    dataset = example.dataset(1)
    activities = typed(found, PROV.Activity)
    assert len(activities) == dataset.counts["processes"]
    entities = typed(found, PROV.Entity)
    things = sum(dataset.counts[name] for name in ("sources", "samples", "files"))
    assert len(entities) > things
    kinds = {
        PROV.used: (activities, entities),
        PROV.wasGeneratedBy: (entities, activities),
        PROV.wasDerivedFrom: (entities, entities),
        PROV.wasAssociatedWith: (activities, typed(found, PROV.Agent)),
        PROV.hadMember: (typed(found, PROV.Collection), entities),
        PROV.hadPlan: (typed(found, PROV.Association), typed(found, PROV.Plan)),
        PROV.wasAttributedTo: (entities, typed(found, PROV.Person)),
        PROV.hadRole: (typed(found, PROV.Attribution), typed(found, PROV.Role)),
    }
    for relation, (subjects, objects) in kinds.items():
        pairs = [t for t in found if t.predicate.value == relation]
        assert pairs, relation
        assert {t.subject.value for t in pairs} <= subjects, relation  # type: ignore[union-attr]
        assert {t.object.value for t in pairs} <= objects, relation  # type: ignore[union-attr]


@pytest.mark.parametrize("direction", ["up", "down", "both"])
def test_the_lineage_of_a_sample_is_part_of_its_investigation(
    example: Fairgraph, direction: str
) -> None:
    whole = constructed(example)
    for number, _ in samples(example)[::6]:
        part = triples(
            example.export("prov-o", 1, sample=str(number), direction=direction).to_bytes()
        )
        assert part
        assert part < whole


def test_a_lineage_goes_back_to_the_sources_or_forth_to_the_files(example: Fairgraph) -> None:
    number, sample = samples(example)[0]
    up = triples(example.export("prov-o", 1, sample=str(number)).to_bytes())
    assert values(up, sample, PROV.wasGeneratedBy)
    isa = "https://w3id.org/fairgraph/isa#"
    assert typed(up, f"{isa}Source")
    assert typed(up, f"{isa}Sample") == {sample}
    assert not typed(up, SCHEMA.MediaObject)
    assert typed(up, PROV.Plan)
    assert typed(up, PROV.Person)
    assert len(typed(up, PROV.Collection)) == 2  # the study and the investigation
    assert up == triples(example.export("prov-o", 1, sample=sample, direction="up").to_bytes())
    down = triples(example.export("prov-o", 1, sample=sample, direction="down").to_bytes())
    assert typed(down, SCHEMA.MediaObject)
    assert not typed(down, f"{isa}Source")
    both = triples(example.export("prov-o", 1, sample=sample, direction="both").to_bytes())
    assert both == up | down


def test_samples_and_directions_that_are_not_there_are_refused(example: Fairgraph) -> None:
    def export(**options: str) -> bytes:
        return example.export("prov-o", 1, **options).to_bytes()

    with pytest.raises(NotFound, match="no sample 999999"):
        export(sample="999999")
    with pytest.raises(NotFound, match="no sample http"):
        export(sample="http://localhost:8000/id/other/sample/x")
    with pytest.raises(UsageError, match="neither the number nor the IRI"):
        export(sample="liver 3")
    with pytest.raises(UsageError, match="no direction 'sideways'"):
        export(sample=str(samples(example)[0][0]), direction="sideways")
    with pytest.raises(UsageError, match="needs a sample"):
        export(direction="up")


NAMES = ["Source Name", "Protocol REF", "Parameter Value[volume]", "Unit", "Parameter Value[tool]",
         "Date", "Performer", "Sample Name"]  # fmt: skip


def exported(write_tab: Any, *rows: list[str]) -> tuple[set[Triple], str]:
    with fairgraph.open("memory:") as fg:
        fg.add(write_tab([NAMES, *rows]))
        found = triples(fg.export("prov-o", 1).to_bytes())
        (process,) = typed(found, PROV.Activity)
        return found, process


def test_parameter_values_are_typed_attributes_and_keep_their_units(write_tab: Any) -> None:
    found, process = exported(
        write_tab, ["m1", "collection", "1.5", "ml", "knife", "2024-02-01", "Jo", "s1"]
    )
    names = {t.subject.value: t.object.value for t in found if t.predicate.value == LABEL}  # type: ignore[union-attr]
    attributes = {
        names[t.predicate.value]: str(t.object)
        for t in found
        if t.subject.value == process and t.predicate.value in names  # type: ignore[union-attr]
    }
    decimal = "http://www.w3.org/2001/XMLSchema#decimal"
    assert attributes == {"volume": f'"1.5"^^<{decimal}>', "tool": '"knife"'}
    (annotation,) = values(found, process, "https://bioschemas.org/parameterValue")
    (unit,) = values(found, annotation, SCHEMA.unitCode)
    assert names[unit] == "ml"
    assert values(found, annotation, SCHEMA.value) == {"1.5"}


@pytest.mark.parametrize(
    ("written", "ended"),
    [
        ("2024-02-01", {"2024-02-01T23:59:59"}),
        ("2024-02-01T08:30:00", {"2024-02-01T08:30:00"}),
        ("2024-02-01T08:30:00Z", {"2024-02-01T08:30:00Z"}),
        ("February 2024", set()),
        ("2024-02-30", set()),
    ],
)
def test_a_day_is_the_time_by_which_a_process_had_ended(
    write_tab: Any, written: str, ended: set[str]
) -> None:
    found, process = exported(write_tab, ["m1", "collection", "", "", "", written, "", "s1"])
    assert values(found, process, PROV.endedAtTime) == ended
    assert values(found, process, SCHEMA.endTime) == {written}


def test_a_plan_belongs_to_the_association_with_each_agent(write_tab: Any) -> None:
    found, process = exported(write_tab, ["m1", "collection", "", "", "", "", "Jo", "s1"])
    (agent,) = values(found, process, PROV.wasAssociatedWith)
    (association,) = values(found, process, PROV.qualifiedAssociation)
    assert values(found, association, PROV.agent) == {agent}
    (plan,) = values(found, association, PROV.hadPlan)
    assert values(found, plan, LABEL) == {"collection"}
    found, process = exported(write_tab, ["m1", "collection", "", "", "", "", "", "s1"])
    (association,) = values(found, process, PROV.qualifiedAssociation)
    assert values(found, association, PROV.hadPlan) == {plan}
    assert not values(found, association, PROV.agent)


def test_what_an_update_changes_is_exported(example: Fairgraph) -> None:
    _, sample = samples(example)[0]
    before = triples(example.export("prov-o", 1).to_bytes())
    (process,) = values(before, sample, PROV.wasGeneratedBy)
    example.update(
        f"DELETE DATA {{ GRAPH <{example.dataset(1).iri}> {{ <{process}> <{SCHEMA.result}> <{sample}> }} }}"
    )
    after = triples(example.export("prov-o", 1).to_bytes())
    assert not values(after, sample, PROV.wasGeneratedBy)


STRANGE = r"""
@prefix prov: <http://www.w3.org/ns/prov#> . @prefix ex: <http://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:report a prov:Entity ; prov:wasRevisionOf ex:draft ; prov:qualifiedGeneration ex:g ;
  prov:value "a \"quote\" \\ and \n \u0001 \U0001F600"@en , 7 , 007 , true , "x"^^ex:type ; prov:generatedAtTime "2024-01-01T00:00:00Z"^^xsd:dateTime , "soon" .
ex:draft a prov:Entity , prov:Collection ; prov:wasAttributedTo <mailto:jo@example.org> , "Jo" .
ex:g a prov:Generation ; prov:activity <urn:x:writing> ; prov:atTime "2024-01-01T00:00:00"^^xsd:dateTime .
<urn:x:writing> a prov:Activity ; <http://www.w3.org/2000/01/rdf-schema#label> "writing" .
<mailto:jo@example.org> a prov:SoftwareAgent .
"""


def test_provenance_of_any_rdf_is_exported_with_strange_values(
    memory: Fairgraph, tmp_path: Path
) -> None:
    (tmp_path / "x.ttl").write_text(STRANGE, encoding="utf-8")
    memory.add(tmp_path / "x.ttl")
    document = memory.export("prov-o", 1).to_bytes()
    wanted = constructed(memory)
    assert triples(document) == wanted
    given = {quad.triple for quad in parse(STRANGE.encode(), format=RdfFormat.TURTLE)}
    assert canonical(given) - canonical(wanted) == {
        '<http://example.org/report> <http://www.w3.org/ns/prov#value> "007"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    }  # which the store holds as 7
    part = triples(memory.export("prov-o", 1, sample="http://example.org/report").to_bytes())
    assert part <= wanted
    assert "urn:x:writing" in typed(part, PROV.Activity)
    assert "mailto:jo@example.org" in typed(part, PROV.Agent)


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize("path", corpus_paths("isa/tab/*"), ids=lambda path: path.name)
def test_every_dataset_of_the_corpus_has_its_provenance(memory: Fairgraph, path: Path) -> None:
    memory.add(path)
    document = memory.export("prov-o", 1).to_bytes()
    assert triples(document) == constructed(memory)
    assert document == memory.export("prov-o", 1).to_bytes()
