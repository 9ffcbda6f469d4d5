"""An independent comparison of two ISA-JSON documents: knows the notation, nothing of fairgraph.

Equal modulo empty values, order inside arrays of bare references, ``1.0`` = ``1``, and the spelling of ``@id``: every ``@id`` is replaced
by the place (JSON pointer) of the object that it stands for, looked up in the assay, then the study, then the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

NOTATION = {"@id", "@type", "@context"}
LISTS = {
    "factors": "factor",
    "protocols": "protocol",
    "parameters": "parameter",
    "characteristicCategories": "characteristic",
    "unitCategories": "unit",
    "sources": "node",
    "samples": "node",
    "otherMaterials": "node",
    "dataFiles": "node",
    "processSequence": "process",
}
REFERENCES = {
    "inputs": ("node",),
    "outputs": ("node",),
    "derivesFrom": ("node",),
    "samples": ("node",),
    "category": ("factor", "parameter", "characteristic"),
    "unit": ("unit",),
    "executesProtocol": ("protocol",),
    "previousProcess": ("process",),
    "nextProcess": ("process",),
}


def differences(one: Any, other: Any) -> list[str]:
    """Return what differs, as ``pointer: this | that``."""
    return list(_compare(_canonical(one), _canonical(other), ""))


def _canonical(document: Any) -> Any:
    scopes: list[dict[tuple[str, str], str]] = [{}]
    _declare(document, "", scopes[0])
    return _resolve(document, "", "", scopes)


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and "@id" in value and not set(value) - NOTATION


def _declare(value: Any, pointer: str, scope: dict[tuple[str, str], str]) -> None:
    """Remember the ids that an object declares, without looking into the studies and assays below it."""
    if not isinstance(value, dict):
        return
    for key, members in value.items():
        kind = LISTS.get(key)
        if kind and isinstance(members, list):
            for n, member in enumerate(members):
                if isinstance(member, dict) and "@id" in member and not _is_reference(member):
                    scope.setdefault((kind, member["@id"]), f"{pointer}/{key}/{n}")
                    if key == "protocols":
                        _declare(member, f"{pointer}/{key}/{n}", scope)
        elif key == "materials":
            _declare(members, f"{pointer}/{key}", scope)


def _resolve(value: Any, pointer: str, key: str, scopes: list[dict[tuple[str, str], str]]) -> Any:
    if isinstance(value, list):
        if key in ("studies", "assays"):
            members = []
            for n, member in enumerate(value):
                scope: dict[tuple[str, str], str] = {}
                _declare(member, f"{pointer}/{n}", scope)
                members.append(_resolve(member, f"{pointer}/{n}", "", [scope, *scopes]))
            return _without_empty_tail(members)
        if value and all(_is_reference(member) for member in value):
            return sorted({_target(member, key, scopes) for member in value})
        found = [_resolve(member, f"{pointer}/{n}", "", scopes) for n, member in enumerate(value)]
        return [member for member in found if member not in (None, "", [], {})]
    if isinstance(value, dict):
        if _is_reference(value):
            return _target(value, key, scopes) if value["@id"] else None
        found_object = {
            name: _resolve(member, f"{pointer}/{name}", name, scopes)
            for name, member in value.items()
            if name != "@id"
        }
        return {n: m for n, m in found_object.items() if m not in (None, "", [], {})}
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value


def _without_empty_tail(members: list[Any]) -> list[Any]:
    while members and members[-1] in (None, "", [], {}):
        members.pop()
    return members


def _target(reference: dict[str, Any], key: str, scopes: list[dict[tuple[str, str], str]]) -> str:
    local = reference["@id"]
    for kind in REFERENCES.get(key, ("node", "process")):
        for scope in scopes:
            if (kind, local) in scope:
                return f"-> {scope[kind, local]}"
    return f"-> {local}"


def _compare(one: Any, other: Any, pointer: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            if key not in one or key not in other:
                yield f"{pointer}/{key}: {one.get(key)!r:.120} | {other.get(key)!r:.120}"
            else:
                yield from _compare(one[key], other[key], f"{pointer}/{key}")
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield f"{pointer}: {len(one)} members | {len(other)} members"
        for n, (first, second) in enumerate(zip(one, other, strict=False)):
            yield from _compare(first, second, f"{pointer}/{n}")
    elif one != other or isinstance(one, bool) != isinstance(other, bool):
        yield f"{pointer}: {one!r:.120} | {other!r:.120}"
