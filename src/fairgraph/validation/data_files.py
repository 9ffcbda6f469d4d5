"""Are the data files there that a dataset names? Looked for only when somebody asks: metadata often travel alone."""

from __future__ import annotations

import re
from collections.abc import Callable

from fairgraph import resources
from fairgraph.report import Finding, Report
from fairgraph.sorting import natural
from fairgraph.validation.where import Ask, places

RULE = "isa-data-file-missing"
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+://")


def named_files(ask: Ask) -> list[tuple[str, str]]:
    """Return the IRIs and names of the data files of a dataset."""
    query = resources.text(resources.QUERIES / "validate" / "data-files.rq")
    return sorted((row["file"].value, row["name"].value) for row in ask(query))


def missing_files(ask: Ask, is_there: Callable[[str], bool]) -> Report:
    """Return a finding for each data file that is not there, in the order of their places.

    *ask* asks the dataset, *is_there* tells of a name whether there is such a file. Files named by a URL are somewhere else, and
    nobody looks there.
    """
    missing = [
        (iri, name)
        for iri, name in named_files(ask)
        if not (_ELSEWHERE.match(name) or is_there(name))
    ]
    located = places(ask, (iri for iri, _ in missing))
    report = Report()
    for where, iri, name in sorted(
        ((located.get(iri, ""), iri, name) for iri, name in missing),
        key=lambda item: (natural(item[0]), item),
    ):
        message = "the data file is not beside the metadata"
        report.add(Finding("warning", RULE, message, where=where, focus=iri, value=name))
    return report
