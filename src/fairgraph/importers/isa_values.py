"""What the attribute columns of an ISA-Tab table say about a node or process: values, units, terms, comments."""

from __future__ import annotations

from dataclasses import dataclass, field

from fairgraph.importers.isa_graph import (
    CATEGORY,
    COMMENT,
    INDEX,
    NAME,
    PARAMETER_VALUE,
    PROPERTY,
    PROPERTY_VALUE,
    RAW,
    TERM,
    TEXT,
    TYPE,
    UNIT,
    VALUE,
    IsaGraph,
    Term,
)
from fairgraph.importers.tsv import TsvFile
from fairgraph.isa.columns import Attribute
from fairgraph.literals import date_literal, number
from fairgraph.report import Severity
from fairgraph.terms import BIOSCHEMAS, ISA, PROV, SCHEMA, XSD, literal

Cells = tuple[str, ...]
TRUE = f'"true"^^<{XSD.boolean}>'

# Repeated values (an organism, a unit) are put into words once; beyond this many different ones it no longer pays.
CACHED_VALUES = 50_000
SUBJECT = "\x00"  # stands for the subject in cached statements; no cell holds a NUL byte


@dataclass
class StudyNames:
    """What a study declares, by name, with IRIs in brackets; tables add what they use without declaration."""

    iri: str
    protocols: dict[str, str] = field(default_factory=dict)
    parameters: dict[tuple[str, str], str] = field(default_factory=dict)
    factors: dict[str, str] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)

    def next_index(self, kind: str) -> int:
        """Return the next position in a list that is filled while tables are read."""
        self.positions[kind] = self.positions.get(kind, -1) + 1
        return self.positions[kind]


class ValueWriter:
    """Writes the attributes of one table."""

    def __init__(self, graph: IsaGraph, study: StudyNames, table: str, file: TsvFile) -> None:
        self.graph, self.study, self.table, self.file = graph, study, table, file
        self.write = graph.write
        self.categories: dict[str, str] = {}
        self.units: set[str] = set()
        self.tails: dict[Cells, str] = {}
        self.column_parameters: set[tuple[int, str]] = set()

    def find(
        self, severity: Severity, rule: str, message: str, line: int, column: int, code: str = ""
    ) -> None:
        """Add a finding at one cell; *column* counts from 0."""
        where = f"{self.file.name}:{line}:{column + 1}"
        self.graph.find(severity, rule, message, code=code, where=where)

    # -- declarations --------------------------------------------------------------------------------------------

    def declare(self, attribute: Attribute, line: int) -> None:
        """Find or make the category that the values of a column belong to."""
        if attribute.kind == "characteristic":
            attribute.category = self._characteristic(attribute)
        elif attribute.kind == "factor-value":
            attribute.category = self._factor(attribute, line)

    def protocol(self, name: str, line: int, column: int) -> str:
        """Return the protocol called *name*, declared or not."""
        known = self.study.protocols.get(name)
        if known is None:
            message = f"protocol {name!r} is not declared by the study"
            self.find("violation", "isa-protocol-undeclared", message, line, column, "1007")
            known = self._undeclared(
                self.study.iri, "protocol", BIOSCHEMAS.LabProtocol, name, ISA.protocol
            )
            self.graph.types(known, f"<{PROV.Plan}>")
            self.study.protocols[name] = known
        return known

    def _characteristic(self, attribute: Attribute) -> str:
        key = attribute.header.lower()
        known = self.categories.get(key)
        if known is None:
            graph = self.graph
            known = graph.category(
                self.table, "characteristic", ISA.CharacteristicCategory, attribute.name
            )
            graph.add(self.table, f"<{ISA.characteristicCategory}>", known)
            graph.index(known, self.study.next_index(f"category {self.table}"))
            if "[" not in attribute.header:
                graph.text(known, ISA.header, attribute.header)
            self.categories[key] = known
        return known

    def _factor(self, attribute: Attribute, line: int) -> str:
        name = attribute.name
        if name not in self.study.factors:
            message = f"factor {name!r} is not declared by the study"
            self.find("violation", "isa-factor-undeclared", message, line, attribute.column, "1008")
            self.study.factors[name] = self._undeclared(
                self.study.iri, "factor", ISA.Factor, name, ISA.factor
            )
        return self.study.factors[name]

    def _parameter(self, attribute: Attribute, protocol: str, line: int) -> str:
        key = (protocol, attribute.name)
        known = self.study.parameters.get(key)
        if known is None:
            message = f"parameter {attribute.name!r} is not declared by protocol {protocol!r}"
            self.find(
                "violation", "isa-parameter-undeclared", message, line, attribute.column, "1009"
            )
            owner = self.protocol(protocol, line, attribute.column) if protocol else self.study.iri
            predicate = ISA.parameter if protocol else ISA.looseParameter
            known = self._undeclared(owner, "parameter", ISA.Parameter, attribute.name, predicate)
            self.study.parameters[key] = known
        return known

    def _undeclared(self, owner: str, kind: str, rdf_type: str, name: str, predicate: str) -> str:
        """Make what the tables use and the investigation file does not mention, and say so in the graph."""
        graph = self.graph
        node = graph.category(owner, kind, rdf_type, name)
        graph.add(owner, f"<{predicate}>", node)
        graph.index(node, 10_000 + self.study.next_index(f"undeclared {kind} {owner}"))
        graph.add(node, f"<{ISA.undeclared}>", TRUE)
        return node

    # -- values --------------------------------------------------------------------------------------------------

    def attribute(
        self,
        owner: str,
        attribute: Attribute,
        line: int,
        row: list[str],
        protocol: str,
        suffix: str = "",
    ) -> str:
        """Write what one cell, with its unit and term cells, says about *owner*; return the node that says it, if it is one.

        *suffix* tells a second value of the same column, from another row, from the first.
        """
        value = row[attribute.column]
        unit = row[attribute.unit] if attribute.unit >= 0 else ""
        source = row[attribute.source] if attribute.source >= 0 else ""
        accession = row[attribute.accession] if attribute.accession >= 0 else ""
        if not (value or unit or source or accession):
            return ""
        kind = attribute.kind
        if kind in ("comment", "date", "performer"):
            if kind == "date":
                self.write(f"{owner} <{SCHEMA.endTime}> {date_literal(value)} .\n")
            elif kind == "performer":
                agent = self.graph.agent(value)
                self.write(
                    f"{owner} <{SCHEMA.agent}> {agent} .\n{owner} <{PROV.wasAssociatedWith}> {agent} .\n"
                )
            else:
                return self._comment(owner, attribute, (value, unit, source, accession), suffix)
            return ""
        else:
            if not value:
                message = f"{attribute.header} has a unit or a term but no value"
                self.find(
                    "info", "isa-qualifier-without-value", message, line, attribute.column, "4999"
                )
            if kind == "parameter-value":
                predicate, category = PARAMETER_VALUE, self._parameter(attribute, protocol, line)
                if (attribute.column, category) not in self.column_parameters:
                    self.column_parameters.add((attribute.column, category))
                    column = f"{self.table[:-1]}/column/c{attribute.column + 1}>"
                    self.graph.add(column, CATEGORY, category)
            else:
                predicate, category = PROPERTY, attribute.category
            node = self._node(owner, attribute, suffix)
            if suffix and self._known(node):
                return node
            if unit and attribute.unit > max(attribute.source, attribute.accession):
                # The term stands at the left of the unit: it is that of the value.
                tail = self._tail(value, "", source, accession) + self._tail("", unit, "", "")
            else:
                tail = self._tail(value, unit, source, accession)
            self.write(
                f"{owner} {predicate} {node} .\n{node} {TYPE} {PROPERTY_VALUE} .\n"
                f"{node} {CATEGORY} {category} .\n" + tail.replace(SUBJECT, node)
            )
            if (
                not attribute.unique
            ):  # two columns of one category: their order is not that of the categories
                self.write(f'{node} {INDEX} "{attribute.column}"^^<{XSD.integer}> .\n')
            return node

    def _node(self, owner: str, attribute: Attribute, suffix: str) -> str:
        if not attribute.unique and not suffix:
            return self.graph.mint(owner[1:-1], attribute.kind, attribute.name, attribute.column)
        stem = f"{owner[:-1]}/{attribute.segment}"
        return f"{stem}-{suffix}>" if suffix else f"{stem}>"

    def _known(self, node: str) -> bool:
        """Tell whether a further value was written before, by another row that says the same."""
        known = node in self.graph.minted
        self.graph.minted[node] = None
        return known

    def _tail(self, value: str, unit: str, source: str, accession: str) -> str:
        """Return the statements that make up a value, with SUBJECT in the place of their subject."""
        key = (value, unit, source, accession)
        tail = self.tails.get(key)
        if tail is None:
            if unit:
                term = Term(unit, accession, source)
                tail = f"{_plain(value)}{SUBJECT} {UNIT} {self._unit(term)} .\n"
            elif source or accession:
                term = Term(value, accession, source)
                tail = f"{SUBJECT} {TERM} {self.graph.term(term)} .\n"
            else:
                tail = _plain(value)
            if len(self.tails) < CACHED_VALUES:
                self.tails[key] = tail
        return tail

    def _unit(self, term: Term) -> str:
        node = self.graph.term(term)
        if node not in self.units:
            self.units.add(node)
            position = self.study.next_index(f"unit {self.table}")
            self.graph.annotation(self.table, ISA.unitCategory, "unit", term, position)
        return node

    def _comment(
        self, owner: str, attribute: Attribute, cells: tuple[str, str, str, str], suffix: str
    ) -> str:
        value, unit, source, accession = cells
        if self.graph.carry(owner, attribute.name, value, more=bool(unit or source or accession)):
            return ""
        if attribute.unique or suffix:
            stem = f"{owner[:-1]}/{attribute.segment}"
            node = f"{stem}-{suffix}>" if suffix else f"{stem}>"
        else:
            node = self.graph.mint(owner[1:-1], "comment", attribute.name, attribute.column)
        if suffix and self._known(node):
            return node
        self.write(
            f"{owner} {COMMENT} {node} .\n{node} {TYPE} <{SCHEMA.Comment}> .\n"
            f"{node} {NAME} {literal(attribute.name)} .\n{node} {TEXT} {literal(value)} .\n"
            f'{node} {INDEX} "{attribute.column}"^^<{XSD.integer}> .\n'
        )
        if "[" not in attribute.header:
            self.graph.text(node, ISA.header, attribute.header)
        if unit:
            self.graph.add(node, UNIT, self.graph.term(Term(unit, accession, source)))
        elif source or accession:
            self.graph.add(node, TERM, self.graph.term(Term(value, accession, source)))
        return node


def _plain(value: str) -> str:
    if not value:
        return ""
    typed = number(value)
    if typed is None:
        return f"{SUBJECT} {VALUE} {literal(value)} .\n"
    raw = f"{SUBJECT} {RAW} {literal(value)} .\n" if typed[1] else ""
    return f"{SUBJECT} {VALUE} {typed[0]} .\n{raw}"
