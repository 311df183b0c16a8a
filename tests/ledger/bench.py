"""A ledger on disk, with the small world in memory that signs its events."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.world import LINE_IN, ORIGIN, START, World, make_signer
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.encoding import decode_base64url, encode_base64url
from traceledger.formats.note import NoteSigner
from traceledger.ledger.ledger import Ledger
from traceledger.planning.signing import Identity, sign_drafts
from traceledger.storage.opening import create_store, open_store
from traceledger.storage.store import Store

__all__ = [
    "LOG",
    "Bench",
    "back_door",
    "both_engines",
    "break_signature",
    "dump",
    "import_drafts",
]

both_engines = pytest.mark.parametrize("bench", ["sqlite", "postgresql"], indirect=True)
LOG = NoteSigner(ORIGIN, make_signer("log"))


_IMPORT = {
    "category": "TCM",
    "part_no": "24261870",
    "origin": "USA",
    "unit_value": {"amount": "85.00", "currency": "USD"},
    "net_kg": "0.942",
    "pallet": "PLT-01",
}


def clock() -> float:
    """Returns a time after all events of the world."""
    return START + 100_000.0


@dataclass(slots=True)
class Bench:
    path: Path
    world: World
    ledger: Ledger
    store: Store
    address: str = ""
    fed: int = 0

    @classmethod
    def empty(cls, directory: Path, *, address: str = "", workers: int = 0) -> Bench:
        """Creates a ledger without events, and a world with its first events.

        They are in a file in the directory, or in the database of that address.
        """
        path = directory / "ledger.db"
        create_store(address or path)
        store = open_store(address or path, write=True)
        ledger = Ledger(store, ORIGIN, clock=clock, signer=LOG, workers=workers)
        return cls(path, World(), ledger, store, address)

    @classmethod
    def start(cls, directory: Path, *, address: str = "", workers: int = 0) -> Bench:
        """Creates a ledger with the events of a new world: parties, keys, a book, two lines."""
        bench = cls.empty(directory, address=address, workers=workers)
        bench.feed()
        return bench

    def feed(self) -> None:
        """Appends the world's new events to the ledger as one request."""
        wires = self.world.wires[self.fed :]
        if wires:
            self.ledger.append(wires)
            self.fed += len(wires)

    def reopen(self) -> Ledger:
        self.ledger.close()
        return self.open()

    def open(self) -> Ledger:
        store = open_store(self.address or self.path, write=True)
        try:
            self.ledger = Ledger(store, ORIGIN, clock=clock, signer=LOG, workers=0)
        except BaseException:
            store.close()
            raise
        self.store = store
        return self.ledger

    def sign(self, drafts: Sequence[Draft], *, by: str = "importer") -> list[bytes]:
        """Signs drafts as one request against the ledger's current heads."""
        actor = self.world.actors[by]
        signed = sign_drafts(
            self.ledger,
            drafts,
            actor.signer,
            Identity(actor.iss, actor.auth),
            randbytes=random.Random(1).randbytes,
        )
        return [signature.wire for signature in signed]


def import_drafts(count: int, *, first: int = 0) -> list[Draft]:
    return [
        Draft(
            kind="import",
            item=f"8004/9521234N{number:06}",
            data=_IMPORT,
            refs=(DraftRef("declaration", LINE_IN),),
        )
        for number in range(first, first + count)
    ]


def break_signature(wire: bytes) -> bytes:
    """Returns the event with one bit of its signature flipped; its form stays valid."""
    token, rest = wire.split(b"~", 1)
    signed, signature = token.rsplit(b".", 1)
    raw = bytearray(decode_base64url(signature))
    raw[5] ^= 1
    return signed + b"." + encode_base64url(bytes(raw)).encode() + b"~" + rest


@contextlib.contextmanager
def back_door(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens the database without its triggers, as an attacker with access to the file would."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        yield connection


def dump(path: Path) -> list[str]:
    """Returns the whole database as SQL."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())
