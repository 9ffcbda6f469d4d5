"""CONSTRUCT, with its template filled here: the engine looks up the text of each term once a row, not once a triple.

That is most of what a large CONSTRUCT costs on disk. See docs/adr/0016-the-matrix-asks-for-integers.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from fairgraph.terms import XSD

_CONSTRUCT = re.compile(r"\bCONSTRUCT\s*\{([^{}]*)\}\s*WHERE\b")
_VARIABLE = re.compile(r"\?(\w+)")
_PREFIX = re.compile(r"^PREFIX .*$", re.MULTILINE)
_NAME = "urn:variable:"
# What SPARQL's TSV writes in another way than N-Triples: escaped characters and triple terms.
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n"})
_NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_WORDS = (b"true", b"false")


@dataclass(frozen=True)
class Template:
    """The triples of a CONSTRUCT by the columns that they take: those of *select*, then *constants*."""

    select: str
    constants: tuple[bytes, ...]
    triples: tuple[tuple[int, int, int], ...]

    def fill(self, rows: Iterable[bytes]) -> Iterator[bytes]:
        """Yield N-Triples lines from the rows of the answer in TSV, the header left out; some may come twice.

        What is no triple (SPARQL 1.1 §16.2) is left out: something unbound, a literal as subject.
        """
        constants, triples = list(self.constants), list(enumerate(self.triples))
        before = [b""] * len(triples)
        for row in rows:
            cells = row[:-1].split(b"\t") + constants
            for n, (subject, predicate, value) in triples:
                s, p, o = cells[subject], cells[predicate], cells[value]
                if o and p[:1] == b"<" and s[:1] == b"<":
                    line = b"%s %s %s .\n" % (s, p, o if o[0] in b'<"' else _literal(o))
                    if line != before[n]:  # row after row says the same of a protocol
                        before[n] = line
                        yield line


def template(query: str) -> Template | None:
    """Return the template of a CONSTRUCT query; None for one that is not of the plain form ``CONSTRUCT { … } WHERE``."""
    match = _CONSTRUCT.search(query)
    if match is None:
        return None
    variables, constants, triples = _read("\n".join(_PREFIX.findall(query)), match[1])
    names = " ".join(f"?{name}" for name in variables)
    select = f"{query[: match.start()]}SELECT {names} WHERE{query[match.end() :]}"
    return Template(select, constants, triples)


def is_plain(tsv: bytes) -> bool:
    """Tell whether the terms of an answer in TSV are those of N-Triples, but for numbers and truth values."""
    # Not by a pattern, which takes ten times as long; single bytes are found faster than three of them.
    if len(tsv.translate(None, _CONTROLS)) != len(tsv) or (b"(" in tsv and b"<<(" in tsv):
        return False
    return b"\xef" not in tsv or not any(part in tsv for part in _NO_CHARACTERS)


@lru_cache(maxsize=256)
def _read(
    prefixes: str, text: str
) -> tuple[tuple[str, ...], tuple[bytes, ...], tuple[tuple[int, int, int], ...]]:
    """Return the variables, the constants and the triples of a template, by their places in the first two."""
    turtle = f"{prefixes}\n" + _VARIABLE.sub(rf"<{_NAME}\1>", text).rstrip(" .\n") + " ."
    parsed = [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]
    terms = [str(term) for t in parsed for term in (t.subject, t.predicate, t.object)]
    different = list(dict.fromkeys(terms))
    variables = [term for term in different if term.startswith(f"<{_NAME}")]
    constants = [term for term in different if term not in variables]
    places = {term: place for place, term in enumerate([*variables, *constants])}
    found = [places[term] for term in terms]
    return (
        tuple(t[len(_NAME) + 1 : -1] for t in variables),
        tuple(t.encode() for t in constants),
        tuple(zip(found[::3], found[1::3], found[2::3], strict=True)),
    )


def _literal(token: bytes) -> bytes:
    """Return a number or truth value, which TSV has without quotes, as N-Triples."""
    if token in _WORDS:
        kind = XSD.boolean
    elif b"e" in token or b"E" in token:
        kind = XSD.double
    else:
        kind = XSD.decimal if b"." in token else XSD.integer
    return b'"%s"^^<%s>' % (token, kind.encode())
