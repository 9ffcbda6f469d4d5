"""What a loss report says is true: what is not carried makes no difference to an export, and what is carried does."""

from __future__ import annotations

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.conversion import convert
from fairgraph.errors import UsageError
from fairgraph.exports.export import Export, exports, get, installed
from fairgraph.exports.loss_report import Loss
from fairgraph.terms import RDF, compact
from support import EXAMPLE

JSON_EXAMPLE = EXAMPLE.with_name("mouse-circadian-isa.json")
CARRYING = [e.name for e in installed() if e.name not in {"loss-report"}]
LOSSY = [name for name in CARRYING if get(name).carried_queries != ("export/triples",)]
# Carried, and said elsewhere as well: without them a reader finds the same by order, by name or by what they are part of.
REDUNDANT = {
    "rdf:type", "fg:index", "fg:line", "fg:column", "fg:rawText", "isa:header", "isa:fileName", "isa:nameColumn",
    "isa:parameterName", "isa:characteristicType", "isa:characteristicCategory", "isa:unitCategory", "schema:sameAs", "isa:jsonType", "isa:Column fg:category", "isa:Investigation schema:creator",
    # PROV-O is made from the statements that follow from these.
    "prov-o schema:object", "prov-o schema:result", "prov-o isa:nextProcess",
    "prov-n schema:object", "prov-n schema:result", "prov-n isa:nextProcess", "prov-n prov:wasAssociatedWith",
    # So are lineage and the table of processes.
    *(f"{name} schema:{word}" for name in ("ml-json", "card", "card-json", "processes-csv") for word in ("object", "result")),
    # An investigation and its studies name the same people.
    "croissant schema:creator", "dcat schema:creator", "fairtracks schema:creator", "schema-org schema:creator", "card schema:creator", "card-json schema:creator",
    # They have the same dates, and parts are only asked for what the whole does not say.
    "croissant schema:datePublished", "croissant schema:hasPart",
    "pennsieve schema:creator", "pennsieve schema:hasPart",
    # The matrix knows the units of extracts, and shows the samples.
    "card schema:additionalProperty", "card-json schema:additionalProperty",
    "ml-zip schema:object", "ml-zip schema:result", "ml-zip isa:nextProcess", "ml-zip schema:additionalProperty",
    # The record says the title as well.
    "isa:Investigation schema:name",
}  # fmt: skip


class Dataset:
    """A dataset whose triples can be taken away and put back."""

    def __init__(self, source: Path, slug: str = "tested") -> None:
        self.fg = fairgraph.open("memory:")
        self.dataset = self.fg.add(source, slug=slug, visibility="private").dataset
        with self.fg.store.read() as reader:
            self.triples = list(reader.triples(self.dataset.node))

    def export(self, name: str) -> bytes:
        return self.fg.export(name, self.dataset).to_bytes()

    def without(self, triples: Sequence[Triple], name: str) -> bytes:
        """The export of a dataset that does not hold some triples; the record stays as it is."""
        with self.fg.store.write() as writer:
            writer.remove(triples, self.dataset.node)
        try:
            return self.export(name)
        finally:
            with self.fg.store.write() as writer:
                writer.insert(triples, self.dataset.node)

    def with_other_texts(self, triples: Sequence[Triple], name: str) -> bytes:
        """The export of a dataset in which the literals of some triples say something else."""
        texts = [t for t in triples if isinstance(t.object, Literal)]
        others = [Triple(t.subject, t.predicate, Literal(f"{t.object.value}7")) for t in texts]
        with self.fg.store.write() as writer:
            writer.insert(others, self.dataset.node)
        try:
            return self.without(texts, name)
        finally:
            with self.fg.store.write() as writer:
                writer.remove(others, self.dataset.node)

    def carried(self, export: Export) -> set[Triple]:
        return {triple for query in export.carried_queries for triple in self.asked(query)}

    def asked(self, query: str) -> set[Triple]:
        with self.fg.export("loss-report", self.dataset).answers() as answers:
            return set(answers.triples(query))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    """One study of the example with two of its samples: small enough to be exported hundreds of times."""
    folder = tmp_path_factory.mktemp("small") / "small"
    folder.mkdir()
    for path in sorted(EXAMPLE.iterdir()):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        table = path.name[:2] in ("s_", "a_")
        (folder / path.name).write_text("".join(lines[:3] if table else lines), encoding="utf-8")
    dataset = Dataset(folder)
    yield dataset
    dataset.fg.close()


def groups(triples: Iterable[Triple], everything: Iterable[Triple]) -> dict[str, list[Triple]]:
    """Triples by the class of their subject and their property."""
    types: dict[object, str] = {}
    for triple in everything:
        if triple.predicate.value == RDF.type and "/prov#" not in triple.object.value:
            types[triple.subject] = max(types.get(triple.subject, ""), triple.object.value)
    found: dict[str, list[Triple]] = defaultdict(list)
    for triple in sorted(triples, key=str):
        kind = types.get(triple.subject, "")
        found[f"{compact(kind)} {compact(triple.predicate.value)}"].append(triple)
    return found


def lost(dataset: Dataset, export: Export) -> list[Triple]:
    kept = dataset.carried(export) | dataset.asked("follows")
    return [triple for triple in dataset.triples if triple not in kept]


@pytest.mark.parametrize("source", [EXAMPLE, JSON_EXAMPLE], ids=lambda path: path.name)
def test_what_is_not_carried_makes_no_difference(source: Path) -> None:
    dataset = Dataset(source)
    sample = next(t.subject for t in dataset.triples if t.object.value.endswith("isa#Sample"))
    stray = [
        Triple(sample, NamedNode("http://example.org/colour"), Literal("red")),
        Triple(
            NamedNode("http://example.org/x"), NamedNode("http://schema.org/name"), Literal("x")
        ),
    ]
    with dataset.fg.store.write() as writer:
        writer.insert(stray, dataset.dataset.node)
    dataset.triples += stray
    wrong = []
    for name in LOSSY:
        triples = lost(dataset, get(name))
        assert set(stray) <= set(triples)
        if dataset.without(triples, name) != dataset.export(name):
            wrong.append(name)
    assert wrong == []


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize(
    "name", ["BII-I-1", "BII-S-3", "tests_BII-S-TEST", "linkedISA_T1-2x2-strain-sex", "mu_MTBLS373", "altamisa_i_small2", "cookbook_SIRM"]
)  # fmt: skip
def test_what_is_not_carried_of_real_data_makes_no_difference(name: str, corpus: Path) -> None:
    dataset = Dataset(corpus / "isa" / "tab" / name)
    wrong = []
    for export in map(get, LOSSY):
        if dataset.without(lost(dataset, export), export.name) != dataset.export(export.name):
            wrong.append(export.name)
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("name", LOSSY)
def test_what_is_carried_makes_a_difference(small: Dataset, name: str) -> None:
    before = small.export(name)
    carried = small.carried(get(name)) & set(small.triples)
    silent = [
        group
        for group, triples in groups(carried, small.triples).items()
        if not {group, group.split()[-1], f"{name} {group.split()[-1]}"} & REDUNDANT
        and small.without(triples, name) == before
        and small.with_other_texts(triples, name) == before
    ]
    assert silent == []


@pytest.mark.parametrize("name", ["eln", "ro-crate"])
def test_of_several_values_a_crate_says_those_that_are_told_as_carried(small: Dataset, name: str) -> None:  # fmt: skip
    schema, isa, bio = "http://schema.org/", "https://w3id.org/fairgraph/isa#", "https://bioschemas.org/"  # fmt: skip
    classes = (
        f"{schema}Person", f"{isa}Study", f"{isa}Assay", f"{isa}Sample", f"{schema}ScholarlyArticle", f"{schema}MediaObject",
        f"{bio}LabProcess", f"{isa}Investigation", f"{bio}LabProtocol",
    )  # fmt: skip
    words = ("givenName", "name", "description", "identifier", "text", "startTime", "endTime")
    stray = []
    for n, kind in enumerate(classes):
        things = [t.subject for t in small.triples if t.predicate.value == RDF.type and t.object.value == kind]  # fmt: skip
        for word in words if "Person" in kind else words[1:]:
            # One before all that there is, in the order of texts, and two after.
            for text in (f"!{word}{n}a", f"~{word}{n}b", f"~{word}{n}c"):
                stray.append(Triple(min(things, key=str), NamedNode(schema + word), Literal(text)))
    with small.fg.store.write() as writer:
        writer.insert(stray, small.dataset.node)
    try:
        carried = small.carried(get(name))
        with zipfile.ZipFile(io.BytesIO(small.export(name))) as archive:
            document = next(n for n in archive.namelist() if n.endswith("metadata.json"))
            text = archive.read(document).decode()
    finally:
        with small.fg.store.write() as writer:
            writer.remove(stray, small.dataset.node)
    wrong = [
        (triple.object.value, triple in carried)
        for triple in stray
        if (triple in carried) != (triple.object.value in text)
    ]
    assert wrong == []
    assert 0 < len(carried.intersection(stray)) < len(stray)


@pytest.mark.parametrize("name", ["eln", "ro-crate"])
def test_what_a_crate_says_of_some_things_only_is_told_so(small: Dataset, name: str) -> None:
    """Parts that are no study or assay, affiliations that are no names, roles without a term: each alone makes no difference."""
    schema, isa = "http://schema.org/", "https://w3id.org/fairgraph/isa#"

    def one(kind: str) -> NamedNode:
        found = (t.subject for t in small.triples if t.predicate.value == RDF.type and t.object.value == kind)  # fmt: skip
        return NamedNode(min(node.value for node in found if isinstance(node, NamedNode)))

    person, study, protocol = one(f"{schema}Person"), one(f"{isa}Study"), one("https://bioschemas.org/LabProtocol")  # fmt: skip
    stray = [
        Triple(study, NamedNode(f"{schema}hasPart"), protocol),
        Triple(protocol, NamedNode(f"{schema}hasPart"), one(f"{isa}Sample")),
        Triple(person, NamedNode(f"{schema}affiliation"), NamedNode("https://ror.org/02nv7yv05")),
        Triple(person, NamedNode(f"{isa}role"), protocol),
        Triple(study, NamedNode(f"{isa}designDescriptor"), protocol),
    ]
    said = Triple(person, NamedNode(f"{schema}affiliation"), Literal("Another institute"))
    before = small.export(name)
    for triple in (*stray, said):
        with small.fg.store.write() as writer:
            writer.insert([triple], small.dataset.node)
        try:
            is_carried, after = triple in small.carried(get(name)), small.export(name)
        finally:
            with small.fg.store.write() as writer:
                writer.remove([triple], small.dataset.node)
        assert (is_carried, after != before) == (triple is said, triple is said), triple


def test_what_was_said_first_does_not_matter() -> None:
    same = [NamedNode(f"https://{host}.org/1") for host in "azm"]
    found = set()
    for order in (same, same[1:] + same[:1]):
        dataset = Dataset(JSON_EXAMPLE)
        people = [t.subject for t in dataset.triples if t.object.value == "http://schema.org/Person"]  # fmt: skip
        for iri in order:
            said = Triple(min(people, key=str), NamedNode("http://schema.org/sameAs"), iri)
            with dataset.fg.store.write() as writer:
                writer.insert([said], dataset.dataset.node)
        found.add((dataset.export("ro-crate"), dataset.export("eln")))
    assert len(found) == 1


@pytest.mark.parametrize("name", CARRYING)
def test_the_numbers_add_up(small: Dataset, name: str) -> None:
    loss = small.fg.loss(name, small.dataset)
    assert loss.triples == len(small.triples)
    assert loss.triples == loss.carried + loss.follow + sum(g.triples for g in loss.not_carried)
    assert loss.carried > 0


def test_the_triples_themselves_are_carried_whole(small: Dataset) -> None:
    for name in ("turtle", "nquads", "jsonld"):
        assert small.fg.loss(name, small.dataset).not_carried == ()


def test_the_report_is_an_export(small: Dataset) -> None:
    document = json.loads(small.fg.export("loss-report", small.dataset).to_bytes())
    told = [e.name for e in exports() if e.name not in {"loss-report"}]
    assert [found["format"] for found in document["exports"]] == told
    one = json.loads(small.fg.export("loss-report", small.dataset, of="samples-csv").to_bytes())
    assert [found["format"] for found in one["exports"]] == ["samples-csv"]
    kinds = {(g["class"], g["property"]) for g in one["exports"][0]["not_carried"]}
    assert ("schema:Person", "schema:familyName") in kinds
    with pytest.raises(UsageError, match="no export format"):
        small.fg.export("loss-report", small.dataset, of="docx").to_bytes()


def test_a_conversion_tells_what_it_loses(tmp_path: Path) -> None:
    told: list[Loss] = []
    convert(EXAMPLE, "samples-csv", tmp_path / "x.csv", tell_loss=told.append)
    assert [loss.format for loss in told] == ["samples-csv"]
    with Fairgraph(fairgraph.open("memory:").store) as fg:
        dataset = fg.add(EXAMPLE, slug="mouse-circadian").dataset
        assert fg.loss("samples-csv", dataset) == told[0]
