from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.passports import Log, refused, verify
from tests.world import World
from traceledger.errors import VerificationError
from traceledger.events.token import Event
from traceledger.formats.passport import PassportChain
from traceledger.verify import needed_chains, needed_order


def key_of(log: Log, name: str) -> str:
    return f"key/{log.actors[name].signer.key.kid}"


def test_a_passport_shows_the_item_the_ledger_its_parts_and_all_signers() -> None:
    world = World()
    unit = world.unit("TESTED", (world.core("ACCEPTED"), world.core("ACCEPTED")))
    log = Log(world)
    keys = {key_of(log, name) for name in ("operator", "quality", "importer")}
    cores = {"8004/9521234C000001", "8004/9521234C000002"}
    assert needed_chains(unit, log.chain) == (
        unit,
        "ledger",
        *sorted(keys | cores | {"party/plant"}),
    )


def test_the_signers_of_signers_are_shown() -> None:
    world = World()
    core = world.core("DECLARED")
    world.add("hold", core, {"authority": "customs"}, by="customs")
    world.add("revoke_key", key_of(Log(world), "importer"), by="root")
    chains = needed_chains(core, Log(world).chain)
    assert {"party/customs", "party/plant", key_of(Log(world), "customs")} < set(chains)


def test_nothing_needs_a_position_while_no_right_changed() -> None:
    world = World()
    unit = world.unit("PACKED")
    log = Log(world)
    assert needed_order({item: log.chain(item) for item in needed_chains(unit, log.chain)}) == ()


def test_a_revocation_needs_the_positions_of_what_the_key_signed() -> None:
    world = World()
    unit = world.unit("PACKED")
    log = Log(world)
    log.add("revoke_key", key_of(log, "operator"), by="plant admin")
    chains = {item: log.chain(item) for item in needed_chains(unit, log.chain)}
    kid = log.actors["operator"].signer.key.kid
    signed = {e.id for events in chains.values() for e in events if e.kid == kid}
    assert set(needed_order(chains)) == signed | {log.events[-1].id}


def generations(depth: int) -> tuple[Log, str]:
    """A component of a unit of a component of a unit ... of a core, as deep as the rules allow."""
    world = World()
    item = world.core("ACCEPTED")
    for level in range(depth):
        item = world.take_apart(item)[0] if level % 2 else world.unit(parts=(item,))
    return Log(world), item


def test_parts_of_parts_are_followed_eight_deep() -> None:
    log, item = generations(8)
    verdict = verify(log.passport(item), log.trust(), item)
    assert (verdict.result, len(verdict.things)) == ("verified", 9)


def test_rejects_parts_of_parts_nine_deep() -> None:
    log, part = generations(8)
    unit = "01/09521234543213/21/TOODEEP"
    log.add("assemble", unit, by="operator", refs=[("input", part, log.chain(part)[-1].id)])
    log.add("consume", part, by="operator", refs=[("unit", unit, log.chain(unit)[0].id)])
    with pytest.raises(VerificationError, match=r"ref\.depth"):
        needed_chains(unit, log.chain)
    passport = log.passport(part)
    chain = PassportChain(unit, (log.wires[-2],), ())
    deep = replace(passport, item=unit, chains=(chain, *sorted(passport.chains, key=by_item)))
    assert refused("ref.depth", deep, log, unit).chain == unit


def by_item(chain: PassportChain) -> tuple[bool, str]:
    return chain.item != "ledger", chain.item


def test_a_dismissal_needs_the_positions_of_all_that_the_party_signed() -> None:
    world = World()
    unit = world.unit("EXPORTED")
    dismissed = world.dismiss("plant")
    log = Log(world)
    chains = {item: log.chain(item) for item in needed_chains(unit, log.chain)}
    signed = {
        event.id
        for events in chains.values()
        for event in events
        if event.payload.iss == "party/plant"
    }
    assert set(needed_order(chains)) == signed | {dismissed.id}


def test_a_rotation_needs_the_positions_of_all_that_the_old_root_signed() -> None:
    world = World()
    unit = world.unit("PACKED")
    rotated = world.rotate_root()
    log = Log(world)
    log.add("revoke_key", key_of(log, "quality"), by="root")
    chains = {item: log.chain(item) for item in needed_chains(unit, log.chain)}
    old = {log.events[0].id, rotated.id, log.chain("party/plant")[0].id}
    assert old <= set(needed_order(chains))


def test_a_chain_that_the_ledger_lacks_is_named_all_the_same() -> None:
    def read(item: str) -> Sequence[Event]:
        return () if item.startswith("party/") else log.chain(item)

    world = World()
    core = world.core("DECLARED")
    log = Log(world)
    assert "party/plant" in needed_chains(core, read)
