"""Datasets as named graphs: numbers, slugs, history, union, updates; on memory and on disk."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fairgraph import sorting
from fairgraph.access import OWNER, PUBLIC, dataset_scope, visible
from fairgraph.catalogue import SYSTEM, Catalogue, Dataset, DatasetContent, Source, record_iri
from fairgraph.catalogue.update_plan import plan_update
from fairgraph.errors import NotFound, QueryError, SourceError, StoreError, UsageError
from fairgraph.report import Finding
from fairgraph.revisions import archive_name, canonical
from fairgraph.store import DEFAULT, Reader, Scope, open_store
from fairgraph.terms import BIOSCHEMAS, ISA, PROV, RDF, SCHEMA

BASE = "http://localhost:8000/"
NAME, OBJECT, RESULT = (SCHEMA.node(name) for name in ("name", "object", "result"))
SHARED = Triple(NamedNode("http://example.org/shared"), NAME, Literal("in every dataset"))


@pytest.fixture(params=["memory", "disk"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    location = "memory:" if request.param == "memory" else tmp_path / "data"
    with open_store(location, timeout=0.1) as store:
        catalogue = Catalogue(store, agent="test")
        yield catalogue
        with store.read() as reader:
            check(catalogue, reader)


def check(catalogue: Catalogue, reader: Reader) -> None:
    """Assert what holds after every write: the union, the counts and the system graph agree with the datasets."""
    union: set[Triple] = set()
    known = {SYSTEM.value}
    for dataset in catalogue.list(removed=True, reader=reader):
        record = record_iri(BASE, dataset.slug)
        known |= {dataset.iri, record.value}
        assert dataset.current is not None
        assert reader.size(dataset.node) == dataset.current.triples
        if dataset.public:
            union |= set(reader.triples(dataset.node)) | set(reader.triples(record))
    assert set(reader.triples(DEFAULT)) == union
    assert {graph.value for graph in reader.graphs()} <= known


def content(
    slug: str = "a", *names: str, sha: str = "", key: str = "", **more: Any
) -> DatasetContent:
    """Return a dataset with a sample for each of *names*, and a triple that every dataset has."""
    ds = f"{BASE}id/{slug}"
    lines = [f"{SHARED} .\n"]
    for name in names:
        lines.append(f"<{ds}/sample/{name}> <{RDF.type}> <{ISA.Sample}> .\n")
        lines.append(f'<{ds}/sample/{name}> {NAME} "{name}" .\n')
    source = Source(slug, key or f"data-{slug}", sha, 1)
    values: dict[str, Any] = {"title": slug.upper(), "format": "isa-tab", **more}
    return DatasetContent(slug, chunks=["".join(lines).encode()], source=source, **values)


def triples(catalogue: Catalogue, dataset: Dataset | str) -> set[Triple]:
    graph = dataset.node if isinstance(dataset, Dataset) else NamedNode(dataset)
    with catalogue.store.read() as reader:
        return set(reader.triples(graph))


def union(catalogue: Catalogue) -> set[Triple]:
    with catalogue.store.read() as reader:
        return set(reader.triples(DEFAULT))


def names(found: Iterable[Triple]) -> set[str]:
    """Return what is named, but for the sources that records name."""
    return {
        triple.object.value  # type: ignore[union-attr]
        for triple in found
        if triple.predicate == NAME and not triple.subject.value.startswith(f"{BASE}record/")  # type: ignore[union-attr]
    }


def sample(slug: str, name: str) -> str:
    return f"{BASE}id/{slug}/sample/{name}"


# put, list, get


def test_a_put_makes_a_dataset_with_a_record(catalogue: Catalogue) -> None:
    findings = [
        Finding(
            "warning", "rule", "said", code="3002", where="i.txt:1:2", focus="http://x", count=3
        ),
        Finding("info", "other", "more", path="p", value="v"),
    ]
    put = catalogue.put(
        content("a", "s1", "s2", sha="f" * 64, findings=findings, license="CC0", doi="10.1/x")
    )
    assert put.created
    assert put.changed
    got = catalogue.get("a")
    assert got == put.dataset
    assert (got.number, got.title, got.format, got.visibility) == (1, "A", "isa-tab", "public")
    assert got.iri == f"{BASE}id/a"
    assert got.counts["triples"] == 5
    assert got.counts["samples"] == 2
    assert got.sources == (Source("a", "data-a", "f" * 64, 1),)
    assert got.findings == tuple(findings)
    assert (got.license, got.doi) == ("CC0", "10.1/x")
    assert [(r.name, r.operation, r.agent, r.triples) for r in got.revisions] == [
        ("r1", "import", "test", 5)
    ]
    assert got.revisions[0].source == f"{BASE}record/a/source/ffffffff"
    assert SHARED in triples(catalogue, got)


def test_a_dataset_is_found_by_number_slug_and_iri(catalogue: Catalogue) -> None:
    catalogue.put(content("a"))
    b = catalogue.put(content("b")).dataset
    for name in (2, "2", "b", f"{BASE}id/b"):
        assert catalogue.get(name) == b
    for name in (3, "c", f"{BASE}id/c", ""):
        with pytest.raises(NotFound):
            catalogue.get(name)


def test_a_number_is_a_number_before_it_is_a_slug(catalogue: Catalogue) -> None:
    catalogue.put(content("a"))
    catalogue.put(content("1"))
    assert catalogue.get("1").slug == "a"
    assert catalogue.get(2).slug == "1"


def test_datasets_are_listed_by_number(catalogue: Catalogue) -> None:
    for slug, number in (("c", 12), ("a", 3), ("b", None)):
        catalogue.put(content(slug, number=number))
    assert [(d.number, d.slug) for d in catalogue.list()] == [(3, "a"), (12, "c"), (13, "b")]


def test_a_number_is_given_once(catalogue: Catalogue) -> None:
    catalogue.put(content("a", number=5))
    with pytest.raises(UsageError, match="taken"):
        catalogue.put(content("b", number=5))
    with pytest.raises(UsageError, match="keeps it"):
        catalogue.put(content("a", "s", number=6))
    catalogue.remove("a", purge=True)
    assert catalogue.put(content("b")).dataset.number == 6
    assert [d.slug for d in catalogue.list()] == ["b"]


def test_a_new_revision_of_the_same_source(catalogue: Catalogue) -> None:
    first = catalogue.put(content("a", "s1", "s2")).dataset
    put = catalogue.put(content("a", "s2", "s3"))
    assert not put.created
    assert put.changed
    assert put.dataset.number == first.number
    assert [r.name for r in put.dataset.revisions] == ["r1", "r2"]
    assert names(triples(catalogue, put.dataset)) == {"in every dataset", "s2", "s3"}
    assert names(union(catalogue)) >= {"s3"}
    assert "s1" not in names(union(catalogue))


def test_the_same_content_is_no_new_revision(catalogue: Catalogue) -> None:
    first = catalogue.put(content("a", "s1", sha="1" * 64)).dataset
    put = catalogue.put(content("a", "s1", sha="2" * 64))
    assert not put.changed
    assert put.dataset.revisions == first.revisions
    assert put.dataset.sources[0].sha256 == "2" * 64  # the record knows where it was last read from


def test_the_same_source_by_the_same_importer_is_not_read_again(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1", sha="1" * 64, importer="x/1"))
    again = content("a", "s1", sha="1" * 64, importer="x/1")
    again.chunks = (pytest.fail("was read") for _ in range(1))
    assert not catalogue.put(again).changed
    newer = content("a", "s1", "s2", sha="1" * 64, importer="x/2")
    assert catalogue.put(newer).changed


def test_the_source_is_read_again_after_an_update(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1", sha="1" * 64, importer="x/1"))
    catalogue.update(f"DELETE WHERE {{ GRAPH <{BASE}id/a> {{ ?s ?p ?o }} }}")
    assert catalogue.put(content("a", "s1", sha="1" * 64, importer="x/1")).changed
    assert "s1" in names(union(catalogue))


def test_the_same_slug_from_another_source_gets_a_suffix(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    other = content("a", "s9", key="elsewhere", entities={"sample": [sample("a", "s9")]})
    put = catalogue.put(other)
    assert put.dataset.slug == "a-2"
    assert [f.rule for f in put.dataset.findings] == ["slug-taken"]
    assert names(triples(catalogue, put.dataset)) == {"in every dataset", "s9"}
    subjects = {str(triple.subject) for triple in triples(catalogue, put.dataset)}
    assert f"<{sample('a-2', 's9')}>" in subjects
    assert catalogue.numbers("a-2")[sample("a-2", "s9")] == 2
    assert names(triples(catalogue, f"{BASE}id/a")) == {"in every dataset", "s1"}
    again = catalogue.put(content("a", "s8", key="elsewhere"))
    assert again.dataset.slug == "a-2"
    assert not again.created


def test_renaming_leaves_literals_alone(catalogue: Catalogue) -> None:
    catalogue.put(content("a"))
    other = content("a", key="elsewhere")
    text = f'see <{BASE}id/a/x> "<{BASE}id/a>"'
    escaped = text.replace('"', '\\"')
    other.chunks = [f'<{BASE}id/a> {NAME} "{escaped}" .\n<{BASE}id/abc> {NAME} "abc" .\n'.encode()]
    put = catalogue.put(other)
    assert triples(catalogue, put.dataset) == {
        Triple(NamedNode(f"{BASE}id/a-2"), NAME, Literal(text)),
        Triple(NamedNode(f"{BASE}id/abc"), NAME, Literal("abc")),
    }


def test_samples_keep_their_numbers_for_ever(catalogue: Catalogue) -> None:
    def put(slug: str, *given: str) -> None:
        order = {"sample": [sample(slug, name) for name in given]}
        catalogue.put(content(slug, *given, entities=order))

    put("a", "z", "y")
    put("b", "q")
    assert catalogue.numbers("a")[sample("a", "z")] == 1  # in the order of the importer
    assert catalogue.numbers("a")[sample("a", "y")] == 2
    assert catalogue.numbers("b")[sample("b", "q")] == 3
    put("a", "new", "y")
    put("a", "z")
    got = catalogue.numbers("a")
    assert (got[sample("a", "z")], got[sample("a", "y")], got[sample("a", "new")]) == (1, 2, 4)


def test_a_bad_source_changes_nothing(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    before = union(catalogue)
    bad = content("a", "s2")
    bad.chunks = [f"{SHARED} .\n".encode(), b"<http://x> nonsense .\n"]
    with pytest.raises(SourceError):
        catalogue.put(bad)
    new = content("b", "s2")
    new.chunks = [b"<http://x> nonsense .\n"]
    with pytest.raises(SourceError):
        catalogue.put(new)
    assert union(catalogue) == before
    assert [d.slug for d in catalogue.list()] == ["a"]
    assert catalogue.put(content("b")).dataset.number == 2  # the number was not used up


# history


def test_a_difference_tells_what_was_added_and_removed(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1", "s2"))
    catalogue.put(content("a", "s2", "s3"))
    catalogue.put(content("a", "s2", "s3", "s4"))
    last, all_of_it, none = catalogue.diff("a"), catalogue.diff("a", "r1"), catalogue.diff("a", 3)
    assert (names(last.added), names(last.removed)) == ({"s4"}, set())
    assert (names(all_of_it.added), names(all_of_it.removed)) == ({"s3", "s4"}, {"s1"})
    assert none.added == none.removed == ()
    with pytest.raises(NotFound, match="r9"):
        catalogue.diff("a", "r9")


def test_a_first_revision_differs_from_nothing(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    assert catalogue.diff("a").added == ()


def test_a_revert_brings_the_content_back_as_a_new_revision(catalogue: Catalogue) -> None:
    first = catalogue.put(content("a", "s1", "s2")).dataset
    was = triples(catalogue, first)
    catalogue.put(content("a", "s3"))
    back = catalogue.revert("a", "r1")
    assert [r.operation for r in back.revisions] == ["import", "update", "revert"]
    assert triples(catalogue, back) == was
    assert back.counts == first.counts
    assert catalogue.history("a") == back.revisions
    assert catalogue.revert("a", 3) == back  # it is that already


def test_a_removal_is_nothing_to_go_back_to(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    catalogue.remove("a")
    catalogue.revert("a", 1)
    before = triples(catalogue, f"{BASE}id/a")
    with pytest.raises(UsageError, match="is a removal"):
        catalogue.revert("a", 2)
    assert triples(catalogue, f"{BASE}id/a") == before
    assert [revision.operation for revision in catalogue.history("a")] == [
        "import",
        "remove",
        "revert",
    ]


def test_history_is_the_same_bytes_for_the_same_content(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1", "s2"))
    catalogue.put(content("a", "s2"))
    catalogue.put(content("a", "s2", "s1"))
    catalogue.put(content("a"))
    got = [revision.sha256 for revision in catalogue.history("a")]
    assert got[0] == got[2] != got[1]
    assert got[3] == ""  # the current one is in the graph
    with catalogue.store.kept(archive_name(got[0])) as file:
        head = file.read(8)
    assert head[:4] == b"\x1f\x8b\x08\x00"
    assert head[4:8] == bytes(4)  # no time in it


def test_a_removed_dataset_is_gone_and_can_come_back(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    b = catalogue.put(content("b", "s2")).dataset
    was, everything = triples(catalogue, b), union(catalogue)
    catalogue.remove("b")
    assert triples(catalogue, b) == set()
    assert "s2" not in names(union(catalogue))
    assert SHARED in union(catalogue)  # another dataset says it too
    assert [d.slug for d in catalogue.list()] == ["a"]
    assert [d.slug for d in catalogue.list(removed=True)] == ["a", "b"]
    with pytest.raises(NotFound):
        catalogue.get("b")
    with pytest.raises(NotFound):
        catalogue.remove("b")
    assert [r.operation for r in catalogue.history("b")] == ["import", "remove"]
    back = catalogue.revert("b", "r1")
    assert triples(catalogue, back) == was
    assert back.number == b.number
    assert not back.removed
    assert names(union(catalogue)) == names(everything)


def test_a_removed_dataset_can_be_imported_again(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1", sha="1" * 64, importer="x/1"))
    catalogue.remove("a")
    put = catalogue.put(content("a", "s1", sha="1" * 64, importer="x/1"))
    assert put.changed
    assert put.dataset.number == 1
    assert "s1" in names(union(catalogue))


def test_a_purged_dataset_leaves_nothing(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    catalogue.put(content("a", "s2"))
    kept = catalogue.history("a")[0].sha256
    catalogue.remove("a", purge=True)
    assert union(catalogue) == set()
    assert catalogue.list(removed=True) == []
    with pytest.raises(NotFound):
        catalogue.store.kept(archive_name(kept))
    with catalogue.store.read() as reader:
        assert reader.graphs() == [SYSTEM]
    catalogue.put(content("b", "s1"))
    assert catalogue.numbers("b")[sample("b", "s1")] == 3  # numbers are not given twice


def test_what_the_record_says_can_be_set(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    new = catalogue.set("a", title="New", license="CC-BY-4.0", doi="10.1000/y", status="draft")
    assert catalogue.get("a") == new
    assert (new.title, new.license, new.doi, new.status) == (
        "New",
        "CC-BY-4.0",
        "10.1000/y",
        "draft",
    )
    assert len(new.revisions) == 1  # the content is the same
    assert catalogue.set("a", license="").license == ""
    with pytest.raises(UsageError):
        catalogue.set("a", visibility="everybody")


def test_a_title_that_was_set_survives_the_next_import(catalogue: Catalogue) -> None:
    def put(sha: str, *names: str, title: str = "A") -> Dataset:
        return catalogue.put(content("a", *names, sha=sha, importer="x/1", title=title)).dataset

    put("1" * 64, "s1")
    catalogue.set("a", title="Mine")
    same = content("a", "s1", sha="1" * 64, importer="x/1")
    same.chunks = (pytest.fail("was read") for _ in range(1))
    assert not catalogue.put(same).changed
    assert put("2" * 64, "s2").title == "Mine"
    assert put("3" * 64, "s3", title="Another").title == "Mine"
    assert catalogue.set("a", title="").title == "Another"  # what the source says now
    assert put("4" * 64, "s4", title="Last").title == "Last"


def test_a_title_that_was_set_survives_an_update_and_a_revert(catalogue: Catalogue) -> None:
    def rename(name: str) -> Dataset:
        (dataset,) = catalogue.update(
            f'DELETE WHERE {{ GRAPH <{BASE}id/a> {{ <{BASE}id/a> {NAME} ?old }} }} ; INSERT DATA {{ GRAPH <{BASE}id/a> {{ <{BASE}id/a> {NAME} "{name}" }} }}'
        )
        return dataset

    assert rename("first").title == "first"
    assert rename("second").title == "second"
    catalogue.set("a", title="Mine")
    assert rename("third").title == "Mine"
    assert catalogue.revert("a", 1).title == "Mine"
    assert catalogue.set("a", title="").title == "first"
    assert catalogue.revert("a", 2).title == "second"


# who sees what


def test_a_private_dataset_is_not_in_the_union(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    catalogue.put(content("b", "s2", visibility="private"))
    assert "s2" not in names(union(catalogue))
    assert [d.slug for d in catalogue.list(caller=PUBLIC)] == ["a"]
    assert [d.slug for d in catalogue.list(caller=OWNER)] == ["a", "b"]
    with pytest.raises(NotFound, match="there is no dataset b"):
        catalogue.get("b", caller=PUBLIC)
    catalogue.put(content("b", "s3"))  # stays private without being asked
    assert catalogue.get("b").visibility == "private"


def test_changing_the_visibility_moves_the_triples(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    catalogue.put(content("b", "s2"))
    everything = union(catalogue)
    catalogue.set("b", visibility="private")
    assert names(union(catalogue)) == {"in every dataset", "s1"}
    catalogue.set("b", visibility="public")
    assert names(union(catalogue)) == names(everything)


@pytest.mark.parametrize(("caller", "seen"), [(PUBLIC, {"s1"}), (OWNER, {"s1", "s2"})])
def test_a_caller_sees_each_triple_once_and_no_system_graph(
    catalogue: Catalogue, caller: str, seen: set[str]
) -> None:
    catalogue.put(content("a", "s1"))
    catalogue.put(content("b", "s2", visibility="private"))
    catalogue.put(content("c", "s3"))
    catalogue.remove("c")
    with catalogue.store.read() as reader:
        scope = visible(reader, caller, base=BASE)
        found = [row["o"].value for row in reader.select(f"SELECT ?o {{ ?s {NAME} ?o }}", scope)]
        graphs = {
            row["g"].value for row in reader.select("SELECT ?g { GRAPH ?g { ?s ?p ?o } }", scope)
        }
    assert sorted(name for name in found if name.startswith("s")) == sorted(seen)
    assert found.count("in every dataset") == 1
    assert SYSTEM.value not in graphs
    assert (f"{BASE}id/b" in graphs) == (f"{BASE}record/b" in graphs) == (caller == OWNER)


def test_the_scope_of_a_dataset_is_its_graph(catalogue: Catalogue) -> None:
    a = catalogue.put(content("a", "s1")).dataset
    catalogue.put(content("b", "s2"))
    assert dataset_scope(a) == Scope((a.node,))
    with catalogue.store.read() as reader:
        rows = reader.select(f"SELECT ?o {{ ?s {NAME} ?o }}", dataset_scope(a))
        assert {row["o"].value for row in rows} == {"in every dataset", "s1"}


# derived statements

PROCESS = f"""
PREFIX bioschemas: <{BIOSCHEMAS.iri}>
PREFIX isa: <{ISA.iri}>
PREFIX schema: <{SCHEMA.iri}>
PREFIX : <http://example.org/>
"""


def test_derived_statements_follow_their_source(catalogue: Catalogue) -> None:
    catalogue.update(
        PROCESS
        + """INSERT DATA { GRAPH :g {
            :p a bioschemas:LabProcess ; schema:object :in ; schema:result :out ; schema:agent :me .
            :other schema:object :not ; schema:result :derived .
        } }"""
    )
    ex = "http://example.org/"
    expected = {
        (f"{ex}p", PROV.used, f"{ex}in"),
        (f"{ex}out", PROV.wasGeneratedBy, f"{ex}p"),
        (f"{ex}p", PROV.wasAssociatedWith, f"{ex}me"),
        (f"{ex}out", PROV.wasDerivedFrom, f"{ex}in"),
    }
    assert provenance(catalogue, f"{ex}g") == expected
    catalogue.update(PROCESS + "DELETE DATA { GRAPH :g { :p schema:object :in } }")
    assert provenance(catalogue, f"{ex}g") == {
        (f"{ex}out", PROV.wasGeneratedBy, f"{ex}p"),
        (f"{ex}p", PROV.wasAssociatedWith, f"{ex}me"),
    }
    catalogue.revert("g", 1)
    assert provenance(catalogue, f"{ex}g") == expected


def test_a_chain_of_processes_without_nodes_derives_too(catalogue: Catalogue) -> None:
    catalogue.update(
        PROCESS
        + """INSERT DATA { GRAPH :g {
            :p a bioschemas:LabProcess ; schema:object :in ; isa:nextProcess :q .
            :q a bioschemas:LabProcess ; isa:nextProcess :r .
            :r a bioschemas:LabProcess ; schema:result :out .
        } }"""
    )
    ex = "http://example.org/"
    got = provenance(catalogue, f"{ex}g")
    assert (f"{ex}out", PROV.wasDerivedFrom, f"{ex}in") in got
    assert (f"{ex}q", PROV.wasInformedBy, f"{ex}p") in got
    assert (f"{ex}r", PROV.wasInformedBy, f"{ex}q") in got


def test_a_put_computes_derived_statements_when_asked(catalogue: Catalogue) -> None:
    new = content("a", derived=True)
    new.chunks = [
        f"<http://x/p> <{RDF.type}> <{BIOSCHEMAS.LabProcess}> .\n<http://x/p> {OBJECT} <http://x/i> .\n".encode()
    ]
    dataset = catalogue.put(new).dataset
    assert provenance(catalogue, dataset.iri) == {("http://x/p", PROV.used, "http://x/i")}


def provenance(catalogue: Catalogue, graph: str) -> set[tuple[str, str, str]]:
    return {
        (triple.subject.value, triple.predicate.value, triple.object.value)  # type: ignore[union-attr]
        for triple in triples(catalogue, graph)
        if triple.predicate.value.startswith(PROV.iri)
    }


# SPARQL Update


def test_an_update_of_a_dataset_is_a_revision(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    catalogue.put(content("b", "s2"))
    changed = catalogue.update(
        f'INSERT DATA {{ GRAPH <{BASE}id/a> {{ <http://x/n> {NAME} "new" }} }}'
    )
    assert [d.slug for d in changed] == ["a"]
    assert [r.operation for r in catalogue.history("a")] == ["import", "update"]
    assert len(catalogue.history("b")) == 1
    assert "new" in names(union(catalogue))
    assert names(catalogue.diff("a").added) == {"new"}


def test_an_update_that_changes_nothing_is_no_revision(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    assert catalogue.update(f"INSERT DATA {{ GRAPH <{BASE}id/a> {{ {SHARED} }} }}") == ()
    assert len(catalogue.history("a")) == 1


def test_a_variable_graph_is_found_by_comparing(catalogue: Catalogue) -> None:
    for slug in "abc":
        catalogue.put(content(slug, "s1" if slug != "b" else "s2"))
    changed = catalogue.update(f'DELETE WHERE {{ GRAPH ?g {{ ?s {NAME} "s1" }} }}')
    assert {d.slug for d in changed} == {"a", "c"}
    assert "s1" not in names(union(catalogue))


def test_an_unknown_graph_becomes_a_dataset(catalogue: Catalogue) -> None:
    (made,) = catalogue.update(
        f'INSERT DATA {{ GRAPH <http://x.org/y#lab> {{ <http://x> {NAME} "n" }} }}'
    )
    assert (made.iri, made.slug, made.number, made.format) == (
        "http://x.org/y#lab",
        "lab",
        1,
        "rdf",
    )
    assert catalogue.get("http://x.org/y#lab") == made
    assert names(union(catalogue)) == {"n"}


def test_the_default_graph_is_the_dataset_default_for_writing_and_the_union_for_reading(
    catalogue: Catalogue,
) -> None:
    catalogue.put(content("a", "s1"))
    (made,) = catalogue.update(
        f'INSERT {{ ?s {NAME} "from the union" }} WHERE {{ ?s {NAME} "s1" }}'
    )
    assert made.iri == f"{BASE}id/default"
    assert names(triples(catalogue, made)) == {"from the union"}
    catalogue.update(f"DELETE WHERE {{ ?s {NAME} ?o }}")  # only what is in that dataset goes
    assert names(union(catalogue)) == {"in every dataset", "s1"}
    assert catalogue.get("default", removed=True).removed


@pytest.mark.parametrize("operation", ["CLEAR ALL", "DROP ALL", "CLEAR NAMED", "drop silent all"])
def test_everything_can_be_dropped_and_comes_back(catalogue: Catalogue, operation: str) -> None:
    catalogue.put(content("a", "s1"))
    catalogue.put(content("b", "s2"))
    assert {d.slug for d in catalogue.update(operation)} == {"a", "b"}
    assert union(catalogue) == set()
    assert catalogue.list() == []
    catalogue.revert("a", 1)
    assert names(union(catalogue)) == {"in every dataset", "s1"}


@pytest.mark.parametrize(
    "update",
    [
        f"INSERT DATA {{ GRAPH <{BASE}record/a> {{ <http://x> <http://y> 1 }} }}",
        f"DELETE WHERE {{ GRAPH <{BASE}record/a> {{ ?s ?p ?o }} }}",
        "CLEAR GRAPH <urn:fairgraph:system>",
        "INSERT { GRAPH ?g { <http://x> <http://y> 1 } } WHERE { VALUES ?g { <urn:fairgraph:system> } }",
        f"INSERT {{ GRAPH ?g {{ <http://x> <http://y> 1 }} }} WHERE {{ VALUES ?g {{ <{BASE}record/a> }} }}",
        f"INSERT DATA {{ GRAPH <{BASE}ontology/o> {{ <http://x> <http://y> 1 }} }}",
        f"PREFIX r: <{BASE}record/> WITH r:a DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
        f"COPY <{BASE}id/a> TO <{BASE}record/a>",
        f"MOVE <{BASE}record/a> TO <http://x.org/mine>",
        f"BASE <{BASE}record/> DROP GRAPH <a>",
    ],
)
def test_records_and_the_system_graph_cannot_be_updated(catalogue: Catalogue, update: str) -> None:
    catalogue.put(content("a", "s1"))
    before = catalogue.get("a")
    with pytest.raises(QueryError) as caught:
        catalogue.update(update)
    assert caught.value.http_status == 403
    assert catalogue.get("a") == before
    assert "s1" in names(union(catalogue))


def test_a_failing_update_changes_nothing_and_names_the_place(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    with pytest.raises(QueryError) as caught:
        catalogue.update("DROP ALL ;\nINSERT DATA { <http://x> }")
    assert caught.value.where.startswith("update:2:")
    with pytest.raises(QueryError, match="LOAD"):
        catalogue.update("LOAD <http://x.org/>")
    assert "s1" in names(union(catalogue))


def test_an_update_of_a_private_dataset_stays_private(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1", visibility="private"))
    catalogue.update(f'INSERT DATA {{ GRAPH <{BASE}id/a> {{ <http://x> {NAME} "secret" }} }}')
    assert union(catalogue) == set()


D = f"{BASE}id/default"
R = f'FILTER(!STRSTARTS(STR(?g), "{BASE}record/"))'


@pytest.mark.parametrize(
    ("update", "text", "touched"),
    [
        (
            "INSERT DATA { <a:s> <a:p> 1 }",
            f"INSERT DATA {{ GRAPH <{D}> {{ <a:s> <a:p> 1 }}  }}",
            {D},
        ),
        (
            "INSERT DATA { <a:s> <a:p> 1 . GRAPH <a:g> { <a:s> <a:p> 2 } . <a:s> <a:p> 3 . }",
            f"INSERT DATA {{ GRAPH <{D}> {{ <a:s> <a:p> 1 . }}  GRAPH <a:g> {{ <a:s> <a:p> 2 }} . "
            f"GRAPH <{D}> {{ <a:s> <a:p> 3 . }}  }}",
            {D, "a:g"},
        ),
        ("WITH <a:g> DELETE { ?s ?p 1 } WHERE { ?s ?p 1 }", None, {"a:g"}),
        ("PREFIX x: <a:> CREATE GRAPH x:g", None, {"a:g"}),
        (
            "INSERT { GRAPH ?g { ?s ?p 1 } } WHERE { GRAPH ?g { ?s ?p 2 } . ?s ?p 3 }",
            f"INSERT {{ GRAPH ?g {{ ?s ?p 1 }} }} WHERE {{ GRAPH ?g {{ ?s ?p 2 }} {R} . ?s ?p 3 }}",
            None,
        ),
        (
            "DELETE WHERE { ?s ?p 1 . GRAPH ?g { ?s ?p 2 } }",
            f"DELETE {{ GRAPH <{D}> {{ ?s ?p 1 . }}  GRAPH ?g {{ ?s ?p 2 }} }} "
            f"WHERE {{ GRAPH <{D}> {{ ?s ?p 1 . }}  GRAPH ?g {{ ?s ?p 2 }} {R} }}",
            None,
        ),
        ("COPY DEFAULT TO <a:g>", f"COPY SILENT GRAPH <{D}> TO <a:g>", {"a:g"}),
        ("ADD silent default to <a:g>", f"ADD silent GRAPH <{D}> to <a:g>", {"a:g"}),
        ("MOVE DEFAULT TO <a:g>", f"MOVE SILENT GRAPH <{D}> TO <a:g>", {D, "a:g"}),
        (
            "WITH <a:g> DELETE { ?s ?p 1 } WHERE { ?s ?p 1 } ; INSERT DATA { <a:s> <a:p> 2 }",
            f"WITH <a:g> DELETE {{ ?s ?p 1 }} WHERE {{ ?s ?p 1 }} ; INSERT DATA {{ GRAPH <{D}> {{ <a:s> <a:p> 2 }}  }}",
            {D, "a:g"},
        ),
        ("MOVE <a:f> TO GRAPH <a:g>", None, {"a:f", "a:g"}),
        ("ADD <a:g> TO DEFAULT", f"ADD <a:g> TO GRAPH <{D}>", {D}),
        ("CLEAR DEFAULT", f"CLEAR SILENT GRAPH <{D}>", {D}),
        ("DROP ALL", "DROP SILENT GRAPH <a:1> ; DROP SILENT GRAPH <a:2>", {"a:1", "a:2"}),
        ("DELETE DATA { GRAPH <a:g> { <a:s> <a:p> 'GRAPH <a:h> { }' } }", None, {"a:g"}),
    ],
)
def test_an_update_is_read_for_the_graphs_it_writes(
    update: str, text: str | None, touched: set[str] | None
) -> None:
    plan = plan_update(update, BASE, ["a:1", "a:2"])
    assert plan.text == (text or update)
    assert plan.touched == (None if touched is None else frozenset(touched))


# the archive


def test_sorting_in_pieces_gives_the_same_text(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = catalogue.put(content("a", *(f"s{n}" for n in range(100)))).dataset
    with catalogue.store.read() as reader:
        with canonical(reader, dataset.node) as whole:
            lines = list(whole.lines())
        monkeypatch.setattr(sorting, "LINES", 7)
        with canonical(reader, dataset.node) as pieces:
            assert list(pieces.lines()) == lines == sorted(lines)
            assert pieces.sha256 == whole.sha256
            assert pieces.triples == whole.triples == 201


def test_a_damaged_archive_is_told(catalogue: Catalogue) -> None:
    catalogue.put(content("a", "s1"))
    catalogue.put(content("a", "s2"))
    name = archive_name(catalogue.history("a")[0].sha256)
    for damaged in (gzip.compress(b"<http://x> <http://y> 1 <http://z> .\n"), b"\x1f\x8b", b"junk"):
        catalogue.store.forget(name)
        catalogue.store.keep(name, io.BytesIO(damaged))
        with pytest.raises(StoreError, match="damaged"):
            catalogue.revert("a", 1)
    assert names(union(catalogue)) == {"in every dataset", "s2"}
