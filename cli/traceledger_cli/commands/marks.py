"""`traceledger recall`, `hold` and `release`: one event for every item of a selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from traceledger.errors import UsageError
from traceledger.events.catalogue import CATALOGUE
from traceledger.ledger.writing.appending import MAX_EVENTS
from traceledger.planning.selections import Plan, plan_marks, plan_releases, select_items
from traceledger.views.ledger import LedgerView
from traceledger_cli.command import command
from traceledger_cli.options.field_options import collect_fields, field_options
from traceledger_cli.options.session import Session, signing
from traceledger_cli.options.values import ITEM, WHERE
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns
from traceledger_cli.texts.receipts import say_appended

__all__ = ["hold", "recall", "release"]

Function = Callable[..., Any]
Planner = Callable[[LedgerView, tuple[str, ...], dict[str, Any]], Plan]

_RECALL = """\
traceledger recall --where update.to_version=24277031 --where life=EXPORTED \\
    --campaign RC-2025-01 --criteria "software 24277031" --severity high \\
    --action stop_use --contact "recall desk, +86 23 5550 0100" --key release
"""
_HOLD = "traceledger hold 8004/9521234C000001 --authority quality --key quality"
_RELEASE = "traceledger release 8004/9521234C000001 --note 'sample was good' --key quality"


def _selection(kind: str) -> Callable[[Function], Function]:
    """The options that say which items, and the fields of the event."""

    def add(function: Function) -> Function:
        function = signing(function)
        function = field_options(CATALOGUE[kind])(function)
        function = click.option(
            "--where",
            type=WHERE,
            multiple=True,
            help="A condition; all must fit. Names: chain, life, part_no, declaration, or"
            " KIND.FIELD for a public field of an event.",
        )(function)
        return click.argument("items", metavar="[ITEM]...", type=ITEM, nargs=-1)(function)

    return add


@command("recall", example=_RECALL, writes=True)
@_selection("recall")
def recall(**parameters: Any) -> None:
    """Recall every item of a selection.

    Items that are in the campaign already are passed over, so that it can be run again.
    """
    _mark("recall", _marking("recall"), **parameters)


@command("hold", example=_HOLD, writes=True)
@_selection("hold")
def hold(**parameters: Any) -> None:
    """Put every item of a selection on hold.

    Nothing else may happen to them until the same authority releases them.
    """
    _mark("hold", _marking("hold"), **parameters)


@command("release", example=_RELEASE, writes=True)
@_selection("release")
def release(**parameters: Any) -> None:
    """End the hold or recall of every item of a selection.

    Where several are on for one item, use `traceledger event release ITEM --target EVENT`.
    """
    _mark("release", plan_releases, **parameters)


def _marking(kind: str) -> Planner:
    return lambda ledger, items, data: plan_marks(ledger, kind, items, data)


def _mark(
    kind: str,
    planner: Planner,
    *,
    items: tuple[str, ...],
    where: Sequence[tuple[str, str]],
    access: Session,
    dry_run: bool,
    out: Output,
    **fields: Any,
) -> None:
    data = collect_fields(CATALOGUE[kind], fields)
    conditions = dict(where)
    if len(conditions) < len(where):
        raise UsageError("selection.field", "a condition is given twice")
    signer = access.signer()
    with access.reading() if dry_run else access.writing() as ledger:
        found = select_items(ledger, conditions) if conditions or not items else ()
        plan = planner(ledger, (*items, *found), data)
        if len(plan.drafts) > MAX_EVENTS:
            raise UsageError(
                "append.count", f"{len(plan.drafts):,} items; allowed at once: {MAX_EVENTS:,}"
            )
        if plan.drafts:
            answer = access.append(ledger, plan.drafts, signer, dry_run=dry_run)
        else:
            answer = ((), "")
    skipped = [{"item": item, "reason": reason} for item, reason in plan.skipped]
    if plan.skipped:
        out.note(f"Passed over:\n{columns(plan.skipped, indent='  ')}")
    say_appended(out, answer, dry_run=dry_run, skipped=skipped)
