"""Notebooks as investigations: by roles that a person gives to genres, and without any."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fairgraph.api import Fairgraph
from fairgraph.errors import SourceError, UsageError
from fairgraph.terms import ELN, ISA, SCHEMA
from notebooks import notebook
from support import corpus_paths

ROLES = "project=study,measurement=assay,specimen=sample,animal=source,sop=protocol"
AUTHOR = {"@id": "https://orcid.org/0000-0002-1825-0097"}
NODES: list[dict[str, Any]] = [
    {"@id": "./p/", "@type": "Dataset", "name": "Liver clocks", "genre": "Project", "hasPart": [{"@id": "./m/"}]},
    {"@id": "./m/", "@type": "Dataset", "name": "Sequencing", "genre": "measurement", "author": [AUTHOR],
     "mentions": [{"@id": "./s/"}, {"@id": "./sop/"}], "variableMeasured": [{"@id": "#depth"}], "hasPart": [{"@id": "./m/reads.fastq"}]},
    {"@id": "./s/", "@type": "Dataset", "name": "Liver 1", "genre": "specimen", "isBasedOn": {"@id": "./a/"}, "variableMeasured": [{"@id": "#mass"}]},
    {"@id": "./a/", "@type": "Dataset", "name": "Mouse 1", "genre": "animal"},
    {"@id": "./sop/", "@type": "Dataset", "name": "Sequencing of RNA", "genre": "sop", "text": "As always."},
    {"@id": "#depth", "@type": "PropertyValue", "propertyID": "depth", "value": 30, "unitText": "million reads"},
    {"@id": "#mass", "@type": "PropertyValue", "propertyID": "mass", "value": 51.5, "unitText": "mg", "unitCode": "MGM"},
    {"@id": "./m/reads.fastq", "@type": "File", "name": "reads.fastq"},
    {**AUTHOR, "@type": "Person", "name": "Ada Lovelace"},
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return notebook(tmp_path / "lab.eln", *NODES, files={"m/reads.fastq": b"reads"})


def tables(data: bytes) -> dict[str, list[dict[str, str]]]:
    """The tables of an ISA-Tab package, row by row."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode()), delimiter="\t"))
            for name in archive.namelist()
            if name[:2] in ("s_", "a_")
        }


def test_entries_are_what_a_person_says(memory: Fairgraph, path: Path) -> None:
    added = memory.add(path, options={"roles": ROLES})
    assert "role-genre-unknown" not in {finding.rule for finding in added.report}
    document = json.loads(memory.export("isa-json", added.dataset).to_bytes())
    assert (document["title"], [p["lastName"] for p in document["people"]]) == ("A notebook", ["Ada Lovelace"])  # fmt: skip
    (study,) = document["studies"]
    assert study["title"] == "Liver clocks"
    assert [source["name"] for source in study["materials"]["sources"]] == ["Mouse 1"]
    (sample,) = study["materials"]["samples"]
    assert sample["name"] == "Liver 1"
    (mass,) = sample["characteristics"]
    assert mass["value"] == 51.5
    (protocol,) = study["protocols"]
    assert (protocol["name"], protocol["description"]) == ("Sequencing of RNA", "As always.")
    (assay,) = study["assays"]
    (process,) = assay["processSequence"]
    assert (process["name"], process["performer"]) == ("Sequencing", "Ada Lovelace")
    assert process["executesProtocol"] == {"@id": protocol["@id"]}
    assert process["inputs"] == [{"@id": sample["@id"]}]
    assert [file["name"] for file in assay["dataFiles"]] == ["reads.fastq"]
    (depth,) = process["parameterValues"]
    assert depth["value"] == 30


def test_an_assay_is_a_table(memory: Fairgraph, path: Path) -> None:
    dataset = memory.add(path, options={"roles": ROLES}).dataset
    found = tables(memory.export("isa-tab", dataset).to_bytes())
    (assay,) = [rows for name, rows in found.items() if name.startswith("a_")]
    (row,) = assay
    assert (row["Sample Name"], row["Protocol REF"], row["Parameter Value[depth]"], row["Unit"]) == ("Liver 1", "Sequencing of RNA", "30", "million reads")  # fmt: skip
    (study,) = [rows for name, rows in found.items() if name.startswith("s_")]
    (row,) = study
    assert (row["Source Name"], row["Sample Name"], row["Characteristics[mass]"], row["Unit"]) == ("Mouse 1", "Liver 1", "51.5", "mg")  # fmt: skip


def test_what_follows_from_roles_is_provenance(memory: Fairgraph, path: Path) -> None:
    dataset = memory.add(path, options={"roles": ROLES}).dataset
    assert list(memory.validate(dataset, profile="prov")) == []
    assert [f for f in memory.validate(dataset) if f.severity == "violation" and f.rule[:4] != "crat"] == []  # fmt: skip
    lines = memory.export("processes-csv", dataset).to_bytes().decode().splitlines()
    assert lines[1].startswith("Sequencing,")
    assert ",Sequencing of RNA,,,Ada Lovelace,depth: 30 million reads,Liver 1," in lines[1]


def test_another_role_by_an_update_is_another_investigation(memory: Fairgraph, path: Path) -> None:
    dataset = memory.add(path, options={"roles": ROLES}).dataset
    memory.update(f"DELETE {{ GRAPH ?g {{ ?e <{ELN.role}> <{ISA.Assay}> }} }} WHERE {{ GRAPH ?g {{ ?e <{ELN.role}> <{ISA.Assay}> }} }}")  # fmt: skip
    studies = json.loads(memory.export("isa-json", dataset).to_bytes())["studies"]
    assert "Liver clocks" in [study["title"] for study in studies]
    assert all(study["assays"] == [] for study in studies)


def test_what_is_in_no_study_is_in_one_of_its_own(memory: Fairgraph, path: Path) -> None:
    dataset = memory.add(path, options={"roles": "measurement=assay,specimen=sample"}).dataset
    (study,) = json.loads(memory.export("isa-json", dataset).to_bytes())["studies"]
    assert (study["title"], len(study["assays"]), len(study["materials"]["samples"])) == ("A notebook", 1, 1)  # fmt: skip
    assert [protocol["name"] for protocol in study["protocols"]] == ["Sequencing"]


def test_entries_without_a_genre_have_a_role_of_their_own(
    memory: Fairgraph, tmp_path: Path
) -> None:
    plain = notebook(tmp_path / "plain.eln", {"@id": "./e/", "@type": "Dataset", "name": "One"})
    dataset = memory.add(plain, options={"roles": "*=assay"}).dataset
    (study,) = json.loads(memory.export("isa-json", dataset).to_bytes())["studies"]
    assert len(study["assays"]) == 1


@pytest.mark.parametrize(("name", "text"), [("roles.yml", "project: study\nmeasurement: assay\n"), ("roles.json", '{"project": "study", "measurement": "Assay"}')])  # fmt: skip
def test_roles_may_stand_in_a_file(
    memory: Fairgraph, path: Path, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    dataset = memory.add(path, options={"roles": str(tmp_path / name)}).dataset
    assert (dataset.counts["studies"], dataset.counts["assays"]) == (1, 1)


def test_other_roles_are_another_revision(memory: Fairgraph, path: Path) -> None:
    first = memory.add(path, options={"roles": ROLES})
    assert not memory.add(path, options={"roles": ROLES}).changed
    second = memory.add(path)
    assert (second.changed, second.dataset.number) == (True, first.dataset.number)
    assert second.dataset.counts["studies"] == 0


def test_a_genre_that_nothing_has_is_found(memory: Fairgraph, path: Path) -> None:
    (found,) = [f for f in memory.add(path, options={"roles": "recipe=protocol"}).report if f.rule == "role-genre-unknown"]  # fmt: skip
    assert "recipe" in found.message
    assert "measurement" in found.message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"roles": "measurement=experiment"}, "no role"),
        ({"roles": "nothing.yml"}, "neither"),
        ({"rolls": "a=study"}, "no option"),
    ],
)
def test_options_that_there_are_not_are_refused(
    memory: Fairgraph, path: Path, options: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        memory.add(path, options=options)
    assert memory.datasets() == []


def test_a_file_of_roles_that_is_none_is_refused(
    memory: Fairgraph, path: Path, tmp_path: Path
) -> None:
    (tmp_path / "roles.yml").write_text("a: [")
    with pytest.raises(SourceError, match="no YAML"):
        memory.add(path, options={"roles": str(tmp_path / "roles.yml")})


def test_the_notebook_comes_back_without_what_follows_from_roles(
    memory: Fairgraph, path: Path
) -> None:
    dataset = memory.add(path, options={"roles": ROLES}).dataset
    data = memory.export("ro-crate", dataset).to_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read("ro-crate-metadata.json").decode()
    nodes = {node["@id"]: node for node in json.loads(text)["@graph"]}
    assert nodes["./m/"]["role"] == {"@id": ISA.Assay}
    assert "LabProcess" not in text


# -- Without roles ---------------------------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_paths("eln/*.eln"), ids=lambda path: path.stem[:50])
def test_a_notebook_is_a_minimal_investigation(memory: Fairgraph, path: Path) -> None:
    added = memory.add(path)
    document = json.loads(memory.export("isa-json", added.dataset).to_bytes())
    named = list(memory.query(f"SELECT ?name {{ <{added.dataset.iri}> <{SCHEMA.name}> ?name }}", dataset=added.dataset))  # fmt: skip
    assert document["title"] or not named
    assert document["studies"] == []
    assert all(person["lastName"] or person["email"] for person in document["people"])
    assert memory.export("isa-tab", added.dataset).to_bytes()
    assert memory.loss("isa-json", added.dataset).not_carried


@pytest.mark.corpus
def test_a_real_notebook_with_roles_is_an_investigation_that_is_read_again(
    memory: Fairgraph, corpus: Path, tmp_path: Path
) -> None:
    path = corpus / "eln" / "tef_SampleDB_sampledb-export.eln"
    dataset = memory.add(path, options={"roles": "measurement=assay,sample=sample"}).dataset
    assert (dataset.counts["assays"], dataset.counts["samples"]) == (1, 1)
    written = memory.export("isa-tab", dataset).to_path(tmp_path / "isa.zip")
    again = memory.add(written, slug="again").dataset
    assert (again.counts["assays"], again.counts["samples"]) == (1, 1)
