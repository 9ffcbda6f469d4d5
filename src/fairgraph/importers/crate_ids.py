"""What the ``@id``s of a crate become: IRIs of the dataset for what is only known inside of it, the IRI itself for what the world knows."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from fairgraph.crate.ids import (
    encoded,
    is_local,
    is_path,
    is_plain,
    is_taken,
    key_of,
    kind_of,
    own_iri,
    scheme_of,
    stated_iri,
)
from fairgraph.errors import SourceError
from fairgraph.importers.rules import finding
from fairgraph.report import Report


class Ids:
    """The IRIs of one crate. Two spellings of one id (``./a b/``, ``a%20b/``) are one thing."""

    def __init__(
        self, dataset: str, root: str, name: str, report: Report, *, is_strict: bool
    ) -> None:
        self.dataset = dataset
        self._root, self._name, self._report, self._strict = key_of(root), name, report, is_strict
        self.originals: dict[str, str] = {}
        """The ids that things had before they got those that the document has, by :func:`key_of`."""
        self._iris: dict[str, str] = {}
        self._spelled: dict[str, str] = {}

    def iri(self, raw: str, node: dict[str, Any] | None, key: str = "") -> str:
        """Return the IRI of an ``@id``; *node* is what it is the id of, None if nothing is said about it, *key* its :func:`key_of`."""
        if found := self._spelled.get(raw):
            return found
        key = key or key_of(raw)
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
        return own_iri(self.dataset, kind, name, key)

    def _minted(self, raw: str, key: str, node: dict[str, Any] | None) -> str:
        if key == self._root:
            return self.dataset
        if key not in self.originals and is_plain(key):  # the common case: a path, or a fragment
            return self._own(kind_of(node), key, key)
        self._refuse(raw)
        if stated := stated_iri(self.dataset, raw):
            return stated
        if told := self.originals.get(key):
            raw, key = told, key_of(told)
            self._refuse(raw)
            if stated := stated_iri(self.dataset, raw):
                return stated
        if not is_local(raw):
            iri = encoded(raw)
            if node is None or not is_taken(self.dataset, iri):
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

    def original(self, raw: str) -> str:
        """Return the id that a thing had before it got the ``@id`` *raw*, ``""`` if it always had that."""
        return self.originals.get(key_of(raw), "") if self.originals else ""

    def _refuse(self, raw: str) -> None:
        if scheme_of(raw) == "file" and self._strict:
            raise SourceError(
                "names a file of a machine, and is refused", where=f"{self._name}#{raw[:200]}"
            )
        if not is_path(raw):
            return
        text = raw
        for _ in range(5):  # however often it was encoded
            if ".." in text.replace("\\", "/").split("/"):
                raise SourceError(
                    "leads out of the crate, and is refused", where=f"{self._name}#{raw[:200]}"
                )
            if text == (text := unquote(text)):
                break
