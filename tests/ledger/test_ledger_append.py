from __future__ import annotations

import gc
from pathlib import Path

import msgspec
import pytest

from tests.ledger.bench import LOG, Bench, both_engines, break_signature, dump, import_drafts
from tests.world import LINE_IN, LINE_OUT, ORIGIN, START, WASTE, World, make_signer
from traceledger.errors import (
    ConflictError,
    MalformedError,
    NotAllowedError,
    TraceledgerError,
    UsageError,
    VerificationError,
)
from traceledger.events.disclosure import parse_disclosure
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.token import parse_token
from traceledger.formats.receipt import LoggedLeaf, open_receipt
from traceledger.ledger.keeping.rebuild import rebuild
from traceledger.views.appended import MAX_EVENTS
from traceledger.views.rows import Entry, Search


def core_wires(world: World) -> list[bytes]:
    """The first events of a core, as one request."""
    before = len(world.wires)
    world.core("IN_PROCESS")
    return world.wires[before:]


@both_engines
def test_receipts_open_with_the_log_key_and_name_every_leaf(bench: Bench) -> None:
    wires = core_wires(bench.world)
    size = bench.ledger.size
    appended = bench.ledger.append(wires)
    receipt = open_receipt(appended.receipt, ORIGIN, [LOG.verifier])
    tokens = [wire.split(b"~")[0] for wire in wires]
    leaves = [parse_token(token).leaf for token in tokens]
    assert receipt.leaves == tuple(LoggedLeaf(size + i, leaf) for i, leaf in enumerate(leaves))
    assert [logged.leaf for logged in appended.events] == leaves
    assert [logged.seq for logged in appended.events] == list(range(len(wires)))
    assert list(bench.ledger.read_bodies(size, bench.ledger.size)) == tokens
    entries = bench.ledger.read_entries(size, bench.ledger.size)
    assert [entry.body + b"~" + entry.disclosures for entry in entries] == wires


def drop_disclosures(wire: bytes) -> bytes:
    return wire.split(b"~")[0] + b"~"


BAD = {
    "signature": (break_signature, VerificationError, "signature.false"),
    "form": (lambda wire: wire[:-1], MalformedError, "wire.form"),
    "disclosure": (
        lambda wire: wire.split(b"~")[0] + b"~",
        VerificationError,
        "disclosure.missing",
    ),
}


@pytest.mark.parametrize("position", range(6))
@pytest.mark.parametrize("fault", BAD)
def test_one_bad_event_at_any_position_changes_nothing(
    bench: Bench, fault: str, position: int
) -> None:
    spoil, kind, code = BAD[fault]
    wires = bench.sign(import_drafts(6))
    spoiled = [*wires]
    spoiled[position] = spoil(spoiled[position])
    before = dump(bench.path)
    with pytest.raises(kind) as caught:
        bench.ledger.append(spoiled)
    assert caught.value.code == code
    assert caught.value.where.startswith(f"event {position + 1}")
    assert dump(bench.path) == before
    assert len(bench.ledger.append(wires).events) == 6


@pytest.mark.parametrize("position", range(4))
def test_one_event_against_the_rules_at_any_position_changes_nothing(
    bench: Bench, position: int
) -> None:
    wires = bench.sign(import_drafts(4))
    wrong = bench.sign([Draft(kind="clean", item="8004/9521234N000009", data={"method": "air"})])
    before = dump(bench.path)
    with pytest.raises(NotAllowedError) as caught:
        bench.ledger.append([*wires[:position], *wrong, *wires[position:]])
    assert caught.value.where == f"event {position + 1} (clean 8004/9521234N000009)"
    assert dump(bench.path) == before
    bench.ledger.append(wires)


@pytest.mark.parametrize("skipped", range(4))
def test_a_gap_in_a_chain_is_refused_without_effect(bench: Bench, skipped: int) -> None:
    wires = core_wires(bench.world)
    before = dump(bench.path)
    if skipped < 3:
        with pytest.raises(ConflictError) as caught:
            bench.ledger.append([*wires[:skipped], *wires[skipped + 1 :]])
        assert caught.value.code == "chain.seq"
        assert dump(bench.path) == before
    bench.ledger.append(wires)


def test_appending_the_same_events_again_returns_the_same_places(bench: Bench) -> None:
    wires = core_wires(bench.world)
    first = bench.ledger.append(wires)
    before = dump(bench.path)
    assert bench.ledger.append(wires) == first
    assert bench.ledger.append(wires[2:3]).events == first.events[2:3]
    assert dump(bench.path) == before
    bench.ledger.publish()
    assert bench.reopen().append(wires) == first


@both_engines
def test_the_same_event_twice_in_one_request_is_logged_once(bench: Bench) -> None:
    wires = core_wires(bench.world)
    size = bench.ledger.size
    events = bench.ledger.append([wires[0], *wires, wires[0], wires[-1]]).events
    assert [logged.leaf_index - size for logged in events] == [0, 0, 1, 2, 3, 0, 3]
    assert bench.ledger.size == size + 4


@both_engines
def test_a_request_may_mix_old_and_new_events(bench: Bench) -> None:
    wires = core_wires(bench.world)
    size = bench.ledger.size
    bench.ledger.append(wires[:2])
    events = bench.ledger.append([wires[1], *wires]).events
    assert [logged.leaf_index - size for logged in events] == [1, 0, 1, 2, 3]


def test_a_refusal_for_a_taken_place_names_the_head(bench: Bench) -> None:
    world = bench.world
    core = world.core("ACCEPTED")
    first, other = world.sign("clean", core), world.sign("diagnose", core)
    bench.feed()
    logged = bench.ledger.append([first]).events[0]
    before = dump(bench.path)
    with pytest.raises(ConflictError) as caught:
        bench.ledger.append([other])
    assert caught.value.code == "chain.taken"
    assert logged.event in caught.value.message
    assert f"at position {logged.seq}" in caught.value.message
    assert dump(bench.path) == before


def test_another_event_at_a_place_taken_in_the_same_request_is_refused(bench: Bench) -> None:
    world = bench.world
    core = world.core("ACCEPTED")
    bench.feed()
    before = dump(bench.path)
    with pytest.raises(ConflictError) as caught:
        bench.ledger.append([world.sign("clean", core), world.sign("diagnose", core)])
    assert caught.value.code == "chain.taken"
    assert dump(bench.path) == before


def test_a_key_may_be_registered_and_used_in_one_request(bench: Bench) -> None:
    world = bench.world
    world.add_key("night shift", "plant", ["operator"])
    core = world.core()
    world.add("receive", core, {"result": "ok"}, by="night shift")
    wires = world.wires[bench.fed :]
    before = dump(bench.path)
    for spoiled in ([*wires[:-1], break_signature(wires[-1])], wires[1:]):
        with pytest.raises(TraceledgerError) as caught:
            bench.ledger.append(spoiled)
        assert caught.value.code in {"signature.false", "key.unknown"}
        assert caught.value.where.startswith(f"event {len(spoiled)} ")
        assert dump(bench.path) == before
    bench.feed()


@both_engines
def test_a_party_may_be_admitted_and_register_a_key_in_one_request(bench: Bench) -> None:
    bench.world.admit("laboratory", ("quality",))
    bench.world.add_key("bench 3", "laboratory", ["quality"])
    bench.feed()
    states = bench.world.replay.states
    assert bench.ledger.state("party/laboratory") == states["party/laboratory"]


@both_engines
def test_a_revoked_key_signs_no_new_event_but_old_events_keep_their_places(bench: Bench) -> None:
    world = bench.world
    world.add_key("old", "plant", ["operator"])
    core = world.core()
    world.add("receive", core, {"result": "ok"}, by="old")
    late = world.sign("inspect", core, {"grade": "A"}, by="old")
    wires = world.wires[bench.fed :]
    bench.feed()
    world.add("revoke_key", f"key/{make_signer('old').key.kid}", by="plant admin")
    bench.feed()
    assert bench.ledger.append(wires).events
    with pytest.raises(NotAllowedError) as caught:
        bench.ledger.append([late])
    assert caught.value.code == "key.ended"


@pytest.mark.parametrize("count", [0, MAX_EVENTS + 1])
def test_the_number_of_events_is_bounded(bench: Bench, count: int) -> None:
    wire = bench.world.wires[0]
    before = dump(bench.path)
    with pytest.raises(UsageError) as caught:
        bench.ledger.append([wire] * count)
    assert caught.value.code == "append.count"
    assert dump(bench.path) == before


@both_engines
def test_the_largest_request_gets_a_receipt(bench: Bench) -> None:
    appended = bench.ledger.append([bench.world.wires[0]] * MAX_EVENTS)
    assert len(open_receipt(appended.receipt, ORIGIN, [LOG.verifier]).leaves) == MAX_EVENTS


def test_a_join_does_not_cross_a_request(bench: Bench) -> None:
    world = bench.world
    cores = (world.core("IN_PROCESS"), world.core("IN_PROCESS"))
    bench.feed()
    world.unit("ASSEMBLED", cores)
    wires = world.wires[bench.fed :]
    before = dump(bench.path)
    for part in (wires[:1], wires[:2], wires[1:], wires[2:]):
        with pytest.raises(TraceledgerError) as caught:
            bench.ledger.append(part)
        assert caught.value.code in {"ref.join", "ref.unknown"}
        assert dump(bench.path) == before
    bench.feed()


def test_an_event_for_another_ledger_is_refused(bench: Bench) -> None:
    other = World(origin="ledger.example/other")
    with pytest.raises(ConflictError) as caught:
        bench.ledger.append([other.sign("import", "8004/9521234C000001")])
    assert caught.value.code == "chain.ledger"


@pytest.mark.parametrize("first", [1, 5])
def test_the_first_event_of_a_ledger_is_found(tmp_path: Path, first: int) -> None:
    bench = Bench.empty(tmp_path)
    with pytest.raises(ConflictError) as caught:
        bench.ledger.append(bench.world.wires[first:])
    assert caught.value.code == "chain.prev"
    assert bench.ledger.size == 0
    bench.feed()
    bench.ledger.close()


def test_an_event_from_the_future_is_not_accepted(bench: Bench) -> None:
    bench.ledger.writer.clock = lambda: START - 1000.0
    with pytest.raises(MalformedError) as caught:
        bench.ledger.append([bench.world.sign("import", "8004/9521234C000001")])
    assert caught.value.code == "event.future"


def test_a_correction_is_checked_against_its_target_kind_including_restricted_fields(
    bench: Bench,
) -> None:
    world = bench.world
    core = world.core()
    bench.feed()
    target = (("target", core, world.replay.states[core].head),)
    before = dump(bench.path)
    for data in (
        {"reason": "typo", "set_customs": {"net_kg": "heavy"}},
        {"reason": "typo", "set_customs": {"colour": "red"}},
        {"reason": "typo", "set_internal": {"net_kg": "0.9"}},
    ):
        wire = world.sign("correct", core, data, by="importer", refs=target)
        with pytest.raises(MalformedError) as caught:
            bench.ledger.append([wire])
        assert caught.value.code == "event.field"
        assert caught.value.where.startswith("event 1 (correct ")
        assert dump(bench.path) == before
    good = {"reason": "typo", "set_customs": {"net_kg": "0.940"}}
    bench.ledger.append([world.sign("correct", core, good, by="importer", refs=target)])


@both_engines
def test_the_row_of_an_item_does_not_depend_on_batching(bench: Bench) -> None:
    world = bench.world
    first, second = "8004/9521234C000001", "8004/9521234C000002"
    for item in (first, second):
        world.add("import", item, refs=(("declaration", LINE_IN),))
        if item == first:
            bench.feed()
        world.add("receive", item, {"result": "ok"})
    bench.feed()
    kept = bench.ledger.read_heads([first, second])
    assert {(row.part_no, row.declaration) for row in kept.values()} == {("24261870", LINE_IN)}
    assert not rebuild(bench.ledger).differing


@both_engines
def test_item_is_found_by_its_corrected_part_number_only(bench: Bench) -> None:
    """A recall by part number must neither miss a corrected item nor take one by an old value."""

    def found(part_no: str) -> list[str]:
        return [row.item for row in bench.ledger.search(Search(part_no=part_no))]

    world, core = bench.world, "8004/9521234C000001"
    world.add("import", core, refs=(("declaration", LINE_IN),))
    bench.feed()
    (imported,) = bench.ledger.chain(core)
    target = parse_token(imported.body).id

    def about(kind: str, event: str, data: dict[str, object]) -> str:
        refs = (("target", core, event),)
        world.append(world.sign(kind, core, {"reason": "x", **data}, by="importer", refs=refs))
        bench.feed()
        return parse_token(bench.ledger.chain(core)[-1].body).id

    old = bench.ledger.read_heads([core])[core].part_no
    first = about("correct", target, {"set_public": {"part_no": "RIGHT"}})
    assert (found("RIGHT"), found(old)) == ([core], [])
    about("correct", target, {"set_public": {"origin": "DEU"}})
    wrong = about("correct", target, {"set_public": {"part_no": "WRONG"}})
    assert found("WRONG") == [core]
    about("void", wrong, {})
    assert (found("RIGHT"), found("WRONG"), found(old)) == ([core], [], [])
    assert not rebuild(bench.ledger).differing
    assert first != wrong


def test_item_is_found_by_every_line_that_it_is_linked_to_but_not_by_a_voided_link(
    bench: Bench,
) -> None:
    """A later link must not hide the line under which a core entered the zone."""

    def found(line: str) -> list[str]:
        return [row.item for row in bench.ledger.search(Search(declaration=line))]

    world = bench.world
    core = world.core("REJECTED")
    world.add("return", core, refs=(("declaration", LINE_OUT),))
    bench.feed()
    assert core in found(LINE_IN)
    assert found(LINE_OUT) == [core]
    returned = parse_token(bench.ledger.chain(core)[-1].body).id
    void = world.sign(
        "void", core, {"reason": "x"}, by="importer", refs=(("target", core, returned),)
    )
    world.append(void)
    bench.feed()
    assert core in found(LINE_IN)
    assert found(LINE_OUT) == []
    assert not rebuild(bench.ledger).differing


def test_check_finds_the_same_faults_as_append_and_writes_nothing(bench: Bench) -> None:
    wires = bench.sign(import_drafts(3))
    before = dump(bench.path)
    planned = bench.ledger.check(wires)
    assert dump(bench.path) == before
    with pytest.raises(VerificationError):
        bench.ledger.check([*wires[:2], break_signature(wires[2])])
    assert bench.ledger.append(wires).events == planned


@both_engines
def test_a_link_to_a_declaration_must_name_its_first_event(bench: Bench) -> None:
    (draft,) = import_drafts(1)
    wrong = msgspec.structs.replace(
        draft, refs=(DraftRef("declaration", LINE_IN, bench.ledger.founding),)
    )
    with pytest.raises(NotAllowedError) as caught:
        bench.ledger.append(bench.sign([wrong]))
    assert caught.value.code == "ref.event"


@pytest.mark.parametrize("fields", [("old_serial", "pallet"), ("pallet", "old_serial")])
@pytest.mark.parametrize("together", [True, False])
def test_fields_erased_by_consecutive_events_are_all_deleted(
    bench: Bench, fields: tuple[str, str], *, together: bool
) -> None:
    world = bench.world
    item = "8004/9521234C000001"
    data = {"old_serial": "P35PFZAH05XY", "pallet": "P"}
    imported = world.add("import", item, data, refs=(("declaration", LINE_IN),))
    bench.feed()
    for field in fields:
        target = (("target", item, imported.id),)
        world.add("erase", item, {"fields": [field]}, by="importer", refs=target)
        if not together:
            bench.feed()
    bench.feed()
    texts = bench.ledger.chain(item)[0].disclosures.split(b"~")[:-1]
    assert [parse_disclosure(text).name for text in texts] == ["net_kg", "unit_value"]
    bench.ledger.publish()
    assert not rebuild(bench.ledger).differing


def test_an_erased_field_is_in_no_file_of_the_ledger(bench: Bench) -> None:
    item = "8004/9521234C000001"
    pallet = "PALLET-OF-SOMEBODY"
    imported = bench.world.add("import", item, {"pallet": pallet}, refs=(("declaration", LINE_IN),))
    bench.feed()
    (text,) = (
        part
        for part in bench.ledger.chain(item)[0].disclosures.split(b"~")
        if part and parse_disclosure(part).name == "pallet"
    )
    files = [bench.path, bench.path.with_name("ledger.db-wal")]
    assert any(text in file.read_bytes() for file in files)
    target = (("target", item, imported.id),)
    bench.world.add("erase", item, {"fields": ["pallet"]}, by="importer", refs=target)
    bench.feed()
    assert not any(text in file.read_bytes() for file in files)


def test_an_erased_field_is_not_restored_by_sending_its_event_again(bench: Bench) -> None:
    world = bench.world
    item = "8004/9521234C000001"
    imported = world.add("import", item, {"pallet": "P"}, refs=(("declaration", LINE_IN),))
    bench.feed()
    target = (("target", item, imported.id),)
    world.add("erase", item, {"fields": ["pallet"]}, by="importer", refs=target)
    bench.feed()
    before = dump(bench.path)
    assert bench.ledger.append(world.wires[-2:]).events
    assert dump(bench.path) == before


@both_engines
def test_target_is_found_without_reading_its_chain(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release of a lot with two thousand events took 20 ms, in which nobody else could write."""
    world, read, chains = bench.world, bench.store.read_chain, list[str]()

    def read_chain(item: str, last: int | None = None) -> list[Entry]:
        chains.append(item)
        return read(item, last)

    monkeypatch.setattr(bench.store, "read_chain", read_chain)
    holds = [world.add("hold", WASTE, {"authority": "quality"}, by="quality") for _ in range(3)]
    bench.feed()
    for hold in holds[:1]:
        world.add("release", WASTE, by="quality", refs=(("target", WASTE, hold.id),))
    bench.feed()
    assert chains == []
    for hold in holds[1:]:
        world.add("release", WASTE, by="quality", refs=(("target", WASTE, hold.id),))
    bench.feed()
    assert chains == [WASTE]  # once for all further targets of a request
    assert not rebuild(bench.ledger).differing


def test_garbage_is_collected_again_after_a_request(bench: Bench) -> None:
    wires = bench.sign(import_drafts(2))
    assert bench.ledger.append(wires).events
    assert gc.isenabled()
    with pytest.raises(VerificationError):
        bench.ledger.append([break_signature(bench.sign(import_drafts(1, first=2))[0])])
    assert gc.isenabled()
