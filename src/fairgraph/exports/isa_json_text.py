"""JSON as text, and the names of objects in it: what ISA-JSON needs of JSON and the json module does not give."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from types import GeneratorType
from typing import Any, BinaryIO
from urllib.parse import quote

from pyoxigraph import Literal

from fairgraph.exports.isa_view import IsaView
from fairgraph.isa.notation import Number
from fairgraph.terms import ISA, XSD

Json = dict[str, Any]

ID_KINDS = {"characteristic": "characteristic_category", "unit": "Unit", "extract": "material"}
FLUSH_PARTS = 1000
LONGEST_INT = 4000
_PLAIN = re.compile(r"[A-Za-z0-9._~-]+")
NUMERIC = frozenset({XSD.integer, XSD.decimal, XSD.double, XSD.float, XSD.int, XSD.long})


class Long(dict[str, Any]):
    """A JSON object that gets a line for each of its members, some of which may be generators."""


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
        if not _PLAIN.fullmatch(name):
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
            # Python writes no int of more digits than that.
            return int(exact) if exact.adjusted() < LONGEST_INT else Number(f"{exact:f}")
        number = float(exact)
    except (InvalidOperation, OverflowError, ValueError):
        return literal.value
    return number if repr(number) == text else Number(text)


class Encoder:
    """Writes nested dictionaries, lists and generators as JSON, one member of a list a line."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._encode: Callable[[Any], str] = json.JSONEncoder(
            ensure_ascii=True, separators=(", ", ": "), default=self._exact
        ).encode
        self._numbers: list[str] = []
        self._parts: list[str] = []

    def write(self, document: Json) -> None:
        """Write one document; generators in it are used up on the way."""
        self._object(document, "")
        self._parts.append("\n")
        self._flush()

    def _flush(self) -> None:
        self._output.write("".join(self._parts).encode())
        self._parts.clear()

    def _object(self, value: Json, indent: str) -> None:
        deeper = indent + "  "
        comma = "{"
        for key, member in value.items():
            self._parts.append(f"{comma}\n{deeper}{json.dumps(key)}: ")
            comma = ","
            if isinstance(member, (list, GeneratorType)):
                self._list(member, deeper)
            elif type(member) is Long:
                self._object(member, deeper)
            else:
                self._parts.append(self._line(member))
        self._parts.append(f"\n{indent}}}")

    def _list(self, values: Iterable[Any], indent: str) -> None:
        deeper = indent + "  "
        comma = "["
        for value in values:
            if type(value) is Long:
                self._parts.append(f"{comma}\n{deeper}")
                self._object(value, deeper)
            else:
                self._parts.append(f"{comma}\n{deeper}{self._line(value)}")
            comma = ","
            if len(self._parts) > FLUSH_PARTS:
                self._flush()
        self._parts.append("[]" if comma == "[" else f"\n{indent}]")

    def _line(self, value: Any) -> str:
        line = self._encode(value)
        for text in self._numbers:
            line = line.replace(f'"\\u0000{text}"', text)
        self._numbers.clear()
        return line

    def _exact(self, value: Any) -> str:
        if not isinstance(value, Number):
            raise TypeError(f"{type(value).__name__} is not JSON")
        self._numbers.append(value.text)
        return f"\x00{value.text}"
