"""The application factory: what every request and every answer has in common."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from fairgraph import __version__
from fairgraph.access import OWNER, PUBLIC
from fairgraph.api import Fairgraph
from fairgraph.errors import FairgraphError, NotFound, StoreError
from fairgraph.exports.export import exports
from fairgraph.importers.format import formats
from fairgraph.store.embedded import DiskStore
from fairgraph.store.remote import RemoteStore
from fairgraph.web.asking import Asking
from fairgraph.web.callers import KEY_HEADERS
from fairgraph.web.links import page_url
from fairgraph.web.negotiation import problem, wants_html
from fairgraph.web.pages import behind, browse, gone, history, home, readiness, term_search, upload
from fairgraph.web.rest import files, imports, investigations, platform
from fairgraph.web.sparql import descriptions, endpoint, graphs
from fairgraph.web.sparql.quick import Quick
from fairgraph.web.workers.pool import TIMEOUT, Workers

MOST_BODY = 2 * 1024 * 1024
# Seconds that one write may take: an import of a large archive takes minutes.
WRITE_TIMEOUT = 600.0
# No script at all; styles, pictures and forms are ours.
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class _HttpError(FairgraphError):
    """An error that the framework found: a path that is not there, a method that is not allowed."""

    code = "http"


def create_app(
    fairgraph: Fairgraph,
    *,
    timeout: float = TIMEOUT,
    query_workers: int = 2,
    writable: bool = False,
) -> Flask:
    """Return the web application over a store, which it shows as the public sees it, and whole to who has a key.

    *timeout* is how many seconds a query from outside may take, *query_workers* how many run at once; both need a store that other processes can open.
    *writable* lets callers with a key of scope write change the store.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_BODY
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    store = fairgraph.store
    folder = str(store.folder.path) if isinstance(store, DiskStore) else ""
    app.config["EDITION"] = _edition(app, folder)
    app.config["WRITABLE"] = writable
    app.config["WRITE_TIMEOUT"] = WRITE_TIMEOUT
    app.extensions["fairgraph"] = fairgraph
    app.extensions["fairgraph.asking"] = {
        caller: Asking(fairgraph.as_caller(caller)) for caller in (PUBLIC, OWNER)
    }
    app.extensions["fairgraph.steps"] = {}
    app.extensions["fairgraph.workers"] = None
    location = store.location if isinstance(store, RemoteStore) else folder
    if location:
        workers = Workers(location, count=query_workers, timeout=timeout)
        app.extensions["fairgraph.workers"] = workers
        app.wsgi_app = Quick(app, workers, app.extensions["fairgraph.asking"][PUBLIC])  # type: ignore[method-assign]
    app.register_blueprint(home.blueprint)
    app.register_blueprint(term_search.blueprint)
    app.register_blueprint(browse.blueprint)
    app.register_blueprint(endpoint.blueprint)
    app.register_blueprint(graphs.blueprint)
    app.register_blueprint(files.blueprint)
    app.register_blueprint(descriptions.blueprint)
    app.register_blueprint(investigations.blueprint, url_prefix="/api/v1")
    app.register_blueprint(investigations.blueprint, url_prefix="/api.php/v1", name="rest_php")
    app.register_blueprint(imports.blueprint, url_prefix="/api/v1")
    app.register_blueprint(imports.blueprint, url_prefix="/api.php/v1", name="imports_php")
    app.register_blueprint(history.blueprint)
    app.register_blueprint(behind.blueprint)
    app.register_blueprint(readiness.blueprint)
    app.register_blueprint(upload.blueprint)
    app.register_blueprint(platform.pages)
    app.register_blueprint(platform.blueprint, url_prefix="/api/v1")
    app.register_blueprint(platform.blueprint, url_prefix="/api.php/v1", name="platform_php")
    app.after_request(_headers)
    app.register_error_handler(FairgraphError, _error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)

    app.jinja_env.globals.update(
        version=__version__,
        base=store.base,
        writable=writable,
        edition=app.config["EDITION"][:8],
        page_of=lambda iri: page_url(iri, store.base),
    )
    app.add_template_filter(lambda number: f"{number:,}", "count")
    return app


def prepare(app: Flask) -> None:
    """Load what the first request would load otherwise: the tables of formats, the templates."""
    exports()
    formats()
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def close_app(app: Flask) -> None:
    """End the processes that the application started."""
    workers: Workers | None = app.extensions["fairgraph.workers"]
    if workers is not None:
        workers.close()


def _edition(app: Flask, folder: str) -> str:
    """What every entity tag depends on beside the data: this version, its templates; and the process, for a store in memory."""
    known = hashlib.sha256(__version__.encode())
    for part in ("templates", "static"):
        for path in sorted((Path(app.root_path) / part).rglob("*")):
            if path.is_file():
                known.update(path.read_bytes())
    known.update(folder.encode() or secrets.token_bytes(16))
    return known.hexdigest()


def _headers(response: Response) -> Response:
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    if request.method in ("GET", "HEAD", "OPTIONS") or request.path == "/sparql":
        # Everything here is public, and no cookie says who asks: any page may read it.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Location"
        response.headers["Access-Control-Allow-Headers"] = (
            "Accept, Authorization, Content-Type, X-API-Key"
        )
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", "5")
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="fairgraph"'
    if any(name in request.headers for name in KEY_HEADERS):
        response.headers["Cache-Control"] = "private, no-cache"
    elif "ETag" in response.headers:
        response.headers.setdefault("Cache-Control", "no-cache")
    response.vary.update(KEY_HEADERS)
    if g.get("negotiated"):
        response.vary.add("Accept")
    return response


def _error(error: FairgraphError) -> Response:
    if isinstance(error, NotFound):
        error = gone.instead(error)
    if isinstance(error, StoreError):
        error.where = ""  # where the store is, is for its owner
    machine = request.path.startswith(("/api/", "/api.php/")) or "action" in request.args
    if machine or not wants_html():
        return problem(error)
    return Response(render_template("error.html", error=error), status=error.http_status)


def _http_error(error: HTTPException) -> Any:
    if error.response is not None:  # an answer that ends a request, such as 304
        return error.response
    found = _HttpError(error.description or error.name)
    found.http_status = error.code or 500
    if found.http_status == 404:
        found.code, found.message = "not-found", "there is nothing at this address"
    response = _error(found)
    if found.http_status == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


def _fault(error: Exception) -> Response:
    from flask import current_app

    current_app.logger.error("a fault of fairgraph", exc_info=error)
    found = _HttpError("this is a fault of fairgraph", hint="the log of the server says more")
    return _error(found)
