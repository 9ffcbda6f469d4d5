"""The page /import: a form by which who has a key imports files. It works without scripts; with them it shows how far it is."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for

from fairgraph.api import Progress
from fairgraph.errors import FairgraphError
from fairgraph.importers.format import formats
from fairgraph.web.callers import caller, identify, writer
from fairgraph.web.negotiation import json_response
from fairgraph.web.rest.imports import imported
from fairgraph.web.rest.writers import MOST_UPLOAD, bodies

blueprint = Blueprint("upload", __name__)

# A key in a form is known only when all of the form has come: until then anybody may send it.
MOST_FORM = 128 * 1024**2
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_KEY, _FOLLOW = "key", "follow"
# Nobody guesses it: it is the only thing by which an import is followed.
_NAME = re.compile("[0-9a-f]{32}")


@blueprint.get("/import")
def form() -> Response:
    """The form by which who has a key imports files."""
    return _form()


@blueprint.post("/import")
def upload() -> Any:
    """Import the files of the form, and report what was found."""
    try:
        known = caller().key is not None
        if known:
            writer()  # refuse before all of it has come
        with bodies(MOST_UPLOAD if known else MOST_FORM) as brought:
            given = {name: text for name, text in request.form.items() if text.strip()}
            identify(given.pop(_KEY, "").strip())
            who = writer()
            named = [one for one in brought if one[0].stat().st_size or one[2] != _NO_FILE]
            with _followed(given.pop(_FOLLOW, "")) as progress:
                told = imported(who, named, given, progress)
    except FairgraphError as error:
        response = _form(error, request.form.to_dict() if request.form else {})
        response.status_code = error.http_status
        return response
    (dataset,) = told["datasets"]
    url = url_for("pages.investigation", number=dataset["id"])
    response = _page("imported.html", told=told, dataset=dataset, url=url)
    response.status_code = 201 if told["created"] else 200
    response.headers["Location"] = url
    return response


@blueprint.get("/import/steps/<name>")
def step(name: str) -> Response:
    """Tell which step the import with that name takes just now; nothing (204) before the first and after the last."""
    steps: dict[str, str] = current_app.extensions["fairgraph.steps"]
    now = steps.get(name)
    response = json_response({"step": now}) if now else Response(status=204)
    response.headers["Cache-Control"] = "no-store"
    return response


@contextlib.contextmanager
def _followed(name: str) -> Iterator[Progress]:
    """Lend what tells the steps of an import to who knows the *name* that its sender gave it."""
    steps: dict[str, str] = current_app.extensions["fairgraph.steps"]
    kept = _NAME.fullmatch(name) is not None and name not in steps

    def progress(step: str) -> None:
        if kept:
            steps[name] = step

    try:
        yield progress
    finally:
        if kept:
            steps.pop(name, None)


# What a browser sends for a field of files in which none was chosen has no name, and gets this one.
_NO_FILE = "part-0"


def _form(error: FairgraphError | None = None, given: dict[str, str] | None = None) -> Response:
    return _page(
        "import.html",
        error=error,
        given=given or {},
        formats=[(form.name, form.label) for form in formats()],
        most=MOST_FORM // 1024**2,
        writes=current_app.config["WRITABLE"],
    )


def _page(template: str, **values: Any) -> Response:
    response = Response(render_template(template, **values))
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-store"
    return response
