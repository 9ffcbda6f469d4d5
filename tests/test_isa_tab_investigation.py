"""The investigation file of ISA-Tab: what comes in goes out, row by row, and what an update changes shows."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fairgraph
from fairgraph.answers import Subject
from fairgraph.api import Fairgraph, read_draft
from fairgraph.exports.export import Answers, Export
from fairgraph.exports.isa_tab_investigation import file_name, investigation_rows, row_text
from fairgraph.exports.isa_view import read_view
from fairgraph.importers.tsv import read_tsv
from fairgraph.isa.plain import iso_day
from fairgraph.isa.sections import SECTIONS, STUDY_SECTIONS, TOP_SECTIONS
from fairgraph.report import Report
from support import corpus_paths
from test_isa_tab_corpus import independent

Rows = list[list[str]]
PREFIXES = "PREFIX isa: <https://w3id.org/fairgraph/isa#> PREFIX schema: <http://schema.org/> PREFIX fg: <https://w3id.org/fairgraph/ns#> "

# The file is neither UTF-8 nor what the independent reader takes it for (Latin-1): that one says other characters.
NOT_UTF8 = {"linkedISA_T3"}


class Written:
    """The investigation file of one dataset, as it would be written."""

    def __init__(self, fg: Fairgraph, dataset: Any = 1, **options: Any) -> None:
        self.notes: list[str] = []

        def write(answers: Answers, output: BinaryIO) -> None:
            view = read_view(answers)
            self.file_name = file_name(view)
            for row in investigation_rows(view, notes=self.notes, **options):
                output.write(row_text(row).encode())

        export = Export("i", "", "export/isa", "text/plain", "txt", write)
        found = fg.dataset(dataset)
        subject = Subject((found.node,), found.slug, fg.store.base)
        self.bytes = fg._exported(export, subject, [found], {}).to_bytes()
        self.rows = rows_of(self.bytes)

    def row(self, label: str, n: int = 0) -> list[str]:
        """The cells behind a label, the n-th time that it stands there."""
        return [row[1:] for row in self.rows if row[0] == label][n]

    def section(self, heading: str) -> Rows:
        """The rows below a heading."""
        start = self.rows.index([heading]) + 1
        end = next(
            (n for n in range(start, len(self.rows)) if self.rows[n][0] in SECTIONS), len(self.rows)
        )
        return self.rows[start:end]


def rows_of(data: bytes) -> Rows:
    """All rows, comment rows too, stripped, without empty cells at the end and without empty rows."""
    text = read_tsv("i", io.BytesIO(data), Report()).text
    found = []
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter="\t"):
        stripped = [cell.strip() for cell in cells]
        while stripped and not stripped[-1]:
            stripped.pop()
        if stripped:
            found.append(stripped)
    return found


def tab_of(path: Path, text: str) -> Path:
    path.mkdir(exist_ok=True)
    (path / "i_x.txt").write_bytes(text.encode())
    return path


def table(rows: Rows) -> str:
    return "".join(row_text(row) for row in rows)


def again(fg: Fairgraph, folder: Path, text: str, **options: Any) -> Written:
    """Import a file with this text, and write it."""
    return Written(fg, fg.add(tab_of(folder, text)).dataset, **options)


def through_json(fg: Fairgraph, folder: Path, dataset: Any = 1) -> Written:
    """Write a dataset as ISA-JSON, import that elsewhere, and write the investigation file from there."""
    path = folder / "through.json"
    path.write_bytes(fg.export("isa-json", dataset).to_bytes())
    with fairgraph.open("memory:") as other:
        return Written(other, other.add(path).dataset)


# -- the corpus ------------------------------------------------------------------------------------------------------

FOLDERS = corpus_paths("isa/tab/*")


def investigation_of(folder: Path) -> Path:
    return next(p for p in sorted(folder.iterdir()) if p.name.lower().startswith("i_"))


# The independent reader leaves its files to be closed by Python.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.corpus
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_real_file_comes_back_row_by_row_also_through_json(
    folder: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    source = investigation_of(folder)
    memory.add(folder)
    for written in (Written(memory), through_json(memory, tmp_path)):
        assert written.rows == rows_of(source.read_bytes())
        assert written.file_name == source.name
        if folder.name not in NOT_UTF8:
            copy = tmp_path / source.name
            copy.write_bytes(written.bytes)
            assert independent().inv_facts(copy) == independent().inv_facts(source)


@pytest.mark.corpus
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_real_file_made_normal_has_the_rows_of_the_standard(
    folder: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    shutil.copy(investigation_of(folder), tmp_path)
    memory.add(tmp_path)
    written = Written(memory, normalise=True)
    headings = [row[0] for row in written.rows if row[0] in SECTIONS]
    studies = headings.count("STUDY")
    assert headings == [*TOP_SECTIONS, *(list(STUDY_SECTIONS) * studies)]
    lines = written.bytes.decode().splitlines()
    assert len(lines) == len(written.rows), "a cell goes over a line end"
    for section, labels in SECTIONS.items():
        for n in range(headings.count(section)):
            at = [i for i, row in enumerate(written.rows) if row == [section]][n] + 1
            below = [row[0] for row in written.rows[at : at + len(labels)]]
            assert tuple(below) == labels
    of_one = [*written.section("INVESTIGATION"), *(written.section("STUDY") if studies else [])]
    assert all(len(row) < 3 for row in of_one)


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_paths("isa/json/*/BII-*.json"), ids=lambda path: path.name)
def test_real_json_comes_back_from_its_investigation_file(
    path: Path, memory: Fairgraph, tmp_path: Path
) -> None:
    memory.add(path)
    first = Written(memory)
    assert [row[0] for row in first.rows if row[0] in SECTIONS][:11] == list(SECTIONS)
    second = again(memory, tmp_path / "tab", first.bytes.decode())
    assert second.rows == first.rows


# -- what is unusual -------------------------------------------------------------------------------------------------

HEAD = "ONTOLOGY SOURCE REFERENCE\nTerm Source Name\tOBI\tUO\n"
STUDY = "STUDY\nStudy Identifier\tS1\nStudy Title\tA title\n"

ODD = {
    "sections in another order": HEAD + STUDY + "STUDY CONTACTS\nStudy Person Last Name\tA\nSTUDY FACTORS\nStudy Factor Name\tdose\n",
    "sections of the investigation behind the study": HEAD + STUDY + "INVESTIGATION\nInvestigation Title\tx\nSTUDY FACTORS\nStudy Factor Name\tdose\n",
    "a study without its heading": HEAD + "STUDY FACTORS\nStudy Factor Name\tdose\nSTUDY\nStudy Title\tsecond\n",
    "a heading without rows": HEAD + "INVESTIGATION\n" + STUDY + "STUDY FACTORS\n",
    "headings as people write them": "Ontology  source reference\nTerm Source Name\tOBI\nInvestigation\nInvestigation Title\tx\n",
    "labels as people write them": HEAD + "STUDY\nstudy identifier\tS1\nTitle\tx\nStudy  Description\ty\nComment [Grant Number]\t7\n",
    "labels in another order": HEAD + "STUDY\nComment[a]\t1\nStudy Title\tx\nComment[b]\t2\nStudy Identifier\tS\n",
    "labels without a value": HEAD + "STUDY\nStudy Title\tx\nComment[empty]\nStudy Mood\nComment[full]\t1\n",
    "labels that nobody knows": HEAD + "STUDY\nStudy Title\tx\nStudy Mood\tgood\tbetter\n\tno label\nComment[Study Mood]\tbad\n",
    "a label given twice": HEAD + "STUDY\nStudy Title\tx\nStudy Title\ty\nstudy title\tz\nComment[a]\t1\nComment[a]\t2\nComment [a]\t3\n",
    "a name given twice, where the first says nothing": HEAD + "STUDY FACTORS\nStudy Factor Name\tp\tq\nComment[a]\t1\nComment[a]\t\t2\n",
    "more values than one": HEAD + "STUDY\nStudy Title\tx\ty\t\tz\nStudy Identifier\tS\nComment[a]\t1\t2\nStudy Mood\t\tbad\n",
    "comments that not all objects have": HEAD + "STUDY\nStudy Title\tx\nSTUDY PROTOCOLS\nStudy Protocol Name\tp\tq\tr\nComment[a]\t\t1\t\nComment[b]\t2\t\t3\nComment[c]\t\t4\t5\n",
    "a section given twice": HEAD + "INVESTIGATION\nInvestigation Title\tx\nTERM\nONTOLOGY SOURCE REFERENCE\nTerm Source Name\tEFO\nTerm Source File\tf\nComment[a]\t1\n".replace("TERM\n", ""),
    "a section of one value given twice": HEAD + "INVESTIGATION\nInvestigation Title\tx\nINVESTIGATION\nInvestigation Title\ty\nInvestigation Identifier\tI\n",
    "empty objects among others": HEAD + "STUDY\nStudy Title\tx\nSTUDY DESIGN DESCRIPTORS\nStudy Design Type\ta\t\tc\nSTUDY CONTACTS\nStudy Person Last Name\t\tB\n",
    "comments on design descriptors": HEAD + "STUDY\nStudy Title\tx\nSTUDY DESIGN DESCRIPTORS\nStudy Design Type\ta\tb\nComment[why]\t\tbecause\nStudy Design Mood\tgood\n",
    "ragged lists": HEAD + "STUDY\nStudy Title\tx\nSTUDY CONTACTS\nStudy Person Last Name\tA\tB\tC\nStudy Person Roles\tx;y; z\tx;\t;x\n"
    "Study Person Roles Term Accession Number\thttp://e.org/1\t;\t\nStudy Person Roles Term Source REF\tOBI;OBI\t\tOBI;;UO\n",
    "ragged lists of protocols": HEAD + "STUDY\nStudy Title\tx\nSTUDY PROTOCOLS\nStudy Protocol Name\tp\tq\nStudy Protocol Parameters Name\ta;;b\t;;\n"
    "Study Protocol Parameters Term Accession Number\t;;\t\nStudy Protocol Components Name\tc;d;e\tf\nStudy Protocol Components Type\tt\tu;v\n",
    "comment rows": "# first\n" + HEAD + "# with\ttabs and \"quotes\"\n#\n" + STUDY + "STUDY FACTORS\nStudy Factor Name\tdose\n# last\n",
    "headings and hashes as values": HEAD + 'STUDY\nStudy Title\tSTUDY FACTORS\nStudy Identifier\t#1\n"#label"\tINVESTIGATION\nComment[STUDY]\tx\n',
    "a reserved word as a comment": HEAD + "STUDY\nStudy Title\tx\nComment[Section]\ty\nComment[a]b]\tz\nComment[]\tw\n",
    "line ends and tabs in cells": HEAD + 'STUDY\nStudy Title\t"two\nlines"\nStudy Description\t"a\ttab\n# no comment\nSTUDY"\nStudy Identifier\t"a ""quoted"" word"\n',
}  # fmt: skip


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_file_comes_back_row_by_row_also_through_json(
    text: str, memory: Fairgraph, tmp_path: Path
) -> None:
    written = again(memory, tmp_path / "tab", text)
    assert written.rows == rows_of(text.encode())
    assert through_json(memory, tmp_path).rows == written.rows


def triples(folder: Path) -> set[bytes]:
    with read_draft(folder) as draft:
        lines = b"".join(draft.spool.chunks()).splitlines()
    return {line for line in lines if b"/ns#line>" not in line}  # empty rows are not written


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_the_file_that_was_written_gives_the_same_graph(
    text: str, memory: Fairgraph, tmp_path: Path
) -> None:
    written = again(memory, tmp_path / "tab", text)
    before = triples(tmp_path / "tab")
    assert triples(tab_of(tmp_path / "tab", written.bytes.decode())) == before


LAYOUT = """
SELECT ?s ?p ?o {
  { ?s a ?t FILTER (?t IN (isa:Section, isa:Field, isa:ListText, isa:Row)) ?s ?p ?o }
  UNION { ?s ?p ?o FILTER (?p IN (isa:section, isa:field, isa:listText, isa:row, isa:surplus, isa:bare)) }
  UNION { ?s a schema:Comment ; ?p ?o }
}
"""


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_json_carries_the_same_statements(text: str, tmp_path: Path) -> None:
    said = []
    path = tab_of(tmp_path / "tab", text)
    for _ in range(2):
        with fairgraph.open("memory:") as fg:
            fg.add(path, slug="x")
            rows = fg.query(PREFIXES + LAYOUT)
            said.append({tuple(str(term) for term in row) for row in rows})
            path = tmp_path / "x.json"
            path.write_bytes(fg.export("isa-json", "x").to_bytes())
    assert said[0] == said[1]


def test_a_file_as_the_standard_has_it_needs_no_statements_about_itself(
    memory: Fairgraph, tmp_path: Path
) -> None:
    rows: Rows = []
    for section, labels in SECTIONS.items():
        rows += [[section], *([label, f"a {label}"] for label in labels)]
        rows += [["Comment[x]", "1"]] if section == "STUDY FACTORS" else []
    written = again(memory, tmp_path / "tab", table(rows))
    assert written.rows == rows
    query = PREFIXES + "SELECT ?x { ?x a ?t FILTER (?t IN (isa:Section, isa:Field, isa:ListText)) }"
    assert list(memory.query(query)) == []


def test_only_the_section_that_deviates_says_so(memory: Fairgraph, tmp_path: Path) -> None:
    memory.add(tab_of(tmp_path / "tab", FULL))
    query = PREFIXES + "SELECT ?name { ?x a isa:Section ; schema:name ?name }"
    assert [row[0].value for row in memory.query(query)] == ["STUDY CONTACTS"]


def _full() -> str:
    rows: Rows = []
    for section, labels in SECTIONS.items():
        order = [*labels[1:], labels[0]] if section == "STUDY CONTACTS" else labels
        rows += [[section], *([label, "x"] for label in order)]
    return table(rows)


FULL = _full()


# -- what an update changes shows ------------------------------------------------------------------------------------

EDITED = (
    "# kept\n" + HEAD + "STUDY\nStudy Title\tA title\nComment [Grant Number]\t7\nStudy Identifier\tS1\n"
    "STUDY PROTOCOLS\nStudy Protocol Name\tp\nStudy Protocol Parameters Name\ta; b\n"
    "Study Protocol Parameters Name Term Accession Number\t\nStudy Protocol Parameters Name Term Source REF\t\n"
    "STUDY CONTACTS\nStudy Person Last Name\tA\tB\nStudy Person Email\ta@e.org\nStudy Person Roles\tx; y\n"
)  # fmt: skip


def update(fg: Fairgraph, old: str, new: str, where: str) -> None:
    graph = fg.dataset(1).iri
    fg.update(
        f"{PREFIXES} WITH <{graph}> DELETE {{ {old} }} INSERT {{ {new} }} WHERE {{ {where} }}"
    )


@pytest.fixture
def edited(memory: Fairgraph, tmp_path: Path) -> Fairgraph:
    assert again(memory, tmp_path / "tab", EDITED).rows == rows_of(EDITED.encode())
    return memory


def test_a_new_title_shows(edited: Fairgraph) -> None:
    update(
        edited, "?s schema:name ?o", '?s schema:name "Another"', "?s a isa:Study ; schema:name ?o"
    )
    assert Written(edited).row("Study Title") == ["Another"]


def test_a_new_comment_text_shows_under_the_label_as_it_was_written(edited: Fairgraph) -> None:
    update(
        edited,
        "?c schema:text ?o",
        '?c schema:text "8"',
        '?c schema:name "Grant Number" ; schema:text ?o',
    )
    assert Written(edited).row("Comment [Grant Number]") == ["8"]


def test_a_new_email_shows_and_brings_its_label(edited: Fairgraph) -> None:
    update(
        edited, "", '?p schema:email "b@e.org" ; schema:telephone "5"', '?p schema:familyName "B"'
    )
    written = Written(edited)
    assert written.row("Study Person Email") == ["a@e.org", "b@e.org"]
    assert written.row("Study Person Phone") == ["", "5"]
    labels = [row[0] for row in written.section("STUDY CONTACTS")]
    assert labels.index("Study Person Phone") == labels.index("Study Person Email") + 1


def test_a_new_parameter_name_shows_and_the_list_is_written_plainly(edited: Fairgraph) -> None:
    update(
        edited,
        "?t schema:name ?o",
        '?t schema:name "c"',
        '?x isa:parameterName ?t . ?t schema:name "b", ?o',
    )
    assert Written(edited).row("Study Protocol Parameters Name") == ["a;c"]
    assert Written(edited).row("Study Person Roles") == ["x; y"], "that list still says the same"


def test_a_section_that_was_not_there_comes_with_its_first_statement(edited: Fairgraph) -> None:
    new = '?s isa:factor <urn:f> . <urn:f> a isa:Factor ; schema:name "dose" ; fg:index 0'
    update(edited, "", new, "?s a isa:Study")
    written = Written(edited)
    assert written.row("Study Factor Name") == ["dose"]
    headings = [row[0] for row in written.rows if row[0] in SECTIONS]
    assert headings == ["ONTOLOGY SOURCE REFERENCE", "STUDY", "STUDY FACTORS", "STUDY PROTOCOLS", "STUDY CONTACTS"]  # fmt: skip


def test_a_person_who_is_gone_leaves_no_gap(edited: Fairgraph) -> None:
    update(edited, "?s schema:creator ?p", "", '?s schema:creator ?p . ?p schema:familyName "A"')
    assert Written(edited).row("Study Person Last Name") == ["B"]


# -- datasets from ISA-JSON ------------------------------------------------------------------------------------------

JSON = {
    "filename": "../elsewhere/thing.json",
    "title": "T",
    "comments": [{"name": "a", "value": "1"}, {"name": "", "value": "nameless"}],
    "ontologySourceReferences": [{"name": "OBI", "comments": [{"name": "n", "value": "on a source"}]}],
    "people": [
        {"lastName": "A", "roles": [{"annotationValue": "x", "termSource": "OBI", "termAccession": "http://e.org/x"}, {"annotationValue": "y"}]},
        {"lastName": "B", "comments": [{"name": "k", "value": "1"}, {"name": "l", "value": "2"}]},
        {"lastName": "C", "comments": [{"name": "j", "value": "3"}, {"name": "l", "value": "4"}]},
    ],
    "studies": [
        {
            "identifier": "S",
            "filename": "s.txt",
            "studyDesignDescriptors": [{"annotationValue": "design", "comments": [{"name": "q", "value": "w"}]}],
            "protocols": [{"@id": "#p/1", "name": "p", "parameters": [{"@id": "#q", "parameterName": {"annotationValue": "a;b"}}]}],
            "assays": [{"filename": "a.txt", "measurementType": {"annotationValue": 7}, "technologyPlatform": "tp"}],
        }
    ],
}  # fmt: skip


@pytest.fixture
def born_as_json(memory: Fairgraph, tmp_path: Path) -> Fairgraph:
    path = tmp_path / "d.json"
    path.write_text(json.dumps(JSON), encoding="utf-8")
    memory.add(path)
    return memory


def test_a_dataset_from_json_has_the_standards_labels_and_a_row_for_each_comment(
    born_as_json: Fairgraph,
) -> None:
    written = Written(born_as_json)
    contacts = written.section("INVESTIGATION CONTACTS")
    labels = [row[0] for row in contacts]
    comments = ["Comment[k]", "Comment[l]", "Comment[j]"]
    assert labels == [*SECTIONS["INVESTIGATION CONTACTS"], *comments]
    assert written.row("Comment[l]") == ["", "2", "4"]
    assert written.row("Investigation Person Roles") == ["x;y"]
    assert written.row("Investigation Person Roles Term Accession Number") == ["http://e.org/x;"]
    assert written.row("Study Assay Measurement Type") == ["7"]
    assert written.row("Comment[]") == ["nameless"]
    assert written.file_name == "i_investigation.txt"


def test_tables_are_called_as_they_are_written(born_as_json: Fairgraph) -> None:
    study = next(iter(born_as_json.query(PREFIXES + "SELECT ?s { ?s a isa:Study }")))[0].value
    written = Written(born_as_json, tables={study: "s_study.txt"})
    assert written.row("Study File Name") == ["s_study.txt"]
    assert written.row("Study Assay File Name") == ["a.txt"]


def test_what_has_no_place_is_said(born_as_json: Fairgraph) -> None:
    notes = Written(born_as_json).notes
    assert any("1 comments on ontology terms" in note for note in notes)
    assert any("'a;b' holds a semicolon" in note for note in notes)


def test_reserved_comments_are_not_written(memory: Fairgraph, tmp_path: Path) -> None:
    written = again(memory, tmp_path / "t", HEAD + STUDY + "Comment[isatab:x]\t1\nComment[y]\t2\n")
    assert written.row("Comment[y]") == ["2"]
    assert not any("1" in row[1:] for row in written.rows)
    assert any("isatab:" in note for note in written.notes)
    text = HEAD + STUDY + "Comment[isatab:x]\t1\n"
    assert places(memory, tmp_path / "u", text, "isa-reserved-comment") == ["i_x.txt:6:2"]


def test_undeclared_things_are_declared_for_strict_readers_only(
    memory: Fairgraph, tmp_path: Path, write_tab: Any
) -> None:
    head = [
        "Source Name",
        "Protocol REF",
        "Parameter Value[size]",
        "Factor Value[age]",
        "Sample Name",
    ]
    memory.add(write_tab([head, ["a", "cooking", "1", "2", "b"]]))
    assert Written(memory).row("Study Protocol Name") == ["collection", "extraction", "scan"]
    assert through_json(memory, tmp_path).row("Study Protocol Name") == ["collection", "extraction", "scan"]  # fmt: skip
    strict = Written(memory, normalise=True)
    assert strict.row("Study Protocol Name") == ["collection", "extraction", "scan", "cooking"]
    assert strict.row("Study Protocol Parameters Name")[3] == "size"
    assert strict.row("Study Factor Name") == ["dose", "age"]


def test_two_unit_categories_of_equal_content_stay_two(memory: Fairgraph, tmp_path: Path) -> None:
    unit = {"annotationValue": "gram", "termSource": "UO", "termAccession": "http://e.org/gram"}
    category = {"@id": "#c", "characteristicType": {"annotationValue": "mass"}}
    values = [{"category": {"@id": "#c"}, "value": n, "unit": {"@id": f"#u/{n}"}} for n in (1, 2)]
    study = {
        "identifier": "S",
        "characteristicCategories": [category],
        "unitCategories": [{"@id": f"#u/{n}", **unit} for n in (1, 2)],
        "materials": {"sources": [{"@id": f"#s/{n}", "name": str(n), "characteristics": [v]} for n, v in enumerate(values)]},
    }  # fmt: skip
    path = tmp_path / "u.json"
    path.write_text(json.dumps({"studies": [study]}), encoding="utf-8")
    memory.add(path)
    written = json.loads(memory.export("isa-json", 1).to_bytes())["studies"][0]
    assert [unit["@id"] for unit in written["unitCategories"]] == ["#u/1", "#u/2"]
    sources = written["materials"]["sources"]
    assert [s["characteristics"][0]["unit"] for s in sources] == [{"@id": "#u/1"}, {"@id": "#u/2"}]


# -- places ----------------------------------------------------------------------------------------------------------


def places(fg: Fairgraph, folder: Path, text: str, rule: str) -> list[str]:
    report = fg.add(tab_of(folder, text)).report
    return [finding.where for finding in report if finding.rule == rule]


def test_a_repeated_section_reports_its_own_places(memory: Fairgraph, tmp_path: Path) -> None:
    text = HEAD + "Term Source Mood\tgood\n" + "INVESTIGATION\nInvestigation Title\tx\n" + HEAD.replace("OBI\tUO", "OBI") + "Term Source Weather\tbad\n"  # fmt: skip
    found = places(memory, tmp_path / "tab", text, "isa-unknown-label")
    assert found == ["i_x.txt:3:2", "i_x.txt:8:2"]
    assert places(memory, tmp_path / "tab", text, "isa-repeated-source") == ["i_x.txt:7:2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Study Title\t"x\nStudy Identifier\tS\n', "i_x.txt:4:2"),
        ('Study Title\t"x\nStudy Identifier\t"S"\n', "i_x.txt:4:2"),
        ('Study Title\t"x\nStudy Identifier\t"S\n', "i_x.txt:4:2"),
        ('Study Title\t"x" y\nStudy Identifier\t"S\nStudy Description\t"d"\n', "i_x.txt:5:2"),
        ('Study Title\t"x\ny"\nStudy Identifier\t5" disc\n', ""),
        ('Study Title\t"x ""y\n"" z"\n', ""),
    ],
)
def test_an_open_quote_is_noticed_also_where_another_closes_it(
    text: str, expected: str, memory: Fairgraph, tmp_path: Path
) -> None:
    found = places(memory, tmp_path / "tab", HEAD + "STUDY\n" + text, "isa-open-quote")
    assert found == [expected][: bool(expected)]


# -- strict readers --------------------------------------------------------------------------------------------------


def test_strict_readers_get_what_they_want(memory: Fairgraph, tmp_path: Path) -> None:
    text = (
        "# a remark\n" + HEAD + "STUDY\nStudy Title\tx\ty\nStudy  Identifier\tS\nStudy Mood\tgood\nComment [a]\t1\t2\nComment[a]\t3\n"
        "Study Submission Date\t28-Jul-2017\nStudy Public Release Date\t04/02/2011\nStudy Description\t\"two\nlines\"\n"
        "STUDY PUBLICATIONS\nStudy PubMed ID\tPMID:123\nStudy Publication DOI\tdoi:10.1000/x\t\tnot a doi\n"
        "Study Publication Author list\tA\nSTUDY CONTACTS\nStudy Person Last Name\tB\nStudy Person Roles\tx; y;\n"
    )  # fmt: skip
    written = again(memory, tmp_path / "tab", text, normalise=True)
    assert written.section("STUDY") == [
        ["Study Identifier", "S"],
        ["Study Title", "x"],
        ["Study Description", "two lines"],
        ["Study Submission Date", "2017-07-28"],
        ["Study Public Release Date", "04/02/2011"],
        ["Study File Name"],
        ["Comment[Study Mood]", "good"],
        ["Comment[a]", "1"],
        ["Comment[a (2)]", "3"],
        ["Comment[Study Title (2)]", "y"],
        ["Comment[a (2) (2)]", "2"],
    ]
    assert written.row("Study PubMed ID") == ["123"]
    assert written.row("Study Publication DOI") == ["10.1000/x", "not a doi"]
    assert written.row("Study Publication Author List") == ["A"]
    assert written.row("Study Person Roles") == ["x;y"]
    assert written.row("Study Person Roles Term Source REF") == [";"]
    assert any("04/02/2011" in note for note in written.notes)
    assert not any(row[0].startswith("#") for row in written.rows)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2017-07-28", "2017-07-28"),
        ("2017/7/8", "2017-07-08"),
        ("2017-07-28T10:00:00Z", "2017-07-28"),
        ("28-Jul-2017", "2017-07-28"),
        ("28 July 2017", "2017-07-28"),
        ("March 21, 2016, 2:00 pm", "2016-03-21"),
        ("Sept. 1st, 2016", "2016-09-01"),
        ("22/07/2013", "2013-07-22"),
        ("07/22/2013", "2013-07-22"),
        ("11/11/2013", "2013-11-11"),
        ("04/02/2011", ""),
        ("15/07/16", ""),
        ("13-02-17", ""),
        ("31/02/2013", ""),
        ("2017", ""),
        ("1 Ju 2017", ""),
        ("soon", ""),
        ("", ""),
    ],
)
def test_a_date_is_made_iso_where_it_says_one_day(text: str, day: str) -> None:
    assert iso_day(text) == day


# -- any text --------------------------------------------------------------------------------------------------------

WORDS = 'STUDY|INVESTIGATION|#x|"|a "b" c|a;b;|;|a\tb|a\nb|a\r\nb|Comment[x]|Study Title|0|isa|1.50|\u2028|é'
TEXTS = st.one_of(
    st.sampled_from(WORDS.split("|")),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8),
).map(str.strip)
LABELS = st.one_of(
    st.sampled_from([label for labels in SECTIONS.values() for label in labels]),
    TEXTS.filter(bool).map(lambda name: f"Comment[{name}]"),
    TEXTS.filter(bool).map(lambda name: f"Comment [{name}]"),
    TEXTS,
)


@st.composite
def files(draw: st.DrawFn) -> Rows:
    """Sections in any order with any rows, the first of which says something."""
    rows: Rows = [["ONTOLOGY SOURCE REFERENCE"], ["Term Source Name", "OBI"]]
    for section in draw(st.lists(st.sampled_from(list(SECTIONS)), max_size=5)):
        rows.append([section])
        for label in draw(st.lists(LABELS, max_size=5)):
            cells = draw(st.lists(TEXTS, max_size=3))
            if any([label, *cells]) and (any(cells) or label.upper() not in SECTIONS):
                rows.append([label, *cells])
    return rows


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=files())
def test_any_file_comes_back_row_by_row_also_through_json(
    rows: Rows, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    text = table(rows)
    with fairgraph.open("memory:") as fg:
        written = again(fg, folder / "tab", text)
        assert written.rows == rows_of(text.encode())
        assert through_json(fg, folder).rows == written.rows
