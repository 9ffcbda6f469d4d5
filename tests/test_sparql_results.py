"""The W3C's tests of results as CSV, TSV and JSON (SPARQL 1.1), from their manifests, against a real server.

The store holds no blank nodes: what was one in the data has an IRI below ``/.well-known/genid/`` (RDF 1.1 Concepts §3.5), and counts
as a blank node here. The engine puts the columns of ``SELECT *`` into the order of their names, where the manifests have that of the
query; SPARQL gives them none (§18.2.4.4), so columns are compared by name. Nothing else is allowed for: terms are compared as they stand in the result, numbers by their value, since the
order in which a notation writes their digits is not theirs (``1.0E6``, ``1.0e6``).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from fairgraph.api import Fairgraph
from fairgraph.store import open_store
from serving import Server, served
from support import CORPUS

SUITE = CORPUS / "sparql-tests" / "sparql" / "sparql11"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
FIRST, REST = (f"http://www.w3.org/1999/02/22-rdf-syntax-ns#{name}" for name in ("first", "rest"))
GENID = "/.well-known/genid/"
BLANK = "a blank node"
MEDIA = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".srj": "application/sparql-results+json",
}


def entries(folder: str) -> Iterator[tuple[str, Path, Path, Path]]:
    """Yield the entries of a manifest: name, data, query, result."""
    manifest = SUITE / folder / "manifest.ttl"
    said: dict[tuple[Any, str], Any] = {}
    for quad in parse(manifest.read_bytes(), RdfFormat.TURTLE, base_iri=manifest.as_uri()):
        said[quad.subject, quad.predicate.value] = quad.object

    def file(node: Any, predicate: str) -> Path:
        return Path(said[node, predicate].value.removeprefix("file://"))

    place = said[NamedNode(manifest.as_uri()), f"{MF}entries"]
    while (place, FIRST) in said:
        entry = said[place, FIRST]
        action = said[entry, f"{MF}action"]
        name = said[entry, f"{MF}name"].value
        yield (
            name,
            file(action, f"{QT}data"),
            file(action, f"{QT}query"),
            file(entry, f"{MF}result"),
        )
        place = said[place, REST]


FOUND = [
    entry
    for folder in ("csv-tsv-res", "json-res")
    if (SUITE / folder).is_dir()
    for entry in entries(folder)
]


def known(name: str) -> list[pytest.MarkDecorator]:
    """Return what is known of an entry that the engine fails."""
    if name.startswith("tsv03"):
        reason = "the engine keeps an xsd:negativeInteger as an xsd:integer (pyoxigraph 0.5)"
        return [pytest.mark.xfail(reason=reason, raises=AssertionError)]
    return []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    store = tmp_path_factory.mktemp("results") / "store"
    with Fairgraph(open_store(store)) as fg:
        _, key = fg.store.keys.create("w3c", scope="write")
    with served(store, "--writable") as running:
        yield running, key


def number(text: str) -> Any:
    """Return what a cell is compared by: its number, if it is one as it stands."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def plain(text: str) -> Any:
    """Return a cell of CSV as it is compared (§3.2: the text of the term and nothing else)."""
    return BLANK if text.startswith("_:") or GENID in text else number(text)


def term(text: str) -> Any:
    """Return a cell of TSV as it is compared (§4.2: a term as in Turtle)."""
    if text.startswith("_:") or GENID in text:
        return BLANK
    numeral = re.fullmatch(r'"([^"]*)"\^\^<http://www\.w3\.org/2001/XMLSchema#double>', text)
    return number(numeral[1] if numeral else text)


def cell(value: dict[str, str]) -> Any:
    """Return a cell of JSON as it is compared."""
    if value["type"] == "bnode" or GENID in value["value"]:
        return BLANK
    return {**value, "value": number(value["value"])}


def read(text: str, suffix: str) -> Any:
    """Return a result as it is compared: the names of its columns, and its rows in order; or what it says of an ASK."""
    if suffix == ".srj":
        document = json.loads(text)
        if "boolean" in document:
            return document["boolean"]
        names, found = document["head"]["vars"], document["results"]["bindings"]
        return sorted(names), [{name: cell(row[name]) for name in row} for row in found]
    if suffix == ".csv":
        head, *rows = csv.reader(io.StringIO(text))
    else:
        head, *rows = [line.split("\t") for line in text.splitlines()]
    compared = plain if suffix == ".csv" else term
    return sorted(head), [dict(zip(head, map(compared, row), strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("name", "data", "query", "result"),
    [pytest.param(*entry, id=entry[0].split()[0], marks=known(entry[0])) for entry in FOUND],
)
def test_a_result_is_as_the_w3c_has_it(
    corpus: Path, server: tuple[Server, str], name: str, data: Path, query: Path, result: Path
) -> None:
    running, key = server
    graph = f"http://example.org/graphs/{data.parent.name}/{data.stem}"
    put = {"X-API-Key": key, "Content-Type": "text/turtle"}
    status, _, told = running.ask(
        f"/graphs?graph={graph}", method="PUT", body=data.read_bytes(), headers=put
    )
    assert status in (200, 201), told
    status, headers, body = running.ask(
        "/sparql",
        headers={"Accept": MEDIA[result.suffix]},
        query=query.read_text(encoding="utf-8"),
        **{"default-graph-uri": graph},
    )
    assert (status, headers.get_content_type()) == (200, MEDIA[result.suffix]), body
    expected = read(result.read_text(encoding="utf-8"), result.suffix)
    assert read(body.decode("utf-8"), result.suffix) == expected


def test_the_suites_are_all_there(corpus: Path) -> None:
    assert len(FOUND) == 10
