"""ISA-JSON that is valid against the schemas as the specification 1.0 prints them.

What has no place there travels in comments on the nearest object around it that may have some, one value of one node each
(``fairgraph.isa.carriers``, docs/isa-mapping.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from types import GeneratorType
from typing import Any
from urllib.parse import quote

from fairgraph.exports.isa_json_tables import nearest_type
from fairgraph.exports.isa_json_text import Json, Long
from fairgraph.isa.carriers import BASE, FILE_TYPE, carried_comment, carried_key
from fairgraph.isa.printed import PRINTED, REFERENCES, at_midnight, is_of

_ALLOWED = "!$&'()*+,;=:@-._~/?%"


def strict(document: Json, base: str) -> Json:
    """Return a document in the form of the printed schemas; *base* makes its ``@id`` absolute. Generators stay generators."""
    return _Strict(base).document(document)


class _Holder:
    """The comments of an object that may have some, as far as they are carriers; or nothing to hold them."""

    def __init__(self, *, is_copy: bool = False) -> None:
        self.is_copy = is_copy
        self.carried: list[Json] = []

    def carry(self, name: str, value: object) -> None:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if not self.is_copy:
            self.carried.append({"name": name, "value": text})


class _Strict:
    def __init__(self, base: str) -> None:
        self.base = base
        self._absolute: dict[str, str] = {}
        self._taken: set[str] = set()

    def document(self, document: Json) -> Json:
        holder = _Holder()
        holder.carry(BASE, self.base)
        return self._object("investigation", document, holder, "")

    def _object(self, kind: str, item: Json, holder: _Holder, address: str) -> Json:
        """Return an object; what it has no place for goes to *holder*, where it is known by *address* (``""`` for the holder)."""
        keys = PRINTED[kind]
        found: Json = Long() if type(item) is Long else {}
        for key, value in item.items():
            form = keys.get(key)
            if key == "comments":
                continue
            if form is None:
                if value not in ("", None):
                    holder.carry(carried_key(address, key), value)
            elif form == "node" or form in PRINTED:
                refers = key in REFERENCES or (kind, key) == ("assay materials", "samples")
                found[key] = self._objects(form, key, value, holder, address, refers=refers)
            elif (text := self._scalar(form, key, value, holder, address)) not in ("", None):
                found[key] = text
            elif form in ("text", "value"):
                found[key] = value
        comments = item.get("comments", ())
        if "comments" in keys:
            own = self._objects("comment", "comments", comments, holder, address)
            if type(found) is Long:
                found["comments"] = (one for part in (own, holder.carried) for one in part)
            elif own or holder.carried or "comments" in item:
                found["comments"] = [*own, *holder.carried]
        else:
            self._carry_comments(comments, holder, address)
        return found

    def _objects(
        self,
        kind: str,
        key: str,
        value: Any,
        holder: _Holder,
        address: str,
        *,
        refers: bool = False,
    ) -> Any:
        if not isinstance(value, (GeneratorType, list, tuple)):
            return self._member(kind, value, holder, f"{address} {key} 0", refers=refers)
        members = (
            self._member(kind, member, holder, f"{address} {key} {n}", refers=refers)
            for n, member in enumerate(value)
        )
        return members if isinstance(value, GeneratorType) else list(members)

    def _member(
        self, kind: str, item: Json, holder: _Holder, address: str, *, refers: bool = False
    ) -> Json:
        """Return an object of a list, or the one under a key; *refers* if one with an ``@id`` is described elsewhere."""
        if kind == "technology":
            item = {"ontologyAnnotation": item}
        is_copy = holder.is_copy or (refers and "@id" in item)
        if kind == "node":
            kind = _kind_of_node(item)
        keys = PRINTED[kind]
        if "@id" in keys and item.get("@id"):
            address = self._id(item["@id"])
        if is_copy != holder.is_copy or "comments" in keys:
            return self._object(kind, item, _Holder(is_copy=is_copy), "")
        return self._object(kind, item, holder, address.strip())

    def _carry_comments(self, comments: Iterable[Json], holder: _Holder, address: str) -> None:
        for n, comment in enumerate(comments):
            holder.carry(carried_comment(address, comment["name"]), comment["value"])
            for key, value in comment.items():
                if key not in ("name", "value"):
                    holder.carry(carried_key(f"{address} comments {n}", key), value)

    def _scalar(self, form: str, key: str, value: Any, holder: _Holder, address: str) -> Any:
        """Return what stands under a key, ``""`` for nothing; *holder* gets what has not the form that it must have."""
        if isinstance(value, dict):
            return self._member("term", value, holder, address)
        if form == "value":
            return str(value).lower() if isinstance(value, bool) else value
        if form == "id":
            return self._id(value)
        if not value or is_of(form, value):
            return value
        if form == "data type":
            holder.carry(FILE_TYPE, value)
            return nearest_type(value)
        holder.carry(carried_key(address, key), value)
        return at_midnight(value) if form == "date-time" else ""

    def _id(self, local: str) -> str:
        """Return an ``@id`` as an absolute IRI: one that is relative is a fragment or a query of the base."""
        known = self._absolute.get(local)
        if known is None:
            known = local
            if local and not is_of("uri", local):
                mark, rest = ("#", local[1:]) if local.startswith("#") else ("?", local)
                known = f"{self.base}{mark}{quote(rest, safe=_ALLOWED)}"
                if not is_of("uri", known):
                    known = f"{self.base}{mark}{quote(rest, safe='')}"
            stem, number = known, 2
            while known in self._taken:
                known, number = f"{stem}-{number}", number + 1
            self._taken.add(known)
            self._absolute[local] = known
        return known


def _kind_of_node(item: Json) -> str:
    if "factorValues" in item or "derivesFrom" in item:
        return "sample"
    if "type" in item:
        return "material" if item["type"].endswith("Extract Name") else "data"
    return "source"
