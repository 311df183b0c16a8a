"""The options of commands that serve over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

__all__ = ["host_option", "log_option", "port_option"]

Function = Callable[..., Any]

host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen on."
)

log_option = click.option(
    "--log",
    type=click.Choice(["info", "warning", "error"]),
    default="info",
    show_default=True,
    help="The least severe messages to log, as JSON on stderr; info logs a line for each request.",
)


def port_option(default: int) -> Callable[[Function], Function]:
    """Adds `--port` with this default."""
    return click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=default,
        show_default=True,
        help="The port; 0 selects a free port.",
    )
