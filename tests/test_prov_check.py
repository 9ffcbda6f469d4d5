"""The PROV profile: the verdicts of W3C, cases of our own, and provenance of what we export."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.terms import PROV
from fairgraph.validation import validate_graph
from support import CORPUS, corpus_paths

MANIFEST = CORPUS / "prov" / "ttl" / "manifest.csv"
HEAD = "@prefix : <http://example.org/> . @prefix prov: <http://www.w3.org/ns/prov#> .\n"


def cases() -> list[dict[str, str]]:
    if not MANIFEST.is_file():
        return []
    with MANIFEST.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def verdict(triples: list[Triple]) -> bool:
    return validate_graph(triples, "prov").conforms


def read(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE)]


W3C = [case for case in cases() if case["verdict_source"] == "w3c"]
VALID = [case for case in cases() if case["expected"] == "valid"]


@pytest.mark.corpus
@pytest.mark.parametrize("case", W3C, ids=lambda case: case["file"].removesuffix(".ttl"))
def test_a_case_of_w3c_is_judged_as_w3c_judges_it(case: dict[str, str]) -> None:
    assert verdict(read(MANIFEST.parent / case["file"])) == (case["expected"] == "valid")


@pytest.mark.corpus
def test_all_cases_are_there_and_no_valid_one_is_refused() -> None:
    if not MANIFEST.is_file():
        pytest.skip(f"no PROV cases at {MANIFEST}: set FAIRGRAPH_CORPUS")
    assert len(W3C) > 100
    assert len(VALID) > 70
    refused = [case["file"] for case in VALID if not verdict(read(MANIFEST.parent / case["file"]))]
    assert refused == []


@pytest.mark.corpus
def test_a_case_is_judged_alike_as_a_dataset_of_a_store(memory: Fairgraph) -> None:
    """Where blank nodes are IRIs, and on every tenth case: the rules themselves are tried above."""
    for case in W3C[::10]:
        added = memory.add(MANIFEST.parent / case["file"])
        conforms = memory.validate(added.dataset, profile="prov").conforms
        assert conforms == (case["expected"] == "valid"), case["file"]


THINGS = [NamedNode(f"http://example.org/{name}") for name in "abcd"]
RELATIONS = ("wasDerivedFrom", "specializationOf", "wasGeneratedBy", "used", "wasStartedBy", "wasEndedBy",
             "wasInvalidatedBy", "wasInformedBy", "wasAttributedTo", "wasAssociatedWith", "actedOnBehalfOf")  # fmt: skip
EDGES = {  # constraints 30 to 49, as PROV-CONSTRAINTS writes them: g, i, s, e are generation, invalidation, start, end
    "wasGeneratedBy": (("s2", "g1"), ("g1", "e2")),
    "used": (("s1", "u"), ("u", "e1"), ("g2", "u"), ("u", "i2")),
    "wasStartedBy": (("g2", "s1"), ("s1", "i2")),
    "wasEndedBy": (("g2", "e1"), ("e1", "i2")),
    "wasInvalidatedBy": (),
    "wasInformedBy": (("s2", "e1"),),
    "wasDerivedFrom": (("g2", "g1"),),
    "specializationOf": (("g2", "g1"), ("i1", "i2")),
    "wasAttributedTo": (("g2", "g1"), ("s2", "g1")),
    "wasAssociatedWith": (("s1", "i2"), ("g2", "e1"), ("s1", "e2"), ("s2", "e1")),
    "actedOnBehalfOf": (("g2", "i1"), ("s2", "e1")),
}


def is_ordered(relations: list[tuple[str, NamedNode, NamedNode]]) -> bool:
    """Whether no event comes strictly before itself, by all constraints and transitive closure: slow and plain."""
    before: set[tuple[str, str]] = set()
    strict: set[tuple[str, str]] = set()
    for thing in THINGS:
        before |= {(f"g{thing}", f"i{thing}"), (f"s{thing}", f"e{thing}")}
    for n, (relation, subject, value) in enumerate(relations):
        name = {"1": str(subject), "2": str(value), "u": f"use{n}"}
        for one, other in EDGES[relation]:
            pair = tuple(part[0] + name[part[-1]] for part in (one, other))
            before.add(pair)  # type: ignore[arg-type]
            if relation == "wasDerivedFrom":
                strict.add(pair)  # type: ignore[arg-type]
    events = {event for pair in before for event in pair}
    for middle in events:
        for one, other in itertools.product(events, events):
            if (one, middle) in before and (middle, other) in before:
                before.add((one, other))
    return not any((later, earlier) in before for earlier, later in strict)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(RELATIONS), st.sampled_from(THINGS), st.sampled_from(THINGS)),
        max_size=8,
    )
)
def test_the_order_of_events_is_that_of_all_constraints(
    relations: list[tuple[str, NamedNode, NamedNode]],
) -> None:
    triples = [Triple(s, NamedNode(PROV[relation]), o) for relation, s, o in relations]
    found = validate_graph(triples, "prov")
    wrong = {finding.rule for finding in found} & {"prov-event-order"}
    assert (not wrong) == is_ordered(relations)


def test_a_long_lineage_is_checked_at_once(memory: Fairgraph, tmp_path: Path) -> None:
    lines = [f":e{n} prov:wasDerivedFrom :e{n + 1} ; prov:wasGeneratedBy :a{n} ." for n in range(20_000)]  # fmt: skip
    assert validate_graph(parsed("\n".join(lines)), "prov").conforms
    (finding,) = validate_graph(parsed("\n".join([*lines, ":e20000 prov:wasDerivedFrom :e0 ."])), "prov")  # fmt: skip
    assert finding.rule == "prov-event-order"
    assert finding.value.endswith("…")


def parsed(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(HEAD + text, format=RdfFormat.TURTLE)]


def test_a_finding_says_what_where_and_which(memory: Fairgraph, tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text(
        HEAD + ":a prov:wasDerivedFrom :b . :b prov:wasDerivedFrom :a ."
    )
    memory.add(tmp_path / "x.ttl")
    report = memory.validate(1, profile="prov")
    (finding,) = report
    assert finding.focus == "http://example.org/a"
    assert finding.path == PROV.wasDerivedFrom
    assert finding.value == "http://example.org/a http://example.org/b"
    assert not report.conforms


def test_what_the_importer_found_is_not_about_provenance(write_tab: object) -> None:
    with fairgraph.open("memory:") as fg:
        fg.add(write_tab([["Source Name", "Unknown column", "Sample Name"], ["m1", "x", "s1"]]))  # type: ignore[operator]
        assert len(fg.validate(1))
        assert not len(fg.validate(1, profile="prov"))


def test_the_example_and_its_export_are_valid(example: Fairgraph, tmp_path: Path) -> None:
    assert not len(example.validate(1, profile="prov"))
    path = tmp_path / "export.jsonld"
    example.export("prov-o", 1).to_path(path)
    added = example.add(path)
    assert not len(example.validate(added.dataset, profile="prov"))


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize("path", corpus_paths("isa/tab/*"), ids=lambda path: path.name)
def test_provenance_of_the_corpus_is_invalid_only_where_its_graph_is_cyclic(
    memory: Fairgraph, tmp_path: Path, path: Path
) -> None:
    memory.add(path)
    is_cyclic = any(f.rule == "isa-cycle" for f in memory.validate(1))
    export = tmp_path / "export.jsonld"
    memory.export("prov-o", 1).to_path(export)
    again = memory.add(export).dataset
    for dataset in (1, again):
        rules = {finding.rule for finding in memory.validate(dataset, profile="prov")}
        assert rules <= ({"prov-event-order"} if is_cyclic else set())
