"""Commands that ask: query, queries, search, terms."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fairgraph.cli.main import Context, end_when_interrupted
from fairgraph.cli.printing import json_option, pairs, print_json, print_table, read_utf8
from fairgraph.errors import NotFound, UsageError

RESULTS = ("table", "csv", "tsv", "json", "xml", "ttl")


@click.command("query")
@click.argument("text", metavar="FILE.rq|NAME|-")
@click.option(
    "--param",
    "params",
    metavar="k=v",
    multiple=True,
    help="A parameter of a query of the catalogue.",
)
@click.option("--dataset", metavar="ID", help="Ask one dataset only.  [default: all]")
@click.option(
    "--results", type=click.Choice(RESULTS), help="How to print.  [default: table; ttl for graphs]"
)
@json_option
@click.pass_obj
def query_command(
    context: Context,
    text: str,
    params: tuple[str, ...],
    dataset: str | None,
    results: str | None,
    as_json: bool,
) -> None:
    """Ask a query: a file, the name of one in `queries`, or - for stdin."""
    form = "json" if as_json else results
    given = pairs(params)
    if "dataset" in given:
        raise UsageError("queries have no parameter dataset", hint="--dataset names one")
    end_when_interrupted()
    with (
        context.open(create=False) as fg,
        fg.query(query_text(text), dataset=dataset, **given) as answer,
    ):
        if form in (None, "table") and not answer.is_graph:
            if not answer.variables:
                click.echo("yes" if answer else "no")
                return
            rows = [["" if cell is None else cell.value for cell in row] for row in answer]
            print_table(answer.variables, rows)
            return
        form = "ttl" if form in (None, "table") else form
        form = "jsonld" if answer.is_graph and form == "json" else form
        stream = sys.stdout.buffer
        answer.write(stream, str(form))
        stream.flush()


def query_text(given: str) -> str:
    """Return the query that FILE.rq, NAME or - means: its text, or its name in the catalogue."""
    from fairgraph import queries

    if given == "-":
        return read_utf8(sys.stdin.buffer.read(), "stdin")
    if given in queries.catalogue():
        return given
    path = Path(given)
    if path.is_file():
        return read_utf8(path.read_bytes(), str(path))
    if any(character.isspace() for character in given):
        return given
    raise NotFound(
        f"there is no query file and no query called {given!r}",
        hint="`fairgraph queries` lists the queries",
    )


@click.command("queries")
@click.argument("name", metavar="[NAME]", required=False)
@json_option
@click.pass_obj
def queries_command(context: Context, name: str | None, as_json: bool) -> None:
    """List the queries that fairgraph comes with; with NAME print the text of one."""
    from fairgraph import queries

    found = [queries.get(name)] if name else list(queries.catalogue().values())
    if as_json:
        print_json(
            {
                "queries": [
                    {
                        "name": q.name,
                        "summary": q.summary,
                        "form": q.form,
                        "tags": list(q.tags),
                        "params": [
                            {"name": p.name, "type": p.type, "default": p.default} for p in q.params
                        ],
                        "text": q.text,
                    }
                    for q in found
                ]
            }
        )
    elif name:
        click.echo(found[0].text, nl=False)
    else:
        print_table(("query", "form", "summary"), [(q.name, q.form, q.summary) for q in found])


@click.command("search")
@click.argument("text", metavar="TEXT")
@click.option(
    "--type", "type_", metavar="CLASS", default="", help="Only things of a class: Sample."
)
@click.option("--dataset", metavar="ID", help="Search one dataset only.  [default: all]")
@json_option
@click.pass_obj
def search_command(
    context: Context, text: str, type_: str, dataset: str | None, as_json: bool
) -> None:
    """Find things by name, title, description or identifier: all words of TEXT, in whatever case."""
    end_when_interrupted()
    with context.open(create=False) as fg:
        found = [hit.as_dict() for hit in fg.search(text, type=type_, dataset=dataset)]
    if as_json:
        print_json({"hits": found})
        return
    rows = [[hit["name"], " ".join(hit["types"]), hit["text"], hit["iri"]] for hit in found]
    print_table(("name", "types", "found in", "iri"), rows)


@click.command("terms")
@click.argument("text", metavar="TEXT")
@click.option(
    "--ontology",
    metavar="NAME",
    default="",
    help="Only terms of one ontology: so, so@2021-11-22, an IRI.",
)
@json_option
@click.pass_obj
def terms_command(context: Context, text: str, ontology: str, as_json: bool) -> None:
    """Find terms of the loaded ontologies by label or synonym: all words of TEXT, in whatever case."""
    end_when_interrupted()
    with context.open(create=False) as fg:
        found = fg.terms(text, ontology=ontology)
    if as_json:
        print_json({"terms": [term.as_dict() for term in found]})
        return
    rows = [
        (
            term.curie or term.iri,
            term.label,
            "" if term.name == term.label else f"{term.name} ({term.kind})",
            f"deprecated{f', see {term.replaced_by}' if term.replaced_by else ''}"
            if term.deprecated
            else "",
            f"{term.ontology}@{term.version}",
        )
        for term in found
    ]
    print_table(("term", "label", "found in", "note", "ontology"), rows)
