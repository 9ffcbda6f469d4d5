"""What an ``@id`` means: two spellings of one id, what the world knows, paths, and the IRIs of what is only known inside of a crate."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote

from fairgraph.terms import PREFIXES, digest, is_absolute_iri, is_web_iri, ncname

# An @id that stands for one of our own IRIs: what is exported without an @id of its own comes back as what it was.
OURS = "#fairgraph/"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
# Schemes of names that mean one thing everywhere. Others (``person://``, ``pv://``) are only known inside of a crate.
_GLOBAL = {"http", "https", "urn", "doi", "ark", "arcp", "swh", "info", "tag", "mailto", "orcid"}
# Who describes these says something about the vocabulary, not about a thing in a crate.
_VOCABULARIES = tuple(
    PREFIXES[name]
    for name in (
        "rdf",
        "rdfs",
        "owl",
        "xsd",
        "sh",
        "prov",
        "fg",
        "isa",
        "eln",
        "void",
        "dcat",
        "skos",
    )
)
_KINDS = {
    "File": "file",
    "MediaObject": "file",
    "Dataset": "entry",
    "Person": "person",
    "PropertyValue": "annotation",
    "Comment": "comment",
    "Organization": "organization",
    "HowToStep": "step",
    "CreateAction": "action",
}
# Ids that have one spelling, but for a ./ before them: no scheme, nothing to encode, no empty segment, no dots alone.
_PLAIN = re.compile(r"#?[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")
_SAFE = "!$&'()*+,;=:@-._~/?#[]"


def encoded(text: str) -> str:
    """Return *text* with what no IRI has percent-encoded; what is encoded already stays."""
    return quote(text, safe=_SAFE + "%") if "%" in text else quote(text, safe=_SAFE)


def path_of(raw: str) -> str:
    """Return the path in the crate that an ``@id`` may mean, as it is written: without ``./`` and ``//``."""
    return "/".join(part for part in raw.split("/") if part not in ("", "."))


def kind_of(node: dict[str, Any] | None) -> str:
    """Return the kind of a node, which is a part of its IRI: by the first of its types that has one of ours, else by its first type."""
    if node is None:
        return "thing"
    found = node.get("@type")
    if isinstance(found, str) and found in _KINDS:  # the common case
        return _KINDS[found]
    types = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)]
    known = next((_KINDS[one] for one in types if one in _KINDS), "")
    return known or (ncname(types[0], "t").lower() if types else "thing")


def is_plain(key: str) -> bool:
    """Tell whether an ``@id`` without ``./`` is one that has a single spelling and stands for nothing but itself."""
    return _PLAIN.fullmatch(key) is not None and not key.startswith(OURS)


def key_of(raw: str) -> str:
    """Return what two spellings of one ``@id`` have in common."""
    plain = raw[2:] if raw.startswith("./") else raw
    if _PLAIN.fullmatch(plain):
        return plain
    match = _SCHEME.match(raw)
    if match and (match[1].lower() in _GLOBAL or "//" in raw):
        return encoded(raw)
    slash = "/" if raw.endswith("/") else ""
    return quote(unquote(path_of(raw)) + slash, safe=_SAFE) if raw.strip("./") else "./"


def scheme_of(raw: str) -> str:
    """Return the scheme of an ``@id`` in lower case, ``""`` if it has none."""
    match = _SCHEME.match(raw)
    return match[1].lower() if match else ""


def is_local(raw: str) -> bool:
    """Tell whether an ``@id`` is only known inside of the crate."""
    return not (scheme_of(raw) in _GLOBAL and is_absolute_iri(encoded(raw)))


def is_path(raw: str) -> bool:
    """Tell whether an ``@id`` is a path in the crate."""
    return "://" not in raw and not raw.startswith(("#", "_:")) and is_local(raw)


def own_iri(dataset: str, kind: str, name: str, key: str) -> str:
    """Return the IRI of a thing that only a dataset knows: *name* makes it readable, *key* tells it from others."""
    path = name.rstrip("/")
    stem = ncname((unquote(path) if "%" in path else path).rpartition("/")[2][:60], kind[0])
    return f"{dataset}/{kind}/{stem}-{digest(key)}"


def stated_iri(dataset: str, raw: str) -> str:
    """Return the IRI that an ``@id`` states by ``#fairgraph/``, ``""`` if it states none."""
    iri = f"{dataset}/{raw.removeprefix(OURS)}"
    return iri if raw.startswith(OURS) and is_web_iri(iri) else ""


def is_taken(dataset: str, iri: str) -> bool:
    """Tell whether an IRI is that of something that a crate cannot describe: of another dataset of the store, or of a vocabulary."""
    return iri.startswith((dataset.partition("/id/")[0] + "/", *_VOCABULARIES))


def minted(dataset: str, raw: str, kind: str) -> str:
    """Return the IRI of a thing that is described under an ``@id``; the root is nobody's business here."""
    if stated := stated_iri(dataset, raw):
        return stated
    if not is_local(raw) and not is_taken(dataset, iri := encoded(raw)):
        return iri
    return own_iri(dataset, kind, key_of(raw), key_of(raw))
