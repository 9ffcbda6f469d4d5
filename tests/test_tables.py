"""The CSV tables: every sample, process and investigation, of one dataset and of the whole store."""

from __future__ import annotations

import csv
import io
from typing import Any

import fairgraph
from fairgraph.api import Fairgraph
from support import EXAMPLE


def table(fg: Fairgraph, name: str, dataset: Any = None) -> list[dict[str, str]]:
    text = fg.export(name, dataset).to_bytes().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_table_of_samples_holds_every_sample_with_what_is_promised(example: Fairgraph) -> None:
    rows = table(example, "samples-csv", 1)
    assert len({row["iri"] for row in rows}) == len(rows) == example.dataset(1).counts["samples"]
    for row in rows:
        assert row["organism"] == "Mus musculus"
        assert row["parent_process"]
        assert row["parents"]
        assert row["investigation_id"] == "1"
        assert row["iri"].startswith(f"{row['study_iri']}/sample/")
        assert row["study_iri"].endswith(row["study"])
    assert [int(row["sample_id"]) for row in rows] == sorted(int(row["sample_id"]) for row in rows)


def test_the_table_of_processes_holds_every_process_once(example: Fairgraph) -> None:
    rows = table(example, "processes-csv", 1)
    assert len({row["iri"] for row in rows}) == len(rows) == example.dataset(1).counts["processes"]
    for row in rows:
        assert row["protocol"]
        assert row["category"]
        assert row["study"]
        assert row["iri"].startswith(row["study_iri"])
        assert row["investigation_id"] == "1"
    assert any(row["date"] for row in rows)


def test_a_process_of_several_performers_is_one_row(write_tab: Any) -> None:
    header = ["Source Name", "Protocol REF", "Performer", "Sample Name"]
    with fairgraph.open("memory:") as fg:
        fg.add(write_tab([header, ["m1", "collection", "Jo", "s1"]]))
        (row,) = table(fg, "processes-csv")
        fg.update(
            f"INSERT DATA {{ GRAPH <{fg.dataset(1).iri}> {{ <{row['iri']}> <http://schema.org/agent> <urn:x:ann> ."
            " <urn:x:ann> <http://schema.org/name> 'Ann' } }"
        )
        (row,) = table(fg, "processes-csv")
        assert row["performer"] == "Ann; Jo"
        assert row["study"] == "S1"


def test_a_process_of_several_names_and_dates_has_them_all(write_tab: Any) -> None:
    header = ["Source Name", "Protocol REF", "Date", "Sample Name"]
    with fairgraph.open("memory:") as fg:
        fg.add(write_tab([header, ["m1", "collection", "2020-01-01", "s1"]]))
        (row,) = table(fg, "processes-csv")
        fg.update(
            f"INSERT DATA {{ GRAPH <{fg.dataset(1).iri}> {{ <{row['iri']}> <http://schema.org/endTime> '2021-01-01' ;"
            " <http://schema.org/name> 'n1', 'n2' } }"
        )
        (row,) = table(fg, "processes-csv")
        assert (row["date"], row["process"]) == ("2020-01-01; 2021-01-01", "n1; n2")


def test_the_table_of_samples_takes_no_longer_for_each_of_many(write_tab: Any) -> None:
    """A join that looks at all pairs would take hours."""
    rows = [[f"m{n}", "collection", f"s{n}", str(n), "kg"] for n in range(2_000)]
    header = ["Source Name", "Protocol REF", "Sample Name", "Characteristics[mass]", "Unit"]
    with fairgraph.open("memory:") as fg:
        fg.add(write_tab([header, *rows]))
        found = table(fg, "samples-csv")
        assert [row["characteristics"] for row in found[:2]] == ["mass: 0 kg", "mass: 1 kg"]
        assert len(found) == 2_000


def test_the_tables_of_the_store_are_those_of_its_datasets(example: Fairgraph) -> None:
    example.add(EXAMPLE, slug="again")
    for name in ("samples-csv", "processes-csv", "investigations-csv"):
        both = table(example, name)
        apart = [row for number in (1, 2) for row in table(example, name, number)]
        assert sorted(both, key=str) == sorted(apart, key=str)
        assert {row["investigation_id"] for row in both} == {"1", "2"}
    (row,) = table(example, "investigations-csv", 1)
    assert (row["studies"], row["samples"]) == ("2", "42")
    example.set(1, status="Active")
    assert table(example, "investigations-csv", 1)[0]["status"] == "Active"
