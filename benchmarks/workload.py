"""The workload of the benchmarks: a founded ledger, station keys, and signed events.

Events are realistic: an `import` carries all its fields, four of them as disclosures, and has
about 1,260 bytes in wire form.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from traceledger.events.draft import Draft
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.note import NoteSigner
from traceledger.formats.possession import prove_possession
from traceledger.ledger.ledger import Ledger
from traceledger.planning.signing import Identity, find_identity, sign_drafts
from traceledger.storage.opening import Place, create_store, open_store

__all__ = ["LOG", "ORIGIN", "RECEIVED", "STATION", "WORK", "Plant", "import_draft"]

ORIGIN = "ledger.example/bench"
LOG = NoteSigner(ORIGIN, SoftwareSigner.from_seed(b"log".ljust(32)))
STATION = b"station".ljust(32)  # the seed of its key

_NEW_PARTS = "lot/CAP-2503"
RECEIVED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("receive", {"result": "ok", "condition": "as removed, complete"}),
    ("inspect", {"grade": "A"}),
)
WORK: tuple[tuple[str, dict[str, Any]], ...] = (
    ("clean", {"method": "ultrasonic", "duration_s": 420, "residue_kg": "0.004"}),
    (
        "diagnose",
        {
            "trouble_codes": ["U0073", "P0700"],
            "result": "repairable",
            "protocol": "ISO 14229",
            "software": "24265053",
            "vin_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "mileage_km": 143_000,
        },
    ),
    (
        "repair",
        {
            "action": "resolder",
            "faults": ["cracked joint"],
            "replaced": [{"part": "capacitor", "quantity": "2"}],
            "new_parts": [{"lot": _NEW_PARTS, "part_no": "CAP-220", "quantity": "2"}],
            "minutes": 25,
        },
    ),
    (
        "calibrate",
        {
            "calibration_id": "24277442",
            "result": "pass",
            "equipment": {"id": "BENCH-3", "due": "2025-12-31"},
            "verification_number": "8A3F01C2",
            "parameters": [{"name": "offset", "value": "-0.3", "unit": "mA"}],
        },
    ),
)
_ROLES = ["importer", "broker", "operator", "quality"]


@dataclass(slots=True)
class Plant:
    """A ledger in a new store, a station that may do all but approve, and one that approves.

    `workers` is that of `Ledger`; the keys are the same in every run.
    """

    place: Place
    workers: int | None
    ledger: Ledger
    root: SoftwareSigner
    station: SoftwareSigner
    approver: SoftwareSigner
    _next: int = 0

    @classmethod
    def found(cls, place: Place, *, workers: int | None = None) -> Plant:
        """Founds the ledger, admits the plant and adds the keys of its stations."""
        create_store(place)
        plant = cls.open(place, workers=workers)
        ledger = plant.ledger
        data = {"name": "bench", "log_vkey": "none", "rules": 1}
        founding = plant.proven("found", "ledger", "root_jwk", plant.root, data)
        ledger.append(plant.sign([founding], by=plant.root))
        admin = plant.admit("party/plant")
        for station, roles in ((plant.station, _ROLES), (plant.approver, ["approver"])):
            data = {"roles": roles, "label": "station"}
            key = plant.proven("add_key", f"key/{station.key.kid}", "jwk", station, data)
            ledger.append(plant.sign([key], by=admin))
        lot = Draft(kind="open_lot", item=_NEW_PARTS, data={"class": "new_part"})
        ledger.append(plant.sign([lot]))
        return plant

    @classmethod
    def open(cls, place: Place, *, workers: int | None = None) -> Plant:
        """Opens the ledger of a plant."""
        ledger = _open(place, workers)
        root, station, approver = (
            SoftwareSigner.from_seed(seed)
            for seed in (b"root".ljust(32), STATION, b"approver".ljust(32))
        )
        # Fewer items than entries, so these numbers are free.
        return cls(place, workers, ledger, root, station, approver, _next=ledger.size)

    def proven(
        self, kind: str, item: str, name: str, signer: SoftwareSigner, data: dict[str, Any]
    ) -> Draft:
        """Builds a draft that registers a key, with proof of possession."""
        proof = prove_possession(ORIGIN, item, signer)
        key = {name: msgspec.to_builtins(signer.key.jwk), "possession": proof}
        return Draft(kind=kind, item=item, data=data | key)

    def admit(self, party: str) -> SoftwareSigner:
        """Admits a party and returns its admin key."""
        admin = SoftwareSigner.generate()
        prefixes = ["8004/", "01/", "decl/", "book/", "lot/"]
        data = {"name": party, "roles": [*_ROLES, "approver"], "prefixes": prefixes}
        draft = self.proven("admit", party, "admin_jwk", admin, data)
        self.ledger.append(self.sign([draft], by=self.root))
        return admin

    def reopen(self) -> None:
        """Closes the ledger and opens it again."""
        self.ledger.close()
        self.ledger = _open(self.place, self.workers)

    def sign(self, drafts: Sequence[Draft], *, by: SoftwareSigner | None = None) -> list[bytes]:
        """Signs a request, by the station unless another key is given."""
        ledger, signer = self.ledger, by or self.station
        first = Identity("ledger", "")
        identity = find_identity(ledger, signer.key.kid) if ledger.size else first
        signed = sign_drafts(ledger, drafts, signer, identity, randbytes=os.urandom)
        return [event.wire for event in signed]

    def imports(self, count: int, *, shuffled: bool = False) -> list[bytes]:
        """Signs a request that opens as many new items: consecutive numbers, or random ones."""
        start, self._next = self._next, self._next + count
        numbers = [f"{number:012}" for number in range(start, start + count)]
        if shuffled:
            numbers = [
                hashlib.sha256(number.encode()).hexdigest()[:16].upper() for number in numbers
            ]
        return self.sign([import_draft(number) for number in numbers])

    def cores(self, count: int) -> list[str]:
        """Imports, receives and inspects new cores, so that work can be recorded on them."""
        start, self._next = self._next, self._next + count
        drafts = [import_draft(f"{number:012}") for number in range(start, start + count)]
        drafts += [
            Draft(kind=kind, item=draft.item, data=data)
            for draft in drafts[:]
            for kind, data in RECEIVED
        ]
        self.ledger.append(self.sign(drafts))
        return [draft.item for draft in drafts[:count]]

    def work(self, cores: Sequence[str], count: int) -> list[bytes]:
        """Signs a request of steps on these cores, round robin."""
        return self.sign(
            [
                Draft(kind=kind, item=cores[number % len(cores)], data=data)
                for number in range(count)
                for kind, data in [WORK[number // len(cores) % len(WORK)]]
            ]
        )


def _open(place: Place, workers: int | None) -> Ledger:
    store = open_store(place, write=True)
    return Ledger(store, ORIGIN, clock=time.time, signer=LOG, workers=workers)


def import_draft(number: str) -> Draft:
    """Builds an import with all its fields."""
    return Draft(
        kind="import",
        item=f"8004/9521234C{number}",
        data={
            "category": "TCM",
            "part_no": "24261870",
            "origin": "USA",
            "make": "GM",
            "unit_value": {"amount": "85.00", "currency": "USD"},
            "net_kg": "0.942",
            "old_serial": "P35PFZAH05XY",
            "pallet": "PLT-01",
        },
    )
