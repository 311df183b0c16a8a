from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from traceledger_cli.main import main

REPOSITORY = Path(__file__).parents[2]
PAGES = ("README.md", "docs/guide/command-line.md")


def leaves(command: click.Command, path: str) -> Iterator[str]:
    """The full names of all commands that are not groups."""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        if not found.hidden:
            yield from leaves(found, f"{path} {name}")


def test_every_command_is_documented() -> None:
    text = "".join((REPOSITORY / page).read_text() for page in PAGES)
    missing = [
        name for name in leaves(main, "traceledger") if not re.search(rf"{name}(?![\w-])", text)
    ]
    assert missing == []
