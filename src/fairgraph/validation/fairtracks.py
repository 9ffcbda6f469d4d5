"""FAIRtracks documents checked: the schemas with all that the standard adds, references and uniqueness, signature and checksums."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairgraph.fairtracks.model import KINDS, SIGNATURES, TRACK, Json, escape
from fairgraph.fairtracks.schemas import TOP, Declared, declared, edition, schemas
from fairgraph.fairtracks.signature import signature
from fairgraph.ontology import Ontology
from fairgraph.report import Finding, Report
from fairgraph.validation.fairtracks_schema import Problem, Schemas
from fairgraph.validation.fairtracks_terms import Ask, Terms

_HEX = re.compile(r"[0-9a-f]{64}")
_CHECKSUMS = {"MD5": re.compile(r"[0-9a-fA-F]{32}"), "SHA-256": re.compile(r"[0-9a-fA-F]{64}")}
_FILES = {f"fairtracks_{kind.name}.schema.json": kind.key for kind in KINDS}
_VERSIONS = ("doc_info/doc_ontology_versions", "document/ontology_versions")


def check(document: Any, ontologies: Iterable[Ontology], ask: Ask) -> Report:
    """Check a document, or one of the objects that the sub-schemas describe, and return what was found.

    Each finding names a rule and, in ``where``, the JSON pointer of what breaks it. *ask* answers queries about the graphs of
    *ontologies*. The findings stand in the order of the document's schema.
    """
    report = Report()
    if not isinstance(document, dict):
        report.add(Finding("violation", "fairtracks-type", "is no object", where="/"))
        return report
    name = edition(document)
    files = schemas(name)
    wanted, where = _versions(document)
    terms = Terms(ontologies, ask, wanted, where)
    checked = Schemas(files, terms)
    part = str(document.get("@schema", "")).rpartition("/")[2]
    is_part = part in files and part != TOP and "tracks" not in document
    found = checked.problems(files[part if is_part else TOP], document, "")
    if not is_part:
        found = _chained(found, _linked(document, declared(name)), _checksums(document))
        found = _chained(found, _signed(document))
    report.extend(_finding(problem) for problem in found)
    report.extend(terms.notes.values())
    return report


def _chained(*parts: Iterator[Problem]) -> Iterator[Problem]:
    for part in parts:
        yield from part


def _finding(problem: Problem) -> Finding:
    return Finding(
        problem.severity,
        problem.rule,
        problem.message,
        where=problem.where or "/",
        focus=f"#{problem.where}",  # the pointer as a fragment (RFC 6901 §6): each place is a finding of its own
        value=problem.value,
    )


def _versions(document: Json) -> tuple[Mapping[str, str], str]:
    """Return which version of each ontology a document names, and the pointer to where."""
    for pointer in _VERSIONS:
        section, key = pointer.split("/")
        found = document.get(section)
        versions = found.get(key) if isinstance(found, dict) else None
        if isinstance(versions, dict):
            return {k: v for k, v in versions.items() if isinstance(v, str)}, f"/{pointer}"
    return {}, ""


# -- references and uniqueness -----------------------------------------------------------------------------------------


def _linked(document: Json, declarations: Iterable[Declared]) -> Iterator[Problem]:
    """Yield values that must be unique and are not, and references that lead to nothing."""
    values: dict[tuple[str, str], dict[Any, str]] = {}
    for declaration in declarations:
        if declaration.foreign is None:
            seen = values[declaration.file, declaration.pointer] = {}
            for where, value in _values(document, declaration):
                if not isinstance(value, str):
                    continue
                first = seen.setdefault(value, where)
                if first is not where:
                    message = f"is not unique: {first} has the same value"
                    yield Problem("violation", "fairtracks-unique", where, message, value)
    for declaration in declarations:
        if declaration.foreign is None:
            continue
        known = values.get(declaration.foreign)
        if known is None:  # what it refers to need not be unique
            target = Declared(*declaration.foreign)
            known = {v: where for where, v in _values(document, target) if isinstance(v, str)}
        for where, value in _values(document, declaration):
            if isinstance(value, str) and value not in known:
                message = f"refers to nothing: no {declaration.foreign[1]} in {_shown(declaration.foreign[0])} is {value!r}"
                yield Problem("violation", "fairtracks-foreign-property", where, message, value)


def _shown(file: str) -> str:
    return _FILES.get(file, "the document")


def _values(document: Json, declaration: Declared) -> Iterator[tuple[str, Any]]:
    """Yield the values at a pointer in every object of a schema, each with its place."""
    parts = declaration.pointer.split("/")
    if declaration.file == TOP:
        yield from _below(document, parts, "")
        return
    key = _FILES.get(declaration.file)
    members = document.get(key) if key is not None else None
    if not isinstance(members, list):
        return
    if len(parts) == 1:  # the common case, without a generator for each object
        name = parts[0]
        for n, member in enumerate(members):
            if member.__class__ is dict and name in member:
                yield f"/{key}/{n}/{name}", member[name]
        return
    for n, member in enumerate(members):
        yield from _below(member, parts, f"/{key}/{n}")


def _below(value: Any, parts: list[str], where: str) -> Iterator[tuple[str, Any]]:
    for part in parts:
        if not isinstance(value, dict) or part not in value:
            return
        value, where = value[part], f"{where}/{escape(part)}"
    yield where, value


# -- what no schema says -----------------------------------------------------------------------------------------------


def _checksums(document: Json) -> Iterator[Problem]:
    tracks = document.get(TRACK.key)
    for n, track in enumerate(tracks if isinstance(tracks, list) else ()):
        checksum = track.get("checksum") if isinstance(track, dict) else None
        if not isinstance(checksum, dict):
            continue
        pattern, text = _CHECKSUMS.get(str(checksum.get("cs_method"))), checksum.get("cs_hash")
        if pattern is not None and isinstance(text, str) and pattern.fullmatch(text) is None:
            message = f"is no {checksum['cs_method']}: that has {32 if checksum['cs_method'] == 'MD5' else 64} hexadecimal digits"
            where = f"/{TRACK.key}/{n}/checksum/cs_hash"
            yield Problem("warning", "fairtracks-checksum", where, message, text)


def _signed(document: Json) -> Iterator[Problem]:
    for section, (key, _) in SIGNATURES.items():
        about = document.get(section)
        given = about.get(key) if isinstance(about, dict) else None
        if isinstance(given, str) and _HEX.fullmatch(given) and signature(document) != given:
            message = "is not the SHA-256 of the document"
            yield Problem("info", "fairtracks-signature", f"/{section}/{key}", message, given)
