"""Opening an authority's trust list and choosing a ledger, as multiples of one signature check.

The list has the trust files of many ledgers, each with the keys of a log and of two witnesses and
two prefixes. Opening verifies the list's own signature and hash, and reads of each file only the
name and the prefixes. Both operations alternate with checks of one Ed25519 signature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256

from benchmarks.reporting import clocked, median, report
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.cosignature import Cosigner
from traceledger.formats.note import NoteSigner
from traceledger.formats.policy import parse_policy
from traceledger.formats.trust import TrustFile, fingerprint, format_trust
from traceledger.formats.trust_list import (
    ListedLedger,
    TrustList,
    list_ledger,
    open_trust_list,
    sign_trust_list,
)
from traceledger.formats.vkey import format_vkey

SIZES = (100, 4_000)
ROUNDS = 9
NOW = 1_750_000_000
CHECKS = 100


def signer(name: str) -> SoftwareSigner:
    """Derives a key from a name, so that every run measures the same list."""
    return SoftwareSigner.from_seed(sha256(name.encode()).digest())


def ledgers(count: int) -> Iterator[ListedLedger]:
    """Yields the trust files of as many ledgers."""
    for number in range(count):
        origin = f"ledger.example/zone-{number:04}"
        policy = f"log {format_vkey(NoteSigner(origin, signer(origin)).verifier)}\n"
        for witness in ("a", "b"):
            name = f"witness.example/{number:04}-{witness}"
            vkey = format_vkey(Cosigner(name, signer(name)).verifier)
            policy += f"witness {witness} {vkey} https://{name}\n"
        policy += "group both all a b\nquorum both\n"
        trust = TrustFile(
            origin=origin,
            founding="A" * 43,
            policy_text=policy,
            policy=parse_policy(policy.encode()),
            customs=("A" * 43,),
            items=(f"01/095{number:05}", f"8004/95{number:05}"),
            max_age=86_400,
            replayed_by="a",
        )
        yield list_ledger(format_trust(trust))


def ratio(work: Callable[[], object], check: Callable[[], object]) -> float:
    """Returns how many signature checks take as long as the work: the median over the rounds."""
    ratios = []
    for _ in range(ROUNDS + 1):
        taken = clocked(work)
        ratios.append(taken / clocked(lambda: [check() for _ in range(CHECKS)]) * CHECKS)
    return median(ratios[1:])  # the first round warms up


def main() -> None:
    """Measures lists of both sizes."""
    authority = NoteSigner("customs.example/ledgers", signer("authority"))
    key = fingerprint(format_vkey(authority.verifier).encode())
    message, verifier = b"message", authority.verifier
    check = partial(verifier.verify, message, authority.signer.sign(message))
    rows: list[tuple[str, float, str]] = []
    for count in SIZES:
        listed = TrustList(authority.name, 1, NOW, NOW + 1, tuple(ledgers(count)))
        data = sign_trust_list(listed, authority)
        opened = open_trust_list(data, key, now=NOW)
        last = opened.ledgers[-1]
        rows += [
            (f"{count:,} ledgers: size", len(data) / count, "bytes per ledger"),
            (
                f"{count:,} ledgers: open",
                ratio(partial(open_trust_list, data, key, now=NOW), check) / count,
                "signature checks per ledger",
            ),
            (
                f"{count:,} ledgers: choose",
                ratio(partial(opened.choose, f"{last.items[0]}0001/21/A", ""), check),
                "signature checks",
            ),
        ]
    report("trust list", rows)


if __name__ == "__main__":
    main()
