"""Sorted N-Triples as JSON-LD: one flat ``@graph``, one node an IRI, keys by an inline context, nothing to be fetched.

Written from text to text: making terms of every triple would take three times as long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from fairgraph.errors import UsageError
from fairgraph.resources import text
from fairgraph.terms import RDF, XSD

_TYPE = f"<{RDF.type}>".encode()
# What N-Triples writes for characters beyond U+FFFF; the other escapes are those of JSON.
_LONG_ESCAPE = re.compile(rb"\\U([0-9A-Fa-f]{8})")
_INTEGER = re.compile(rb"0|-?[1-9][0-9]{0,14}")


@dataclass(frozen=True)
class Context:
    """A JSON-LD context as data, and what follows from it: the key of each predicate, and the type that its values have."""

    document: Mapping[str, Any]
    keys: Mapping[bytes, tuple[bytes, bytes]]
    types: Mapping[bytes, bytes]


def read_context(path: Path) -> Context:
    """Read a context file whose terms are objects with ``@id`` (a whole IRI) and, for properties, perhaps ``@type``."""
    document = json.loads(text(path))["@context"]
    keys, types = {}, {}
    for term, about in document.items():
        if term.startswith("@"):
            continue
        iri = f"<{about['@id']}>".encode()
        if term[:1].isupper():
            types[iri] = _json(term)
        else:
            keys[iri] = (_json(term), about.get("@type", "").encode())
    return Context(document, keys, types)


def write_nodes(lines: Iterable[bytes], context: Context, output: BinaryIO) -> None:
    """Write N-Triples lines, sorted and each once, as a JSON-LD 1.1 document; raise UsageError for a triple term (RDF 1.2)."""
    head = json.dumps({"@context": context.document}, sort_keys=True, separators=(",", ":"))
    output.write(head[:-1].encode() + b',"@graph":[')
    separator = b"\n"
    for node in _nodes(lines, context):
        output.write(separator + node)
        separator = b",\n"
    output.write(b"\n]}\n")


def _nodes(lines: Iterable[bytes], context: Context) -> Iterator[bytes]:
    subject, known = b"", dict[bytes, list[bytes]]()
    keys = dict(context.keys)
    types = {b"%s .\n" % iri: term for iri, term in context.types.items()}
    for line in lines:
        start, predicate, rest = line.split(b" ", 2)
        if start != subject:
            if known:
                yield _node(subject, known)
            subject, known = start, {}
        if predicate == _TYPE and rest[:1] == b"<":
            key, value = b'"@type"', types.get(rest) or b'"%s"' % rest[1:-4]
        else:
            if predicate not in keys:
                keys[predicate] = _quoted(predicate), b""
            key, kind = keys[predicate]
            if kind == b"@id" and rest[:1] == b"<" != rest[1:2]:  # most of them, so without a call
                value = b'"%s"' % rest[1:-4]
            else:
                value = _value(rest[:-3], kind)
        if key in known:
            known[key].append(value)
        else:
            known[key] = [value]
    if known:
        yield _node(subject, known)


def _node(subject: bytes, known: Mapping[bytes, list[bytes]]) -> bytes:
    parts = [b'{"@id":"%s"' % subject[1:-1]]
    for key in sorted(known):
        values = known[key]
        parts.append(
            b"%s:%s" % (key, values[0] if len(values) == 1 else b"[%s]" % b",".join(values))
        )
    return b",".join(parts) + b"}"


def _quoted(iri: bytes) -> bytes:
    return b'"%s"' % iri[1:-1]


def _value(value: bytes, kind: bytes) -> bytes:
    if value[:1] == b"<":
        if value[:3] == b"<<(":
            raise UsageError("JSON-LD has no triple terms (RDF 1.2)", where=value.decode())
        return _quoted(value) if kind == b"@id" else b'{"@id":%s}' % _quoted(value)
    end = value.rindex(b'"')
    string, tail = value[: end + 1], value[end + 1 :]
    if b"\\U" in string:
        string = _LONG_ESCAPE.sub(lambda found: chr(int(found[1], 16)).encode(), string)
    if not tail:
        return b'{"@value":%s}' % string if kind else string
    if tail[:1] == b"@":
        language, _, direction = tail[1:].partition(b"--")
        also = b',"@direction":"%s"' % direction if direction else b""
        return b'{"@language":"%s"%s,"@value":%s}' % (language, also, string)
    datatype = tail[3:-1]
    if datatype == kind:
        return string
    if not kind and (
        (datatype == _XSD_INTEGER and _INTEGER.fullmatch(string[1:-1]))
        or (datatype == _XSD_BOOLEAN and string in (b'"true"', b'"false"'))
    ):
        return string[1:-1]
    return b'{"@type":"%s","@value":%s}' % (datatype, string)


_XSD_INTEGER, _XSD_BOOLEAN = XSD.integer.encode(), XSD.boolean.encode()


def _json(term: str) -> bytes:
    return json.dumps(term, ensure_ascii=False).encode()
