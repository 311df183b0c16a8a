"""The options for files that several commands have: `--output` and `--trust`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from traceledger_cli.options.files import STANDARD

__all__ = ["FILE", "output_option", "trust_option"]

Function = Callable[..., Any]

FILE = click.Path(dir_okay=False, path_type=Path, allow_dash=True)
"""A file to read; `-` is stdin."""


def output_option(
    text: str = "The file to write. Default: stdout.", *, required: bool = False
) -> Callable[[Function], Function]:
    """Adds `--output`, received as `target`: stdout by default, unless it is required."""
    # For click, a default of None would satisfy a required option.
    settings: dict[str, Any] = {"required": True} if required else {"default": STANDARD}
    path = click.Path(path_type=Path, allow_dash=True)
    return click.option("-o", "--output", "target", type=path, help=text, **settings)


def trust_option(
    text: str, *, stored: bool = False, required: bool = False
) -> Callable[[Function], Function]:
    """Adds `--trust`; if `stored`, its default is the variable TRACELEDGER_TRUST."""
    variable = "TRACELEDGER_TRUST" if stored else None
    return click.option("--trust", type=FILE, envvar=variable, required=required, help=text)
