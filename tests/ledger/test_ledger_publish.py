from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger.bench import LOG, Bench, back_door, both_engines, dump, import_drafts
from tests.ledger.walk import walk
from tests.world import ORIGIN
from traceledger.errors import NotFoundError, StorageError, UsageError
from traceledger.events.token import parse_token
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.seal import is_seal, parse_seal
from traceledger.ledger.keeping.rebuild import rebuild
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.sealed_map import SealedMap
from traceledger.ledger.reading.sealed_maps import SealedMaps
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.headmap import map_key, map_leaf, map_root
from traceledger.merkle.headproof import check_head
from traceledger.merkle.proofs import check_consistency, prove_consistency
from traceledger.merkle.tree import root_of
from traceledger.rules.replay import Replay
from traceledger.rules.state import parse_state
from traceledger.storage.sqlite import SqliteStore
from traceledger.storage.store import StoreReader


def opened(note: bytes) -> Checkpoint:
    return open_checkpoint(note, ORIGIN, [LOG.verifier]).checkpoint


def heads_before(store: StoreReader, size: int) -> dict[str, tuple[int, bytes]]:
    """Computes the map's content from the entries: the last event of each item."""
    found = {}
    for body in store.read_bodies(0, size):
        if not is_seal(body):
            event = parse_token(body)
            found[event.payload.sub] = (event.payload.seq, event.leaf)
    return found


def model_root(heads: dict[str, tuple[int, bytes]]) -> bytes:
    keys = {map_key(item): head for item, head in heads.items()}
    return map_root([(key, map_leaf(key, *keys[key])) for key in sorted(keys)])


def check_seal(store: StoreReader, size: int, before: int | None) -> None:
    """Checks that the last entry below `size` is a seal over exactly the events before it."""
    (body,) = store.read_bodies(size - 1, size)
    seal = parse_seal(body)
    heads = heads_before(store, size - 1)
    assert (seal.index, seal.items, seal.map_root) == (size - 1, len(heads), model_root(heads))
    assert seal.previous == (before - 1 if before else None)


def check_everything(ledger: Ledger, store: StoreReader) -> None:
    """Compares every checkpoint, seal and state of a ledger with plain models."""
    leaves = [leaf_hash(body) for body in store.read_bodies(0, store.size())]
    before = None
    for row in store.read_checkpoints():
        assert opened(row.note.encode()) == Checkpoint(ORIGIN, row.size, row.root)
        assert row.root == root_of(leaves[: row.size])
        check_seal(store, row.size, before)
        if before:
            proof = prove_consistency(before, row.size, store)
            old = store.read_checkpoint(before)
            assert old is not None
            check_consistency(before, row.size, old.root, row.root, proof)
        before = row.size
    replay = Replay(ORIGIN)
    for index, body in enumerate(store.read_bodies(0, store.size())):
        if is_seal(body):
            replay.seal(index)
        else:
            replay.apply(index, parse_token(body))
    assert replay.illegal == []
    assert {row.item: parse_state(row.state) for row in store.read_all_heads()} == replay.states
    assert not rebuild(ledger).differing
    assert store.check() == []


def test_an_empty_ledger_publishes_nothing(tmp_path: Path) -> None:
    bench = Bench.empty(tmp_path)
    with pytest.raises(NotFoundError):
        bench.ledger.publish()
    assert bench.ledger.size == 0
    bench.ledger.close()


def test_publishing_twice_returns_the_same_note(bench: Bench) -> None:
    first = bench.ledger.publish()
    before = dump(bench.path)
    assert bench.ledger.publish() == first == bench.ledger.checkpoint()
    assert bench.reopen().publish() == first
    assert dump(bench.path) == before
    assert opened(first).size == bench.ledger.size == bench.fed + 1


@both_engines
def test_seals_and_checkpoints_agree_with_plain_models(bench: Bench) -> None:
    for number in range(5):
        bench.ledger.publish()
        bench.ledger.append(bench.sign(import_drafts(90, first=90 * number)))
        if number == 2:
            bench.reopen()
    bench.ledger.publish()
    check_everything(bench.ledger, bench.store)


@both_engines
def test_proofs_are_as_of_the_last_seal_not_of_later_events(bench: Bench) -> None:
    core = bench.world.core()
    bench.feed()
    note = bench.ledger.publish()
    (body,) = bench.ledger.read_bodies(bench.ledger.size - 1, bench.ledger.size)
    sealed = bench.world.replay.states[core]
    bench.world.add("receive", core, {"result": "ok"})
    bench.feed()
    size = opened(note).size
    path = bench.ledger.snapshot(size).heads.find_path(core)
    head = bench.ledger.chain(core)[0].leaf
    check_head(parse_seal(body).map_root, core, sealed.seq, head, path.siblings)
    assert bench.ledger.checkpoint() == note
    assert bench.reopen().snapshot(size).heads.find_path(core) == path


@both_engines
def test_unpublished_events_are_sealed_after_reopening(bench: Bench) -> None:
    bench.ledger.publish()
    bench.ledger.append(bench.sign(import_drafts(3)))
    ledger = bench.reopen()
    size = ledger.size
    assert opened(ledger.publish()).size == size + 1
    check_everything(bench.ledger, bench.store)


def test_an_unsigned_tree_head_is_signed_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    bench.ledger.publish()
    bench.ledger.append(bench.sign(import_drafts(3)))
    monkeypatch.setattr(SqliteStore, "sign_checkpoint", die)
    with pytest.raises(Killed):
        bench.ledger.publish()
    monkeypatch.undo()
    chosen = bench.store.newest_checkpoint()
    assert chosen is not None
    assert chosen.note == ""
    ledger = bench.reopen()
    assert opened(ledger.publish()) == Checkpoint(ORIGIN, chosen.size, chosen.root)
    ledger.append(bench.sign(import_drafts(3, first=3)))
    ledger.publish()
    check_everything(bench.ledger, bench.store)


def test_without_the_log_key_a_ledger_is_read_only(bench: Bench) -> None:
    note = bench.ledger.publish()
    reader = Ledger(SqliteStore(bench.path, write=False), ORIGIN, clock=lambda: 0.0)
    assert reader.checkpoint() == note
    for write in (reader.publish, lambda: reader.append(bench.world.wires)):
        with pytest.raises(UsageError) as caught:
            write()
        assert caught.value.code == "ledger.key"
    reader.close()


DAMAGES = {
    "checkpoint root": "UPDATE checkpoint SET root = zeroblob(32)",
    "checkpoint note": "UPDATE checkpoint SET note = replace(note, char(10) || char(10), char(10))",
    "checkpoint text": "UPDATE checkpoint SET note = 'x' || note",
    "checkpoint signature": (
        "UPDATE checkpoint SET note = substr(note, 1, length(note) - 9) || 'AAAA'"
        " || substr(note, length(note) - 4)"
    ),
    "checkpoint size": "UPDATE checkpoint SET size = size + 1",
    "root of a tile": "UPDATE tile SET root = zeroblob(32) WHERE level = 0",
    "leaf": 'UPDATE entry SET leaf = zeroblob(32) WHERE "index" = 513',
    "entries": 'DELETE FROM entry WHERE "index" > 512',
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_detected_when_the_ledger_is_opened(bench: Bench, damage: str) -> None:
    bench.ledger.append(bench.sign(import_drafts(512)))
    bench.ledger.publish()
    bench.ledger.close()
    with back_door(bench.path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(DAMAGES[damage])
    with pytest.raises(StorageError) as caught:
        bench.open()
    assert caught.value.code == "ledger.damaged"


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE entry SET body = CAST(body || "x" AS BLOB) WHERE "index" = {0}',
        'UPDATE entry SET leaf = zeroblob(32) WHERE "index" = {0}',
        "UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0",
        "UPDATE tile SET root = zeroblob(32) WHERE level = 0",
        "DELETE FROM tile",
    ],
)
def test_damage_below_a_checkpoint_is_detected_before_it_is_signed(
    bench: Bench, change: str
) -> None:
    note = bench.ledger.publish()
    bench.ledger.append(bench.sign(import_drafts(300)))
    with back_door(bench.path) as connection:
        connection.execute(change.format(bench.ledger.size - 290))
    with pytest.raises(StorageError) as caught:
        bench.ledger.publish()
    assert caught.value.code == "ledger.damaged"
    assert bench.ledger.checkpoint() == note
    newest = bench.store.newest_checkpoint()
    assert newest is not None
    assert newest.note == ""


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE head SET seq = seq + 1 WHERE item LIKE '%3'",
        "UPDATE head SET head = zeroblob(32) WHERE item LIKE '%3'",
        "UPDATE head SET item = item || '0' WHERE item LIKE '%3'",
        "DELETE FROM head WHERE item LIKE '%3'",
    ],
)
def test_tampered_latest_events_are_not_sealed(bench: Bench, change: str) -> None:
    bench.ledger.append(bench.sign(import_drafts(40)))
    size = opened(bench.ledger.publish()).size
    wires = bench.sign(import_drafts(1, first=500))
    with back_door(bench.path) as connection:
        connection.execute(change)
    ledger = bench.reopen()
    ledger.append(wires)
    for attempt in (ledger.publish, lambda: ledger.snapshot(size).heads):
        with pytest.raises(StorageError) as caught:
            attempt()
        assert caught.value.code == "map.stale"
    assert opened(ledger.checkpoint()).size == size


@both_engines
def test_the_map_of_every_published_seal_can_be_rebuilt(bench: Bench) -> None:
    roots = {}
    for number in range(5):
        bench.ledger.append(bench.sign(import_drafts(7, first=7 * number)))
        if number:
            walk(bench, number, steps=8)
        size = opened(bench.ledger.publish()).size
        roots[size] = bench.ledger.snapshot(size).heads.root
    for size, root in roots.items():
        assert bench.ledger.snapshot(size).heads.root == root


def test_an_older_copy_of_the_database_does_not_continue_the_newer_history(
    bench: Bench, tmp_path: Path
) -> None:
    bench.ledger.publish()
    bench.ledger.close()
    old = tmp_path / "old.db"
    shutil.copy(bench.path, old)
    bench.open()
    bench.ledger.append(bench.sign(import_drafts(3)))
    newest = bench.ledger.publish()
    bench.ledger.close()
    shutil.copy(old, bench.path)
    ledger = bench.open()
    assert opened(ledger.publish()).size < opened(newest).size


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_ledger_and_a_replay_agree_on_every_step_of_random_walks(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    bench = Bench.start(tmp_path_factory.mktemp("walk"))
    try:
        walk(bench, seed, steps=50)
        bench.ledger.publish()
        check_everything(bench.ledger, bench.store)
    finally:
        bench.ledger.close()


@both_engines
def test_a_map_that_outgrows_its_buckets_keeps_its_root(bench: Bench) -> None:
    maps: list[SealedMap] = []
    for number in range(6):
        bench.ledger.append(bench.sign(import_drafts(40, first=40 * number)))
        bench.ledger.publish()
        fresh = SealedMaps().at(bench.ledger.size, bench.store)
        assert fresh.root == bench.ledger.snapshot().heads.root
        maps.append(fresh)
    assert maps[-1].items == 240 + len(heads_before(bench.store, bench.fed))
