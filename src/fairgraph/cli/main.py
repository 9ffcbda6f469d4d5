"""The group of commands, its options, and what becomes of errors."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from fairgraph import __version__
from fairgraph.cli.printing import print_error
from fairgraph.errors import FairgraphError

if TYPE_CHECKING:
    from fairgraph.api import Fairgraph

# Command, module, one line of help. Modules are loaded when their command runs: `--help` must not wait for them.
COMMANDS: dict[str, tuple[str, str]] = {
    "import": ("datasets", "Import files, folders or archives."),
    "list": ("datasets", "List the datasets of the store."),
    "show": ("datasets", "Show one dataset: counts, findings, where it came from."),
    "set": ("datasets", "Change title, DOI, license, status or visibility of a dataset."),
    "remove": ("datasets", "Remove a dataset; its history stays unless purged."),
    "history": ("revisions", "List the revisions of a dataset."),
    "diff": ("revisions", "Show what a dataset has more and less than one of its revisions."),
    "revert": ("revisions", "Give a dataset the content of one of its revisions again."),
    "update": ("revisions", "Run a SPARQL Update."),
    "validate": ("exchange", "Check datasets, or files without keeping them, against the shapes."),
    "export": ("exchange", "Write a dataset in another format."),
    "convert": ("exchange", "Import into a store that is forgotten afterwards, and export."),
    "run": ("runs", "Record an analysis run."),
    "score": ("scoring", "Show how FAIR and how ready for AI a dataset is, and what to do next."),
    "query": ("asking", "Ask a query: a file, a name from `queries`, or - for stdin."),
    "search": ("asking", "Find things by name, title, description or identifier."),
    "terms": ("asking", "Find ontology terms by label or synonym."),
    "queries": ("asking", "List the queries that fairgraph comes with; with NAME print one."),
    "ontology": ("ontologies", "Add, list or remove ontologies."),
    "key": ("keys", "Make, list or revoke API keys."),
    "serve": ("serving", "Serve the web application."),
    "demo": ("serving", "Load the examples, validate them, export everything."),
}


@dataclass
class Context:
    """What the options before the command say."""

    store: str | None
    verbosity: int

    def open(self, *, create: bool = True) -> Fairgraph:
        """Open the store that was named."""
        from fairgraph.api import Fairgraph
        from fairgraph.store import open_store

        return Fairgraph(open_store(self.store, create=create), agent="cli")


def end_when_interrupted() -> None:
    """Let Ctrl-C end the process at once: the engine cannot be told to stop, and the store survives a kill at any moment."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"fairgraph.cli.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, f"{name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            names = ", ".join(COMMANDS)
            raise click.UsageError(f"{error.message} Commands: {names}.", ctx) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fairgraph")
@click.option(
    "--store",
    metavar="DIR|URL",
    envvar="FAIRGRAPH_STORE",
    help="The data folder, or a SPARQL server.  [default: ./fairgraph-data, or $FAIRGRAPH_STORE]",
)
@click.option("-q", "--quiet", is_flag=True, help="Print results and errors only.")
@click.option("-v", "--verbose", count=True, help="Say more; tracebacks of errors, too.")
@click.pass_context
def cli(ctx: click.Context, store: str | None, quiet: bool, verbose: int) -> None:
    """All research metadata as triples in one store: imported, validated, queried, exported.

    ID is the number, slug or IRI of a dataset. Exit codes: 0 done, 1 findings (validation failed), 2 usage, 3 input refused, 4 not
    found, 5 store locked or unavailable, 130 interrupted.
    """
    verbosity = -1 if quiet else verbose
    logging.basicConfig(level=logging.DEBUG if verbosity > 1 else logging.WARNING)
    ctx.obj = Context(store, verbosity)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    args = sys.argv[1:] if arguments is None else arguments
    code = run(args)
    with contextlib.suppress(OSError, ValueError):  # whoever read our output may have gone
        sys.stdout.flush()
        sys.stderr.flush()
    # Everything is closed. Freeing millions of terms one by one would only make the user wait.
    os._exit(code)


def run(args: list[str]) -> int:
    """Run the command line; return the exit code. No traceback reaches a user without ``-v``."""
    as_json = "--json" in args
    verbose = any(arg in ("-v", "-vv", "--verbose") for arg in args)
    try:
        result: Any = cli.main(args, prog_name="fairgraph", standalone_mode=False)
        return int(result) if isinstance(result, int) else 0
    except FairgraphError as error:
        if verbose:
            logging.getLogger("fairgraph").exception("error")
        print_error(error.as_dict(), as_json)
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        return 2
    except click.ClickException as error:
        hint = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
        print_error({"code": "usage", "message": error.format_message(), "hint": hint}, as_json)
        return 2
    except (KeyboardInterrupt, click.Abort):
        print_error({"code": "interrupted", "message": "interrupted", "hint": ""}, as_json)
        return 130
    except SystemExit:  # by click, and only when the reader of our output has gone: nobody to tell
        return 0
    except Exception as error:
        if verbose:
            raise
        message = f"{type(error).__name__}: {error}"
        hint = "this is a fault of fairgraph; run it again with -v and report what it says"
        print_error({"code": "internal", "message": message, "hint": hint}, as_json)
        return 3
