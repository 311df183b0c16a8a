from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from tests.ledger.bench import Bench, import_drafts
from tests.world import LINE_IN, make_signer
from traceledger.errors import MalformedError, NotFoundError, TraceledgerError
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.token import Event, parse_token
from traceledger.planning.signing import Identity, find_identity, sign_drafts


def events_of(wires: list[bytes]) -> list[Event]:
    return [parse_token(wire.split(b"~")[0]) for wire in wires]


def step(bench: Bench, kind: str, item: str, *refs: DraftRef, **data: object) -> Draft:
    return Draft(kind=kind, item=item, data=bench.world.example(kind, **data), refs=refs)


def test_drafts_take_consecutive_places(bench: Bench) -> None:
    (draft,) = import_drafts(1)
    item = draft.item
    drafts = [draft, step(bench, "receive", item, result="ok"), step(bench, "inspect", item)]
    signer, actor = bench.world.actors["operator"].signer, bench.world.actors["operator"]
    with pytest.raises(TraceledgerError):
        bench.ledger.append(bench.sign(drafts, by="operator"))  # an operator imports nothing
    bench.ledger.append(bench.sign([draft]))
    first, second = events_of(bench.sign(drafts[1:], by="operator"))
    imported = bench.ledger.state(item)
    assert imported is not None
    assert (first.payload.seq, first.payload.prev) == (1, imported.head)
    assert (second.payload.seq, second.payload.prev) == (2, first.id)
    assert first.kid == signer.key.kid
    assert first.payload.auth == actor.auth


def test_the_first_event_of_an_item_follows_the_founding(bench: Bench) -> None:
    (event,) = events_of(bench.sign(import_drafts(1)))
    assert (event.payload.seq, event.payload.prev) == (0, bench.ledger.founding)


def test_links_are_completed_according_to_their_kind(bench: Bench) -> None:
    core = bench.world.core("IN_PROCESS")
    bench.feed()
    unit = "01/09521234543213/21/U77"
    drafts = [
        step(bench, "assemble", unit, DraftRef("input", core), input_count=1),
        step(bench, "consume", core, DraftRef("unit", unit)),
        step(bench, "test", unit),
    ]
    assembled, consumed = events_of(bench.sign(drafts[:2], by="operator"))
    head = bench.ledger.state(core)
    assert head is not None
    assert assembled.refs[0].event == head.head
    assert consumed.refs[0].event == assembled.id
    bench.ledger.append(bench.sign(drafts[:2], by="operator"))
    bench.ledger.append(bench.sign(drafts[2:], by="quality"))
    (imported,) = events_of(bench.sign(import_drafts(1)))
    line = bench.ledger.state(LINE_IN)
    assert line is not None
    assert imported.refs[0].event == line.first


def test_a_release_refers_to_the_only_hold(bench: Bench) -> None:
    core = bench.world.core()
    bench.world.add("hold", core, {"authority": "customs"}, by="customs")
    bench.feed()
    release = step(bench, "release", core, DraftRef("target", core))
    bench.ledger.append(bench.sign([release], by="customs"))
    state = bench.ledger.state(core)
    assert getattr(state, "holds", None) == ()
    with pytest.raises(MalformedError) as caught:
        bench.sign([release], by="customs")
    assert caught.value.code == "ref.target"


def test_an_event_named_in_a_link_is_not_replaced(bench: Bench) -> None:
    (draft,) = import_drafts(1)
    named = replace(draft, refs=(DraftRef("declaration", LINE_IN, "A" * 43),))
    (event,) = events_of(bench.sign([named]))
    assert event.refs[0].event == "A" * 43


@pytest.mark.parametrize("position", [0, 1, 2])
def test_errors_name_the_draft_and_the_field(bench: Bench, position: int) -> None:
    drafts = import_drafts(3)
    drafts[position] = replace(drafts[position], data=drafts[position].data | {"origin": "Mars"})
    with pytest.raises(MalformedError) as caught:
        bench.sign(drafts)
    assert caught.value.where.startswith(f"draft {position + 1}, ")
    assert "origin" in caught.value.where
    assert "Mars" in caught.value.message


def test_a_link_to_an_unknown_item_names_its_draft(bench: Bench) -> None:
    good, bad = import_drafts(2)
    bad = replace(bad, refs=(DraftRef("declaration", "decl/NOT-IN-THIS-LEDGER"),))
    with pytest.raises(NotFoundError) as caught:
        bench.sign([good, bad])
    assert caught.value.code == "item.unknown"
    assert caught.value.where.startswith("draft 2")


def test_an_identity_includes_the_event_that_gave_authority(bench: Bench) -> None:
    for name, actor in bench.world.actors.items():
        assert find_identity(bench.ledger, make_signer(name).key.kid) == Identity(
            actor.iss, actor.auth
        )
    with pytest.raises(NotFoundError) as caught:
        find_identity(bench.ledger, make_signer("stranger").key.kid)
    assert caught.value.code == "key.unregistered"


def test_signing_uses_only_the_given_randomness(bench: Bench) -> None:
    assert bench.sign(import_drafts(2)) == bench.sign(import_drafts(2))
    actor = bench.world.actors["importer"]
    other = sign_drafts(
        bench.ledger,
        import_drafts(2),
        actor.signer,
        Identity(actor.iss, actor.auth),
        randbytes=random.Random(2).randbytes,
    )
    assert [signature.wire for signature in other] != bench.sign(import_drafts(2))
