"""What only ISA-Tab says, as comments of ISA-JSON: one value of one thing each."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from fairgraph.exports.isa_json_text import Json
from fairgraph.exports.isa_view import Comment, IsaView
from fairgraph.isa.carriers import UNDECLARED, Carrier
from fairgraph.terms import ISA

Named = tuple[str, str]


def carriers(view: IsaView, node: str) -> Iterator[Json]:
    """Yield the comments that carry how the investigation file says something about *node*, where that is unusual."""
    for name, value in (
        *_sections(view, node),
        *_remarks(view, node),
        *_lists(view, node),
        *_designs(view, node),
        *_columns(view, node),
        *_table_remarks(view, node),
    ):
        yield {"name": name, "value": value}
    if view.flag(node, ISA.undeclared):
        yield {"name": UNDECLARED, "value": "true"}


def comment_name(view: IsaView, comment: Comment) -> str:
    """Return the name of a comment on something that the investigation file describes; it carries the label if that is unusual."""
    labels = view.labels.get(comment.iri)
    if labels is None:
        return comment.name
    label = labels.get(ISA.header)
    shown = f"Comment[{comment.name}]" if label is None else label
    surplus = labels.get(ISA.surplus, "")
    if surplus.isdecimal() and surplus != "0":
        return Carrier("surplus", shown, int(surplus)).name
    return Carrier("label", shown).name if label == comment.name else comment.name


def _sections(view: IsaView, owner: str) -> Iterator[Named]:
    parts: dict[str, int] = {}
    pieces = view.layout.get((owner, ISA.section), ())
    for piece in sorted(pieces, key=lambda piece: (piece.first, piece.index)):
        number = parts[piece.name] = parts.get(piece.name, 0) + 1
        section = piece.name if number == 1 else f"{piece.name} {number}"
        if piece.index != inf:
            yield Carrier("section", number=int(piece.index)).name, section
        if piece.text:
            yield Carrier("heading", section).name, piece.text
        if piece.first:
            yield Carrier("first object", section).name, str(piece.first)
        if piece.bare:
            yield Carrier("bare", section).name, "true"
        for n, row in enumerate(view.layout.get((piece.iri, ISA.field), ())):
            yield Carrier("field", section, n).name, row.text


def _remarks(view: IsaView, owner: str) -> Iterator[Named]:
    for piece in view.layout.get((owner, ISA.row), ()):
        if piece.index != inf:
            yield Carrier("remark", number=int(piece.index)).name, piece.text
            yield Carrier("remark line", number=int(piece.index)).name, piece.name


def _lists(view: IsaView, owner: str) -> Iterator[Named]:
    for piece in view.layout.get((owner, ISA.listText), ()):
        yield Carrier("list", piece.name).name, piece.text


def _designs(view: IsaView, study: str) -> Iterator[Named]:
    """Comments on design descriptors: an ontology annotation of ISA-JSON has none of its own."""
    for n, member in enumerate(view.lists.get((study, ISA.designDescriptor), ())):
        for comment in view.comments.get(member.iri, ()):
            label = view.labels.get(comment.iri, {}).get(ISA.header)
            shown = f"Comment[{comment.name}]" if label is None else label
            yield Carrier("design", shown, n).name, comment.text


def _table_remarks(view: IsaView, table: str) -> Iterator[Named]:
    for line, text in view.table_remarks.get(table, ()):
        yield Carrier("table remark", number=line).name, text


def _columns(view: IsaView, table: str) -> Iterator[Named]:
    columns = view.links(table, ISA.column)
    numbers = {column: n for n, column in enumerate(columns, 1)}
    for column, number in numbers.items():
        yield Carrier("column", number=number).name, view.header(column)
        for described in view.links(column, ISA.describes):
            if described in numbers:
                yield Carrier("described column", number=number).name, str(numbers[described])
