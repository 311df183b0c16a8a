"""Appending what was planned for many items, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from traceledger.errors import UsageError
from traceledger.events.draft import Draft
from traceledger.planning.plan import Plan
from traceledger.planning.warnings import find_warnings
from traceledger.views.appended import MAX_EVENTS
from traceledger.views.ledger import LedgerView
from traceledger_cli.options.session import Answer, Session
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns
from traceledger_cli.texts.receipts import report_appended

__all__ = ["append_planned"]

Confirm = Callable[[LedgerView, Sequence[Draft]], None]


def append_planned(
    session: Session,
    make: Callable[[LedgerView], Plan],
    *,
    counted: str,
    dry_run: bool,
    out: Output,
    confirm: Confirm | None = None,
) -> None:
    """Appends the drafts of a plan and reports them; `counted` names what there may be too many of.

    `confirm` is called before anything is appended. Raises UsageError `append.count`.
    """
    signer = session.signer()
    with session.reading() as ledger:
        plan = make(ledger)
        if len(plan.drafts) > MAX_EVENTS:
            raise UsageError(
                "append.count", f"{len(plan.drafts):,} {counted}; allowed: up to {MAX_EVENTS:,}"
            )
        if plan.skipped:
            out.note(f"Skipped:\n{columns(plan.skipped, indent='  ')}")
        if plan.drafts and confirm is not None:
            confirm(ledger, plan.drafts)
        warnings = find_warnings(ledger, plan.drafts)
        answer: Answer = ((), "")
        if plan.drafts and dry_run:
            answer = session.append(ledger, plan.drafts, signer, dry_run=True)
    if plan.drafts and not dry_run:
        with session.writing() as ledger:
            answer = session.append(ledger, plan.drafts, signer, dry_run=False)
    skipped = [{"item": item, "reason": reason} for item, reason in plan.skipped]
    report_appended(out, answer, dry_run=dry_run, warnings=warnings, skipped=skipped)
