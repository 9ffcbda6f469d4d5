"""The SPARQL 1.1 Protocol: queries by GET and POST, a page to write them on, and updates for who has a key."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, parse_query_results

from fairgraph import queries
from fairgraph.errors import FairgraphError, QueryError
from fairgraph.terms import PREFIXES
from fairgraph.web import vocabulary
from fairgraph.web.asking import asked, without_header
from fairgraph.web.callers import caller, writer
from fairgraph.web.connection import Connection, blocks
from fairgraph.web.negotiation import (
    GRAPHS,
    HTML,
    RESULTS,
    Representation,
    accepted,
    answer_if_known,
    etag_of,
    json_response,
    named,
    wants_html,
)
from fairgraph.web.rest.writers import written
from fairgraph.web.sparql.descriptions import service_description
from fairgraph.web.sparql.protocol import (
    ROWS,
    NotAcceptable,
    based,
    dataset_clauses,
    head_of,
    write_answer,
)
from fairgraph.web.sparql.quick import REPLY, Answered
from fairgraph.web.things import things
from fairgraph.web.workers.pool import Workers
from fairgraph.web.workers.turn import SPOOLED_BYTES, Reply

blueprint = Blueprint("sparql", __name__)
_log = logging.getLogger(__name__)

SHOWN_ROWS, SHOWN_CELLS, SHOWN_NAMES = 500, 10_000, 2_000
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
_MOST_COMPLETIONS = 2_000
# The editor runs scripts of ours alone, and sets styles on what it draws.
_EDITOR = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_QUERIES_ONLY = "this address answers queries only: updates are refused"


class BadRequest(QueryError):  # noqa: N818 - reads as a noun wherever it is raised
    """A request that the protocol does not allow, with the status that says why."""

    def __init__(self, message: str, status: int = 400, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.http_status = status


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Any:
    """Answer a query (SPARQL 1.1 Protocol §2.1); without one, the page or the service description."""
    browser = _is_browser()
    if request.method == "GET" and not request.args.get("query") and browser:
        return _page(request.args.get("query", ""))
    if request.method == "GET" and not request.args:
        return _service_description()
    text = ""
    try:
        text, arguments = _request()
        asked_text = based(text, lambda: request.base_url)
        graphs = _graphs(asked_text, arguments)
        wanted = arguments.get("format", [""])[-1]
        if browser and wanted in ("", "html", "table"):
            return _page(text, _rows(asked_text, graphs))
        return data(asked_text, graphs, wanted)
    except FairgraphError as error:
        if browser:
            page = _page(text, error=error)
            page.status_code = error.http_status
            return page
        raise


def _is_browser() -> bool:
    if request.method == "POST" and request.mimetype != FORM:
        return False
    return wants_html()


def _request() -> tuple[str, dict[str, list[str]]]:
    """Return the query of a request and its other parameters; BadRequest for what the protocol forbids."""
    arguments = dict(request.args.lists())
    if request.method == "POST":
        if request.mimetype == QUERY:
            if "query" in arguments:
                raise BadRequest("there are two queries: in the body and in the URL")
            return _decoded(request.get_data()), arguments
        if request.mimetype == UPDATE:
            raise BadRequest(_QUERIES_ONLY, 403, hint="updates go to /sparql/update")
        if request.mimetype != FORM:
            raise BadRequest(
                f"a query does not come as {request.mimetype or 'nothing that has a name'}",
                415,
                hint=f"send {QUERY}, or a form ({FORM}) with the field query",
            )
        _decoded(request.get_data(cache=True))
        arguments = {**arguments, **dict(request.form.lists())}
    if "update" in arguments:
        raise BadRequest(_QUERIES_ONLY, 403, hint="updates go to /sparql/update")
    found = arguments.get("query", [])
    if len(found) != 1:
        raise BadRequest(
            "there is no query" if not found else "there is more than one query",
            hint="give one as query=",
        )
    if not found[0].strip():
        raise BadRequest("the query is empty")
    return found[0], arguments


@blueprint.post("/sparql/update")
def update() -> Response:
    """Run an update for a caller with a key that allows it (SPARQL 1.1 Protocol §2.2); tell which datasets it changed."""
    who = writer()
    arguments = dict(request.args.lists())
    if request.mimetype == UPDATE:
        text = _decoded(request.get_data())
    elif request.mimetype == FORM:
        _decoded(request.get_data(cache=True))
        arguments = {**arguments, **dict(request.form.lists())}
        found = arguments.get("update", [])
        if len(found) != 1 or "query" in arguments:
            raise BadRequest("a request brings one update", hint="give one as update=")
        (text,) = found
    else:
        raise BadRequest(
            f"an update does not come as {request.mimetype or 'nothing that has a name'}",
            415,
            hint=f"send {UPDATE}, or a form ({FORM}) with the field update",
        )
    default, named_graphs = (arguments.get(f"using-{kind}graph-uri", []) for kind in ("", "named-"))
    using = [default, named_graphs] if default or named_graphs else None
    text = based(text, lambda: request.base_url)
    return json_response(written(who, "update", sparql=text, using=using))


def _decoded(body: bytes) -> str:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    try:
        if charset not in ("utf-8", "utf8"):
            raise ValueError
        return body.decode("utf-8")
    except ValueError:
        raise BadRequest("a query is written in UTF-8") from None


def _graphs(text: str, arguments: dict[str, list[str]]) -> tuple[list[str], list[str]] | None:
    """The dataset of a query: that of the request, else that of its FROM clauses, else all that the public may see."""
    default, named_graphs = (
        arguments.get(f"{kind}-graph-uri", []) for kind in ("default", "named")
    )
    if default or named_graphs:
        return default, named_graphs
    return dataset_clauses(text)


# -- Asking ----------------------------------------------------------------------------------------------------------


def _answered(
    text: str, graphs: tuple[list[str], list[str]] | None, forms: dict[str, str]
) -> Reply:
    """Return an answer as it comes: what goes wrong before its start is here is known before a status is sent."""
    known: Answered | None = request.environ.pop(REPLY, None)
    if known is not None:
        if isinstance(known.outcome, FairgraphError):
            raise known.outcome
        return known.outcome
    request_ = {
        "query": text,
        "graphs": graphs,
        "forms": forms,
        "limit": SHOWN_ROWS,
        "caller": caller().name,
    }
    workers: Workers | None = current_app.extensions["fairgraph.workers"]
    if workers is not None:
        return workers.ask(request_, Connection(request.environ).gone)
    # A store in memory is in this process only: its queries cannot be stopped, and nobody serves one but a test.
    asking = asked()
    file: IO[bytes] = tempfile.SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115
    try:
        with asking.fairgraph.sparql(text, graphs=graphs) as answer:
            head = head_of(answer, forms)
            write_answer(answer, file, head["form"], SHOWN_ROWS)  # type: ignore[arg-type]
    except BaseException:
        file.close()
        raise
    file.seek(0)
    start = file.read(SPOOLED_BYTES)
    if len(start) == SPOOLED_BYTES:
        return Reply(head, start, blocks(file), close=file.close)
    file.close()
    return Reply(head, start)


def data(text: str, graphs: tuple[list[str], list[str]] | None, wanted: str) -> Response:
    """Answer a query in the form that is wanted by name, or by the Accept header."""
    known: Answered | None = request.environ.get(REPLY)
    accept = request.headers.get("Accept", "")
    etag = known.etag if known else etag_of(asked().version(), text, graphs, wanted, accept)
    answer_if_known(etag, "Accept")
    forms, refused = _forms(wanted)
    if not forms:
        raise refused
    reply = _answered(text, graphs, {"rows": "", "graph": "", **forms})
    table = GRAPHS if reply.head["kind"] == "graph" else RESULTS
    form = next(form for form in table if form.name == reply.head["form"])
    response = Response(
        reply.start if reply.complete else _sent(reply, Connection(request.environ)),
        content_type=form.content_type,
    )
    response.call_on_close(reply.close)
    response.set_etag(etag)
    response.headers["Vary"] = "Accept"
    if wanted:
        response.headers["Content-Disposition"] = f'inline; filename="result.{form.name}"'
    return response


def _forms(wanted: str) -> tuple[dict[str, str], NotAcceptable]:
    """The form for each kind of answer; which kind it is, only the query tells."""
    forms, refused = {}, NotAcceptable("nothing of this kind is to be had")
    tables: tuple[tuple[str, tuple[Representation, ...]], ...] = (
        ("rows", RESULTS),
        ("graph", GRAPHS),
    )
    for kind, table in tables:
        try:
            forms[kind] = (named(wanted, table) if wanted else accepted(table)).name
        except NotAcceptable as error:
            refused = error
    return forms, refused


def _sent(reply: Reply, connection: Connection) -> Iterator[bytes]:
    """Yield an answer as it comes and as its caller takes it; one that fails on its way is broken off."""
    try:
        for block in reply.blocks():
            yield block
            connection.keep_up(reply.until)
    except FairgraphError as error:
        if not connection.gone():
            _log.warning("an answer was broken off: %s", error)
        raise connection.broken() from error


def _rows(text: str, graphs: tuple[list[str], list[str]] | None) -> dict[str, Any]:
    reply = _answered(text, graphs, {"rows": ROWS, "graph": ROWS})
    document: dict[str, Any] = json.loads(reply.whole())
    shown = document["rows"][: max(1, SHOWN_CELLS // max(1, len(document["variables"])))]
    document["more"] = document["more"] or len(shown) < len(document["rows"])
    terms = [[_term(cell) for cell in row] for row in shown]
    asking = asked()
    # Names are asked for in this process, which nobody can stop: of so many things, and no more.
    different = dict.fromkeys(term for row in terms for term in row if term is not None)
    found = things(asking, islice(different, SHOWN_NAMES))
    document["rows"] = [
        [found.get(term) or (None if term is None else str(term)) for term in row] for row in terms
    ]
    return document


def rows(text: str, graphs: tuple[list[str], list[str]] | None = None) -> list[Any]:
    """Return the rows of a SELECT, asked in a worker as whoever sent the request: what may take long must be stoppable."""
    reply = _answered(text, graphs, {"rows": "json", "graph": ""})
    return list(parse_query_results(reply.whole(), format=QueryResultsFormat.JSON))  # type: ignore[arg-type]


def selected(text: str, graphs: tuple[list[str], list[str]] | None) -> frozenset[str]:
    """Return the IRIs in the first column of a SELECT from outside, asked in a worker; BadRequest if something else is there."""
    document = json.loads(_answered(text, graphs, {"rows": "json", "graph": ""}).whole())
    first = (document.get("head", {}).get("vars") or [""])[0]
    cells = [row.get(first, {}) for row in document.get("results", {}).get("bindings", [])]
    if not first or any(cell.get("type") != "uri" for cell in cells):
        raise BadRequest(
            "samples are the IRIs in the first column of a SELECT", hint="SELECT ?sample WHERE …"
        )
    return frozenset(cell["value"] for cell in cells)


def _term(cell: dict[str, str] | None) -> Any:
    if cell is None:
        return None
    if cell["type"] == "uri":
        return NamedNode(cell["value"])
    if cell["type"] == "bnode":
        return BlankNode(cell["value"])
    if cell.get("lang"):
        return Literal(cell["value"], language=cell["lang"])
    return (
        Literal(cell["value"], datatype=NamedNode(cell["datatype"]))
        if "datatype" in cell
        else cell["value"]
    )


# -- Pages -----------------------------------------------------------------------------------------------------------


def _page(
    text: str, result: dict[str, Any] | None = None, error: FairgraphError | None = None
) -> Response:
    examples = [
        query for name, query in queries.catalogue().items() if name.startswith("examples/")
    ]
    shown = text or next((without_header(query.text) for query in examples), "")
    page = render_template(
        "sparql.html",
        text=shown,
        asked=bool(text),
        result=result,
        error=error,
        examples=[(query, without_header(query.text)) for query in examples],
        formats=[form for form in (*RESULTS, *GRAPHS) if form.name not in ("rdf", "nt")],
        endpoint=url_for("sparql.sparql", _external=True),
    )
    response = Response(page)
    response.headers["Content-Security-Policy"] = _EDITOR
    return response


@blueprint.get("/sparql/completions")
def completions() -> Response:
    """What the editor completes: prefixes, the classes in use, and the properties of our vocabulary."""
    asking = asked()
    etag = etag_of(asking.version(), "completions")
    answer_if_known(etag)
    classes = [row[0].value for row in asking.rows("platform/classes")]
    response = json_response(
        {
            "prefixes": [f"{name}: <{iri}>" for name, iri in sorted(PREFIXES.items())],
            "classes": classes[:_MOST_COMPLETIONS],
            "properties": vocabulary.properties(),
        }
    )
    response.set_etag(etag)
    return response


def _service_description() -> Response:
    if (
        not any(media_type != HTML for media_type in request.accept_mimetypes.values())
        and request.accept_mimetypes
    ):
        raise BadRequest("there is no query", hint="give one as query=")
    return service_description()
