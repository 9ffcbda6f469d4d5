"""The words of a crate: which key a property has, which name a class, by the context of a version of RO-Crate and what is added to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from fairgraph.crate.contexts import PREFERRED, SAME, bundled
from fairgraph.terms import compact

_CONTEXT = "https://w3id.org/ro/crate/{}/context"
_TERMS = "https://w3id.org/ro/terms/{}/context"
# RO-Crate takes these for slips of ``about`` and ``keywords``.
_MISTAKEN = ("subject", "keyword")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")


@dataclass(frozen=True)
class Base:
    """A version of RO-Crate (``1.1``, ``1.2``), and the contexts of ``w3id.org/ro/terms`` that a format adds to its own."""

    version: str
    also: tuple[str, ...] = ()

    @property
    def iri(self) -> str:
        """What a crate of this version conforms to."""
        return f"https://w3id.org/ro/crate/{self.version}"

    @property
    def urls(self) -> list[str]:
        """The addresses of the contexts."""
        return [_CONTEXT.format(self.version), *(_TERMS.format(name) for name in self.also)]

    @cached_property
    def terms(self) -> dict[str, str]:
        """The IRIs of the terms that the contexts have; one checksum has several."""
        found = dict(bundled(f"ro-crate-{self.version}"))
        for name in self.also:
            found.update(bundled(name))
        return {key: SAME.get(iri, iri) for key, iri in found.items() if not key.startswith("@")}


V1_1, V1_2 = Base("1.1"), Base("1.2")
WORKFLOW_RUN = Base("1.1", ("workflow-run",))
"""What the profiles of workflow runs 0.5 build on."""


class Words:
    """The keys of one document: those of its base, and others, which its context defines, for the IRIs in *used*."""

    def __init__(self, base: Base, used: Iterable[str]) -> None:
        self.base = base
        self._keys: dict[str, str] = {}
        for key, iri in base.terms.items():
            if iri not in self._keys or PREFERRED.get(iri) == key:
                self._keys[iri] = key
        self.added: dict[str, str] = {}
        for iri in sorted(set(used) - set(self._keys)):
            key = self._keys[iri] = self._named(iri)
            self.added[key] = iri

    def key(self, iri: str) -> str:
        """Return the key of a property or the name of a class."""
        return self._keys[iri]

    def has(self, iri: str) -> bool:
        """Tell whether an IRI has a key."""
        return iri in self._keys

    @property
    def context(self) -> str | list[str | dict[str, str]]:
        """The value of ``@context``: addresses, and the terms that none of them has."""
        parts: list[str | dict[str, str]] = [*self.base.urls]
        if self.added:
            parts.append(self.added)
        return self.base.urls[0] if len(parts) == 1 else parts

    def _named(self, iri: str) -> str:
        """Return a term that nobody has yet: the last part of the IRI, or more of it."""
        local = unquote(iri.rstrip("/#").replace("#", "/").rpartition("/")[2])
        names = [local, re.sub(r"[^A-Za-z0-9_\-]+", "_", compact(iri) if ":" in local else local)]
        prefix, _, last = compact(iri).partition(":")
        names.append(f"{prefix}_{last}" if last and "/" not in last else "")
        taken = {*self.base.terms, *self.added, *_MISTAKEN}
        for name in names:
            if _NAME.fullmatch(name) and name not in taken:
                return name
        stem = next((name for name in names if _NAME.fullmatch(name)), "term")
        return next(f"{stem}_{n}" for n in range(2, len(taken) + 3) if f"{stem}_{n}" not in taken)
