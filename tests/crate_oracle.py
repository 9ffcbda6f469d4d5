"""Ask roc-validator about crates, in a Python that has it: `python crate_oracle.py CONTEXTS PROFILE PATH…` prints one JSON document.

Nothing is fetched: the contexts of RO-Crate are those of the folder CONTEXTS, and everything else is not there.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

FILES = {
    **{f"w3id.org/ro/crate/{v}/context": f"ro-crate-{v}-context.jsonld" for v in ("1.0", "1.1", "1.2", "1.3")},
    "w3id.org/ro/terms/workflow-run/context": "ro-terms-workflow-run-context.json",
    "w3id.org/ro/terms/workflow-run": "ro-terms-workflow-run-context.json",
}  # fmt: skip


def serve_from(folder: Path) -> None:
    """Answer every request out of a folder."""

    def send(self: HTTPAdapter, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        address = str(request.url).partition("://")[2]
        response = requests.Response()
        response.url, response.request = str(request.url), request
        name = FILES.get(address)
        response.status_code = 200 if name else 404
        body = (folder / name).read_bytes() if name else b""
        response.raw = io.BytesIO(body)
        response.headers["Content-Type"] = "application/ld+json"
        return response

    HTTPAdapter.send = send


def issues(paths: list[str], profile: str) -> dict[str, list[dict[str, str]]]:
    """What a profile requires and crates do not have, by crate. One validator reads its shapes once, for all of them."""
    from rocrate_validator.models import Severity, Validator

    settings = {
        "rocrate_uri": paths[0],
        "profile_identifier": profile,
        "requirement_severity": Severity.REQUIRED,
        "no_cache": True,
        "skip_availability_check": True,
    }
    validator = Validator(settings)
    return {
        path: [
            {
                "check": str(issue.check.identifier),
                "message": str(issue.message),
                "entity": str(getattr(issue, "violatingEntity", "") or ""),
            }
            for issue in validator.validate(path).get_issues()
        ]
        for path in paths
    }


def main() -> None:
    """Print the issues of each crate."""
    contexts, profile, *paths = sys.argv[1:]
    logging.disable(logging.ERROR)
    serve_from(Path(contexts))
    sys.stdout.write(json.dumps(issues(paths, profile), indent=1) + "\n")


if __name__ == "__main__":
    main()
