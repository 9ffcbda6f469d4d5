"""Workflows as their files describe them: the parameters of a CWL document (Common Workflow Language 1.0 to 1.2), the language of others."""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from fairgraph.errors import SourceError, UsageError

DOCUMENT_BYTES = 16 * 1024**2
_LANGUAGES = {
    ".cwl": ("cwl", "Common Workflow Language", "https://www.commonwl.org/"),
    ".ga": ("galaxy", "Galaxy", "https://galaxyproject.org/"),
    ".nf": ("nextflow", "Nextflow", "https://www.nextflow.io/"),
    ".smk": ("snakemake", "Snakemake", "https://snakemake.readthedocs.io/"),
    "Snakefile": ("snakemake", "Snakemake", "https://snakemake.readthedocs.io/"),
}
# What Workflow Run Crate calls the types of CWL.
_TYPES = {
    "File": "File",
    "stdout": "File",
    "stderr": "File",
    "Directory": "Dataset",
    "string": "Text",
    "enum": "Text",
    "int": "Integer",
    "long": "Integer",
    "float": "Float",
    "double": "Float",
    "boolean": "Boolean",
    "record": "PropertyValue",
    "Any": "DataType",
}
_CLASSES = ("Workflow", "CommandLineTool", "ExpressionTool", "Operation")


@dataclass(frozen=True)
class Language:
    """A language of workflows: its short name in Workflow RO-Crate, its name, its address."""

    key: str
    name: str
    url: str


@dataclass(frozen=True)
class Parameter:
    """An input or output of a workflow: *type* is that of Workflow Run Crate, *globs* say which files an output takes."""

    name: str
    type: str
    description: str = ""
    is_required: bool = True
    is_many: bool = False
    default: str = ""
    globs: tuple[str, ...] = ()

    @property
    def is_data(self) -> bool:
        """True for files and folders."""
        return self.type in ("File", "Dataset")

    def takes(self, path: str) -> bool:
        """Tell whether an output takes the file at *path* below the folder of outputs."""
        return any(fnmatch.fnmatchcase(path, one) for one in self.globs)


@dataclass(frozen=True)
class Workflow:
    """What a workflow file says of itself. *parts* are the files that it runs, by their path beside it."""

    path: Path
    language: Language
    name: str = ""
    description: str = ""
    version: str = ""
    container: str = ""
    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()
    parts: dict[str, Path] = field(default_factory=dict)


def read_workflow(path: Path) -> Workflow:
    """Read a workflow; of languages other than CWL only the name is known.

    Raises UsageError for a file in no language that is known, SourceError for a CWL document that cannot be read.
    """
    found = _LANGUAGES.get(path.suffix) or _LANGUAGES.get(path.name)
    if found is None:
        raise UsageError(
            f"{path.name} is in no workflow language that is known",
            hint=f"known: {', '.join(_LANGUAGES)}",
        )
    language = Language(*found)
    if language.key != "cwl":
        return Workflow(path, language)
    try:
        return _described(_main(_document(path), path), path, language)
    except RecursionError as error:
        raise SourceError("has a part that contains itself", where=str(path)) from error


def _described(process: dict[str, Any], path: Path, language: Language) -> Workflow:
    label, doc = process.get("label"), process.get("doc")
    return Workflow(
        path,
        language,
        label if isinstance(label, str) else "",
        _joined(doc),
        _joined(process.get("cwlVersion")),
        _container(process),
        tuple(_parameter(name, one) for name, one in _named(process.get("inputs"), path)),
        tuple(_parameter(name, one) for name, one in _named(process.get("outputs"), path)),
        dict(_parts(process, path)),
    )


def read_yaml(path: Path) -> Any:
    """Return a JSON or YAML document; SourceError with its place if it is none."""
    import yaml

    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(data) > DOCUMENT_BYTES:
        raise SourceError(
            f"is larger than {DOCUMENT_BYTES >> 20} MB and is refused", where=str(path)
        )
    try:
        found = yaml.safe_load(data)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or error
        raise SourceError(f"is no YAML or JSON: {problem}", where=where) from error
    _check_texts(found, str(path))
    return found


def _check_texts(document: Any, where: str) -> None:
    """Refuse texts that no triple can hold. Parts that aliases repeat, or that contain themselves, are looked at once."""
    stack, seen = [document], set()
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            check_text(value, where)
        elif isinstance(value, (dict, list)) and id(value) not in seen:
            seen.add(id(value))
            stack += value
            stack += value.values() if isinstance(value, dict) else ()


def check_text(text: str, where: str) -> None:
    """Raise SourceError for a text with NUL, or with half a character."""
    if "\0" in text:
        raise SourceError("holds the character NUL in a text and is refused", where=where)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = "holds half a character (a lone surrogate) and is refused"
        raise SourceError(message, where=where) from error


def place_of(folder: Path, text: str, where: str) -> Path:
    """Return where a path leads from a folder, links followed; UsageError if nothing can have this name."""
    try:
        place = (folder / text).resolve()
        place.exists()
    except (OSError, ValueError, RuntimeError) as error:
        message = f"{text[:80]!r} is no path that can be followed"
        raise UsageError(message, where=where) from error
    return place


def scalar(value: Any) -> str:
    """Return a value of a YAML or JSON document as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return str(value)


def _document(path: Path) -> dict[str, Any]:
    found = read_yaml(path)
    if not isinstance(found, dict):
        raise SourceError("is no CWL document: not an object", where=str(path))
    return found


def _main(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the process of a document: of a packed one, that called ``main``, else its only workflow."""
    graph = document.get("$graph")
    if isinstance(graph, list):
        processes = [one for one in graph if isinstance(one, dict) and one.get("class") in _CLASSES]
        by_name = {str(one.get("id", "")).rpartition("#")[2]: one for one in processes}
        workflows = [one for one in processes if one["class"] == "Workflow"]
        main = by_name.get("main") or next(iter(workflows or processes), None)
        if main is not None:
            return {"cwlVersion": document.get("cwlVersion"), **main}
    if document.get("class") not in _CLASSES:
        raise SourceError(
            "is no CWL document: it has no process",
            where=str(path),
            hint=f"class: one of {', '.join(_CLASSES)}",
        )
    return document


def _named(value: Any, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the members of a map, or of a list whose members have an id."""
    if value is None:
        return
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list) and all(isinstance(one, dict) for one in value):
        pairs = [(one.get("id"), one) for one in value]
    else:
        raise SourceError("has inputs or outputs in no form that CWL knows", where=str(path))
    for name, one in pairs:
        # In packed documents ids are whole paths: #main/reads.
        short = str(name).rpartition("#")[2].rpartition("/")[2]
        yield short, one if isinstance(one, dict) else {"type": one}


def _parameter(name: str, said: dict[str, Any]) -> Parameter:
    type_, is_required, is_many = _type(said.get("type", "Any"))
    default = said.get("default")
    plain = "" if default is None or isinstance(default, (dict, list)) else scalar(default)
    binding = said.get("outputBinding")
    globs = binding.get("glob") if isinstance(binding, dict) else None
    patterns = [one for one in _many(globs) if isinstance(one, str) and "$(" not in one]
    return Parameter(
        name,
        type_,
        _joined(said.get("doc")) or _joined(said.get("label")),
        is_required and default is None,
        is_many,
        plain,
        tuple(patterns),
    )


def _type(value: Any) -> tuple[str, bool, bool]:
    """Return a type in the words of Workflow Run Crate, whether a value is required, whether there may be many."""
    if isinstance(value, list):
        real = [one for one in value if one != "null"]
        type_, required, many = _type(real[0]) if real else ("DataType", False, False)
        return type_, required and len(real) == len(value), many
    if isinstance(value, dict):
        if value.get("type") == "array":
            return _type(value.get("items", "Any"))[0], True, True
        return _TYPES.get(str(value.get("type")), "DataType"), True, False
    text = str(value)
    is_required, text = not text.endswith("?"), text.removesuffix("?")
    is_many, text = text.endswith("[]"), text.removesuffix("[]")
    return _TYPES.get(text, "DataType"), is_required, is_many


def _container(process: dict[str, Any]) -> str:
    """Return the image that a process asks for in its DockerRequirement."""
    for key in ("requirements", "hints"):
        found = process.get(key)
        pairs = found.items() if isinstance(found, dict) else [(one.get("class"), one) for one in _many(found) if isinstance(one, dict)]  # fmt: skip
        for name, one in pairs:
            if name == "DockerRequirement" and isinstance(one, dict):
                image = one.get("dockerPull") or one.get("dockerImageId")
                if isinstance(image, str):
                    return image
    return ""


def _parts(process: dict[str, Any], path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files that the steps of a workflow run, and those that these run, which lie beside or below it."""
    folder = path.parent.resolve()
    waiting, seen = [(process, folder)], {path.resolve()}
    while waiting:
        one, here = waiting.pop()
        steps = one.get("steps")
        listed = steps.values() if isinstance(steps, dict) else _many(steps)
        for step in listed:
            run = step.get("run") if isinstance(step, dict) else None
            if not isinstance(run, str) or run.startswith("#") or "://" in run:
                continue
            place = place_of(here, run.partition("#")[0], str(path))
            if place in seen:
                continue
            seen.add(place)
            if not place.is_file():
                raise SourceError(f"runs {run}, which is not there", where=str(path))
            if not place.is_relative_to(folder):
                raise UsageError(
                    f"{path.name} runs {run}, which is not beside it",
                    hint="pack the workflow: cwltool --pack",
                )
            yield PurePosixPath(place.relative_to(folder)).as_posix(), place
            waiting.append((_main(_document(place), place), place.parent))


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _joined(value: Any) -> str:
    return "\n".join(
        scalar(one) for one in _many(value) if not isinstance(one, (dict, list))
    ).strip()
