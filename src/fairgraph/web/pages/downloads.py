"""What the page of a dataset says of its downloads beyond what its description does: addresses under this host, sizes, stored files."""

from __future__ import annotations

import json
from typing import Any

from flask import url_for

from fairgraph.catalogue import Dataset
from fairgraph.web.asking import Asking
from fairgraph.web.pages.contents import FileRow, contents
from fairgraph.web.pages.signposting import here

# The table whose size is told: who assesses a dataset wants to know of one file how large it is before fetching it.
SIZED = "samples-csv"
# Of more samples, making the table only to measure it would take longer than a page may.
MOST_SAMPLES = 2_000


def described(asking: Asking, dataset: Dataset) -> dict[str, Any]:
    """Return the schema.org description of a dataset with all that is known of its downloads."""
    document: dict[str, Any] = json.loads(asking.exported("schema-org", dataset))
    size = None
    if dataset.counts.get("samples", 0) <= MOST_SAMPLES:
        size = asking.remembered(
            f"size of {SIZED}", dataset, lambda: len(asking.exported(SIZED, dataset))
        )
    license_ = document.get("license", "")
    parts = []
    for part in document.get("distribution", ()):
        told = part | {"contentUrl": here(part["contentUrl"], asking.base)}
        if size is not None and part["contentUrl"].endswith(f"/{SIZED}"):
            told["contentSize"] = str(size)
        parts.append(told)
    kept = [file for file in contents(asking, dataset).files if file.kept and file.size is not None]
    parts += [_stored(file, license_) for file in kept]
    return document | {"distribution": parts}


def _stored(file: FileRow, license_: str) -> dict[str, Any]:
    url = url_for("files.file", sha256=file.sha256, _external=True)
    said = {
        "@id": url,
        "@type": "DataDownload",
        "contentSize": str(file.size),
        "contentUrl": url,
        "encodingFormat": file.media_type or "application/octet-stream",
        "license": license_,
        "name": file.thing.text,
        "sha256": file.sha256,
    }
    return {key: value for key, value in said.items() if value}
