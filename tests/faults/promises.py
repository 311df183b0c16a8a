"""What must hold of a ledger's folder after any accident, given what the process had said."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.faults.workload import PASSPHRASE
from tests.ledger.bench import LOG, clock
from tests.world import ORIGIN, START
from traceledger.errors import ConflictError
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.receipt import open_receipt
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.witness_requests import make_request
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.tree import Frontier
from traceledger.storage.store import StoreReader
from traceledger.views.rows import Entry
from traceledger.witness.home import WitnessHome
from traceledger.witness.record import read_record
from traceledger.witness.replay import open_replay

__all__ = ["Said", "check_folder", "check_ledger", "opened"]


class Said(NamedTuple):
    """What a process said: requests it was about to send, and what the product acknowledged."""

    tried: tuple[tuple[bytes, ...], ...]
    receipts: tuple[bytes, ...]
    published: int
    cosigned: int
    kept: int
    words: frozenset[str]

    @classmethod
    def parse(cls, lines: Sequence[str]) -> Said:
        values: dict[str, list[list[str]]] = {}
        for line in lines:
            word, *rest = line.split()
            values.setdefault(word, []).append(rest)
        published = [opened(bytes.fromhex(note)).size for (note,) in values.get("PUB", ())]
        return cls(
            tried=tuple(tuple(map(bytes.fromhex, rest)) for rest in values.get("TRY", ())),
            receipts=tuple(bytes.fromhex(receipt) for (receipt,) in values.get("ACK", ())),
            published=max(published, default=0),
            cosigned=max((int(size) for (size,) in values.get("COS", ())), default=0),
            kept=max((int(size) for (size,) in values.get("KEPT", ())), default=0),
            words=frozenset(values),
        )


def opened(note: bytes) -> Checkpoint:
    return open_checkpoint(note, ORIGIN, [LOG.verifier]).checkpoint


def check_folder(folder: Path, said: Said, *, go_on: bool) -> None:
    """Opens the ledger as the product does, and holds everything in the folder against it."""
    home = Home.open(folder / "ledger")
    with_ledger = home.write(clock, PASSPHRASE)
    try:
        roots = check_ledger(home, said)
        published = opened(home.published.read_bytes()) if home.published.exists() else None
        if published is not None:
            assert roots[published.size] == published.root
        assert said.published <= (published.size if published else 0)
        _check_witness(folder / "witness", roots, said)
        kept = with_ledger.checkpoint(said.kept) if said.kept else b""
        assert not said.kept or kept.count(b"\n\xe2\x80\x94 ") == 2
        if go_on:
            _go_on(home, with_ledger, said)
            _cosign(folder / "witness", with_ledger)
    finally:
        with_ledger.close()


def check_ledger(home: Home, said: Said) -> list[bytes]:
    """Holds a ledger against what was acknowledged; returns the root of every size."""
    with contextlib.closing(home.open_store()) as store:
        return _check_store(store, said)


def _check_store(store: StoreReader, said: Said) -> list[bytes]:
    assert store.check() == []
    entries = list(store.read_entries(0, store.size()))
    assert [entry.leaf_index for entry in entries] == list(range(len(entries)))
    frontier = Frontier()
    roots = [frontier.root]
    for entry in entries:
        assert leaf_hash(entry.body) == entry.leaf
        frontier = frontier.extended([entry.leaf])
        roots.append(frontier.root)
    for row in store.read_checkpoints():
        assert roots[row.size] == row.root
        assert not row.note or opened(row.note.encode()) == Checkpoint(ORIGIN, row.size, row.root)
    assert said.published <= store.signed_size()
    _check_requests(entries, said)
    return roots


def _check_requests(entries: Sequence[Entry], said: Said) -> None:
    """Every request is there whole or not at all, and where its receipt says."""
    have = {entry.body + b"~" + entry.disclosures for entry in entries}
    for number, wires in enumerate(said.tried):
        there = [wire in have for wire in wires]
        assert all(there) or not any(there), "half done"
        if number < len(said.receipts):
            assert all(there), "lost"
            leaves = open_receipt(said.receipts[number], ORIGIN, [LOG.verifier]).leaves
            for wire, leaf in zip(wires, leaves, strict=True):
                entry = entries[leaf.index]
                assert (entry.body + b"~" + entry.disclosures, entry.leaf) == (wire, leaf.hash)


def _check_witness(folder: Path, roots: Sequence[bytes], said: Said) -> None:
    """The record is not older than what was answered, and the replay is not ahead of the record."""
    record = read_record(folder / "memory", ORIGIN)
    cosigned = record.size if record else 0
    if record is not None:
        assert roots[cosigned] == record.root
    assert said.cosigned <= cosigned
    with open_replay(folder / "memory.replay", ORIGIN) as replay:
        assert said.cosigned <= replay.size <= cosigned
        assert replay.frontier.root == roots[replay.size]


def _cosign(folder: Path, ledger: Ledger) -> None:
    """The witness cosigns what is published, from where it stopped or from the beginning."""
    witness = WitnessHome.open(folder).witness(PASSPHRASE)
    size = ledger.published_size
    for since in (witness.size(), 0):
        request = make_request(ledger, since)
        bodies = ledger.read_bodies(since, size)
        with contextlib.suppress(ConflictError):
            ledger.accept_answer(
                witness.cosign_replayed(request, bodies, START + size),
                [witness.cosigner.verifier],
            )
            break
    assert witness.size() == size


def _go_on(home: Home, ledger: Ledger, said: Said) -> None:
    """The last request is sent once more, answered or not, and published."""
    size = ledger.size
    if said.tried:
        again = ledger.append(said.tried[-1])
        if len(said.tried) == len(said.receipts):
            assert again.receipt == said.receipts[-1]
            assert ledger.size == size
    if ledger.size:
        assert opened(home.publish(ledger)).size >= said.published
