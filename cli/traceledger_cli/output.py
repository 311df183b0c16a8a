"""What the program says: data on stdout, everything else on stderr.

With `--json` there is one JSON object on stdout, also for an error, so that a program reads one
stream. Colours are for terminals; NO_COLOR switches them off.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
import msgspec

from traceledger.errors import TraceledgerError
from traceledger.manifests.faults import ManifestError
from traceledger_cli.texts.layout import plain

__all__ = ["Output", "colour", "describe", "say_error"]

_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Output:
    """How the results of one command are written."""

    json: bool

    def result(self, data: Mapping[str, Any], text: str) -> None:
        """Writes a result: the data as one line of JSON, or the text for people."""
        click.echo(_encode(data) if self.json else text)

    def note(self, text: str) -> None:
        """Tells people something that is no result."""
        if not self.json:
            click.echo(text, err=True)


def colour() -> bool | None:
    """What click is to be told about colours: never with NO_COLOR, else it looks for itself."""
    return False if os.environ.get("NO_COLOR") else None


def say_error(error: TraceledgerError, *, json: bool) -> None:
    """Writes an error: what happened and where, what to do, and the code."""
    if json:
        click.echo(_encode({"error": _as_data(error)}))
        return
    lines = [f"{click.style('Error:', fg='red', bold=True)} {describe(error)}"]
    if isinstance(error, ManifestError):
        lines += [f"  {fault}" for fault in error.faults[:_MOST_FAULTS]]
        more = len(error.faults) - _MOST_FAULTS
        lines += [f"  and {more:,} more; --json lists all of them"] if more > 0 else []
    lines.append(f"What to do: {error.hint}")
    click.echo("\n".join(lines), err=True, color=colour())


def describe(error: TraceledgerError) -> str:
    """Where an error was met, what it is, and its code."""
    place = f"{error.where}: " if error.where else ""
    return f"{plain(place + error.message)} {click.style(f'[{error.code}]', dim=True)}"


def _as_data(error: TraceledgerError) -> dict[str, Any]:
    described: dict[str, Any] = {
        "code": error.code,
        "message": error.message,
        "where": error.where,
        "hint": error.hint,
    }
    if isinstance(error, ManifestError):
        described["faults"] = [fault._asdict() for fault in error.faults]
    return described


def _encode(data: Mapping[str, Any]) -> str:
    return msgspec.json.encode(data).decode()
