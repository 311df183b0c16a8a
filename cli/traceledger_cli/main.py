"""The program `traceledger`: its commands, and the exit code for each outcome."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import chain, takewhile
from typing import Any

import click

from traceledger.errors import TraceledgerError, UsageError
from traceledger_cli.command_table import SECTIONS
from traceledger_cli.exits import INTERRUPTED, exit_of
from traceledger_cli.lazy import Entry, LazyGroup
from traceledger_cli.options.settings import read_settings
from traceledger_cli.options.version import version_options
from traceledger_cli.output import colour, report_error
from traceledger_cli.streams import escape_unencodable

__all__ = ["main"]


class Program(LazyGroup):
    """The program, which turns errors into messages and exit codes."""

    def __init__(
        self, name: str, *, sections: Mapping[str, Mapping[str, Entry]], **settings: Any
    ) -> None:
        entries = dict(chain.from_iterable(section.items() for section in sections.values()))
        super().__init__(name, entries=entries, **settings)
        self.sections = sections

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands by section."""
        del ctx
        width = max(map(len, self.entries))
        for title, entries in self.sections.items():
            with formatter.section(title):
                rows = [(name.ljust(width), entry.help) for name, entry in entries.items()]
                formatter.write_dl(rows)

    def main(  # type: ignore[override]  # click overloads it by the value of standalone_mode
        self, args: Sequence[str] | None = None, *, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        """Runs the program; ends the process only with `standalone_mode`."""
        given = list(sys.argv[1:] if args is None else args) or ["--help"]
        if not standalone_mode:
            return self._run(given, default_map=read_settings(), **extra)
        escape_unencodable()
        settings: Mapping[str, Any] = {}
        try:
            settings = read_settings()
            code = self._run(given, default_map=settings, **extra)
        except TraceledgerError as error:
            report_error(error, json=_wants_json(given, settings))
            code = exit_of(error)
        except click.Abort:
            click.echo("Stopped.", err=True)
            code = INTERRUPTED
        sys.exit(code if isinstance(code, int) else 0)

    def _run(self, args: Sequence[str], **extra: Any) -> Any:
        try:
            return super().main(args, standalone_mode=False, color=colour(), **extra)
        except click.ClickException as error:
            raise _as_usage_error(error) from error


def _as_usage_error(error: click.ClickException) -> UsageError:
    context = getattr(error, "ctx", None)
    where = context.command_path if isinstance(context, click.Context) else ""
    hint = f"See `{where} --help`." if where else ""
    return UsageError("usage.option", error.format_message(), where=where, hint=hint)


def _wants_json(args: Sequence[str], settings: Mapping[str, Any]) -> bool:
    """Reports whether errors are JSON: by an option, or by the settings for this command."""
    if "--json" in takewhile(lambda arg: arg != "--", args):
        return True
    table: Any = settings
    wants = table.get("json")
    for arg in args:
        table = table.get(arg)
        if not isinstance(table, dict):
            break
        wants = table.get("json", wants)
    return wants is True


main = Program(
    "traceledger",
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Signed, append-only histories of remanufactured parts, provable to strangers.",
    epilog="A ledger is a folder; name it with --ledger or TRACELEDGER_LEDGER.",
)
main = version_options(main)
