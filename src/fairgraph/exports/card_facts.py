"""What a data card says, collected from narrow questions about one dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fairgraph import licences
from fairgraph.exports import card_people
from fairgraph.exports.card_features import dataset_info, size_category
from fairgraph.exports.description import licence
from fairgraph.exports.export import Answers, exports
from fairgraph.exports.lineage import Lineage
from fairgraph.exports.ml import entry
from fairgraph.exports.ml_columns import Column
from fairgraph.exports.ml_matrix import Matrix
from fairgraph.exports.scored import DatasetFacts, Scores
from fairgraph.scores.judges import coverage
from fairgraph.terms import DCTERMS, FG, RAI, SCHEMA, SH, VOID

CARD_VERSION = "1.0"
_COUNTS = ("studies", "assays", "sources", "samples", "processes", "files")
# What authors say about use, in the words of Croissant RAI, and the names of comments that mean the same.
RAI_KEYS: dict[str, tuple[str, frozenset[str]]] = {
    "use_cases": ("dataUseCases", frozenset(("datausecases", "usecases", "intendeduse"))),
    "limitations": ("dataLimitations", frozenset(("datalimitations", "limitations"))),
    "biases": ("dataBiases", frozenset(("databiases", "biases", "knownbiases"))),
    "collection": ("dataCollection", frozenset(("datacollection", "collection"))),
    "missing_data": (
        "dataCollectionMissingData",
        frozenset(("datacollectionmissingdata", "missingdata")),
    ),
    "personal_sensitive_information": (
        "personalSensitiveInformation",
        frozenset(("personalsensitiveinformation",)),
    ),
    "maintenance_plan": (
        "dataReleaseMaintenancePlan",
        frozenset(("datareleasemaintenanceplan", "maintenanceplan")),
    ),
}


@dataclass
class Card:
    """Everything that a card says of one dataset, before it is written in one form or another."""

    iri: str
    base: str
    record: Mapping[str, str]
    about: Mapping[str, str]  # what the investigation, or else its first study, says of itself
    parts: list[Mapping[str, str]]  # the same for each study
    protocols: list[Mapping[str, str]]
    keywords: tuple[str, ...]
    version: str
    graph_sha256: str
    findings: Mapping[str, int]
    contacts: list[dict[str, Any]]
    publications: list[dict[str, Any]]
    ontologies: list[dict[str, Any]]
    annotated: tuple[int, int]
    rai: dict[str, str | None]
    licence: str
    measured: list[tuple[str, str]]
    matrix: Matrix
    lineage: Lineage
    scores: Scores
    samples: list[str]
    csv_bytes: int | None = None  # the size of samples.csv, where the card stands beside it
    files: Mapping[str, str] = field(default_factory=dict)  # what else stands beside it
    licence_id: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.licence_id = licences.spdx(self.licence) if self.licence else None

    @property
    def title(self) -> str:
        """The title, on one line."""
        return " ".join(self.record.get(DCTERMS.title, "").split()) or self.slug

    @property
    def slug(self) -> str:
        """The short name of the dataset."""
        return self.record.get(DCTERMS.identifier, "")

    @property
    def number(self) -> str:
        """The number of the dataset."""
        return self.record.get(FG.number, "0")

    @property
    def visibility(self) -> str:
        """Who may see it."""
        return self.record.get(FG.visibility, "")

    @property
    def is_public(self) -> bool:
        """Tell whether everybody may see it."""
        return self.visibility == "public"

    @property
    def export_date(self) -> str:
        """The day of the newest change of the record, or of ``SOURCE_DATE_EPOCH``: never today."""
        return self.matrix.export_date

    def count(self, name: str) -> int:
        """Return a number of the record."""
        return int(self.record.get(FG[name], "0"))

    @cached_property
    def organisms(self) -> list[dict[str, Any]]:
        """The organisms and how many samples are of each."""
        return self._values("organism")

    @cached_property
    def materials(self) -> list[dict[str, Any]]:
        """The material types, or the organism parts where there are none."""
        return self._values("material type") or self._values("organism part")

    def _values(self, name: str) -> list[dict[str, Any]]:
        return [
            value
            for column in self.matrix.features
            if column.name.partition(":")[2].lower() == name
            for value in self.values(column)
        ]

    def values(self, column: Column) -> list[dict[str, Any]]:
        """Return the values of a column, the most frequent first, with their terms and how many samples have each."""
        counts = self.matrix.counts(column)
        return [
            {
                "label": value,
                "curie": term.curie if (term := column.terms.get(value)) else None,
                "iri": term.iri if term else None,
                "samples": samples,
            }
            for value, samples in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """How deep samples lie, how many things they come from, and through which processes."""
        roots = [self.lineage.roots(sample) for sample in self.samples]
        steps = {name for pair in self.lineage.steps for name in pair if name}
        return {
            "max_depth": self.lineage.deepest,
            "root_sources": len({root for found in roots for root in found}),
            "pooled_samples": sum(1 for found in roots if len(found) > 1),
            "process_categories": sorted(steps),
            "valid_prov": not self.lineage.cycles,
        }

    @cached_property
    def api(self) -> dict[str, str]:
        """The addresses of everything, by name: each export of the table, and where to ask."""
        here = f"{self.base}api/v1/investigations/{self.number}"
        found = {"self": f"{here}/card", "landing": f"{self.base}investigations/{self.number}"}
        for export in exports():
            found[export.name.replace("-", "_")] = f"{here}/export/{export.name}"
        return {**found, "score": f"{here}/score", "sparql": f"{self.base}sparql"}

    def columns_as_dicts(self) -> list[dict[str, Any]]:
        """Return the columns of the matrix as the JSON form has them."""
        return [entry(column) for column in self.matrix.columns]

    @cached_property
    def front_matter(self) -> dict[str, Any]:
        """The front matter: first what the Hugging Face Hub knows, then ours."""
        return {**self._for_the_hub(), **self._ours()}

    def _for_the_hub(self) -> dict[str, Any]:
        license = licences.of_the_hub(self.licence_id)
        document: dict[str, Any] = {
            "pretty_name": self.title,
            "license": license,
        }
        if license == "other":
            document["license_name"] = self.licence or "unknown"
            if self.licence_id:
                document["license_link"] = licences.address(self.licence_id)
        kinds = {column.type for column in self.matrix.columns}
        tasks = [
            task
            for task, kind in (
                ("tabular-classification", "categorical"),
                ("tabular-regression", "numeric"),
            )
            if kind in kinds
        ]
        terms = [organism["curie"] for organism in self.organisms if organism["curie"]]
        config, info = dataset_info(self.matrix, self.csv_bytes)
        return {
            **document,
            "size_categories": [size_category(len(self.matrix))],
            "task_categories": tasks or ["other"],
            "tags": list(dict.fromkeys([*terms, *self.keywords])),
            "configs": [config],
            "dataset_info": [info],
        }

    def _ours(self) -> dict[str, Any]:
        return {
            "card_type": "fairgraph-data-card",
            "card_version": CARD_VERSION,
            "identity": self._identity(),
            "contacts": [
                contact | ({} if self.is_public else {"email": None}) for contact in self.contacts
            ],
            "scale": {
                **{name: self.count(name) for name in _COUNTS},
                "publications": len(self.publications),
                "triples": int(self.record.get(VOID.triples, "0")),
            },
            "biology": {"organisms": self.organisms, "material_types": self.materials},
            "ontology": {"sources": self.ontologies, **self._coverage()},
            "provenance": self.provenance,
            "scores": self._scores(),
            "rai": self.rai,
            "api": self.api,
        }

    def _identity(self) -> dict[str, Any]:
        return {
            "id": self.iri,
            "number": int(self.number),
            "identifier": self.about.get(SCHEMA.identifier) or self.slug,
            "title": self.record.get(DCTERMS.title, self.slug),
            "doi": self.record.get(FG.doi),
            "license": self.licence_id or self.licence or None,
            "license_url": licences.address(self.licence_id) if self.licence_id else None,
            "visibility": self.visibility,
            "status": self.record.get(FG.status),
            "submission_date": self.about.get(SCHEMA.dateCreated),
            "public_release_date": self.about.get(SCHEMA.datePublished),
            "version": self.version,
            "export_date": self.export_date,
            "graph_sha256": self.graph_sha256 or None,
        }

    def _coverage(self) -> dict[str, Any]:
        named, total = self.annotated
        return {
            "annotated_values": named,
            "total_values": total,
            "coverage_percent": round(100 * named / total, 1) if total else 0.0,
        }

    def _scores(self) -> dict[str, Any]:
        fair, ai = self.scores.fair, self.scores.ai_ready
        return {
            "fair": {"total": fair.total, **fair.parts, "rules": fair.rule_set.name},
            "ai_ready": {
                "total": ai.total,
                "dimensions": ai.parts,
                "rules": ai.rule_set.name,
            },
            # Of the import: what shapes find now, `fairgraph validate` says.
            "findings": {
                "violations": self.findings.get("Violation", 0),
                "warnings": self.findings.get("Warning", 0),
            },
        }


def of(answers: Answers, matrix: Matrix | None = None) -> Card:
    """Collect the card of one dataset; *matrix* is its matrix, if it is known already."""
    record = {
        predicate.value: obj.value
        for predicate, obj in sorted(_all(answers, "record"), key=lambda row: str(row[1]))
    }
    iri = answers.dataset.value
    facts = DatasetFacts(answers, matrix)
    said, parts, keywords = _descriptions(answers, iri)
    notes = [(part.value, name.value, text.value) for part, name, text in _all(answers, "notes")]
    version, sha256 = "", ""
    for index, _, found in _all(answers, "revision"):
        version, sha256 = f"r{index.value}", "" if found is None else found.value
    return Card(
        iri=iri,
        base=answers.base,
        record=record,
        about=said,
        parts=parts,
        protocols=_protocols(_all(answers, "protocols")),
        keywords=keywords,
        version=version,
        graph_sha256=sha256,
        findings={s.value.removeprefix(SH.iri): int(n.value) for s, n in _all(answers, "findings")},
        contacts=card_people.contacts(answers),
        publications=card_people.publications(_all(answers, "publications")),
        ontologies=_ontologies(_all(answers, "ontologies")),
        annotated=coverage(facts.rows("score/fair/interoperable-ontology"), iri),
        rai=_rai(_all(answers, "statements"), notes, iri),
        licence=licence(answers),
        measured=sorted({(_text(m), _text(t)) for _, m, t in _all(answers, "measured")}),
        matrix=facts.matrix,
        lineage=facts.lineage,
        scores=Scores.about(facts),
        samples=[row[0].value for row in answers.rows("lineage/samples")],
    )


def _all(answers: Answers, query: str) -> list[Any]:
    return list(answers.rows(f"export/card/{query}"))


def _descriptions(
    answers: Answers, iri: str
) -> tuple[dict[str, str], list[Mapping[str, str]], tuple[str, ...]]:
    """Return what the investigation says of itself (what it does not say, its first study that does), and what each study says."""
    parts: dict[tuple[bool, int, str], dict[str, str]] = {}
    keywords: set[str] = set()
    for part, index, predicate, obj in _all(answers, "descriptions"):
        key = part.value != iri, int(index.value) if index is not None else 0, part.value
        about = parts.setdefault(key, {})
        about[predicate.value] = max(obj.value, about.get(predicate.value, ""))
        if predicate.value == SCHEMA.keywords:
            keywords.add(obj.value)
    said: dict[str, str] = {}
    for _, about in sorted(parts.items()):
        for predicate, text in about.items():
            said.setdefault(predicate, text)
    studies: list[Mapping[str, str]] = [
        about for key, about in sorted(parts.items()) if key[-1] != iri
    ]
    return said, studies, tuple(sorted(keywords))


def _protocols(rows: Iterable[Any]) -> list[Mapping[str, str]]:
    """Return the protocols in the order of their studies, one that has several values of a kind with the least of each."""
    names = ("name", "type", "version", "url", "description")
    found: dict[tuple[str, int, str], dict[str, str]] = {}
    for row in rows:
        iri = row["protocol"].value
        index = int(row["index"].value) if row["index"] is not None else 0
        about = found.setdefault((iri.rpartition("/protocol/")[0], index, iri), {})
        for name in names:
            if text := _text(row[name]):
                about[name] = min(text, about.get(name, text))
    return [found[key] for key in sorted(found)]


def _ontologies(rows: Iterable[Any]) -> list[dict[str, Any]]:
    found = [
        {
            "prefix": name.value,
            "uri": _text(uri) or None,
            "version": _text(version) or None,
            "terms": int(terms.value),
        }
        for _, name, uri, version, terms in rows
    ]
    return sorted(found, key=lambda source: str(source["prefix"]))


def _rai(
    statements: Iterable[Any], notes: Iterable[tuple[str, str, str]], iri: str
) -> dict[str, str | None]:
    by_property = {prop: key for key, (prop, _) in RAI_KEYS.items()}
    said: dict[str, list[str]] = {}
    for _, predicate, text in statements:
        said.setdefault(by_property[predicate.value.removeprefix(RAI.iri)], []).append(text.value)
    for _, name, text in notes:
        plain = "".join(filter(str.isalpha, name.lower())).removeprefix("rai")
        for key, (_, names) in RAI_KEYS.items():
            if plain in names and text:
                said.setdefault(key, []).append(text)
    return {key: "\n".join(sorted(set(said[key]))) if key in said else None for key in RAI_KEYS}


def _text(term: Any) -> str:
    return "" if term is None else str(term.value)
