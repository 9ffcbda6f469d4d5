"""The command that scores: how FAIR a dataset is, how ready for AI, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fairgraph.cli.main import Context
from fairgraph.cli.printing import json_option, print_json

if TYPE_CHECKING:
    from fairgraph.catalogue import Dataset
    from fairgraph.exports.scored import Scores
    from fairgraph.scores.score import Score

_BAR, _HINTS = 20, 5


@click.command("score")
@click.argument("name", metavar="ID")
@click.option("--all", "show_all", is_flag=True, help="Print every rule with its evidence.")
@click.option("--no-record", is_flag=True, help="Do not keep the scores in the dataset's record.")
@json_option
@click.pass_obj
def score_command(
    context: Context, name: str, show_all: bool, no_record: bool, as_json: bool
) -> None:
    """Show the FAIR and the AI-ready score of a dataset, and what would raise them.

    They are kept in the record of the dataset (DQV) until it changes.
    """
    with context.open(create=False) as fg:
        dataset = fg.dataset(name)
        scores = fg.score(dataset)
        # First: a store that cannot be written to must not keep the answer back.
        _show(dataset, scores, show_all, as_json)
        if not no_record:
            fg.record_score(dataset, scores)


def _show(dataset: Dataset, scores: Scores, show_all: bool, as_json: bool) -> None:
    if as_json:
        revision = dataset.current.name if dataset.current else ""
        about = {"id": dataset.number, "iri": dataset.iri, "revision": revision}
        print_json(about | scores.as_dict())
        return
    click.echo(f"{dataset.number} {click.style(dataset.slug, bold=True)}  {dataset.title}")
    for score in (scores.fair, scores.ai_ready):
        _print(score, show_all)


def _print(score: Score, show_all: bool) -> None:
    rules = score.rule_set
    total = click.style(f"{score.total} of 100", bold=True)
    click.echo(f"\n{rules.label}: {total}  ({rules.name}; completeness of metadata)")
    for part, points in score.parts.items():
        filled = round(_BAR * points / rules.of)
        bar = "█" * filled + "░" * (_BAR - filled)
        click.echo(f"  {part:<17}{bar} {points:g} of {rules.of:g}")
        for rule in score.judged if show_all else ():
            if rule.part == part:
                click.echo(f"      {rule.points:g} of {rule.of:g}  {rule.summary}")
                for line in rule.evidence:
                    click.echo(f"          {line}")
    hints = list(score.hints())
    if hints:
        click.echo("  What to do next:")
    for rule in hints if show_all else hints[:_HINTS]:
        click.echo(f"    +{rule.missing:g}  {rule.hint}")
