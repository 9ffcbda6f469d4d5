"""PROV-O and scores out of a store on disk."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.cases import Case, Contender, Promise, _import, _peer, do, generated, ratio


def prov_case(work: Path, size: int) -> Case | None:
    """PROV-O as JSON-LD, and what it is constructed from as the engine's own N-Triples."""
    store = _stored(work, size)
    if store is None:
        return None
    return Case(
        f"PROV-O, {size:,} samples",
        (
            Contender("prov-o", _peer("export_cpu.py", store, Path("prov-o")), inner=True),
            Contender("constructs alone", _peer("prov_constructs.py", store), inner=True),
        ),
        (
            Promise("CPU seconds", lambda r: r["prov-o"]["cpu"], at_most=5),
            Promise("times the constructs alone", ratio("prov-o", "constructs alone")),
        ),
    )


def score_case(work: Path, size: int) -> Case | None:
    """Both scores, each with its own questions."""
    store = _stored(work, size)
    if store is None:
        return None
    names = ("fair", "ai-ready")
    scores = [Contender(n, _peer("score_cpu.py", store, Path(n)), inner=True) for n in names]
    promises = [
        Promise(f"CPU seconds of {n}", lambda r, n=n: r[n]["cpu"], at_most=1)  # type: ignore[misc]
        for n in names
    ]
    return Case(f"scores, {size:,} samples", tuple(scores), tuple(promises))


def _stored(work: Path, size: int) -> Path | None:
    """Return a store with one generated dataset, made once."""
    source, store = generated(work, size), work / f"store-provenance-{size}"
    if source is None:
        return None
    if not store.exists():
        partial = store.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        do(*_import(source, partial))
        partial.rename(store)
    return store
