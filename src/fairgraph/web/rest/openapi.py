"""The API described in OpenAPI 3.1, made from the routes and from the tables of exports, queries and import formats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairgraph import __version__, queries
from fairgraph.answers import GRAPHS, RESULTS
from fairgraph.exports.export import Export, installed
from fairgraph.importers.format import formats
from fairgraph.web.rest.imports import FLAGS, TEXTS

Document = dict[str, Any]
_VARIABLE = re.compile(r"\{(\w+)\}")
_PROBLEM = {"$ref": "#/components/responses/problem"}
_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")
_TYPES = {
    "iri": {"type": "string", "format": "iri"},
    "string": {"type": "string"},
    "integer": {"type": "integer"},
}
_PAGES = {
    "page": {"type": "integer", "minimum": 1},
    "per_page": {"type": "integer", "minimum": 1, "maximum": 200},
}
_KEYED: list[Document] = [{"key": []}, {"bearer": []}]
_EXPORT = "/api/v1/investigations/{number}/export/{format}"
_QUERY = "/api/v1/queries/{name}"


def description(endpoints: Iterable[Mapping[str, str]], host: str) -> Document:
    """Return the document; *endpoints* are the routes (path, methods, what they answer with), *host* is where they are."""
    paths: dict[str, Document] = {}
    for endpoint in endpoints:
        for path, summary, parameters, content in _operations(endpoint):
            for method in endpoint["methods"].split():
                entry = paths.setdefault(path, {})
                entry[method.lower()] = _operation(method, path, summary, parameters, content)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fairgraph",
            "version": __version__,
            "summary": "Research metadata as triples: imported, validated, asked, exported.",
        },
        "servers": [{"url": host.rstrip("/")}],
        "paths": {path: paths[path] for path in sorted(paths)},
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "responses": {
                "problem": {
                    "description": "What is wrong, and what to do (RFC 9457)",
                    "content": {
                        "application/problem+json": {
                            "schema": {"$ref": "#/components/schemas/problem"}
                        }
                    },
                }
            },
            "schemas": {
                "problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail", "code"],
                    "properties": {
                        **{
                            name: {"type": "string"}
                            for name in ("type", "title", "detail", "instance", "code", "hint")
                        },
                        "status": {"type": "integer"},
                    },
                }
            },
        },
    }


def _operations(
    endpoint: Mapping[str, str],
) -> Iterator[tuple[str, str, dict[str, Document], list[str]]]:
    """Yield path, summary, parameters in the query, and media types: one for a route, one for each export and each query."""
    path, summary = endpoint["path"], endpoint["answers"]
    if path == _EXPORT:
        for export in installed():
            yield (
                path.replace("{format}", export.name),
                export.label,
                _options(export),
                [export.media_type.split(";")[0]],
            )
    elif path == _QUERY:
        for query in queries.catalogue().values():
            if query.form in ("select", "construct", "ask"):
                params = {param.name: _TYPES[param.type] for param in query.params}
                known = GRAPHS if query.form == "construct" else RESULTS
                media_types = [media_type.split(";")[0] for _, media_type in known.values()]
                yield path.replace("{name}", query.name), query.summary, params, media_types
    elif words := _CHOICE.search(path):
        for word in words[1].split("|"):
            yield path.replace(words[0], word), summary, {}, ["*/*"]
    else:
        yield path, summary, _parameters(path, endpoint["methods"]), ["*/*"]


def _options(export: Export) -> dict[str, Document]:
    return {
        name: {"type": "string", "description": str(about)}
        for name, about in export.options.items()
    }


def _parameters(path: str, methods: str) -> dict[str, Document]:
    text: Document = {"type": "string"}
    if path == "/api/v1/investigations":
        return dict(_PAGES)
    if path.endswith("/search"):
        return {"q": text, "type": text}
    if path.endswith("/terms"):
        return {"q": text, "ontology": text}
    if path == "/sparql":
        return {"query": text, "default-graph-uri": text, "named-graph-uri": text, "format": text}
    if path == "/graphs":
        return {"graph": _TYPES["iri"], "default": text}
    if path == "/api/v1/imports":
        names = [form.name for form in formats()]
        flags = {name: {"type": "boolean"} for name in FLAGS}
        return {
            "name": text,
            **dict.fromkeys(TEXTS, text),
            "format": {"type": "string", "enum": names},
            "number": {"type": "integer", "minimum": 1},
            **flags,
        }
    return {}


def _operation(
    method: str, path: str, summary: str, parameters: Mapping[str, Document], content: list[str]
) -> Document:
    in_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if name == "number" else "string"},
        }
        for name in dict.fromkeys(_VARIABLE.findall(path))
    ]
    in_query = [
        {"name": name, "in": "query", "schema": schema} for name, schema in parameters.items()
    ]
    writes = method in ("PUT", "DELETE") or (method == "POST" and path != "/sparql")
    answer = {"description": summary, "content": {media_type: {} for media_type in content}}
    operation: Document = {
        "summary": summary,
        "operationId": f"{method.lower()} {path}",
        "parameters": in_path + in_query,
        "responses": {"204" if method == "DELETE" else "200": answer, "default": _PROBLEM},
    }
    if method == "DELETE":
        del answer["content"]
    if method in ("PUT", "POST"):
        operation["requestBody"] = {"required": True, "content": {"*/*": {}}}
    if writes:
        operation["security"] = _KEYED
    return operation
