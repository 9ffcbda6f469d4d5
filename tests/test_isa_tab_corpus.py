"""Real ISA-Tab: every folder is handled, and no fact of a table is missing from the graph.

The facts come from the corpus's own reader (``tools/isatab_facts.py``), which knows nothing of fairgraph.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pyoxigraph as ox
import pytest

import fairgraph
from fairgraph.api import Fairgraph, read_draft
from fairgraph.errors import FairgraphError, SourceError
from support import CORPUS, corpus_paths

pytestmark = pytest.mark.corpus
FOLDERS = corpus_paths("isa/tab/*")
REFUSED: set[str] = set()


@cache
def independent() -> ModuleType:
    path = CORPUS.parent / "tools" / "isatab_facts.py"
    if not path.is_file():
        pytest.skip(f"the independent reader is not at {path}")
    spec = importlib.util.spec_from_file_location("isatab_facts", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_corpus_is_there(corpus: Path) -> None:
    assert len(FOLDERS) == 75


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_folder_is_imported_with_its_report_or_refused_with_a_place(
    folder: Path, memory: Fairgraph
) -> None:
    try:
        added = memory.add(folder)
    except SourceError as error:
        assert folder.name in REFUSED, f"refused: {error}"
        assert re.match(r".+:\d+:\d+$", error.where)
        assert memory.datasets() == []
        return
    assert folder.name not in REFUSED
    assert added.dataset.counts["triples"] > 0
    assert all(finding.where and finding.message for finding in added.report)
    json.dumps(added.dataset.as_dict())


KINDS = {
    "Source Name": "isa#Source",
    "Sample Name": "isa#Sample",
    "Extract Name": "isa#Extract",
    "Labeled Extract Name": "isa#LabeledExtract",
}
NODES = """
PREFIX isa: <https://w3id.org/fairgraph/isa#> PREFIX schema: <http://schema.org/> PREFIX bioschemas: <https://bioschemas.org/>
SELECT ?node ?name ?type ?file { ?node schema:name ?name ; a ?type . OPTIONAL { ?node isa:fileType ?file }
  FILTER (?type IN (isa:Source, isa:Sample, isa:Extract, isa:LabeledExtract, schema:MediaObject)) }
"""
EDGES = """
PREFIX isa: <https://w3id.org/fairgraph/isa#> PREFIX schema: <http://schema.org/>
SELECT ?p ?r ?n { VALUES ?r { schema:object schema:result isa:nextProcess } ?p ?r ?n }
"""
TEXTS = """
PREFIX fg: <https://w3id.org/fairgraph/ns#> PREFIX schema: <http://schema.org/> PREFIX bioschemas: <https://bioschemas.org/>
PREFIX isa: <https://w3id.org/fairgraph/isa#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?owner ?label ?value ?raw ?term ?termName ?unit ?source ?code ?exact {
  { ?owner schema:additionalProperty|bioschemas:parameterValue ?v . ?v fg:category/schema:name ?label }
  UNION { ?owner schema:comment ?v . ?v schema:name ?label ; schema:text ?value }
  OPTIONAL { ?v schema:value ?value } OPTIONAL { ?v fg:rawText ?raw }
  OPTIONAL { ?v schema:unitCode/schema:name ?unit }
  OPTIONAL { ?v schema:valueReference|schema:unitCode ?term .
    OPTIONAL { ?term schema:name ?termName } OPTIONAL { ?term schema:inDefinedTermSet/schema:name ?source }
    OPTIONAL { ?term schema:termCode ?code } OPTIONAL { ?term skos:exactMatch ?exact } }
}
"""


class Facts:
    """What the graph says, in the words of a table: names, and which texts belong to which node."""

    def __init__(self, fg: Fairgraph) -> None:
        self.nodes: dict[tuple[str, str], set[str]] = {}
        label: dict[str, str] = {}
        for node, name, kind, file in fg.query(NODES):
            heading = file.value if file is not None else kind.value.rsplit("#")[-1]
            self.nodes.setdefault((heading, name.value), set()).add(node.value)
            label[node.value] = f"{heading}:{name.value}"
        self.inputs: dict[str, set[str]] = {}
        self.outputs: dict[str, set[str]] = {}
        self.earlier: dict[str, set[str]] = {}
        self.makers: dict[str, set[str]] = {}
        for process, relation, node in fg.query(EDGES):
            if relation.value.endswith("nextProcess"):
                self.earlier.setdefault(node.value, set()).add(process.value)
            elif relation.value.endswith("object"):
                self.inputs.setdefault(process.value, set()).add(label.get(node.value, node.value))
            else:
                self.outputs.setdefault(process.value, set()).add(label.get(node.value, node.value))
                self.makers.setdefault(label.get(node.value, node.value), set()).add(process.value)
        self.texts: dict[str, set[tuple[str, str]]] = {}
        self.anywhere: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
        for owner, name, value, raw, term, term_name, unit, source, code, exact in fg.query(TEXTS):
            texts = {t.value for t in (value, raw, term_name, term) if t is not None}
            unit_text = unit.value if unit is not None else ""
            accession = next((t.value for t in (code, exact, term) if t is not None), "")
            for text in texts or {""}:
                qualifiers = (unit_text, source.value if source is not None else "", accession)
                self.texts.setdefault(owner.value, set()).add((name.value, text))
                self.anywhere.setdefault((name.value, text), set()).add(qualifiers)
        self.all_texts = {text for _, text in self.anywhere}
        self.names = {
            term.value
            for row in fg.query(
                "PREFIX schema: <http://schema.org/> SELECT DISTINCT ?n { ?s schema:name|schema:endTime|schema:termCode ?n }"
            )
            for term in row
        }

    def connects(self, one: str, other: str) -> bool:
        """Tell whether a process (or a chain without nodes between) leads from one node to the other, or made both."""
        waiting = list(self.makers.get(other, ()))
        if any(one in self.outputs[process] for process in waiting):
            return True
        seen = set()
        while waiting:
            process = waiting.pop()
            if one in self.inputs.get(process, ()):
                return True
            if process not in seen:
                seen.add(process)
                waiting += self.earlier.get(process, ())
                for nameless in self.inputs.get(process, set()) - {
                    one
                }:  # a node that a row describes without a name
                    if nameless.startswith("http"):
                        waiting += self.makers.get(nameless, ())
        return False


def missing(facts: set[tuple[Any, ...]], graph: Facts) -> Iterator[tuple[Any, ...]]:
    """Yield the facts of a table that the graph does not have."""
    for fact in facts:
        kind = fact[0].split(":")[0]
        check = {"node": _has_node, "edge": _has_edge, "proc": _has_protocol}.get(kind)
        if check is None:
            check = _has_qualifier if kind in QUALIFIERS else _has_attribute
        if not check(fact, graph):
            yield fact


QUALIFIERS = {"unit": 0, "ref": 1, "acc": 2}
ATTRIBUTES = {
    "Characteristics",
    "Factor Value",
    "Parameter Value",
    "Comment",
    "Material Type",
    "Label",
}


def _has_node(fact: tuple[Any, ...], graph: Facts) -> bool:
    return (_heading(fact[1]), fact[2]) in graph.nodes


def _has_edge(fact: tuple[Any, ...], graph: Facts) -> bool:
    one, other = (":".join(_split(end)) for end in fact[1:])
    return graph.connects(one, other)


def _has_protocol(fact: tuple[Any, ...], graph: Facts) -> bool:
    return fact[1].removeprefix("P:").split("|")[0] in graph.names


def _has_qualifier(fact: tuple[Any, ...], graph: Facts) -> bool:
    place = QUALIFIERS[fact[0].split(":")[0]]
    found = graph.anywhere.get((_name(fact[2]), fact[3]), ())
    return any(qualifiers[place] == fact[4] for qualifiers in found)


def _has_attribute(fact: tuple[Any, ...], graph: Facts) -> bool:
    kind, owner, label, text = fact
    if kind not in ATTRIBUTES:
        return text in graph.names or text in graph.all_texts
    owners = graph.nodes.get(_split(owner), ()) if kind == "Characteristics" else ()
    if owners:
        return any((_name(label), text) in graph.texts.get(node, ()) for node in owners)
    return (_name(label), text) in graph.anywhere


def _name(label: str) -> str:
    return str(label.partition("[")[2].removesuffix("]") or label)


def _heading(label: str) -> str:
    return KINDS[label].split("#")[1] if label in KINDS else label


def _split(key: str) -> tuple[str, str]:
    label, _, name = key.partition(":")
    return _heading(label), name


TABLES = [folder for folder in FOLDERS if any(re.match(r"[sa]_", p.name) for p in folder.iterdir())]


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("folder", TABLES, ids=lambda path: path.name)
def test_no_fact_of_a_table_is_lost(folder: Path) -> None:
    with fairgraph.open("memory:") as fg:
        try:
            added = fg.add(folder)
        except FairgraphError:
            pytest.skip("refused; see the test above")
        unread = {f.where for f in added.report if f.rule == "isa-unreferenced-file"}
        graph = Facts(fg)
    lost = []
    for table in sorted(folder.iterdir()):
        if re.match(r"[saSA]_", table.name) and table.name not in unread:
            facts, _, _ = independent().table_facts(str(table), table.name[0])
            lost += [(table.name, *fact) for fact in missing(facts, graph)]
    assert lost[:5] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [*FOLDERS, *corpus_paths("isa/json/[mt]*/*.json")], ids=lambda path: path.name
)
def test_what_an_importer_vouches_for_is_valid(path: Path) -> None:
    """The store does not check IRIs again that the importers say are checked."""
    try:
        with read_draft(path) as draft:
            assert draft.checked
            for chunk in draft.spool.chunks():
                assert sum(1 for _ in ox.parse(chunk, format=ox.RdfFormat.N_TRIPLES)) > 0
    except SourceError:
        pass
