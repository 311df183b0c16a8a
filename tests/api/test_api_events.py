from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.site import Site, both_engines, problem_of
from tests.ledger.bench import LOG, break_signature
from tests.world import LINE_IN, ORIGIN, World
from traceledger.events.disclosure import split_wire
from traceledger.events.token import parse_token
from traceledger.formats.checkpoint import open_checkpoint
from traceledger.formats.proof import parse_proof
from traceledger.formats.receipt import open_receipt
from traceledger.merkle.proofs import check_inclusion

CORE = "8004/9521234C000777"


def imported(world: World, item: str = CORE) -> bytes:
    return world.sign("import", item, refs=(("declaration", LINE_IN),))


@both_engines
def test_response_is_a_receipt_for_the_position_of_each_event(site: Site) -> None:
    wire = imported(site.world)
    answer = site.post([wire])
    assert answer.status_code == 200
    event = parse_token(split_wire(wire)[0])
    (place,) = answer.json()["events"]
    assert place == {"index": place["index"], "event": event.id, "item": CORE, "seq": 0}
    receipt = open_receipt(answer.json()["receipt"].encode(), ORIGIN, [LOG.verifier])
    assert [(one.index, one.hash) for one in receipt.leaves] == [(place["index"], event.leaf)]


def test_ndjson_is_accepted_with_and_without_quotes(site: Site) -> None:
    first = imported(site.world)
    second = imported(site.world, "8004/9521234C000778")
    body = first + b'\n\n"' + second + b'"\n'
    answer = site.send(body, content_type="application/x-ndjson")
    assert [one["item"] for one in answer.json()["events"]] == [CORE, "8004/9521234C000778"]


@both_engines
def test_answer_warns_of_what_an_audit_would_report(site: Site) -> None:
    """A station that posts without the commands must not learn of a mistake from customs."""
    world = site.world
    line = "decl/DECLARATION-IN-WARN"
    world.add("declare_in", line, {"quantity": "1"})
    for number in (1, 2):
        core = f"8004/9521234C00079{number}"
        world.add("import", core, refs=(("declaration", line),))
    site.feed()
    wire = world.sign("import", "8004/9521234C000793", refs=(("declaration", line),))
    (warning,) = site.post([wire], "?dry_run=true").json()["warnings"]
    assert (warning["code"], warning["item"]) == ("audit.quantity", line)
    assert site.post([wire]).json()["warnings"] == [warning]
    assert "warnings" not in site.post([imported(world)]).json()
    line = "decl/DECLARATION-OUT-WARN"
    world.add("declare_out", line, {"quantity": "1"})
    units = [world.unit("PACKED") for _ in range(2)]
    site.feed()
    sold = (("declaration", line),)
    first, second = [world.sign("export", unit, refs=sold) for unit in units]
    assert "warnings" not in site.post([first]).json()
    core = world.core("RECEIVED")
    site.feed()
    for wire in (second, world.sign("return", core, refs=sold)):
        (warning,) = site.post([wire]).json()["warnings"]
        assert (warning["code"], warning["item"]) == ("audit.quantity", line)
    equipment = {"equipment": {"id": "BENCH-3", "due": "2024-12-31"}}
    unit = world.unit()
    site.feed()
    tested = site.post([world.sign("test", unit, equipment)]).json()
    assert [one["code"] for one in tested["warnings"]] == ["audit.equipment"]


@both_engines
def test_repeated_events_get_the_same_positions(site: Site) -> None:
    wire = imported(site.world)
    first, again = site.post([wire]).json(), site.post([wire]).json()
    assert first["events"] == again["events"]


@both_engines
def test_another_event_at_the_same_position_is_a_conflict(site: Site) -> None:
    first, other = imported(site.world), imported(site.world)
    assert site.post([first]).status_code == 200
    assert problem_of(site.post([other])) == (409, "chain.taken")


@both_engines
def test_bad_event_fails_its_request_and_no_other(site: Site) -> None:
    good = imported(site.world, "8004/9521234C000701")
    bad = [imported(site.world, "8004/9521234C000702"), break_signature(imported(site.world))]
    size = site.context.service.size
    assert problem_of(site.post(bad)) == (422, "signature.false")
    assert site.context.service.size == size
    assert site.post([good]).status_code == 200


@both_engines
def test_wait_sealed_returns_valid_proofs(site: Site) -> None:
    wire = imported(site.world)
    answer = site.post([wire], "?wait=sealed").json()
    opened = open_checkpoint(answer["checkpoint"].encode(), ORIGIN, [LOG.verifier]).checkpoint
    proof = parse_proof(answer["proofs"][0].encode())
    leaf = parse_token(split_wire(wire)[0]).leaf
    check_inclusion(proof.index, opened.size, leaf, proof.hashes, opened.root)
    assert site.get("/checkpoint").text == answer["checkpoint"]


@both_engines
def test_event_is_found_by_index_and_by_id(site: Site) -> None:
    site.world.append(imported(site.world))
    place = site.feed().json()["events"][0]
    by_index = site.json(f"events/{place['index']}", "operator")
    assert by_index == site.json(f"events/{place['event']}", "operator")
    assert by_index["event"] == place["event"]
    assert by_index["data"]["part_no"]


@both_engines
def test_events_are_paged_by_index_without_seals(site: Site) -> None:
    site.world.core("ACCEPTED")
    site.feed()
    seen: list[dict[str, Any]] = []
    after: int | None = -1
    while after is not None:
        page = site.json(f"events?after={after}&limit=7", "customs")
        seen += page["events"]
        after = page["next"]
    assert [one["event"] for one in seen] == [event.id for event in site.world.events]


@both_engines
def test_stranger_learns_nothing_of_an_item_by_writing_to_it(site: Site) -> None:
    stranger = World(seed=9, origin=ORIGIN)
    core = site.world.core("ACCEPTED")
    site.feed()
    known = stranger.core("ACCEPTED")
    assert known == core
    wires = [stranger.sign("clean", core)]
    # Keys of worlds are the same in every run; this key belongs to no party.
    token, rest = wires[0].split(b"~", 1)
    del token, rest
    unknown = stranger.add_key("stranger", "plant", ["operator"])
    assert unknown.kind_name == "add_key"
    wire = stranger.sign("clean", core, by="stranger")
    nowhere = stranger.sign("clean", "8004/9521234C999999", by="stranger")
    answers = [site.post([one]) for one in (wire, nowhere)]
    details = {(one.status_code, one.json()["code"], one.json()["detail"]) for one in answers}
    assert len(details) == 1
    assert problem_of(answers[0]) == (403, "key.unknown")


@pytest.mark.parametrize(
    ("body", "kind", "wanted"),
    [
        (b"[]", "application/json", (400, "append.count")),
        (b"", "application/x-ndjson", (400, "append.count")),
        (b"{}", "application/json", (400, "request.body")),
        (b"[1]", "application/json", (400, "request.body")),
        (b'["\xff"]', "application/json", (400, "request.body")),
        (b'["\\ud800"]', "application/json", (400, "request.body")),
        (b"[" * 100_000, "application/json", (400, "request.body")),
        (b'["x"]', "application/json", (400, "wire.form")),
        (b'["a.b.c~"]', "application/json", (400, "token.form")),
        (b'["x"]', "text/plain", (415, "request.type")),
        (b'["x"]', "application/xml", (415, "request.type")),
        (b"null", "application/json", (400, "request.body")),
        (b'["~"', "application/json", (400, "request.body")),
    ],
)
def test_body_other_than_a_list_of_events_is_refused(
    site: Site, body: bytes, kind: str, wanted: tuple[int, str]
) -> None:
    size = site.context.service.size
    assert problem_of(site.send(body, content_type=kind)) == wanted
    assert site.context.service.size == size


def test_more_events_than_allowed_are_refused(site: Site) -> None:
    body = json.dumps(["x~"] * 10_001)
    assert problem_of(site.send(body.encode())) == (400, "append.count")


def test_event_of_the_future_is_refused(site: Site) -> None:
    world = World()
    world.events.extend(world.events[:1] * 101_000)  # the world's clock advances by events
    assert problem_of(site.post([imported(world)])) == (400, "event.future")


def test_unknown_event_is_not_found(site: Site) -> None:
    assert site.refusal("events/999999", "operator") == (404, "event.unknown")
    assert site.refusal("events/999999") == (401, "access.needed")
    assert site.refusal(f"events/{'A' * 43}", "operator") == (404, "event.unknown")
    assert site.refusal("events/..%2f..", "operator")[0] == 404
