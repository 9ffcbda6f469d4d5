"""What the page of one investigation shows, collected by narrow questions about its dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import NamedNode

from fairgraph.catalogue import Dataset
from fairgraph.terms import ISA, SCHEMA
from fairgraph.web.asking import Asking
from fairgraph.web.links import external_url, page_url
from fairgraph.web.pages import pictures
from fairgraph.web.things import natural, value_text

SAMPLES_PER_PAGE = 20
FROM_SOURCES = "From the source"
# Above this many samples the picture of the design takes longer than a page may (20,000 factor values: 1.2 s).
DESIGN_SAMPLES = 1_500


@dataclass
class Named:
    """A thing with a name, a link, and perhaps something to say about it."""

    name: str
    href: str = ""
    about: str = ""
    items: list[Named] = field(default_factory=list)
    external: str = ""
    count: int = 0
    title: str = ""


@dataclass
class Part:
    """A study or an assay."""

    iri: str
    name: str
    href: str
    identifier: str = ""
    description: str = ""
    file: str = ""
    measurement: Named | None = None
    technology: Named | None = None
    platform: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    assays: list[Part] = field(default_factory=list)
    factors: list[Named] = field(default_factory=list)
    protocols: list[Named] = field(default_factory=list)
    design: pictures.Design | None = None


@dataclass
class SampleTable:
    """One page of the samples: grouped columns, a row each."""

    groups: list[tuple[str, list[str]]]
    rows: list[tuple[str, Named, Named, list[list[Named]]]]
    page: int
    pages: int
    total: int
    first: int
    last: int


@dataclass
class Overview:
    """Everything on the page but the samples."""

    title: str
    description: str
    submitted: str
    released: str
    notes: list[tuple[str, str]]
    studies: list[Part]
    loose_assays: list[Part]
    people: list[Named]
    publications: list[Named]
    sizes: dict[str, int]
    flow: pictures.Flow | None


def overview(asking: Asking, dataset: Dataset) -> Overview:
    """Return what is shown of an investigation."""
    facts: dict[str, str] = {}
    node = dataset.iri
    for investigation, predicate, obj in asking.rows("browse/investigation", dataset=dataset):
        node = investigation.value
        facts[predicate.value] = obj.value
    studies, loose = _parts(asking, dataset)
    _declared(asking, dataset, studies)
    if 0 < dataset.counts.get("samples", 0) <= DESIGN_SAMPLES:
        _designs(asking, dataset, studies)
    notes = asking.rows("browse/notes", dataset=dataset)
    return Overview(
        title=facts.get(SCHEMA.name, "") or dataset.title,
        description=facts.get(SCHEMA.description, ""),
        submitted=facts.get(SCHEMA.dateCreated, ""),
        released=facts.get(SCHEMA.datePublished, ""),
        notes=[(name.value, text.value) for owner, name, text in notes if owner.value == node],
        studies=studies,
        loose_assays=loose,
        people=_people(asking, dataset),
        publications=_publications(asking, dataset),
        sizes=_total(studies),
        flow=pictures.flow(
            [
                (study.name, study.sizes, [(a.name, a.sizes) for a in study.assays])
                for study in studies
            ]
        ),
    )


def _named(asking: Asking, node: Any, name: Any) -> Named | None:
    if node is None:
        return None
    href = page_url(node.value, asking.base) if isinstance(node, NamedNode) else ""
    return Named(_text(name) or node.value, href)


def _parts(asking: Asking, dataset: Dataset) -> tuple[list[Part], list[Part]]:
    parts: dict[str, Part] = {}
    kinds: dict[str, str] = {}
    parents: dict[str, str] = {}
    for row in asking.rows("browse/parts", dataset=dataset):
        iri = row["part"].value
        file = _text(row["file"])
        name = _text(row["name"]) or _text(row["identifier"]) or file or iri.rsplit("/", 1)[-1]
        if row["parent"] is not None:
            parents[iri] = row["parent"].value
        kinds[iri] = row["type"].value
        parts.setdefault(
            iri,
            Part(
                iri,
                name,
                page_url(iri, asking.base),
                _text(row["identifier"]),
                _text(row["description"]),
                file,
                _named(asking, row["measurement"], row["measurementName"]),
                _named(asking, row["technology"], row["technologyName"]),
                _text(row["platform"]),
            ),
        )
    for owner, relation, count in asking.rows("browse/sizes", dataset=dataset):
        if owner.value in parts:
            parts[owner.value].sizes[relation.value.removeprefix(ISA.iri)] = int(count.value)
    loose: list[Part] = []
    for iri, part in parts.items():
        if kinds[iri] != ISA.Assay:
            continue
        study = parts.get(parents.get(iri, ""))
        (study.assays if study else loose).append(part)
    return [part for iri, part in parts.items() if kinds[iri] == ISA.Study], loose


def _declared(asking: Asking, dataset: Dataset, studies: list[Part]) -> None:
    uses = {p.value: int(n.value) for p, n in asking.rows("browse/protocol-uses", dataset=dataset)}
    items: dict[str, list[Named]] = {}
    for protocol, relation, thing, name in asking.rows("browse/parameters", dataset=dataset):
        kind = "component" if relation.value == ISA.component else "parameter"
        href = page_url(thing.value, asking.base)
        items.setdefault(protocol.value, []).append(Named(name.value, href, kind))
    by_iri = {study.iri: study for study in studies}
    for row in asking.rows("browse/declared", dataset=dataset):
        study = by_iri.get(row["study"].value)
        if study is None:
            continue
        iri = row["thing"].value
        found = Named(
            _text(row["name"]) or iri.rsplit("/", 1)[-1],
            page_url(iri, asking.base),
            _text(row["typeName"]),
            items.get(iri, []),
            count=uses.get(iri, 0),
            title=_text(row["description"]),
        )
        (study.factors if row["relation"].value == ISA.factor else study.protocols).append(found)


def _designs(asking: Asking, dataset: Dataset, studies: list[Part]) -> None:
    levels: dict[str, dict[str, dict[str, str]]] = {}
    names = {}
    for study in studies:
        for factor in study.factors:
            names[study.iri, factor.href] = factor.name
    for row in asking.rows("browse/design", dataset=dataset):
        study_iri = row["study"].value
        name = names.get((study_iri, page_url(row["factor"].value, asking.base)))
        if name is not None:
            text = value_text(row["value"], row["raw"], None, row["termName"], row["unit"])
            levels.setdefault(study_iri, {}).setdefault(row["sample"].value, {})[name] = text
    for study in studies:
        factors = [factor.name for factor in study.factors]
        study.design = pictures.design(factors, list(levels.get(study.iri, {}).values()))


def _people(asking: Asking, dataset: Dataset) -> list[Named]:
    people: dict[str, Named] = {}
    for row in asking.rows("browse/people", dataset=dataset):
        name = f"{_text(row['given'])} {_text(row['family'])}".strip() or _text(row["fullName"])
        iri = row["person"].value
        name = name or iri.rsplit("/", 1)[-1]
        # The same person is often named again in every study.
        person = people.setdefault(
            f"{name}\n{_text(row['email'])}",
            Named(name, page_url(iri, asking.base), _text(row["affiliation"])),
        )
        person.external = person.external or external_url(_text(row["same"]))
        role = _text(row["role"])
        if role and role not in [item.name for item in person.items]:
            person.items.append(Named(role))
    return list(people.values())


def _publications(asking: Asking, dataset: Dataset) -> list[Named]:
    found: dict[str, Named] = {}
    for row in asking.rows("browse/publications", dataset=dataset):
        iri, doi, pub_med = row["publication"].value, _text(row["doi"]), _text(row["pubMed"])
        external = f"https://doi.org/{doi}" if doi.startswith("10.") else external_url(doi)
        if not external and pub_med.isdecimal():
            external = f"https://pubmed.ncbi.nlm.nih.gov/{pub_med}/"
        name = _text(row["title"]) or doi or pub_med or iri.rsplit("/", 1)[-1]
        publication = Named(
            name, page_url(iri, asking.base), _text(row["authors"]), external=external
        )
        publication.title = doi or (f"PMID {pub_med}" if pub_med else "")
        found.setdefault(iri, publication)
    return list(found.values())


def _total(studies: list[Part]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in [*studies, *(assay for study in studies for assay in study.assays)]:
        for relation, count in part.sizes.items():
            # Assays name the samples of their study again.
            if relation != "sample" or part in studies:
                total[relation] = total.get(relation, 0) + count
    return total


def samples(asking: Asking, dataset: Dataset, page: int) -> SampleTable:
    """Return one page of the sample table: characteristics and factor values, those of the source too."""
    total = dataset.counts.get("samples", 0)
    pages = max(1, -(-total // SAMPLES_PER_PAGE))
    page = min(max(page, 1), pages)
    start = (page - 1) * SAMPLES_PER_PAGE
    numbers = {
        node: number.value
        for node, number in asking.rows(
            "browse/numbered-samples", dataset=dataset, limit=SAMPLES_PER_PAGE, offset=start
        )
    }
    values = asking.rows("browse/sample-values", dataset=dataset, sample=numbers)
    names = asking.rows("browse/sample-names", dataset=dataset, sample=numbers)
    cells: dict[str, dict[tuple[str, str], list[Named]]] = {}
    for row in values:
        text = value_text(row["value"], row["raw"], row["term"], row["termName"], row["unit"])
        if row["relation"].value == "own":
            group = "Factor values" if row["factor"] is not None else "Characteristics"
        else:
            group = FROM_SOURCES
        href = page_url(row["term"].value, asking.base) if row["term"] is not None else ""
        column = cells.setdefault(row["sample"].value, {}).setdefault(
            (group, row["name"].value), []
        )
        if text not in [cell.name for cell in column]:
            column.append(Named(text, href))
    rows = _sample_rows(asking, numbers, names, cells)
    groups = _columns(cells.values())
    flat = [(group, column) for group, columns in groups for column in columns]
    table = [
        (number, sample, source, [by_column.get(key, []) for key in flat])
        for number, sample, source, by_column in rows
    ]
    return SampleTable(groups, table, page, pages, total, start + 1, start + len(table))


def _columns(rows: Iterable[dict[tuple[str, str], list[Named]]]) -> list[tuple[str, list[str]]]:
    found: dict[str, dict[str, None]] = {
        "Factor values": {},
        "Characteristics": {},
        FROM_SOURCES: {},
    }
    for row in rows:
        for group, column in row:
            found[group][column] = None
    return [(group, list(columns)) for group, columns in found.items() if columns]


def _sample_rows(
    asking: Asking, numbers: dict[Any, str], names: list[Any], cells: Any
) -> list[Any]:
    about: dict[Any, tuple[Named, list[Named]]] = {}
    for row in names:
        node = row["sample"]
        study = _text(row["studyName"])
        sample, sources = about.setdefault(
            node, (Named(row["name"].value, page_url(node.value, asking.base), study), [])
        )
        if row["source"] is not None:
            source = Named(_text(row["sourceName"]), page_url(row["source"].value, asking.base))
            if source.href not in [known.href for known in sources]:
                sources.append(source)
    found = []
    for node, number in numbers.items():
        nameless = Named(node.value.rsplit("/", 1)[-1], page_url(node.value, asking.base))
        sample, sources = about.get(node, (nameless, []))
        shown = Named("", items=sorted(sources, key=lambda source: natural(source.name)))
        found.append((number, sample, shown, cells.get(node.value, {})))
    return found


def _text(term: Any) -> str:
    return "" if term is None else str(term.value)
