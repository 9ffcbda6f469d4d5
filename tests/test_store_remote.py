"""A store on a SPARQL server: what all stores promise is in test_store_contract; here is what only a server can spoil."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Triple

import fairgraph
from fairgraph import queries
from fairgraph.api import Fairgraph
from fairgraph.cli.main import run
from fairgraph.errors import NotFound, QueryError, StoreError, StoreLocked, UsageError
from fairgraph.exports.export import installed
from fairgraph.store import DEFAULT, Scope, open_store, publishing, remote_reader
from fairgraph.store.reach import reach
from fairgraph.store.remote import RemoteStore
from fairgraph.store.server import Server, addresses
from fairgraph.store.state import STAGING, all_graphs, new_version
from servers import empty_server, end, remote_store, start, update
from support import EXAMPLE, ROOT

EX = "http://example.org/"
A, P, G, H = (NamedNode(EX + name) for name in ("a", "p", "g", "h"))
ONE, TWO = (Triple(A, P, Literal(text)) for text in ("one", "two"))
SAMPLES = {"iri": "http://example.org/x", "string": "word", "integer": 7}
SRC = ROOT / "src"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RemoteStore]:
    with remote_store(tmp_path / "files") as opened:
        yield opened


def content(store: RemoteStore, graph: Any) -> set[Triple]:
    with store.read() as reader:
        return set(reader.triples(graph))


def fill(store: RemoteStore, graph: Any, *triples: Triple) -> None:
    with store.write() as writer:
        writer.insert(triples, graph)


def staged(store: RemoteStore) -> list[str]:
    return [g.value for g in all_graphs(store.server) if g.value.startswith(STAGING)]


# -- Addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "query", "update", "store"),
    [
        ("http://h:7878", "/query", "/update", "/store"),
        ("http://h:7878/", "/query", "/update", "/store"),
        ("http://h:7878/ds?store=data", "/ds/query", "/ds/update", "/ds/data"),
        (
            "http://h:7878/repositories/lab?query=&update=statements&store=rdf-graphs/service",
            "/repositories/lab",
            "/repositories/lab/statements",
            "/repositories/lab/rdf-graphs/service",
        ),
        ("http://h:7878/x?query=/sparql&update=/sparql&store=/crud", "/sparql", "/sparql", "/crud"),
    ],
)
def test_a_url_names_three_addresses(location: str, query: str, update: str, store: str) -> None:
    found = addresses(location)
    assert [found.query, found.update, found.store] == [
        f"http://h:7878{path}" for path in (query, update, store)
    ]


@pytest.mark.parametrize(
    "location",
    [
        "ftp://h/",
        "http://",
        "http://h:port/",
        "http://h/#x",
        "http://me:secret@h/",
        "http://h/?quarry=x",
        "http://h/?query=http://other/",
        "http://h/?query=//other/",
        "http://h/?timeout=never",
    ],
)
def test_a_url_that_is_none_is_refused(location: str) -> None:
    with pytest.raises(UsageError) as caught:
        addresses(location)
    assert "secret" not in str(caught.value)


# -- The newcomer's way ------------------------------------------------------------------------------------------------


@pytest.fixture
def remote(store: RemoteStore) -> Fairgraph:
    return Fairgraph(store)


def both(remote: Fairgraph, memory: Fairgraph) -> tuple[Fairgraph, Fairgraph]:
    return remote, memory


def told(fg: Fairgraph, number: int) -> list[Any]:
    """What a caller sees of a dataset, but for the times."""
    dataset = fg.dataset(number)
    return [
        dataset.iri,
        dataset.title,
        dataset.format,
        dataset.counts,
        [(r.operation, r.triples, r.sha256) for r in fg.history(number)],
        fg.catalogue.numbers(number),
        sorted(str(finding) for finding in fg.validate(number)),
    ]


def test_examples_are_the_same_as_in_an_embedded_store(
    remote: Fairgraph, memory: Fairgraph
) -> None:
    examples = ROOT / "examples"
    for path in (EXAMPLE, *sorted(examples.glob("*.eln"))):
        for fg in both(remote, memory):
            fg.add(path)
    for dataset in memory.datasets():
        assert told(remote, dataset.number) == told(memory, dataset.number)
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert [row["n"] for row in remote.query(count)] == [row["n"] for row in memory.query(count)]
    for dataset in memory.datasets():
        # A loss report asks what all others ask, and takes as long as all of them.
        names = {export.name for export in installed()} - {"loss-report"}
        for name in sorted(names if dataset.number == 1 else {"isa-json", "ro-crate", "nquads"}):
            written = [fg.export(name, dataset.slug).to_bytes() for fg in both(remote, memory)]
            assert len(written[0]) > 100
            if name not in TIMED:
                assert written[0] == written[1], name


# These say when a dataset came into the store.
TIMED = {"dcat", "schema-org", "ml-zip", "prov-o", "prov-n"}


def test_real_data_are_the_same_too(remote: Fairgraph, memory: Fairgraph, corpus: Path) -> None:
    for fg in both(remote, memory):
        fg.add(corpus / "isa" / "tab" / "BII-I-1")
    assert told(remote, 1) == told(memory, 1)
    for name in ("isa-json", "isa-tab", "ml-csv", "nquads", "samples-csv"):
        assert remote.export(name, 1).to_bytes() == memory.export(name, 1).to_bytes(), name


def test_a_dataset_lives_there_as_elsewhere(
    remote: Fairgraph, memory: Fairgraph, write_tab: Callable[..., Path]
) -> None:
    study = [
        ["Source Name", "Protocol REF", "Sample Name", "Characteristics[organ]"],
        *(["one", "collection", f"s{n}", "liver"] for n in range(20)),
    ]
    tab = write_tab(study)
    name = "<http://schema.org/name>"
    iri = "http://localhost:8000/id/tab"
    changes: list[Callable[[Fairgraph], Any]] = [
        lambda fg: fg.add(tab),
        lambda fg: fg.update(
            f'WITH <{iri}> DELETE {{ <{iri}> {name} ?o }} INSERT {{ <{iri}> {name} "New" }} WHERE {{ <{iri}> {name} ?o }}'
        ),
        lambda fg: fg.update(f'INSERT DATA {{ <{EX}x> {name} "y" ; {name} [] }}'),
        lambda fg: fg.update(
            "INSERT { GRAPH ?g { ?d <http://schema.org/status> 'seen' } } "
            "WHERE { GRAPH ?g { ?d a <http://schema.org/Dataset> } }"
        ),
        lambda fg: fg.set(1, visibility="private"),
        lambda fg: fg.set(1, visibility="public", title="Mine"),
        lambda fg: fg.revert(1, 1),
        lambda fg: fg.add(tab),
        lambda fg: fg.remove(1),
        lambda fg: fg.revert(1, 2),
        lambda fg: fg.remove(2, purge=True),
    ]
    for change in changes:
        for fg in both(remote, memory):
            change(fg)
        states = []
        for fg in both(remote, memory):
            with fg.store.read() as reader:
                graphs = set(reader.graphs())
                records = {g for g in graphs if "/record/" in g.value or g.value.startswith("urn:")}
                found = {str(graph): set(reader.triples(graph)) for graph in graphs - records}
                union = set(reader.triples(DEFAULT))
                for record in records:  # they say when something was written
                    union -= set(reader.triples(record))
            states.append((found, union))
        assert {k: v for k, v in states[0][0].items() if v} == {
            k: v for k, v in states[1][0].items() if v
        }
        assert states[0][1] == states[1][1]
        listed = [
            [(d.number, d.slug, d.title) for d in fg.datasets()] for fg in both(remote, memory)
        ]
        assert listed[0] == listed[1]
    assert remote.diff(1, 1).added == memory.diff(1, 1).added


def test_the_command_line_takes_a_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAIRGRAPH_FILES", str(tmp_path / "files"))
    url = empty_server()
    assert run(["--store", url, "list"]) == 5
    assert "no fairgraph store" in capsys.readouterr().err
    assert run(["--store", url, "-q", "import", str(EXAMPLE)]) == 0
    monkeypatch.setenv("FAIRGRAPH_STORE", url)
    for command in (
        ["list"],
        ["show", "1"],
        ["history", "1"],
        ["query", "browse/samples"],
        ["search", "mouse"],
        ["export", "samples-csv", "1", "-o", "-"],
    ):
        assert run(command) == 0
        out = capsys.readouterr().out.lower()
        assert "mouse" in out or "import" in out, command
    assert run(["validate", "1"]) in (0, 1)


def test_every_named_query_is_answered(remote: Fairgraph) -> None:
    remote.add(EXAMPLE)
    graph = remote.dataset(1).node
    with remote.store.read() as reader:
        for query in queries.catalogue().values():
            if query.form == "update":
                continue
            values = {param.name: SAMPLES[param.type] for param in query.params}
            answer = reader.query(queries.bind(query, **values), Scope((graph,)))
            assert sum(1 for _ in answer) >= 0 if query.form != "ask" else answer in (True, False)  # type: ignore[union-attr]


def test_what_is_private_is_seen_by_its_owner_alone_and_once(remote: Fairgraph) -> None:
    remote.add(EXAMPLE, visibility="private")
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    public = remote.as_caller("public")
    assert [row["n"].value for row in public.query(count)] == ["0"]
    (row,) = remote.query(count)
    assert int(row["n"].value) > remote.dataset(1).counts["triples"]
    assert public.datasets() == []


# -- Writes that do not come to their end ------------------------------------------------------------------------------


def test_large_parts_are_brought_first_and_put_in_place(
    store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "INLINE_BYTES", 0)
    fill(store, G, ONE, TWO)
    with store.write() as writer:
        writer.remove([ONE], G)
        writer.insert([ONE], H)
    assert (content(store, G), content(store, H)) == ({TWO}, {ONE})
    with store.write() as writer:
        writer.clear(G)
        writer.insert([ONE], G)
    assert content(store, G) == {ONE}
    assert staged(store) == []


def test_a_backslash_before_a_u_comes_through(store: RemoteStore) -> None:
    odd = Triple(A, P, Literal(r"C:\users \u0041 \\U0041" + '\n"\t\x07é\U0001f9ec'))
    fill(store, G, odd)
    assert content(store, G) == {odd}
    with store.read() as reader:
        assert reader.contains(odd, G)


def test_of_two_writes_at_once_one_counts(
    store: RemoteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines with a copy of the folder each: no lock is between them."""
    monkeypatch.setattr(publishing, "INLINE_BYTES", 0)
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "server.json").write_bytes((tmp_path / "files" / "server.json").read_bytes())
    with RemoteStore(store.server.at.query.removesuffix("query"), folder=copy) as other:
        with pytest.raises(StoreLocked, match="same time"), store.write() as writer:
            writer.insert([ONE], G)
            writer.clear(H)
            fill(other, H, TWO)
        assert content(store, G) == set()
        assert content(store, H) == {TWO}
        assert staged(store) == []
        fill(store, G, ONE)
        assert content(other, G) == {ONE}


def test_a_write_beside_it_is_told_to_who_reads_on(store: RemoteStore) -> None:
    fill(store, G, ONE)
    reader = store.read()
    assert set(reader.triples(G)) == {ONE}
    fill(store, G, TWO)
    for ask in (
        lambda: reader.select("SELECT * { ?s ?p ?o }", Scope((G,))),
        lambda: list(reader.triples(G)),
        reader.graphs,
        lambda: list(reader.graphs_with(ONE)),
    ):
        with pytest.raises(StoreLocked, match="while it was read"):
            ask()
    reader.close()


@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_leaves_no_doubt(
    store: RemoteStore, monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    sent: list[str] = []
    plain = Server.update

    def lost(self: Server, text: str) -> None:
        if "one" in text and not sent:
            sent.append(text)
            if done:
                plain(self, text)
            raise StoreError("the server does not answer in time")
        plain(self, text)

    monkeypatch.setattr(Server, "update", lost)
    if done:
        fill(store, G, ONE)
    else:
        with pytest.raises(StoreError, match="in time"):
            fill(store, G, ONE)
        plain(store.server, sent[0])  # it comes late
    assert content(store, G) == ({ONE} if done else set())


def test_a_server_that_is_gone_at_the_end_leaves_doubt_and_says_so(
    store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(self: Server, text: str) -> None:
        raise StoreError("the server cannot be reached")

    with pytest.raises(StoreError, match="not known whether"), store.write() as writer:
        writer.insert([ONE], G)
        monkeypatch.setattr(Server, "update", gone)


def test_a_write_in_doubt_is_whole_if_it_comes_late(
    store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    plain = Server.update

    def lost(self: Server, text: str) -> None:
        if len(sent) < 2:
            sent.append(text)
            raise StoreError("the server does not answer in time")
        plain(self, text)

    with pytest.raises(StoreError, match="not known whether"), store.write() as writer:
        monkeypatch.setattr("fairgraph.store.publishing.INLINE_BYTES", 0)
        writer.insert([ONE], G)
        monkeypatch.setattr(Server, "update", lost)
    monkeypatch.setattr(Server, "update", plain)
    plain(store.server, sent[0])
    assert content(store, G) == {ONE}
    fill(store, G, TWO)
    plain(store.server, sent[0])  # once more, beside a write that came after it
    assert content(store, G) == {ONE, TWO}


CHILD = """
import sys
from pyoxigraph import Literal, NamedNode, Triple
from fairgraph.store import open_store, publishing
publishing.INLINE_BYTES = 0
with open_store(sys.argv[1]) as store, store.write() as writer:
    writer.load(NamedNode("http://example.org/g"), b'<http://example.org/a> <http://example.org/p> "new" .')
"""


@pytest.mark.parametrize(
    ("step", "old"), [("written", True), ("staged", True), ("published", False)]
)
def test_a_crash_leaves_the_old_state_or_the_new_one(
    store: RemoteStore, tmp_path: Path, step: str, old: bool
) -> None:
    fill(store, G, ONE)
    environment = {
        **os.environ,
        "PYTHONPATH": str(SRC),
        "FAIRGRAPH_CRASH_AT": step,
        "TMPDIR": str(tmp_path),  # what a killed write leaves here
        "FAIRGRAPH_FILES": str(tmp_path / "files"),
    }
    url = store.server.at.query.removesuffix("query")
    command = [sys.executable, "-c", CHILD, url]
    done = subprocess.run(command, env=environment, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert content(store, G) == ({ONE} if old else {ONE, Triple(A, P, Literal("new"))})
    assert bool(staged(store)) == (step == "staged")
    fill(store, H, ONE)
    assert staged(store) == []
    with store.read() as reader:
        assert set(reader.graphs()) == {G, H}


def test_a_write_is_asked_no_more_than_it_must(
    store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the union an import sends the difference, and fetches nothing."""
    fill(store, DEFAULT, ONE)
    fill(store, G, ONE)
    fetched: list[str] = []
    plain = Server.fetch
    monkeypatch.setattr(Server, "fetch", lambda self, g: fetched.append(g) or plain(self, g))
    with store.write() as writer:
        writer.load(H, f"{TWO} .\n".encode())
        writer.load(DEFAULT, f"{TWO} .\n".encode())
        writer.remove([ONE], DEFAULT)
        writer.insert([ONE], DEFAULT)
        writer.remove([TWO], DEFAULT)
        assert list(writer.select("SELECT * { ?s ?p ?o }", Scope((H,))))
        assert list(writer.select("SELECT * { ?s ?p ?o }", Scope((G,))))
        assert dict(writer.holders([ONE, TWO])) == {ONE: [G, DEFAULT], TWO: [H]} or dict(
            writer.holders([ONE, TWO])
        ) == {ONE: [DEFAULT, G], TWO: [H]}
        assert writer.contains(ONE, DEFAULT)
        assert not writer.contains(TWO, DEFAULT)
    assert fetched == []
    assert content(store, DEFAULT) == {ONE}


def test_a_large_difference_asks_for_many_triples_at_once(
    store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [Triple(NamedNode(f"{EX}{n}"), P, Literal(str(n))) for n in range(25)]
    fill(store, G, *many)
    monkeypatch.setattr(remote_reader, "_ASKED_AT_ONCE", 10)
    with store.read() as reader:
        assert list(reader.holders(many)) == [(triple, [G]) for triple in many]


@pytest.mark.parametrize(
    ("text", "named", "default"),
    [
        ("INSERT DATA { GRAPH <http://e/a> { <x:s> <x:p> 1 } }", {"a"}, False),
        ("PREFIX e: <http://e/> DELETE DATA { GRAPH e:b { <x:s> <x:p> 1 } }", {"b"}, False),
        ("INSERT DATA { <x:s> <x:p> 1 }", set(), True),
        ("WITH <http://e/a> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", {"a"}, False),
        ("WITH <http://e/a> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o } ; INSERT DATA { <x:s> <x:p> 1 }", {"a"}, True),
        ("DELETE { GRAPH <http://e/a> { ?s ?p ?o } } WHERE { GRAPH <http://e/b> { ?s ?p ?o } }", {"a", "b"}, False),
        ("INSERT { GRAPH <http://e/a> { ?s ?p ?o } } WHERE { ?s ?p ?o }", {"a"}, True),
        ("INSERT { GRAPH <http://e/a> { ?s ?p ?o } } WHERE { GRAPH <http://e/b> { ?s ?p ?o } FILTER(?o) }", {"a", "b"}, True),
        ("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", {"a", "b"}, True),
        ("CLEAR GRAPH <http://e/b>", {"b"}, False),
        ("CLEAR DEFAULT", set(), True),
        ("CLEAR ALL", {"a", "b"}, True),
        ("BASE <http://e/> CLEAR GRAPH <a>", {"a", "b"}, True),
        ("MOVE <http://e/a> TO <http://e/b>", {"a", "b"}, False),
        ("CLEAR GRAPH <http://e/\\u0061>", {"a"}, False),
    ],
)  # fmt: skip
def test_what_an_update_may_be_about_is_read_off_its_text(
    text: str, named: set[str], default: bool
) -> None:
    found = reach(text, ["http://e/a", "http://e/b"])
    assert found == ({f"http://e/{name}" for name in named}, default)


# -- The folder beside it ----------------------------------------------------------------------------------------------


def test_a_server_with_other_data_is_left_alone(tmp_path: Path) -> None:
    url = empty_server()
    update(url, f"INSERT DATA {{ GRAPH <{EX}g> {{ <{EX}a> <{EX}p> 1 }} }}")
    with pytest.raises(StoreError, match="other data"):
        RemoteStore(url, folder=tmp_path / "files")
    assert [graph.value for graph in all_graphs(Server(url))] == [f"{EX}g"]
    assert not (tmp_path / "files").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    url = empty_server()
    with pytest.raises(StoreError, match="other files"):
        RemoteStore(url, folder=tmp_path)
    assert all_graphs(Server(url)) == []


def test_another_folder_reads_and_does_not_write(store: RemoteStore, tmp_path: Path) -> None:
    fill(store, G, ONE)
    url = store.server.at.query.removesuffix("query")
    with RemoteStore(url, folder=tmp_path / "elsewhere", create=False) as other:
        assert content(other, G) == {ONE}
        with pytest.raises(StoreError, match="FAIRGRAPH_FILES"):
            fill(other, G, TWO)
        with pytest.raises(NotFound):
            other.kept("x")
    assert content(store, G) == {ONE}


def test_the_base_stays(store: RemoteStore, tmp_path: Path) -> None:
    url = store.server.at.query.removesuffix("query")
    assert store.base == "http://localhost:8000/"
    with pytest.raises(UsageError, match="base"):
        RemoteStore(url, folder=tmp_path / "files", base="https://example.org/")
    with RemoteStore(empty_server(), folder=tmp_path / "b", base="https://example.org/x") as made:
        assert made.base == "https://example.org/x/"


def test_a_store_on_disk_is_there_the_next_time(tmp_path: Path) -> None:
    for n in range(2):
        process, url = start("--location", str(tmp_path / "server"))
        try:
            with RemoteStore(url, folder=tmp_path / "files") as store:
                if n == 0:
                    fill(store, G, ONE)
                assert content(store, G) == {ONE}
        finally:
            end(process)


# -- Servers that do not do what they should ---------------------------------------------------------------------------


class Reply:
    """What a server of nonsense answers: a status, headers, a body."""

    def __init__(self, status: int, body: bytes = b"", wait: float = 0.0, **headers: str) -> None:
        self.status, self.body, self.wait = status, body, wait
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def server_of(reply: Reply) -> Iterator[tuple[str, list[str]]]:
    """Lend the URL of a server that always answers the same, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            time.sleep(reply.wait)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if not {"Content-Length", "Transfer-Encoding"} & set(reply.headers):
                self.send_header("Content-Length", str(len(reply.body)))
            with contextlib.suppress(OSError):  # whoever asked has given up
                self.end_headers()
                self.wfile.write(reply.body)
            self.close_connection = True

        do_GET = do_POST  # noqa: N815 - as it is called there

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    gc.collect()  # answers of the engine may not be dropped on another thread
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


JSON = "application/sparql-results+json"
HALF = b'{"head":{"vars":["identifier"]},"results":{"bindings":[{"identifier":{"type":"lit'


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(401, b"who are you?"), "FAIRGRAPH_STORE_LOGIN"),
        (Reply(403), "FAIRGRAPH_STORE_LOGIN"),
        (Reply(404, b"nothing here"), "query=query"),
        (Reply(405), "405"),
        (Reply(500, b"out of  memory\n\x00"), "500 Internal Server Error: out of memory"),
        (Reply(503), "503"),
        (Reply(200, b"<html>", Content_Type="text/html"), "text/html"),
        (Reply(200, b"<html>", Content_Type=JSON), "no answer of SPARQL"),
        (Reply(200, b"", Content_Type=JSON), "no answer of SPARQL"),
        (Reply(200, HALF, Content_Type=JSON), "no answer of SPARQL"),
        (Reply(200, HALF, Content_Type=JSON, Content_Length="900"), "not whole"),
        (Reply(200, b"9\r\n{\"head\":{", Content_Type=JSON, Transfer_Encoding="chunked"), "not whole"),
        (Reply(200, b"nonsense", Content_Type=JSON, Transfer_Encoding="chunked"), "not whole"),
        (Reply(200, b"{}", Content_Type=JSON, X_SPARQL_MaxRows="10000"), "10000 rows"),
        (Reply(200, b"{}", wait=1.0, Content_Type=JSON), "in time"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said_and_where(reply: Reply, said: str) -> None:
    with server_of(reply) as (url, _), pytest.raises(StoreError) as caught:
        open_store(f"{url}?timeout=0.5", create=False)
    assert said in str(caught.value)
    assert caught.value.where == f"{url}query"
    assert caught.value.http_status == (504 if said == "in time" else 503)
    assert caught.value.hint


def test_a_server_that_is_down_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    with server_of(Reply(200)) as (url, _):
        pass
    assert run(["--store", url, "list"]) == 5
    told = capsys.readouterr().err
    assert "cannot be reached" in told
    assert url in told
    assert "Traceback" not in told


def test_nobody_else_is_asked(store: RemoteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with server_of(Reply(200)) as (elsewhere, asked):
        monkeypatch.setenv("http_proxy", elsewhere)
        monkeypatch.setenv("HTTP_PROXY", elsewhere)
        assert content(store, G) == set()
        for status in (301, 302, 303, 307, 308):
            with (
                server_of(Reply(status, Location=elsewhere)) as (url, _),
                pytest.raises(StoreError, match="not followed"),
            ):
                open_store(url, create=False)
        with store.read() as reader, pytest.raises(QueryError, match="SERVICE"):
            reader.query(f"SELECT * {{ SERVICE <{elsewhere}> {{ ?s ?p ?o }} }}", Scope((G,)))
        with store.write() as writer, pytest.raises(QueryError, match="LOAD"):
            writer.update(f"LOAD <{elsewhere}>")
    assert asked == []


@pytest.mark.parametrize(
    ("login", "header"), [("me:pass", "Basic bWU6cGFzcw=="), ("abc", "Bearer abc"), ("", None)]
)
def test_a_login_is_sent(monkeypatch: pytest.MonkeyPatch, login: str, header: str | None) -> None:
    monkeypatch.setenv("FAIRGRAPH_STORE_LOGIN", login)
    server = Server("http://h:1/")
    wrapper = server._wrapper(server.at.query, "ASK {}", "ASK")
    assert wrapper._createRequest().get_header("Authorization") == header


def test_a_graph_without_an_end_is_not_taken(store: RemoteStore) -> None:
    """N-Triples that break off after a line look whole."""
    fill(store, G, ONE)
    reply = Reply(200, f"{ONE} .\n".encode(), Content_Type="application/n-triples")
    with server_of(reply) as (url, _):
        with Server(url).fetch(EX) as file:
            assert file.read() == reply.body
        reply.headers["Content-Length"] = "500"
        with pytest.raises(StoreError, match="not whole"):
            Server(url).fetch(EX)


def test_an_answer_of_many_rows_is_whole(store: RemoteStore) -> None:
    lines = b"".join(
        b'<%s%d> <%sp> "%d" .\n' % (EX.encode(), n, EX.encode(), n) for n in range(30_000)
    )
    with store.write() as writer:
        writer.load(G, io.BytesIO(lines))
    with store.read() as reader:
        assert sum(1 for _ in reader.select("SELECT * { ?s ?p ?o }", Scope((G,)))) == 30_000
        everything = reader.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", Scope((G,)))
        assert sum(1 for _ in everything) == 30_000
        assert reader.size(G) == 30_000
    assert new_version() != new_version()


def test_the_web_reads_from_a_server(remote: Fairgraph) -> None:
    from fairgraph.web.app import close_app, create_app

    remote.add(EXAMPLE)
    remote.add(EXAMPLE, slug="secret", visibility="private")
    app = create_app(remote)
    try:
        client = app.test_client()
        for path in (
            "/",
            "/investigations/1",
            "/samples/1",
            "/api/v1/investigations",
            "/api/v1/investigations/1/isa-json",
            "/sparql?query=SELECT+*+%7B+%3Fs+a+%3Ft+%7D+LIMIT+3",
            "/search?q=mouse",
        ):
            answer = client.get(path, follow_redirects=True)
            assert answer.status_code == 200, (path, answer.text)
            assert "mouse" in answer.text.lower(), path
            assert "id/secret" not in answer.text, path
            answer.close()
    finally:
        close_app(app)


@pytest.mark.parametrize("graphs", [1, 2])
def test_a_query_that_never_ends_is_stopped_here_too(tmp_path: Path, graphs: int) -> None:
    from fairgraph.web.app import close_app, create_app

    process, url = start()  # of its own: the server itself would go on with the query
    try:
        remote = Fairgraph(RemoteStore(url, folder=tmp_path / "files"))
        names = [remote.add(EXAMPLE, slug=f"d{n}").dataset.iri for n in range(graphs)]
        app = create_app(remote, timeout=2, query_workers=1)
        endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
        small = "SELECT (COUNT(?s) AS ?n) { ?s a <https://w3id.org/fairgraph/isa#Sample> }"
        client = app.test_client()
        asked = {"query": endless, "default-graph-uri": names}
        assert client.get("/sparql", query_string=asked).status_code in (503, 504)
        asked["query"] = small
        answer = client.get("/sparql", query_string=asked, headers={"Accept": "text/csv"})
        assert answer.text.split() == ["n", str(graphs * 42)]
        close_app(app)
    finally:
        process.kill()
        process.wait()


def test_a_remote_store_is_not_served_for_writing(remote: Fairgraph) -> None:
    from fairgraph.web.serve import serve

    with pytest.raises(UsageError, match="remote"):
        serve(remote, port=0, writable=True, quiet=True)


def test_opening_by_its_url_gives_a_remote_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRGRAPH_FILES", str(tmp_path / "files"))
    with fairgraph.open(empty_server()) as fg:
        assert isinstance(fg.store, RemoteStore)
