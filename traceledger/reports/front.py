"""The front page: scope, verdict in a sentence, what was checked, what not, and with what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from traceledger.audit.figures import Figure, show, total
from traceledger.audit.output import hash_report
from traceledger.audit.policy import Policy, Wider
from traceledger.codes import CODES
from traceledger.formats.sample import RESULTS, SampleStatement
from traceledger.identifiers.values import parse_time
from traceledger.reports.model import Front, Section
from traceledger.reports.overview import make_overview
from traceledger.reports.samples import describe_bound
from traceledger.reports.sheets.source import Source, name_of, show_time
from traceledger.reports.verdicts import state_verdict
from traceledger.reports.words import Words, other_of, words_of
from traceledger.verify.archive.verdict import ArchiveVerdict
from traceledger.verify.verdict import Cosigner

__all__ = ["Basis", "GivenList", "Served", "make_front"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Served:
    """What stands in place of a verdict where a ledger's own server computes the account.

    Whoever reads such a report has verified nothing. `size` is that of the log; `cosigners` signed
    its checkpoint, or None if the server's trust file names no witness that could have.
    """

    origin: str
    size: int
    cosigners: tuple[Cosigner, ...] | None


class GivenList(NamedTuple):
    """A file with customs' own list: its name, and its SHA-256 in hex."""

    name: str
    digest: str

    @classmethod
    def of(cls, name: str, data: bytes) -> GivenList:
        """Describes a file."""
        return cls(name, hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class Basis:
    """What a report rests on beside the account.

    `verdict` is that of the verification in whose pass the account was computed, if there was one.
    `root` is the hash of the tree in base64, `fingerprint` that of the trust file. `program` is
    name, version and digest. `command` repeats the audit. `lists` are the files of customs' lists,
    `documents` tells whether documents were given.
    """

    verdict: ArchiveVerdict | Served
    root: str
    fingerprint: str
    program: tuple[str, str, str]
    command: str
    lists: tuple[GivenList, ...]
    documents: bool


def make_front(source: Source, basis: Basis, words: Words) -> Front:
    """Makes the front page."""
    account = source.account
    other = words_of(other_of(words.language))
    digest = hash_report(account)
    differences = source.details.differences
    return Front(
        title=_title(account, words),
        subtitle=basis.verdict.origin,
        verdict=state_verdict(account, differences, words),
        verdict_too=state_verdict(account, differences, other),
        summary=words("sentences").join(_summary(account, basis, words)),
        scope=Section(words("scope"), tuple(_scope(source, basis, words))),
        overview=make_overview(account, words),
        checked=tuple(_checked(source, basis, words)),
        not_checked=tuple(_not_checked(source, basis, words)),
        made_with=Section(words("made"), tuple(_made_with(basis, digest, words))),
        digest=digest,
    )


def _title(account: Json, words: Words) -> str:
    books = account["books"]
    if len(books) == 1:
        return words("title.book", number=name_of(books[0]))
    return words("title.books", n=len(books)) if books else words("title.none")


def _summary(account: Json, basis: Basis, words: Words) -> Iterator[str]:
    if isinstance(basis.verdict, Served):
        yield words("summary.served")
    zero = {True: "zero", False: "not-zero", None: "unknown"}[account["residual_zero"]]
    yield words(f"summary.{zero}")
    counts = {
        name: sum(finding["severity"] == letter for finding in account["findings"])
        for letter, name in (("H", "high"), ("M", "medium"), ("L", "low"))
    }
    yield words("summary.findings", **counts)
    if wider := Policy(account["policy"]).wider:
        clauses = (words(f"wider.{one.name}", **_sides(one)) for one in wider)
        yield words("summary.wider", values=words("clauses").join(clauses))
    yield words("summary.list" if account["customs_list"] else "summary.no-list")
    match basis.verdict:
        case ArchiveVerdict(result="refused", illegal=illegal):
            yield words("summary.refused", n=len(illegal))
        case ArchiveVerdict(result="incomplete"):
            yield words("summary.partial")


def _scope(source: Source, basis: Basis, words: Words) -> Iterator[tuple[str, str]]:
    account, zone = source.account, source.zone
    first, last = account["from_size"], account["to_size"] - 1
    yield (
        words("scope.period"),
        words("scope.entries", first=f"{first:,}", last=f"{last:,}"),
    )
    as_of = int(parse_time(account["as_of"]).timestamp())
    yield words("scope.as_of"), show_time(as_of, zone)
    size = f"{basis.verdict.size:,}"
    yield words("scope.checkpoint"), words("scope.root", size=size, root=basis.root)
    yield words("scope.witnesses"), _name_witnesses(basis.verdict.cosigners, words)
    yield words("scope.policy"), words("clauses").join(_policy(account, words))
    given = [words("scope.list", **one._asdict()) for one in basis.lists]
    yield words("scope.lists"), words("clauses").join(given) or words("scope.none-given")
    drawn = [words("scope.sample", **_count(one.statement)) for one in source.samples]
    yield words("scope.samples"), words("clauses").join(drawn) or words("scope.none-given")
    for one in source.samples:
        if shown := describe_bound(one.statement, words):
            yield words("scope.shown", number=f"{one.statement.number:,}"), shown


def _name_witnesses(cosigners: tuple[Cosigner, ...] | None, words: Words) -> str:
    if cosigners is None:
        return words("scope.unjudged")
    return ", ".join(by.name for by in cosigners) or words("scope.no-witness")


def _count(statement: SampleStatement) -> dict[str, str]:
    """Returns the figures of a sample."""
    figures: dict[str, int] = {
        "number": statement.number,
        "drawn": len(statement.results),
        "frame": statement.frame,
    }
    figures |= {result: statement.count(result) for result in RESULTS}
    return {name: f"{figure:,}" for name, figure in figures.items()}


def _policy(account: Json, words: Words) -> Iterator[str]:
    policy = Policy(account["policy"])
    if policy.mode_codes:
        yield words("policy.modes", modes=" ".join(policy.mode_codes))
    yield words("policy.late", n=policy.late_hours)
    yield words(
        "policy.tolerances",
        **{name: _percent(policy.tolerance(name)) for name in ("weight", "value", "mass")},
        loss=_percent(policy.process_loss),
    )
    days = dict.fromkeys(str(policy.max_days(book["book"])) for book in account["books"])
    shown = ", ".join(days) or str(policy.longest_days)
    yield words("policy.days", days=shown, writeoff=policy.writeoff_days)
    yield words("policy.defaults")


def _sides(wider: Wider) -> dict[str, str]:
    """Returns a value of the policy and its default as text."""
    return {
        name: _percent(value) if isinstance(value, Decimal) else f"{value:,}"
        for name, value in (("value", wider.value), ("default", wider.default))
    }


def _percent(fraction: Decimal) -> str:
    return f"{(fraction * 100).normalize():f}%"


def _checked(source: Source, basis: Basis, words: Words) -> Iterator[str]:
    if isinstance(basis.verdict, Served):
        yield words("checked.served", n=f"{basis.verdict.size:,}")
    else:
        yield from _verified(basis.verdict, words)
    if source.account["customs_list"]:
        yield words("checked.list")
    if source.samples:
        yield words("checked.samples")
    if basis.documents:
        yield words("checked.documents")


def _verified(verdict: ArchiveVerdict, words: Words) -> Iterator[str]:
    yield words("checked.entries", n=f"{verdict.counts.entries:,}")
    yield words("checked.signatures")
    illegal = len(verdict.illegal)
    yield words("checked.illegal", n=illegal) if illegal else words("checked.rules")
    yield words("checked.checkpoints", n=f"{verdict.counts.checkpoints:,}")
    yield words("checked.figures")


def _not_checked(source: Source, basis: Basis, words: Words) -> Iterator[str]:
    account = source.account
    if isinstance(basis.verdict, Served):
        yield words("not.verified", command=basis.command)
        yield words("not.trust.first-use")
    if answers := source.details.unattested:
        yield words("not.answers", n=answers)
    yield words("not.goods.sampled" if source.samples else "not.goods")
    if (loose := _loose_waste(account)) != 0:
        yield words("not.loose", kg=show(loose) or words("unknown"))
    yield words("not.entered")
    if not account["customs_list"]:
        yield words("not.list")
    if not basis.documents:
        yield words("not.documents")
    if figures := len(account["not_evaluated"]):
        yield words("not.figures", n=figures)
    if isinstance(basis.verdict, ArchiveVerdict):
        yield from _unverified(basis.verdict, words)
    yield words("not.times")


def _loose_waste(account: Json) -> Figure:
    """Adds up the waste of disassembly that went into no lot, in kg."""
    masses = [part["mass"] for part in (*account["books"], account["no_book"]) if part.get("mass")]
    figures = (mass["loose_waste"] for mass in masses)
    return total(None if figure is None else Decimal(figure) for figure in figures)


def _unverified(verdict: ArchiveVerdict, words: Words) -> Iterator[str]:
    counts = verdict.counts
    numbers = {
        "undisclosed": counts.undisclosed,
        "erased": counts.erased,
        "unchecked": counts.unchecked,
    }
    for name, count in numbers.items():
        if count:
            yield words(f"not.{name}", n=count)
    for code in dict.fromkeys(verdict.codes):
        if code != "log.illegal":
            key = f"not.{code}"
            yield f"{words(key) if key in words.rows else CODES[code].meaning} [{code}]"


def _made_with(basis: Basis, digest: str, words: Words) -> Iterator[tuple[str, str]]:
    yield words("made.trust"), words("made.fingerprint", fingerprint=basis.fingerprint)
    name, version, files = basis.program
    yield words("made.program"), words("made.version", name=name, version=version, digest=files)
    yield words("made.account"), words("made.digest", digest=digest)
    yield words("made.repeat"), words("made.how", command=basis.command)
