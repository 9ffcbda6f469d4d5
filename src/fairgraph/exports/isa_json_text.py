"""JSON as text, and the names of objects in it: what ISA-JSON needs of JSON and the json module does not give."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from pyoxigraph import Literal

from fairgraph.exports.isa_view import IsaView
from fairgraph.terms import ISA, XSD

Json = dict[str, Any]

ID_KINDS = {"characteristic": "characteristic_category", "unit": "Unit", "extract": "material"}
NUMERIC = frozenset({XSD.integer, XSD.decimal, XSD.double, XSD.float, XSD.int, XSD.long})


class Ids:
    """The ``@id`` of every object: as it was given, else made from its IRI; told apart where two would be the same."""

    def __init__(self, view: IsaView) -> None:
        self.view = view
        self._ids: dict[str, str] = {}
        self._taken: set[str] = set()

    def __contains__(self, node: str) -> bool:
        return node in self._ids

    def claim_all(self, scope: str, nodes: Iterable[str]) -> None:
        """Give ids to the nodes declared in one scope, in order."""
        for node in nodes:
            if node not in self._ids:
                self._ids[node] = self._claim(node, scope)

    def of(self, node: str) -> str:
        """Return the id of a node, also of one that is declared nowhere."""
        found = self._ids.get(node)
        if found is None:
            found = self._ids[node] = self._claim(node, node.rsplit("/", 2)[0])
        return found

    def annotation(self, node: str) -> str:
        """Return the id of an ontology annotation, which nothing refers to."""
        name = node.rsplit("/", 1)[-1] or node
        return f"#ontology_annotation/{quote(name, safe='')}"

    def _claim(self, node: str, scope: str) -> str:
        given = self.view.notation.get(node, {}).get(ISA.jsonId)
        if given and (given not in self._taken or self.view.flag(node, ISA.undeclared)):
            self._taken.add(given)
            return given
        kind, _, name = node.rpartition("/")
        kind = kind.rpartition("/")[2]
        name = quote(name, safe="!$&'()*+,;=:@-._~")
        local = f"#{ID_KINDS.get(kind, kind.replace('-', '_'))}/{name}"
        if local in self._taken:
            local = f"{local}/{quote(scope.rpartition('/')[2], safe='')}"
        number, stem = 2, local
        while local in self._taken:
            local, number = f"{stem}-{number}", number + 1
        self._taken.add(local)
        return local


def scalar(literal: Literal | None, raw: str) -> Any:
    """Return a literal as a JSON value; the raw text decides how a number is written while it still means the same."""
    if literal is None:
        return ""
    datatype = literal.datatype.value
    if datatype == XSD.boolean:
        return literal.value == "true"
    if datatype not in NUMERIC:
        return literal.value
    try:
        exact = Decimal(literal.value)
        text = raw if raw and Decimal(raw) == exact else literal.value
        if exact == exact.to_integral_value() and "." not in text and "e" not in text.lower():
            return int(exact)
        number = float(exact)
    except (InvalidOperation, OverflowError, ValueError):
        return raw or literal.value
    return number if Decimal(repr(number)) == Decimal(text) else Number(text)


class Number(Decimal):
    """A number with more digits than a float has."""


class Encoder:
    """Writes nested dictionaries and iterators as JSON, one member of a list a line."""

    def __init__(self) -> None:
        self._encode: Callable[[Any], str] = json.JSONEncoder(
            ensure_ascii=True, separators=(", ", ": "), default=self._exact
        ).encode
        self._numbers: list[str] = []

    def parts(self, document: Json) -> Iterator[bytes]:
        yield from (part.encode("utf-8", "replace") for part in self._object(document, ""))
        yield b"\n"

    def _object(self, value: Json, indent: str) -> Iterator[str]:
        deeper = indent + "  "
        yield "{"
        for n, (key, member) in enumerate(value.items()):
            yield f"{',' if n else ''}\n{deeper}{json.dumps(key)}: "
            if isinstance(member, (list, Iterator)):
                yield from self._list(member, deeper)
            elif isinstance(member, dict) and any(isinstance(v, Iterator) for v in member.values()):
                yield from self._object(member, deeper)
            else:
                yield self._line(member)
        yield f"\n{indent}}}"

    def _list(self, values: Iterable[Any], indent: str) -> Iterator[str]:
        deeper, first = indent + "  ", True
        yield "["
        for value in values:
            yield f"{'' if first else ','}\n{deeper}"
            first = False
            if isinstance(value, dict) and any(isinstance(v, Iterator) for v in value.values()):
                yield from self._object(value, deeper)
            else:
                yield self._line(value)
        yield "]" if first else f"\n{indent}]"

    def _line(self, value: Any) -> str:
        line = self._encode(value)
        for text in self._numbers:
            line = line.replace(f'"\\u0000{text}"', text)
        self._numbers.clear()
        return line

    def _exact(self, value: Any) -> str:
        if not isinstance(value, Decimal):
            raise TypeError(f"{type(value).__name__} is not JSON")
        self._numbers.append(str(value))
        return f"\x00{value}"
