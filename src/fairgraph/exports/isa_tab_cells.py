"""The cells of an ISA-Tab table: names, values, units and terms under the headers that fit them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fairgraph.exports.isa_tab_facts import Fact, Facts, header_of
from fairgraph.exports.isa_tab_rows import EXECUTES, Row, TableRows
from fairgraph.exports.isa_tab_stages import NAME_HEADER
from fairgraph.exports.isa_view import Node
from fairgraph.isa.columns import Attribute, Slot, read_columns
from fairgraph.isa.paths import ABSENT
from fairgraph.terms import FG, ISA, SCHEMA

_UNPLACED = float("inf")
_NAMELESS = frozenset({"date", "performer"})
_MANY = 30  # facts about one thing, from which on it pays to keep them


@dataclass(frozen=True, order=True)
class Need:
    """Columns that a stage lacks: for a fact under *header* (the *count*-th of that header), or beside an existing *column*."""

    stage: int
    place: tuple[float, float, str]
    header: str = ""
    count: int = 1
    column: int = -1


@dataclass
class Width:
    """Which columns beside that of the value are needed."""

    unit: bool = False
    source: bool = False
    accession: bool = False

    def add(self, fact: Fact) -> None:
        """Widen for one more fact."""
        _, unit, source, accession = fact.texts
        self.unit |= bool(unit)
        self.source |= bool(source or accession)
        self.accession |= bool(source or accession)


class _Plan:
    """Under which attributes of a stage the facts of its elements go; ``about`` says what each column is about."""

    def __init__(self, slot: Slot, about: Sequence[Sequence[str]]) -> None:
        self.slot = slot
        self.found: dict[tuple[str, str, str], list[Attribute]] = {}
        self.by_category: dict[tuple[str, str], list[Attribute]] = {}
        self.by_name: dict[tuple[str, str], list[Attribute]] = {}
        for attribute in slot.attributes:
            kind, name = attribute.kind, attribute.name
            for category in about[attribute.column]:
                self.by_category.setdefault((kind, category), []).append(attribute)
            for text in dict.fromkeys(("" if kind in _NAMELESS else name, name, name.lower())):
                self.by_name.setdefault((kind, text), []).append(attribute)


class TableCells:
    """Puts the rows of a table into words, and finds the columns that it takes.

    ``stated`` holds the facts that only stated cells show, because they are not the first values of their things;
    ``shown_elsewhere`` collects what assay tables show of sources and samples, so that the study table need not;
    ``notes`` gets a sentence for what no column can say.
    """

    def __init__(
        self,
        rows: TableRows,
        facts: Facts,
        stated: frozenset[str],
        shown_elsewhere: set[str],
        notes: list[str],
    ) -> None:
        self.notes = notes
        self._many: dict[str, list[Fact]] = {}
        self._by_iri: dict[str, dict[str, Fact]] = {}
        self.rows, self.view, self.facts = rows, rows.view, facts
        self.stated, self.shown_elsewhere = stated, shown_elsewhere
        self._counts: Counter[int] | None = None
        self._stages: dict[int, set[int]] | None = None
        self._said: frozenset[int] = frozenset()  # columns that a stated cell of the row fills

    def table(self) -> list[tuple[int, list[str]]]:
        """Return the headers (line 1) and all rows, each with its line, or 0; columns are added until every fact has one."""
        asked: set[Need] = set()
        while True:
            headers = self._layout()
            rows = [(row.line, self._cells(row)) for row in self.rows.rows]
            if self.needs.keys() <= asked:  # none, or such as no column meets
                self.notes += [
                    f"{need.header or 'a unit or term'} has no place in a table"
                    for need in self.needs
                ]
                return [(1, headers), *rows]
            asked |= {need for need in self.needs if need.column < 0}
            self._widen()

    # -- headers -------------------------------------------------------------------------------------------------

    def _layout(self) -> list[str]:
        stages = self.rows.stages.ordered()
        headers = [header for stage in stages for header in stage.headers]
        self.columns = [column for _, column in headers]
        self.places = {column: n for n, column in enumerate(self.columns) if column}
        self.origins = [self.view.position(column)[0] if column else -1 for column in self.columns]
        texts = [text for text, _ in headers]
        slots = read_columns(texts).slots
        self._move_attributes(slots)
        about = [self.view.links(c, FG.category) if c else [] for c in self.columns]
        self.plans = {s.number: _Plan(slot, about) for s, slot in zip(stages, slots, strict=True)}
        self.attributes = {
            a.column: (a, n) for n, p in self.plans.items() for a in p.slot.attributes
        }
        self.factors = [
            a
            for a, _ in self.attributes.values()
            if a.kind == "factor-value"
            and not self.view.links(self.columns[a.column], ISA.describes)
        ]
        self.needs: dict[Need, Width] = {}
        self._turns: Counter[int] = Counter()
        return texts

    def _move_attributes(self, slots: Sequence[Slot]) -> None:
        """Give the columns that describe other things than the nearest of their kind to those (``isa:describes``)."""
        by_column = {column: slot for slot in slots for column in (slot.column, slot.name_column)}
        for slot in slots:
            for attribute in list(slot.attributes):
                column = self.columns[attribute.column]
                for described in self.view.links(column, ISA.describes) if column else ():
                    other = by_column.get(self.places.get(described, -1))
                    if other is not None and other is not slot:
                        slot.attributes.remove(attribute)
                        other.attributes.append(attribute)

    def _widen(self) -> None:
        """Add the columns that were missed, each behind the last of its stage or beside its value."""
        stages = self.rows.stages
        beside = [need for need in self.needs if need.column >= 0]
        for need in sorted(beside, key=lambda need: -need.column):
            self._widen_column(need.column, self.needs[need])
        for need in sorted(need for need in self.needs if need.column < 0):
            width = self.needs[need]
            stage = stages.all[need.stage if need.stage != ABSENT else stages.order[-1]]
            stage.headers.append((need.header, ""))
            stage.named |= need.header == NAME_HEADER
            stage.headers.extend((text, "") for text in _beside(width))

    def _widen_column(self, column: int, width: Width) -> None:
        attribute, _ = self.attributes[column]
        self._insert(
            max(attribute.columns) + 1,
            *(["Term Source REF"] if width.source and attribute.source < 0 else []),
            *(["Term Accession Number"] if width.accession and attribute.accession < 0 else []),
        )
        if width.unit and attribute.unit < 0:
            self._insert(column + 1, "Unit")

    def _insert(self, place: int, *texts: str) -> None:
        """Insert headers behind the column before *place*; columns further to the right come first."""
        for stage in self.rows.stages.ordered():
            if place <= len(stage.headers):
                stage.headers[place:place] = [(text, "") for text in texts]
                return
            place -= len(stage.headers)

    # -- rows ----------------------------------------------------------------------------------------------------

    def _cells(self, row: Row) -> list[str]:
        cells = [""] * len(self.columns)
        elsewhere: list[tuple[Fact, int]] = []
        self._said = frozenset(self.places[c] for c in row.cells if c in self.places)
        for number, element in enumerate(row.elements):
            if element != ABSENT:
                self._write_element(cells, number, element, elsewhere)
        for fact, element in elsewhere:
            self._write_factor(cells, fact, element)
        for column, shown in row.cells.items():
            if column in self.places and self.places[column] in self.attributes:
                self._write_stated(cells, row, self.places[column], shown)
        return cells

    def _write_element(
        self, cells: list[str], stage: int, element: int, elsewhere: list[tuple[Fact, int]]
    ) -> None:
        plan, node = self.plans[stage], self.rows.nodes[element]
        if node.kind == "process":
            self._write_process(cells, plan.slot, node, stage)
        else:
            cells[plan.slot.column] = node.name
        taken: dict[int, Fact] = {}
        crowded: list[tuple[Fact, list[Attribute]]] = []
        facts = self._facts(node)
        reserved = self._reserved(plan, facts) if node.tabular else {}
        for fact in facts:
            candidates = self._candidates(plan, fact)
            attribute = reserved.get(fact.iri) or _free(candidates, taken, reserved)
            if attribute is not None:
                taken[attribute.column] = fact
                if attribute.column in self._said:
                    continue
                self._fill(cells, attribute, fact, stage)
                if not self.rows.is_study and node.kind in ("source", "sample"):
                    self.shown_elsewhere.add(fact.iri)
            elif not candidates and self._fits_elsewhere(fact, stage, element):
                continue
            elif fact.kind == "factor-value" and not candidates:
                elsewhere.append((fact, element))
            else:
                crowded.append((fact, candidates))
        if crowded:
            self._write_crowded(cells, stage, element, crowded, taken)

    def _facts(self, node: Node) -> list[Fact]:
        """Return what rows of this table say about an element; what belongs to this table alone comes first."""
        known = self._many.get(node.iri)
        if known is None:
            facts = self.facts.about(node)
            known = self._placed(facts)
            if len(facts) > _MANY:  # such things stand in many rows
                self._many[node.iri] = known
        return known

    def _placed(self, facts: list[Fact]) -> list[Fact]:
        places = self.view.shown_in
        if not places:
            return facts
        here, anywhere = [], []
        for fact in facts:
            tables = places.get(fact.iri)
            if tables is None:
                anywhere.append(fact)
            elif self.rows.table in tables and fact.iri not in self.stated:
                here.append(fact)
        return here + anywhere

    def _write_process(self, cells: list[str], slot: Slot, node: Node, stage: int) -> None:
        protocols = self.view.processes.get(node.iri, {}).get(EXECUTES)
        if protocols and slot.column >= 0:
            cells[slot.column] = self.view.text(min(protocols), SCHEMA.name)
        if node.name:
            if slot.name_column >= 0:
                cells[slot.name_column] = node.name
            else:
                self.needs.setdefault(Need(stage, (9, 0, ""), NAME_HEADER), Width())

    def _write_crowded(
        self,
        cells: list[str],
        stage: int,
        element: int,
        crowded: list[tuple[Fact, list[Attribute]]],
        taken: dict[int, Fact],
    ) -> None:
        """Write facts that have no column of their own: in turn with others, if there are rows enough, or in a new one."""
        turn = self._turns[element]
        self._turns[element] += 1
        by_column: dict[int, list[Fact]] = {}
        for fact, candidates in crowded:
            if candidates:
                last = candidates[-1]
                by_column.setdefault(last.column, [taken[last.column]]).append(fact)
            else:
                self._need(fact, stage, element, 1)
        for column, facts in by_column.items():
            attribute, _ = self.attributes[column]
            if column in self._said:
                continue
            if self._count(element) >= len(facts):
                fact = facts[min(turn, len(facts) - 1)]
                for at in attribute.columns:
                    if at >= 0:
                        cells[at] = ""
                self._fill(cells, attribute, fact, stage)
            else:
                known = len(self._candidates(self.plans[stage], facts[0]))
                for n, fact in enumerate(facts[1:]):
                    self._need(fact, stage, element, known + n + 1)

    def _count(self, element: int) -> int:
        """Return how many rows show an element."""
        if self._counts is None:
            self._counts = Counter(e for row in self.rows.rows for e in row.elements)
        return self._counts[element]

    def _fits_elsewhere(self, fact: Fact, stage: int, element: int) -> bool:
        """Tell whether an element stands in another column of its kind, too, which has a place for a fact."""
        if self._stages is None:
            self._stages = {}
            for row in self.rows.rows:
                for number, shown in enumerate(row.elements):
                    if shown != ABSENT:
                        self._stages.setdefault(shown, set()).add(number)
        stages = self._stages.get(element, set()) - {stage}
        return any(self._candidates(self.plans[number], fact) for number in stages)

    def _reserved(self, plan: _Plan, facts: Sequence[Fact]) -> dict[str, Attribute]:
        """Return the columns of facts that know theirs, by IRI: comments, and values under a header that is repeated.

        They know it where a table was read: in ISA-JSON the index is a place in a list.
        """
        found: dict[int, tuple[str, Attribute]] = {}
        for fact in facts:
            for attribute in self._candidates(plan, fact) if fact.index < _UNPLACED else ():
                if self.origins[attribute.column] == fact.index:
                    found.setdefault(attribute.column, (fact.iri, attribute))
        return dict(found.values())

    def _need(self, fact: Fact, stage: int, element: int, count: int) -> None:
        node = self.rows.nodes[element]
        if node.kind in ("source", "sample") and not self.rows.names_first(node):
            return  # the study table shows it
        if fact.iri not in self.shown_elsewhere:
            place = fact.place
            need = Need(stage, place, header_of(fact), count)
            self.needs.setdefault(need, Width()).add(fact)

    def _candidates(self, plan: _Plan, fact: Fact) -> list[Attribute]:
        """Return the columns of a stage that a fact could stand in: those of its category, else those of its name."""
        key = (fact.kind, fact.category, fact.name)
        found = plan.found.get(key)
        if found is None:
            named = plan.by_name.get((fact.kind, fact.name), [])
            found = plan.by_category.get((fact.kind, fact.category), [])
            if found:  # columns that were added since have nothing but their name
                found = [*found, *(a for a in named if not self.columns[a.column])]
            found = found or named or plan.by_name.get((fact.kind, fact.name.lower()), [])
            plan.found[key] = found
        return found

    def _is_about(self, attribute: Attribute, category: str) -> bool:
        column = self.columns[attribute.column]
        return bool(column and category) and category in self.view.links(column, FG.category)

    def _fill(self, cells: list[str], attribute: Attribute, fact: Fact, stage: int) -> None:
        value, unit, source, accession = fact.texts
        cells[attribute.column] = value
        fits = True
        for column, text in (
            (attribute.unit, unit),
            (attribute.source, source),
            (attribute.accession, accession),
        ):
            if column >= 0:
                cells[column] = text
            elif text:
                fits = False
        if not fits:
            need = Need(stage, (0, 0, ""), column=attribute.column)
            self.needs.setdefault(need, Width()).add(fact)

    def _write_factor(self, cells: list[str], fact: Fact, element: int) -> None:
        """Write a factor value of something that has no column for it, such as a data file, where the table has one."""
        node = self.rows.nodes[element]
        of_other_table = node.kind in ("source", "sample") and not self.rows.names_first(node)
        if of_other_table or fact.iri in self.shown_elsewhere:
            return
        for attribute in self.factors:
            about = self._is_about(attribute, fact.category) or attribute.name == fact.name
            if about and not any(cells[c] for c in attribute.columns if c >= 0):
                self._fill(cells, attribute, fact, self.attributes[attribute.column][1])
                return
        self._need(fact, ABSENT, element, 1)

    def _write_stated(self, cells: list[str], row: Row, place: int, shown: str) -> None:
        attribute, stage = self.attributes[place]
        for at in attribute.columns:
            if at >= 0:
                cells[at] = ""
        if shown and (fact := self._stated_fact(row, shown)):
            self._fill(cells, attribute, fact, stage)

    def _stated_fact(self, row: Row, iri: str) -> Fact | None:
        for element in row.elements:
            if element != ABSENT:
                node = self.rows.nodes[element]
                facts = self._by_iri.get(node.iri)
                if facts is None:
                    facts = {fact.iri: fact for fact in self.facts.about(node)}
                    if len(facts) > _MANY:
                        self._by_iri[node.iri] = facts
                if iri in facts:
                    return facts[iri]
        return None


def _free(
    candidates: list[Attribute], taken: dict[int, Fact], reserved: dict[str, Attribute]
) -> Attribute | None:
    """Return the first column that no other fact has."""
    kept = {attribute.column for attribute in reserved.values()} if reserved else ()
    return next((a for a in candidates if a.column not in taken and a.column not in kept), None)


def _beside(width: Width) -> list[str]:
    unit = ["Unit"] if width.unit else []
    return unit + (["Term Source REF", "Term Accession Number"] if width.source else [])
