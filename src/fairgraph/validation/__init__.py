"""Validation: SHACL shapes (``shapes/``), what they find in a dataset, and where in the source that stands.

``validate_graph`` is the one entry; importing this package imports neither rdflib nor pySHACL.
"""

from fairgraph.validation.shapes import PROV_PROFILE, Shape, profile_of, profiles, shapes
from fairgraph.validation.validate import validate_graph
from fairgraph.validation.where import places

__all__ = ["PROV_PROFILE", "Shape", "places", "profile_of", "profiles", "shapes", "validate_graph"]
