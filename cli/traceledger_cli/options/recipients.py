"""Who is to read what a command writes, and how values are shown to people."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from traceledger.events.encoding import printable
from traceledger.views.history import CUSTOMS, EVERYTHING, PUBLIC

__all__ = ["READERS", "reader_option", "say_value"]

READERS = {
    "public": PUBLIC,
    "customs": CUSTOMS,
    "all": EVERYTHING,
}

_MOST = 500


def reader_option(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds `--as`: whose view it is."""
    return click.option(
        "--as",
        "reader",
        type=click.Choice(list(READERS)),
        default=default,
        show_default=True,
        help="Whose view: which restricted fields are shown.",
    )


def say_value(value: Any) -> str:
    """A value of an event as people read it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case {"amount": str(amount), "currency": str(currency)}:
            text = f"{amount} {currency}"
        case list() if all(isinstance(one, str) for one in value):
            text = ", ".join(value) or "none"
        case str() | int():
            text = str(value)
        case _:
            text = json.dumps(value, ensure_ascii=False)
    return printable(text, _MOST)
