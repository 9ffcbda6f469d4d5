"""What the ``@id``s of a crate become: IRIs of the dataset for what is only known inside of it, the IRI itself for what the world knows."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote

from fairgraph.errors import SourceError
from fairgraph.importers.rules import finding
from fairgraph.report import Report
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
    types = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)]
    known = next((_KINDS[one] for one in types if one in _KINDS), "")
    return known or (ncname(types[0], "t").lower() if types else "thing")


class Ids:
    """The IRIs of one crate. Two spellings of one id (``./a b/``, ``a%20b/``) are one thing."""

    def __init__(
        self, dataset: str, root: str, name: str, report: Report, *, is_strict: bool
    ) -> None:
        self.dataset = dataset
        self._base = dataset.partition("/id/")[0] + "/"
        self._root, self._name, self._report, self._strict = self.key(root), name, report, is_strict
        self._iris: dict[str, str] = {}
        self._spelled: dict[str, str] = {}

    @staticmethod
    def key(raw: str) -> str:
        """Return what two spellings of one ``@id`` have in common."""
        plain = raw[2:] if raw.startswith("./") else raw
        if _PLAIN.fullmatch(plain):
            return plain
        match = _SCHEME.match(raw)
        if match and (match[1].lower() in _GLOBAL or "//" in raw):
            return encoded(raw)
        slash = "/" if raw.endswith("/") else ""
        return quote(unquote(path_of(raw)) + slash, safe=_SAFE) if raw.strip("./") else "./"

    def is_local(self, raw: str) -> bool:
        """Tell whether an ``@id`` is only known inside of the crate."""
        match = _SCHEME.match(raw)
        return not (match and match[1].lower() in _GLOBAL and is_absolute_iri(encoded(raw)))

    def is_path(self, raw: str) -> bool:
        """Tell whether an ``@id`` is a path in the crate."""
        return "://" not in raw and not raw.startswith(("#", "_:")) and self.is_local(raw)

    def iri(self, raw: str, node: dict[str, Any] | None) -> str:
        """Return the IRI of an ``@id``; *node* is what it is the id of, None if nothing is said about it."""
        if found := self._spelled.get(raw):
            return found
        key = self.key(raw)
        found = self._iris.get(key)
        if found is None:
            found = self._iris[key] = self._minted(raw, key, node)
        self._spelled[raw] = found
        return found

    def known(self, raw: str) -> str:
        """Return the IRI of an ``@id`` that was asked for before, ``""`` if it was not."""
        return self._spelled.get(raw, "")

    def nested(self, parent: str, term: str, n: int, node: dict[str, Any]) -> str:
        """Return the IRI of an object without an ``@id``, the same whenever the same document is read."""
        return self._own(kind_of(node), term, f"{parent} {term} {n}")

    def member(self, path: str) -> str:
        """Return the IRI of a file that nothing is said about."""
        return self._own("file", path, path)

    def _own(self, kind: str, name: str, key: str) -> str:
        stem = ncname(unquote(name.rstrip("/")).rpartition("/")[2][:60], kind[0])
        return f"{self.dataset}/{kind}/{stem}-{digest(key)}"

    def _minted(self, raw: str, key: str, node: dict[str, Any] | None) -> str:
        if key == self._root:
            return self.dataset
        self._refuse(raw)
        if raw.startswith(OURS) and is_web_iri(f"{self.dataset}/{raw[len(OURS) :]}"):
            return f"{self.dataset}/{raw[len(OURS) :]}"
        if not self.is_local(raw):
            iri = encoded(raw)
            if node is None or not iri.startswith((self._base, *_VOCABULARIES)):
                return iri
            message = "is the IRI of something else; what is said here is said about a thing of this crate"
            self._report.add(
                finding("warning", "crate-graph-foreign-id", message, where=f"{self._name}#{raw}")
            )
        elif encoded(raw) != raw:
            message = (
                "an @id has characters that no IRI has; it is kept beside the IRI that it gets"
            )
            self._report.add(
                finding("info", "crate-id-encoded", message, where=f"{self._name}#{raw}")
            )
        return self._own(kind_of(node), key, key)

    def _refuse(self, raw: str) -> None:
        scheme = _SCHEME.match(raw)
        if scheme and scheme[1].lower() == "file" and self._strict:
            raise SourceError(
                "names a file of a machine, and is refused", where=f"{self._name}#{raw[:200]}"
            )
        if not self.is_path(raw):
            return
        text = raw
        for _ in range(5):  # however often it was encoded
            if ".." in text.replace("\\", "/").split("/"):
                raise SourceError(
                    "leads out of the crate, and is refused", where=f"{self._name}#{raw[:200]}"
                )
            if text == (text := unquote(text)):
                break
