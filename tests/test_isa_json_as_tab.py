"""ISA-JSON becomes ISA-Tab: what the graph says of things, edges and values is in the tables, or the README says that it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.errors import SourceError, UnknownFormat
from isa_tab_folders import export_tab
from support import corpus_paths

DOCUMENTS = corpus_paths("isa/json/*/*.json")
PREFIXES = """
PREFIX bioschemas: <https://bioschemas.org/>
PREFIX fg: <https://w3id.org/fairgraph/ns#>
PREFIX isa: <https://w3id.org/fairgraph/isa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX schema: <http://schema.org/>
"""
THINGS = "isa:source isa:sample isa:otherMaterial isa:dataFile"
ASKED = {
    "things": f"""SELECT ?relation ?name ?type {{
        VALUES ?relation {{ {THINGS} }} ?table ?relation ?thing .
        FILTER (?relation != isa:sample || EXISTS {{ ?table a isa:Study }})
        OPTIONAL {{ ?thing schema:name ?name }} OPTIONAL {{ ?thing isa:fileType ?type }} }}""",
    "edges": """SELECT ?from ?to ?protocol {
        { ?process schema:object ?thing . ?thing schema:name ?from }
        UNION { ?process schema:result ?thing . ?thing schema:name ?to }
        OPTIONAL { ?process bioschemas:executesLabProtocol/schema:name ?protocol } }""",
    "values": """SELECT ?owner ?protocol ?category ?text ?unit {
        ?thing schema:additionalProperty|bioschemas:parameterValue ?value .
        OPTIONAL { ?thing bioschemas:executesLabProtocol/schema:name ?protocol }
        OPTIONAL { ?thing schema:name ?name FILTER NOT EXISTS { ?thing a bioschemas:LabProcess } }
        BIND (COALESCE(?name, "") AS ?owner)
        OPTIONAL { ?value fg:category/schema:name ?category }
        OPTIONAL { ?value fg:rawText ?raw } OPTIONAL { ?value schema:value ?plain }
        OPTIONAL { ?value schema:valueReference/schema:name ?term }
        OPTIONAL { ?value schema:unitCode/schema:name ?unit }
        BIND (COALESCE(?raw, ?plain, ?term) AS ?text) }""",
    "comments": """SELECT ?owner ?name ?text {
        ?thing a prov:Entity ; schema:comment ?comment . OPTIONAL { ?thing schema:name ?owner }
        ?comment schema:name ?name ; schema:text ?text }""",
}  # fmt: skip
# What the README says where a table cannot say something.
SAYS = {
    "things": "things have neither a name nor a value that a table could show",
    "values": "characteristics, values or comments are empty",
}

Facts = set[tuple[str, ...]]


def asked(fg: Fairgraph, query: str) -> Facts:
    rows = fg.query(PREFIXES + query)
    return {tuple("" if term is None else str(term.value).strip() for term in row) for row in rows}


def derived(fg: Fairgraph, predicate: str) -> Facts:
    return asked(
        fg, f"SELECT ?a ?b {{ ?x {predicate} ?y . ?x schema:name ?a . ?y schema:name ?b }}"
    )


@pytest.mark.corpus
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_real_document_says_the_same_as_tables(
    path: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    try:
        memory.add(path)
    except (SourceError, UnknownFormat):
        assert path.parent.name == "cookbook_datascriptor" or path.stem == "invalid"
        return
    written = export_tab(memory, tmp_path / "written")
    readme = (written / "README.md").read_text(encoding="utf-8")
    with fairgraph.open("memory:") as other:
        try:
            other.add(written)
        except SourceError as refused:  # the document says nothing at all
            assert "not a single value" in str(refused)
            assert not any(asked(memory, query) for query in ASKED.values())
            return
        for kind, query in ASKED.items():
            before, after = asked(memory, query), asked(other, query)
            # Things side by side in a row: what comes from another without a process gets one without a protocol.
            new = {fact for fact in after - before if kind != "edges" or fact[2]}
            assert not new, kind
            if before - after:
                assert SAYS[kind] in readme, before - after
                nameless = {fact for fact in before if not fact[0 if kind == "values" else 1]}
                empty = {fact for fact in before if kind == "values" and not fact[3]}
                assert before - after <= nameless | empty
        assert derived(memory, "isa:derivesFrom") <= derived(other, "prov:wasDerivedFrom")
