"""`traceledger scan`: reads the label in an image and checks what it proves."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from traceledger.codes import CODES
from traceledger.errors import VerificationError
from traceledger.formats.label import OpenedLabel
from traceledger.identifiers import DigitalLink, format_link, group_serial
from traceledger.labels.scanning import read_label
from traceledger.verify import RefusedError, describe_result
from traceledger.verify.label import CheckedLabel, ConfirmedLabel, check_label, confirm_label
from traceledger_cli.command import command
from traceledger_cli.exits import INCOMPLETE, REFUSED, SUCCESS
from traceledger_cli.options.file_options import FILE, trust_option
from traceledger_cli.options.files import read_input
from traceledger_cli.options.trust_store import read_trust
from traceledger_cli.output import Output
from traceledger_cli.texts.passport_verdict import render_refusal, render_verdict
from traceledger_cli.texts.terminal import style

__all__ = ["scan"]

_MAX_IMAGE = 64 << 20
_EXAMPLE = """\
traceledger scan label.png --trust trust.json
traceledger scan photo.jpg --trust trust.json --passport passport.json
"""


@command("scan", example=_EXAMPLE)
@click.argument("image", type=FILE)
@trust_option(
    "The trust file, which lists the keys that may sign statements on labels.",
    stored=True,
    required=True,
)
@click.option(
    "--passport", type=FILE, help="The part's passport, to confirm the label's statement."
)
@click.pass_context
def scan(
    context: click.Context, *, image: Path, trust: Path, passport: Path | None, out: Output
) -> None:
    """Read the label in an image and check what it proves.

    Needs no network. A label alone is at best incomplete (exit code 4): it proves who signed it,
    not that the approval is still valid. With a passport, the exit codes are those of `verify`.
    """
    trusted = read_trust(trust)
    link = read_label(read_input(image, _MAX_IMAGE))
    item = link.item.text
    try:
        found = check_label(link, trusted)
        confirmed = None
        if passport:
            confirmed = confirm_label(found, read_input(passport), trusted, now=int(time.time()))
    except VerificationError as error:
        refusal = RefusedError(error.code, error.message, where=error.where, hint=error.hint)
        out.result(
            {**describe_result(refusal), "label": _describe(link)}, render_refusal(refusal, item)
        )
        context.exit(REFUSED)
    if confirmed is None:
        result: dict[str, Any] = {"result": "incomplete", "codes": [found.code], "item": item}
        out.result({**result, "label": _describe(link, found.opened)}, _render(found))
        context.exit(INCOMPLETE)
    verdict = confirmed.verdict
    result = {**describe_result(verdict), "label": _describe(link, confirmed.opened)}
    out.result(result, f"{render_verdict(verdict)}\n\n{_render_confirmed(confirmed)}")
    context.exit(SUCCESS if verdict.result == "verified" else INCOMPLETE)


def _describe(link: DigitalLink, opened: OpenedLabel | None = None) -> dict[str, Any]:
    described: dict[str, Any] = {"link": format_link(link.base, link.item), "base": link.base}
    if opened is not None:
        described["statement"] = {**opened.statement._asdict(), "party": opened.party}
    return described


def _render(found: CheckedLabel) -> str:
    number = found.item.rpartition("/")[2]
    lines = [
        f"{style(' INCOMPLETE ', bg='yellow', fg='black', bold=True)}  {found.item}",
        "",
        f"The label reads {group_serial(number)} and leads to {found.link.base}.",
    ]
    if found.opened is not None:
        lines.append(_render_statement(found.opened))
    return "\n".join((*lines, f"{CODES[found.code].meaning} {CODES[found.code].hint}"))


def _render_confirmed(confirmed: ConfirmedLabel) -> str:
    if confirmed.opened is None:
        return CODES[confirmed.code].meaning
    return _render_statement(confirmed.opened)


def _render_statement(opened: OpenedLabel) -> str:
    return f"{opened.party} signed in {opened.statement.month} that this part was approved."
