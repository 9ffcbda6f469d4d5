"""What the tests in a browser share: a server, a page that watches what it asks, which pages there are."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, Response

from fairgraph.api import Fairgraph

CLASSES = {
    "study": "isa:Study",
    "assay": "isa:Assay",
    "source": "isa:Source",
    "sample": "isa:Sample",
    "process": "bioschemas:LabProcess",
    "protocol": "bioschemas:LabProtocol",
    "run": "fg:AnalysisRun",
    "entry": "eln:Entry",
    "person": "schema:Person",
    "term": "schema:DefinedTerm",
}
PREFIXES = """PREFIX isa: <https://w3id.org/fairgraph/isa#> PREFIX fg: <https://w3id.org/fairgraph/ns#>
PREFIX eln: <https://w3id.org/fairgraph/eln#> PREFIX schema: <http://schema.org/> PREFIX bioschemas: <https://bioschemas.org/>
"""
# Enough to be drawn as groups: one pool, and what was made of it.
ALIQUOTS = 90
VISIT = 20_000  # ms


@dataclass(frozen=True)
class Site:
    """A server: its address without a slash at its end, a key that may write, the path of a page of each kind."""

    url: str
    key: str
    places: dict[str, str]


@dataclass
class Tab:
    """A page of the browser, and what it asked of others or complained of since it was last cleared."""

    page: Page
    url: str
    scripts: bool = True
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)

    def clear(self) -> None:
        """Begin anew."""
        self.foreign.clear()
        self.complaints.clear()
        self.refused.clear()

    @property
    def unexpected(self) -> list[str]:
        """The complaints but those of the browser about a page that is an error, and was asked for."""
        known = [f"status of {status}" for status in self.refused]
        return [text for text in self.complaints if not any(part in text for part in known)]

    def open(self, path: str, status: int = 200) -> Response:
        """Visit a page, which answers with *status*."""
        response = self.page.goto(self.url + path, timeout=VISIT)
        assert response is not None
        assert response.status == status, path
        self.refused.add(status)
        return response


def address(server: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the server says where it is."""
    for _ in range(600):
        said = log.read_text(encoding="utf-8")
        if "http://" in said:
            return said.split()[-1].rstrip("/")
        assert server.poll() is None, said
        time.sleep(0.1)
    raise AssertionError(f"no address after a minute: {said}")


def places_of(fg: Fairgraph) -> dict[str, str]:
    """The path of every dataset by its slug, and of the first thing of each class."""
    places = {dataset.slug: f"/investigations/{dataset.number}" for dataset in fg.datasets()}
    patterns = {name: f"?thing a {iri}" for name, iri in CLASSES.items()}
    patterns["file"] = "?thing a schema:MediaObject ; schema:sha256 ?sum ; schema:contentSize ?size"
    patterns["pool"] = '?thing a isa:Source ; schema:name "plasma pool"'
    for name, pattern in patterns.items():
        query = f"{PREFIXES} SELECT ?thing {{ {pattern} }} ORDER BY ?thing LIMIT 1"
        (row,) = fg.query(query)
        iri = row["thing"].value
        ours = iri.startswith(fg.store.base)
        places[name] = (
            f"/{quote(iri.removeprefix(fg.store.base), safe='/')}"
            if ours
            else f"/browse?iri={quote(iri, safe='')}"
        )
    return places


def pool(folder: Path) -> Path:
    """Write an ISA-Tab folder: one source, ninety samples of it, an extract of each."""
    folder.mkdir()
    investigation = (
        "INVESTIGATION\nInvestigation Identifier\tpool\nInvestigation Title\tNinety aliquots of one plasma pool\n"
        "STUDY\nStudy Identifier\taliquots\nStudy Title\tAliquots for quality control\nStudy File Name\ts_pool.txt\n"
        "STUDY ASSAYS\nStudy Assay File Name\ta_pool.txt\n"
        "STUDY PROTOCOLS\nStudy Protocol Name\taliquoting\textraction\nStudy Protocol Type\tsample collection\textraction\n"
    )
    samples = ["Source Name\tProtocol REF\tSample Name"]
    extracts = ["Sample Name\tProtocol REF\tExtract Name"]
    for n in range(1, ALIQUOTS + 1):
        samples.append(f"plasma pool\taliquoting\taliquot {n}")
        extracts.append(f"aliquot {n}\textraction\textract {n}")
    (folder / "i_investigation.txt").write_text(investigation, encoding="utf-8")
    (folder / "s_pool.txt").write_text("\n".join(samples) + "\n", encoding="utf-8")
    (folder / "a_pool.txt").write_text("\n".join(extracts) + "\n", encoding="utf-8")
    return folder
