"""CURIEs of identifiers.org, by a frozen slice of its registry: ``ontologies/identifiers.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache

from fairgraph import resources


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    found = json.loads(resources.text(resources.ONTOLOGIES / "identifiers.json"))
    known = found["prefixes"] | found["ours"]
    return {prefix: re.compile(pattern) for prefix, pattern in known.items()}


def problem(text: str, namespaces: Sequence[str] = ()) -> tuple[str, str] | None:
    """Return what is wrong with a CURIE as the keyword that it breaks (``namespace``, ``matchType``) and words; None if nothing is.

    *namespaces* are the prefixes that it may have; any prefix of the registry, if there are none.

    >>> problem("taxonomy:9606", ["taxonomy"]), problem("TAXONOMY:9606", ["taxonomy"])[0]
    (None, 'namespace')
    """
    prefix, colon, local = text.partition(":")
    if not colon:
        return "namespace", "is no CURIE: it has no prefix"
    if namespaces and prefix not in namespaces:
        hint = " (in lower case)" if prefix.lower() in namespaces else ""
        return "namespace", f"has the prefix {prefix!r}; it must be {' or '.join(namespaces)}{hint}"
    pattern = _patterns().get(prefix)
    if pattern is None:
        return "namespace", f"has the prefix {prefix!r}, which the bundled registry does not have"
    if pattern.fullmatch(local) is None:
        return "matchType", f"is no identifier of {prefix}: {pattern.pattern} does not match"
    return None
