"""Comments of ISA-JSON that carry what only ISA-Tab says: read back as the importer of ISA-Tab states it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from fairgraph.importers.isa_graph import LINE, IsaGraph
from fairgraph.importers.isa_layout import write_list_text, write_remark, write_section
from fairgraph.importers.isa_values import TRUE
from fairgraph.isa.carriers import UNDECLARED, Carrier, parse
from fairgraph.isa.sections import SECTIONS, comment_name
from fairgraph.terms import ISA, SCHEMA, XSD, literal


@dataclass
class _Section:
    heading: str = ""
    position: int | None = None
    first: int = 0
    bare: bool = False
    labels: dict[int, str] = field(default_factory=dict)


@dataclass
class Layout:
    """What the carriers on one investigation or study say of sections and ``#`` rows, until all have been read."""

    sections: dict[str, _Section] = field(default_factory=dict)
    remarks: dict[int, str] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    designs: Counter[int] = field(default_factory=Counter)  # comments on each design descriptor

    def take(self, carrier: Carrier, value: str) -> bool:
        """Keep what one carrier says; False if it says nothing of the layout, or nothing that can be."""
        if carrier.kind == "remark":
            self.remarks[carrier.number] = value
            return True
        if carrier.kind == "remark line" and _is_count(value):
            self.lines[carrier.number] = int(value)
            return True
        key = value if carrier.kind == "section" else carrier.about
        if carrier.kind not in _OF_SECTIONS or not _is_section(key):
            return False
        if carrier.kind == "first object" and not _is_count(value):
            return False
        section = self.sections.setdefault(key, _Section())
        if carrier.kind == "section":
            section.position = carrier.number
        elif carrier.kind == "heading":
            section.heading = value
        elif carrier.kind == "first object":
            section.first = int(value)
        elif carrier.kind == "bare":
            section.bare = True
        else:
            section.labels[carrier.number] = value
        return True

    def write(self, graph: IsaGraph, owner: str) -> None:
        """State what was taken."""
        for key, section in sorted(self.sections.items()):
            labels = [section.labels[n] for n in sorted(section.labels)]
            write_section(
                graph,
                owner,
                _name(key),
                heading=section.heading,
                position=section.position,
                first=section.first,
                labels=labels if labels or section.bare else None,
            )
        for position, text in sorted(self.remarks.items()):
            line = self.lines.get(position, position + 1)
            write_remark(graph, owner, text, position, line)


_OF_TABLES = frozenset({"column", "described column", "table remark"})
_OF_SECTIONS = frozenset({"section", "heading", "first object", "bare", "field"})


def take_carrier(
    graph: IsaGraph,
    node: str,
    name: str,
    value: str,
    position: int,
    layout: Layout | None,
    designs: Sequence[str] = (),
) -> bool:
    """State what a comment on *node* carries; False if it is no carrier of the investigation file, but a comment.

    *layout* is given for the investigation and for studies, *designs* are the design descriptors of the study.
    """
    if name == UNDECLARED and value == "true":
        graph.add(node, f"<{ISA.undeclared}>", TRUE)
        return True
    carrier = parse(name)
    if carrier is None:
        return False
    if carrier.kind == "list":
        write_list_text(graph, node, carrier.about, value)
    elif carrier.kind == "label":
        _comment(graph, node, carrier.about, value, position, is_label=True)
    elif carrier.kind == "surplus" and carrier.number:
        comment = _comment(graph, node, carrier.about, value, position)
        graph.add(comment, f"<{ISA.surplus}>", f'"{carrier.number}"^^<{XSD.integer}>')
    elif carrier.kind in _OF_TABLES:
        return _take_table(graph, node, carrier, value)
    elif carrier.kind == "design" and layout is not None and carrier.number < len(designs):
        design = designs[carrier.number]
        _comment(graph, design, carrier.about, value, layout.designs[carrier.number])
        layout.designs[carrier.number] += 1
    else:
        return layout is not None and layout.take(carrier, value)
    return True


def _take_table(graph: IsaGraph, table: str, carrier: Carrier, value: str) -> bool:
    """State what a carrier says of the columns and remarks of a table."""
    scope = table[1:-1]
    if carrier.kind == "table remark":
        row = graph.mint(scope, "row", f"r{carrier.number}")
        graph.add(table, f"<{ISA.row}>", row)
        graph.types(row, f"<{ISA.Row}>")
        graph.add(row, LINE, f'"{carrier.number}"^^<{XSD.integer}>')
        graph.text(row, SCHEMA.text, value)
    elif carrier.kind == "column":
        column = graph.mint(scope, "column", f"c{carrier.number}")
        graph.add(table, f"<{ISA.column}>", column)
        graph.types(column, f"<{ISA.Column}>")
        graph.text(column, ISA.header, value)
        graph.index(column, carrier.number - 1)
    elif not _is_count(value):
        return False
    else:
        described = f"<{scope}/column/c{int(value)}>"
        graph.add(f"<{scope}/column/c{carrier.number}>", f"<{ISA.describes}>", described)
    return True


def _comment(
    graph: IsaGraph, node: str, label: str, text: str, position: int, *, is_label: bool = False
) -> str:
    name = None if is_label else comment_name(label)
    comment = graph.comment(node, label if name is None else name, text, position)
    if name is None:
        graph.add(comment, f"<{ISA.header}>", literal(label))
    return comment


def _name(key: str) -> str:
    name, _, number = key.rpartition(" ")
    return name if _is_count(number) else key


def _is_section(key: str) -> bool:
    return _name(key) in SECTIONS


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
