"""What is measured, against what, and what we promise."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("FAIRGRAPH_CORPUS", ROOT.parent / "shared" / "data"))
GENERATOR = CORPUS.parent / "tools" / "gen_isatab.py"
ALTAMISA = Path(os.environ.get("FAIRGRAPH_ALTAMISA") or ROOT / ".altamisa-venv" / "bin" / "python")
ISATOOLS = Path(os.environ.get("FAIRGRAPH_ISATOOLS") or ROOT / ".isatools-venv" / "bin" / "python")
FAIRGRAPH = str(Path(sysconfig.get_path("scripts")) / "fairgraph")
PEERS = Path(__file__).with_name("peers")
QUADS_SAMPLES = 10_000
NO_CARD = ("--option", "card=no")

Number = Literal["cpu", "wall", "rss"]


@dataclass(frozen=True)
class Contender:
    """One way of doing a thing: a command, what is removed before each run, how often it runs at most, how it may end."""

    name: str
    command: tuple[str, ...]
    fresh: tuple[Path, ...] = ()
    at_most: int = 100
    samples: int = 0
    exits: tuple[int, ...] = (0,)
    inner: bool = False  # its last line says how many CPU seconds the step itself took: that counts
    env: Mapping[str, str] = field(default_factory=dict)

    def clear(self) -> None:
        """Remove what an earlier run left."""
        for path in self.fresh:
            shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True)
class Promise:
    """What we promise of a case: a number, made of the results by contender, and its bound."""

    text: str
    value: Callable[[Mapping[str, Mapping[Number, float]]], float]
    at_least: float | None = None
    at_most: float | None = None

    def kept(self, value: float) -> bool:
        """Tell whether a value is within the bound."""
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )


@dataclass(frozen=True)
class Case:
    """Contenders that run in turn, and what we promise about them."""

    name: str
    contenders: tuple[Contender, ...]
    promises: tuple[Promise, ...] = ()


def cases(work: Path, *, large: bool) -> dict[str, Callable[[], Case | None]]:
    """Return what makes each case, by name, cheap ones first; the input is made then. None: something is missing."""
    from benchmarks import crates, matrix, provenance, tracks, web

    sizes = (1_000, 10_000, 100_000) if large else (1_000, 10_000)
    found: dict[str, Callable[[], Case | None]] = {
        "help": help_case,
        "convert BII-I-1": lambda: convert_case(
            "BII-I-1", _corpus("isa/tab/BII-I-1"), work, at_least=5
        ),
        "convert 1,000": lambda: convert_case("1,000 samples", generated(work, 1_000), work),
        "tab to tab 1,000": lambda: roundtrip_case(work, 1_000, isatools=True),
        "validate 1,000": lambda: validate_case(work, 1_000),
        "shapes 1,000": lambda: shapes_case(work, 1_000),
        "import": lambda: load_case(work),
        "export": lambda: export_case(work),
        "scaling": lambda: scaling_case(work, sizes),
        "published": lambda: published_case(work),
    }
    growing = (*sizes[:1], sizes[-1])
    found["tab to tab, growth"] = lambda: growth_case(work, growing, "isa-tab")
    found["validate, growth"] = lambda: growth_case(work, growing, "validate")
    found |= {f"matrix {size:,}": partial(matrix.matrix_case, work, size) for size in sizes}
    found["prov-o 10,000"] = lambda: provenance.prov_case(work, 10_000)
    found["scores 10,000"] = lambda: provenance.score_case(work, 10_000)
    found |= {f"web {kind}": partial(web.web_case, work, kind) for kind in ("small", "large")}
    found["matrix, rdflib"] = lambda: matrix.rdflib_case(work, 1_000)
    found["matrix, growth"] = lambda: matrix.matrix_growth_case(work, sizes)
    found["fairtracks import"] = lambda: tracks.import_case(work)
    found |= {
        f"fairtracks validate {size:,}": partial(tracks.validate_case, work, size)
        for size in ((10_000, 100_000) if large else (10_000,))
    }
    found["ontology, small"] = partial(tracks.ontology_case, work, ("so.owl",), at_least=3)
    found["notebook document"] = partial(crates.document_case, work)
    found["archive of 9,000 files"] = partial(crates.archive_case, work)
    found["ontologies"] = partial(tracks.ontology_case, work, tracks.CHECKED, at_least=3)
    if large:
        found["shapes 10,000"] = lambda: shapes_case(work, 10_000)
        found["tab to tab 10,000"] = lambda: roundtrip_case(work, 10_000, isatools=False)
        found["convert 10,000"] = lambda: convert_case(
            "10,000 samples", generated(work, 10_000), work, at_least=10, once=True
        )
    return found


def help_case() -> Case:
    """The time until a user sees something."""
    return Case(
        "help",
        (
            Contender("fairgraph --help", (FAIRGRAPH, "--help")),
            Contender("python -c pass", (sys.executable, "-c", "pass")),
        ),
        (
            Promise(
                "seconds until --help is there",
                lambda r: r["fairgraph --help"]["wall"],
                at_most=0.3,
            ),
        ),
    )


def convert_case(
    title: str,
    source: Path | None,
    work: Path,
    *,
    at_least: float | None = None,
    once: bool = False,
) -> Case | None:
    """ISA-Tab to ISA-JSON: fairgraph and isatools, each in a process of its own, from start to end."""
    if source is None or not ISATOOLS.exists():
        return None
    ours = (FAIRGRAPH, "-q", "convert", str(source), "isa-json", "-o", str(work / "fairgraph.json"))
    theirs = (
        str(ISATOOLS),
        str(PEERS / "isatools_convert.py"),
        str(source),
        str(work / "isatools.json"),
    )
    return Case(
        f"ISA-Tab to ISA-JSON, {title}",
        (Contender("fairgraph", ours), Contender("isatools", theirs, at_most=1 if once else 100)),
        (Promise("times faster", ratio("isatools", "fairgraph"), at_least=at_least),),
    )


def roundtrip_case(work: Path, size: int, *, isatools: bool) -> Case | None:
    """ISA-Tab to ISA-Tab through the model of each: everything is read, and everything written."""
    source = generated(work, size)
    if source is None or not ALTAMISA.exists():
        return None
    ours, theirs = work / "tab-fairgraph", work / "tab-altamisa"
    contenders = [
        Contender(
            "fairgraph",
            # Without the data card, which the others do not write.
            (FAIRGRAPH, "-q", "convert", str(source), "isa-tab", *NO_CARD, "-o", f"{ours}/"),
            (ours,),
        ),
        Contender(
            "altamisa",
            (str(ALTAMISA), str(PEERS / "altamisa_roundtrip.py"), str(source), str(theirs)),
            (theirs,),
            at_most=100 if isatools else 1,
        ),
    ]
    bound = 4 if size >= 10_000 else None  # its writer is quadratic
    faster = ratio("altamisa", "fairgraph")
    promises = [Promise("times faster than altamisa", faster, at_least=bound)]
    if isatools and ISATOOLS.exists():
        other = work / "tab-isatools"
        command = (str(ISATOOLS), str(PEERS / "isatools_roundtrip.py"), str(source), str(other))
        contenders.append(Contender("isatools", command, (other,), at_most=2))
        faster = ratio("isatools", "fairgraph")
        promises.append(Promise("times faster than isatools", faster, at_least=8))
    return Case(f"ISA-Tab to ISA-Tab, {size:,} samples", tuple(contenders), tuple(promises))


def validate_case(work: Path, size: int) -> Case | None:
    """Validation of an ISA-JSON document, from start to end: read, checked against all rules, reported."""
    document = isa_json(work, size)
    if document is None or not ISATOOLS.exists():
        return None
    theirs = (str(ISATOOLS), str(PEERS / "isatools_validate.py"), str(document))
    return Case(
        f"validation of ISA-JSON, {size:,} samples",
        (
            Contender("fairgraph", (FAIRGRAPH, "validate", str(document), "--json"), exits=(0, 1)),
            Contender("isatools", theirs, at_most=2),
        ),
        (Promise("times faster", ratio("isatools", "fairgraph"), at_least=10),),
    )


def shapes_case(work: Path, size: int) -> Case | None:
    """The shapes alone, on a graph that is loaded already: compiled, and by pySHACL."""
    source = generated(work, size)
    if source is None:
        return None
    graph = work / f"shapes-{size}.nt"
    if not graph.exists():
        do(FAIRGRAPH, "-q", "convert", str(source), "nquads", "-o", str(graph.with_suffix(".nq")))
        lines = graph.with_suffix(".nq").read_bytes().splitlines()
        graph.write_bytes(b"".join(line[: line.rindex(b" <")] + b" .\n" for line in lines))
    return Case(
        f"shapes, {size:,} samples",
        (
            Contender("compiled", _peer("shapes_compiled.py", graph), inner=True),
            Contender("pySHACL", _peer("shapes_pyshacl.py", graph), inner=True, at_most=2),
        ),
        (Promise("times faster", ratio("pySHACL", "compiled"), at_least=50),),
    )


def growth_case(work: Path, sizes: tuple[int, ...], what: str) -> Case | None:
    """Whether a sample costs the same in a large dataset as in a small one."""
    contenders = []
    for size in sizes:
        source = generated(work, size) if what == "isa-tab" else isa_json(work, size)
        if source is None:
            return None
        target = work / f"grown-{size}"
        command: tuple[str, ...] = (FAIRGRAPH, "validate", str(source), "--json")
        if what == "isa-tab":
            command = (FAIRGRAPH, "-q", "convert", str(source), what, *NO_CARD, "-o", f"{target}/")
        at_most = 1 if size >= 100_000 else 3
        one = Contender(f"{size:,}", command, (target,), at_most, samples=size, exits=(0, 1))
        contenders.append(one)
    title = "ISA-Tab to ISA-Tab" if what == "isa-tab" else "validation of ISA-JSON"
    return Case(f"{title}, growth", tuple(contenders), _growth(contenders[0], contenders[-1]))


def _growth(first: Contender, last: Contender) -> tuple[Promise, ...]:
    def ratio(number: Number) -> Callable[[Mapping[str, Mapping[Number, float]]], float]:
        return lambda results: (
            (results[last.name][number] / last.samples)
            / (results[first.name][number] / first.samples)
        )

    text = f"for a sample, {last.name} against {first.name}"
    return (
        Promise(f"time {text}", ratio("wall"), at_most=1.3),
        Promise(f"CPU time {text}", ratio("cpu")),
    )


def isa_json(work: Path, size: int) -> Path | None:
    """Return the ISA-JSON of a generated investigation, made once."""
    document, source = work / f"isajson-{size}.json", generated(work, size)
    if source is None:
        return None
    if not document.exists():
        partial = document.with_suffix(".part.json")
        do(FAIRGRAPH, "-q", "convert", str(source), "isa-json", "-o", str(partial))
        partial.rename(document)
    return document


def load_case(work: Path) -> Case | None:
    """Import against the physical limit: the same quads, as files, into the same engine, with nothing around it."""
    source = generated(work, QUADS_SAMPLES)
    if source is None:
        return None
    graph, union = quads(work)
    store, bare = work / "store", work / "bare"
    return Case(
        f"import, {QUADS_SAMPLES:,} samples",
        (
            Contender("fairgraph", _import(source, store), (store,)),
            Contender("bulk_load", _peer("bulk_load.py", bare, graph, union), (bare,)),
        ),
        (Promise("times the bare bulk load", ratio("fairgraph", "bulk_load"), at_most=2.5),),
    )


def export_case(work: Path) -> Case | None:
    """ISA-JSON and PROV-O out of a store against a dump of the same graph."""
    source = generated(work, QUADS_SAMPLES)
    if source is None:
        return None
    graph, union = quads(work)
    store, bare = work / "store-export", work / "bare-export"
    if not store.exists():
        do(*_import(source, store))
        do(*_peer("bulk_load.py", bare, graph, union))
    formats = ("isa-json", "prov-o")
    ours = [
        Contender(
            name,
            (
                FAIRGRAPH,
                "--store",
                str(store),
                "export",
                name,
                "1",
                "-o",
                str(work / f"export-{name}"),
            ),
        )
        for name in formats
    ]
    dump = Contender("bare dump", _peer("dump.py", bare, work / "dump.nq"))
    promises = [
        Promise(f"{name}, times the bare dump", ratio(name, "bare dump"), at_most=bound)
        for name, bound in zip(formats, (None, 2), strict=True)
    ]
    return Case(f"export, {QUADS_SAMPLES:,} samples", (*ours, dump), tuple(promises))


def scaling_case(work: Path, sizes: tuple[int, ...]) -> Case | None:
    """Import at growing sizes: the time for a sample may not grow, memory may not run away."""
    contenders = []
    for size in sizes:
        source, store = generated(work, size), work / f"store-{size}"
        if source is None:
            return None
        at_most = 1 if size >= 100_000 else 100
        contenders.append(
            Contender(f"{size:,}", _import(source, store), (store,), at_most, samples=size)
        )
    last = contenders[-1]
    memory = Promise(f"MB at {last.name} samples", lambda r: r[last.name]["rss"], at_most=2000)
    promises = (*_growth(contenders[0], last), memory)
    return Case("import, scaling", tuple(contenders), promises)


def published_case(work: Path) -> Case | None:
    """Import a published dataset of 20,000 patients, and write it again: memory may not run away."""
    source, store, output = work / "published", work / "store-published", work / "published.zip"
    generator = GENERATOR.with_name("gen_pennsieve.py")
    if not generator.is_file():
        return None
    if not source.exists():
        do(sys.executable, str(generator), str(source), "20000")
    kept = work / "store-published-kept"
    if not kept.exists():
        do(*_import(source, kept))
    written = ("pennsieve", "1", "-o", str(output))
    convert = (FAIRGRAPH, "convert", str(source), "pennsieve", "-o", str(output))
    contenders = (
        Contender("import", _import(source, store), (store,), 1),
        Contender("export", (FAIRGRAPH, "--store", str(kept), "export", *written), (), 1),
        Contender("convert", convert, (), 1),
    )
    promises = (
        Promise("MB of the import", lambda r: r["import"]["rss"], at_most=500),
        Promise("MB of the export", lambda r: r["export"]["rss"], at_most=500),
    )
    return Case("published dataset, 20,000 patients", contenders, promises)


def generated(work: Path, size: int) -> Path | None:
    """Return an ISA-Tab folder of *size* samples, made once; None without the generator."""
    folder = work / f"isatab-{size}"
    if not GENERATOR.is_file():
        return None
    if not folder.exists():
        partial = folder.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        do(sys.executable, str(GENERATOR), str(partial), str(size))
        partial.rename(folder)
    return folder


@cache
def quads(work: Path) -> tuple[Path, Path]:
    """Return two files: the named graph that an import makes, as N-Quads, and the union, as N-Triples."""
    graph, union, store = work / "graph.nq", work / "union.nt", work / "store-quads"
    source = generated(work, QUADS_SAMPLES)
    assert source
    shutil.rmtree(store, ignore_errors=True)
    do(*_import(source, store))
    do(FAIRGRAPH, "--store", str(store), "export", "nquads", "1", "-o", str(graph))
    shutil.rmtree(store)
    with graph.open("rb") as lines, union.open("wb") as output:
        for line in lines:
            output.write(line[: line.rindex(b" <")] + b" .\n")
    return graph, union


def _import(source: Path, store: Path) -> tuple[str, ...]:
    return (FAIRGRAPH, "-q", "--store", str(store), "import", str(source))


def _peer(script: str, *arguments: Path) -> tuple[str, ...]:
    return (sys.executable, str(PEERS / script), *map(str, arguments))


def _corpus(path: str) -> Path | None:
    found = CORPUS / path
    return found if found.exists() else None


def ratio(above: str, below: str) -> Callable[[Mapping[str, Mapping[Number, float]]], float]:
    return lambda results: results[above]["cpu"] / results[below]["cpu"]


def do(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
