"""Licences by their SPDX identifiers, and the addresses and other names that stand for them."""

from __future__ import annotations

import re

# Every licence of the SPDX list that is in use for data, texts and research software; the rest of the list is for code alone.
_NAMES = """
    0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause
    BSD-3-Clause-Clear BSL-1.0 CC-PDDC CC-PDM-1.0 CC0-1.0 CDDL-1.0 CDDL-1.1 CDLA-Permissive-1.0 CDLA-Permissive-2.0
    CDLA-Sharing-1.0 CECILL-2.0 CECILL-2.1 CECILL-B CECILL-C DL-DE-BY-2.0 DL-DE-ZERO-2.0 ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2
    etalab-2.0 GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3-only GFDL-1.3-or-later GPL-2.0-only GPL-2.0-or-later GPL-3.0-only
    GPL-3.0-or-later ISC LAL-1.2 LAL-1.3 LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later MIT MIT-0 MPL-1.1 MPL-2.0
    MS-PL NCGL-UK-2.0 NLOD-1.0 NLOD-2.0 OCL-1.0 ODC-By-1.0 ODbL-1.0 OFL-1.1 OGL-Canada-2.0 OGL-UK-1.0 OGL-UK-2.0 OGL-UK-3.0 OSL-3.0
    PDDL-1.0 PostgreSQL PSF-2.0 Python-2.0 Ruby Unlicense UPL-1.0 W3C WTFPL Zlib
    """
_FIXED = frozenset(_NAMES.split())
_CREATIVE_COMMONS = re.compile(
    r"CC-(BY|BY-SA|BY-NC|BY-NC-SA|BY-ND|BY-NC-ND)-(1\.0|2\.0|2\.5|3\.0|4\.0)", re.IGNORECASE
)
_BY_LOWER_CASE = {name.lower(): name for name in _FIXED}
_CC_ADDRESS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)(?:/(?:legalcode|deed)?(?:\.\w+)?)?",
    re.IGNORECASE,
)
_SPDX_ADDRESS = re.compile(
    r"https?://(?:www\.)?spdx\.org/licenses/([^/]+?)(?:\.html|\.json)?/?", re.IGNORECASE
)
_ADDRESSES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-PDM-1.0": "https://creativecommons.org/publicdomain/mark/1.0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
}
# The identifiers of the Hugging Face Hub are those of SPDX in lower case, but not all of them are there.
_OF_THE_HUB = re.compile(
    r"apache-2\.0|mit|cc0-1\.0|cc-by-(?:2\.0|2\.5|3\.0|4\.0)|cc-by-sa-(?:3\.0|4\.0)|cc-by-nc-(?:2\.0|3\.0|4\.0)|cc-by-nd-4\.0"
    r"|cc-by-nc-nd-(?:3\.0|4\.0)|cc-by-nc-sa-(?:2\.0|3\.0|4\.0)|cdla-sharing-1\.0|cdla-permissive-[12]\.0|bsd-2-clause|bsd-3-clause"
    r"|bsd-3-clause-clear|epl-[12]\.0|eupl-1\.[12]|mpl-2\.0|isc|wtfpl|unlicense|postgresql|zlib|artistic-2\.0|afl-3\.0|ecl-2\.0|osl-3\.0"
    r"|bsl-1\.0|ofl-1\.1|etalab-2\.0"
)
_HUB_NAMES = {"ODC-By-1.0": "odc-by", "ODbL-1.0": "odbl", "PDDL-1.0": "pddl"}


def spdx(text: str) -> str | None:
    """Return the SPDX identifier that *text* is, or whose address it is; None if it is neither.

    >>> spdx("cc-by-4.0"), spdx("https://creativecommons.org/licenses/by/4.0/"), spdx("ask me")
    ('CC-BY-4.0', 'CC-BY-4.0', None)
    """
    text = text.strip()
    if match := _CC_ADDRESS.fullmatch(text):
        text = f"CC-{match[1]}-{match[2]}"
    elif match := _SPDX_ADDRESS.fullmatch(text):
        text = match[1]
    elif "//" in text:
        address = _plain(text)
        return next((name for name, known in _ADDRESSES.items() if _plain(known) == address), None)
    if _CREATIVE_COMMONS.fullmatch(text):
        return text.upper()
    return _BY_LOWER_CASE.get(text.lower())


def address(identifier: str) -> str:
    """Return the address of the text of a licence, by its SPDX identifier."""
    if match := _CREATIVE_COMMONS.fullmatch(identifier):
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
    return _ADDRESSES.get(identifier, f"https://spdx.org/licenses/{identifier}.html")


def of_the_hub(identifier: str | None) -> str:
    """Return what the Hugging Face Hub calls a licence; ``other`` for one that it does not list."""
    name = (identifier or "").lower()
    if _OF_THE_HUB.fullmatch(name):
        return name
    return _HUB_NAMES.get(identifier or "", "other")


def is_open(identifier: str) -> bool:
    """Tell whether a licence lets everybody use and share the data (Open Definition 2.1): no NC, no ND."""
    return not re.search(r"-N[CD]\b", identifier, re.IGNORECASE)


def _plain(url: str) -> str:
    return url.lower().partition("://")[2].removeprefix("www.").rstrip("/")
