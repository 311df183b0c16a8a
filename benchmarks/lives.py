"""Filling a ledger with the lives of cores: real events, signed in worker processes.

Each core has ten events, from its import to its last repair, in ten requests that each record one
step on a thousand cores. Ids are spread like serials of many plants. The ledger appends them as it
appends any request, except that it does not check again the signatures that were just made.
"""

from __future__ import annotations

import functools
import os
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from typing import NamedTuple

from benchmarks.workload import RECEIVED, STATION, WORK, Plant, import_draft
from traceledger.errors import TraceledgerError
from traceledger.events.disclosure import split_wire
from traceledger.events.draft import Draft, Place, sign_draft
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import SoftwareSigner
from traceledger.ledger.writing.intake import read_wire
from traceledger.merkle.hashing import leaf_hash
from traceledger.planning.signing import find_identity

__all__ = ["EVENTS", "core", "fill_lives"]

EVENTS = 10  # per core
_CORES = 1_000  # per task of a worker, and events per request
_AHEAD = 2  # tasks per worker that are signed before they are appended


def core(number: int) -> str:
    """Returns the id of a core that `fill_lives` records."""
    return _imported(number).item


def fill_lives(plant: Plant, first: int, last: int, *, signers: int) -> None:
    """Appends and publishes the lives of cores `first` to `last` (exclusive)."""
    key = plant.station.key
    identity = find_identity(plant.ledger, key.kid)
    station = _Station(
        plant.ledger.origin, identity.issuer, identity.authority, plant.ledger.founding
    )
    with ProcessPoolExecutor(signers, mp_context=get_context("spawn")) as pool:
        starts = iter(range(first, last, _CORES))
        signed: deque[Future[list[list[bytes]]]] = deque()

        def ask() -> None:
            for start in starts:
                stop = min(start + _CORES, last)
                signed.append(pool.submit(_sign_lives, station, start, stop))
                return

        for _ in range(_AHEAD * signers):
            ask()
        while signed:
            requests = signed.popleft().result()
            ask()
            for wires in requests:
                now = time.time()
                events = [read_wire(wire, now)._replace(checked=True) for wire in wires]
                (answer,) = plant.ledger.writer.append_group([events])
                if isinstance(answer, TraceledgerError):
                    raise answer
            plant.ledger.publish()


class _Station(NamedTuple):
    """What a signer must know of the ledger."""

    origin: str
    issuer: str
    authority: str
    founding: str


@functools.cache
def _signer() -> SoftwareSigner:
    return SoftwareSigner.from_seed(STATION)


def _imported(number: int) -> Draft:
    return import_draft(sha256(b"%d" % number).hexdigest()[:16].upper())


def _sign_lives(station: _Station, first: int, last: int) -> list[list[bytes]]:
    """Signs the lives of these cores, a request for each step."""
    lives = [list(_sign_life(station, number)) for number in range(first, last)]
    return [list(step) for step in zip(*lives, strict=True)]


def _sign_life(station: _Station, number: int) -> Iterator[bytes]:
    opened = _imported(number)
    steps = [(opened.kind, opened.data), *RECEIVED, *WORK, *WORK]
    before = station.founding
    now = int(time.time())
    for seq, (kind, data) in enumerate(steps[:EVENTS]):
        place = Place(station.origin, station.issuer, station.authority, seq, before, now)
        draft = Draft(kind=kind, item=opened.item, data=data)
        wire = sign_draft(draft, place, _signer(), os.urandom)
        before = encode_base64url(leaf_hash(split_wire(wire)[0]))
        yield wire
