"""The options `--version` and `--verbose` of the program, which identify it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from traceledger.events.ed25519_engine import choose_engine
from traceledger.files.installation import find_installation, find_intruders, find_version
from traceledger_cli.texts.layout import pairs

__all__ = ["version_options"]

_Program = TypeVar("_Program", bound=Callable[..., Any])
_VERBOSE = "traceledger_cli.verbose"


def version_options(program: _Program) -> _Program:
    """Adds `--version`, and `--verbose` for the distribution, its libraries and its files."""
    verbose = click.option(
        "--verbose",
        is_flag=True,
        is_eager=True,  # known before --version prints
        expose_value=False,
        callback=_keep,
        help="With --version: also show the distribution, the library that verifies signatures, and"
        " the SHA-256 of the program's files.",
    )
    number = click.option(
        "--version",
        is_flag=True,
        expose_value=False,
        callback=_show,
        help="Show the version.",
    )
    return verbose(number(program))


def _keep(context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    context.meta[_VERBOSE] = value


def _show(context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    verbose = context.meta[_VERBOSE]
    if not value:
        if verbose:
            raise click.UsageError("--verbose is an option of --version", context)
        return
    click.echo(f"traceledger {find_version()}")
    if verbose:
        click.echo(_describe())
    context.exit()


def _describe() -> str:
    program = find_installation()
    rows = [
        ("distribution", f"{program.distribution} {program.version}"),
        ("folder", str(program.folder)),
        ("Ed25519", choose_engine().description),
        ("SHA-256 of its files", program.digest),
    ]
    rows += [("files changed by", name) for name in find_intruders()]
    return pairs(rows, indent="  ")
