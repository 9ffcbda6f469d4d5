"""Running a SPARQL Update on the datasets, and bringing everything after what it changed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from pyoxigraph import NamedNode

from fairgraph import ontology
from fairgraph.catalogue import content, system, union
from fairgraph.catalogue.handover import called_by_source, now
from fairgraph.catalogue.recording import Recorder
from fairgraph.catalogue.records import SYSTEM, Dataset
from fairgraph.catalogue.system import Entry
from fairgraph.catalogue.update_plan import Using, plan_update
from fairgraph.errors import QueryError
from fairgraph.revisions import Canonical, canonical
from fairgraph.store import Reader
from fairgraph.terms import slugify


@dataclass(frozen=True)
class Update(Recorder):
    """One SPARQL Update within one write."""

    def run(self, sparql: str, using: Using | None = None) -> tuple[Dataset, ...]:
        """Run *sparql*; return the datasets that it changed, each with a revision more."""
        writer, base = self.writer, self.store.base
        known = {entry.iri: entry for entry in system.entries(writer)}
        live = [iri for iri, entry in known.items() if not entry.removed]
        kept = [graph.value for graph in ontology.graphs(writer)]
        plan = plan_update(sparql, base, live, kept, using)
        refuse(sorted(plan.touched or ()), base, kept)
        index = list(writer.triples(SYSTEM))
        writer.clear(SYSTEM)  # no query sees it, and an update has no scope that would hide it
        with ExitStack() as opened:
            touched = plan.touched
            if touched is None:
                touched = frozenset(graph.value for graph in writer.graphs())
            before = {
                graph: opened.enter_context(canonical(writer, NamedNode(graph)))
                for graph in sorted(touched)
            }
            self._execute(plan.text, sparql)
            if plan.touched is None:
                for graph in sorted(graph.value for graph in writer.graphs()):
                    if graph not in before:
                        before[graph] = opened.enter_context(Canonical(()))
            # All of them, before the first record is written.
            different = [graph for graph in before if _differs(writer, graph, before[graph])]
            refuse(different, base, kept)
            slugs = {entry.slug: iri for iri, entry in known.items()}
            for graph in different:
                if graph not in known:
                    check_name(graph, base, slugs)
            writer.insert(index, SYSTEM)
            changed = [
                self._follow(known.get(graph), NamedNode(graph), before[graph])
                for graph in different
            ]
        return tuple(dataset for dataset in changed if dataset is not None)

    def load(self, graph: NamedNode, lines: Iterable[bytes], *, replace: bool) -> Dataset | None:
        """Add N-Triples to a graph, or put them in its place; return the dataset if that changed it, with a revision more."""
        writer, base = self.writer, self.store.base
        known = {entry.iri: entry for entry in system.entries(writer)}
        refuse([graph.value], base, [kept.value for kept in ontology.graphs(writer)])
        if graph.value not in known:
            check_name(graph.value, base, {entry.slug: iri for iri, entry in known.items()})
        with canonical(writer, graph) as before:
            if replace:
                writer.clear(graph)
            writer.load(graph, lines)
            return self._follow(known.get(graph.value), graph, before)

    def _execute(self, text: str, given: str) -> None:
        try:
            self.writer.update(text)
        except QueryError:
            # The place in the error should be one in what the caller wrote, not in what became of it.
            with self.store.scratch() as scratch:
                scratch.update(given)
            raise

    def _follow(self, entry: Entry | None, graph: NamedNode, before: Canonical) -> Dataset | None:
        """Bring everything after one graph that an update changed; None if the derived statements undo the change."""
        writer = self.writer
        content.rederive(writer, self.store, graph, before)
        old = system.read_entry(writer, self.store.base, entry) if entry else None
        was_public = old is not None and old.public
        with canonical(writer, graph) as after:
            if after.sha256 == before.sha256:
                return None
            content.follow(writer, self.store, graph, before, after, public=was_public)
            empty = after.triples == 0
            names = [content.root_name(state.lines(), graph) for state in (before, after)]
        if empty:
            writer.clear(graph)
        time = now()
        new = old or self._made(graph, time)
        new = dataclasses.replace(new, removed=time if empty else "")
        if names[1] and (old is None or names[0] in (old.title, old.source_title)):
            new = called_by_source(new, names[1])
        if old is None:
            union.publish(writer, graph)
        before_hash = before.sha256 if old is not None and not old.removed else ""
        operation = "remove" if empty else "update"
        return self.record(old, new, operation, "", {}, before_hash, True)

    def _made(self, graph: NamedNode, time: str) -> Dataset:
        """Return the record of a dataset that an update made, not yet written."""
        name = graph.value.removeprefix(f"{self.store.base}id/").rstrip("/#")
        wanted = slugify(name if name != graph.value else re.split(r"[/#:]", name)[-1])
        taken = {entry.slug for entry in system.entries(self.writer)}
        slug, n = wanted, 1
        while slug in taken:
            n += 1
            slug = f"{wanted}-{n}"
        return Dataset(
            iri=graph.value,
            slug=slug,
            number=self.number(None),
            title=slug,
            format="rdf",
            created=time,
        )


def _differs(reader: Reader, graph: str, before: Canonical) -> bool:
    with canonical(reader, NamedNode(graph)) as after:
        return after.sha256 != before.sha256


def check_name(graph: str, base: str, slugs: Mapping[str, str]) -> None:
    """Raise QueryError if a new dataset cannot be called *graph*: below *base* there are ``{base}id/{slug}`` and nothing else."""
    if not f"{graph}/".startswith(base):
        return
    slug = graph.removeprefix(f"{base}id/")
    hint = f"{base}id/ and letters, digits, '.', '_' and '-', or an IRI elsewhere"
    if slug == graph or slug != slugify(slug):
        raise QueryError("a dataset cannot be called this", where=graph, hint=hint)
    if slug in slugs:
        raise QueryError(f"the slug {slug} belongs to {slugs[slug]}", where=graph, hint=hint)


def forbidden(graph: str, base: str) -> bool:
    """Tell whether *graph* is kept by fairgraph itself: a record, the system graph, ontologies."""
    return graph.startswith((f"{base}record/", f"{base}ontology/", "urn:fairgraph:"))


def refuse(graphs: Sequence[str], base: str, ontologies: Collection[str] = ()) -> None:
    """Raise QueryError (HTTP 403) if one of *graphs* may not be written."""
    for graph in graphs:
        is_ontology = graph in ontologies
        if is_ontology or forbidden(graph, base):
            what, verb = ("an ontology", "ontology add") if is_ontology else ("a record", "set")
            error = QueryError(
                "this graph is kept by fairgraph itself and cannot be updated",
                where=graph,
                hint=f"fairgraph {verb} changes what {what} says",
            )
            error.http_status = 403
            raise error
