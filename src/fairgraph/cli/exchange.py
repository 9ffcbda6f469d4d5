"""Commands that check and write datasets: validate, export, convert."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from fairgraph.cli.asking import query_text
from fairgraph.cli.datasets import SourcePath
from fairgraph.cli.main import Context
from fairgraph.cli.printing import (
    SHOWN_FINDINGS,
    counted,
    data_files_option,
    json_option,
    output,
    pairs,
    print_findings,
    print_json,
    print_table,
)
from fairgraph.errors import NotFound, StoreError, UsageError
from fairgraph.report import Report

if TYPE_CHECKING:
    from fairgraph.answers import Exported
    from fairgraph.exports.loss_report import Loss


@click.command("validate")
@click.argument("names", metavar="ID|PATH…", nargs=-1, required=True)
@click.option("--profile", help="The profile of shapes.  [default: that of the format]")
@data_files_option
@json_option
@click.pass_obj
def validate_command(
    context: Context, names: tuple[str, ...], profile: str | None, data_files: bool, as_json: bool
) -> int:
    """Check datasets, or files and folders without keeping them. Exit code 1 if there is a violation.

    A name is that of a dataset before it is that of a file; what has a / in it and is there is a file.
    """
    checked = {name: _validate(context, name, profile, data_files) for name in names}
    reports = {name: report for name, (_, report) in checked.items()}
    if as_json:
        documents: Any = {
            name: {"checked": what, **report.as_dict()} for name, (what, report) in checked.items()
        }
        print_json(documents if len(names) > 1 else next(iter(documents.values())))
    else:
        for name, (what, report) in checked.items():
            verdict = (
                click.style("conforms", fg="green")
                if report.conforms
                else click.style("does not conform", fg="red")
            )
            click.echo(f"{click.style(name, bold=True)} ({what}) {verdict}: {counted(report)}")
            print_findings(report, limit=100)
    return 0 if all(report.conforms for report in reports.values()) else 1


def _validate(
    context: Context, name: str, profile: str | None, data_files: bool
) -> tuple[str, Report]:
    """Return what was checked, a dataset or a path, and what was found."""
    if not name:
        raise UsageError("an empty name is that of no dataset and no file")
    is_path = Path(name).exists()
    if not (is_path and os.sep in name):
        try:
            with context.open(create=False) as fg:
                dataset = fg.dataset(name)
                if data_files:
                    message = "a dataset of the store does not know where its data files are"
                    hint = (
                        "--data-files looks beside the metadata: give the file or folder, with a /"
                    )
                    raise UsageError(message, hint=hint)
                return f"dataset {dataset.slug}", fg.validate(dataset, profile=profile)
        except (NotFound, StoreError):
            if not is_path:
                raise
    kind = "folder" if Path(name).is_dir() else "file"
    return kind, _validate_path(context, name, profile, data_files)


def _validate_path(context: Context, name: str, profile: str | None, data_files: bool) -> Report:
    from fairgraph.checking import profile_of_path, validate_path
    from fairgraph.validation.shapes import FAIRTRACKS_PROFILE

    profile = profile or profile_of_path(name)
    if profile != FAIRTRACKS_PROFILE:
        return validate_path(name, profile, data_files=data_files)
    try:
        store = context.open(create=False)
    except (NotFound, StoreError):  # there is none: no ontologies to look terms up in
        return validate_path(name, profile, data_files=data_files)
    with store as fg:
        return validate_path(name, profile, fg.store, data_files=data_files)


@click.command("export")
@click.argument("format_name", metavar="[FORMAT]", required=False)
@click.argument("names", metavar="[ID…]", nargs=-1)
@click.option(
    "--samples", metavar="FILE.rq|NAME", help="Only the samples in the first column of this query."
)
@click.option(
    "-o", "--output", "target", metavar="FILE|DIR|-", help="Where to.  [default: - (stdout)]"
)
@click.option("--option", "options", metavar="k=v", multiple=True, help="An option of the format.")
@click.option("--list", "list_formats", is_flag=True, help="List the formats and their options.")
@click.option(
    "--all", "all_formats", is_flag=True, help="Write every format into the folder given by -o."
)
@json_option
@click.pass_obj
def export_command(
    context: Context,
    format_name: str | None,
    names: tuple[str, ...],
    samples: str | None,
    target: str | None,
    options: tuple[str, ...],
    list_formats: bool,
    all_formats: bool,
    as_json: bool,
) -> None:
    """Write a dataset in another format. Tables are of several datasets, too, and without ID of all."""
    if list_formats:
        _list_formats(as_json)
        return
    if all_formats:
        _export_all(context, names[0] if names else format_name, target, as_json)
        return
    if format_name is None:
        raise click.UsageError("name a format (export --list lists them) or --all")
    from fairgraph.exports.export import get

    with context.open(create=False) as fg:
        chosen = pairs(options)
        get(format_name).check_options(chosen)
        selected = None if samples is None else query_text(samples)
        exported = fg.export(format_name, names, samples=selected, **chosen)
        target = _write_export(exported, target)
    if target and target != "-":
        _written([target], as_json)


def _write_export(exported: Exported, target: str | None) -> str | None:
    """Write an export to where ``-o`` says; return the path, if it is one."""
    path = None
    if target and target != "-":
        path = str(exported.to_path(target))
    else:
        with output("-") as stream:
            exported.write(stream)
    for note in exported.notes[:SHOWN_FINDINGS]:
        click.echo(f"note: {note}", err=True)
    if (more := len(exported.notes) - SHOWN_FINDINGS) > 0:
        click.echo(f"note: and {more} more", err=True)
    return path


def _list_formats(as_json: bool) -> None:
    from fairgraph.exports.export import exports

    if as_json:
        print_json(
            {
                "formats": [
                    {
                        "name": e.name,
                        "label": e.label,
                        "media_type": e.media_type,
                        "query": e.query,
                        "options": dict(e.options),
                    }
                    for e in exports()
                ]
            }
        )
        return
    rows = [(e.name, e.label, e.query, " ".join(e.options) or "-") for e in exports()]
    print_table(("format", "label", "query", "options"), rows)


def _export_all(context: Context, name: str | None, target: str | None, as_json: bool) -> None:
    from fairgraph.exports.export import installed

    if name is None or target in (None, "-"):
        raise click.UsageError("--all needs an ID and a folder: export --all ID -o DIR")
    folder = Path(str(target))
    with context.open(create=False) as fg:
        dataset = fg.dataset(name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot be made: {error.strerror}", where=str(folder)) from error
        written = []
        for export in installed():
            path = folder / f"{dataset.slug}.{export.name}.{export.suffix}"
            written.append(str(fg.export(export.name, dataset).to_path(path)))
    _written(written, as_json)


def _written(paths: list[str], as_json: bool) -> None:
    if as_json:
        print_json({"written": paths})
    else:
        for path in paths:
            click.echo(path, err=True)


@click.command("convert")
@click.argument("path", metavar="PATH", type=SourcePath())
@click.argument("format_name", metavar="FORMAT")
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE|DIR|-",
    default="-",
    show_default=True,
    help="Where to.",
)
@click.option(
    "--format", "source_format", metavar="F", help="The format of PATH.  [default: detected]"
)
@click.option("--option", "options", metavar="k=v", multiple=True, help="An option of the export.")
@json_option
@click.pass_obj
def convert_command(
    context: Context,
    path: Path,
    format_name: str,
    target: str,
    source_format: str | None,
    options: tuple[str, ...],
    as_json: bool,
) -> None:
    """Import PATH into a store that is forgotten afterwards, and export it. What was found, and what FORMAT does not carry, goes to stderr."""
    from fairgraph.conversion import convert

    lost: list[Loss] = []
    tells = context.verbosity >= 0 or as_json

    def run(to: BinaryIO | str) -> Report:
        return convert(
            path,
            format_name,
            to,
            format=source_format,
            options=pairs(options),
            tell_loss=lost.append if tells else None,
        )

    if target == "-":
        with output(target) as stream:
            report = run(stream)
    else:
        report = run(target)
    if as_json and target != "-":
        loss = {"loss": lost[0].as_dict()} if lost else {}
        print_json({"written": [target], **report.as_dict(), **loss})
    elif context.verbosity >= 0:
        if len(report):
            click.echo(counted(report), err=True)
            print_findings(report, err=True)
        for loss_of in lost:
            _print_loss(loss_of)


def _print_loss(loss: Loss) -> None:
    """Print on stderr what an export does not carry; nothing if it carries everything."""
    if not loss.not_carried:
        return
    count = sum(group.triples for group in loss.not_carried)
    click.echo(
        f"loss report: {loss.format} does not carry {count:,} of {loss.triples:,} triples",
        err=True,
    )
    for group in loss.not_carried[:SHOWN_FINDINGS]:
        text = f"{group.triples:>9,}  {group.type} {group.property}"
        click.echo(f"{text}  {click.style(group.example, dim=True)}", err=True)
    if (more := len(loss.not_carried) - SHOWN_FINDINGS) > 0:
        click.echo(f"           and {more} more kinds: --json, or export loss-report", err=True)
