"""ISA-JSON becomes ISA-Tab: what the graph says of things, edges and values is in the tables, or the README says that it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.errors import SourceError, UnknownFormat
from isa_facts import ASKED, asked, derived
from isa_tab_folders import export_tab
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
