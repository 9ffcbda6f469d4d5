"""From IRIs to the pages of this application, and back. The IRIs of the base are served under whatever host it runs on."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import request, url_for
from pyoxigraph import NamedNode
from werkzeug.urls import uri_to_iri

from fairgraph.errors import NotFound
from fairgraph.terms import compact, is_absolute_iri

# What is minted under the base: content, records, and what were blank nodes.
SERVED = ("id/", "record/", ".well-known/genid/")
# These would not come back from a path as they went in.
_NOT_IN_PATHS = frozenset("%?#")


def page_url(iri: str, base: str) -> str:
    """Return the URL of the page about an IRI, ours or not."""
    path = iri.removeprefix(base)
    if path != iri and path.startswith(SERVED) and not _NOT_IN_PATHS & set(path):
        return url_for("browse.page", path=path)
    return url_for("browse.browse", iri=iri)


def data_url(iri: str, base: str, form: str) -> str:
    """Return the URL of the data about an IRI, in the format *form*."""
    path = iri.removeprefix(base)
    if path != iri and path.startswith(SERVED) and not _NOT_IN_PATHS & set(path):
        return url_for("browse.data", path=path, format=form)
    return url_for("browse.data_about", iri=iri, format=form)


def external_url(iri: str) -> str:
    """Return *iri* if a browser may be sent there (never ``javascript:`` and the like), else ``""``."""
    return iri if urlsplit(iri).scheme in ("http", "https") else ""


def requested(path: str, base: str) -> NamedNode:
    """Return the IRI of the base that a request for *path* names.

    Letters beyond ASCII come percent-encoded and stand decoded in our IRIs; what is escaped in an IRI itself (``%20``) must stay
    so, which is why the path is read as it came and not as Flask decoded it.
    """
    raw = urlsplit(str(request.environ.get("REQUEST_URI", ""))).path
    start = quote(path[: path.index("/") + 1]) if "/" in path else ""
    at = raw.find(f"/{start}") if start else -1
    found = uri_to_iri(raw[at + 1 :]) if at >= 0 else path
    return checked(base + found)


def checked(iri: str) -> NamedNode:
    """Return an IRI as a term; NotFound if it is none: nothing can be known about it."""
    if not is_absolute_iri(iri):
        raise NotFound("is not an absolute IRI", where=iri[:200] or "iri")
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise NotFound("is not an IRI", where=iri[:200]) from error


def short(iri: str, base: str) -> str:
    """Return a short way to write an IRI where nothing has a name for it."""
    if iri.startswith(base):
        return iri.removeprefix(base).rsplit("/", 1)[-1] or iri
    return compact(iri)
