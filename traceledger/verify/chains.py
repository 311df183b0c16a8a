"""The chains that a passport shows: parsing, the place of each event, and each head in the map.

Implements checks 1, 5, 6 and 7 of docs/spec/passport.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from traceledger.errors import VerificationError
from traceledger.events.disclosure import split_wire
from traceledger.events.encoding import encode_base64url
from traceledger.events.token import Event, parse_token
from traceledger.formats.passport import Passport
from traceledger.identifiers.items import is_authority
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.headproof import check_head
from traceledger.rules.place import check_place
from traceledger.rules.state import Goods
from traceledger.verify.completeness import needed_chains
from traceledger.verify.refusal import refusing

__all__ = [
    "Shown",
    "ShownChain",
    "check_founding",
    "check_heads",
    "check_places",
    "goods_of",
    "read_chains",
    "standing_before",
]


@dataclass(frozen=True, slots=True)
class ShownChain:
    """An item's events in order, each event's disclosures, and the map proof of the last event."""

    item: str
    events: tuple[Event, ...]
    disclosures: tuple[tuple[bytes, ...], ...]
    map_proof: tuple[bytes, ...]

    @property
    def is_goods(self) -> bool:
        """Tells whether this is not a chain of the ledger, a party or a key."""
        return not is_authority(self.item)


Shown = Mapping[str, ShownChain]
"""The chains by item, in the order of the passport."""


def read_chains(passport: Passport) -> Shown:
    """Parses every event and checks that the passport contains exactly the chains needed.

    Raises RefusedError with a code of the event's form, `passport.chain` or `ref.depth`.
    """
    shown = {}
    for part in passport.chains:
        events, disclosures = [], []
        for wire in part.events:
            token = wire.partition(b"~")[0]
            with refusing(part.item, encode_base64url(leaf_hash(token))):
                token, restricted = split_wire(wire)
                events.append(parse_token(token))
                disclosures.append(restricted)
        shown[part.item] = ShownChain(part.item, tuple(events), tuple(disclosures), part.map_proof)
    with refusing(passport.item):
        needed = needed_chains(
            passport.item, lambda item: shown[item].events if item in shown else ()
        )
    for item in sorted(shown.keys() ^ needed):
        with refusing(item):
            fault = "is missing" if item in needed else "is not needed"
            raise VerificationError("passport.chain", f"the history of {item} {fault}")
    return shown


def check_heads(shown: Shown, map_root: bytes) -> None:
    """Checks that each chain's last event is its head; raises RefusedError `map.proof`."""
    for chain in shown.values():
        last = chain.events[-1]
        with refusing(chain.item, last.id):
            check_head(map_root, chain.item, len(chain.events) - 1, last.leaf, chain.map_proof)


def check_places(shown: Shown, origin: str) -> None:
    """Checks that each event extends its chain in this ledger; raises RefusedError `chain.*`."""
    founding = shown["ledger"].events[0].id
    for chain in shown.values():
        for seq, event in enumerate(chain.events):
            with refusing(chain.item, event.id):
                if event.payload.sub != chain.item:
                    raise VerificationError(
                        "chain.item", f"the event belongs to {event.payload.sub}"
                    )
                before = standing_before(chain, seq)
                expected = "" if (chain.item, seq) == ("ledger", 0) else founding
                check_place(event, before, origin=origin, founding=expected)


def check_founding(shown: Shown, founding: str) -> None:
    """Checks that the ledger is the trusted one; raises RefusedError `trust.founding`."""
    first = shown["ledger"].events[0]
    with refusing("ledger", first.id):
        if first.id != founding:
            raise VerificationError(
                "trust.founding",
                f"the ledger was founded by {first.id}, the trust file names {founding}",
            )


def standing_before(chain: ShownChain, seq: int) -> Goods | None:
    """Returns a chain's state before an event without its life cycle: only place and maker."""
    if seq == 0:
        return None
    first, last = chain.events[0], chain.events[seq - 1]
    return Goods(
        first=first.id, seq=seq - 1, head=last.id, chain="", party=first.payload.iss, life=""
    )


def goods_of(shown: Shown) -> tuple[ShownChain, ...]:
    """Returns the chains of goods, the passport's own item first."""
    return tuple(chain for chain in shown.values() if chain.is_goods)
