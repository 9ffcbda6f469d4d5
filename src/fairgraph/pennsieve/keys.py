"""The keys of the documents of a published dataset, and the properties that they become."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fairgraph.terms import ISA, PENNSIEVE, SCHEMA, SH, XSD

PREFIXES = ("pennsieve", "blackfynn")
"""What the names of two keys begin with: the platform was renamed in 2021."""
MANIFESTS = ("manifest.json", "metadata.json")
TEXTS: Mapping[str, str] = {"readme.md": PENNSIEVE.readme, "changelog.md": PENNSIEVE.changelog}
"""The texts at the top of a dataset."""
DATASET_ID, SCHEMA_VERSION = "DatasetId", "SchemaVersion"

# What a manifest says of itself, one value each.
MANIFEST: Mapping[str, str] = {
    DATASET_ID: PENNSIEVE.datasetId,
    "version": SCHEMA.version,
    "revision": PENNSIEVE.revisionNumber,
    "name": SCHEMA.name,
    "description": SCHEMA.description,
    "sourceOrganization": SCHEMA.sourceOrganization,
    "datePublished": SCHEMA.datePublished,
    "license": PENNSIEVE.license,
    "@id": SCHEMA.identifier,
    "publisher": SCHEMA.publisher,
    "@context": PENNSIEVE.context,
    "@type": PENNSIEVE.datasetType,
    "schemaVersion": PENNSIEVE.vocabulary,
    SCHEMA_VERSION: PENNSIEVE.schemaVersion,
}
PERSON: Mapping[str, str] = {
    "first_name": SCHEMA.givenName,
    "last_name": SCHEMA.familyName,
    "orcid": PENNSIEVE.orcid,
    "middle_initial": SCHEMA.additionalName,
    "degree": SCHEMA.honorificSuffix,
}
PUBLICATION: Mapping[str, str] = {
    "doi": ISA.doi,
    "relationshipType": PENNSIEVE.relationshipType,
}
COLLECTION: Mapping[str, str] = {"name": SCHEMA.name}
FILE: Mapping[str, str] = {
    "name": PENNSIEVE.fileName,
    "path": SCHEMA.name,
    "size": SCHEMA.contentSize,
    "fileType": PENNSIEVE.fileType,
    "sourcePackageId": PENNSIEVE.sourcePackageId,
    "s3VersionId": PENNSIEVE.s3VersionId,
    "sha256": SCHEMA.sha256,
}
MODEL: Mapping[str, str] = {
    "name": SCHEMA.name,
    "displayName": PENNSIEVE.displayName,
    "description": SCHEMA.description,
    "file": PENNSIEVE.file,
}
# Of a property: what its shape does not say.
PROPERTY: Mapping[str, str] = {
    "name": SCHEMA.name,
    "displayName": PENNSIEVE.displayName,
    "description": SCHEMA.description,
    "modelTitle": PENNSIEVE.modelTitle,
    "defaultValue": SH.defaultValue,
}
# Of a property of a JSON Schema: scalars that a property or a constraint says.
PROPERTY_SCHEMA: Mapping[str, str] = {
    "title": PENNSIEVE.displayName,
    "description": SCHEMA.description,
    "x-pennsieve-key": PENNSIEVE.isKey,
    "x-pennsieve-sensitive": PENNSIEVE.isSensitive,
}
CONSTRAINTS: Mapping[str, str] = {
    "format": PENNSIEVE.format,
    "pattern": SH.pattern,
    "minLength": SH.minLength,
    "maxLength": SH.maxLength,
    "minimum": SH.minInclusive,
    "maximum": SH.maxInclusive,
    "exclusiveMinimum": SH.minExclusive,
    "exclusiveMaximum": SH.maxExclusive,
}
MODEL_SCHEMA: Mapping[str, str] = {
    "$schema": PENNSIEVE.vocabulary,
    "title": SCHEMA.name,
    "description": SCHEMA.description,
    "type": PENNSIEVE.jsonType,
}
JSON_TYPES: Mapping[str, str] = {
    "string": XSD.string,
    "integer": XSD.integer,
    "number": XSD.double,
    "boolean": XSD.boolean,
}
JSON_FORMATS: Mapping[str, str] = {"date": XSD.date, "date-time": XSD.dateTime}
RELATIONSHIP_COLUMNS = ("from", "to", "relationship")
RECORD_RELATIONSHIP_COLUMNS = ("source_record_id", "target_record_id", "relationship_type")
# The order in which the official writers give the keys of an object, for what no document has told.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "manifest": (
        DATASET_ID,
        "version",
        "revision",
        "name",
        "description",
        "creator",
        "contributors",
        "sourceOrganization",
        "keywords",
        "datePublished",
        "license",
        "@id",
        "publisher",
        "@context",
        "@type",
        "schemaVersion",
        "collections",
        "relatedPublications",
        "references",
        "files",
        "release",
        SCHEMA_VERSION,
    ),
    "person": tuple(PERSON),
    "publication": tuple(PUBLICATION),
    "file": tuple(FILE),
    "schema": ("models", "relationships"),
    "model": (*MODEL, "properties"),
    "property": (
        "name",
        "displayName",
        "description",
        "dataType",
        "defaultValue",
        "required",
        "modelTitle",
    ),
    "dataType": ("type", "format", "items", "unit", "to", "file"),
    "items": ("type", "enum", "format", "unit"),
    "property schema": (
        "type",
        "title",
        "description",
        *CONSTRAINTS,
        "enum",
        "items",
        "x-pennsieve-key",
        "x-pennsieve-sensitive",
    ),
    "relationship": ("name", "from", "to", "file"),
}
# The scalar data types of a schema.json, with the datatypes of their values.
DATA_TYPES: Mapping[str, str] = {
    "String": XSD.string,
    "Long": XSD.integer,
    "Double": XSD.double,
    "Date": XSD.dateTime,
    "Boolean": XSD.boolean,
}
NUMBERS = frozenset((XSD.integer, XSD.decimal, XSD.double, XSD.float))


def is_payload(path: str) -> bool:
    """Tell whether a file of a dataset is data, and not what is written about them: the metadata, and texts at the top."""
    top, slash, _ = path.partition("/")
    return bool(slash) and top not in ("metadata", "graph", "revisions")


# As in archives: absolute, or with a backslash.
_OUTSIDE = re.compile(r"/|[A-Za-z]:|.*\\")


def is_inside(path: str) -> bool:
    """Tell whether a path leads to nothing outside of the folder that it is seen from."""
    if not path or _OUTSIDE.match(path) or "\0" in path:
        return False
    return ".." not in path.split("/")


def is_written(path: str) -> bool:
    """Tell whether a file of a dataset is made from triples, and need not be kept as bytes."""
    top = path.partition("/")[0]
    return top in ("metadata", "graph") or path in TEXTS or path in MANIFESTS
