"""The evidence behind a figure or a finding as a zip: passports, proofs and the checkpoint.

`traceledger verify` reads the passports, each against the trust file of whoever received the zip.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from traceledger.audit.behind import find_figure
from traceledger.audit.contributions.part import Part
from traceledger.audit.figures import show
from traceledger.audit.findings.finding import Finding
from traceledger.audit.trail import Place, describe_places
from traceledger.events.token import parse_token
from traceledger.files.targets import format_zip
from traceledger.formats.trust import TrustFile
from traceledger.ledger.reading.event_proofs import prove_event
from traceledger.ledger.reading.passports import build_passport
from traceledger_api.pages.customs.cores import PAGE
from traceledger_api.pages.customs.events import read_entry
from traceledger_api.pages.customs.figure_page import sort_parts
from traceledger_api.pages.customs.visit import Visit

__all__ = ["Claim", "claim_figure", "claim_finding", "format_evidence"]


class Claim(NamedTuple):
    """What evidence is for: members of the account, and the entries behind them, by item."""

    described: dict[str, Any]
    parts: Sequence[Part]


def claim_figure(visit: Visit, path: str, parts: list[Part]) -> Claim:
    """Returns the claim of a figure's page, whose rows begin and are sorted as the address says."""
    after = visit.number("after")
    described = {
        "path": path,
        "value": find_figure(visit.described, path),
        "contributions": len(parts),
        "first": after + 1,
    }
    return Claim(described, sort_parts(visit, parts)[after : after + PAGE])


def claim_finding(visit: Visit, finding: Finding, described: dict[str, Any]) -> Claim:
    """Returns the claim of a finding, with the entries that its page shows."""
    places = (_place(visit, index) for index, _ in finding.evidence.places)
    return Claim({"finding": described}, [Part(finding.subject, None, tuple(places))])


def format_evidence(visit: Visit, claim: Claim, trust: TrustFile) -> bytes:
    """Formats a claim with the passport of every item that it names, and a proof of each entry."""
    return format_zip(_files(visit, claim, trust))


def _files(visit: Visit, claim: Claim, trust: TrustFile) -> Iterator[tuple[str, bytes]]:
    places = dict.fromkeys(place for part in claim.parts for place in part.entries)
    items = list(dict.fromkeys(place.item for place in places))
    names = {item: f"passports/{number:04}.json" for number, item in enumerate(items, 1)}
    yield "README.txt", _readme(visit, names).encode()
    yield "claim.json", _claim(visit, claim)
    yield "checkpoint", visit.ledger.checkpoint(visit.wanted.end)
    for item, name in names.items():
        yield name, build_passport(visit.ledger, item, visit.reader, trust=trust)
    for place in sorted(places):
        yield f"proofs/{place.at}.tlog-proof", prove_event(visit.ledger, place.at, trust=trust)


def _readme(visit: Visit, names: dict[str, str]) -> str:
    t = visit.words
    commands = (
        shlex.join(["traceledger", "verify", name, "--item", item, "--trust", "trust.json"])
        for item, name in names.items()
    )
    head = t("evidence.readme", origin=visit.ledger.origin, size=visit.wanted.end)
    return "\n".join((head, "", *commands, "", t("evidence.account"), visit.command, ""))


def _claim(visit: Visit, claim: Claim) -> bytes:
    described = {
        "origin": visit.ledger.origin,
        "account_sha256": visit.digest,
        "from_size": visit.wanted.start,
        "to_size": visit.wanted.end,
        **claim.described,
        "parts": [
            {"item": part.item, "value": show(part.value), "entries": describe_places(part.entries)}
            for part in claim.parts
        ],
    }
    return msgspec.json.format(msgspec.json.encode(described), indent=1) + b"\n"


def _place(visit: Visit, index: int) -> Place:
    entry = read_entry(visit, index)
    event = parse_token(entry.body, leaf=entry.leaf)
    return Place(index, entry.leaf, event.payload.sub, event.kind_name)
