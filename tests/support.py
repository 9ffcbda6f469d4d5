"""Where tests find things: the corpus of real data and the example."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("FAIRGRAPH_CORPUS", ROOT.parent / "shared" / "data"))
EXAMPLE = ROOT / "examples" / "mouse-circadian"


def corpus_paths(*patterns: str) -> list[Path]:
    """Return the files or folders of the corpus that match, in order; empty if there is no corpus."""
    return sorted(path for pattern in patterns for path in CORPUS.glob(pattern))
