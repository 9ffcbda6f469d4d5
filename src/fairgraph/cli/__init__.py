"""The command line: parse, call :class:`fairgraph.Fairgraph`, print. Results to stdout, everything else to stderr."""

from __future__ import annotations

from fairgraph.cli.main import cli, main

__all__ = ["cli", "main"]
