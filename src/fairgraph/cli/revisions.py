"""Commands about what a dataset was: history, diff, revert, update."""

from __future__ import annotations

from dataclasses import asdict
from typing import BinaryIO

import click

from fairgraph.cli.main import Context, end_when_interrupted
from fairgraph.cli.printing import json_option, print_json, print_table, read_utf8


@click.command("history")
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def history_command(context: Context, name: str, as_json: bool) -> None:
    """List the revisions of a dataset, the first one first."""
    with context.open(create=False) as fg:
        revisions = fg.history(name)
        if as_json:
            print_json({"revisions": [{"name": r.name, **asdict(r)} for r in revisions]})
            return
        rows = [(r.name, r.operation, r.time, r.triples, r.agent) for r in revisions]
        print_table(("revision", "operation", "time", "triples", "by"), rows, right=("triples",))


@click.command("diff")
@click.argument("name", metavar="ID")
@click.argument("revision", metavar="[REVISION]", required=False)
@json_option
@click.pass_obj
def diff_command(context: Context, name: str, revision: str | None, as_json: bool) -> None:
    """Show what a dataset has more and less than REVISION (the one before, if none is named)."""
    with context.open(create=False) as fg:
        difference = fg.diff(name, revision)
    added, removed = ([str(t) for t in ts] for ts in (difference.added, difference.removed))
    if as_json:
        print_json({"added": added, "removed": removed})
        return
    for line in removed:
        click.echo(click.style(f"- {line}", fg="red"))
    for line in added:
        click.echo(click.style(f"+ {line}", fg="green"))
    click.echo(f"{len(added)} more, {len(removed)} less", err=True)


@click.command("revert")
@click.argument("name", metavar="ID")
@click.argument("revision", metavar="REVISION")
@json_option
@click.pass_obj
def revert_command(context: Context, name: str, revision: str, as_json: bool) -> None:
    """Give a dataset the content of REVISION again, as a new revision."""
    with context.open(create=False) as fg:
        dataset = fg.revert(name, revision)
    if as_json:
        print_json(dataset.as_dict())
    else:
        click.echo(f"reverted {dataset.number} {dataset.slug} to {revision}")


@click.command("update")
@click.argument("file", metavar="FILE.ru|-", type=click.File("rb"))
@json_option
@click.pass_obj
def update_command(context: Context, file: BinaryIO, as_json: bool) -> None:
    """Run a SPARQL Update; what each touched dataset was before goes into its history."""
    end_when_interrupted()
    with context.open() as fg:
        touched = fg.update(read_utf8(file.read(), "the update"))
    if as_json:
        print_json({"datasets": [dataset.as_dict() for dataset in touched]})
        return
    for dataset in touched:
        click.echo(f"changed {dataset.number} {dataset.slug}  {dataset.title}")
    if not touched:
        click.echo("nothing changed", err=True)
