"""The form of ISA-JSON: which properties an object has, and of what type (ISA-JSON format 1.0, Schemas; content rule 3).

No property is required. What is said here is what the schemas of the ISA model 1.0 say in the edition that tools check against,
which allows more kinds of data files than the printed one, and comments on more objects. Formats (dates, IRIs) have rules of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from fairgraph.isa.notation import DATA_TYPES

Scalar = Literal["text", "text or number", "value"]


@dataclass(frozen=True)
class One:
    """An object of one of several kinds."""

    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Many:
    """A list of objects of one of several kinds."""

    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A text out of a list."""

    texts: frozenset[str]


Expected = Scalar | One | Many | Choice


def _many(*kinds: str) -> Many:
    return Many(kinds)


MATERIAL_TYPES = frozenset({"Extract Name", "Labeled Extract Name"})

_TERM = One(("OntologyAnnotation",))
_TERMS = _many("OntologyAnnotation")
_COMMENTS: Mapping[str, Expected] = {"comments": _many("Comment")}
_DESCRIBED: Mapping[str, Expected] = {
    "filename": "text",
    "identifier": "text",
    "title": "text",
    "description": "text",
    "submissionDate": "text",
    "publicReleaseDate": "text",
    "publications": _many("Publication"),
    "people": _many("Person"),
    **_COMMENTS,
}
_DECLARED: Mapping[str, Expected] = {
    "characteristicCategories": _many("MaterialAttribute"),
    "unitCategories": _TERMS,
    "processSequence": _many("Process"),
    **_COMMENTS,
}


def _valued(category: str) -> dict[str, Expected]:
    return {"category": One((category,)), "value": "value", "unit": _TERM, **_COMMENTS}


_KINDS: Mapping[str, Mapping[str, Expected]] = {
    "Investigation": {
        **_DESCRIBED,
        "ontologySourceReferences": _many("OntologySourceReference"),
        "studies": _many("Study"),
    },
    "Study": {
        **_DESCRIBED,
        **_DECLARED,
        "studyDesignDescriptors": _TERMS,
        "protocols": _many("Protocol"),
        "materials": One(("materials of a study",)),
        "assays": _many("Assay"),
        "factors": _many("Factor"),
    },
    "Assay": {
        **_DECLARED,
        "filename": "text",
        "measurementType": _TERM,
        "technologyType": _TERM,
        "technologyPlatform": "text",
        "dataFiles": _many("Data"),
        "materials": One(("materials of an assay",)),
    },
    "Comment": {"name": "text", "value": "text"},
    "OntologyAnnotation": {
        "annotationValue": "text or number",
        "termSource": "text",
        "termAccession": "text",
        **_COMMENTS,
    },
    "OntologySourceReference": {
        "description": "text",
        "file": "text",
        "name": "text",
        "version": "text",
        **_COMMENTS,
    },
    "Person": {
        **dict.fromkeys(
            ("lastName", "firstName", "midInitials", "email", "phone", "fax", "address"), "text"
        ),
        "affiliation": "text",
        "roles": _TERMS,
        **_COMMENTS,
    },
    "Publication": {
        **dict.fromkeys(("pubMedID", "doi", "authorList", "title"), "text"),
        "status": _TERM,
        **_COMMENTS,
    },
    "Factor": {"factorName": "text", "factorType": _TERM, **_COMMENTS},
    "Protocol": {
        "name": "text",
        "protocolType": _TERM,
        "description": "text",
        "uri": "text",
        "version": "text",
        "parameters": _many("ProtocolParameter"),
        "components": _many("component"),
        **_COMMENTS,
    },
    "ProtocolParameter": {"parameterName": _TERM, **_COMMENTS},
    "MaterialAttribute": {"characteristicType": _TERM},
    "MaterialAttributeValue": _valued("MaterialAttribute"),
    "FactorValue": _valued("Factor"),
    "ParameterValue": _valued("ProtocolParameter"),
    "Source": {
        "name": "text",
        "characteristics": _many("MaterialAttributeValue"),
        **_COMMENTS,
    },
    "Sample": {
        "name": "text",
        "characteristics": _many("MaterialAttributeValue"),
        "factorValues": _many("FactorValue"),
        "derivesFrom": _many("Source"),
        **_COMMENTS,
    },
    "Material": {
        "name": "text",
        "type": Choice(MATERIAL_TYPES),
        "characteristics": _many("MaterialAttributeValue"),
        **_COMMENTS,
    },
    "Data": {"name": "text", "type": Choice(frozenset(DATA_TYPES)), **_COMMENTS},
    "Process": {
        "name": "text",
        "executesProtocol": One(("Protocol",)),
        "parameterValues": _many("ParameterValue"),
        "performer": "text",
        "date": "text",
        "previousProcess": One(("Process",)),
        "nextProcess": One(("Process",)),
        "inputs": _many("Source", "Sample", "Data", "Material"),
        "outputs": _many("Sample", "Data", "Material"),
        **_COMMENTS,
    },
}
# The kinds of objects by their @type, which every one may have, with @id and @context.
OBJECTS: Mapping[str, Mapping[str, Expected]] = {
    kind: {"@id": "text", "@context": "text", "@type": Choice(frozenset({kind})), **properties}
    for kind, properties in _KINDS.items()
}
# Objects that have no schema of their own: further properties are nobody's business.
OPEN: Mapping[str, Mapping[str, Expected]] = {
    "materials of a study": {
        "sources": _many("Source"),
        "samples": _many("Sample"),
        "otherMaterials": _many("Material"),
    },
    "materials of an assay": {"samples": _many("Sample"), "otherMaterials": _many("Material")},
    "component": {"componentName": "text", "componentType": _TERM, **_COMMENTS},
}

Deviation = tuple[str, str]


def deviations(document: Any) -> list[Deviation]:
    """Return where a document departs from the form of ISA-JSON: JSON pointer (RFC 6901) and what is wrong there.

    It is empty if and only if the document is valid by the schemas.
    """
    found: list[Deviation] = []
    _object(document, "Investigation", "", found)
    return found


def _object(value: Any, kind: str, at: str, found: list[Deviation]) -> None:
    if not isinstance(value, dict):
        if kind != "Source":  # its schema does not say that it is an object
            found.append((at, f"is {_type(value)} where the schema has an object ({kind})"))
        return
    properties = OBJECTS.get(kind) or OPEN[kind]
    for key, member in value.items():
        expected = properties.get(key)
        if expected is None:
            if kind not in OPEN:
                found.append(
                    (_below(at, key), f"{key!r} is not a property that the schema of {kind} has")
                )
        elif expected == "text":
            if not isinstance(member, str):
                found.append((_below(at, key), _wrong(key, kind, member, "a text")))
        else:
            _property(member, key, kind, expected, _below(at, key), found)


def _property(
    value: Any, key: str, kind: str, expected: Expected, at: str, found: list[Deviation]
) -> None:
    if isinstance(expected, Many):
        if not isinstance(value, list):
            found.append((at, _wrong(key, kind, value, "a list")))
        else:
            for n, member in enumerate(value):
                _one(member, expected.kinds, f"{at}/{n}", found)
    elif isinstance(expected, One):
        if isinstance(value, dict) or "Source" in expected.kinds:
            _one(value, expected.kinds, at, found)
        else:
            found.append((at, _wrong(key, kind, value, "an object")))
    elif isinstance(expected, Choice):
        if not isinstance(value, str):
            found.append((at, _wrong(key, kind, value, "a text")))
        elif value not in expected.texts:
            found.append(
                (at, f"{key!r} of {kind} is {value[:60]!r}, which its schema does not list")
            )
    elif expected == "value" and isinstance(value, dict):
        _object(value, "OntologyAnnotation", at, found)
    elif not isinstance(value, (str, int, float, Decimal)) or isinstance(value, bool):
        found.append((at, _wrong(key, kind, value, "a text, a number or an ontology annotation")))


def _one(value: Any, kinds: Iterable[str], at: str, found: list[Deviation]) -> None:
    """Check an object against the kinds that it may be of; say what is wrong with it as the one that it is most like."""
    best: list[Deviation] | None = None
    for kind in kinds:
        as_kind: list[Deviation] = []
        _object(value, kind, at, as_kind)
        if not as_kind:
            return
        if best is None or len(as_kind) < len(best):
            best = as_kind
    found.extend(best or ())


def _below(at: str, key: str) -> str:
    return f"{at}/{key.replace('~', '~0').replace('/', '~1')}"


def _wrong(key: str, kind: str, value: Any, expected: str) -> str:
    return f"{key!r} of {kind} is {_type(value)} where the schema has {expected}"


def _type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    return "a text" if isinstance(value, str) else "a number"
