"""What may not pass into the store: queries that go out to the network, and blank nodes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse, serialize

from fairgraph.errors import QueryError, SourceError
from fairgraph.memory import remembers
from fairgraph.terms import SKOLEM_PATH

# The tokens of SPARQL 1.1 (§19.8) as far as they can hide a keyword, longest first. An IRI may not hold spaces or quotes:
# that tells it from the operator "<". A word is matched with its prefix and local part, so that ex:LOAD is one token.
# Whoever sends a query chooses what is matched here, so nothing is looked at again: what may be a prefix is matched as one run,
# and a string that is not closed is tried once.
_RUN = r"[^\W\d_](?:[\w\-·]|\.++(?=[\w\-·]))*+"
_QUOTED = r"""
    (?P<string>   '''(?:'{0,2}+(?:[^'\\]|\\.))*+''' | \"\"\"(?:"{0,2}+(?:[^"\\]|\\.))*+\"\"\"
                | '(?!'')(?:[^'\\\n\r]|\\.)*+' | "(?!"")(?:[^"\\\n\r]|\\.)*+" )
  | (?P<comment>  \#[^\n\r]* )
  | (?P<open>     ['"] )
  |"""
_PLAIN = rf"""
    (?P<iri>      <(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+> )
  | (?P<variable> [?$]\w+ )
  | (?P<language> @[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)? )
  | (?P<blank>    _:[\w.\-·]+ )
  | (?P<name>     (?:{_RUN})?+ : (?:[\w:\-·]|%[0-9A-Fa-f]{{2}}|\\.|\.++(?=[\w:\-·%\\]))*+ )
  | (?P<run>      {_RUN} )
  | (?P<number>   (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
  | (?P<space>    \s+ )
  | (?P<other>    . )
"""
_TOKEN = re.compile(_QUOTED + _PLAIN, re.VERBOSE | re.DOTALL)
# Behind a quotation mark that is not closed nothing hides a keyword: it is no query, or it is read in another way than here.
_BEHIND = re.compile(_PLAIN, re.VERBOSE | re.DOTALL)
_PIECE = re.compile(r"(?P<word>[^\W\d_]\w*)|(?P<other>.)", re.DOTALL)
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
# How far two descriptions are followed to tell nodes apart; beyond it, their labels do.
_ROUNDS = 32
# The words of SPARQL 1.1, and those of 1.2 and of the engine. It asks for no space behind one: INSERTDATA is two words for it.
_SPARQL = """
BASE PREFIX VERSION SELECT DISTINCT REDUCED AS CONSTRUCT WHERE DESCRIBE ASK FROM NAMED GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET
VALUES UNDEF LOAD SILENT INTO CLEAR DROP CREATE ADD MOVE TO COPY INSERT DELETE DATA WITH USING DEFAULT ALL GRAPH OPTIONAL SERVICE
LATERAL BIND MINUS UNION FILTER EXISTS NOT IN A TRUE FALSE STR LANG LANGMATCHES LANGDIR DATATYPE BOUND IRI URI BNODE RAND ABS CEIL
FLOOR ROUND CONCAT SUBSTR STRLEN REPLACE UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY
HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRLANGDIR STRDT SAMETERM
ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC HASLANG HASLANGDIR REGEX COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT SEPARATOR TRIPLE
ISTRIPLE SUBJECT PREDICATE OBJECT ADJUST SAMEVALUE UNFOLD
"""
_WORDS = frozenset(_SPARQL.split())
# What stands behind a word without a space may look like a prefix; or like the rest of a name, since the engine ends a name at its second dot.
_IN_PREFIX = re.compile(
    r"(?P<before>[^:]*\.|(?:true|false)+)?(?:service|load)(?:silent)?(?P<rest>[^:]*:)",
    re.IGNORECASE,
)
_IN_LOCAL = re.compile(
    r":(?:\.|[^.]*(?<!\\)\.[^.]+(?<!\\)\.)[\w.\-·]*?(?:service|load)", re.IGNORECASE
)
_GLUED_UPDATE = re.compile(
    r"(?:^|\.)(?:true|false)*(?:insert|delete|clear|drop|create|add|move|copy|with|using|graph|into|to|silent|default|named|all|data|where)[^:]*:",
    re.IGNORECASE,
)
_REFUSED = {
    "SERVICE": "a query may not ask other servers (SERVICE)",
    "LOAD": "an update may not fetch documents (LOAD)",
}


def decode(sparql: str) -> str:
    r"""Return *sparql* with its ``\uXXXX`` escapes replaced, which comes before tokens are told apart (SPARQL §19.2)."""

    def character(match: re.Match[str]) -> str:
        number = int(match[1] or match[2], 16)
        return chr(number) if number <= 0x10FFFF else match[0]

    return _CODEPOINT.sub(character, sparql)


def tokens(sparql: str) -> Iterator[tuple[str, str, int]]:
    """Yield the tokens of decoded SPARQL as (kind, text, offset), without spaces and comments."""
    behind = len(sparql)
    for match in _TOKEN.finditer(sparql):
        if match.lastgroup == "open":
            behind = match.start()
            break
        yield from _told(match)
    for match in _BEHIND.finditer(sparql, behind):
        yield from _told(match)


def _told(match: re.Match[str]) -> Iterator[tuple[str, str, int]]:
    kind, text = match.lastgroup or "other", match[0]
    if kind == "run":
        for piece in _PIECE.finditer(text):
            yield piece.lastgroup or "other", piece[0], match.start() + piece.start()
    elif kind not in ("space", "comment"):
        yield kind, text, match.start()


@remembers
def refuse_network(sparql: str) -> None:
    """Raise QueryError if a query or update would go out to the network: SERVICE and LOAD are refused.

    Judged by tokens, so that a variable, a name, a string, a comment or an IRI that holds these words passes, and any way to
    write the keyword does not. So a word that SPARQL does not have is refused too, which the engine might read as several.
    """
    # Both as it stands and decoded: an escaped quotation mark must not make one of the two readings hide a keyword.
    raw = list(tokens(sparql))
    decoded = decode(sparql)
    for text, found in ((sparql, raw), (decoded, tokens(decoded) if decoded != sparql else ())):
        for kind, word, offset in found:
            if kind == "word" and word.upper() in _REFUSED:
                hint = "nothing is fetched: load the data with fairgraph import first"
                raise _refused(text, _REFUSED[word.upper()], offset, hint)
    prefixes = {text for kind, text, _ in raw if kind == "name" and text.endswith(":")}
    for kind, text, offset in raw:
        if kind == "word" and text.upper() not in _WORDS:
            raise _refused(
                sparql, f"this cannot be parsed: {text[:60]} is no word of SPARQL", offset
            )
        if kind == "name" and _is_glued(text, prefixes):
            raise _refused(sparql, f"{text[:60]} may be read in more than one way", offset)


def _is_glued(name: str, prefixes: set[str]) -> bool:
    """Tell whether a prefixed name may be SERVICE or LOAD with something before or behind it."""
    found = _IN_PREFIX.match(name)
    if found is not None and (found["before"] or found["rest"] in prefixes):
        return True
    return _IN_LOCAL.search(name) is not None


def refuse_glued(update: str) -> None:
    """Raise QueryError if an update has a prefix that may be read as a word of SPARQL and what follows it: ``DROPGRAPHx:`` is three words."""
    for kind, text, offset in tokens(update):
        if kind == "name" and _GLUED_UPDATE.search(text):
            raise _refused(update, f"{text[:60]} may be read in more than one way", offset)


def _refused(
    sparql: str,
    message: str,
    offset: int,
    hint: str = "put a space between words, choose another prefix, or write the IRI in full",
) -> QueryError:
    line, column = sparql.count("\n", 0, offset) + 1, offset - sparql.rfind("\n", 0, offset)
    return QueryError(message, where=f"query:{line}:{column}", hint=hint)


# Names of namespaces are what entities are for in RDF/XML; more would multiply, and the parser sets no limit.
_ENTITY = re.compile(rb"<!ENTITY\s+(%?)\s*[^\s'\">]+\s*(?:\"([^\"]*)\"|'([^']*)')?")
_MOST_ENTITY = 512
PROLOG_BYTES = 1 << 20
"""How much of an RDF/XML document is looked at for its entities."""


def refuse_entities(prolog: bytes, where: str) -> None:
    """Raise SourceError if RDF/XML declares entities that hold others, are long, or are to be fetched (XML 1.0 §4.2)."""
    for match in _ENTITY.finditer(prolog):
        value = match[2] if match[2] is not None else match[3]
        if match[1] or value is None or b"&" in value or len(value) > _MOST_ENTITY:
            raise SourceError(
                "declares an XML entity that is more than the name of a namespace",
                where=where,
                hint="write the document without it, or as Turtle",
            )


def may_make_blank_nodes(update: str) -> bool:
    """Tell whether an update may put blank nodes into the store; no false negatives."""
    return any(
        kind == "blank" or text in ("[", "(") or text.upper() == "BNODE" or "_:" in text
        for kind, text, _ in tokens(decode(update))
    )


def skolem_iris(triples: Iterable[Triple], base: str, salt: str = "") -> dict[BlankNode, NamedNode]:
    """Return an IRI for each blank node in *triples* (RDF 1.1 Concepts §3.5), made from what is said about it.

    So the same description gets the same IRI in every load into one graph (*salt* names it), whatever its label is; nodes
    that nothing tells apart are numbered in the order of their labels.
    """
    about: dict[BlankNode, list[tuple[str, str, BlankNode | str]]] = {}
    for triple in triples:
        subject, predicate, value = triple.subject, str(triple.predicate), triple.object
        if isinstance(subject, BlankNode):
            other = value if isinstance(value, BlankNode) else str(value)
            about.setdefault(subject, []).append((">", predicate, other))
        if isinstance(value, BlankNode):
            other = subject if isinstance(subject, BlankNode) else str(subject)
            about.setdefault(value, []).append(("<", predicate, other))
    colour = dict.fromkeys(about, salt)
    for _ in range(min(len(about), _ROUNDS)):
        finer = {
            node: _digest(
                sorted(
                    f"{way} {predicate} {colour[other] if isinstance(other, BlankNode) else other}"
                    for way, predicate, other in facts
                )
            )
            for node, facts in about.items()
        }
        settled = len(set(finer.values())) == len(set(colour.values()))
        colour = finer
        if settled:
            break
    iris: dict[BlankNode, NamedNode] = {}
    seen: dict[str, int] = {}
    for node in sorted(colour, key=lambda node: (colour[node], node.value)):
        count = seen[colour[node]] = seen.get(colour[node], 0) + 1
        suffix = "" if count == 1 else f"-{count}"
        iris[node] = NamedNode(f"{base}{SKOLEM_PATH}{colour[node][:32]}{suffix}")
    return iris


def _digest(facts: list[str]) -> str:
    return hashlib.sha256("\n".join(facts).encode("utf-8", "surrogatepass")).hexdigest()


def skolemise(triples: Iterable[Triple], base: str, salt: str = "") -> list[Triple]:
    """Return *triples* with an IRI in the place of every blank node; one call is one scope of labels."""
    triples = list(triples)
    blank = [triple for triple in triples if has_blank(triple)]
    if not blank:
        return triples
    iris = skolem_iris(blank, base, salt)
    return [_renamed(triple, iris) for triple in triples]


def _renamed(triple: Triple, iris: dict[BlankNode, NamedNode]) -> Triple:
    subject, value = triple.subject, triple.object
    return Triple(
        iris[subject] if isinstance(subject, BlankNode) else subject,
        triple.predicate,
        iris[value] if isinstance(value, BlankNode) else value,
    )


def has_blank(triple: Triple) -> bool:
    """Tell whether *triple* has a blank node as subject or object."""
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)


def skolemise_lines(chunks: Iterable[bytes], base: str, salt: str = "") -> Iterator[bytes]:
    """Yield N-Triples chunks without blank nodes.

    Chunks that cannot hold one pass as they are. Triples with blank nodes are kept until the last chunk has been seen, since
    an IRI depends on all that is said about its node.
    """
    blank: list[Triple] = []
    for chunk in chunks:
        if b"_:" not in chunk:
            yield chunk
            continue
        lines = chunk.splitlines(keepends=True)
        suspects = b"".join(line for line in lines if b"_:" in line)
        yield b"".join(line for line in lines if b"_:" not in line)
        named: list[Triple] = []
        try:
            for quad in parse(suspects, format=RdfFormat.N_TRIPLES):
                triple = quad.triple
                (blank if has_blank(triple) else named).append(triple)
        except SyntaxError as error:
            raise SourceError(f"not valid N-Triples: {error.msg}") from error
        if named:
            yield _serialized(named)
    if blank:
        yield _serialized(skolemise(blank, base, salt))


def _serialized(triples: list[Triple]) -> bytes:
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""
