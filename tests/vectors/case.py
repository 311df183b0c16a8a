"""What a vector is, and the tools that its makers share.

A maker is a function that yields cases. Each builds a small log with `tests.passports`, takes a
passport from it and says by hand what a verifier must find.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from tests.passports import NOW, Log
from tests.world import Actor, World, make_signer
from traceledger.events.disclosure import format_wire, split_wire
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import PublicKey
from traceledger.formats.passport import Passport, format_passport
from traceledger.formats.trust import TrustFile, format_trust

__all__ = [
    "STRANGER",
    "Case",
    "Place",
    "ahead",
    "decode_part",
    "edited",
    "impostor",
    "incomplete",
    "packed",
    "raw_token",
    "reforged",
    "refused",
    "unchecked",
    "verified",
]

STRANGER = make_signer("stranger")

Place = tuple[str, str]
"""A chain and an event id; either may be empty."""


class Case(NamedTuple):
    """One verification: what goes in, and what must come out."""

    name: str
    desc: str
    passport: bytes
    trust: bytes
    item: str
    now: int
    first_use: bool
    result: str
    codes: tuple[str, ...]
    place: Place
    companions: tuple[tuple[bytes, bytes], ...]
    """Passports of other ledgers, each with its trust file."""


def verified(name: str, desc: str, log: Log, item: str, **given: Any) -> Case:
    """A case that is verified."""
    return _case(name, desc, log, item, "verified", (), **given)


def incomplete(
    name: str, desc: str, codes: Iterable[str], log: Log, item: str, **given: Any
) -> Case:
    """A case in which nothing is false, but these codes say what is wanting."""
    return _case(name, desc, log, item, "incomplete", tuple(codes), **given)


def refused(  # noqa: PLR0917 - read as a row of a table
    name: str, desc: str, code: str, log: Log, item: str, at: Place = ("", ""), **given: Any
) -> Case:
    """A case that is refused with this code, at this chain and event."""
    return _case(name, desc, log, item, "refused", (code,), place=at, **given)


def unchecked(name: str, desc: str, code: str, log: Log, item: str, **given: Any) -> Case:
    """A case in which the trust file or the item requested cannot be read."""
    return _case(name, desc, log, item, "unchecked", (code,), **given)


def _case(  # noqa: PLR0917 - read as a row of a table
    name: str,
    desc: str,
    log: Log,
    item: str,
    result: str,
    codes: tuple[str, ...],
    *,
    passport: Passport | bytes | None = None,
    trust: TrustFile | bytes | None = None,
    wanted: str = "",
    now: int = NOW,
    first_use: bool = False,
    place: Place = ("", ""),
    companions: tuple[tuple[bytes, bytes], ...] = (),
) -> Case:
    passport = log.passport(item) if passport is None else passport
    trust = log.trust() if trust is None else trust
    return Case(
        name,
        desc,
        passport if isinstance(passport, bytes) else format_passport(passport),
        trust if isinstance(trust, bytes) else format_trust(trust),
        wanted or item,
        now,
        first_use,
        result,
        codes,
        place,
        companions,
    )


def packed() -> tuple[Log, str, str]:
    """A log with a packed unit of one core, the unit's id and the core's."""
    world = World()
    core = world.core("IN_PROCESS")
    unit = world.unit("PACKED", (core,))
    return Log(world), unit, core


def ahead(log: Log, item: str) -> Place:
    """The place of a chain's latest event."""
    return item, log.chain(item)[-1].id


@dataclass(frozen=True, slots=True)
class _Impostor:
    key: PublicKey

    def sign(self, message: bytes) -> bytes:
        return STRANGER.sign(message)


def impostor(actor: Actor) -> Actor:
    """Somebody who claims another's key and signs with his own."""
    return Actor(_Impostor(actor.signer.key), actor.iss, actor.auth)


def edited(document: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """A document as canonical JSON after a change that its own formatter would not make."""
    plain = msgspec.json.decode(document)
    change(plain)
    return msgspec.json.encode(plain, order="sorted")


def raw_token(header: bytes, payload: bytes, signer: Any) -> bytes:
    """A token of any header and payload, signed."""
    signed = b".".join(encode_base64url(part).encode() for part in (header, payload))
    return signed + b"." + encode_base64url(signer.sign(signed)).encode()


def reforged(wire: bytes, signer: Any, change: Callable[[dict[str, Any]], object]) -> bytes:
    """An event with other claims, signed anew, its disclosures as they were."""
    token, disclosures = split_wire(wire)
    header, payload, _ = (decode_part(part) for part in token.split(b"."))
    claims = json.loads(payload)
    change(claims)
    text = json.dumps(claims, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return format_wire(raw_token(header, text.encode(), signer), disclosures)


def decode_part(part: bytes) -> bytes:
    """The bytes of a part of a token."""
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
