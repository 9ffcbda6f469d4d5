"""Which ``@id`` each thing of a crate gets: the one that it had if that may be written, else another one and the old one beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from fairgraph.crate.ids import (
    OURS,
    encoded,
    is_local,
    is_path,
    key_of,
    kind_of,
    minted,
    path_of,
)
from fairgraph.exports.crate_things import Things
from fairgraph.exports.crate_words import Words
from fairgraph.terms import FG, SCHEMA

METADATA = "ro-crate-metadata.json"
_DESCRIPTOR = re.compile(r"(?:\./)?ro-crate-metadata\.json(?:ld)?")
# RFC 3986 §3.3, without the colon, which would make a scheme of the first segment.
_PATH_SAFE = "!$&'()*+,;=@-._~/"
_FOREIGN = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


@dataclass(frozen=True)
class Id:
    """An ``@id`` as it is written, and as it was, where that must be said."""

    written: str
    original: str = ""


def safe_path(text: str) -> str:
    """Return *text* as a path within a crate, not encoded; ``""`` if it leads out of it or is none."""
    parts = path_of(text.replace("\\", "/")).split("/")
    path = "/".join(parts)
    if not path or ".." in parts or re.search(r"[\x00-\x1f\x7f]", path):
        return ""
    return "" if re.match(r"[A-Za-z]:", path) or len(path.encode()) > 1000 else path


def path_id(path: str) -> str:
    """Return the ``@id`` of a path within a crate: percent-encoded, with ``./`` before what a colon would make a scheme of."""
    found = quote(path, safe=_PATH_SAFE)
    return f"./{found}" if _FOREIGN.match(unquote(found)) else found


class Ids:
    """The ``@id``s of the things of one crate.

    *paths* are the paths of the files that go into it, by thing. A file that has no path there is named by its IRI: it is elsewhere.
    """

    def __init__(self, things: Things, words: Words, paths: Mapping[str, str]) -> None:
        self._things, self._words, self._paths = things, words, paths
        self._known: dict[str, Id] = {}
        self._taken: dict[str, str] = {}
        for thing in things.ordered():
            self._known[thing] = self._unique(thing, self._of(thing))

    def __getitem__(self, iri: str) -> Id:
        """Return the ``@id`` of a thing, or of what is only referred to."""
        found = self._known.get(iri)
        if found is None:
            found = self._known[iri] = self._unique(iri, self._of(iri))
        return found

    def _unique(self, iri: str, found: Id) -> Id:
        if self._taken.setdefault(key_of(found.written), iri) == iri:
            return found
        told = self._things.text(iri, FG.originalId)
        return Id(self._stated(iri), told)

    def _stated(self, iri: str) -> str:
        return OURS + iri.removeprefix(f"{self._things.root}/")

    def _of(self, iri: str) -> Id:
        things = self._things
        told = things.text(iri, FG.originalId)
        if iri == things.root:
            return Id("./", told)
        if not told:
            return Id(self._unnamed(iri))
        if _DESCRIPTOR.fullmatch(told) and things.is_a(iri, SCHEMA.CreativeWork):
            return Id(METADATA, "" if told == METADATA else told)
        types = self._types(iri)
        kind = kind_of({"@type": types} if types else None)
        is_described = len(things.properties(iri)) > 1
        same = encoded(told) if not is_described and not is_local(told) else ""
        if iri != (same or minted(things.root, told, kind)):
            return Id(self._stated(iri), told)
        written = self._written(iri, told)
        return Id(written, "" if written == told else told)

    def _unnamed(self, iri: str) -> str:
        if iri in self._paths:
            return path_id(self._paths[iri])
        # What is elsewhere is called by its IRI: a file that is not in the crate, a publication.
        is_elsewhere = self._things.is_a(iri, SCHEMA.MediaObject, SCHEMA.ScholarlyArticle)
        is_own = iri.startswith(f"{self._things.root}/") and not is_elsewhere
        return self._stated(iri) if is_own else iri

    def _types(self, iri: str) -> list[str]:
        kinds = [kind.value for kind in self._things.types(iri)]
        return [self._words.key(kind) for kind in kinds if self._words.has(kind)]

    def _written(self, iri: str, told: str) -> str:
        """Return an ``@id`` in a form that every reader takes."""
        if not is_path(told):
            return encoded(told)
        if self._things.is_a(iri, SCHEMA.MediaObject):
            path = self._paths.get(iri, "")
            if not path:
                return iri
            names = (path_of(told), path_of(unquote(told)))
            return told if _is_plain(told) and path in names else path_id(path)
        if not self._things.is_a(iri, SCHEMA.Dataset):
            return encoded(told)
        slash = "/"
        if _is_plain(told) and told.endswith(slash):
            return told
        path = safe_path(unquote(told))
        return path_id(path) + slash if path else self._stated(iri)


def _is_plain(raw: str) -> bool:
    """Whether a path can be written as it is: nothing to encode, no empty segment."""
    plain = raw.removeprefix("./").rstrip("/")
    odd = re.search(r"[\[\]#?]|%(?![0-9A-Fa-f]{2})", raw)
    return encoded(raw) == raw and path_of(plain) == plain and odd is None
