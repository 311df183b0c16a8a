"""The participants: the ledger's own keys, six parties with theirs, and two witnesses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from traceledger.events.draft import Draft
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.cosignature import Cosigner
from traceledger.formats.possession import prove_possession
from traceledger.identifiers.items import item_of_key
from traceledger.planning.keys import Keys

__all__ = ["PARTIES", "PASSPHRASE", "WITNESSES", "Cast", "PartyPlan"]

PASSPHRASE = b"demo"
"""The passphrase of all keys of the demo; real keys need a real one."""

WITNESSES = MappingProxyType({"port": "port.example/w1", "customs": "customs.example/replay-1"})
"""The witnesses by their names in the trust policy: `customs` replays, `port` does not."""


@dataclass(frozen=True, slots=True)
class PartyPlan:
    """A party as the root admits it, the keys of its stations with their roles, its profile."""

    name: str
    prefixes: tuple[str, ...]
    stations: dict[str, tuple[str, ...]]
    profile: dict[str, str]

    @property
    def roles(self) -> tuple[str, ...]:
        """Returns all roles of its stations."""
        return tuple(sorted({role for roles in self.stations.values() for role in roles}))


PARTIES = MappingProxyType(
    {
        "plant": PartyPlan(
            "重庆雨翔智能科技有限公司 (Yuxiang, Chongqing)",
            ("01/0952123", "8004/9521234", "book/", "decl/", "lot/"),
            {
                "import-desk": ("importer",),
                "receiving": ("operator",),
                "bench-1": ("operator",),
                "bench-2": ("operator",),
                "bench-2-new": ("operator",),
                "assembly": ("operator",),
                "release": ("approver",),
            },
            {
                "name_latin": "Chongqing Yuxiang Intelligent Technology Co., Ltd.",
                "name_local": "重庆雨翔智能科技有限公司",
                "address": "8 Yuxiang Road, Liangjiang, Chongqing 401120, China",
                "phone": "+86 23 5550 0100",
                "email": "service@yuxiang.example",
                "web": "https://yuxiang.example/",
            },
        ),
        "laboratory": PartyPlan(
            "Liangjiang Test Laboratory",
            (),
            {"test-stand": ("quality",)},
            {"email": "reports@laboratory.example"},
        ),
        "carrier": PartyPlan(
            "Yangtze Ocean Lines",
            (),
            {"gate": ("carrier",)},
            {"web": "https://lines.example/tracking"},
        ),
        "recycler": PartyPlan("Chongqing Green Cycle", (), {"shredder": ("recycler",)}, {}),
        "distributor": PartyPlan(
            "Reman Parts LLC, Ohio",
            (),
            {"claims": ("distributor",)},
            {"phone": "+1 330 555 0100", "web": "https://reman-parts.example/"},
        ),
        "customs": PartyPlan("两路寸滩海关 (customs office)", (), {"officer": ("customs",)}, {}),
    }
)


@dataclass(frozen=True, slots=True)
class Cast:
    """All keys, derived from the demo's seed and stored in one folder per party."""

    seed: int
    folder: Path

    def signer(self, party: str, key: str) -> SoftwareSigner:
        """Derives the key of a party's station, or its `admin`; `ledger` has `log` and `root`."""
        return SoftwareSigner.from_seed(
            hashlib.sha256(f"traceledger demo {self.seed} {party} {key}".encode()).digest()
        )

    def cosigner(self, witness: str) -> Cosigner:
        """Derives a witness's key under its name."""
        return Cosigner(WITNESSES[witness], self.signer("witness", witness))

    def write_keys(self) -> None:
        """Writes the parties' keys, encrypted; the ledger's own are in its directory."""
        for party, plan in PARTIES.items():
            keys = Keys(self.folder / party)
            for name in ("admin", *plan.stations):
                keys.add(name, self.signer(party, name), PASSPHRASE)

    def found(self, origin: str, name: str, log_vkey: str) -> Draft:
        """Drafts the founding of the ledger."""
        root = self.signer("ledger", "root")
        data = {
            "name": name,
            "log_vkey": log_vkey,
            "root_jwk": _jwk(root),
            "possession": prove_possession(origin, "ledger", root),
            "rules": 1,
        }
        return Draft(kind="found", item="ledger", data=data)

    def admit(self, origin: str, party: str) -> Draft:
        """Drafts the admission of a party by the root."""
        plan, item = PARTIES[party], f"party/{party}"
        admin = self.signer(party, "admin")
        data = {
            "name": plan.name,
            "roles": list(plan.roles),
            "prefixes": list(plan.prefixes),
            "admin_jwk": _jwk(admin),
            "possession": prove_possession(origin, item, admin),
        }
        return Draft(kind="admit", item=item, data=data)

    def profile(self, party: str) -> Draft:
        """Drafts a party's profile, for its admin to sign."""
        return Draft(kind="profile", item=f"party/{party}", data=PARTIES[party].profile)

    def add_key(self, origin: str, party: str, station: str) -> Draft:
        """Drafts the addition of a station's key by its party's admin."""
        signer = self.signer(party, station)
        item = item_of_key(signer.key.kid)
        data = {
            "jwk": _jwk(signer),
            "roles": list(PARTIES[party].stations[station]),
            "possession": prove_possession(origin, item, signer),
            "label": station,
        }
        return Draft(kind="add_key", item=item, data=data)


def _jwk(signer: SoftwareSigner) -> dict[str, Any]:
    jwk: dict[str, Any] = msgspec.to_builtins(signer.key.jwk)
    return jwk
