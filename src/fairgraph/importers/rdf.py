"""RDF: what fairgraph itself exports (Turtle, N-Triples, N-Quads, TriG, JSON-LD, RDF/XML), and any other graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

import pyoxigraph as ox

from fairgraph.errors import SourceError
from fairgraph.importers.archive import Source
from fairgraph.importers.format import Draft
from fairgraph.report import Finding
from fairgraph.terms import FG, ISA, RDF, SCHEMA

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
}
FLUSH = 50_000


def metadata_files(source: Source) -> list[str]:
    """Return the one RDF file of a source."""
    return [name for name in source.members if PurePosixPath(name).suffix.lower() in FORMATS]


def detect(source: Source) -> bool:
    """Tell whether a source is one file whose name ends as an RDF file's does."""
    return len(metadata_files(source)) == 1 and len(source.members) == 1


def read(source: Source, draft: Draft) -> None:
    """Read one graph. IRIs below the IRI of the investigation move with it to the IRI that the dataset gets here.

    Raises SourceError, with line and column, if the file cannot be parsed or holds several graphs.
    """
    name = metadata_files(source)[0]
    new = draft.dataset
    old = _find_root(source, name, new)
    draft.derived = True
    write = draft.spool.write
    count = 0
    top: dict[str, dict[str, str]] = {}  # what is said about the dataset and its studies
    for triple in _triples(source, name, draft):
        if old and old != new:
            triple = ox.Triple(*(_moved(term, old, new) for term in triple))
        write(f"{triple} .\n")
        if (iri := getattr(triple.subject, "value", "")) == new or iri.rpartition("/")[
            0
        ] == f"{new}/study":
            said = top.setdefault(iri, {})
            said[triple.predicate.value] = getattr(triple.object, "value", "")
        count += 1
        if count % FLUSH == 0:
            draft.spool.flush()
    studies = sorted(
        (s for iri, s in top.items() if iri != new), key=lambda s: s.get(FG.index, "").zfill(9)
    )
    titles = (said.get(SCHEMA.name, "") for said in (top.get(new, {}), *studies))
    draft.title = next(filter(None, titles), "")
    if not count:
        raise SourceError("holds not a single triple", where=f"{name}:1:1")


def _find_root(source: Source, name: str, dataset: str) -> str:
    """Return the IRI of the dataset in the file: its graph name, or the investigation that it describes."""
    root = ""
    for quad in _parse(source, name, dataset):
        if isinstance(quad.graph_name, ox.NamedNode):
            return quad.graph_name.value
        is_type = quad.predicate.value == RDF.type
        if (
            is_type
            and quad.object == ox.NamedNode(ISA.Investigation)
            and isinstance(quad.subject, ox.NamedNode)
        ):
            root = quad.subject.value
    return root


def _triples(source: Source, name: str, draft: Draft) -> Iterator[ox.Triple]:
    graph = None
    for quad in _parse(source, name, draft.dataset):
        if graph is None:
            graph = quad.graph_name
        elif graph != quad.graph_name:
            raise SourceError(
                f"holds more than one graph ({graph} and {quad.graph_name})",
                where=name,
                hint="import one dataset at a time",
            )
        yield quad.triple
    if isinstance(graph, ox.BlankNode):
        draft.report.add(
            Finding("info", "rdf-graph", "the graph has no name; its triples were read", where=name)
        )


def _parse(source: Source, name: str, dataset: str) -> Iterator[ox.Quad]:
    # Relative IRIs are of this dataset: the same ones in another file are something else.
    form = FORMATS[PurePosixPath(name).suffix.lower()]
    try:
        with source.open(name) as stream:
            yield from ox.parse(stream, format=form, base_iri=f"{dataset}/")
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        raise SourceError(f"is not {form}: {error.msg}", where=f"{name}:{line}:{column}") from error
    except (ValueError, OSError) as error:
        raise SourceError(f"cannot be parsed: {error}", where=name) from error


def _moved(term: ox.NamedNode, old: str, new: str) -> ox.NamedNode:
    if isinstance(term, ox.NamedNode) and (term.value == old or term.value.startswith(f"{old}/")):
        return ox.NamedNode(new + term.value[len(old) :])
    return term
