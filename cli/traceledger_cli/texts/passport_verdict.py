"""The result of verifying a passport, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from traceledger.codes import CODES
from traceledger.errors import TraceledgerError
from traceledger.identifiers.excerpt import printable
from traceledger.verify import Verdict
from traceledger.verify.verdict import Cosigner, FormerLife, Thing
from traceledger_cli.output import describe
from traceledger_cli.texts.layout import columns, pairs
from traceledger_cli.texts.terminal import style
from traceledger_cli.texts.words import ACTIONS, life, moment

__all__ = [
    "bullets",
    "cosigners",
    "headline",
    "render_refusal",
    "render_unchecked",
    "render_verdict",
    "section",
]

_SIGNS = {"verified": ("VERIFIED", "green"), "incomplete": ("INCOMPLETE", "yellow")}
_WIDTH = 78


def render_refusal(error: TraceledgerError, item: str) -> str:
    """Renders the refusal of a passport: where it failed, and what to do."""
    title = headline("REFUSED", "red", item)
    return _render_failure(title, "Do not rely on this record: a check failed.", error)


def render_unchecked(error: TraceledgerError, item: str) -> str:
    """Renders why nothing was checked."""
    title = headline("NOT CHECKED", "yellow", item)
    return _render_failure(title, "This says nothing about the record.", error)


def _render_failure(title: str, meaning: str, error: TraceledgerError) -> str:
    return "\n".join((title, "", meaning, describe(error), f"What to do: {error.hint}"))


def render_verdict(verdict: Verdict) -> str:
    """Renders what was verified, the part's state, and what was not checked."""
    sign, colour = _SIGNS[verdict.result]
    item, *parts = verdict.things
    sections = [
        headline(sign, colour, verdict.item),
        *_warnings(verdict),
        pairs(
            (
                ("state", life(item.life)),
                ("as of", _as_of(verdict.as_of)),
                ("ledger", f"{verdict.origin}, {verdict.size:,} entries"),
                ("cosigned by", cosigners(verdict.cosigners)),
            )
        ),
        section("What was checked", _checked(verdict, item, parts)),
        section("What was not checked", _not_checked(verdict)),
        section("Who signed", [columns((party.name, party.party) for party in verdict.parties)]),
    ]
    return "\n\n".join(filter(None, sections))


def headline(sign: str, colour: str, item: str) -> str:
    """Returns the first line: the result and its subject."""
    return f"{style(f' {sign} ', bg=colour, fg='black', bold=True)}  {printable(item)}"


def _warnings(verdict: Verdict) -> list[str]:
    lines = [
        f"DO NOT USE, RECALLED: {recall.chain}\n"
        f"campaign {recall.campaign}, severity {recall.severity};"
        f" {ACTIONS.get(recall.action, recall.action)}; contact {recall.contact}"
        for recall in verdict.recalls
    ]
    lines += [f"ON HOLD by {hold.authority}: {hold.chain}" for hold in verdict.holds]
    lines += [
        f"NOT JUDGED: this version cannot judge whether a {event.kind} of {event.chain} is in force"
        for event in verdict.unchecked
        if event.kind in {"recall", "hold"}
    ]
    lines += [
        f"DISPUTED: {event.kind} of {event.chain} was signed with a key reported as compromised"
        for event in verdict.disputed
    ]
    return [style(line, fg="red", bold=True) for line in lines]


def _checked(verdict: Verdict, item: Thing, parts: list[Thing]) -> list[str]:
    of_parts = sum(len(part.events) for part in parts)
    sources = "the part" if len(parts) == 1 else f"the {len(parts):,} parts"
    also = f", and all {of_parts:,} of {sources} it was made from" if parts else ""
    others = {
        "disputed above": bool(verdict.disputed),
        "listed below": bool(verdict.unchecked),
    }
    named = " or ".join(place for place, given in others.items() if given)
    but = f", except those {named}" if named else ""
    lines = [
        f"These are all {len(item.events):,} events of this part in this ledger{also}.",
        f"Each was signed by the party named, with a valid key, and obeys the rules{but}.",
    ]
    if verdict.result == "verified":
        lines.append("The trusted witnesses cosigned, and one of them replayed the whole log.")
    if verdict.attested:
        lines.append(f"Signed or confirmed by customs: {_kinds(verdict.attested)}.")
    lines += [
        f"Its earlier life as {life.item} in {life.origin}, as of {_as_of(life.as_of)}."
        for life in verdict.former
        if life.result == "verified"
    ]
    return bullets(lines)


def _not_checked(verdict: Verdict) -> list[str]:
    lines = [
        f"{CODES[code].meaning} {CODES[code].hint} [{code}]"
        for code in dict.fromkeys(verdict.codes)
    ]
    if verdict.unchecked:
        lines.append(f"Events that this version cannot judge: {_kinds(verdict.unchecked)}.")
    if verdict.asserted:
        lines.append(
            f"Asserted by the parties, not confirmed by customs: {_kinds(verdict.asserted)}."
        )
    withheld = {
        name for thing in verdict.things for event in thing.events for name in event.withheld
    }
    if withheld:
        lines.append(f"Fields that are not disclosed to you: {', '.join(sorted(withheld))}.")
    lines += [
        f"The earlier life as {life.item} in {life.origin}: {_why(life)}"
        for life in verdict.former
        if life.result != "verified"
    ]
    if verdict.not_followed:
        items = dict.fromkeys(link.item for link in verdict.not_followed)
        lines.append(f"The histories of {', '.join(items)}.")
    lines.append(
        "Whether the claims are true, the event times correct, and the object in your hand is this"
        " part."
    )
    return bullets(lines)


def _why(life: FormerLife) -> str:
    if life.result == "missing":
        return "its record is not at hand; name the passport with --former."
    return " ".join(f"{CODES[code].meaning} [{code}]" for code in life.codes)


def _as_of(seconds: int | None) -> str:
    return "no proven time" if seconds is None else moment(seconds)


def _kinds(mentions: Iterable[tuple[str, str, str]]) -> str:
    return ", ".join(dict.fromkeys(kind for _, _, kind in mentions))


def cosigners(found: Iterable[Cosigner]) -> str:
    """Returns the cosigners' names in the trust file."""
    return printable(", ".join(cosigner.name for cosigner in found)) or "nobody"


def section(title: str, lines: list[str]) -> str:
    """Returns lines under a title, or an empty text without lines."""
    body = "\n".join(lines)
    return f"{style(title, bold=True)}\n{textwrap.indent(body, '  ')}" if body else ""


def bullets(lines: Iterable[str]) -> list[str]:
    """Returns sentences as a bulleted list, wrapped."""
    return [textwrap.fill(f"- {line}", _WIDTH, subsequent_indent="  ") for line in lines]
