"""Passports for tests, made from any events whatsoever, legal or not, and cheap to tamper with.

log = Log(world)                            # the events of a tests.world.World
log.add("recall", unit, by="approver")      # signed and placed right; no rule is asked
passport = log.passport(unit)               # sealed, signed, cosigned by both witnesses
verify(passport, log.trust(), unit)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.merkle.tiled_tree import TiledTree
from tests.world import ORIGIN, START, World, make_signer
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.disclosure import format_wire, split_wire
from traceledger.events.draft import Draft, DraftRef, Place, sign_draft
from traceledger.events.token import Event, parse_token, sign_token
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.cosignature import Cosigner, cosign
from traceledger.formats.note import NoteSigner, add_signatures, parse_note
from traceledger.formats.passport import OrderEntry, Passport, PassportChain, format_passport
from traceledger.formats.policy import parse_policy
from traceledger.formats.seal import Seal, format_seal
from traceledger.formats.trust import TrustFile
from traceledger.formats.vkey import format_vkey
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.headmap import map_key, map_leaf, map_root
from traceledger.merkle.headproof import prove_head
from traceledger.merkle.proofs import prove_inclusion
from traceledger.merkle.tree import root_of
from traceledger.verify import RefusedError, Verdict, needed_chains, needed_order, verify_passport

__all__ = [
    "CUSTOMS",
    "LOG",
    "NOW",
    "PLAIN",
    "Log",
    "change_chain",
    "change_wire",
    "policy_text",
    "refused",
    "tampered",
    "verify",
]

NOW = START + 100_000
LOG = NoteSigner(ORIGIN, make_signer("log"))
PLAIN = Cosigner("witness.example/w1", make_signer("plain witness"))
CUSTOMS = Cosigner("customs.example/w1", make_signer("replaying witness"))


def policy_text(quorum: str = "both", log: NoteSigner = LOG) -> str:
    """A policy with an append-only and a replaying witness, both wanted by default."""
    return (
        f"log {format_vkey(log.verifier)}\n"
        f"witness plain {format_vkey(PLAIN.verifier)}\n"
        f"witness customs {format_vkey(CUSTOMS.verifier)}\n"
        "group both all plain customs\n"
        f"quorum {quorum}\n"
    )


def verify(
    passport: Passport | bytes,
    trust: TrustFile | bytes,
    item: str,
    *,
    now: int = NOW,
    first_use: bool = False,
) -> Verdict:
    data = passport if isinstance(passport, bytes) else format_passport(passport)
    return verify_passport(data, trust, item, now=now, first_use=first_use)


def refused(
    code: str, passport: Passport | bytes, log: Log, item: str, **trust: Any
) -> RefusedError:
    """Asserts that the passport is refused with this code; returns the error."""
    with pytest.raises(RefusedError) as caught:
        verify(passport, log.trust(**trust), item)
    assert caught.value.code == code, caught.value
    return caught.value


def change_chain(passport: Passport, item: str, **changes: Any) -> Passport:
    """The passport with members of one chain replaced."""
    return replace(
        passport,
        chains=tuple(
            replace(chain, **changes) if chain.item == item else chain for chain in passport.chains
        ),
    )


def change_wire(passport: Passport, item: str, seq: int, wire: bytes) -> Passport:
    """The passport with one event replaced."""
    chain = next(chain for chain in passport.chains if chain.item == item)
    return change_chain(
        passport, item, events=(*chain.events[:seq], wire, *chain.events[seq + 1 :])
    )


def tampered(passport: Passport, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The passport as canonical JSON after a change that `format_passport` would not make."""
    document = msgspec.json.decode(format_passport(passport))
    change(document)
    return msgspec.json.encode(document, order="sorted")


class Log:
    """Events in the order of a log that does not check them, ended by a seal on demand."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.signer = NoteSigner(world.origin, LOG.signer)
        self.actors = dict(world.actors)
        self.wires = list(world.wires)
        self.events = list(world.events)

    def chain(self, item: str) -> list[Event]:
        return [event for event in self.events if event.payload.sub == item]

    def add(
        self,
        kind: str,
        item: str,
        data: Mapping[str, Any] | None = None,
        *,
        by: str,
        refs: Sequence[tuple[str, ...]] = (),
        **claims: Any,
    ) -> Event:
        """Signs the next event of a chain, of a known or unknown kind; `claims` replace others."""
        actor, chain = self.actors[by], self.chain(item)
        place = Place(
            aud=claims.pop("aud", self.world.origin),
            iss=claims.pop("iss", actor.iss),
            auth=claims.pop("auth", actor.auth),
            seq=claims.pop("seq", len(chain)),
            prev=claims.pop("prev", (chain or self.events)[-1 if chain else 0].id),
            iat=START + len(self.events),
        )
        assert not claims
        links = tuple(DraftRef(*ref) for ref in refs)
        if kind in CATALOGUE:
            fields = self.world.example(kind, **(data or {}))
            draft = Draft(kind=kind, item=item, data=fields, refs=links)
            wire = sign_draft(draft, place, actor.signer, self.world.randbytes)
        else:
            named = place._asdict() | {"sub": item, "kind": kind, "data": dict(data or {})}
            named |= {"occurred": "2025-06-15T15:06:40Z"}
            if links:
                named["refs"] = [
                    {"as": one.as_, "item": one.item, "event": one.event} for one in links
                ]
            wire = format_wire(sign_token(named, actor.signer), ())
        return self.append(wire)

    def append(self, wire: bytes) -> Event:
        event = parse_token(split_wire(wire)[0])
        self.wires.append(wire)
        self.events.append(event)
        return event

    def trust(self, **changes: Any) -> TrustFile:
        text = changes.pop("policy_text", "")
        text = text or policy_text(changes.pop("quorum", "both"), self.signer)
        trust = TrustFile(
            origin=self.world.origin,
            founding=self.events[0].id,
            policy_text=text,
            policy=parse_policy(text.encode()),
            customs=(self.actors["customs admin"].auth,),
            items=("01/0952123", "8004/9521234"),
            max_age=86_400,
            replayed_by="customs",
        )
        return replace(trust, **changes)

    def passport(
        self,
        item: str,
        *,
        heads: Mapping[str, tuple[int, bytes]] | None = None,
        times: tuple[int, int] = (NOW - 60, NOW - 30),
        extra: Sequence[str] = (),
    ) -> Passport:
        """The passport of an item, all fields disclosed.

        `heads` are put into the map instead of the true ones, `times` are those of the append-only
        and the replaying witness (0: does not sign), `extra` items are shown that nobody needs.
        """
        chains = {event.payload.sub: self.chain(event.payload.sub) for event in self.events}
        ends = {name: (len(events) - 1, events[-1].leaf) for name, events in chains.items()}
        ends |= heads or {}
        leaves = [
            (map_key(name), map_leaf(map_key(name), seq, head))
            for name, (seq, head) in ends.items()
        ]
        leaves.sort()
        tree = TiledTree()
        tree.append(event.leaf for event in self.events)
        seal = format_seal(Seal(len(self.events), map_root(leaves), len(leaves), None))
        tree.append([leaf_hash(seal)])
        size = len(tree.leaves)
        checkpoint = Checkpoint(self.world.origin, size, root_of(tree.leaves))
        note = sign_checkpoint(checkpoint, [self.signer])
        lines = [
            cosign(parse_note(note).text, time, by)
            for by, time in zip((PLAIN, CUSTOMS), times, strict=True)
            if time
        ]
        first, second, *others = needed_chains(item, lambda name: chains.get(name, ()))
        items = (first, second, *sorted({*others, *extra}))
        places = {event.id: index for index, event in enumerate(self.events)}
        wires = dict(zip(places, self.wires, strict=True))
        ordered = needed_order({name: chains[name] for name in items})
        return Passport(
            item=item,
            checkpoint=add_signatures(note, lines) if lines else note,
            seal=seal,
            seal_proof=prove_inclusion(size - 1, size, tree),
            chains=tuple(
                PassportChain(
                    name,
                    tuple(wires[event.id] for event in chains[name]),
                    prove_head(leaves, name),
                )
                for name in items
            ),
            order=tuple(
                OrderEntry(self.events[index].id, index, prove_inclusion(index, size, tree))
                for index in sorted(places[event] for event in ordered)
            ),
        )
