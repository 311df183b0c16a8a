"""What the program writes: data to stdout, everything else to stderr.

With `--json`, stdout receives one JSON object, also for an error, so that a program needs to read
only one stream. Colours appear only on terminals; NO_COLOR disables them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
import msgspec

from traceledger.errors import TraceledgerError
from traceledger.identifiers.excerpt import printable
from traceledger.manifests.faults import ManifestError
from traceledger_cli.texts.pages import locate_pages
from traceledger_cli.texts.terminal import BREAKS, for_terminal, style

__all__ = ["Output", "colour", "describe", "report_error"]

_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Output:
    """Writes the results of a command."""

    json: bool

    def result(
        self, data: Mapping[str, Any], text: str, refused: TraceledgerError | None = None
    ) -> None:
        """Writes a result: the data as one line of JSON, or the text for people.

        `refused` is why something beside the result was refused.
        """
        if self.json:
            error = {"error": _as_data(refused)} if refused else {}
            click.echo(_encode({**data, **error}))
            return
        _write(locate_pages(text))
        if refused:
            report_error(refused, json=False)

    def note(self, text: str) -> None:
        """Writes a note for people, which is not part of the result."""
        if not self.json:
            _write(text, err=True)


def colour() -> bool | None:
    """Returns the colour setting for click: off with NO_COLOR, otherwise click decides."""
    return False if os.environ.get("NO_COLOR") else None


def report_error(error: TraceledgerError, *, json: bool) -> None:
    """Writes an error: what happened, where, its code and what to do."""
    if json:
        click.echo(_encode({"error": _as_data(error)}))
        return
    lines = [f"{style('Error:', fg='red', bold=True)} {describe(error)}"]
    if isinstance(error, ManifestError):
        lines += [f"  {fault}" for fault in error.faults[:_MOST_FAULTS]]
        more = len(error.faults) - _MOST_FAULTS
        lines += [f"  and {more:,} more; --json lists all"] if more > 0 else []
    lines.append(f"What to do: {error.hint}")
    _write(locate_pages("\n".join(lines)), err=True, color=colour())


def describe(error: TraceledgerError) -> str:
    """Returns where an error occurred, its message and its code."""
    place = f"{error.where}: " if error.where else ""
    message = printable(place + error.message, keep=BREAKS)
    return f"{message} {style(f'[{error.code}]', dim=True)}"


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


def _write(text: str, *, err: bool = False, color: bool | None = None) -> None:
    stream = sys.stderr if err else sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"  # a test's or no stream has none
    click.echo(for_terminal(text, encoding), err=err, color=color)


def _encode(data: Mapping[str, Any]) -> str:
    return msgspec.json.encode(data).decode()
