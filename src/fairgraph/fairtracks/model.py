"""FAIRtracks documents as the standard has them: kinds of objects, their keys in order, and what says each key in the graph.

An object is seen flat: a *pointer* leads from it to a value, through the objects inside of it that are not things of their own
(``sample_type/cell_line/term_id``). ``docs/fairtracks.md`` tells the mapping in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairgraph.terms import DCTERMS, FAIRTRACKS, SCHEMA

Json = dict[str, Any]
Leaves = dict[str, Any]

ID, LABEL = "term_id", "term_label"


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of object: its list in a document, its class, its pointers in the order of the standard.

    ``texts`` are pointers to texts (or truth values) by predicate, ``terms`` pointers to ontology terms by the name of the
    characteristic or parameter, ``lists`` pointers to lists of texts. ``native`` are pointers to what ISA-Tab has a place for.
    """

    name: str
    key: str
    rdf_type: str
    order: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    native: frozenset[str] = frozenset()
    places: Mapping[str, int] = field(init=False)
    nested: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", {pointer: n for n, pointer in enumerate(self.order)})
        parts = {p for pointer in self.order for p in above(pointer)}
        parts |= {p for p in self.order if p.endswith("ontology_versions")}
        object.__setattr__(self, "nested", frozenset(parts))

    def place(self, pointer: str) -> float:
        """Return the place of a pointer in the standard's order; what the standard does not have comes last."""
        found = self.places.get(pointer)
        if found is None:
            found = self.places.get(pointer.rpartition("/")[0])
        return float("inf") if found is None else found


def above(pointer: str) -> Iterator[str]:
    """Yield the pointers to what a value is inside of, the nearest first."""
    while "/" in pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer


def _term(pointer: str) -> tuple[str, str]:
    return f"{pointer}/{ID}", f"{pointer}/{LABEL}"


_VERSIONS = ("doc_info/doc_ontology_versions", "document/ontology_versions")
_CONTACT = ("contact/name", "contact/e-mail", "contact/orcid")
_COLLECTION = "collection_info"

DOCUMENT = Kind(
    "document",
    "",
    FAIRTRACKS.Document,
    (
        "@schema",
        "doc_info/local_id",
        "doc_info/doc_url",
        _VERSIONS[0],
        "doc_info/has_augmented_metadata",
        "doc_info/doc_version",
        "doc_info/doc_date",
        "document/global_id",
        "document/version_id",
        "document/version_date",
        "document/json_signature",
        _VERSIONS[1],
        "document/has_augmented_metadata",
        "document/augmented_from/minimal_doc_ref",
        "document/augmented_from/minimal_doc_version_id",
        "collection_info/@schema",
        "collection_info/source_repo_url",
        "collection_info/local_id",
        "collection_info/doc_ref",
        "collection_info/document_ref",
        "collection_info/short_name",
        "collection_info/long_name",
        "collection_info/description_url",
        "collection_info/orig_metadata_url",
        *(f"{_COLLECTION}/{pointer}" for pointer in _CONTACT),
        "studies",
        "experiments",
        "samples",
        "tracks",
    ),
    {
        "@schema": DCTERMS.conformsTo,
        "doc_info/local_id": FAIRTRACKS.doc_local_id,
        "doc_info/doc_url": FAIRTRACKS.doc_url,
        "doc_info/has_augmented_metadata": FAIRTRACKS.has_augmented_metadata,
        "doc_info/doc_version": FAIRTRACKS.doc_version,
        "doc_info/doc_date": FAIRTRACKS.doc_date,
        "document/global_id": FAIRTRACKS.doc_global_id,
        "document/version_id": FAIRTRACKS.version_id,
        "document/version_date": FAIRTRACKS.version_date,
        "document/json_signature": FAIRTRACKS.json_signature,
        "document/has_augmented_metadata": FAIRTRACKS.document_has_augmented_metadata,
        "document/augmented_from/minimal_doc_ref": FAIRTRACKS.minimal_doc_ref,
        "document/augmented_from/minimal_doc_version_id": FAIRTRACKS.minimal_doc_version_id,
        "collection_info/source_repo_url": FAIRTRACKS.source_repo_url,
        "collection_info/local_id": SCHEMA.identifier,
        "collection_info/short_name": SCHEMA.alternateName,
        "collection_info/long_name": SCHEMA.name,
        "collection_info/description_url": FAIRTRACKS.description_url,
        "collection_info/orig_metadata_url": FAIRTRACKS.orig_metadata_url,
    },
    native=frozenset(
        {
            "collection_info/local_id",
            "collection_info/long_name",
            "collection_info/contact/name",
            "collection_info/contact/e-mail",
        }
    ),
)
STUDY = Kind(
    "study",
    "studies",
    FAIRTRACKS.Study,
    ("@schema", "global_id", "local_id", "collection_ref", "study_name", "publication", *_CONTACT),
    {
        "@schema": DCTERMS.conformsTo,
        "global_id": FAIRTRACKS.global_id,
        "local_id": SCHEMA.identifier,
        "study_name": SCHEMA.name,
    },
    native=frozenset({"local_id", "study_name", "publication", "contact/name", "contact/e-mail"}),
)
EXPERIMENT = Kind(
    "experiment",
    "experiments",
    FAIRTRACKS.Experiment,
    (
        "@schema",
        "global_id",
        "local_id",
        "study_ref",
        "sample_ref",
        "aggregated_from",
        *_term("technique"),
        *_term("target/sequence_feature"),
        "target/gene_id",
        *_term("target/gene_product_type"),
        *_term("target/macromolecular_structure"),
        *_term("target/phenotype"),
        "target/target_details",
        "target/summary",
        "lab_protocol_description",
        "compute_protocol_description",
    ),
    {
        "@schema": DCTERMS.conformsTo,
        "global_id": FAIRTRACKS.global_id,
        "local_id": SCHEMA.name,
        "target/gene_id": FAIRTRACKS.gene_id,
        "target/target_details": FAIRTRACKS.target_details,
        "target/summary": FAIRTRACKS.summary,
        "lab_protocol_description": FAIRTRACKS.lab_protocol_description,
        "compute_protocol_description": FAIRTRACKS.compute_protocol_description,
    },
    {
        "technique": "technique",
        "target/sequence_feature": "sequence feature",
        "target/gene_product_type": "gene product type",
        "target/macromolecular_structure": "macromolecular structure",
        "target/phenotype": "phenotype",
    },
    {"aggregated_from": FAIRTRACKS.aggregated_from},
    frozenset({"local_id", "study_ref", "sample_ref"}),
)
SAMPLE = Kind(
    "sample",
    "samples",
    FAIRTRACKS.Sample,
    (
        "@schema",
        "global_id",
        "local_id",
        "species_id",
        "species_name",
        *_term("biospecimen_class"),
        *_term("sample_type/cell_type"),
        *_term("sample_type/abnormal_cell_type"),
        *_term("sample_type/cell_line"),
        *_term("sample_type/organism_part"),
        "sample_type/details",
        "sample_type/summary",
        *_term("phenotype"),
    ),
    {
        "@schema": DCTERMS.conformsTo,
        "global_id": FAIRTRACKS.global_id,
        "local_id": SCHEMA.name,
        "sample_type/details": FAIRTRACKS.details,
        "sample_type/summary": FAIRTRACKS.summary,
    },
    {
        "biospecimen_class": "biospecimen class",
        "sample_type/cell_type": "cell type",
        "sample_type/abnormal_cell_type": "abnormal cell type",
        "sample_type/cell_line": "cell line",
        "sample_type/organism_part": "organism part",
        "phenotype": "phenotype",
    },
    native=frozenset({"local_id", "species_id", "species_name"}),
)
TRACK = Kind(
    "track",
    "tracks",
    FAIRTRACKS.Track,
    (
        "@schema",
        "global_id",
        "local_id",
        "assembly_id",
        "assembly_name",
        "experiment_ref",
        "raw_file_ids",
        "file_url",
        "file_name",
        "label_short",
        "label_long",
        *_term("file_format"),
        "type_of_condensed_data",
        "geometric_track_type",
        "checksum/cs_method",
        "checksum/cs_hash",
    ),
    {
        "@schema": DCTERMS.conformsTo,
        "global_id": FAIRTRACKS.global_id,
        "local_id": SCHEMA.name,
        "assembly_id": FAIRTRACKS.assembly_id,
        "assembly_name": FAIRTRACKS.assembly_name,
        "file_url": SCHEMA.contentUrl,
        "file_name": FAIRTRACKS.file_name,
        "label_short": FAIRTRACKS.label_short,
        "label_long": SCHEMA.description,
        "type_of_condensed_data": FAIRTRACKS.type_of_condensed_data,
        "geometric_track_type": FAIRTRACKS.geometric_track_type,
        "checksum/cs_method": FAIRTRACKS.cs_method,
        "checksum/cs_hash": FAIRTRACKS.cs_hash,
    },
    lists={"raw_file_ids": FAIRTRACKS.raw_file_ids},
    native=frozenset({"local_id", "experiment_ref"}),
)
KINDS = (STUDY, EXPERIMENT, SAMPLE, TRACK)
LISTS = frozenset(kind.key for kind in KINDS)
VERSIONS = _VERSIONS
ORGANISM = "organism"
# A pair of pointers that say one term: by its IRI, and its label.
SPECIES = ("species_id", "species_name")
# References to other things of the document, and what the document itself is called in those that lead to it.
REFERENCES = {
    DOCUMENT: ("collection_info/doc_ref", "collection_info/document_ref"),
    STUDY: ("collection_ref",),
    EXPERIMENT: ("study_ref", "sample_ref"),
    SAMPLE: (),
    TRACK: ("experiment_ref",),
}
TO_DOCUMENT = {
    "collection_ref": SCHEMA.identifier,
    "doc_ref": FAIRTRACKS.doc_local_id,
    "document_ref": FAIRTRACKS.doc_global_id,
}
SIGNATURES = {
    "doc_info": ("doc_version", ("doc_version", "doc_date")),
    "document": ("json_signature", ("version_date", "json_signature")),
}


def escape(key: str) -> str:
    """Return a key as one part of a pointer (RFC 6901 §3)."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


def unescape(part: str) -> str:
    """Return the key that a part of a pointer stands for."""
    return part.replace("~1", "/").replace("~0", "~") if "~" in part else part


def flatten(kind: Kind, value: Json) -> Leaves:
    """Return what an object says, by pointer, in its order; what is not known as an object inside of it stays whole."""
    found: Leaves = {}
    nested = kind.nested

    def walk(item: Json, above: str) -> None:
        for key, inner in item.items():
            pointer = above + (escape(key) if "/" in key or "~" in key else key)
            if inner and inner.__class__ is dict and pointer in nested:
                walk(inner, f"{pointer}/")
            else:
                found[pointer] = inner

    walk(value, "")
    return found


def unflatten(leaves: Iterable[tuple[str, Any]], lost: list[str] | None = None) -> Json:
    """Return the object that says what the leaves say, its keys in their order.

    The pointers of leaves for which there is no place, since another value is there or above it, are added to *lost*.
    """
    found: Json = {}
    for pointer, value in leaves:
        item, parts = found, pointer.split("/")
        for part in parts[:-1]:
            inner = item.setdefault(unescape(part), {})
            if not isinstance(inner, dict):
                break
            item = inner
        else:
            kept = item.setdefault(unescape(parts[-1]), value)
            if kept is value or kept == value:
                continue
        if lost is not None:
            lost.append(pointer)
    return found


def shape(value: Json) -> tuple[Any, ...]:
    """Return the keys of an object and of the objects inside of it, in order."""
    return tuple(
        (key, shape(inner)) if inner.__class__ is dict else key for key, inner in value.items()
    )
