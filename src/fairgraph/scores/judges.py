"""Judges: what SPARQL cannot tell about the facts of a rule. Each returns the share of the points and what was seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fairgraph import identifiers, licences
from fairgraph.scores.score import Facts, Judge, Judgement

_OTHER_IDENTIFIER = re.compile(
    r"(?:https?://\S+/)?ark:/?[0-9]{5,}/\S+|(?:hdl:|https?://hdl\.handle\.net/)[0-9.]+/\S+"
    r"|https?://(?:www\.)?(?:purl\.org|purl\.obolibrary\.org|w3id\.org|identifiers\.org)/\S+",
    re.IGNORECASE,
)
_OTHER_SHARE = 20 / 25
# Formats whose specification everybody may read and implement.
_SUFFIXES = """
    avro bam bai bcf bed bedgraph bib bigbed bigwig biom bmp bw cdf cel cif cram crai csv dcm docx edf fa fai faa fasta fastq
    ffn fna fq gb gbk geojson gff gff3 gpr gtf gz h5 h5ad hdf5 html idat imzml ibd ipynb jcamp jdx jpeg jpg json jsonl jsonld loom md maf
    mgf mol mol2 mtx mzdata mztab mzid mzidentml mzml mzxml n5 nc ndjson netcdf newick nii nmrml nt nwb nwk obo odp ods odt ome
    owl parquet pdb pdf pepxml ply png protxml rdf rds rmd rst sam sdf sff smi sbml svg tab tar tbi tif tiff tnt tre tree trig tsv
    ttl txt vcf wav wig xlsx xml yaml yml zarr zip
    """
OPEN_FORMATS = frozenset(_SUFFIXES.split())
# What only says how a file is packed; the suffix before it is the format.
_PACKED = frozenset(("gz", "bz2", "zip", "xz", "zst", "tgz", "7z"))


def is_orcid(text: str) -> bool:
    """Tell whether *text* is an ORCID iD whose check digit is right (ISO 7064 MOD 11-2)."""
    known = identifiers.orcid(text)
    return known is not None and identifiers.is_valid_orcid(known)


def identifier(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """A DOI gives all, another persistent identifier the most part."""
    texts = _texts(rows)
    if dois := [text for text in texts if identifiers.doi(text)]:
        return 1, dois
    others = [text for text in texts if _OTHER_IDENTIFIER.fullmatch(text)]
    return (_OTHER_SHARE, others) if others else (0, ())


def any_identifier(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """Any persistent identifier gives all."""
    share, evidence = identifier(facts, rows)
    return (1 if share else 0), evidence


def orcid(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """One true ORCID iD gives all."""
    texts = _texts(rows)
    known = [text for text in texts if is_orcid(text)]
    return (1, known) if known else (0, [f"{text}: the check digit is wrong" for text in texts])


def licence(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """A licence of the SPDX list gives all, any other text ten of 25."""
    texts = _texts(rows)
    if known := [text for text in texts if licences.spdx(text)]:
        return 1, known
    return (10 / 25, texts) if texts else (0, ())


def coverage(rows: Iterable[Any], dataset: str) -> tuple[int, int]:
    """Return how many annotations name a term with an accession, as the value or as the unit, and how many there are.

    Numbers without a unit are counted too: their unit could be a term.
    """
    total = named = 0
    own = f"{dataset}/"
    for relation, term, count in rows:
        if relation.value == "is":
            total += int(count.value)
        elif not term.value.startswith(
            own
        ):  # else a name of the dataset's own, without an accession
            named += int(count.value)
    return min(named, total), total


def ontology(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """The share of annotations that name a term with an accession."""
    named, total = coverage(rows, facts.dataset)
    return _part(named, total, "annotations name an ontology term")


def factor(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """A factor gives ten of 15, types that are all terms the rest."""
    own = f"{facts.dataset}/"
    typed: dict[str, bool] = {}
    for row in rows:
        term = row["term"]
        is_term = term is not None and not term.value.startswith(own)
        typed[row["evidence"].value] = typed.get(row["evidence"].value, True) and is_term
    if not typed:
        return 0, ()
    evidence = [name if known else f"{name}: its type is no term" for name, known in typed.items()]
    return (1 if all(typed.values()) else 10 / 15), sorted(evidence)


def open_files(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """The share of data files in open formats, by the suffix of their names."""
    total = known = 0
    closed: set[str] = set()
    for row in rows:
        count = int(row["files"].value)
        suffix = row["evidence"].value
        total += count
        if is_open_format(suffix):
            known += count
        else:
            closed.add(suffix or "no suffix")
    share, evidence = _part(known, total, "files are in open formats")
    return share, [*evidence, *(f"not open, or not known: {name}" for name in sorted(closed))]


def is_open_format(suffix: str) -> bool:
    """Tell whether the suffix of a file (``.mzml``, ``.fastq.gz``) is that of an open format."""
    parts = suffix.lower().strip(".").split(".")
    if len(parts) > 1 and parts[-1] in _PACKED:
        parts.pop()
    return parts[-1] in OPEN_FORMATS


def chain(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """The share of samples that come from sources, and from nothing else."""
    counts = {kind.value: int(count.value) for kind, count in rows}
    samples = counts["samples"]
    is_plain = (
        counts["from a source"] == samples and counts["origins"] == counts["sources among them"]
    )
    # Where something else comes between, the whole lineage tells.
    traced = samples if is_plain or not samples else facts.traced
    return _part(traced, samples, "samples come from a source")


def share_of(said: str) -> Judge:
    """Make a judge of counts by kind: the share of ``all`` that the other kinds are."""

    def counted(facts: Facts, rows: Iterable[Any]) -> Judgement:
        some = total = 0
        for kind, count in rows:
            if kind.value == "all":
                total = int(count.value)
            else:
                some += int(count.value)
        return _part(min(some, total), total, said)

    return counted


def performer(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """The share of performers with an ORCID iD; one that is called as a contact has theirs."""
    contacts: set[frozenset[str]] = set()
    performers: dict[str, bool] = {}
    for row in rows:
        name, known = row["evidence"].value, row["orcid"]
        has = known is not None and is_orcid(known.value)
        if row["role"].value == "contact":
            if has:
                contacts.add(_words(name))
        else:
            performers[name] = performers.get(name, False) or has
    found = [name for name, has in performers.items() if has or _words(name) in contacts]
    return _part(len(found), len(performers), "performers have an ORCID iD")


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", name.lower()))


def order(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """All, if there are processes and none of them leads back to itself.

    The importers of ISA look for cycles; what an update wrote, or came as RDF, is looked through here.
    """
    for processes, importer, operation, source, rule in rows:
        if not int(processes.value):
            break
        is_new = operation.value in ("import", "update") and source is not None
        if is_new and importer is not None and importer.value.startswith("isa-"):
            cycles = rule is not None
        else:
            cycles = bool(facts.cycles)
        return (0, ["a cycle"]) if cycles else (1, [f"{processes.value} processes, no cycle"])
    return 0, ()


def terms_of_columns(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """The share of columns of the matrix whose property is a term."""
    named = [column.name for column in facts.columns if column.property_iri]
    return _part(len(named), len(facts.columns), "columns mean an ontology term")


def statistics(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """All, if the matrix has rows and columns: every export of it states them."""
    return _part(len(facts.columns) if facts.samples else 0, len(facts.columns), "columns counted")


def typed(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """The share of columns that are more than free text."""
    known = [column for column in facts.columns if column.type != "string"]
    return _part(len(known), len(facts.columns), "columns have a type")


def numbers_with_units(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """The share of numeric columns with a unit; all, if there is none but the matrix has columns."""
    numeric = [column for column in facts.columns if column.type == "numeric"]
    if not numeric:
        return (1, ["no numeric columns"]) if facts.columns else (0, ())
    bare = [column.name for column in numeric if not column.unit_label]
    share, evidence = _part(len(numeric) - len(bare), len(numeric), "numeric columns have a unit")
    return share, [*evidence, *(f"no unit: {name}" for name in bare)]


def filled(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """The share of cells that are filled."""
    cells = facts.samples * len(facts.columns)
    missing = sum(column.missing for column in facts.columns)
    return _part(cells - missing, cells, "cells are filled")


def variety(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """All, if some column is not the same for all samples."""
    varied = [
        column.name
        for column in facts.columns
        if len(facts.counts(column.name)) + bool(column.missing) > 1
    ]
    return (1, varied) if varied else (0, ["every column has one value"] if facts.columns else ())


def matrix(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """All, if there are samples and at least one column beside the identifiers."""
    size = f"{facts.samples} rows, {len(facts.columns)} columns beside the identifiers"
    return (1 if facts.samples and facts.columns else 0), [size]


def levels(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """All, if a factor has two levels or more, each of two samples or more."""
    found = {
        column.name: facts.counts(column.name)
        for column in facts.columns
        if column.name.startswith("factor:")
    }
    usable = [
        f"{name}: {len(sizes)} levels"
        for name, sizes in found.items()
        if len(sizes) > 1 and min(sizes.values()) > 1
    ]
    return (1, usable) if usable else (0, list(found))


def duplicates(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """All, if there are samples and no name twice."""
    names = [f"{row['evidence'].value}: {row['samples'].value} samples" for row in rows]
    return (0, sorted(names)) if names or not facts.samples else (1, ["every name once"])


def purpose(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """Half for the uses, half for the limits."""
    found = {row["value"].value: row["evidence"].value for row in rows}
    return len(found) / 2, [f"{kind}: {text}" for kind, text in sorted(found.items())]


def card(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """The share of the parts that a card should have."""
    parts = ("title", "description", "contact", "licence", "organism", "ontology", "process")
    found = {row["evidence"].value for row in rows}
    share, evidence = _part(len(found), len(parts), "parts of the card")
    return share, [*evidence, *(f"no {part}" for part in parts if part not in found)]


def licence_agrees(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """Public data have a licence, and data with an open licence are public."""
    evidence, agrees = [], False
    for row in rows:
        name, visibility = row["evidence"].value, row["visibility"].value
        known = licences.spdx(name)
        agrees = visibility == "public" or not (known and licences.is_open(known))
        evidence.append(f"{name}, {visibility}")
    return (1 if agrees else 0), evidence


def fairness(facts: Facts, rows: Iterable[Any]) -> Judgement:
    """The FAIR score."""
    return facts.fair / 100, [f"FAIR score {facts.fair:.0f} of 100"]


def _texts(rows: Iterable[Any]) -> list[str]:
    return sorted({row["evidence"].value for row in rows if row["evidence"] is not None})


def _part(some: int, of: int, said: str) -> tuple[float, list[str]]:
    return (some / of, [f"{some:,} of {of:,} {said}"]) if of else (0, [])


JUDGES: dict[str, Judge] = {
    "fair/findable-identifier": identifier,
    "fair/findable-orcid": orcid,
    "fair/interoperable-ontology": ontology,
    "fair/interoperable-factor": factor,
    "fair/interoperable-file": open_files,
    "fair/reusable-licence": licence,
    "fair/reusable-chain": chain,
    "ai/fairness-score": fairness,
    "ai/provenance-chain": chain,
    "ai/provenance-protocol": share_of("processes follow a protocol with a version"),
    "ai/provenance-performer": performer,
    "ai/provenance-order": order,
    "ai/characterization-term": terms_of_columns,
    "ai/characterization-statistics": statistics,
    "ai/characterization-schema": typed,
    "ai/explainability-card": card,
    "ai/explainability-purpose": purpose,
    "ai/explainability-checksum": share_of("files have a SHA-256"),
    "ai/ethics-licence": licence_agrees,
    "ai/sustainability-identifier": any_identifier,
    "ai/computability-matrix": matrix,
    "ai/computability-format": open_files,
    "ai/computability-unit": numbers_with_units,
    "ai/completeness-cells": filled,
    "ai/completeness-duplicates": duplicates,
    "ai/completeness-levels": levels,
    "ai/completeness-variety": variety,
}
