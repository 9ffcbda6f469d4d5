"""Analysis runs on their way in, and what they are linked to: the data files of the dataset that they used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from fairgraph.access import PUBLIC
from fairgraph.catalogue import Catalogue, Dataset, DatasetContent, Source, dataset_iri
from fairgraph.drafts import content_of
from fairgraph.errors import UsageError
from fairgraph.files import Digests, FileSink, StoredFile
from fairgraph.importers import run as importer
from fairgraph.importers.cwl import place_of
from fairgraph.importers.format import Draft
from fairgraph.importers.format import get as get_format
from fairgraph.importers.rules import finding
from fairgraph.importers.run import Run
from fairgraph.report import Severity
from fairgraph.terms import PROV, digest

__all__ = ["Recorded", "Run", "read"]

# A run is read as the crate that it would be.
FORMAT = "ro-crate"


@dataclass(frozen=True)
class Input:
    """An input of a run: its IRI, and what is known of its bytes."""

    iri: str
    name: str
    file: StoredFile


@contextmanager
def read(
    run: Run, catalogue: Catalogue, slug: str | None, files: FileSink | None
) -> Iterator[Recorded]:
    """Lend *run* as what the catalogue may put; *files* takes its files. Without *slug* it is called as its workflow."""
    # Two runs of one workflow have two folders of outputs.
    workflow = place_of(Path(), str(run.workflow), "the workflow")
    outputs = place_of(Path(), str(run.outputs), "the folder of outputs")
    places = f"{workflow}\n{outputs}"
    origin = Source(run.workflow.name, digest(places))
    chosen, renamed = catalogue.choose_slug(slug or run.workflow.stem, origin)
    iri = dataset_iri(catalogue.base, chosen).value
    draft = Draft(iri, FORMAT, files=files or Digests())
    try:
        found = importer.read(run, draft)
        draft.report.extend(filter(None, [renamed]))
        inputs = [Input(iri, name, file) for name, (iri, file) in found.items()]
        yield Recorded(draft, inputs, chosen, origin)
    finally:
        draft.spool.close()


@dataclass(frozen=True)
class Recorded:
    """A run that was read: a draft of its dataset, and its inputs."""

    draft: Draft
    inputs: list[Input]
    slug: str
    origin: Source

    def content(self, number: int | None, visibility: str | None) -> DatasetContent:
        """Return the run as what the catalogue puts into the store."""
        content = content_of(self.slug, self.draft, get_format(FORMAT), self.origin)
        content.number, content.visibility = number, visibility
        return content

    def link(self, used: Dataset, data_files: Iterable[Any], visibility: str) -> None:
        """Say which inputs are data files of the dataset *used*: those with the same SHA-256, else those with the same name.

        *data_files* are rows of file, name and SHA-256. Raises UsageError if the run would be public and the dataset is not: its IRIs
        and the names in them would be seen.
        """
        if visibility == PUBLIC and not used.public:
            raise UsageError(
                f"{used.slug} is not public, and a public run would name its files",
                hint="record the run with --visibility private",
            )
        by_hash, by_name = _known(data_files)
        total = hashlib.sha256(self.draft.sha256.encode())
        for one in self.inputs:
            found, where = by_hash.get(one.file.sha256, set()), f"{used.slug}#{one.name}"
            if not found:
                same_name = by_name.get(PurePosixPath(one.name).name, {})
                found = {iri for iri, sha256 in same_name.items() if not sha256}
                if same_name and not found:
                    message = (
                        "an input has the name of a data file, but other bytes; they are not linked"
                    )
                    self._find("warning", "run-input-differs", message, where)
                    continue
            if len(found) != 1:
                many = "several data files" if found else "no data file"
                message = f"an input is {many} of the dataset, by its bytes or its name"
                self._find("info", "run-input-unknown", message, where)
                continue
            line = f"<{one.iri}> <{PROV.specializationOf}> <{found.pop()}> .\n"
            self.draft.spool.write(line)
            total.update(line.encode())
        self.draft.sha256 = total.hexdigest()

    def _find(self, severity: Severity, rule: str, message: str, where: str) -> None:
        self.draft.report.add(finding(severity, rule, message, where=where))


def _known(data_files: Iterable[Any]) -> tuple[dict[str, set[str]], Mapping[str, dict[str, str]]]:
    """Return the IRIs of data files by SHA-256, and by the last part of their names with the SHA-256 of each, if it is known."""
    by_hash: dict[str, set[str]] = {}
    by_name: dict[str, dict[str, str]] = {}
    for file, name, sha256 in data_files:
        if sha256 is not None:
            by_hash.setdefault(sha256.value, set()).add(file.value)
        if name is not None:
            last = PurePosixPath(name.value).name
            by_name.setdefault(last, {})[file.value] = sha256.value if sha256 else ""
    return by_hash, by_name
