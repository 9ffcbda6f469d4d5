"""Commands about datasets: import, list, show, set, remove."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fairgraph.cli.main import Context
from fairgraph.cli.printing import (
    counted,
    data_files_option,
    json_option,
    pairs,
    print_error,
    print_findings,
    print_json,
    print_table,
    progress,
    with_files_option,
)
from fairgraph.errors import FairgraphError, InvalidDataset, SourceError, UsageError

if TYPE_CHECKING:
    from fairgraph.api import Added
    from fairgraph.catalogue import Dataset


class SourcePath(click.Path):
    """The path of something to be read; an empty one is a mistake of a script, not the current folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; refuse an empty one."""
        if not str(value):
            self.fail("an empty path names nothing", param, ctx)
        return super().convert(value, param, ctx)


@click.command("import")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=SourcePath())
@click.option(
    "--format", "format_name", metavar="F", help="The format of the input.  [default: detected]"
)
@click.option(
    "--id",
    "slug",
    metavar="SLUG",
    help="The short name of the dataset.  [default: the name of the file or folder]",
)
@click.option(
    "--number",
    type=click.IntRange(1, 2**62),
    help="The number of the dataset.  [default: the next one]",
)
@click.option(
    "--visibility",
    type=click.Choice(["public", "private"]),
    help="Who may see it.  [default: public]",
)
@click.option(
    "--validate", is_flag=True, help="Check the shapes, too, and add what they find to the report."
)
@click.option(
    "--strict", is_flag=True, help="Refuse a dataset with violations; nothing is stored then."
)
@click.option(
    "--dry-run", is_flag=True, help="Store nothing; show the difference to what is stored."
)
@click.option("--option", "given", metavar="k=v", multiple=True, help="An option of the format.")
@data_files_option
@with_files_option
@json_option
@click.pass_obj
def import_command(
    context: Context,
    /,
    paths: tuple[Path, ...],
    format_name: str | None,
    given: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> int:
    """Import files, folders or archives: each becomes a dataset, or a new revision of the one it was."""
    if len(paths) > 1 and (options["slug"] or options["number"]):
        raise click.UsageError("--id and --number name one dataset; import the paths one by one")
    added: list[Added] = []
    failed: list[tuple[Path, FairgraphError]] = []
    with context.open() as fg, progress(len(paths), quiet=context.verbosity < 0 or as_json) as say:
        for path in paths:
            say(str(path))
            try:
                named = f"{path.name}: "
                done = fg.add(
                    path,
                    format=format_name,
                    options=pairs(given),
                    progress=lambda step, named=named: say(named + step),  # type: ignore[misc]
                    **options,
                )
            except FairgraphError as error:
                if error.exit_code == 5 or isinstance(error, UsageError):
                    raise  # no other path would fare better
                failed.append((path, error))
            else:
                added.append(done)
            say("done")
    print_added(added, failed, quiet=context.verbosity < 0, as_json=as_json)
    if not as_json:
        for path, refusal in failed:
            described = refusal.as_dict()
            if not refusal.where:
                described["message"] = f"{path}: {refusal.message}"
            print_error(described, as_json)
            if isinstance(refusal, InvalidDataset):
                print_findings(refusal.report, err=True)
    if failed:
        return max(refusal.exit_code for _, refusal in failed)
    return 1 if options["validate"] and not all(a.report.conforms for a in added) else 0


def print_added(
    added: Sequence[Added],
    failed: Sequence[tuple[Path, FairgraphError]] = (),
    *,
    quiet: bool,
    as_json: bool,
) -> None:
    """Print what became of imports; what failed only as JSON."""
    if as_json:
        print_json(
            {"datasets": [_added(a) for a in added], "failed": [_failed(p, e) for p, e in failed]}
        )
        return
    for one in added:
        _print_added(one, quiet=quiet)


def _added(added: Added) -> dict[str, Any]:
    dataset = added.dataset
    found: dict[str, Any] = {
        "id": dataset.number,
        "slug": dataset.slug,
        "iri": dataset.iri,
        "format": dataset.format,
        "title": dataset.title,
        "counts": dict(dataset.counts),
        "created": added.created,
        "changed": added.changed,
        "findings": [finding.as_dict() for finding in added.report],
    }
    if added.difference is not None:
        found["difference"] = {
            "added": [str(triple) for triple in added.difference.added],
            "removed": [str(triple) for triple in added.difference.removed],
        }
    return found


def _failed(path: Path, error: FairgraphError) -> dict[str, Any]:
    found: dict[str, Any] = {"path": str(path), "error": error.as_dict()}
    if isinstance(error, (InvalidDataset, SourceError)) and error.report is not None:
        found["findings"] = [finding.as_dict() for finding in error.report]
    return found


def _print_added(added: Added, *, quiet: bool) -> None:
    dataset = added.dataset
    state = "new" if added.created else "revised" if added.changed else "unchanged"
    if added.difference is not None:
        state = f"dry run: {len(added.difference.added)} more, {len(added.difference.removed)} less"
        name = dataset.slug
    else:
        name = f"{dataset.number} {dataset.slug}"
    click.echo(f"{click.style(name, bold=True)}  {dataset.title}  ({state})")
    if quiet:
        return
    click.echo(f"  {dataset.format}: {_counts(dataset)}", err=True)
    click.echo(f"  {counted(added.report)}", err=True)
    print_findings(added.report, err=True, limit=8)
    if added.difference is not None:
        for sign, triples in (("+", added.difference.added), ("-", added.difference.removed)):
            for triple in triples[:20]:
                click.echo(f"  {sign} {triple}", err=True)
            if len(triples) > 20:
                click.echo(f"  {sign} and {len(triples) - 20} more (--json prints all)", err=True)


def _counts(dataset: Dataset) -> str:
    return ", ".join(f"{n} {name}" for name, n in dataset.counts.items() if n)


@click.command("list")
@json_option
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """List the datasets of the store."""
    with context.open(create=False) as fg:
        found = fg.datasets()
        if as_json:
            print_json({"datasets": [dataset.as_dict() for dataset in found]})
            return
        rows = [
            (
                d.number,
                d.slug,
                d.format,
                d.counts.get("samples", 0),
                d.counts.get("triples", 0),
                d.visibility,
                d.title,
            )
            for d in found
        ]
        columns = ("id", "slug", "format", "samples", "triples", "visibility", "title")
        print_table(columns, rows, right=("id", "samples", "triples"))


@click.command("show")
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def show_command(context: Context, name: str, as_json: bool) -> None:
    """Show one dataset: counts, findings, where it came from."""
    with context.open(create=False) as fg:
        dataset = fg.dataset(name)
        if as_json:
            print_json(dataset.as_dict())
            return
        click.echo(f"{click.style(dataset.title, bold=True)}")
        lines = {
            "id": dataset.number,
            "slug": dataset.slug,
            "IRI": dataset.iri,
            "format": dataset.format,
            "visibility": dataset.visibility,
            "status": dataset.status,
            "license": dataset.license,
            "DOI": dataset.doi,
            "created": dataset.created,
            "modified": dataset.modified,
            "holds": _counts(dataset),
            "from": ", ".join(f"{s.name} (sha256 {s.sha256[:12]}…)" for s in dataset.sources),
            "revisions": len(dataset.revisions),
            "findings": counted(dataset.report),
        }
        for label, value in lines.items():
            if value != "":
                click.echo(f"  {label:<11}{value}")
        print_findings(dataset.report)


@click.command("set")
@click.argument("name", metavar="ID")
@click.option("--title")
@click.option("--doi")
@click.option("--license", "license")
@click.option("--status")
@click.option("--visibility", type=click.Choice(["public", "private"]))
@json_option
@click.pass_obj
def set_command(context: Context, /, name: str, as_json: bool, **fields: str | None) -> None:
    """Change title, DOI, license, status or visibility of a dataset."""
    given = {field: value for field, value in fields.items() if value is not None}
    if not given:
        raise click.UsageError(
            "nothing to set: name at least one of --title --doi --license --status --visibility"
        )
    with context.open(create=False) as fg:
        _done(fg.set(name, **given), as_json, "changed")


@click.command("remove")
@click.argument("name", metavar="ID")
@click.option("--purge", is_flag=True, help="Forget its history, too. This cannot be undone.")
@json_option
@click.pass_obj
def remove_command(context: Context, name: str, purge: bool, as_json: bool) -> None:
    """Remove a dataset; `revert` brings it back unless it is purged."""
    with context.open(create=False) as fg:
        _done(fg.remove(name, purge=purge), as_json, "purged" if purge else "removed")


def _done(dataset: Dataset, as_json: bool, what: str) -> None:
    if as_json:
        print_json(dataset.as_dict())
    else:
        click.echo(f"{what} {dataset.number} {dataset.slug}  {dataset.title}")
