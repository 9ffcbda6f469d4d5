"""ISA-JSON that was written with options, turned into the form in use.

References that are the objects that they stand for become plain ones. In the form of the schemas that the specification 1.0
prints, what the printed schemas have no place for travels in comments (docs/isa-mapping.md, Carriers); it goes back to the objects that
it is about, before anything else is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fairgraph.isa.carriers import BASE, DESCRIBED, parse_carried
from fairgraph.isa.printed import PRINTED, REFERENCES, at_midnight

Json = dict[str, Any]

_MARKS = (BASE, DESCRIBED)
# Keys that hold no text.
_OBJECTS = frozenset(
    key
    for keys in PRINTED.values()
    for key, form in keys.items()
    if form == "node" or form in PRINTED
)
_PLACES = (*REFERENCES, "samples")
# Copies in copies go first.
_COPIES = (
    ("category", "unit"),
    ("derivesFrom",),
    ("inputs", "outputs", "samples", "executesProtocol"),
    ("previousProcess", "nextProcess"),
)


def in_use(document: Any) -> None:
    """Turn a document into the form in use, in place, if it has the other one; anything that is odd stays as it is."""
    if not isinstance(document, dict):
        return
    for assay in (a for study in _dicts(document, "studies") for a in _dicts(study, "assays")):
        technology = assay.get("technologyType")
        if isinstance(technology, dict) and set(technology) == {"ontologyAnnotation"}:
            assay["technologyType"] = technology["ontologyAnnotation"]
    marks = {c["name"]: c for c in _dicts(document, "comments") if c.get("name") in _MARKS}
    if marks:
        document["comments"] = [c for c in document["comments"] if c not in marks.values()]
    if DESCRIBED in marks:
        _refer(document)
    base = marks.get(BASE, {}).get("value")
    if isinstance(base, str) and base:
        _unprint(document, base)


def _unprint(document: Json, base: str) -> None:
    """Give everything that comments carry back to what it is about, and make ``@id`` relative again."""
    described: dict[str, Json] = {}
    holders: list[Json] = []

    def collect(item: Json, *, is_reference: bool) -> None:
        local = item.get("@id")
        if isinstance(local, str) and not is_reference:
            described.setdefault(local, item)
        if isinstance(item.get("comments"), list):
            holders.append(item)

    _walk("investigation", document, collect)
    for holder in holders:
        _give_back(holder, described)
    _walk("investigation", document, lambda item, is_reference: _shorten(item, base))


def _dicts(item: Json, key: str) -> list[Json]:
    members = item.get(key)
    return [m for m in members if isinstance(m, dict)] if isinstance(members, list) else []


def _walk(kind: str, item: Json, visit: Callable[..., None], *, is_reference: bool = False) -> None:
    """Call *visit* with every object below one, and the object itself."""
    visit(item, is_reference=is_reference)
    for key, value in item.items():
        form = PRINTED[kind].get(key, "comment" if key == "comments" else "")
        form = "term" if form in ("value", "technology") else form
        members = value if isinstance(value, list) else [value]
        refers = key in REFERENCES or (kind, key) == ("assay materials", "samples")
        for member in members if form == "node" or form in PRINTED else ():
            if isinstance(member, dict):
                below = "sample" if form == "node" else form
                _walk(below, member, visit, is_reference=is_reference or refers)


def _refer(document: Json) -> None:
    """Make plain references of those that describe an object again, where they say the same as its own description."""
    described: dict[str, Json] = {}
    copies: dict[str, list[Json]] = {}

    def collect(item: Json, *, is_reference: bool) -> None:
        local = item.get("@id")
        if isinstance(local, str) and not is_reference:
            described.setdefault(local, item)
        for key in _PLACES:
            members = item.get(key)
            for member in members if isinstance(members, list) else [members]:
                if isinstance(member, dict) and (key != "samples" or "sources" not in item):
                    copies.setdefault(key, []).append(member)

    _walk("investigation", document, collect)
    for keys in _COPIES:
        for copy in (copy for key in keys for copy in copies.get(key, ())):
            known = described.get(str(copy.get("@id")))
            if known is not None and known is not copy and _repeats(copy, known):
                local = copy["@id"]
                copy.clear()
                copy["@id"] = local


def _repeats(copy: Any, known: Any) -> bool:
    """Tell whether a copy says nothing that the original does not say; comments do not count."""
    if isinstance(copy, dict):
        return isinstance(known, dict) and all(
            key == "comments" or _repeats(value, known.get(key)) for key, value in copy.items()
        )
    if isinstance(copy, list):
        return (
            isinstance(known, list)
            and len(copy) == len(known)
            and all(_repeats(one, other) for one, other in zip(copy, known, strict=True))
        )
    return bool(copy == known)


def _give_back(holder: Json, described: dict[str, Json]) -> None:
    """Give the objects that the comments on one carry something for what is theirs."""
    kept, found = [], []
    for comment in holder["comments"]:
        name = comment.get("name") if isinstance(comment, dict) else None
        carried = parse_carried(name) if isinstance(name, str) else None
        value = comment.get("value") if carried else None
        target = _target(holder, carried[0], described) if carried else None
        takes = carried is not None and not (carried[1] and carried[2] in _OBJECTS)
        if carried and takes and target is not None and isinstance(value, str):
            found.append((target, carried[1], carried[2], value))
            if not carried[1]:  # at once: later carriers may be about this comment
                _comment(target, carried[2], value)
        else:
            kept.append(comment)
    for target, is_key, name, value in found:
        if is_key and _agrees(target.get(name), value):
            target[name] = value
    holder["comments"] = kept


def _comment(target: Json, name: str, value: str) -> None:
    comments = target.setdefault("comments", [])
    if isinstance(comments, list):
        comments.append({"name": name, "value": value})


def _agrees(written: Any, carried: str) -> bool:
    """Tell whether what stands under a key is what was made from the carried text: if not, somebody changed it."""
    return written in (None, "") or written == at_midnight(carried)


def _target(holder: Json, address: str, described: dict[str, Json]) -> Json | None:
    """Return the object at an address: an ``@id``, or key and position below the holder, or the one behind the other."""
    found: Any = holder
    steps = address.split(" ") if address else []
    if steps and steps[0] in described:
        found = described[steps.pop(0)]
    if len(steps) % 2:
        return None
    for key, position in _pairs(steps):
        found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, list):
            inside = position.isascii() and position.isdecimal() and int(position) < len(found)
            found = found[int(position)] if inside else None
    return found if isinstance(found, dict) else None


def _pairs(steps: list[str]) -> Iterator[tuple[str, str]]:
    return zip(steps[::2], steps[1::2], strict=True)


def _shorten(item: Json, base: str) -> None:
    local = item.get("@id")
    if isinstance(local, str) and local.startswith((f"{base}#", f"{base}?")):
        item["@id"] = local[len(base) :].removeprefix("?")
