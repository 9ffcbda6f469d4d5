"""ISA-JSON becomes ISA-Tab: what the graph says of things, edges and values is in the tables, or the README says that it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.errors import SourceError, UnknownFormat
from isa_facts import ASKED, asked, derived
from isa_tab_folders import export_tab, tables
from support import corpus_paths

DOCUMENTS = corpus_paths("isa/json/*/*.json")
# What the README says where a table cannot say something.
SAYS = {
    "things": "things have neither a name nor a value that a table could show",
    "values": "characteristics, values or comments are empty",
}


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


def test_what_comes_from_something_may_stand_before_it(memory: Fairgraph, tmp_path: Path) -> None:
    samples = [
        {"@id": "#sample/b", "name": "b", "derivesFrom": [{"@id": "#sample/a"}]},
        {"@id": "#sample/a", "name": "a", "derivesFrom": [{"@id": "#source/s"}]},
    ]
    origin = {"name": "isatab:Derives From", "value": "#data/f"}
    files = [
        {"@id": "#data/g", "name": "g", "type": "Raw Data File", "comments": [origin]},
        {"@id": "#data/f", "name": "f", "type": "Raw Data File"},
    ]
    materials = {"sources": [{"@id": "#source/s", "name": "s"}], "samples": samples}
    study = {"identifier": "S", "materials": materials, "assays": [{"dataFiles": files}]}
    path = tmp_path / "document.json"
    path.write_text(json.dumps({"identifier": "I", "studies": [study]}), encoding="utf-8")
    report = memory.add(path).report
    assert not [finding for finding in report if "undeclared" in finding.rule]
    assert derived(memory, "isa:derivesFrom") == {("b", "a"), ("a", "s"), ("g", "f")}
    written = tables(export_tab(memory, tmp_path / "written"))
    assert written["s_S.txt"] == [["Source Name", "Sample Name", "Sample Name"], ["s", "a", "b"]]
