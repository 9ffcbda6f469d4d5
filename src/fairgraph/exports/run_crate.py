"""Analysis runs as crates that others can read and run again: RO-Crate 1.1 with Process and Workflow Run Crate 0.5.

What the crate of a run says comes as it came; what the profiles ask for beside that is added: the profiles themselves, links from the
root, PROV-O as a file, a manifest of the results with their checksums. A dataset without a run is written as ``ro-crate`` writes it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from pyoxigraph import Literal, NamedNode

from fairgraph.crate.ids import minted
from fairgraph.exports import prov_o, ro_crate
from fairgraph.exports.crate import Crate, add_descriptor
from fairgraph.exports.crate_ids import METADATA
from fairgraph.exports.crate_own import DERIVED, FOLDER, own_things
from fairgraph.exports.crate_things import Things
from fairgraph.exports.crate_words import WORKFLOW_RUN
from fairgraph.exports.export import Answers, Export, File, Term
from fairgraph.exports.lent import Lent
from fairgraph.exports.package import write_zip
from fairgraph.terms import DCTERMS, ELN, FG, RDF, SCHEMA, XSD

PROV, MANIFEST = "prov.jsonld", "manifest-sha256.txt"
_RUN_PROFILES = "https://w3id.org/ro/wfrun/"
_WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
_NAMES = {
    "process": "Process Run Crate",
    "workflow": "Workflow Run Crate",
    "provenance": "Provenance Run Crate",
}
_VERSION = "0.5"
NO_LICENSE = "http://spdx.org/rdf/terms#noassertion"


def files(answers: Answers) -> Iterator[File]:
    """Yield the files of the crate: its metadata document, PROV-O, the manifest, and what the file store has."""
    runs: dict[str, set[str]] = {}
    for run, workflow in answers.rows("runs"):
        runs.setdefault(run.value, set()).update([workflow.value] if workflow else [])
    if not runs:
        options = {**answers.options, ro_crate.VERSION: WORKFLOW_RUN.version}
        yield from ro_crate.files(Lent(answers, ro_crate.EXPORT, options))
        return
    things = own_things(Lent(answers, ro_crate.EXPORT))
    made = _made(answers, things, sorted(runs))
    _describe_crate(answers, things, runs)
    _describe_made(things, sorted(runs), made)
    _link_files(things)
    yield from Crate(things, WORKFLOW_RUN, answers, made=made).files()


def metadata(answers: Answers) -> bytes:
    """Return the metadata document alone."""
    _, contents = next(files(answers))
    return b"".join(contents)


def write(answers: Answers, output: BinaryIO) -> None:
    """Write the crate as a ZIP archive."""
    write_zip(files(answers), output)


# -- What is made here -----------------------------------------------------------------------------------------------------


def _made(answers: Answers, things: Things, runs: Iterable[str]) -> dict[str, bytes]:
    provenance = io.BytesIO()
    prov_o.write_content(Lent(answers, prov_o.EXPORT), provenance)
    lines = set()
    for run in runs:
        for result in _members(things, [term.value for term in things.values(run, SCHEMA.result)]):
            sha256 = things.text(result, SCHEMA.sha256)
            if sha256:
                path = things.text(result, FG.originalId) or result
                lines.add((path.removeprefix("./"), f"{sha256}  {path.removeprefix('./')}\n"))
    manifest = "".join(line for _, line in sorted(lines))
    return {MANIFEST: manifest.encode(), PROV: provenance.getvalue()}


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


def _describe_made(things: Things, runs: list[str], made: dict[str, bytes]) -> None:
    about = {
        PROV: ("Provenance of the run (PROV-O)", "application/ld+json"),
        MANIFEST: ("SHA-256 of the results", "text/plain"),
    }
    for thing in list(things):
        # What an earlier export made is made anew.
        if things.text(thing, FG.originalId).removeprefix("./") in made:
            things.remove(thing)
    for path, content in made.items():
        name, media_type = about[path]
        node = NamedNode(_iri(things, path))
        _say(things, node, RDF.type, SCHEMA.node("MediaObject"))
        _say(things, node, FG.originalId, Literal(path))
        _say(things, node, SCHEMA.name, Literal(name))
        _say(things, node, SCHEMA.encodingFormat, Literal(media_type))
        _say(things, node, SCHEMA.sha256, Literal(hashlib.sha256(content).hexdigest()))
        size = Literal(str(len(content)), datatype=XSD.node("integer"))
        _say(things, node, SCHEMA.contentSize, size)
    for run in runs:
        _say(things, NamedNode(run), SCHEMA.subjectOf, NamedNode(_iri(things, PROV)))


def _iri(things: Things, path: str) -> str:
    return minted(things.root, path, "file")


# -- What the profiles ask for ---------------------------------------------------------------------------------------------


def _describe_crate(answers: Answers, things: Things, runs: dict[str, set[str]]) -> None:
    root = NamedNode(things.root)
    kinds = ["process"]
    claimed = {term.value for term in things.values(things.root, DCTERMS.conformsTo)}
    workflows = sorted({workflow for found in runs.values() for workflow in found})
    if workflows:
        kinds.append("workflow")
        if any(iri.startswith(f"{_RUN_PROFILES}provenance/") for iri in claimed):
            kinds.append("provenance")
    _replace_profiles(things, root, kinds)
    _describe_descriptor(things, has_workflow=bool(workflows))
    for run in sorted(runs):
        _say(things, root, SCHEMA.mentions, NamedNode(run))
    if workflows and not things.values(things.root, SCHEMA.mainEntity):
        _say(things, root, SCHEMA.mainEntity, NamedNode(workflows[0]))
    for title, license, created in answers.rows("record"):
        ends = max((things.text(run, SCHEMA.endTime) for run in runs), default="")
        _default(things, SCHEMA.name, title)
        _default(things, SCHEMA.description, title)
        _default(things, SCHEMA.datePublished, Literal((ends or created.value)[:10], datatype=XSD.node("date")))  # fmt: skip
        _default(things, SCHEMA.license, license or NamedNode(NO_LICENSE))
    if NamedNode(NO_LICENSE) in things.values(things.root, SCHEMA.license):
        _say(things, NamedNode(NO_LICENSE), RDF.type, SCHEMA.node("CreativeWork"))
        _say(things, NamedNode(NO_LICENSE), SCHEMA.name, Literal("No licence is stated"))


def _replace_profiles(things: Things, root: NamedNode, kinds: Iterable[str]) -> None:
    """Let the root conform to the profiles of runs in the version that is written, and to others as it did."""
    for term in things.values(root.value, DCTERMS.conformsTo):
        if term.value.startswith((_RUN_PROFILES, _WORKFLOW_CRATE)):
            things.remove(root.value, DCTERMS.conformsTo, term)
    profiles = {f"{_RUN_PROFILES}{kind}/{_VERSION}": (_NAMES[kind], _VERSION) for kind in kinds}
    if len(profiles) > 1:
        profiles[_WORKFLOW_CRATE] = ("Workflow RO-Crate", "1.0")
    for iri, (name, version) in profiles.items():
        profile = NamedNode(iri)
        _say(things, root, DCTERMS.conformsTo, profile)
        _say(things, profile, RDF.type, SCHEMA.node("CreativeWork"))
        for predicate, text in ((SCHEMA.name, name), (SCHEMA.version, version)):
            if not things.values(iri, predicate):
                _say(things, profile, predicate, Literal(text))


def _describe_descriptor(things: Things, *, has_workflow: bool) -> None:
    found = [thing for thing in things if things.text(thing, FG.originalId).removeprefix("./") == METADATA]  # fmt: skip
    if not found:
        add_descriptor(things, WORKFLOW_RUN)
        found = [f"{things.root}/creativework/{METADATA}"]
    descriptor = found[0]
    things.remove(descriptor, DCTERMS.conformsTo)
    node = NamedNode(descriptor)
    _say(things, node, DCTERMS.conformsTo, NamedNode(WORKFLOW_RUN.iri))
    if has_workflow:
        _say(things, node, DCTERMS.conformsTo, NamedNode(_WORKFLOW_CRATE))


def _link_files(things: Things) -> None:
    """Let every file and folder be a part of the root, or of what is one."""
    parts = {term.value for thing in things for term in things.values(thing, SCHEMA.hasPart)}
    for thing in list(things):
        is_data = things.is_a(thing, SCHEMA.MediaObject, SCHEMA.Dataset)
        is_other = thing == things.root or things.is_a(thing, ELN.UndescribedFile)
        if is_data and not is_other and thing not in parts:
            _say(things, NamedNode(things.root), SCHEMA.hasPart, NamedNode(thing))


def _default(things: Things, predicate: str, value: Term) -> None:
    """Say something of the root that it does not say itself."""
    if not any(term.value.strip() for term in things.values(things.root, predicate)):
        things.remove(things.root, predicate)
        _say(things, NamedNode(things.root), predicate, value)


def _say(things: Things, thing: NamedNode, predicate: str, value: Term) -> None:
    things.add(thing, NamedNode(predicate), value)


EXPORT = Export(
    "run-crate",
    "Workflow Run Crate",
    "export/run-crate",
    "application/zip",
    "zip",
    write,
    profile=f"{_RUN_PROFILES}workflow/{_VERSION}",
    group="Notebooks and crates",
    also=(DERIVED, FOLDER, prov_o.EXPORT.query),
    carried=("export/triples",),
    files=files,
)
