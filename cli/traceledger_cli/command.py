"""Building commands: all have `--json` and an example; those that write have `--dry-run`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from traceledger_cli.lazy import Context
from traceledger_cli.output import Output
from traceledger_cli.texts.pages import locate_pages

__all__ = ["Command", "command", "finish"]

Function = Callable[..., Any]


class Command(click.Command):
    """A command that ends its help with an example."""

    context_class = Context

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the example."""
        super().format_epilog(ctx, formatter)
        if self.example:
            with formatter.section("Example"):
                formatter.write("".join(f"  {line}\n" for line in self.example.splitlines()))


def command(
    name: str, *, example: str, writes: bool = False, **settings: Any
) -> Callable[[Function], Command]:
    """Turns a function that takes `out` and its own parameters into a command."""

    def build(function: Function) -> Command:
        return finish(name, function, example=example, writes=writes, **settings)

    return build


def finish(
    name: str, function: Function, *, example: str, writes: bool = False, **settings: Any
) -> Command:
    """Builds a command from a function and adds the options that every command has."""

    @functools.wraps(function)
    def run(*args: Any, as_json: bool, **parameters: Any) -> Any:
        return function(*args, out=Output(json=as_json), **parameters)

    cls: type[Command] = settings.pop("cls", Command)
    built = click.command(name, cls=cls, example=example, **settings)(run)
    built.help = locate_pages(built.help or "")
    if writes:
        text = "Perform all checks and write nothing."
        built.params.append(click.Option(["--dry-run"], is_flag=True, help=text))
    text = "Write one JSON object, also for an error."
    built.params.append(click.Option(["--json", "as_json"], is_flag=True, help=text))
    return built
