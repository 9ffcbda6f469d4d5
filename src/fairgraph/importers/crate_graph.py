"""A crate as triples: every property of every node, whatever form it has. ``docs/notebooks.md`` tells the mapping in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from fairgraph.crate.ids import is_local, key_of, kind_of
from fairgraph.errors import SourceError
from fairgraph.files import StoredFile
from fairgraph.importers.crate_ids import Ids
from fairgraph.importers.crate_json import Number
from fairgraph.importers.crate_ours import Unordered
from fairgraph.importers.crate_terms import Terms
from fairgraph.importers.crate_values import (
    Property,
    counted,
    dated,
    flat,
    is_active,
    is_node,
    is_reference,
    left_out,
    value_object,
)
from fairgraph.importers.format import Draft
from fairgraph.importers.rules import finding
from fairgraph.terms import ELN, FG, PROV, RDF, SCHEMA, XSD, digest, literal, ncname

_SYNTAX = {"@id", "@type", "@context", "@reverse"}
_CHUNK = 500
# What stands between a subject and a value, and after a value.
_INDEX, _ORIGINAL, _RAW = (f" <{iri}> " for iri in (FG.index, FG.originalId, FG.rawText))
_OF_INTEGER = f"^^<{XSD.integer}> .\n"


class CrateGraph:
    """Writes the nodes of one document. Call :meth:`collect` first: what is said of a thing decides what it is called."""

    def __init__(self, draft: Draft, ids: Ids, terms: Terms, name: str) -> None:
        self._draft, self._ids, self._terms, self._name = draft, ids, terms, name
        self._report = draft.report
        self._write = draft.spool.write
        self._nodes: dict[str, dict[str, Any]] = {}  # the first node of each id
        self._order: list[tuple[str, dict[str, Any]]] = []  # subject and node, nested ones too
        self._nested: dict[int, str] = {}
        self._place: dict[str, int] = {}
        self._properties: dict[str, Property] = {}
        self._types: dict[tuple[str, str], str] = {}  # what follows the subject, by type and class

    # -- Nodes -----------------------------------------------------------------------------------------------------------

    def collect(self, graph: list[dict[str, Any]]) -> None:
        """Take all nodes, also those that stand inside of others."""
        ids = [node.get("@id") for node in graph]
        keys = [key_of(raw) if isinstance(raw, str) else "" for raw in ids]
        for raw, key, node in zip(ids, keys, graph, strict=True):
            if isinstance(raw, str):
                self._nodes.setdefault(key, node)
        for n, (raw, key, node) in enumerate(zip(ids, keys, graph, strict=True)):
            if isinstance(raw, str) and raw:
                subject = self._ids.iri(raw, self._nodes[key], key)
            else:
                subject = self._ids.nested("", "node", n, node)
                self._find("warning", "crate-graph-no-id", "a node has no @id", f"/@graph/{n}")
            self._enter(subject, node)

    def _enter(self, subject: str, node: dict[str, Any]) -> None:
        if subject in self._place:
            message = "two nodes have one @id; what both say is said about one thing"
            self._find("warning", "crate-graph-duplicate", message, str(node.get("@id", "")))
        self._place.setdefault(subject, len(self._place))
        self._order.append((subject, node))
        for key, value in node.items():
            if isinstance(value, str) or key.startswith("@") or is_reference(value):
                continue
            for n, inner in enumerate(flat(value)):
                if is_node(inner):
                    self._enter_nested(subject, key, n, inner)

    def _enter_nested(self, subject: str, key: str, n: int, inner: dict[str, Any]) -> None:
        raw = inner.get("@id")
        if isinstance(raw, str) and raw:
            known = self._nodes.setdefault(key_of(raw), inner)
            iri = self._ids.iri(raw, known)
        else:
            iri = self._ids.nested(subject, key, n, inner)
        self._find(
            "info",
            "crate-nested",
            "an object stands inside of another: it is a node of its own",
            f"{subject}/{key}",
        )
        self._nested[id(inner)] = iri
        self._enter(iri, inner)

    def nodes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield every node with its IRI."""
        yield from self._order

    def subjects(self) -> Iterable[str]:
        """Return the IRIs of all nodes."""
        return self._place

    def check_parts(self) -> None:
        """Raise SourceError if something is, in the end, a part of itself."""
        parts = {
            subject: [self._reference(value) for value in flat(node.get("hasPart"))]
            for subject, node in self._order
            if "hasPart" in node
        }
        done: set[str] = set()
        for start in parts:
            path, stack = {start}, [(start, iter(parts[start]))]
            while stack and start not in done:
                subject, rest = stack[-1]
                following = next(rest, None)
                if following is None:
                    stack.pop()
                    path.discard(subject)
                    done.add(subject)
                elif following in path:
                    raise SourceError(
                        "is a part of itself, and is refused", where=f"{self._name}#{following}"
                    )
                elif following in parts and following not in done:
                    path.add(following)
                    stack.append((following, iter(parts[following])))

    # -- Triples ---------------------------------------------------------------------------------------------------------

    def write(self, files: dict[str, StoredFile], root: str, entry: str) -> None:
        """Write all nodes. *files* are the bytes of those that are files, by IRI; *root* and *entry* the classes of the Datasets."""
        for n, (subject, node) in enumerate(self._order):
            dataset_class = root if subject == self._ids.dataset else entry
            self._write_node(subject, node, files.get(subject), dataset_class)
            if n % _CHUNK == 0:
                self._draft.spool.flush()

    def triple(self, subject: str, predicate: str, term: str) -> None:
        """Write one triple; *term* is N-Triples."""
        self._write(f"<{subject}> <{predicate}> {term} .\n")

    def _write_node(
        self, subject: str, node: dict[str, Any], file: StoredFile | None, dataset_class: str
    ) -> None:
        self._write(f'<{subject}>{_INDEX}"{self._place[subject]}"{_OF_INTEGER}')
        raw = node.get("@id")
        if isinstance(raw, str) and raw:
            told = self._ids.original(raw) if self._ids.originals else ""
            if told or self._is_told(subject, raw):
                self._write(f"<{subject}>{_ORIGINAL}{literal(told or raw)} .\n")
        self._write_types(subject, node, dataset_class)
        for key, value in node.items():
            if key not in _SYNTAX:
                self._write_property(subject, node, key, value, file)
            elif key == "@context":
                self._find(
                    "warning",
                    "crate-context-ignored",
                    "a node has a @context of its own, which is not heeded",
                    str(raw),
                )
            elif key == "@reverse":
                self._write_reverse(subject, value)
        if file is not None:
            self.triple(subject, SCHEMA.sha256, literal(file.sha256))
            self.triple(subject, SCHEMA.contentSize, _integer(file.size))

    def _is_told(self, subject: str, raw: str) -> bool:
        """Whether the IRI does not say what the ``@id`` was."""
        if subject == self._ids.dataset:
            return raw != "./"
        return subject != raw and not (
            raw.startswith("#fairgraph/") and subject.endswith(raw[len("#fairgraph") :])
        )

    def _write_types(self, subject: str, node: dict[str, Any], dataset_class: str) -> None:
        told = node.get("@type")
        if isinstance(told, str) and (found := self._types.get((told, dataset_class))):
            self._write(found.replace("\0", subject))
            return
        types = flat(told)
        iris = [self._terms.iri(one) for one in types if isinstance(one, str) and one]
        if not iris:
            self._find("warning", "crate-graph-no-type", "a node has no @type", subject)
        classes = list(iris)
        if SCHEMA.MediaObject in iris or SCHEMA.Dataset in iris:
            classes.append(PROV.Entity)
        if SCHEMA.Dataset in iris and dataset_class:
            classes.append(dataset_class)
        for iri in classes:
            self.triple(subject, RDF.type, f"<{iri}>")
        if isinstance(told, str) and iris:
            lines = [f"<\0> <{RDF.type}> <{iri}> .\n" for iri in classes]
            self._types[told, dataset_class] = "".join(lines)
        is_listed = not isinstance(node.get("@type"), Unordered)
        if is_listed and len(iris) > 1 and iris != sorted(set(iris)):
            self._write_list(subject, RDF.type, [f"<{iri}>" for iri in iris])

    def _write_reverse(self, subject: str, value: Any) -> None:
        for key, others in (value if isinstance(value, dict) else {}).items():
            for other in flat(others):
                if iri := self._reference(other):
                    self.triple(iri, self._terms.iri(key), f"<{subject}>")
                else:
                    self._lost(f"{subject}/@reverse/{key}")

    def _write_property(
        self, subject: str, node: dict[str, Any], key: str, value: Any, file: StoredFile | None
    ) -> None:
        known = self._properties.get(key)
        if known is None:
            if key.startswith("@"):
                self._lost(f"{subject}/{key}")
                return
            known = self._properties[key] = Property.of(key, self._terms)
        is_stated = file is not None and known.is_of_bytes
        if type(value) is str and not is_stated and known.suspect and known.suspect(value) is None:
            self._write(f'<{subject}>{known.middle}"{value}" .\n')  # an innocent text, as most are
            return
        if not is_stated and self._is_plain(subject, node, known, value):
            return
        values = flat(value)
        odd = [one for one in (value, *values) if isinstance(one, dict) and not is_reference(one)]
        for one in {id(one): one for one in odd}.values():
            for left in left_out(one):
                self._lost(f"{subject}/{key}/{left}")
        if not values:
            self._find(
                "info",
                "crate-empty",
                "a property has no value: an empty list, or null",
                f"{subject}/{key}",
            )
        elif file is not None and is_stated:
            self._write_stated(subject, known.iri, values, file)
        else:
            self._write_values(subject, node, known, value, values)

    def _is_plain(self, subject: str, node: dict[str, Any], known: Property, value: Any) -> bool:
        """Write a value as most others are: a number, references to nodes. False if it is none of them.

        What is written is what :meth:`_write_values` would write, in a quarter of the time.
        """
        kind = type(value)
        if kind is Number:
            typed = counted(value)
            is_raw = typed is not None and typed[1]
            if typed is None or (is_raw and not (known.is_value and kind_of(node) == "annotation")):
                return False
            raw = f'<{subject}>{_RAW}"{value}" .\n' if is_raw else ""
            self._write(f"<{subject}>{known.middle}{typed[0]} .\n{raw}")
            return True
        members = [value] if kind is dict else value if kind is list else ()
        iris = [self._described(one) for one in members]
        places = [self._place[iri] for iri in iris if iri]
        if not iris or len(places) < len(iris) or any(a >= b for a, b in pairwise(places)):
            return False
        start = f"<{subject}>{known.middle}<"
        self._write("".join([f"{start}{iri}> .\n" for iri in iris]))
        return True

    def _write_values(
        self, subject: str, node: dict[str, Any], known: Property, value: Any, values: list[Any]
    ) -> None:
        """Write the *values* of a property, which is *value* as it stands in the document."""
        start = f"<{subject}>{known.middle}"
        terms: list[str] = []
        raws: dict[int, str] = {}
        for one in values:
            term, raw_text = self._term(subject, known, one)
            if not term:
                self._lost(f"{subject}/{known.key}")
                continue
            if raw_text:
                raws[len(terms)] = raw_text
            terms.append(term)
            self._write(f"{start}{term} .\n")
        if raws and known.iri == SCHEMA.value and len(terms) == 1 and kind_of(node) == "annotation":
            self.triple(subject, FG.rawText, literal(raws[0]))
        elif raws or (
            len(terms) > 1
            and not isinstance(value, Unordered)
            and not all(a < b for a, b in pairwise(map(self._natural, terms)))
        ):
            self._write_list(subject, known.iri, terms, raws)

    def _natural(self, term: str) -> tuple[int, str]:
        """The order of values that nothing says: nodes as they come in the document, then texts."""
        return self._place.get(term[1:-1], 1 << 30) if term.startswith("<") else 1 << 31, term

    def _write_list(
        self, subject: str, predicate: str, terms: list[str], raws: dict[int, str] | None = None
    ) -> None:
        stem = ncname(predicate.rstrip("/").replace("#", "/").rpartition("/")[2], "p")
        for n, term in enumerate(terms):
            item = f"{self._ids.dataset}/value/{stem}-{digest(f'{subject} {predicate} {n} {term}')}"
            self.triple(item, RDF.type, f"<{ELN.ListedValue}>")
            self.triple(item, ELN.listedOf, f"<{subject}>")
            self.triple(item, ELN.listedUnder, f"<{predicate}>")
            self.triple(item, FG.index, _integer(n))
            self.triple(item, SCHEMA.value, term)
            if raws and n in raws:
                self.triple(item, FG.rawText, literal(raws[n]))

    def _write_stated(
        self, subject: str, predicate: str, values: list[Any], file: StoredFile
    ) -> None:
        """What a document says of the bytes of a file that is there: kept where it is wrong."""
        is_hash = predicate == SCHEMA.sha256
        actual = file.sha256 if is_hash else str(file.size)
        for one in values:
            text = str(one)
            if text.lower() == actual:
                continue
            rule, what = (
                ("crate-payload-sha256", "SHA-256") if is_hash else ("crate-payload-size", "size")
            )
            self._find(
                "warning",
                rule,
                f"the {what} of a file is not what the metadata say ({text[:80]})",
                subject,
            )
            self.triple(subject, ELN.statedSha256 if is_hash else ELN.statedSize, literal(text))

    # -- Values ----------------------------------------------------------------------------------------------------------

    def _reference(self, value: Any) -> str:
        """Return the IRI of a reference or a nested node; ``""`` if it is none."""
        if isinstance(value, str):
            value = {"@id": value}
        if not isinstance(value, dict):
            return ""
        if id(value) in self._nested:
            return self._nested[id(value)]
        raw = value.get("@id")
        if not isinstance(raw, str) or not raw:
            return ""
        return self._ids.known(raw) or self._ids.iri(raw, self._target(raw))

    def _described(self, value: Any) -> str:
        """Return the IRI of what a mere reference refers to, ``""`` if it is none, or of nothing that was met before."""
        raw = value["@id"] if is_reference(value) else None
        iri = self._ids.known(raw) if isinstance(raw, str) else ""
        return iri if iri in self._place else ""

    def _target(self, raw: str) -> dict[str, Any] | None:
        return self._nodes.get(key_of(raw))

    def _term(self, subject: str, known: Property, value: Any) -> tuple[str, str]:
        """Return a value as N-Triples, and its raw text if the store would write it in another way."""
        if isinstance(value, str):
            if isinstance(value, Number):
                return self._number(subject, known.key, value)
            if known.is_link:
                return self._linked(subject, known.key, value), ""
            return self._text(subject, known, value), ""
        if isinstance(value, bool):
            return f'"{str(value).lower()}"^^<{XSD.boolean}>', ""
        if isinstance(value, dict):
            if "@value" in value:
                return value_object(value, self._terms), ""
            if id(value) in self._nested or isinstance(value.get("@id"), str):
                return self._linked(subject, known.key, value), ""
        return "", ""

    def _linked(self, subject: str, key: str, value: Any) -> str:
        iri = self._reference(value)
        if iri and iri not in self._place:
            raw = value if isinstance(value, str) else value.get("@id")
            if isinstance(raw, str) and is_local(raw):
                message = "a reference leads to nothing that the document describes"
                self._find("warning", "crate-graph-dangling", message, f"{subject}/{key}", raw)
                self.triple(iri, FG.originalId, literal(self._ids.original(raw) or raw))
        return f"<{iri}>" if iri else ""

    def _number(self, subject: str, key: str, value: Number) -> tuple[str, str]:
        typed = counted(value)
        if typed is None:
            message = "a number is too large to be counted with; kept as it is written"
            self._find("warning", "crate-json-number", message, f"{subject}/{key}")
            return f'"{value}"^^<{XSD.integer}>', value if value == "-0" else ""
        return typed[0], value if typed[1] else ""

    def _text(self, subject: str, known: Property, text: str) -> str:
        if known.is_name and text.startswith(("=", "+", "-", "@")):
            message = "a name begins as a formula does, which a spreadsheet may run"
            self._find("warning", "crate-csv-formula", message, subject, text[:80])
        if is_active(text):
            message = "a text holds what a browser may run; kept as it is, and never shown so"
            self._find("warning", "crate-html-active", message, f"{subject}/{known.key}")
        if known.is_size and text.isascii() and text.isdigit() and (typed := counted(text)):
            return typed[0]
        if known.is_date:
            term, is_iso = dated(text)
            if not is_iso:
                message = f"a date is not written as ISO 8601 has it ({text[:40]})"
                self._find("warning", "crate-values-date", message, f"{subject}/{known.key}")
            return term
        return literal(text)

    # -- Findings --------------------------------------------------------------------------------------------------------

    def _lost(self, where: str) -> None:
        self._find("warning", "crate-lost", "a value is in no form that can be kept", where)

    def _find(self, severity: Any, rule: str, message: str, where: str, value: str = "") -> None:
        place = where.removeprefix(f"{self._ids.dataset}/")
        self._report.add(finding(severity, rule, message, where=f"{self._name}#{place}"))


def _integer(value: int) -> str:
    return f'"{value}"^^<{XSD.integer}>'
