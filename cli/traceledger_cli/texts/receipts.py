"""The report on appended events: their positions, and the ledger's receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traceledger.identifiers.excerpt import printable
from traceledger.planning.warnings import Warned
from traceledger.views.appended import Logged
from traceledger_cli.options.session import Answer
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns
from traceledger_cli.texts.terminal import style
from traceledger_cli.texts.words import counted

__all__ = ["describe", "report_appended", "report_warnings"]

_MOST_SHOWN = 10


def describe(logged: Sequence[Logged]) -> list[dict[str, Any]]:
    """Returns the events' positions, in the same form as the server's API."""
    return [
        {"index": event.leaf_index, "event": event.event, "item": event.item, "seq": event.seq}
        for event in logged
    ]


def report_warnings(out: Output, warnings: Sequence[Warned]) -> None:
    """Writes what an audit would report; JSON contains it elsewhere."""
    for warning in warnings[:_MOST_SHOWN]:
        out.note(printable(f"Warning: {warning.message} [{warning.code}]"))
    if len(warnings) > _MOST_SHOWN:
        out.note(f"and {len(warnings) - _MOST_SHOWN:,} more; --json lists all")


def report_appended(
    out: Output,
    answer: Answer,
    *,
    dry_run: bool,
    warnings: Sequence[Warned] | None = None,
    **more: Any,
) -> None:
    """Writes the report and the warnings, if any were sought.

    The JSON also contains the members `more`.
    """
    logged, receipt = answer
    data = {"events": describe(logged), "receipt": receipt, "dry_run": dry_run, **more}
    if warnings is not None:
        report_warnings(out, warnings)
        data["warnings"] = [warning._asdict() for warning in warnings]
    count = counted(len(logged), "event")
    if not logged:
        head = "Nothing to append."
    elif dry_run:
        head = f"Checked {count}; nothing was written."
    else:
        head = style(f"Appended {count}.", fg="green")
    rows = [
        (f"entry {event.leaf_index:,}", event.item, event.event) for event in logged[:_MOST_SHOWN]
    ]
    left = len(logged) - len(rows)
    lines = [head, columns(rows, indent="  ")] + ([f"  and {left:,} more"] if left else [])
    out.result(data, "\n".join(line for line in lines if line))
