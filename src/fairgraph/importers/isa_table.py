"""ISA-Tab study and assay tables: rows become materials, data files and processes (ISA-Tab, Study and Assay files)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter

from fairgraph.importers.isa_factors import FactorPlaces
from fairgraph.importers.isa_graph import (
    CATEGORY,
    COLUMN,
    DERIVED,
    EXECUTES,
    GENERATED,
    INFORMED,
    LINE,
    MEMBERSHIP,
    NAME,
    NEXT,
    NODE_TYPES,
    OBJECT,
    RESULT,
    TYPE,
    USED,
    IsaGraph,
)
from fairgraph.importers.isa_processes import ProcessGroups, find_cycle
from fairgraph.importers.isa_rows import Cells, Node, Process, Rows, keys
from fairgraph.importers.isa_tab_form import check_headings
from fairgraph.importers.isa_values import TRUE, StudyNames, ValueWriter
from fairgraph.importers.tsv import Row, TsvFile
from fairgraph.isa.columns import UNKNOWN, Attribute, Columns, Slot, read_columns
from fairgraph.terms import ISA, XSD, digest, literal

# Rows after which the collected triples leave the list of strings for the spool.
FLUSH_ROWS = 2000


Materials = dict[tuple[str, str], Node]


def read_table(
    graph: IsaGraph, study: StudyNames, shared: Materials, table: str, file: TsvFile
) -> Callable[[], None]:
    """Read one table into the graph; return what must be called when all tables of the study have been read.

    *table* is the IRI (with brackets) of the study or assay whose file it is, *shared* the sources and samples of the study.
    Raises SourceError if the file is not tab-separated text.
    """
    rows = file.rows()
    first = next(rows, None)
    if first is None:
        graph.find(
            "violation", "isa-empty-table", "the table has no header", where=f"{file.name}:1:1"
        )
        return lambda: None
    width = len(first[1])
    surplus, place = _cells_beyond(rows, width)
    columns = read_columns([*first[1], *[""] * surplus])
    writer = _TableWriter(graph, study, shared, table, file, columns)
    writer.width = width
    writer.declare_columns(first[0])
    check_headings(graph, file.name, first[0], first[1], study=table == study.iri)
    if surplus:
        message = f"{surplus} cells stand beyond the last header; kept as comments without a name"
        writer.find("warning", "isa-surplus-cell", message, place, width)
    if not columns.slots:
        message = "no column names a material, data file or process: the rows are not kept"
        writer.find("violation", "isa-no-node", message, first[0], 0, "4014")
    factors = FactorPlaces(columns.slots)
    groups = ProcessGroups(columns.slots, (factors.read(cells) for _, cells in writer.rows()))
    for attribute, slot in factors.move():
        writer.describe_other(attribute, slot)
        message = (
            f"{attribute.header} differs between rows of one sample; it is kept with {slot.label}"
        )
        writer.find("info", "isa-factor-value-of-row", message, first[0], attribute.column)
    writer.describe = [_getter(slot) for slot in columns.slots]
    for n, (line, cells) in enumerate(writer.rows()):
        writer.write_row(line, cells, groups.row(n))
        if n % FLUSH_ROWS == 0:
            graph.spool.flush()
    writer.write_derivations()
    graph.spool.flush()
    return writer.state_rows


def _cells_beyond(rows: Iterable[Row], width: int) -> tuple[int, int]:
    """Return how many cells a row has beyond the last header, at most, and the first line that has any."""
    surplus = place = 0
    for line, cells in rows:
        if len(cells) > width + surplus:
            last = max((n + 1 for n, cell in enumerate(cells) if cell.strip()), default=0)
            place = place or (line if last > width else 0)
            surplus = max(surplus, last - width)
    return surplus, place


class _TableWriter:
    def __init__(
        self,
        graph: IsaGraph,
        study: StudyNames,
        shared: Materials,
        table: str,
        file: TsvFile,
        columns: Columns,
    ) -> None:
        self.graph, self.study, self.table, self.file = graph, study, table, file
        self.columns, self.slots = columns, columns.slots
        self.values = ValueWriter(graph, study, table, file)
        self.find = self.values.find
        self.write = graph.write
        self.scope = table[1:-1]
        self.is_study = table == study.iri
        self.shared, self.own = shared, Materials()
        self.linked_samples: set[str] = set()
        self.width = len(columns.headers)  # how many columns have a header
        self.fresh: set[str] = set()  # what the current row names first
        self.processes: dict[object, Process] = {}
        self.column_iris: list[str] = []
        self.describe: list[Callable[[list[str]], Cells]] = []
        self.shown = Rows(graph, table, self.slots)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the data rows, trimmed and padded to the width of the header."""
        rows = self.file.rows()
        next(rows)
        width = len(self.columns.headers)
        for line, raw in rows:
            cells = [cell.strip() for cell in raw]
            if not any(cells):
                continue
            if len(cells) < width:
                cells.extend([""] * (width - len(cells)))
            yield line, cells

    def declare_columns(self, line: int) -> None:
        """Write the columns as statements: header, position, and for categories what they are about."""
        graph = self.graph
        for position, header in enumerate(self.columns.headers):
            node = graph.mint(self.scope, "column", f"c{position + 1}")
            self.column_iris.append(node)
            self.shown.column_iris.append(node)
            graph.add(self.table, f"<{ISA.column}>", node)
            graph.types(node, f"<{ISA.Column}>")
            graph.text(node, ISA.header, header)
            graph.index(node, position)
        for column, header, problem in self.columns.problems:
            if not header and column >= self.width:
                continue  # a cell beyond the last header is reported where it stands
            message = f"column {header!r} {problem}; kept as a comment"
            if problem == UNKNOWN:
                self.find("warning", "isa-column", message, line, column, "4014")
            else:
                self.find("violation", "isa-column-place", message, line, column, "4014")
        for slot in self.slots:
            if slot.is_process and slot.name_column >= 0:
                place = slot.column if slot.column >= 0 else slot.name_column
                names = self.column_iris[slot.name_column]
                graph.add(self.column_iris[place], f"<{ISA.nameColumn}>", names)
            for attribute in slot.attributes:
                self.values.declare(attribute, line)
                if attribute.category:
                    graph.add(self.column_iris[attribute.column], CATEGORY, attribute.category)

    def describe_other(self, attribute: Attribute, slot: Slot) -> None:
        """Write that a column describes something else than the nearest thing of its kind."""
        described = slot.name_column if slot.is_process else slot.column
        column = self.column_iris[attribute.column]
        self.graph.add(column, f"<{ISA.describes}>", self.column_iris[described])

    # -- rows ----------------------------------------------------------------------------------------------------

    def write_row(self, line: int, row: list[str], groups: dict[int, int]) -> None:
        """Write what is new in one row: nodes, processes and the edges between them."""
        left = source = (
            ""  # the nearest node at the left; the node that the current process (or chain of them) started from
        )
        process: Process | None = None
        has_output = left_is_data = False
        fresh, shown = self.fresh, self.shown
        fresh.clear()
        shown.begin(line)
        for n, slot in enumerate(self.slots):
            if slot.is_process:
                group = groups.get(n)
                if group is None:
                    continue
                current = self._process(n, slot, group, line, row)
                shown.show(n, current, introduced=current.iri in fresh)
                if process is not None and not has_output:
                    self._follow(process, current)
                else:
                    source = left
                    if left:
                        self._input(current, left)
                process, has_output, left_is_data = current, False, False
            elif found := self._node(n, slot, line, row):
                node = found.iri
                shown.show(n, found, introduced=node in fresh)
                is_data = slot.kind == "data"
                alone = process is None or has_output
                if alone and left and not (is_data and left_is_data and process is not None):
                    process, source = self._implicit(left, node, line, slot), left
                if process is not None:
                    self._output(process, source, node)
                left, left_is_data, has_output = node, is_data, True

    def _input(self, process: Process, node: str) -> None:
        if node not in process.inputs:
            process.inputs[node] = None
            self.write(f"{process.iri} {OBJECT} {node} .\n{process.iri} {USED} {node} .\n")
            if process.slot.is_process:
                self.shown.connect(node, process.iri)

    def _output(self, process: Process, source: str, node: str) -> None:
        if node not in process.outputs:
            process.outputs[node] = None
            self.write(f"{process.iri} {RESULT} {node} .\n{node} {GENERATED} {process.iri} .\n")
            if process.slot.is_process:
                self.shown.connect(process.iri, node)
        if source and (node, source) not in process.pairs:
            process.pairs[node, source] = None
            if not process.slot.is_process:
                self.shown.connect(source, node)

    def _follow(self, earlier: Process, later: Process) -> None:
        if id(earlier) not in later.previous:
            later.previous[id(earlier)] = earlier
            self.write(
                f"{earlier.iri} {NEXT} {later.iri} .\n{later.iri} {INFORMED} {earlier.iri} .\n"
            )
            self.shown.connect(earlier.iri, later.iri)

    def state_rows(self) -> None:
        """Write the rows and cells that do not follow from the rest, and the rows that are comments."""
        self.shown.state(self.rows())
        for line, text in self.file.remarks():
            self.shown.remark(line, text)
        self.graph.spool.flush()

    # -- nodes ---------------------------------------------------------------------------------------------------

    def _node(self, n: int, slot: Slot, line: int, row: list[str]) -> Node | None:
        name = row[slot.column]
        cells = self.describe[n](row)
        if not name:
            # Nothing to pool by: a described but nameless node belongs to its row alone.
            if not any(cells):
                return None
            node = self._new_node(slot, "", cells, line, row)
            if slot.kind == "sample" and not self.is_study:
                self.write(f"{self.table} {MEMBERSHIP['sample']} {node.iri} .\n")
            return node
        nodes = self.shared if slot.kind in ("source", "sample") else self.own
        known = nodes.get((slot.key, name))
        if known is None:
            known = nodes[slot.key, name] = self._new_node(slot, name, cells, line, row)
            if slot.kind == "sample" and not self.is_study:
                message = f"sample {name!r} is not in the study table"
                self.find("violation", "isa-sample-undeclared", message, line, slot.column, "1013")
                self.graph.add(known.iri, f"<{ISA.undeclared}>", TRUE)
        elif known.cells != cells or known.slot is not slot:
            self._merge(known, slot, line, row, cells)
        if slot.kind == "sample" and not self.is_study and name not in self.linked_samples:
            self.linked_samples.add(name)
            self.write(f"{self.table} {MEMBERSHIP['sample']} {known.iri} .\n")
        return known

    def _new_node(self, slot: Slot, name: str, cells: Cells, line: int, row: list[str]) -> Node:
        owner = self.study.iri if slot.kind in ("source", "sample") else self.table
        label = name or f"unnamed-{line}-{slot.column + 1}"
        iri = self.graph.mint(owner[1:-1], slot.kind, label, slot.label)
        self._place(owner, iri, slot.kind, line, slot.column)
        if name:
            self.write(f"{iri} {NAME} {literal(name)} .\n")
        if slot.kind == "data":
            self.write(f"{iri} <{ISA.fileType}> {literal(slot.label)} .\n")
        elif slot.kind == "sample":
            self.graph.samples.append(iri[1:-1])
        for attribute in slot.attributes:
            self.values.attribute(iri, attribute, line, row, "")
        return Node(iri, slot, cells)

    def _place(self, owner: str, iri: str, kind: str, line: int, column: int) -> None:
        self.fresh.add(iri)
        types = "".join([f"{iri} {TYPE} {rdf_type} .\n" for rdf_type in NODE_TYPES[kind]])
        self.write(
            f"{types}{owner} {MEMBERSHIP[kind]} {iri} .\n"
            f'{iri} {LINE} "{line}"^^<{XSD.integer}> .\n{iri} {COLUMN} {self.column_iris[column]} .\n'
        )

    def _process(self, n: int, slot: Slot, group: int, line: int, row: list[str]) -> Process:
        known = self.processes.get(group)
        cells = self.describe[n](row)
        if known is not None:
            if known.cells != cells:
                self._merge(known, slot, line, row, cells)
            return known
        name = row[slot.name_column] if slot.name_column >= 0 else ""
        protocol = row[slot.column] if slot.column >= 0 else ""
        label = name or f"{protocol or 'process'}-{self._neighbour(n, row) or line}"
        iri = self.graph.mint(self.scope, "process", label, n)
        process = self.processes[group] = Process(iri, slot, cells)
        self._place(
            self.table, iri, "process", line, slot.column if slot.column >= 0 else slot.name_column
        )
        if name:
            self.write(f"{iri} {NAME} {literal(name)} .\n")
        if protocol:
            self.write(f"{iri} {EXECUTES} {self.values.protocol(protocol, line, slot.column)} .\n")
        for attribute in slot.attributes:
            self.values.attribute(iri, attribute, line, row, protocol)
        return process

    def _neighbour(self, n: int, row: list[str]) -> str:
        beside = (*self.slots[n + 1 :], *self.slots[:n][::-1])
        return next((row[s.column] for s in beside if not s.is_process and row[s.column]), "")

    def _implicit(self, left: str, node: str, line: int, slot: Slot) -> Process:
        """Return the process that nobody named, between a node and the one before it; one for each output."""
        known = self.processes.get((node, slot.column))
        if known is None:
            name = f"unnamed-{node[1:-1].rsplit('/', 1)[1]}"
            known = Process(self.graph.mint(self.scope, "process", name), slot, ())
            self.processes[node, slot.column] = known
            self._place(self.table, known.iri, "process", line, slot.column)
            message = f"{slot.label} follows another node without a Protocol REF: a nameless process connects them"
            self.find("violation", "isa-implicit-process", message, line, slot.column)
        self._input(known, left)
        return known

    def _merge(self, known: Node, slot: Slot, line: int, row: list[str], cells: Cells) -> None:
        """Add what this row says beyond the first row about the same node."""
        if known.further is None:
            known.further = set()
        if not slot.attributes or (id(slot), cells) in known.further:
            return
        known.further.add((id(slot), cells))
        if not any(cells):
            return
        protocol = row[slot.column] if slot.is_process and slot.column >= 0 else ""
        described = known.described()
        for key, attribute in keys(slot):
            new = tuple(row[column] if column >= 0 else "" for column in attribute.columns)
            first = described.get(key, ())
            if not any(new) or new == first:
                continue
            suffix = ""
            if any(first) or known.slot is not slot:
                place = (str(key[2]),) if key[2] else ()  # two columns may say the same
                suffix = digest("\t".join((*new, *place)))
            node = self.values.attribute(known.iri, attribute, line, row, protocol, suffix)
            if not any(first):
                # The first rows said nothing here: this value is what later ones are compared with.
                known.later = {**(known.later or {}), key: new}
                continue
            message = f"{attribute.header} has several values for one {slot.label}; all are kept"
            self.find("warning", "isa-conflicting-value", message, line, attribute.column)
            known.others = {**(known.others or {}), (key, new): node}

    # -- derivation ----------------------------------------------------------------------------------------------

    def write_derivations(self) -> None:
        """Write which node was derived from which, as ``queries/derive/derivation.rq`` would, and look for cycles.

        Where a process has several inputs and several outputs the process does not tell which came from which, but the rows do:
        they are kept as ``isa:derivesFrom``.
        """
        written: set[int] = set()
        for process in self.processes.values():
            inputs = process.inputs or dict.fromkeys(
                node for earlier in _chain(process) for node in earlier.inputs
            )
            if len(inputs) > 1 and len(process.outputs) > 1:
                pairs: Iterable[tuple[str, str]] = process.pairs
                predicates: tuple[str, ...] = (f"<{ISA.derivesFrom}>", DERIVED)
            else:
                pairs = ((output, node) for output in process.outputs for node in inputs)
                predicates = (DERIVED,)
            for output, node in pairs:
                for predicate in predicates:
                    key = hash((output, predicate, node))
                    if key not in written:
                        written.add(key)
                        self.write(f"{output} {predicate} {node} .\n")
        keys = [slot.key for slot in self.slots if not slot.is_process]
        if len(set(keys)) < len(keys):  # else every edge leads from a column to one at its right
            self._check_cycles()

    def _check_cycles(self) -> None:
        successors: dict[str, list[str]] = {}
        for process in self.processes.values():
            for node in process.inputs:
                successors.setdefault(node, []).extend(process.outputs)
        if cycle := find_cycle(successors):
            names = " -> ".join(iri[1:-1].rsplit("/", 1)[1] for iri in (*cycle, cycle[0]))
            message = f"the experimental graph has a cycle: {names}"
            self.find("violation", "isa-cycle", message, 1, 0)


def _chain(process: Process) -> Iterator[Process]:
    """Yield the processes before *process* that no node separates from it."""
    seen: set[int] = set()
    waiting = list(process.previous.values())
    while waiting:
        earlier = waiting.pop()
        if id(earlier) not in seen:
            seen.add(id(earlier))
            yield earlier
            waiting.extend(earlier.previous.values())


def _getter(slot: Slot) -> Callable[[list[str]], Cells]:
    columns = [c for attribute in slot.attributes for c in attribute.columns if c >= 0]
    if not columns:
        return lambda row: ()
    if len(columns) == 1:
        only = columns[0]
        return lambda row: (row[only],)
    return itemgetter(*columns)
