"""Values that comments of ISA-JSON carry for materials, data files and processes of tables (docs/isa-mapping.md, Carriers)."""

from __future__ import annotations

from fairgraph.importers.isa_graph import (
    CATEGORY,
    COLUMN,
    PARAMETER_VALUE,
    PROPERTY,
    PROPERTY_VALUE,
    RAW,
    TERM,
    TYPE,
    UNIT,
    VALUE,
    IsaGraph,
    Term,
)
from fairgraph.importers.isa_json_scope import Commented
from fairgraph.isa import carriers
from fairgraph.isa.carriers import FACTOR_VALUE
from fairgraph.literals import number
from fairgraph.terms import ISA, XSD, literal

_UNDECLARED_INDEX = 10_000


class CarriedValues:
    """Writes factor values of other things than samples, and parameter values of processes without a protocol.

    ``factors`` are the factors of the study by name.
    """

    def __init__(self, graph: IsaGraph, study: str, factors: dict[str, str]) -> None:
        self.graph, self.study, self.factors = graph, study, factors
        self.loose: dict[str, str] = {}
        self.tables: dict[str, str] = {}  # by file name: the study and its assays
        self.places: list[
            tuple[str, str]
        ] = []  # values, and the file name of the table that shows them
        self.columns: list[tuple[str, str, int]] = []  # nodes: file name of a table, its column

    def take(self, owner: str, comment: Commented) -> bool:
        """Write what a comment on *owner* carries; False if it is a comment like any other."""
        carrier = carriers.parse(comment.name)
        if carrier is not None and carrier.kind == "column of":
            return self._take_column(owner, carrier.about, comment.text)
        if carrier is None or carrier.kind not in (FACTOR_VALUE, carriers.PARAMETER_VALUE):
            return False
        if carrier.kind == FACTOR_VALUE:
            if carrier.about not in self.factors:
                return False
            category, kind, predicate = self.factors[carrier.about], "factor-value", PROPERTY
        else:
            category, kind, predicate = (
                self._loose(carrier.about),
                "parameter-value",
                PARAMETER_VALUE,
            )
        graph = self.graph
        node = graph.mint(owner[1:-1], kind, carrier.about)
        graph.write(
            f"{owner} {predicate} {node} .\n{node} {TYPE} {PROPERTY_VALUE} .\n"
            f"{node} {CATEGORY} {category} .\n"
        )
        self._value(node, comment)
        return True

    def _take_column(self, node: str, file_name: str, number: str) -> bool:
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            return False
        self.columns.append((node, file_name, int(number)))
        return True

    def write_places(self) -> None:
        """Write which tables show which values, when all tables of the study are known."""
        for value, file_name in self.places:
            if table := self.tables.get(file_name):
                self.graph.add(value, f"<{ISA.shownIn}>", table)
            else:  # no table has that name: a comment like any other
                self.graph.comment(value, carriers.SHOWN_IN, file_name, 0)
        for node, file_name, n in self.columns:
            if table := self.tables.get(file_name):
                self.graph.add(node, COLUMN, f"<{table[1:-1]}/column/c{n}>")
            else:
                name = carriers.Carrier("column of", file_name).name
                self.graph.comment(node, name, str(n), 0)

    def _value(self, node: str, comment: Commented) -> None:
        graph, text = self.graph, comment.text
        unit, source, accession = comment.qualifiers
        if unit:
            graph.add(node, UNIT, graph.term(Term(unit, accession, source)))
        elif source or accession:
            graph.add(node, TERM, graph.term(Term(text, accession, source)))
            return
        typed = number(text)
        if typed is not None:
            graph.add(node, VALUE, typed[0])
            if typed[1]:
                graph.add(node, RAW, literal(text))
        elif text:
            graph.add(node, VALUE, literal(text))

    def _loose(self, name: str) -> str:
        """Return the parameter *name* of processes that have no protocol."""
        known = self.loose.get(name)
        if known is None:
            graph = self.graph
            known = self.loose[name] = graph.category(self.study, "parameter", ISA.Parameter, name)
            graph.add(self.study, f"<{ISA.looseParameter}>", known)
            graph.index(known, _UNDECLARED_INDEX + len(self.loose) - 1)
            graph.add(known, f"<{ISA.undeclared}>", f'"true"^^<{XSD.boolean}>')
        return known
