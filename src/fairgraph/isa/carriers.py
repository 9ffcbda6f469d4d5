"""Names of the comments in which ISA-JSON carries what only ISA-Tab says (docs/isa-mapping.md, Carriers)."""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIX = "isatab:"
UNDECLARED = f"{PREFIX}Undeclared"
FILE_TYPE = f"{PREFIX}File Type"
NO_PROTOCOL = f"{PREFIX}Protocol REF"
COLUMN = f"{PREFIX}Column"
SHOWN_IN = f"{PREFIX}Shown In"
DERIVES_FROM = f"{PREFIX}Derives From"
PREVIOUS_PROCESS = f"{PREFIX}Previous Process"
BASE = f"{PREFIX}Base"
DESCRIBED = f"{PREFIX}Described References"
FACTOR_VALUE, PARAMETER_VALUE = "Factor Value", "Parameter Value"
# What stands behind the name of a comment in the comments that carry its unit and its term.
QUALIFIERS = ("Unit", "Term Source REF", "Term Accession Number")

_KEPT = re.compile(
    rf"{PREFIX}(?:Of\[(?P<address>[^\]]*)\] )?(?P<what>Key|Comment)\[(?P<name>.*)\]", re.DOTALL
)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Carrier:
    """What a carrier is (``kind``), what it is about (a section, a label), and its number among others of its kind."""

    kind: str
    about: str = ""
    number: int = 0

    @property
    def name(self) -> str:
        """The name of the comment."""
        pattern = _FORMS[self.kind]
        return PREFIX + pattern.format(about=self.about, number=self.number)


# What a carrier is about is a section (its heading; a second part of it is "STUDY FACTORS 2"), or a label as it is written.
_FORMS = {
    "section": "Section[{number}]",
    "heading": "Heading[{about}]",
    "first object": "First Object[{about}]",
    "field": "Field[{number}] {about}",
    "bare": "No Field[{about}]",
    "remark": "Remark[{number}]",
    "remark line": "Remark Line[{number}]",
    "list": "List[{about}]",
    "label": "Label[{about}]",
    "surplus": "Surplus[{number}] {about}",
    "design": "Design Descriptor[{number}] {about}",
    "column": "Column[{number}]",
    "described column": "Column[{number}] Describes",
    "column of": "Column of {about}",
    "table remark": "Table Remark[{number}]",
    FACTOR_VALUE: "Factor Value[{about}]",
    PARAMETER_VALUE: "Parameter Value[{about}]",
}
_PATTERNS = {
    kind: re.compile(
        re.escape(form)
        .replace(re.escape("{number}"), "(?P<number>[0-9]+)")
        .replace(re.escape("{about}"), "(?P<about>.*)"),
        re.DOTALL,
    )
    for kind, form in _FORMS.items()
}


def parse(name: str) -> Carrier | None:
    """Return what the name of a comment carries, None if it is none of these carriers."""
    if not name.startswith(PREFIX):
        return None
    for kind, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(name, len(PREFIX)):
            groups = match.groupdict()
            number = groups.get("number", "0")
            if _NUMBER.fullmatch(number):
                return Carrier(kind, groups.get("about", ""), int(number))
    return None


def carried_key(address: str, key: str) -> str:
    """Return the name of a comment with the text of a key, of the object itself or of one at an *address* below it.

    An address is an ``@id``, or a key and a position, or one behind the other.
    """
    return f"{PREFIX}{_of(address)}Key[{key}]"


def carried_comment(address: str, name: str) -> str:
    """Return the name of a comment that is one on the object at an *address*."""
    return f"{PREFIX}{_of(address)}Comment[{name}]"


def parse_carried(name: str) -> tuple[str, bool, str] | None:
    """Return address, whether it is the text of a key (else a comment), and name of key or comment; None for other comments."""
    match = _KEPT.fullmatch(name)
    if match is None or (match["what"] == "Comment" and match["address"] is None):
        return None
    return match["address"] or "", match["what"] == "Key", match["name"]


def _of(address: str) -> str:
    return f"Of[{address.strip()}] " if address.strip() else ""
