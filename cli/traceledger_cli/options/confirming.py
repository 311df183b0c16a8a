"""Asking before something is signed: on a terminal, or answered in advance with `--yes`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import click

from traceledger.errors import UsageError
from traceledger.events.draft import Draft
from traceledger.identifiers.excerpt import printable
from traceledger.planning.policies import find_dropped
from traceledger.views.ledger import LedgerView
from traceledger_cli.output import Output

__all__ = ["YES", "ask", "confirm_policy", "is_interactive"]

YES = click.option("--yes", is_flag=True, help="Do not ask for confirmation; for scripts.")


def ask(what: str, question: str, out: Output) -> None:
    """Asks on a terminal; raises UsageError `usage.confirm` without one."""
    if out.json or not is_interactive():
        raise UsageError("usage.confirm", f"{what} not confirmed")
    click.confirm(printable(question), abort=True, err=True)


def confirm_policy(ledger: LedgerView, drafts: Sequence[Draft], out: Output, *, yes: bool) -> None:
    """Shows the values that a new policy drops, and asks unless `yes` answers."""
    dropped = find_dropped(ledger, drafts)
    if not dropped:
        return
    out.note("A policy replaces the whole earlier one. This one drops:")
    for name, value in dropped.items():
        out.note(printable(f"  {name}: {json.dumps(value, ensure_ascii=False)}"))
    if not yes:
        names = ", ".join(dropped)
        ask(f"a policy without {names}", f"Drop {names}?", out)


def is_interactive() -> bool:
    """Reports whether there is a terminal to ask on."""
    return sys.stdin.isatty()
