"""The parameters of a run: scalars by their dotted names, and the files that they name (classes File and Directory of CWL)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fairgraph.errors import SourceError, UsageError
from fairgraph.importers.cwl import place_of, read_yaml
from fairgraph.importers.rules import finding
from fairgraph.report import Report, Severity

VALUES = 10_000
_SHA1 = re.compile(r"sha1\$([0-9a-f]{40})")
# What follows from the path, and what is read beside it.
_FOLLOWS = ("class", "path", "location", "dirname", "nameroot", "nameext")
_INSIDE = ("secondaryFiles", "listing")


@dataclass(frozen=True)
class NamedFile:
    """A file or folder that the parameter *name* names: at *place*, or elsewhere at *url*.

    *where* is the parameter in its document, *facts* are what is said of the file, in the terms of a crate.
    """

    name: str
    where: str
    is_folder: bool
    url: str = ""
    place: Path | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameters:
    """The parameters of a run: *values* by their dotted names, *files* in order."""

    values: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[NamedFile, ...] = ()


def read_params(path: Path, report: Report) -> Parameters:
    """Read a JSON or YAML document of parameters; what it says and no crate can, is found.

    Raises SourceError if it is none, UsageError if it holds very many values or a name that no file can have.
    """
    found = read_yaml(path)
    if not isinstance(found, dict):
        raise SourceError(
            "holds no object of parameters", where=str(path), hint='{"name": value, …}'
        )
    values: dict[str, Any] = {}
    files: list[NamedFile] = []
    for name, value in _leaves(found):
        where = f"{path.name}#{name}"
        if isinstance(value, dict) and value:
            file = _named_file(name, value, path, where)
            if file is None:
                message = "a file without a path or location is in the document of parameters only"
                _find(report, "warning", message, where)
            else:
                files.append(file)
                _report_rest(value, file, report)
        elif value is None or value in ("", [], {}):
            message = "a parameter has no value: null, or nothing is in it; it is in the document of parameters only"
            _find(report, "info", message, where)
        elif values.setdefault(name, value) is not value:
            message = "two parameters have one dotted name; the second one is in the document of parameters only"
            _find(report, "warning", message, where)
    return Parameters(values, tuple(files))


def _leaves(params: Any) -> Iterator[tuple[str, Any]]:
    """Yield what has no parts, and the files, of a document by their dotted names."""
    stack, count = [("", params)], 0
    while stack:
        name, value = stack.pop()
        count += 1
        if count > VALUES:
            raise UsageError(
                f"there are more than {VALUES} parameters", hint="give a file of them as an input"
            )
        prefix = f"{name}." if name else ""
        inner: list[tuple[Any, Any]] = []
        if _is_file(value):
            inner = [(key, value[key]) for key in _INSIDE if isinstance(value.get(key), list)]
            yield name, value
        elif isinstance(value, dict) and value:
            inner = list(value.items())
        elif isinstance(value, list) and value:
            inner = list(enumerate(value))
        elif name or value:
            yield name, _finite(value)
        stack += [(f"{prefix}{key}", one) for key, one in reversed(inner)]


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and value.get("class") in ("File", "Directory")


def _finite(value: Any) -> Any:
    """Return a number that JSON does not have as a text, in the spelling of XML Schema."""
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"


def _named_file(name: str, value: dict[str, Any], params: Path, where: str) -> NamedFile | None:
    told = next(
        (t for key in ("path", "location") if isinstance(t := value.get(key), str) and t), ""
    )
    is_folder = value["class"] == "Directory"
    if told.startswith("file://"):
        told = unquote(told.removeprefix("file://"))
    elif "://" in told:
        basename = value.get("basename")
        facts = _facts(value)
        if isinstance(basename, str) and basename:
            facts["name"] = basename
        return NamedFile(name, where, is_folder, url=told, facts=facts)
    if not told:
        return None
    place = place_of(params.parent, told, str(params))
    return NamedFile(name, where, is_folder, place=place, facts=_facts(value))


def _facts(value: dict[str, Any]) -> dict[str, Any]:
    if value["class"] == "Directory":
        return {}
    facts: dict[str, Any] = {}
    format_, size, checksum = value.get("format"), value.get("size"), value.get("checksum")
    if isinstance(format_, str) and format_:
        facts["encodingFormat"] = format_
    if isinstance(size, int) and not isinstance(size, bool) and size >= 0:
        facts["contentSize"] = str(size)
    if isinstance(checksum, str) and (match := _SHA1.fullmatch(checksum)):
        facts["sha1"] = match[1]
    return facts


def _report_rest(value: dict[str, Any], file: NamedFile, report: Report) -> None:
    """Report what is said of a file and did not become a fact."""
    said = {"format": "encodingFormat", "size": "contentSize", "checksum": "sha1"}
    for key, one in value.items():
        if key in _FOLLOWS or (key in _INSIDE and isinstance(one, list)):
            continue
        if key == "basename" and one == (file.place.name if file.place else file.facts.get("name")):
            continue
        if said.get(key) not in file.facts:
            message = "what is said of a file is in the document of parameters only"
            _find(report, "warning", message, f"{file.where}.{key}")


def _find(report: Report, severity: Severity, message: str, where: str) -> None:
    report.add(finding(severity, "run-parameter-left-out", message, where=where))
