"""Commands about API keys: key create, list, revoke."""

from __future__ import annotations

import click

from fairgraph.cli.main import Context
from fairgraph.cli.printing import json_option, print_json, print_table


@click.group("key")
def key_command() -> None:
    """Keys for the web application: who has one sees what is private, or writes."""


@key_command.command("create")
@click.argument("name", metavar="NAME")
@click.option(
    "--scope",
    type=click.Choice(["read", "write", "admin"]),
    default="read",
    show_default=True,
    help="read: see private datasets; write: import, update and remove, too; admin: purge, too.",
)
@click.option(
    "--expires", default="", metavar="DATE", help="The first day without the key: 2027-01-31."
)
@json_option
@click.pass_obj
def create(context: Context, name: str, scope: str, expires: str, as_json: bool) -> None:
    """Make a key and print it. It is printed once: only its hash is kept."""
    with context.open() as fg:
        key, text = fg.store.keys.create(name, scope=scope, expires=expires)
    if as_json:
        print_json({**key.as_dict(), "key": text})
        return
    click.echo(text)
    click.echo("keep it: it cannot be shown again. Send it as X-API-Key", err=True)


@key_command.command("list")
@json_option
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """List the keys of the store, never their text."""
    with context.open(create=False) as fg:
        found = fg.store.keys.listed()
    if as_json:
        print_json({"keys": [key.as_dict() for key in found]})
        return
    rows = [
        (k.name, k.id, k.scope, k.created, k.expires, "yes" if k.expired else "") for k in found
    ]
    print_table(("name", "id", "scope", "created", "expires", "expired"), rows)


@key_command.command("revoke")
@click.argument("name", metavar="NAME")
@json_option
@click.pass_obj
def revoke(context: Context, name: str, as_json: bool) -> None:
    """Revoke a key, by name or id: from now on it opens nothing."""
    with context.open(create=False) as fg:
        gone = fg.store.keys.revoke(name)
    if as_json:
        print_json(gone.as_dict())
    else:
        click.echo(f"{gone.name} is revoked", err=True)
