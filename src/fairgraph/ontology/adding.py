"""Ontology files on their way into a store: read, classified if that is asked for, put into graphs of their own."""

from __future__ import annotations

from pathlib import Path

from fairgraph.ontology import reading, snapshots
from fairgraph.ontology.snapshots import Ontology
from fairgraph.report import Report
from fairgraph.store import Store


def add(store: Store, path: Path, *, classify: bool) -> tuple[Ontology, Report]:
    """Add the ontology in a file; return it and what was found. *classify* asks a reasoner for the subclass axioms that follow."""
    report = Report()
    header, lines = reading.read(path, store.base, report)
    inferred = None
    if classify:
        from fairgraph.ontology.classify import classify as reason

        ntriples = b"".join(lines)
        lines, inferred = iter((ntriples,)), reason(ntriples, header.iri)
    return snapshots.put(store, header, lines, inferred), report
