"""Validation of real datasets: what is found, what is not, and where."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse

import fairgraph
from fairgraph.importers.archive import open_source
from fairgraph.importers.format import Draft, get
from fairgraph.report import Report
from fairgraph.validation import places, validate_graph
from support import CORPUS, EXAMPLE, corpus_paths

BASE = "http://localhost:8000/id/dataset"
PREFIXES = """
PREFIX bioschemas: <https://bioschemas.org/>
PREFIX isa: <https://w3id.org/fairgraph/isa#>
PREFIX schema: <http://schema.org/>
"""


def read(path: Path) -> bytes:
    """Import a dataset and return its triples as N-Triples."""
    draft = Draft(BASE)
    try:
        get("isa-json" if path.suffix == ".json" else "isa-tab").read(open_source(path), draft)
        return b"".join(draft.spool.chunks())
    finally:
        draft.spool.close()


def load(data: bytes) -> Store:
    store = Store()
    store.bulk_load(data, format=RdfFormat.N_TRIPLES)
    return store


def rows(store: Store, query: str) -> Iterable[Any]:
    found = store.query(PREFIXES + query)
    assert isinstance(found, QuerySolutions)
    return found


def brief(report: Report) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.code, finding.where) for finding in report]


# -- what is found -------------------------------------------------------------------------------------------------


def test_the_example_has_nothing_to_find() -> None:
    assert brief(validate_graph(read(EXAMPLE))) == []


def test_triples_and_bytes_give_the_same_report(write_tab: Callable[..., Path]) -> None:
    data = read(write_tab([["Source Name", "Protocol REF", "Sample Name"], ["", "cutting", "s1"]]))
    triples = (quad.triple for quad in parse(data, format=RdfFormat.N_TRIPLES))
    report = validate_graph(data)
    assert "isa-protocol-undeclared" in {finding.rule for finding in report}
    assert validate_graph(triples).as_dict() == report.as_dict()


def test_findings_of_one_rule_stay_apart_and_in_the_order_of_the_source(
    write_tab: Callable[..., Path],
) -> None:
    header = ["Source Name", "Protocol REF", "Sample Name", "Characteristics[age]", "Unit"]
    table = [[f"a{n}", "collection", f"b{n}", "old", "year"] for n in range(1, 13)]
    report = validate_graph(read(write_tab([header, *table])))
    found = [f for f in report if f.rule == "isa-unit-of-text"]
    assert [f.where for f in found] == [f"s_one.txt:{n}:3" for n in range(2, 14)]
    assert len({f.focus for f in found}) == 12
    assert {(f.severity, f.value, f.count) for f in found} == {("warning", "old", 1)}


def test_a_cycle_is_found_where_it_is(write_tab: Callable[..., Path]) -> None:
    header = ["Sample Name", "Protocol REF", "Sample Name"]
    study = [header, ["a", "collection", "b"], ["b", "collection", "a"], ["a", "collection", "c"]]
    report = validate_graph(read(write_tab(study)))
    assert [f.where for f in report if f.rule == "isa-cycle"] == ["s_one.txt:2:2", "s_one.txt:3:2"]
    assert not report.conforms


def test_an_acyclic_graph_that_splits_and_pools_has_no_cycle(
    write_tab: Callable[..., Path],
) -> None:
    header = ["Source Name", "Protocol REF", "Sample Name", "Protocol REF", "Sample Name"]
    study = [header, *(["a", "collection", f"b{n}", "collection", "c"] for n in range(5))]
    assert "isa-cycle" not in {f.rule for f in validate_graph(read(write_tab(study)))}


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
def test_the_findings_in_bii_i_1_are_deserved() -> None:
    assert brief(validate_graph(read(CORPUS / "isa/tab/BII-I-1"))) == [
        # Both study tables speak of growth, none of sample collection.
        ("isa-sample-collection", "", "i_investigation.txt"),
        ("isa-sample-collection", "", "i_investigation.txt"),
        # Three pools have a unit beside an empty Factor Value[rate].
        ("isa-unit-without-value", "4999", "a_proteome.txt:5:5"),
        ("isa-unit-without-value", "4999", "a_proteome.txt:11:5"),
        ("isa-unit-without-value", "4999", "a_proteome.txt:16:5"),
        # The source BTO is declared and no term comes from it; both DOIs begin with doi:.
        ("isa-ontology-source-unused", "3007", "i_investigation.txt"),
        ("isa-publication-doi", "3002", "i_investigation.txt"),
        ("isa-publication-doi", "3002", "i_investigation.txt"),
        ("isa-publication-record", "", "i_investigation.txt"),
    ]


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
def test_the_findings_in_bii_s_3_are_deserved() -> None:
    # Reverse transcription and sequence analysis are declared; no table has them.
    report = validate_graph(read(CORPUS / "isa/tab/BII-S-3"))
    assert brief(report) == [
        ("isa-protocol-unused", "1019", "i_gilbert.txt"),
        ("isa-protocol-unused", "1019", "i_gilbert.txt"),
        ("isa-publication-record", "", "i_gilbert.txt"),
    ]
    report = validate_graph(read(CORPUS / "isa/json/master_BII-S-3/BII-S-3.json"))
    assert brief(report) == [
        ("isa-protocol-unused", "1019", "/studies/0/protocols/4"),
        ("isa-protocol-unused", "1019", "/studies/0/protocols/7"),
        ("isa-publication-record", "", "/"),
    ]


# What data/isa/PROVENANCE.md says of the fixtures whose rules the shapes cover, and the one place where it is, if known.
FIXTURES = {
    "characteristic_link": ("1013", "/studies/0/materials/samples/0/characteristics/0/category"),
    "characteristic_used": ("1022", "/studies/0/characteristicCategories/0"),
    "datafile_link": ("1005", "/studies/0/assays/0/processSequence/0/inputs"),
    "doi": ("3002", "/publications/0"),
    "factor_link": ("1008", "/studies/0/materials/samples/0/factorValues/0/category"),
    "factor_used": ("1021", "/studies/0/factors/0"),
    "iso8601": ("3001", "/"),
    "material_link": ("1005", "/studies/0/assays/0/processSequence/0/inputs"),
}


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize("name", FIXTURES)
def test_the_unit_fixtures_of_isatools_get_their_codes(name: str) -> None:
    code, where = FIXTURES[name]
    good, bad = (CORPUS / "isa/json/tests_unit" / f"{name}{end}.json" for end in ("", "_fail"))
    assert code not in {finding.code for finding in validate_graph(read(good))}
    found = [finding.where for finding in validate_graph(read(bad)) if finding.code == code]
    assert found == [where]


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize(
    "path", corpus_paths("isa/tab/BII-S-*", "isa/tab/*MTBLS1*"), ids=lambda path: path.name
)
def test_every_finding_has_a_place_in_a_file_that_exists(path: Path) -> None:
    for finding in validate_graph(read(path)):
        assert (path / finding.where.split(":")[0]).is_file(), finding


# -- where -----------------------------------------------------------------------------------------------------------


def cell(folder: Path, where: str) -> str:
    """The text of the cell at ``file:line:column``, found by a reader that knows nothing of the project."""
    name, line, column = where.rsplit(":", 2)
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream, delimiter="\t")
        for row in reader:
            if reader.line_num == int(line):
                return row[int(column) - 1].strip()
    raise AssertionError(where)


@pytest.mark.parametrize(
    "folder",
    [
        EXAMPLE,
        *(
            pytest.param(path, marks=pytest.mark.corpus)
            for path in corpus_paths(
                "isa/tab/BII-I-1", "isa/tab/BII-S-[34]", "isa/tab/mu_MTBLS1693"
            )
        ),
    ],
    ids=lambda path: path.name,
)
def test_every_node_of_a_table_is_where_its_name_is(folder: Path) -> None:
    store = load(read(folder))
    names = {
        row["node"].value: row["name"].value
        for row in rows(
            store,
            """SELECT ?node ?name {
              { ?table isa:source|isa:sample|isa:otherMaterial|isa:dataFile ?node . ?node schema:name ?name }
              UNION { ?node bioschemas:executesLabProtocol/schema:name ?name }
            }""",
        )
    }
    located = places(store.query, names)
    assert len(names) > 10
    assert {node: cell(folder, where) for node, where in located.items()} == names


def test_annotations_and_comments_are_where_their_owner_is() -> None:
    store = load(read(EXAMPLE))
    owners = {
        row["node"].value: row["owner"].value
        for row in rows(
            store,
            "SELECT ?node ?owner { ?owner schema:additionalProperty|bioschemas:parameterValue ?node }",
        )
    }
    located = places(store.query, {*owners, *owners.values()})
    assert len(owners) > 100
    assert all(located[node] == located[owner] for node, owner in owners.items())


def test_what_the_investigation_file_describes_is_in_that_file() -> None:
    store = load(read(EXAMPLE))
    query = "SELECT ?node { ?study schema:creator|isa:protocol|isa:factor|schema:citation ?node }"
    nodes = [BASE, *(row["node"].value for row in rows(store, query))]
    assert set(places(store.query, nodes).values()) == {"i_investigation.txt"}


def test_an_undeclared_factor_is_where_its_heading_is(write_tab: Callable[..., Path]) -> None:
    header = ["Source Name", "Protocol REF", "Sample Name", "Factor Value[light]"]
    folder = write_tab([header, ["a", "collection", "b", "on"]])
    report = validate_graph(read(folder))
    where = next(f.where for f in report if f.rule == "isa-factor-undeclared")
    assert (where, cell(folder, where)) == ("s_one.txt:1:4", "Factor Value[light]")


def resolve(document: Any, pointer: str) -> Any:
    """Follow a JSON pointer (RFC 6901)."""
    for key in pointer.strip("/").split("/") if pointer != "/" else []:
        document = document[int(key) if isinstance(document, list) else key]
    return document


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize(
    "path",
    corpus_paths("isa/json/master_BII-*/*.json", "isa/json/tests_MTBLS1/*.json"),
    ids=lambda path: path.stem,
)
def test_a_pointer_leads_to_the_object_in_the_document(path: Path) -> None:
    store = load(read(path))
    names: dict[str, str] = {}
    for row in rows(
        store,
        """SELECT ?node ?name ?id {
          ?owner schema:creator|schema:citation|schema:hasPart|schema:additionalProperty|bioschemas:parameterValue
            |isa:factor|isa:protocol|isa:parameter|isa:component|isa:source|isa:sample|isa:otherMaterial
            |isa:dataFile|isa:process|isa:characteristicCategory|isa:unitCategory|isa:ontologySource|schema:comment ?node .
          ?node isa:jsonId ?id
          FILTER NOT EXISTS { ?node isa:undeclared true }
        }""",
    ):
        names[row["node"].value] = row["id"].value
    document = json.loads(path.read_text(encoding="utf-8"))
    located = places(store.query, names)
    assert len(names) > 20
    assert {node: resolve(document, where)["@id"] for node, where in located.items()} == names


@pytest.mark.corpus
@pytest.mark.usefixtures("corpus")
def test_terms_and_references_are_where_they_are_used_first() -> None:
    path = CORPUS / "isa/json/master_BII-I-1/BII-I-1.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    store = load(read(path))
    query = "SELECT ?node ?name { ?node a schema:DefinedTerm ; schema:name ?name }"
    names = {row["node"].value: row["name"].value for row in rows(store, query)}
    for node, where in places(store.query, names).items():
        assert str(resolve(document, where)["annotationValue"]) == names[node]
    report = validate_graph(read(path))
    undeclared = next(f for f in report if f.rule == "isa-parameter-undeclared")
    assert resolve(document, undeclared.where).keys() == {"@id"}


def test_what_is_not_in_the_dataset_has_no_place() -> None:
    assert places(load(read(EXAMPLE)).query, ["http://example.org/elsewhere"]) == {}
    assert places(Store().query, ["http://example.org/elsewhere"]) == {}


def test_a_circle_of_owners_has_no_place() -> None:
    part, a, b = (NamedNode(f"http://{x}") for x in ("schema.org/comment", "e.org/a", "e.org/b"))
    store = Store()
    store.extend([Quad(a, part, b), Quad(b, part, a)])
    assert places(store.query, [a.value]) == {}


# -- cost --------------------------------------------------------------------------------------------------------------


HEAVY = "{'rdflib', 'pyshacl'} & {name.split('.')[0] for name in sys.modules}"


def run(code: str) -> None:
    subprocess.run([sys.executable, "-c", f"import sys\n{code}"], check=True)


def test_the_package_is_cheap_to_import() -> None:
    run(f"import fairgraph.validation\nassert not {HEAVY}")


def test_validation_does_without_pyshacl_where_all_shapes_are_compiled() -> None:
    run(
        "from fairgraph.api import read_draft, validate_draft\n"
        f"with read_draft({str(EXAMPLE)!r}) as draft:\n"
        "    validate_draft(draft)\n"
        f"assert not {HEAVY}"
    )


def test_a_dataset_in_a_store_is_checked_where_it_is(
    tmp_path: Path, write_tab: Callable[..., Path]
) -> None:
    folder = write_tab([["Source Name", "Protocol REF", "Sample Name"], ["", "cutting", "s1"]])
    expected = validate_graph(read(folder)).as_dict()
    with fairgraph.open(tmp_path / "store") as fg:
        fg.add(EXAMPLE)
        added = fg.add(folder, slug="dataset")
        found = fg.validate(added.dataset)
    shapes = {finding["rule"] for finding in expected["findings"]}
    kept = [f for f in found.as_dict()["findings"] if f["rule"] in shapes]
    assert kept == expected["findings"]


def test_nothing_gives_an_empty_report() -> None:
    assert brief(validate_graph(b"")) == []
    assert brief(validate_graph(iter(()))) == []
