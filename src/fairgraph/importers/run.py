"""An analysis run, recorded: what was run on what, with which result, as the crate that Workflow Run Crate 0.5 asks for.

The crate is never written: it is read at once, as any crate is, so that a run that was recorded here and one that another program
recorded are one kind of graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairgraph.errors import SourceError, UsageError
from fairgraph.files import StoredFile
from fairgraph.importers.crate import CRATE, read_files
from fairgraph.importers.crate_files import MEMBERS, METADATA, CrateFiles
from fairgraph.importers.cwl import Workflow, read_workflow, read_yaml
from fairgraph.importers.format import Draft
from fairgraph.importers.run_crate import Told, formal_id, metadata, value_id

_VALUES = 10_000


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
    """The files of a run by their names in the crate."""

    places: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Path] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)

    def add(self, name: str, path: Path) -> str:
        if len(self.places) >= MEMBERS:
            raise UsageError(f"a run has more than {MEMBERS} files", hint="pack them into archives")
        self.places[name] = str(path.resolve())
        return name


def read(run: Run, draft: Draft) -> dict[str, tuple[str, StoredFile]]:
    """Read a run into a draft; return the IRI and the bytes of each of its inputs, by name.

    Raises UsageError for what is not there or not in its form, SourceError for documents that cannot be read.
    """
    workflow = read_workflow(_file(run.workflow, "workflow"))
    files = _Files()
    params = _read_params(run.params)
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
        values=dict(_values(params)),
        examples=_examples(run, workflow, params, files),
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
    if not path.is_file():
        raise UsageError(f"the {what} is no file that is there", where=str(path))
    return path


def _collect(run: Run, workflow: Workflow, params: Any, files: _Files) -> None:
    files.add(f"workflow/{workflow.path.name}", workflow.path)
    for name, path in workflow.parts.items():
        files.add(f"workflow/{name}", path)
    if run.params is not None:
        files.add(
            run.params.name if run.params.name not in METADATA else "parameters.json", run.params
        )
    seen: set[Path] = set()
    named = (_named_file(value, run.params) for _, value in _leaves(params))
    for path in (*run.inputs, *(one for one in named if one is not None and one.exists())):
        if not path.exists():
            raise UsageError("an input is not there", where=str(path))
        for name, one in _below(path):
            if one.resolve() not in seen:
                seen.add(one.resolve())
                free = _free(f"inputs/{name}", files.places)
                files.inputs[files.add(free, one)] = one
    if not run.outputs.exists():
        raise UsageError("the folder of outputs is not there", where=str(run.outputs))
    for name, one in _below(run.outputs):
        below = name.partition("/")[2] if run.outputs.is_dir() else name
        files.outputs.append(files.add(f"outputs/{below}", one))
    if not files.outputs:
        raise UsageError("there is no file among the outputs", where=str(run.outputs))


def _below(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield a file, or all files of a folder in order, with their names from the last part of *path* on; links are not followed."""
    if path.is_file():
        yield path.name, path
        return
    for one in sorted(path.rglob("*")):
        if one.is_file() and not one.is_symlink():
            yield f"{path.resolve().name}/{one.relative_to(path).as_posix()}", one


def _free(name: str, taken: Mapping[str, str]) -> str:
    stem, dot, suffix = name.partition(".")
    n, free = 2, name
    while free in taken:
        free, n = f"{stem}-{n}{dot}{suffix}", n + 1
    return free


# -- Parameters ------------------------------------------------------------------------------------------------------------


def _read_params(path: Path | None) -> Any:
    if path is None:
        return {}
    found = read_yaml(_file(path, "document of parameters"))
    if not isinstance(found, dict):
        raise SourceError(
            "holds no object of parameters", where=str(path), hint='{"name": value, …}'
        )
    return found


def _leaves(params: Any) -> Iterator[tuple[str, Any]]:
    """Yield the scalars and the files of a document by their dotted names; UsageError if there are very many."""
    stack, count = [("", params)], 0
    while stack:
        name, value = stack.pop()
        count += 1
        if count > _VALUES:
            raise UsageError(
                f"there are more than {_VALUES} parameters", hint="give a file of them as an input"
            )
        prefix = f"{name}." if name else ""
        if isinstance(value, dict) and value.get("class") not in ("File", "Directory"):
            stack += [(f"{prefix}{key}", one) for key, one in reversed(value.items())]
        elif isinstance(value, list):
            stack += [(f"{prefix}{n}", one) for n, one in reversed(list(enumerate(value)))]
        elif value is not None:
            yield name, value


def _named_file(value: Any, params: Path | None) -> Path | None:
    """Return the file that a value of CWL's class File or Directory names."""
    if not isinstance(value, dict) or params is None:
        return None
    named = value.get("path") or str(value.get("location") or "").removeprefix("file://")
    return params.parent / named if named and "://" not in named else None


def _values(params: Any) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in _leaves(params) if not isinstance(value, dict))


def _examples(run: Run, workflow: Workflow, params: Any, files: _Files) -> dict[str, list[str]]:
    """Return which files and values are examples of which parameter, by its ``@id``: names in the crate, ``@id``s of values."""
    found: dict[str, list[str]] = {}
    declared = {one.name: formal_id(one, "input") for one in workflow.inputs}
    by_place = {one.resolve(): name for name, one in files.inputs.items()}
    for name, value in _leaves(params):
        formal = declared.get(name) or declared.get(name.partition(".")[0])
        if formal is None:
            continue
        if not isinstance(value, dict):
            found.setdefault(formal, []).append(value_id(name))
        elif (file := _named_file(value, run.params)) is not None:
            place = file.resolve()
            for one, other in by_place.items():
                if one == place or place in one.parents or (not place.exists() and one.name == place.name):  # fmt: skip
                    found.setdefault(formal, []).append(other)
    takers = [one for one in workflow.inputs if one.is_data]
    if len(takers) == 1 and formal_id(takers[0], "input") not in found and (takers[0].is_many or len(by_place) == 1):  # fmt: skip
        found[formal_id(takers[0], "input")] = list(by_place.values())
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
