"""The form of ISA-Tab: what its format asks of sections, labels, comments and headings (ISA-Tab format 1.0), told as findings.

Nothing here decides how a file is read: the readers are tolerant, and say on their own what they did with what is unusual.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fairgraph.importers.isa_graph import IsaGraph
from fairgraph.importers.tsv import TsvFile
from fairgraph.isa.notation import DATA_TYPES
from fairgraph.isa.sections import (
    SINGLE,
    STUDY_SECTIONS,
    TOP_SECTIONS,
    comment_name,
    heading,
    label_key,
    standard_labels,
)

# -- the investigation file ------------------------------------------------------------------------------------------

# The standard's table of labels and its own example disagree about the word Name: both are its own.
_ALSO = {
    "Study Protocol Parameters Term Accession Number",
    "Study Protocol Parameters Term Source REF",
}


@dataclass
class _Section:
    name: str
    text: str
    line: int
    rows: list[tuple[int, str, list[str]]] = field(default_factory=list)


def check_investigation(graph: IsaGraph, file: TsvFile) -> None:
    """Report what an investigation file lacks or has in another place or form than the standard (ISA-Tab, Investigation File)."""
    sections = list(_sections(file))
    _check_presence(graph, file.name, sections)
    _check_order(graph, file.name, sections)
    for section in sections:
        _check_labels(graph, file.name, section)
        _check_counts(graph, file.name, section)


def _sections(file: TsvFile) -> Iterator[_Section]:
    current: _Section | None = None
    for line, raw in file.rows():
        cells = [cell.strip() for cell in raw]
        if (name := heading(cells[0])) and not any(cells[1:]):
            if current:
                yield current
            current = _Section(name, cells[0], line)
        elif current and any(cells):
            current.rows.append((line, cells[0], cells[1:]))
    if current:
        yield current


def _check_presence(graph: IsaGraph, file: str, sections: Sequence[_Section]) -> None:
    names = {section.name for section in sections}
    expected = [*TOP_SECTIONS, "STUDY"]
    _report_missing(graph, "the investigation file", [n for n in expected if n not in names], file)
    starts = [n for n, section in enumerate(sections) if section.name == "STUDY"]
    ends = [*starts[1:], len(sections)][: len(starts)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        own = {section.name for section in sections[start:end]}
        missing = [name for name in STUDY_SECTIONS if name not in own]
        where = f"{file}:{sections[start].line}"
        _report_missing(graph, f"study {number} of the investigation file", missing, where)


def _report_missing(graph: IsaGraph, whose: str, missing: list[str], where: str) -> None:
    if missing:
        place = where if ":" in where else f"{where}:1"
        message = f"{whose} lacks the section{'s' * (len(missing) > 1)} {', '.join(missing)}"
        graph.find("violation", "isa-section-missing", message, code="5", where=f"{place}:1")


def _check_order(graph: IsaGraph, file: str, sections: Sequence[_Section]) -> None:
    order = {name: n for n, name in enumerate((*TOP_SECTIONS, "STUDY"))}
    latest, last = 0, ""
    for section in sections:
        if section.name not in order:
            continue  # the sections of a study may stand in any order
        if order[section.name] < latest:
            message = f"section {section.name} stands after {last}; the standard has it before"
            where = f"{file}:{section.line}:1"
            graph.find("violation", "isa-section-order", message, code="5", where=where)
        else:
            latest, last = order[section.name], section.name


def _check_labels(graph: IsaGraph, file: str, section: _Section) -> None:
    def find(rule: str, message: str, line: int) -> None:
        graph.find("violation", rule, message, code="5", where=f"{file}:{line}:1")

    if section.text != section.name:
        message = f"the section heading {section.text!r} is written {section.name} in the standard"
        find("isa-label-form", message, section.line)
    standard = standard_labels(section.name)
    missing, comments = dict(standard), set[str]()
    for line, label, _ in section.rows:
        key, name = label_key(section.name, label), comment_name(label)
        if name is not None:
            if label != f"Comment[{name}]":
                message = f"{label!r} is written Comment[{name}] in the standard"
                graph.find("warning", "isa-label-form", message, code="5", where=f"{file}:{line}:1")
            if name in comments:
                message = f"section {section.name} has two comments of the name {name!r}"
                find("isa-repeated-comment", message, line)
            comments.add(name)
        elif key in standard:
            missing.pop(key, None)
            if label != standard[key] and label not in _ALSO:
                message = f"the label {label!r} is written {standard[key]!r} in the standard"
                find("isa-label-form", message, line)
    if missing:
        labels = ", ".join(missing.values())
        message = f"section {section.name} lacks the label{'s' * (len(missing) > 1)} {labels}"
        find("isa-label-missing", message, section.line)


def _check_counts(graph: IsaGraph, file: str, section: _Section) -> None:
    """Compare how many values the rows have: a short row of a label is padded, a comment belongs to something."""
    if section.name in SINGLE:
        return
    rows = [(line, label, cells, comment_name(label)) for line, label, cells in section.rows]
    width = max((_extent(cells) for _, _, cells, name in rows if name is None), default=0)
    for line, label, cells, name in rows:
        extent = _extent(cells)
        if not extent or (len(cells) >= width and extent <= width):
            continue
        values = f"{label!r} has {max(extent, min(len(cells), width))} values"
        message = f"{values} where section {section.name} describes {width} things"
        where = f"{file}:{line}:1"
        if name is None:
            graph.find("warning", "isa-value-count", message, where=where)
        else:
            graph.find("violation", "isa-comment-count", message, where=where)


def _extent(cells: Sequence[str]) -> int:
    return max((n for n, cell in enumerate(cells, 1) if cell), default=0)


# -- the tables --------------------------------------------------------------------------------------------------------

MATERIAL = ("Source Name", "Sample Name", "Extract Name", "Labeled Extract Name")
PROCESS_NAMES = (
    "Assay Name",
    "MS Assay Name",
    "NMR Assay Name",
    "Hybridization Assay Name",
    "Gel Electrophoresis Assay Name",
    "Scan Name",
    "Normalization Name",
    "Data Transformation Name",
)
DATA_FILES = (*sorted(DATA_TYPES), "Array Design File", "Spot Picking File")
OF_MATERIAL = ("Characteristics", "Material Type", "Label")
OF_PROCESS = ("Parameter Value", "Date", "Performer")
OTHERS = (
    "Factor Value",
    "Comment",
    "Description",
    "Array Design REF",
    "First Dimension",
    "Second Dimension",
)
# What a term may stand for: a term source without an accession, or the other way round, is half of it.
WITH_TERMS = (
    *OF_MATERIAL,
    "Parameter Value",
    "Factor Value",
    "First Dimension",
    "Second Dimension",
)
QUALIFIERS = ("Unit", "Term Source REF", "Term Accession Number")
BRACKETED = ("Characteristics", "Factor Value", "Parameter Value", "Comment")
# Other words for the same that are in use, and understood.
_MISSPELT = {
    "characteristic": "Characteristics",
    "parameter": "Parameter Value",
    "unit": "Unit",
}
_STANDARD = {
    name.lower(): name
    for name in (
        *MATERIAL,
        "Protocol REF",
        *PROCESS_NAMES,
        *DATA_FILES,
        *OF_MATERIAL,
        *OF_PROCESS,
        *OTHERS,
        *QUALIFIERS,
    )
}
_HEADING = re.compile(r"([^\[]*?)\s*(\[.*\])?", re.DOTALL)
_PATTERNS = re.compile(r".+ (file|assay name)", re.IGNORECASE)


class _Headings:
    """Walks over the headings of one table, from left to right."""

    def __init__(self, graph: IsaGraph, file: str, line: int) -> None:
        self.graph, self.file, self.line = graph, file, line
        self.node = ""  # the heading of the nearest node or process at the left
        self.has_process = False
        self.value = ""  # the heading that term columns belong to, and those that it has
        self.value_at = 0
        self.terms: set[str] = set()

    def find(self, rule: str, message: str, column: int) -> None:
        where = f"{self.file}:{self.line}:{column + 1}"
        self.graph.find("violation", rule, message, code="4014", where=where)

    def read(self, column: int, header: str) -> None:
        match = _HEADING.fullmatch(header)
        word, brackets = (match.group(1), match.group(2) or "") if match else (header, "")
        name = self._standard(column, header, word, brackets)
        if name in QUALIFIERS:
            if name == "Unit":
                self._end_of_value()
                self.value, self.value_at = header, column
            elif self.value:
                self.terms.add(name)
            return
        self._end_of_value()
        if (
            name in MATERIAL
            or name == "Protocol REF"
            or name in PROCESS_NAMES
            or name in DATA_FILES
        ):
            self.node = name
            self.has_process |= name == "Protocol REF" or name in PROCESS_NAMES
        elif name and not self.node:
            self.find("isa-column-place", f"column {header!r} has no node at its left", column)
        elif name in OF_MATERIAL and self.node not in MATERIAL:
            message = f"column {header!r} describes a material, but follows {self.node}"
            self.find("isa-column-place", message, column)
        elif (
            name in OF_PROCESS
            and self.has_process  # else the reader says so
            and self.node not in (*PROCESS_NAMES, "Protocol REF")
        ):
            message = f"column {header!r} describes a process, but follows {self.node}"
            self.find("isa-column-place", message, column)
        elif not name and _PATTERNS.fullmatch(word):
            self.node = "Raw Data File" if word.lower().endswith("file") else "Assay Name"
        if name in WITH_TERMS:
            self.value, self.value_at = header, column

    def _standard(self, column: int, header: str, word: str, brackets: str) -> str:
        """Return the standard's word for a heading, ``""`` if it has none; say so if it writes it in another way."""
        name = _STANDARD.get(word.lower()) or (_MISSPELT.get(word.lower(), "") if brackets else "")
        if not name:
            if _PATTERNS.fullmatch(word):
                message = (
                    f"column {header!r} is not one of the standard; read as what its name says"
                )
                where = f"{self.file}:{self.line}:{column + 1}"
                self.graph.find("warning", "isa-column", message, code="4014", where=where)
            return ""
        takes = name in BRACKETED
        if word != name or bool(brackets) != takes:
            wanted = f"{name}[…]" if takes else name
            message = f"column {header!r} is written {wanted} in the standard"
            self.find("isa-column-form", message, column)
        elif takes and not brackets[1:-1].strip():
            self.find("isa-column-form", f"column {header!r} has no name in its brackets", column)
        return name

    def _end_of_value(self) -> None:
        if len(self.terms) == 1:
            (given,) = self.terms
            other = next(name for name in QUALIFIERS[1:] if name != given)
            message = f"column {self.value!r} is followed by {given}, but not by {other}"
            self.find("isa-term-columns", message, self.value_at)
        self.value, self.terms = "", set()

    def end(self) -> None:
        self._end_of_value()


def check_headings(
    graph: IsaGraph, file: str, line: int, headers: Sequence[str], *, study: bool
) -> None:
    """Report headings of a study or assay table that the standard does not have, writes otherwise or puts elsewhere.

    What follows nothing that it could qualify is reported by the reader, which has to decide what to do with it.
    """
    walk = _Headings(graph, file, line)
    for column, header in enumerate(headers):
        walk.read(column, header.strip())
    walk.end()
    nodes = [
        (column, name)
        for column, header in enumerate(headers)
        if (name := _STANDARD.get(header.strip().lower(), "")) in (*MATERIAL, *DATA_FILES)
    ]
    if not nodes:
        return  # the reader says that there is nothing to read
    first = "Source Name" if study else "Sample Name"
    what = "a study" if study else "an assay"
    column, name = nodes[0]
    if name != first:
        message = f"the first node of {what} table is {first} in the standard, here {name}"
        where = f"{file}:{line}:{column + 1}"
        graph.find("violation", "isa-first-node", message, where=where)
    if study and "Sample Name" not in {name for _, name in nodes}:
        message = "a study table has a column Sample Name in the standard, here none"
        graph.find("violation", "isa-no-sample", message, where=f"{file}:{line}:1")
