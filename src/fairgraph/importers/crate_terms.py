"""What the terms of a crate mean: the bundled contexts of RO-Crate, and what a document adds to them. Nothing is fetched."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from fairgraph.crate.contexts import PREFERRED, SAME, VERSIONS, bundled
from fairgraph.errors import SourceError
from fairgraph.importers.rules import finding
from fairgraph.report import Report
from fairgraph.terms import ELN_TERM, PREFIXES, is_web_iri

_RO_CRATE = re.compile(
    r"https?://w3id\.org/ro/crate/(1\.[0-3])(\.[0-9]+)?(-DRAFT)?(?:/context(?:\.jsonld)?)?"
)
_RO_TERMS = re.compile(r"https?://w3id\.org/ro/terms/([A-Za-z0-9-]+)(?:/context)?")
_KEYWORDS = {"@version", "@protected"}


class Terms:
    """The IRIs of the terms of one document. Terms that no context has get one under the namespace of the program that wrote it."""

    def __init__(self, context: Any, writer: str, name: str, report: Report) -> None:
        self.version = ""
        self._writer, self._name, self._report = writer, name, report
        self._table: dict[str, str] = {"HTML": PREFIXES["rdf"] + "HTML"}
        self._bundled: set[str] = set()
        self._vocabulary = ""
        self._known: dict[str, str] = {}
        self._spelled: dict[str, str] = {}
        self._references: set[str] = set()
        self._read(context)
        if not self._bundled:
            raise SourceError(
                "has no context of RO-Crate",
                where=f"{name}#/@context",
                hint="https://w3id.org/ro/crate/1.2/context",
            )

    def added(self, iri: str) -> str:
        """Return the term that the document itself defines for an IRI, ``""`` if there is none."""
        own = (key for key in self._table if key not in self._bundled)
        return next((key for key in own if self._table[key] == iri), "")

    def spelled(self, iri: str) -> str:
        """Return the term of an IRI that our own crates write: of several, the one that RO-Crate uses; the IRI if there is none."""
        if not self._spelled:
            for key, known in self._table.items():
                self._spelled.setdefault(SAME.get(known, known), key)
        return PREFERRED.get(iri) or self._spelled.get(iri, iri)

    def is_reference(self, key: str) -> bool:
        """Tell whether the document says that strings under *key* are IRIs."""
        return key in self._references

    def iri(self, key: str) -> str:
        """Return the IRI of a property or type."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._resolved(key)
        return found

    def _resolved(self, key: str) -> str:
        if key in SAME:
            return SAME[key]
        iri = self._table.get(key, "")
        if not iri:
            prefix, colon, local = key.partition(":")
            namespace = self._table.get(prefix) or PREFIXES.get(prefix)
            if colon and namespace and not local.startswith("//"):
                iri = namespace + local
            elif is_web_iri(key):
                iri = key
            elif self._vocabulary and not colon:
                iri = self._vocabulary + key
        if iri and is_web_iri(iri):
            return SAME.get(iri, iri)
        message = f"no context has the term {key[:80]!r}: kept under a name of its own"
        self._report.add(finding("info", "crate-term-unknown", message, where=self._name))
        return f"{ELN_TERM}{self._writer}#{quote(key, safe='')}"

    # -- Contexts --------------------------------------------------------------------------------------------------------

    def _read(self, context: Any) -> None:
        for part in context if isinstance(context, list) else [context]:
            if isinstance(part, str):
                self._read_url(part)
            elif isinstance(part, dict):
                self._read_inline(part)
            else:
                raise SourceError("has a @context that is none", where=f"{self._name}#/@context")

    def _read_url(self, url: str) -> None:
        if match := _RO_CRATE.fullmatch(url):
            self.version = match[1]
            self._add(bundled(f"ro-crate-{match[1]}"))
            if match[3]:
                message = f"names a draft of the context {match[1]}; read by the final one"
                self._finding("info", "crate-context-ignored", message)
        elif match := _RO_TERMS.fullmatch(url):
            if match[1] == "workflow-run":
                self._add(bundled("workflow-run"))
            else:
                # By its convention the terms of the registry are {url}#{term}.
                self._vocabulary = f"https://w3id.org/ro/terms/{match[1]}#"
        else:
            raise SourceError(
                f"the context {url[:200]!r} is none of RO-Crate; nothing is fetched",
                where=f"{self._name}#/@context",
                hint=f"contexts: https://w3id.org/ro/crate/{{{','.join(VERSIONS)}}}/context",
            )

    def _add(self, table: dict[str, str]) -> None:
        self._table.update(table)
        self._bundled.update(table)

    def _read_inline(self, part: dict[str, Any]) -> None:
        for key, meaning in part.items():
            target = meaning.get("@id") if isinstance(meaning, dict) else meaning
            if key in _KEYWORDS:
                continue
            if key == "@import" or (
                key.startswith("@") and key not in ("@base", "@vocab", "@language")
            ):
                raise SourceError(
                    f"has {key} in its context, which is refused", where=f"{self._name}#/@context"
                )
            if key == "@vocab" and isinstance(target, str) and is_web_iri(target):
                self._vocabulary = target
            elif key.startswith("@"):
                self._finding(
                    "warning", "crate-context-ignored", f"{key} in the context is not heeded"
                )
            elif not isinstance(target, str):
                self._finding(
                    "warning",
                    "crate-context-ignored",
                    f"the context says nothing about {key[:80]!r}",
                )
            else:
                self._define(key, self._expanded(target))
                if isinstance(meaning, dict) and meaning.get("@type") == "@id":
                    self._references.add(key)

    def _define(self, key: str, iri: str) -> None:
        if key in self._bundled and self._table[key] != iri:
            message = f"the context redefines {key[:80]!r}, which means what RO-Crate says"
            self._finding("warning", "crate-context-redefined", message)
        else:
            self._table[key] = iri

    def _expanded(self, target: str) -> str:
        prefix, colon, local = target.partition(":")
        namespace = self._table.get(prefix) if colon and not local.startswith("//") else None
        return namespace + local if namespace else target

    def _finding(self, severity: Any, rule: str, message: str) -> None:
        self._report.add(finding(severity, rule, message, where=f"{self._name}#/@context"))
