"""Depth, roots, chain and group of materials: pooled, split, chained, cyclic."""

from __future__ import annotations

import itertools
import random

from fairgraph.exports.lineage import Lineage


def test_roots_behind_a_cycle_do_not_depend_on_what_was_asked_before() -> None:
    derived = [("B", "A"), ("C", "B"), ("C", "D"), ("D", "C")]

    def lineage() -> Lineage:
        return Lineage([], [], derived=derived, samples="ABCD")

    before = lineage()
    assert before.roots("B") == ("A",)
    assert before.roots("C") == lineage().roots("C") == ("A",)
    assert lineage().groups(["C", "B"]) == lineage().groups(["B", "C"]) == {"B": "A", "C": "A"}


SEQUENCED = Lineage(
    used=[("p1", "source"), ("p2", "sample"), ("p3", "extract"), ("q", "source")],
    made=[("p1", "sample"), ("p2", "extract"), ("p3", "file"), ("q", "file")],
    categories=[("p1", "collection"), ("p2", "extraction"), ("p3", "sequencing")],
)


def test_the_depth_is_the_number_of_processes_on_the_longest_path() -> None:
    assert [SEQUENCED.depth(n) for n in ("source", "sample", "extract", "file")] == [0, 1, 2, 3]
    assert SEQUENCED.depth("unknown") == 0


def test_the_chain_names_the_processes_of_the_longest_path() -> None:
    assert SEQUENCED.chain("file") == ("collection", "extraction", "sequencing")
    assert SEQUENCED.chain("source") == SEQUENCED.chain("unknown") == ()


def test_equally_long_paths_are_told_apart_by_iri() -> None:
    edges = [("b", "m"), ("a", "m")]
    for used in itertools.permutations([("b", "s"), ("a", "t")]):
        lineage = Lineage(used, edges, categories=[("a", "A"), ("b", "B")])
        assert lineage.chain("m") == ("A",)


def test_processes_without_a_material_between_them_both_count() -> None:
    lineage = Lineage(
        [("p1", "source")],
        [("p2", "sample")],
        [("p2", "p1")],
        categories=[("p1", "x"), ("p2", "y")],
    )
    assert (lineage.depth("sample"), lineage.chain("sample")) == (2, ("x", "y"))
    assert lineage.roots("sample") == ("source",)


def test_a_pooled_sample_has_all_roots() -> None:
    lineage = Lineage([("p", "b"), ("p", "a")], [("p", "pool")], samples=["pool"])
    assert lineage.roots("pool") == ("a", "b")
    assert lineage.roots("a") == ("a",)
    assert lineage.group("b") == lineage.group("pool") == "a"


def test_what_is_stated_to_be_derived_wins_over_all_that_went_in() -> None:
    lineage = Lineage(
        [("p", "a"), ("p", "b")],
        [("p", "x"), ("p", "y")],
        derived=[("x", "a"), ("y", "b")],
        samples=["x", "y"],
    )
    assert (lineage.roots("x"), lineage.roots("y")) == (("a",), ("b",))
    assert lineage.group("x") != lineage.group("y")


def test_a_derivation_without_process_has_roots_and_no_depth() -> None:
    lineage = Lineage([], [], derived=[("b", "a"), ("c", "b")])
    assert (lineage.depth("c"), lineage.roots("c")) == (0, ("a",))


def test_only_what_is_asked_for_connects_groups() -> None:
    edges = [("p", "s1"), ("p", "s2"), ("p1", "a"), ("p2", "b")]
    lineage = Lineage(edges, [("p1", "s1"), ("p2", "s2"), ("p", "table")], samples=["s1", "s2"])
    assert (lineage.group("s1"), lineage.group("s2")) == ("a", "b")
    assert lineage.groups(["s1", "table"]) == {"s1": "a", "table": "a"}


def test_a_cycle_is_reported_and_has_no_depth() -> None:
    lineage = Lineage(
        [("p", "a"), ("q", "b"), ("r", "b"), ("s", "start")],
        [("p", "b"), ("q", "a"), ("r", "end"), ("s", "a")],
    )
    assert lineage.cycles == (("a", "b", "p", "q"),)
    assert [lineage.depth(n) for n in ("a", "b", "end", "start")] == [None, None, None, 0]
    assert lineage.chain("end") == ()
    assert lineage.roots("end") == ("start",)
    assert SEQUENCED.cycles == ()


def test_a_long_chain_needs_no_deep_stack() -> None:
    steps = range(20_000)
    lineage = Lineage([(f"p{n}", f"m{n}") for n in steps], [(f"p{n}", f"m{n + 1}") for n in steps])
    assert lineage.depth("m20000") == 20_000
    assert lineage.roots("m20000") == ("m0",)


def test_roots_and_depths_are_those_of_all_paths() -> None:
    """Against the plain definition, on random graphs without cycles."""
    for seed in range(30):
        dice = random.Random(seed)
        pairs = [(a, b) for a, b in itertools.combinations(range(9), 2) if dice.random() < 0.25]
        used = [(f"p{a}-{b}", f"m{a}") for a, b in pairs]
        made = [(f"p{a}-{b}", f"m{b}") for a, b in pairs]
        lineage = Lineage(used, made)

        def paths(end: int, pairs: list[tuple[int, int]] = pairs) -> list[list[int]]:
            before = [a for a, b in pairs if b == end]
            return [[*path, end] for a in before for path in paths(a, pairs)] or [[end]]

        for node in range(9):
            found = paths(node)
            assert lineage.depth(f"m{node}") == max(map(len, found)) - 1
            assert lineage.roots(f"m{node}") == tuple(sorted({f"m{path[0]}" for path in found}))
