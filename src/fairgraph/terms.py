"""Namespaces, prefixes and the minting of IRIs.

The prefixes are declared in ``ontologies/prefixes.ttl``; a test holds the two together.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from math import inf, isfinite
from typing import Any
from urllib.parse import quote

from pyoxigraph import NamedNode

PREFIXES: dict[str, str] = {
    "bioschemas": "https://bioschemas.org/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "eln": "https://w3id.org/fairgraph/eln#",
    "fairtracks": "https://w3id.org/fairgraph/fairtracks#",
    "fg": "https://w3id.org/fairgraph/ns#",
    "isa": "https://w3id.org/fairgraph/isa#",
    "obo": "http://purl.obolibrary.org/obo/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pennsieve": "https://w3id.org/fairgraph/pennsieve#",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

DEFAULT_BASE = "http://localhost:8000/"
SKOLEM_PATH = ".well-known/genid/"


class Namespace:
    """A namespace whose attributes are its terms: ``SCHEMA.name`` is an IRI as a string, ``SCHEMA["name"]`` the same."""

    def __init__(self, iri: str) -> None:
        self.iri = iri

    def __getattr__(self, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        term = self.iri + name
        setattr(self, name, term)  # the next time it is found without coming here
        return term

    def __getitem__(self, name: str) -> str:
        return self.iri + name

    def node(self, name: str) -> NamedNode:
        """Return the term as a pyoxigraph node."""
        return NamedNode(self.iri + name)


BIOSCHEMAS = Namespace(PREFIXES["bioschemas"])
DCAT = Namespace(PREFIXES["dcat"])
DCTERMS = Namespace(PREFIXES["dcterms"])
DQV = Namespace(PREFIXES["dqv"])
ELN = Namespace(PREFIXES["eln"])
FAIRTRACKS = Namespace(PREFIXES["fairtracks"])
FG = Namespace(PREFIXES["fg"])
ISA = Namespace(PREFIXES["isa"])
OWL = Namespace(PREFIXES["owl"])
PENNSIEVE = Namespace(PREFIXES["pennsieve"])
PROV = Namespace(PREFIXES["prov"])
RAI = Namespace(PREFIXES["rai"])
RDF = Namespace(PREFIXES["rdf"])
RDFS = Namespace(PREFIXES["rdfs"])
SCHEMA = Namespace(PREFIXES["schema"])
SH = Namespace(PREFIXES["sh"])
SKOS = Namespace(PREFIXES["skos"])
VOID = Namespace(PREFIXES["void"])
XSD = Namespace(PREFIXES["xsd"])

# Terms of a notebook or crate that no context gives a meaning: below it, the program that wrote them.
ELN_TERM = "https://w3id.org/fairgraph/eln-term/"

# NameStartChar and NameChar of XML 1.0 §2.3, without the colon.
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME_START = re.compile(f"[{_START}]")
_NOT_NCNAME = re.compile(f"[^{_START}.0-9\u00b7\u0300-\u036f\u203f-\u2040-]")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]+")
_ABSOLUTE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|^`\\\x00-\x20]+")
_WEB_IRI = re.compile(r"https?://[^\s<>\"{}|^`\\\x00-\x20/]+[^\s<>\"{}|^`\\\x00-\x20]*")


def ncname(text: str, initial: str = "n") -> str:
    """Return *text* as an NCName (XML Namespaces §3): what may follow the colon of a QName.

    Characters that are not allowed become ``_``; a first character that may not start a name gets *initial* before it.
    Different texts may give the same name: callers that need them apart add :func:`digest`.
    """
    if _PLAIN_NAME.fullmatch(text):  # the common case, in which nothing has to go
        return text if text[0].isalpha() or text[0] == "_" else initial + text
    name = _NOT_NCNAME.sub("_", unicodedata.normalize("NFC", text.strip()))
    if not name.isascii() and not _is_valid_iri(f"http://x/{name}"):
        name = "".join(char if char.isascii() else "_" for char in name)
    if not _NAME_START.match(name):
        name = initial + name
    return name


def slugify(text: str) -> str:
    """Return *text* as the short name of a dataset: letters, digits, ``.``, ``_`` and ``-`` only."""
    name = re.sub(r"[^A-Za-z0-9._\-]+", "-", unicodedata.normalize("NFKD", text)).strip("-.")
    return name or "dataset"


def digest(text: str) -> str:
    """Return eight hexadecimal digits that tell *text* from others."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def is_web_iri(text: str) -> bool:
    """Tell whether *text* is an absolute http(s) IRI without characters that RDF forbids (RFC 3987)."""
    if _WEB_IRI.fullmatch(text) is None:
        return False
    return text.isascii() or _is_valid_iri(text)


def is_absolute_iri(text: str) -> bool:
    """Tell whether *text* can stand as an IRI in RDF as it is."""
    return _ABSOLUTE_IRI.fullmatch(text) is not None


def _is_valid_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def iri_escape(text: str) -> str:
    """Percent-encode what may not stand in one path segment of an IRI."""
    return quote(text, safe="!$&'()*+,;=:@-._~")


def compact(iri: str) -> str:
    """Return *iri* as a CURIE where one of the prefixes fits, else unchanged."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and "/" not in (local := iri[len(namespace) :]) and local:
            return f"{prefix}:{local}"
    return iri


# What a literal may not hold unescaped in N-Triples (RDF 1.1 N-Triples §2.4).
_ESCAPED = re.compile(r'[\\"\n\r\t]')
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def literal(text: str) -> str:
    """Return *text* as a quoted N-Triples literal without a type."""
    if _ESCAPED.search(text) is None:  # the common case, and much cheaper than a translation
        return f'"{text}"'
    return f'"{text.translate(_ESCAPES)}"'


def recorded(rows: Iterable[Any], base: str) -> Iterator[Any]:
    """Yield those rows of a query for ``?record`` that a record says: what a dataset says of numbers does not count."""
    return (row for row in rows if row["record"].value.startswith(f"{base}record/"))


def own_rows(rows: Iterable[Any], base: str) -> Iterator[Any]:
    """Yield those rows of a query for ``?record``, ``?slug`` and ``?dataset`` that a record says of its dataset, one for each.

    A dataset may say anything, even that it is a record or another dataset: only what stands in its own record counts.
    """
    seen: set[str] = set()
    for row in rows:
        iri = row["dataset"].value
        if iri not in seen and row["record"].value == f"{base}record/{row['slug'].value}":
            seen.add(iri)
            yield row


def place_of(term: object, missing: float = inf) -> float:
    """Return the number that a term gives as the place of something in a list; *missing* for None, what is no number comes last."""
    if term is None:
        return missing
    try:
        number = float(getattr(term, "value", term))  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return inf
    return number if isfinite(number) else inf
