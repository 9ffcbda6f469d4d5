"""Analysis runs as crates that others can read and run again: RO-Crate 1.1 with Process and Workflow Run Crate 0.5.

What the crate of a run says comes as it came; what the profiles ask for beside that is supplied: the profiles themselves, links from the
root, PROV-O as a file, a manifest of the results with their checksums. A reader of ours takes all that back. A dataset without a run is written as ``ro-crate`` writes it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from pyoxigraph import Literal, NamedNode

from fairgraph.crate.ids import minted, path_of
from fairgraph.exports import prov_o, ro_crate
from fairgraph.exports.crate import Crate
from fairgraph.exports.crate_changes import Changes
from fairgraph.exports.crate_own import is_crate, own_things, recorded
from fairgraph.exports.crate_strict import Rules, descriptor_of
from fairgraph.exports.crate_things import Things
from fairgraph.exports.crate_words import WORKFLOW_RUN
from fairgraph.exports.export import Answers, Export, File
from fairgraph.exports.lent import Lent
from fairgraph.exports.package import write_zip
from fairgraph.terms import DCTERMS, ELN, FG, SCHEMA, XSD

_MADE = {
    "manifest-sha256.txt": ("SHA-256 of the results", "text/plain"),
    "prov.jsonld": ("Provenance of the run (PROV-O)", "application/ld+json"),
}
_RUN_PROFILES = "https://w3id.org/ro/wfrun/"
_WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
_NAMES = {
    "process": "Process Run Crate",
    "workflow": "Workflow Run Crate",
    "provenance": "Provenance Run Crate",
}
_VERSION = "0.5"


def files(answers: Answers) -> Iterator[File]:
    """Yield the files of the crate: its metadata document, PROV-O, the manifest, and what the file store has."""
    runs: dict[str, set[str]] = {}
    for run, workflow in answers.rows("runs"):
        runs.setdefault(run.value, set()).update([workflow.value] if workflow else [])
    if not runs:
        options = {**answers.options, ro_crate.VERSION: WORKFLOW_RUN.version}
        yield from ro_crate.files(Lent(answers, ro_crate.EXPORT, options))
        return
    things = own_things(answers)
    changes = Changes(things, told=is_crate(answers))
    made = _made(answers, changes, sorted(runs))
    _describe_crate(answers, changes, runs)
    title, day = recorded(answers)
    rules = Rules(changes, WORKFLOW_RUN, title=title, day=day)
    rules.apply()
    yield from Crate(things, WORKFLOW_RUN, answers, changes=changes, made=made).files()


def metadata(answers: Answers) -> bytes:
    """Return the metadata document alone."""
    _, contents = next(files(answers))
    return b"".join(contents)


def write(answers: Answers, output: BinaryIO) -> None:
    """Write the crate as a ZIP archive."""
    write_zip(files(answers), output)


# -- What is made here -----------------------------------------------------------------------------------------------------


def _made(answers: Answers, changes: Changes, runs: list[str]) -> dict[str, bytes]:
    """Make the files that the crate has beside those of the store, and describe them; return them by their paths."""
    provenance = io.BytesIO()
    prov_o.write_content(Lent(answers, prov_o.EXPORT), provenance)
    contents = (_manifest(changes.things, runs), provenance.getvalue())
    taken = {path_of(changes.things.text(thing, FG.originalId)) for thing in changes.things}
    found: dict[str, bytes] = {}
    for (name, (title, media_type)), content in zip(_MADE.items(), contents, strict=True):
        path = next(one for one in (name, *(f"run-{n}-{name}" for n in range(len(taken)))) if one not in taken)  # fmt: skip
        found[path] = content
        # What nobody described has no class by which it would be called.
        iri = minted(changes.things.root, path, "thing")
        changes.thing(iri, SCHEMA.MediaObject, ELN.SuppliedFile)
        changes.supply(iri, FG.originalId, path)
        changes.supply(iri, SCHEMA.name, title)
        changes.supply(iri, SCHEMA.encodingFormat, media_type)
        changes.supply(iri, SCHEMA.sha256, hashlib.sha256(content).hexdigest())
        size = Literal(str(len(content)), datatype=XSD.node("integer"))
        changes.supply(iri, SCHEMA.contentSize, size)
        for run in runs if media_type != "text/plain" else ():
            changes.supply(run, SCHEMA.subjectOf, NamedNode(iri))
    return found


def _manifest(things: Things, runs: Iterable[str]) -> bytes:
    lines = {}
    for run in runs:
        for result in _members(things, [term.value for term in things.values(run, SCHEMA.result)]):
            if sha256 := things.text(result, SCHEMA.sha256):
                path = path_of(things.text(result, FG.originalId)) or result
                lines[path] = f"{sha256}  {path}\n"
    return "".join(lines[path] for path in sorted(lines)).encode()


def _members(things: Things, found: list[str]) -> Iterator[str]:
    """Yield some things, and what is in those that are folders or collections."""
    waiting, seen = list(found), set(found)
    while waiting:
        thing = waiting.pop()
        yield thing
        for part in things.values(thing, SCHEMA.hasPart):
            if part.value not in seen and thing != things.root:
                seen.add(part.value)
                waiting.append(part.value)


# -- What the profiles ask for ---------------------------------------------------------------------------------------------


def _describe_crate(answers: Answers, changes: Changes, runs: dict[str, set[str]]) -> None:
    things, root = changes.things, changes.things.root
    kinds = ["process"]
    claimed = {term.value for term in things.values(root, DCTERMS.conformsTo)}
    workflows = sorted({workflow for found in runs.values() for workflow in found})
    if workflows:
        kinds.append("workflow")
        if any(iri.startswith(f"{_RUN_PROFILES}provenance/") for iri in claimed):
            kinds.append("provenance")
    _replace_profiles(changes, kinds)
    for run in sorted(runs):
        changes.supply(root, SCHEMA.mentions, NamedNode(run))
    if workflows and not things.values(root, SCHEMA.mainEntity):
        changes.supply(root, SCHEMA.mainEntity, NamedNode(workflows[0]))
    ended = max((things.text(run, SCHEMA.endTime)[:10] for run in runs), default="")
    if ended and not things.values(root, SCHEMA.datePublished):
        changes.supply(root, SCHEMA.datePublished, Literal(ended, datatype=XSD.node("date")))
    for (license,) in answers.rows("license"):
        if not things.values(root, SCHEMA.license):
            changes.supply(root, SCHEMA.license, license)


def _replace_profiles(changes: Changes, kinds: Iterable[str]) -> None:
    """Let the root conform to the profiles of runs in the version that is written, and to others as it did."""
    things, root = changes.things, changes.things.root
    profiles = {f"{_RUN_PROFILES}{kind}/{_VERSION}": (_NAMES[kind], _VERSION) for kind in kinds}
    if len(profiles) > 1:
        profiles[_WORKFLOW_CRATE] = ("Workflow RO-Crate", "1.0")
    for term in things.values(root, DCTERMS.conformsTo):
        of_runs = term.value.startswith((_RUN_PROFILES, _WORKFLOW_CRATE))
        if of_runs and term.value not in profiles:
            changes.withhold(root, DCTERMS.conformsTo, term)
    for iri, (name, version) in profiles.items():
        changes.supply(root, DCTERMS.conformsTo, NamedNode(iri))
        changes.thing(iri, SCHEMA.CreativeWork)
        for predicate, text in ((SCHEMA.name, name), (SCHEMA.version, version)):
            if not things.values(iri, predicate):
                changes.supply(iri, predicate, text)
    descriptor = descriptor_of(things)
    if descriptor and _WORKFLOW_CRATE in profiles:
        changes.supply(descriptor, DCTERMS.conformsTo, NamedNode(_WORKFLOW_CRATE))


EXPORT = Export(
    "run-crate",
    "Workflow Run Crate",
    "export/run-crate",
    "application/zip",
    "zip",
    write,
    profile=f"{_RUN_PROFILES}workflow/{_VERSION}",
    group="Notebooks and crates",
    also=(*ro_crate.EXPORT.also, prov_o.EXPORT.query),
    carried=ro_crate.EXPORT.carried,
    files=files,
    holds_files=True,
)
