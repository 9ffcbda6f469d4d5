"""Reading a SPARQL Update far enough to know which graphs it writes, and to send the default graph's writes to a dataset.

The default graph of the store is the union, which nobody writes to. So templates without ``GRAPH`` are wrapped into the
graph of the dataset ``default``, and ``DEFAULT`` means that dataset wherever an operation names it. Only patterns in WHERE
see the union; ``GRAPH ?g`` in them ranges over the datasets, without their records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from fairgraph.errors import QueryError
from fairgraph.store.guard import decode, tokens

_MANAGEMENT = {"CLEAR", "DROP", "CREATE"}
_TRANSFER = {"ADD", "MOVE", "COPY"}


@dataclass(frozen=True)
class Plan:
    """An update as it is run. *touched* are the graphs that it may write, by IRI; None if only running it can tell."""

    text: str
    touched: frozenset[str] | None


def plan_update(
    sparql: str,
    base: str,
    datasets: Sequence[str],
    ontologies: Sequence[str] = (),
    using: Using | None = None,
) -> Plan:
    """Return *sparql* with writes to the default graph going to the graph ``{base}id/default``.

    ``GRAPH ?g`` ranges over neither records nor the graphs *ontologies*. ``CLEAR`` and ``DROP`` of ``ALL`` and ``NAMED`` mean the graphs *datasets*.
    Patterns in WHERE see the graphs *using* alone, if it is given: QueryError if the update names some itself (SPARQL 1.1 Protocol
    §2.2.3). An update that is not understood is left as it is, for the engine to refuse it.
    """
    found = list(tokens(sparql))
    if any(kind == "other" and text == "\\" for kind, text, _ in found):
        sparql = decode(sparql)  # escapes outside of strings, IRIs and names: SPARQL 1.1 §19.2
        found = list(tokens(sparql))
    scan = _Scan(sparql, found, base, tuple(datasets), tuple(ontologies), _clauses(using))
    scan.run()
    text = _edited(sparql, scan.edits)
    return Plan(text, frozenset(scan.touched) if scan.certain else None)


Using = tuple[Sequence[str], Sequence[str]]
"""The default and the named graphs that the patterns of an update see, by IRI."""
_Edit = tuple[int, int, str]


def _clauses(using: Using | None) -> str:
    if using is None:
        return ""
    default, named = using
    try:
        clauses = [f"USING {NamedNode(graph)}" for graph in default]
        clauses += [f"USING NAMED {NamedNode(graph)}" for graph in named]
    except ValueError as error:
        raise QueryError(f"a graph of the request is no IRI: {error}") from error
    return " ".join(clauses) + " "


def _edited(text: str, edits: Sequence[_Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


@dataclass
class _Scan:
    text: str
    found: list[tuple[str, str, int]]
    base: str
    datasets: tuple[str, ...]
    ontologies: tuple[str, ...] = ()
    using: str = ""
    at: int = 0
    certain: bool = True
    graph: str | None = None  # of WITH; "?" if it could not be resolved
    touched: set[str] = field(default_factory=set)
    edits: list[_Edit] = field(default_factory=list)
    prefixes: dict[str, str] = field(default_factory=dict)

    @property
    def default(self) -> str:
        """The dataset that stands for the default graph wherever it is written."""
        return f"{self.base}id/default"

    def run(self) -> None:
        while self.at < len(self.found):
            word = self.word()
            if word == "PREFIX":
                name, iri = self.peek(1)[1], self.peek(2)[1]
                self.prefixes[name] = iri[1:-1]
                self.at += 3
            elif word in ("WITH", "USING", "WHERE"):
                self.dataset(word)
            elif word in ("INSERT", "DELETE"):
                self.change()
            elif word in _MANAGEMENT:
                self.management(word)
            elif word in _TRANSFER:
                self.transfer(word)
            elif self.peek()[1] == "{":
                self.pattern()
            else:
                if self.peek()[1] == ";":
                    self.graph = None
                self.at += 1

    def dataset(self, clause: str) -> None:
        """Take a word that tells which graphs an operation is about, and name those of the request before ``WHERE``."""
        offset = self.peek()[2]
        self.at += 1
        if clause == "WITH":
            self.graph = self.name()
        if clause != "WHERE":
            self.refuse_using(clause)
        elif self.using:
            self.edits.append((offset, offset, self.using))

    def change(self) -> None:
        """Take ``INSERT`` or ``DELETE`` and its template."""
        self.at += 1
        if self.word() == "WHERE":
            self.delete_where()
            return
        if self.word() == "DATA":
            self.at += 1
        if self.peek()[1] == "{":
            self.template()

    def refuse_using(self, clause: str) -> None:
        if self.using:
            raise QueryError(
                f"the update has a {clause} clause, and the request names graphs too",
                hint="leave out using-graph-uri and using-named-graph-uri, or the clause",
            )

    def peek(self, ahead: int = 0) -> tuple[str, str, int]:
        at = self.at + ahead
        return self.found[at] if at < len(self.found) else ("end", "", len(self.text))

    def word(self) -> str:
        kind, text, _ = self.peek()
        return text.upper() if kind == "word" else ""

    def name(self) -> str:
        """Take the name of a graph; "?" if its IRI is not known from the text."""
        kind, text, _ = self.peek()
        self.at += 1
        if kind == "iri" and ":" in text and "\\" not in text:
            return text[1:-1]
        if kind == "name" and "\\" not in text:
            prefix, _, local = text.partition(":")
            namespace = self.prefixes.get(prefix + ":")
            if namespace and ":" in namespace:
                return namespace + local
        return "?"

    def touch(self, graph: str) -> None:
        if graph == "?":
            self.certain = False
        else:
            self.touched.add(graph)

    def skip_block(self) -> None:
        depth = 0
        while self.at < len(self.found):
            text = self.peek()[1]
            depth += (text == "{") - (text == "}")
            self.at += 1
            if depth == 0:
                return

    def pattern(self) -> None:
        """Take a block of WHERE; ``GRAPH ?g`` in it ranges over the datasets, without their records."""
        graphs: list[str] = []  # the variable of each block that is open, "" where there is none
        while self.at < len(self.found):
            _, text, offset = self.peek()
            before = self.found[self.at - 2 : self.at]
            if text == "{":
                of_graph = len(before) == 2 and before[0][1].upper() == "GRAPH"
                graphs.append(before[1][1] if of_graph and before[1][0] == "variable" else "")
            elif text == "}" and graphs and (variable := graphs.pop()):
                end = offset + len(text)
                record = f'STRSTARTS(STR({variable}), "{self.base}record/")'
                self.edits.append((end, end, f" FILTER(!{record})"))
                if self.ontologies:
                    others = ", ".join(f"<{graph}>" for graph in self.ontologies)
                    self.edits.append((end, end, f" FILTER({variable} NOT IN ({others}))"))
            self.at += 1
            if not graphs:
                return

    def delete_where(self) -> None:
        """Take ``WHERE { … }`` after DELETE: one block that is template and pattern (SPARQL 1.1 Update §3.1.3.3)."""
        self.refuse_using("DELETE WHERE")
        start = self.peek()[2]
        self.at += 1
        first, known = self.at, len(self.edits)
        if self.peek()[1] != "{":
            return
        self.template()
        last = self.found[self.at - 1]
        opening, end = self.found[first][2], last[2] + len(last[1])
        template = _edited(
            self.text[opening:end],
            [(a - opening, b - opening, new) for a, b, new in self.edits[known:]],
        )
        wrapped = len(self.edits)
        self.at = first
        self.pattern()
        if len(self.edits) > wrapped:  # a pattern may hold a filter, a template may not
            self.edits.append((start, start, f"{template} "))

    def template(self) -> None:
        """Take ``{ triples GRAPH g { triples } … }`` and wrap the triples that stand in no graph."""
        self.at += 1
        while self.at < len(self.found) and self.peek()[1] != "}":
            if self.word() == "GRAPH":
                self.at += 1
                self.touch(self.name())
                self.skip_block()
            elif self.peek()[1] == ".":
                self.at += 1
            else:
                self.loose_triples()
        self.at += 1

    def loose_triples(self) -> None:
        start, depth, end = self.peek()[2], 0, self.peek()[2]
        while self.at < len(self.found):
            _, text, offset = self.peek()
            if depth == 0 and (text == "}" or self.word() == "GRAPH"):
                break
            depth += (text == "{") - (text == "}")
            end = offset + len(text)
            self.at += 1
        if self.graph is not None:
            self.touch(self.graph)
            return
        self.touch(self.default)
        self.edits.append((start, start, f"GRAPH <{self.default}> {{ "))
        self.edits.append((end, end, " } "))

    def management(self, operation: str) -> None:
        start = self.peek()[2]
        self.at += 1
        if self.word() == "SILENT":
            self.at += 1
        target, (_, text, offset) = self.word(), self.peek()
        if target == "GRAPH":
            self.at += 1
            self.touch(self.name())
        elif target == "DEFAULT":
            self.at += 1
            self.touch(self.default)
            self.edits.append(
                (start, offset + len(text), f"{operation} SILENT GRAPH <{self.default}>")
            )
        elif target in ("NAMED", "ALL"):
            self.at += 1
            graphs = self.datasets or (self.default,)
            self.touched.update(graphs)
            every = " ; ".join(f"{operation} SILENT GRAPH <{graph}>" for graph in graphs)
            self.edits.append((start, offset + len(text), every))

    def transfer(self, operation: str) -> None:
        self.at += 1
        silent = self.word() == "SILENT"
        if silent:
            self.at += 1
        if self.word() == "DEFAULT" and not silent:  # it is always there, even when it is empty
            self.edits.append((self.peek()[2], self.peek()[2], "SILENT "))
        self.side(written=operation == "MOVE")
        if self.word() == "TO":
            self.at += 1
            self.side(written=True)

    def side(self, *, written: bool) -> None:
        _, text, offset = self.peek()
        if self.word() == "DEFAULT":
            self.at += 1
            self.edits.append((offset, offset + len(text), f"GRAPH <{self.default}>"))
            if written:
                self.touch(self.default)
            return
        if self.word() == "GRAPH":
            self.at += 1
        graph = self.name()
        if written:
            self.touch(graph)
