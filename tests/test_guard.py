"""SERVICE and LOAD are refused however they are written, and only they; blank nodes become IRIs."""

from __future__ import annotations

import contextlib
import time

import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Store, Triple, parse

from fairgraph.errors import QueryError
from fairgraph.store.guard import (
    may_make_blank_nodes,
    refuse_glued,
    refuse_network,
    skolemise,
    skolemise_lines,
    tokens,
)

BASE = "http://localhost:8000/"

GOES_OUT = {
    "plain": "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }",
    "mixed case": "select * { sErViCe <http://example.org/> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT ?where { ?s ?p ?o } }",
    "escaped": r"SELECT * { SERV\u0049CE <http://example.org/> { ?s ?p ?o } }",
    "escaped long": r"SELECT * { \U00000053ERVICE <http://example.org/> {} }",
    "no spaces": "SELECT*{SERVICE<http://example.org/>{?s ?p ?o}}",
    "sub-select": "SELECT * { { SELECT ?s { ?s ?p ?o . SERVICE <http://e.org/> { ?s ?q ?r } } } }",
    "exists": "ASK { ?s ?p ?o FILTER EXISTS { SERVICE <http://e.org/> { ?s ?p ?o } } }",
    "after a comment": "SELECT * { # nothing here\nSERVICE <http://e.org/> { ?s ?p ?o } }",
    "after a sign in an IRI": "SELECT * { ?s <http://e.org/#x> ?o . SERVICE <http://e.org/> {} }",
    "after a string": "SELECT * { ?s ?p 'it''s' . SERVICE <http://e.org/> {} }",
    "after an escaped quote": r'SELECT * { ?s ?p "a\"b" . SERVICE <http://e.org/> {} }',
    "after a long string": '''SELECT * { ?s ?p """a "quoted" word""" . SERVICE <http://e.org/> {} }''',
    "after an empty string": 'SELECT * { ?s ?p "" . SERVICE <http://e.org/> {} } #"',
    "quote hidden by an escape": r'SELECT * { ?s ?p "a\u0022" . SERVICE <http://e.org/> {} } #"',
    "less than": "SELECT * { FILTER(?a<?b) SERVICE <http://e.org/> {} FILTER(?c>?d) }",
    "after a number": "SELECT * { ?s ?p 1 SERVICE <http://e.org/> {} }",
    "glued to a number": "SELECT * { ?s ?p 1SERVICE <http://e.org/> {} }",
    "after a prefixed name": "SELECT * { ?s ex:p ex:o. SERVICE <http://e.org/> {} }",
    "after a language": "SELECT * { ?s ?p 'x'@en SERVICE <http://e.org/> {} }",
    "broken off": "SELECT * { SERVICE",
    "load": "LOAD <http://example.org/data.ttl>",
    "load into": "load silent <http://example.org/data.ttl> INTO GRAPH <http://example.org/g>",
    "second operation": "INSERT DATA { <http://a> <http://b> 'LOAD' } ; LOAD <http://e.org/x>",
    "escaped load": r"L\u004fAD <http://example.org/x>",
    "load at once after a bracket": "CLEAR ALL;LOAD<http://e.org/x>",
}

STAYS = {
    "variable": "SELECT ?service $load { ?service ?p $load }",
    "prefixed name": "PREFIX ex: <http://e.org/> SELECT * { ex:load ex:SERVICE ?o }",
    "prefix": "PREFIX service: <http://e.org/> SELECT * { ?s service:x ?o }",
    "empty prefix": "PREFIX : <http://e.org/> SELECT * { ?s :SERVICE ?o }",
    "dots": "PREFIX a: <http://e.org/> SELECT * { ?s a:b.SERVICE ?o }",
    "dashes": "PREFIX a: <http://e.org/> SELECT * { ?s a:b-SERVICE ?o }",
    "escaped local": r"PREFIX a: <http://e.org/> SELECT * { ?s a:b\.SERVICE ?o }",
    "string": 'SELECT * { ?s ?p "SERVICE <http://e.org/>" }',
    "single quoted": "SELECT * { ?s ?p 'LOAD' }",
    "long string": "SELECT * { ?s ?p '''it's\na SERVICE''' }",
    "long double": 'SELECT * { ?s ?p """say "LOAD" """ }',
    "escaped quote": r'SELECT * { ?s ?p "a\" SERVICE " }',
    "iri": "SELECT * { ?s <http://example.org/SERVICE> <http://e.org/#LOAD> }",
    "comment": "SELECT * { ?s ?p ?o } # LOAD this, SERVICE that",
    "comment between": "SELECT * { # SERVICE <http://e.org/>\n ?s ?p ?o }",
    "blank node": "SELECT * { _:SERVICE ?p ?o }",
    "longer word": "SELECT (COUNT(*) AS ?services) { ?s ?p ?o }",
    "language": "SELECT * { ?s ?p 'x'@load }",
}


@pytest.mark.parametrize("query", GOES_OUT.values(), ids=GOES_OUT)
def test_what_goes_out_to_the_network_is_refused(query: str) -> None:
    with pytest.raises(QueryError, match=r"SERVICE|LOAD"):
        refuse_network(query)


@pytest.mark.parametrize("query", STAYS.values(), ids=STAYS)
def test_what_only_looks_like_it_passes_and_is_a_query(query: str) -> None:
    refuse_network(query)
    Store().query(query)  # these are queries that the engine takes, so passing them matters


def test_the_place_of_the_keyword_is_named() -> None:
    with pytest.raises(QueryError) as caught:
        refuse_network("SELECT * {\n  SERVICE <http://example.org/> {} }")
    assert caught.value.where == "query:2:3"


def lines(text: str) -> set[str]:
    return set(b"".join(skolemise_lines([text.encode()], BASE)).decode().splitlines())


def test_a_blank_node_gets_the_same_iri_whatever_its_label() -> None:
    first = lines('_:a <http://e.org/p> "1" .\n<http://e.org/s> <http://e.org/q> _:a .\n')
    second = lines('_:zz <http://e.org/p> "1" .\n<http://e.org/s> <http://e.org/q> _:zz .\n')
    assert first == second
    assert len(first) == 2
    assert all(f"<{BASE}.well-known/genid/" in line for line in first)


def test_blank_nodes_with_different_descriptions_stay_apart() -> None:
    got = lines('_:a <http://e.org/p> "1" .\n_:b <http://e.org/p> "2" .\n')
    assert len({line.split()[0] for line in got}) == 2


def test_blank_nodes_that_nothing_tells_apart_are_not_merged() -> None:
    got = lines(
        "<http://e.org/s> <http://e.org/p> _:a .\n<http://e.org/s> <http://e.org/p> _:b .\n"
    )
    assert len(got) == 2


def test_a_chain_of_blank_nodes_is_told_apart_by_its_end() -> None:
    chain = [f"_:n{i} <http://e.org/next> _:n{i + 1} ." for i in range(20)]
    got = lines("\n".join([*chain, '_:n20 <http://e.org/p> "end" .']))
    assert len({line.split()[0] for line in got}) == 21


def test_a_blank_node_is_one_node_across_chunks() -> None:
    chunks = [b'_:a <http://e.org/p> "1" .\n', b'_:a <http://e.org/p> "2" .\n']
    got = b"".join(skolemise_lines(chunks, BASE)).decode().split("\n")
    assert len({line.split()[0] for line in got if line}) == 1


def test_text_that_looks_like_a_blank_node_is_left_alone() -> None:
    text = '<http://e.org/s> <http://e.org/p> "say _:a here" .\n'
    assert lines(text) == {text.strip()}


def test_skolemised_triples_hold_no_blank_node() -> None:
    triples = [Triple(BlankNode("x"), NamedNode("http://e.org/p"), BlankNode("y"))]
    (triple,) = skolemise(triples, BASE)
    assert isinstance(triple.subject, NamedNode)
    assert isinstance(triple.object, NamedNode)
    assert triple.subject != triple.object
    assert list(parse(f"{triple} .".encode(), format=RdfFormat.N_TRIPLES))


@pytest.mark.parametrize(
    "text",
    [
        "a." * 100_000, "a.a-" * 50_000, "a:" + "." * 200_000, "a" + "." * 200_000, "a:b." * 50_000, "'''\n" + "\\'''\n" * 40_000,
        "'" + "\\'" * 100_000, '"""a"' + "\\\"\"\"a\"" * 30_000, "'" * 200_000, "<a" * 100_000, "'\"\"\"\\" * 40_000, "a:\\" * 60_000,
        "'''" + "'x" * 100_000, "@a-" * 60_000, "_:" + "a." * 100_000, "·" * 100_000,
    ],
    ids=lambda text: ascii(text[:8]),
)  # fmt: skip
def test_a_long_text_is_read_once(text: str) -> None:
    # What is looked at again for every letter takes minutes here, what is read once a tenth of a second.
    began = time.process_time()
    assert list(tokens(text))
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "before",
    [
        "?s ?p '", '?s ?p "', "?s ?p '''", '?s ?p """x', r'?s ?p "\u0022" . <http://a\u0041' + "'b> ?p ?o .",
        r'?s ?p "\u0022#" . <http://a\u0041' + "'b#c> ?p ?o .", "?s ?p '''a'\\'''a'", "# don't\n", "'a\nb'",
    ],
)  # fmt: skip
def test_a_quotation_mark_that_is_not_closed_hides_nothing(before: str) -> None:
    with pytest.raises(QueryError, match="SERVICE"):
        refuse_network(f"SELECT * {{ {before} SERVICE <http://a/> {{ }} }}")


GLUED = [
    "SELECT * { SERVICESILENT<http://a/>{} }", "PREFIX x:<http://a/> SELECT * { SERVICEx:{} }", "PREFIX x:<http://a/> SELECT * { SERVICESILENTx:{} }",
    "SELECT * { ?s ?p trueSERVICE<http://a/>{} }", "SELECT * { ?s ?p 5e0SERVICE<http://a/>{} }", "SELECT * { ?s ?p 1.0E1SERVICE<http://a/>{} }",
    "PREFIX : <urn:> SELECT * { ?s ?p :a.b.SERVICE<http://a/>{} }",
    "PREFIX x:<http://a/> SELECT * { ?s ?p trueSERVICEx:{} }",
    "PREFIX SERVICEx: <urn:> PREFIX x: <http://a/> SELECT * { SERVICEx:{} }", "PREFIX a.b: <urn:> PREFIX x:<http://a/> SELECT * { ?s ?p true.SERVICEx:{} }", "PREFIX : <urn:> SELECT * { ?s ?p :.SERVICE<http://a/>{} }",
    "LOADSILENT<http://a/>", "PREFIX x:<http://a/> LOADx:", "INSERT DATA{<urn:a> <urn:b> 1};LOADSILENT<http://a/>", "DROPALL", "INSERTDATA{<urn:a> <urn:b> 1}",
    "COPY<urn:a>TODEFAULT", "CLEARGRAPH<urn:a>", "PREFIX x:<urn:> DROPGRAPHx:g", "PREFIX x:<urn:> ADD <urn:a> TOx:g", "PREFIX x:<urn:> COPYx:a TO x:b",
    "PREFIX x:<urn:> INSERT DATA { <urn:a> <urn:b> true.GRAPHx:g { <urn:a> <urn:b> 1 } }",
]  # fmt: skip


@pytest.mark.parametrize("text", GLUED)
def test_words_without_a_space_between_them_are_refused(text: str) -> None:
    store = Store()
    with pytest.raises(QueryError):
        refuse_network(text)
        refuse_glued(text)
    asks = "SELECT" in text
    with contextlib.suppress(OSError, RuntimeError):  # what goes out arrives nowhere
        (store.query if asks else store.update)(
            text.replace("http://a/", "http://127.0.0.1:9/")
        )  # the engine takes it


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX schema: <http://schema.org/> SELECT*{?s a schema:Service;schema:serviceType ?t;schema:load 1e6,.5,5.0E-1}", "SELECT(COUNT(*)AS?n){}",
        "SELECT * { ?s ?p 'SERVICE', \"DROPALL\"@en-gb, true.?s ?q false }", r'SELECT * { <http://a\u0041b> ?p "\u0022" }', "ASK{?s ?p 1.?s ?p 2}",
        "SELECT ?x { BIND(IF(isIRI(?a), ENCODE_FOR_URI(STR(?a)), SHA256('x')) AS ?x) VALUES ?a { UNDEF } } GROUP BY ?x HAVING(AVG(?a) > 1) LIMIT 5",
        "PREFIX total: <urn:t> SELECT * { ?s total:x ?o }", "DESCRIBE <urn:a> # DROPALL and don't",
    ],
)  # fmt: skip
def test_what_can_be_read_in_one_way_only_is_not_refused(text: str) -> None:
    refuse_network(text)
    Store().query(text)


def test_a_blank_node_behind_a_word_is_seen() -> None:
    assert may_make_blank_nodes("INSERT DATA { <urn:a> a_:b }")
