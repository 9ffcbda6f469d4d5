"""What terms are called: our ontology, and names for the terms of others that our data use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from fairgraph import resources
from fairgraph.terms import DCTERMS, FG, ISA, OWL, PROV, RDF, RDFS, SCHEMA, compact
