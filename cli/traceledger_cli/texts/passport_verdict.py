"""The outcome of a verification in plain words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

import click

from traceledger.codes import CODES
from traceledger.errors import TraceledgerError
from traceledger.verify import Verdict
from traceledger.verify.verdict import Cosigner, Thing
from traceledger_cli.output import describe
from traceledger_cli.texts.layout import columns, pairs, plain
from traceledger_cli.texts.words import ACTIONS, life, moment

__all__ = ["bullets", "cosigners", "headline", "say_refusal", "say_verdict", "section"]

_SIGNS = {"verified": ("VERIFIED", "green"), "incomplete": ("INCOMPLETE", "yellow")}
_WIDTH = 78


def say_refusal(error: TraceledgerError, item: str) -> str:
    """Says that a passport is refused, where, and what to do."""
    return "\n".join(
        (
            headline("REFUSED", "red", item),
            "",
            "Do not rely on this record: a check failed.",
            describe(error),
            f"What to do: {error.hint}",
        )
    )


def say_verdict(verdict: Verdict) -> str:
    """Says what was verified, how the part stands, and what was not checked."""
    sign, colour = _SIGNS[verdict.result]
    item, *parts = verdict.things
    as_of = "no time is proven" if verdict.as_of is None else moment(verdict.as_of)
    sections = [
        headline(sign, colour, verdict.item),
        *_warnings(verdict),
        pairs(
            (
                ("state", life(item.life)),
                ("as of", as_of),
                ("ledger", f"{verdict.origin}, {verdict.size:,} entries"),
                ("cosigned by", cosigners(verdict.cosigners)),
            )
        ),
        section("What was checked", _checked(verdict, item, parts)),
        section("What was not checked", _not_checked(verdict)),
        section("Who signed", [columns((one.name, one.party) for one in verdict.parties)]),
    ]
    return "\n\n".join(filter(None, sections))


def headline(sign: str, colour: str, item: str) -> str:
    """The first line: the result, and what it is about."""
    return f"{click.style(f' {sign} ', bg=colour, fg='black', bold=True)}  {item}"


def _warnings(verdict: Verdict) -> list[str]:
    lines = [
        f"DO NOT USE, RECALLED: {one.chain}\n"
        f"campaign {one.campaign}, severity {one.severity};"
        f" {ACTIONS.get(one.action, one.action)}; ask {one.contact}"
        for one in verdict.recalls
    ]
    lines += [f"ON HOLD by {one.authority}: {one.chain}" for one in verdict.holds]
    lines += [
        f"DISPUTED: {one.kind} of {one.chain} was signed with a key reported as compromised"
        for one in verdict.disputed
    ]
    return [click.style(line, fg="red", bold=True) for line in lines]


def _checked(verdict: Verdict, item: Thing, parts: list[Thing]) -> list[str]:
    of_parts = sum(len(part.events) for part in parts)
    made_from = "the part" if len(parts) == 1 else f"the {len(parts):,} parts"
    also = f", and all {of_parts:,} of {made_from} it was made from" if parts else ""
    but = ", but for those named below" if verdict.unchecked else ""
    lines = [
        f"These are all {len(item.events):,} events of this part in this ledger{also}.",
        f"Each was signed by the party named, whose key was good, and obeys the rules{but}.",
    ]
    if verdict.result == "verified":
        lines.append("The trusted witnesses cosigned, and one of them replayed the whole log.")
    if verdict.attested:
        lines.append(f"Customs themselves signed or confirmed: {_kinds(verdict.attested)}.")
    return bullets(lines)


def _not_checked(verdict: Verdict) -> list[str]:
    lines = [
        f"{CODES[code].meaning} {CODES[code].hint} [{code}]"
        for code in dict.fromkeys(verdict.codes)
    ]
    if verdict.unchecked:
        lines.append(f"Events that this version cannot judge: {_kinds(verdict.unchecked)}.")
    if verdict.asserted:
        lines.append(f"Said by the parties, not confirmed by customs: {_kinds(verdict.asserted)}.")
    withheld = {name for thing in verdict.things for one in thing.events for name in one.withheld}
    if withheld:
        lines.append(f"Fields that are not shown to you: {', '.join(sorted(withheld))}.")
    if verdict.not_followed:
        items = dict.fromkeys(link.item for link in verdict.not_followed)
        lines.append(f"The histories of {', '.join(items)}.")
    lines.append(
        "Whether the claims are true, the event times right, and the object in your hand is this"
        " part."
    )
    return bullets(lines)


def _kinds(mentions: Iterable[tuple[str, str, str]]) -> str:
    return ", ".join(dict.fromkeys(kind for _, _, kind in mentions))


def cosigners(found: Iterable[Cosigner]) -> str:
    """The names of cosigners as the trust file has them."""
    return plain(", ".join(one.name for one in found)) or "nobody"


def section(title: str, lines: list[str]) -> str:
    """Lines under a title, or nothing."""
    body = "\n".join(lines)
    return f"{click.style(title, bold=True)}\n{textwrap.indent(body, '  ')}" if body else ""


def bullets(lines: Iterable[str]) -> list[str]:
    """Sentences as a list."""
    return [textwrap.fill(f"- {line}", _WIDTH, subsequent_indent="  ") for line in lines]
