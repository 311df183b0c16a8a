"""Helpers: requests of a log to its witnesses, and a new witness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.forging import Forger
from tests.merkle.tiled_tree import TiledTree
from tests.passports import LOG
from tests.world import World
from traceledger.formats.cosignature import Cosigner
from traceledger.formats.witness import WitnessRequest, format_request
from traceledger.merkle.hashing import leaf_hash
from traceledger.merkle.proofs import prove_consistency
from traceledger.witness.record import create_record
from traceledger.witness.witness import Witness

__all__ = ["entries", "grow", "new_log", "new_witness", "request"]


def new_log() -> Forger:
    """A log with one checkpoint, identical on every call."""
    world = World()
    world.unit("PACKED")
    log = Forger(world)
    log.publish()
    return log


def new_witness(cosigner: Cosigner, record: Path) -> Witness:
    """A witness that has not cosigned anything yet."""
    create_record(record, LOG.name)
    return Witness(cosigner, LOG.verifier, record)


def request(log: Forger, old: int, **changes: Any) -> bytes:
    """The log's request for its newest checkpoint to a witness that last cosigned size `old`."""
    size = max(log.notes)
    tree = TiledTree()
    tree.append(leaf_hash(entry) for entry in log.entries[:size])
    proof = prove_consistency(old, size, tree) if old else ()
    return format_request(replace(WitnessRequest(old, proof, log.notes[size]), **changes))


def entries(log: Forger, old: int = 0) -> Sequence[bytes]:
    """The entries that accompany a request."""
    return log.entries[old : max(log.notes)]


def grow(log: Forger, kind: str = "set_policy", item: str = "policy", by: str = "root") -> int:
    """Adds an event and publishes; returns the size."""
    log.add(kind, item, by=by)
    return log.publish()
