"""Signed events, and the refusal of an event, for tests of rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import Actor, World, jwk
from traceledger.errors import NotAllowedError
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import SoftwareSigner
from traceledger.rules.state import Goods

WEAK = {"crv": "Ed25519", "kty": "OKP", "x": encode_base64url(bytes(32))}
"""A key of low order, which anyone can sign for."""

UNIT = "01/09521234543213/21/U9999"
Refs = tuple[tuple[str, ...], ...]


def refuse(world: World, wire: bytes) -> NotAllowedError:
    """Returns the error that refuses an event, and checks that nothing changed."""
    before = world.replay
    with pytest.raises(NotAllowedError) as caught:
        world.append(wire)
    assert world.replay is before
    return caught.value


def goods(world: World, item: str) -> Goods:
    state = world.replay.state(item)
    assert isinstance(state, Goods)
    return state


def about(kind: str, world: World, item: str, target: str, by: str, **values: Any) -> bytes:
    return world.sign(kind, item, values, by=by, refs=(("target", item, target),))


def correct(world: World, item: str, target: str, by: str, **values: Any) -> bytes:
    return about("correct", world, item, target, by, **values)


def confirm(world: World, item: str, target: str, by: str) -> bytes:
    return about("confirm", world, item, target, by)


def void(world: World, item: str, by: str = "", target: str = "") -> bytes:
    signer = by or world.first_actor("void", item)
    return about("void", world, item, target or goods(world, item).head, signer)


def erase(world: World, item: str, target: str, by: str, *fields: str) -> bytes:
    return about("erase", world, item, target, by, fields=list(fields))


def sign_as(world: World, actor: Actor, kind: str, item: str, data: Any = None) -> bytes:
    world.actors["somebody"] = actor
    return world.sign(kind, item, data, by="somebody")


def registration(world: World, signer: SoftwareSigner, **changes: Any) -> dict[str, Any]:
    item = f"key/{signer.key.kid}"
    return {
        "jwk": jwk(signer.key),
        "roles": ["operator"],
        "possession": world.possession(signer, item),
        "label": "station",
    } | changes


def revoke(world: World, name: str, by: str = "plant admin", **more: Any) -> None:
    kid = world.actors[name].signer.key.kid
    world.add("revoke_key", f"key/{kid}", more, by=by)


def head(world: World, item: str) -> str:
    return world.replay.heads()[item][1]


def assemble(world: World, refs: Refs, count: int, unit: str = UNIT) -> bytes:
    return world.sign("assemble", unit, {"input_count": count}, refs=refs)


def disassemble(world: World, item: str, *parts: str, count: int = 0) -> bytes:
    refs = tuple(("output", part) for part in parts)
    return world.sign("disassemble", item, {"output_count": count or len(parts)}, refs=refs)


def harvest(world: World, part: str, parent: str, event: str = "") -> bytes:
    return world.sign("harvest", part, refs=(("parent", parent, event or head(world, parent)),))
