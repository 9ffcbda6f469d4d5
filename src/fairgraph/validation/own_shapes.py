"""Records of published datasets against the shapes of their own models, which the dataset brings with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Triple

from fairgraph import resources
from fairgraph.report import Finding
from fairgraph.terms import SH, compact
from fairgraph.validation.constraints import ShapesGraph
from fairgraph.validation.data import Data
from fairgraph.validation.engine import Result, results

RULE = "pennsieve-record"
BATCH = 2_000
# What SPARQL does not have of the expressions of JSON Schema: groups that look around, and references to groups.
_BEYOND = ("(?", "\\1", "\\2")


def own_findings(data: Data) -> Iterator[Finding]:
    """Yield what does not conform to the shapes of the dataset's own models, in the order of places.

    Only constraints of the core that a schema can state are heeded, and paths of one property: what else a dataset says in the words
    of SHACL is none of a schema, and is not run.
    """
    triples = tuple(_shapes(data))
    if not triples:
        return
    names = {row["shape"].value: row for row in data.rows(_query("own-properties"))}
    graph = ShapesGraph(triples)
    found: list[Result] = list(results(graph, data))
    located = published_places(data, (result.focus.value for result in found))
    for result in sorted(found, key=lambda one: _order(one, located)):
        row = names.get(result.shape.value)
        what = f"{row['property'].value} of {row['model'].value}" if row else result.path
        yield Finding(
            "violation",
            RULE,
            f"The value of {what} MUST be as its schema says ({_shown(result)}).",
            where=located.get(result.focus.value, ""),
            focus=result.focus.value,
            path=result.path,
            value="" if result.value is None else result.value.value,
        )


def _shapes(data: Data) -> Iterator[Triple]:
    for row in data.rows(_query("own-shapes")):
        subject, predicate, term = row["subject"], row["predicate"], row["object"]
        if predicate.value == SH.path and not isinstance(term, NamedNode):
            continue
        if predicate.value == SH.pattern and any(part in term.value for part in _BEYOND):
            continue
        yield Triple(subject, predicate, term)


def _shown(result: Result) -> str:
    return compact(result.component).removeprefix("sh:").removesuffix("ConstraintComponent")


def _order(result: Result, located: dict[str, str]) -> tuple[object, ...]:
    file, _, line = located.get(result.focus.value, "").rpartition(":")
    number = int(line) if line.isdecimal() and len(line) < 12 else 0
    return file, number, result.focus.value, result.path


def published_places(data: Data, nodes: Iterable[str]) -> dict[str, str]:
    """Return where things of a published dataset stand: the line of a table, or a JSON pointer into the manifest."""
    wanted = sorted(node for node in dict.fromkeys(nodes) if ":" in node)
    found: dict[str, str] = {}
    text = _query("published-places")
    for start in range(0, len(wanted), BATCH):
        values = " ".join(str(NamedNode(node)) for node in wanted[start : start + BATCH])
        # In each part of the union: beside it, the engine would first find the places of everything.
        asked = text.replace("  {\n", f"  {{\n    VALUES ?node {{ {values} }}\n")
        asked = asked.replace("UNION {\n", f"UNION {{\n    VALUES ?node {{ {values} }}\n")
        for row in data.rows(asked):
            place = row["file"].value + row["place"].value
            node = row["node"].value
            found[node] = min(found.get(node, place), place)
    return found


def _query(name: str) -> str:
    return resources.text(resources.QUERIES / "validate" / f"{name}.rq")
