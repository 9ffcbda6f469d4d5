"""Every query file parses, says what it is, and uses the prefixes of the project; parameters are bound as terms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import Store

from fairgraph import queries, terms
from fairgraph.errors import NotFound, QueryError

QUERIES = queries.catalogue()
SAMPLES = {"iri": "http://example.org/x", "string": 'a "quoted" } word', "integer": 7}
PREFIX = re.compile(r"^PREFIX\s+([\w-]*):\s*<([^>]*)>\s*$", re.MULTILINE)


@pytest.fixture(params=QUERIES.values(), ids=QUERIES)
def query(request: pytest.FixtureRequest) -> queries.Query:
    return request.param


def test_there_are_query_files() -> None:
    assert {"derive/prov", "derive/derivation"} <= set(QUERIES)


def test_a_query_file_parses(query: queries.Query) -> None:
    if query.form == "update":
        Store().update(query.text)
    else:
        text = queries.bind(query, **{param.name: SAMPLES[param.type] for param in query.params})
        Store().query(text, default_graph=[], named_graphs=[])


def test_a_query_file_has_a_complete_header(query: queries.Query) -> None:
    assert query.text.startswith("#+ summary: ")
    assert query.summary
    assert not query.summary.endswith(".")
    assert query.tags


def test_every_parameter_is_a_variable_of_the_query(query: queries.Query) -> None:
    for param in query.params:
        assert re.search(rf"[?$]{param.name}\b", query.text), param.name


def test_the_prefixes_are_ours_sorted_and_used(query: queries.Query) -> None:
    found = PREFIX.findall(query.text)
    names = [name for name, _ in found]
    assert names == sorted(set(names))
    assert {name: terms.PREFIXES.get(name) for name in names} == dict(found)
    body = PREFIX.sub("", query.text)
    assert [name for name in names if not re.search(rf"(?<![\w:]){name}:", body)] == []


def make(text: str) -> queries.Query:
    return queries.parse("test/one", text)


def test_a_header_is_read() -> None:
    query = make(
        "#+ summary: One\n#+ params:\n#+   s: iri\n#+   n: integer = 5\n#+ tags: a, b\n"
        "SELECT * { ?s ?p ?n }"
    )
    assert query.summary == "One"
    assert query.params == (queries.Param("s", "iri"), queries.Param("n", "integer", "5"))
    assert query.tags == ("a", "b")
    assert query.form == "select"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("# SELECT\nCONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "construct"),
        ("PREFIX select: <http://e.org/> ASK { ?s select:x ?o }", "ask"),
        ("WITH <http://e.org/g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "update"),
        ("DESCRIBE <http://e.org/x>", "construct"),
    ],
)
def test_the_form_is_told_by_the_text(text: str, form: str) -> None:
    assert make(text).form == form


def test_a_header_that_is_not_understood_is_refused() -> None:
    with pytest.raises(QueryError, match="test/one:2"):
        make("#+ summary: x\n#+ sumary: y\nSELECT * {}")
    with pytest.raises(QueryError, match="no type"):
        make("#+ params:\n#+   x: float\nSELECT * {}")


def test_values_are_bound_as_terms_and_cannot_break_out() -> None:
    query = make("#+ params:\n#+   v: string\nSELECT ?v { }")
    evil = '") } SELECT * { ?s ?p ?o } #\n\\'
    text = queries.bind(query, v=evil)
    assert [row["v"].value for row in Store().query(text)] == [evil]


def test_a_value_takes_the_place_that_a_query_keeps_for_it() -> None:
    query = make(
        "#+ params:\n#+   a: string\n#+   b: string\n#+   c: string\n"
        "SELECT * { VALUES ?a { UNDEF } VALUES ?b { UNDEF } }"
    )
    values = {"a": "VALUES ?b { UNDEF }", "b": '" } #', "c": "end"}
    text = queries.bind(query, **values)
    assert text.count("UNDEF") == 1  # in the value, which nobody reads again
    assert "VALUES (?c)" in text
    (row,) = Store().query(text)
    assert {name: row[name].value for name in "abc"} == values


def test_a_default_is_taken_and_an_integer_is_an_integer() -> None:
    query = make("#+ params:\n#+   n: integer = 5\nSELECT (?n + 1 AS ?m) { }")
    assert (
        queries.bind(query)
        .rstrip()
        .endswith('VALUES (?n) { ("5"^^<http://www.w3.org/2001/XMLSchema#integer>) }')
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "needs the parameter s"),
        ({"s": "http://e.org/", "x": 1}, "no parameter x"),
        ({"s": "http://e.org/ > {"}, "is no iri"),
        ({"s": "http://e.org/", "n": "many"}, "is no integer"),
    ],
)
def test_wrong_parameters_are_refused(values: dict[str, object], message: str) -> None:
    query = make("#+ params:\n#+   s: iri\n#+   n: integer = 5\nSELECT * { ?s ?p ?n }")
    with pytest.raises(QueryError, match=message):
        queries.bind(query, **values)


def test_a_folder_of_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "derive").mkdir()
    mine = "#+ summary: Mine\n#+ tags: test\nSELECT * { ?s ?p ?o }"
    (tmp_path / "derive" / "prov.rq").write_text(mine)
    (tmp_path / "own.rq").write_text(mine)
    monkeypatch.setenv("FAIRGRAPH_QUERIES", str(tmp_path))
    assert queries.get("derive/prov").summary == "Mine"
    assert queries.get("own").name == "own"
    assert queries.get("derive/derivation").summary != "Mine"


def test_an_unknown_query_is_not_found() -> None:
    with pytest.raises(NotFound, match="nothing/here"):
        queries.get("nothing/here")


def test_a_name_that_no_file_can_have_is_not_found() -> None:
    with pytest.raises(NotFound):
        queries.get("a" * 300)
