"""What the descriptions of a matrix (README, Croissant, Data Package) say of its datasets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from fairgraph.exports.description import outline
from fairgraph.exports.export import Answers
from fairgraph.exports.ml_matrix import OPTIONS, Matrix
from fairgraph.exports.people import Contact
from fairgraph.identifiers import ORCID

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
        known = [about for own in answers.each() if (about := outline(own)) is not None]
        columns = zip(
            *((a.description, a.license, a.doi, a.released, a.version) for a in known), strict=True
        )
        several = [set(column) for column in columns] or [{""}] * 5
        common = [found.pop() if len(found) == 1 else "" for found in several]
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
            published[:10] if _DAY.match(published) else matrix.export_date,
            f"{revision.lstrip('r') or 1}.0.0",
            tuple(dict.fromkeys((p.name, _orcid(p)) for about in known for p in about.people)),
            page,
            f"{answers.base}api/v1/{place}/ml-csv{asked}",
        )


def _orcid(person: Contact) -> str:
    return f"{ORCID}{person.orcid}" if person.orcid else ""
