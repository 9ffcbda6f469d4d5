"""Commands about ontologies: ontology add, list, remove."""

from __future__ import annotations

from pathlib import Path

import click

from fairgraph.cli.datasets import SourcePath
from fairgraph.cli.main import Context, end_when_interrupted
from fairgraph.cli.printing import counted, json_option, print_findings, print_json, print_table


@click.group("ontology")
def ontology_command() -> None:
    """Keep ontologies in the store: each version is a named graph, and several stand side by side."""


@ontology_command.command("add")
@click.argument("paths", metavar="FILE…", type=SourcePath(), nargs=-1, required=True)
@click.option(
    "--classify",
    is_flag=True,
    help="Let a reasoner (HermiT, needs Java) infer subclass axioms into a graph of their own.",
)
@json_option
@click.pass_obj
def add(context: Context, paths: tuple[Path, ...], classify: bool, as_json: bool) -> None:
    """Add ontologies: RDF/XML, Turtle, N-Triples or OBO. Nothing that they import is fetched."""
    end_when_interrupted()
    added = []
    with context.open() as fg:
        for path in paths:
            found, report = fg.add_ontology(path, classify=classify)
            added.append({**found.as_dict(), **report.as_dict()})
            if as_json:
                continue
            follows = "" if found.inferred is None else f", {found.inferred:,} axioms inferred"
            click.echo(
                f"{click.style(f'{found.name}@{found.version}', bold=True)} {found.title}: "
                f"{found.terms:,} terms, {found.triples:,} triples{follows}"
            )
            if len(report):
                click.echo(counted(report), err=True)
                print_findings(report, err=True)
    if as_json:
        print_json({"ontologies": added})


@ontology_command.command("list")
@json_option
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """List the ontologies of the store."""
    with context.open(create=False) as fg:
        found = fg.ontologies()
    if as_json:
        print_json({"ontologies": [ontology.as_dict() for ontology in found]})
        return
    rows = [(o.name, o.version, o.title, o.terms, o.triples, o.iri) for o in found]
    columns = ("name", "version", "title", "terms", "triples", "graph")
    print_table(columns, rows, right=("terms", "triples"))


@ontology_command.command("remove")
@click.argument("name", metavar="NAME")
@json_option
@click.pass_obj
def remove(context: Context, name: str, as_json: bool) -> None:
    """Remove an ontology: its name, name@version, or the IRI of its version."""
    with context.open(create=False) as fg:
        gone = fg.remove_ontology(name)
    if as_json:
        print_json(gone.as_dict())
    else:
        click.echo(f"{gone.name}@{gone.version} is removed", err=True)
