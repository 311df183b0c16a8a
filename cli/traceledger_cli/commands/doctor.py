"""`traceledger doctor`: inspects a ledger and reports what is wrong."""

from __future__ import annotations

import time

import click

from traceledger.ledger.keeping.doctor import Finding, examine
from traceledger_cli.command import command
from traceledger_cli.exits import DAMAGED, SUCCESS
from traceledger_cli.options.session import Session, reading
from traceledger_cli.output import Output
from traceledger_cli.progress import progress
from traceledger_cli.texts.layout import columns
from traceledger_cli.texts.terminal import style

__all__ = ["doctor"]


@command("doctor", example="traceledger doctor --ledger ledger")
@click.option(
    "--quick",
    is_flag=True,
    help="Do not replay the log with all signatures, which takes longest on a large ledger.",
)
@reading
@click.pass_context
def doctor(context: click.Context, *, quick: bool, session: Session, out: Output) -> None:
    """Inspect a ledger: disk, keys, database, every entry, the map.

    Reads everything and changes nothing. Exit code 0: everything is in order. 9: something is not.
    """
    findings = list(examine(session.home, time.time, quick=quick, progress=progress))
    well = all(finding.well for finding in findings)
    data = {"well": well, "findings": [finding._asdict() for finding in findings]}
    lines = [columns(map(_row, findings))]
    lines += [f"{bad.name}: {bad.remedy}" for bad in findings if not bad.well]
    out.result(data, "\n".join(lines))
    context.exit(SUCCESS if well else DAMAGED)


def _row(finding: Finding) -> tuple[str, str, str]:
    passed = style("✓", fg="green")
    failed = style("✗", fg="red", bold=True)
    return passed if finding.well else failed, finding.name, finding.seen
