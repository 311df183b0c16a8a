"""The table of kinds in the guide to the command line, derived from the catalogue.

::

    python -m tests.docs.kinds
"""

from __future__ import annotations

from pathlib import Path

import click

from traceledger.events.catalogue import CATALOGUE
from traceledger.events.kind import ANY_ROLE, Kind
from traceledger_cli.commands.event import event

__all__ = ["PAGE", "format_page"]

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "command-line.md"
_HEADING = "| command | what is recorded | about | signed by |\n|---|---|---|---|\n"
_GOODS = set(CATALOGUE["hold"].chains)


def format_page() -> str:
    """Returns the page with its table as the catalogue defines it."""
    before, heading, after = PAGE.read_text(encoding="utf-8").partition(_HEADING)
    assert heading, f"{PAGE} has no table of kinds"
    rest = after[after.index("\n\n") :]
    names = event.list_commands(click.Context(event))
    return before + heading + "\n".join(_row(CATALOGUE[name]) for name in names) + rest


def _row(kind: Kind) -> str:
    sentence = (kind.full.__doc__ or "").strip().partition("\n\n")[0]
    text = " ".join(sentence.split()).removesuffix(".")
    chains = "goods" if set(kind.chains) == _GOODS else ", ".join(kind.chains)
    roles = "any station" if kind.roles == ANY_ROLE else ", ".join(kind.roles)
    return f"| `traceledger event {kind.name}` | {text} | {chains} | {roles} |"


if __name__ == "__main__":
    PAGE.write_text(format_page(), encoding="utf-8")
