"""Completion of key names and item ids in shells; an error completes to nothing."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from traceledger.errors import TraceledgerError
from traceledger.planning.keys import Keys
from traceledger.views.rows import Search
from traceledger_cli.extras import load

__all__ = ["complete_item", "complete_key"]

_MAX_ITEMS = 50


def complete_key(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Completes a key name in the folder of the user's keys, or in `FOLDER/`."""
    folder, slash, _ = incomplete.rpartition("/")
    given = context.params.get("keys")
    if slash:
        path = Path(folder)
    elif given:
        path = Path(given)
    else:
        path = Path(_ledger(context), "keys")
    with contextlib.suppress(TraceledgerError):
        names = (f"{folder}{slash}{name}" for name in Keys(path).names())
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return []


def complete_item(
    context: click.Context, _parameter: click.Parameter | None, incomplete: str
) -> list[CompletionItem]:
    """Completes an item id of a ledger in a folder; a server is not asked."""
    ledger = _ledger(context)
    with contextlib.suppress(TraceledgerError):
        home = load("traceledger.ledger.keeping.home", "completion").Home.open(Path(ledger))
        with contextlib.closing(home.read(lambda: 0.0)) as opened:
            rows = opened.search(Search(id_part=incomplete, limit=_MAX_ITEMS))
        return [CompletionItem(row.item) for row in rows if row.item.startswith(incomplete)]
    return []


def _ledger(context: click.Context) -> str:
    return str(context.params.get("ledger") or ".")
