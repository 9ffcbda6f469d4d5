"""RDF in and out: what fairgraph exports comes back triple by triple; other graphs are read, broken ones refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.errors import SourceError, UsageError
from fairgraph.report import Finding
from support import EXAMPLE

IRI = "http://localhost:8000/id/mouse-circadian"
FORMATS = ("turtle", "nquads", "jsonld")
CORPUS_NAMES = [
    "tab/BII-I-1", "tab/BII-S-3", "tab/altamisa_test_gelelect", "tab/linkedISA_GWAS-E-GEOD-11948-corrected-with-publication",
    "tab/tests_TEST-ISA-charac-param-factor", "tab/sdl_sdata20141", "tab/mu_MTBLS398", "json/master_BII-S-3/BII-S-3.json",
]  # fmt: skip


def triples(fg: Fairgraph, dataset: object) -> set[Triple]:
    data = fg.export("nquads", dataset).to_bytes()  # type: ignore[arg-type]
    return {quad.triple for quad in parse(data, format=RdfFormat.N_QUADS)}


def moved(found: set[Triple], old: str, new: str) -> set[Triple]:
    def move(term: NamedNode | Literal) -> NamedNode | Literal:
        inside = isinstance(term, NamedNode) and re.match(f"{re.escape(old)}(/|$)", term.value)
        return NamedNode(new + term.value[len(old) :]) if inside else term

    return {Triple(*(move(term) for term in triple)) for triple in found}


def comes_back(fg: Fairgraph, tmp_path: Path, name: str) -> None:
    """Export dataset 1 and import it: under its slug, under another one, and where IRIs begin in another way."""
    dataset = fg.dataset(1)
    path = fg.export(name, dataset).to_path(tmp_path)
    expected = triples(fg, dataset)
    with fairgraph.open("memory:") as same:
        added = same.add(path)
        assert added.dataset.format == "rdf"
        assert (added.dataset.slug, added.dataset.title) == (dataset.slug, dataset.title)
        assert triples(same, 1) == expected
        assert added.dataset.counts == dataset.counts
        assert same.export(name, 1).to_bytes() == path.read_bytes()
    new = added.dataset.iri.replace(dataset.slug, "another")
    with fairgraph.open("memory:") as renamed:
        renamed.add(path, slug="another")
        assert triples(renamed, "another") == moved(expected, dataset.iri, new)
        assert renamed.dataset(1).title == dataset.title
    with fairgraph.open("memory:", base="https://data.example.org/x/") as elsewhere:
        elsewhere.add(path)
        new = f"https://data.example.org/x/id/{dataset.slug}"
        assert triples(elsewhere, 1) == moved(expected, dataset.iri, new)


@pytest.mark.parametrize("name", FORMATS)
def test_the_example_comes_back(example: Fairgraph, tmp_path: Path, name: str) -> None:
    comes_back(example, tmp_path, name)


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("source", CORPUS_NAMES, ids=lambda source: Path(source).name)
def test_real_data_come_back(
    memory: Fairgraph, corpus: Path, tmp_path: Path, source: str, name: str
) -> None:
    memory.add(corpus / "isa" / source)
    comes_back(memory, tmp_path, name)


@pytest.mark.parametrize("name", FORMATS)
def test_what_comes_back_exports_as_the_original_does(
    example: Fairgraph, tmp_path: Path, name: str
) -> None:
    path = example.export(name, 1).to_path(tmp_path)
    with fairgraph.open("memory:") as again:
        again.add(path)
        assert again.export("isa-json", 1).to_bytes() == example.export("isa-json", 1).to_bytes()
        assert again.validate(1).conforms


def test_an_export_beside_its_original_is_another_dataset(
    example: Fairgraph, tmp_path: Path
) -> None:
    path = example.export("turtle", 1).to_path(tmp_path)
    added = example.add(path)
    assert added.dataset.slug == "mouse-circadian-2"
    assert "slug-taken" in {finding.rule for finding in added.report}
    assert triples(example, 2) == moved(triples(example, 1), IRI, added.dataset.iri)


def test_an_export_of_what_was_edited_comes_back_too(example: Fairgraph, tmp_path: Path) -> None:
    insert = f'INSERT DATA {{ GRAPH <{IRI}> {{ <{IRI}> <http://schema.org/keywords> "a\\nb\\t\\"c\\"\\\\"@en-GB , 1.50 , "x"^^<http://e.org/t> , <http://e.org/é> }} }}'
    example.update(insert)
    for name in FORMATS:
        comes_back(example, tmp_path, name)


def test_a_zip_of_nothing_but_turtle_is_not_guessed_at(tmp_path: Path, memory: Fairgraph) -> None:
    (tmp_path / "two").mkdir()
    for name in ("a.ttl", "b.ttl"):
        (tmp_path / "two" / name).write_text("<x:a> <x:b> 1 .", encoding="utf-8")
    with pytest.raises(SourceError, match="no format"):
        memory.add(tmp_path / "two")


# -- other graphs ----------------------------------------------------------------------------------------------------


@pytest.fixture
def add(memory: Fairgraph, tmp_path: Path) -> Callable[..., set[Triple]]:
    """Import a text as a file of this name; what is stored then."""

    def add_text(name: str, text: str) -> set[Triple]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return triples(memory, memory.add(path).dataset)

    return add_text


Add = Callable[..., set[Triple]]
E, G = "http://example.org/", "http://example.org/g"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("f.ttl", f"@prefix e: <{E}> . e:s e:p 'o'@en ."),
        ("f.nt", f"<{E}s> <{E}p> 'o'@en .".replace("'", '"')),
        ("f.nq", f"<{E}s> <{E}p> 'o'@en <{G}> .".replace("'", '"')),
        ("f.trig", f"@prefix e: <{E}> . e:g {{ e:s e:p 'o'@en }}"),
        ("f.jsonld", f'{{"@id": "{E}s", "{E}p": {{"@value": "o", "@language": "en"}}}}'),
        ("f.rdf", f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="{E}"><rdf:Description rdf:about="{E}s"><e:p xml:lang="en">o</e:p></rdf:Description></rdf:RDF>'),
        ("F.TTL", f"<{E}s> <{E}p> 'o'@en ."),
    ],
    ids=lambda value: value if len(value) < 10 else "",
)  # fmt: skip
def test_a_foreign_graph_is_read_in_any_notation(add: Add, name: str, text: str) -> None:
    assert add(name, text) == {Triple(NamedNode(f"{E}s"), NamedNode(f"{E}p"), Literal("o", language="en"))}  # fmt: skip


def test_a_foreign_dataset_gets_the_iri_that_it_has_here(add: Add, memory: Fairgraph) -> None:
    text = f'<{G}> a <https://w3id.org/fairgraph/isa#Investigation> ; <http://schema.org/name> "T" ; <{E}p> <{G}/x>, <{G}x> .'
    found = add("f.ttl", text)
    new = "http://localhost:8000/id/f"
    ends = {triple.object for triple in found if triple.predicate.value == f"{E}p"}
    assert {triple.subject.value for triple in found} == {new}
    assert ends == {NamedNode(f"{new}/x"), NamedNode(f"{G}x")}, (
        "an IRI that only begins alike stays"
    )
    assert memory.dataset("f").title == "T"


def test_relative_iris_are_of_the_dataset(add: Add) -> None:
    first, second = (add(name, "<a> <b> <#c> .") for name in ("one.ttl", "two.ttl"))
    base = "http://localhost:8000/id/one/"
    assert first == {Triple(NamedNode(f"{base}a"), NamedNode(f"{base}b"), NamedNode(f"{base}#c"))}
    assert not first & second


def test_what_follows_from_a_graph_is_computed(add: Add) -> None:
    text = f"<{E}p> a <https://bioschemas.org/LabProcess> ; s:object <{E}a> ; s:result <{E}b> ."
    found = add("f.ttl", f"@prefix s: <http://schema.org/> . {text}")
    derived = NamedNode("http://www.w3.org/ns/prov#wasDerivedFrom")
    assert Triple(NamedNode(f"{E}b"), derived, NamedNode(f"{E}a")) in found


def test_blank_nodes_become_iris_of_the_dataset(add: Add) -> None:
    first = add("one.ttl", f"_:x <{E}p> [ <{E}q> 1 ] .")
    second = add("two.ttl", f"_:x <{E}p> [ <{E}q> 1 ] .")
    nodes = {t.subject for t in first} | {t.object for t in first}
    assert not any(isinstance(node, BlankNode) for node in nodes)
    assert not {t.subject for t in first} & {t.subject for t in second}
    assert len(first) == 2


def test_importing_again_gives_the_same_blank_nodes(memory: Fairgraph, tmp_path: Path) -> None:
    path = tmp_path / "f.ttl"
    path.write_text(f"<{E}s> <{E}p> [ <{E}q> 1 ] .", encoding="utf-8")
    before = triples(memory, memory.add(path).dataset)
    path.write_text(f"<{E}s> <{E}p> [ <{E}q> 1 ] . # changed", encoding="utf-8")
    added = memory.add(path)
    assert triples(memory, added.dataset) == before
    assert not added.changed


def test_a_context_that_would_have_to_be_fetched_is_refused(add: Add) -> None:
    with pytest.raises(SourceError) as refused:
        add(
            "f.jsonld",
            '{"@context": "http://example.org/c.jsonld", "@id": "http://e.org/s", "p": 1}',
        )
    assert "f.jsonld" in refused.value.where


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("f.ttl", "<x:a> <x:b> 1 .\n<x:a> nonsense 2 .\n", "f.ttl:2:"),
        ("f.nt", '<x:a> <x:b> "1" .\n<x:a> <x:b> "2 .\n', "f.nt:2:"),
        ("f.nq", "<x:a> <x:b> <c d> .\n", "f.nq:1:"),
        ("f.trig", "@prefix e: <x:> .\n\ne:g { e:s e:p }\n", "f.trig:3:"),
        ("f.jsonld", '{"@id": "x:a",\n "x:b": }\n', "f.jsonld:2:"),
        ("f.rdf", "<rdf:RDF\n>", "f.rdf:"),
        ("f.ttl", "# nothing\n", "f.ttl:1:1"),
    ],
)
def test_a_graph_that_cannot_be_parsed_is_refused_with_line_and_column(
    add: Add, memory: Fairgraph, name: str, text: str, where: str
) -> None:
    with pytest.raises(SourceError) as refused:
        add(name, text)
    assert re.fullmatch(rf"{re.escape(where)}\d*(:\d+)?", refused.value.where)
    assert memory.datasets() == []


@pytest.mark.parametrize(
    "text",
    [f"<x:a> <x:b> <x:c> <{G}> .\n<x:a> <x:b> <x:c> <{G}2> .\n", f"<x:a> <x:b> <x:c> .\n<x:a> <x:b> <x:d> <{G}> .\n"],
    ids=["two named", "default and named"],
)  # fmt: skip
def test_several_graphs_are_refused(add: Add, memory: Fairgraph, text: str) -> None:
    with pytest.raises(SourceError, match="more than one graph") as refused:
        add("f.nq", text)
    assert refused.value.where == "f.nq"
    assert memory.datasets() == []


def test_an_export_names_its_graph_in_nquads_and_jsonld_only(example: Fairgraph) -> None:
    for name, form in (("nquads", RdfFormat.N_QUADS), ("jsonld", RdfFormat.JSON_LD)):
        quads: list[Quad] = list(parse(example.export(name, 1).to_bytes(), format=form))
        assert {quad.graph_name for quad in quads} == {NamedNode(IRI)}
    turtle = parse(example.export("turtle", 1).to_bytes(), format=RdfFormat.TURTLE)
    assert {quad.triple for quad in turtle} == triples(example, 1)


def test_the_files_of_the_example_are_read_without_touching_them(memory: Fairgraph) -> None:
    before = {path: path.stat().st_mtime_ns for path in EXAMPLE.iterdir()}
    memory.add(EXAMPLE)
    assert {path: path.stat().st_mtime_ns for path in EXAMPLE.iterdir()} == before


# -- nothing vanishes ------------------------------------------------------------------------------------------------


Found = Callable[[str, str], list[Finding]]


@pytest.fixture
def found(memory: Fairgraph, tmp_path: Path) -> Found:
    """Import a text as a file of this name; what was found then."""

    def add_text(name: str, text: str) -> list[Finding]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return list(memory.add(path).report)

    return add_text


X = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("datatype", "text", "stored"),
    [
        ("integer", "007", "7"),
        ("decimal", "50.10", "50.1"),
        ("decimal", "-0.0", "0"),
        ("boolean", "1", "true"),
        ("dateTime", "2020-01-01T00:00:00+00:00", "2020-01-01T00:00:00Z"),
        ("dateTime", "2020-01-01T24:00:00Z", "2020-01-02T00:00:00Z"),
        ("double", "1e400", "INF"),
        ("duration", "P1Y12M", "P2Y"),
    ],
)
def test_a_literal_in_another_spelling_is_found(
    found: Found, datatype: str, text: str, stored: str
) -> None:
    typed = f'"{text}"^^<{X}{datatype}>'
    (finding,) = found("f.ttl", f"<{E}s> <{E}p> {typed} . <{E}t> <{E}p> {typed} .")
    assert finding.rule == "rdf-rewritten"
    assert f"such as {text} as {stored}" in finding.message
    assert (finding.where, finding.path, finding.value) == (f"{E}s", f"{E}p", text)
    assert finding.count == 2


@pytest.mark.parametrize(
    ("datatype", "text", "kept"),
    [
        ("int", "7", "integer"),
        ("negativeInteger", "-5", "integer"),
        ("unsignedByte", "007", "integer"),
        ("dateTimeStamp", "2020-01-01T00:00:00Z", "dateTime"),
    ],
)
def test_a_literal_of_another_type_is_found(
    found: Found, memory: Fairgraph, datatype: str, text: str, kept: str
) -> None:
    (finding,) = found("f.ttl", f'<{E}s> <{E}p> "{text}"^^<{X}{datatype}> .')
    assert (finding.rule, finding.value) == ("rdf-rewritten", text)
    assert f"values of xsd:{datatype} are kept as xsd:{kept}, such as {text}" in finding.message
    (triple,) = triples(memory, 1)
    assert triple.object.datatype.value == f"{X}{kept}"  # type: ignore[union-attr]


def test_one_finding_for_each_datatype(found: Found) -> None:
    text = f'<{E}s> <{E}p> "01"^^<{X}integer>, "02"^^<{X}integer>, "1.0"^^<{X}decimal> .'
    assert sorted(finding.count for finding in found("f.ttl", text)) == [1, 2]


@pytest.mark.parametrize(
    ("datatype", "text"),
    [
        ("integer", "0"), ("integer", "-12"), ("integer", "x7"), ("integer", "123456789012345678901234567890"),
        ("decimal", "0.5"), ("decimal", "-0.05"), ("decimal", "17"), ("boolean", "true"), ("date", "2020-01-31"),
        ("dateTime", "2020-01-01T00:00:00Z"), ("string", "007"), ("token", "a"), ("double", "0.5"),
    ],
)  # fmt: skip
def test_a_literal_that_is_kept_is_no_finding(
    found: Found, memory: Fairgraph, datatype: str, text: str
) -> None:
    assert found("f.ttl", f'<{E}s> <{E}p> "{text}"^^<{X}{datatype}> .') == []
    (triple,) = triples(memory, 1)
    assert triple.object.value == text  # type: ignore[union-attr]


def rules(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.where.partition("#")[2]) for finding in findings]


CONTEXT = f'"@context": {{"n": "{E}n", "see": {{"@id": "{E}see", "@type": "@id"}}, "id": "@id", "type": "@type"}}'


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ('"@id": "http://a b/", "n": "x"', [("rdf-iri-encoded", "/@id")]),
        ('"id": "http://a b/", "n": "x"', [("rdf-iri-encoded", "/id")]),
        ('"type": ["http://a b/", "urn:T"], "n": "x"', [("rdf-iri-encoded", "/type/0")]),
        ('"@id": "urn:s", "n": "x", "other": "y"', [("rdf-lost", "/other")]),
        ('"@id": "urn:s", "n": "x", "other": ["y", {"n": 1}, {"deep": true}]', [("rdf-lost", "/other/0"), ("rdf-lost", "/other/1/n"), ("rdf-lost", "/other/2/deep")]),
        ('"@id": "urn:s", "n": "x", "a/b~c": 5', [("rdf-lost", "/a~1b~0c")]),
        ('"@id": "urn:s", "see": "x y"', [("rdf-lost", "/see")]),
        ('"@id": "urn:s", "n": {"@value": "x", "@language": "bad tag"}', [("rdf-lost", "/n/@value")]),
        ('"@id": "urn:s", "n": {"@value": "x", "@index": "i"}', [("rdf-lost", "/n/@index")]),
        ('"@id": "urn:s", "n": {"@id": "http://[", "n": "x", "@type": "urn:T"}', [("rdf-lost", "/n")]),
        ('"@graph": [{"@id": "http://a b/", "n": "y", "k": "z"}]', [("rdf-iri-encoded", "/@graph/0/@id"), ("rdf-lost", "/@graph/0/k")]),
        ('"@id": "urn:s", "n": "x", "_:p": "y"', [("rdf-lost", "/_:p")]),
        ('"@id": "urn:s", "n": ["a", 1.0, 2, 50.10]', [("rdf-rewritten", "/n/1")]),
    ],
)  # fmt: skip
def test_what_json_ld_would_drop_is_kept_or_found(
    found: Found, members: str, expected: list[tuple[str, str]]
) -> None:
    extra = ', "@included": [{"@id": "urn:kept", "n": "kept"}]' if "@graph" not in members else ""
    got = found("f.jsonld", f"{{{CONTEXT}, {members}{extra}}}")
    assert sorted(rules(got)) == sorted(expected)


def test_an_object_whose_id_has_a_space_is_kept(add: Add) -> None:
    text = f'{{{CONTEXT}, "@graph": [{{"@id": "http://a b/", "n": "x"}}, {{"@id": "urn:t", "see": {{"@id": "http://a b/"}}}}]}}'
    node = NamedNode("http://a%20b/")
    assert add("f.jsonld", text) == {
        Triple(node, NamedNode(f"{E}n"), Literal("x")),
        Triple(NamedNode("urn:t"), NamedNode(f"{E}see"), node),
    }


@pytest.mark.parametrize(
    "members",
    [
        '"n": ["a", true, 2, 1.5, null, [], {"@list": ["b", {"@set": [3]}]}, {"n": "deep"}]',
        '"see": ["urn:x", "http://e.org:80", "rel", "http://e.org/#a", "", {"@id": "_:b"}, "_:b"]',
        '"n": {"@value": "x", "@language": "en", "@direction": "rtl"}',
        f'"n": {{"@value": "5", "@type": "{X}integer"}}, "type": "Thing"',
        '"n": {"@context": {"k": "http://k/"}, "k": "scoped"}',
        '"n": {"@context": {"k": {"@id": "http://k/", "@container": "@language"}}, "k": {"en": "a", "de": ["b"]}}',
        '"n": {"@context": {"k": {"@id": "http://k/", "@type": "@json"}}, "k": {"@id": "ab", "x": [1.0]}}',
        '"n": {"@context": {"k": {"@reverse": "http://k/"}}, "k": {"@id": "urn:r", "n": "x"}}',
        '"n": {"@context": {"k": {"@id": "http://k/", "@container": "@index"}}, "k": {"i": "a"}}',
        '"n": {"@context": {"k": "@nest", "@vocab": "http://v/"}, "k": {"xy": "nested"}, "free": 1}',
        '"n": {"@context": {"T": {"@id": "urn:T", "@context": {"k": "http://k/"}}}, "@type": "T", "k": "typed"}',
        '"n": "twice", "n": "again"',
    ],
)  # fmt: skip
def test_what_json_ld_keeps_is_no_finding(found: Found, members: str) -> None:
    got = found("f.jsonld", f'{{{CONTEXT}, "@id": "urn:s", {members}}}')
    assert [finding for finding in got if finding.rule != "rdf-rewritten"] == []


def test_what_is_exported_as_json_ld_is_no_finding(example: Fairgraph, tmp_path: Path) -> None:
    path = example.export("jsonld", 1).to_path(tmp_path)
    with fairgraph.open("memory:") as other:
        assert list(other.add(path).report) == []


def test_a_base_direction_survives(example: Fairgraph, tmp_path: Path) -> None:
    example.update(
        f'INSERT DATA {{ GRAPH <{IRI}> {{ <{IRI}> <{E}p> "x"@en--ltr , "y"@ar--rtl , "x"@en }} }}'
    )
    for name in FORMATS:
        comes_back(example, tmp_path, name)
    assert b'"@direction":"rtl"' in example.export("jsonld", 1).to_bytes()


def test_a_triple_term_is_exported_or_refused_with_a_reason(add: Add, memory: Fairgraph) -> None:
    stored = add("f.ttl", f'<{E}s> <{E}p> <<( <{E}s> <{E}q> "x" )>> .')
    assert len(stored) == 1
    assert b"<<(" in memory.export("turtle", 1).to_bytes()
    with pytest.raises(UsageError, match="triple term") as refused:
        memory.export("jsonld", 1).to_bytes()
    assert "nquads" in refused.value.hint


def test_a_triple_term_with_a_blank_node_is_refused(add: Add) -> None:
    with pytest.raises(SourceError, match="triple term"):
        add("f.ttl", f'<{E}s> <{E}p> <<( _:b <{E}q> "x" )>> .')


def test_a_triple_term_moves_with_its_dataset(add: Add) -> None:
    text = f"<{G}> a <https://w3id.org/fairgraph/isa#Investigation> ; <{E}p> <<( <{G}/x> <{E}q> <{G}> )>> ."
    terms = [t.object for t in add("f.ttl", text) if isinstance(t.object, Triple)]
    new = "http://localhost:8000/id/f"
    assert terms == [Triple(NamedNode(f"{new}/x"), NamedNode(f"{E}q"), NamedNode(new))]
