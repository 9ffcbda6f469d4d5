"""The platform card: what this store is, for programs and for those who write them. Everything in it is made from the code and the data.

As JSON (``/api/v1/platform-card``) and as Markdown (``/CLAUDE.md``, ``/llms.txt``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any

from flask import Blueprint, Response, current_app, request

from fairgraph import __version__, queries
from fairgraph.curies import curie
from fairgraph.exports.export import exports
from fairgraph.importers.format import formats
from fairgraph.markdown import code, inline, table
from fairgraph.scores.score import RULE_SETS
from fairgraph.terms import compact, own_rows
from fairgraph.web import vocabulary
from fairgraph.web.asking import Asking, asked
from fairgraph.web.negotiation import answer_if_known, etag_of, json_response
from fairgraph.web.rest.openapi import description

blueprint = Blueprint("platform", __name__)

_CONVERTER = re.compile(r"<(?:([^<>]+):)?(\w+)>")
_COUNTED = ("studies", "assays", "samples", "processes", "files", "triples")
_CLASSES = 40
_ABOUT = (
    "A store of research metadata in which everything is triples: investigations, studies, assays, samples, processes and files, "
    "imported from {formats}, validated by shapes, asked by SPARQL, exported in standard formats."
)
_MODEL = (
    "One named graph per dataset, called by the dataset's own IRI; a record graph beside it (number, title, licence, history).",
    "Investigation schema:hasPart study schema:hasPart assay; studies and assays isa:process, isa:sample, isa:source, isa:dataFile.",
    "A process takes in schema:object and gives out schema:result; prov:used, prov:wasGeneratedBy and prov:wasDerivedFrom follow from them.",
    "Materials have schema:additionalProperty, processes bioschemas:parameterValue: a schema:PropertyValue with fg:category, schema:value or schema:valueReference (an ontology term), and schema:unitCode.",
    "Without GRAPH or FROM, SPARQL asks the union of all public datasets.",
)
_AUTHENTICATION = (
    "None is needed to read what is public.",
    "A key (X-API-Key, or Authorization: Bearer) shows what is private, too; one of scope write changes the store, if the server lets it.",
    "What a caller may not see is answered with 404, as if it were not there.",
)


@blueprint.get("/platform-card")
def platform_card() -> Response:
    """The platform card as JSON: statistics, data model, addresses, formats, ontologies, examples."""
    etag = _etag("json")
    response = json_response(_document())
    response.set_etag(etag)
    return response


def markdown_card() -> Response:
    """The platform card as Markdown, for AI assistants and those who write programs."""
    etag = _etag("markdown")
    plain = request.path.endswith(".txt")
    kind = "text/plain" if plain else "text/markdown"
    response = Response(markdown(_document()), content_type=f"{kind}; charset=utf-8")
    response.set_etag(etag)
    return response


pages = Blueprint("platform_pages", __name__)
pages.add_url_rule("/CLAUDE.md", "claude", markdown_card)
pages.add_url_rule("/llms.txt", "llms", markdown_card)


@pages.get("/openapi.json")
def openapi() -> Response:
    """This API in OpenAPI 3.1: every address, every export with its options, every query with its parameters."""
    etag = _etag("openapi")
    response = json_response(description(endpoints(), request.host_url))
    response.set_etag(etag)
    return response


def _etag(form: str) -> str:
    etag = etag_of(asked().version(), "platform", form, request.host_url)
    answer_if_known(etag)
    return etag


def _document() -> dict[str, Any]:
    asking = asked()
    datasets = list(_datasets(asking))
    host = request.host_url
    return {
        "name": "fairgraph",
        "version": __version__,
        "about": _ABOUT.format(formats=", ".join(form.label for form in formats())),
        "url": host,
        "base": asking.base,
        "statistics": {
            "investigations": len(datasets),
            **{name: sum(dataset[name] for dataset in datasets) for name in _COUNTED},
        },
        "investigations": datasets,
        "data_model": {"rules": list(_MODEL), "classes": list(_classes(asking))},
        "endpoints": list(endpoints()),
        "authentication": list(_AUTHENTICATION),
        "export_formats": [
            {
                "name": export.name,
                "label": export.label,
                "group": export.group,
                "media_type": export.media_type.split(";")[0],
                "of": "one dataset, several or all" if export.scope == "any" else "one dataset",
                "options": dict(export.options),
                "needs": [name for name in export.needs if find_spec(name) is None],
            }
            for export in exports()
        ],
        "import_formats": [{"name": form.name, "label": form.label} for form in formats()],
        "scores": [
            {"rules": rules.name, "label": rules.label, "parts": list(rules.parts)}
            for rules in RULE_SETS
        ],
        "ontologies": [
            {"name": name.value, "terms": int(terms.value)}
            for name, terms in asking.rows("platform/ontologies")
        ],
        "organisms": [
            {
                "label": name.value,
                "iri": term.value,
                "curie": curie(term.value),
                "annotations": int(count.value),
            }
            for name, term, count in asking.rows("platform/organisms")
        ],
        "queries": [
            {"name": query.name, "summary": query.summary}
            for query in queries.catalogue().values()
            if query.form == "select" and query.name.startswith(("examples/", "browse/"))
        ],
        "examples": examples(host, datasets[0]["id"] if datasets else None),
    }


def _datasets(asking: Asking) -> Iterator[dict[str, Any]]:
    for row in own_rows(asking.rows("platform/statistics"), asking.base):
        counts = {name: int(row[name].value) if row[name] is not None else 0 for name in _COUNTED}
        yield {
            "id": int(row["number"].value),
            "title": row["title"].value,
            "iri": row["dataset"].value,
            **counts,
        }


def _classes(asking: Asking) -> Iterator[dict[str, Any]]:
    for kind, things in asking.rows("platform/classes")[:_CLASSES]:
        yield {
            "class": compact(kind.value),
            "things": int(things.value),
            "means": vocabulary.comment(kind.value),
        }


def endpoints() -> Iterator[dict[str, str]]:
    """Yield the addresses of the application, from its routes: method, path, what it answers with."""
    found = {}
    for rule in current_app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.rule.startswith("/api.php/"):
            continue
        methods = " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        path = _CONVERTER.sub(_place, rule.rule)
        text = current_app.view_functions[rule.endpoint].__doc__ or ""
        answer = " ".join(text.split("\n\n")[0].split()).split(". ")[0].rstrip(".")
        answer = answer.replace("``", "`")
        found[path, methods] = {"path": path, "methods": methods, "answers": answer}
    return (found[key] for key in sorted(found))


def _place(match: re.Match[str]) -> str:
    # A place where one of some words may stand names them: it has no other documentation.
    words = re.findall(r'"([^"]+)"', match[1] or "")
    return f"{{{'|'.join(words) or match[2]}}}"


def examples(host: str, number: int | None) -> list[dict[str, str]]:
    """Return code that runs against this server as it is; *number* is that of an investigation, if there is one."""
    here = f"{host}api/v1"
    one = f"{here}/investigations/{number}"
    names = {export.name for export in exports()}
    found = [
        {
            "title": "List the investigations",
            "language": "sh",
            "code": f'curl "{here}/investigations"',
        },
        {
            "title": "All samples of all investigations as CSV",
            "language": "sh",
            "code": f'curl -o samples.csv "{here}/export/samples-csv"',
        },
        {
            "title": "Ask in SPARQL",
            "language": "sh",
            "code": f"curl -H 'Accept: text/csv' --data-urlencode 'query=SELECT ?class (COUNT(?thing) AS ?things) {{ ?thing a ?class }} GROUP BY ?class' \"{host}sparql\"",
        },
    ]
    if number is not None:
        card = {"title": "The data card of one", "language": "sh", "code": f'curl "{one}/card"'}
        found.insert(1, card)
    if "ml-csv" in names and number is not None:
        found.append(
            {
                "title": "The matrix of samples and features for pandas",
                "language": "python",
                "code": f'import pandas as pd\n\nsamples = pd.read_csv("{one}/ml-export?format=csv", keep_default_na=False, na_values=[""])',
            }
        )
    return found


def markdown(document: dict[str, Any]) -> str:
    """Return the platform card as Markdown, in the form of llms.txt: a title, a summary, sections."""
    lines = ["# fairgraph", "", f"> {document['about']}", ""]
    lines += [f"Version {document['version']}, at <{document['url']}>.", ""]
    for title, section in (
        ("Statistics", _rows(("what", "how many"), document["statistics"].items())),
        ("Investigations", _investigations(document)),
        ("Data model", _model(document["data_model"])),
        (
            "Addresses",
            _rows(
                ("methods", "path", "answers with"),
                (
                    (e["methods"], code(e["path"]), e["answers"].replace("|", "\\|"))
                    for e in document["endpoints"]
                ),
            ),
        ),
        ("Authentication", (f"* {text}" for text in document["authentication"])),
        (
            "Export formats",
            _rows(
                ("format", "what", "media type", "of"),
                (
                    (code(e["name"]), inline(e["label"]), inline(e["media_type"]), e["of"])
                    for e in document["export_formats"]
                ),
            ),
        ),
        (
            "Import formats",
            _rows(
                ("format", "what"),
                ((code(f["name"]), inline(f["label"])) for f in document["import_formats"]),
            ),
        ),
        (
            "Ontologies",
            _rows(
                ("source", "terms in use"),
                ((inline(o["name"]), o["terms"]) for o in document["ontologies"]),
            ),
        ),
        (
            "Organisms",
            _rows(
                ("organism", "term", "annotations"),
                (
                    (inline(o["label"]), inline(o["curie"] or o["iri"]), o["annotations"])
                    for o in document["organisms"]
                ),
            ),
        ),
        (
            "Named queries",
            (f"* `{query['name']}`: {inline(query['summary'])}" for query in document["queries"]),
        ),
        ("Examples", _examples(document["examples"])),
    ):
        content = list(section)
        if content:
            lines += [f"## {title}", "", *content, ""]
    return "\n".join(lines)


def _rows(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    found = [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in rows]
    if found:
        yield from table(head, found)


def _investigations(document: dict[str, Any]) -> Iterator[str]:
    return _rows(
        ("id", "title", "samples", "card"),
        (
            (
                str(d["id"]),
                inline(d["title"]),
                d["samples"],
                f"`{document['url']}api/v1/investigations/{d['id']}/card`",
            )
            for d in document["investigations"]
        ),
    )


def _model(model: dict[str, Any]) -> Iterator[str]:
    yield from (f"* {rule}" for rule in model["rules"])
    yield ""
    yield from _rows(
        ("class", "things", "means"),
        ((code(c["class"]), c["things"], inline(c["means"])) for c in model["classes"]),
    )


def _examples(found: list[dict[str, str]]) -> Iterator[str]:
    for example in found:
        yield from (
            f"{example['title']}:",
            "",
            f"```{example['language']}",
            example["code"],
            "```",
            "",
        )
