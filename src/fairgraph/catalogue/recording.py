"""What every write on a dataset ends with: its content, its record, its numbers, and its place in the union."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from fairgraph.catalogue import content, system
from fairgraph.catalogue.handover import now
from fairgraph.catalogue.records import PUBLIC, Dataset, Revision, record_iri
from fairgraph.errors import UsageError
from fairgraph.store import DEFAULT, Graph, Store, Writer

KINDS = ("study", "sample", "run")


@dataclass(frozen=True)
class Recorder:
    """Writes datasets within one write of *store*; *agent* is who writes, *in_union* says that what is public goes into the union."""

    store: Store
    writer: Writer
    agent: str
    in_union: bool = True

    def fill(
        self,
        old: Dataset | None,
        new: Dataset,
        chunks: Iterable[bytes],
        operation: str,
        source: str,
        derived: bool,
        entities: Mapping[str, Iterable[str]],
        checked: bool = False,
    ) -> Dataset:
        """Fill or replace the graph of a dataset and write its record; *old* is its record as it is stored."""
        graph, was_public = new.node, old is not None and old.public
        if old is None or old.removed:
            before = ""
            # A new dataset goes into the union at once; one that comes back does so with its record, in rewrite.
            at_once = new.public and self.in_union and old is None
            graphs: tuple[Graph, ...] = (graph, DEFAULT) if at_once else (graph,)
            content.fill(
                self.writer,
                graphs,
                chunks,
                base=self.store.base,
                name=graph,
                derived=derived,
                checked=checked,
            )
            different = True
        else:
            outcome = content.replace(
                self.writer, self.store, graph, chunks, public=was_public, derived=derived
            )
            before, different = outcome.before, outcome.different
        return self.record(old, new, operation, source, entities, before, different)

    def record(
        self,
        old: Dataset | None,
        new: Dataset,
        operation: str,
        source: str,
        entities: Mapping[str, Iterable[str]],
        before: str,
        different: bool,
    ) -> Dataset:
        """Write the record after the content, number what is new, and move the dataset in or out of the union."""
        graph, record = new.node, record_iri(self.store.base, new.slug)
        if different:
            found = content.counts(self.writer, graph)
            new = replace(new, counts=found)
            new = self.revised(old, new, operation, before, found["triples"], source)
        elif new != old:
            new = replace(new, modified=now(), measurements=())
        new = self.rewrite(old, new)
        if different:
            self._number(old, new, record, entities)
        return new

    def _number(
        self,
        old: Dataset | None,
        new: Dataset,
        record: NamedNode,
        entities: Mapping[str, Iterable[str]],
    ) -> None:
        """Number what is new, and take the numbers of what is gone out of the record."""
        writer, known = self.writer, content.numbers(self.writer, record)
        held = content.give_numbers(
            writer,
            new.node,
            record,
            {k: entities.get(k) or content.members(writer, new.node, k) for k in KINDS},
            known=known,
            public=new.public and self.in_union,
        )
        gone = {iri: n for iri, n in known.items() if iri not in held and iri != new.iri}
        if gone:  # an importer need not have told of all
            for kind in KINDS:
                for iri in content.members(writer, new.node, kind):
                    gone.pop(iri, None)
        content.take_numbers(
            writer,
            self.store.base,
            new.node,
            record,
            gone,
            public=new.public and self.in_union,
            was_public=old is not None and old.visibility == PUBLIC,
        )

    def rewrite(self, old: Dataset | None, new: Dataset) -> Dataset:
        """Bring the record from *old* to *new*, and the union after it when the dataset becomes public or stops to be.

        Returns *new*, with a mark at its last revision if everybody may see that now.
        """
        if new.public and new.revisions and not new.revisions[-1].was_public:
            shown = replace(new.revisions[-1], was_public=True)
            new = replace(new, revisions=(*new.revisions[:-1], shown))
        writer, base = self.writer, self.store.base
        if old is None or old.public == new.public:
            content.write_record(writer, base, old, new, in_union=self.in_union)
        elif old.public:
            content.leave(writer, base, old)
            content.write_record(writer, base, old, new)
        else:
            content.write_record(writer, base, old, new)
            content.enter(writer, base, new)
        return new

    def revised(
        self,
        old: Dataset | None,
        new: Dataset,
        operation: str,
        before: str,
        triples: int,
        source: str,
    ) -> Dataset:
        """Return *new* with one revision more. The one before it learns its hash, *before*, now that it is archived."""
        time = now()
        known = list(old.revisions) if old else []
        if known and before and not known[-1].sha256:
            known[-1] = replace(known[-1], sha256=before)
        index = known[-1].index + 1 if known else 1
        revision = Revision(index, operation, time, triples, "", self.agent, source)
        return replace(new, modified=time, revisions=(*known, revision), measurements=())

    def number(self, wanted: int | None) -> int:
        """Return the number of a new dataset, and take it: *wanted*, or the next one."""
        following = system.next_number(self.writer, "investigation")
        if wanted is None:
            wanted = following
        elif not 0 < wanted < 10**9:
            raise UsageError(
                "no number for a dataset", where=str(wanted)[:40], hint="1 to 999999999"
            )
        elif any(entry.number == wanted for entry in system.entries(self.writer)):
            raise UsageError(f"the number {wanted} is taken", hint="leave --number out")
        system.set_next_number(self.writer, "investigation", wanted + 1)
        return wanted
