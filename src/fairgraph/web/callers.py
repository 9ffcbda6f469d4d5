"""Who asks: the public, or somebody with a key. Which of the two it is decides what every read sees."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, g, request

from fairgraph.access import OWNER, PUBLIC
from fairgraph.api import Fairgraph
from fairgraph.errors import FairgraphError
from fairgraph.keys import Key

KEY_HEADERS = ("X-API-Key", "Authorization")


class NoKey(FairgraphError):  # noqa: N818 - reads as a noun wherever it is raised
    """A request that needs a key and has none, or one that is not known."""

    code, http_status = "unauthorized", 401


class NotAllowed(FairgraphError):  # noqa: N818
    """A request that its key does not allow."""

    code, http_status = "forbidden", 403


@dataclass(frozen=True)
class Caller:
    """Who asks, as :func:`fairgraph.access.visible` names callers, and the key that says so."""

    name: str
    key: Key | None = None


def caller() -> Caller:
    """Return who sent the request. An unknown key is ignored on reading, and NoKey elsewhere."""
    if "caller" not in g:
        g.caller = _caller()
    found: Caller = g.caller
    return found


def identify(text: str) -> None:
    """Say who sent the request by a key that came in a form; NoKey if it is not known. A key in the header counts more."""
    if caller().key is None and text:
        g.caller = _of_key(text)


def _caller() -> Caller:
    text = request.headers.get("X-API-Key", "").strip()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not text and scheme.lower() == "bearer":
        text = token.strip()
    if not text:
        return Caller(PUBLIC)
    try:
        return _of_key(text)
    except NoKey:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return Caller(PUBLIC)
        raise


def _of_key(text: str) -> Caller:
    fairgraph: Fairgraph = current_app.extensions["fairgraph"]
    key = fairgraph.store.keys.find(text)
    if key is None:
        raise NoKey("this key is not known, or it has expired", hint="fairgraph key create NAME")
    return Caller(OWNER, key)


def writer(scope: str = "write") -> Caller:
    """Return who sent a request that writes; NoKey or NotAllowed unless a key and the server let them."""
    found = caller()
    if found.key is None:
        raise NoKey(
            "writing needs a key", hint="send it as X-API-Key; fairgraph key create makes one"
        )
    if not found.key.allows(scope):
        raise NotAllowed(
            f"the key {found.key.name!r} is for {found.key.scope}, and this needs {scope}",
            hint=f"fairgraph key create NAME --scope {scope}",
        )
    if not current_app.config["WRITABLE"]:
        raise NotAllowed(
            "this server does not write", hint="it does when started by fairgraph serve --writable"
        )
    return found
