"""Commands that are imported on first use, so that `--help` and `verify` load little."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import click

from traceledger.identifiers.excerpt import printable
from traceledger.identifiers.suggestion import suggest
from traceledger_cli.extras import load

__all__ = ["Context", "Entry", "LazyGroup", "SuggestingGroup"]


class Entry(NamedTuple):
    """Where a command is defined, `module:name`, and its one-line help; or its subcommands."""

    place: str
    help: str
    commands: Mapping[str, Entry] = {}


class Context(click.Context):
    """A context with the user's settings: its command's table, over the enclosing plain values.

    A setting is named after its option, whose parameter may have a different name.
    """

    def __init__(
        self, command: click.Command, parent: click.Context | None = None, **kwargs: Any
    ) -> None:
        super().__init__(command, parent, **kwargs)
        enclosing = parent.default_map if parent is not None else None
        if enclosing:
            plain = {
                name: value for name, value in enclosing.items() if not isinstance(value, dict)
            }
            own = enclosing.get(self.info_name or "")
            settings = plain | (own if isinstance(own, dict) else {})
            if not isinstance(command, click.Group):
                settings = dict(_by_parameter(command, settings))
            self.default_map = settings


def _by_parameter(command: click.Command, settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for parameter in command.params:
        for flag in parameter.opts:
            name = flag.removeprefix("--").replace("-", "_")
            if parameter.name and name in settings:
                yield parameter.name, settings[name]


class SuggestingGroup(click.Group):
    """A group that suggests a command for a misspelt one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command; raises click's UsageError with a suggestion if there is none."""
        name = args[0]
        known = self.list_commands(ctx)
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{printable(name, 60)}'{suggest(name, known)}.")
        return super().resolve_command(ctx, args)


class LazyGroup(SuggestingGroup):
    """A group whose commands are listed in a table of entries."""

    context_class = Context

    def __init__(self, name: str, *, entries: Mapping[str, Entry], **settings: Any) -> None:
        super().__init__(name, no_args_is_help=False, **settings)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the commands in the order of the table."""
        del ctx
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports a command; raises UsageError `usage.extra` if its libraries are missing."""
        del ctx
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        if entry.commands:
            return LazyGroup(cmd_name, help=entry.help, entries=entry.commands)
        module, _, name = entry.place.partition(":")
        loaded = getattr(load(module, f"`{cmd_name}`"), name)
        if not isinstance(loaded, click.Command):
            raise TypeError(f"{entry.place} is not a command")
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lines()))

    def _lines(self) -> Iterator[tuple[str, str]]:
        for name, entry in self.entries.items():
            yield name, entry.help
