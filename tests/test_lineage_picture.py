"""The picture of a lineage: columns that follow the edges, groups where there is too much, nothing that is private."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from fairgraph.api import Fairgraph
from fairgraph.store import open_store
from fairgraph.web.app import create_app
from fairgraph.web.asking import Asking
from fairgraph.web.pages.layers import columns
from fairgraph.web.pages.lineage import MOST_BOXES, Lineage, lineage

PREFIXES = """PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX schema: <http://schema.org/>
PREFIX isa: <https://w3id.org/fairgraph/isa#> PREFIX e: <http://e.org/>
"""
POOLED = 400

acyclic = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(lambda e: e[0] < e[1]), max_size=80
)


@given(acyclic)
def test_every_line_leads_to_the_right(edges: list[tuple[int, int]]) -> None:
    nodes = sorted({node for edge in edges for node in edge})
    placed = columns(nodes, edges)
    level = {node: n for n, column in enumerate(placed) for node in column}
    assert sorted(level) == nodes
    assert sum(map(len, placed)) == len(nodes)
    for a, b in edges:
        assert level[a] < level[b]


def test_what_lies_on_a_cycle_is_shown_all_the_same() -> None:
    placed = columns([1, 2, 3, 4], [(1, 2), (2, 3), (3, 2), (3, 4)])
    assert sorted(node for column in placed for node in column) == [1, 2, 3, 4]
    assert placed[0] == [1]


def test_lines_that_need_not_cross_do_not() -> None:
    left, right = placed = columns([1, 2, 3, 4, 5, 6], [(1, 6), (2, 5), (3, 4)])
    assert [left.index(node) for node in (1, 2, 3)] == [right.index(node) for node in (6, 5, 4)]
    assert len(placed) == 2


def insert(fg: Fairgraph, graph: str, triples: str) -> None:
    fg.update(f"{PREFIXES} INSERT DATA {{ GRAPH <http://e.org/{graph}> {{ {triples} }} }}")


@pytest.fixture(scope="module")
def fg() -> Iterator[Fairgraph]:
    with Fairgraph(open_store("memory:")) as fairgraph:
        pooled = "".join(
            f'e:s{n} a isa:Sample ; schema:name "sample {n}" . e:pool prov:wasDerivedFrom e:s{n} . '
            for n in range(POOLED)
        )
        insert(fairgraph, "pool", f'{pooled} e:pool a isa:Sample ; schema:name "pool" .')
        insert(fairgraph, "lab", 'e:raw schema:sha256 "aa" ; prov:wasDerivedFrom e:mouse .')
        insert(fairgraph, "run", 'e:in schema:sha256 "aa" . e:out prov:wasDerivedFrom e:in .')
        insert(fairgraph, "hidden", "e:secret prov:wasDerivedFrom e:mouse .")
        fairgraph.set("http://e.org/hidden", visibility="private")
        yield fairgraph


def drawn(
    fg: Fairgraph, name: str, *, caller: str = "public", opened: tuple[str, ...] = ()
) -> Lineage:
    app = create_app(fg)
    with app.test_request_context():
        found = lineage(Asking(fg.as_caller(caller)), NamedNode(f"http://e.org/{name}"), opened)
    assert found is not None
    return found


def test_many_that_are_alike_stand_together(fg: Fairgraph) -> None:
    picture = drawn(fg, "pool")
    assert sorted(box.count for box in picture.boxes) == [1, POOLED]
    assert len(picture.lines) == 1
    assert f"{POOLED + 1:,} Sample" in picture.text
    assert not picture.cut
    (group,) = (box for box in picture.boxes if box.count > 1)
    assert not group.href, f"more than {MOST_BOXES} are not opened"


def test_a_group_is_opened_by_its_link() -> None:
    with Fairgraph(open_store("memory:")) as fg:
        kinds = ("Source", "Extract")
        triples = "".join(
            f'e:{kind}{n} a isa:{kind} ; schema:name "{kind} {n}" . e:pool prov:wasDerivedFrom e:{kind}{n} . '
            for kind in kinds
            for n in range(90)
        )
        insert(fg, "pool", triples)
        client = create_app(fg).test_client()
        page = client.get("/browse?iri=http://e.org/pool").text
        links = re.findall(r'href="([^"]*open=[^"]*)#lineage"', page)
        assert len(links) == 2
        opened = client.get(links[0].replace("&amp;", "&")).text
        assert opened.count('class="kind"') == 90 + 1 + 1
        assert len(re.findall(r'href="[^"]*open=[^"]*open=[^"]*#lineage"', opened)) == 1


def test_a_file_is_followed_into_another_dataset(fg: Fairgraph) -> None:
    for name in ("out", "mouse", "raw", "in"):
        boxes = {box.title.rpartition(":")[2].rpartition("/")[2] for box in drawn(fg, name).boxes}
        assert boxes == {"mouse", "raw", "in", "out"}, name


def test_nothing_private_is_drawn(fg: Fairgraph) -> None:
    assert "secret" not in str(drawn(fg, "mouse"))
    assert "secret" in str(drawn(fg, "mouse", caller="owner"))
