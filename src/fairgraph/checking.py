"""What is checked against a profile: a dataset of a store, or a file that nobody keeps.

Profiles are shapes, which look at triples. The profile ``fairtracks`` looks at a document: the one that a dataset is exported as,
or the file itself; its terms are looked up in the ontologies of a store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from pyoxigraph import NamedNode

from fairgraph import queries
from fairgraph.access import dataset_scope
from fairgraph.catalogue import Dataset
from fairgraph.drafts import (
    collected_later,
    judged,
    own_store,
    profile_of,
    read_draft,
    recognised,
    validate_draft,
    validated,
)
from fairgraph.exports import fairtracks as exported
from fairgraph.exports.export import Answers
from fairgraph.fairtracks.model import Json
from fairgraph.importers import fairtracks as imported
from fairgraph.importers.format import Draft
from fairgraph.ontology import snapshots
from fairgraph.report import Finding, Report
from fairgraph.store import Reader, Scope, Store
from fairgraph.store.embedded import MemoryStore
from fairgraph.terms import DEFAULT_BASE, FAIRTRACKS
from fairgraph.validation.fairtracks import check
from fairgraph.validation.shapes import FAIRTRACKS_PROFILE

Union = Callable[[Reader], Scope]
FOREIGN = "fairtracks-foreign-property"


def validate_dataset(store: Store, dataset: Dataset, profile: str, union: Union) -> Report:
    """Check a stored dataset; *union* is what else the caller may see, for what must be unique among all documents."""
    with store.read() as reader:
        if profile == FAIRTRACKS_PROFILE:
            document = _document(reader, dataset.node)
            found = _among_all(_check(document, reader), reader, dataset.node, union(reader))
        else:
            found = validated(
                reader, dataset.node, profile, on_disk=not isinstance(store, MemoryStore)
            )
    return judged(dataset.findings, found, profile)


def profile_of_path(path: str | Path) -> str:
    """Return the profile that a file or folder is checked against unless another is named."""
    _, form = recognised(Path(path), None)
    return profile_of(form.name)


def validate_path(
    path: str | Path, profile: str, store: Store | None = None, *, data_files: bool = False
) -> Report:
    """Check a file or folder without keeping it. *store* has the ontologies that the profile ``fairtracks`` looks terms up in."""
    if profile != FAIRTRACKS_PROFILE:
        with read_draft(path, data_files=data_files) as draft:
            return judged(draft.report, validate_draft(draft, profile), profile)
    with collected_later():
        source, form = recognised(Path(path), None)
        if form.name == "fairtracks":  # the file is the document: it need not become triples
            report = Report()
            document = imported.load(source, report)
            report.merge(_checked(document, store))
            return report
        with read_draft(path, form.name, data_files=data_files) as draft:
            return judged(draft.report, _check_draft(draft, store), profile)


def validate_arrival(draft: Draft, store: Store) -> Report:
    """Check what is about to be imported into a store against the profile of its format."""
    if profile_of(draft.format) == FAIRTRACKS_PROFILE:
        return _check_draft(draft, store)
    return validate_draft(draft)


def _check_draft(draft: Draft, store: Store | None) -> Report:
    node = NamedNode(draft.dataset)
    with own_store(draft, DEFAULT_BASE) as own:
        with own.write() as writer:
            writer.load(node, draft.spool.chunks(), checked=draft.checked)
        with own.read() as reader:
            return _checked(_document(reader, node), store)


def _checked(document: Any, store: Store | None) -> Report:
    if store is None:
        return check(document, (), lambda query: cast(Any, iter(())))
    with store.read() as reader:
        return _check(document, reader)


def _check(document: Any, reader: Reader) -> Report:
    scope = Scope((), snapshots.graphs(reader))
    return check(document, snapshots.listed(reader), lambda query: reader.select(query, scope))


def _document(reader: Reader, node: NamedNode) -> Json:
    """Return the document that a dataset is exported as."""
    scope = dataset_scope(node)

    def rows(name: str) -> Any:
        full = name if "/" in name else f"{exported.EXPORT.query}/{name}"
        return reader.select(queries.get(full).text, scope)

    return exported.document(
        cast(Answers, SimpleNamespace(dataset=node, rows=rows, options={}, note=lambda text: None))
    )


# -- among all documents -----------------------------------------------------------------------------------------------


def _among_all(found: Report, reader: Reader, node: NamedNode, union: Scope) -> Report:
    """Look for references that lead to other documents, and for identifiers that others have, too."""
    report = Report()
    report.extend(_elsewhere(found, reader, union))
    query = queries.bind(queries.get("validate/fairtracks-shared"), dataset=node.value)
    for rdf_type, mine, text, other in reader.select(query, union):
        kind = rdf_type.value.removeprefix(FAIRTRACKS.iri).lower()
        message = (
            f"the identifier {text.value!r} of a {kind} is not unique: <{other.value}> has it, too"
        )
        report.add(Finding("warning", "fairtracks-unique", message, focus=mine.value, value=text.value))  # fmt: skip
    return report


def _elsewhere(found: Report, reader: Reader, union: Scope) -> Iterator[Finding]:
    for finding in found:
        other = _named(finding.value, reader, union) if finding.rule == FOREIGN else ""
        if other:
            message = f"refers to another document: <{other}>"
            finding = replace(finding, severity="info", message=message)
        yield finding


def _named(text: str, reader: Reader, union: Scope) -> str:
    query = queries.bind(queries.get("validate/fairtracks-elsewhere"), text=text)
    return next((str(row["node"].value) for row in reader.select(query, union)), "")
