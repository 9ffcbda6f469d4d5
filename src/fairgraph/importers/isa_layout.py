"""How an investigation file deviates from the standard's order of sections and labels, as statements of one value each."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence

from fairgraph.importers.isa_graph import RAW, IsaGraph
from fairgraph.importers.isa_investigation import Part, object_keys
from fairgraph.importers.isa_values import TRUE
from fairgraph.importers.tsv import TsvFile
from fairgraph.isa.sections import (
    STUDY_SECTIONS,
    TOP_SECTIONS,
    default_keys,
    row_label,
)
from fairgraph.terms import FG, ISA, SCHEMA, XSD, literal


def write_layout(
    graph: IsaGraph, root: str, top: Sequence[Part], studies: Sequence[tuple[str, Sequence[Part]]]
) -> None:
    """State the sections and labels of the investigation and of each study where they are not those of the standard."""
    first_of_studies = min((part.position for _, parts in studies for part in parts), default=None)
    mixed = first_of_studies is not None and any(p.position > first_of_studies for p in top)
    for owner, parts, default in (
        (root, top, TOP_SECTIONS),
        *((study, parts, STUDY_SECTIONS) for study, parts in studies),
    ):
        listed = mixed or [part.section for part in parts] != list(default)
        for part in parts:
            labels = [line.label for line in part.lines]
            expected = [
                row_label(part.section, key)
                for key in default_keys(part.section, object_keys(part))
            ]
            write_section(
                graph,
                owner,
                part.section,
                heading=part.heading if part.heading != part.section else "",
                position=part.position if listed else None,
                first=part.first,
                labels=labels if labels != expected else None,
            )


def write_section(
    graph: IsaGraph,
    owner: str,
    section: str,
    *,
    heading: str = "",
    position: int | None = None,
    first: int = 0,
    labels: Sequence[str] | None = None,
) -> None:
    """State what is unusual about one section; nothing if nothing is."""
    if not (heading or position is not None or first or labels is not None):
        return
    node = graph.mint(owner[1:-1], "section", section)
    graph.add(owner, f"<{ISA.section}>", node)
    graph.types(node, f"<{ISA.Section}>")
    graph.text(node, SCHEMA.name, section)
    graph.text(node, ISA.header, heading)
    if position is not None:
        graph.index(node, position)
    if first:
        graph.add(node, f"<{ISA.firstObject}>", f'"{first}"^^<{XSD.integer}>')
    if labels is not None and not labels:
        graph.add(node, f"<{ISA.bare}>", TRUE)
    for n, label in enumerate(labels or ()):
        row = graph.mint(node[1:-1], "field", f"r{n + 1}")
        graph.add(node, f"<{ISA.field}>", row)
        graph.types(row, f"<{ISA.Field}>")
        graph.add(row, f"<{ISA.header}>", literal(label))
        graph.index(row, n)


def write_remarks(graph: IsaGraph, root: str, file: TsvFile) -> None:
    """State the ``#`` rows, with their line and the number of rows before them."""
    remarks = list(file.remarks())
    if not remarks:
        return
    rows = [line for line, cells in file.rows() if any(cell.strip() for cell in cells)]
    for n, (line, text) in enumerate(remarks):
        write_remark(graph, root, text, bisect(rows, line) + n, line)


def write_remark(graph: IsaGraph, root: str, text: str, position: int, line: int) -> None:
    """State one ``#`` row of the investigation file."""
    node = graph.mint(root[1:-1], "row", f"r{line}")
    graph.add(root, f"<{ISA.row}>", node)
    graph.types(node, f"<{ISA.Row}>")
    graph.add(node, f"<{SCHEMA.text}>", literal(text))
    graph.index(node, position)
    graph.add(node, f"<{FG.line}>", f'"{line}"^^<{XSD.integer}>')


def write_list_text(graph: IsaGraph, owner: str, label: str, text: str) -> None:
    """State how a semicolon-delimited list was written, where that is not the plain way."""
    node = graph.mint(owner[1:-1], "list-text", label)
    graph.add(owner, f"<{ISA.listText}>", node)
    graph.types(node, f"<{ISA.ListText}>")
    graph.text(node, SCHEMA.name, label)
    graph.add(node, RAW, literal(text))
