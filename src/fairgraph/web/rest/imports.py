"""Import and removal by HTTP, for callers with a key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, url_for

from fairgraph.api import Progress
from fairgraph.errors import FairgraphError, UsageError
from fairgraph.web.callers import Caller, writer
from fairgraph.web.negotiation import json_response
from fairgraph.web.rest import investigations
from fairgraph.web.rest.writers import Brought, bodies, written

blueprint = Blueprint("imports", __name__)

TEXTS = {"format": "format", "id": "slug", "visibility": "visibility"}
FLAGS = {"with_files": "with_files", "validate": "validate", "strict": "strict"}


@blueprint.post("/imports")
def add() -> Response:
    """Import what the request brings: a file or an archive as the body (``?name=``) or a form; several files are one folder."""
    who = writer()
    with bodies() as brought:
        told = imported(who, brought, {**request.args.to_dict(), **request.form.to_dict()})
    response = json_response(told)
    response.status_code = 201 if told["created"] else 200
    number = told["datasets"][0]["id"]
    response.headers["Location"] = url_for("rest.investigation", number=number, _external=True)
    return response


def imported(
    who: Caller,
    brought: Brought,
    given: Mapping[str, str],
    progress: Progress = lambda step: None,
) -> dict[str, Any]:
    """Import files that a request brought, several as one folder, with the options that it gave; tell what became of it."""
    if not brought:
        raise UsageError("there is no file", hint="send one as the form field file")
    path = brought[0][0] if len(brought) == 1 else _folder([place for place, _, _ in brought])
    options = _options(given)
    if slug := options.get("slug"):
        # What comes by HTTP lies nowhere: the same name once more is a new revision, if somebody has given that name.
        options["key"] = f"upload {slug}"
    try:
        return written(who, "add", progress=progress, path=str(path), options=options)
    except FairgraphError as error:
        # Where it lay for a moment is nobody's business, and of no use to who sent it.
        error.where = error.where.replace(f"{path.parent}/", "")
        raise


@blueprint.delete("/investigations/<int:number>")
def remove(number: int) -> Response:
    """Remove an investigation; its history stays, unless ``purge=true`` forgets that too."""
    purge = _flag("purge", request.args.get("purge", "false"))
    who = writer("admin" if purge else "write")
    investigations.dataset(number)  # a 404 before anything is started
    written(who, "remove", number=number, purge=purge)
    return Response(status=204)


def _options(given: Mapping[str, str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, text in given.items():
        if name == "name":  # that of the file
            continue
        if name in TEXTS:
            options[TEXTS[name]] = text
        elif name in FLAGS:
            options[FLAGS[name]] = _flag(name, text)
        elif name == "number":
            if not text.isdecimal() or len(text) > 9:
                raise UsageError(f"number has one to nine digits, not {text[:40]!r}")
            options["number"] = int(text)
        else:
            known = ", ".join([*TEXTS, "number", *FLAGS])
            raise UsageError(f"there is no option {name[:40]!r}", hint=f"options: {known}")
    return options


def _flag(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise UsageError(f"{name} is true or false, not {text[:40]!r}")
    return text == "true"


def _folder(files: list[Path]) -> Path:
    """Put files side by side, as they are on the disk of who sends them."""
    folder = files[0].parent.parent / "upload"
    folder.mkdir()
    for file in files:
        if (folder / file.name).exists():
            raise UsageError(f"there are two files called {file.name}")
        file.rename(folder / file.name)
    return folder
