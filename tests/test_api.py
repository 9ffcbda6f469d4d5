"""fairgraph from Python: the example of the documentation, the public names, and the examples in docstrings."""

from __future__ import annotations

import csv
import doctest
import importlib
import inspect
import io
import pkgutil
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, Store, parse

import fairgraph
import fairgraph.api
import fairgraph.drafts
from fairgraph import memory
from fairgraph.api import Fairgraph, read_draft
from fairgraph.conversion import convert
from fairgraph.drafts import content_of, origin_of, read_source, recognised
from fairgraph.errors import NotFound, QueryError, UsageError
from fairgraph.exports.export import installed
from fairgraph.report import Report
from fairgraph.store import DEFAULT
from fairgraph.terms import ISA
from support import EXAMPLE

MODULES = [info.name for info in pkgutil.walk_packages(fairgraph.__path__, "fairgraph.")]
IRI = "http://localhost:8000/id/mouse-circadian"


def test_the_example_of_the_documentation_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = []
    with fairgraph.open("fairgraph-data") as fg:
        dataset = fg.add(EXAMPLE).dataset
        assert fg.validate(dataset).conforms
        path = fg.export("samples-csv", dataset).to_path("samples.csv")
        for row in fg.query("browse/samples", dataset=dataset):
            names.append(row["name"].value)
    assert path == Path("samples.csv")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 43
    assert len(names) == 42
    with fairgraph.open("fairgraph-data", create=False) as fg:  # it is there the next time
        assert [found.slug for found in fg.datasets()] == ["mouse-circadian"]


def test_the_package_offers_these_names_and_no_others() -> None:
    assert fairgraph.__all__ == ["Fairgraph", "Run", "__version__", "open"]
    assert all(hasattr(fairgraph, name) for name in fairgraph.__all__)
    assert fairgraph.Fairgraph is Fairgraph
    with pytest.raises(AttributeError, match="nosuch"):
        fairgraph.nosuch  # noqa: B018


def test_the_verbs_are_these() -> None:
    verbs = {
        name for name, _ in inspect.getmembers(Fairgraph, inspect.isfunction) if name[0] != "_"
    }
    assert verbs == {
        "add", "add_ontology", "as_caller", "close", "dataset", "datasets", "diff", "entity", "export", "file", "history", "loss",
        "ontologies", "query", "record_run", "record_score", "remove", "remove_ontology", "revert", "score", "search", "set", "sparql", "terms", "update", "validate", "write_graph",
    }  # fmt: skip


def test_every_public_function_says_what_it_does() -> None:
    silent = []
    for name in MODULES:
        module = importlib.import_module(name)
        for label, thing in vars(module).items():
            mine = getattr(thing, "__module__", None) == name and not label.startswith("_")
            if mine and (inspect.isfunction(thing) or inspect.isclass(thing)) and not thing.__doc__:
                silent.append(f"{name}.{label}")
        assert module.__doc__, name
    assert set(silent) <= {"fairgraph.catalogue.content.joined"}


@pytest.mark.parametrize("name", ["fairgraph", *MODULES])
def test_the_examples_in_docstrings_are_true(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples_in_docstrings() -> None:
    modules = map(importlib.import_module, ["fairgraph", *MODULES])
    finder = doctest.DocTestFinder(exclude_empty=True)
    assert sum(bool(test.examples) for module in modules for test in finder.find(module)) >= 5


def test_an_export_is_the_same_bytes_whichever_way_it_is_taken(
    example: Fairgraph, tmp_path: Path
) -> None:
    for export in installed():
        exported = example.export(export.name, 1)
        whole = exported.to_bytes()
        assert whole
        assert b"".join(exported.stream()) == whole
        assert exported.to_path(tmp_path / exported.file_name).read_bytes() == whole
        stream = io.BytesIO()
        exported.write(stream)
        assert stream.getvalue() == whole
    assert example.export("turtle", 1).to_path(tmp_path).name == "mouse-circadian.ttl"
    assert not list(tmp_path.glob(".*"))


def test_a_format_of_several_files_goes_into_a_folder(example: Fairgraph, tmp_path: Path) -> None:
    exported = example.export("isa-tab", 1)
    with zipfile.ZipFile(io.BytesIO(exported.to_bytes())) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert len(packed) > 3
    for folder in (exported.to_path(tmp_path), exported.to_path(tmp_path / "new"), exported.to_folder(tmp_path / "a.b")):  # fmt: skip
        assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == packed
    with pytest.raises(UsageError, match="one file"):
        example.export("turtle", 1).to_folder(tmp_path)


def test_a_sample_has_the_organism_of_its_source_unless_it_has_its_own(
    memory: Fairgraph, write_tab: Callable[..., Path]
) -> None:
    header = ["Source Name", "Characteristics[organism]", "Protocol REF", "Sample Name", "Characteristics[organism]"]  # fmt: skip
    rows = [["a", "mouse", "collection", "b", ""], ["a", "mouse", "collection", "c", "louse"]]
    memory.add(write_tab([header, *rows]))
    text = memory.export("samples-csv", 1).to_bytes().decode()
    found = {row["sample"]: row["organism"] for row in csv.DictReader(io.StringIO(text))}
    assert found == {"b": "mouse", "c": "louse"}


def test_a_path_that_cannot_be_written_is_said_and_leaves_nothing(
    example: Fairgraph, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="cannot be written") as refused:
        example.export("turtle", 1).to_path(tmp_path / "missing" / "x.ttl")
    assert refused.value.where == str(tmp_path / "missing" / "x.ttl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["turtle", "nquads", "jsonld", "isa-json"])
def test_convert_gives_what_a_store_exports(example: Fairgraph, name: str) -> None:
    output = io.BytesIO()
    report = convert(EXAMPLE, name, output)
    assert isinstance(report, Report)
    assert output.getvalue() == example.export(name, 1).to_bytes()


@pytest.mark.parametrize("name", ["card", "card-json", "dcat", "schema-org"])
def test_convert_says_of_a_dataset_what_a_store_says(example: Fairgraph, name: str) -> None:
    output = io.BytesIO()
    convert(EXAMPLE, name, output)

    def without_times(data: bytes) -> bytes:
        return re.sub(rb"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", b"", data)

    assert without_times(output.getvalue()) == without_times(example.export(name, 1).to_bytes())
    for word in (b"private", b"RESTRICTED", b"requests need a key"):
        assert word not in output.getvalue()


def test_a_dataset_that_is_not_in_the_union_is_public_all_the_same(memory: Fairgraph) -> None:
    source, form = recognised(EXAMPLE, None)
    draft = read_source(source, form, f"{memory.store.base}id/mouse-circadian")
    content = content_of("mouse-circadian", draft, form, origin_of(source, form))
    content.in_union = False
    dataset = memory.catalogue.put(content).dataset
    draft.spool.close()
    assert dataset.public
    with memory.store.read() as reader:
        assert reader.size(DEFAULT) == 0
        assert reader.size(dataset.node) == dataset.counts["triples"]


def test_a_draft_is_what_a_store_holds(example: Fairgraph) -> None:
    with read_draft(EXAMPLE) as draft:
        lines = b"".join(draft.spool.chunks())
        assert draft.title == example.dataset(1).title
    stored = parse(example.export("nquads", 1).to_bytes(), format=RdfFormat.N_QUADS)
    engine = Store()  # it writes 9.0 as 9, as every store does
    engine.load(lines, format=RdfFormat.N_TRIPLES)
    assert {quad.triple for quad in engine} == {quad.triple for quad in stored}


@pytest.mark.parametrize("name", [1, "1", "mouse-circadian", IRI])
def test_a_dataset_is_named_by_number_slug_or_iri(example: Fairgraph, name: str | int) -> None:
    dataset = example.dataset(name)
    assert (dataset.number, dataset.slug, dataset.iri) == (1, "mouse-circadian", IRI)
    assert example.dataset(dataset) is dataset


def test_the_public_does_not_see_what_is_private(example: Fairgraph) -> None:
    private = example.set(1, visibility="private")
    public = example.as_caller("public")
    assert example.datasets()
    assert public.datasets() == []
    everything = "SELECT ?s { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    assert list(public.query(everything)) == []
    assert len(list(example.query(everything))) > 1000
    for ask in (
        lambda: public.dataset(1), lambda: public.export("turtle", 1), lambda: public.entity(IRI),
        lambda: public.query("browse/samples", dataset=1), lambda: public.validate(IRI),
        lambda: public.dataset(private), lambda: public.export("turtle", private), lambda: public.validate(private),
        lambda: public.query("browse/samples", dataset=private), lambda: public.history(IRI), lambda: public.history(private),
        lambda: public.diff(1), lambda: public.diff(private),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            ask()
    for write in (
        lambda: public.remove(1), lambda: public.revert(1, 1), lambda: public.set(1, title="x"),
        lambda: public.update("DROP ALL"), lambda: public.add(EXAMPLE),
    ):  # fmt: skip
        with pytest.raises(UsageError, match="only the owner"):
            write()
    graph = "http://localhost:8000/id/mouse-circadian"
    assert list(public.sparql(everything, graphs=([graph], [graph]))) == []


def test_naming_graphs_narrows_what_is_seen(example: Fairgraph) -> None:
    example.add(EXAMPLE, slug="other")
    count = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/fairgraph/isa#Sample> }"

    def samples(*graphs: str) -> int:
        ((n,),) = list(example.sparql(count, graphs=(graphs, ())))
        return int(n.value)

    other = "http://localhost:8000/id/other"
    assert [samples(), samples(IRI), samples(IRI, other), samples("http://e.org/x")] == [
        0,
        42,
        84,
        0,
    ]


def test_an_answer_knows_its_kind(example: Fairgraph) -> None:
    assert bool(example.query("ASK { ?s ?p ?o }")) is True
    assert bool(example.query("ASK { <x:a> ?p ?o }")) is False
    assert example.query("SELECT ?b ?a { VALUES (?a ?b) { (1 2) } }").variables == ["b", "a"]
    assert example.query("CONSTRUCT { <x:a> <x:b> 1 } {}").is_graph
    for text, form in (("SELECT * {}", "ttl"), ("CONSTRUCT { <x:a> <x:b> 1 } {}", "csv")):
        with example.query(text) as answer, pytest.raises(QueryError, match="formats: "):
            answer.write(io.BytesIO(), form)


def test_an_entity_is_what_is_said_about_it_and_what_leads_to_it(example: Fairgraph) -> None:
    study = f"{IRI}/study/mouse-circadian-light"
    about, leading = example.entity(study)
    record = "http://localhost:8000/record/mouse-circadian"
    assert {found.graph for found in about} == {IRI, record}
    counts = {(found.property.rpartition("/")[2], found.graph): found.count for found in about}
    assert counts["name", IRI] == 1
    assert counts["ns#number", record] == 1
    assert counts["isa#sample", IRI] == 24
    assert [found.property for found in leading] == ["http://schema.org/hasPart"]
    rows = example.query("browse/objects", node=study, predicate=f"{ISA.sample}")
    assert len({row["object"].value for row in rows}) == 24


def test_a_write_that_fails_leaves_what_was(
    memory: Fairgraph, write_tab: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    header = ["Source Name", "Protocol REF", "Sample Name"]
    dataset = memory.add(write_tab([header, ["a", "collection", "b"]])).dataset
    before = memory.export("nquads", dataset).to_bytes()
    folder = write_tab([header, ["a", "collection", "c"]])
    (folder / "s_one.txt").write_bytes(b"\0")
    with pytest.raises(Exception, match="NUL"):
        memory.add(folder)
    assert memory.export("nquads", dataset).to_bytes() == before
    assert len(memory.history(dataset)) == 1


def test_a_conversion_goes_to_disk_where_memory_is_short(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[str] = []
    original = fairgraph.drafts.open_store

    def watch(path: str | Path, **options: str) -> Any:
        opened.append(str(path))
        return original(path, **options)

    monkeypatch.setattr(fairgraph.drafts, "open_store", watch)
    monkeypatch.setattr(fairgraph.drafts, "MEMORY_TRIPLES", 10)
    results = []
    for total in (0, 1 << 40):
        monkeypatch.setattr("fairgraph.memory.total", lambda total=total: total)
        convert(EXAMPLE, "nquads", tmp_path / f"{total}.nq")
        results.append((tmp_path / f"{total}.nq").read_bytes())
    assert opened[0] != "memory:"
    assert opened[1] == "memory:"
    assert results[0] == results[1]


def test_the_memory_of_the_machine_is_known() -> None:
    assert memory.total() > 1 << 26


def test_a_table_is_of_those_datasets_that_are_named(memory: Fairgraph, tmp_path: Path) -> None:
    first = memory.add(EXAMPLE).dataset
    other = memory.add(EXAMPLE.with_name("mouse-circadian-isa.json"), slug="other").dataset
    third = memory.add(EXAMPLE.with_name("mouse-circadian-isa.json"), slug="third").dataset
    rows = [memory.export("samples-csv", name).to_bytes().splitlines() for name in (first, other)]
    both = memory.export("samples-csv", [first, other.number, "other"]).to_bytes().splitlines()
    assert sorted(both[1:]) == sorted([*rows[0][1:], *rows[1][1:]])
    assert third.iri.encode() not in b"".join(both)


def test_a_table_that_cannot_be_limited_says_so(memory: Fairgraph) -> None:
    dataset = memory.add(EXAMPLE).dataset
    with pytest.raises(UsageError, match="of all samples"):
        memory.export("samples-csv", dataset, samples="SELECT ?s { ?s ?p ?o }")
    with pytest.raises(UsageError, match="one dataset"):
        memory.export("isa-json", [dataset, memory.add(EXAMPLE, slug="twice").dataset])
