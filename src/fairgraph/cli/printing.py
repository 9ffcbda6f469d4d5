"""How the command line prints: tables and progress for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from fairgraph.writing import whole_file

if TYPE_CHECKING:
    from fairgraph.report import Report

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")

data_files_option = click.option(
    "--data-files", is_flag=True, help="Look whether the data files are beside the metadata."
)

with_files_option = click.option(
    "--with-files/--no-files",
    default=None,
    help="Keep the data files in the store, too.  [default: of notebooks and crates in an archive]",
)

SHOWN_FINDINGS = 20
_COLOURS = {"violation": "red", "warning": "yellow", "info": "cyan"}


def print_json(document: Any) -> None:
    """Print one JSON document to stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def print_error(error: dict[str, Any], as_json: bool) -> None:
    """Print an error to stderr: a line, and what to do; or ``{"error": …}``."""
    if as_json:
        click.echo(json.dumps({"error": error}, ensure_ascii=False), err=True)
        return
    click.echo(f"{click.style('error', fg='red', bold=True)}: {error['message']}", err=True)
    if error["hint"]:
        click.echo(f"  {error['hint']}", err=True)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Iterable[str] = ()
) -> None:
    """Print rows under headings, as wide as the terminal allows; tab-separated when stdout is no terminal."""
    if not sys.stdout.isatty():
        click.echo("\t".join(columns))
        for row in rows:
            click.echo("\t".join(str(cell) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)


def print_findings(report: Report, *, err: bool = False, limit: int = SHOWN_FINDINGS) -> None:
    """Print the findings of a report, worst first, and how many there are of each severity."""
    findings = list(report)
    for finding in findings[:limit]:
        severity = click.style(finding.severity, fg=_COLOURS[finding.severity])
        number = f"rule {finding.content_rule}" if finding.content_rule else ""
        numbers = ", ".join(filter(None, (finding.code, number)))
        code = f" [{numbers}]" if numbers else ""
        times = f" (x{finding.count})" if finding.count > 1 else ""
        where = f"{finding.where}: " if finding.where else ""
        click.echo(f"  {severity}{code} {where}{finding.message}{times}", err=err)
    if len(findings) > limit:
        click.echo(f"  and {len(findings) - limit} more (--json prints all)", err=err)


def counted(report: Report) -> str:
    """Return the numbers of findings in words."""
    return ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for name, n in report.counts.items())


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show a progress bar on stderr while several things are done; the value is a function that says what is done now."""
    if quiet or not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=total)

        def say(step: str) -> None:
            if step == "done":
                bars.advance(task)
            else:
                bars.update(task, description=step)

        yield say


@contextmanager
def output(path: str) -> Iterator[BinaryIO]:
    """Open a file for writing bytes, ``-`` for stdout; a file appears only when it is complete."""
    if path == "-":
        stream = sys.stdout.buffer
        yield stream
        stream.flush()
        return
    with whole_file(path) as file:
        yield file


def pairs(values: Iterable[str]) -> dict[str, str]:
    """Turn ``k=v`` arguments into a dictionary; raise UsageError for one without ``=``."""
    from fairgraph.errors import UsageError

    found = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals:
            raise UsageError(f"{value!r} is not of the form name=value")
        found[name] = text
    return found


def read_utf8(data: bytes, name: str) -> str:
    """Decode what somebody wrote; raise QueryError, with the offset, if it is not UTF-8."""
    from fairgraph.errors import QueryError

    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QueryError(f"is not UTF-8 at byte {error.start}", where=name) from error
