"""`traceledger recall`, `hold` and `release`: an event for each item of a selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from traceledger.errors import UsageError
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.draft import Draft
from traceledger.events.roles import HOLDERS
from traceledger.planning.plan import Plan
from traceledger.planning.selections import Mark, plan_marks, plan_releases, select_items
from traceledger.views.ledger import LedgerView
from traceledger_cli.command import command
from traceledger_cli.options.confirming import YES, ask
from traceledger_cli.options.field_options import collect_fields, field_options
from traceledger_cli.options.session import Session, signing
from traceledger_cli.options.values import ITEM, WHERE
from traceledger_cli.output import Output
from traceledger_cli.planned import append_planned
from traceledger_cli.texts.layout import columns
from traceledger_cli.texts.words import counted, life

__all__ = ["hold", "recall", "release"]

Function = Callable[..., Any]
Planner = Callable[[LedgerView, tuple[str, ...], dict[str, Any]], Plan]

_MOST_SHOWN = 10
_RECALL = """\
traceledger recall --where update.to_version=24277031 --where life=CONSUMED \\
    --campaign RC-2025-01 --criteria "software 24277031" --severity high \\
    --action stop_use --contact "recall desk, +86 23 5550 0100" --key release
"""
_HOLD = "traceledger hold 8004/9521234C000001 --authority quality --key quality"
_RELEASE = """\
traceledger release 8004/9521234C000001 --hold quality --note 'sample was good' --key quality
"""


def _selection(kind: str) -> Callable[[Function], Function]:
    """Adds the options that select items, and those of the event's fields."""

    def add(function: Function) -> Function:
        function = signing(function)
        function = field_options(CATALOGUE[kind])(function)
        function = click.option(
            "--where",
            type=WHERE,
            multiple=True,
            help="A condition; items must match all. Names: chain, life, part_no, declaration, or"
            " KIND.FIELD for a public field of an event.",
        )(function)
        return click.argument("items", metavar="[ITEM]...", type=ITEM, nargs=-1)(function)

    return add


@command("recall", example=_RECALL, writes=True)
@_selection("recall")
@YES
def recall(**parameters: Any) -> None:
    """Recall every item of a selection.

    Shows the selection and asks for confirmation. Items that are already in the campaign are
    skipped, so it is safe to repeat.
    """
    _mark("recall", _marking("recall"), **parameters)


@command("hold", example=_HOLD, writes=True)
@_selection("hold")
def hold(**parameters: Any) -> None:
    """Put every item of a selection on hold.

    No other step is allowed on them until the same authority releases them.
    """
    _mark("hold", _marking("hold"), yes=True, **parameters)


@command("release", example=_RELEASE, writes=True)
@_selection("release")
@click.option("--campaign", default="", help="End the recalls of this campaign.")
@click.option(
    "--hold",
    "authority",
    type=click.Choice(HOLDERS),
    help="End the holds by this authority.",
)
@YES
def release(
    *, items: tuple[str, ...], campaign: str, authority: str | None, **parameters: Any
) -> None:
    """End the hold or recall of every item of a selection.

    Shows the selection and asks for confirmation. A recall of high severity ends only for items
    that are named. `traceledger event release ITEM --target EVENT` ends a single mark.
    """
    if bool(campaign) == bool(authority):
        given = "both are given" if campaign else "neither is given"
        raise UsageError("selection.mark", f"--hold or --campaign: {given}")
    mark = Mark(authority or "", campaign)

    def planner(ledger: LedgerView, selected: tuple[str, ...], data: dict[str, Any]) -> Plan:
        return plan_releases(ledger, selected, data, mark, named=frozenset(items))

    _mark("release", planner, items=items, **parameters)


def _marking(kind: str) -> Planner:
    return lambda ledger, items, data: plan_marks(ledger, kind, items, data)


def _mark(
    kind: str,
    planner: Planner,
    *,
    items: tuple[str, ...],
    where: Sequence[tuple[str, str]],
    yes: bool,
    session: Session,
    dry_run: bool,
    out: Output,
    **fields: Any,
) -> None:
    data = collect_fields(CATALOGUE[kind], fields)
    conditions = dict(where)
    if len(conditions) < len(where):
        raise UsageError("selection.field", "a condition is repeated")

    def make(ledger: LedgerView) -> Plan:
        found = select_items(ledger, conditions) if conditions or not items else ()
        return planner(ledger, (*items, *found), data)

    def confirm(ledger: LedgerView, drafts: Sequence[Draft]) -> None:
        if not yes:
            _show_selection(ledger, kind, drafts, out)
            if not dry_run:
                count = counted(len(drafts), kind)
                ask(count, f"Append {count}?", out)

    append_planned(
        session, make, counted="items selected", confirm=confirm, dry_run=dry_run, out=out
    )


def _show_selection(ledger: LedgerView, kind: str, drafts: Sequence[Draft], out: Output) -> None:
    items = list(dict.fromkeys(draft.item for draft in drafts))
    rows = ledger.read_heads(items[:_MOST_SHOWN])
    shown = [(row.item, row.part_no, life(row.life, row.chain)) for row in rows.values()]
    more = len(items) - len(shown)
    lines = [f"To {kind}: {counted(len(items), 'item')}", columns(shown, indent="  ")]
    out.note("\n".join(lines + ([f"  and {more:,} more"] if more else [])))
