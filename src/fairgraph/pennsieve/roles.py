"""Which models are what in the core model: by names that are in use for exactly that, and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fairgraph.terms import ISA

# Names of models of published datasets, without case, blanks, hyphens and a plural s.
_ROLES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "subject",
            "animal",
            "animalsubject",
            "humansubject",
            "patient",
            "participant",
            "donor",
            "mouse",
            "rat",
            "source",
            "individual",
        ),
        ISA.Source,
    ),
    **dict.fromkeys(
        (
            "sample",
            "specimen",
            "biosample",
            "tissuesample",
            "tissue",
            "biospecimen",
        ),
        ISA.Sample,
    ),
}
_LINKING = re.compile(r"[\s_\-]+")
_DERIVED = re.compile(
    r"(?:was|is|were|are)?_?(?:derived|extracted|taken|collected|obtained|sampled|dissected)_?from|(?:sample|specimen|part)_?of|from_?(?:subject|sample)"
)


def role_of(model: str) -> str:
    """Return the class of the core model that the records of a model belong to; ``""`` if its name does not tell.

    >>> role_of("Human Subjects").rpartition("#")[2]
    'Source'
    """
    name = _LINKING.sub("", model).lower()
    return _ROLES.get(name) or _ROLES.get(name.removesuffix("s"), "")


def is_derivation(name: str) -> bool:
    """Tell whether a relationship of this name leads from what was made to what it was made from.

    >>> is_derivation("extracted-from"), is_derivation("belongs_to")
    (True, False)
    """
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return _DERIVED.fullmatch(_LINKING.sub("_", plain).lower()) is not None
