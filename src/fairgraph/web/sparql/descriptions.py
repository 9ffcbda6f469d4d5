"""What the service and the data in it are, for machines: SPARQL 1.1 Service Description, VoID, and a site map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

import pyoxigraph as ox
from flask import Blueprint, Response, current_app, request, url_for
from pyoxigraph import Literal, NamedNode, Triple

from fairgraph.terms import DCTERMS, FG, ISA, PROV, RDF, SCHEMA, VOID, XSD, digest, own_rows
from fairgraph.web.asking import Asking, asked
from fairgraph.web.negotiation import GRAPHS, accepted, answer_if_known, etag_of, named, wants_html
from fairgraph.web.pages.browse import serialized

blueprint = Blueprint("descriptions", __name__)

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_GRAPHS = ("Turtle", "N-Triples", "JSON-LD", "RDF_XML")
_VOCABULARIES = (FG.iri, ISA.iri, SCHEMA.iri, PROV.iri)
_TOPIC = "http://xmlns.com/foaf/0.1/primaryTopic"
_MOST_CLASSES = 100


@blueprint.get("/.well-known/void")
def void() -> Response:
    """What the store holds in VoID: every dataset with its size and its dump, the classes in use, the endpoint."""
    asking = asked()
    wanted = request.args.get("format", "")
    form = named(wanted, GRAPHS) if wanted else GRAPHS[0] if wants_html() else accepted(GRAPHS)
    etag = etag_of(asking.version(), "void", form.name, request.host_url)
    answer_if_known(etag, "Accept")
    response = _written(_void(asking), form)
    response.set_etag(etag)
    return response


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The pages that a search engine should know."""
    asking = asked()
    etag = etag_of(asking.version(), "sitemap", request.host_url)
    answer_if_known(etag)
    pages = ("pages.home", "pages.query_list", "pages.vocabulary_page")
    lines = [_entry(url_for(name, _external=True)) for name in pages]
    for row in own_rows(asking.rows("browse/datasets"), asking.base):
        url = url_for("pages.investigation", number=row["number"].value, _external=True)
        lines.append(_entry(url, row["modified"].value))
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{"".join(lines)}</urlset>\n'
    )
    response = Response(body, content_type="application/xml; charset=utf-8")
    response.set_etag(etag)
    return response


def service_description() -> Response:
    """Say what the SPARQL endpoint can do (SPARQL 1.1 Service Description §3)."""
    return _written(_service(asked()), accepted(GRAPHS))


def _written(triples: Iterator[Triple], form: Any) -> Response:
    response = Response(
        serialized(sorted(set(triples), key=str), form), content_type=form.content_type
    )
    response.vary.add("Accept")
    return response


def _entry(url: str, modified: str = "") -> str:
    when = f"<lastmod>{escape(modified)}</lastmod>" if modified else ""
    return f"  <url><loc>{escape(url)}</loc>{when}</url>\n"


def _says(subject: str, predicate: str, value: str | ox.Literal) -> Triple:
    term = NamedNode(value) if isinstance(value, str) else value
    return Triple(NamedNode(subject), NamedNode(predicate), term)


def _number(count: int) -> Literal:
    return Literal(str(count), datatype=XSD.node("integer"))


def _service(asking: Asking) -> Iterator[Triple]:
    service = url_for("sparql.sparql", _external=True)
    dataset, default = f"{service}#dataset", f"{service}#default"
    yield _says(service, RDF.type, f"{_SD}Service")
    yield _says(service, f"{_SD}endpoint", service)
    yield _says(service, f"{_SD}supportedLanguage", f"{_SD}SPARQL11Query")
    if current_app.config["WRITABLE"]:
        yield _says(service, f"{_SD}supportedLanguage", f"{_SD}SPARQL11Update")
    for name in (*_RESULTS, *_GRAPHS):
        yield _says(service, f"{_SD}resultFormat", _FORMATS + name)
    yield _says(service, f"{_SD}defaultDataset", dataset)
    yield _says(dataset, RDF.type, f"{_SD}Dataset")
    yield _says(dataset, f"{_SD}defaultGraph", default)
    yield _says(default, RDF.type, f"{_SD}Graph")
    yield _says(default, RDF.type, VOID.Dataset)
    for vocabulary in _VOCABULARIES:
        yield _says(default, VOID.vocabulary, vocabulary)
    for row in own_rows(asking.rows("platform/statistics"), asking.base):
        graph = row["dataset"].value
        node = f"{service}#graph-{row['slug'].value}"
        yield _says(dataset, f"{_SD}namedGraph", node)
        yield _says(node, RDF.type, f"{_SD}NamedGraph")
        yield _says(node, f"{_SD}name", graph)
        yield _says(node, f"{_SD}graph", graph)
        yield _says(graph, RDF.type, f"{_SD}Graph")


def _void(asking: Asking) -> Iterator[Triple]:
    whole = url_for("descriptions.void", _external=True)
    endpoint = url_for("sparql.sparql", _external=True)
    yield _says(whole, RDF.type, VOID.DatasetDescription)
    store = f"{whole}#store"
    yield _says(whole, _TOPIC, store)
    yield _says(store, RDF.type, VOID.Dataset)
    yield _says(store, DCTERMS.title, Literal("fairgraph"))
    yield _says(store, VOID.sparqlEndpoint, endpoint)
    yield _says(store, VOID.uriSpace, Literal(f"{asking.base}id/"))
    for vocabulary in _VOCABULARIES:
        yield _says(store, VOID.vocabulary, vocabulary)
    for kind, count in asking.rows("platform/classes")[:_MOST_CLASSES]:
        part = f"{whole}#class-{digest(kind.value)}"
        yield _says(store, VOID.classPartition, part)
        yield _says(part, VOID["class"], kind.value)
        yield _says(part, VOID.entities, _number(int(count.value)))
    total = 0
    for row in own_rows(asking.rows("platform/statistics"), asking.base):
        graph, number = row["dataset"].value, row["number"].value
        size = int(row["triples"].value) if row["triples"] is not None else 0
        total += size
        yield _says(store, VOID.subset, graph)
        yield _says(graph, RDF.type, VOID.Dataset)
        yield _says(graph, DCTERMS.title, row["title"])
        yield _says(graph, VOID.triples, _number(size))
        yield _says(graph, VOID.rootResource, graph)
        dump = url_for("rest.export", number=number, format="turtle", _external=True)
        yield _says(graph, VOID.dataDump, dump)
    yield _says(store, VOID.triples, _number(total))
