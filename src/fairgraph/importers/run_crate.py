"""The metadata of the crate that Workflow Run Crate 0.5 asks for, made from what is told of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from fairgraph.errors import UsageError
from fairgraph.identifiers import ORCID, orcid_within
from fairgraph.importers.containers import Image, read_image
from fairgraph.importers.crate_files import METADATA
from fairgraph.importers.cwl import Parameter, Workflow, scalar
from fairgraph.licences import spdx
from fairgraph.terms import ncname

CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
_WORKFLOW_PROFILE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    _WORKFLOW_PROFILE: ("Workflow RO-Crate", "1.0"),
}


Node = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What is told of a run beside its workflow. *inputs*, *outputs* and *others* are files by their names in the crate.

    *remote* are the nodes of inputs that are elsewhere, *facts* what is said of files by their names. *values* are parameters by their
    dotted names, *examples* the files and values that are examples of a formal parameter, by its ``@id``.
    """

    title: str
    container: str
    agent: str
    start: str
    end: str
    license: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    others: tuple[str, ...]
    remote: tuple[Node, ...]
    facts: Mapping[str, Node]
    values: Mapping[str, Any]
    examples: Mapping[str, list[str]]


def metadata(workflow: Workflow, told: Told) -> bytes:
    """Return the metadata document of the crate of a run; UsageError for a time, image or order of times that cannot be."""
    document = {"@context": CONTEXT, "@graph": list(_nodes(workflow, told))}
    return json.dumps(document, ensure_ascii=False).encode()


def _nodes(workflow: Workflow, told: Told) -> Iterator[Node]:
    main = _ref(f"workflow/{workflow.path.name}")
    start, end = _time(told.start, "start"), _time(told.end, "end")
    if start and end and _moment(end) < _moment(start):
        raise UsageError(f"the run ends ({end}) before it starts ({start})")
    image = read_image(told.container) if told.container else None
    agent = _agent(told.agent)
    files = (*told.others, *told.inputs, *told.outputs)
    remote = [{"@id": node["@id"]} for node in told.remote]
    yield {
        "@id": METADATA[0],
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": [{"@id": "https://w3id.org/ro/crate/1.1"}, {"@id": _WORKFLOW_PROFILE}],
    }
    yield _without_empty(
        {
            "@id": "./",
            "@type": "Dataset",
            "name": told.title,
            "description": f"{told.title}: {len(told.inputs) + len(told.remote)} inputs, {len(told.outputs)} outputs.",
            "datePublished": (end or datetime.now(UTC).isoformat())[:10],
            "license": _license(told.license),
            "conformsTo": [{"@id": iri} for iri in PROFILES],
            "mainEntity": main,
            "mentions": {"@id": "#run"},
            "hasPart": [*map(_ref, files), *remote],
        }
    )
    for iri, (name, version) in PROFILES.items():
        yield {"@id": iri, "@type": "CreativeWork", "name": name, "version": version}
    yield from _workflow_nodes(workflow, main)
    for parameter in (*workflow.inputs, *workflow.outputs):
        yield _formal(parameter, parameter in workflow.outputs, told.examples)
    by_file = {name: formal for formal, names in told.examples.items() for name in names}
    for name in files:
        if not name.startswith("workflow/"):
            yield _without_empty({**_ref(name), "@type": "File", "name": name.rpartition("/")[2], "exampleOfWork": _example_of(by_file, name), **told.facts.get(name, {})})  # fmt: skip
    for node in told.remote:
        yield _without_empty({**node, "exampleOfWork": _example_of(by_file, node["@id"])})
    for name, value in told.values.items():
        yield _without_empty({"@id": value_id(name), "@type": "PropertyValue", "name": name, "value": _json(value), "exampleOfWork": _example_of(by_file, value_id(name))})  # fmt: skip
    yield _without_empty(
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": told.title,
            "instrument": main,
            "agent": {"@id": agent["@id"]} if agent else None,
            "startTime": start,
            "endTime": end,
            "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
            "containerImage": {"@id": "#container"} if image else None,
            "object": [
                *map(_ref, told.inputs),
                *remote,
                *({"@id": value_id(name)} for name in told.values),
            ],
            "result": [_ref(name) for name in told.outputs],
        }
    )
    if image:
        yield _image(image)
    if agent:
        yield agent


def _workflow_nodes(workflow: Workflow, main: Node) -> Iterator[Node]:
    language = workflow.language
    language_id = f"https://w3id.org/workflowhub/workflow-ro-crate#{language.key}"
    yield _without_empty(
        {
            **main,
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            "name": workflow.name or workflow.path.name,
            "description": workflow.description,
            "programmingLanguage": {"@id": language_id},
            "input": [{"@id": formal_id(one, "input")} for one in workflow.inputs],
            "output": [{"@id": formal_id(one, "output")} for one in workflow.outputs],
            "hasPart": [_ref(f"workflow/{name}") for name in workflow.parts],
        }
    )
    yield _without_empty(
        {
            "@id": language_id,
            "@type": "ComputerLanguage",
            "name": language.name,
            "url": {"@id": language.url},
            "version": workflow.version,
        }
    )
    for name in workflow.parts:
        yield {**_ref(f"workflow/{name}"), "@type": ["File", "SoftwareSourceCode"], "name": name}


def _formal(parameter: Parameter, is_output: bool, examples: Mapping[str, list[str]]) -> Node:
    iri = formal_id(parameter, "output" if is_output else "input")
    return _without_empty(
        {
            "@id": iri,
            "@type": "FormalParameter",
            "conformsTo": {"@id": "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"},
            "name": parameter.name,
            "description": parameter.description,
            "additionalType": parameter.type,
            "valueRequired": scalar(parameter.is_required),
            "multipleValues": "true" if parameter.is_many else "",
            "defaultValue": parameter.default,
            "workExample": [
                {"@id": one} if one[:1] == "#" or "://" in one else _ref(one)
                for one in examples.get(iri, ())
            ],
        }
    )


def _example_of(formals: Mapping[str, str], name: str) -> Node | None:
    return {"@id": formals[name]} if name in formals else None


def _image(image: Image) -> Node:
    return _without_empty(
        {
            "@id": "#container",
            "@type": "ContainerImage",
            "additionalType": {"@id": image.type},
            "identifier": image.reference,
            "name": image.name,
            "registry": image.registry,
            "tag": image.tag,
            "sha256": image.sha256,
        }
    )


def _agent(text: str) -> Node | None:
    """Return a person out of a name, an ORCID iD, or both."""
    found = orcid_within(text)
    name = (found[1] if found else text).strip(" ,;<>()")
    if found:
        return {"@id": f"{ORCID}{found[0]}", "@type": "Person", "name": name or found[0]}
    return {"@id": f"#{quote(ncname(name))}", "@type": "Person", "name": name} if name else None


def _license(text: str) -> Node | str:
    known = spdx(text) if text else None
    return {"@id": f"https://spdx.org/licenses/{known}"} if known else text


def _time(text: str, what: str) -> str:
    """Return a time in the form of xsd:dateTime or xsd:date; UsageError if it is none."""
    if not text:
        return ""
    try:
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
        return datetime.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(
            f"the {what} {text[:40]!r} is no time in ISO 8601", hint="2026-11-21T09:30:00+01:00"
        ) from error


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _ref(name: str) -> Node:
    return {"@id": quote(name)}


def formal_id(parameter: Parameter, side: str) -> str:
    """Return the ``@id`` of an ``input`` or ``output`` of a workflow."""
    return f"#{side}/{quote(parameter.name, safe='')}"


def value_id(name: str) -> str:
    """Return the ``@id`` of the value of a parameter, by its dotted name."""
    return f"#value/{quote(name, safe='')}"


def _json(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float, str)) else scalar(value)


def _without_empty(node: Node) -> Node:
    return {key: value for key, value in node.items() if value not in (None, "", [])}
