"""Which representation a request wants, whether it has it already, and how errors are said (RFC 9110 §12, RFC 9457)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from flask import Response, abort, current_app, g, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from fairgraph.errors import FairgraphError
from fairgraph.web.callers import caller
from fairgraph.web.sparql.protocol import NotAcceptable

HTML = "text/html"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Representation:
    """One form of an answer: its name in ``?format=``, the media types that ask for it, the first of them sent."""

    name: str
    label: str
    media_types: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The Content-Type header; text says its encoding."""
        media_type = self.media_types[0]
        return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


# The names are those of answers.GRAPHS and answers.RESULTS, which write them.
GRAPHS = (
    Representation("ttl", "Turtle", ("text/turtle", "application/x-turtle"), ("turtle",)),
    Representation(
        "jsonld", "JSON-LD", ("application/ld+json", "application/json"), ("json-ld", "json")
    ),
    Representation(
        "nt", "N-Triples", ("application/n-triples", "text/plain"), ("ntriples", "n-triples")
    ),
    Representation("rdf", "RDF/XML", ("application/rdf+xml",), ("xml", "rdfxml", "rdf-xml")),
)
PAGE = Representation("html", "HTML", (HTML, "application/xhtml+xml"))
RESULTS = (
    Representation("json", "JSON", ("application/sparql-results+json", "application/json")),
    Representation("xml", "XML", ("application/sparql-results+xml", "application/xml", "text/xml")),
    Representation("csv", "CSV", ("text/csv",)),
    Representation("tsv", "TSV", ("text/tab-separated-values",)),
)


def named(format_name: str, table: tuple[Representation, ...]) -> Representation:
    """Return the representation that ``?format=`` names, by name, alias or media type; NotAcceptable if there is none."""
    wanted = format_name.strip().lower()
    for form in table:
        if wanted == form.name or wanted in form.aliases or wanted in form.media_types:
            return form
    names = ", ".join(form.name for form in table)
    raise NotAcceptable(f"there is no format {format_name!r} of this", hint=f"formats: {names}")


def accepted(table: tuple[Representation, ...]) -> Representation:
    """Return the representation that the Accept header likes best, the first one if it says nothing."""
    g.negotiated = True  # every answer that depends on this says so: Vary
    found = chosen(request.headers.get("Accept", ""), table)
    if found is None:
        offered = ", ".join(media_type for form in table for media_type in form.media_types)
        raise NotAcceptable("nothing of this kind is to be had", hint=f"accept {offered}")
    return found


# Programs send the same few headers with every request.
@lru_cache(maxsize=256)
def chosen(header: str, table: tuple[Representation, ...]) -> Representation | None:
    """Return the representation that an Accept header likes best, the first one if it says nothing; None if it likes none."""
    offered = [media_type for form in table for media_type in form.media_types]
    accept = parse_accept_header(header, MIMEAccept)
    if not accept:
        return table[0]
    # A charset is no reason to refuse: what is text comes in UTF-8.
    plain = [(value.partition(";")[0].strip(), q) for value, q in accept]
    best = MIMEAccept(plain).best_match(offered)
    return next((form for form in table if best in form.media_types), None)


def wants_html(*others: str) -> bool:
    """Tell whether a browser asks: HTML is named, and liked at least as much as *others* (default: any data)."""
    g.negotiated = True
    return is_browser(request.headers.get("Accept", ""), others)


@lru_cache(maxsize=256)
def is_browser(header: str, others: tuple[str, ...] = ()) -> bool:
    """Tell by an Accept header whether a browser asks; see :func:`wants_html`."""
    accept = parse_accept_header(header, MIMEAccept)
    named_types = {value.split(";")[0].strip().lower() for value, _ in accept}
    if not named_types & {HTML, "application/xhtml+xml"}:
        return False
    data = others or tuple(t for form in (*GRAPHS, *RESULTS) for t in form.media_types)
    explicit = [accept[media_type] for media_type in data if media_type in named_types]
    return accept[HTML] >= max(explicit, default=0)


def etag_of(*parts: object) -> str:
    """Return an entity tag made of what determines an answer, the edition of the application and who asks included."""
    return tag_of(current_app.config["EDITION"], caller().name, *parts)


def tag_of(*parts: object) -> str:
    """Return an entity tag made of *parts* and nothing else."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def answer_if_known(etag: str, vary: str = "") -> None:
    """End the request with 304 if the client has what *etag* names (RFC 9110 §13.1.2); nothing is computed then."""
    if request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(etag):
        response = Response(status=304)
        response.set_etag(etag)
        if vary:
            response.headers["Vary"] = vary
        abort(response)


def problem(error: FairgraphError) -> Response:
    """Return an error as ``application/problem+json``: type, title, status, detail, and our code and hint."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(error.http_status).phrase,
        "status": error.http_status,
        "detail": error.as_dict()["message"],
        "instance": request.path,
        "code": error.code,
    }
    if error.hint:
        document["hint"] = error.hint
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return Response(text + "\n", status=error.http_status, content_type=PROBLEM)


def json_response(document: object) -> Response:
    """Return a JSON document as a response."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return Response(text + "\n", content_type="application/json")
