"""The example of `docs/spec/events.md` is a real event, and its tables match the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.world import World
from traceledger.events.disclosure import open_disclosures, split_wire
from traceledger.events.draft import parse_draft
from traceledger.events.edwards25519 import SMALL_ORDER_Y
from traceledger.events.encoding import decode_base64url, format_canonical
from traceledger.events.keys import load_jwk
from traceledger.events.token import check_signature, parse_token

PAGE = (Path(__file__).parents[2] / "docs/spec/events.md").read_text()
BLOCKS = re.findall(r"^```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_example_is_a_signed_event() -> None:
    token, disclosures = split_wire(BLOCKS[0].strip().encode())
    jwk, header, payload, disclosure = BLOCKS[1].splitlines()
    event = parse_token(token)
    check_signature(event, load_jwk(json.loads(jwk)))
    assert open_disclosures(event, disclosures, complete=True) == {"location": "WH1-A-03-2"}
    first, second, _ = token.split(b".")
    assert decode_base64url(first).decode() == header
    assert decode_base64url(second).decode() == payload
    assert decode_base64url(disclosures[0]).decode() == disclosure
    assert f"`{event.id}`" in PAGE


def test_example_is_an_event_of_the_test_world() -> None:
    world = World()
    wire = world.sign("receive", world.core(), {"location": "WH1-A-03-2"})
    assert wire.decode() == BLOCKS[0].strip()


def test_example_is_canonical() -> None:
    for line in BLOCKS[1].splitlines():
        assert format_canonical(json.loads(line)).decode() == line


def test_page_lists_the_points_of_small_order() -> None:
    (listed,) = (block for block in BLOCKS if block.startswith("0\n1\n"))
    assert {int(line) for line in listed.split()} == set(SMALL_ORDER_Y)


def test_draft_of_the_page_is_a_draft() -> None:
    draft = parse_draft(BLOCKS[-1].encode())
    assert (draft.kind, draft.item) == ("receive", "8004/9521234C000001")


def test_page_lists_every_role() -> None:
    for role in ("importer", "broker", "operator", "quality", "approver", "carrier", "recycler",
                 "customs", "observer", "distributor"):  # fmt: skip
        assert f"`{role}`" in PAGE
