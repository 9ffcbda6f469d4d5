"""Notebooks (`.eln`) and crates: nothing is lost, nothing unsafe is read, what is said is a triple."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode

import fairgraph
from fairgraph.api import Fairgraph, read_draft
from fairgraph.crate.contexts import VERSIONS, bundled
from fairgraph.errors import NotFound, SourceError
from fairgraph.importers.crate_graph import CrateGraph
from fairgraph.resources import ONTOLOGIES
from fairgraph.terms import ELN, FG, PROV, RDF, SCHEMA
from notebooks import CONTEXT, DESCRIPTOR, document, notebook
from support import corpus_paths

ARCHIVES = corpus_paths("eln/*.eln")
CRATES = [path for path in corpus_paths("rocrate/*") if path.is_dir()]
BAD = corpus_paths("eln/bad/MANIFEST.json")
FIXTURES = json.loads(BAD[0].read_text()) if BAD else []
ENTRY = {"@id": "./exp/", "@type": "Dataset", "name": "An experiment"}
Said = dict[str, dict[str, list[Any]]]


def said(fg: Fairgraph, name: str | int = 1) -> Said:
    """All that a dataset says: subject, predicate, terms."""
    found: Said = {}
    for s, p, o in fg.query("SELECT ?s ?p ?o { ?s ?p ?o }", dataset=name):
        found.setdefault(s.value, {}).setdefault(p.value, []).append(o)
    return found


def of(facts: Said, raw: str) -> dict[str, list[Any]]:
    """What is said of the thing with this ``@id``."""
    (found,) = [
        values
        for values in facts.values()
        if raw in [term.value for term in values.get(FG.originalId, ())]
    ]
    return found


def texts(values: dict[str, list[Any]], term: str) -> list[str]:
    return sorted(value.value for value in values.get(term, ()))


def rules(path: Path) -> dict[str, int]:
    with read_draft(path) as draft:
        return {finding.rule: finding.count for finding in draft.report}


# -- The corpus ------------------------------------------------------------------------------------------------------------


def metadata(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/ro-crate-metadata.json")]
        found: dict[str, Any] = json.loads(
            archive.read(name).decode("utf-8-sig"), parse_float=str, parse_int=str
        )
    return found


def scalars(value: Any, key: str = "", node: Any = None) -> Iterator[tuple[str, Any, Any]]:
    """Every text, number and truth value of a document, with the property and the object that have it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("@id", "@type", "@context"):
                yield from scalars(inner, name, value.get("@id") or id(value))
    elif isinstance(value, list):
        for inner in value:
            yield from scalars(inner, key, node)
    elif value is not None:
        yield key, value, node


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("@id"), str):
            yield value["@id"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.mark.corpus
@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.stem[:50])
def test_every_value_of_a_real_notebook_is_a_triple(memory: Fairgraph, path: Path) -> None:
    added = memory.add(path)
    assert "crate-lost" not in {finding.rule for finding in added.report}
    facts = said(memory)
    graph = metadata(path)["@graph"]
    assert not_said(graph, facts) == []
    by_value = {o.value for v in facts.values() for os in v.values() for o in os}
    ids = {o.value for v in facts.values() for o in v.get(FG.originalId, ())}
    for raw in references(graph):
        assert (
            raw in ids
            or raw in facts
            or raw in by_value
            or raw.strip("./") == ""
            or same_id(raw, ids)
        ), raw


def not_said(graph: Any, facts: Said) -> list[tuple[str, str]]:
    """The properties and values that more nodes of the document have than of the graph."""
    known = Counter(
        {
            (p.rpartition("/")[2].rpartition("#")[2], o.value, subject)
            for subject, v in facts.items()
            for p, os in v.items()
            for o in os
        }
    )
    there = Counter((name, text) for name, text, _ in known)
    nodes: dict[tuple[str, str], set[Any]] = {}
    for key, value, node in scalars(graph):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        nodes.setdefault(("sha256" if key == "sha256sum" else key, text), set()).add(node)
    lost = []
    for (key, text), owners in nodes.items():
        # The store writes numbers and checksums in its own way; parts are references, sizes are those of the files.
        ways = {text, text.lower(), text.rstrip("0").rstrip("."), f"{text}.0"}
        names = {key, key.replace(":", "%3A")}
        count = sum(there[name, way] for name in names for way in ways)
        if count < len(owners) and key not in ("hasPart", "contentSize"):
            lost.append((key, text))
    return lost


def test_the_check_of_notebooks_sees_what_an_importer_drops(
    memory: Fairgraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"@id": "./e/", "@type": "Dataset", "name": "A notebook", "keywords": ["x", "y"]}
    path = notebook(tmp_path / "n.eln", entry)
    write = CrateGraph._write_property

    def forgetful(self: CrateGraph, subject: str, node: Any, key: str, *rest: Any) -> None:
        if key != "keywords" and not (key == "name" and "/entry/" in subject):
            write(self, subject, node, key, *rest)

    memory.add(path)
    assert not_said(metadata(path)["@graph"], said(memory)) == []
    monkeypatch.setattr(CrateGraph, "_write_property", forgetful)
    with fairgraph.open("memory:") as fg:
        fg.add(path)
        lost = not_said(metadata(path)["@graph"], said(fg))
    # The root has the same name: that the text is somewhere is not enough.
    assert sorted(lost) == [("keywords", "x"), ("keywords", "y"), ("name", "A notebook")]


def test_what_a_value_says_beside_its_text_is_found(tmp_path: Path) -> None:
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": "N",
        "version": {"@value": "N", "@type": "xsd:string", "more": "N"},
        "text": {"@list": ["q"], "also": "N"},
        "description": {"@value": "text", "@language": "not a language!"},
    }
    assert rules(notebook(tmp_path / "n.eln", root))["crate-lost"] == 3


def same_id(raw: str, ids: set[str]) -> bool:
    from fairgraph.crate.ids import key_of

    return key_of(raw) in {key_of(one) for one in ids}


@pytest.mark.corpus
@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.stem[:50])
def test_every_file_of_a_real_notebook_is_kept(memory: Fairgraph, path: Path) -> None:
    memory.add(path)
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir() or "/ro-crate-preview" in info.filename:
                continue
            data = archive.read(info)
            assert memory.file(hashlib.sha256(data).hexdigest()).read() == data


@pytest.mark.corpus
@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture["file"])
def test_what_is_unsafe_is_refused_and_what_is_odd_is_found(
    memory: Fairgraph, fixture: dict[str, str]
) -> None:
    path = BAD[0].with_name(fixture["file"])
    if fixture["expect"] == "refuse":
        with pytest.raises(SourceError):
            memory.add(path)
        assert memory.datasets() == []
        assert list(memory.store.files.path.glob("??/*")) == []
        return
    found = {finding.rule for finding in memory.add(path).report}
    if fixture["expect"] == "warn":
        assert any(rule.startswith(f"crate-{fixture['rule']}") for rule in found), found
    assert "crate-lost" not in found


@pytest.mark.corpus
@pytest.mark.parametrize("path", CRATES, ids=lambda path: path.name[:60])
def test_every_crate_is_read(path: Path) -> None:
    with read_draft(path, "ro-crate") as draft:
        assert "crate-lost" not in {finding.rule for finding in draft.report}
        assert draft.spool.triples > 10


# -- What becomes of a document --------------------------------------------------------------------------------------------


def test_root_entries_and_files_are_what_the_model_says(memory: Fairgraph, tmp_path: Path) -> None:
    data = b"a,b\n"
    file = {
        "@id": "./exp/a b.csv",
        "@type": "File",
        "name": "a b.csv",
        "encodingFormat": "text/csv",
    }
    entry = {
        **ENTRY,
        "genre": "experiment",
        "author": {"@id": "https://orcid.org/0000-0002-1825-0097"},
    }
    path = notebook(
        tmp_path / "n.eln",
        {**entry, "hasPart": [{"@id": file["@id"]}]},
        file,
        files={"exp/a b.csv": data},
    )
    added = memory.add(path)
    assert (added.dataset.format, added.dataset.title) == ("eln", "A notebook")
    facts = said(memory)
    root = facts[added.dataset.iri]
    assert {ELN.Notebook, SCHEMA.Dataset, PROV.Entity} <= set(texts(root, RDF.type))
    assert texts(root, ELN.writer) == ["elabftw"]
    exp, csv = of(facts, "./exp/"), of(facts, "./exp/a b.csv")
    assert {ELN.Entry, SCHEMA.Dataset, PROV.Entity} == set(texts(exp, RDF.type))
    assert {SCHEMA.MediaObject, PROV.Entity} == set(texts(csv, RDF.type))
    sha256 = hashlib.sha256(data).hexdigest()
    assert (texts(csv, SCHEMA.sha256), texts(csv, SCHEMA.contentSize)) == ([sha256], ["4"])
    assert (memory.file(sha256).name, memory.file(sha256).media_type) == ("a b.csv", "text/csv")
    (activity,) = exp[PROV.wasGeneratedBy]
    assert texts(facts[activity.value], RDF.type) == [PROV.Activity], (
        "an entry that is an experiment was made by one"
    )
    assert exp[PROV.wasAttributedTo] == [NamedNode("https://orcid.org/0000-0002-1825-0097")]


def test_an_entry_without_evidence_has_no_activity(memory: Fairgraph, tmp_path: Path) -> None:
    memory.add(notebook(tmp_path / "n.eln", {**ENTRY, "genre": "resource"}))
    assert PROV.wasGeneratedBy not in of(said(memory), "./exp/")


def test_the_original_metadata_are_kept_for_audit(memory: Fairgraph, tmp_path: Path) -> None:
    data = document(ENTRY)
    memory.add(notebook(tmp_path / "n.eln", metadata=data))
    facts = said(memory)
    (node,) = facts[memory.dataset(1).iri][ELN.metadataFile]
    (sha256,) = texts(facts[node.value], SCHEMA.sha256)
    assert memory.file(sha256).read() == data


@pytest.mark.parametrize(
    ("context", "term"),
    [
        ("https://w3id.org/ro/crate/1.1/context", "sha256"),
        (CONTEXT, "sha256"),
        (["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"], "sha256"),
        (["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://the.elnconsortium.org/specification/#sha256"}], "sha256"),
        ("https://w3id.org/ro/crate/1.1/context", "sha256sum"),
    ],
)  # fmt: skip
def test_a_checksum_has_one_name_however_it_is_spelled(
    memory: Fairgraph, tmp_path: Path, context: Any, term: str
) -> None:
    file = {"@id": "https://example.org/x.csv", "@type": "File", term: "a" * 64}
    memory.add(notebook(tmp_path / "n.eln", file, context=context))
    assert texts(said(memory)["https://example.org/x.csv"], SCHEMA.sha256) == ["a" * 64]


def test_what_metadata_say_wrongly_of_a_file_is_kept_beside_the_truth(
    memory: Fairgraph, tmp_path: Path
) -> None:
    file = {"@id": "./a", "@type": "File", "sha256": "b" * 32, "contentSize": 7}
    added = memory.add(notebook(tmp_path / "n.eln", file, files={"a": b"x"}))
    found = of(said(memory), "./a")
    assert texts(found, SCHEMA.sha256) == [hashlib.sha256(b"x").hexdigest()]
    assert (texts(found, ELN.statedSha256), texts(found, ELN.statedSize)) == (["b" * 32], ["7"])
    assert {"crate-payload-sha256", "crate-payload-size"} <= {
        finding.rule for finding in added.report
    }


def test_order_repetition_and_spelling_are_kept_where_they_say_something(
    memory: Fairgraph, tmp_path: Path
) -> None:
    value = {"@id": "#v", "@type": "PropertyValue", "value": 1, "minValue": 1}
    nodes = document(
        {**ENTRY, "keywords": ["b", "a", "b"], "variableMeasured": {"@id": "#v"}}, value
    )
    memory.add(
        notebook(
            tmp_path / "n.eln",
            metadata=nodes.replace(b'"value": 1', b'"value": 1.50').replace(
                b'"minValue": 1', b'"minValue": 2.0'
            ),
        )
    )
    facts = said(memory)
    listed = [v for v in facts.values() if ELN.ListedValue in texts(v, RDF.type)]
    keywords = sorted(
        (v[FG.index][0].value, v[SCHEMA.value][0].value)
        for v in listed
        if texts(v, ELN.listedUnder) == [SCHEMA.keywords]
    )
    assert keywords == [("0", "b"), ("1", "a"), ("2", "b")]
    found = of(facts, "#v")
    assert (texts(found, SCHEMA.value), texts(found, FG.rawText)) == (["1.5"], ["1.50"])
    assert [
        v[FG.rawText][0].value for v in listed if texts(v, ELN.listedUnder) == [SCHEMA.minValue]
    ] == ["2.0"]


def test_a_plain_list_needs_no_more_than_its_values(memory: Fairgraph, tmp_path: Path) -> None:
    memory.add(notebook(tmp_path / "n.eln", {**ENTRY, "keywords": ["a", "b"], "hasPart": [{"@id": "#1"}, {"@id": "#2"}]},
                        {"@id": "#1", "@type": "Dataset"}, {"@id": "#2", "@type": "Dataset"}))  # fmt: skip
    assert not [v for v in said(memory).values() if ELN.ListedValue in texts(v, RDF.type)]


def test_nodes_inside_of_others_are_the_same_whenever_they_are_read(
    memory: Fairgraph, tmp_path: Path
) -> None:
    nested = {
        **ENTRY,
        "author": {
            "@type": "Person",
            "name": "A",
            "affiliation": {"@type": "Organization", "name": "B"},
        },
    }
    path = notebook(tmp_path / "n.eln", nested)
    memory.add(path)
    before = said(memory)
    path.unlink()
    assert memory.add(notebook(path, nested, {"@id": "./other/", "@type": "Dataset"})).changed
    after = said(memory)
    (author,) = of(before, "./exp/")[SCHEMA.author]
    assert of(after, "./exp/")[SCHEMA.author] == [author]
    assert texts(after[author.value], SCHEMA.name) == ["A"]
    (organization,) = after[author.value][SCHEMA.affiliation]
    assert texts(after[organization.value], SCHEMA.name) == ["B"]


def test_unknown_terms_are_kept_under_the_program_that_wrote_them(
    memory: Fairgraph, tmp_path: Path
) -> None:
    added = memory.add(
        notebook(tmp_path / "n.eln", {**ENTRY, "RODID": "x", "a term/with #": {"@id": "./exp/"}})
    )
    found = of(said(memory), "./exp/")
    assert texts(found, "https://w3id.org/fairgraph/eln-term/elabftw#RODID") == ["x"]
    assert len(found["https://w3id.org/fairgraph/eln-term/elabftw#a%20term%2Fwith%20%23"]) == 1
    assert "crate-term-unknown" in {finding.rule for finding in added.report}


@pytest.mark.parametrize("wrong", [{}, [], {"@id": {}}, None])
@pytest.mark.parametrize("is_notebook", [True, False])
def test_an_id_that_is_no_text_is_found(tmp_path: Path, wrong: Any, is_notebook: bool) -> None:
    node = {"@id": wrong, "@type": "Person", "name": "Ada"}
    path = notebook(tmp_path / ("a.eln" if is_notebook else "a.zip"), ENTRY, node)
    assert "crate-graph-no-id" in rules(path)


def test_two_spellings_of_one_id_are_one_thing(memory: Fairgraph, tmp_path: Path) -> None:
    path = notebook(tmp_path / "n.eln", {**ENTRY, "hasPart": [{"@id": "exp//a%20b.txt"}]},
                    {"@id": "./exp/a b.txt", "@type": "File", "name": "a b"}, files={"exp//a b.txt": b"x"})  # fmt: skip
    assert not {"crate-graph-dangling", "crate-payload-missing", "crate-payload-undescribed"} & set(
        rules(path)
    )


def test_a_crate_says_nothing_about_other_datasets_and_vocabularies(
    memory: Fairgraph, tmp_path: Path
) -> None:
    other = f"{memory.store.base}id/other"
    memory.add(
        notebook(
            tmp_path / "n.eln",
            {"@id": other, "@type": "Dataset", "name": "mine"},
            {"@id": PROV.Activity, "@type": "Dataset", "name": "no"},
        )
    )
    facts = said(memory)
    assert other not in facts
    assert PROV.Activity not in facts
    assert texts(of(facts, other), SCHEMA.name) == ["mine"]


def test_the_term_of_a_value_is_its_category(memory: Fairgraph, tmp_path: Path) -> None:
    value = {
        "@id": "#v",
        "@type": "PropertyValue",
        "identifier": "http://purl.obolibrary.org/obo/PATO_0000146",
        "value": "4",
    }
    memory.add(notebook(tmp_path / "n.eln", {**ENTRY, "variableMeasured": [{"@id": "#v"}]}, value))
    assert texts(of(said(memory), "#v"), FG.category) == [
        "http://purl.obolibrary.org/obo/PATO_0000146"
    ]


def test_actions_are_activities(memory: Fairgraph, tmp_path: Path) -> None:
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "object": {"@id": "./in"},
        "result": {"@id": "./out"},
        "agent": {"@id": "#me"},
    }
    files = [{"@id": f"./{name}", "@type": "File"} for name in ("in", "out")]
    memory.add(
        notebook(
            tmp_path / "n.eln",
            action,
            *files,
            {"@id": "#me", "@type": "Person"},
            files={"in": b"1", "out": b"2"},
        )
    )
    facts = said(memory)
    run = of(facts, "#run")
    assert PROV.Activity in texts(run, RDF.type)
    assert (
        len(run[PROV.used])
        == len(run[PROV.wasAssociatedWith])
        == len(of(facts, "./out")[PROV.wasGeneratedBy])
        == 1
    )


def test_values_with_types_and_languages(memory: Fairgraph, tmp_path: Path) -> None:
    memory.add(
        notebook(
            tmp_path / "n.eln",
            {
                **ENTRY,
                "description": {"@value": "Versuch", "@language": "de"},
                "isAccessibleForFree": True,
            },
        )
    )
    found = of(said(memory), "./exp/")
    assert found[SCHEMA.description] == [Literal("Versuch", language="de")]
    assert texts(found, SCHEMA.isAccessibleForFree) == ["true"]


def test_what_is_kept_without_its_files_has_their_hashes_still(
    memory: Fairgraph, tmp_path: Path
) -> None:
    path = notebook(tmp_path / "n.eln", {"@id": "./a", "@type": "File"}, files={"a": b"x"})
    memory.add(path, with_files=False)
    sha256 = hashlib.sha256(b"x").hexdigest()
    assert texts(of(said(memory), "./a"), SCHEMA.sha256) == [sha256]
    with pytest.raises(NotFound):
        memory.file(sha256)
    memory.add(path, slug="again", with_files=True)
    assert memory.file(sha256).read() == b"x"


def test_the_same_notebook_again_is_unchanged_and_another_payload_is_not(
    memory: Fairgraph, tmp_path: Path
) -> None:
    path = notebook(tmp_path / "n.eln", {"@id": "./a", "@type": "File"}, files={"a": b"x"})
    assert memory.add(path).changed
    assert not memory.add(path).changed
    path.unlink()
    assert memory.add(notebook(path, {"@id": "./a", "@type": "File"}, files={"a": b"y"})).changed


# -- Folders and archives of crates ----------------------------------------------------------------------------------------


def test_a_crate_is_read_from_a_folder_and_from_an_archive(
    memory: Fairgraph, tmp_path: Path
) -> None:
    folder = tmp_path / "crate"
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "deep" / "deeper" / "x.txt").write_bytes(b"x")
    (folder / "ro-crate-metadata.json").write_bytes(
        document({"@id": "deep/deeper/x.txt", "@type": "File"})
    )
    first = memory.add(folder, with_files=True)
    assert first.dataset.format == "ro-crate"
    path = tmp_path / "crate.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("ro-crate-metadata.json", "deep/deeper/x.txt"):
            archive.write(folder / name, name)
    second = memory.add(path, slug="zipped")
    assert second.dataset.format == "ro-crate"
    assert first.dataset.counts["triples"] == second.dataset.counts["triples"]
    assert ELN.Crate in texts(said(memory, 2)[second.dataset.iri], RDF.type)


def test_links_in_a_folder_are_not_followed_and_said(tmp_path: Path) -> None:
    crate = tmp_path / "crate"
    crate.mkdir()
    (tmp_path / "secret.txt").write_bytes(b"x")
    (crate / "ro-crate-metadata.json").write_bytes(document({"@id": "a", "@type": "File"}))
    (crate / "a").symlink_to(tmp_path / "secret.txt")
    (crate / "b").symlink_to(tmp_path)
    found = rules(crate)
    assert found["crate-link"] == 2
    other = tmp_path / "other"
    other.mkdir()
    (other / "ro-crate-metadata.json").symlink_to(crate / "ro-crate-metadata.json")
    with pytest.raises(SourceError, match="is a link"), read_draft(other, "ro-crate"):
        pass


def test_the_files_of_a_folder_are_not_read_unless_they_are_wanted(tmp_path: Path) -> None:
    (tmp_path / "ro-crate-metadata.json").write_bytes(
        document({"@id": "a", "@type": "File"}, {"@id": "b", "@type": "File"})
    )
    (tmp_path / "a").write_bytes(b"x")
    found = rules(tmp_path)
    assert found.get("crate-payload-missing") == 1
    assert "crate-payload-undescribed" not in found


@pytest.mark.parametrize("version", VERSIONS)
def test_the_bundled_contexts_are_whole(version: str) -> None:
    assert bundled(f"ro-crate-{version}")["File"] == SCHEMA.MediaObject


def test_the_bundled_contexts_are_what_was_published() -> None:
    folder = ONTOLOGIES / "contexts"
    rows = re.findall(
        r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.MULTILINE
    )
    assert len(rows) == 5
    for name, sha256 in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256


# -- What is refused, made here: the corpus may not be there ----------------------------------------------------------------


def refused(path: Path, match: str) -> None:
    with pytest.raises(SourceError, match=match):
        rules(path)


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    path = notebook(tmp_path / "n.eln", ENTRY, files={"a": b"x"})
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    refused(path, "encrypted")


def test_links_are_refused(tmp_path: Path) -> None:
    path = notebook(tmp_path / "n.eln", ENTRY)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("root/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    refused(path, "link")


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    refused(notebook(tmp_path / "n.eln", ENTRY, files={"zeros": bytes(32 << 20)}), "expands")


@pytest.mark.parametrize(
    ("context", "match"),
    [
        ("http://evil.example/context", "nothing is fetched"),
        ([CONTEXT, {"@import": "http://evil.example/"}], "@import"),
        (None, "@context"),
        ({"name": "http://schema.org/name"}, "no context of RO-Crate"),
    ],
)
def test_contexts_that_are_not_bundled_are_refused(
    tmp_path: Path, context: Any, match: str
) -> None:
    refused(notebook(tmp_path / "n.eln", ENTRY, context=context), match)


@pytest.mark.parametrize(
    ("nodes", "match"),
    [
        ([{"@id": "./a/%2e%2E/%252e%252e/b", "@type": "File"}], "leads out"),
        ([{**ENTRY, "hasPart": {"@id": "#p"}}, {"@id": "#p", "@type": "Dataset", "hasPart": {"@id": "./exp/"}}], "part of itself"),
        ([{**ENTRY, "name": "\ud800"}], "half a character"),
        ([{**ENTRY, "name": "a\0b"}], "NUL"),
    ],
)  # fmt: skip
def test_documents_that_deceive_are_refused(
    tmp_path: Path, nodes: list[dict[str, Any]], match: str
) -> None:
    refused(notebook(tmp_path / "n.eln", *nodes), match)


def test_too_deep_and_too_many_are_refused(tmp_path: Path) -> None:
    deep: Any = "x"
    for _ in range(70):
        deep = [deep]
    refused(notebook(tmp_path / "n.eln", {**ENTRY, "about": deep}), "deeper")
    many = {"@id": "#x", "about": [{} for _ in range(200_001)]}
    refused(notebook(tmp_path / "m.eln", many), "more than 200000 objects")


def test_a_notebook_is_told_by_its_name_and_a_crate_by_its_metadata(
    memory: Fairgraph, tmp_path: Path
) -> None:
    path = notebook(tmp_path / "n.eln", ENTRY, files={"exp/i_investigation.txt": b"not ISA"})
    assert memory.add(path).dataset.format == "eln"
    assert (
        memory.add(path.rename(tmp_path / "n.zip"), format="ro-crate", slug="c").dataset.format
        == "ro-crate"
    )


def test_signatures_are_verified_against_configured_keys_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ed25519 = pytest.importorskip(
        "cryptography.hazmat.primitives.asymmetric.ed25519",
        reason="the extra signatures is not installed",
    )
    import base64

    def verdict(path: Path) -> tuple[str, str]:
        with read_draft(path) as draft:
            (found,) = [finding for finding in draft.report if finding.rule == "crate-signature"]
        return found.severity, found.message

    private, key_id = ed25519.Ed25519PrivateKey.generate(), b"\x01\x02\x03\x04\x05\x06\x07\x08"
    data, comment = document(ENTRY), b"timestamp:1"
    signed = private.sign(hashlib.blake2b(data).digest())
    lines = [
        b"untrusted comment: x",
        base64.b64encode(b"ED" + key_id + signed),
        b"trusted comment: " + comment,
        base64.b64encode(private.sign(signed + comment)),
    ]
    files = {"ro-crate-metadata.json.minisig": b"\n".join(lines) + b"\n"}
    public = base64.b64encode(b"Ed" + key_id + private.public_key().public_bytes_raw())
    files["key.pub"] = b"untrusted comment: a key in the archive\n" + public + b"\n"
    path = notebook(tmp_path / "n.eln", metadata=data, files=files)
    assert verdict(path) == (
        "info",
        "signed by the key 0807060504030201, which nobody has configured: the signature proves nothing here",
    )
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "lab.pub").write_bytes(files["key.pub"])
    monkeypatch.setenv("FAIRGRAPH_MINISIGN_KEYS", str(keys))
    assert verdict(path)[1].endswith("verified")
    changed = notebook(
        tmp_path / "m.eln", metadata=data.replace(b"An experiment", b"Another one  "), files=files
    )
    assert verdict(changed)[0] == "violation"


def test_a_descriptor_in_a_notebook_is_a_node_like_others(
    memory: Fairgraph, tmp_path: Path
) -> None:
    memory.add(notebook(tmp_path / "n.eln", ENTRY))
    found = of(said(memory), str(DESCRIPTOR["@id"]))
    assert texts(found, SCHEMA.about) == [memory.dataset(1).iri]
