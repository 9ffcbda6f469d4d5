"""DOIs and ORCID iDs, in the spellings that people use."""

from __future__ import annotations

import re

DOI, ORCID = "https://doi.org/", "https://orcid.org/"
_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_ORCID = re.compile(
    r"(?:(?:https?://)?(?:www\.)?orcid\.org/|orcid:)?((?:[0-9]{4}-){3}[0-9]{3}[0-9X])/?"
)


def doi(text: str) -> str | None:
    """Return the DOI that a text is, without ``doi:`` or the address of a resolver; None if it is none."""
    match = _DOI.fullmatch(text.strip())
    return match[1] if match else None


def orcid(text: str) -> str | None:
    """Return the ORCID iD that a text is, without ``orcid:`` or the address; None if it is none. The check digit is not looked at."""
    match = _ORCID.fullmatch(text.strip())
    return match[1] if match else None


def orcid_within(text: str) -> tuple[str, str] | None:
    """Return the first ORCID iD of a text and all that stands around it; None if there is none."""
    match = _ORCID.search(text)
    return (match[1], text.replace(match[0], "")) if match else None


def is_valid_orcid(orcid: str) -> bool:
    """Tell whether the check digit of a bare ORCID iD is right (ISO 7064 MOD 11-2)."""
    digits = orcid.replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == digits[-1]
