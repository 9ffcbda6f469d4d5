"""The ML matrix: against the engine alone, against rdflib, and at growing sizes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from benchmarks.cases import (
    Case,
    Contender,
    Promise,
    _growth,
    _import,
    _peer,
    do,
    generated,
    ratio,
)

_MORE = (
    ("Characteristics[weight]", "Unit", "Term Source REF", "Term Accession Number"),
    ("Characteristics[sex]", "Term Source REF", "Term Accession Number"),
    ("Characteristics[batch]",),
)
_SEXES = (("female", "PATO_0000383"), ("male", "PATO_0000384"))
_OBO = "http://purl.obolibrary.org/obo/"


def matrix_case(work: Path, size: int) -> Case | None:
    """The matrix as CSV out of a store, and the queries that it asks, answered as the engine's own CSV."""
    store = _stored(work, size)
    if store is None:
        return None
    at_most = 1 if size >= 100_000 else 100
    return Case(
        f"ML matrix, {size:,} samples",
        (
            Contender("ml-csv", _peer("matrix_csv.py", store), at_most=at_most, inner=True),
            Contender("queries alone", _peer("matrix_queries.py", store), at_most=at_most, inner=True),
        ),
        (
            Promise("times the queries alone", ratio("ml-csv", "queries alone"), at_most=1.5 if size >= 10_000 else None),
            Promise("MB", lambda r: r["ml-csv"]["rss"], at_most=1500),
        ),
    )  # fmt: skip


def rdflib_case(work: Path, size: int) -> Case | None:
    """The same queries in rdflib, with the data loaded already; it is stopped after a minute."""
    store = _stored(work, size)
    if store is None:
        return None
    graph = work / f"matrix-{size}.nq"
    if not graph.exists():
        do(*_peer("matrix_dump.py", store, graph))
    return Case(
        f"ML matrix against rdflib, {size:,} samples",
        (
            Contender("ml-csv", _peer("matrix_csv.py", store), inner=True),
            Contender("rdflib", _peer("matrix_rdflib.py", store, graph), at_most=1, inner=True),
        ),
        (Promise("times faster, at least", ratio("rdflib", "ml-csv"), at_least=20),),
    )


def matrix_growth_case(work: Path, sizes: tuple[int, ...]) -> Case | None:
    """Whether a sample costs the same in a large matrix as in a small one."""
    contenders = []
    for size in sizes:
        store = _stored(work, size)
        if store is None:
            return None
        at_most = 1 if size >= 100_000 else 3
        command = _peer("matrix_csv.py", store)
        contenders.append(Contender(f"{size:,}", command, (), at_most, samples=size, inner=True))
    _, growth = _growth(contenders[0], contenders[-1])
    return Case("ML matrix, growth", tuple(contenders), (replace(growth, at_most=1.3),))


def _stored(work: Path, size: int) -> Path | None:
    """Return a store with one dataset whose matrix has ten columns, made once."""
    source, store, wide = (
        generated(work, size),
        work / f"store-matrix-{size}",
        work / f"wide-{size}",
    )
    if source is None:
        return None
    if not store.exists():
        shutil.rmtree(wide, ignore_errors=True)
        shutil.copytree(source, wide)
        _widen(wide / "s_synthetic.txt")
        partial = store.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        do(*_import(wide, partial))
        partial.rename(store)
    return store


def _widen(table: Path) -> None:
    lines = table.read_text(encoding="utf-8").splitlines()
    header = "".join(f'\t"{name}"' for group in _MORE for name in group)
    with table.open("w", encoding="utf-8", newline="\n") as output:
        output.write(f"{lines[0]}{header}\n")
        for place, line in enumerate(lines[1:]):
            sex, term = _SEXES[place % 2]
            cells = (f"{20 + place % 97 / 10}", "gram", "UO", f"{_OBO}UO_0000021", sex, "PATO", f"{_OBO}{term}", f"batch {place % 12}")  # fmt: skip
            output.write(line + "".join(f'\t"{cell}"' for cell in cells) + "\n")
