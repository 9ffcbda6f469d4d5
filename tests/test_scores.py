"""Scores: every rule gives all of its points to a dataset that has everything, and none to one that has nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import fairgraph
from fairgraph import licences, queries
from fairgraph.api import Fairgraph
from fairgraph.cli.main import cli
from fairgraph.errors import StoreLocked, UsageError
from fairgraph.exports.scored import Scores
from fairgraph.scores.judges import is_open_format, is_orcid
from fairgraph.scores.score import AI_READY, FAIR, RULE_SETS, Judged, plain
from support import EXAMPLE

OBO = "http://purl.obolibrary.org/obo/"
RAI = (
    "dataUseCases",
    "dataLimitations",
    "dataBiases",
    "dataCollection",
    "dataCollectionMissingData",
    "personalSensitiveInformation",
    "dataReleaseMaintenancePlan",
)
ABOUT = (
    "Four samples of two mice show what a dataset has that keeps every rule of both scores. " * 3
)
INVESTIGATION = f"""ONTOLOGY SOURCE REFERENCE
Term Source Name\tOBI\tUO\tPATO\tNCBITaxon
INVESTIGATION
Investigation Identifier\tI1
Investigation Title\tA dataset that has everything
Investigation Description\t{ABOUT}
Investigation Submission Date\t2020-01-01
Investigation Public Release Date\t2020-02-01
{chr(10).join(f"Comment[rai:{name}]{chr(9)}Something is said" for name in RAI)}
Comment[Ethics Statement]\tApproved
INVESTIGATION PUBLICATIONS
Investigation Publication DOI\t10.5555/12345
Investigation Publication Title\tOn everything
INVESTIGATION CONTACTS
Investigation Person Last Name\tCarberry
Investigation Person First Name\tJosiah
Investigation Person Affiliation\tExample Institute
Investigation Person Roles\tinvestigator
Investigation Person Roles Term Accession Number\t{OBO}OBI_0000103
Investigation Person Roles Term Source REF\tOBI
Comment[Investigation Person ORCID]\t0000-0002-1825-0097
STUDY
Study Identifier\tS1
Study Title\tA study
Study File Name\ts_one.txt
STUDY FACTORS
Study Factor Name\tdose
Study Factor Type\tdose
Study Factor Type Term Accession Number\t{OBO}PATO_0000033
Study Factor Type Term Source REF\tPATO
STUDY ASSAYS
Study Assay File Name\ta_one.txt
Study Assay Measurement Type\tmetabolite profiling
Study Assay Technology Type\tmass spectrometry
STUDY PROTOCOLS
Study Protocol Name\tcollection\ttransformation
Study Protocol Type\tsample collection\tdata transformation
Study Protocol Description\tTaken by hand\tPeaks are picked
Study Protocol Version\t1\t2
"""
STUDY = [
    "Source Name\tCharacteristics[organism]\tTerm Source REF\tTerm Accession Number\tProtocol REF\tPerformer\tSample Name\t"
    "Factor Value[dose]\tUnit\tTerm Source REF\tTerm Accession Number",
    *(
        f"m{n % 2}\tMus musculus\tNCBITaxon\t{OBO}NCBITaxon_10090\tcollection\tJosiah Carberry\ts{n}\t{10 * (n // 2)}\tmilligram\tUO\t{OBO}UO_0000022"
        for n in range(4)
    ),
]
ASSAY = [
    "Sample Name\tProtocol REF\tDerived Data File\tComment[SHA256]",
    *(f"s{n}\ttransformation\tf{n}.mzML\t{str(n) * 64}" for n in range(4)),
]
TERMS = f"""
PREFIX isa: <https://w3id.org/fairgraph/isa#>
PREFIX schema: <http://schema.org/>
INSERT {{ GRAPH ?g {{
  ?category isa:characteristicType <{OBO}OBI_0100026> . <{OBO}OBI_0100026> a schema:DefinedTerm ; schema:name "organism"
}} }}
WHERE {{ GRAPH ?g {{ ?category a isa:CharacteristicCategory ; schema:name "organism" }} }}
"""
RULES = [rule for rules in RULE_SETS for rule in rules.rules]


def write_everything(folder: Path, study: list[str] = STUDY, text: str = INVESTIGATION) -> Path:
    folder.mkdir()
    (folder / "i_investigation.txt").write_text(text, encoding="utf-8")
    (folder / "s_one.txt").write_text("\n".join(study) + "\n", encoding="utf-8")
    (folder / "a_one.txt").write_text("\n".join(ASSAY) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fairgraph]:
    """A store with a dataset that has everything, and one that has nothing."""
    folder = tmp_path_factory.mktemp("scores")
    with fairgraph.open("memory:") as fg:
        fg.add(write_everything(folder / "full"), slug="full")
        fg.update(TERMS)
        fg.set("full", license="CC-BY-4.0", doi="10.5555/54321")
        (folder / "empty").mkdir()
        (folder / "empty" / "i_investigation.txt").write_text(
            "INVESTIGATION\nInvestigation Identifier\tI0\n"
        )
        fg.add(folder / "empty", slug="empty", visibility="private")
        yield fg


@pytest.fixture(scope="module")
def judged(both: Fairgraph) -> dict[str, dict[str, Judged]]:
    found = {}
    for slug in ("full", "empty"):
        scores = both.score(slug)
        found[slug] = {j.name: j for s in (scores.fair, scores.ai_ready) for j in s.judged}
    return found


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_a_rule_gives_all_points_to_everything_and_none_to_nothing(
    rule: str, judged: dict[str, dict[str, Judged]]
) -> None:
    full, empty = judged["full"][rule], judged["empty"][rule]
    assert full.points == pytest.approx(full.of, abs=0.001), (full.evidence, full.points)
    assert full.evidence, "what was seen is not said"
    assert empty.points == 0, empty.evidence


def test_the_points_of_the_rules_make_the_whole() -> None:
    for rules in RULE_SETS:
        of = dict.fromkeys(rules.parts, 0.0)
        for rule in rules.rules:
            assert rule.hint, rule.name
            assert rule.points > 0, rule.name
            of[rule.name.rpartition("/")[2].partition("-")[0]] += rule.points
        assert of == pytest.approx(dict.fromkeys(rules.parts, rules.of), abs=0.001)


def test_everything_is_100_and_nothing_next_to_nothing(both: Fairgraph) -> None:
    full, empty = both.score("full"), both.score("empty")
    assert (full.fair.total, full.ai_ready.total) == (100, 100)
    assert list(full.fair.hints()) == []
    assert (empty.fair.total, empty.ai_ready.total) == (0, 0)
    both.set("empty", visibility="public")
    parts = both.score("empty").fair.parts
    assert parts == {"findable": 0, "accessible": 70, "interoperable": 0, "reusable": 0}
    both.set("empty", visibility="private")


def test_the_total_is_rounded_half_up(both: Fairgraph) -> None:
    score = both.score("full").fair
    assert [plain(x) for x in (2.0, 3.125, 3.124, 1 / 3)] == [2, 3.13, 3.12, 0.33]
    assert score.exact == 100
    assert set(score.parts) == set(FAIR.parts)


@pytest.fixture
def small(tmp_path: Path, memory: Fairgraph) -> Fairgraph:
    memory.add(write_everything(tmp_path / "d"), slug="d")
    return memory


def points(fg: Fairgraph, rule: str) -> float:
    scores = fg.score("d")
    folder = rule.partition("/")[0]
    found = scores.fair if folder == "fair" else scores.ai_ready
    return next(j.points for j in found.judged if j.name == f"score/{rule}")


def change(fg: Fairgraph, predicate: str, old: str, new: str) -> None:
    fg.update(
        f"""PREFIX schema: <http://schema.org/> PREFIX isa: <https://w3id.org/fairgraph/isa#>
        PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        DELETE {{ GRAPH ?g {{ ?s {predicate} ?o }} }} INSERT {{ GRAPH ?g {{ ?s {predicate} {new} }} }}
        WHERE {{ GRAPH ?g {{ ?s {predicate} ?o FILTER (?o = {old}) }} }}"""
    )


@pytest.mark.parametrize(
    ("length", "findable", "reusable"), [(49, 0, 0), (50, 10, 0), (199, 10, 0), (200, 20, 10)]
)
def test_a_longer_description_gives_more(
    small: Fairgraph, length: int, findable: float, reusable: float
) -> None:
    change(small, "schema:description", json.dumps(ABOUT.strip()), json.dumps("x" * length))
    assert points(small, "fair/findable-description") == findable
    assert points(small, "fair/reusable-description") == reusable


@pytest.mark.parametrize(
    ("fields", "rule", "expected"),
    [
        ({"doi": "10.5555/1"}, "findable-identifier", 25),
        ({"doi": "https://doi.org/10.5555/1"}, "findable-identifier", 25),
        ({"doi": "ark:/12345/x1"}, "findable-identifier", 20),
        ({"doi": "https://w3id.org/some/thing"}, "findable-identifier", 20),
        ({"doi": "soon"}, "findable-identifier", 0),
        ({"license": "mit"}, "reusable-licence", 25),
        ({"license": "https://creativecommons.org/licenses/by/4.0/"}, "reusable-licence", 25),
        ({"license": "ask the author"}, "reusable-licence", 10),
        ({"visibility": "private"}, "accessible-visibility", 0),
        ({"visibility": "private"}, "accessible-api", 0),
        ({"title": "Short"}, "findable-title", 15),  # what the content says is longer
    ],
)
def test_what_the_owner_sets_counts(
    small: Fairgraph, fields: dict[str, str], rule: str, expected: float
) -> None:
    small.set("d", **fields)
    assert points(small, f"fair/{rule}") == pytest.approx(expected)


def test_a_short_title_gives_eight(small: Fairgraph) -> None:
    change(small, "schema:name", '"A dataset that has everything"', '"Brief"')
    change(small, "schema:name", '"A study"', '"Study"')
    assert points(small, "fair/findable-title") == 8


def test_a_release_that_is_still_to_come_gives_eight(small: Fairgraph) -> None:
    change(small, "schema:datePublished", '"2020-02-01"^^xsd:date', '"2999-01-01"^^xsd:date')
    assert points(small, "fair/accessible-release-date") == 8
    change(small, "schema:datePublished", '"2999-01-01"^^xsd:date', '"some day"')
    assert points(small, "fair/accessible-release-date") == 0


def test_factors_whose_type_is_no_term_give_ten(small: Fairgraph) -> None:
    small.update(
        """PREFIX isa: <https://w3id.org/fairgraph/isa#>
        DELETE { GRAPH ?g { ?f isa:factorType ?t } } WHERE { GRAPH ?g { ?f isa:factorType ?t } }"""
    )
    assert points(small, "fair/interoperable-factor") == 10


def test_samples_through_other_samples_are_traced_and_broken_chains_are_not(
    tmp_path: Path, memory: Fairgraph
) -> None:
    study = [
        "Source Name\tProtocol REF\tSample Name",
        "m1\tcollection\ts1",
        "m1\tcollection\ts2",
        "\t\ts3",  # from nowhere
    ]
    memory.add(write_everything(tmp_path / "d", study), slug="d")
    # s0 to s3 are in the assay too: s0 comes from nowhere.
    assert points(memory, "fair/reusable-chain") == pytest.approx(15 * 2 / 4)
    memory.update(
        """PREFIX schema: <http://schema.org/> PREFIX bioschemas: <https://bioschemas.org/>
        INSERT { GRAPH ?g { ?s1 schema:additionalType "x" . <http://e.org/p> a bioschemas:LabProcess ;
          schema:object ?s1 ; schema:result ?s3 } }
        WHERE { GRAPH ?g { ?s1 schema:name "s1" . ?s3 schema:name "s3" } }"""
    )
    assert points(memory, "fair/reusable-chain") == pytest.approx(15 * 3 / 4)


def test_a_process_that_leads_back_to_itself_is_seen_after_an_update(small: Fairgraph) -> None:
    assert points(small, "ai/provenance-order") > 0
    small.update(
        """PREFIX schema: <http://schema.org/>
        INSERT { GRAPH ?g { ?p schema:object ?s } } WHERE { GRAPH ?g { ?p schema:result ?s . ?s schema:name "s1" } }"""
    )
    assert points(small, "ai/provenance-order") == 0


def test_a_level_of_one_sample_is_no_replicate(tmp_path: Path, memory: Fairgraph) -> None:
    study = [line.replace("\t10\t", "\t20\t") if "s3" in line else line for line in STUDY]
    memory.add(write_everything(tmp_path / "d", study), slug="d")
    assert points(memory, "ai/completeness-levels") == 0


def test_columns_that_say_the_same_of_all_samples_are_no_variety(
    tmp_path: Path, memory: Fairgraph
) -> None:
    study = [line.replace("\t10\t", "\t0\t") for line in STUDY]
    memory.add(write_everything(tmp_path / "d", study), slug="d")
    assert points(memory, "ai/completeness-variety") == 0


def test_an_open_licence_that_nobody_can_use_does_not_agree(small: Fairgraph) -> None:
    small.set("d", license="CC-BY-4.0", visibility="private")
    assert points(small, "ai/ethics-licence") == 0
    small.set("d", license="CC-BY-NC-4.0")
    assert points(small, "ai/ethics-licence") > 0


def test_orcid_check_digits() -> None:
    assert is_orcid("https://orcid.org/0000-0002-1825-0097")
    assert is_orcid("http://orcid.org/0000-0000-0000-001X")
    assert not is_orcid("https://orcid.org/0000-0002-1825-0098")
    assert is_orcid("0000-0002-1825-0097")
    assert not is_orcid("0000-0002-1825")


@pytest.mark.parametrize(
    ("suffix", "is_open"),
    [("mzML", True), ("fastq.gz", True), ("2.csv", True), ("raw", False), ("raw.gz", False), ("", False)],
)  # fmt: skip
def test_open_formats(suffix: str, is_open: bool) -> None:
    assert is_open_format(suffix) == is_open


@pytest.mark.parametrize(
    ("text", "identifier", "hub"),
    [
        ("CC-BY-4.0", "CC-BY-4.0", "cc-by-4.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0", "CC0-1.0", "cc0-1.0"),
        ("https://spdx.org/licenses/ODbL-1.0.html", "ODbL-1.0", "odbl"),
        ("GPL-3.0-only", "GPL-3.0-only", "other"),
        ("CC BY 4.0", None, "other"),
        ("", None, "other"),
    ],
)
def test_licences(text: str, identifier: str | None, hub: str) -> None:
    assert licences.spdx(text) == identifier
    assert licences.of_the_hub(identifier) == hub
    if identifier:
        assert licences.spdx(licences.address(identifier)) == identifier


# -- recording ---------------------------------------------------------------------------------------------------

MEASURED = """PREFIX dqv: <http://www.w3.org/ns/dqv#> PREFIX fg: <https://w3id.org/fairgraph/ns#>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?metric ?value ?rules ?revision { ?dataset dqv:hasQualityMeasurement ?m .
  ?m a dqv:QualityMeasurement ; dqv:isMeasurementOf ?metric ; dqv:value ?value ; dqv:computedOn ?dataset ;
     fg:ruleSet ?rules ; prov:wasDerivedFrom ?revision }"""


def measured(fg: Fairgraph) -> dict[str, tuple[str, ...]]:
    return {
        row["metric"].value.rpartition("/metric/")[2]: tuple(
            row[name].value for name in ("value", "rules", "revision")
        )
        for row in fg.query(MEASURED)
    }


def test_recorded_scores_are_dqv_and_go_with_a_change(example: Fairgraph) -> None:
    scores = example.score(1)
    dataset = example.record_score(1, scores)
    found = measured(example)
    base = example.store.base
    assert len(found) == 2 + len(FAIR.parts) + len(AI_READY.parts)
    assert found["fair"] == (str(scores.fair.total), "fairgraph-fair/1", f"{base}record/mouse-circadian/revision/r1")  # fmt: skip
    assert found["ai/ethics"][0] == str(scores.ai_ready.parts["ethics"])
    assert example.dataset(1) == dataset
    assert dataset.modified == example.dataset(1).modified
    example.set(1, license="MIT")
    assert measured(example) == {}
    example.record_score(1, example.score(1))
    example.update("DELETE WHERE { GRAPH ?g { ?s <http://schema.org/description> ?o } }")
    assert measured(example) == {}
    assert example.dataset(1).measurements == ()


def test_the_same_score_is_not_written_again(example: Fairgraph) -> None:
    example.record_score(1, example.score(1))
    with example.store.read() as reader:
        before = reader.version
    example.record_score(1, example.score(1))
    with example.store.read() as reader:
        assert reader.version == before


def test_a_score_of_an_older_state_is_not_kept(example: Fairgraph) -> None:
    old, scores = example.dataset(1), example.score(1)
    example.set(1, status="active")
    assert example.record_score(old, scores).measurements == ()
    assert measured(example) == {}


def test_only_the_owner_records(example: Fairgraph) -> None:
    public = example.as_caller("public")
    assert isinstance(public.score(1), Scores)
    with pytest.raises(UsageError):
        public.record_score(1, public.score(1))


def test_recorded_scores_of_a_removed_dataset_go(example: Fairgraph) -> None:
    example.record_score(1, example.score(1))
    example.remove(1)
    assert measured(example) == {}


# -- the command -------------------------------------------------------------------------------------------------


def run(store: Path, *args: str) -> Any:
    return CliRunner().invoke(cli, ["--store", str(store), *args], catch_exceptions=False)


def test_the_command_prints_records_and_says_what_to_do(tmp_path: Path) -> None:
    store = tmp_path / "store"
    run(store, "import", str(write_everything(tmp_path / "d")))
    assert "FAIR: " in run(store, "score", "d", "--no-record").output
    with fairgraph.open(store) as fg:
        assert fg.dataset("d").measurements == ()
    output = run(store, "score", "d").output
    assert "+25  Publish it and name its DOI" in output
    assert "4 of 4 samples come from a source" not in output
    assert "4 of 4 samples come from a source" in run(store, "score", "d", "--all").output
    document = json.loads(run(store, "score", "1", "--json").output)
    assert document["id"] == 1
    assert document["revision"] == "r1"
    rules = {rule["rule"]: rule for rule in document["fair"]["judged"]}
    assert rules["score/fair/findable-sample"]["evidence"] == ["4 samples"]
    assert "hint" in rules["score/fair/findable-identifier"]
    assert "hint" not in rules["score/fair/findable-sample"]
    with fairgraph.open(store) as fg:
        assert {m.rules for m in fg.dataset("d").measurements} == {"fairgraph-fair/1", "fairgraph-ai/1"}  # fmt: skip


def test_a_rule_of_ones_own_replaces_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Fairgraph
) -> None:
    folder = tmp_path / "queries" / "score" / "fair"
    folder.mkdir(parents=True)
    text = queries.get("score/fair/findable-sample").text
    (folder / "findable-sample.rq").write_text(text.replace("> 0, 1, 0", "> 99, 1, 0"))
    monkeypatch.setenv("FAIRGRAPH_QUERIES", str(tmp_path / "queries"))
    assert points(small, "fair/findable-sample") == 0


def test_scores_are_told_before_they_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that nobody can write to at the moment does not keep the answer back."""
    with fairgraph.open(tmp_path / "store") as fg:
        fg.add(EXAMPLE)

    def refuse(*arguments: Any) -> None:
        raise StoreLocked("another write is going on")

    monkeypatch.setattr(Fairgraph, "record_score", refuse)
    arguments = ["--store", str(tmp_path / "store"), "score", "1", "--json"]
    result = CliRunner().invoke(cli, arguments)
    assert json.loads(result.stdout)["fair"]["total"] > 50
    assert isinstance(result.exception, StoreLocked)
