from __future__ import annotations

import json
from typing import Any

import msgspec
from msgspec.structs import replace

from tests.world import World, make_signer
from traceledger.events.encoding import decode_base64url
from traceledger.events.packed import pack_event, unpack_event
from traceledger.events.payload import Payload
from traceledger.events.token import Event, parse_token, sign_token


def plain(event: Event) -> dict[str, Any]:
    """Returns the event without payload types, which lack limits after unpacking."""
    fields = {name: getattr(event, name) for name in Event.__struct_fields__ if name != "kind"}
    claims = {name: getattr(event.payload, name) for name in Payload.__struct_fields__}
    present = {name: value for name, value in claims.items() if value is not msgspec.UNSET}
    return fields | {"payload": msgspec.to_builtins(present | {"data": event.data})}


def test_everything_but_token_and_signature_round_trips() -> None:
    world = World()
    world.unit("EXPORTED")
    for event in world.events:
        again = unpack_event(pack_event(event))
        assert plain(again) == plain(replace(event, token=b"", signature=b""))
        assert again.kind is event.kind
        assert again.digests == event.digests
        assert pack_event(again) == pack_event(event)


def test_event_of_an_unknown_kind_round_trips() -> None:
    world = World()
    claims = json.loads(decode_base64url(world.events[-1].token.split(b".")[1]))
    data = {"weight": 5, "_sd": {"secret": "A" * 43}}
    token = sign_token(claims | {"kind": "teleport", "data": data}, make_signer("importer"))
    event = parse_token(token)
    again = unpack_event(pack_event(event))
    assert plain(again) == plain(replace(event, token=b"", signature=b""))
    assert again.kind is None
    assert again.data == data
    assert again.digests == {"secret": "A" * 43}
