"""What was removed: the address of a dataset that was public answers 410 (RFC 9110 §15.5.11); of any other there is nothing to tell."""

from __future__ import annotations

from flask import request

from fairgraph.errors import FairgraphError, NotFound
from fairgraph.web.asking import Asking, asked

_NUMBERED = "/investigations/<int:number>"
_PREFIXES = ("page/", "data/")
_GRAPHS = ("id/", "record/")


class Gone(FairgraphError):  # noqa: N818 - reads as a noun wherever it is raised
    """What was here was removed."""

    code, http_status = "gone", 410


def instead(error: NotFound) -> FairgraphError:
    """Return what to say instead of *error*: Gone, where the request names a dataset that was public and was removed."""
    asking = asked()
    for name in _names(asking):
        found = asking.removed(name)
        if found is not None:
            about = f"investigation {found.number}, {found.iri}"
            return Gone(
                f"{about}, was removed at {found.removed}",
                hint="/investigations lists what there is",
            )
    return error


def _names(asking: Asking) -> list[str | int]:
    """Return the dataset that a request may name: its number, or its IRI with those that it begins with."""
    arguments = request.view_args or {}
    rule = request.url_rule.rule if request.url_rule else ""
    if _NUMBERED in rule:
        return [arguments["number"]]
    if request.blueprint != "browse":
        return []
    iri = request.args.get("iri", "")
    if not iri and "path" in arguments:
        path = request.path.lstrip("/")
        for prefix in _PREFIXES:
            path = path.removeprefix(prefix)
        iri = asking.base + path
    for prefix in _GRAPHS:
        if iri.startswith(asking.base + prefix):
            slug = iri.removeprefix(asking.base + prefix).partition("/")[0]
            return [f"{asking.base}id/{slug}"]
    return [iri] if iri else []
