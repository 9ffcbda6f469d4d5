"""Commands for the web and for the first experience: serve, demo."""

from __future__ import annotations

import os
from pathlib import Path

import click

from fairgraph.cli.main import Context
from fairgraph.cli.printing import counted

HOST_OPTION = click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen on."
)
PORT_OPTION = click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))


@click.command("serve")
@HOST_OPTION
@PORT_OPTION
@click.option(
    "--workers",
    default=4,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Requests answered at once.",
)
@click.option(
    "--timeout",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0.1),
    help="Seconds after which a query from outside is stopped.",
)
@click.option(
    "--writable", is_flag=True, help="Let callers with a key of scope write change the store."
)
@click.pass_obj
def serve_command(
    context: Context, host: str, port: int, workers: int, timeout: float, writable: bool
) -> None:
    """Serve the web application until interrupted. Imports beside it are seen at once."""
    from fairgraph.web.serve import serve

    with context.open() as fg:
        serve(
            fg,
            host=host,
            port=port,
            workers=workers,
            timeout=timeout,
            writable=writable,
            quiet=context.verbosity < 0,
        )


@click.command("demo")
@click.option(
    "--output",
    "-o",
    "folder",
    default="build/demo",
    show_default=True,
    type=click.Path(path_type=Path),
)
@click.option("--serve", "and_serve", is_flag=True, help="Serve the result afterwards.")
@HOST_OPTION
@PORT_OPTION
@click.pass_obj
def demo_command(context: Context, folder: Path, and_serve: bool, host: str, port: int) -> None:
    """Load the examples, validate them, export everything, and say where to look."""
    from fairgraph.api import Fairgraph
    from fairgraph.exports.export import installed
    from fairgraph.resources import EXAMPLES
    from fairgraph.store import open_store

    given = (
        context.store if context.store or os.environ.get("FAIRGRAPH_STORE") else folder / "store"
    )
    folder.mkdir(parents=True, exist_ok=True)
    with Fairgraph(open_store(given), agent="cli") as fg:
        click.echo(f"store     {given}")
        # Installing compiles the scripts beside the examples: __pycache__ is none of them.
        visible = (p for p in EXAMPLES.iterdir() if p.name[0] not in "._")
        for path in sorted(
            p for p in visible if p.is_dir() or p.suffix in (".json", ".ttl", ".zip", ".eln")
        ):
            added = fg.add(path)
            dataset = added.dataset
            click.echo(f"import    {dataset.number} {dataset.slug}  {dataset.title}")
            report = fg.validate(dataset)
            click.echo(
                f"validate  {'conforms' if report.conforms else 'does not conform'}: {counted(report)}"
            )
            target = folder / dataset.slug
            target.mkdir(exist_ok=True)
            for export in installed():
                path = fg.export(export.name, dataset).to_path(
                    target / f"{dataset.slug}.{export.name}.{export.suffix}"
                )
                click.echo(f"export    {path}  ({path.stat().st_size:,} bytes)")
        click.echo("\nnext      fairgraph --store " + str(given) + " query browse/samples")
        if and_serve:
            from fairgraph.web.serve import serve

            serve(fg, host=host, port=port, workers=4, quiet=False)
