"""`traceledger verify`: verifies against a trust file, without a network or a database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click

from traceledger.errors import MalformedError, NotFoundError, TraceledgerError, UsageError
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.passport import parse_passport
from traceledger.formats.trust import parse_trust
from traceledger.verify import Companion, RefusedError, describe_result, verify_passport
from traceledger_cli.archive_verification import (
    VERDICTS,
    AuditOptions,
    audit,
    is_archive,
    show_fork,
)
from traceledger_cli.command import command
from traceledger_cli.exits import REFUSED, exit_of
from traceledger_cli.options.file_format import refuse_other_format
from traceledger_cli.options.file_options import FILE, trust_option
from traceledger_cli.options.files import read_input
from traceledger_cli.options.trust_store import find_trust, read_trust
from traceledger_cli.options.values import ITEM
from traceledger_cli.output import Output
from traceledger_cli.texts.passport_verdict import (
    render_refusal,
    render_unchecked,
    render_verdict,
)

__all__ = ["verify"]

_EXAMPLE = """\
traceledger verify passport.json --trust trust.json \\
    --item 01/09521234543213/21/7KQ2X4PM9ATRWC
traceledger verify audit.zip --trust trust.json --at-least checkpoint-of-may
"""
_PATH = click.Path(path_type=Path, allow_dash=True)
_SETTINGS = (
    "traceledger.toml"  # in a ledger's own folder; importing its module would load the database
)


@command("verify", example=_EXAMPLE)
@click.argument("path", type=_PATH, required=False)
@click.option(
    "--item",
    type=ITEM,
    help="The part in your hand: the id or the address on its label, never one from the passport.",
)
@trust_option("The trust file. Default: the one stored with `trust add`.", stored=True)
@click.option(
    "--former",
    type=FILE,
    multiple=True,
    help="The passport of an earlier life in another ledger, whose trust file is stored."
    " Repeatable.",
)
@click.option("--first-use", is_flag=True, help="The trust file came from the ledger itself.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Archive: the number of processes. Default: the number of cores.",
)
@click.option(
    "--dask",
    "cluster",
    metavar="ADDRESS",
    help="Archive: check it on a Dask cluster, by its scheduler's address, tcp://HOST:PORT.",
)
@click.option(
    "--scratch",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Archive: a file that saves the progress, so that an interrupted run can resume.",
)
@click.option(
    "--at-least",
    type=FILE,
    help="Archive: the checkpoint that you kept; the ledger must extend it.",
)
@click.option(
    "--fork",
    type=_PATH,
    nargs=2,
    help="Prove that two archives, or an archive and a checkpoint, contradict each other.",
)
@click.pass_context
def verify(
    context: click.Context,
    *,
    path: Path | None,
    item: str | None,
    trust: Path | None,
    former: tuple[Path, ...],
    first_use: bool,
    workers: int | None,
    cluster: str | None,
    scratch: Path | None,
    at_least: Path | None,
    fork: tuple[Path, Path] | None,
    out: Output,
) -> None:
    """Verify the passport of a part, or the archive of a ledger.

    PATH is a passport, or an archive as a directory or a zip. Exit code 0: verified. 4: incomplete,
    nothing is false, but something could not be checked. 3: refused, do not rely on it; or a fork
    was proven. 2: nothing was checked, because a file cannot be read.
    """
    if fork is not None:
        if path is not None:
            raise UsageError("usage.option", "--fork takes two files and no PATH")
        context.exit(show_fork(fork, trust, out))
    if path is None:
        raise UsageError("usage.option", "Missing argument 'PATH'.")
    if is_archive(path):
        if item is not None or former:
            raise UsageError(
                "usage.option", "--item and --former are for passports; an archive covers all items"
            )
        if (path / _SETTINGS).exists():
            raise UsageError(
                "usage.option",
                f"{path} is a ledger's own folder, not an archive",
                hint="Write an archive with `traceledger export` and verify it.",
            )
        options = AuditOptions(path, trust, first_use, workers, scratch, at_least, cluster)
        context.exit(audit(options, out))
    if item is None:
        refuse_other_format(read_input(path), path, "an archive or a passport")
        raise UsageError(
            "usage.option",
            f"{path} is not an archive, and a passport is verified for the part in your hand",
            hint="Add --item with the id or the address on the part's label.",
        )
    if (workers, cluster, scratch, at_least) != (None, None, None, None):
        raise UsageError(
            "usage.option", "--workers, --dask, --scratch and --at-least are for archives"
        )
    companions = [companion for file in former for companion in _read_companion(file, out)]
    context.exit(_verify_passport(path, item, trust, companions, out, first_use=first_use))


def _verify_passport(
    path: Path,
    item: str,
    trust: Path | None,
    companions: Sequence[Companion],
    out: Output,
    *,
    first_use: bool,
) -> int:
    data = read_input(path)
    try:
        refuse_other_format(data, path, "a passport")
        trusted = read_trust(trust) if trust else find_trust(_origin(data), item)
        verdict = verify_passport(
            data,
            trusted,
            item,
            now=int(time.time()),
            first_use=first_use,
            companions=companions,
        )
    except RefusedError as error:
        out.result(describe_result(error), render_refusal(error, item))
        return REFUSED
    except MalformedError as error:
        out.result(describe_result(error), render_unchecked(error, item))
        return exit_of(error)
    out.result(describe_result(verdict), render_verdict(verdict))
    return VERDICTS[verdict.result]


def _read_companion(file: Path, out: Output) -> list[Companion]:
    """Reads a passport of another ledger; without a stored trust file it is not followed."""
    data = read_input(file)
    refuse_other_format(data, file, "a passport")
    parsed = parse_passport(data)
    origin = parse_checkpoint(parse_note(parsed.checkpoint).text).origin
    try:
        trust = parse_trust(find_trust(origin, parsed.item))
    except NotFoundError as error:
        out.note(f"{file} is not followed: {error.message}.")
        return []
    return [Companion(data, trust)]


def _origin(data: bytes) -> str:
    """Returns the origin that the passport claims, only to find the trust file."""
    try:
        return parse_checkpoint(parse_note(parse_passport(data).checkpoint).text).origin
    except TraceledgerError as error:
        raise RefusedError(error.code, error.message, where=error.where, hint=error.hint) from error
