"""The test suite of the W3C for SHACL (https://w3c.github.io/data-shapes/data-shapes-test-suite/), through our engine.

One test for each entry of its manifests: the verdict and every result with focus node, path, component, value, severity and source
shape. ``COMPILED`` and ``PASSED_ON`` say which tests are answered by queries, and which shapes went to pySHACL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from fairgraph.errors import QueryError
from fairgraph.terms import SH
from fairgraph.validation.compiler import compile_shapes
from fairgraph.validation.constraints import ShapesGraph
from fairgraph.validation.data import Data
from fairgraph.validation.engine import results
from fairgraph.validation.paths import Description, describe, members, read_path, shown_path
from support import CORPUS

SUITE = CORPUS / "shacl-tests" / "tests"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
FAILURE = NamedNode(f"{SHT}Failure")

# Tests of shapes that are passed on to pySHACL, with the reason that the engine gives.
PASSED_ON = {
    "core/path/path-zeroOrMore-001": "a path of length zero",
    "core/path/path-zeroOrOne-001": "a path of length zero",
    "core/property/datatype-ill-formed": "xsd:byte",
    "sparql/component/optional-001": "a constraint component of its own",
    "sparql/component/propertyValidator-select-001": "a constraint component of its own",
    "sparql/component/validator-001": "a constraint component of its own",
    "sparql/pre-binding/unsupported-sparql-006": "a constraint component of its own",
}
# pySHACL cannot give a query the shapes graph, and says so.
REFUSED = {"sparql/pre-binding/shapesGraph-001": "shapesGraph"}

pytestmark = [pytest.mark.corpus, pytest.mark.usefixtures("corpus")]


@dataclass(frozen=True)
class Entry:
    """One test: the data, the shapes, and what is said of its result."""

    name: str
    data: Path
    shapes: Path
    result: Any
    described: Description


@cache
def load(path: Path) -> list[Triple]:
    return [q.triple for q in parse(path=path, format=RdfFormat.TURTLE, base_iri=path.as_uri())]


def local(node: Any) -> Path:
    return Path(node.value.removeprefix("file://"))


def entries(manifest: Path) -> Iterator[Entry]:
    described = describe(load(manifest))
    about = described[NamedNode(manifest.as_uri())]
    for part in about.get(f"{MF}include", ()):
        yield from entries(local(part))
    for listed in about.get(f"{MF}entries", ()):
        for entry in members(listed, described):
            test = described[entry]
            action = described[test[f"{MF}action"][0]]
            yield Entry(
                str(manifest.relative_to(SUITE.resolve()).with_suffix("")),
                local(action[f"{SHT}dataGraph"][0]),
                local(action[f"{SHT}shapesGraph"][0]),
                test[f"{MF}result"][0],
                described,
            )


ENTRIES = list(entries((SUITE / "manifest.ttl").resolve())) if SUITE.is_dir() else []
CORE = [entry for entry in ENTRIES if entry.name.startswith("core/")]


def stored(term: Any) -> str:
    """A term as the store has it: it writes the numbers and dates of literals in its own way."""
    if isinstance(term, Literal):
        store = Store()
        store.add(Quad(NamedNode("http://e.org/"), NamedNode("http://e.org/"), term))
        term = next(iter(store)).object
    return str(term)


def data(triples: list[Triple]) -> Data:
    # Not loaded but added: a blank node of the shapes stays the one of the data.
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object) for t in triples)
    return Data(store.query, lambda: triples)


Key = tuple[str, str, str, str, str, str]


def expected(entry: Entry) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for node in entry.described[entry.result].get(SH.result, ()):
        about = entry.described[node]

        def one(key: str, about: Any = about) -> Any:
            return about[key][0] if key in about else None

        path = one(SH.resultPath)
        found[
            one(SH.sourceConstraintComponent).value,
            stored(one(SH.focusNode)),
            "" if path is None else shown_path(read_path(path, entry.described)),
            stored(one(SH.value)),
            one(SH.resultSeverity).value,
            str(one(SH.sourceShape) or ""),
        ] += 1
    return found


def found_by_us(shapes: Iterable[Triple], triples: list[Triple], *, sources: bool) -> Counter[Key]:
    return Counter(
        (
            result.component,
            stored(result.focus),
            result.path,
            stored(result.value),
            result.severity,
            str(result.shape) if sources else "",
        )
        for result in results(ShapesGraph(shapes), data(triples))
    )


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_suite(entry: Entry) -> None:
    triples = load(entry.data)
    shapes = triples if entry.shapes == entry.data else load(entry.shapes)
    if entry.result == FAILURE:
        with pytest.raises(QueryError):
            found_by_us(shapes, triples, sources=True)
        return
    if entry.name in REFUSED:
        with pytest.raises(QueryError, match=REFUSED[entry.name]):
            found_by_us(shapes, triples, sources=True)
        return
    wanted = expected(entry)
    sources = any(key[-1] for key in wanted)
    assert found_by_us(shapes, triples, sources=sources) == wanted
    conforms = entry.described[entry.result][SH.conforms][0].value == "true"
    assert conforms == (not wanted)


def passed_on(entry: Entry) -> str:
    try:
        plan = compile_shapes(ShapesGraph(load(entry.shapes)))
    except QueryError:
        return ""
    return "; ".join(plan.passed_on.values())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_what_is_compiled_and_what_is_passed_on(entry: Entry) -> None:
    reasons = passed_on(entry)
    if entry.name in REFUSED:
        assert REFUSED[entry.name] in reasons
    elif entry.name in PASSED_ON:
        assert PASSED_ON[entry.name] in reasons
    else:
        assert reasons == ""


def test_the_suite_is_all_there() -> None:
    assert (len(CORE), len(ENTRIES) - len(CORE)) == (98, 22)
