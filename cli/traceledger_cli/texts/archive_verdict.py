"""The result of verifying an archive, as text."""

from __future__ import annotations

from pathlib import Path

from traceledger.codes import CODES
from traceledger.errors import UsageError, VerificationError
from traceledger.events.encoding import encode_base64url
from traceledger.identifiers.excerpt import printable
from traceledger.verify.archive.growth import Fork
from traceledger.verify.archive.verdict import ArchiveVerdict
from traceledger.verify.refusal import hint_for_reader
from traceledger_cli.output import describe
from traceledger_cli.texts.layout import pairs
from traceledger_cli.texts.passport_verdict import bullets, cosigners, headline, section
from traceledger_cli.texts.words import counted, moment

__all__ = [
    "render_archive",
    "render_contradiction",
    "render_damage",
    "render_fork",
    "render_not_compared",
    "render_reasons",
]

_SIGNS = {
    "verified": ("VERIFIED", "green"),
    "incomplete": ("INCOMPLETE", "yellow"),
    "refused": ("REFUSED", "red"),
}
_MOST = 20
_NO_LOG_SHOWS = (
    "What was never entered. No log can show a core that nobody recorded: compare with customs' own"
    " list of declarations."
)


def render_archive(verdict: ArchiveVerdict) -> str:
    """Renders what was verified, which events break the rules, and what was not checked."""
    as_of = "no proven time" if verdict.as_of is None else moment(verdict.as_of)
    sections = [
        headline(*_SIGNS[verdict.result], verdict.origin),
        pairs(
            (
                ("as of", as_of),
                ("size", f"{verdict.size:,} entries"),
                ("cosigned by", cosigners(verdict.cosigners)),
            )
        ),
        section("Events that break the rules", _illegal(verdict)),
        section("Customs fields that are neither disclosed nor erased", _undisclosed(verdict)),
        section("What was checked", _checked(verdict)),
        section("What was not checked", _not_checked(verdict)),
    ]
    return "\n\n".join(filter(None, sections))


def render_reasons(verdict: ArchiveVerdict) -> list[str]:
    """Renders why an archive is refused or incomplete; empty if it is verified."""
    found = (
        section("Events that break the rules", _illegal(verdict)),
        section("What the verification could not check", bullets(_gaps(verdict))),
    )
    return [part for part in found if part]


def render_damage(error: VerificationError, path: Path) -> str:
    """Renders the refusal of an archive: where it failed, and what to do."""
    return "\n".join(
        (
            headline("REFUSED", "red", str(path)),
            "",
            "Do not rely on this archive: a check failed.",
            describe(error),
            f"What to do: {hint_for_reader(error)}",
        )
    )


def render_fork(fork: Fork) -> str:
    """Renders the proof that a log signed two histories."""
    first, second = (encode_base64url(root) for root in fork.roots)
    return "\n".join(
        (
            headline("FORK", "red", fork.origin),
            "",
            f"The ledger signed two histories. At size {fork.size:,} its tree had the roots",
            f"  {first}",
            f"  {second}",
            "Keep both files: with the ledger's key, they prove it to anyone.",
        )
    )


def render_contradiction(error: VerificationError, origin: str, evidence: Path | None) -> str:
    """Renders a witness's refusal of a checkpoint that does not extend the cosigned tree."""
    proven = error.code == "witness.fork"
    lines = [
        headline("FORK" if proven else "REFUSED", "red", origin),
        "",
        describe(error),
        f"What to do: {error.hint}",
    ]
    if evidence is not None:
        lines.append(f"Both checkpoints are kept in {printable(str(evidence))}.")
    return "\n".join(lines)


def render_not_compared(error: UsageError) -> str:
    """Renders that a contradiction could be neither proven nor ruled out, and what to do."""
    return "\n".join(
        (
            headline("INCOMPLETE", "yellow", "not compared"),
            "",
            describe(error),
            f"What to do: {error.hint}",
        )
    )


def _illegal(verdict: ArchiveVerdict) -> list[str]:
    lines = [
        f"entry {illegal.entry:,}, {f'event {illegal.event}' if illegal.event else 'a seal'}:"
        f" {illegal.message} [{illegal.code}]"
        for illegal in verdict.illegal[:_MOST]
    ]
    return bullets(lines) + _more(len(verdict.illegal))


def _undisclosed(verdict: ArchiveVerdict) -> list[str]:
    lines = [f"event {found.event}: {found.field}" for found in verdict.undisclosed[:_MOST]]
    return bullets(lines) + _more(len(verdict.undisclosed))


def _more(count: int) -> list[str]:
    return [f"and {count - _MOST:,} more; --json lists all"] if count > _MOST else []


def _checked(verdict: ArchiveVerdict) -> list[str]:
    counts = verdict.counts
    but = ", except those listed above" if verdict.illegal else ""
    unchecked = ", as far as this version can judge" if counts.unchecked else ""
    lines = [
        f"These are all {counts.events:,} events of {counts.items:,} items in this ledger.",
        "Every hash, signature, key and chain position was checked, from the founding on.",
        f"They obey the rules{but}{unchecked}.",
        f"All {counts.checkpoints:,} published checkpoints belong to this one history.",
        "Each ends in a seal over the latest events of all items; nothing is hidden.",
    ]
    if verdict.at_least is not None:
        lines.append(
            f"This history extends the given checkpoint of size {verdict.at_least:,}: nothing up"
            " to there was changed."
        )
    if counts.disclosures:
        lines.append(f"The {counts.disclosures:,} disclosed fields match their signed digests.")
    if counts.erased:
        were = "was" if counts.erased == 1 else "were"
        lines.append(
            f"{counted(counts.erased, 'field')} {were} erased, each by an event that states the"
            " reason."
        )
    return bullets(lines)


def _gaps(verdict: ArchiveVerdict) -> list[str]:
    """Returns what makes the result incomplete, and what to do."""
    counts = verdict.counts
    lines = [
        f"{CODES[code].meaning} {CODES[code].hint} [{code}]"
        for code in dict.fromkeys(verdict.codes)
        if code != "log.illegal"
    ]
    if counts.unchecked:
        lines.append(f"{counted(counts.unchecked, 'event')} that this version cannot judge.")
    return lines


def _not_checked(verdict: ArchiveVerdict) -> list[str]:
    counts = verdict.counts
    lines = _gaps(verdict)
    if counts.unknown_lines:
        lines.append(
            f"{counted(counts.unknown_lines, 'signature line')} on checkpoints, by keys that the"
            " trust file does not list."
        )
    if counts.undisclosed and not verdict.undisclosed:
        lines.append(
            f"{counted(counts.undisclosed, 'customs field')}, which this archive does not disclose."
        )
    lines += [_NO_LOG_SHOWS, "Whether the claims are true and the event times correct."]
    return bullets(lines)
