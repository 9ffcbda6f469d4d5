"""SPARQL over HTTP side by side with other servers: the same data, the same query, the same notation, load made by wrk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from benchmarks.cases import FAIRGRAPH, ROOT, Case, Contender, Promise, _peer, do, ratio
from benchmarks.peers.web_rate import make_data

PEERS = Path(os.environ.get("FAIRGRAPH_WEB") or ROOT / ".web-venv" / "bin")
"""Where the programs oxigraph and rdflib-endpoint are."""
THINGS = 100_000
_WORDS = {"small": "one row", "large": f"{THINGS:,} rows"}


def web_case(work: Path, kind: str) -> Case | None:
    """Small or large answers: the seconds of a thousand of them, in the place of CPU time."""
    programs = {"oxigraph": PEERS / "oxigraph", "rdflib-endpoint": PEERS / "rdflib-endpoint"}
    if shutil.which("wrk") is None or not all(path.is_file() for path in programs.values()):
        return None
    file, store, location = work / "web.nt", work / "store-web", work / "oxigraph-web"
    if not file.exists():
        make_data(file, THINGS)
    if not store.exists():
        do(FAIRGRAPH, "-q", "--store", str(store), "import", str(file))
    if not location.exists():
        do(
            str(programs["oxigraph"]),
            "load",
            "--location",
            str(location),
            "--file",
            str(file),
        )
    data = {"fairgraph": store, "oxigraph": location, "rdflib-endpoint": file}
    commands = {"fairgraph": Path(FAIRGRAPH), **programs}
    contenders = [
        Contender(name, _rate(name, commands[name], data[name], kind, "seconds"), inner=True)
        for name in commands
    ]
    faster = ratio("rdflib-endpoint", "fairgraph")
    if kind == "large":
        promises = [
            Promise("rate, times oxigraph's", ratio("oxigraph", "fairgraph"), at_least=0.8),
            Promise("rate, times rdflib-endpoint's", faster, at_least=15),
        ]
    else:
        p99 = "fairgraph, p99"
        slow = _rate("fairgraph", commands["fairgraph"], store, kind, "p99")
        contenders.append(Contender(p99, slow, inner=True))
        promises = [
            Promise("rate, times rdflib-endpoint's", faster, at_least=2),
            Promise("rate, times oxigraph's", ratio("oxigraph", "fairgraph")),
            Promise("answers a second", lambda r: 1000 / r["fairgraph"]["cpu"]),
            Promise("p99 in seconds", lambda r: r[p99]["cpu"], at_most=0.02),
        ]
    title = f"SPARQL over HTTP, {_WORDS[kind]}: seconds of 1,000 answers"
    return Case(title, tuple(contenders), tuple(promises))


def _rate(name: str, program: Path, data: Path, kind: str, number: str) -> tuple[str, ...]:
    return _peer("web_rate.py", Path(name), program, data, Path(kind), Path(number))
