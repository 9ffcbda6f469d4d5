"""Datasets as named graphs, with records, numbers and history.

Catalogue        the verbs: put, list, get, set, measure, remove, history, diff, revert, update
Dataset          one record, read
DatasetContent   what an importer hands over
"""

from fairgraph.catalogue.catalogue import Catalogue
from fairgraph.catalogue.changes import Change
from fairgraph.catalogue.handover import DatasetContent, Difference, Put
from fairgraph.catalogue.records import (
    SYSTEM,
    Dataset,
    Measurement,
    Revision,
    Source,
    dataset_iri,
    record_iri,
)

__all__ = [
    "SYSTEM",
    "Catalogue",
    "Change",
    "Dataset",
    "DatasetContent",
    "Difference",
    "Measurement",
    "Put",
    "Revision",
    "Source",
    "dataset_iri",
    "record_iri",
]
