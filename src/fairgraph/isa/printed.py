"""The schemas of ISA-JSON as the specification 1.0 prints them: which keys an object has, and what they hold.

They have comments on fewer objects than the schemas in use, fewer types of data files, dates with a time only, and absolute IRIs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

_TERM = "term"
_ATTRIBUTE = {"@id": "id", "value": "value", "unit": _TERM}
_DESCRIBED = {
    "@id": "id",
    "filename": "text",
    "identifier": "text",
    "title": "text",
    "description": "text",
    "submissionDate": "date-time",
    "publicReleaseDate": "date-time",
    "publications": "publication",
    "people": "person",
    "comments": "comment",
}
_TABLE = {
    "materials": "materials",
    "processSequence": "process",
    "characteristicCategories": "category",
    "unitCategories": _TERM,
    "comments": "comment",
}

# Kind of object to its keys; a key holds text of a form, or objects of a kind, one or a list.
PRINTED: Mapping[str, Mapping[str, str]] = {
    "investigation": {
        **_DESCRIBED,
        "ontologySourceReferences": "ontology source",
        "studies": "study",
    },
    "study": {
        **_DESCRIBED,
        **_TABLE,
        "studyDesignDescriptors": _TERM,
        "protocols": "protocol",
        "assays": "assay",
        "factors": "factor",
    },
    "assay": {
        "@id": "id",
        **_TABLE,
        "materials": "assay materials",
        "filename": "text",
        "measurementType": _TERM,
        "technologyType": "technology",
        "technologyPlatform": "text",
        "dataFiles": "data",
    },
    "technology": {"ontologyAnnotation": _TERM},
    "comment": {"@id": "id", "name": "text", "value": "text"},
    "data": {"@id": "id", "name": "text", "type": "data type", "comments": "comment"},
    "factor": {"@id": "id", "factorName": "text", "factorType": _TERM, "comments": "comment"},
    "factor value": {**_ATTRIBUTE, "category": "factor"},
    "characteristic": {**_ATTRIBUTE, "category": "category"},
    "parameter value": {"category": "parameter", "value": "value", "unit": _TERM},
    "category": {"@id": "id", "characteristicType": _TERM},
    "parameter": {"@id": "id", "parameterName": _TERM},
    "component": {"componentName": "text", "componentType": _TERM, "comments": "comment"},
    "materials": {"sources": "source", "samples": "sample", "otherMaterials": "material"},
    "assay materials": {"samples": "sample", "otherMaterials": "material"},
    "source": {"@id": "id", "name": "text", "characteristics": "characteristic"},
    "sample": {
        "@id": "id",
        "name": "text",
        "characteristics": "characteristic",
        "factorValues": "factor value",
        "derivesFrom": "source",
    },
    "material": {
        "@id": "id",
        "name": "text",
        "type": "text",
        "characteristics": "characteristic",
        "derivesFrom": "material",
    },
    "term": {
        "@id": "id",
        "annotationValue": "value",
        "termSource": "text",
        "termAccession": "uri",
        "comments": "comment",
    },
    "ontology source": {
        "name": "text",
        "file": "text",
        "version": "text",
        "description": "text",
        "comments": "comment",
    },
    "person": {
        "@id": "id",
        **dict.fromkeys(("lastName", "firstName", "midInitials"), "text"),
        "email": "email",
        **dict.fromkeys(("phone", "fax", "address", "affiliation"), "text"),
        "roles": _TERM,
        "comments": "comment",
    },
    "process": {
        "@id": "id",
        "name": "text",
        "executesProtocol": "protocol",
        "parameterValues": "parameter value",
        "performer": "text",
        "date": "date-time",
        "previousProcess": "process",
        "nextProcess": "process",
        "inputs": "node",
        "outputs": "node",
        "comments": "comment",
    },
    "protocol": {
        "@id": "id",
        "comments": "comment",
        "name": "text",
        "protocolType": _TERM,
        "description": "text",
        "uri": "uri",
        "version": "text",
        "parameters": "parameter",
        "components": "component",
    },
    "publication": {
        **dict.fromkeys(("pubMedID", "doi", "authorList", "title"), "text"),
        "status": _TERM,
        "comments": "comment",
    },
}
DATA_TYPES = ("Raw Data File", "Derived Data File", "Image File")
# Where an object with an @id is one that is described elsewhere.
REFERENCES = frozenset(
    {
        "category",
        "unit",
        "executesProtocol",
        "inputs",
        "outputs",
        "derivesFrom",
        "previousProcess",
        "nextProcess",
    }
)

_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
    r"(?:#(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def at_midnight(text: str) -> str:
    """Return a day as the beginning of that day, ``""`` if it is none."""
    return f"{text}T00:00:00Z" if _DAY.fullmatch(text) and _is_time(text) else ""


def is_of(form: str, text: str) -> bool:
    """Tell whether a text has the form of a key: ``uri``, ``date-time``, ``email`` or ``data type``; any is of another form."""
    if form == "uri":
        return _URI.fullmatch(text) is not None
    if form == "date-time":
        return _TIME.fullmatch(text) is not None and _is_time(text)
    if form == "email":
        return _EMAIL.fullmatch(text) is not None
    return form != "data type" or text in DATA_TYPES


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True
