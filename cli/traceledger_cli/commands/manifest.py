"""`traceledger import-manifest`: the cores of a shipment, from customs' and plants' files."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path

import click

from traceledger.errors import TraceledgerError, UsageError
from traceledger.events.draft import Draft
from traceledger.events.keys import SoftwareSigner
from traceledger.ledger.writing.appending import MAX_EVENTS
from traceledger.manifests import Manifest, RowFault, read_declarations, read_manifest
from traceledger.manifests.rows import refuse
from traceledger.planning.imports import (
    DeclarationPlan,
    ImportPlan,
    plan_declarations,
    plan_imports,
)
from traceledger.views.ledger import LedgerView
from traceledger_cli.command import command
from traceledger_cli.options.files import read_input
from traceledger_cli.options.session import Session, signing
from traceledger_cli.output import Output
from traceledger_cli.progress import progress

__all__ = ["import_manifest"]

_EXAMPLE = """\
traceledger import-manifest manifest.csv --category TCM \\
    --declaration declaration.csv --receipt receipt.pdf --key importer --ledger ledger
"""
_FILE = click.Path(dir_okay=False, path_type=Path, allow_dash=True)
_BATCH = 1000  # events signed and written at once: a rerun after a crash adds the others


@command("import-manifest", example=_EXAMPLE, writes=True)
@click.argument("file", type=_FILE)
@click.option("--category", required=True, help="What the parts are, e.g. TCM.")
@click.option("--declaration", type=_FILE, help="Also declare the lines of this file.")
@click.option("--receipt", type=_FILE, help="Customs' receipt for the declaration.")
@click.option("--partial", is_flag=True, help="Import the right rows, list the others.")
@signing
def import_manifest(
    *,
    file: Path,
    category: str,
    declaration: Path | None,
    receipt: Path | None,
    partial: bool,
    access: Session,
    dry_run: bool,
    out: Output,
) -> None:
    """Import the cores of a manifest, one event a row.

    Every row is judged before anything is written. Running it again adds only what is missing.
    docs/guide/manifests.md says how the files must look.
    """
    manifest = _read(file, partial=partial)
    signer = access.signer()
    with access.reading() if dry_run else access.writing() as ledger:
        declared = _plan_declarations(ledger, declaration, receipt)
        plan = plan_imports(ledger, manifest.rows, category, coming=declared.lines)
        faults = (*manifest.faults, *plan.faults)
        if faults and not partial:
            raise refuse(faults).at(str(file))
        drafts = (*declared.drafts, *plan.drafts)
        _append(access, ledger, drafts, signer, dry_run=dry_run)
    _say(out, declared, plan, faults, dry_run=dry_run)


def _read(file: Path, *, partial: bool) -> Manifest:
    try:
        return read_manifest(read_input(file), partial=partial)
    except TraceledgerError as error:
        raise error.at(str(file)) from error


def _plan_declarations(
    ledger: LedgerView, file: Path | None, receipt: Path | None
) -> DeclarationPlan:
    if (file is None) != (receipt is None):
        raise UsageError("usage.option", "a declaration needs its receipt: give both")
    if file is None or receipt is None:
        return DeclarationPlan((), 0, {})
    digest = hashlib.sha256(read_input(receipt)).hexdigest()
    try:
        rows = read_declarations(read_input(file))
    except TraceledgerError as error:
        raise error.at(str(file)) from error
    return plan_declarations(ledger, rows, digest, secrets.token_bytes)


def _append(
    access: Session,
    ledger: LedgerView,
    drafts: Sequence[Draft],
    signer: SoftwareSigner,
    *,
    dry_run: bool,
) -> None:
    if dry_run:
        # The links of a later batch lead to what an earlier one would have written.
        if drafts:
            access.append(ledger, drafts[:MAX_EVENTS], signer, dry_run=True)
        return
    with progress("Importing", len(drafts)) as step:
        for start in range(0, len(drafts), _BATCH):
            access.append(ledger, drafts[start : start + _BATCH], signer, dry_run=False)
            step(start + _BATCH)


def _say(
    out: Output,
    declared: DeclarationPlan,
    plan: ImportPlan,
    faults: Sequence[RowFault],
    *,
    dry_run: bool,
) -> None:
    data = {
        "declared": len(declared.drafts),
        "imported": len(plan.drafts),
        "present": plan.present,
        "faults": [fault._asdict() for fault in faults],
        "dry_run": dry_run,
    }
    did = "Checked; nothing was written. It would be: " if dry_run else ""
    said = f"{did}{len(plan.drafts):,} cores imported, {plan.present:,} were there already"
    lines = f", {len(declared.drafts):,} lines declared" if declared.drafts else ""
    listed = "".join(f"\n  {fault}" for fault in faults)
    left_out = f"\nLeft out:{listed}" if faults else ""
    out.result(data, f"{said}{lines}.{left_out}")
