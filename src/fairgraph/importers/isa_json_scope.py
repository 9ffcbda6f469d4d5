"""Reading JSON objects key by key, so that what nobody took is seen; and looking up ``@id`` by scope."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fairgraph.importers.isa_carriers import Layout, take_carrier
from fairgraph.importers.isa_graph import NOTATION, TERM, UNIT, IsaGraph, Term, says_nothing
from fairgraph.importers.rules import finding
from fairgraph.isa.carriers import PREFIX, QUALIFIERS
from fairgraph.report import Severity
from fairgraph.terms import ISA, SCHEMA, iri_escape

Json = dict[str, Any]


@dataclass
class Commented:
    """A comment as it was read; ``qualifiers`` are unit, term source and accession, which carriers behind it gave."""

    name: str
    text: str
    given: dict[str, str] = field(default_factory=dict)
    rest: Json = field(default_factory=dict)
    where: str = ""
    qualifiers: tuple[str, str, str] = ("", "", "")

    def qualified_by(self, name: str, text: str) -> bool:
        """Take the comment that follows if it carries a unit or a term of this one."""
        stem = self.name if self.name.startswith(PREFIX) else PREFIX + self.name
        if not name.startswith(stem + " "):
            return False
        qualifier = name.removeprefix(stem + " ")
        if qualifier not in QUALIFIERS:
            return False
        place = QUALIFIERS.index(qualifier)
        self.qualifiers = (*self.qualifiers[:place], text, *self.qualifiers[place + 1 :])  # type: ignore[assignment]
        return True


Take = Callable[[Commented, int], bool]


class Scope:
    """What is declared in a document, a study or an assay: kind and ``@id`` to node. Inner scopes come first.

    What is declared in no scope around a reference is looked for in the others: documents in use declare a category in one assay
    and use it in the next.
    """

    def __init__(self, outer: Scope | None = None) -> None:
        self.outer = outer
        self._declared: dict[tuple[str, str], str] = {}
        self._anywhere: dict[tuple[str, str], str] = {} if outer is None else outer._anywhere
        self._given: dict[tuple[str, str], Json] = {} if outer is None else outer._given

    def declare(self, kind: str, item: Json, node: str) -> None:
        """Remember a node by the ``@id`` of its object; the first one with an ``@id`` keeps it."""
        if local := _local(item):
            self._declared.setdefault((kind, local), node)
            self._anywhere.setdefault((kind, local), node)

    def give(self, kind: str, item: Json) -> None:
        """Remember how an object was described, for those that are described more than once."""
        if local := _local(item):
            self._given.setdefault((kind, local), dict(item))

    def given(self, kind: str, reference: Json) -> Json | None:
        """Return how the object with the ``@id`` of *reference* was described first."""
        return self._given.get((kind, _local(reference)))

    def find(self, kind: str, reference: Json) -> str | None:
        """Return the node that an object refers to by ``@id``, or None."""
        local = _local(reference)
        if not local:
            return None
        scope: Scope | None = self
        while scope is not None:
            if (kind, local) in scope._declared:
                return scope._declared[kind, local]
            scope = scope.outer
        # An @id of a process says little: files in use repeat them from assay to assay.
        return None if kind == "process" else self._anywhere.get((kind, local))

    def find_any(self, kinds: Iterable[str], reference: Json) -> str | None:
        """Return the node that an object refers to, whatever of *kinds* it is."""
        return next((node for kind in kinds if (node := self.find(kind, reference))), None)


class Reader:
    """Takes properties out of JSON objects; what is left when an object is finished was not understood."""

    def __init__(self, graph: IsaGraph, name: str) -> None:
        self.graph, self.name = graph, name
        self.lost_ids: dict[str, tuple[int, str]] = {}

    def at(self, pointer: str) -> str:
        """Return a place as ``file#JSON-pointer`` (RFC 6901)."""
        return f"{self.name}#{pointer or '/'}"

    def objects(self, item: Json, key: str, at: str) -> Iterator[tuple[int, Json, str]]:
        """Take a list of objects: position, a copy of the object, and where it stands. Anything else stays in *item*."""
        values = item.pop(key, None)
        if isinstance(values, dict) and values:
            self._surprise(at, key, "one object where a list is expected; read as a list of one")
            values = [values]
        if not isinstance(values, list):
            if not says_nothing(values):
                item[key] = values
            return
        odd = []
        for n, value in enumerate(values):
            if isinstance(value, dict):
                yield n, dict(value), f"{at}/{key}/{n}"
            else:
                odd.append(value)
        if odd:
            item[key] = odd

    def take_text(self, item: Json, key: str, at: str) -> str:
        """Take a text; a number becomes its text with a finding, anything else stays in *item*."""
        value = item.pop(key, None)
        if isinstance(value, str):
            return value
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            self._surprise(at, key, f"the number {value} where a text is expected; kept as text")
            return str(value)
        if not says_nothing(value):
            item[key] = value
        return ""

    def take_term(self, node: str, predicate: str, item: Json, key: str, at: str) -> None:
        """Take an ontology annotation and write it as a property of *node*."""
        value = item.pop(key, None)
        if isinstance(value, dict):
            self.graph.term_property(node, predicate, self.term_of(dict(value), f"{at}/{key}"))
        elif isinstance(value, str):
            if value:
                self._surprise(
                    at, key, "a text where an ontology annotation is expected; read as its value"
                )
            self.graph.term_property(node, predicate, Term(value))
        elif not says_nothing(value):
            item[key] = value

    def term_of(self, item: Json, at: str) -> Term:
        """Read an ontology annotation (ISA-JSON, ontology_annotation_schema.json)."""
        name = item.pop("annotationValue", "")
        if isinstance(name, bool) or not isinstance(name, (str, int, Decimal)):
            if not says_nothing(name):
                item["annotationValue"] = name
            name = ""
        accession = self.take_text(item, "termAccession", at)
        source = self.take_text(item, "termSource", at)
        comments = []
        for _, comment, where in self.objects(item, "comments", at):
            pair = self.take_text(comment, "name", where), self.take_text(comment, "value", where)
            if any(pair):
                comments.append(pair)
            elif all(says_nothing(value) for value in comment.values()):
                self._empty_comment(where)
            if comment.get("@id"):
                self._lose_id("a comment on an ontology annotation", where)
            comments += self._spare(comment, where)
        if item.pop("@id", None):
            self.graph.annotation_ids = True
            self._lose_id("an ontology annotation", at)
        notation = tuple(
            (key, item.pop(key)) for key in ("@type", "@context") if isinstance(item.get(key), str)
        )
        comments += self._spare(item, at)
        return Term(name, accession, source, tuple(comments), notation)

    def _spare(self, item: Json, at: str) -> Iterator[tuple[str, str]]:
        """Yield properties that annotations (and their comments) do not have, as comments; say what cannot be one."""
        for key, value in item.items():
            if key in NOTATION or says_nothing(value):
                continue
            if isinstance(value, (dict, list)):
                message = "a structure that an annotation cannot have; NOT kept"
                self._surprise(at, key, message, "warning")
            else:
                self._surprise(
                    at, key, "a property that annotations do not have; kept as a comment"
                )
                yield key, _plain(value)

    def named_term(self, owner: str, scope: Scope, kind: str, n: int, item: Json, at: str) -> None:
        """A protocol parameter or characteristic category: something whose name is an ontology annotation."""
        graph = self.graph
        key, rdf_type, name_property, predicate = (
            ("parameterName", ISA.Parameter, ISA.parameterName, ISA.parameter)
            if kind == "parameter"
            else (
                "characteristicType",
                ISA.CharacteristicCategory,
                ISA.characteristicType,
                ISA.characteristicCategory,
            )
        )
        annotation = item.get(key)
        label = text_of(annotation.get("annotationValue")) if isinstance(annotation, dict) else ""
        node = graph.mint(owner[1:-1], kind, label or f"{kind[0]}{n + 1}")
        graph.add(owner, f"<{predicate}>", node)
        graph.types(node, f"<{rdf_type}>")
        graph.text(node, SCHEMA.name, label)
        graph.index(node, n)
        self.take_term(node, name_property, item, key, at)
        scope.declare(kind, item, node)
        self.finish_declared(node, item, at)

    def finish_declared(
        self,
        node: str,
        item: Json,
        at: str,
        layout: Layout | None = None,
        designs: Sequence[str] = (),
    ) -> None:
        """Finish something that an investigation file of ISA-Tab describes: comments may carry how (:func:`take_carrier`)."""

        def take(comment: Commented, n: int) -> bool:
            return take_carrier(self.graph, node, comment.name, comment.text, n, layout, designs)

        self.finish(node, item, at, take)
        if layout is not None:
            layout.write(self.graph, node)

    def finish(
        self,
        node: str,
        item: Json,
        at: str,
        take: Take = lambda comment, n: False,
    ) -> None:
        """Write what every object may have (comments, ``@id``, ``@type``) and keep what nobody took.

        Comments that *take* takes are written by it.
        """
        for n, comment in enumerate(list(self._comments(item, at))):
            more = any(comment.qualifiers) or bool(comment.rest)
            if take(comment, n) or self.graph.carry(node, comment.name, comment.text, more=more):
                continue
            written = self.graph.comment(node, comment.name, comment.text, n)
            self._qualify(written, comment)
            self.graph.notation(written, comment.given)
            self.keep_rest(written, comment.rest, comment.where)
        given = {
            key: item.pop(key) for key in NOTATION if isinstance(item.get(key), str) and item[key]
        }
        self.graph.notation(node, given)
        self.keep_rest(node, item, at)

    def _comments(self, item: Json, at: str) -> Iterator[Commented]:
        """Yield the comments on an object, each with the unit and the term that the carriers after it give it."""
        last: Commented | None = None
        for _, comment, where in self.objects(item, "comments", at):
            if all(says_nothing(value) for value in comment.values()):
                self._empty_comment(where)
                continue
            given = {key: comment.pop(key) for key in NOTATION if isinstance(comment.get(key), str)}
            name, text = (
                self._scalar(comment, "name", where),
                self._scalar(comment, "value", where),
            )
            if last is not None:
                if last.qualified_by(name, text):
                    continue
                yield last
            last = Commented(name, text, given, comment, where)
        if last is not None:
            yield last

    def _qualify(self, node: str, comment: Commented) -> None:
        unit, source, accession = comment.qualifiers
        if unit:
            self.graph.add(node, UNIT, self.graph.term(Term(unit, accession, source)))
        elif source or accession:
            self.graph.add(node, TERM, self.graph.term(Term(comment.text, accession, source)))

    def _scalar(self, item: Json, key: str, at: str) -> str:
        """Take a text, or a number or truth value as its text with a finding; structures stay in *item*."""
        value = item.get(key)
        if isinstance(value, (dict, list)):
            return ""
        item.pop(key, None)
        if value is not None and not isinstance(value, str):
            self._surprise(at, key, f"{_plain(value)} where a text is expected; kept as text")
        return _plain(value)

    def keep_rest(self, node: str, item: Json, at: str) -> None:
        """Keep properties that the standard does not have, under the ``isa:`` namespace, and say so."""
        for key, value in item.items():
            if says_nothing(value):
                continue
            self._surprise(at, key, "a property that the standard does not have; kept")
            self._keep(node, f"<{ISA[f'json/{iri_escape(key)}']}>", key, value)
        item.clear()

    def _keep(self, owner: str, predicate: str, key: str, value: Any) -> None:
        graph = self.graph
        if isinstance(value, list):
            for n, member in enumerate(value):
                node = graph.mint(owner[1:-1], "json", f"{key}-{n + 1}")
                graph.add(owner, predicate, node)
                graph.index(node, n)
                self._keep_value(node, member)
        elif isinstance(value, dict):
            node = graph.mint(owner[1:-1], "json", key)
            graph.add(owner, predicate, node)
            self._keep_value(node, value)
        elif value is not None:
            graph.scalar(owner, predicate, value)

    def _keep_value(self, node: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, member in value.items():
                self._keep(node, f"<{ISA[f'json/{iri_escape(key)}']}>", key, member)
        else:
            self._keep(node, f"<{ISA['json/']}>", "item", value)

    def _surprise(self, at: str, key: str, message: str, severity: Severity = "info") -> None:
        """Say how something was read that the schemas do not have; that they do not is said by the form."""
        where = self.at(f"{at}/{key}")
        self.graph.find(severity, "isa-unexpected-property", f"{key!r} is {message}", where=where)

    def _empty_comment(self, at: str) -> None:
        message = "a comment has neither a name nor a value; it is not kept"
        self.graph.find("violation", "isa-empty-comment", message, where=self.at(at))

    def _lose_id(self, whose: str, at: str) -> None:
        count, first = self.lost_ids.get(whose, (0, at))
        self.lost_ids[whose] = count + 1, first

    def report_lost_ids(self) -> None:
        """Say once for each kind of object whose ``@id`` is not kept."""
        for whose, (count, first) in self.lost_ids.items():
            message = f"the @id of {whose} is not kept: it gets another one when it is written"
            where = self.at(first)
            self.graph.report.add(
                finding("info", "isa-annotation-id", message, where=where, count=count)
            )


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _local(item: Json) -> str:
    """The @id of an object; some writers give a number."""
    local = item.get("@id")
    return str(local) if isinstance(local, (str, int)) and not isinstance(local, bool) else ""


def text_of(value: Any) -> str:
    """Return a JSON value if it is a text, else ``""``."""
    return value if isinstance(value, str) else ""
