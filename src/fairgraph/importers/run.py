"""An analysis run, recorded: what was run on what, with which result, as the crate that Workflow Run Crate 0.5 asks for.

The crate is never written: it is read at once, as any crate is, so that a run that was recorded here and one that another program
recorded are one kind of graph.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from fairgraph.errors import SourceError, UsageError
from fairgraph.files import StoredFile
from fairgraph.importers.crate import CRATE, read_files
from fairgraph.importers.crate_files import MEMBERS, METADATA, CrateFiles
from fairgraph.importers.cwl import Workflow, check_text, place_of, read_workflow
from fairgraph.importers.format import Draft
from fairgraph.importers.rules import finding
from fairgraph.importers.run_crate import Told, formal_id, metadata, value_id
from fairgraph.importers.run_params import NamedFile, Parameters, read_params
from fairgraph.report import Report


@dataclass(frozen=True)
class Run:
    """What is recorded of an analysis run.

    *inputs* are files and folders, *outputs* a folder (or a file), *params* a JSON or YAML document, *container* the reference of an image
    or a `.sif` file, *agent* a name, an ORCID iD or both; *start* and *end* are in ISO 8601.
    """

    workflow: Path
    outputs: Path
    inputs: tuple[Path, ...] = ()
    params: Path | None = None
    container: str = ""
    title: str = ""
    agent: str = ""
    start: str = ""
    end: str = ""
    license: str = ""


@dataclass
class _Files:
    """The files of a run by their names in the crate.

    *places* are all, *inputs* and *outputs* those that went in and came out. *by_place* has the names of inputs, *named* what each parameter
    names (names in the crate, or URLs), *remote* the nodes of inputs that are elsewhere, *facts* what is said of inputs.
    """

    report: Report
    places: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Path] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    by_place: dict[Path, str] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)
    remote: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, path: Path) -> str:
        if len(self.places) >= MEMBERS:
            raise UsageError(f"a run has more than {MEMBERS} files", hint="pack them into archives")
        check_text(name, "the name of a file")
        self.places[name] = str(path.resolve())
        return name

    def add_inputs(self, path: Path) -> None:
        """Add a file, or the files of a folder, but for those that are inputs already."""
        is_empty = True
        for name, one in self.below(path):
            is_empty = False
            place = one.resolve()
            if place not in self.by_place:
                free = self.add(_free(f"inputs/{name}", self.places), one)
                self.inputs[free], self.by_place[place] = one, free
        if is_empty:
            self.find("run-input-missing", "a folder of inputs holds no file", path.name)

    def below(self, path: Path) -> Iterator[tuple[str, Path]]:
        """Yield a file, or all files of a folder in order, with their names from the last part of *path* on.

        Links in a folder are not followed, since they may lead out of it: each is a finding.
        """
        if path.is_file():
            yield path.name, path
            return
        found, label = [], path.resolve().name
        for folder, folders, files in os.walk(path, onerror=_refuse):
            folders.sort()
            for place in (Path(folder, name) for name in sorted((*folders, *files))):
                if place.is_symlink() or not (place.is_file() or place.is_dir()):
                    message = (
                        "is a link, or neither file nor folder; it is not followed, and not kept"
                    )
                    self.find("run-link", message, f"{label}/{place.relative_to(path).as_posix()}")
                elif place.is_file():
                    found.append(place)
            if len(found) > MEMBERS:
                break
        for one in sorted(found):
            yield f"{label}/{one.relative_to(path).as_posix()}", one

    def say(self, node: dict[str, Any], file: NamedFile) -> None:
        """Say of a file what a parameter says of it; if another parameter says otherwise, what came first stays."""
        for key, value in file.facts.items():
            if node.setdefault(key, value) != value:
                message = "another parameter says otherwise of a file"
                self.find("run-parameter-left-out", message, file.where)

    def find(self, rule: str, message: str, where: str) -> None:
        self.report.add(finding("warning", rule, message, where=where))


def read(run: Run, draft: Draft) -> dict[str, tuple[str, StoredFile]]:
    """Read a run into a draft; return the IRI and the bytes of each of its inputs, by name.

    Raises UsageError for what is not there or not in its form, SourceError for documents that cannot be read.
    """
    for one in fields(run):
        if isinstance(text := getattr(run, one.name), str):
            check_text(text, f"the {one.name} of the run")
    workflow = read_workflow(_file(run.workflow, "workflow"))
    files = _Files(draft.report)
    params = Parameters()
    if run.params is not None:
        params = read_params(_file(run.params, "document of parameters"), draft.report)
    _collect(run, workflow, params, files)
    told = Told(
        title=run.title or f"Run of {workflow.name or workflow.path.name}",
        container=run.container or workflow.container,
        agent=run.agent,
        start=run.start,
        end=run.end,
        license=run.license,
        inputs=tuple(files.inputs),
        outputs=tuple(files.outputs),
        others=tuple(
            name for name in files.places if name not in files.inputs and name not in files.outputs
        ),
        remote=tuple(files.remote.values()),
        facts=files.facts,
        values=params.values,
        examples=_examples(workflow, params, files),
    )
    document = metadata(workflow, told)
    crate = CrateFiles(
        run.workflow.name,
        {METADATA[0]: "", **files.places},
        {},
        METADATA[0],
        root=Path("/"),
        held={METADATA[0]: document},
    )
    known = read_files(crate, draft, CRATE)
    return {name: known[name] for name in files.inputs}


# -- Files -----------------------------------------------------------------------------------------------------------------


def _file(path: Path, what: str) -> Path:
    if not place_of(Path(), str(path), f"the {what}").is_file():
        raise UsageError(f"the {what} is no file that is there", where=str(path))
    return path


def _refuse(error: OSError) -> None:
    raise SourceError(f"cannot be read: {error.strerror}", where=str(error.filename)) from error


def _collect(run: Run, workflow: Workflow, params: Parameters, files: _Files) -> None:
    files.add(f"workflow/{workflow.path.name}", workflow.path)
    for name, path in workflow.parts.items():
        files.add(f"workflow/{name}", path)
    if run.params is not None:
        files.add(
            run.params.name if run.params.name not in METADATA else "parameters.json", run.params
        )
    readable = [] if run.params is None else [run.params.parent.resolve()]
    for path in run.inputs:
        place = place_of(Path(), str(path), "an input")
        if not (place.is_file() or place.is_dir()):
            raise UsageError("an input is not there", where=str(path))
        files.add_inputs(path)
        readable.append(place)
    for file in params.files:
        files.named[file.name] = _add_named(file, readable, files)
    if not (run.outputs.is_file() or run.outputs.is_dir()):
        raise UsageError("the folder of outputs is not there", where=str(run.outputs))
    for name, one in files.below(run.outputs):
        below = name.partition("/")[2] if run.outputs.is_dir() else name
        files.outputs.append(files.add(f"outputs/{below}", one))
    if not files.outputs:
        raise UsageError("there is no file among the outputs", where=str(run.outputs))


def _add_named(file: NamedFile, readable: list[Path], files: _Files) -> list[str]:
    """Add what a parameter names to the inputs; return its names in the crate, or its URL.

    A document of parameters may come from elsewhere: nothing is read but what is beside or below it, or was given as an input.
    """
    place = file.place
    if place is None:
        kind = "Dataset" if file.is_folder else "File"
        files.say(files.remote.setdefault(file.url, {"@id": file.url, "@type": kind}), file)
        return [file.url]
    exists, is_readable = place.exists(), any(place.is_relative_to(one) for one in readable)
    if not exists:
        # Paths in a container: the name is all that is left.
        found = [name for other, name in files.by_place.items() if other.name == place.name]
    elif is_readable:
        files.add_inputs(place)
        found = [files.by_place[place]] if place in files.by_place else [name for other, name in files.by_place.items() if place in other.parents]  # fmt: skip
    else:
        message = "a file that the parameters name is not beside them, and is not read; give it as an input"
        files.find("run-input-outside", message, file.where)
        return []
    if not found and not exists:
        message = "a file that the parameters name is not there"
        files.find("run-input-missing", message, file.where)
    if len(found) == 1:
        files.say(files.facts.setdefault(found[0], {}), file)
    elif found and file.facts:
        message = "what is said of a file may be about several inputs"
        files.find("run-parameter-left-out", message, file.where)
    return found


def _free(name: str, taken: Mapping[str, str]) -> str:
    stem, dot, suffix = name.partition(".")
    n, free = 2, name
    while free in taken:
        free, n = f"{stem}-{n}{dot}{suffix}", n + 1
    return free


def _examples(workflow: Workflow, params: Parameters, files: _Files) -> dict[str, list[str]]:
    """Return which files and values are examples of which parameter, by its ``@id``: names in the crate, URLs, ``@id``s of values."""
    found: dict[str, list[str]] = {}
    declared = {one.name: formal_id(one, "input") for one in workflow.inputs}
    said = {name: [value_id(name)] for name in params.values}
    for name, examples in (said | files.named).items():
        formal = declared.get(name) or declared.get(name.partition(".")[0])
        if formal is not None and examples:
            found.setdefault(formal, []).extend(examples)
    takers = [one for one in workflow.inputs if one.is_data]
    if len(takers) == 1 and formal_id(takers[0], "input") not in found and (takers[0].is_many or len(files.inputs) == 1):  # fmt: skip
        found[formal_id(takers[0], "input")] = list(files.inputs)
    outputs = [one for one in workflow.outputs if one.is_data]
    for name in files.outputs:
        below = name.partition("/")[2]
        last = below.rpartition("/")[2]
        fits = [one for one in outputs if one.takes(below) or one.takes(last)]
        fits = fits or [one for one in outputs if last.partition(".")[0] == one.name]
        fits = fits or (outputs if len(outputs) == 1 else [])
        if fits:
            found.setdefault(formal_id(fits[0], "output"), []).append(name)
    return found
