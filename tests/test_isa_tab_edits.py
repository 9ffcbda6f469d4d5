"""A dataset that an update changed: its tables show the change, in full rows, and say what the graph says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import fairgraph
from fairgraph.api import Fairgraph
from isa_facts import PREFIXES, said
from isa_tab_folders import Grid, export_tab, tables

GRAPH = "<http://localhost:8000/id/tab>"
IRIS = f"""{PREFIXES}
PREFIX s: <http://localhost:8000/id/tab/study/S1/>
PREFIX a: <http://localhost:8000/id/tab/study/S1/assay/a_one/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
STUDY, ASSAY = "<http://localhost:8000/id/tab/study/S1>", "<http://localhost:8000/id/tab/study/S1/assay/a_one>"  # fmt: skip
SAMPLES = """
Source Name|Characteristics[organism]|Protocol REF|Parameter Value[volume]|Sample Name|Factor Value[dose]
m1|mouse|collection|1|s1|5
m1|mouse|collection|1|s2|6
m2|rat|collection|2|s3|5
"""
FILES = """
Sample Name|Protocol REF|Extract Name|Protocol REF|Raw Data File|Protocol REF|Derived Data File
s1|extraction|e1|scan|r1|analysis|d
s2|extraction|e2|scan|r2|analysis|d
s3|extraction|e3|scan|r3|analysis|d
"""


@dataclass(frozen=True)
class Edit:
    """An update and the tables that it leads to."""

    name: str
    update: str
    study: str = SAMPLES
    assay: str = FILES


def insert(triples: str) -> str:
    return f"INSERT DATA {{ GRAPH {GRAPH} {{ {triples} }} }}"


def delete(triples: str) -> str:
    return f"DELETE DATA {{ GRAPH {GRAPH} {{ {triples} }} }}"


def change(old: str, new: str, where: str) -> str:
    return f"WITH {GRAPH} DELETE {{ {old} }} INSERT {{ {new} }} WHERE {{ {where} }}"


def remove(iri: str) -> str:
    return change("?s ?p ?o . ?o2 ?p2 ?s", "", f"BIND ({iri} AS ?s) ?s ?p ?o . OPTIONAL {{ ?o2 ?p2 ?s }}")  # fmt: skip


def thing(table: str, relation: str, iri: str, types: str, name: str) -> str:
    return f"{table} isa:{relation} {iri} . {iri} a {types}, bioschemas:Sample, prov:Entity ; schema:name '{name}' . "


def process(table: str, iri: str, protocol: str, given: str, made: str) -> str:
    return f"""{table} isa:process {iri} . {iri} a bioschemas:LabProcess, prov:Activity ;
        bioschemas:executesLabProtocol s:protocol\\/{protocol} ; schema:object {given} ; schema:result {made} . """


def value(owner: str, relation: str, category: str, said: str) -> str:
    return f"{owner} {relation} s:v . s:v a schema:PropertyValue ; fg:category {category} ; schema:value {said} . "


EDITS = [
    Edit("an input more", insert("s:process\\/collection-s3 schema:object s:source\\/m1"), SAMPLES + "m1|mouse|collection|2|s3|5"),
    Edit("an output more", insert("s:process\\/collection-s1 schema:result s:sample\\/s3"), SAMPLES + "m1|mouse|collection|1|s3|5"),
    Edit(
        "no output", delete("s:process\\/collection-s1 schema:result s:sample\\/s2"),
        SAMPLES.replace("m1|mouse|collection|1|s2|6", "||||s2|6"),
    ),
    Edit(
        "no input", delete("s:process\\/collection-s3 schema:object s:source\\/m2"),
        SAMPLES.replace("m2|rat|collection|2|s3|5", "m2|rat||||\n||collection|2|s3|5"),
    ),
    Edit(
        "a new sample",
        insert(thing(STUDY, "sample", "s:sample\\/n", "isa:Sample", "n") + process(STUDY, "s:process\\/n", "collection", "s:source\\/m2", "s:sample\\/n")),
        SAMPLES + "m2|rat|collection||n|",
    ),
    Edit(
        "a new source of a sample",
        insert(thing(STUDY, "source", "s:source\\/n", "isa:Source", "n") + process(STUDY, "s:process\\/n", "scan", "s:source\\/n", "s:sample\\/s3")),
        SAMPLES + "n||scan||s3|5",
    ),
    Edit("a new source alone", insert(thing(STUDY, "source", "s:source\\/n", "isa:Source", "n")), SAMPLES + "n|||||"),
    Edit(
        "a new extract",
        insert(thing(ASSAY, "otherMaterial", "a:extract\\/n", "isa:Extract", "n") + process(ASSAY, "a:process\\/n", "extraction", "s:sample\\/s2", "a:extract\\/n")),
        assay=FILES + "s2|extraction|n||||",
    ),
    Edit(
        "a labeled extract between",
        delete("a:process\\/scan-r1 schema:object a:extract\\/e1") + ";"
        + insert(
            thing(ASSAY, "otherMaterial", "a:labeled-extract\\/n", "isa:LabeledExtract", "n")
            + process(ASSAY, "a:process\\/n", "extraction", "a:extract\\/e1", "a:labeled-extract\\/n")
            + "a:process\\/scan-r1 schema:object a:labeled-extract\\/n"
        ),
        assay="""
            Sample Name|Protocol REF|Extract Name|Protocol REF|Labeled Extract Name|Protocol REF|Raw Data File|Protocol REF|Derived Data File
            s2|extraction|e2|||scan|r2|analysis|d
            s3|extraction|e3|||scan|r3|analysis|d
            s1|extraction|e1|extraction|n|scan|r1|analysis|d
        """,
    ),
    Edit(
        "a new characteristic",
        insert(f"{STUDY} isa:characteristicCategory s:c . s:c a isa:CharacteristicCategory ; schema:name 'sex' ." + value("s:source\\/m2", "schema:additionalProperty", "s:c", "'f'")),
        """
            Source Name|Characteristics[organism]|Characteristics[sex]|Protocol REF|Parameter Value[volume]|Sample Name|Factor Value[dose]
            m1|mouse||collection|1|s1|5
            m1|mouse||collection|1|s2|6
            m2|rat|f|collection|2|s3|5
        """,
    ),
    Edit(
        "a second value of a characteristic",
        insert(value("s:source\\/m2", "schema:additionalProperty", "s:characteristic\\/organism", "'f'")),
        """
            Source Name|Characteristics[organism]|Characteristics[organism]|Protocol REF|Parameter Value[volume]|Sample Name|Factor Value[dose]
            m1|mouse||collection|1|s1|5
            m1|mouse||collection|1|s2|6
            m2|rat|f|collection|2|s3|5
        """,
    ),
    Edit(
        "a number with a unit",
        insert(
            f"{STUDY} isa:characteristicCategory s:c . s:c a isa:CharacteristicCategory ; schema:name 'age' ." + value("s:sample\\/s2", "schema:additionalProperty", "s:c", "7")
            + "s:v schema:unitCode <http://e.org/hour> . <http://e.org/hour> a schema:DefinedTerm ; schema:name 'hour' ."
        ),
        """
            Source Name|Characteristics[organism]|Protocol REF|Parameter Value[volume]|Sample Name|Factor Value[dose]|Characteristics[age]|Unit|Term Source REF|Term Accession Number
            m1|mouse|collection|1|s1|5||||
            m1|mouse|collection|1|s2|6|7|hour||http://e.org/hour
            m2|rat|collection|2|s3|5||||
        """,
    ),
    Edit(
        "a new parameter",
        insert(
            "s:protocol\\/collection isa:parameter s:p . s:p a isa:Parameter ; isa:parameterName <http://e.org/t> ; fg:index 2 . <http://e.org/t> a schema:DefinedTerm ; schema:name 'time' ."
            + value("s:process\\/collection-s3", "bioschemas:parameterValue", "s:p", "3")
        ),
        """
            Source Name|Characteristics[organism]|Protocol REF|Parameter Value[volume]|Parameter Value[time]|Sample Name|Factor Value[dose]
            m1|mouse|collection|1||s1|5
            m1|mouse|collection|1||s2|6
            m2|rat|collection|2|3|s3|5
        """,
    ),
    Edit(
        "a new factor",
        insert(f"{STUDY} isa:factor s:f . s:f a isa:Factor ; schema:name 'time' ." + value("s:sample\\/s1", "schema:additionalProperty", "s:f", "3")),
        """
            Source Name|Characteristics[organism]|Protocol REF|Parameter Value[volume]|Sample Name|Factor Value[dose]|Factor Value[time]
            m1|mouse|collection|1|s1|5|3
            m1|mouse|collection|1|s2|6|
            m2|rat|collection|2|s3|5|
        """,
    ),
    Edit(
        "date and performer",
        insert("s:process\\/collection-s3 schema:endTime '2020-01-01'^^xsd:date ; schema:agent s:bob . s:bob a prov:Agent ; schema:name 'Bob' ."),
        """
            Source Name|Characteristics[organism]|Protocol REF|Parameter Value[volume]|Performer|Date|Sample Name|Factor Value[dose]
            m1|mouse|collection|1|||s1|5
            m1|mouse|collection|1|||s2|6
            m2|rat|collection|2|Bob|2020-01-01|s3|5
        """,
    ),
    Edit(
        "comments",
        insert(
            "a:process\\/analysis-d schema:comment s:c . s:c a schema:Comment ; schema:name 'note' ; schema:text 'x' ."
            "a:data\\/r2 schema:comment s:d . s:d a schema:Comment ; schema:name 'md5' ; schema:text 'y' ."
        ),
        assay="""
            Sample Name|Protocol REF|Extract Name|Protocol REF|Raw Data File|Comment[md5]|Protocol REF|Comment[note]|Derived Data File
            s1|extraction|e1|scan|r1||analysis|x|d
            s2|extraction|e2|scan|r2|y|analysis|x|d
            s3|extraction|e3|scan|r3||analysis|x|d
        """,
    ),
    Edit(
        "the type of one file", change("a:data\\/r2 isa:fileType ?old", "a:data\\/r2 isa:fileType 'Image File'", "a:data\\/r2 isa:fileType ?old"),
        assay="""
            Sample Name|Protocol REF|Extract Name|Protocol REF|Raw Data File|Image File|Protocol REF|Derived Data File
            s1|extraction|e1|scan|r1||analysis|d
            s2|extraction|e2|scan||r2|analysis|d
            s3|extraction|e3|scan|r3||analysis|d
        """,
    ),
    Edit(
        "the type of one file, which another column has", change("a:data\\/r2 isa:fileType ?old", "a:data\\/r2 isa:fileType 'Derived Data File'", "a:data\\/r2 isa:fileType ?old"),
        assay="""
            Sample Name|Protocol REF|Extract Name|Protocol REF|Raw Data File|Derived Data File|Protocol REF|Derived Data File
            s1|extraction|e1|scan|r1||analysis|d
            s2|extraction|e2|scan||r2|analysis|d
            s3|extraction|e3|scan|r3||analysis|d
        """,
    ),
    Edit(
        "the type of all files of a column", change("?f isa:fileType ?old", "?f isa:fileType 'Image File'", "?f isa:fileType ?old FILTER (?old = 'Raw Data File')"),
        assay=FILES.replace("Raw Data", "Image"),
    ),
    Edit(
        "the type of the last file", change("a:data\\/d isa:fileType ?old", "a:data\\/d isa:fileType 'Image File'", "a:data\\/d isa:fileType ?old"),
        assay=FILES.replace("Derived Data", "Image"),
    ),
    Edit(
        "another name", change("?s schema:name 's2'", "?s schema:name 'renamed'", "?s schema:name 's2'"),
        SAMPLES.replace("s2", "renamed"), FILES.replace("s2", "renamed"),
    ),
    Edit(
        "no process", remove("a:process\\/extraction-e2"),
        assay=FILES.replace("s2|extraction|e2", "||e2") + "s2||||||",
    ),
    Edit(
        "no extract", remove("a:extract\\/e2"),
        assay=FILES.replace("s2|extraction|e2|scan|r2|analysis|d\n", "") + "|||scan|r2|analysis|d\ns2|extraction|||||",
    ),
    Edit("no file", remove("a:data\\/d"), assay=FILES.replace("|d\n", "|\n")),
    Edit(
        "no sample", remove("s:sample\\/s2"),
        SAMPLES.replace("m1|mouse|collection|1|s2|6\n", ""), FILES.replace("s2|", "|"),
    ),
    Edit(
        "another protocol",
        change("a:process\\/scan-r2 bioschemas:executesLabProtocol ?x", "a:process\\/scan-r2 bioschemas:executesLabProtocol s:protocol\\/extraction", "a:process\\/scan-r2 bioschemas:executesLabProtocol ?x"),
        assay=FILES.replace("scan|r2", "extraction|r2"),
    ),
    Edit(
        "a named process", insert("a:process\\/scan-r2 schema:name 'run'"),
        assay="""
            Sample Name|Protocol REF|Extract Name|Protocol REF|Assay Name|Raw Data File|Protocol REF|Derived Data File
            s1|extraction|e1|scan||r1|analysis|d
            s2|extraction|e2|scan|run|r2|analysis|d
            s3|extraction|e3|scan||r3|analysis|d
        """,
    ),
]  # fmt: skip


def grid(text: str) -> Grid:
    return [[cell.strip() for cell in row.split("|")] for row in text.strip().splitlines()]


@pytest.fixture
def dataset(memory: Fairgraph, write_tab: Callable[..., Path]) -> Fairgraph:
    folder = write_tab(grid(SAMPLES), grid(FILES))
    text = (folder / "i_investigation.txt").read_text(encoding="utf-8")
    assert "\textraction\tscan\n" in text
    declared = text.replace("\textraction\tscan\n", "\textraction\tscan\tanalysis\n", 1)
    (folder / "i_investigation.txt").write_text(declared, encoding="utf-8")
    memory.add(folder)
    return memory


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_tables_show_an_edit_in_full_rows(dataset: Fairgraph, tmp_path: Path, edit: Edit) -> None:
    dataset.update(IRIS + edit.update)
    written = export_tab(dataset, tmp_path / "written")
    assert tables(written) == {"s_one.txt": grid(edit.study), "a_one.txt": grid(edit.assay)}
    assert "What these files do not say" not in (written / "README.md").read_text(encoding="utf-8")
    with fairgraph.open("memory:") as other:
        other.add(written)
        assert said(other) == said(dataset)


def test_a_file_type_that_is_no_heading_is_named(dataset: Fairgraph, tmp_path: Path) -> None:
    dataset.update(IRIS + change("?f isa:fileType ?old", "?f isa:fileType 'photograph'", "?f isa:fileType ?old ; schema:name 'r2'"))  # fmt: skip
    written = export_tab(dataset, tmp_path / "written")
    shown = tables(written)["a_one.txt"]
    assert [row[4:6] for row in shown] == [["Raw Data File", "Derived Data File"], ["r1", ""], ["", "r2"], ["r3", ""]]  # fmt: skip
    readme = (written / "README.md").read_text(encoding="utf-8")
    assert "1 data files have a type that is no heading" in readme
