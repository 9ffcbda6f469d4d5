"""What is known about a dataset beside its content: the record, as data and as triples.

The record graph is the only truth; ``triples`` and ``read`` are each other's inverse for what is named here. Numbers of
studies and samples stand in the record too, but are not part of a :class:`Dataset`: there may be very many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Triple

from fairgraph.report import Finding, Report, Severity
from fairgraph.store import Reader, Scope
from fairgraph.terms import DCAT, DCTERMS, DQV, FG, PROV, RDF, SCHEMA, SH, VOID, XSD, digest

SYSTEM = NamedNode("urn:fairgraph:system")
PUBLIC = "public"

_A = RDF.node("type")
_INTEGER = XSD.node("integer")
_DATE_TIME = XSD.node("dateTime")
_IDENTIFIER = DCTERMS.node("identifier")
_TITLE = DCTERMS.node("title")
_NUMBER = FG.node("number")
_MEASURED = DQV.node("hasQualityMeasurement")
METRICS = "https://w3id.org/fairgraph/metric/"
_SEVERITIES: dict[Severity, NamedNode] = {
    "violation": SH.node("Violation"),
    "warning": SH.node("Warning"),
    "info": SH.node("Info"),
}
_SEVERITY_NAMES = {node.value: name for name, node in _SEVERITIES.items()}
# The counts of a record, in the order in which they are shown, and the class that each counts.
COUNTED: dict[str, str] = {
    "studies": "https://w3id.org/fairgraph/isa#Study",
    "assays": "https://w3id.org/fairgraph/isa#Assay",
    "sources": "https://w3id.org/fairgraph/isa#Source",
    "samples": "https://w3id.org/fairgraph/isa#Sample",
    "processes": "https://bioschemas.org/LabProcess",
    "runs": "https://w3id.org/fairgraph/ns#AnalysisRun",
    "files": "http://schema.org/MediaObject",
}
_COUNT_TERMS = {"triples": VOID.node("triples")} | {name: FG.node(name) for name in COUNTED}


@dataclass(frozen=True)
class Source:
    """What a dataset was read from: a file, a folder or an archive (*sha256* over all of it)."""

    name: str
    key: str = ""  # tells sources of one name apart: a hash of where it lies, which is nobody else's business
    sha256: str = ""
    size: int = 0


@dataclass(frozen=True)
class Revision:
    """One state in the history of a dataset. *sha256* is that of its canonical N-Quads, once it is archived or compared."""

    index: int
    operation: str
    time: str
    triples: int
    sha256: str = ""
    agent: str = ""
    source: str = ""  # the IRI of the source that it was read from
    was_public: bool = False  # everybody might see its content while it was the current one

    @property
    def name(self) -> str:
        """``r1``, ``r2``, …"""
        return f"r{self.index}"


@dataclass(frozen=True)
class Measurement:
    """A score that was measured on a revision: *metric* names it below :data:`METRICS`, *rules* are those that it was made by."""

    metric: str
    value: str  # a decimal number
    rules: str
    revision: str
    time: str


@dataclass(frozen=True)
class Dataset:
    """One dataset: its record, without its content."""

    iri: str
    slug: str
    number: int
    title: str
    format: str
    visibility: str = PUBLIC
    created: str = ""
    modified: str = ""
    license: str = ""
    doi: str = ""
    status: str = ""
    importer: str = ""
    removed: str = ""  # when it was removed, "" if it was not
    source_title: str = ""  # what the content calls it, where its owner calls it something else
    counts: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    findings: tuple[Finding, ...] = ()
    revisions: tuple[Revision, ...] = ()
    measurements: tuple[Measurement, ...] = ()  # of the state that it is in; gone when it changes

    @property
    def node(self) -> NamedNode:
        """The dataset, and the named graph of its content."""
        return NamedNode(self.iri)

    @property
    def public(self) -> bool:
        """True if everybody may see it: its triples and its record are in the union."""
        return self.visibility == PUBLIC and not self.removed

    @property
    def current(self) -> Revision | None:
        """The last revision."""
        return self.revisions[-1] if self.revisions else None

    @property
    def report(self) -> Report:
        """The findings as a report."""
        report = Report()
        report.extend(self.findings)
        return report

    def as_dict(self) -> dict[str, object]:
        """Return the dataset as the JSON object of the command line and the web."""
        optional = {
            name: getattr(self, name)
            for name in ("license", "doi", "status", "removed")
            if getattr(self, name)
        }
        return {
            "id": self.number,
            "slug": self.slug,
            "iri": self.iri,
            "format": self.format,
            "title": self.title,
            "visibility": self.visibility,
            "created": self.created,
            "modified": self.modified,
            "revision": self.current.name if self.current else "",
            **optional,
            "counts": dict(self.counts),
            "findings": [finding.as_dict() for finding in self.findings],
        }


def dataset_iri(base: str, slug: str) -> NamedNode:
    """Return the IRI of the dataset *slug*, which is its named graph's too."""
    return NamedNode(f"{base}id/{slug}")


def record_iri(base: str, slug: str) -> NamedNode:
    """Return the IRI of the record graph of the dataset *slug*."""
    return NamedNode(f"{base}record/{slug}")


def triples(dataset: Dataset, record: NamedNode) -> Iterator[Triple]:
    """Yield the record of *dataset*, each triple once."""
    ds = dataset.node
    yield Triple(ds, _A, DCAT.node("Dataset"))
    yield Triple(ds, _IDENTIFIER, Literal(dataset.slug))
    yield Triple(ds, _NUMBER, _integer(dataset.number))
    for term, text in (
        (_TITLE, dataset.title),
        (FG.node("format"), dataset.format),
        (FG.node("visibility"), dataset.visibility),
        (DCTERMS.node("license"), dataset.license),
        (FG.node("doi"), dataset.doi),
        (FG.node("status"), dataset.status),
        (FG.node("importer"), dataset.importer),
        (FG.node("sourceTitle"), dataset.source_title),
    ):
        if text:
            yield Triple(ds, term, _text(text))
    for term, time in (
        (DCTERMS.node("created"), dataset.created),
        (DCTERMS.node("modified"), dataset.modified),
        (FG.node("removed"), dataset.removed),
    ):
        if time:
            yield Triple(ds, term, Literal(time, datatype=_DATE_TIME))
    for name, count in dataset.counts.items():
        yield Triple(ds, _COUNT_TERMS[name], _integer(count))
    for source in dataset.sources:
        yield from _source_triples(ds, record, source)
    for n, finding in enumerate(dataset.findings, 1):
        yield from _finding_triples(ds, NamedNode(f"{record.value}/finding/f{n}"), n, finding)
    previous: NamedNode | None = None
    for revision in dataset.revisions:
        node = NamedNode(f"{record.value}/revision/{revision.name}")
        yield from _revision_triples(ds, node, revision, previous)
        previous = node
    if previous is not None:
        yield Triple(ds, FG.node("currentRevision"), previous)
    for measurement in dataset.measurements:
        yield from _measurement_triples(ds, record, measurement)


def source_iri(record: NamedNode, source: Source) -> NamedNode:
    """Return the IRI of a source of the dataset of *record*."""
    name = source.sha256[:8] or digest(f"{source.name}\n{source.key}")
    return NamedNode(f"{record.value}/source/{name}")


def _source_triples(ds: NamedNode, record: NamedNode, source: Source) -> Iterator[Triple]:
    node = source_iri(record, source)
    yield Triple(ds, PROV.node("wasDerivedFrom"), node)
    yield Triple(node, _A, PROV.node("Entity"))
    yield Triple(node, SCHEMA.node("name"), _text(source.name))
    if source.key:
        yield Triple(node, FG.node("sourceKey"), Literal(source.key))
    if source.sha256:
        yield Triple(node, SCHEMA.node("sha256"), Literal(source.sha256))
    if source.size:
        yield Triple(node, SCHEMA.node("contentSize"), _integer(source.size))


def _finding_triples(
    ds: NamedNode, node: NamedNode, index: int, finding: Finding
) -> Iterator[Triple]:
    yield Triple(ds, FG.node("finding"), node)
    yield Triple(node, _A, FG.node("Finding"))
    yield Triple(node, FG.node("index"), _integer(index))
    yield Triple(node, SH.node("resultSeverity"), _SEVERITIES[finding.severity])
    yield Triple(node, SH.node("resultMessage"), _text(finding.message))
    for name in ("rule", "code", "where", "focus", "path", "value"):
        if text := getattr(finding, name):
            yield Triple(node, FG.node(name), _text(text))
    if finding.content_rule:
        yield Triple(node, FG.node("contentRule"), _integer(finding.content_rule))
    if finding.count > 1:
        yield Triple(node, FG.node("count"), _integer(finding.count))


def _revision_triples(
    ds: NamedNode, node: NamedNode, revision: Revision, previous: NamedNode | None
) -> Iterator[Triple]:
    yield Triple(ds, FG.node("revision"), node)
    yield Triple(node, _A, FG.node("Revision"))
    yield Triple(node, _A, PROV.node("Entity"))
    yield Triple(node, FG.node("index"), _integer(revision.index))
    yield Triple(node, FG.node("operation"), Literal(revision.operation))
    yield Triple(node, PROV.node("generatedAtTime"), Literal(revision.time, datatype=_DATE_TIME))
    yield Triple(node, VOID.node("triples"), _integer(revision.triples))
    if revision.sha256:
        yield Triple(node, SCHEMA.node("sha256"), Literal(revision.sha256))
    if revision.agent:
        yield Triple(node, FG.node("agent"), Literal(revision.agent))
    if revision.was_public:
        yield Triple(node, FG.node("wasPublic"), Literal("true", datatype=XSD.node("boolean")))
    if revision.source:
        yield Triple(node, PROV.node("wasDerivedFrom"), NamedNode(revision.source))
    if previous is not None:
        yield Triple(node, PROV.node("wasRevisionOf"), previous)


def _measurement_triples(
    ds: NamedNode, record: NamedNode, measured: Measurement
) -> Iterator[Triple]:
    name = measured.metric.replace("/", "-")
    node = NamedNode(f"{record.value}/measurement/{name}")
    yield Triple(ds, _MEASURED, node)
    yield Triple(node, _A, DQV.node("QualityMeasurement"))
    yield Triple(node, DQV.node("isMeasurementOf"), NamedNode(METRICS + measured.metric))
    yield Triple(node, DQV.node("computedOn"), ds)
    yield Triple(node, DQV.node("value"), Literal(measured.value, datatype=XSD.node("decimal")))
    yield Triple(node, FG.node("ruleSet"), Literal(measured.rules))
    yield Triple(node, PROV.node("generatedAtTime"), Literal(measured.time, datatype=_DATE_TIME))
    revision = NamedNode(f"{record.value}/revision/{measured.revision}")
    yield Triple(node, PROV.node("wasDerivedFrom"), revision)


def _text(text: str) -> Literal:
    """Return a literal; names of files may hold bytes that are no characters, which become ``?``."""
    return Literal(text.encode("utf-8", "replace").decode())


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=_INTEGER)


# Everything in the record but the numbers of studies and samples.
_READ = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dqv: <http://www.w3.org/ns/dqv#>
PREFIX fg: <https://w3id.org/fairgraph/ns#>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?dataset ?about ?p ?o {
  ?dataset a dcat:Dataset .
  { ?dataset ?p ?o . BIND(?dataset AS ?about) }
  UNION { ?dataset fg:finding|fg:revision|prov:wasDerivedFrom|dqv:hasQualityMeasurement ?about . ?about ?p ?o }
}
"""


def read(reader: Reader, record: NamedNode) -> Dataset | None:
    """Return the dataset of a record graph; None if there is no such record."""
    known: dict[str, dict[str, list[str]]] = {}
    ds = ""
    for row in reader.select(_READ, Scope((record,))):
        about, p, o = row["about"].value, row["p"].value, row["o"].value
        ds = row["dataset"].value
        known.setdefault(about, {}).setdefault(p, []).append(o)
    if not ds:
        return None

    def one(about: str, term: str) -> str:
        return next(iter(known[about].get(term, ())), "")

    def number(about: str, term: str) -> int:
        return int(one(about, term) or 0)

    def many(term: str, order: str) -> list[str]:
        found = dict.fromkeys(known[ds].get(term, ()))
        return sorted(found, key=lambda node: (number(node, order), node))

    findings = tuple(
        Finding(
            severity=_SEVERITY_NAMES[one(node, SH.resultSeverity)],
            rule=one(node, FG["rule"]),
            message=one(node, SH.resultMessage),
            code=one(node, FG["code"]),
            where=one(node, FG["where"]),
            focus=one(node, FG["focus"]),
            path=one(node, FG["path"]),
            value=one(node, FG["value"]),
            count=number(node, FG["count"]) or 1,
            content_rule=number(node, FG.contentRule),
        )
        for node in many(FG.finding, FG["index"])
    )
    revisions = tuple(
        Revision(
            number(node, FG["index"]),
            one(node, FG.operation),
            one(node, PROV.generatedAtTime),
            number(node, VOID.triples),
            one(node, SCHEMA.sha256),
            one(node, FG.agent),
            one(node, PROV.wasDerivedFrom),
            one(node, FG.wasPublic) == "true",
        )
        for node in many(FG.revision, FG["index"])
    )
    sources = tuple(
        Source(
            one(node, SCHEMA.name),
            one(node, FG.sourceKey),
            one(node, SCHEMA.sha256),
            number(node, SCHEMA.contentSize),
        )
        for node in many(PROV.wasDerivedFrom, FG["index"])
    )
    measurements = tuple(
        Measurement(
            one(node, DQV.isMeasurementOf).removeprefix(METRICS),
            one(node, DQV.value),
            one(node, FG.ruleSet),
            one(node, PROV.wasDerivedFrom).rpartition("/")[2],
            one(node, PROV.generatedAtTime),
        )
        for node in many(DQV.hasQualityMeasurement, FG["index"])
    )
    return Dataset(
        iri=ds,
        slug=one(ds, DCTERMS.identifier),
        number=number(ds, FG.number),
        title=one(ds, DCTERMS.title),
        format=one(ds, FG["format"]),
        visibility=one(ds, FG.visibility),
        created=one(ds, DCTERMS.created),
        modified=one(ds, DCTERMS.modified),
        license=one(ds, DCTERMS.license),
        doi=one(ds, FG.doi),
        status=one(ds, FG.status),
        importer=one(ds, FG.importer),
        removed=one(ds, FG.removed),
        source_title=one(ds, FG.sourceTitle),
        counts={
            name: number(ds, term.value)
            for name, term in _COUNT_TERMS.items()
            if term.value in known[ds]
        },
        sources=sources,
        findings=findings,
        revisions=revisions,
        measurements=measurements,
    )
