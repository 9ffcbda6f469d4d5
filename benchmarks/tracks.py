"""FAIRtracks documents and ontologies: validation, import, loading."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from benchmarks.cases import CORPUS, FAIRGRAPH, PEERS, ROOT, Case, Contender, Promise, do, ratio

GENERATOR = CORPUS.parent / "tools" / "gen_fairtracks.py"
OFFICIAL = Path(os.environ.get("FAIRGRAPH_FAIRTRACKS") or ROOT / ".fairtracks-venv" / "bin" / "python")  # fmt: skip
ONTOLOGIES = CORPUS / "ontologies"
CHECKED = ("EDAM_1.25.owl", "so.owl", "obi_modules_merged.owl")
TRACKS = 20_000


def generated(work: Path, size: int) -> Path | None:
    """Return a document of *size* tracks, made once; None without the generator."""
    document = work / f"tracks-{size}.json"
    if not GENERATOR.is_file():
        return None
    if not document.exists():
        partial = document.with_suffix(".part")
        do(sys.executable, str(GENERATOR), str(size), str(partial))
        partial.rename(document)
    return document


def validate_case(work: Path, size: int) -> Case | None:
    """Full validation, from start to end with us; of the official validator only the step itself, its caches warm."""
    document = generated(work, size)
    if document is None or not OFFICIAL.exists():
        return None
    store, cache = work / "ontologies", work / "official-cache"
    if not store.exists():
        names = [str(ONTOLOGIES / name) for name in CHECKED]
        do(FAIRGRAPH, "-q", "--store", str(store), "ontology", "add", *names)
    ours = (FAIRGRAPH, "--store", str(store), "validate", str(document), "--profile", "fairtracks", "--json")  # fmt: skip
    theirs = tuple(
        map(
            str,
            (
                OFFICIAL,
                PEERS / "fairtracks_official.py",
                ROOT / "shapes" / "fairtracks" / "v1.0.2",
                ROOT / "ontologies" / "identifiers.json",
                ONTOLOGIES,
                cache,
                document,
            ),
        )
    )
    if not cache.exists():
        small = generated(work, 4)
        cache.mkdir()
        do(*theirs[:-1], str(small))
    return Case(
        f"validation of FAIRtracks, {size:,} tracks",
        (
            Contender("fairgraph", ours, exits=(0,)),
            Contender("official validator", theirs, at_most=1, inner=True),
        ),
        (Promise("times faster", ratio("official validator", "fairgraph"), at_least=5),),
    )


def import_case(work: Path) -> Case | None:
    """Import of tracks against the bulk load of the same quads."""
    document = generated(work, TRACKS)
    if document is None:
        return None
    graph, union = work / "tracks.nq", work / "tracks.nt"
    store, bare = work / "store-tracks", work / "bare-tracks"
    command = (FAIRGRAPH, "-q", "--store", str(store), "import", str(document))
    if not union.exists():
        shutil.rmtree(store, ignore_errors=True)
        do(*command)
        do(FAIRGRAPH, "--store", str(store), "export", "nquads", "1", "-o", str(graph))
        with graph.open("rb") as lines, union.open("wb") as output:
            for line in lines:
                output.write(line[: line.rindex(b" <")] + b" .\n")
    bulk = (sys.executable, str(PEERS / "bulk_load.py"), str(bare), str(graph), str(union))
    return Case(
        f"import of FAIRtracks, {TRACKS:,} tracks",
        (Contender("fairgraph", command, (store,)), Contender("bulk_load", bulk, (bare,))),
        (Promise("times the bare bulk load", ratio("fairgraph", "bulk_load"), at_most=2.5),),
    )


def ontology_case(work: Path, names: tuple[str, ...], *, at_least: float | None) -> Case | None:
    """Ontologies into a store on disk, listed and published, against rdflib, which parses them into memory."""
    paths, store = [str(ONTOLOGIES / name) for name in names], work / "store-ontology"
    if not all(Path(path).exists() for path in paths):
        return None
    ours = (FAIRGRAPH, "-q", "--store", str(store), "ontology", "add", *paths)
    return Case(
        f"loading of {', '.join(names)}",
        (
            Contender("fairgraph", ours, (store,)),
            Contender("rdflib", (sys.executable, str(PEERS / "rdflib_parse.py"), *paths)),
        ),
        (Promise("times faster", ratio("rdflib", "fairgraph"), at_least=at_least),),
    )
