"""What was removed: the address of a dataset that was public, and of what such a dataset held, answers 410 (RFC 9110 §15.5.11).

Of anything else there is nothing to tell.
"""

from __future__ import annotations

from flask import request

from fairgraph.access import Entry, Former
from fairgraph.errors import FairgraphError, NotFound
from fairgraph.web.asking import Asking, asked

_NUMBERED = "/investigations/<int:number>"
_KINDS = {"samples": "sample", "studies": "study", "runs": "run"}
_PREFIXES = ("page/", "data/")
_GRAPHS = ("id/", "record/")


class Gone(FairgraphError):  # noqa: N818 - reads as a noun wherever it is raised
    """What was here was removed."""

    code, http_status = "gone", 410


def instead(error: NotFound) -> FairgraphError:
    """Return what to say instead of *error*: Gone, where the request names a dataset or a part of one that was public and was removed."""
    asking = asked()
    for name in _names(asking):
        found = asking.removed(name)
        if found is not None:
            about = f"investigation {found.number}, {found.iri}"
            return Gone(
                f"{about}, was removed at {found.removed}",
                hint="/investigations lists what there is",
            )
    for thing, dataset in _parts(asking):
        return Gone(
            f"{thing.iri}, number {thing.number}, is no part of investigation {dataset.number} any more",
            hint=f"/investigations/{dataset.number}/revisions tells since when",
        )
    return error


def _parts(asking: Asking) -> list[tuple[Former, Entry]]:
    """Return the part of a dataset that a request may name, by its IRI or its number, if it was taken out."""
    if kind := _KINDS.get(_segment()):
        found = asking.former((request.view_args or {})["number"])
        return [
            (thing, dataset) for thing, dataset in found if thing.iri.split("/")[-2:-1] == [kind]
        ]
    return [found for iri in _iris(asking) for found in asking.former(iri)]


def _segment() -> str:
    """Return what the number in an address is of: ``samples`` in ``/api/v1/samples/<int:number>/prov-o``."""
    before, marked, _ = (request.url_rule.rule if request.url_rule else "").partition(
        "/<int:number>"
    )
    return before.rpartition("/")[2] if marked else ""


def _names(asking: Asking) -> list[str | int]:
    """Return the dataset that a request may name: its number, or its IRI with those that it begins with."""
    arguments = request.view_args or {}
    rule = request.url_rule.rule if request.url_rule else ""
    if _NUMBERED in rule:
        return [arguments["number"]]
    for iri in _iris(asking):
        for prefix in _GRAPHS:
            if iri.startswith(asking.base + prefix):
                slug = iri.removeprefix(asking.base + prefix).partition("/")[0]
                return [f"{asking.base}id/{slug}"]
        return [iri]
    return []


def _iris(asking: Asking) -> list[str]:
    """Return the IRI that a request for a page or for data is about."""
    if request.blueprint != "browse":
        return []
    iri = request.args.get("iri", "")
    path = (request.view_args or {}).get("path")
    if not iri and path is not None:
        path = request.path.lstrip("/")
        for prefix in _PREFIXES:
            path = path.removeprefix(prefix)
        iri = asking.base + path
    return [iri] if iri else []
