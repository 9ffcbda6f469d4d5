"""A SPARQL 1.1 server by HTTP: its addresses, its answers, whole or not at all, and what goes wrong with them in our words.

Queries and updates go through SPARQLWrapper, whole graphs by the Graph Store Protocol. Nobody is asked but the host that was
named: no redirect is followed, no proxy taken, and an answer counts when all of it has come.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import os
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

from fairgraph.errors import QueryError, StoreError, UsageError

LOGIN = "FAIRGRAPH_STORE_LOGIN"
"""The environment variable for ``user:password``, or for a token that is sent as it is (Bearer)."""
SECONDS = 300.0
WRITE_TIMES = 10
"""How many times as long as an answer a write may take: a server answers it when all of it is done."""
MEMORY_BYTES = 16 * 1024 * 1024
NTRIPLES = "application/n-triples"
_BLOCK = 1 << 16
_ADDRESSES = ("query", "update", "store")
_RESULTS = "application/sparql-results+json"
_TAKEN = {
    _RESULTS: (_RESULTS, "application/json"),
    NTRIPLES: (NTRIPLES, "text/plain"),
}
_HINTS = {
    401: f"{LOGIN} takes user:password, or a token",
    403: f"{LOGIN} takes user:password, or a token; a server for reading takes no updates",
    404: "name its addresses: http://host:7878/?query=query&update=update&store=store",
    405: "name its addresses: http://host:7878/?query=query&update=update&store=store",
    413: "let the server take larger requests",
}


class ServerTimeout(StoreError):  # noqa: N818 - reads as a noun wherever it is raised
    """A server that took too long; the query may go on there."""

    code, http_status = "timeout", 504


@dataclass(frozen=True)
class Addresses:
    """Where a server answers queries (``query``), takes updates (``update``), and lends whole graphs (``store``)."""

    query: str
    update: str
    store: str
    seconds: float


def addresses(location: str) -> Addresses:
    """Return the addresses that a location names: those of Oxigraph, ``/query``, ``/update`` and ``/store``, unless it says otherwise.

    ``http://host:7200/repositories/lab?query=&update=statements&store=rdf-graphs/service``: each is a path below that of the location, or
    from the root if it begins with ``/``. ``timeout=`` is how many seconds an answer may take. Raises UsageError for anything else.
    """
    try:
        parts = urllib.parse.urlsplit(location)
        options = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"is no URL of a server: {error}", where=location) from error
    if "@" in parts.netloc:
        raise UsageError(
            "a password in a URL is seen by everybody on the machine", hint=f"use {LOGIN}"
        )
    if parts.scheme not in ("http", "https") or not host or parts.fragment:
        raise UsageError("is no URL of a server", where=location, hint="http://host:7878/")
    strange = sorted(set(options) - {*_ADDRESSES, "timeout"})
    if strange:
        known = ", ".join((*_ADDRESSES, "timeout"))
        raise UsageError(f"there is no option {strange[0]}", where=location, hint=f"one of {known}")
    try:
        seconds = float(options.get("timeout", SECONDS))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise UsageError("timeout is a number of seconds", where=location)
    root = f"{parts.scheme}://{parts.netloc}"
    query, update, store = (
        _address(root, parts.path, options.get(name, name)) for name in _ADDRESSES
    )
    return Addresses(query, update, store, seconds)


def _address(root: str, path: str, given: str) -> str:
    if given.startswith("/"):
        path, given = "", given.removeprefix("/")
    if "://" in given or given.startswith("/") or any(c in given for c in "?#\\ "):
        raise UsageError("an address is a path on the server that is named", where=given)
    folder = f"{root}{path.rstrip('/')}"
    return f"{folder}/{given}" if given or not path.strip("/") else folder


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: urllib then raises the redirect as an error."""


class Server:
    """One server. Every method raises StoreError with the URL when the server does not do what it should."""

    def __init__(self, location: str) -> None:
        self.at = addresses(location)
        self.seconds = self.at.seconds
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())
        self._login = _authorization(os.environ.get(LOGIN, ""))

    def answer(
        self,
        query: str,
        form: str,
        default: Sequence[str] = (),
        named: Sequence[str] = (),
    ) -> BinaryIO:
        """Answer a query of *form* (``SELECT``, ``ASK``, ``CONSTRUCT``) in a file: rows as JSON, a graph as N-Triples.

        Without *default* and *named* the query sees what the server shows to everybody (SPARQL 1.1 Protocol §2.1.4).
        """
        accept = NTRIPLES if form == "CONSTRUCT" else _RESULTS
        wrapper = self._wrapper(self.at.query, query, form)
        for name, graphs in (("default-graph-uri", default), ("named-graph-uri", named)):
            for graph in graphs:
                wrapper.addParameter(name, graph)
        wrapper.addCustomHttpHeader("Accept", accept)
        with _told(self.at.query, query=True):
            return self._whole(wrapper.query().response, self.at.query, accept)

    def update(self, text: str) -> None:
        """Run an update."""
        from SPARQLWrapper import POSTDIRECTLY

        wrapper = self._wrapper(self.at.update, text, "INSERT", WRITE_TIMES)
        wrapper.setRequestMethod(POSTDIRECTLY)
        with _told(self.at.update):
            self._whole(wrapper.query().response, self.at.update).close()

    def fetch(self, graph: str) -> BinaryIO:
        """Return a whole graph as N-Triples in a file; an empty one if there is none (Graph Store Protocol §5.2)."""
        url = self._graph(graph)
        request = urllib.request.Request(url, headers={"Accept": NTRIPLES, **self._headers()})
        with _told(url):
            try:
                response = self._opener.open(request, timeout=self.seconds)
            except urllib.error.HTTPError as error:
                if error.code != 404:
                    raise
                error.close()
                return io.BytesIO()
            return self._whole(response, url, NTRIPLES)

    def send(self, graph: str, ntriples: BinaryIO) -> None:
        """Add N-Triples to a graph (Graph Store Protocol §5.5)."""
        url = self._graph(graph)
        size = ntriples.seek(0, os.SEEK_END)
        ntriples.seek(0)
        headers = {"Content-Type": NTRIPLES, "Content-Length": str(size), **self._headers()}
        request = urllib.request.Request(url, data=ntriples, headers=headers, method="POST")
        with _told(url):
            response = self._opener.open(request, timeout=self.seconds * WRITE_TIMES)
            self._whole(response, url).close()

    def _graph(self, graph: str) -> str:
        return f"{self.at.store}?{urllib.parse.urlencode({'graph': graph})}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": self._login} if self._login else {}

    def _wrapper(self, url: str, text: str, form: str, times: int = 1) -> Any:
        from SPARQLWrapper import POST, SPARQLWrapper

        opener, seconds = self._opener, self.seconds * times

        class Wrapper(SPARQLWrapper):  # type: ignore[misc,unused-ignore]
            """Opens what it asks through our opener, and believes us which form a query has."""

            def _query(self) -> tuple[Any, str]:
                return opener.open(self._createRequest(), timeout=seconds), self.returnFormat

            def _parseQueryType(self, query: str) -> str:  # noqa: N802 - as it is called there
                return form

        wrapper = Wrapper(url)
        wrapper.setQuery(text)
        wrapper.setMethod(POST)
        wrapper.setOnlyConneg(True)
        for name, value in self._headers().items():
            wrapper.addCustomHttpHeader(name, value)
        return wrapper

    def _whole(self, response: IO[bytes], url: str, accept: str = "") -> BinaryIO:
        """Return an answer in a file when all of it has come."""
        until = time.monotonic() + self.seconds
        spool = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115
        try:
            with response:
                length = _length(response, url, accept)
                while block := response.read(_BLOCK):
                    spool.write(block)
                    if time.monotonic() > until:
                        raise TimeoutError
            size = spool.tell()
            if length is not None and size != length:
                raise http.client.IncompleteRead(b"")
            spool.seek(0)
            if size > MEMORY_BYTES:
                return spool  # type: ignore[return-value]
            # Most answers are small: those need not be closed.
            with spool:
                return io.BytesIO(spool.read())
        except BaseException:
            spool.close()
            raise


def _length(response: IO[bytes], url: str, accept: str) -> int | None:
    """Return how long an answer says it is, None if it says so by its last chunk; StoreError if it is not what was asked for."""
    headers = response.headers  # type: ignore[attr-defined]
    kind = headers.get_content_type()
    if accept and kind not in _TAKEN[accept]:
        raise _no_answer(url, f"it sends {kind}")
    if "X-SPARQL-MaxRows" in headers:
        raise StoreError(
            f"the server cuts answers after {headers['X-SPARQL-MaxRows'][:20]} rows",
            where=url,
            hint="let it answer whole (Virtuoso: ResultSetMaxRows)",
        )
    length = headers.get("Content-Length")
    if accept == NTRIPLES and length is None and not getattr(response, "chunked", False):
        raise _no_answer(url, "it does not say where its answer ends")
    return None if length is None else int(length)


def _authorization(login: str) -> str:
    if not login:
        return ""
    if ":" not in login:
        return f"Bearer {login}"
    return f"Basic {base64.b64encode(login.encode()).decode('ascii')}"


def no_result(url: str, error: BaseException) -> StoreError:
    """Return the error for an answer that says it is one and is none."""
    return _no_answer(url, " ".join(str(error).split())[:200])


def _no_answer(url: str, why: str) -> StoreError:
    return StoreError(
        f"what the server sends is no answer of SPARQL 1.1: {why}",
        where=url,
        hint="is this the address of a SPARQL server?",
    )


@contextlib.contextmanager
def _told(url: str, *, query: bool = False) -> Iterator[None]:
    """Turn what HTTP raises into our errors."""
    try:
        yield
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(url, error, query) from error
    except (TimeoutError, urllib.error.URLError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise ServerTimeout(
                "the server does not answer in time",
                where=url,
                hint="ask for less, or give it more: ?timeout=SECONDS in the URL of the store",
            ) from error
        text = getattr(reason, "strerror", None) or reason
        raise StoreError(
            f"the server cannot be reached: {text}", where=url, hint="is it running?"
        ) from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise StoreError(
            f"the answer of the server is not whole: {type(error).__name__}",
            where=url,
            hint="try again; the log of the server may say why",
        ) from error


def _refused(url: str, error: urllib.error.HTTPError, query: bool) -> StoreError | QueryError:
    try:
        said = " ".join(error.read(2000).decode("utf-8", "replace").split())[:300]
    except (OSError, http.client.HTTPException):
        said = ""
    if 300 <= error.code < 400:
        target = error.headers.get("Location", "elsewhere")[:200]
        return StoreError(
            f"the server sends us to {target}, which is not followed",
            where=url,
            hint="name that address, if you trust it",
        )
    if query and error.code == 400:
        return QueryError(f"the server refuses the query: {said}", where=url)
    if query and error.code == 504:
        return QueryError(f"the server stopped the query: {said}", where=url, hint="ask for less")
    return StoreError(
        f"the server answers {error.code} {error.reason}" + (f": {said}" if said else ""),
        where=url,
        hint=_HINTS.get(error.code, "the log of the server may say why"),
    )
