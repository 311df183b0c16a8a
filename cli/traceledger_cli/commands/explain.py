"""`traceledger explain`: the meaning of a code, and what to do."""

from __future__ import annotations

import difflib

import click

from traceledger.codes import CODES
from traceledger.errors import NotFoundError
from traceledger_cli.command import command
from traceledger_cli.exits import MEANINGS
from traceledger_cli.output import Output
from traceledger_cli.texts.layout import columns
from traceledger_cli.texts.results import RESULTS
from traceledger_cli.texts.terminal import style

__all__ = ["explain"]


@command("explain", example="traceledger explain life.transition\ntraceledger explain 3")
@click.argument("code", required=False)
def explain(*, code: str | None, out: Output) -> None:
    """Explain the code of an error or result, an exit code, or a verdict such as DIFFERS.

    Without a code, list all codes.
    """
    if code is None:
        codes = {name: entry.meaning for name, entry in CODES.items()}
        out.result({"codes": codes}, columns(codes.items()))
    elif code.isdecimal() and int(code) in MEANINGS:
        meaning = MEANINGS[int(code)]
        out.result({"exit": int(code), "meaning": meaning}, f"Exit code {code}: {meaning}.")
    elif (entry := CODES.get(code) or RESULTS.get(code.upper().replace("_", " "))) is not None:
        name = style(code, bold=True)
        described = {"code": code, "meaning": entry.meaning, "hint": entry.hint}
        text = f"{name}\n{entry.meaning}\nWhat to do: {entry.hint}"
        if entry.meaning_zh:
            described |= {"meaning_zh": entry.meaning_zh, "hint_zh": entry.hint_zh}
            text += f"\n{entry.meaning_zh}\n处理：{entry.hint_zh}"
        out.result(described, text)
    else:
        close = difflib.get_close_matches(code, CODES, n=3)
        near = f"; similar codes: {', '.join(close)}" if close else ""
        raise NotFoundError("usage.code", f"there is no code {code}{near}")
