"""Saying what was appended: where each event stands, and the ledger's receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from traceledger.views.appended import Logged
from traceledger_cli.options.session import Answer
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns

__all__ = ["describe", "say_appended"]

_MOST_SHOWN = 10


def describe(logged: Sequence[Logged]) -> list[dict[str, Any]]:
    """Where the events stand, as the server's interface says it too."""
    return [
        {"index": one.leaf_index, "event": one.event, "item": one.item, "seq": one.seq}
        for one in logged
    ]


def say_appended(out: Output, answer: Answer, *, dry_run: bool, **more: Any) -> None:
    """Writes what was appended; `more` is added to the JSON."""
    logged, receipt = answer
    data = {"events": describe(logged), "receipt": receipt, "dry_run": dry_run, **more}
    count = f"{len(logged):,} event{'' if len(logged) == 1 else 's'}"
    if not logged:
        head = "There is nothing to append."
    elif dry_run:
        head = f"Checked {count}; nothing was written."
    else:
        head = click.style(f"Appended {count}.", fg="green")
    rows = [(f"entry {one.leaf_index:,}", one.item, one.event) for one in logged[:_MOST_SHOWN]]
    left = len(logged) - len(rows)
    lines = [head, columns(rows, indent="  ")] + ([f"  and {left:,} more"] if left else [])
    out.result(data, "\n".join(line for line in lines if line))
