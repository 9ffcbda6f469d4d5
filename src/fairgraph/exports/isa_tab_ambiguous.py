"""What the rows of an ISA-Tab table cannot say of the graph: a reader of the table makes something else of it."""

from __future__ import annotations

from collections import Counter

from fairgraph.exports.isa_tab_columns import file_label
from fairgraph.exports.isa_tab_facts import Facts, is_said
from fairgraph.exports.isa_tab_rows import DEFAULT_FILE_LABEL, EXECUTES, TableRows


def ambiguities(rows: TableRows, facts: Facts, name: str) -> list[str]:
    """Return a sentence for each kind of thing that the table called *name* cannot say, with how many there are."""
    found = {
        "inputs or outputs of processes are in no column of this table": rows.elsewhere,
        "things have neither a name nor a value that a table could show": _unseen(rows, facts),
        "characteristics, values or comments are empty": _empty(rows, facts),
        "steps lead back to where they came from (a cycle), or past what stands between": _unshown(
            rows
        ),
        "nodes have the name of another one of their kind and become one with it": _namesakes(rows),
        "things come from several processes without a name, of which a reader makes one": _shared(
            rows
        ),
        f"data files have a type that is no heading; they stand under {DEFAULT_FILE_LABEL}": sum(
            bool(node.file_type and not file_label(node.file_type)) for node in rows.nodes
        ),
        "processes without a name have the protocol, the values and the inputs of another one and become one with it": _alike(
            rows, facts
        ),
    }
    return [f"{name}: {count} {what}" for what, count in found.items() if count]


def _unshown(rows: TableRows) -> int:
    paths = rows.paths
    return sum(
        rows.uncovered(left, right)
        for left in range(len(rows.nodes))
        for right in paths.rights(left)
    )


def _unseen(rows: TableRows, facts: Facts) -> int:
    executes = rows.view.processes
    return sum(
        not (
            node.name.strip()
            or EXECUTES in executes.get(node.iri, {})
            or any(map(is_said, facts.about(node)))
        )
        for node in rows.nodes
    )


def _empty(rows: TableRows, facts: Facts) -> int:
    return sum(facts.empty(node) for node in rows.nodes)


def _namesakes(rows: TableRows) -> int:
    names = Counter(
        (rows.step(node).label.lower(), node.name.strip())
        for node in rows.nodes
        if node.kind != "process" and node.name
    )
    return sum(count - 1 for count in names.values())


def _shared(rows: TableRows) -> int:
    count = 0
    for number in range(len(rows.nodes)):
        lefts = rows.paths.lefts(number)
        if len(lefts) > 1:
            protocols = [
                _protocol(rows, left)
                for left in lefts
                if rows.is_process(left) and not rows.nodes[left].name and not rows.was_read(left)
            ]
            count += len(set(protocols)) < len(protocols)
    return count


def _protocol(rows: TableRows, number: int) -> str:
    about = rows.view.processes.get(rows.nodes[number].iri, {})
    return min(about.get(EXECUTES, ()), default="")


def _alike(rows: TableRows, facts: Facts) -> int:
    """Count processes that only their identity tells apart (docs/isa-mapping.md, "Which rows share a process")."""
    by_inputs: dict[tuple[str, frozenset[int]], list[int]] = {}
    for number, node in enumerate(rows.nodes):
        if node.kind == "process" and not node.name and not rows.was_read(number):
            inputs = frozenset(rows.paths.lefts(number))
            by_inputs.setdefault((_protocol(rows, number), inputs), []).append(number)
    count = 0
    for numbers in by_inputs.values():
        if len(numbers) > 1:
            values = Counter(
                tuple(
                    sorted(
                        (f.kind, f.name, f.texts)
                        for f in facts.about(rows.nodes[n])
                        if f.kind != "comment"
                    )
                )
                for n in numbers
            )
            count += sum(several - 1 for several in values.values())
    return count
