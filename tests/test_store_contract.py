"""What every store promises, on every kind of store. A new kind joins by one line in STORES."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

import fairgraph
from fairgraph.errors import NotFound, QueryError, SourceError, StoreError, StoreLocked, UsageError
from fairgraph.store import DEFAULT, Scope, Store, embedded, engine, open_store
from fairgraph.store.embedded import DiskStore
from fairgraph.terms import XSD
from servers import remote_store
from support import EXAMPLE

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda path: open_store("memory:", timeout=0.1),
    "disk": lambda path: open_store(path / "data", timeout=0.1),
    "remote": lambda path: remote_store(path / "files"),
}
EX = "http://example.org/"
A, B, P = (NamedNode(EX + name) for name in "abp")
G, H = NamedNode(EX + "g"), NamedNode(EX + "h")
ONE = Triple(A, P, Literal("one"))
TWO = Triple(A, P, Literal("two"))
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
EVERYWHERE = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


@pytest.fixture(params=STORES.values(), ids=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with request.param(tmp_path) as opened:
        yield opened


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[DiskStore]:
    with DiskStore(tmp_path / "data", timeout=0.1) as opened:
        yield opened


def fill(store: Store, graph: NamedNode | DefaultGraph, *triples: Triple) -> None:
    with store.write() as writer:
        writer.insert(triples, graph)


def content(store: Store, graph: NamedNode | DefaultGraph) -> set[Triple]:
    with store.read() as reader:
        return set(reader.triples(graph))


def count(store: Store, scope: Scope) -> int:
    with store.read() as reader:
        return int(next(iter(reader.select(COUNT, scope)))["n"].value)


def test_a_new_store_is_empty_and_knows_its_base(store: Store) -> None:
    assert store.base == "http://localhost:8000/"
    with store.read() as reader:
        assert reader.graphs() == []
        assert reader.size(DEFAULT) == 0


def test_what_is_written_is_read(store: Store) -> None:
    fill(store, G, ONE, TWO)
    with store.read() as reader:
        assert set(reader.triples(G)) == {ONE, TWO}
        assert reader.size(G) == 2
        assert reader.graphs() == [G]
        assert reader.contains(ONE, G)
        assert not reader.contains(ONE, DEFAULT)
        assert list(reader.graphs_with(ONE)) == [G]
        assert list(reader.holders([TWO, Triple(B, P, B)])) == [(TWO, [G]), (Triple(B, P, B), [])]


@pytest.mark.parametrize("kind", ["bytes", "file", "chunks"])
def test_a_load_takes_bytes_files_and_chunks(store: Store, kind: str) -> None:
    lines = [f"{ONE} .\n".encode(), f"{TWO} .".encode()]
    data = {"bytes": b"".join(lines), "file": io.BytesIO(b"".join(lines)), "chunks": iter(lines)}
    with store.write() as writer:
        writer.load(G, data[kind])  # type: ignore[arg-type]
    assert content(store, G) == {ONE, TWO}


def test_a_large_load_is_whole(store: Store) -> None:
    text = "".join(f'<{EX}{n}> <{EX}p> "{n}" .\n' for n in range(20_000)).encode()
    with store.write() as writer:
        writer.load(G, text)
        writer.load(G, text)
    with store.read() as reader:
        assert reader.size(G) == 20_000


def test_a_dump_can_be_loaded(store: Store) -> None:
    awkward = Triple(A, P, Literal('a "quoted"\n\t\\ line \u2028 \U0001f9ec'))
    fill(store, G, ONE, awkward)
    with store.read() as reader:
        dump = io.BytesIO()
        reader.dump(G, dump)
    with store.write() as writer:
        writer.load(H, dump.getvalue())
    assert content(store, H) == {ONE, awkward}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few triples be many, so that clearing them makes the store anew."""
    monkeypatch.setattr(engine, "MANY_TRIPLES", 10)


def many(name: str, length: int = 0) -> list[Triple]:
    return [Triple(NamedNode(f"{EX}{name}{n}"), P, Literal("x" * length)) for n in range(40)]


@pytest.mark.usefixtures("small")
def test_clearing_much_leaves_the_rest(store: Store) -> None:
    fill(store, G, *many("g"))
    fill(store, DEFAULT, *many("d"))
    fill(store, H, ONE, TWO)
    fill(store, A, *many("a", 20_000))  # more than goes together with others
    before = store.read()
    with store.write() as writer:
        writer.clear(G, DEFAULT)
        assert writer.size(G) == writer.size(DEFAULT) == 0
        writer.insert([ONE], DEFAULT)
        writer.remove([TWO], H)
        assert writer.graphs_with(ONE)
    assert content(store, DEFAULT) == content(store, H) == {ONE}
    assert content(store, A) == set(many("a", 20_000))
    with store.read() as reader:
        assert sorted(graph.value for graph in reader.graphs()) == [A.value, H.value]
    before.close()
    fill(store, G, TWO)
    assert content(store, G) == {TWO}


@pytest.mark.usefixtures("small")
def test_a_store_made_anew_does_not_count_if_the_write_fails(store: Store) -> None:
    fill(store, G, *many("g"))
    fill(store, H, ONE)
    with pytest.raises(ZeroDivisionError), store.write() as writer:
        writer.clear(G)
        writer.insert([TWO], H)
        raise ZeroDivisionError
    assert content(store, G) == set(many("g"))
    assert content(store, H) == {ONE}
    fill(store, H, TWO)
    assert content(store, H) == {ONE, TWO}


@pytest.mark.usefixtures("small")
def test_one_live_store_is_left_when_it_was_made_anew(disk: DiskStore) -> None:
    fill(disk, G, *many("g"))
    with disk.write() as writer:
        writer.clear(G)
    assert [path.name for path in (disk.folder.path / "live").iterdir()] == ["2"]


def test_a_folder_that_is_refused_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match="holds other files"):
        open_store(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(StoreError, match="is a file"):
        open_store(tmp_path / "mine.txt")


def test_removing_and_clearing_touch_one_graph(store: Store) -> None:
    for graph in (G, H, DEFAULT):
        fill(store, graph, ONE, TWO)
    with store.write() as writer:
        writer.remove([ONE, Triple(B, P, B)], G)
        writer.clear(H)
    assert content(store, G) == {TWO}
    assert content(store, DEFAULT) == {ONE, TWO}
    with store.read() as reader:
        assert reader.graphs() == [G]
    with store.write() as writer:
        writer.clear(DEFAULT)
    assert content(store, DEFAULT) == set()
    assert content(store, G) == {TWO}


def test_every_form_of_query_is_answered(store: Store) -> None:
    fill(store, G, ONE)
    scope = Scope((G,))
    with store.read() as reader:
        assert [row["o"] for row in reader.select("SELECT ?o { ?s ?p ?o }", scope)] == [
            Literal("one")
        ]
        assert list(reader.construct("CONSTRUCT { ?o ?p ?s } { ?o ?p ?s }", scope)) == [ONE]
        assert list(reader.construct(f"DESCRIBE <{EX}a>", scope)) == [ONE]
        assert reader.ask("ASK { ?s ?p 'one' }", scope)
        assert not reader.ask("ASK { ?s ?p 'two' }", scope)


def test_a_query_of_the_wrong_form_is_refused(store: Store) -> None:
    with store.read() as reader:
        for method in (reader.select, reader.construct):
            with pytest.raises(QueryError):
                method("ASK { ?s ?p ?o }", Scope(()))
        with pytest.raises(QueryError):
            reader.ask("SELECT * { ?s ?p ?o }", Scope(()))


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope(()), 0),
        (Scope((G,)), 1),
        (Scope((DEFAULT,)), 1),
        (Scope((), (G,)), 1),
        (Scope((G,), (H,)), 2),
        (Scope((G, H), ()), 2),
        (Scope((G, H), (G,)), 3),
        (Scope((DEFAULT, G), (G, H)), 4),
    ],
)
def test_a_query_sees_its_scope_and_nothing_else(store: Store, scope: Scope, seen: int) -> None:
    fill(store, G, ONE)
    fill(store, H, TWO)
    fill(store, DEFAULT, Triple(B, P, Literal("union")))
    with store.read() as reader:
        assert len(list(reader.select(EVERYWHERE, scope))) == seen


@pytest.mark.parametrize("clause", [f"FROM <{EX}h>", f"FROM NAMED <{EX}h>"])
def test_a_query_cannot_widen_its_scope(store: Store, clause: str) -> None:
    fill(store, H, TWO)
    query = f"SELECT * {clause} {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
    with store.read() as reader:
        assert list(reader.select(query, Scope((G,)))) == []


def test_a_triple_in_two_graphs_of_a_scope_counts_once(store: Store) -> None:
    for graph in (G, H, DEFAULT):
        fill(store, graph, ONE)
    fill(store, H, TWO)
    assert count(store, Scope((G, H))) == 2
    assert count(store, Scope((DEFAULT, G, H), (G,))) == 2
    assert count(store, Scope((G, G))) == 1


def test_a_merged_scope_follows_the_next_write(store: Store) -> None:
    fill(store, G, ONE)
    assert count(store, Scope((G, H))) == 1
    fill(store, H, TWO)
    assert count(store, Scope((G, H))) == 2


def test_a_syntax_error_names_its_place(store: Store) -> None:
    with store.read() as reader, pytest.raises(QueryError) as caught:
        reader.select("SELECT * {\n ?s ?p }", Scope(()))
    assert caught.value.where.startswith("query:2:")
    with store.write() as writer, pytest.raises(QueryError) as caught:
        writer.update("INSERT DATA {\n <a> }")
    assert caught.value.where.startswith("update:2:")


@pytest.mark.parametrize("query", ["SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"])
def test_no_query_and_no_update_goes_out(store: Store, query: str) -> None:
    with store.read() as reader, pytest.raises(QueryError, match="SERVICE"):
        reader.query(query, Scope(()))
    with store.write() as writer, pytest.raises(QueryError, match="LOAD"):
        writer.update("LOAD <http://127.0.0.1:9/>")


def test_bad_triples_are_a_source_error_and_change_nothing(store: Store) -> None:
    fill(store, G, ONE)
    with pytest.raises(SourceError, match="N-Triples"), store.write() as writer:
        writer.load(G, f"{TWO} .\n<{EX}a> nonsense .\n".encode())
    assert content(store, G) == {ONE}


def test_bad_triples_with_blank_nodes_are_a_source_error_too(store: Store) -> None:
    with pytest.raises(SourceError, match="N-Triples"), store.write() as writer:
        writer.load(G, b"_:a nonsense .\n")


def test_an_error_of_whoever_makes_the_triples_stays_theirs(store: Store) -> None:
    def broken() -> Iterator[bytes]:
        yield f"{ONE} .\n".encode()
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"), store.write() as writer:
        writer.load(G, broken())
    assert content(store, G) == set()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failing_write_leaves_the_old_state(store: Store, error: type[BaseException]) -> None:
    fill(store, G, ONE)
    with pytest.raises(error), store.write() as writer:
        writer.clear(G)
        writer.load(H, f"{TWO} .".encode())
        writer.update(f"INSERT DATA {{ <{EX}x> <{EX}y> 1 }}")
        assert set(writer.triples(G)) == set()
        raise error
    with store.read() as reader:
        assert reader.graphs() == [G]
        assert reader.size(DEFAULT) == 0
    assert content(store, G) == {ONE}
    fill(store, G, TWO)  # and the store can be written
    assert content(store, G) == {ONE, TWO}


def test_a_failing_first_write_leaves_nothing(store: Store) -> None:
    with pytest.raises(ValueError), store.write() as writer:
        writer.insert([ONE], G)
        raise ValueError
    assert content(store, G) == set()


def test_an_unfinished_answer_does_not_block_the_next_write(store: Store) -> None:
    fill(store, G, ONE, TWO)
    with store.write() as writer:
        answer = iter(writer.select("SELECT * { ?s ?p ?o }", Scope((G,))))
        next(answer)
    fill(store, H, ONE)
    assert content(store, G) == {ONE, TWO}
    assert content(store, H) == {ONE}
    del answer


def test_a_second_writer_is_told_that_the_store_is_locked(store: Store) -> None:
    with store.write() as writer:
        writer.insert([ONE], G)
        with pytest.raises(StoreLocked), store.write():
            pytest.fail("two writers at once")
    assert content(store, G) == {ONE}


def test_a_writer_waits_for_its_turn(tmp_path: Path) -> None:
    for location in ("memory:", tmp_path / "data"):
        with open_store(location, timeout=20) as store:
            began = threading.Event()

            def second(store: Store = store, began: threading.Event = began) -> None:
                began.wait()
                fill(store, H, TWO)

            thread = threading.Thread(target=second)
            thread.start()
            with store.write() as writer:
                began.set()
                writer.insert([ONE], G)
            thread.join()
            assert content(store, G) == {ONE}
            assert content(store, H) == {TWO}


def test_no_blank_node_gets_into_the_store(store: Store) -> None:
    with store.write() as writer:
        writer.load(G, b'_:x <http://example.org/p> "1" .\n')
        writer.update(f"INSERT DATA {{ GRAPH <{EX}h> {{ [] <{EX}p> [ <{EX}p> 2 ] }} }}")
        writer.update(
            f"INSERT {{ GRAPH <{EX}h> {{ ?b <{EX}p> 3 }} }} WHERE {{ BIND(BNODE() AS ?b) }}"
        )
        writer.update(f"INSERT DATA {{ GRAPH <{EX}h> {{ <{EX}l> <{EX}p> (1 2) }} }}")
        writer.update(f"INSERT DATA {{ _:b <{EX}p> 4 }}")
    with store.read() as reader:
        blank = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } FILTER(isBlank(?s)||isBlank(?o)) }"
        assert list(reader.select(blank, Scope((DEFAULT,), (G, H)))) == []
        assert reader.size(H) == 8
        assert reader.size(G) == 1
        assert reader.size(DEFAULT) == 1


@pytest.mark.parametrize(
    ("given", "kept", "kind"),
    [
        ("007", "7", "integer"),
        ("50.10", "50.1", "decimal"),
        ("1", "true", "boolean"),
        ("2024-01-01T00:00:00+00:00", "2024-01-01T00:00:00Z", "dateTime"),
        ("007", "007", "string"),
        ("2024-13-45", "2024-13-45", "date"),
    ],
)
def test_typed_values_are_rewritten_so_raw_text_must_stand_beside(
    store: Store, given: str, kept: str, kind: str
) -> None:
    fill(store, G, Triple(A, P, Literal(given, datatype=NamedNode(XSD[kind]))))
    assert {triple.object.value for triple in content(store, G)} == {kept}  # type: ignore[union-attr]


def test_the_version_changes_with_every_write_and_only_then(store: Store) -> None:
    with store.read() as reader:
        first = reader.version
    with store.read() as reader:
        assert reader.version == first
    fill(store, G, ONE)
    with store.read() as reader:
        assert reader.version != first


def test_a_closed_reader_says_so(store: Store) -> None:
    reader = store.read()
    reader.close()
    reader.close()
    with pytest.raises(StoreError, match="closed"):
        reader.size(G)


def test_a_writer_is_closed_after_its_write(store: Store) -> None:
    with store.write() as writer:
        writer.insert([ONE], G)
    with pytest.raises(StoreError, match="closed"):
        writer.insert([TWO], G)


def test_scratch_is_empty_and_leaves_nothing(store: Store) -> None:
    fill(store, G, ONE)
    with store.write(), store.scratch() as scratch:
        assert scratch.graphs() == []
        scratch.insert([TWO], G)
        assert set(scratch.triples(G)) == {TWO}
    assert content(store, G) == {ONE}


def test_the_archive_keeps_bytes_by_name(store: Store) -> None:
    store.keep("x", io.BytesIO(b"one"))
    store.keep("x", io.BytesIO(b"two"))
    with store.kept("x") as file:
        assert file.read() == b"one"
    store.forget("x")
    store.forget("x")
    with pytest.raises(NotFound):
        store.kept("x")


# What only a folder can promise


def snapshots(disk: DiskStore) -> list[str]:
    return sorted(path.name for path in disk.folder.snapshots.iterdir() if path.is_dir())


def test_a_store_on_disk_is_there_the_next_time(tmp_path: Path) -> None:
    with open_store(tmp_path / "data", base="https://example.org/lab") as store:
        fill(store, G, ONE)
    with open_store(tmp_path / "data", create=False) as store:
        assert store.base == "https://example.org/lab/"
        assert content(store, G) == {ONE}
    with pytest.raises(UsageError, match="base"):
        open_store(tmp_path / "data", base="https://example.org/other/")


def test_a_reader_keeps_its_state_while_others_write(disk: DiskStore) -> None:
    fill(disk, G, ONE)
    old = disk.read()
    with disk.write() as writer:
        writer.insert([TWO], G)
        assert content(disk, G) == {ONE}  # a write that goes on is not seen
    assert set(old.triples(G)) == {ONE}
    assert content(disk, G) == {ONE, TWO}
    old.close()


def test_old_snapshots_go_when_their_last_reader_has_left(disk: DiskStore) -> None:
    fill(disk, G, ONE)
    first, again = disk.read(), disk.read()
    held = first.version
    fill(disk, G, TWO)
    fill(disk, H, TWO)
    assert snapshots(disk) == sorted([held, disk.folder.current()])
    first.close()
    assert held in snapshots(disk)
    again.close()
    assert snapshots(disk) == [disk.folder.current()]


def test_a_reader_of_another_opening_holds_its_snapshot_too(disk: DiskStore) -> None:
    fill(disk, G, ONE)
    with DiskStore(disk.folder.path) as other, other.read() as reader:
        fill(disk, G, TWO)
        assert reader.version in snapshots(disk)
        assert set(reader.triples(G)) == {ONE}
    assert snapshots(disk) == [disk.folder.current()]


def test_reading_again_without_a_write_opens_nothing(disk: DiskStore) -> None:
    with disk.read() as one, disk.read() as two:
        assert one._store is two._store


def test_orphans_of_a_killed_bulk_load_are_removed(disk: DiskStore) -> None:
    fill(disk, G, ONE)
    live = disk.folder.live()
    assert live is not None
    orphan = live / "bulk-1.sst"
    orphan.write_bytes(b"x")
    fill(disk, G, TWO)
    assert not orphan.exists()


def test_a_damaged_live_store_is_made_anew(disk: DiskStore) -> None:
    fill(disk, G, ONE)
    live = disk.folder.live()
    assert live is not None
    (live / "CURRENT").write_bytes(b"nonsense")
    fill(disk, G, TWO)
    assert content(disk, G) == {ONE, TWO}


def test_nothing_but_the_store_is_left_after_a_write(disk: DiskStore) -> None:
    fill(disk, G, ONE)
    names = {path.name for path in disk.folder.path.iterdir()}
    assert names == {"fairgraph.json", "lock", "current", "live", "snapshots", "revisions"}


def test_a_missing_store_is_not_made_when_not_asked(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no fairgraph store"):
        open_store(tmp_path / "data", create=False)
    assert not (tmp_path / "data").exists()


def test_a_folder_with_other_files_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(StoreError, match=r"thesis\.docx"):
        open_store(tmp_path)


def test_a_newer_layout_is_refused(disk: DiskStore) -> None:
    (disk.folder.path / "fairgraph.json").write_text('{"layout": 99, "base": "http://x.org/"}')
    with pytest.raises(StoreError, match="layout 99"):
        open_store(disk.folder.path)


@pytest.mark.parametrize("base", ["nonsense", "http://e.org/?x", "http://e.org/#", "http://a b/"])
def test_a_base_must_be_one(base: str) -> None:
    with pytest.raises(UsageError):
        open_store("memory:", base=base)


def test_a_store_that_grew_much_is_merged_before_it_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    monkeypatch.setattr(embedded, "_GROWN_BYTES", 0)
    monkeypatch.setattr(embedded, "step", steps.append)
    with fairgraph.open(tmp_path / "store") as fg:
        count = fg.add(EXAMPLE).dataset.counts["triples"]
        assert steps.index("optimized") < steps.index("snapshot-made", steps.index("written"))
        assert sum(1 for _ in fg.query("SELECT * { ?s ?p ?o }", dataset=1)) == count
        steps.clear()
        fg.set(1, title="Another title")
        assert "optimized" not in steps, "what hardly grew is left as it is"
