"""`traceledger rebuild`: rebuilds the stored item states from the log."""

from __future__ import annotations

from traceledger.ledger.keeping.rebuild import rebuild as compare_stored
from traceledger.ledger.keeping.rebuild import rebuild_stored
from traceledger_cli.command import command
from traceledger_cli.options.session import Session, writing
from traceledger_cli.output import Output
from traceledger_cli.progress import progress

__all__ = ["rebuild"]

_MOST_SHOWN = 20


@command("rebuild", example="traceledger rebuild --ledger ledger --dry-run", writes=True)
@writing
def rebuild(*, session: Session, dry_run: bool, out: Output) -> None:
    """Rebuild the stored item states from the log and compare.

    Replays every event with its signature and rules. Stored states are replaced only if they
    differ.
    """
    with (
        session.reading_folder() if dry_run else session.writing_folder() as ledger,
        progress("Replaying", ledger.size) as step,
    ):
        found = (compare_stored if dry_run else rebuild_stored)(ledger, step)
    data = {
        "entries": found.entries,
        "items": found.items,
        "differing": found.named,
        "differing_count": found.differing,
        "dry_run": dry_run,
    }
    start = f"Replayed {found.entries:,} entries about {found.items:,} items: "
    if not found.differing:
        out.result(data, f"{start}all stored states match the log.")
        return
    listed = "\n".join(f"  {item}" for item in found.named[:_MOST_SHOWN])
    outcome = "differ from the log" if dry_run else "differed from the log and were replaced"
    out.result(data, f"{start}{found.differing:,} {outcome}:\n{listed}")
