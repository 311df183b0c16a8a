"""The reader of a command's output, and values as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from traceledger.identifiers.excerpt import printable
from traceledger.views.history import CUSTOMS, EVERYTHING, PUBLIC

__all__ = ["READERS", "reader_option", "render_value"]

READERS = {
    "public": PUBLIC,
    "customs": CUSTOMS,
    "all": EVERYTHING,
}

_MOST = 500


def reader_option(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds `--as`, the reader whose view is shown."""
    return click.option(
        "--as",
        "reader",
        type=click.Choice(list(READERS)),
        default=default,
        show_default=True,
        help="The reader: determines which restricted fields are shown.",
    )


def render_value(value: Any) -> str:
    """Returns a value of an event as text for people."""
    match value:
        case bool():
            return "yes" if value else "no"
        case {"amount": str(amount), "currency": str(currency)}:
            text = f"{amount} {currency}"
        case list() if all(isinstance(element, str) for element in value):
            text = ", ".join(value) or "none"
        case str() | int():
            text = str(value)
        case _:
            text = json.dumps(value, ensure_ascii=False)
    return printable(text, _MOST)
