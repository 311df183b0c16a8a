"""`traceledger witness new` and `cosign`: customs' side, without the ledger's database."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from traceledger.errors import MalformedError, StorageError, UsageError, VerificationError
from traceledger.events.keys import SoftwareSigner
from traceledger.files.new_folder import require_vacant_folder
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.cosignature import Cosigner
from traceledger.formats.note import NoteVerifier, check_key_name, parse_note
from traceledger.formats.receipt import open_receipt
from traceledger.formats.vkey import format_vkey, parse_vkey
from traceledger.formats.witness import parse_request
from traceledger.verify.archive.verdict import describe_archive
from traceledger.witness.home import WitnessHome
from traceledger.witness.request_folder import read_entries, read_request
from traceledger_cli.command import command
from traceledger_cli.exits import REFUSED
from traceledger_cli.options.file_options import FILE, output_option
from traceledger_cli.options.files import STANDARD, read_input, write_output
from traceledger_cli.options.passphrases import ask_passphrase, find_passphrase
from traceledger_cli.output import Output
from traceledger_cli.progress import progress
from traceledger_cli.texts.archive_verdict import render_contradiction
from traceledger_cli.texts.layout import pairs

__all__ = ["cosign", "new"]

_NEW = """\
traceledger witness new customs-witness --name customs.example/w1 \\
    --log ledger.example/cq-1+2120e9fe+ATAb4qAE30ROg0oPvIFRztj3I2w5/5Cw0LeyC7OHERBJ
"""
_COSIGN = "traceledger witness cosign customs-witness request -o answer.txt"
_PASSPHRASE = click.option(
    "--passphrase-file",
    type=FILE,
    envvar="TRACELEDGER_PASSPHRASE_FILE",
    help="A file with the passphrase of the witness's key. Default: a prompt.",
)


@command("new", example=_NEW, writes=True)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The witness's name: a host and a path.")
@click.option("--log", required=True, help="The key of the log: name+hash+key.")
@_PASSPHRASE
def new(
    *,
    folder: Path,
    name: str,
    log: str,
    passphrase_file: Path | None,
    dry_run: bool,
    out: Output,
) -> None:
    """Create a witness: its key, and a folder for its memory.

    Never restore an older copy of the folder: a witness that forgets may cosign two histories.
    """
    log_key = parse_vkey(log)
    try:
        check_key_name(name)
    except MalformedError as error:
        hint = "Use a host and a path: customs.example/w1."
        raise UsageError("note.key", f"--name: {error.message}", hint=hint) from error
    if not isinstance(log_key, NoteVerifier):
        raise UsageError("note.key", f"{log} is a witness's key, not a log's")
    require_vacant_folder(folder, "witness.exists")
    passphrase = ask_passphrase(passphrase_file, f"the witness {name}")
    signer = SoftwareSigner.generate()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch, "witness") if dry_run else folder
        WitnessHome.create(place, name, log_key, signer, passphrase)
    vkey = format_vkey(Cosigner(name, signer).verifier)
    text = "Checked; nothing was written."
    if not dry_run:
        text = f"Created the witness {name} in {folder}."
    key = pairs([("key for trust files", vkey)], indent="  ")
    out.result({"folder": str(folder), "key": vkey, "dry_run": dry_run}, f"{text}\n{key}")


@command("cosign", example=_COSIGN, writes=True)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("request", type=click.Path(path_type=Path))
@click.option(
    "--append-only", is_flag=True, help="Check only that the log is append-only; replay nothing."
)
@click.option(
    "--receipt",
    "receipts",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="A receipt for your own events: refuse a log that lacks them. Repeatable.",
)
@output_option("The file for the answer. Default: stdout.")
@_PASSPHRASE
@click.pass_context
def cosign(
    context: click.Context,
    *,
    folder: Path,
    request: Path,
    append_only: bool,
    receipts: tuple[Path, ...],
    target: Path,
    passphrase_file: Path | None,
    dry_run: bool,
    out: Output,
) -> None:
    """Check a request, replay its events, and cosign.

    FOLDER is the witness's folder, REQUEST the output of `traceledger witness request`. Refuses a
    log that does not extend the one cosigned before, and events that are false or break the rules.
    It also refuses a log that lacks an event of a receipt in `receipts/` of FOLDER, an hour after
    the file was put there.
    """
    if append_only and receipts:
        raise UsageError(
            "usage.option",
            "--receipt needs the events, which --append-only does not read",
            hint="Leave out one of them.",
        )
    home = WitnessHome.open(folder)
    witness = home.witness(find_passphrase(passphrase_file, f"the witness {home.name}"))
    promised = [open_receipt(read_input(p), witness.origin, [home.log_key]) for p in receipts]
    promised += () if append_only else home.receipts(time.time())
    data = read_request(request)
    parsed = parse_request(data)
    size = parse_checkpoint(parse_note(parsed.checkpoint).text).size
    now = int(time.time())
    answer = b""
    try:
        with progress("Replaying", 0 if append_only else size - parsed.old) as step:
            entries = _counted(read_entries(request), step)
            if append_only and dry_run:
                witness.check(data)
            elif append_only:
                answer = witness.cosign(data, now)
            elif dry_run:
                witness.check_replayed(data, entries, receipts=promised)
            else:
                answer = witness.cosign_replayed(data, entries, now, receipts=promised)
    except VerificationError as error:
        if error.code not in {"witness.fork", "merkle.proof"}:
            raise
        evidence = None
        try:
            evidence = None if dry_run else home.keep_evidence(data, error)
        except StorageError as unkept:  # the log is refused nevertheless
            out.note(f"The evidence was not kept: {unkept.message}")
        described = {
            **describe_archive(error),
            "result": "fork" if error.code == "witness.fork" else "refused",
            "evidence": str(evidence or ""),
        }
        out.result(described, render_contradiction(error, witness.origin, evidence))
        context.exit(REFUSED)
    finding = "is append-only"
    if not append_only:
        finding += " and every new event obeys the rules"
    result = {"size": size, "since": parsed.old, "replayed": not append_only, "dry_run": dry_run}
    if dry_run:
        out.result(result, f"Checked: the log {finding}. Nothing was written.")
        return
    home.publish(data, answer)
    write_output(target, answer)
    out.note(f"Cosigned size {size:,} of {witness.origin}: the log {finding}.")
    if target != STANDARD:
        out.result({**result, "answer": answer.decode()}, f"Wrote {target}.")


def _counted(entries: Iterable[bytes], step: Callable[[int], None]) -> Iterator[bytes]:
    for done, entry in enumerate(entries, 1):
        yield entry
        step(done)
