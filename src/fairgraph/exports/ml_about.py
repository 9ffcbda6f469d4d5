"""What the descriptions of a matrix (README, Croissant, Data Package) say of its datasets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from fairgraph.exports.export import Answers
from fairgraph.exports.ml_facts import table, text
from fairgraph.exports.ml_matrix import OPTIONS, Matrix

CSV = "samples.csv"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ROWS = {
    "samples": "samples",
    "sources": "sources",
    "extracts": "extracts and labeled extracts",
    "data": "data files",
}


@dataclass(frozen=True)
class About:
    """Title, description, licence, identifiers and people of the datasets of a matrix, and where its CSV is to be had."""

    name: str
    title: str
    description: str
    license: str
    doi: str
    published: str
    version: str
    creators: tuple[tuple[str, str], ...]  # name and ORCID, or ""
    page: str
    csv: str

    @classmethod
    def of(cls, answers: Answers, matrix: Matrix) -> About:
        """Ask for what is known about the datasets of a matrix; of several, what they have in common."""
        facts: dict[str, list[set[str]]] = {}
        for iri, *values in table(answers, "ml/about"):
            known = facts.setdefault(iri, [set() for _ in values])
            for found, value in zip(known, values, strict=True):
                found.add(text(value))
        columns = [{min(found) for found in column} for column in zip(*facts.values(), strict=True)]
        common = [next(iter(found)) if len(found) == 1 else "" for found in columns or [set()] * 5]
        description, licence, doi, published, revision = common
        items = matrix.investigations
        title = "; ".join(item.title for item in items) or "No dataset"
        rows = f"{len(matrix)} {_ROWS[matrix.grain]} with {len(matrix.features)} features each"
        only = items[0] if len(items) == 1 else None
        page = only.iri if only else f"{answers.base}id/"
        query = [] if only else [("dataset", str(item.number)) for item in items]
        query += sorted((name, value) for name, value in answers.options.items() if name in OPTIONS)
        asked = f"?{urlencode(query)}" if query else ""
        place = f"investigations/{only.number}/export" if only else "export"
        if answers.selection is not None:
            rows = f"{rows}, chosen by a query"
        return cls(
            "-".join(item.slug for item in items[:3]) or "matrix",
            title,
            f"{description}\n\n{rows}.".strip() if description else f"{title}: {rows}.",
            licence,
            doi,
            published if _DAY.fullmatch(published) else matrix.export_date,
            f"{revision or 1}.0.0",
            tuple(sorted(_creators(answers))),
            page,
            # Chosen samples have no address of their own: their table is beside the description.
            f"{answers.base}api/v1/{place}/ml-csv{asked}" if answers.selection is None else CSV,
        )


def _creators(answers: Answers) -> set[tuple[str, str]]:
    found = set()
    for _, given, family, name, same in table(answers, "ml/creators"):
        shown = " ".join(part for part in (text(given), text(family)) if part) or text(name)
        orcid = text(same)
        if shown:
            found.add((shown, orcid if orcid.startswith("https://orcid.org/") else ""))
    return found
