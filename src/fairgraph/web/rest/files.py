"""Files of the store, by their SHA-256: to be kept by who asks for them, never to be shown or run by a browser."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Blueprint, Response, request

from fairgraph.errors import NotFound
from fairgraph.web.asking import asked
from fairgraph.web.connection import handed_over
from fairgraph.web.negotiation import answer_if_known

blueprint = Blueprint("files", __name__)

_MEDIA_TYPE = re.compile(
    r"[A-Za-z0-9][\w.+!#$&^-]{0,126}/[\w.+!#$&^-]{1,127}(; ?charset=[\w.-]{1,40})?"
)
_PLAIN = re.compile(r"[^A-Za-z0-9._ -]")


@blueprint.get("/files/<sha256>")
def file(sha256: str) -> Response:
    """One file that a public dataset names."""
    asking = asked()
    found = asking.fairgraph.file(sha256)
    answer_if_known(sha256)  # it never changes
    if request.method == "HEAD":  # nobody reads it: it is not verified
        response = Response()
        response.content_length = found.size
    else:
        response = handed_over(found.verified(), found.size)
    type_ = found.media_type if _MEDIA_TYPE.fullmatch(found.media_type) else ""
    response.headers["Content-Type"] = type_ or "application/octet-stream"
    name = found.name.rpartition("/")[2] or sha256
    plain = _PLAIN.sub("_", name)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; sandbox; frame-ancestors 'none'"
    )
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(sha256)
    return response


@blueprint.get("/files")
@blueprint.get("/files/")
def files() -> Response:
    """There is no list of all files."""
    raise NotFound("files are asked for one by one", hint="/files/{sha256}")
