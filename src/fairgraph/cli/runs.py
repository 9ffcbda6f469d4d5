"""Commands about analysis runs: run record."""

from __future__ import annotations

from pathlib import Path

import click

from fairgraph.cli.datasets import SourcePath, print_added
from fairgraph.cli.main import Context
from fairgraph.cli.printing import json_option


@click.group("run")
def run_command() -> None:
    """Record analysis runs."""


@run_command.command("record")
@click.argument("further", metavar="[INPUT…]", nargs=-1, type=SourcePath())
@click.option(
    "--workflow",
    metavar="FILE",
    required=True,
    type=SourcePath(),
    help="The workflow: CWL, or Galaxy, Nextflow, Snakemake by name only.",
)
@click.option(
    "--outputs", metavar="DIR", required=True, type=SourcePath(), help="The folder of the results."
)
@click.option(
    "--inputs",
    metavar="PATH",
    multiple=True,
    type=SourcePath(),
    help="A file or folder that went in; further ones may follow.",
)
@click.option(
    "--params", metavar="FILE", type=SourcePath(), help="The parameters, as JSON or YAML."
)
@click.option(
    "--container",
    metavar="IMAGE",
    default="",
    help="The container image: a reference, or a .sif file.  [default: what the CWL document asks for]",
)
@click.option("--title", default="", help="What the run is called.  [default: by its workflow]")
@click.option(
    "--agent", metavar="NAME", default="", help="Who ran it: a name, an ORCID iD, or both."
)
@click.option("--start", metavar="TIME", default="", help="When it began, in ISO 8601.")
@click.option("--end", metavar="TIME", default="", help="When it ended, in ISO 8601.")
@click.option("--license", metavar="SPDX", default="", help="The licence of the results.")
@click.option("--of", metavar="DATASET", help="The dataset whose data files are among the inputs.")
@click.option(
    "--id", "slug", metavar="SLUG", help="The short name.  [default: that of the workflow]"
)
@click.option(
    "--number", type=click.IntRange(1, 2**62), help="The number.  [default: the next one]"
)
@click.option(
    "--visibility",
    type=click.Choice(["public", "private"]),
    help="Who may see it.  [default: public]",
)
@click.option(
    "--with-files/--no-files",
    default=True,
    help="Keep the files in the store, or only their checksums.",
)
@json_option
@click.pass_obj
def record_command(
    context: Context,
    /,
    further: tuple[Path, ...],
    workflow: Path,
    outputs: Path,
    inputs: tuple[Path, ...],
    params: Path | None,
    of: str | None,
    slug: str | None,
    number: int | None,
    visibility: str | None,
    with_files: bool,
    as_json: bool,
    **told: str,
) -> None:
    """Record an analysis run as a dataset: workflow, container image, parameters, inputs and results with checksums."""
    from fairgraph.runs import Run

    run = Run(workflow, outputs, (*inputs, *further), params, **told)
    with context.open() as fg:
        added = fg.record_run(
            run, of=of, slug=slug, number=number, visibility=visibility, with_files=with_files
        )
    print_added([added], quiet=context.verbosity < 0, as_json=as_json)
