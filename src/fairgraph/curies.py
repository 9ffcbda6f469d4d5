"""CURIEs of ontology terms, in the case that the OBO Foundry writes them: ``NCBITaxon:10090``.

The prefixes are a frozen list, ``ontologies/curies.json``; nothing is fetched. Terms of OBO ontologies that are not in the list
follow the OBO identifier policy (``http://purl.obolibrary.org/obo/XEO_00001`` is ``XEO:00001``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache, lru_cache

from fairgraph import resources

_OBO = "http://purl.obolibrary.org/obo/"
_OBO_TERM = re.compile(r"([A-Za-z][A-Za-z0-9]*)_([A-Za-z0-9]+)")
_LOCAL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._\-]*[A-Za-z0-9_])?")
_CODE = re.compile(r"(?:obo:)?([A-Za-z][A-Za-z0-9.]*)[:_](.+)")
_IDENTIFIERS = re.compile(
    r"https?://(?:www\.)?identifiers\.org/(?:[A-Za-z0-9.]+/)?([A-Za-z][A-Za-z0-9.]*):(.+)"
)
_SLASHES = frozenset({"DOI"})  # whose identifiers may hold what would be a path elsewhere


@lru_cache(maxsize=1 << 16)
def curie(iri: str) -> str | None:
    """Return the CURIE of a term by its IRI, whichever of the known spellings it has; None if no prefix fits.

    The longest namespace wins.

    >>> curie("http://purl.bioontology.org/ontology/NCBITAXON/10090"), curie("http://example.org/x")
    ('NCBITaxon:10090', None)
    """
    for length, prefixes in _namespaces():
        if prefix := prefixes.get(_plain(iri[:length])):
            return _joined(prefix, iri[length:])
    if iri.startswith(_OBO) and (match := _OBO_TERM.fullmatch(iri[len(_OBO) :])):
        return f"{_known(match[1]) or match[1]}:{match[2]}"
    if match := _IDENTIFIERS.fullmatch(iri):
        return code_curie(f"{match[1]}:{match[2]}")
    return None


def code_curie(code: str, source: str = "") -> str | None:
    """Return the CURIE of a term that has no IRI: by its accession, and the name of its ontology where that has no prefix.

    None if neither names a known ontology.

    >>> code_curie("obo:OBI_0000366"), code_curie("10090", "NEWT"), code_curie("17", "my list")
    ('OBI:0000366', 'NCBITaxon:10090', None)
    """
    if (match := _CODE.fullmatch(code.strip())) and (prefix := _known(match[1])):
        local = match[2].removeprefix(f"{prefix}_").removeprefix(f"{prefix}:")
        return _joined(prefix, local)
    named = _known(source.strip())
    return _joined(named, code.strip()) if named else None


def prefix_map(curies: Iterable[str]) -> dict[str, str]:
    """Return the namespaces of the prefixes that some CURIEs use, sorted.

    >>> prefix_map(["UO:0000034", "UO:0000032"])
    {'UO': 'http://purl.obolibrary.org/obo/UO_'}
    """
    known = _map()["prefixes"]
    used = sorted({name.partition(":")[0] for name in curies})
    return {prefix: known.get(prefix, f"{_OBO}{prefix}_") for prefix in used}


def _joined(prefix: str, local: str) -> str | None:
    if prefix in _SLASHES:
        return f"{prefix}:{local}" if local and not re.search(r"\s", local) else None
    return f"{prefix}:{local}" if _LOCAL.fullmatch(local) else None


def _plain(iri: str) -> str:
    """Return the beginning of an IRI so that its spellings with https, and in capitals, are alike."""
    return iri.lower().replace("https://", "http://", 1)


@cache
def _map() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(
        resources.text(resources.ONTOLOGIES / "curies.json")
    )
    return found


@cache
def _namespaces() -> tuple[tuple[int, dict[str, str]], ...]:
    """Return the prefixes by namespace, by the length of the namespace, the longest first."""
    lengths: dict[int, dict[str, str]] = {}
    for namespace, prefix in _map()["spellings"].items():
        _add(lengths, namespace, prefix)
    for prefix, namespace in _map()["prefixes"].items():
        _add(lengths, namespace, prefix)
    return tuple(sorted(lengths.items(), reverse=True))


def _add(lengths: dict[int, dict[str, str]], namespace: str, prefix: str) -> None:
    for scheme in ("http://", "https://"):
        spelled = scheme + namespace.partition("://")[2]
        lengths.setdefault(len(spelled), {})[_plain(spelled)] = prefix


@cache
def _names() -> dict[str, str]:
    return {prefix.upper(): prefix for prefix in _map()["prefixes"]} | _map()["aliases"]


def _known(name: str) -> str | None:
    return _names().get(name.upper())
