"""The option that names a database for the events of a ledger."""

from __future__ import annotations

import click

__all__ = ["STORE"]

STORE = click.option(
    "--store",
    metavar="ADDRESS",
    default="",
    help="The PostgreSQL database for the events, postgresql://USER@HOST:PORT/NAME, without a"
    " password. Default: a file in the folder.",
)
