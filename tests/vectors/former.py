"""Parts that had an earlier life in another ledger, whose passport the import names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

from tests.passports import NOW, Log
from tests.vectors.case import Case, Place, refused, verified
from tests.world import LINE_IN, World
from traceledger.events.disclosure import format_wire, split_wire
from traceledger.events.encoding import encode_base64url
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.passport import PassportChain, format_passport
from traceledger.formats.trust import format_trust

__all__ = ["OtherLedger", "former"]

ORIGIN = "ledger.example/cq-0"
CORE = "8004/9521234C900001"
YEAR = 31_536_000


class OtherLedger:
    """The other ledger, with an exported unit, and what an import here states about it.

    `data` is its passport with all fields disclosed, `public` the one for everybody.
    """

    def __init__(self) -> None:
        world = World(2, ORIGIN)
        self.unit = world.unit("EXPORTED")
        self.log = Log(world)
        self.trust = format_trust(self.log.trust())
        self.passport = self.log.passport(self.unit)
        self.data = format_passport(self.passport)
        self.public = format_passport(
            replace(self.passport, chains=tuple(map(_without_disclosures, self.passport.chains)))
        )

    def named(self, data: bytes, **changes: Any) -> dict[str, Any]:
        checkpoint = parse_checkpoint(parse_note(self.passport.checkpoint).text)
        return {
            "origin": ORIGIN,
            "item": self.unit,
            "size": checkpoint.size,
            "root": encode_base64url(checkpoint.root),
            "passport_sha256": sha256(data).hexdigest(),
        } | changes


def _without_disclosures(chain: PassportChain) -> PassportChain:
    events = tuple(format_wire(split_wire(event)[0], ()) for event in chain.events)
    return replace(chain, events=events)


def former() -> Iterator[Case]:
    """Every outcome of following the earlier life of a core."""
    yield from _followed()
    yield from _missing()
    yield from _false()


def _imported(named: dict[str, Any]) -> tuple[Log, Place]:
    """A log with a core that names an earlier life, and the place of its import."""
    world = World()
    event = world.add("import", CORE, {"former": named}, refs=(("declaration", LINE_IN),))
    return Log(world), (CORE, event.id)


def _followed() -> Iterator[Case]:
    other = OtherLedger()
    log, _ = _imported(other.named(other.data))
    pair = (other.data, other.trust)
    desc = "The passport of the earlier life is at hand, beside another."
    unknown = (b"{}", other.trust)
    yield verified("former-at-hand", desc, log, CORE, companions=(unknown, pair))
    world = World()
    world.add("import", CORE, {"former": other.named(other.data)}, refs=(("declaration", LINE_IN),))
    unit = world.unit("PACKED", (world.bring("core", CORE, "IN_PROCESS"),))
    desc = "The core of a unit had an earlier life."
    yield verified("former-of-a-part", desc, Log(world), unit, companions=(pair,))
    old = format_passport(other.log.passport(other.unit, times=(NOW - YEAR, NOW - YEAR)))
    log, _ = _imported(other.named(old))
    desc = "The passport of the earlier life was cosigned a year ago."
    yield verified("former-long-ago", desc, log, CORE, companions=((old, other.trust),))
    log, _ = _imported(other.named(other.data))
    weak = format_trust(other.log.trust(quorum="none"))
    desc = "No witness is required of the other ledger."
    yield verified("former-without-quorum", desc, log, CORE, companions=((other.data, weak),))


def _missing() -> Iterator[Case]:
    other = OtherLedger()
    log, _ = _imported(other.named(other.data))
    yield verified("former-not-at-hand", "The passport is not at hand.", log, CORE)
    later = format_passport(other.log.passport(other.unit, times=(NOW - 50, NOW - 20)))
    desc = "Another passport of the same item is at hand."
    yield verified("former-another-passport", desc, log, CORE, companions=((later, other.trust),))
    mine = format_trust(log.trust())
    desc = "The trust file at hand is of another ledger."
    yield verified("former-trust-of-another", desc, log, CORE, companions=((other.data, mine),))


def _false() -> Iterator[Case]:
    other = OtherLedger()
    broken = replace(other.passport, seal_proof=other.passport.seal_proof[::-1])
    data = format_passport(broken)
    log, place = _imported(other.named(data))
    desc = "The passport that the import names is false."
    pair = (data, other.trust)
    yield refused("former-false", desc, "former.refused", log, CORE, at=place, companions=(pair,))
    pair = (b"no passport", other.trust)
    log, place = _imported(other.named(pair[0]))
    desc = "What the import names is no passport."
    yield refused("former-none", desc, "former.refused", log, CORE, at=place, companions=(pair,))
    pair = (other.data, other.trust)
    named: list[tuple[str, dict[str, Any], str, str]] = [
        ("item", {"item": "01/09521234543213/21/OTHER"}, "Another item is named.", "refused"),
        ("check-digit", {"item": "01/09521234543214/21/A"}, "No item is named.", "refused"),
        ("size", {"size": 1}, "Another size of the log is named.", "checkpoint"),
        ("root", {"root": "A" * 43}, "Another root of the log is named.", "checkpoint"),
    ]
    for name, changes, desc, code in named:
        log, place = _imported(other.named(other.data, **changes))
        yield refused(
            f"former-other-{name}",
            desc,
            f"former.{code}",
            log,
            CORE,
            at=place,
            companions=(pair,),
        )
