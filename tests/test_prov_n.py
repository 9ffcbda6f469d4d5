"""PROV-N: the same provenance as PROV-O, as the ``prov`` library reads both."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fairgraph.api import Fairgraph
from support import corpus_paths

prov = pytest.importorskip(
    "prov.model", reason="the prov library is not installed: pip install '.[dev]'"
)

HARD = r"""
@prefix prov: <http://www.w3.org/ns/prov#> . @prefix ex: <http://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:report a prov:Entity ; prov:wasRevisionOf ex:draft ; prov:qualifiedGeneration ex:g ; prov:qualifiedDerivation ex:d ;
  prov:value "a \"quote\" \\ and \n"@en ; prov:wasDerivedFrom ex:data .
ex:draft a prov:Entity , prov:Collection ; prov:hadMember <http://example.org/x/12> , <http://example.org/x/a,b(c)> ; prov:wasAttributedTo ex:jo .
ex:g a prov:Generation ; prov:activity ex:writing ; prov:atTime "2024-01-01T00:00:00"^^xsd:dateTime .
ex:d a prov:Derivation ; prov:entity ex:data ; prov:hadActivity ex:writing .
ex:data a prov:Entity . ex:writing a prov:Activity ; prov:used ex:data ; prov:startedAtTime "2024-01-01T00:00:00"^^xsd:dateTime .
ex:jo a prov:SoftwareAgent , prov:Agent ; prov:actedOnBehalfOf ex:ann . ex:ann a prov:Agent .
<http://example.org/x/12> a prov:Entity . <http://example.org/x/a,b(c)> a prov:Entity .
"""


HOSTILE = r"""
@prefix prov: <http://www.w3.org/ns/prov#> . @prefix ex: <http://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex:p a prov:Activity ; prov:startedAtTime "2020-01-01"^^xsd:date , "2020-02-30T00:00:00"^^xsd:dateTime ; prov:used "used)" ;
  prov:endedAtTime "2021-01-01T00:00:00Z"^^xsd:dateTime , "2022-01-01T00:00:00Z"^^xsd:dateTime ; prov:generated "made" ;
  prov:qualifiedUsage ex:u , "no node)" .
ex:u a prov:Usage ; prov:entity ex:e1 , ex:e2 , "an entity)" ; prov:atTime "2020)\n entity(evil:x" , "2023-01-01T00:00:00"^^xsd:dateTime .
ex:e1 a prov:Entity ; prov:generatedAtTime "2020-01-01T00:00:00"^^xsd:dateTime , "2020-01-02T24:00:00"^^xsd:dateTime , "2020" ;
  prov:entity "at\nhome"@en ; prov:atTime "2023-01-01T00:00:00"^^xsd:dateTime .
ex:e2 a prov:Entity ; rdfs:label "\" ])\n entity(evil:y" ; prov:qualifiedRevision ex:r ; prov:wasDerivedFrom "nothing" .
ex:r a prov:Revision ; prov:entity ex:e1 .
<http://example.org/x/\u2013(a)\u2028'b> a prov:Entity . <http://example.org/x/\u0301y> a prov:Entity . <http://example.org/x/.> a prov:Entity .
<http://example.org/x/-.a.> a prov:Entity . <http://example.org/x/%20//c> a prov:Entity . <http://example.org/x/> a prov:Entity .
"""


def read(document: bytes) -> Any:
    return prov.ProvDocument.deserialize(content=document.decode(), format="provn")


def relations(document: Any) -> set[tuple[str, ...]]:
    """The relations as names and IRIs of their first two arguments."""
    found = set()
    for record in document.get_records(prov.ProvRelation):
        ends = [value.uri if value is not None else "" for _, value in record.formal_attributes[:2]]
        found.add((record.get_type().localpart, *ends))
    return found


def things(document: Any) -> set[tuple[str, str]]:
    return {
        (r.get_type().localpart, r.identifier.uri) for r in document.get_records(prov.ProvElement)
    }


PROPERTIES = {
    "Usage": "used", "Generation": "wasGeneratedBy", "Derivation": "wasDerivedFrom", "Association": "wasAssociatedWith",
    "Attribution": "wasAttributedTo", "Membership": "hadMember", "Communication": "wasInformedBy",
    "Specialization": "specializationOf", "Delegation": "actedOnBehalfOf",
}  # fmt: skip


def stated(fg: Fairgraph) -> set[tuple[str, str, str]]:
    """The relations of the PROV-O export, with revisions as derivations."""
    from test_prov_o import triples

    kinds = {f"http://www.w3.org/ns/prov#{name}": kind for kind, name in PROPERTIES.items()}
    kinds["http://www.w3.org/ns/prov#wasRevisionOf"] = "Derivation"
    return {
        (kinds[t.predicate.value], t.subject.value, t.object.value)  # type: ignore[union-attr]
        for t in triples(fg.export("prov-o", 1).to_bytes())
        if t.predicate.value in kinds
    }


def test_the_prov_library_reads_the_same_provenance(example: Fairgraph) -> None:
    document = example.export("prov-n", 1).to_bytes()
    assert document == example.export("prov-n", 1).to_bytes()
    found = read(document)
    assert {r for r in relations(found) if r[2]} == stated(example)
    dataset = example.dataset(1)
    counted = [kind for kind, _ in things(found)]
    assert counted.count("Activity") == dataset.counts["processes"]
    sample = re.compile(
        r"  entity\(id:\S+/sample/\S+, \[prov:type='isa:Sample', prov:label=\"LD12_ZT00_liver\"\]\)\n"
    )
    assert sample.search(document.decode())


def test_hard_names_and_values_are_read_back(memory: Fairgraph, tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text(HARD)
    memory.add(tmp_path / "x.ttl")
    document = memory.export("prov-n", 1).to_bytes()
    found = read(document)
    assert {r for r in relations(found) if r[2]} == stated(memory) | {
        ("Generation", "http://example.org/report", "http://example.org/writing")
    }
    names = {iri for _, iri in things(found)}
    assert {
        "http://example.org/x/12",
        "http://example.org/x/a,b(c)",
        "http://example.org/jo",
    } <= names
    assert "wasGeneratedBy(n1:g; n1:report, n1:writing, 2024-01-01T00:00:00)" in document.decode()
    assert "wasDerivedFrom(n1:d; n1:report, n1:data, n1:writing, -, -)" in document.decode()
    assert "wasDerivedFrom(n1:report, n1:draft, [prov:type='prov:Revision'])" in document.decode()
    (value,) = found.get_record("n1:report")[0].value
    assert (value.value, value.langtag) == ('a "quote" \\ and \n', "en")


def test_nothing_is_injected_and_nothing_is_lost(memory: Fairgraph, tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text(HOSTILE, encoding="utf-8")
    memory.add(tmp_path / "x.ttl")
    text = memory.export("prov-n", 1).to_bytes().decode()
    found = read(text.encode())
    ex = "http://example.org/"
    strange = {"\u2013(a)\u2028'b", "\u0301y", ".", "-.a.", "%20//c", ""}
    assert {name for name in things(found) if name[1].startswith(ex)} == {
        ("Activity", f"{ex}p"),
        *(("Entity", f"{ex}{name}") for name in ("e1", "e2", *(f"x/{end}" for end in strange))),
    }
    assert not any("evil" in iri for _, iri in things(found))
    assert {(e.args[0].uri, e.args[1].uri, str(e.args[2])) for e in found.get_records(prov.ProvUsage)} == {
        (f"{ex}p", f"{ex}{end}", "2023-01-01 00:00:00") for end in ("e1", "e2")
    }  # fmt: skip
    assert text.count("wasGeneratedBy(n1:e1, -, 2020-01-0") == 2
    assert "n1:e1, -, -, -, [prov:type='prov:Revision', prov:type='prov:Derivation'])" in text
    (activity,) = (record for record in found.get_records(prov.ProvActivity))
    assert (activity.get_startTime(), str(activity.get_endTime())) == (None, "2021-01-01 00:00:00+00:00")  # fmt: skip
    carried = {(name.localpart, str(getattr(value, "value", value))) for name, value in activity.extra_attributes}  # fmt: skip
    assert {("startedAtTime", "2020-01-01"), ("used", "used)"), ("generated", "made"), ("qualifiedUsage", "no node)")} < carried  # fmt: skip
    for stated in (
        r'prov:startedAtTime="2020-02-30T00:00:00" %% xsd:dateTime',
        r'prov:endedAtTime="2022-01-01T00:00:00Z" %% xsd:dateTime',
        r'prov:atTime="2020)\n entity(evil:x"',
        r'fg:rawText="<http://www.w3.org/ns/prov#entity> \"an entity)\""',
        r'prov:generatedAtTime="2020"',
        r'prov:wasDerivedFrom="nothing"',
        r'prov:atTime="2023-01-01T00:00:00" %% xsd:dateTime',
    ):
        assert stated in text, stated


def test_one_sample_has_its_lineage(example: Fairgraph) -> None:
    whole = relations(read(example.export("prov-n", 1).to_bytes()))
    part = relations(read(example.export("prov-n", 1, sample="1").to_bytes()))
    assert part
    assert part < whole


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize(
    "path", corpus_paths("isa/tab/BII*", "isa/tab/cookbook*"), ids=lambda path: path.name
)
def test_provenance_of_real_data_is_read(memory: Fairgraph, path: Path) -> None:
    memory.add(path)
    found = read(memory.export("prov-n", 1).to_bytes())
    assert {r for r in relations(found) if r[2]} == stated(memory)
