"""Generated investigations as folders of ISA-Tab: whatever rows may say, in small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

Cells = list[str]

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
PLAIN = ["a", "b", "c", "d"]
ODD = [
    "0", "0.0", "007", "1e5", "-0", ".5", "1.50", "12", "x;y", ";", "a/b", "with blanks in it", "µ ü 猫", 'a "quoted" word', "\"", "a\tb",
    "two\nlines", "a\r\nb", "#a", "'", "\\", "<http://e.org/>", "http://e.org/t", "NA", "Sample Name", "Comment[a]", "%41", "A", "a b",
]  # fmt: skip
ANY = st.one_of(st.sampled_from(PLAIN), st.sampled_from(ODD), TEXT.map(str.strip))
VALUE = st.one_of(
    st.just(""), st.sampled_from(["1", "2", "0", "a"]), st.sampled_from(["1", "b"]), ANY
)
NAMES = st.lists(ANY.filter(bool), min_size=1, max_size=3, unique=True)
ACCESSIONS = ["", "http://e.org/t1", "http://e.org/t2", "UO:1", "1"]
SOURCES = ["", "UO", "OBI"]
PROTOCOLS = ["collection", "extraction", "odd/one", "undeclared"]
FILES = ["Raw Data File", "Derived Data File", "Array Data File", "Odd Kind of File"]


@dataclass
class Column:
    """A column: its header, where its cells come from, and whether one name at the left always has one of them."""

    header: str
    cell: st.SearchStrategy[str]
    by_name: bool = False
    known: dict[str, str] = field(default_factory=dict)


@dataclass
class Folder:
    """Files by name."""

    files: dict[str, str]

    def write(self, place: Path) -> Path:
        """Write the files into a new folder."""
        place.mkdir()
        for name, text in self.files.items():
            (place / name).write_bytes(text.encode())
        return place

    def __repr__(self) -> str:
        return "\n".join(f"== {name}\n{text}" for name, text in self.files.items())


def line(cells: Cells) -> str:
    """One row, with quotation marks where they are needed."""
    quoted = []
    for n, cell in enumerate(cells):
        special = any(c in cell for c in '\t\n\r"') or (n == 0 and cell.startswith("#"))
        quoted.append('"' + cell.replace('"', '""') + '"' if special else cell)
    return "\t".join(quoted)


@st.composite
def _qualifiers(draw: st.DrawFn, by_name: bool) -> list[Column]:
    unit = Column("Unit", st.sampled_from(["", "mg", "g", "g"]), by_name)
    term = [
        Column("Term Source REF", st.sampled_from(SOURCES), by_name),
        Column("Term Accession Number", st.sampled_from(ACCESSIONS), by_name),
    ]
    return draw(st.sampled_from([[]] * 6 + [[unit], term, [unit, *term], term[:1], term[1:]]))


@st.composite
def _described(
    draw: st.DrawFn, headers: list[str], most: int, *, agree: bool = False
) -> list[Column]:
    found = []
    for header in draw(st.lists(st.sampled_from(headers), max_size=most)):
        if header in ONCE and any(column.header == header for column in found):
            continue
        by_name = agree or draw(st.booleans())
        found.append(Column(header, VALUE, by_name))
        if header not in ONCE:
            found += draw(_qualifiers(by_name))
    return found


MATERIAL = ["Characteristics[organism]", "Characteristics[mass]", "Characteristics [odd one]", "Comment[note]", "Material Type", "Provider"]  # fmt: skip
PROCESS = ["Parameter Value[volume]", "Parameter Value[tool]", "Parameter Value[undeclared]", "Date", "Performer", "Comment[note]"]  # fmt: skip
ONCE = ("Date", "Performer")
FACTORS = ["Factor Value[dose]", "Factor Value[undeclared]"]


@st.composite
def _node(
    draw: st.DrawFn,
    header: str,
    names: list[str],
    most: int,
    *,
    named: bool = False,
    agree: bool = False,
) -> list[Column]:
    empty = 0 if named else draw(st.sampled_from([0, 0, 1]))
    cells = st.sampled_from([*names, *[""] * empty])
    headers = [*MATERIAL, *(["Label"] if header.startswith("Labeled") else [])]
    if header.endswith("File"):
        headers = ["Comment[note]", "Comment[checksum]"]
    return [Column(header, cells), *draw(_described(headers, most, agree=agree))]


@st.composite
def _process(draw: st.DrawFn, names: list[str], *, agree: bool = False) -> list[Column]:
    empty = draw(st.sampled_from([0, 0, 0, 1]))
    protocols = draw(st.lists(st.sampled_from(PROTOCOLS), min_size=1, max_size=2))
    found = [Column("Protocol REF", st.sampled_from([*protocols, *[""] * empty]))]
    described = draw(_described(PROCESS, 2, agree=agree))
    name = draw(
        st.sampled_from(["", "", "", "", "Assay Name", "Scan Name", "Data Transformation Name"])
    )
    named = [Column(name, st.sampled_from([*names, ""]))] if name else []
    if name == "Scan Name" and draw(st.integers(0, 3)) == 0:
        return [*named, *described]  # a process without a protocol
    return [*found, *described, *named] if draw(st.booleans()) else [*found, *named, *described]


@st.composite
def _table(
    draw: st.DrawFn, steps: list[str], pools: Callable[[str], list[str]], *, agree: bool = False
) -> str:
    """A table with some of the nodes that *steps* lists, in that order, and processes between some of them.

    With *agree* no two rows contradict each other about one thing, and no factor has values in a study and in an assay.
    """
    chosen = [steps[0]] + [step for step in steps[1:] if draw(st.booleans())]
    columns: list[Column] = []
    for n, step in enumerate(chosen):
        if n:
            for _ in range(draw(st.sampled_from([1, 1, 1, 1, 0, 2]))):
                columns += draw(_process(pools("process"), agree=agree))
        header = step.removesuffix(" 2")
        # Two data files side by side with nothing at their left do not say what they come from: such rows are left out.
        named = not n and any(other in FILES for other in chosen)
        columns += draw(_node(header, pools(step), 2, named=named, agree=agree))
        if draw(st.integers(0, 3 if step in FILES else 9)) == 0:  # a second one beside it
            columns += draw(_node(header, pools(f"{step} beside"), 1, agree=agree))
    if draw(st.integers(0, 5)) == 0:
        columns += draw(_process(pools("process"), agree=agree))
    factors = FACTORS if not agree else FACTORS[:1] if steps[0] == "Source Name" else FACTORS[1:]
    for factor in draw(st.lists(st.sampled_from(factors), max_size=2, unique=True)):
        by_name = agree or draw(st.booleans())
        columns += [Column(factor, VALUE, by_name), *draw(_qualifiers(by_name))]
    if draw(st.integers(0, 6)) == 0:
        columns.insert(draw(st.integers(0, len(columns))), Column("Odd Column", VALUE, agree))
    lines = [line([column.header for column in columns])]
    for _ in range(draw(st.integers(1, 6))):
        lines.append(line(draw(_row(columns))))
        if draw(st.integers(0, 15)) == 0:
            lines.append(draw(st.sampled_from(["# a remark", "", "#\ttabs", '# "x'])))
    return "\n".join(lines) + "\n"


@st.composite
def _row(draw: st.DrawFn, columns: list[Column]) -> Cells:
    cells: Cells = []
    name = ""
    for column in columns:
        if column.by_name and name in column.known:
            cell = column.known[name]
        else:
            cell = draw(column.cell)
            if column.by_name:
                column.known[name] = cell
        if column.header.endswith((" Name", " File", " REF")) and "Term" not in column.header:
            name = cell or name
        cells.append(cell)
    change = draw(st.integers(0, 20))
    if change == 0:
        cells.append(draw(ANY))  # a cell beyond the last header
    elif change == 1:
        while cells and not cells[-1]:
            cells.pop()
    return cells


STUDY_STEPS = ["Source Name", "Sample Name"]
ASSAY_STEPS = ["Sample Name", "Extract Name", "Labeled Extract Name", *FILES]
STEPS = {*STUDY_STEPS, *ASSAY_STEPS, "process"}


@st.composite
def folders(draw: st.DrawFn, *, agree: bool = False) -> Folder:
    """One investigation with one or two studies, which have up to two assays that share samples.

    With *agree* no two rows of a table contradict each other about one thing, and no factor has values in a study and an assay.
    """
    files: dict[str, str] = {}
    rows = [
        "ONTOLOGY SOURCE REFERENCE", "Term Source Name\tUO\tOBI", "INVESTIGATION", "Investigation Identifier\tI1",
    ]  # fmt: skip
    for n in range(draw(st.sampled_from([1, 1, 1, 2]))):
        known: dict[str, list[str]] = {}

        def pool(step: str, known: dict[str, list[str]] = known) -> list[str]:
            if step not in known:
                known[step] = draw(NAMES)
                if step not in STEPS:
                    known[step] = [f"{name}-{step.split()[-1]}" for name in known[step]]
            return known[step]

        files[f"s_{n}.txt"] = draw(_table(draw(st.sampled_from([STUDY_STEPS, [*STUDY_STEPS, "Sample Name 2"]])), pool, agree=agree))  # fmt: skip
        assays = []
        for m in range(draw(st.integers(0, 2))):
            assays.append(f"a_{n}_{m}.txt")
            files[assays[-1]] = draw(_table(ASSAY_STEPS, pool, agree=agree))
            if draw(st.booleans()):
                known["Sample Name"] = draw(NAMES)  # samples that the study table does not have
        rows += [
            "STUDY", f"Study Identifier\tS{n}", f"Study File Name\ts_{n}.txt",
            "STUDY FACTORS", "Study Factor Name\tdose", "Study Factor Type\tdose",
            "STUDY ASSAYS", "\t".join(["Study Assay File Name", *assays]),
            "STUDY PROTOCOLS", "Study Protocol Name\tcollection\textraction\todd/one",
            "Study Protocol Parameters Name\tvolume;tool\tvolume\t",
        ]  # fmt: skip
    return Folder({"i_x.txt": "\n".join(rows) + "\n", **files})
