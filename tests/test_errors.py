"""Errors: one tree, each with its code, exit code and HTTP status; what libraries raise is translated."""

from __future__ import annotations

import inspect
import re
import zipfile
from pathlib import Path

import pytest

import fairgraph
from fairgraph import errors
from fairgraph.api import Fairgraph, read_draft
from fairgraph.errors import (
    FairgraphError,
    InvalidDataset,
    NotFound,
    QueryError,
    SourceError,
    StoreError,
    UnknownFormat,
    UsageError,
)
from fairgraph.report import Report

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, FairgraphError)]  # fmt: skip
EXITS = {UsageError: 2, SourceError: 3, InvalidDataset: 1, NotFound: 4, StoreError: 5}
STATUS = {UsageError: 400, SourceError: 422, InvalidDataset: 422, NotFound: 404, StoreError: 503}


def make(kind: type[FairgraphError]) -> FairgraphError:
    if kind is InvalidDataset:
        return InvalidDataset("is wrong", Report(), where="f:1:2", hint="change it")
    return kind("is wrong", where="f:1:2", hint="change it")


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_says_what_where_and_what_to_do(kind: type[FairgraphError]) -> None:
    error = make(kind)
    assert str(error) == "f:1:2: is wrong (change it)"
    assert error.as_dict() == {"code": kind.code, "message": "f:1:2: is wrong", "hint": "change it"}
    assert str(FairgraphError("is wrong")) == "is wrong"


@pytest.mark.parametrize("kind", [c for c in CLASSES if c is not FairgraphError])
def test_an_error_has_the_exit_code_and_status_of_its_branch(kind: type[FairgraphError]) -> None:
    (branch,) = (c for c in EXITS if issubclass(kind, c))
    assert (kind.exit_code, kind.http_status) == (EXITS[branch], STATUS[branch])


def test_codes_tell_errors_apart() -> None:
    codes = [kind.code for kind in CLASSES]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z-]+", code) for code in codes)


def test_the_tree_at_the_top_of_the_module_is_true() -> None:
    drawn = re.findall(r"([A-Z]\w+) +\S.*?(?:exit (\d))?(?:, HTTP (\d+))?$", errors.__doc__ or "", re.M)  # fmt: skip
    names = {name for name, _, _ in drawn}
    assert {kind.__name__ for kind in CLASSES} <= names
    for name, code, status in drawn:
        if code:
            assert getattr(errors, name).exit_code == int(code), name
            assert getattr(errors, name).http_status == int(status), name


# -- what the libraries below raise never gets out -------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "SELECT *", "SELECT * { ?s ?p }", "nonsense and more", "SELECT ?x { ?x <not an iri> ?y }", "INSERT DATA { <x:a> <x:b> 1 }",
        "SELECT * { SERVICE <http://e.org/> { ?s ?p ?o } }", "SELECT (1 AS ?x) (2 AS ?x) {}", "\udc80 SELECT * {}",
    ],
)  # fmt: skip
def test_a_bad_query_is_a_query_error(memory: Fairgraph, text: str) -> None:
    with pytest.raises(QueryError):
        list(memory.query(text))


@pytest.mark.parametrize("text", ["nonsense", "LOAD <http://e.org/>", "SELECT * {}", "\x00"])
def test_a_bad_update_is_a_query_error(memory: Fairgraph, text: str) -> None:
    with pytest.raises(QueryError):
        memory.update(text)


BROKEN = {
    "a.ttl": b"<a> <b>", "b.nq": b"<a> <b> <c> .", "c.jsonld": b'{"@id": 5', "d.rdf": b"<rdf:RDF", "e.trig": b"{ <a",
    "f.nt": b'<x:a> <x:b> "\xff" .', "g.json": b'{"studies": [', "h.json": b"\xff", "i.json": b"[" * 100_000,
    "j.json": b'{"studies": []}\x00', "k.jsonld": b'{"@context": "http://example.org/context", "@id": "http://e.org/x", "name": "y"}',
    "l.zip": b"PK\x05\x06" + b"\0" * 18, "m.ttl": b"", "n.xyz": b"PK\x03\x04garbage", "o.json": b'{"studies": 5, "ontologySourceReferences": 7}',
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_input_is_a_source_error_that_names_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BROKEN[name])
    if name == "o.json":
        with read_draft(path) as draft:
            assert not draft.report.conforms or len(draft.report)
        return
    with pytest.raises(SourceError) as refused, read_draft(path):
        pass
    assert name in str(refused.value)
    assert not isinstance(refused.value, UnknownFormat) or name == "n.xyz"


def test_an_encrypted_archive_is_a_source_error(tmp_path: Path) -> None:
    path = tmp_path / "tab.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("i_x.txt", "INVESTIGATION\nInvestigation Title\tT\n")
    data = path.read_bytes().replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")  # fmt: skip
    path.write_bytes(data)
    with pytest.raises(SourceError, match="encrypted"), read_draft(path):
        pass


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda fg: fg.dataset(99), NotFound), (lambda fg: fg.history("x"), NotFound), (lambda fg: fg.diff("x"), NotFound),
        (lambda fg: fg.revert("x", 1), NotFound), (lambda fg: fg.export("x", 1), NotFound), (lambda fg: fg.export("turtle"), UsageError),
        (lambda fg: fg.query("browse/nosuch"), NotFound), (lambda fg: fg.entity("http://e.org/nosuch"), NotFound),
        (lambda fg: fg.query("ASK {}", x=1), UsageError), (lambda fg: fg.query("browse/samples", text=1), QueryError),
        (lambda fg: fg.add("nosuch"), SourceError), (lambda fg: fg.set("x", title="y"), NotFound), (lambda fg: fg.remove("x"), NotFound),
    ],
)  # fmt: skip
def test_a_wrong_call_raises_an_error_of_ours(memory: Fairgraph, call: object, kind: type) -> None:
    with pytest.raises(kind):
        call(memory)  # type: ignore[operator]


def test_a_store_that_is_none_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError):
        fairgraph.open(tmp_path / "file")
    with pytest.raises(StoreError):
        fairgraph.open(tmp_path / "missing", create=False)
    with pytest.raises(StoreError):
        fairgraph.open("http://localhost:1/sparql")
