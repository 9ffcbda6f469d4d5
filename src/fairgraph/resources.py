"""Where the data folders live: the only module that knows.

In a wheel they are inside the package (``fairgraph/_data``), in a checkout they stand at its top.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGED = Path(__file__).resolve().parent / "_data"
ROOT = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).resolve().parents[2]
QUERIES = ROOT / "queries"
SHAPES = ROOT / "shapes"
ONTOLOGIES = ROOT / "ontologies"
EXAMPLES = ROOT / "examples"


@cache
def text(path: Path) -> str:
    """Return the text of a bundled file, read once."""
    return path.read_text(encoding="utf-8")
