"""The pitfalls of ISA-Tab, one small table each: what the importer makes of them, and what it says about them."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

import fairgraph
from fairgraph.api import read_draft
from fairgraph.errors import SourceError, UnknownFormat
from fairgraph.importers import archive
from fairgraph.terms import BIOSCHEMAS, FG, ISA, PROV, RDF, SCHEMA, SKOS, XSD

Tab = Callable[..., Path]
Rows = list[list[str]]
HEAD = ["Source Name", "Protocol REF", "Sample Name"]


# The folders of these tests are as small as can be: most sections and labels are not there.
OF_SMALL_FOLDERS = {"isa-section-missing", "isa-label-missing", "isa-no-sample", "isa-first-node"}


class Read:
    """What the importer made of a folder, by name instead of by IRI."""

    def __init__(self, path: Path) -> None:
        with read_draft(path) as draft:
            self.ntriples = b"".join(draft.spool.chunks())
            self.findings = [f for f in draft.report if f.rule not in OF_SMALL_FOLDERS]
            self.title, self.iri = draft.title, draft.dataset
        self.triples: list[Triple] = [
            quad.triple for quad in parse(self.ntriples, format=RdfFormat.N_TRIPLES)
        ]
        self._out: dict[tuple[str, str], list[NamedNode | Literal]] = defaultdict(list)
        for triple in dict.fromkeys(self.triples):
            self._out[triple.subject.value, triple.predicate.value].append(triple.object)

    def all(self, subject: str, predicate: str) -> list[str]:
        return [term.value for term in self._out.get((subject, predicate), ())]

    def one(self, subject: str, predicate: str) -> str:
        found = self.all(subject, predicate)
        assert len(found) < 2, found
        return found[0] if found else ""

    def name_heading(self, process: str) -> str:
        """The heading of the column in which a process has its name."""
        names = self.one(self.one(process, FG.column), ISA.nameColumn)
        return self.one(names, ISA.header)

    def literal(self, subject: str, predicate: str) -> Literal:
        (found,) = self._out[subject, predicate]
        assert isinstance(found, Literal)
        return found

    def of_type(self, kind: str) -> list[str]:
        types = (t for t in self.triples if t.predicate.value == RDF.type)
        return list(dict.fromkeys(t.subject.value for t in types if t.object.value == kind))

    def names(self, kind: str) -> list[str]:
        return [self.one(node, SCHEMA.name) for node in self.of_type(kind)]

    def node(self, name: str) -> str:
        """The one material, data file or process of this name."""
        kinds = (BIOSCHEMAS.Sample, SCHEMA.MediaObject, BIOSCHEMAS.LabProcess)
        nodes = dict.fromkeys(node for kind in kinds for node in self.of_type(kind))
        (found,) = (node for node in nodes if self.one(node, SCHEMA.name) == name)
        return found

    def processes(self) -> set[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        """Protocol, inputs and outputs of each process, by name; the number of processes is checked."""
        nodes = self.of_type(BIOSCHEMAS.LabProcess)
        found = {(self.protocol(p), self.ends(p, SCHEMA.object), self.ends(p, SCHEMA.result)) for p in nodes}  # fmt: skip
        assert len(found) == len(nodes), "two processes look the same"
        return found

    def protocol(self, process: str) -> str:
        return self.one(self.one(process, BIOSCHEMAS.executesLabProtocol), SCHEMA.name)

    def ends(self, process: str, predicate: str) -> tuple[str, ...]:
        return tuple(sorted(self.one(node, SCHEMA.name) for node in self.all(process, predicate)))

    def values(self, name: str) -> list[tuple[str, ...]]:
        """The annotations of a node: category, value, unit, term, and source and accession of unit or term."""
        node, found = self.node(name), []
        for predicate in (SCHEMA.additionalProperty, BIOSCHEMAS.parameterValue):
            for value in self.all(node, predicate):
                unit, term = (
                    self.one(value, SCHEMA.unitCode),
                    self.one(value, SCHEMA.valueReference),
                )
                row = (
                    self.one(self.one(value, FG.category), SCHEMA.name),
                    self.one(value, FG.rawText) or self.one(value, SCHEMA.value),
                    self.one(unit, SCHEMA.name),
                    self.one(term, SCHEMA.name),
                    self.one(self.one(unit or term, SCHEMA.inDefinedTermSet), SCHEMA.name),
                    self.one(unit or term, SCHEMA.termCode),
                )  # fmt: skip
                found.append(tuple(row))
        return sorted(found)

    def comments(self, name: str) -> list[tuple[str, str]]:
        nodes = self.all(self.node(name), SCHEMA.comment)
        return sorted((self.one(n, SCHEMA.name), self.one(n, SCHEMA.text)) for n in nodes)

    def found(self, rule: str) -> list[tuple[str, str, str]]:
        """Severity, isatools code and place of the findings of one rule."""
        return [(f.severity, f.code, f.where) for f in self.findings if f.rule == rule]

    @property
    def rules(self) -> list[str]:
        return [finding.rule for finding in self.findings]


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# -- rows, cells and files -------------------------------------------------------------------------------------------


def test_a_plain_table_has_no_findings(write_tab: Tab) -> None:
    read = Read(write_tab([HEAD, ["a", "collection", "b"]]))
    assert read.findings == []
    assert read.title == "A title"
    assert read.processes() == {("collection", ("a",), ("b",))}
    assert read.all(read.node("b"), PROV.wasDerivedFrom) == [read.node("a")]


def test_quoted_and_bare_headers_mean_the_same(write_tab: Tab) -> None:
    row = ["a", "collection", "b"]
    bare = Read(write_tab([HEAD, row]))
    quoted = Read(write_tab([[f'"{cell}"' for cell in cells] for cells in (HEAD, row)]))
    folder = write_tab([HEAD, row])
    replace_in(folder / "i_investigation.txt", "STUDY FACTORS", '"STUDY FACTORS"')
    replace_in(folder / "i_investigation.txt", "Study Factor Name\tdose", '"Study Factor Name"\t"dose"')  # fmt: skip
    assert bare.ntriples == quoted.ntriples == Read(folder).ntriples


def test_headings_in_any_case_are_known(write_tab: Tab) -> None:
    read = Read(write_tab([["source name", "PROTOCOL REF", "Sample name"], ["a", "collection", "b"]]))  # fmt: skip
    assert read.processes() == {("collection", ("a",), ("b",))}
    assert read.rules == ["isa-column-form"] * 3


def test_a_short_row_is_padded(write_tab: Tab) -> None:
    header = [*HEAD, "Characteristics[age]", "Comment[note]"]
    read = Read(write_tab([header, ["a", "collection", "b"], ["c", "collection", "d", "5"]]))
    assert read.processes() == {("collection", ("a",), ("b",)), ("collection", ("c",), ("d",))}
    assert read.values("d") == [("age", "5", "", "", "", "")]
    assert read.findings == []


def test_cells_beyond_the_last_heading_are_comments_without_a_name(write_tab: Tab) -> None:
    read = Read(write_tab([HEAD, ["a", "collection", "b", "", ""], ["c", "collection", "d", "x", "y"]]))  # fmt: skip
    assert read.found("isa-surplus-cell") == [("warning", "", "s_one.txt:3:4")]
    assert read.comments("d") == [("", "x"), ("", "y")]


def test_newlines_tabs_and_doubled_quotes_belong_to_a_quoted_cell(write_tab: Tab) -> None:
    text = 'two\nlines\tand "quotes"'
    cell = '"' + text.replace('"', '""') + '"'
    rows = [
        [*HEAD, "Characteristics[x]"],
        ["a", "collection", "b", cell],
        ["a", "nothing", "c", ""],
    ]
    read = Read(write_tab(rows))
    assert read.values("b") == [("x", text, "", "", "", "")]
    # The row after it begins on line 4, not on line 3.
    assert read.found("isa-protocol-undeclared") == [("violation", "1007", "s_one.txt:4:2")]


def test_line_ends_inside_a_cell_stay_as_they_are(write_tab: Tab) -> None:
    folder = write_tab([[*HEAD, "Characteristics[x]"], ["a", "collection", "b", "X"]])
    table = folder / "s_one.txt"
    table.write_bytes(table.read_bytes().replace(b"X", b'"one\r\ntwo\rthree\nfour"'))
    assert Read(folder).values("b") == [("x", "one\r\ntwo\rthree\nfour", "", "", "", "")]


def test_a_quotation_mark_that_is_never_closed_is_reported(write_tab: Tab) -> None:
    rows = [[*HEAD, "Characteristics[x]"], ["a", "collection", "b", '"5 prime'], ["c", "collection", "d", "y"]]  # fmt: skip
    read = Read(write_tab(rows))
    assert read.found("isa-open-quote") == [("violation", "", "s_one.txt:2:4")]


def test_a_quotation_mark_inside_a_cell_is_text(write_tab: Tab) -> None:
    read = Read(write_tab([[*HEAD, "Characteristics[x]"], ["a", "collection", "b", '5" disc']]))
    assert read.values("b") == [("x", '5" disc', "", "", "", "")]
    assert read.findings == []


@pytest.mark.parametrize("end", ["\r", "\r\n"], ids=["CR", "CRLF"])
def test_any_line_end_will_do(write_tab: Tab, end: str) -> None:
    folder = write_tab([HEAD, ["a", "collection", "b"], ["c", "nothing", "d"]])
    expected = Read(folder)
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", end.encode()))
    read = Read(folder)
    assert read.ntriples == expected.ntriples
    assert read.findings == expected.findings
    assert read.found("isa-protocol-undeclared")[0][2] == "s_one.txt:3:2"


def test_rows_that_begin_with_a_hash_are_comments(write_tab: Tab) -> None:
    rows = [["# made by hand"], HEAD, ["#a", "collection", "b"], ["c", "nothing", "d"]]
    folder = write_tab(rows)
    replace_in(folder / "i_investigation.txt", "STUDY FACTORS", "# a note\tx\nSTUDY FACTORS")
    read = Read(folder)
    assert read.processes() == {("nothing", ("c",), ("d",))}
    assert read.found("isa-protocol-undeclared") == [("violation", "1007", "s_one.txt:4:2")]


def test_a_quoted_cell_that_begins_with_a_hash_is_no_comment(write_tab: Tab) -> None:
    read = Read(write_tab([HEAD, ['"#1"', "collection", "b"]]))
    assert read.processes() == {("collection", ("#1",), ("b",))}


def test_blank_rows_and_blanks_around_cells_say_nothing(write_tab: Tab) -> None:
    read = Read(write_tab([HEAD, ["", "", ""], [" a ", "collection ", " b"], []]))
    assert read.processes() == {("collection", ("a",), ("b",))}
    assert read.findings == []


@pytest.mark.parametrize(
    ("encoding", "said"), [("cp1252", "cp1252"), ("utf-16", "utf-16"), ("utf-8-sig", "")]
)
def test_a_file_that_is_not_utf_8_is_read_with_a_finding(
    write_tab: Tab, encoding: str, said: str
) -> None:
    folder = write_tab([[*HEAD, "Characteristics[x]"], ["a", "collection", "b", "Müller 5 µm – é"]])
    table = folder / "s_one.txt"
    table.write_bytes(table.read_text(encoding="utf-8").encode(encoding))
    read = Read(folder)
    assert read.values("b") == [("x", "Müller 5 µm – é", "", "", "", "")]
    expected = [("warning", "10", "s_one.txt:1:1")] if said else []
    assert read.found("isa-encoding") == expected
    assert all(said in finding.message for finding in read.findings)


def test_bytes_that_no_text_has_are_refused_with_their_place(write_tab: Tab) -> None:
    folder = write_tab([HEAD, ["a", "collection", "b"]])
    (folder / "s_one.txt").write_bytes(b"Source Name\tSample Name\na\x00\tb\n")
    with pytest.raises(SourceError) as refused:
        Read(folder)
    assert refused.value.where == "s_one.txt:1:1"


# -- processes -------------------------------------------------------------------------------------------------------


def test_protocols_in_a_chain_are_processes_of_their_own(write_tab: Tab) -> None:
    header = [
        "Source Name",
        "Protocol REF",
        "Protocol REF",
        "Parameter Value[volume]",
        "Sample Name",
    ]
    read = Read(write_tab([header, ["a", "collection", "extraction", "5", "b"]]))
    assert read.processes() == {("collection", ("a",), ()), ("extraction", (), ("b",))}
    first, second = sorted(read.of_type(BIOSCHEMAS.LabProcess), key=read.protocol)
    assert read.all(first, ISA.nextProcess) == [second]
    assert read.all(second, ISA.nextProcess) == []
    assert read.all(second, PROV.wasInformedBy) == [first]
    assert read.all(read.node("b"), PROV.wasDerivedFrom) == [read.node("a")]
    assert len(read.all(second, BIOSCHEMAS.parameterValue)) == 1
    assert read.all(first, BIOSCHEMAS.parameterValue) == []


def test_an_empty_protocol_ref_is_no_process_of_that_row(write_tab: Tab) -> None:
    header = ["Source Name", "Protocol REF", "Protocol REF", "Sample Name"]
    read = Read(write_tab([header, ["a", "collection", "", "b"], ["c", "collection", "extraction", "d"]]))  # fmt: skip
    assert read.processes() == {
        ("collection", ("a",), ("b",)),
        ("collection", ("c",), ()),
        ("extraction", (), ("d",)),
    }


def test_nodes_without_a_protocol_are_joined_by_a_nameless_process(write_tab: Tab) -> None:
    read = Read(write_tab([HEAD, ["a", "", "b"], ["c", "collection", "d"]]))
    assert read.processes() == {("", ("a",), ("b",)), ("collection", ("c",), ("d",))}
    assert read.found("isa-implicit-process") == [("violation", "", "s_one.txt:2:3")]


def test_one_source_that_is_split_is_one_process(write_tab: Tab) -> None:
    read = Read(write_tab([HEAD, *(["a", "collection", f"b{n}"] for n in range(4))]))
    assert read.processes() == {("collection", ("a",), ("b0", "b1", "b2", "b3"))}


def test_sources_that_are_pooled_are_one_process(write_tab: Tab) -> None:
    read = Read(write_tab([HEAD, *([f"a{n}", "collection", "b"] for n in range(4))]))
    assert read.processes() == {("collection", ("a0", "a1", "a2", "a3"), ("b",))}
    assert len(read.all(read.node("b"), PROV.wasDerivedFrom)) == 4


def test_rows_with_nothing_in_common_share_no_process(write_tab: Tab) -> None:
    read = Read(write_tab([HEAD, ["a", "collection", "b"], ["c", "collection", "d"]]))
    assert read.processes() == {("collection", ("a",), ("b",)), ("collection", ("c",), ("d",))}
    assert read.all(read.node("d"), PROV.wasDerivedFrom) == [read.node("c")]


def test_a_pool_that_is_split_does_not_mix_with_another(write_tab: Tab) -> None:
    pairs = [("a", "x"), ("b", "x"), ("a", "y"), ("b", "y"), ("c", "z")]
    read = Read(write_tab([HEAD, *([a, "collection", b] for a, b in pairs)]))
    assert read.processes() == {("collection", ("a", "b"), ("x", "y")), ("collection", ("c",), ("z",))}  # fmt: skip
    assert len(read.all(read.node("y"), PROV.wasDerivedFrom)) == 2


@pytest.mark.parametrize("column", ["Parameter Value[volume]", "Date", "Performer"])
def test_another_parameter_date_or_performer_is_another_process(
    write_tab: Tab, column: str
) -> None:
    header = ["Source Name", "Protocol REF", column, "Sample Name"]
    rows = [
        ["a", "collection", "1", "b"],
        ["a", "collection", "2", "c"],
        ["a", "collection", "2", "d"],
    ]
    read = Read(write_tab([header, *rows]))
    assert read.processes() == {("collection", ("a",), ("b",)), ("collection", ("a",), ("c", "d"))}


ASSAY = ["Sample Name", "Protocol REF", "MS Assay Name", "Raw Data File"]
STUDY: Rows = [HEAD, *(["s", "collection", name] for name in ("a", "b", "c"))]


def test_rows_with_one_process_name_share_the_process(write_tab: Tab) -> None:
    assay = [ASSAY, ["a", "scan", "run", "f1"], ["b", "scan", "run", "f2"], ["c", "scan", "other", "f3"]]  # fmt: skip
    read = Read(write_tab(STUDY, assay))
    scans = {process for process in read.processes() if process[0] == "scan"}
    assert scans == {("scan", ("a", "b"), ("f1", "f2")), ("scan", ("c",), ("f3",))}
    # Which output came from which input is known from the rows, and not mixed.
    assert read.all(read.node("f2"), PROV.wasDerivedFrom) == [read.node("b")]
    assert read.all(read.node("f2"), ISA.derivesFrom) == [read.node("b")]
    assert read.name_heading(read.node("run")) == "MS Assay Name"


def test_an_empty_process_name_never_pools(write_tab: Tab) -> None:
    assay = [ASSAY, ["a", "scan", "", "f1"], ["b", "scan", "", "f2"]]
    read = Read(write_tab(STUDY, assay))
    scans = {process for process in read.processes() if process[0] == "scan"}
    assert scans == {("scan", ("a",), ("f1",)), ("scan", ("b",), ("f2",))}


def test_an_empty_node_name_never_pools(write_tab: Tab) -> None:
    header = ["Sample Name", "Protocol REF", "Extract Name", "Characteristics[mass]", "Protocol REF", "Raw Data File"]  # fmt: skip
    assay = [header, ["a", "extraction", "", "1", "scan", "f1"], ["b", "extraction", "", "1", "scan", "f2"]]  # fmt: skip
    read = Read(write_tab(STUDY, assay))
    extracts = read.of_type(ISA.Extract)
    assert len(extracts) == 2
    assert all(read.all(extract, SCHEMA.name) == [] for extract in extracts)
    for name, origin in (("f1", "a"), ("f2", "b")):
        (extract,) = read.all(read.node(name), PROV.wasDerivedFrom)
        assert read.all(extract, PROV.wasDerivedFrom) == [read.node(origin)]


def test_an_empty_node_that_says_nothing_is_not_there(write_tab: Tab) -> None:
    header = ["Sample Name", "Protocol REF", "Extract Name", "Protocol REF", "Raw Data File"]
    read = Read(write_tab(STUDY, [header, ["a", "extraction", "", "scan", "f1"]]))
    assert read.of_type(ISA.Extract) == []
    assert {p for p in read.processes() if p[0] != "collection"} == {
        ("extraction", ("a",), ()),
        ("scan", (), ("f1",)),
    }


def test_one_name_with_other_parameter_values_is_two_processes(write_tab: Tab) -> None:
    header = [
        "Sample Name",
        "Protocol REF",
        "Parameter Value[volume]",
        "Assay Name",
        "Raw Data File",
    ]
    assay = [header, ["a", "extraction", "1", "run", "f1"], ["b", "extraction", "2", "run", "f2"]]
    read = Read(write_tab(STUDY, assay))
    runs = [p for p in read.of_type(BIOSCHEMAS.LabProcess) if read.one(p, SCHEMA.name) == "run"]
    assert len(set(runs)) == 2
    assert sorted(read.ends(run, SCHEMA.object) for run in runs) == [("a",), ("b",)]
    assert all(len(read.all(run, BIOSCHEMAS.parameterValue)) == 1 for run in runs)


@pytest.mark.parametrize(
    "heading",
    [
        "Assay Name", "Hybridization Assay Name", "Scan Name", "Normalization Name",
        "Data Transformation Name", "NMR Assay Name", "Gel Electrophoresis Assay Name",
    ],
)  # fmt: skip
def test_the_name_of_a_process_is_kept_with_its_heading(write_tab: Tab, heading: str) -> None:
    header = ["Sample Name", "Protocol REF", heading, "Raw Data File"]
    read = Read(write_tab(STUDY, [header, ["a", "scan", "n1", "f1"]]))
    node = read.node("n1")
    assert read.name_heading(node) == heading
    assert read.protocol(node) == "scan"
    assert read.findings == []


@pytest.mark.parametrize("heading", ["Scan Name", "Hybridization Assay Name"])
def test_a_named_process_needs_no_protocol_ref(write_tab: Tab, heading: str) -> None:
    header = ["Sample Name", heading, "Raw Data File"]
    read = Read(write_tab(STUDY, [header, ["a", "n1", "f1"]]))
    assert ("", ("a",), ("f1",)) in read.processes()
    assert read.name_heading(read.node("n1")) == heading


def test_two_names_after_one_protocol_are_two_processes(write_tab: Tab) -> None:
    header = [
        "Sample Name",
        "Protocol REF",
        "Hybridization Assay Name",
        "Scan Name",
        "Raw Data File",
    ]
    read = Read(write_tab(STUDY, [header, ["a", "scan", "h1", "n1", "f1"]]))
    assert read.ends(read.node("h1"), SCHEMA.object) == ("a",)
    assert read.all(read.node("h1"), ISA.nextProcess) == [read.node("n1")]
    assert read.ends(read.node("n1"), SCHEMA.result) == ("f1",)
    assert read.all(read.node("f1"), PROV.wasDerivedFrom) == [read.node("a")]


def test_data_files_side_by_side_come_from_one_process(write_tab: Tab) -> None:
    header = ["Sample Name", "Protocol REF", "Raw Data File", "Derived Data File"]
    read = Read(write_tab(STUDY, [header, ["a", "scan", "f1", "f2"]]))
    assert ("scan", ("a",), ("f1", "f2")) in read.processes()
    assert read.one(read.node("f2"), ISA.fileType) == "Derived Data File"


def test_files_of_one_name_under_two_headings_are_two_files(write_tab: Tab) -> None:
    header = ["Sample Name", "Protocol REF", "Raw Data File", "Protocol REF", "Derived Data File"]
    read = Read(write_tab(STUDY, [header, ["a", "scan", "f", "scan", "f"]]))
    assert read.names(SCHEMA.MediaObject) == ["f", "f"]
    assert "isa-cycle" not in read.rules


@pytest.mark.parametrize(
    "rows",
    [
        [["a", "extraction", "x", "extraction", "y"], ["a", "extraction", "y", "extraction", "x"]],
        [["a", "extraction", "x", "extraction", "x"]],
    ],
    ids=["two", "one"],
)
def test_a_cycle_is_found(write_tab: Tab, rows: Rows) -> None:
    header = ["Sample Name", "Protocol REF", "Extract Name", "Protocol REF", "Extract Name"]
    read = Read(write_tab(STUDY, [header, *rows]))
    assert read.found("isa-cycle") == [("violation", "", "a_one.txt:1:1")]


def test_a_chain_of_one_kind_is_no_cycle(write_tab: Tab) -> None:
    header = ["Sample Name", "Protocol REF", "Extract Name", "Protocol REF", "Extract Name"]
    read = Read(write_tab(STUDY, [header, ["a", "extraction", "x", "extraction", "y"]]))
    assert read.findings == []
    assert read.all(read.node("y"), PROV.wasDerivedFrom) == [read.node("x")]


# -- values ----------------------------------------------------------------------------------------------------------


def one_value(write_tab: Tab, header: list[str], cells: list[str]) -> Read:
    return Read(write_tab([[*HEAD, *header], ["a", "collection", "b", *cells]]))


@pytest.mark.parametrize(
    ("header", "name"),
    [("Characteristics[x]", "x"), ("Characteristics [x]", "x"), ("characteristics[ x ]", "x"), ("Characteristics[a [b]]", "a [b]")],
)  # fmt: skip
def test_a_characteristic_may_be_written_with_a_space(
    write_tab: Tab, header: str, name: str
) -> None:
    read = one_value(write_tab, [header], ["v"])
    assert read.values("b") == [(name, "v", "", "", "", "")]
    assert read.rules == ["isa-column-form"] * header.startswith("c")


@pytest.mark.parametrize("header", ["Comment[x]", "Comment [x]", "comment[x]"])
def test_a_comment_may_be_written_with_a_space(write_tab: Tab, header: str) -> None:
    read = one_value(write_tab, [header], ["v"])
    assert read.comments("b") == [("x", "v")]
    assert read.rules == ["isa-column-form"] * header.startswith("c")


def test_a_comment_of_the_investigation_may_be_written_with_a_space(write_tab: Tab) -> None:
    folder = write_tab([HEAD], extra="INVESTIGATION CONTACTS\nInvestigation Person Last Name\tA\nComment [x]\tv\n")  # fmt: skip
    read = Read(folder)
    (person,) = read.of_type(SCHEMA.Person)
    (comment,) = read.all(person, SCHEMA.comment)
    assert (read.one(comment, SCHEMA.name), read.one(comment, SCHEMA.text)) == ("x", "v")


UNIT = [("Unit", "day"), ("Term Source REF", "UO"), ("Term Accession Number", "UO:33")]


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)])
def test_a_unit_has_its_term_in_either_order(write_tab: Tab, order: tuple[int, ...]) -> None:
    header = ["Characteristics[age]", *(UNIT[n][0] for n in order)]
    read = one_value(write_tab, header, ["5", *(UNIT[n][1] for n in order)])
    assert read.values("b") == [("age", "5", "day", "", "UO", "UO:33")]
    assert read.findings == []


def test_a_term_at_the_left_of_a_unit_is_not_the_unit_s(write_tab: Tab) -> None:
    header = ["Characteristics[age]", "Term Source REF", "Term Accession Number", "Unit"]
    read = one_value(write_tab, header, ["adult", "UBERON", "U:1", "day"])
    (value,) = read.all(read.node("b"), SCHEMA.additionalProperty)
    term, unit = read.one(value, SCHEMA.valueReference), read.one(value, SCHEMA.unitCode)
    assert (read.one(term, SCHEMA.name), read.one(term, SCHEMA.termCode)) == ("adult", "U:1")
    assert (read.one(unit, SCHEMA.name), read.one(unit, SCHEMA.termCode)) == ("day", "")


def test_a_unit_in_brackets_is_a_unit(write_tab: Tab) -> None:
    read = one_value(write_tab, ["Characteristics[age]", "Unit[time]"], ["5", "day"])
    assert read.values("b") == [("age", "5", "day", "", "", "")]


@pytest.mark.parametrize(
    ("header", "source", "code"),
    [("Term Source REF", "UO", ""), ("Term Accession Number", "", "UO")],
)
def test_one_of_the_two_columns_of_a_term_is_enough(
    write_tab: Tab, header: str, source: str, code: str
) -> None:
    read = one_value(write_tab, ["Characteristics[x]", header], ["v", "UO"])
    assert read.values("b") == [("x", "", "", "v", source, code)]
    assert read.found("isa-term-columns") == [("violation", "4014", "s_one.txt:1:4")]


def test_an_accession_that_is_a_web_address_is_the_term(write_tab: Tab) -> None:
    iri = "http://purl.obolibrary.org/obo/UO_33"
    header = ["Characteristics[x]", "Term Source REF", "Term Accession Number"]
    rows = [["a", "collection", "b", "v", "UO", iri], ["a", "collection", "c", "other", "UO", iri]]
    read = Read(write_tab([[*HEAD, *header], *rows]))
    terms = {
        name: read.one(read.all(read.node(name), SCHEMA.additionalProperty)[0], SCHEMA.valueReference)
        for name in ("b", "c")
    }  # fmt: skip
    assert terms["b"] == iri
    # The same accession with another text is another node, so that no text is lost.
    assert terms["c"] != iri
    assert read.all(terms["c"], SKOS.exactMatch) == [iri]
    assert read.one(terms["c"], SCHEMA.name) == "other"


@pytest.mark.parametrize("header", ["Unit", "Term Source REF", "Term Accession Number"])
def test_a_qualifier_of_nothing_is_kept_as_a_comment(write_tab: Tab, header: str) -> None:
    read = Read(write_tab([[*HEAD, header], ["a", "collection", "b", "UO"]]))
    assert read.comments("b") == [(header, "UO")]
    assert read.found("isa-column-place") == [("violation", "4014", "s_one.txt:1:4")]


def test_a_unit_without_a_value_is_kept_and_reported(write_tab: Tab) -> None:
    read = one_value(write_tab, ["Characteristics[age]", "Unit"], ["", "day"])
    assert read.values("b") == [("age", "", "day", "", "", "")]
    assert read.found("isa-qualifier-without-value") == [("info", "4999", "s_one.txt:2:4")]


def test_material_type_and_label_are_characteristics_under_their_own_heading(
    write_tab: Tab,
) -> None:
    header = [
        "Sample Name", "Material Type", "Protocol REF", "Labeled Extract Name",
        "Label", "Term Source REF", "Term Accession Number",
    ]  # fmt: skip
    read = Read(write_tab(STUDY, [header, ["a", "tissue", "extraction", "l", "Cy3", "UO", "C:1"]]))
    assert read.values("a") == [("Material Type", "tissue", "", "", "", "")]
    assert read.values("l") == [("Label", "", "", "Cy3", "UO", "C:1")]
    assert read.names(ISA.LabeledExtract) == ["l"]
    categories = read.of_type(ISA.CharacteristicCategory)
    assert sorted(read.one(c, ISA.header) for c in categories) == ["Label", "Material Type"]
    assert read.findings == []


@pytest.mark.parametrize("header", ["Array Design REF", "First Dimension", "Second Dimension"])
def test_a_column_of_the_standard_without_a_place_in_the_model_is_a_comment(
    write_tab: Tab, header: str
) -> None:
    columns = ["Sample Name", "Protocol REF", header, "Assay Name", "Raw Data File"]
    read = Read(write_tab(STUDY, [columns, ["a", "scan", "A-1", "run", "f1"]]))
    assert read.comments("run") == [(header, "A-1")]
    (comment,) = read.all(read.node("run"), SCHEMA.comment)
    assert read.one(comment, ISA.header) == header
    assert read.findings == []


def test_an_unknown_column_is_kept_with_its_heading(write_tab: Tab) -> None:
    read = one_value(write_tab, ["Library Name"], ["v"])
    (comment,) = read.all(read.node("b"), SCHEMA.comment)
    assert read.comments("b") == [("Library Name", "v")]
    assert read.one(comment, ISA.header) == "Library Name"
    assert read.found("isa-column") == [("warning", "4014", "s_one.txt:1:4")]


def test_columns_without_any_node_are_reported(write_tab: Tab) -> None:
    read = Read(write_tab([["Characteristics[organism]", "Comment[x]"], ["mouse", "y"]]))
    assert read.found("isa-no-node") == [("violation", "4014", "s_one.txt:1:1")]


def test_date_and_performer_belong_to_the_process_at_their_left(write_tab: Tab) -> None:
    header = ["Source Name", "Protocol REF", "Date", "Performer", "Sample Name"]
    read = Read(write_tab([header, ["a", "collection", "2024-02-29", "Ada", "b"]]))
    (process,) = read.of_type(BIOSCHEMAS.LabProcess)
    end = read.literal(process, SCHEMA.endTime)
    assert (end.value, end.datatype.value) == ("2024-02-29", XSD.date)
    (agent,) = read.all(process, SCHEMA.agent)
    assert read.one(agent, SCHEMA.name) == "Ada"
    assert read.all(process, PROV.wasAssociatedWith) == [agent]


@pytest.mark.parametrize(
    "text", ["28-Jul-2017", "15/08/2021", "2023-02-29", "2023-2-1", "March 21, 2016, 2:00 pm"]
)
def test_a_date_that_is_not_iso_stays_a_text(write_tab: Tab, text: str) -> None:
    folder = write_tab([["Source Name", "Protocol REF", "Date", "Sample Name"], ["a", "collection", text, "b"]])  # fmt: skip
    replace_in(folder / "i_investigation.txt", "STUDY FACTORS", f"Study Submission Date\t{text}\nSTUDY FACTORS")  # fmt: skip
    read = Read(folder)
    for node in (*read.of_type(BIOSCHEMAS.LabProcess), *read.of_type(ISA.Study)):
        date = read.literal(node, SCHEMA.endTime if "process" in node else SCHEMA.dateCreated)
        assert (date.value, date.datatype.value) == (text, XSD.string)


@pytest.mark.parametrize(
    ("text", "datatype", "raw"),
    [
        ("0", XSD.integer, False), ("-3", XSD.integer, False), ("1.5", XSD.decimal, False),
        ("0.20", XSD.decimal, True), ("1e-7", XSD.double, True), ("007", XSD.string, False),
        ("+1", XSD.string, False), ("-0", XSD.string, False), ("1.", XSD.string, False),
        (".5", XSD.string, False), ("true", XSD.string, False), ("NaN", XSD.string, False),
        ("12345678901234567890", XSD.string, False), ("1,5", XSD.string, False), ("٣", XSD.string, False),
    ],
)  # fmt: skip
def test_a_number_is_typed_and_keeps_its_text(
    write_tab: Tab, text: str, datatype: str, raw: bool
) -> None:
    folder = write_tab([[*HEAD, "Characteristics[x]"], ["a", "collection", "b", text]])
    read = Read(folder)
    (value,) = read.all(read.node("b"), SCHEMA.additionalProperty)
    typed = read.literal(value, SCHEMA.value)
    assert (typed.value, typed.datatype.value) == (text, datatype)
    assert read.all(value, FG.rawText) == ([text] if raw else [])
    with fairgraph.open(
        "memory:"
    ) as fg:  # what a store makes of it is still the text, or the raw text is beside it
        fg.add(folder)
        query = f"SELECT ?v ?r {{ <{value}> <{SCHEMA.value}> ?v OPTIONAL {{ <{value}> <{FG.rawText}> ?r }} }}"
        ((stored, beside),) = list(fg.query(query))
    assert (beside or stored).value == text


def test_factor_values_belong_to_the_sample(write_tab: Tab) -> None:
    read = one_value(write_tab, ["Factor Value[dose]", "Unit"], ["5", "day"])
    assert read.values("b") == [("dose", "5", "day", "", "", "")]
    (value,) = read.all(read.node("b"), SCHEMA.additionalProperty)
    assert read.of_type(ISA.Factor) == [read.one(value, FG.category)]


def test_a_factor_value_that_differs_by_row_belongs_to_the_first_node_that_determines_it(
    write_tab: Tab,
) -> None:
    header = ["Sample Name", "Protocol REF", "Extract Name", "Protocol REF", "Raw Data File", "Factor Value[dose]"]  # fmt: skip
    assay = [
        header,
        ["a", "extraction", "x1", "scan", "f1", "low"], ["a", "extraction", "x1", "scan", "f2", "low"],
        ["a", "extraction", "x2", "scan", "f3", "high"],
    ]  # fmt: skip
    read = Read(write_tab(STUDY, assay))
    assert read.values("a") == []
    assert read.values("x1") == [("dose", "low", "", "", "", "")]
    assert read.values("x2") == [("dose", "high", "", "", "", "")]
    assert read.values("f1") == []
    assert read.found("isa-factor-value-of-row") == [("info", "", "a_one.txt:1:6")]


def test_a_factor_value_that_the_sample_determines_stays_there(write_tab: Tab) -> None:
    header = ["Sample Name", "Protocol REF", "Extract Name", "Factor Value[dose]"]
    assay = [header, ["a", "extraction", "x1", "low"], ["a", "extraction", "x2", "low"], ["b", "extraction", "x3", "high"]]  # fmt: skip
    read = Read(write_tab(STUDY, assay))
    assert read.values("a") == [("dose", "low", "", "", "", "")]
    assert read.findings == []


def test_several_columns_of_one_category_are_all_kept_in_order(write_tab: Tab) -> None:
    header = ["Characteristics[x]", "Characteristics[x]", "Comment[n]", "Comment[n]"]
    read = one_value(write_tab, header, ["second", "first", "y", "z"])
    nodes = read.all(read.node("b"), SCHEMA.additionalProperty)
    in_order = sorted(nodes, key=lambda node: int(read.one(node, FG.index)))
    assert [read.one(node, SCHEMA.value) for node in in_order] == ["second", "first"]
    assert len({read.one(node, FG.category) for node in nodes}) == 1
    assert read.comments("b") == [("n", "y"), ("n", "z")]


def test_contradicting_rows_about_one_node_are_all_kept(write_tab: Tab) -> None:
    rows = [
        ["a", "x", "collection", "b"],
        ["a", "y", "collection", "c"],
        ["a", "y", "collection", "d"],
    ]
    read = Read(write_tab([["Source Name", "Characteristics[k]", "Protocol REF", "Sample Name"], *rows]))  # fmt: skip
    assert [value[1] for value in read.values("a")] == ["x", "y"]
    assert read.found("isa-conflicting-value") == [("warning", "", "s_one.txt:3:2")]


# -- declarations ----------------------------------------------------------------------------------------------------


def test_what_the_tables_use_and_nobody_declares_is_kept_and_reported(write_tab: Tab) -> None:
    header = [
        "Source Name", "Protocol REF", "Parameter Value[speed]", "Sample Name",
        "Factor Value[mood]", "Characteristics[x]", "Term Source REF",
    ]  # fmt: skip
    folder = write_tab([header, ["a", "cooking", "5", "b", "good", "v", "MOOD"]])
    read = Read(folder)
    assert read.found("isa-factor-undeclared") == [("violation", "1008", "s_one.txt:1:5")]
    assert read.found("isa-protocol-undeclared") == [("violation", "1007", "s_one.txt:2:2")]
    assert read.found("isa-parameter-undeclared") == [("violation", "1009", "s_one.txt:2:3")]
    assert read.found("isa-ontology-source-undeclared") == [("violation", "3009", "i_investigation.txt:1:1")]  # fmt: skip
    undeclared = {t.subject.value for t in read.triples if t.predicate.value == ISA.undeclared}
    assert {read.one(node, SCHEMA.name) for node in undeclared} == {"cooking", "speed", "mood", "MOOD"}  # fmt: skip
    assert read.values("b") == [("mood", "good", "", "", "", ""), ("x", "", "", "v", "MOOD", "")]


def test_a_source_is_reported_where_it_would_be_declared(write_tab: Tab) -> None:
    header = [*HEAD, "Characteristics[x]", "Term Source REF"]
    folder = write_tab([header, ["a", "collection", "b", "v", "MOOD"]])
    declared = "ONTOLOGY SOURCE REFERENCE\nTerm Source Name\tUO\tUBERON\n"
    investigation = folder / "i_investigation.txt"
    replace_in(investigation, declared, "")
    code = ("violation", "3009", "i_investigation.txt:1:1")
    assert Read(folder).found("isa-ontology-source-undeclared") == [code]
    investigation.write_text(investigation.read_text(encoding="utf-8") + declared, "utf-8")
    (found,) = Read(folder).found("isa-ontology-source-undeclared")
    assert found == ("violation", "3009", "i_investigation.txt:15:1")


def test_a_parameter_belongs_to_its_protocol(write_tab: Tab) -> None:
    header = ["Source Name", "Protocol REF", "Parameter Value[tool]", "Sample Name"]
    read = Read(write_tab([header, ["a", "collection", "knife", "b"], ["a", "extraction", "saw", "c"]]))  # fmt: skip
    assert read.found("isa-parameter-undeclared") == [("violation", "1009", "s_one.txt:3:3")]


def test_a_parameter_value_without_a_process_is_a_comment(write_tab: Tab) -> None:
    read = Read(write_tab([["Source Name", "Parameter Value[tool]", "Protocol REF", "Sample Name"], ["a", "saw", "collection", "b"]]))  # fmt: skip
    assert read.comments("a") == [("Parameter Value[tool]", "saw")]
    assert read.found("isa-column-place") == [("violation", "4014", "s_one.txt:1:2")]


def test_a_sample_that_only_an_assay_names_is_kept_and_reported(write_tab: Tab) -> None:
    read = Read(write_tab([HEAD, ["s", "collection", "a"]], [ASSAY, ["a", "scan", "n", "f"], ["z", "scan", "m", "g"]]))  # fmt: skip
    assert read.found("isa-sample-undeclared") == [("violation", "1013", "a_one.txt:3:1")]
    (study,), (assay,) = read.of_type(ISA.Study), read.of_type(ISA.Assay)
    assert read.node("z") in read.all(study, ISA.sample)
    assert sorted(read.all(assay, ISA.sample)) == sorted([read.node("a"), read.node("z")])
    assert read.all(read.node("z"), ISA.undeclared) == ["true"]


def test_ragged_lists_are_padded_and_the_surplus_is_reported(write_tab: Tab) -> None:
    extra = (
        "STUDY CONTACTS\nStudy Person Last Name\tA\tB\nStudy Person Roles\tx;y;z\tw\n"
        "Study Person Roles Term Accession Number\tX:1;X:2\tW:1;W:2\n"
        "Study Person Roles Term Source REF\tUO\t\n"
    )
    read = Read(write_tab([HEAD], extra=extra))
    roles = {}
    for person in read.of_type(SCHEMA.Person):
        nodes = sorted(read.all(person, ISA.role), key=lambda n: int(read.one(n, FG.index)))
        terms = [read.one(node, SCHEMA.valueReference) for node in nodes]
        roles[read.one(person, SCHEMA.familyName)] = [
            (read.one(t, SCHEMA.name), read.one(t, SCHEMA.termCode), read.one(read.one(t, SCHEMA.inDefinedTermSet), SCHEMA.name))
            for t in terms
        ]  # fmt: skip
    assert roles == {"A": [("x", "X:1", "UO"), ("y", "X:2", ""), ("z", "", "")], "B": [("w", "W:1;W:2", "")]}  # fmt: skip
    assert read.found("isa-ragged-list") == [("warning", "", "i_investigation.txt:19:3")]


def test_components_and_their_types_may_be_of_different_number(write_tab: Tab) -> None:
    extra = (
        "Study Protocol Components Name\tscales;saw\nStudy Protocol Components Type\tinstrument\n"
    )
    read = Read(write_tab([HEAD], extra=extra))
    found = {
        read.one(c, SCHEMA.name): read.one(read.one(c, ISA.componentType), SCHEMA.name)
        for c in read.of_type(ISA.Component)
    }
    assert found == {"scales": "instrument", "saw": ""}


def test_labels_are_known_in_any_case(write_tab: Tab) -> None:
    folder = write_tab([HEAD])
    replace_in(folder / "i_investigation.txt", "Study Title", "study  TITLE")
    replace_in(folder / "i_investigation.txt", "STUDY FACTORS", "Study Factors")
    read = Read(folder)
    (study,) = read.of_type(ISA.Study)
    assert read.one(study, SCHEMA.name) == "A study"
    assert read.names(ISA.Factor) == ["dose"]


def test_an_unknown_label_is_kept_as_a_comment(write_tab: Tab) -> None:
    folder = write_tab([HEAD])
    replace_in(folder / "i_investigation.txt", "STUDY FACTORS", "Study Mood\tgood\nSTUDY FACTORS")
    read = Read(folder)
    (study,) = read.of_type(ISA.Study)
    (comment,) = read.all(study, SCHEMA.comment)
    assert (read.one(comment, SCHEMA.name), read.one(comment, SCHEMA.text)) == ("Study Mood", "good")  # fmt: skip
    assert read.found("isa-unknown-label") == [("warning", "5", "i_investigation.txt:10:2")]


def test_a_second_value_where_one_is_expected_is_kept_and_reported_where_it_stands(
    write_tab: Tab,
) -> None:
    folder = write_tab([HEAD])
    replace_in(folder / "i_investigation.txt", "Study Title\tA study", "Study Title\tA study\tmore")
    replace_in(folder / "i_investigation.txt", "STUDY FACTORS", "Comment[n]\t\tlate\nSTUDY FACTORS")
    read = Read(folder)
    (study,) = read.of_type(ISA.Study)
    comments = {
        read.one(c, SCHEMA.name): read.one(c, SCHEMA.text) for c in read.all(study, SCHEMA.comment)
    }
    assert comments == {"Study Title": "more", "n": "late"}
    places = {place for _, _, place in read.found("isa-surplus-value")}
    assert places == {"i_investigation.txt:8:3", "i_investigation.txt:10:3"}


def test_a_source_declared_twice_is_reported_where_it_stands(write_tab: Tab) -> None:
    folder = write_tab([HEAD])
    replace_in(folder / "i_investigation.txt", "Term Source Name\tUO\tUBERON", "Term Source Name\tUO\tUO")  # fmt: skip
    assert Read(folder).found("isa-repeated-source") == [("warning", "", "i_investigation.txt:2:3")]


def test_every_study_of_an_investigation_is_read(write_tab: Tab) -> None:
    extra = "STUDY\nStudy Identifier\tS2\nStudy Title\tAnother\nStudy File Name\ts_two.txt\nSTUDY FACTORS\nStudy Factor Name\ttime\n"  # fmt: skip
    folder = write_tab([HEAD, ["a", "collection", "b"]], extra=extra)
    rows = [[*HEAD, "Factor Value[time]"], ["a", "", "b", "5"]]
    (folder / "s_two.txt").write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")
    read = Read(folder)
    studies = read.of_type(ISA.Study)
    assert [read.one(study, SCHEMA.identifier) for study in studies] == ["S1", "S2"]
    assert read.all(read.iri, SCHEMA.hasPart) == studies
    # Names are of one study: a and b of the second are not those of the first.
    assert read.names(ISA.Sample) == ["b", "b"]
    assert [read.names(ISA.Factor), read.rules] == [["dose", "time"], ["isa-implicit-process"]]


def test_a_section_before_its_study_is_read_and_reported(write_tab: Tab) -> None:
    folder = write_tab([HEAD])
    replace_in(folder / "i_investigation.txt", "STUDY\n", "STUDY CONTACTS\nStudy Person Last Name\tA\nSTUDY\n")  # fmt: skip
    read = Read(folder)
    assert read.found("isa-section-order") == [("violation", "5", "i_investigation.txt:6:1")]
    assert [read.one(p, SCHEMA.familyName) for p in read.of_type(SCHEMA.Person)] == ["A"]


def test_a_missing_table_is_reported_where_it_is_named(write_tab: Tab) -> None:
    folder = write_tab([HEAD, ["a", "collection", "b"]], [ASSAY, ["b", "scan", "n", "f"]])
    (folder / "a_one.txt").unlink()
    read = Read(folder)
    assert read.found("isa-missing-file") == [("violation", "8", "i_investigation.txt:13:2")]
    assert read.names(ISA.Sample) == ["b"]
    (folder / "s_one.txt").unlink()
    assert [code for _, code, _ in Read(folder).found("isa-missing-file")] == ["6", "8"]


def test_a_table_that_nobody_names_is_reported(write_tab: Tab) -> None:
    folder = write_tab([HEAD])
    (folder / "a_other.txt").write_text("Sample Name\nx\n", encoding="utf-8")
    assert Read(folder).found("isa-unreferenced-file") == [("info", "", "a_other.txt")]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"], ids=["empty", "blank", "comment"])
def test_an_empty_investigation_file_is_refused_with_its_place(write_tab: Tab, text: str) -> None:
    folder = write_tab([HEAD])
    (folder / "i_investigation.txt").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as refused:
        Read(folder)
    assert re.fullmatch(r"i_investigation\.txt:\d+:1", refused.value.where)


def test_an_investigation_file_without_headings_is_refused_where_it_begins(write_tab: Tab) -> None:
    folder = write_tab([HEAD])
    (folder / "i_investigation.txt").write_text("# x\nInvestigation Title\tT\n", encoding="utf-8")
    with pytest.raises(SourceError) as refused:
        Read(folder)
    assert refused.value.where == "i_investigation.txt:2:1"


def test_an_empty_table_is_reported(write_tab: Tab) -> None:
    folder = write_tab([HEAD])
    (folder / "s_one.txt").write_text("", encoding="utf-8")
    assert Read(folder).found("isa-empty-table") == [("violation", "", "s_one.txt:1:1")]


# -- identity --------------------------------------------------------------------------------------------------------

STRANGE = ["12", "a b", "a/b", "a_b", "é", "x:y", "#", "-", ".", "%", "𝛼", "日本", "a'b\\", "<x>"]
NCNAME = re.compile(
    "[A-Z_a-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-῿‌-‍⁰-↏Ⰰ-⿯、-퟿豈-﷏ﷰ-\ufffd\U00010000-\U000effff]"
    "[A-Z_a-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-῿‌-‍⁰-↏Ⰰ-⿯、-퟿豈-﷏ﷰ-\ufffd\U00010000-\U000effff\\-.0-9·̀-ͯ‿-⁀]*"
)


def own_iris(read: Read) -> set[str]:
    terms = {term for triple in read.triples for term in (triple.subject, triple.object)}
    iris = {term.value for term in terms if isinstance(term, NamedNode)}
    return {iri for iri in iris if iri.startswith(f"{read.iri}/")}


def test_two_imports_give_the_same_triples_in_the_same_order(write_tab: Tab) -> None:
    header = ["Sample Name", "Protocol REF", "Extract Name", "Characteristics[x]"]
    folder = write_tab(STUDY, [header, ["a", "extraction", "x 1", "v"], ["b", "extraction", "x_1", "w"]])  # fmt: skip
    assert Read(folder).ntriples == Read(folder).ntriples


def test_names_stay_apart_and_their_iris_end_in_an_ncname(write_tab: Tab) -> None:
    header = [*HEAD, *(f"Characteristics[{name}]" for name in STRANGE)]
    rows = [[name, "collection", name, *STRANGE] for name in STRANGE]
    rows = [[f'"{cell}"' for cell in row] for row in rows]
    read = Read(write_tab([header, *rows]))
    assert sorted(read.names(ISA.Sample)) == sorted(STRANGE)
    for name in STRANGE:
        (node,) = (n for n in read.of_type(ISA.Sample) if read.one(n, SCHEMA.name) == name)
        values = read.all(node, SCHEMA.additionalProperty)
        assert len(values) == len(STRANGE)
        categories = [read.one(read.one(value, FG.category), SCHEMA.name) for value in values]
        assert sorted(categories) == sorted(STRANGE)
    assert [iri for iri in own_iris(read) if not NCNAME.fullmatch(iri.rpartition("/")[2])] == []


@pytest.mark.parametrize("name", ["µm", "x²", "ª", "½", "①"])
def test_letters_that_xml_names_do_not_have_are_replaced(write_tab: Tab, name: str) -> None:
    read = Read(write_tab([HEAD, ["a", "collection", name]]))
    assert NCNAME.fullmatch(read.node(name).rpartition("/")[2])


def test_a_row_more_does_not_change_the_iris_of_the_others(write_tab: Tab) -> None:
    rows = [["a", "collection", "b"], ["c", "collection", "d"]]
    before = own_iris(Read(write_tab([HEAD, *rows])))
    after = own_iris(Read(write_tab([HEAD, *rows, ["e", "collection", "f"]])))
    assert before < after


# -- archives --------------------------------------------------------------------------------------------------------


def zipped(folder: Path, path: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive_file:
        for file in sorted(folder.iterdir()):
            archive_file.write(file, prefix + file.name)
    return path


@pytest.mark.parametrize("prefix", ["", "inside/"])
def test_an_archive_is_read_as_the_folder_is(write_tab: Tab, tmp_path: Path, prefix: str) -> None:
    folder = write_tab(STUDY, [ASSAY, ["a", "scan", "n", "f"]])
    read, archived = Read(folder), Read(zipped(folder, tmp_path / "tab.zip", prefix))
    text = archived.ntriples.decode().replace(f'"{prefix}i_investigation.txt"', '"i_investigation.txt"')  # fmt: skip
    assert text == read.ntriples.decode()
    assert archived.findings == read.findings == []


def test_a_table_is_never_looked_for_outside_of_the_dataset(write_tab: Tab, tmp_path: Path) -> None:
    secret = "Source Name\tSample Name\nsecret\tsecret\n"
    (tmp_path / "secret.txt").write_text(secret, encoding="utf-8")
    for name in ("../secret.txt", str(tmp_path / "secret.txt")):
        folder = write_tab([HEAD])
        replace_in(folder / "i_investigation.txt", "File Name\ts_one.txt", f"File Name\t{name}")
        for read in (Read(folder), Read(zipped(folder, tmp_path / "tab.zip"))):
            assert b"secret" not in read.ntriples.replace(name.encode(), b"")
            assert len(read.found("isa-missing-file")) == 1


@pytest.mark.parametrize(
    "name", ["../s_one.txt", "/s_one.txt", "x/../../s_one.txt", "C:\\s_one.txt"]
)
def test_names_that_lead_out_of_an_archive_are_refused(
    write_tab: Tab, tmp_path: Path, name: str
) -> None:
    path = zipped(write_tab([HEAD]), tmp_path / "tab.zip")
    with zipfile.ZipFile(path, "a") as archive_file:
        archive_file.writestr(name, "Source Name\n")
    with pytest.raises(SourceError, match="outside") as refused:
        Read(path)
    assert refused.value.where.startswith("tab.zip/")


def test_a_member_that_expands_too_far_is_refused_before_it_is_read(
    write_tab: Tab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_tab([HEAD])
    (folder / "s_one.txt").write_bytes(b"\t" * 40_000_000)
    path = zipped(folder, tmp_path / "tab.zip")
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was read"))
    monkeypatch.setattr(archive, "MEMBER_BYTES", 1 << 40)
    with zipfile.ZipFile(path) as archive_file:
        info = archive_file.getinfo("s_one.txt")
    assert info.file_size / info.compress_size > 900
    with pytest.raises(SourceError, match=r"expands from \d+ to 40000000 bytes") as refused:
        archive.open_source(path).open("s_one.txt")
    assert refused.value.where == "tab.zip/s_one.txt"


def test_a_damaged_archive_is_refused_with_the_member(write_tab: Tab, tmp_path: Path) -> None:
    folder = write_tab([HEAD, *([f"a{n}", "collection", f"b{n * 7919}"] for n in range(500))])
    path = zipped(folder, tmp_path / "tab.zip")
    with zipfile.ZipFile(path) as archive_file:
        start = archive_file.getinfo("s_one.txt").header_offset
    data = bytearray(path.read_bytes())
    for n in range(start + 60, start + 200):
        data[n] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(SourceError, match="cannot be read") as refused:
        Read(path)
    assert refused.value.where == "tab.zip/s_one.txt"


def test_an_empty_folder_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="empty"):
        Read(tmp_path)
    with pytest.raises(SourceError, match="no such file"):
        Read(tmp_path / "missing")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UnknownFormat, match=r"i_\*\.txt"):
        Read(tmp_path)


# -- places ----------------------------------------------------------------------------------------------------------


def test_every_finding_has_a_place_that_exists(write_tab: Tab) -> None:
    header = ["Source Name", "Mood", "Protocol REF", "Sample Name", "Unit", "Factor Value[x]"]
    folder = write_tab(
        [header, ["a", "good", "cooking", "b", "day", "1", "more"], ["a", "bad", "", "c"]],
        [ASSAY, ["z", "", "", "f"]],
        extra="Study Mood\tx\nStudy Mood\ty\n",
    )
    read = Read(folder)
    assert len(set(read.rules)) >= 8
    for finding in read.findings:
        name, line, column = re.fullmatch(r"(.+):(\d+):(\d+)", finding.where).groups()  # type: ignore[union-attr]
        rows = (folder / name).read_text(encoding="utf-8").splitlines()
        cells = rows[int(line) - 1].split("\t")
        assert 1 <= int(column) <= len(cells), finding
