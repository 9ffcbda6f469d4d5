"""Findings and reports: counted, in order, ready for JSON."""

from __future__ import annotations

import json

from fairgraph.report import SEVERITIES, Finding, Report


def report(*findings: Finding) -> Report:
    made = Report()
    made.extend(findings)
    return made


def test_the_same_finding_is_counted_and_keeps_its_first_place() -> None:
    found = report(*(Finding("warning", "r", "m", where=f"f:{n}:1") for n in range(3)))
    (one,) = found
    assert (one.count, one.where) == (3, "f:0:1")
    assert len(found) == 1
    assert found.counts == {"violation": 0, "warning": 3, "info": 0}


def test_another_rule_message_or_node_is_another_finding() -> None:
    first = Finding("warning", "r", "m", focus="x")
    others = [Finding("warning", "q", "m", focus="x"), Finding("warning", "r", "n", focus="x")]
    assert len(report(first, *others, Finding("warning", "r", "m", focus="y"))) == 4


def test_the_worst_comes_first_and_else_the_order_stays() -> None:
    given = [Finding("info", "a", "1"), Finding("violation", "b", "2"), Finding("warning", "c", "3"), Finding("violation", "d", "4")]  # fmt: skip
    assert [finding.rule for finding in report(*given)] == ["b", "d", "c", "a"]


def test_only_violations_keep_a_report_from_conforming() -> None:
    assert report().conforms
    assert report(Finding("warning", "r", "m"), Finding("info", "r", "n")).conforms
    assert not report(Finding("violation", "r", "m")).conforms


def test_a_finding_may_come_with_its_count() -> None:
    twice = Finding("info", "r", "m", count=2)
    assert report(twice, Finding("info", "r", "m")).counts["info"] == 3


def test_counts_of_an_extended_report_add_up() -> None:
    twice = Finding("info", "r", "m", count=2)
    assert report(Finding("info", "r", "m"), Finding("info", "r", "n"), twice).counts["info"] == 4


def test_a_report_is_json_with_what_a_finding_always_has() -> None:
    document = json.loads(json.dumps(report(Finding("info", "r", "m")).as_dict()))
    empty = {"severity": "info", "rule": "r", "message": "m", "code": "", "where": ""}
    assert document == {
        "conforms": True,
        "findings": [empty],
        "counts": {"violation": 0, "warning": 0, "info": 1},
    }
    assert set(document["counts"]) == set(SEVERITIES)
    full = Finding("info", "r", "m", "1", "w", "http://e.org/f", "http://e.org/p", "v", 2).as_dict()
    assert full == {**empty, "code": "1", "where": "w", "focus": "http://e.org/f", "path": "http://e.org/p", "value": "v", "count": 2}  # fmt: skip
